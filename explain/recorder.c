// SPDX-License-Identifier: BSD-2-Clause
/* explain/recorder.c - write down what each packet meets.
 *
 * DOC: The recorder
 * It is the one implementation of the journey seam (net/journey.h). A frame that arrives opens a journey; every report
 * until its end goes there, in order. Reports about packets with another id (a packet that had waited for the
 * address which this frame brought) go to the frame's journey and, marked with its id, to their own. Timers have no
 * frame: what they do to a packet is appended to the packet's journey, marked later.
 *
 * Depth: the packet itself is 0. Packets that it causes are told by their address: the stack reports a packet by
 * pointer, an unknown pointer is a packet made on the way, and the functions named in makers[] say that one is about
 * to be made. The recorder never follows a pointer that it remembered.
 *
 * Everything here is allocated from the shard; when memory is out a step is left out and counted, nothing else changes.
 */
#include "explain/connection.h"
#include "explain/recorder.h"

#include "net/ip_fib.h"
#include "net/journey.h"
#include "net/neighbour.h"

static struct skiff_recorder *rec_of(struct journey_sink *s)
{
	return container_of(s, struct skiff_recorder, sink);
}

/* ---- the sink ---- */

static void keep_frame(struct skiff_recorder *rec, struct rec_journey *j, const struct sk_buff *skb,
		       u32 front, const void **frame, size_t *len)
{
	u8 *copy = rec_text(rec, j, front + skb->len);

	if (!copy)
		return;
	memcpy(copy, skb->data - front, front);
	if (skb_copy_bits(skb, 0, copy + front, skb->len) < 0)
		return;
	*frame = copy;
	*len = front + skb->len;
}

static void open_journey(struct skiff_recorder *rec, struct rec_journey *j, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	u32 front = skb_mac_header_was_set(skb) ? (u32)(skb->data - skb_mac_header(skb)) : 0;

	j->pub.net = rec_keep_str(rec, j, dev_net(dev)->name);
	j->pub.dev = rec_keep_str(rec, j, dev->name);
	j->pub.at_ns = rec->skiff->now;
	j->pub.from = skb->journey_id && rec_find(rec, skb->journey_id) ? skb->journey_id : 0;
	keep_frame(rec, j, skb, front, &j->pub.frame, &j->pub.len);
	j->pkt[0] = skb;
}

/* A node sends something on its own account: until now nobody's. The frame is without addresses until a device has it. */
static void open_local(struct skiff_recorder *rec, struct net *net, struct sk_buff *skb)
{
	const bool ip = skb->protocol == htons(ETH_P_IP) || (skb->len && skb->data[0] >> 4 == 4);
	struct rec_journey *j;
	u8 *copy;

	if (!rec->local || rec->n_outer || rec_find(rec, skb->journey_id))
		return;
	j = rec_new(rec);
	if (!j) {
		rec->lost++;
		return;
	}
	j->made_here = true;
	j->pub.net = rec_keep_str(rec, j, net->name);
	j->pub.dev = "";
	j->pub.at_ns = rec->skiff->now;
	j->pkt[0] = skb;
	copy = ip ? rec_text(rec, j, 14 + skb->len) : NULL;
	if (copy && skb_copy_bits(skb, 0, copy + 14, skb->len) == 0) {
		memset(copy, 0, 12);
		copy[12] = 8;
		copy[13] = 0;
		j->pub.frame = copy;
		j->pub.len = 14 + skb->len;
	}
	skb->journey_id = j->pub.id;
	skb->cold = 1;
	rec->sink.cur = j->pub.id;
}

/* It left or ended: what the node does next is about another packet. */
static void close_local(struct skiff_recorder *rec)
{
	if (rec->local && !rec->n_outer)
		rec->sink.cur = 0;
}

