/* SPDX-License-Identifier: BSD-2-Clause */
/* explain/connection.h - stories of TCP connections, fed by the recorder. For explain/ only. */
#ifndef EXPLAIN_CONNECTION_H
#define EXPLAIN_CONNECTION_H

#include "net/netdevice.h"
#include "net/sock.h"

struct connections;

/** connections_new() - none yet; NULL: no memory */
struct connections *connections_new(struct skiff *skiff);
void connections_free(struct connections *cs);
/** connections_clear() - forget those that are over */
void connections_clear(struct connections *cs);
/** connections_frame() - a frame of @len bytes came to @dev or is handed to it; @frame: its first @have bytes, headers at least */
void connections_frame(struct connections *cs, const struct net_device *dev, const u8 *frame,
		       size_t have, size_t len, bool out);
void connections_state(struct connections *cs, const struct net *net, const struct sock *sk,
		       int oldstate, int newstate);
/** connections_event() - a sentence about a socket: a loss found, a timer that fired, what was undone */
void connections_event(struct connections *cs, const struct net *net, const struct sock *sk,
		       const char *text);
unsigned connections_count(const struct connections *cs);
bool connections_over(const struct connections *cs, unsigned i);
size_t connections_text(const struct connections *cs, unsigned i, char *buf, size_t size);
size_t connections_json(const struct connections *cs, unsigned i, char *buf, size_t size);

#endif
