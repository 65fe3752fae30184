// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream_urg.c - urgent data: the pair has its own, at the same place in the stream, and so the byte keeps its place. */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "syscall/stream.h"

bool stream_urg_tx(struct stream *st)
{
	int at_mark = 0;
	char c;

	if (ioctl(st->ep.own.fd, SIOCATMARK, &at_mark) || !at_mark)
		return false;
	/* A byte that can not be passed on now stays where it is. */
	if (!(skiff_events(stream_skiff(st), st->ep.sfd) & POLLOUT)) {
		st->tx_stalled = true;
		stream_watch(st);
		return true;
	}
	if (recv(st->ep.own.fd, &c, 1, MSG_OOB | MSG_DONTWAIT) != 1)
		return false;
	return skiff_send(stream_skiff(st), st->ep.sfd, &c, 1,
			  MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

bool stream_urg_rx(struct stream *st)
{
	int at_mark = 0;
	char c;

	if (skiff_ioctl(stream_skiff(st), st->ep.sfd, SIOCATMARK, &at_mark) || !at_mark)
		return false;
	if (skiff_recv(stream_skiff(st), st->ep.sfd, &c, 1, MSG_OOB | MSG_PEEK) != 1)
		return false;
	if (send(st->ep.own.fd, &c, 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL) != 1) {
		if (errno == EPIPE)
			st->rx_refused = true;
		else
			st->rx_stalled = true;
		return false;
	}
	st->urg = true;
	st->urg_after = 0;
	skiff_recv(stream_skiff(st), st->ep.sfd, &c, 1, MSG_OOB);
	return true;
}
