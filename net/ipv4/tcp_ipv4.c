// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_ipv4.c - segments come in from IP and find their socket: connection, request, time-wait or listener.
 *
 * DOC: A segment's way
 * In : segments for this node, data and transport header at the TCP header (ip_local_deliver); a whole batch before that, for early demux.
 * Order of checks: a unicast frame; 20 bytes of header; data offset; all of the header there; checksum; socket; TTL; signature; socket's filter.
 * Out: tcp_rcv_established() (tcp_v4_do_rcv), tcp_rcv_state_process(), tcp_check_req() for a request, tcp_timewait_state_process();
 * nobody: a reset (tcp_v4_reply.c).
 * A lookup counts no references: the socket is held here for as long as its segment is handled.
 * Drops: NO_SOCKET, TCP_CSUM, PKT_TOO_SMALL (data offset below 5), NOT_SPECIFIED (not unicast; shorter than its header), TCP_MINTTL,
 * those of tcp_inbound_hash(), tcp_check_req(), tcp_rcv_state_process().
 */
#include "net/ipv4/tcp_conn.h"

#include "lib/checksum.h"
#include "net/protocol.h"
#include "net/sock_filter.h"
#include "net/sysctl.h"

void inet_free_mini(struct sock *sk)
{
	if (sk->sk_kind_ == SK_REQUEST)
		reqsk_free(inet_reqsk(sk));
	else
		inet_twsk_free(inet_twsk(sk));
}

void tcp_v4_fill_cb(struct sk_buff *skb, const struct iphdr *iph, const struct tcphdr *th)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	skb->cold = 1;
	if (unlikely(skb->ipflags & IPSKB_OPTS)) {
		struct inet_skb_parm parm = *IPCB(skb);

		cb->h4 = parm;
	}
	cb->seq = ntohl(th->seq);
	cb->end_seq = cb->seq + th->syn + th->fin + skb->len - th->doff * 4u;
	cb->ack_seq = ntohl(th->ack_seq);
	cb->tcp_flags = (u16)(((const u8 *)th)[13] | (((const u8 *)th)[12] & 1) << 8);
	cb->sacked = 0;
	cb->ip_dsfield = iph->tos;
	cb->has_rxtstamp = skb->tstamp != 0;
}

void tcp_v4_restore_cb(struct sk_buff *skb)
{
	if (unlikely(skb->ipflags & IPSKB_OPTS)) {
		struct inet_skb_parm parm = TCP_SKB_CB(skb)->h4;

		*IPCB(skb) = parm;
	}
}

void inet_sk_rx_dst_set(struct sock *sk, const struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);

	if (!dst || dst->obsolete == DST_OBSOLETE_DEAD)
		return;
	if (sk->sk_rx_dst)
		dst_release(sk->sk_rx_dst);
	dst_hold(dst);
	sk->sk_rx_dst = dst;
	sk->sk_rx_dst_ifindex = (int)skb->skb_iif;
}

/* ---- early demux ---- */

static void tcp_edemux(struct sk_buff *skb)
{
	sock_gen_put(skb->sk);
}

/* May the segment be looked up before it is routed? Its header is whole and it is for a socket, if it is for us. */
static bool demux_early(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 hlen = iph->ihl * 4u;

	return iph->protocol == IPPROTO_TCP && skb->pkt_type == PACKET_HOST && !skb->dst &&
	       !ip_is_fragment(iph) && (!skb->cold || !skb->sk) &&
	       pskb_may_pull(net->skiff, skb, hlen + sizeof(struct tcphdr)) &&
	       tcp_hdr(skb)->doff >= 5;
}

static void demux_found(struct sk_buff *skb, struct sock *sk)
{
	struct dst_entry *dst;

	sock_hold(sk);
	skb->sk = sk;
	skb->destructor = tcp_edemux;
	skb->cold = 1;
	if (sk->sk_kind_ != SK_FULL)
		return;
	dst = sk->sk_rx_dst;
	if (dst && rt_cache_valid((struct rtable *)dst) &&
	    sk->sk_rx_dst_ifindex == (int)skb->skb_iif)
		skb_dst_set_noref(skb, dst);
}

