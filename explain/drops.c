// SPDX-License-Identifier: BSD-2-Clause
/* explain/drops.c - what each namespace dropped lately: reason, setting, flow, in a ring of its own.
 *
 * It costs nothing until a packet is dropped, and then a copy of some bytes: so it may stay on where the recorder may not. A
 * setting is reported just before the drop that it decides, within the same turn; those that decide about an answer to
 * the packet (rate limits of ICMP and the like) are left out, as the answer is not the packet.
 */
#include <stdio.h>

#include "explain/recorder.h"
#include "net/ip_fib.h"
#include "net/journey.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "net/skbuff.h"
#include "net/wire.h"
#include "skiff/explain.h"

/* The drops of a namespace. It is known by its address and its cookie: another one may get the address later. */
struct drop_ring {
	struct drop_ring *next;
	const struct net *net;
	u32 cookie;
	u32 at; /* where the next one goes */
	u64 total;
	struct skiff_drop drops[];
};

struct skiff_drops {
	struct drop_sink sink;
	struct skiff *skiff;
	u32 max;
	struct drop_ring *rings;
	/* the last setting that was reported, until a drop or another turn */
	const struct net *setting_net;
	u64 setting_at;
	char setting[96];
	/* the last route that refused, the same way */
	const struct net *refused_net;
	u64 refused_at;
	__be32 refused_daddr;
	char refused[96];
};

static struct drop_ring *ring_of(const struct skiff_drops *d, const struct net *net)
{
	struct drop_ring *r = d->rings;

	while (r && (r->net != net || r->cookie != net->cookie))
		r = r->next;
	return r;
}

static struct drop_ring *ring_for(struct skiff_drops *d, const struct net *net)
{
	struct drop_ring *r = ring_of(d, net);

	if (r)
		return r;
	r = skiff_zalloc(d->skiff, sizeof(*r) + d->max * sizeof(r->drops[0]));
	if (!r)
		return NULL;
	r->net = net;
	r->cookie = net->cookie;
	r->next = d->rings;
	d->rings = r;
	return r;
}

static void take_ports(struct skiff_drop *drop, const struct sk_buff *skb, int off)
{
	__be16 ports[2];

	if (drop->proto != IPPROTO_TCP && drop->proto != IPPROTO_UDP &&
	    drop->proto != IPPROTO_UDPLITE)
		return;
	if (skb_copy_bits(skb, (u32)off, ports, sizeof(ports)) < 0)
		return;
	drop->sport = ntohs(ports[0]);
	drop->dport = ntohs(ports[1]);
}

/* Addresses and ports, as far as the packet's bytes are still where its headers said. */
static void take_flow(struct skiff_drop *drop, const struct sk_buff *skb)
{
	int off = skb_network_offset(skb);
	const u8 *p = skb->data + off;
	u32 ihl;

	if (skb->protocol != htons(ETH_P_IP) || off < -(int)(skb->data - skb->head) ||
	    off > (int)skb->len)
		return;
	/* The header may have been pulled: then it lies before the data, in the linear part. */
	if (off >= 0 && skb->len - (u32)off < 20)
		return;
	if (p[0] >> 4 != 4)
		return;
	ihl = (p[0] & 15u) * 4;
	drop->proto = p[9];
	memcpy(&drop->saddr, p + 12, 4);
	memcpy(&drop->daddr, p + 16, 4);
	drop->len = (u16)(p[2] << 8 | p[3]);
	/* Of later fragments the first bytes are no ports. */
	if (ihl >= 20 && !((p[6] & 0x1f) | p[7]) && off + (int)ihl >= 0)
		take_ports(drop, skb, off + (int)ihl);
}

static void on_drop(struct drop_sink *sink, const struct sk_buff *skb, enum skb_drop_reason reason,
		    const char *where)
{
	struct skiff_drops *d = container_of(sink, struct skiff_drops, sink);
	const struct net *net = skb->dev ? dev_net(skb->dev) : NULL;
	struct drop_ring *r = net && !net->exiting ? ring_for(d, net) : NULL;
	struct skiff_drop *drop;

	if (!r)
		return;
	drop = &r->drops[r->at];
	r->at = r->at + 1 < d->max ? r->at + 1 : 0;
	r->total++;
	memset(drop, 0, sizeof(*drop));
	drop->at_ns = d->skiff->now;
	drop->reason = skb_drop_reason_name(reason);
	drop->sentence = skb_drop_reason_sentence(reason);
	drop->fn = where;
	memcpy(drop->dev, skb->dev->name, sizeof(drop->dev));
	take_flow(drop, skb);
	if (d->setting_net == net && d->setting_at == d->skiff->now)
		memcpy(drop->setting, d->setting, sizeof(drop->setting));
	else if (d->refused_net == net && d->refused_at == d->skiff->now &&
		 d->refused_daddr == drop->daddr)
		memcpy(drop->setting, d->refused, sizeof(drop->setting));
	d->setting_net = d->refused_net = NULL;
}

/* Does it decide whether there is an answer, and nothing about the packet? */
static bool is_about_answers(const char *text)
{
	static const char *const answers[] = { "net.ipv4.icmp_ratelimit", "net.ipv4.icmp_msgs",
					       "net.ipv4.icmp_errors", "net.ipv4.route.error" };

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		if (!strncmp(text, answers[i], strlen(answers[i])))
			return true;
	}
	return false;
}

static void on_setting(struct drop_sink *sink, struct net *net, const char *text)
{
	struct skiff_drops *d = container_of(sink, struct skiff_drops, sink);

	if (is_about_answers(text))
		return;
	d->setting_net = net;
	d->setting_at = d->skiff->now;
	snprintf(d->setting, sizeof(d->setting), "%s", text);
}

/* That there is no route at all is what the reason says already. */
static void on_refused(struct drop_sink *sink, struct net *net, __be32 daddr,
		       const struct fib_result *res, int err)
{
	struct skiff_drops *d = container_of(sink, struct skiff_drops, sink);
	struct strbuf sb;

	if (err == -ENETUNREACH && !res->rule)
		return;
	strbuf_init(&sb, d->refused, sizeof(d->refused));
	words_of_route(&sb, net, daddr, res, err);
	d->refused_net = net;
	d->refused_at = d->skiff->now;
	d->refused_daddr = daddr;
}

struct skiff_drops *skiff_drops_start(struct skiff *skiff, unsigned max)
{
	struct skiff_drops *d = skiff->drops || !max ? NULL : skiff_zalloc(skiff, sizeof(*d));

	if (!d)
		return NULL;
	d->skiff = skiff;
	d->max = max;
	d->sink = (struct drop_sink){ on_drop, on_setting, on_refused };
	skiff->drops = &d->sink;
	return d;
}

void skiff_drops_stop(struct skiff_drops *d)
{
	if (!d)
		return;
	while (d->rings) {
		struct drop_ring *next = d->rings->next;

		skiff_free(d->skiff, d->rings);
		d->rings = next;
	}
	d->skiff->drops = NULL;
	skiff_free(d->skiff, d);
}

const struct skiff_drop *skiff_drops_get(const struct skiff_drops *d, const struct skiff_net *net,
					 unsigned i, uint64_t *total)
{
	const struct drop_ring *r = ring_of(d, (const struct net *)net);

	if (total)
		*total = r ? r->total : 0;
	if (!r || i >= d->max || i >= r->total)
		return NULL;
	return &r->drops[(r->at + d->max - 1 - i) % d->max];
}
