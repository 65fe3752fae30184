// SPDX-License-Identifier: BSD-2-Clause
/* explain/connection.c - a connection as one node saw it: handshake, what went well in bulk, each thing that did not.
 *
 * DOC: Stories of connections
 * The recorder hands every frame of a node that belongs to one of its own addresses here, and every change of a socket's
 * state. Segments that follow each other without trouble, in both directions, are one event ("12 segments, 17376 bytes, 6
 * ACKs"); a handshake, an end, a segment sent again, one beyond a hole, an ACK that says so, a closed window are events of
 * their own. Sequence numbers are told from the first of each direction on. Nothing here looks into a socket: the bytes of
 * the frames tell what went over the wire, the socket's own reports what it made of them.
 */
#include "explain/connection.h"

#include "explain/connection_event.h"
#include "net/inet_sock.h"
#include "net/inetdevice.h"
#include "net/ip.h"

#define CONNECTIONS_MAX 4096
#define EVENTS_MAX	4096

static u32 be32_at(const u8 *p)
{
	return ntohl(get_unaligned32(p));
}

/**
 * struct segment - a TCP segment as read from a frame
 * @len: bytes of data; @sack: first block, @sacks how many
 */
struct segment {
	__be32 saddr, daddr;
	__be16 sport, dport;
	u32 seq, ack, len;
	u32 sack[2];
	u16 window, mss;
	u8 flags, sacks, wscale;
	bool has_wscale, sack_ok, ts;
};

/* One direction: where it began, what was the highest so far, what was acknowledged by the other. */
struct direction {
	u32 isn, next, ack;
	u16 window;
	u8 wscale;
	bool begun;
};

/**
 * struct connection
 * @dir:  [0] in, [1] out
 * @over: closed, in TIME_WAIT or reset
 */
struct connection {
	struct connection *next;
	u32 net_cookie;
	char net[64];
	__be32 laddr, faddr;
	__be16 lport, fport;
	u64 start;
	struct direction dir[2];
	bool passive, over;
	u32 n, cap, lost;
	struct conn_event *event;
};

struct connections {
	struct skiff *skiff;
	struct connection *first, *last;
	unsigned n;
};

struct connections *connections_new(struct skiff *skiff)
{
	struct connections *cs = skiff_zalloc(skiff, sizeof(*cs));

	if (cs)
		cs->skiff = skiff;
	return cs;
}

static void connection_free(struct connections *cs, struct connection *c)
{
	for (u32 i = 0; i < c->n; i++)
		if (c->event[i].text)
			skiff_free(cs->skiff, c->event[i].text);
	if (c->event)
		skiff_free(cs->skiff, c->event);
	skiff_free(cs->skiff, c);
}

static void forget(struct connections *cs, bool all)
{
	struct connection **at = &cs->first, *c;

	cs->last = NULL;
	cs->n = 0;
	while ((c = *at)) {
		if (all || c->over) {
			*at = c->next;
			connection_free(cs, c);
			continue;
		}
		cs->last = c;
		cs->n++;
		at = &c->next;
	}
}

void connections_clear(struct connections *cs)
{
	forget(cs, false);
}

void connections_free(struct connections *cs)
{
	if (!cs)
		return;
	forget(cs, true);
	skiff_free(cs->skiff, cs);
}

/* ---- finding ---- */

static struct connection *find(const struct connections *cs, const struct net *net, __be32 laddr,
			       __be16 lport, __be32 faddr, __be16 fport)
{
	struct connection *found = NULL;

	/* The newest: the same ports may have been used before. */
	for (struct connection *c = cs->first; c; c = c->next)
		if (c->net_cookie == net->cookie && c->laddr == laddr && c->lport == lport &&
		    c->faddr == faddr && c->fport == fport)
			found = c;
	return found;
}