/* Segments come in trains: the connection of the one before, if this one is its too. It is in the table if it says so. */
static struct sock *demux_last(const struct net *net, const struct sk_buff *skb)
{
	const struct slab *slab = &net->skiff->sockets->slab[SLAB_TCP];
	const struct tcphdr *th = tcp_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);
	u32 last = net->ipv4.tcp_hashinfo->demux_last;
	struct sock *sk = last ? slab_look(slab, last) : NULL;

	if (!sk || sk->sk_daddr != iph->saddr || sk->sk_rcv_saddr != iph->daddr ||
	    sk->sk_dport != th->source || sk->sk_num != ntohs(th->dest) || !sk->sk_hashed_ ||
	    sk->sk_kind_ != SK_FULL || sk->sk_state == TCP_LISTEN || sk->sk_bound_dev_if ||
	    sock_net(sk) != net)
		return NULL;
	return sk;
}

static void demux_batch(struct net *net, struct skb_batch *b)
{
	struct sock *found[SKB_BATCH_MAX];

	inet_lookup_established_batch(net, b, found);
	for (u32 i = 0; i < b->n; i++) {
		if (found[i] && found[i]->sk_kind_ == SK_FULL)
			tcp_sock_prefetch(found[i]);
	}
	for (u32 i = 0; i < b->n; i++) {
		if (!found[i])
			continue;
		demux_found(b->p[i], found[i]);
		if (found[i]->sk_kind_ == SK_FULL)
			net->ipv4.tcp_hashinfo->demux_last = found[i]->sk_handle;
	}
}

void tcp_v4_early_demux(struct net *net, struct skb_batch *b)
{
	struct skb_batch others;

	if (!net->ipv4.sysctl_tcp_early_demux || !inet_ehash_count(net))
		return;
	others.n = 0;
	for (u32 i = 0; i < b->n; i++) {
		struct sock *sk;

		if (!demux_early(net, b->p[i]))
			continue;
		sk = demux_last(net, b->p[i]);
		if (sk)
			demux_found(b->p[i], sk);
		else
			others.p[others.n++] = b->p[i];
	}
	if (others.n)
		demux_batch(net, &others);
}

/* ---- segments ---- */

static bool tcp_csum_ok(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (skb_csum_unnecessary(skb))
		return true;
	if (csum_tcpudp_magic(iph->saddr, iph->daddr, skb->len, IPPROTO_TCP,
			      skb_checksum(skb, 0, skb->len, 0)))
		return false;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return true;
}

/* tcp_check() - is the segment whole? 0, or the reason to drop */
static enum skb_drop_reason tcp_check(struct net *net, struct sk_buff *skb)
{
	u32 hlen;

	if (!pskb_may_pull(net->skiff, skb, sizeof(struct tcphdr)))
		return SKB_DROP_REASON_NOT_SPECIFIED;
	hlen = ((const struct tcphdr *)skb->data)->doff * 4u;
	if (hlen < sizeof(struct tcphdr))
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	if (!pskb_may_pull(net->skiff, skb, hlen))
		return SKB_DROP_REASON_NOT_SPECIFIED;
	if (!tcp_csum_ok(skb))
		return SKB_DROP_REASON_TCP_CSUM;
	return SKB_NOT_DROPPED_YET;
}

/* The socket's filter; nothing of the header may be cut off. */
static bool tcp_filter(struct sock *sk, struct sk_buff *skb, enum skb_drop_reason *reason)
{
	return unlikely(sk_has_filter(sk)) &&
	       sk_filter_trim_cap(sk, skb, tcp_hdr(skb)->doff * 4u, reason);
}

/* Counters of a connection, before the segment is judged. */
static void tcp_segs_in(struct tcp_sock *tp, const struct sk_buff *skb)
{
	u32 segs = max_t(u32, 1, skb_gso_segs(skb));

	tp->segs_in += segs;
	if (skb->len > tcp_hdr(skb)->doff * 4u)
		tp->data_segs_in += segs;
}

static void established(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = sk->sk_rx_dst;

	if (dst &&
	    (sk->sk_rx_dst_ifindex != (int)skb->skb_iif || !rt_cache_valid((struct rtable *)dst))) {
		dst_release(dst);
		sk->sk_rx_dst = NULL;
	}
	if (unlikely(!sk->sk_rx_dst))
		inet_sk_rx_dst_set(sk, skb);
	tcp_rcv_established(sk, skb);
}

