// SPDX-License-Identifier: BSD-2-Clause
/* syscall/dgram_recv.c - receiving with an address, control messages or flags: from the stack's queue, where all of that is. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

#include "syscall/dgram.h"

#define MMSG_MAX 1024u

/* The datagram at the head to the message at @at, or into recvfrom()'s buffer. It stays where it is. Length or -errno */
static int64_t look(struct call *c, uint64_t at, int flags)
{
	struct dgram *d = dgram_of(c->ep);
	struct skiff *skiff = c->run->skiff;
	bool errors = flags & MSG_ERRQUEUE;
	int64_t n;

	mirror_peek_from(d, flags & MSG_PEEK ? d->peek_off : -1);
	if (!errors)
		flags |= MSG_PEEK;
	if (c->flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	call_begin(c);
	if (c->req.data.nr == __NR_recvfrom)
		n = skiff_recvfrom(skiff, d->ep.sfd, dgram_user(call_arg(c, 1)), call_arg(c, 2),
				   flags, dgram_user(call_arg(c, 4)), dgram_user(call_arg(c, 5)));
	else
		n = skiff_recvmsg(skiff, d->ep.sfd, dgram_user(at), flags);
	call_end(c);
	return n;
}

/* SO_PEEK_OFF of the program moves on as it looks. */
static void moved(struct dgram *d)
{
	uint32_t len = sizeof(d->peek_off);

	if (d->peek_off >= 0)
		skiff_getsockopt(d->ep.run->skiff, d->ep.sfd, SOL_SOCKET, SO_PEEK_OFF, &d->peek_off,
				 &len);
	d->stack_off = -2;
}

static int64_t take_error(struct dgram *d)
{
	int err = d->err;

	d->err = 0;
	return -err;
}

/* The next error of the queue (IP_RECVERR): it is taken at once, there is no looking at it. */
static void recv_error(struct call *c, struct dgram *d, uint64_t at, int flags)
{
	int64_t n = look(c, at, flags);

	if (n >= 0)
		d->err = 0; /* the stack has set the socket's error to that of the next one */
	mirror_unmark(c, d);
	call_return_once(c, n);
	mirror_fill(d); /* the next error may be shown */
}

static void answer(struct call *c, struct dgram *d, int64_t n, int flags)
{
	if (n < 0 && n != -EFAULT) {
		mirror_unmark(c, d);
		call_return_once(c, n);
		return;
	}
	if (flags & MSG_PEEK) {
		moved(d);
		call_return(c, n);
		return;
	}
	if (!mirror_take(c, d)) {
		dgram_recv(c);
		return;
	}
	if (!call_return(c, n))
		mirror_consume(d);
	else if (d->n)
		d->behind = true;
	mirror_fill(d);
}

void dgram_recv(struct call *c)
{
	struct dgram *d = dgram_of(c->ep);
	int flags = call_int(c, c->req.data.nr == __NR_recvfrom ? 3 : 2);
	uint64_t at = call_arg(c, 1);
	int64_t n;

	if (!c->parked) {
		dgram_entered(c);
		dgram_pump(d);
		mirror_sync(d);
	}
	if (flags & MSG_ERRQUEUE) {
		recv_error(c, d, at, flags);
		return;
	}
	n = d->err ? take_error(d) : look(c, at, flags);
	if (n == -EAGAIN && !call_nonblock(c, flags))
		call_park(c, dgram_recv, NULL,
			  c->parked ? c->deadline : call_timeout(c, SO_RCVTIMEO));
	else
		answer(c, d, n, flags);
}

/* ---- several ---- */

/* struct several - a recvmmsg() under way: @done messages are received; no further one is begun after @until */
struct several {
	unsigned done;
	uint64_t until;
};

static int begin_several(struct call *c)
{
	struct several *s;
	struct timespec ts;
	int err;

	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	c->state = s;
	s->until = SKIFF_NEVER;
	if (!call_arg(c, 4))
		return 0;
	err = call_read(c, &ts, call_arg(c, 4), sizeof(ts));
	if (err)
		return err;
	if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= 1000000000)
		return -EINVAL;
	s->until = host_now() + (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	return 0;
}

/* One more message. 0 or -errno */
static int one_more(struct call *c, struct dgram *d, struct several *s, int flags)
{
	uint64_t at = call_arg(c, 1) + s->done * sizeof(struct mmsghdr);
	int64_t n = d->err ? take_error(d) : look(c, at, flags);
	uint32_t len = (uint32_t)n;
	int err;

	if (n < 0)
		return (int)n;
	if (flags & MSG_PEEK) {
		moved(d);
	} else if (!(flags & MSG_ERRQUEUE)) {
		if (!mirror_take(c, d))
			return one_more(c, d, s, flags);
		mirror_consume(d);
	}
	err = call_write(c, at + offsetof(struct mmsghdr, msg_len), &len, sizeof(len));
	if (!err)
		s->done++;
	return err;
}

/* SO_RCVTIMEO is over: with what there is. */
static void too_late(struct call *c)
{
	const struct several *s = c->state;

	call_return_once(c, s->done ? (int64_t)s->done : -EAGAIN);
}

void dgram_recvmmsg(struct call *c)
{
	struct dgram *d = dgram_of(c->ep);
	unsigned max = (unsigned)call_arg(c, 2) < MMSG_MAX ? (unsigned)call_arg(c, 2) : MMSG_MAX;
	int flags = call_int(c, 3), err = c->state ? 0 : begin_several(c);
	struct several *s = c->state;

	if (!c->parked) {
		dgram_entered(c);
		dgram_pump(d);
		mirror_sync(d);
	}
	while (!err && s->done < max) {
		err = one_more(c, d, s, flags & ~MSG_WAITFORONE);
		if (s->until <= host_now())
			break;
	}
	if (err == -EAGAIN && !call_nonblock(c, flags) && !(flags & MSG_ERRQUEUE) &&
	    !(s->done && (flags & MSG_WAITFORONE))) {
		call_park(c, dgram_recvmmsg, too_late,
			  c->parked ? c->deadline : call_timeout(c, SO_RCVTIMEO));
		return;
	}
	if (s && s->done) {
		if (err && err != -EAGAIN)
			d->err = -err;
		err = (int)s->done;
	}
	mirror_unmark(c, d);
	call_return_once(c, err);
	mirror_fill(d);
}
