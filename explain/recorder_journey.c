// SPDX-License-Identifier: BSD-2-Clause
/* explain/recorder_journey.c - journeys under construction: their memory, their steps, whose step it is, at which depth. */
#include "explain/recorder.h"

#include "net/skbuff.h"

#define JOURNEYS_MAX 65536
#define STEPS_MAX    4096
#define CHUNK_SIZE   2048

/* Functions that make a packet on behalf of the one they are given. */
static const char *const makers[] = { "__icmp_send",	     "icmp_reply",
				      "arp_solicit",	     "arp_send_dst",
				      "tcp_v4_send_reset",   "nf_send_reset",
				      "ip_do_fragment",	     "ip_send_unicast_reply",
				      "ip_rt_send_redirect", "igmp_send_report" };

/* Functions that are asked for a route, an address, a believable source; a maker asks them about the packet it works for. */
static const char *const lookups[] = { "ip_route_",    "icmp_route_lookup",    "fib_", "__fib_",
				       "rt_dst_alloc", "__inet_dev_addr_type", "inet_" };

/* ---- memory ---- */

void *rec_text(struct skiff_recorder *rec, struct rec_journey *j, size_t n)
{
	struct text_chunk *c = j->text;
	size_t need = ALIGN_UP(n, 8);
	void *p;

	if (!c || c->size - c->used < need) {
		u32 size = (u32)max_t(size_t, need, CHUNK_SIZE - sizeof(*c));

		c = skiff_alloc(rec->skiff, sizeof(*c) + size);
		if (!c)
			return NULL;
		c->size = size;
		c->used = 0;
		c->next = j->text;
		j->text = c;
	}
	p = c->data + c->used;
	c->used += (u32)need;
	return p;
}

static const void *keep(struct skiff_recorder *rec, struct rec_journey *j, const void *p, size_t n)
{
	void *copy = rec_text(rec, j, n);

	return copy ? memcpy(copy, p, n) : NULL;
}

const char *rec_keep_str(struct skiff_recorder *rec, struct rec_journey *j, const char *s)
{
	const char *copy = s ? keep(rec, j, s, strlen(s) + 1) : NULL;

	return copy ? copy : "";
}

/* An array of @elem sized things with room for one more than @n; NULL: no memory, and the old one is untouched. */
static void *grown(struct skiff *skiff, void *old, u32 n, u32 *cap, size_t elem)
{
	u32 more = *cap ? *cap * 2 : 32;
	void *p;

	if (n < *cap)
		return old;
	p = skiff_alloc(skiff, more * elem);
	if (!p)
		return NULL;
	if (old) {
		memcpy(p, old, n * elem);
		skiff_free(skiff, old);
	}
	*cap = more;
	return p;
}

void rec_free(struct skiff_recorder *rec, struct rec_journey *j)
{
	while (j->text) {
		struct text_chunk *next = j->text->next;

		skiff_free(rec->skiff, j->text);
		j->text = next;
	}
	if (j->steps)
		skiff_free(rec->skiff, j->steps);
	skiff_free(rec->skiff, j);
}

/* ---- journeys and steps ---- */

struct rec_journey *rec_find(struct skiff_recorder *rec, u32 id)
{
	u32 first = rec->next_id - rec->n;

	return id && id - first < rec->n ? rec->list[id - first] : NULL;
}

struct rec_journey *rec_new(struct skiff_recorder *rec)
{
	struct rec_journey **list, *j;

	if (rec->n >= JOURNEYS_MAX)
		return NULL;
	list = grown(rec->skiff, rec->list, rec->n, &rec->cap, sizeof(struct rec_journey *));
	if (!list)
		return NULL;
	rec->list = list;
	j = skiff_zalloc(rec->skiff, sizeof(*j));
	if (!j)
		return NULL;
	j->pending = -1;
	j->pub.id = rec->next_id++;
	rec->list[rec->n++] = j;
	return j;
}

struct skiff_step *rec_add_step(struct skiff_recorder *rec, struct rec_journey *j,
				enum skiff_step_kind kind, unsigned depth)
{
	struct skiff_step *s = NULL;

