/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_cong.c - congestion controls: which there are, who may choose which, and the one that is always there: Reno.
 *
 * DOC: Congestion control
 * A control is an immutable table of functions; what it remembers of a connection is in icsk_ca_priv. The list is a
 * constant: an embedder's own control is one more file and one more line here. Which one a connection gets: what the
 * socket asked for (TCP_CONGESTION), but the route's if it names one ("congctl", with "lock" against the socket's
 * choice), else the namespace's default. A control that only careful hands should use is chosen with CAP_NET_ADMIN, or
 * after it was put on net.ipv4.tcp_allowed_congestion_control.
 */
#include "lib/fmt.h"
#include "net/sysctl.h"
#include "net/journey.h"
#include "net/tcp.h"

const struct tcp_congestion_ops *const tcp_cong_list[] = { &tcp_reno, &tcp_cubic, &tcp_bbr,
							   &tcp_dctcp, NULL };

/* ---- by name and number ---- */

const struct tcp_congestion_ops *tcp_ca_find(const char *name)
{
	for (int i = 0; tcp_cong_list[i]; i++)
		if (!strcmp(tcp_cong_list[i]->name, name))
			return tcp_cong_list[i];
	return NULL;
}

const struct tcp_congestion_ops *tcp_ca_find_key(u32 key)
{
	for (int i = 0; tcp_cong_list[i]; i++)
		if (tcp_cong_list[i]->key == key)
			return tcp_cong_list[i];
	return NULL;
}

/**
 * tcp_ca_get_key_by_name() - the number that a route's metric holds, 0: there is no such control; *@ecn_ca: it needs ECN
 */
u32 tcp_ca_get_key_by_name(const char *name, bool *ecn_ca)
{
	const struct tcp_congestion_ops *ca = tcp_ca_find(name);

	*ecn_ca = ca && (ca->flags & TCP_CONG_NEEDS_ECN);
	return ca ? ca->key : 0;
}

const char *tcp_ca_get_name_by_key(u32 key, char *buf)
{
	const struct tcp_congestion_ops *ca = tcp_ca_find_key(key);

	if (!ca)
		return NULL;
	strcpy(buf, ca->name);
	return buf;
}

static u64 tcp_cong_bit(const struct tcp_congestion_ops *ca)
{
	for (int i = 0; tcp_cong_list[i]; i++)
		if (tcp_cong_list[i] == ca)
			return 1ULL << i;
	return 0;
}

/* ---- of a socket ---- */

/* ECT on everything if the control lives on it. */
static void tcp_ca_ecn(struct sock *sk)
{
	u8 ect = tcp_ca_needs_ecn(sk) ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT;

	inet_sk(sk)->tos = (u8)((inet_sk(sk)->tos & ~INET_ECN_MASK) | ect);
}

/**
 * tcp_assign_congestion_control() - a new socket: the namespace's default, not begun yet
 */
void tcp_assign_congestion_control(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	icsk->icsk_ca_ops = sock_net(sk)->ipv4.tcp_congestion_control;
	memset(icsk->icsk_ca_priv, 0, sizeof(icsk->icsk_ca_priv));
	tcp_ca_ecn(sk);
}

/**
 * tcp_init_congestion_control() - the connection begins
 */
void tcp_init_congestion_control(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	tcp_forbid_undo(tcp_sk(sk));
	if (icsk->icsk_ca_ops->init)
		icsk->icsk_ca_ops->init(sk);
	tcp_ca_ecn(sk);
	icsk->icsk_ca_initialized = 1;
}

void tcp_cleanup_congestion_control(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (icsk->icsk_ca_initialized && icsk->icsk_ca_ops->release)
		icsk->icsk_ca_ops->release(sk);
	icsk->icsk_ca_initialized = 0;
}

static void tcp_reinit_congestion_control(struct sock *sk, const struct tcp_congestion_ops *ca)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	tcp_cleanup_congestion_control(sk);
	icsk->icsk_ca_ops = ca;
	icsk->icsk_ca_setsockopt = 1;
	memset(icsk->icsk_ca_priv, 0, sizeof(icsk->icsk_ca_priv));
	tcp_ca_ecn(sk);
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		tcp_init_congestion_control(sk);
}

