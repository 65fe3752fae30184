// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_fastopen_client.c - TCP Fast Open from here (RFC 7413): data in the SYN, what came of it, paths that swallow such SYNs.
 *
 * DOC: Fast open, active
 * sendto(MSG_FASTOPEN), or connect() with TCP_FASTOPEN_CONNECT followed by a write, puts data into the SYN if the peer's
 * cookie is known (tcp_metrics.c); without one the SYN asks for it. The SYN-ACK says whether the data were taken.
 * Blackholes: a connection that saw timeouts, or a FIN that overtook its data, makes the namespace stop for
 * tcp_fastopen_blackhole_timeout_sec, twice as long each time (64 times at most), until one goes well again.
 */
#include "net/ipv4/tcp_conn.h"

#define TFO_CLIENT_ENABLE    1
#define TFO_CLIENT_NO_COOKIE 4

static bool no_cookie(const struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	return sock_net(sk)->ipv4.sysctl_tcp_fastopen & TFO_CLIENT_NO_COOKIE ||
	       tcp_sk(sk)->fastopen_no_cookie ||
	       (dst && dst_metric_raw(dst, RTAX_FASTOPEN_NO_COOKIE));
}

/** tcp_fastopen_cookie_check() - may data go into the SYN? *@cookie: to send with it (len 0: ask for one, -1: no option at all), *@mss: the peer's, if known */
bool tcp_fastopen_cookie_check(struct sock *sk, u16 *mss, struct tcp_fastopen_cookie *cookie)
{
	tcp_fastopen_cache_get(sk, mss, cookie);
	if (tcp_fastopen_active_should_disable(sk)) {
		cookie->len = -1;
		return false;
	}
	if (no_cookie(sk)) {
		cookie->len = -1;
		return true;
	}
	if (cookie->len > 0)
		return true;
	tcp_sk(sk)->fastopen_client_fail = TFO_COOKIE_UNAVAILABLE;
	return false;
}

static struct tcp_fastopen_request *fastopen_req_make(struct sock *sk)
{
	struct tcp_rare *rare = tcp_rare_make(sk);

	if (!rare)
		return NULL;
	rare->fastopen_req = skiff_zalloc(sock_skiff(sk), sizeof(*rare->fastopen_req));
	return rare->fastopen_req;
}

/** tcp_fastopen_defer_connect() - TCP_FASTOPEN_CONNECT: true: the SYN waits for data. *@err: -ENOBUFS */
bool tcp_fastopen_defer_connect(struct sock *sk, int *err)
{
	struct tcp_fastopen_cookie cookie = { .len = 0 };
	struct tcp_fastopen_request *req;
	struct tcp_sock *tp = tcp_sk(sk);
	u16 mss;

	if (!tp->fastopen_connect || tcp_rare(tp)->fastopen_req)
		return false;
	if (tcp_fastopen_cookie_check(sk, &mss, &cookie)) {
		inet_set_bit(DEFER_CONNECT, sk);
		return true;
	}
	/* So that the SYN asks for a cookie. */
	req = fastopen_req_make(sk);
	if (req)
		req->cookie = cookie;
	else
		*err = -ENOBUFS;
	return false;
}

void tcp_free_fastopen_req(struct tcp_sock *tp)
{
	struct tcp_rare *rare = tp->inet_conn.icsk_rare;

	if (!rare)
		return;
	skiff_free(sock_skiff((struct sock *)tp), rare->fastopen_req);
	rare->fastopen_req = NULL;
}

/**
 * tcp_sendmsg_fastopen() - connect with data in the SYN
 * @copied: bytes that went into it, also if an error (-EINPROGRESS as a rule) is returned
 */
int tcp_sendmsg_fastopen(struct sock *sk, struct msghdr *msg, int *copied, size_t size,
			 struct iov_iter *from)
{
	struct sockaddr *uaddr = msg->msg_name;
	struct tcp_fastopen_request *req;
	struct tcp_sock *tp = tcp_sk(sk);
	int err = 0;

