// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream.c - TCP sockets of programs: their beginning, their events, their end. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "syscall/stream.h"

static int start(struct endpoint *ep)
{
	struct stream *st = stream_of(ep);

	st->fd = -1;
	st->watched = true;
	INIT_LIST_HEAD(&st->returned);
	endpoint_watch(ep, 0);
	return 0;
}

static void stop(struct endpoint *ep)
{
	struct stream *st = stream_of(ep);

	stream_sure(st);
	stream_drop_returned(st);
	free(st->rest);
	st->rest = NULL;
}

void stream_seen(struct stream *st, const struct call *c, int fd)
{
	st->tid = (int)c->req.pid;
	st->fd = fd;
}

bool stream_state_is(const struct stream *st, int state)
{
	struct tcp_info info = { 0 };
	uint32_t len = sizeof(info);

	return !skiff_getsockopt(stream_skiff(st), st->ep.sfd, IPPROTO_TCP, TCP_INFO, &info,
				 &len) &&
	       info.tcpi_state == state;
}

void stream_watch(struct stream *st)
{
	uint32_t events = 0;

	if (!st->watched)
		return;
	if (st->state == STREAM_OPEN) {
		if (!st->tx_stalled && !st->tx_ended)
			events |= EPOLLIN | EPOLLPRI | EPOLLRDHUP;
		if (st->rx_stalled)
			events |= EPOLLOUT;
	}
	/* A hang-up that says nothing would come again and again; its repetition says that the end was closed. */
	if (st->doubt.next)
		events |= EPOLLET;
	endpoint_watch(&st->ep, events);
}

void stream_unwatch(struct stream *st)
{
	if (st->watched && st->ep.own.fd >= 0)
		host_loop_del(st->ep.run->loop, &st->ep.own);
	st->watched = false;
}

void stream_open(struct stream *st)
{
	st->state = STREAM_OPEN;
	st->tx_stalled = st->rx_stalled = false;
	stream_watch(st);
	stream_turn(st);
}

void stream_turn(struct stream *st)
{
	if (stream_rx(st) && !st->tx_ended)
		stream_tx(st);
}

static void own_ready(struct endpoint *ep, uint32_t events)
{
	struct stream *st = stream_of(ep);

	if (st->state == STREAM_OPEN && (events & EPOLLOUT)) {
		st->rx_stalled = false;
		stream_watch(st);
		if (!stream_rx(st))
			return;
	}
	if (st->state == STREAM_OPEN && !st->tx_ended &&
	    (events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP)) && !stream_tx(st))
		return;
	if (!list_empty(&ep->parked) && st->state == STREAM_OPEN)
		calls_resume(ep);
	if (events & (EPOLLHUP | EPOLLERR))
		stream_hangup(st);
}

static void stack_ready(struct endpoint *ep, unsigned events)
{
	struct stream *st = stream_of(ep);

	switch (st->state) {
	case STREAM_CONNECTING:
		stream_connecting(st);
		break;
	case STREAM_LISTENING:
		stream_pending(st);
		break;
	case STREAM_OPEN:
		stream_turn(st);
		if (!list_empty(&ep->parked) && !ep->dead)
			calls_resume(ep);
		break;
	case STREAM_CLOSING:
		stream_closing(st);
		break;
	case STREAM_FRESH:
	case STREAM_BROKEN:
		break;
	}
}

const struct endpoint_ops stream_ops = {
	.name = "stream",
	.pair = SOCK_STREAM,
	.size = sizeof(struct stream),
	.start = start,
	.own_ready = own_ready,
	.stack_ready = stack_ready,
	.stop = stop,
	.calls = {
		[CALL_CONNECT] = stream_connect,
		[CALL_LISTEN] = stream_listen,
		[CALL_ACCEPT] = stream_accept,
		[CALL_SHUTDOWN] = stream_shutdown,
		[CALL_SETSOCKOPT] = stream_setsockopt,
		[CALL_GETSOCKOPT] = stream_getsockopt,
		[CALL_SENDTO] = stream_sendto,
		[CALL_RECVFROM] = stream_recvfrom,
		[CALL_SENDMSG] = stream_sendmsg,
		[CALL_RECVMSG] = stream_recvmsg,
		[CALL_SENDMMSG] = stream_sendmmsg,
		[CALL_RECVMMSG] = stream_recvmmsg,
		[CALL_IOCTL] = stream_ioctl,
	},
};
