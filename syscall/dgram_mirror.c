// SPDX-License-Identifier: BSD-2-Clause
/* syscall/dgram_mirror.c - the copies of datagrams that lie in a program's pair; dgram.h has the idea. */
#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "syscall/dgram.h"

static struct mirrored *ring_at(struct dgram *d, unsigned i)
{
	return &d->ring[(d->first + i) % MIRROR_MAX];
}

static void ring_pop(struct dgram *d)
{
	const struct mirrored *m = ring_at(d, 0);

	d->queued -= m->truesize;
	if (m->len > 0)
		d->bytes -= m->len;
	d->first = (d->first + 1) % MIRROR_MAX;
	d->n--;
	if (!d->n)
		d->queued = d->bytes = 0;
}

static int unread(const struct dgram *d)
{
	int n = 0;

	return d->ep.own.fd < 0 || ioctl(d->ep.own.fd, SIOCOUTQ, &n) ? 0 : n;
}

void mirror_peek_from(struct dgram *d, int off)
{
	if (d->stack_off == off)
		return;
	if (!skiff_setsockopt(d->ep.run->skiff, d->ep.sfd, SOL_SOCKET, SO_PEEK_OFF, &off,
			      sizeof(off)))
		d->stack_off = off;
}

void mirror_consume(struct dgram *d)
{
	char none;

	skiff_recv(d->ep.run->skiff, d->ep.sfd, &none, 0, MSG_DONTWAIT);
	if (d->stack_off >= 0)
		d->stack_off = -2; /* the stack moved it */
}

void mirror_sync(struct dgram *d)
{
	int left;

	if (!d->n)
		return;
	left = unread(d);
	while (d->n && d->queued > left) {
		bool mark = ring_at(d, 0)->len < 0;

		ring_pop(d);
		if (mark)
			continue;
		mirror_consume(d);
	}
}

static bool error_waits(const struct dgram *d)
{
	int events = skiff_events(d->ep.run->skiff, d->ep.sfd);

	return d->err || (events > 0 && (events & POLLERR));
}

/* Datagrams in the pair: all but the mark. */
static unsigned copies(const struct dgram *d)
{
	return d->n - (d->n && d->ring[d->first].len < 0);
}

/* What a message of @len bytes weighs, tried out in a pair that nobody reads. 0: no descriptors */
static int weigh(size_t len)
{
	char zeros[DGRAM_MAX] = { 0 };
	int fd[2], weight = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd))
		return 0;
	if (send(fd[0], zeros, len, MSG_DONTWAIT) >= 0)
		ioctl(fd[0], SIOCOUTQ, &weight);
	close(fd[0]);
	close(fd[1]);
	return weight;
}

/*
 * The memory of a message: the same for all lengths between two multiples of 64. It can not be had from the pair itself, from
 * which the program may read at any moment.
 */
static int truesize(struct skiff_run *run, size_t len)
{
	size_t class = (len + 63) / 64;

	if (!run->dgram_weights)
		run->dgram_weights = calloc(DGRAM_MAX / 64 + 1, sizeof(*run->dgram_weights));
	if (!run->dgram_weights)
		return 0;
	if (!run->dgram_weights[class])
		run->dgram_weights[class] = weigh(len);
	return run->dgram_weights[class];
}

