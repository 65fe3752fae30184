// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_fastopen.c - TCP Fast Open at the listener (RFC 7413): keys, cookies, children made by a SYN.
 *
 * DOC: Fast open, passive
 * A cookie is SipHash of both addresses under the listener's or the namespace's key (a second key is still accepted while keys
 * change). A SYN with the right cookie makes a child in SYN_RECV whose data may be read, and which may answer, before the
 * handshake is complete; the request goes with it (fastopen_rsk) until the ACK comes [reqsk_fastopen_remove]. At most
 * fastopenq.max_qlen such children wait; one that was reset counts for 60 s more, which limits what forged addresses can do.
 */
#include "net/ipv4/tcp_conn.h"
#include "net/sock_mem.h"

#define TFO_SERVER_ENABLE	   2
#define TFO_SERVER_COOKIE_NOT_REQD 0x200
#define TFO_RESET_PENALTY	   (60 * HZ)

struct tcp_fastopen_context {
	siphash_key_t key[2];
	int num;
};

/* ---- keys ---- */

static struct tcp_fastopen_context *get_ctx(const struct sock *sk)
{
	const struct request_sock_queue *q = inet_csk_accept_queue(sk);

	if (q && q->fastopenq.ctx)
		return q->fastopenq.ctx;
	return sock_net(sk)->ipv4.tcp_fastopen_ctx;
}

/** tcp_fastopen_reset_cipher() - new keys of 16 bytes for a listener (@sk) or the namespace; @backup_key may be NULL. 0 or -ENOMEM */
int tcp_fastopen_reset_cipher(struct net *net, struct sock *sk, const void *primary_key,
			      const void *backup_key)
{
	struct tcp_fastopen_context **where = &net->ipv4.tcp_fastopen_ctx, *ctx;
	struct request_sock_queue *q;

	if (sk) {
		q = inet_csk_queue(sk);
		if (!q)
			return -ENOMEM;
		where = &q->fastopenq.ctx;
	}
	ctx = skiff_zalloc(net->skiff, sizeof(*ctx));
	if (!ctx)
		return -ENOMEM;
	memcpy(&ctx->key[0], primary_key, sizeof(ctx->key[0]));
	ctx->num = 1;
	if (backup_key) {
		memcpy(&ctx->key[1], backup_key, sizeof(ctx->key[1]));
		ctx->num = 2;
	}
	skiff_free(net->skiff, *where);
	*where = ctx;
	return 0;
}

void tcp_fastopen_init_key_once(struct net *net)
{
	siphash_key_t key;

	if (net->ipv4.tcp_fastopen_ctx)
		return;
	net_secret(net, "tcp_fastopen", &key);
	tcp_fastopen_reset_cipher(net, NULL, &key, NULL);
}

/** tcp_fastopen_get_cipher() - keys in use into @key (two words each); @sk may be NULL. Return: how many */
int tcp_fastopen_get_cipher(struct net *net, struct sock *sk, u64 *key)
{
	const struct request_sock_queue *q = sk ? inet_csk_accept_queue(sk) : NULL;
	const struct tcp_fastopen_context *ctx = net->ipv4.tcp_fastopen_ctx;

	/* A socket tells its own keys only, not those that it would use for want of them. */
	if (sk)
		ctx = q ? q->fastopenq.ctx : NULL;
	if (!ctx)
		return 0;
	memcpy(key, ctx->key, (u32)ctx->num * sizeof(ctx->key[0]));
	return ctx->num;
}

void tcp_fastopen_destroy_cipher(struct sock *sk)
{
	struct request_sock_queue *q = inet_csk_accept_queue(sk);

	if (!q)
		return;
	skiff_free(sock_skiff(sk), q->fastopenq.ctx);
	q->fastopenq.ctx = NULL;
}

void tcp_fastopen_net_exit(struct net *net)
{
	skiff_free(net->skiff, net->ipv4.tcp_fastopen_ctx);
	net->ipv4.tcp_fastopen_ctx = NULL;
}

/* ---- cookies ---- */

