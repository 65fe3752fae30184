// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_hashtables.c - who gets a segment: connections by their four numbers, listeners by port and address.
 *
 * DOC: Who gets a segment
 * First the table of connections (inet_ehash.h), which also holds requests and connections in TIME_WAIT: they follow each
 * other in the same place. Then the listeners: of those that fit, one bound to the device counts more than one bound to the
 * address; of equal ones the group of SO_REUSEPORT chooses, else the one that began to listen last.
 * Nobody counts references here: what is returned holds in this turn, whoever keeps it takes one.
 */
#include "net/inet_hashtables.h"

#include "net/ipv4/inet_crowd.h"
#include "net/ipv4/inet_ehash.h"
#include "net/sock_filter.h"
#include "net/sock_mem.h"
#include "net/tcp.h"

/* An entry of the table: kind above the handle. */
static u32 ehash_entry(const struct sock *sk)
{
	return (u32)sk->sk_kind_ << SLAB_HANDLE_BITS | sk->sk_handle;
}

static const struct slab *kind_slab(const struct skiff *skiff, u32 kind)
{
	static const u8 slab_of[] = {
		[SK_FULL] = SLAB_TCP, [SK_REQUEST] = SLAB_REQUEST, [SK_TIMEWAIT] = SLAB_TIMEWAIT
	};

	return &skiff->sockets->slab[slab_of[kind]];
}

static inline struct sock *entry_sock(const struct skiff *skiff, u32 entry)
{
	return slab_ptr(kind_slab(skiff, entry >> SLAB_HANDLE_BITS),
			entry & ((1u << SLAB_HANDLE_BITS) - 1));
}

static u32 entry_hash(void *arg, u32 entry)
{
	return entry_sock(arg, entry)->sk_hash;
}

static void entry_prefetch(void *arg, u32 entry)
{
	__builtin_prefetch(entry_sock(arg, entry));
}