/** tcp_v4_do_rcv() - a segment at its socket, in any state; consumes */
int tcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason reason;
	struct sock *rsk = sk;

	if (sk->sk_state == TCP_ESTABLISHED) {
		established(sk, skb);
		return 0;
	}
	if (sk->sk_state == TCP_LISTEN && !tcp_hdr(skb)->syn) {
		rsk = cookie_v4_check(sk, skb);
		if (!rsk)
			return 0;
	}
	reason = rsk != sk ? tcp_child_process(sk, rsk, skb) : tcp_rcv_state_process(sk, skb);
	if (!reason)
		return 0;
	tcp_v4_send_reset(rsk, skb);
	kfree_skb_reason(sock_skiff(sk), skb, reason);
	return 0;
}

/* A segment on its way through tcp_v4_rcv(). */
struct arrival {
	struct net *net;
	struct sk_buff *skb;
	enum skb_drop_reason reason;
};

static struct sock *lookup_skb(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	struct sock *sk = skb->cold ? skb->sk : NULL;

	if (sk && skb->destructor == tcp_edemux) {
		/* What early demux found, with its reference, unless a segment before this one has ended it. */
		skb->sk = NULL;
		skb->destructor = NULL;
		if (likely(sk->sk_hashed_))
			return sk;
		sock_gen_put(sk);
	}
	sk = __inet_lookup_established(net, iph->saddr, th->source, iph->daddr, ntohs(th->dest),
				       (int)skb->skb_iif, 0);
	if (!sk)
		sk = __inet_lookup_listener(net, skb, th->doff * 4, iph->saddr, th->source,
					    iph->daddr, ntohs(th->dest), (int)skb->skb_iif, 0);
	if (sk)
		sock_hold(sk);
	return sk;
}

/* A listener or a connection; @sk is held by the caller. Return: consumed; else drop it for a->reason */
static bool rcv_full(struct arrival *a, struct sock *sk)
{
	struct sk_buff *skb = a->skb;
	const struct iphdr *iph = ip_hdr(skb);

	if (unlikely(inet_sk(sk)->min_ttl && iph->ttl < inet_sk(sk)->min_ttl)) {
		NET_INC_STATS(a->net, LINUX_MIB_TCPMINTTLDROP);
		a->reason = SKB_DROP_REASON_TCP_MINTTL;
		return false;
	}
	a->reason = tcp_inbound_hash(sk, NULL, skb, iph->saddr, iph->daddr, (int)skb->skb_iif);
	if (unlikely(a->reason) || tcp_filter(sk, skb, &a->reason))
		return false;
	tcp_v4_fill_cb(skb, ip_hdr(skb), tcp_hdr(skb));
	if (sk->sk_state != TCP_LISTEN)
		tcp_segs_in(tcp_sk(sk), skb);
	tcp_v4_do_rcv(sk, skb);
	return true;
}

/*
 * A request; @req is held by the caller. Return: consumed (or to be dropped, then a->reason is set and a->skb still there);
 * *@again: look up anew, the request is gone
 */
static bool rcv_request(struct arrival *a, struct request_sock *req, bool *again)
{
	struct sk_buff *skb = a->skb;
	const struct iphdr *iph = ip_hdr(skb);
	struct sock *sk = req->rsk_listener, *nsk = NULL;
	bool stolen = false, done = false;

	a->reason = tcp_inbound_hash(sk, req, skb, iph->saddr, iph->daddr, (int)skb->skb_iif);
	if (unlikely(a->reason)) {
		sk->sk_drops++;
		return false;
	}
	if (unlikely(sk->sk_state != TCP_LISTEN)) {
		inet_csk_reqsk_queue_drop(sk, req);
		*again = true;
		return false;
	}
	sock_hold(sk);
	if (!tcp_filter(sk, skb, &a->reason)) {
		tcp_v4_fill_cb(skb, ip_hdr(skb), tcp_hdr(skb));
		nsk = tcp_check_req(sk, skb, req, false, &stolen, &a->reason);
	}
	if (!nsk && stolen) {
		tcp_v4_restore_cb(skb);
		*again = true;
	} else if (nsk == sk) {
		tcp_v4_restore_cb(skb);
		done = rcv_full(a, sk);
	} else if (nsk) {
		/* The child's second reference is given up in there; it is the accept queue's anyway. */
		sock_hold(nsk);
		a->reason = tcp_child_process(sk, nsk, skb);
		done = !a->reason;
		if (!done)
			tcp_v4_send_reset(nsk, skb);
		sock_put(nsk);
	}
	if (!done && !*again)
		sk->sk_drops++;
	sock_put(sk);
	return done;
}