static struct connection *begin(struct connections *cs, const struct net *net,
				const struct segment *s, bool out)
{
	struct connection *c = cs->n < CONNECTIONS_MAX ? skiff_zalloc(cs->skiff, sizeof(*c)) : NULL;

	if (!c)
		return NULL;
	c->net_cookie = net->cookie;
	memcpy(c->net, net->name, sizeof(c->net));
	c->laddr = out ? s->saddr : s->daddr;
	c->lport = out ? s->sport : s->dport;
	c->faddr = out ? s->daddr : s->saddr;
	c->fport = out ? s->dport : s->sport;
	c->passive = !out;
	c->start = cs->skiff->now;
	if (cs->last)
		cs->last->next = c;
	else
		cs->first = c;
	cs->last = c;
	cs->n++;
	return c;
}

static struct conn_event *add(struct connections *cs, struct connection *c, enum event_kind kind)
{
	struct conn_event *e;

	if (c->n == c->cap) {
		u32 cap = c->cap ? c->cap * 2 : 16;
		struct conn_event *more =
			c->n < EVENTS_MAX ? skiff_alloc(cs->skiff, cap * sizeof(*more)) : NULL;

		if (!more) {
			c->lost++;
			return NULL;
		}
		if (c->event) {
			memcpy(more, c->event, c->n * sizeof(*more));
			skiff_free(cs->skiff, c->event);
		}
		c->event = more;
		c->cap = cap;
	}
	e = &c->event[c->n++];
	memset(e, 0, sizeof(*e));
	e->kind = kind;
	e->at = cs->skiff->now - c->start;
	return e;
}

/* ---- reading segments ---- */

static void read_option(struct segment *s, const u8 *p)
{
	switch (p[0]) {
	case 2:
		s->mss = p[1] == 4 ? ntohs(get_unaligned16(p + 2)) : 0;
		break;
	case 3:
		s->has_wscale = p[1] == 3;
		s->wscale = s->has_wscale ? p[2] : 0;
		break;
	case 4:
		s->sack_ok = true;
		break;
	case 5:
		s->sacks = (u8)((p[1] - 2) / 8);
		if (s->sacks) {
			s->sack[0] = be32_at(p + 2);
			s->sack[1] = be32_at(p + 6);
		}
		break;
	case 8:
		s->ts = true;
		break;
	}
}

static void read_options(struct segment *s, const u8 *p, const u8 *end)
{
	while (p < end && *p) {
		if (*p == 1) {
			p++;
			continue;
		}
		if (end - p < 2 || p[1] < 2 || p + p[1] > end)
			return;
		read_option(s, p);
		p += p[1];
	}
}

/* An IPv4 TCP segment that is no fragment. false: something else */
static bool read_segment(struct segment *s, const u8 *p, size_t have, size_t len)
{
	struct iphdr ip;
	struct tcphdr th;
	size_t ihl, doff, total;

	if (have < sizeof(ip))
		return false;
	memcpy(&ip, p, sizeof(ip)); /* a frame's network header need not be aligned here */
	if (ip.version != 4 || ip.protocol != IPPROTO_TCP || ip_is_fragment(&ip))
		return false;
	ihl = ip.ihl * 4u;
	total = ntohs(ip.tot_len);
	if (!total || total > len)
		total = len; /* a large packet on its way to be cut says 0 */
	if (total < ihl + sizeof(th) || have < ihl + sizeof(th))
		return false;
	memcpy(&th, p + ihl, sizeof(th));
	doff = th.doff * 4u;
	if (doff < sizeof(th) || ihl + doff > total || ihl + doff > have)
		return false;
	*s = (struct segment){
		.saddr = ip.saddr, .daddr = ip.daddr, .sport = th.source, .dport = th.dest
	};
	s->seq = ntohl(th.seq);
	s->ack = ntohl(th.ack_seq);
	s->flags = p[ihl + 13];
	s->window = ntohs(th.window);
	s->len = (u32)(total - ihl - doff);
	read_options(s, p + ihl + sizeof(th), p + ihl + doff);
	return true;
}

#define F_FIN 0x01
#define F_SYN 0x02
#define F_RST 0x04
#define F_ACK 0x10
#define F_URG 0x20

