// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream_connect.c - connect(2): waited for, looked at later, tried again, undone.
 *
 * DOC: Not waiting
 * A program that does not wait polls for POLLOUT, so until the handshake is over its end must not be writable: it is filled with
 * bytes that mean nothing, and reading them away is what wakes the program. A handshake within the shard is over by the end
 * of the turn; so the answer EINPROGRESS is put off to then, and mostly nothing needs to be filled. Failure is shown by closing our end over
 * an unread byte: POLLERR and POLLHUP, as Linux has it; the error itself stays in the stack's socket for SO_ERROR or the next
 * connect(). A program that connects once more gets a fresh pair under its old number.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "syscall/stream.h"

#define FILL_PIECES 8
static const char nothing[65536];

size_t stream_fill(int dup)
{
	struct iovec iov[FILL_PIECES];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = FILL_PIECES };
	size_t sum = 0;
	ssize_t n;

	for (unsigned i = 0; i < FILL_PIECES; i++)
		iov[i] = (struct iovec){ (void *)(uintptr_t)nothing, sizeof(nothing) };
	while ((n = sendmsg(dup, &msg, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		sum += (size_t)n;
	return sum;
}

void stream_drain(struct stream *st, size_t n)
{
	char buf[32768];

	while (n) {
		ssize_t got =
			recv(st->ep.own.fd, buf, n < sizeof(buf) ? n : sizeof(buf), MSG_DONTWAIT);

		if (got <= 0)
			break;
		n -= (size_t)got;
	}
}

/* ---- a fresh pair ---- */

int stream_fresh_pair(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	int theirs, err;

	stream_sure(st);
	stream_unwatch(st);
	err = endpoint_pair(&st->ep, &theirs);
	if (err)
		return err;
	st->watched = true;
	err = call_renew_fd(c, theirs);
	stream_bound(st, c->dup);
	st->junk = 0;
	st->urg = false;
	st->tx_stalled = st->rx_stalled = st->tx_ended = st->rx_ended = st->rx_refused = false;
	st->shut_rd = st->shut_wr = st->deferred = false;
	st->state = STREAM_FRESH;
	stream_watch(st);
	return err;
}

/* ---- what became of it ---- */

static int ask(struct stream *st)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	return skiff_connect(stream_skiff(st), st->ep.sfd, (struct sockaddr *)&any, sizeof(any));
}

/* connect() that waits: is there an answer? */
static void waited(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	int err = ask(st);

	if (err == -EALREADY || err == -EINPROGRESS) {
		call_park(c, waited, c->expired, c->deadline);
		return;
	}
	if (err && st->state == STREAM_CONNECTING)
		st->state = STREAM_FRESH;
	call_return_once(c, err);
}

/* SO_SNDTIMEO is over: for who began the connection, and for who came while it was under way. */
static void began_in_vain(struct call *c)
{
	call_return(c, -EINPROGRESS);
}

static void waited_in_vain(struct call *c)
{
	call_return(c, -EALREADY);
}

static void succeeded(struct stream *st)
{
	stream_drain(st, st->junk);
	st->junk = 0;
	stream_open(st);
}

/* Callers that wait learn the error by asking; who does not wait sees a broken connection. */
static void failed(struct stream *st)
{
	calls_resume(&st->ep);
	if (!st->ep.dead && st->state == STREAM_CONNECTING)
		stream_break(st, -1);
}

void stream_connecting(struct stream *st)
{
	int events = skiff_events(stream_skiff(st), st->ep.sfd);

	if (events & (POLLERR | POLLHUP)) {
		failed(st);
	} else if (events & POLLOUT) {
		succeeded(st);
		if (!st->ep.dead && !list_empty(&st->ep.parked))
			calls_resume(&st->ep);
	}
}

/* An edge: whoever waits for the socket to become writable is woken, as by a handshake that took its time. */
static void wake_writers(struct stream *st, int dup)
{
	int n = 0;
	char c;

	if (!ioctl(st->ep.own.fd, FIONREAD, &n) && !n &&
	    send(dup, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		recv(st->ep.own.fd, &c, 1, MSG_DONTWAIT);
}

/* ---- the answer to who does not wait, at the end of the turn ---- */

static void answer_at_once(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	int events = skiff_events(stream_skiff(st), st->ep.sfd);

	if (!call_dup(c, call_int(c, 0))) {
		if (st->state == STREAM_OPEN)
			wake_writers(st, c->dup);
		else if (st->state == STREAM_CONNECTING && (events & (POLLERR | POLLHUP)))
			stream_break(st, c->dup);
		else if (st->state == STREAM_CONNECTING)
			st->junk = stream_fill(c->dup);
	}
	call_return_once(c, -EINPROGRESS);
}

static void begin(struct call *c, int err)
{
	struct stream *st = stream_of(c->ep);
	bool first = err == -EINPROGRESS;

	if (first) {
		stream_drain(st, SIZE_MAX); /* what was written to nobody */
		st->state = STREAM_CONNECTING;
	}
	if (!call_nonblock(c, 0)) {
		call_park(c, waited, first ? began_in_vain : waited_in_vain,
			  call_timeout(c, SO_SNDTIMEO));
	} else if (first) {
		call_park(c, answer_at_once, answer_at_once, host_now());
	} else {
		call_return(c, err);
	}
}

/* connect() to no address: as if it had never been connected, bound, or listening */
static void disconnect(struct call *c, const struct sockaddr_storage *to, int len)
{
	struct stream *st = stream_of(c->ep);
	int err = skiff_connect(stream_skiff(st), st->ep.sfd, (const struct sockaddr *)to,
				(uint32_t)len);

	if (!err && st->state != STREAM_FRESH)
		err = stream_fresh_pair(c);
	call_return_once(c, err);
}

void stream_connect(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	struct sockaddr_storage to = { 0 };
	int len = call_get_addr(c, call_arg(c, 1), call_int(c, 2), &to), err;

	if (len < 0) {
		call_return(c, len);
		return;
	}
	stream_seen(st, c, call_int(c, 0));
	if (len >= (int)sizeof(to.ss_family) && to.ss_family == AF_UNSPEC) {
		disconnect(c, &to, len);
		return;
	}
	err = skiff_connect(stream_skiff(st), st->ep.sfd, (struct sockaddr *)&to, (uint32_t)len);
	if ((err == -EINPROGRESS || !err) && st->state == STREAM_BROKEN) {
		int failure = stream_fresh_pair(c);

		if (failure) {
			call_return(c, failure);
			return;
		}
	}
	if (err == -EINPROGRESS || err == -EALREADY) {
		begin(c, err);
		return;
	}
	if (!err && st->state == STREAM_FRESH) {
		/* No SYN before there are bytes to go with it. */
		stream_drain(st, SIZE_MAX);
		st->deferred = true;
		stream_open(st);
	}
	call_return_once(c, err);
}