	if (!(sock_net(sk)->ipv4.sysctl_tcp_fastopen & TFO_CLIENT_ENABLE) ||
	    (uaddr && msg->msg_namelen >= sizeof(uaddr->sa_family) &&
	     uaddr->sa_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	if (tcp_rare(tp)->fastopen_req)
		return -EALREADY;
	req = fastopen_req_make(sk);
	if (!req)
		return -ENOBUFS;
	req->data = from;
	req->size = size;
	if (inet_test_bit(DEFER_CONNECT, sk)) {
		err = tcp_connect(sk);
		if (err) {
			tcp_set_state(sk, TCP_CLOSE);
			inet_sk(sk)->inet_dport = 0;
		} else {
			err = -EINPROGRESS;
		}
	} else {
		err = inet_stream_ops.connect(sk->sk_socket, uaddr, (int)msg->msg_namelen, 0);
	}
	/* A reset that came at once has freed it. */
	if (tcp_rare(tp)->fastopen_req) {
		*copied = tcp_rare(tp)->fastopen_req->copied;
		tcp_free_fastopen_req(tp);
		inet_clear_bit(DEFER_CONNECT, sk);
	}
	return err;
}

/* The MSS that the SYN-ACK announced, even where TCP_MAXSEG hides it. */
static u16 synack_mss(struct sock *sk, const struct sk_buff *synack)
{
	const struct tcp_options_received *rx = &tcp_sk(sk)->rx_opt;
	struct tcp_options_received opt = { 0 };

	if (rx->mss_clamp != rx->user_mss)
		return rx->mss_clamp;
	tcp_parse_options(sock_net(sk), synack, &opt, 0, NULL);
	return opt.mss_clamp;
}

/* The data of the SYN were not taken: they go again, as after a loss that says nothing of congestion. */
static void resend_syn_data(struct sock *sk, struct sk_buff *data)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->fastopen_client_fail = tcp_loss(tp)->total_retrans ? TFO_SYN_RETRANSMITTED :
								 TFO_DATA_NOT_ACKED;
	for (; data; data = skb_rb_next(data))
		tcp_mark_skb_lost(sk, data);
	if (inet_csk(sk)->icsk_ca_state != TCP_CA_Loss) {
		tp->high_seq = tp->snd_nxt;
		tp->snd_ssthresh = tcp_current_ssthresh(sk);
		tcp_forbid_undo(tp);
		tp->undo_marker = 0;
		tcp_set_ca_state(sk, TCP_CA_Loss);
	}
	tcp_xmit_retransmit_queue(sk);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPFASTOPENACTIVEFAIL);
}

/**
 * tcp_rcv_fastopen_synack() - the SYN-ACK of a connection that began with fast open
 * @cookie: in the SYN-ACK, len -1 none
 * Return: true: data went out again, so no ACK is due
 */
bool tcp_rcv_fastopen_synack(struct sock *sk, struct sk_buff *synack,
			     struct tcp_fastopen_cookie *cookie)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *data = tp->syn_data ? tcp_rtx_queue_head(sk) : NULL;
	bool syn_drop = false;
	u16 try_exp = 0;

	if (!tp->syn_fastopen) {
		cookie->len = -1;
	} else if (tcp_loss(tp)->total_retrans) {
		/* Only a repeated SYN, without data, got through it seems. */
		syn_drop = cookie->len < 0 && data;
	} else if (cookie->len < 0 && !tp->syn_data) {
		/* Asked for a cookie in vain: the other form of the option next time. */
		try_exp = tp->syn_fastopen_exp ? 2 : 1;
	}
	tcp_fastopen_cache_set(sk, synack_mss(sk, synack), cookie, syn_drop, try_exp);
	if (data) {
		resend_syn_data(sk, data);
		return true;
	}
	tp->syn_data_acked = tp->syn_data;
	if (tp->syn_data_acked) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPFASTOPENACTIVE);
		/* SYN and data were one packet, but are acknowledged as two. */
		if (tp->delivered > 1)
			tp->delivered--;
	}
	tcp_fastopen_add_skb(sk, synack);
	return false;
}

/* ---- blackholes ---- */

void tcp_fastopen_active_disable(struct sock *sk)
{
	struct net *net = sock_net(sk);

	if (!net->ipv4.sysctl_tcp_fastopen_blackhole_timeout)
		return;
	net->ipv4.tfo_active_disable_stamp = net->skiff->jiffies;
	net->ipv4.tfo_active_disable_times++;
	NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENBLACKHOLE);
}

bool tcp_fastopen_active_should_disable(struct sock *sk)
{
	const struct net *net = sock_net(sk);
	u32 timeout = net->ipv4.sysctl_tcp_fastopen_blackhole_timeout;
	u32 times = net->ipv4.tfo_active_disable_times;

	if (!timeout || !times)
		return false;
	if (time_before(net->skiff->jiffies,
			net->ipv4.tfo_active_disable_stamp +
				((u64)timeout * HZ << min_t(u32, times - 1, 6))))
		return true;
	/* If this one goes well the blackhole is gone. */
	tcp_sk(sk)->syn_fastopen_ch = 1;
	return false;
}

/** tcp_fastopen_active_disable_ofo_check() - a connection ends: did only its FIN get through, or all go well? */
void tcp_fastopen_active_disable_ofo_check(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	const struct dst_entry *dst = __sk_dst_get(sk);
	const struct sk_buff *skb;

	if (!tp->syn_fastopen)
		return;
	if (!tp->data_segs_in) {
		skb = skb_rb_first(&tcp_loss(tp)->out_of_order_queue);
		if (skb && !skb_rb_next(skb) && TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN)
			tcp_fastopen_active_disable(sk);
	} else if (tp->syn_fastopen_ch && net->ipv4.tfo_active_disable_times &&
		   !(dst && dst->dev->flags & IFF_LOOPBACK_)) {
		net->ipv4.tfo_active_disable_times = 0;
	}
}

void tcp_fastopen_active_detect_blackhole(struct sock *sk, bool expired)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 timeouts = inet_csk(sk)->icsk_retransmits;

	if ((tp->syn_fastopen || tp->syn_data || tp->syn_data_acked) &&
	    (timeouts == 2 || (timeouts < 2 && expired))) {
		tcp_fastopen_active_disable(sk);
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPFASTOPENACTIVEFAIL);
	}
}
