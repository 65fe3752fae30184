// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream_pump.c - bytes between a program's pair and the stack's socket, without a copy of ours in between.
 *
 * DOC: The pump
 * What the program writes is read straight into the stack's chunks; what the peer sent goes into the pair from where it lies. Each
 * direction stops by itself: the stack says EAGAIN (its send buffer is full) and the pair is left unread, so that the program
 * blocks or polls unwritable; or the pair is full and the stack is left unread, so that the window closes. The kernel bounds what lies in
 * a pair by the writer's SO_SNDBUF, which follows what the program sets (stream_opts.c). So many bytes a turn and no more:
 * everybody else waits meanwhile.
 *
 * An error of the connection stays in the stack's socket until the program asks for it, so the stack must not be asked for
 * bytes once there are none and an error is pending: that would take the error.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "syscall/stream.h"

#define CHUNK  65536u
#define BUDGET (8 * CHUNK)

/* ---- from the program ---- */

static void stall(struct stream *st)
{
	st->tx_stalled = true;
	stream_watch(st);
}

int stream_keep(struct stream *st, const void *p, size_t n)
{
	st->rest = malloc(n);
	if (!st->rest)
		return -ENOMEM;
	memcpy(st->rest, p, n);
	st->rest_at = 0;
	st->rest_len = n;
	return 0;
}

/* @n bytes at @p were read from the pair and did not fit. Bytes of the middle of a stream must not be missing. */
static void keep_rest(struct stream *st, const void *p, size_t n)
{
	if (stream_keep(st, p, n))
		stream_reset(st);
	else
		stall(st);
}

/* Return: true: nothing is left over */
static bool flush_rest(struct stream *st)
{
	int64_t n;

	while (st->rest_at < st->rest_len) {
		n = skiff_send(stream_skiff(st), st->ep.sfd, st->rest + st->rest_at,
			       st->rest_len - st->rest_at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && n != -EAGAIN && n != -EINPROGRESS)
			break; /* the connection is gone, and with it what was to be sent */
		if (n <= 0) {
			stall(st);
			return false;
		}
		st->rest_at += (size_t)n;
	}
	free(st->rest);
	st->rest = NULL;
	st->rest_at = st->rest_len = 0;
	return true;
}

/* The first bytes of a connection that is made by them. */
static ssize_t send_deferred(struct stream *st)
{
	char buf[16384];
	ssize_t n = recv(st->ep.own.fd, buf, sizeof(buf), MSG_DONTWAIT);
	int64_t done;

	if (n <= 0)
		return n;
	st->deferred = false;
	done = skiff_send(stream_skiff(st), st->ep.sfd, buf, (size_t)n,
			  MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done < n)
		keep_rest(st, buf + (done > 0 ? done : 0), (size_t)(n - (done > 0 ? done : 0)));
	return n;
}

/* One read into the stack's memory. Bytes; 0: the end; -1 with errno: EAGAIN: nothing there, ENOBUFS: the stack takes no more */
static ssize_t tx_chunk(struct stream *st, size_t *room)
{
	size_t len = CHUNK;
	int64_t done;
	int err = 0;
	ssize_t n;
	char *buf;

	*room = CHUNK;
	if (st->deferred)
		return send_deferred(st);
	buf = skiff_send_buf(stream_skiff(st), st->ep.sfd, &len, &err);
	if (!buf) {
		stall(st);
		/* No memory: nobody will tell when there is some. */
		if (err != -EAGAIN)
			endpoint_mark(&st->ep);
		errno = ENOBUFS;
		return -1;
	}
	*room = len;
	n = recv(st->ep.own.fd, buf, len, MSG_DONTWAIT);
	if (n <= 0)
		return n;
	done = skiff_send_commit(stream_skiff(st), st->ep.sfd, (size_t)n,
				 MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done < 0)
		done = 0;
	/* The chunk is not written again before the next call on the shard. */
	if (done < n)
		keep_rest(st, buf + done, (size_t)(n - done));
	return n;
}

/* The program shut its sending side, or closed (stream_hangup() sees that). */
static void tx_end(struct stream *st)
{
	st->tx_ended = true;
	stream_watch(st);
	if (st->shut_wr)
		skiff_shutdown(stream_skiff(st), st->ep.sfd, SHUT_WR);
}

bool stream_idle(struct stream *st)
{
	int n = 0;

	return stream_tx(st) && !st->rest && !st->tx_stalled &&
	       !ioctl(st->ep.own.fd, FIONREAD, &n) && !n;
}