static void on_begin(struct journey_sink *sink, struct sk_buff *skb)
{
	struct skiff_recorder *rec = rec_of(sink);
	struct net *net = dev_net(skb->dev);
	struct rec_journey *j = NULL;
	struct skiff_step *s;

	if (rec->n_outer < ARRAY_SIZE(rec->outer))
		rec->outer[rec->n_outer] = sink->cur;
	rec->n_outer++;
	/* What a node sends to itself over lo is still the journey of what it came from. */
	if (skb->dev->flags & IFF_LOOPBACK_)
		j = rec_find(rec, skb->journey_id);
	if (!j) {
		j = rec_new(rec);
		if (j)
			open_journey(rec, j, skb);
		else
			rec->lost++;
	}
	sink->cur = j ? j->pub.id : 0;
	skb->journey_id = sink->cur;
	skb->cold = 1;
	rec->mib_net = net;
	rec->mib = net->mib;
	if (!j)
		return;
	s = rec_step(rec, j, skb, SKIFF_STEP_IN);
	if (!s)
		return;
	s->dev = rec_keep_str(rec, j, skb->dev->name);
	s->frame = j->pub.frame;
	s->len = j->pub.len;
	if (s->frame)
		connections_frame(rec->conns, skb->dev, s->frame, s->len, s->len, false);
}

static void on_end(struct journey_sink *sink, struct net *net)
{
	struct skiff_recorder *rec = rec_of(sink);
	struct rec_journey *j = rec_find(rec, sink->cur);

	rec_counters(rec, net, j);
	if (j)
		j->done = true;
	NET_ASSERT(rec->n_outer);
	rec->n_outer--;
	sink->cur = rec->n_outer < ARRAY_SIZE(rec->outer) ? rec->outer[rec->n_outer] : 0;
}

/* What a function's name tells about the fate of the packet itself. */
static void learn(struct rec_journey *j, const char *fn)
{
	if (!strcmp(fn, "ip_local_deliver") || !strcmp(fn, "arp_process"))
		j->local = true;
	else if (!strcmp(fn, "ip_forward") || !strcmp(fn, "ip_mr_input"))
		j->forward = true;
	else if (!strcmp(fn, "ip_do_fragment"))
		j->fragmented = true;
	else if (!strcmp(fn, "ip_defrag"))
		j->defrag = true;
}

static void on_fn(struct journey_sink *sink, struct net *net, const struct sk_buff *skb,
		  const char *name)
{
	struct skiff_recorder *rec = rec_of(sink);
	struct where w = rec_where(rec, net, skb);
	struct rec_journey *j;

	for_each_journey(w, j)
	{
		bool aside = j->pending >= 0 && rec_is_lookup(name);
		struct skiff_step *s = rec_step(rec, j, aside ? NULL : skb, SKIFF_STEP_FN);
		unsigned depth = s ? s->depth : j->depth;

		if (s)
			s->name = s->fn = name;
		j->sending = depth == 0 && !strcmp(name, "__dev_queue_xmit");
		if (depth == 0)
			learn(j, name);
		if (!strcmp(name, "inet_frag_reasm_finish"))
			j->adopt = j->reassembled = true;
		if (j->pending < 0 && rec_is_maker(name))
			j->pending = (int)min_t(unsigned, depth, DEPTH_MAX - 1);
	}
}

static void on_hook(struct journey_sink *sink, struct net *net, const struct sk_buff *skb,
		    const char *hook, const char *verdict)
{
	struct skiff_recorder *rec = rec_of(sink);
	struct rec_journey *j;
	struct where w;

	if (!strcmp(hook, "LOCAL_OUT"))
		open_local(rec, net, (struct sk_buff *)skb);
	w = rec_where(rec, net, skb);
	for_each_journey(w, j)
	{
		struct skiff_step *s = rec_step(rec, j, skb, SKIFF_STEP_HOOK);

		if (!s)
			continue;
		s->name = rec_keep_str(rec, j, hook);
		s->text = rec_keep_str(rec, j, verdict);
	}
}

static void text_step(struct skiff_recorder *rec, struct where w, const struct sk_buff *skb,
		      enum skiff_step_kind kind, const char *text)
{
	struct rec_journey *j;

	for_each_journey(w, j)
	{
		struct skiff_step *s = rec_step(rec, j, skb, kind);

		if (s)
			s->text = rec_keep_str(rec, j, text);
		if (s && s->depth == 0 && kind == SKIFF_STEP_SETTING)
			j->last_setting = s->text;
	}
}

static void on_route(struct journey_sink *sink, struct net *net, __be32 daddr,
		     const struct fib_result *res, int err)
{
	struct skiff_recorder *rec = rec_of(sink);
	struct rec_journey *j;
	char text[256];
	struct strbuf sb;
	struct where w;

	strbuf_init(&sb, text, sizeof(text));
	words_of_route(&sb, net, daddr, res, err);
	w = rec_where(rec, net, NULL);
	text_step(rec, w, NULL, SKIFF_STEP_ROUTE, text);
	for_each_journey(w, j)
	{
		if (j->pub.n_steps && !j->steps[j->pub.n_steps - 1].depth)
			j->last_refusal = !err ? NULL : j->steps[j->pub.n_steps - 1].text;
	}
}

