// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_mtup.c - packetization layer path MTU discovery: larger segments are tried. RFC 4821, seed 1.2.
 *
 * Between search_low, which is known to pass, and search_high a segment of the middle size is sent now and then. If it is
 * acknowledged search_low rises; if it is lost, and what follows is SACKed, search_high falls, and nothing else is made of
 * the loss. tcp_mtu_probing 1 begins only when timeouts suggest a black hole (tcp_timer.c).
 */
#include "tcp_output.h"
#include "net/sock_mem.h"

/* IPv4 knows no longer packet, whatever the peer's MSS option says. */
static u16 mtup_highest(const struct tcp_sock *tp)
{
	u32 mtu = tp->rx_opt.mss_clamp + (u32)sizeof(struct tcphdr) + (u32)sizeof(struct iphdr);

	return (u16)min_t(u32, mtu, 65535);
}

void tcp_mtup_init(struct sock *sk)
{
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	struct inet_connection_sock *icsk = inet_csk(sk);

	icsk->icsk_mtup.enabled = ipv4->sysctl_tcp_mtu_probing > 1;
	icsk->icsk_mtup.search_high = mtup_highest(tcp_sk(sk));
	icsk->icsk_mtup.search_low = (u16)tcp_mss_to_mtu(sk, ipv4->sysctl_tcp_base_mss);
	icsk->icsk_mtup.probe_size = 0;
	if (icsk->icsk_mtup.enabled)
		icsk->icsk_mtup.probe_timestamp = tcp_jiffies32(sk);
}

void tcp_mtup_probe_failed(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	icsk->icsk_mtup.search_high = (u16)(icsk->icsk_mtup.probe_size - 1);
	icsk->icsk_mtup.probe_size = 0;
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPMTUPFAIL);
}

void tcp_mtup_probe_success(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_loss *loss = tcp_loss_make(tp);
	u64 cwnd;

	/* As many bytes as before in fewer packets. */
	if (loss)
		loss->prior_ssthresh = tcp_current_ssthresh(sk);
	cwnd = (u64)tp->snd_cwnd * (u32)tcp_mss_to_mtu(sk, (int)tp->mss_cache) /
	       icsk->icsk_mtup.probe_size;
	tcp_snd_cwnd_set(tp, max_t(u32, 1, cwnd));
	tp->snd_cwnd_cnt = 0;
	tp->snd_cwnd_stamp = tcp_jiffies32(sk);
	tp->snd_ssthresh = tcp_current_ssthresh(sk);
	icsk->icsk_mtup.search_low = icsk->icsk_mtup.probe_size;
	icsk->icsk_mtup.probe_size = 0;
	tcp_sync_mss(sk, icsk->icsk_pmtu_cookie);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPMTUPSUCCESS);
}

/* The search is done; paths change, so it begins anew after tcp_probe_interval seconds. */
static void check_reprobe(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 interval = sock_net(sk)->ipv4.sysctl_tcp_probe_interval;
	s32 delta = (s32)(tcp_jiffies32(sk) - icsk->icsk_mtup.probe_timestamp);

	if (delta < (s32)(interval * HZ))
		return;
	icsk->icsk_mtup.probe_size = 0;
	icsk->icsk_mtup.search_high = mtup_highest(tcp_sk(sk));
	icsk->icsk_mtup.search_low = (u16)tcp_mss_to_mtu(sk, (int)tcp_current_mss(sk));
	icsk->icsk_mtup.probe_timestamp = tcp_jiffies32(sk);
}

/* Is it the time for one? -1: no, go on without; 0: wait, nothing else may go; 1: yes, of *@size bytes */
static int may_probe(struct sock *sk, u32 mss_now, u32 *size)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	int high = icsk->icsk_mtup.search_high, low = icsk->icsk_mtup.search_low;
	u32 needed;

	if (!icsk->icsk_mtup.enabled || icsk->icsk_mtup.probe_size ||
	    icsk->icsk_ca_state != TCP_CA_Open || tp->snd_cwnd < 11 || tp->rx_opt.num_sacks ||
	    tp->rx_opt.dsack)
		return -1;
	*size = (u32)tcp_mtu_to_mss(sk, (high + low) >> 1);
	if ((int)*size > tcp_mtu_to_mss(sk, high) ||
	    high - low < sock_net(sk)->ipv4.sysctl_tcp_probe_threshold) {
		check_reprobe(sk);
		return -1;
	}
	/* Behind it there must be enough for SACKs to tell that it was lost. */
	needed = *size + (tp->reordering + 1) * mss_now;
	if (tp->write_seq - tp->snd_nxt < needed || tp->snd_wnd < needed)
		return -1;
	if (after(tp->snd_nxt + needed, tcp_wnd_end(tp)))
		return 0;
	if (tcp_packets_in_flight(tp) + 2 > tp->snd_cwnd)
		return tcp_packets_in_flight(tp) ? 0 : -1;
	return 1;
}