	if (j->pub.n_steps < STEPS_MAX) {
		s = grown(rec->skiff, j->steps, j->pub.n_steps, &j->cap, sizeof(*s));
		if (s)
			j->steps = s;
	}
	if (!s) {
		rec->lost++;
		return NULL;
	}
	s = &j->steps[j->pub.n_steps++];
	*s = (struct skiff_step){ .kind = kind,
				  .depth = depth,
				  .later = j->done,
				  .by = rec->sink.cur == j->pub.id ? 0 : rec->sink.cur,
				  .at_ns = rec->skiff->now,
				  .net = j->pub.net };
	return s;
}

bool rec_is_maker(const char *fn)
{
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		if (!strcmp(makers[i], fn))
			return true;
	}
	return false;
}

bool rec_is_lookup(const char *fn)
{
	for (size_t i = 0; i < ARRAY_SIZE(lookups); i++) {
		if (!strncmp(lookups[i], fn, strlen(lookups[i])))
			return true;
	}
	return false;
}

static unsigned depth_of(struct rec_journey *j, const struct sk_buff *skb)
{
	unsigned d;

	if (!skb)
		return j->pending >= 0 ? (unsigned)j->pending + 1 : j->depth;
	if (j->adopt) {
		j->adopt = false;
		j->pkt[0] = skb;
	}
	for (d = 0; d <= DEPTH_MAX; d++) {
		if (j->pkt[d] == skb)
			break;
	}
	if (d > DEPTH_MAX) {
		/* Once the packet is being cut, what nobody announced is a fragment of it. */
		d = j->pending >= 0 ? (unsigned)j->pending + 1 :
		    j->fragmented   ? 1 :
				      max_t(unsigned, 1, j->depth);
		d = min_t(unsigned, d, DEPTH_MAX);
		j->pkt[d] = skb;
	}
	j->pending = -1;
	j->depth = d;
	return d;
}

/* ---- counters ---- */

struct mib_arg {
	struct skiff_recorder *rec;
	struct rec_journey *j;
};

static void counter_changed(void *arg, const char *name, u64 by)
{
	struct mib_arg *a = arg;
	struct skiff_step *s;

	if (!a->j)
		return;
	s = rec_add_step(a->rec, a->j, SKIFF_STEP_COUNTER, a->j->depth);
	if (!s)
		return;
	s->name = rec_keep_str(a->rec, a->j, name);
	s->value = by;
}

/* Note what was counted since the step before. Of another namespace nothing is known yet. */
void rec_counters(struct skiff_recorder *rec, struct net *net, struct rec_journey *j)
{
	struct mib_arg a = { rec, j };

	if (rec->mib_net != net)
		rec->mib = net->mib;
	else
		mib_diff(&rec->mib, &net->mib, counter_changed, &a);
	rec->mib_net = net;
}

/* ---- the journeys that a report belongs to ---- */

struct where rec_where(struct skiff_recorder *rec, struct net *net, const struct sk_buff *skb)
{
	struct where w = { { NULL, NULL }, 0 };
	u32 own = skb ? skb->journey_id : 0;

	/* No frame is being handled: a timer works for the packet that it names, and goes on doing so until it names another. */
	if (!rec->n_outer && rec_find(rec, own))
		rec->sink.cur = own;
	w.j[0] = rec_find(rec, rec->sink.cur);
	if (own && own != rec->sink.cur)
		w.j[1] = rec_find(rec, own);
	if (w.j[0] && w.j[1])
		w.of = own;
	/* Counters bumped before this step belong to the steps before it. */
	if (net)
		rec_counters(rec, net, w.j[0] ? w.j[0] : w.j[1]);
	return w;
}

struct skiff_step *rec_step(struct skiff_recorder *rec, struct rec_journey *j,
			    const struct sk_buff *skb, enum skiff_step_kind kind)
{
	return rec_add_step(rec, j, kind, depth_of(j, skb));
}