static void on_neigh(struct journey_sink *sink, struct net *net, const struct sk_buff *skb,
		     const struct neighbour *n)
{
	struct skiff_recorder *rec = rec_of(sink);
	char text[128];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	words_of_neigh(&sb, n);
	text_step(rec, rec_where(rec, net, skb), skb, SKIFF_STEP_NEIGH, text);
}

/* The packet is the driver's: the next one may get its address. */
static void forget(struct rec_journey *j, const struct sk_buff *skb)
{
	for (unsigned d = 0; d <= DEPTH_MAX; d++) {
		if (j->pkt[d] == skb)
			j->pkt[d] = NULL;
	}
}

/* Headers are enough, but for how long it is. */
static void tell_connections(struct skiff_recorder *rec, struct net_device *dev,
			     const struct sk_buff *skb)
{
	u8 head[14 + 60 + 60];
	u32 n = min_t(u32, skb->len, sizeof(head));

	if (skb_copy_bits(skb, 0, head, n) == 0)
		connections_frame(rec->conns, dev, head, n, skb->len, true);
}

static void on_xmit(struct journey_sink *sink, struct net_device *dev, const struct sk_buff *skb)
{
	struct skiff_recorder *rec = rec_of(sink);
	struct rec_journey *j;
	struct where w;

	open_local(rec, dev_net(dev), (struct sk_buff *)skb);
	w = rec_where(rec, dev_net(dev), skb);
	tell_connections(rec, dev, skb);
	for_each_journey(w, j)
	{
		struct skiff_step *s = rec_step(rec, j, skb, SKIFF_STEP_OUT);

		if (!(dev->flags & IFF_LOOPBACK_)) /* what goes to lo comes back as it is */
			forget(j, skb);
		if (!s)
			continue;
		s->dev = rec_keep_str(rec, j, dev->name);
		s->of = j->pub.id == w.of ? 0 : w.of;
		keep_frame(rec, j, skb, 0, &s->frame, &s->len);
		if (s->depth == 0 || ((j->fragmented || j->sending) && s->depth == 1)) {
			j->left = true;
			j->pub.out_dev = s->dev;
		}
		if (j->made_here && s->depth == 0 && s->frame) {
			j->pub.frame = s->frame;
			j->pub.len = s->len;
		}
	}
	close_local(rec);
}

static void on_drop(struct journey_sink *sink, const struct sk_buff *skb,
		    enum skb_drop_reason reason, const char *where)
{
	struct skiff_recorder *rec = rec_of(sink);
	struct where w = rec_where(rec, skb->dev ? dev_net(skb->dev) : NULL, skb);
	struct rec_journey *j;

	for_each_journey(w, j)
	{
		struct skiff_step *s = rec_step(rec, j, skb, SKIFF_STEP_DROP);
		unsigned depth = s ? s->depth : j->depth;

		forget(j, skb);
		if (s) {
			s->name = skb_drop_reason_name(reason);
			s->text = skb_drop_reason_sentence(reason);
			s->fn = where;
		}
		if (s && !j->dropped && (depth == 0 || !j->any_drop)) {
			j->why_reason = s->name;
			j->why_sentence = s->text;
			j->why_fn = where;
			j->why_setting = j->last_setting ? j->last_setting : j->last_refusal;
		}
		j->any_drop = true;
		j->dropped |= depth == 0;
	}
	close_local(rec);
}

static void on_setting(struct journey_sink *sink, struct net *net, const char *text)
{
	struct skiff_recorder *rec = rec_of(sink);

	text_step(rec, rec_where(rec, net, NULL), NULL, SKIFF_STEP_SETTING, text);
}

static void on_note(struct journey_sink *sink, struct net *net, const char *text)
{
	struct skiff_recorder *rec = rec_of(sink);

	text_step(rec, rec_where(rec, net, NULL), NULL, SKIFF_STEP_NOTE, text);
}

static void on_state(struct journey_sink *sink, struct net *net, const struct sock *sk,
		     int oldstate, int newstate)
{
	connections_state(rec_of(sink)->conns, net, sk, oldstate, newstate);
}

