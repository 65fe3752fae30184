/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/stream.h - TCP sockets of programs. For syscall/stream*.c only.
 *
 * DOC: States of a stream
 *   FRESH       Neither connected nor listening; bytes that the program writes now are thrown away when it connects. -> CONNECTING
 *               [stream_connect()], LISTENING [stream_listen()]
 *   CONNECTING  The SYN is out. @junk: the program does not wait, and its end is full of bytes that mean nothing, so that it can not
 *               write and polls as unconnected. -> OPEN [stream_open()], BROKEN (it did not wait) or FRESH (it did) [stream_failed()]
 *   LISTENING   One byte lies in the program's end for each connection that waits. -> FRESH [shutdown]
 *   OPEN        Bytes are pumped both ways. -> BROKEN [stream_break()], CLOSING [stream_hangup()]
 *   BROKEN      Our end is closed over an unread byte, which the kernel makes ECONNRESET of. The descriptor is still
 *               the program's: SO_ERROR, getsockname() and another connect() are answered. -> CONNECTING
 *   CLOSING     The program closed; what it wrote is on its way into the stack yet. Then the endpoint ends.
 */
#ifndef SYSCALL_STREAM_H
#define SYSCALL_STREAM_H

#include "syscall/supervisor.h"

enum stream_state {
	STREAM_FRESH,
	STREAM_CONNECTING,
	STREAM_LISTENING,
	STREAM_OPEN,
	STREAM_BROKEN,
	STREAM_CLOSING,
};

/**
 * struct stream - a TCP socket of a program
 * @tid, @fd:  where the program's end was seen last: this descriptor of this thread; @fd -1: not known
 * @junk:      bytes in the program's end that mean nothing
 * @rest:      of what was taken from the pair, what the stack did not take; @rest_at of @rest_len are done
 * @told:      listening: bytes in the pair
 * @returned:  listening: accepted connections whose accept() was interrupted (struct handover)
 * @doubt:     in run->doubtful: a hang-up would not show that the program closed (stream_reap.c); @missed: looks in vain
 */
struct stream {
	struct endpoint ep;
	enum stream_state state;
	int tid, fd;
	size_t junk;
	char *rest;
	size_t rest_at, rest_len;
	unsigned told;
	struct list_head returned;
	struct list_head doubt;
	unsigned missed;
	bool tx_stalled;       /* the stack is full: the pair is not read */
	bool rx_stalled;       /* the pair is full: the stack is not read */
	bool tx_ended;	       /* the end of what the program writes was passed on */
	bool rx_ended;	       /* the end of what the peer sends was passed on */
	bool rx_refused;       /* the program shut its reading side */
	bool shut_rd, shut_wr; /* the program said so */
	int sndbuf, rcvbuf;    /* as the program set them; 0: it did not */
	size_t urg_after;      /* bytes that went into the pair behind the urgent one */
	bool urg;	       /* an urgent byte went into the pair */
	bool told_error;       /* broken: the program's end has an error until that is read */
	bool deferred;	       /* the first bytes make the SYN (TCP_FASTOPEN_CONNECT) */
	bool watched;	       /* own is in the loop */
};

static inline struct stream *stream_of(struct endpoint *ep)
{
	return (struct stream *)ep;
}
static inline struct skiff *stream_skiff(const struct stream *st)
{
	return st->ep.run->skiff;
}

/* ---- stream.c ---- */

/** stream_seen() - the caller's descriptor is this stream: remembered */
void stream_seen(struct stream *st, const struct call *c, int fd);
/** stream_state_is() - the state of the stack's connection, TCP_* of netinet/tcp.h, is it @state? */
bool stream_state_is(const struct stream *st, int state);
/** stream_watch() - wait at our end for what the state needs */
void stream_watch(struct stream *st);
/** stream_unwatch() - our end stays, but its hang-up is known and not waited for */
void stream_unwatch(struct stream *st);
/** stream_open() - connected: what the program wrote meanwhile goes out */
void stream_open(struct stream *st);
/** stream_turn() - move what can be moved */
void stream_turn(struct stream *st);

/* ---- stream_pump.c ---- */

/** stream_tx() - from the program to the stack. Return: false: the stream is no longer open */
bool stream_tx(struct stream *st);
/** stream_rx() - from the stack to the program. As stream_tx() */
bool stream_rx(struct stream *st);
/** stream_bound() - the pair holds as much as the program said; @theirs: its end */
void stream_bound(const struct stream *st, int theirs);
/** stream_unread() - bytes that the stack holds for the program, up to the urgent one */
int stream_unread(const struct stream *st);

/** stream_send() - behind the bytes in the pair, when stream_idle() says that none is left there. All of it is taken: its length, or -errno */
int64_t stream_send(struct stream *st, const struct msghdr *m, int flags);
/** stream_keep() - @n bytes to be sent as soon as the stack takes them. -ENOMEM */
int stream_keep(struct stream *st, const void *p, size_t n);
/** stream_idle() - everything that the program wrote is with the stack, and that takes more */
bool stream_idle(struct stream *st);

/* ---- stream_urg.c ---- */

/** stream_urg_tx() - the next byte from the program is urgent: pass it on. false: it is not, or can not be now */
bool stream_urg_tx(struct stream *st);
/** stream_urg_rx() - the peer's urgent byte, if it is its turn. false: nothing was done */
bool stream_urg_rx(struct stream *st);

/* ---- stream_connect.c ---- */

void stream_connect(struct call *c);
/** stream_connecting() - the stack may know more about a connection under way */
void stream_connecting(struct stream *st);
/** stream_fresh_pair() - a new pair under the program's descriptor, which is @c's first argument; @c goes on. 0 or -errno */
int stream_fresh_pair(struct call *c);
/** stream_drain() - read and forget up to @n bytes of our end */
void stream_drain(struct stream *st, size_t n);
/** stream_fill() - make the program's end unwritable. Return: bytes that this took */
size_t stream_fill(int dup);

/* ---- stream_accept.c ---- */

void stream_listen(struct call *c);
void stream_accept(struct call *c);
/** stream_pending() - tell the program of connections that wait */
void stream_pending(struct stream *st);
/** stream_drop_returned() - nobody will accept them */
void stream_drop_returned(struct stream *st);

/* ---- stream_close.c ---- */

void stream_shutdown(struct call *c);
/** stream_hangup() - both directions of the pair ended: did the program close? */
void stream_hangup(struct stream *st);
/** stream_reset() - the program closed over unread bytes: the peer gets a RST */
void stream_reset(struct stream *st);
/** stream_closing() - of a closed one: pass on the rest, then end it */
void stream_closing(struct stream *st);
/** stream_break() - the connection was reset: so it looks to the program. @dup: its end if we have it, else -1 */
void stream_break(struct stream *st, int dup);

/* ---- stream_reap.c ---- */

/** stream_doubt() - from now on look whether the program still has its end */
void stream_doubt(struct stream *st);
/** stream_sure() - no longer */
void stream_sure(struct stream *st);
/** stream_borrow() - duplicate of the program's end, wherever it is; -1: nobody has it */
int stream_borrow(struct stream *st);

/* ---- stream_opts.c ---- */

void stream_setsockopt(struct call *c);
void stream_getsockopt(struct call *c);
void stream_ioctl(struct call *c);

/* ---- stream_msg.c ---- */

void stream_sendto(struct call *c);
void stream_recvfrom(struct call *c);
void stream_sendmsg(struct call *c);
void stream_recvmsg(struct call *c);
void stream_sendmmsg(struct call *c);
void stream_recvmmsg(struct call *c);

#endif