static enum seg_kind kind_of(const struct connection *c, const struct segment *s, bool out)
{
	const struct direction *d = &c->dir[out], *o = &c->dir[!out];
	s32 ahead = (s32)(s->seq - d->next);

	if (s->flags & F_SYN)
		return d->begun ? SEG_AGAIN : SEG_FLAGS;
	if (s->flags & F_RST)
		return SEG_FLAGS;
	if ((s->len || s->flags & F_FIN) && d->begun && ahead < 0)
		return SEG_AGAIN;
	if (s->len && d->begun && ahead > 0)
		return SEG_BEYOND;
	if (s->flags & (F_FIN | F_URG))
		return SEG_FLAGS;
	if (s->sacks)
		return SEG_SACK;
	if (!s->window)
		return SEG_NO_WINDOW;
	if (!s->len && d->begun && ahead < 0)
		return SEG_PROBE;
	if (!s->len && s->flags & F_ACK && s->ack == d->ack && o->begun && s->ack != o->next &&
	    s->window == d->window)
		return SEG_DUPACK;
	return SEG_PLAIN;
}

static void advance(struct connection *c, const struct segment *s, bool out)
{
	struct direction *d = &c->dir[out];
	u32 end = s->seq + s->len + !!(s->flags & F_SYN) + !!(s->flags & F_FIN);

	if (!d->begun && !(s->flags & F_RST)) {
		d->begun = true;
		d->isn = s->flags & F_SYN ? s->seq : s->seq - 1;
		d->next = end;
	}
	if ((s32)(end - d->next) > 0)
		d->next = end;
	if (s->flags & F_ACK)
		d->ack = s->ack;
	d->window = s->window;
	if (s->flags & F_SYN)
		d->wscale = s->wscale;
}

/* A segment without trouble joins the one event of such segments. */
static void add_flow(struct connections *cs, struct connection *c, const struct segment *s,
		     bool out)
{
	struct conn_event *e = c->n ? &c->event[c->n - 1] : NULL;
	struct flow_part *f;

	if (!e || e->kind != EVENT_FLOW)
		e = add(cs, c, EVENT_FLOW);
	if (!e)
		return;
	f = &e->part[out];
	e->last = cs->skiff->now - c->start;
	if (!s->len) {
		f->acks++;
		f->ack = s->ack - c->dir[!out].isn;
		return;
	}
	if (!f->segs++)
		f->from = s->seq - c->dir[out].isn;
	f->to = s->seq + s->len - c->dir[out].isn;
}

/* During a recovery ACKs that report more of the same and new segments take turns: they are two events that grow. */
static struct conn_event *same_before(const struct connection *c, const struct segment *s,
				      enum seg_kind kind, bool out)
{
	for (u32 back = 1; back <= 2 && back <= c->n; back++) {
		struct conn_event *e = &c->event[c->n - back];

		if (e->kind == EVENT_SEGMENT && e->seg_kind == kind && e->out == out &&
		    kind != SEG_FLAGS && (back == 1 || e->ack == s->ack - c->dir[!out].isn))
			return e;
		if (e->kind != EVENT_FLOW)
			break;
	}
	return NULL;
}

static void add_segment(struct connections *cs, struct connection *c, const struct segment *s,
			enum seg_kind kind, bool out)
{
	struct conn_event *e = same_before(c, s, kind, out);

	if (!e)
		e = add(cs, c, EVENT_SEGMENT);
	if (!e)
		return;
	if (!e->count++) {
		e->seg_kind = kind;
		e->out = out;
		e->from = s->seq - c->dir[out].isn;
	}
	e->last = cs->skiff->now - c->start;
	e->flags |= s->flags;
	e->to = s->seq + s->len - c->dir[out].isn;
	e->ack = s->ack - c->dir[!out].isn;
	e->window = s->window;
	e->mss = s->mss;
	e->wscale = s->has_wscale ? s->wscale : -1;
	e->sack_ok = s->sack_ok;
	e->ts = s->ts;
	e->sacks = s->sacks;
	e->sack[0] = s->sack[0] - c->dir[!out].isn;
	e->sack[1] = s->sack[1] - c->dir[!out].isn;
}

