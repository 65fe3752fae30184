// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream_close.c - shutdown(2), the end of the descriptor, the end of the connection.
 *
 * DOC: Which end
 * close() is the kernel's own; we see our end hang up. shutdown() of both directions looks the same, but that call comes to us, so a
 * hang-up means a close unless shutdown() explains it. Where it does, a later close is no longer visible and is looked for
 * (stream_reap.c). A close over bytes that the program did not read reads as ECONNRESET at our end, and the peer gets a RST, as from Linux.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "syscall/stream.h"

/* ---- shutdown ---- */

/* The pair ends as the program asked; the FIN leaves after the bytes that lie in it. */
static int shut_pair(struct stream *st, int dup, int how)
{
	if (how != SHUT_WR) {
		stream_rx(st); /* what came is to be had yet */
		st->shut_rd = true;
	}
	if (how != SHUT_RD)
		st->shut_wr = true;
	if (st->state != STREAM_OPEN)
		return 0;
	if (shutdown(dup, how) < 0)
		return -errno;
	if (how != SHUT_WR) {
		st->rx_refused = true;
		skiff_shutdown(stream_skiff(st), st->ep.sfd, SHUT_RD);
	}
	if (how != SHUT_RD && !st->tx_ended)
		stream_tx(st);
	if (st->shut_wr && (st->shut_rd || st->rx_ended))
		stream_doubt(st);
	return 0;
}

void stream_shutdown(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	int how = call_int(c, 1), err;

	stream_seen(st, c, call_int(c, 0));
	if (st->state == STREAM_OPEN && how >= SHUT_RD && how <= SHUT_RDWR && !st->deferred) {
		/* A connection whose both ends are over is none any more. */
		if (st->tx_ended && st->rx_ended && stream_state_is(st, TCP_CLOSE))
			err = -ENOTCONN;
		else
			err = shut_pair(st, c->dup, how);
		call_return(c, err);
		return;
	}
	err = skiff_shutdown(stream_skiff(st), st->ep.sfd, how);
	if (!err && st->state == STREAM_LISTENING && how != SHUT_WR) {
		stream_drop_returned(st);
		st->state = STREAM_BROKEN; /* nothing can be made of its end but a new one */
		calls_resume(&st->ep);
	}
	call_return(c, err);
}

/* ---- the program closed ---- */

void stream_reset(struct stream *st)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	st->state = STREAM_CLOSING;
	skiff_setsockopt(stream_skiff(st), st->ep.sfd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	endpoint_end(&st->ep);
}

/* Does close() throw away what was not sent (SO_LINGER with no time)? */
static bool lingers_not(const struct stream *st)
{
	struct linger l = { 0 };
	uint32_t len = sizeof(l);

	return !skiff_getsockopt(stream_skiff(st), st->ep.sfd, SOL_SOCKET, SO_LINGER, &l, &len) &&
	       l.l_onoff && !l.l_linger;
}

void stream_closing(struct stream *st)
{
	st->state = STREAM_OPEN; /* the pump works on open streams */
	st->tx_stalled = false;
	if (!stream_tx(st))
		return;
	st->state = STREAM_CLOSING;
	if (skiff_events(stream_skiff(st), st->ep.sfd) & POLLHUP)
		st->tx_ended = true; /* nobody is there to send to */
	if (st->tx_ended && !st->rest)
		endpoint_end(&st->ep);
	else if (!st->tx_stalled)
		endpoint_mark(&st->ep);
}

void stream_hangup(struct stream *st)
{
	struct pollfd p = { .fd = st->ep.own.fd };
	int err = 0;
	socklen_t len = sizeof(err);

	if (st->ep.dead || p.fd < 0 || poll(&p, 1, 0) < 1)
		return; /* of an end that was replaced meanwhile */
	if (st->doubt.next) {
		stream_doubt(st);
		return;
	}
	getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (st->state == STREAM_OPEN && err == ECONNRESET) {
		stream_reset(st);
		return;
	}
	if (st->state != STREAM_OPEN || lingers_not(st)) {
		endpoint_end(&st->ep);
		return;
	}
	stream_unwatch(st);
	stream_closing(st);
}

/* ---- the connection was reset ---- */

/* A byte that our end never reads, so that its close is an error at the other. */
static void leave_a_byte(struct stream *st, int dup)
{
	int n = 0, borrowed = -1;

	if (!ioctl(st->ep.own.fd, FIONREAD, &n) && n)
		goto out;
	if (dup < 0)
		dup = borrowed = stream_borrow(st);
	n = dup >= 0 && send(dup, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
	if (borrowed >= 0)
		close(borrowed);
out:
	st->told_error = n > 0;
}

void stream_break(struct stream *st, int dup)
{
	if (st->state == STREAM_CLOSING)
		return;
	st->state = STREAM_BROKEN;
	/* Who has read the end of the stream reads it again; only writing fails. */
	if (st->rx_ended)
		stream_drain(st, SIZE_MAX);
	else
		leave_a_byte(st, dup);
	stream_unwatch(st);
	close(st->ep.own.fd);
	st->ep.own.fd = -1;
	st->junk = 0;
	stream_doubt(st);
}