/* TIME_WAIT; @tw is held by the caller. Return: the listener that a new SYN goes to, held; NULL: a->skb is to be dropped */
static struct sock *rcv_timewait(struct arrival *a, struct inet_timewait_sock *tw)
{
	struct sk_buff *skb = a->skb;
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	enum tcp_tw_status status;
	struct sock *sk;
	u32 isn = 0;

	tcp_v4_fill_cb(skb, iph, th);
	status = tcp_timewait_state_process(tw, skb, th, &isn, &a->reason);
	switch (status) {
	case TCP_TW_SYN:
		sk = __inet_lookup_listener(a->net, skb, th->doff * 4, iph->saddr, th->source,
					    iph->daddr, ntohs(th->dest), (int)skb->skb_iif, 0);
		if (sk) {
			inet_twsk_deschedule_put(tw);
			tcp_v4_restore_cb(skb);
			a->net->ipv4.tcp_hashinfo->tw_isn = isn;
			sock_hold(sk);
			return sk;
		}
		tcp_v4_timewait_ack(tw, skb, false);
		break;
	case TCP_TW_ACK:
	case TCP_TW_ACK_OOW:
		tcp_v4_timewait_ack(tw, skb, status == TCP_TW_ACK_OOW);
		break;
	case TCP_TW_RST:
		tcp_v4_send_reset((struct sock *)tw, skb);
		inet_twsk_deschedule_put(tw);
		break;
	case TCP_TW_SUCCESS:
		break;
	}
	return NULL;
}

/* Hand the segment to whoever it is for. Return: consumed; else drop it for a->reason */
static bool rcv_find(struct arrival *a)
{
	struct sock *sk, *nsk;
	bool again, done = false;

	do {
		again = false;
		sk = lookup_skb(a->net, a->skb);
		if (!sk)
			break;
		if (unlikely(sk->sk_kind_ == SK_REQUEST)) {
			done = rcv_request(a, inet_reqsk(sk), &again);
		} else {
			if (unlikely(sk->sk_kind_ == SK_TIMEWAIT)) {
				nsk = rcv_timewait(a, inet_twsk(sk));
				inet_twsk_put(inet_twsk(sk));
				if (!nsk)
					return false;
				sk = nsk;
			}
			done = rcv_full(a, sk);
			if (!done)
				sk->sk_drops++;
		}
		sock_gen_put(sk);
	} while (again);
	if (sk)
		return done;
	a->reason = SKB_DROP_REASON_NO_SOCKET;
	tcp_v4_fill_cb(a->skb, ip_hdr(a->skb), tcp_hdr(a->skb));
	tcp_v4_send_reset(NULL, a->skb);
	return false;
}

int tcp_v4_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);
	struct arrival a = { net, skb, SKB_DROP_REASON_NOT_SPECIFIED };
	bool done;

	journey_fn(net, skb);
	if (skb->pkt_type != PACKET_HOST)
		goto discard;
	TCP_INC_STATS(net, TCP_MIB_INSEGS);
	a.reason = tcp_check(net, skb);
	if (a.reason == SKB_DROP_REASON_TCP_CSUM)
		TCP_INC_STATS(net, TCP_MIB_CSUMERRORS);
	if (a.reason == SKB_DROP_REASON_TCP_CSUM || a.reason == SKB_DROP_REASON_PKT_TOO_SMALL)
		TCP_INC_STATS(net, TCP_MIB_INERRS);
	if (a.reason)
		goto discard;
	done = rcv_find(&a);
	net->ipv4.tcp_hashinfo->tw_isn = 0;
	if (done)
		return 0;