int inet_hashinfo_init(struct net *net)
{
	struct skiff *skiff = net->skiff;
	struct inet_hashinfo *h = skiff_zalloc(skiff, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->ehash = skiff_alloc(skiff, sizeof(*h->ehash));
	h->bhash = skiff_zalloc(skiff, INET_BHASH_SIZE * sizeof(*h->bhash));
	if (!h->ehash || !h->bhash) {
		skiff_free(skiff, h->ehash);
		skiff_free(skiff, h->bhash);
		skiff_free(skiff, h);
		return -ENOMEM;
	}
	inet_ehash_init(h->ehash, skiff, entry_hash, entry_prefetch, skiff);
	net_secret(net, "ehash", &h->ehash_secret);
	net->ipv4.tcp_hashinfo = h;
	return 0;
}

void inet_hashinfo_exit(struct net *net)
{
	struct inet_hashinfo *h = net->ipv4.tcp_hashinfo;

	inet_crowd_exit(net);
	inet_ehash_exit(h->ehash);
	skiff_free(net->skiff, h->ehash);
	skiff_free(net->skiff, h->bhash);
	skiff_free(net->skiff, h->table_perturb);
	skiff_free(net->skiff, h);
	net->ipv4.tcp_hashinfo = NULL;
}

static inline u32 ehashfn(const struct inet_hashinfo *h, __be32 laddr, u16 lport, __be32 faddr,
			  __be16 fport)
{
	return (u32)siphash13_u64_u32((u64)laddr << 32 | faddr, (u32)lport << 16 | fport,
				      &h->ehash_secret);
}

u32 inet_ehashfn(const struct net *net, __be32 laddr, u16 lport, __be32 faddr, __be16 fport)
{
	return ehashfn(net->ipv4.tcp_hashinfo, laddr, lport, faddr, fport);
}

static inline bool dev_matches(const struct net *net, const struct sock *sk, int dif, int sdif)
{
	int bound = sk->sk_bound_dev_if;

	if (likely(!bound))
		return !sdif || net->ipv4.sysctl_tcp_l3mdev_accept;
	return bound == dif || bound == sdif;
}

/* A segment's four numbers as a connection has them in its first twelve bytes, and where it came in. */
struct four_tuple {
	u64 addrs; /* own address above the peer's, be */
	u32 ports; /* own port, host order, above the peer's, be */
	u32 hash;
	int dif, sdif;
};

static inline bool sock_matches(const struct net *net, const struct sock *sk,
				const struct four_tuple *t)
{
	u64 addrs = (u64)sk->sk_rcv_saddr << 32 | sk->sk_daddr;
	u32 ports = (u32)sk->sk_num << 16 | sk->sk_dport;

	return addrs == t->addrs && ports == t->ports && sk->sk_hash == t->hash &&
	       dev_matches(net, sk, t->dif, t->sdif);
}

static struct sock *ehash_find(const struct net *net, const struct ehash_line *line,
			       const struct four_tuple *t)
{
	const struct inet_ehash *e = net->ipv4.tcp_hashinfo->ehash;

	for (; line; line = ehash_more(e, line)) {
		for (u64 m = ehash_match(line, t->hash); m; m &= m - 1) {
			u32 entry = line->entry[ehash_slot_of(m)];
			struct sock *sk = entry ? entry_sock(net->skiff, entry) : NULL;

			if (sk && sock_matches(net, sk, t))
				return sk;
		}
	}
	return NULL;
}

struct sock *__inet_lookup_established(struct net *net, __be32 saddr, __be16 sport, __be32 daddr,
				       u16 hnum, int dif, int sdif)
{
	const struct inet_hashinfo *h = net->ipv4.tcp_hashinfo;
	struct four_tuple t = {
		.addrs = (u64)daddr << 32 | saddr, .ports = (u32)hnum << 16 | sport, 0, dif, sdif
	};

	if (!h->ehash->count)
		return NULL;
	t.hash = ehashfn(h, daddr, hnum, saddr, sport);
	return ehash_find(net, ehash_first(h->ehash, t.hash), &t);
}

/* ---- a batch at a time ---- */

/*
 * Three steps, each for a few segments: hash, and ask for the line; find the tag, and ask for the connection; compare. Between
 * the steps of one segment those of others are done, as many as keep the memory busy. Who is not in the line but perhaps in
 * its overflow line queues up once more, behind the others.
 */
#define AHEAD_WIDTH 4u
#define AHEAD_DEPTH 16u /* segments between two steps */
#define AHEAD_MAX   (SKB_BATCH_MAX + 16u)

struct ahead {
	u32 total; /* the first of them stand for the batch, in its order */
	u64 addrs[SKB_BATCH_MAX];
	u32 ports[SKB_BATCH_MAX];
	u32 hash[SKB_BATCH_MAX];
	u8 segment[AHEAD_MAX];
	const struct ehash_line *line[AHEAD_MAX];
	struct sock *sk[AHEAD_MAX]; /* most probably */
};
static_assert(SKB_BATCH_MAX % AHEAD_WIDTH == 0, "the last few have room");

static void ahead_read(const struct skb_batch *b, struct ahead *a)
{
	a->total = b->n;
	for (u32 i = 0; i < b->n; i++) {
		const struct iphdr *iph = ip_hdr(b->p[i]);
		const struct tcphdr *th = (const struct tcphdr *)skb_transport_header(b->p[i]);

		a->addrs[i] = (u64)iph->daddr << 32 | iph->saddr;
		a->ports[i] = (u32)ntohs(th->dest) << 16 | th->source;
		a->segment[i] = (u8)i;
	}
	/* Four are hashed at a time: what follows the last one is anything, but the same each time. */
	for (u32 i = b->n; i % AHEAD_WIDTH; i++)
		a->addrs[i] = a->ports[i] = 0;
}

static inline void ahead_hash(const struct inet_hashinfo *h, struct ahead *a, u32 from, u32 to)
{
	siphash13_u64_u32_x4(a->addrs + from, a->ports + from, &h->ehash_secret, a->hash + from);
	for (u32 i = from; i < to; i++) {
		a->line[i] = ehash_first(h->ehash, a->hash[i]);
		__builtin_prefetch(a->line[i]);
	}
}

static inline void ahead_match(const struct net *net, struct ahead *a, u32 i)
{
	const struct ehash_line *line = a->line[i];
	u64 m = ehash_match(line, a->hash[a->segment[i]]);
	u32 entry = m ? line->entry[ehash_slot_of(m)] : 0;

	a->sk[i] = NULL;
	if (likely(entry)) {
		a->sk[i] = entry_sock(net->skiff, entry);
		/* To the second level: those on the way to the first are few, and would be waited for. */
		__builtin_prefetch(a->sk[i], 0, 2);
	} else if (!m && line->more && a->total < AHEAD_MAX) {
		a->segment[a->total] = a->segment[i];
		a->line[a->total] = ehash_more(net->ipv4.tcp_hashinfo->ehash, line);
		__builtin_prefetch(a->line[a->total++]);
		a->line[i] = NULL;
	}
}

static inline void ahead_compare(const struct net *net, const struct skb_batch *b,
				 const struct ahead *a, u32 i, struct sock **out)
{
	u32 k = a->segment[i];
	const struct four_tuple t = { a->addrs[k], a->ports[k], a->hash[k], (int)b->p[k]->skb_iif,
				      0 };

	if (likely(a->sk[i] && sock_matches(net, a->sk[i], &t)))
		out[k] = a->sk[i];
	else if (a->line[i])
		out[k] = ehash_find(net, a->line[i], &t);
}

void inet_lookup_established_batch(struct net *net, const struct skb_batch *b, struct sock **out)
{
	const struct inet_hashinfo *h = net->ipv4.tcp_hashinfo;
	struct ahead a;

	ahead_read(b, &a);
	for (u32 i = 0; i < a.total + 2 * AHEAD_DEPTH; i += AHEAD_WIDTH) {
		if (i < b->n)
			ahead_hash(h, &a, i, min_t(u32, i + AHEAD_WIDTH, b->n));
		for (u32 k = i - AHEAD_DEPTH; k + AHEAD_DEPTH < i + AHEAD_WIDTH; k++) {
			if (k < a.total)
				ahead_match(net, &a, k);
		}
		for (u32 k = i - 2 * AHEAD_DEPTH; k + 2 * AHEAD_DEPTH < i + AHEAD_WIDTH; k++) {
			if (k < a.total)
				ahead_compare(net, b, &a, k, out);
		}
	}
}

u32 inet_ehash_count(const struct net *net)
{
	return net->ipv4.tcp_hashinfo->ehash->count;
}

/* Is there another one with the numbers of @sk? */
static bool ehash_taken(const struct sock *sk)
{
	struct net *net = sock_net(sk);

	return __inet_lookup_established(net, sk->sk_daddr, sk->sk_dport, sk->sk_rcv_saddr,
					 sk->sk_num, sk->sk_bound_dev_if, 0) != NULL;
}

bool inet_ehash_insert(struct sock *sk, struct sock *osk, bool *found)
{
	struct inet_hashinfo *h = sock_net(sk)->ipv4.tcp_hashinfo;

	NET_ASSERT(!sk->sk_hashed_);
	sk->sk_hash = ehashfn(h, sk->sk_rcv_saddr, sk->sk_num, sk->sk_daddr, sk->sk_dport);
	if (osk) {
		if (!osk->sk_hashed_ ||
		    !ehash_replace(h->ehash, sk->sk_hash, ehash_entry(osk), ehash_entry(sk)))
			return false;
		osk->sk_hashed_ = 0;
		sk->sk_hashed_ = 1;
		if (sk->sk_kind_ == SK_TIMEWAIT)
			inet_crowd_leave(h, sk);
		return true;
	}
	if (found) {
		*found = ehash_taken(sk);
		if (*found)
			return false;
	}
	if (ehash_insert(h->ehash, sk->sk_hash, ehash_entry(sk)))
		return false;
	sk->sk_hashed_ = 1;
	return true;
}

bool inet_ehash_nolisten(struct sock *sk, struct sock *osk, bool *found)
{
	if (inet_ehash_insert(sk, osk, found))
		return true;
	inet_sk_state_store(sk, TCP_CLOSE);
	sock_set_flag(sk, SOCK_DEAD);
	sk_proto_memory(sk)->orphan_count++;
	inet_csk_destroy_sock(sk);
	return false;
}

/* ---- listeners ---- */

static struct hlist_head *listen_head(const struct net *net, __be32 addr, u16 port)
{
	struct inet_hashinfo *h = net->ipv4.tcp_hashinfo;
	u32 hash = (u32)siphash13_1u64((u64)addr << 16 | port, &h->ehash_secret);

	return &h->lhash2[hash % INET_LHASH_SIZE];
}

static struct sock *listen_sock(struct hlist_node *n)
{
	return hlist_entry(n, struct request_sock_queue, listen_node)->listener;
}

/* How well a listener fits: -1 not at all; bound to the device counts more than to the address. */
static int listen_score(const struct net *net, const struct sock *sk, __be32 daddr, u16 hnum,
			int dif, int sdif)
{
	if (sk->sk_num != hnum || sk->sk_rcv_saddr != daddr || !dev_matches(net, sk, dif, sdif))
		return -1;
	return sk->sk_bound_dev_if ? 2 : 1;
}

static struct sock *listen_find(struct net *net, __be32 laddr, u16 hnum, int dif, int sdif)
{
	struct sock *result = NULL;
	int best = 0;

	for (struct hlist_node *n = listen_head(net, laddr, hnum)->first; n; n = n->next) {
		struct sock *sk = listen_sock(n);
		int score = listen_score(net, sk, laddr, hnum, dif, sdif);

		if (score > best) {
			best = score;
			result = sk;
		}
	}
	return result;
}

struct sock *__inet_lookup_listener(struct net *net, struct sk_buff *skb, int doff, __be32 saddr,
				    __be16 sport, __be32 daddr, u16 hnum, int dif, int sdif)
{
	struct sock *sk = listen_find(net, daddr, hnum, dif, sdif), *chosen;

	if (!sk)
		sk = listen_find(net, 0, hnum, dif, sdif);
	if (!sk || !sk->sk_reuseport || !sk->sk_side || !sk->sk_side->reuseport_cb)
		return sk;
	chosen = reuseport_select_sock(sk, inet_ehashfn(net, daddr, hnum, saddr, sport), skb, doff);
	return chosen ? chosen : sk;
}

/* SO_REUSEPORT: join those who listen already with the same port, address, device and owner. 0 or -errno */
static int listen_reuseport(struct sock *sk, struct hlist_head *head)
{
	for (struct hlist_node *n = head->first; n; n = n->next) {
		struct sock *sk2 = listen_sock(n);

		if (sk2 != sk && sk2->sk_num == sk->sk_num && sk2->sk_reuseport &&
		    sk2->sk_bound_dev_if == sk->sk_bound_dev_if && sk2->sk_uid == sk->sk_uid &&
		    inet_rcv_saddr_equal(sk, sk2, false))
			return reuseport_add_sock(sk, sk2, !sk->sk_rcv_saddr);
	}
	return reuseport_alloc(sk, !sk->sk_rcv_saddr);
}

static int listen_hash(struct sock *sk)
{
	struct hlist_head *head = listen_head(sock_net(sk), sk->sk_rcv_saddr, sk->sk_num);
	int err;

	if (sk->sk_reuseport) {
		err = listen_reuseport(sk, head);
		if (err)
			return err;
	}
	hlist_add_head(&inet_csk_accept_queue(sk)->listen_node, head);
	sk->sk_hashed_ = 1;
	return 0;
}

int inet_hash(struct sock *sk)
{
	if (sk->sk_state == TCP_CLOSE)
		return 0;
	if (sk->sk_state == TCP_LISTEN)
		return listen_hash(sk);
	return inet_ehash_insert(sk, NULL, NULL) ? 0 : -ENOMEM;
}

void inet_unhash(struct sock *sk)
{
	struct inet_hashinfo *h = sock_net(sk)->ipv4.tcp_hashinfo;

	if (!sk->sk_hashed_)
		return;
	sk->sk_hashed_ = 0;
	if (sk->sk_kind_ != SK_FULL || sk->sk_state != TCP_LISTEN) {
		ehash_remove(h->ehash, sk->sk_hash, ehash_entry(sk));
		inet_crowd_leave(h, sk);
		return;
	}
	if (sk->sk_side && sk->sk_side->reuseport_cb)
		reuseport_detach_sock(sk);
	hlist_del(&inet_csk_accept_queue(sk)->listen_node);
}

/* ---- all of them ---- */

struct sock_walk {
	struct net *net;
	void (*fn)(void *arg, struct sock *sk);
	void *arg;
};

static void walk_entry(void *arg, u32 entry)
{
	const struct sock_walk *w = arg;

	w->fn(w->arg, entry_sock(w->net->skiff, entry));
}

void inet_ehash_walk(struct net *net, void (*fn)(void *arg, struct sock *sk), void *arg)
{
	struct sock_walk w = { net, fn, arg };

	ehash_walk(net->ipv4.tcp_hashinfo->ehash, walk_entry, &w);
}

void inet_listener_walk(struct net *net, void (*fn)(void *arg, struct sock *sk), void *arg)
{
	struct hlist_node *next;

	for (u32 i = 0; i < INET_LHASH_SIZE; i++) {
		for (struct hlist_node *n = net->ipv4.tcp_hashinfo->lhash2[i].first; n; n = next) {
			next = n->next;
			fn(arg, listen_sock(n));
		}
	}
}
