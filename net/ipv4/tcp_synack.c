// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_synack.c - the SYN-ACK of a request, which has no full socket yet. */
#include "tcp_output.h"
#include "net/sock_mem.h"

/* Whom the packet belongs to on its way out. */
static void synack_owner(const struct sock *sk, struct sk_buff *skb, struct request_sock *req,
			 enum tcp_synack_type type)
{
	skb->cold = 1;
	if (type == TCP_SYNACK_FASTOPEN) {
		skb_set_owner_w(skb, (struct sock *)sk);
	} else if (type == TCP_SYNACK_NORMAL) {
		skb->sk = req_to_sk(req);
		skb->sk->sk_refcnt++;
		skb->destructor = sock_edemux;
	}
}

/* When it left, by the clock that the time stamp option shows; a cookie hides the options of the connection in it. */
static void synack_time(struct request_sock *req, struct sk_buff *skb, u64 now,
			enum tcp_synack_type type)
{
	if (unlikely(type == TCP_SYNACK_COOKIE && req->tstamp_ok)) {
		skb->tstamp = cookie_init_timestamp(req, now);
		return;
	}
	skb->tstamp = now;
	if (!req->snt_synack)
		req->snt_synack = now / 1000;
}

static void synack_key(const struct sock *sk, const struct request_sock *req,
		       struct tcp_out_options *opts)
{
	if (unlikely(req->used_tcp_ao))
		opts->ao = tcp_ao_synack_key(sk, req);
	else if (unlikely(tcp_rare(tcp_sk(sk))->md5sig_info))
		opts->md5 = tcp_md5_do_lookup(sk, 0, req->ir_rmt_addr);
}

static void synack_header(const struct sock *sk, struct sk_buff *skb, struct request_sock *req,
			  struct tcp_out_options *opts, u32 header_size)
{
	struct tcphdr *th = (struct tcphdr *)skb_push(skb, header_size);

	skb_reset_transport_header(skb);
	memset(th, 0, sizeof(*th));
	th->syn = 1;
	th->ack = 1;
	tcp_ecn_make_synack(req, th);
	th->source = htons(req->ir_num);
	th->dest = req->ir_rmt_port;
	th->seq = htonl(req->snt_isn);
	/* Data of the SYN are queued already (Fast Open). */
	th->ack_seq = htonl(req->rcv_nxt);
	th->window = htons((u16)min_t(u32, req->rsk_rcv_wnd, 65535));
	tcp_options_write((u8 *)(th + 1), (struct sock *)sk, req, opts);
	th->doff = (header_size >> 2) & 15;
}

static int synack_sign(const struct sock *sk, struct sk_buff *skb, const struct request_sock *req,
		       const struct tcp_out_options *opts)
{
	struct tcphdr *th = (struct tcphdr *)skb->data;

	if (opts->md5)
		return tcp_v4_md5_hash_skb(opts->hash_location, opts->md5, req->ir_loc_addr,
					   req->ir_rmt_addr, th, skb);
	return tcp_ao_synack_hash(sk, req, opts->ao, skb, th, opts->hash_location);
}

struct sk_buff *tcp_make_synack(const struct sock *sk, struct dst_entry *dst,
				struct request_sock *req, struct tcp_fastopen_cookie *foc,
				enum tcp_synack_type type)
{
	struct skiff *skiff = sock_skiff(sk);
	struct sk_buff *skb = alloc_skb_ref(skiff);
	struct tcp_out_options opts;
	u32 header_size;
	u16 mss;

	if (unlikely(!skb)) {
		dst_release(dst);
		return NULL;
	}
	memset(&opts, 0, sizeof(opts));
	synack_owner(sk, skb, req, type);
	skb_dst_set(skb, dst);
	mss = tcp_mss_clamp(tcp_sk(sk), dst_metric_advmss(dst));
	synack_time(req, skb, skiff->now, type);
	synack_key(sk, req, &opts);
	tcp_init_nondata_skb(skb, req->snt_isn, TCPHDR_SYN | TCPHDR_ACK);
	header_size = tcp_synack_options(sk, req, mss, skb, &opts, foc, type) +
		      (u32)sizeof(struct tcphdr);
	synack_header(sk, skb, req, &opts, header_size);
	skb->mark = req->ireq_mark;
	if (unlikely((opts.md5 || opts.ao) && synack_sign(sk, skb, req, &opts))) {
		kfree_skb(skiff, skb);
		return NULL;
	}
	TCP_INC_STATS(sock_net(sk), TCP_MIB_OUTSEGS);
	tcp_partial_csum(skb, (struct tcphdr *)skb->data, req->ir_loc_addr, req->ir_rmt_addr);
	skb->tstamp = 0;
	return skb;
}

/* The answer has the class of the SYN if tcp_reflect_tos says so, and never says that it can be marked. */
static u8 synack_tos(const struct sock *sk, const struct request_sock *req)
{
	u8 tos = inet_sk(sk)->tos;

	if (sock_net(sk)->ipv4.sysctl_tcp_reflect_tos)
		tos = (u8)((req->syn_tos & ~INET_ECN_MASK) | (tos & INET_ECN_MASK));
	return tos;
}

int tcp_v4_send_synack(const struct sock *sk, struct dst_entry *dst, struct request_sock *req,
		       struct tcp_fastopen_cookie *foc, enum tcp_synack_type type)
{
	struct sk_buff *skb;
	struct flowi4 fl4;
	int err;

	if (!dst)
		dst = inet_csk_route_req(sk, &fl4, req);
	if (!dst)
		return -1;
	skb = tcp_make_synack(sk, dst, req, foc, type);
	if (!skb)
		return 0;
	err = ip_build_and_send_pkt(sock_net(sk), skb, (struct sock *)sk, req->ir_loc_addr,
				    req->ir_rmt_addr, req->ireq_opt, synack_tos(sk, req));
	return err == NET_XMIT_CN ? 0 : err;
}

int tcp_rtx_synack(const struct sock *sk, struct request_sock *req)
{
	struct net *net = sock_net(sk);
	int err;

	if (sk->sk_txrehash)
		req->txhash = skiff_random32(net->skiff) | 1;
	err = tcp_v4_send_synack(sk, NULL, req, NULL, TCP_SYNACK_NORMAL);
	if (err)
		return err;
	TCP_INC_STATS(net, TCP_MIB_RETRANSSEGS);
	NET_INC_STATS(net, LINUX_MIB_TCPSYNRETRANS);
	/* The child of a Fast Open SYN exists already. */
	if (tcp_rare(tcp_sk(sk))->fastopen_rsk == req) {
		struct tcp_loss *loss = tcp_loss_make(tcp_sk((struct sock *)sk));

		if (loss)
			loss->total_retrans++;
	}
	return 0;
}