discard:
	if (!a.reason)
		a.reason = SKB_DROP_REASON_NOT_SPECIFIED;
	kfree_skb_reason(net->skiff, skb, a.reason);
	return 0;
}

/* ---- start and end ---- */

static const struct net_protocol tcp_protocol = {
	.handler = tcp_v4_rcv,
	.err_handler = tcp_v4_err,
	.early_demux = tcp_v4_early_demux,
	.no_policy = true,
	.icmp_strict_tag_validation = true,
};

int tcp_shard_init(struct skiff *skiff);
/** tcp_shard_init() - slabs, timers and the protocol itself, for all namespaces of a shard */
int tcp_shard_init(struct skiff *skiff)
{
	static const struct inet_protosw tcp_sw = {
		.type = SOCK_STREAM,
		.protocol = IPPROTO_TCP,
		.prot = &tcp_prot,
		.ops = &inet_stream_ops,
		.flags = INET_PROTOSW_PERMANENT | INET_PROTOSW_ICSK,
	};
	struct sock_shard *ss = skiff->sockets;
	const struct handle_kind request = { .run = reqsk_timer_run, .arg = skiff };
	int err;

	slab_init(&ss->slab[SLAB_REQUEST], skiff, sizeof(struct request_sock));
	slab_init(&ss->slab[SLAB_TIMEWAIT], skiff, sizeof(struct inet_timewait_sock));
	slab_init(&ss->slab[SLAB_TCP_LOSS], skiff, sizeof(struct tcp_loss));
	slab_init(&ss->slab[SLAB_BIND], skiff, sizeof(struct inet_bind_bucket));
	ss->timer_kind[SOCK_TIMER_REQUEST] = handle_wheel_kind(&skiff->handles, &request);
	err = proto_register(skiff, &tcp_prot);
	return err ? err : inet_register_protosw(skiff, &tcp_sw);
}

static int tcp_v4_net_init(struct net *net)
{
	static const struct ctl_table ports = { .procname = "ip_local_reserved_ports",
						.mode = 0644,
						.handler = ip_local_reserved_ports };

	if (!register_net_sysctl(net, "net/ipv4", &ports, 1))
		return -ENOMEM;
	net_secret(net, "tcp_seq", &net->ipv4.net_secret);
	net_secret(net, "syncookie 0", &net->ipv4.syncookie_secret[0]);
	net_secret(net, "syncookie 1", &net->ipv4.syncookie_secret[1]);
	if (inet_hashinfo_init(net))
		return -ENOMEM;
	if (inet_twsk_net_init(net))
		goto hashinfo;
	if (tcp_metrics_net_init(net))
		goto timewait;
	if (!inet_add_protocol(net, &tcp_protocol, IPPROTO_TCP))
		return 0;
	tcp_metrics_net_exit(net);
timewait:
	inet_twsk_net_exit(net);
hashinfo:
	inet_hashinfo_exit(net);
	return -ENOMEM;
}

/* What nobody owns any more ends with its namespace; descriptors were closed before. */
static void sock_end(void *arg, struct sock *sk)
{
	if (sk->sk_kind_ == SK_REQUEST) {
		inet_csk_reqsk_queue_drop(inet_reqsk(sk)->rsk_listener, inet_reqsk(sk));
	} else if (sk->sk_kind_ == SK_FULL && sock_flag(sk, SOCK_DEAD)) {
		tcp_set_state(sk, TCP_CLOSE);
		inet_csk_destroy_sock(sk);
	}
}

static void tcp_v4_net_exit(struct net *net)
{
	inet_del_protocol(net, &tcp_protocol, IPPROTO_TCP);
	inet_ehash_walk(net, sock_end, NULL);
	tcp_tsq_forget(net);
	tcp_metrics_net_exit(net);
	tcp_fastopen_net_exit(net);
	inet_twsk_net_exit(net);
	inet_hashinfo_exit(net);
	skiff_free(net->skiff, net->ipv4.sysctl_local_reserved_ports);
	net->ipv4.sysctl_local_reserved_ports = NULL;
}

const struct pernet_operations tcp_v4_net_ops = { "tcp_ipv4", tcp_v4_net_init, tcp_v4_net_exit };
