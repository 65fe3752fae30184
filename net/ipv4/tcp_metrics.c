// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_metrics.c - what connections learned of a peer is kept for the next one: RTT, thresholds, reordering, fast open cookie.
 *
 * DOC: Metrics of peers
 * One entry for each pair of own and peer's address. Metrics of the route come first: those it locks are not learned. An
 * entry that was not touched for an hour starts anew. At most TCP_METRICS_DEPTH entries share a place of the table; the one not touched
 * longest makes room, so peers can not make it grow.
 */
#include "net/ipv4/tcp_conn.h"

#define TCP_METRICS_HASH    256
#define TCP_METRICS_DEPTH   5
#define TCP_METRICS_TIMEOUT ((u64)60 * 60 * HZ)

enum tcp_metric {
	TCP_METRIC_RTT,	   /* us << 3 */
	TCP_METRIC_RTTVAR, /* us << 2 */
	TCP_METRIC_SSTHRESH,
	TCP_METRIC_CWND,
	TCP_METRIC_REORDERING,
	TCP_METRIC_MAX
};

/**
 * struct tcp_metrics_block
 * @lock:  bit by enum tcp_metric: given by the route
 * @stamp: tick of the last change
 * @mss, @cookie, @try_exp, @syn_loss, @last_syn_loss: of fast open
 */
struct tcp_metrics_block {
	struct tcp_metrics_block *next;
	__be32 saddr, daddr;
	u32 lock;
	u32 vals[TCP_METRIC_MAX];
	u64 stamp;
	u64 last_syn_loss;
	u16 mss;
	u16 syn_loss;
	u16 try_exp;
	struct tcp_fastopen_cookie cookie;
};

struct tcp_metrics_table {
	siphash_key_t key;
	struct tcp_metrics_block *hash[TCP_METRICS_HASH];
};

static bool locked(const struct tcp_metrics_block *tm, enum tcp_metric i)
{
	return tm->lock & (1u << i);
}

static void learn(struct tcp_metrics_block *tm, enum tcp_metric i, u32 val)
{
	if (!locked(tm, i))
		tm->vals[i] = val;
}

/* Start (anew) from what the route says. */
static void from_route(struct tcp_metrics_block *tm, const struct dst_entry *dst, u64 now)
{
	static const u8 rtax[] = { RTAX_RTT, RTAX_RTTVAR, RTAX_SSTHRESH, RTAX_CWND,
				   RTAX_REORDERING };
	u32 lock = dst_metric_raw(dst, RTAX_LOCK);

	tm->stamp = now;
	tm->lock = 0;
	for (u32 i = 0; i < TCP_METRIC_MAX; i++) {
		tm->vals[i] = dst_metric_raw(dst, rtax[i]);
		if (lock & (1u << rtax[i]))
			tm->lock |= 1u << i;
	}
	/* Routes give them in ms << 3 and << 2. */
	tm->vals[TCP_METRIC_RTT] *= 1000;
	tm->vals[TCP_METRIC_RTTVAR] *= 1000;
}

static struct tcp_metrics_block *metrics_get(struct net *net, __be32 saddr, __be32 daddr,
					     const struct dst_entry *dst, bool create)
{
	struct tcp_metrics_table *t = net->ipv4.tcp_metrics;
	u64 hash = siphash13_1u64((u64)saddr << 32 | daddr, &t->key), now = net->skiff->jiffies;
	struct tcp_metrics_block **head = &t->hash[hash % TCP_METRICS_HASH], *tm, *oldest = NULL;
	u32 depth = 0;

	for (tm = *head; tm; tm = tm->next, depth++) {
		if (tm->saddr == saddr && tm->daddr == daddr)
			break;
		if (!oldest || time_before(tm->stamp, oldest->stamp))
			oldest = tm;
	}
	if (tm) {
		if (time_after(now, tm->stamp + TCP_METRICS_TIMEOUT))
			from_route(tm, dst, now);
		return tm;
	}
	if (!create)
		return NULL;
	tm = oldest;
	if (depth < TCP_METRICS_DEPTH) {
		tm = skiff_alloc(net->skiff, sizeof(*tm));
		if (!tm)
			return NULL;
		tm->next = *head;
		*head = tm;
	}
	*tm = (struct tcp_metrics_block){ .next = tm->next, .saddr = saddr, .daddr = daddr };
	from_route(tm, dst, now);
	return tm;
}