static void on_sock(struct journey_sink *sink, struct net *net, const struct sock *sk,
		    const char *text)
{
	connections_event(rec_of(sink)->conns, net, sk, text);
}

/* ---- the public side ---- */

static enum skiff_fate fate_of(const struct rec_journey *j)
{
	if (j->dropped)
		return SKIFF_FATE_DROPPED;
	if (j->defrag && !j->reassembled)
		return SKIFF_FATE_QUEUED;
	if (j->left && j->made_here)
		return j->local ? SKIFF_FATE_DELIVERED : SKIFF_FATE_SENT;
	if (j->left)
		return SKIFF_FATE_FORWARDED;
	if (j->local)
		return SKIFF_FATE_DELIVERED;
	if (j->any_drop)
		return SKIFF_FATE_DROPPED;
	return j->forward || j->made_here ? SKIFF_FATE_QUEUED : SKIFF_FATE_DELIVERED;
}

struct skiff_recorder *skiff_recorder_start(struct skiff *skiff)
{
	struct skiff_recorder *rec;

	if (skiff->journey)
		return NULL;
	rec = skiff_zalloc(skiff, sizeof(*rec));
	if (!rec)
		return NULL;
	rec->conns = connections_new(skiff);
	if (!rec->conns) {
		skiff_free(skiff, rec);
		return NULL;
	}
	rec->skiff = skiff;
	rec->next_id = 1;
	rec->sink = (struct journey_sink){
		.begin = on_begin,
		.end = on_end,
		.fn = on_fn,
		.hook = on_hook,
		.route = on_route,
		.neigh = on_neigh,
		.xmit = on_xmit,
		.drop = on_drop,
		.setting = on_setting,
		.note = on_note,
		.state = on_state,
		.sock = on_sock,
	};
	skiff->journey = &rec->sink;
	return rec;
}

void skiff_recorder_local(struct skiff_recorder *rec, bool on)
{
	rec->local = on;
}

void skiff_recorder_clear(struct skiff_recorder *rec)
{
	for (u32 i = 0; i < rec->n; i++)
		rec_free(rec, rec->list[i]);
	rec->n = 0;
	rec->lost = 0;
}

void skiff_recorder_stop(struct skiff_recorder *rec)
{
	if (!rec)
		return;
	skiff_recorder_clear(rec);
	rec->skiff->journey = NULL;
	connections_free(rec->conns);
	if (rec->list)
		skiff_free(rec->skiff, rec->list);
	skiff_free(rec->skiff, rec);
}

unsigned skiff_recorder_connections(const struct skiff_recorder *rec)
{
	return connections_count(rec->conns);
}

bool skiff_connection_over(const struct skiff_recorder *rec, unsigned i)
{
	return connections_over(rec->conns, i);
}

size_t skiff_connection_text(const struct skiff_recorder *rec, unsigned i, char *buf, size_t size)
{
	return connections_text(rec->conns, i, buf, size);
}

size_t skiff_connection_json(const struct skiff_recorder *rec, unsigned i, char *buf, size_t size)
{
	return connections_json(rec->conns, i, buf, size);
}

void skiff_recorder_forget_connections(struct skiff_recorder *rec)
{
	connections_clear(rec->conns);
}

unsigned skiff_recorder_count(const struct skiff_recorder *rec)
{
	return rec->n;
}

uint64_t skiff_recorder_lost(const struct skiff_recorder *rec)
{
	return rec->lost;
}

const struct skiff_journey *skiff_recorder_get(struct skiff_recorder *rec, unsigned i)
{
	struct rec_journey *j;
	bool dropped;

	if (i >= rec->n)
		return NULL;
	j = rec->list[i];
	j->pub.steps = j->steps;
	j->pub.fate = fate_of(j);
	dropped = j->pub.fate == SKIFF_FATE_DROPPED;
	j->pub.drop_reason = dropped ? j->why_reason : NULL;
	j->pub.drop_sentence = dropped ? j->why_sentence : NULL;
	j->pub.drop_fn = dropped ? j->why_fn : NULL;
	j->pub.setting = dropped ? j->why_setting : NULL;
	return &j->pub;
}

const char *skiff_fate_name(enum skiff_fate fate)
{
	static const char *const names[] = { "delivered", "forwarded", "dropped", "queued",
					     "sent" };

	return (unsigned)fate < ARRAY_SIZE(names) ? names[fate] : "unknown";
}