int tcp_set_congestion_control(struct sock *sk, const char *name, bool cap_net_admin)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_congestion_ops *ca;

	if (icsk->icsk_ca_dst_locked)
		return -EPERM;
	ca = tcp_ca_find(name);
	if (ca && ca == icsk->icsk_ca_ops) {
		icsk->icsk_ca_setsockopt = 1;
		return 0;
	}
	if (!ca)
		return -ENOENT;
	if (!(sock_net(sk)->ipv4.tcp_cong_allowed & tcp_cong_bit(ca)) && !cap_net_admin)
		return -EPERM;
	tcp_reinit_congestion_control(sk, ca);
	return 0;
}

/**
 * tcp_ca_set_route() - a connection uses @dst (NULL: none): its control, if it names one
 */
void tcp_ca_set_route(struct sock *sk, const struct dst_entry *dst)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 key = dst ? dst_metric_raw(dst, RTAX_CC_ALGO) : 0;
	const struct tcp_congestion_ops *ca = key ? tcp_ca_find_key(key) : NULL;

	if (!ca)
		return;
	icsk->icsk_ca_dst_locked = dst_metric_locked(dst, RTAX_CC_ALGO);
	icsk->icsk_ca_ops = ca;
}

static const char *const ca_state_sentence[] = {
	[TCP_CA_Open] = "all is well (Open)",
	[TCP_CA_Disorder] = "something arrived out of order (Disorder)",
	[TCP_CA_CWR] = "the network is congested (CWR)",
	[TCP_CA_Recovery] = "a loss was found, it is sent again (Recovery)",
	[TCP_CA_Loss] = "nothing came back in time, all is sent again (Loss)",
};

/**
 * tcp_set_ca_state() - every change of icsk_ca_state: the control hears of it first
 */
void tcp_set_ca_state(struct sock *sk, u8 ca_state)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (icsk->icsk_ca_ops->set_state)
		icsk->icsk_ca_ops->set_state(sk, ca_state);
	if (ca_state != icsk->icsk_ca_state)
		journey_sock(sock_net(sk), sk, "%s: cwnd %u, ssthresh %u",
			     ca_state_sentence[ca_state], tcp_sk(sk)->snd_cwnd,
			     tcp_sk(sk)->snd_ssthresh);
	icsk->icsk_ca_state = ca_state & 31;
}

/* ---- Reno: RFC 5681 ---- */

/**
 * tcp_slow_start() - one packet more for each that arrived (RFC 3465, L unlimited), up to ssthresh. Return: what is left over beyond it
 */
u32 tcp_slow_start(struct tcp_sock *tp, u32 acked)
{
	u32 cwnd = min_t(u32, tp->snd_cwnd + acked, tp->snd_ssthresh);

	acked -= cwnd - tp->snd_cwnd;
	tcp_snd_cwnd_set(tp, min_t(u32, cwnd, tcp_rare(tp)->snd_cwnd_clamp));
	return acked;
}

/**
 * tcp_cong_avoid_ai() - one packet more for each @w that arrived
 */
void tcp_cong_avoid_ai(struct tcp_sock *tp, u32 w, u32 acked)
{
	/* Saved up while @w was larger: not all at once. */
	if (tp->snd_cwnd_cnt >= w) {
		tp->snd_cwnd_cnt = 0;
		tcp_snd_cwnd_set(tp, tp->snd_cwnd + 1);
	}
	tp->snd_cwnd_cnt += acked;
	if (tp->snd_cwnd_cnt >= w) {
		u32 delta = tp->snd_cwnd_cnt / w;

		tp->snd_cwnd_cnt -= delta * w;
		tcp_snd_cwnd_set(tp, tp->snd_cwnd + delta);
	}
	tcp_snd_cwnd_set(tp, min_t(u32, tp->snd_cwnd, tcp_rare(tp)->snd_cwnd_clamp));
}

void tcp_reno_cong_avoid(struct sock *sk, u32 ack, u32 acked)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_is_cwnd_limited(sk))
		return;
	if (tcp_in_slow_start(tp)) {
		acked = tcp_slow_start(tp, acked);
		if (!acked)
			return;
	}
	tcp_cong_avoid_ai(tp, tp->snd_cwnd, acked);
}