static struct tcp_metrics_block *metrics_of(const struct sock *sk, bool create)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	return dst ? metrics_get(sock_net(sk), inet_sk(sk)->inet_saddr, sk->sk_daddr, dst, create) :
		     NULL;
}

int tcp_metrics_net_init(struct net *net)
{
	net->ipv4.tcp_metrics = skiff_zalloc(net->skiff, sizeof(struct tcp_metrics_table));
	if (!net->ipv4.tcp_metrics)
		return -ENOMEM;
	net_secret(net, "tcp_metrics", &net->ipv4.tcp_metrics->key);
	return 0;
}

static void tcp_metrics_flush(struct net *net)
{
	struct tcp_metrics_table *t = net->ipv4.tcp_metrics;
	struct tcp_metrics_block *tm;

	for (u32 i = 0; i < TCP_METRICS_HASH; i++) {
		while ((tm = t->hash[i]) != NULL) {
			t->hash[i] = tm->next;
			skiff_free(net->skiff, tm);
		}
	}
}

void skiff_tcp_metrics_flush(struct skiff_net *net)
{
	tcp_metrics_flush((struct net *)net);
}

void tcp_metrics_net_exit(struct net *net)
{
	tcp_metrics_flush(net);
	skiff_free(net->skiff, net->ipv4.tcp_metrics);
	net->ipv4.tcp_metrics = NULL;
}

/* ---- the end of a connection ---- */

/* RTT too long is better than too short: longer at once, shorter slowly. */
static void learn_rtt(struct tcp_metrics_block *tm, const struct tcp_sock *tp)
{
	s64 rtt = tm->vals[TCP_METRIC_RTT], var = tm->vals[TCP_METRIC_RTTVAR];
	s64 m = rtt - tp->srtt_us;

	learn(tm, TCP_METRIC_RTT, (u32)(m <= 0 ? tp->srtt_us : rtt - (m >> 3)));
	m = max_t(s64, (m < 0 ? -m : m) >> 1, tp->mdev_us);
	learn(tm, TCP_METRIC_RTTVAR, (u32)(m >= var ? m : var - ((var - m) >> 2)));
}

/* What congestion control found out, as far as it can be trusted. */
static void learn_windows(struct tcp_metrics_block *tm, const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct netns_ipv4 *v4 = &sock_net(sk)->ipv4;
	u32 ssthresh = tm->vals[TCP_METRIC_SSTHRESH], cwnd = tm->vals[TCP_METRIC_CWND];
	bool save = !v4->sysctl_tcp_no_ssthresh_metrics_save;

	if (tcp_in_initial_slowstart(tp)) {
		if (save && ssthresh && tp->snd_cwnd >> 1 > ssthresh)
			learn(tm, TCP_METRIC_SSTHRESH, tp->snd_cwnd >> 1);
		if (tp->snd_cwnd > cwnd)
			learn(tm, TCP_METRIC_CWND, tp->snd_cwnd);
	} else if (!tcp_in_slow_start(tp) && inet_csk(sk)->icsk_ca_state == TCP_CA_Open) {
		if (save)
			learn(tm, TCP_METRIC_SSTHRESH,
			      max_t(u32, tp->snd_cwnd >> 1, tp->snd_ssthresh));
		learn(tm, TCP_METRIC_CWND, (cwnd + tp->snd_cwnd) >> 1);
	} else {
		learn(tm, TCP_METRIC_CWND, (cwnd + tp->snd_ssthresh) >> 1);
		if (save && ssthresh && tp->snd_ssthresh > ssthresh)
			learn(tm, TCP_METRIC_SSTHRESH, tp->snd_ssthresh);
		if (tm->vals[TCP_METRIC_REORDERING] < tp->reordering &&
		    tp->reordering != (u32)v4->sysctl_tcp_reordering)
			learn(tm, TCP_METRIC_REORDERING, tp->reordering);
	}
}

