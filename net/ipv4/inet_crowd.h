/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/inet_crowd.h - destinations to which many ports are taken. For inet_port.c and inet_hashtables.c.
 *
 * DOC: Crowded destinations
 * connect() tries ports in an order of its own until one is free (inet_port.c). Where more than half of them are connected to the
 * same place it would look up tens of thousands first. So a search that was long is remembered: for this pair of
 * addresses and port of the peer, a bit for each port that a connection was found on. It is cleared when that connection
 * leaves the table (or turns into a time-wait socket, whose port may be had again), and when no bit is left the map goes.
 * The order of ports stays what it was, only that the taken ones are stepped over, 64 at a time.
 */
#ifndef NET_IPV4_INET_CROWD_H
#define NET_IPV4_INET_CROWD_H

#include "net/inet_hashtables.h"

#define INET_CROWD_MIN 64 /* ports tried in vain before a search is a long one */

struct port_crowd;

/** inet_crowd_find() - the map of where @sk connects to, NULL: none */
struct port_crowd *inet_crowd_find(const struct sock *sk);
/** inet_crowd_get() - the same, made if there is none; NULL: no memory */
struct port_crowd *inet_crowd_get(const struct sock *sk);
/** inet_crowd_taken() - @port belongs to a connection, bound to no device, that stands in the table */
void inet_crowd_taken(struct port_crowd *c, u16 port);
/** inet_crowd_run() - how far it is from @port to the next one that is not known to be taken: a multiple of @step (1, 2), not beyond @high. 0: it is this one, or @c is NULL */
u32 inet_crowd_run(const struct port_crowd *c, int port, int high, u32 step);
void __inet_crowd_leave(const struct sock *sk);
void inet_crowd_exit(struct net *net);

/** inet_crowd_leave() - @sk left the table of connections, its numbers are as they were */
static inline void inet_crowd_leave(const struct inet_hashinfo *h, const struct sock *sk)
{
	if (unlikely(h->crowds))
		__inet_crowd_leave(sk);
}

#endif