int64_t stream_send(struct stream *st, const struct msghdr *m, int flags)
{
	size_t want = m->msg_iov->iov_len;
	int64_t done = skiff_sendmsg(stream_skiff(st), st->ep.sfd, m,
				     (flags & MSG_OOB) | MSG_DONTWAIT | MSG_NOSIGNAL);

	if (done < 0 && done != -EAGAIN)
		return done;
	if (done < 0)
		done = 0;
	if ((size_t)done < want)
		keep_rest(st, (const char *)m->msg_iov->iov_base + done, want - (size_t)done);
	return (int64_t)want;
}

bool stream_tx(struct stream *st)
{
	size_t budget = BUDGET, room;
	bool at_mark = true;

	if (st->rest && !flush_rest(st))
		return true;
	if (st->tx_stalled) {
		if (!(skiff_events(stream_skiff(st), st->ep.sfd) & POLLOUT))
			return true;
		st->tx_stalled = false;
		stream_watch(st);
	}
	while (budget && st->state == STREAM_OPEN && !st->tx_stalled) {
		ssize_t n;

		if (at_mark && stream_urg_tx(st))
			continue;
		n = tx_chunk(st, &room);
		if (n < 0 && errno == ECONNRESET) {
			stream_reset(st);
			return false;
		}
		if (n == 0)
			tx_end(st);
		if (n <= 0)
			break;
		/* A full read may have ended before the urgent byte; a short one did not begin there. */
		at_mark = n == (ssize_t)room;
		if (!at_mark)
			break;
		budget -= (size_t)n < budget ? (size_t)n : budget;
	}
	return st->state == STREAM_OPEN;
}

/* ---- to the program ---- */

static int64_t into_pair(void *arg, const void *data, size_t len)
{
	struct stream *st = arg;
	ssize_t n = send(st->ep.own.fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		st->urg_after += (size_t)n;
	if (n == (ssize_t)len)
		return n;
	if (n < 0 && errno == EPIPE)
		st->rx_refused = true;
	else
		st->rx_stalled = true;
	return n < 0 ? 0 : n;
}

void stream_bound(const struct stream *st, int theirs)
{
	if (st->sndbuf && theirs >= 0)
		setsockopt(theirs, SOL_SOCKET, SO_SNDBUF, &st->sndbuf, sizeof(st->sndbuf));
	if (st->rcvbuf && st->ep.own.fd >= 0)
		setsockopt(st->ep.own.fd, SOL_SOCKET, SO_SNDBUF, &st->rcvbuf, sizeof(st->rcvbuf));
}

int stream_unread(const struct stream *st)
{
	int n = 0;

	return skiff_ioctl(stream_skiff(st), st->ep.sfd, SIOCINQ, &n) ? 0 : n;
}

/* Nothing more will come, and the program is to see why. */
static bool is_reset(const struct stream *st, int events)
{
	return (events & POLLERR) && (events & POLLHUP) && !stream_unread(st);
}

static void rx_end(struct stream *st)
{
	st->rx_ended = true;
	shutdown(st->ep.own.fd, SHUT_WR);
	if (st->shut_wr)
		stream_doubt(st);
}

/* One helping. Return: bytes moved, 0: stop for now */
static int64_t rx_some(struct stream *st, size_t max)
{
	int events = skiff_events(stream_skiff(st), st->ep.sfd);
	int64_t n;

	if ((events & POLLPRI) && stream_urg_rx(st))
		return 1;
	if (is_reset(st, events)) {
		stream_break(st, -1);
		return 0;
	}
	if (!(events & POLLIN))
		return 0;
	n = skiff_recv_refs(stream_skiff(st), st->ep.sfd, max, into_pair, st);
	if (n == 0 && !st->rx_stalled && !st->rx_refused)
		rx_end(st);
	return n > 0 ? n : 0;
}

bool stream_rx(struct stream *st)
{
	size_t budget = BUDGET;

	while (budget && !st->rx_stalled && !st->rx_ended && !st->rx_refused) {
		int64_t n = rx_some(st, budget);

		if (!n)
			break;
		budget -= (size_t)n < budget ? (size_t)n : budget;
	}
	if (st->state != STREAM_OPEN)
		return false;
	if (!budget)
		endpoint_mark(&st->ep);
	/* After both ends a reset is still to be seen. */
	if ((st->rx_ended || st->rx_refused) &&
	    is_reset(st, skiff_events(stream_skiff(st), st->ep.sfd))) {
		stream_break(st, -1);
		return false;
	}
	stream_watch(st);
	return true;
}
