// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream_msg.c - sends and receives on TCP sockets that say more than "these bytes".
 *
 * Most of them are let through to the pair: a call on it can not reach anywhere but our end, whatever another thread makes of its
 * arguments meanwhile. What a pair answers differently from TCP is done here: an address (TCP ignores it), control
 * messages, MSG_TRUNC (TCP throws the bytes away), MSG_ERRQUEUE, MSG_FASTOPEN. What is sent here is taken into our memory, answered, and sent then.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "syscall/stream.h"

#define TAKE_MAX    (256u * 1024)
#define IOV_MAX_    1024u
#define CONTROL_MAX 65536u

/* ---- the caller's bytes ---- */

static int read_iov(struct call *c, const struct msghdr *m, struct iovec **iov)
{
	int err;

	*iov = NULL;
	if (m->msg_iovlen > IOV_MAX_)
		return -EMSGSIZE;
	*iov = calloc(m->msg_iovlen + 1, sizeof(**iov));
	if (!*iov)
		return -ENOMEM;
	err = call_read(c, *iov, (uint64_t)(uintptr_t)m->msg_iov, m->msg_iovlen * sizeof(**iov));
	if (err) {
		free(*iov);
		*iov = NULL;
	}
	return err;
}

static size_t iov_sum(const struct iovec *iov, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += iov[i].iov_len;
	return sum;
}

/* At most TAKE_MAX bytes of the caller's pieces. Their number, or -errno */
static int64_t take(struct call *c, const struct iovec *iov, size_t n, char **buf)
{
	size_t want = iov_sum(iov, n), done = 0;
	int err;

	want = want < TAKE_MAX ? want : TAKE_MAX;
	*buf = malloc(want + 1);
	if (!*buf)
		return -ENOMEM;
	for (size_t i = 0; i < n && done < want; i++) {
		size_t part = iov[i].iov_len < want - done ? iov[i].iov_len : want - done;

		err = call_read(c, *buf + done, (uint64_t)(uintptr_t)iov[i].iov_base, part);
		if (err) {
			free(*buf);
			return err;
		}
		done += part;
	}
	return (int64_t)done;
}

/* ---- send ---- */

static int call_flags(const struct call *c)
{
	switch (c->req.data.nr) {
	case __NR_sendmsg:
	case __NR_recvmsg:
		return call_int(c, 2);
	default: /* sendto, recvfrom, sendmmsg, recvmmsg */
		return call_int(c, 3);
	}
}

static bool has_address(struct call *c)
{
	struct msghdr m;

	if (c->req.data.nr == __NR_sendto)
		return call_arg(c, 4) != 0;
	return call_read(c, &m, call_arg(c, 1), sizeof(m)) || m.msg_namelen;
}

/* Not connected, or not any more: as the stack sees it. The signal is the kernel's, from a pair that is shut, where that is what it says. */
static void refuse_send(struct call *c, int flags)
{
	struct stream *st = stream_of(c->ep);
	int err = (int)skiff_send(stream_skiff(st), st->ep.sfd, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT);
	int tid = (int)c->req.pid;
	bool quiet;

	if (err >= 0)
		err = -EPIPE;
	quiet = err != -EPIPE || (flags & MSG_NOSIGNAL);
	if (!quiet && c->dup >= 0 && !has_address(c) && !shutdown(c->dup, SHUT_WR)) {
		if (st->state == STREAM_FRESH)
			st->state = STREAM_BROKEN; /* its pair is of no more use */
		call_continue(c);
		return;
	}
	call_return(c, err);
	if (!quiet)
		syscall(__NR_tkill, tid, SIGPIPE);
}

/* The caller's control messages in our memory: *@m gets them. 0 or -errno */
static int take_control(struct call *c, const struct msghdr *user, struct msghdr *m)
{
	int err;

	if (!user->msg_controllen)
		return 0;
	if (user->msg_controllen > CONTROL_MAX)
		return -ENOBUFS;
	m->msg_control = malloc(user->msg_controllen);
	if (!m->msg_control)
		return -ENOBUFS;
	m->msg_controllen = user->msg_controllen;
	err = call_read(c, m->msg_control, (uint64_t)(uintptr_t)user->msg_control,
			user->msg_controllen);
	if (err)
		free(m->msg_control);
	return err;
}

/* @user: the caller's header; @iov: its pieces, in our memory; @lenp: address of mmsghdr.msg_len, 0: none */
static void send_bytes(struct call *c, const struct msghdr *user, const struct iovec *iov,
		       uint64_t lenp)
{
	struct stream *st = stream_of(c->ep);
	struct msghdr m = { .msg_iovlen = 1 };
	struct iovec all;
	uint32_t told;
	char *buf;
	int64_t n;

	n = take(c, iov, user->msg_iovlen, &buf);
	if (n < 0) {
		call_return(c, n);
		return;
	}
	all = (struct iovec){ buf, (size_t)n };
	m.msg_iov = &all;
	n = take_control(c, user, &m);
	if (!n) {
		n = stream_send(st, &m, call_flags(c));
		free(m.msg_control);
	}
	free(buf);
	told = (uint32_t)n;
	if (n >= 0 && lenp)
		n = call_write(c, lenp, &told, sizeof(told)) ? -EFAULT : 1;
	call_return_once(c, n);
}

