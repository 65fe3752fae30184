// SPDX-License-Identifier: BSD-2-Clause
/* syscall/dgram.c - datagram sockets of programs: what happens at either end, and the calls that need no more than order. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "syscall/dgram.h"
#include "syscall/names.h"

/* At once: others want to send, too, and who receives has to be seen to before its buffer is full. */
#define PUMP_MAX   16u
#define PUMP_BYTES 65536

bool dgram_is_udp(const struct dgram *d)
{
	return d->ep.type == SOCK_DGRAM && d->ep.protocol != IPPROTO_ICMP;
}

static int dgram_start(struct endpoint *ep)
{
	struct dgram *d = dgram_of(ep);

	d->peek_off = d->stack_off = -1;
	endpoint_watch(ep, EPOLLIN | EPOLLRDHUP | EPOLLET);
	return 0;
}

static void dgram_stop(struct endpoint *ep)
{
	dgram_calm(dgram_of(ep));
	free(dgram_of(ep)->out);
	dgram_of(ep)->out = NULL;
}

/* ---- what the program sent natively ---- */

/* What waits at the socket is told to a call that can tell it: a native send was told already that all is well. */
static void set_error_aside(struct dgram *d)
{
	int err = 0;
	uint32_t len = sizeof(err);

	if (!(skiff_events(d->ep.run->skiff, d->ep.sfd) & POLLERR))
		return;
	if (!skiff_getsockopt(d->ep.run->skiff, d->ep.sfd, SOL_SOCKET, SO_ERROR, &err, &len) && err)
		d->err = err;
}

/* Return: the stack took it, or never will. false: no room now */
static bool transmit(struct dgram *d, const void *buf, size_t len)
{
	int64_t n;

	if (d->name_server && names_query(&d->ep, NULL, buf, len))
		return true;
	set_error_aside(d);
	n = skiff_send(d->ep.run->skiff, d->ep.sfd, buf, len, MSG_DONTWAIT);
	if (n == -EAGAIN)
		return false;
	if (n < 0)
		d->err = (int)-n;
	return true;
}

static bool transmit_kept(struct dgram *d)
{
	if (!d->out)
		return true;
	if (!transmit(d, d->out, d->out_len))
		return false;
	free(d->out);
	d->out = NULL;
	return true;
}

static void keep(struct dgram *d, const void *buf, size_t len)
{
	d->out = malloc(len ? len : 1);
	if (!d->out)
		return;
	memcpy(d->out, buf, len);
	d->out_len = len;
}

