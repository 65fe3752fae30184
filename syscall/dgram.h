/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/dgram.h - datagram sockets of programs (UDP, UDP-Lite, ping, raw). For dgram*.c and names.c only.
 *
 * DOC: The mirror
 * A datagram stays in the queue of the stack's socket, where it counts against its receive buffer, until the program has read it. What lies
 * in the pair is a copy of the first ones, the mirror: it makes the program's end readable and serves native reads. What the
 * program took from there is seen by SIOCOUTQ of our end, which is the memory of what is unread; as many are then taken from the queue.
 * A notified receive looks at the head of the queue (MSG_PEEK), with all that is told beside the data, and removes the copy; only when the
 * answer has arrived is the datagram taken.
 *
 *   the stack's queue   [1] [2] [3] [4] ...        truth: order, receive buffer, control messages
 *   the pair            [1] [2]                     copies: they wake who polls, and native reads find them
 *
 * DOC: Errors
 * A pair can not raise an errno and live on. An error that the stack reports (ICMP's port unreachable) is kept for the next notified call and
 * SO_ERROR; an empty message in the pair, the mark, wakes who polls meanwhile.
 */
#ifndef SYSCALL_DGRAM_H
#define SYSCALL_DGRAM_H

#include "syscall/supervisor.h"

#define DGRAM_MAX  65536u /* no datagram is larger */
#define MIRROR_MAX 64u

/**
 * struct mirrored - a message in the pair
 * @truesize: bytes of kernel memory, as SIOCOUTQ counts them
 * @len: of the datagram; -1: the mark
 */
struct mirrored {
	int truesize, len;
};

/**
 * struct dgram
 * @ring:    the mirror, @n from @first on; @bytes: of their datagrams; @queued: of truesize
 * @err:     positive errno for the next notified call, 0: none
 * @peek_off: SO_PEEK_OFF as the program set it, -1: off; @stack_off: as it is set at the stack's socket
 * @out:     a datagram that the program sent natively and that the stack had no room for, @out_len bytes; NULL: none
 * @behind:  the head of the queue is not in the mirror though later ones are: an answer was lost
 * @hung_up: the program's end is closed; @eof: and all that it sent was read
 * @recverr: IP_RECVERR is set; @raised: in run->raised, to be looked at again at @look_at; @tries to show an error so far; @sent natively over this pair; @seen_tid, @seen_fd: where the last call came from
 * @name_server: connected to one whose queries we answer (names.c)
 */
struct dgram {
	struct endpoint ep;
	struct mirrored ring[MIRROR_MAX];
	unsigned first, n;
	int bytes, queued;
	int err;
	int peek_off, stack_off;
	void *out;
	size_t out_len;
	int seen_tid, seen_fd;
	struct list_head raised;
	uint64_t look_at;
	unsigned tries, sent;
	bool behind, hung_up, eof, name_server, recverr;
};

static inline struct dgram *dgram_of(struct endpoint *ep)
{
	return container_of_source(ep, struct dgram, ep);
}

/* an address of the caller, for calls between call_begin() and call_end() */
static inline void *dgram_user(uint64_t addr)
{
	return (void *)(uintptr_t)addr;
}

/* ---- dgram.c ---- */

/** dgram_pump() - what the program sent natively goes out, before anything else happens to the socket */
void dgram_pump(struct dgram *d);
/** dgram_is_udp() - UDP or UDP-Lite */
bool dgram_is_udp(const struct dgram *d);

/* ---- dgram_mirror.c ---- */

/** mirror_sync() - learn what was read natively, and take it from the stack's queue */
void mirror_sync(struct dgram *d);
/** mirror_fill() - copy what the stack has to the pair, as far as it should be there; the mark if there is an error only */
void mirror_fill(struct dgram *d);
/**
 * mirror_take() - remove the first copy from the pair, by the caller's duplicate: a notified call receives that datagram
 * Return: false: somebody else has just read it, the next one is to be looked at
 */
bool mirror_take(struct call *c, struct dgram *d);
/** mirror_unmark() - remove the mark if no error is left */
void mirror_unmark(struct call *c, struct dgram *d);
/** mirror_consume() - take the head from the stack's queue */
void mirror_consume(struct dgram *d);
/** mirror_peek_from() - SO_PEEK_OFF of the stack's socket; -1: the head */
void mirror_peek_from(struct dgram *d, int off);

/* ---- dgram_raise.c ---- */

/** dgram_raise() - show POLLERR. false: that would do harm, or can not be done */
bool dgram_raise(struct dgram *d);
/** dgram_entered() - a call has come: where from is noted, and after dgram_raise() there is a fresh pair */
void dgram_entered(struct call *c);
/** dgram_calm() - it goes, or has a pair again */
void dgram_calm(struct dgram *d);

/* ---- dgram_recv.c, dgram_send.c ---- */

void dgram_recv(struct call *c);
void dgram_recvmmsg(struct call *c);
void dgram_send(struct call *c);
void dgram_connect(struct call *c);

#endif
