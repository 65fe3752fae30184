// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream_opts.c - options and ioctls of TCP sockets whose answer lies in the pair, too. */
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include "syscall/stream.h"

/* ---- setsockopt ---- */

static int get_int(struct call *c, int *value)
{
	if (call_int(c, 4) < (int)sizeof(*value))
		return -EINVAL;
	return call_read(c, value, call_arg(c, 3), sizeof(*value));
}

/* What the bytes' way through a pair can not give. Accepted and ignored it would be a lie. */
static bool is_refused(int level, int name)
{
	if (level == SOL_SOCKET)
		return name == SO_ZEROCOPY || name == SO_TIMESTAMP_OLD ||
		       name == SO_TIMESTAMP_NEW || name == SO_TIMESTAMPNS_OLD ||
		       name == SO_TIMESTAMPNS_NEW || name == SO_TIMESTAMPING_OLD ||
		       name == SO_TIMESTAMPING_NEW;
	return level == IPPROTO_TCP && (name == TCP_INQ || name == TCP_REPAIR || name == TCP_ULP);
}

/* SO_SNDBUF bounds what the program may write ahead, SO_RCVBUF what lies unread: in the pair as in the stack. */
static void bound_pair(struct call *c, int name)
{
	struct stream *st = stream_of(c->ep);
	int value;

	if (get_int(c, &value))
		return;
	*(name == SO_SNDBUF || name == SO_SNDBUFFORCE ? &st->sndbuf : &st->rcvbuf) =
		value > 0 ? value : 1;
	if (st->state != STREAM_LISTENING)
		stream_bound(st, c->dup);
}

static void set_native(struct call *c, int name)
{
	int value, err = get_int(c, &value);

	if (!err && setsockopt(c->dup, SOL_SOCKET, name, &value, sizeof(value)) < 0)
		err = -errno;
	call_return_once(c, err);
}

static void set_both(struct call *c, int name)
{
	struct stream *st = stream_of(c->ep);
	int err;

	call_begin(c);
	err = skiff_setsockopt(stream_skiff(st), st->ep.sfd, SOL_SOCKET, name,
			       (void *)(uintptr_t)call_arg(c, 3), (uint32_t)call_int(c, 4));
	call_end(c);
	if (err)
		call_return_once(c, err);
	else
		set_native(c, name);
}

void stream_setsockopt(struct call *c)
{
	int level = call_int(c, 1), name = call_int(c, 2), value, err;
	struct stream *st = stream_of(c->ep);

	if (is_refused(level, name)) {
		err = get_int(c, &value);
		if (!err && (value || name == TCP_ULP)) {
			run_log(c->run, SKIFF_LOG_WARN,
				"a program asked a TCP socket for option %d of level %d: not supported",
				name, level);
			err = -EOPNOTSUPP;
		}
		call_return(c, err);
		return;
	}
	if (level != SOL_SOCKET) {
		common_calls[CALL_SETSOCKOPT](c);
		return;
	}
	switch (name) {
	case SO_OOBINLINE: /* the stack keeps urgent bytes apart: they go into the pair as such */
		set_native(c, name);
		return;
	case SO_PEEK_OFF:
		set_both(c, name);
		return;
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		call_begin(c);
		err = skiff_setsockopt(stream_skiff(st), st->ep.sfd, level, name,
				       (void *)(uintptr_t)call_arg(c, 3), (uint32_t)call_int(c, 4));
		call_end(c);
		if (!err)
			bound_pair(c, name);
		call_return_once(c, err);
		return;
	default:
		common_calls[CALL_SETSOCKOPT](c);
	}
}

/* ---- getsockopt ---- */

static int put_int(struct call *c, int value)
{
	int len, err = call_read(c, &len, call_arg(c, 4), sizeof(len));

	if (err)
		return err;
	if (len < 0)
		return -EINVAL;
	if (len > (int)sizeof(value))
		len = sizeof(value);
	err = call_write(c, call_arg(c, 3), &value, (size_t)len);
	return err ? err : call_write(c, call_arg(c, 4), &len, sizeof(len));
}

static int native_int(int fd, int name)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) ? 0 : value;
}

/* The error waits at two places, and who takes it at one has had it: a read at the pair, or this call. */
static void get_error(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	int native = native_int(c->dup, SO_ERROR), value = 0;
	uint32_t len = sizeof(value);

	skiff_getsockopt(stream_skiff(st), st->ep.sfd, SOL_SOCKET, SO_ERROR, &value, &len);
	if (st->state == STREAM_BROKEN && st->told_error && !native)
		value = 0;
	st->told_error = false;
	call_return_once(c, put_int(c, value));
}

void stream_getsockopt(struct call *c)
{
	int level = call_int(c, 1), name = call_int(c, 2);

	if (level == SOL_SOCKET && name == SO_ERROR)
		get_error(c);
	else if (level == SOL_SOCKET && (name == SO_OOBINLINE || name == SO_PEEK_OFF))
		call_return(c, put_int(c, native_int(c->dup, name)));
	else
		common_calls[CALL_GETSOCKOPT](c);
}

/* ---- ioctl ---- */

/* Bytes that lie in a pair towards @fd */
static int in_pair(int fd)
{
	int n = 0;

	return fd >= 0 && !ioctl(fd, FIONREAD, &n) ? n : 0;
}

/* Of @n bytes that lie before the program, how many are in front of the urgent one: a read goes no further. */
static int up_to_urgent(struct stream *st, int dup, int n)
{
	char urgent;

	if (st->urg && (size_t)n <= st->urg_after)
		st->urg = false;
	if (!st->urg || native_int(dup, SO_OOBINLINE))
		return n;
	if (recv(dup, &urgent, 1, MSG_OOB | MSG_PEEK | MSG_DONTWAIT) == 1)
		n--;
	return n - (int)st->urg_after;
}

static void count(struct call *c, unsigned long cmd)
{
	struct stream *st = stream_of(c->ep);
	int n = 0, err;

	err = skiff_ioctl(stream_skiff(st), st->ep.sfd, cmd, &n);
	if (!err && cmd == SIOCINQ)
		n = up_to_urgent(st, c->dup, in_pair(c->dup)) + (st->urg ? 0 : n);
	else if (!err && st->state == STREAM_OPEN)
		n += in_pair(st->ep.own.fd) + (int)(st->rest_len - st->rest_at);
	call_return(c, err ? err : call_write(c, call_arg(c, 2), &n, sizeof(n)));
}

void stream_ioctl(struct call *c)
{
	unsigned long cmd = (unsigned)call_arg(c, 1);

	switch (cmd) {
	case SIOCINQ:
	case SIOCOUTQ:
		count(c, cmd);
		break;
	case SIOCATMARK:
	case FIOSETOWN:
	case SIOCSPGRP:
	case FIOGETOWN:
	case SIOCGPGRP:
		call_continue(c); /* of the pair */
		break;
	default:
		common_calls[CALL_IOCTL](c);
	}
}