static u32 link_header(const struct net_device *dev)
{
	return dev->type == ARPHRD_ETHER || dev->type == ARPHRD_LOOPBACK ? ETH_HLEN : 0;
}

void connections_frame(struct connections *cs, const struct net_device *dev, const u8 *frame,
		       size_t have, size_t len, bool out)
{
	struct net *net = dev_net(dev);
	u32 skip = link_header(dev);
	struct connection *c;
	struct segment s;
	enum seg_kind kind;

	if (have < skip || !read_segment(&s, frame + skip, have - skip, len - skip))
		return;
	if (!ip_dev_find(net, out ? s.saddr : s.daddr))
		return;
	c = out ? find(cs, net, s.saddr, s.sport, s.daddr, s.dport) :
		  find(cs, net, s.daddr, s.dport, s.saddr, s.sport);
	if ((!c || c->over) && (s.flags & (F_SYN | F_ACK)) == F_SYN)
		c = begin(cs, net, &s, out);
	if (!c)
		return;
	kind = kind_of(c, &s, out);
	advance(c, &s, out);
	if (kind == SEG_PLAIN)
		add_flow(cs, c, &s, out);
	else
		add_segment(cs, c, &s, kind, out);
	if (s.flags & F_RST)
		c->over = true;
}

/* ---- what sockets say ---- */

static struct connection *of_sock(struct connections *cs, const struct net *net,
				  const struct sock *sk)
{
	/* sk_num is gone when the port has been given back, which comes before CLOSE. */
	return find(cs, net, sk->sk_rcv_saddr, inet_sk(sk)->inet_sport, sk->sk_daddr, sk->sk_dport);
}

void connections_state(struct connections *cs, const struct net *net, const struct sock *sk,
		       int oldstate, int newstate)
{
	struct connection *c = of_sock(cs, net, sk);
	struct conn_event *e = c ? add(cs, c, EVENT_STATE) : NULL;

	if (e) {
		e->from = (u32)oldstate;
		e->to = (u32)newstate;
	}
	if (c && (newstate == TCP_CLOSE || newstate == TCP_TIME_WAIT))
		c->over = true;
}

void connections_event(struct connections *cs, const struct net *net, const struct sock *sk,
		       const char *text)
{
	struct connection *c = of_sock(cs, net, sk);
	struct conn_event *e = c ? add(cs, c, EVENT_NOTE) : NULL;

	if (e)
		e->text = skiff_strdup(cs->skiff, text);
}

/* ---- the public side ---- */

unsigned connections_count(const struct connections *cs)
{
	return cs->n;
}

static const struct connection *at(const struct connections *cs, unsigned i)
{
	const struct connection *c = cs->first;

	while (c && i--)
		c = c->next;
	return c;
}

bool connections_over(const struct connections *cs, unsigned i)
{
	const struct connection *c = at(cs, i);

	return c && c->over;
}

static struct story story_of(const struct connection *c)
{
	return (struct story){ .net = c->net,
			       .laddr = c->laddr,
			       .faddr = c->faddr,
			       .lport = c->lport,
			       .fport = c->fport,
			       .start = c->start,
			       .passive = c->passive,
			       .event = c->event,
			       .n = c->n,
			       .lost = c->lost };
}

size_t connections_text(const struct connections *cs, unsigned i, char *buf, size_t size)
{
	const struct connection *c = at(cs, i);
	struct story s;

	if (!c)
		return 0;
	s = story_of(c);
	return story_text(&s, buf, size);
}

size_t connections_json(const struct connections *cs, unsigned i, char *buf, size_t size)
{
	const struct connection *c = at(cs, i);
	struct story s;

	if (!c)
		return 0;
	s = story_of(c);
	return story_json(&s, buf, size);
}