/* The program's end is closed: from now on messages come with credentials, which an end of file has not. */
static void hung_up(struct dgram *d)
{
	int on = 1;

	if (!d->hung_up)
		setsockopt(d->ep.own.fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	d->hung_up = true;
}

static bool is_closed(const struct dgram *d)
{
	struct pollfd p = { .fd = d->ep.own.fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) == 1;
}

/* The next message of the program. Length; -EAGAIN: none; -EPIPE: nor will there be */
static int64_t next_message(struct dgram *d, char *buf, size_t size)
{
	struct iovec iov = { buf, size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	do {
		msg.msg_flags = 0;
		n = recvmsg(d->ep.own.fd, &msg, MSG_DONTWAIT | MSG_TRUNC);
		/* Nothing read may be an empty datagram or the end, of which we were not told yet. One that is lost at the end is no harm. */
		if (!n && !d->hung_up && is_closed(d)) {
			hung_up(d);
			n = -1;
			errno = EINTR;
		}
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return -EAGAIN;
	/* Messages have credentials with them that there is no room for; an end has none. */
	if (!n && d->hung_up && !(msg.msg_flags & MSG_CTRUNC))
		return -EPIPE;
	return n;
}

void dgram_pump(struct dgram *d)
{
	char buf[DGRAM_MAX];
	int64_t bytes = 0;

	if (d->ep.own.fd < 0 || d->eof || !transmit_kept(d))
		return;
	for (unsigned i = 0; i < PUMP_MAX && bytes < PUMP_BYTES; i++) {
		int64_t n = next_message(d, buf, sizeof(buf));

		if (n < 0) {
			d->eof = n == -EPIPE;
			return;
		}
		bytes += n;
		d->sent++;
		if (n >= (int64_t)sizeof(buf)) {
			d->err = EMSGSIZE;
			continue;
		}
		if (!transmit(d, buf, (size_t)n)) {
			keep(d, buf, (size_t)n);
			return;
		}
	}
	/* Changing what is waited for has the kernel look again, and say so, after the others. */
	endpoint_watch(&d->ep, d->ep.own.events ^ EPOLLPRI);
}

static void on_hangup(struct dgram *d)
{
	hung_up(d);
	do {
		dgram_pump(d);
	} while (!d->eof && !d->out);
	endpoint_end(&d->ep);
}

static void dgram_own_ready(struct endpoint *ep, uint32_t events)
{
	struct dgram *d = dgram_of(ep);

	if (events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR)) {
		on_hangup(d);
		return;
	}
	dgram_pump(d);
	mirror_sync(d);
	mirror_fill(d);
}

static void dgram_stack_ready(struct endpoint *ep, unsigned events)
{
	struct dgram *d = dgram_of(ep);

	/* Only what waited for room: more would bring more events, and the turn would not end. */
	if (d->out)
		dgram_pump(d);
	mirror_sync(d);
	calls_resume(ep);
	mirror_fill(d);
}

/* ---- calls that every kind answers alike, after what was sent before them ---- */

static void in_order(struct call *c, enum call_kind kind)
{
	dgram_entered(c);
	dgram_pump(dgram_of(c->ep));
	common_calls[kind](c);
}

static void dgram_bind(struct call *c)
{
	in_order(c, CALL_BIND);
}

static void dgram_getsockname(struct call *c)
{
	in_order(c, CALL_GETSOCKNAME);
}

static void dgram_ioctl(struct call *c)
{
	mirror_sync(dgram_of(c->ep));
	in_order(c, CALL_IOCTL);
}

static void set_peek_off(struct call *c, struct dgram *d)
{
	int off, err = call_int(c, 4) < (int)sizeof(off) ? -EINVAL : 0;

	if (!err)
		err = call_read(c, &off, call_arg(c, 3), sizeof(off));
	if (!err && !dgram_is_udp(d))
		err = -EOPNOTSUPP;
	if (!err) {
		d->peek_off = off < 0 ? -1 : off;
		setsockopt(c->dup, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off));
	}
	call_return(c, err);
}

static void dgram_setsockopt(struct call *c)
{
	struct dgram *d = dgram_of(c->ep);

	if (call_int(c, 1) == SOL_SOCKET && call_int(c, 2) == SO_PEEK_OFF) {
		dgram_entered(c);
		set_peek_off(c, d);
		return;
	}
	if (call_int(c, 1) == IPPROTO_IP && call_int(c, 2) == IP_RECVERR)
		d->recverr = true; /* what it is set to shows in that there are errors */
	in_order(c, CALL_SETSOCKOPT);
}

/* Answer an int option of ours. */
static int put_int(struct call *c, int value)
{
	uint32_t len;
	int err = call_read(c, &len, call_arg(c, 4), sizeof(len));

	if (err)
		return err;
	if ((int)len < 0)
		return -EINVAL;
	if (len > sizeof(value))
		len = sizeof(value);
	err = call_write(c, call_arg(c, 3), &value, len);
	return err ? err : call_write(c, call_arg(c, 4), &len, sizeof(len));
}

static void dgram_getsockopt(struct call *c)
{
	struct dgram *d = dgram_of(c->ep);
	int name = call_int(c, 1) == SOL_SOCKET ? call_int(c, 2) : -1, err;

	dgram_entered(c);
	dgram_pump(d);
	if (name == SO_ERROR) {
		set_error_aside(d);
		err = d->err;
		d->err = 0;
		mirror_unmark(c, d);
		if (call_return_once(c, put_int(c, err)) == -ENOENT)
			d->err = err;
	} else if (name == SO_PEEK_OFF && dgram_is_udp(d)) {
		call_return(c, put_int(c, d->peek_off));
	} else {
		common_calls[CALL_GETSOCKOPT](c);
	}
}

/*
 * Reading ends at the program's end, too. Writing is not ended there: a pair would raise SIGPIPE where a datagram socket
 * does not, and both together would look like the end of the program.
 */
static void dgram_shutdown(struct call *c)
{
	struct dgram *d = dgram_of(c->ep);
	int how = call_int(c, 1), ret;

	dgram_entered(c);
	dgram_pump(d);
	ret = skiff_shutdown(d->ep.run->skiff, d->ep.sfd, how);
	if (!ret && how != SHUT_WR) {
		mirror_sync(d);
		mirror_fill(d);
		shutdown(c->dup, SHUT_RD);
	}
	call_return(c, ret);
}

const struct endpoint_ops dgram_ops = {
	.name = "dgram",
	.pair = SOCK_SEQPACKET,
	.size = sizeof(struct dgram),
	.start = dgram_start,
	.own_ready = dgram_own_ready,
	.stack_ready = dgram_stack_ready,
	.stop = dgram_stop,
	.calls = {
		[CALL_BIND] = dgram_bind,
		[CALL_CONNECT] = dgram_connect,
		[CALL_GETSOCKNAME] = dgram_getsockname,
		[CALL_SETSOCKOPT] = dgram_setsockopt,
		[CALL_GETSOCKOPT] = dgram_getsockopt,
		[CALL_SHUTDOWN] = dgram_shutdown,
		[CALL_SENDTO] = dgram_send,
		[CALL_RECVFROM] = dgram_recv,
		[CALL_SENDMSG] = dgram_send,
		[CALL_RECVMSG] = dgram_recv,
		[CALL_SENDMMSG] = dgram_send,
		[CALL_RECVMMSG] = dgram_recvmmsg,
		[CALL_IOCTL] = dgram_ioctl,
	},
};