u32 tcp_reno_ssthresh(struct sock *sk)
{
	return max_t(u32, tcp_sk(sk)->snd_cwnd >> 1, 2);
}

u32 tcp_reno_undo_cwnd(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return max_t(u32, tp->snd_cwnd, tcp_loss(tp)->prior_cwnd);
}

const struct tcp_congestion_ops tcp_reno = {
	.name = "reno",
	.key = 1,
	.flags = TCP_CONG_NON_RESTRICTED,
	.ssthresh = tcp_reno_ssthresh,
	.cong_avoid = tcp_reno_cong_avoid,
	.undo_cwnd = tcp_reno_undo_cwnd,
};

/* ---- net.ipv4.tcp_*congestion_control ---- */

static int tcp_cong_default(struct net *net, const struct ctl_table *t, bool write, char *buf,
			    size_t size)
{
	const struct tcp_congestion_ops *ca;

	if (!write) {
		struct strbuf sb;

		strbuf_init(&sb, buf, size);
		strbuf_puts(&sb, net->ipv4.tcp_congestion_control->name);
		return (int)sb.len;
	}
	ca = tcp_ca_find(buf);
	if (!ca)
		return -ENOENT;
	net->ipv4.tcp_cong_allowed |= tcp_cong_bit(ca);
	net->ipv4.tcp_congestion_control = ca;
	return 0;
}

static int tcp_cong_print(u64 mask, char *buf, size_t size)
{
	struct strbuf sb;

	strbuf_init(&sb, buf, size);
	for (int i = 0; tcp_cong_list[i]; i++)
		if (mask & 1ULL << i)
			strbuf_printf(&sb, "%s%s", sb.len ? " " : "", tcp_cong_list[i]->name);
	return (int)sb.len;
}

static int tcp_cong_available(struct net *net, const struct ctl_table *t, bool write, char *buf,
			      size_t size)
{
	return write ? -EPERM : tcp_cong_print(~0ULL, buf, size);
}

static int tcp_cong_allowed(struct net *net, const struct ctl_table *t, bool write, char *buf,
			    size_t size)
{
	char name[TCP_CA_NAME_MAX];
	u64 mask = 0;

	if (!write)
		return tcp_cong_print(net->ipv4.tcp_cong_allowed, buf, size);
	while (*buf) {
		size_t n = strcspn(buf, " ");
		const struct tcp_congestion_ops *ca;

		if (n) {
			if (n >= sizeof(name))
				return -ENOENT;
			memcpy(name, buf, n);
			name[n] = 0;
			ca = tcp_ca_find(name);
			if (!ca)
				return -ENOENT;
			mask |= tcp_cong_bit(ca);
		}
		buf += n + (buf[n] != 0);
	}
	net->ipv4.tcp_cong_allowed = mask;
	return 0;
}

/* A namespace begins with cubic, and everybody may choose what is harmless. */
static int tcp_cong_init_net(struct net *net)
{
	static const struct ctl_table table[] = {
		{ "tcp_congestion_control", NULL, 0, 0644, tcp_cong_default, NULL, NULL },
		{ "tcp_available_congestion_control", NULL, 0, 0444, tcp_cong_available, NULL,
		  NULL },
		{ "tcp_allowed_congestion_control", NULL, 0, 0644, tcp_cong_allowed, NULL, NULL },
	};

	net->ipv4.tcp_congestion_control = &tcp_cubic;
	net->ipv4.tcp_cong_allowed = tcp_cong_bit(&tcp_cubic);
	for (int i = 0; tcp_cong_list[i]; i++)
		if (tcp_cong_list[i]->flags & TCP_CONG_NON_RESTRICTED)
			net->ipv4.tcp_cong_allowed |= 1ULL << i;
	return register_net_sysctl(net, "net/ipv4", table, ARRAY_SIZE(table)) ? 0 : -ENOMEM;
}

const struct pernet_operations tcp_cong_ops = { "tcp_cong", tcp_cong_init_net, NULL };
