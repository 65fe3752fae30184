/* SPDX-License-Identifier: BSD-2-Clause */
/* explain/recorder.h - the recorder's parts among themselves. For explain/ only. */
#ifndef EXPLAIN_RECORDER_H
#define EXPLAIN_RECORDER_H

#include "lib/fmt.h"
#include "net/journey.h"
#include "net/net_namespace.h"
#include "skiff/explain.h"

struct connections;
struct fib_result;
struct neighbour;

#define DEPTH_MAX 3

/* Memory of a journey's texts and frames, given back as a whole. */
struct text_chunk {
	struct text_chunk *next;
	u32 used, size;
	char data[];
};

/**
 * struct rec_journey - a journey under construction
 * @pkt:     packets met, by depth; only compared, never followed
 * @depth:   of the last step that named a packet
 * @pending: a packet is about to be made by one of this depth; -1: no
 * @adopt:   reassembly finished: the next packet named is the datagram, and goes on as the packet itself
 * @last_refusal: the route lookup for the packet itself found nothing, or a route that refuses; NULL: it found one
 * @sending: the packet itself is at its device, which may cut it into segments
 * @done:    the frame was handled; further steps are later ones
 * @made_here: the node made the packet
 */
struct rec_journey {
	struct skiff_journey pub;
	struct skiff_step *steps;
	u32 cap;
	struct text_chunk *text;
	const struct sk_buff *pkt[DEPTH_MAX + 1];
	unsigned depth;
	int pending;
	bool adopt, done, sending, made_here;
	bool local, forward, fragmented, defrag, reassembled, left, dropped, any_drop;
	const char *last_setting, *last_refusal;
	const char *why_reason, *why_sentence, *why_fn, *why_setting;
};

/**
 * struct skiff_recorder - the seam's listener and what it wrote down
 * @list:    journeys in order, @n of them; the next one gets @next_id
 * @lost:    frames and steps for which there was no room
 */
struct skiff_recorder {
	struct journey_sink sink;
	struct skiff *skiff;
	struct connections *conns;
	struct rec_journey **list;
	u32 n, cap, next_id;
	u64 lost;
	u32 outer[4]; /* ids of frames whose handling was interrupted by that of another */
	u32 n_outer;
	bool local;		   /* packets that nodes make themselves have journeys, too */
	const struct net *mib_net; /* whose counters @mib holds, only compared; NULL: nobody's */
	struct netns_mib mib;
};

/* The journeys that a report belongs to. */
struct where {
	struct rec_journey
		*j[2]; /* the frame's, and the packet's own if that is another; may be NULL */
	u32 of;	       /* id of j[1] */
};

#define for_each_journey(w, j)                              \
	for (unsigned i_ = 0; i_ < ARRAY_SIZE((w).j); i_++) \
		if (((j) = (w).j[i_]) != NULL)

/* recorder_journey.c */
/** rec_text() - @n bytes that live as long as the journey; NULL: no memory */
void *rec_text(struct skiff_recorder *rec, struct rec_journey *j, size_t n);
/** rec_keep_str() - a copy of @s that lives as long as the journey; "" for NULL and without memory */
const char *rec_keep_str(struct skiff_recorder *rec, struct rec_journey *j, const char *s);
struct rec_journey *rec_find(struct skiff_recorder *rec, u32 id);
/** rec_new() - the next journey; NULL: there are too many, or no memory */
struct rec_journey *rec_new(struct skiff_recorder *rec);
void rec_free(struct skiff_recorder *rec, struct rec_journey *j);
/** rec_add_step() - NULL: too many, or no memory; counted */
struct skiff_step *rec_add_step(struct skiff_recorder *rec, struct rec_journey *j,
				enum skiff_step_kind kind, unsigned depth);
/** rec_step() - a step about @skb (NULL: about the packet at hand), at its depth */
struct skiff_step *rec_step(struct skiff_recorder *rec, struct rec_journey *j,
			    const struct sk_buff *skb, enum skiff_step_kind kind);
/** rec_is_maker() - does this function make a packet on behalf of the one it is given? */
bool rec_is_maker(const char *fn);
/** rec_is_lookup() - is this function asked for a route, an address, a believable source? */
bool rec_is_lookup(const char *fn);
/** rec_counters() - note what was counted since the step before. Of another namespace nothing is known yet */
void rec_counters(struct skiff_recorder *rec, struct net *net, struct rec_journey *j);
/** rec_where() - the journeys that a report about @skb belongs to */
struct where rec_where(struct skiff_recorder *rec, struct net *net, const struct sk_buff *skb);

/* recorder_mib.c */
typedef void (*mib_changed_fn)(void *arg, const char *name, u64 by);
void mib_diff(struct netns_mib *old, const struct netns_mib *now, mib_changed_fn fn, void *arg);

/* recorder_words.c */
void words_of_route(struct strbuf *sb, struct net *net, __be32 daddr, const struct fib_result *res,
		    int err);
void words_of_neigh(struct strbuf *sb, const struct neighbour *n);

#endif
