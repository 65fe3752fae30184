/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/names.h - names of nodes, asked for by DNS. For syscall/ only.
 *
 * DOC: Names
 * A program asks the servers that its /etc/resolv.conf names, 127.0.0.1 if it names none. A query to one of them never leaves the node: we
 * answer it from what the lab knows (run->env.resolve), and the answer comes in by the loopback device as a packet of that server,
 * so that it is received like every other datagram. Queries to any other address are ordinary packets.
 *
 * A name that the lab does not know does not exist, unless the lab names an upstream (run->env.upstream): then the query goes there over the
 * node's network, from a socket of ours on the node, and what comes back is handed on as the answer of the server that was asked.
 */
#ifndef SYSCALL_NAMES_H
#define SYSCALL_NAMES_H

#include <netinet/in.h>

#include "syscall/supervisor.h"

#define NAMES_MESSAGE_MAX 4096u /* bytes of a query, and of an answer from upstream */

/** names_is_server() - is @addr port 53 of a server of the caller's, and do we answer for it? */
bool names_is_server(struct call *c, const struct sockaddr *addr, unsigned len);
/** names_query() - answer a datagram that a program sent from @ep to server @to (NULL: whom it is connected to). true: it is done with */
bool names_query(struct endpoint *ep, const struct sockaddr *to, const void *buf, size_t len);
/** names_call() - a sendto(), sendmsg() or sendmmsg(): if it goes to a name server, answer query and call. @connected: to one */
bool names_call(struct call *c, bool connected);
/** names_reply() - @len bytes as a datagram from @from to @to of this node, by way of its loopback device */
void names_reply(struct skiff_run *run, struct skiff_net *net, const struct sockaddr_in *from,
		 const struct sockaddr_in *to, const void *data, size_t len);

/* names_relay.c */
/** relay_query() - ask upstream; its answer goes to @asker as one of @server. false: there is no upstream */
bool relay_query(struct skiff_run *run, struct skiff_net *net, const struct sockaddr_in *server,
		 const struct sockaddr_in *asker, const uint8_t *query, size_t len);
void relays_free(struct skiff_run *run);

#endif
