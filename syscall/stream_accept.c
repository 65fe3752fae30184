// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream_accept.c - listen(2) and accept(2).
 *
 * DOC: Listening
 * The program's end of a listening socket holds one byte for each connection that waits, so that poll and epoll, also
 * exclusively by several processes, are the kernel's own. It is shut for writing and full, so that it never polls writable. accept()
 * takes the byte before the caller runs on: woken, it must not find a byte that is no longer meant. Callers that wait are
 * served in the order in which they came. A caller that a signal interrupted in between never saw its connection, which goes back to the head.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/stream.h"

/**
 * struct handover - an accepted connection that nobody got
 * @theirs: the program's end
 */
struct handover {
	struct list_head link;
	struct stream *st;
	int theirs;
};

/* ---- how many wait ---- */

static unsigned waiting(const struct stream *st)
{
	struct tcp_info info = { 0 };
	uint32_t len = sizeof(info);
	struct list_head *at;
	unsigned n = 0;

	/* Of a listening socket tcpi_unacked is the length of its queue. */
	if (!skiff_getsockopt(stream_skiff(st), st->ep.sfd, IPPROTO_TCP, TCP_INFO, &info, &len) &&
	    info.tcpi_state == TCP_LISTEN)
		n = info.tcpi_unacked;
	list_for_each(at, &st->returned) {
		n++;
	}
	return n;
}

/* @n connections wait; of a long queue as many are told as the pair holds. */
static void put_bytes(struct stream *st, unsigned n)
{
	/* One write a connection: each may wake another process. */
	for (; st->told < n; st->told++) {
		if (send(st->ep.own.fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
			break;
	}
}

void stream_pending(struct stream *st)
{
	if (!list_empty(&st->ep.parked))
		calls_resume(&st->ep);
	if (!st->ep.dead && st->state == STREAM_LISTENING)
		put_bytes(st, waiting(st));
}

/* Bytes without a connection behind them, the last of which @dup's owner is about to take. */
static void take_bytes(struct stream *st, int dup)
{
	unsigned n = waiting(st);
	char c;

	while (st->told > n && recv(dup, &c, 1, MSG_DONTWAIT) == 1)
		st->told--;
	put_bytes(st, n);
}

/* ---- listen ---- */

void stream_listen(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	int err = skiff_listen(stream_skiff(st), st->ep.sfd, call_int(c, 1));

	stream_seen(st, c, call_int(c, 0));
	if (!err && st->state == STREAM_BROKEN)
		err = stream_fresh_pair(c);
	if (!err && st->state != STREAM_LISTENING) {
		int least = 0;

		/* It never sends: the least of memory is full soonest. */
		setsockopt(c->dup, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
		stream_fill(c->dup);
		shutdown(c->dup, SHUT_WR);
		st->state = STREAM_LISTENING;
		st->told = 0;
		stream_watch(st);
		put_bytes(st, waiting(st));
	}
	call_return(c, err);
}

/* ---- accept ---- */

/* The connection that came first: one that went back, or the stack's. NULL and *@err */
static struct stream *next_connection(struct stream *st, int *theirs, int *err)
{
	struct handover *h;
	struct endpoint *ep;
	int sfd;

	if (!list_empty(&st->returned)) {
		struct stream *got;

		h = list_entry(st->returned.next, struct handover, link);
		got = h->st;
		*theirs = h->theirs;
		list_del(&h->link);
		free(h);
		return got;
	}
	sfd = skiff_accept4(stream_skiff(st), st->ep.sfd, NULL, NULL, 0);
	if (sfd < 0) {
		*err = sfd;
		return NULL;
	}
	ep = endpoint_new(st->ep.run, st->ep.net, &stream_ops, sfd, st->ep.family, st->ep.type,
			  st->ep.protocol, theirs, err);
	if (!ep)
		return NULL;
	stream_of(ep)->sndbuf = st->sndbuf;
	stream_of(ep)->rcvbuf = st->rcvbuf;
	stream_bound(stream_of(ep), *theirs);
	return stream_of(ep);
}

static void give_back(struct stream *listener, struct stream *got, int theirs)
{
	struct handover *h = malloc(sizeof(*h));

	if (!h) {
		close(theirs);
		return;
	}
	h->st = got;
	h->theirs = theirs;
	list_add(&h->link, &listener->returned);
	put_bytes(listener, waiting(listener));
}

void stream_drop_returned(struct stream *st)
{
	while (!list_empty(&st->returned)) {
		struct handover *h = list_entry(st->returned.next, struct handover, link);

		list_del(&h->link);
		close(h->theirs); /* its own end hangs up, and the connection is reset or closed as a program's would */
		free(h);
	}
}

static int tell_peer(struct call *c, const struct stream *got)
{
	struct sockaddr_in peer;
	uint32_t len = sizeof(peer);
	int err;

	if (!call_arg(c, 1))
		return 0;
	err = skiff_getpeername(stream_skiff(got), got->ep.sfd, (struct sockaddr *)&peer, &len);
	if (err)
		return -ECONNABORTED;
	return call_put_addr(c, &peer, sizeof(peer), call_arg(c, 1), call_arg(c, 2));
}

static void accepted(struct call *c, struct stream *got, int theirs, int flags)
{
	struct stream *listener = stream_of(c->ep);
	int err = tell_peer(c, got), fd, tid = (int)c->req.pid;

	take_bytes(listener, c->dup);
	if (err) {
		close(theirs); /* as Linux: the connection is lost with the caller's bad address */
		call_return(c, err);
		stream_open(got);
		return;
	}
	fcntl(theirs, F_SETFL, flags & SOCK_NONBLOCK ? O_NONBLOCK : 0);
	fd = call_give_fd(c, theirs, flags & SOCK_CLOEXEC);
	if (fd < 0) {
		give_back(listener, got, theirs);
		return;
	}
	close(theirs);
	got->tid = tid;
	got->fd = fd;
	stream_open(got);
}

static void try_accept(struct call *c)
{
	struct stream *st = stream_of(c->ep);
	int flags = c->req.data.nr == __NR_accept4 ? call_int(c, 3) : 0, theirs = -1, err = 0;
	struct stream *got = next_connection(st, &theirs, &err);

	if (got) {
		err = c->dup >= 0 ? 0 : call_dup(c, call_int(c, 0));
		if (err) {
			give_back(st, got, theirs);
			call_return(c, err);
		} else {
			accepted(c, got, theirs, flags);
		}
	} else if (err == -EAGAIN && !call_nonblock(c, 0)) {
		call_park(c, try_accept, NULL,
			  c->parked ? c->deadline : call_timeout(c, SO_RCVTIMEO));
	} else {
		call_return(c, err);
	}
}

void stream_accept(struct call *c)
{
	struct stream *st = stream_of(c->ep);

	if (c->req.data.nr == __NR_accept4 && (call_int(c, 3) & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))) {
		call_return(c, -EINVAL);
		return;
	}
	/* Who waits already was here first. */
	if (!list_empty(&st->ep.parked) && !call_nonblock(c, 0)) {
		call_park(c, try_accept, NULL, call_timeout(c, SO_RCVTIMEO));
		stream_pending(st);
		return;
	}
	try_accept(c);
}