/** tcp_update_metrics() - a connection ends: keep what it learned of its peer */
void tcp_update_metrics(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	struct tcp_metrics_block *tm;

	if (net->ipv4.sysctl_tcp_no_metrics_save || !__sk_dst_get(sk))
		return;
	if (inet_csk(sk)->icsk_backoff || !tp->srtt_us) {
		/* Nothing came back in time: what was known of the RTT holds no more. */
		tm = metrics_of(sk, false);
		if (tm)
			learn(tm, TCP_METRIC_RTT, 0);
		return;
	}
	tm = metrics_of(sk, true);
	if (!tm)
		return;
	learn_rtt(tm, tp);
	learn_windows(tm, sk);
	tm->stamp = net->skiff->jiffies;
}

/* ---- the beginning ---- */

/** tcp_init_metrics() - a connection is established: begin with what is known of its peer */
void tcp_init_metrics(struct sock *sk)
{
	struct tcp_metrics_block *tm = metrics_of(sk, false);
	const struct netns_ipv4 *v4 = &sock_net(sk)->ipv4;
	struct tcp_sock *tp = tcp_sk(sk);
	u32 crtt = 0, val;

	/* It may have been lowered while connecting, for reasons that say nothing of the path. */
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	if (tm) {
		struct tcp_rare *rare = locked(tm, TCP_METRIC_CWND) ? tcp_rare_make(sk) : NULL;

		if (rare)
			rare->snd_cwnd_clamp = tm->vals[TCP_METRIC_CWND];
		val = v4->sysctl_tcp_no_ssthresh_metrics_save ? 0 : tm->vals[TCP_METRIC_SSTHRESH];
		if (val)
			tp->snd_ssthresh = min_t(u32, val, tcp_rare(tp)->snd_cwnd_clamp);
		if (tm->vals[TCP_METRIC_REORDERING])
			tp->reordering = tm->vals[TCP_METRIC_REORDERING];
		crtt = tm->vals[TCP_METRIC_RTT];
	}
	if (crtt > tp->srtt_us) {
		/* The SYN's RTT is that of a small packet: the first timeout goes by the larger one. */
		crtt /= 8 * 1000000 / HZ;
		inet_csk(sk)->icsk_rto = crtt + max_t(u32, 2 * crtt, tcp_rto_min(sk));
	} else if (!tp->srtt_us) {
		/* RFC 6298 5.7: no RTT from the handshake, since something in it was repeated. */
		tp->rttvar_us = tp->mdev_us = tp->mdev_max_us = TCP_TIMEOUT_FALLBACK * 1000;
		inet_csk(sk)->icsk_rto = TCP_TIMEOUT_FALLBACK;
	}
}

bool tcp_peer_is_proven(struct request_sock *req, struct dst_entry *dst)
{
	const struct tcp_metrics_block *tm =
		metrics_get(req->ireq_net, req->ir_loc_addr, req->ir_rmt_addr, dst, false);

	return tm && tm->vals[TCP_METRIC_RTT];
}

/* ---- fast open ---- */

void tcp_fastopen_cache_get(struct sock *sk, u16 *mss, struct tcp_fastopen_cookie *cookie)
{
	const struct tcp_metrics_block *tm = metrics_of(sk, false);

	if (!tm)
		return;
	if (tm->mss)
		*mss = tm->mss;
	*cookie = tm->cookie;
	if (cookie->len <= 0 && tm->try_exp == 1)
		cookie->exp = true;
}

void tcp_fastopen_cache_set(struct sock *sk, u16 mss, struct tcp_fastopen_cookie *cookie,
			    bool syn_lost, u16 try_exp)
{
	struct tcp_metrics_block *tm = metrics_of(sk, true);

	if (!tm)
		return;
	if (mss)
		tm->mss = mss;
	if (cookie && cookie->len > 0)
		tm->cookie = *cookie;
	else if (try_exp > tm->try_exp && tm->cookie.len <= 0 && !tm->cookie.exp)
		tm->try_exp = try_exp;
	tm->syn_loss = syn_lost ? tm->syn_loss + 1 : 0;
	if (syn_lost)
		tm->last_syn_loss = sock_skiff(sk)->jiffies;
}