static void cookie_gen(const struct sk_buff *syn, const siphash_key_t *key,
		       struct tcp_fastopen_cookie *foc)
{
	const __be32 addr[2] = { ip_hdr(syn)->saddr, ip_hdr(syn)->daddr };
	u64 hash = siphash(addr, sizeof(addr), key);

	memcpy(foc->val, &hash, sizeof(hash));
	foc->len = TCP_FASTOPEN_COOKIE_SIZE;
}

/* Which key made @orig: 1 the first, 2 the other, 0 none; @valid: what the first makes */
static int cookie_check(const struct sock *sk, const struct sk_buff *syn,
			const struct tcp_fastopen_cookie *orig, struct tcp_fastopen_cookie *valid)
{
	const struct tcp_fastopen_context *ctx = get_ctx(sk);
	struct tcp_fastopen_cookie other = { .len = -1 }, *foc = valid;

	for (int i = 0; ctx && i < ctx->num; i++) {
		cookie_gen(syn, &ctx->key[i], foc);
		if (orig->len == foc->len && !memcmp(orig->val, foc->val, (size_t)foc->len))
			return i + 1;
		foc = &other;
	}
	return 0;
}

/* ---- the child ---- */

/** tcp_fastopen_add_skb() - data of a SYN (or SYN-ACK) into the receive queue; @skb is borrowed */
void tcp_fastopen_add_skb(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (TCP_SKB_CB(skb)->end_seq == tp->rcv_nxt)
		return;
	skb = skb_clone(sock_skiff(sk), skb);
	if (!skb)
		return;
	skb_dst_drop(skb);
	/* tcp_create_openreq_child() counted this segment already. */
	tp->segs_in = 1;
	if (skb->len > tcp_hdr(skb)->doff * 4u)
		tp->data_segs_in++;
	skb_pull(skb, tcp_hdr(skb)->doff * 4u);
	sk_forced_mem_schedule(sk, (int)skb->truesize);
	skb_set_owner_r(skb, sk);
	TCP_SKB_CB(skb)->seq++;
	TCP_SKB_CB(skb)->tcp_flags &= (u16)~TCPHDR_SYN;
	tp->rcv_nxt = TCP_SKB_CB(skb)->end_seq;
	skb_queue_tail(&sk->sk_receive_queue, skb);
	tp->syn_data_acked = 1;
	tp->bytes_received = skb->len;
	if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN)
		tcp_fin(sk);
}

static struct sock *create_child(struct sock *sk, struct sk_buff *skb, struct request_sock *req)
{
	bool own_req;
	struct sock *child = tcp_v4_syn_recv_sock(sk, skb, req, NULL, NULL, &own_req);
	struct tcp_rare *rare;
	struct tcp_sock *tp;

	if (!child)
		return NULL;
	rare = tcp_rare_make(child);
	if (!rare) {
		inet_csk_prepare_forced_close(child);
		tcp_done(child);
		return NULL;
	}
	inet_csk_accept_queue(sk)->fastopenq.qlen++;
	tp = tcp_sk(child);
	rare->fastopen_rsk = req;
	req->tfo_listener = 1;
	/* The window of a SYN is never scaled. */
	tp->snd_wnd = ntohs(tcp_hdr(skb)->window);
	tp->max_window = tp->snd_wnd;
	/* The child's own timer repeats the SYN-ACK. */
	req->timeout = TCP_TIMEOUT_INIT;
	tcp_reset_xmit_timer(child, ICSK_TIME_RETRANS, req->timeout, false);
	tcp_init_transfer(child, skb);
	tp->rcv_nxt = TCP_SKB_CB(skb)->seq + 1;
	tcp_fastopen_add_skb(child, skb);
	req->rcv_nxt = tp->rcv_nxt;
	tp->rcv_wup = tp->rcv_nxt;
	return child;
}

/* Does the listener do fast open, and is there room for one more? */
static bool queue_check(struct sock *sk)
{
	struct fastopen_queue *q = &inet_csk_accept_queue(sk)->fastopenq;
	struct request_sock *req = q->rskq_rst_head;

	if (!q->max_qlen)
		return false;
	if (q->qlen < q->max_qlen)
		return true;
	if (!req || time_after(req->deadline, sock_skiff(sk)->jiffies)) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPFASTOPENLISTENOVERFLOW);
		return false;
	}
	/* The oldest of those that were reset has atoned. */
	q->rskq_rst_head = req->dl_next;
	if (!q->rskq_rst_head)
		q->rskq_rst_tail = NULL;
	q->qlen--;
	reqsk_put(req);
	return true;
}