/* The first @size bytes of the write queue belong together? */
static bool can_coalesce(const struct sock *sk, u32 size)
{
	const struct sk_buff *skb;

	skb_queue_walk(&sk->sk_write_queue, skb) {
		if (size <= skb->len)
			return true;
		if (TCP_SKB_CB(skb)->eor)
			return false;
		size -= skb->len;
	}
	return size == 0;
}

/* Move the first @size bytes of the write queue into @probe, which becomes its head. false: they did not fit */
static bool fill_probe(struct sock *sk, struct sk_buff *probe, u32 size)
{
	struct sk_buff *skb = tcp_send_head(sk);
	struct tcp_skb_cb *pcb = TCP_SKB_CB(probe);

	pcb->seq = pcb->end_seq = TCP_SKB_CB(skb)->seq;
	pcb->tcp_flags = TCPHDR_ACK;
	pcb->tcp_gso_segs = 1;
	sk_wmem_queued_add(sk, (int)probe->truesize);
	sk_mem_charge(sk, (int)probe->truesize);
	tcp_insert_write_queue_before(probe, skb, sk);
	while (probe->len < size && (skb = probe->next)) {
		struct tcp_skb_cb *tcb = TCP_SKB_CB(skb);
		u32 n = min_t(u32, skb->len, size - probe->len);

		if (!skb_shift(sock_skiff(sk), probe, skb, n))
			return false;
		pcb->end_seq += n;
		tcb->seq += n;
		if (!skb->len) {
			pcb->tcp_flags |= tcb->tcp_flags;
			pcb->end_seq = tcb->end_seq;
			pcb->eor = tcb->eor;
			tcp_unlink_write_queue(skb, sk);
			tcp_wmem_free_skb(sk, skb);
		} else {
			pcb->tcp_flags |= tcb->tcp_flags & (u16) ~(TCPHDR_FIN | TCPHDR_PSH);
			tcb->tcp_gso_segs = 0;
		}
	}
	return probe->len == size;
}

/**
 * tcp_mtu_probe() - send a probe if it is time for one
 * Return: 0: wait before sending anything else; 1: a probe was sent; -1: go on
 */
int tcp_mtu_probe(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_rare *rare;
	struct sk_buff *probe;
	u32 size = 0;
	int res = may_probe(sk, tcp_current_mss(sk), &size);

	if (res <= 0)
		return res;
	if (!can_coalesce(sk, size))
		return -1;
	rare = tcp_rare_make(sk);
	if (!rare)
		return -1;
	probe = tcp_stream_alloc_skb(sk, false);
	if (!probe)
		return -1;
	/* If it stays shorter, or is not sent, it will be sent as any other data. */
	if (!fill_probe(sk, probe, size)) {
		if (!probe->len) {
			tcp_unlink_write_queue(probe, sk);
			tcp_wmem_free_skb(sk, probe);
		}
		return -1;
	}
	tcp_set_skb_tso_segs(probe, probe->len);
	if (tcp_transmit_skb(sk, probe, 1))
		return -1;
	/* Worth two packets to the network. */
	tcp_snd_cwnd_set(tp, tp->snd_cwnd - 1);
	tcp_event_new_data_sent(sk, probe);
	icsk->icsk_mtup.probe_size = (u16)tcp_mss_to_mtu(sk, (int)probe->len);
	rare->mtu_probe.probe_seq_start = TCP_SKB_CB(probe)->seq;
	rare->mtu_probe.probe_seq_end = TCP_SKB_CB(probe)->end_seq;
	return 1;
}
