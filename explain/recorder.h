/* SPDX-License-Identifier: BSD-2-Clause */
/* explain/recorder.h - the recorder's parts among themselves. For explain/ only. */
#ifndef EXPLAIN_RECORDER_H
#define EXPLAIN_RECORDER_H

#include "lib/fmt.h"
#include "net/net_namespace.h"
#include "skiff/explain.h"

struct fib_result;
struct neighbour;

/* recorder_mib.c */
typedef void (*mib_changed_fn)(void *arg, const char *name, u64 by);
void mib_diff(struct netns_mib *old, const struct netns_mib *now, mib_changed_fn fn, void *arg);

/* recorder_words.c */
void words_of_route(struct strbuf *sb, struct net *net, __be32 daddr, const struct fib_result *res,
		    int err);
void words_of_neigh(struct strbuf *sb, const struct neighbour *n);

#endif