static bool no_cookie(const struct sock *sk, const struct dst_entry *dst)
{
	return sock_net(sk)->ipv4.sysctl_tcp_fastopen & TFO_SERVER_COOKIE_NOT_REQD ||
	       tcp_sk(sk)->fastopen_no_cookie ||
	       (dst && dst_metric_raw(dst, RTAX_FASTOPEN_NO_COOKIE));
}

/**
 * tcp_try_fastopen() - a SYN at a listener: does it open a connection at once?
 * @foc: in: cookie of the SYN (len 0: asks for one, -1: none); out: cookie for the SYN-ACK
 * Return: the child, two references; NULL: an ordinary request
 */
struct sock *tcp_try_fastopen(struct sock *sk, struct sk_buff *skb, struct request_sock *req,
			      struct tcp_fastopen_cookie *foc, const struct dst_entry *dst)
{
	bool syn_data = TCP_SKB_CB(skb)->end_seq != TCP_SKB_CB(skb)->seq + 1;
	struct tcp_fastopen_cookie valid = { .len = -1 };
	const struct tcp_fastopen_context *ctx;
	struct net *net = sock_net(sk);
	struct sock *child;
	int key = 0;

	if (!foc->len)
		NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENCOOKIEREQD);
	if (!(net->ipv4.sysctl_tcp_fastopen & TFO_SERVER_ENABLE) || (!syn_data && foc->len < 0) ||
	    !queue_check(sk)) {
		foc->len = -1;
		return NULL;
	}
	if (!no_cookie(sk, dst)) {
		ctx = get_ctx(sk);
		if (!foc->len && ctx)
			cookie_gen(skb, &ctx->key[0], &valid);
		if (foc->len > 0)
			key = cookie_check(sk, skb, foc, &valid);
		if (foc->len > 0 && !key)
			NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENPASSIVEFAIL);
		if (!key)
			goto ordinary;
	}
	child = create_child(sk, skb, req);
	if (child) {
		valid.exp = foc->exp;
		if (key == 2) {
			*foc = valid;
			NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENPASSIVEALTKEY);
		} else {
			foc->len = -1;
		}
		NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENPASSIVE);
		return child;
	}
	NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENPASSIVEFAIL);
ordinary:
	valid.exp = foc->exp;
	*foc = valid;
	return NULL;
}

/** fastopen_queue_tune() - TCP_FASTOPEN: how many children may wait for their ACK */
void fastopen_queue_tune(struct sock *sk, int backlog)
{
	struct request_sock_queue *q = inet_csk_queue(sk);

	if (q)
		q->fastopenq.max_qlen =
			(int)min_t(u32, (u32)backlog, (u32)sock_net(sk)->sock->sysctl_somaxconn);
}

/** reqsk_fastopen_remove() - the child @sk of @req is confirmed, or (@reset) was reset: they part */
void reqsk_fastopen_remove(struct sock *sk, struct request_sock *req, bool reset)
{
	struct sock *lsk = req->rsk_listener;
	struct request_sock_queue *lq = inet_csk_accept_queue(lsk);
	struct fastopen_queue *q = lq ? &lq->fastopenq : NULL;

	inet_csk(sk)->icsk_rare->fastopen_rsk = NULL;
	if (q)
		q->qlen--;
	req->tfo_listener = 0;
	/* Not accepted yet: inet_csk_accept() gives the request up. */
	if (req->sk)
		return;
	if (!reset || !q || lsk->sk_state != TCP_LISTEN) {
		reqsk_put(req);
		return;
	}
	req->deadline = sock_skiff(sk)->jiffies + TFO_RESET_PENALTY;
	req->dl_next = NULL;
	if (q->rskq_rst_tail)
		q->rskq_rst_tail->dl_next = req;
	else
		q->rskq_rst_head = req;
	q->rskq_rst_tail = req;
	q->qlen++;
}