/* A message into the pair, noted in the ring. 0 or -errno */
static int push(struct dgram *d, const void *data, size_t len, int noted)
{
	int size = truesize(d->ep.run, len);

	if (!size)
		return -ENOMEM;
	if (send(d->ep.own.fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	*ring_at(d, d->n) = (struct mirrored){ size, noted };
	d->n++;
	d->queued += size;
	if (noted > 0)
		d->bytes += noted;
	return 0;
}

/* Look at the first datagram that is not in the pair. Its length or -errno */
static int64_t look_beyond(struct dgram *d, char *buf, size_t len)
{
	int64_t n;

	mirror_peek_from(d, copies(d) ? d->bytes : -1);
	n = skiff_recv(d->ep.run->skiff, d->ep.sfd, buf, len, MSG_PEEK | MSG_DONTWAIT);
	if (d->stack_off >= 0)
		d->stack_off = -2; /* the stack moved it */
	if (n < 0 && n != -EAGAIN)
		d->err = (int)-n;
	return n;
}

/* Only UDP can be looked at beyond the head, and not beyond an empty head. */
static bool can_look_beyond(const struct dgram *d)
{
	return !copies(d) || (dgram_is_udp(d) && d->bytes && d->peek_off < 0);
}

/* Copy until there is enough in the pair. Return: there may be more in the queue */
static bool copy_some(struct dgram *d, int room)
{
	char buf[DGRAM_MAX];

	while (can_look_beyond(d)) {
		bool enough = copies(d) >= MIRROR_MAX - 1 || d->queued > room;
		int64_t n = look_beyond(d, buf, enough ? 0 : sizeof(buf));

		if (n == -EAGAIN)
			return false;
		if (enough)
			return true;
		if (n >= 0 && push(d, buf, (size_t)n, (int)n))
			return true;
	}
	return true;
}

/* What was read natively and not yet learnt of weighs on the receive buffer: it matters when that fills. */
static bool buffer_fills(const struct dgram *d)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 }, len = sizeof(info);

	skiff_getsockopt(d->ep.run->skiff, d->ep.sfd, SOL_SOCKET, SO_MEMINFO, info, &len);
	return info[SK_MEMINFO_RMEM_ALLOC] > info[SK_MEMINFO_RCVBUF] / 4;
}

void mirror_fill(struct dgram *d)
{
	uint32_t events = EPOLLIN | EPOLLRDHUP | EPOLLET | (d->ep.own.events & EPOLLPRI);
	int room = 0;
	socklen_t len = sizeof(room);

	if (d->ep.own.fd < 0 || d->hung_up || d->behind)
		return;
	getsockopt(d->ep.own.fd, SOL_SOCKET, SO_SNDBUF, &room, &len);
	/* The kernel tells of room once three quarters are free: filling half of it makes that a rare event. */
	if (copy_some(d, room / 2) || (d->n && buffer_fills(d)))
		events |= EPOLLOUT;
	if (!d->n && error_waits(d)) {
		if (dgram_raise(d))
			return;
		push(d, "", 0, -1);
	}
	endpoint_watch(&d->ep, events);
}

/* The program's end is at hand, now or again. */
static bool end_at_hand(struct call *c)
{
	return c->dup >= 0 || (!call_dup(c, call_int(c, 0)) && c->st.st_ino == c->ep->inode);
}

static void drain(struct call *c, struct dgram *d)
{
	char none;

	while (recv(c->dup, &none, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
		;
	d->n = 0;
	d->bytes = d->queued = 0;
	d->behind = false;
}

/* The copy is gone: another thread read it natively this moment. Was that so, as far as can be seen? */
static bool was_read(struct dgram *d)
{
	unsigned before = d->n;

	mirror_sync(d);
	if (d->n < before)
		return true;
	ring_pop(d);
	return false;
}

bool mirror_take(struct call *c, struct dgram *d)
{
	char none;

	if (!d->n || !end_at_hand(c))
		return true;
	if (d->behind) {
		drain(c, d);
		return true;
	}
	for (bool mark = true; mark && d->n;) {
		mark = ring_at(d, 0)->len < 0;
		if (recv(c->dup, &none, 1, MSG_DONTWAIT | MSG_TRUNC) < 0)
			return !was_read(d);
		ring_pop(d);
	}
	return true;
}

void mirror_unmark(struct call *c, struct dgram *d)
{
	char none;

	if (!d->n || ring_at(d, 0)->len >= 0 || error_waits(d) || !end_at_hand(c))
		return;
	if (recv(c->dup, &none, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
		ring_pop(d);
}