static void send_message(struct call *c);

/* Is it the turn of these bytes? Else the call was answered or waits. */
static bool may_send(struct call *c, int flags)
{
	struct stream *st = stream_of(c->ep);

	if (st->state == STREAM_CONNECTING || (st->state == STREAM_OPEN && !st->shut_wr)) {
		if (st->state == STREAM_OPEN && stream_idle(st))
			return true;
		if (st->ep.dead || st->state == STREAM_BROKEN) {
			refuse_send(c, flags);
		} else if (call_nonblock(c, flags)) {
			call_return(c, -EAGAIN);
		} else {
			call_park(c, send_message, NULL,
				  c->parked ? c->deadline : call_timeout(c, SO_SNDTIMEO));
		}
		return false;
	}
	refuse_send(c, flags);
	return false;
}

/* sendto, sendmsg, or the first message of sendmmsg */
static void send_message(struct call *c)
{
	uint64_t at = call_arg(c, 1);
	struct iovec one, *iov = NULL;
	struct msghdr m = { 0 };
	int err = 0;

	if (!may_send(c, call_flags(c)))
		return;
	if (c->req.data.nr == __NR_sendto) {
		one = (struct iovec){ (void *)(uintptr_t)at, call_arg(c, 2) };
		m.msg_iovlen = 1;
		send_bytes(c, &m, &one, 0);
		return;
	}
	err = call_read(c, &m, at, sizeof(m));
	if (!err)
		err = read_iov(c, &m, &iov);
	if (err)
		call_return(c, err);
	else
		send_bytes(c, &m, iov,
			   c->req.data.nr == __NR_sendmmsg ?
				   at + offsetof(struct mmsghdr, msg_len) :
				   0);
	free(iov);
}

/* ---- with the SYN ---- */

struct fast_open {
	int64_t total;
	int err;
};

static void fast_open_waited(struct call *c)
{
	struct fast_open *f = c->state;
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct stream *st = stream_of(c->ep);
	int err = skiff_connect(stream_skiff(st), st->ep.sfd, (struct sockaddr *)&any, sizeof(any));

	if (err == -EALREADY || err == -EINPROGRESS)
		call_park(c, fast_open_waited, c->expired, c->deadline);
	else
		call_return_once(c, err ? err : f->total);
}

static void fast_open_expired(struct call *c)
{
	const struct fast_open *f = c->state;

	call_return(c, f->total && f->err >= 0 ? f->total : -EINPROGRESS);
}

static void fast_open_wait(struct call *c, int64_t done, const char *buf, int64_t n)
{
	struct stream *st = stream_of(c->ep);
	struct fast_open *f = malloc(sizeof(*f));
	int64_t sent = done > 0 ? done : 0;

	if (!f || (n > sent && stream_keep(st, buf + sent, (size_t)(n - sent)))) {
		free(f);
		call_return(c, -ENOMEM);
		return;
	}
	f->total = n;
	f->err = done < 0 ? (int)done : 0;
	c->state = f;
	call_park(c, fast_open_waited, fast_open_expired, call_timeout(c, SO_SNDTIMEO));
}

static void fast_open(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	struct iovec iov = { (void *)(uintptr_t)call_arg(c, 1), call_arg(c, 2) };
	struct sockaddr_storage to;
	int len = call_get_addr(c, call_arg(c, 4), call_int(c, 5), &to);
	int64_t n, done;
	char *buf;

	n = len < 0 ? len : take(c, &iov, 1, &buf);
	if (n < 0) {
		call_return(c, n);
		return;
	}
	done = skiff_sendto(stream_skiff(st), st->ep.sfd, buf, (size_t)n,
			    MSG_FASTOPEN | MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to,
			    (uint32_t)len);
	if (done > 0 || done == -EINPROGRESS) {
		stream_drain(st, SIZE_MAX);
		st->state = STREAM_CONNECTING;
		if (call_nonblock(c, call_flags(c))) {
			st->junk = stream_fill(c->dup);
			call_return_once(c, done);
		} else {
			fast_open_wait(c, done, buf, n);
		}
	} else {
		call_return_once(c, done);
	}
	free(buf);
}

/* ---- the calls that send ---- */

void stream_sendto(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	struct sockaddr_storage to;
	int flags = call_flags(c), err = 0;

	stream_seen(st, c, call_int(c, 0));
	if ((flags & MSG_FASTOPEN) && call_arg(c, 4) && st->state == STREAM_FRESH) {
		fast_open(c);
		return;
	}
	if (call_arg(c, 4))
		err = call_get_addr(c, call_arg(c, 4), call_int(c, 5), &to);
	if (err < 0)
		call_return(c, err);
	else if (!call_arg(c, 4) && (st->state == STREAM_OPEN || st->state == STREAM_CONNECTING))
		call_continue(c);
	else
		send_message(c);
}

/* Nothing in it that a pair takes otherwise than TCP? */
static bool is_plain(const struct msghdr *m)
{
	return (!m->msg_name || !m->msg_namelen) && !m->msg_controllen;
}

void stream_sendmsg(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	struct msghdr m;
	int err = call_read(c, &m, call_arg(c, 1), sizeof(m));

	if (err)
		call_return(c, err);
	else if (is_plain(&m) && (st->state == STREAM_OPEN || st->state == STREAM_CONNECTING))
		call_continue(c);
	else
		send_message(c);
}

void stream_sendmmsg(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	unsigned n = (unsigned)call_int(c, 2);
	struct mmsghdr m;
	bool plain = true;

	for (unsigned i = 0; i < n && i < IOV_MAX_ && plain; i++) {
		int err = call_read(c, &m, call_arg(c, 1) + i * sizeof(m), sizeof(m));

		if (err) {
			call_return(c, err);
			return;
		}
		plain = is_plain(&m.msg_hdr);
	}
	if (!n || (plain && (st->state == STREAM_OPEN || st->state == STREAM_CONNECTING)))
		call_continue(c);
	else
		send_message(c);
}

/* ---- receive ---- */

static void discard(struct call *c);

/* Bytes that nobody wants to see: @len at most */
static void discard_bytes(struct call *c, size_t len, uint64_t header)
{
	struct stream *st = stream_of(c->ep);
	int flags = call_flags(c), err = c->dup >= 0 ? 0 : call_dup(c, call_int(c, 0));
	char *buf = malloc(TAKE_MAX);
	ssize_t n = -1;

	if (!buf || err) {
		free(buf);
		call_return(c, err ? err : -ENOMEM);
		return;
	}
	if (call_valid(c))
		n = recv(c->dup, buf, len < TAKE_MAX ? len : TAKE_MAX,
			 (flags & MSG_PEEK) | MSG_DONTWAIT);
	err = n < 0 ? -errno : 0;
	free(buf);
	if (err == -EAGAIN && !call_nonblock(c, flags) && !st->ep.dead) {
		call_park(c, discard, NULL, c->parked ? c->deadline : call_timeout(c, SO_RCVTIMEO));
		return;
	}
	if (!err && header) {
		struct msghdr none = { 0 };

		/* No name, no control messages, no flags. */
		call_write(c, header + offsetof(struct msghdr, msg_namelen), &none.msg_namelen,
			   sizeof(none.msg_namelen));
		call_write(c, header + offsetof(struct msghdr, msg_controllen),
			   &none.msg_controllen, sizeof(none.msg_controllen));
		call_write(c, header + offsetof(struct msghdr, msg_flags), &none.msg_flags,
			   sizeof(none.msg_flags));
	}
	call_return_once(c, err ? err : n);
}

static void discard(struct call *c)
{
	struct iovec *iov;
	struct msghdr m;
	size_t len;
	int err;

	if (c->req.data.nr == __NR_recvfrom) {
		discard_bytes(c, call_arg(c, 2), 0);
		return;
	}
	err = call_read(c, &m, call_arg(c, 1), sizeof(m));
	if (!err)
		err = read_iov(c, &m, &iov);
	if (err) {
		call_return(c, err);
		return;
	}
	len = iov_sum(iov, m.msg_iovlen);
	free(iov);
	discard_bytes(c, len, call_arg(c, 1));
}

/* Return: true: what every receiving call has in common was the answer */
static bool receive_aside(struct call *c, int flags)
{
	struct stream *st = stream_of(c->ep);

	if ((st->state == STREAM_FRESH || st->state == STREAM_LISTENING) &&
	    !(flags & MSG_ERRQUEUE)) {
		call_return(c, flags & MSG_OOB ? -EINVAL : -ENOTCONN);
		return true;
	}
	if ((flags & MSG_TRUNC) && !(flags & (MSG_OOB | MSG_ERRQUEUE))) {
		discard(c);
		return true;
	}
	return false;
}

void stream_recvfrom(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	int flags = call_flags(c);
	int64_t n;

	stream_seen(st, c, call_int(c, 0));
	if (receive_aside(c, flags))
		return;
	if (!(flags & MSG_ERRQUEUE)) {
		call_continue(c);
		return;
	}
	call_begin(c);
	n = skiff_recvfrom(stream_skiff(st), st->ep.sfd, (void *)(uintptr_t)call_arg(c, 1),
			   call_arg(c, 2), flags, (void *)(uintptr_t)call_arg(c, 4),
			   (void *)(uintptr_t)call_arg(c, 5));
	call_end(c);
	call_return_once(c, n);
}

void stream_recvmsg(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	int flags = call_flags(c);
	int64_t n;

	if (receive_aside(c, flags))
		return;
	if (!(flags & MSG_ERRQUEUE)) {
		call_continue(c);
		return;
	}
	call_begin(c);
	n = skiff_recvmsg(stream_skiff(st), st->ep.sfd, (void *)(uintptr_t)call_arg(c, 1), flags);
	call_end(c);
	call_return_once(c, n);
}

void stream_recvmmsg(struct call *c)
{
	struct stream *st = stream_of(c->ep);

	if (st->state == STREAM_FRESH || st->state == STREAM_LISTENING)
		call_return(c, -ENOTCONN);
	else
		call_continue(c);
}
