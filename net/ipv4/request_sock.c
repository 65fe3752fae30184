// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/request_sock.c - life of a request: from the SYN to the accept queue, its timer, its end.
 *
 * DOC: A request's references
 * One is the table of connections' (inet_csk_reqsk_queue_hash_add() to inet_csk_reqsk_queue_drop() or to the child that
 * takes its place), then the accept queue's. The request holds one on its listener. Its timer holds none: the wheel has a handle, and
 * a request that is gone, or another one, is known by the tick it is listed for.
 *
 *   new         -> waiting   [inet_csk_reqsk_queue_hash_add]   in the table, counted by the listener
 *   waiting     -> queued    [inet_csk_complete_hashdance]     a child stands in the table instead, the request leads accept() to it
 *   waiting     -> gone      [inet_csk_reqsk_queue_drop]       reset, given up, listener closed
 *   queued      -> gone      [inet_csk_accept, inet_csk_listen_stop]
 */
#include "net/tcp.h"
#include "net/sock_mem.h"

struct request_sock *inet_reqsk_alloc(struct sock *sk_listener)
{
	struct slab *slab = &sock_skiff(sk_listener)->sockets->slab[SLAB_REQUEST];
	struct request_sock *req = slab_zalloc(slab);
	struct sock_common *c;

	if (!req)
		return NULL;
	c = &req->__req_common;
	c->skc_handle = slab_handle(slab, req);
	c->skc_kind = SK_REQUEST;
	c->skc_state = TCP_NEW_SYN_RECV;
	c->skc_family = sk_listener->sk_family;
	c->skc_prot = sk_listener->sk_prot;
	c->skc_net = sock_net(sk_listener);
	c->skc_reuse = sk_listener->sk_reuse;
	c->skc_reuseport = sk_listener->sk_reuseport;
	c->skc_listener = sk_listener;
	c->skc_refcnt = 1;
	sock_hold(sk_listener);
	req->timeout = TCP_TIMEOUT_INIT;
	return req;
}

void reqsk_free(struct request_sock *req)
{
	struct skiff *skiff = req->ireq_net->skiff;
	struct sock *listener = req->rsk_listener;

	NET_ASSERT(!req->__req_common.skc_hashed);
	skiff_free(skiff, req->ireq_opt);
	skiff_free(skiff, req->saved_syn);
	req->__req_common.skc_state = TCP_CLOSE;
	req->listed = 0;
	slab_free(&skiff->sockets->slab[SLAB_REQUEST], req);
	sock_put(listener);
}

/* ---- counted by the listener while they wait ---- */

static void reqsk_queue_added(struct request_sock *req)
{
	struct request_sock_queue *q = inet_csk_accept_queue(req->rsk_listener);

	q->young++;
	q->qlen++;
}

/* The queue goes with the listener; requests may wait on. */
static void reqsk_queue_removed(const struct request_sock *req)
{
	struct request_sock_queue *q = inet_csk_accept_queue(req->rsk_listener);

	if (!q)
		return;
	if (!req->num_timeout)
		q->young--;
	q->qlen--;
}

bool inet_csk_reqsk_queue_hash_add(struct sock *sk, struct request_sock *req, u64 timeout)
{
	bool found = false;

	if (!inet_ehash_insert(req_to_sk(req), NULL, &found))
		return false;
	req->rsk_refcnt++;
	reqsk_timer_set(req, timeout);
	reqsk_queue_added(req);
	return true;
}

bool inet_csk_reqsk_queue_drop(struct sock *sk, struct request_sock *req)
{
	if (!req->__req_common.skc_hashed)
		return false;
	inet_unhash(req_to_sk(req));
	req->deadline = 0;
	reqsk_queue_removed(req);
	reqsk_put(req);
	return true;
}

/* The child of a closing listener: nobody will accept it. */
void inet_child_forget(struct sock *sk, struct request_sock *req, struct sock *child)
{
	child->sk_prot->disconnect(child, 0);
	sock_orphan(child);
	sk_proto_memory(child)->orphan_count++;
	if (req->tfo_listener)
		inet_csk(child)->icsk_rare->fastopen_rsk = NULL;
	inet_csk_destroy_sock(child);
}

struct sock *inet_csk_reqsk_queue_add(struct sock *sk, struct request_sock *req, struct sock *child)
{
	struct request_sock_queue *q = inet_csk_accept_queue(sk);

	if (sk->sk_state != TCP_LISTEN) {
		inet_child_forget(sk, req, child);
		return NULL;
	}
	req->sk = child;
	req->dl_next = NULL;
	if (q->rskq_accept_tail)
		q->rskq_accept_tail->dl_next = req;
	else
		q->rskq_accept_head = req;
	q->rskq_accept_tail = req;
	q->ack_backlog++;
	return child;
}

struct request_sock *reqsk_queue_remove(struct request_sock_queue *q)
{
	struct request_sock *req = q->rskq_accept_head;

	if (!req)
		return NULL;
	q->rskq_accept_head = req->dl_next;
	if (!q->rskq_accept_head)
		q->rskq_accept_tail = NULL;
	q->ack_backlog--;
	return req;
}

struct sock *inet_csk_complete_hashdance(struct sock *sk, struct sock *child,
					 struct request_sock *req, bool own_req)
{
	if (own_req) {
		/* The child took the request's place in the table, and the table's reference is the accept queue's now. */
		req->deadline = 0;
		reqsk_queue_removed(req);
		if (inet_csk_reqsk_queue_add(sk, req, child))
			return child;
		reqsk_put(req);
	}
	sock_put(child);
	return NULL;
}

/* ---- the timer: SYN-ACKs again, until it is enough ---- */

u64 tcp_reqsk_timeout(const struct request_sock *req)
{
	return min_t(u64, (u64)req->timeout << min_t(u32, req->num_timeout, 32),
		     tcp_rto_max(req->rsk_listener));
}

/* List @req in the wheel for its deadline, or as early as the wheel wants to look. */
static void reqsk_list(struct request_sock *req)
{
	struct skiff *skiff = req->ireq_net->skiff;

	req->listed = (u32)handle_wheel_add(&skiff->handles,
					    skiff->sockets->timer_kind[SOCK_TIMER_REQUEST],
					    req->__req_common.skc_handle, req->deadline);
}

void reqsk_timer_set(struct request_sock *req, u64 timeout)
{
	u64 deadline = req->ireq_net->skiff->jiffies + timeout;
	bool later = req->listed && req->deadline && req->deadline <= deadline;

	req->deadline = deadline;
	if (!later)
		reqsk_list(req);
}

int inet_rtx_syn_ack(const struct sock *parent, struct request_sock *req)
{
	int err = tcp_rtx_synack(parent, req);

	if (!err)
		req->num_retrans++;
	return err;
}

/*
 * How many SYN-ACKs may be sent again: fewer when the queue fills and most in it are old, since those whose SYN-ACK went
 * through are confirmed within a round trip.
 */
static int max_syn_ack_retries(const struct sock *listener)
{
	const struct request_sock_queue *q = inet_csk_accept_queue(listener);
	int max = icsk_rare(inet_csk(listener))->icsk_syn_retries, young = q->young << 1;

	if (!max)
		max = sock_net(listener)->ipv4.sysctl_tcp_synack_retries;
	if (q->qlen << 1 <= max_t(int, 8, q->max_ack_backlog))
		return max;
	for (; max > 2 && q->qlen >= young; max--)
		young <<= 1;
	return max;
}

/* A request's deadline came: send the SYN-ACK again and wait twice as long, or give up. */
static void reqsk_timeout(struct request_sock *req)
{
	struct sock *listener = req->rsk_listener;
	struct request_sock_queue *q = inet_csk_accept_queue(listener);
	bool expire, resend = true;
	int max, defer;

	if (listener->sk_state != TCP_LISTEN) {
		inet_csk_reqsk_queue_drop(listener, req);
		return;
	}
	max = max_syn_ack_retries(listener);
	defer = q->rskq_defer_accept;
	expire = req->num_timeout >= max;
	if (defer) {
		/* Acknowledged, data awaited: quiet until the time for that is over, then one last try. */
		expire = expire && (!req->acked || req->num_timeout >= defer);
		resend = !req->acked || req->num_timeout >= defer - 1;
	}
	NET_INC_STATS(req->ireq_net, LINUX_MIB_TCPTIMEOUTS);
	if (!expire && (!resend || !inet_rtx_syn_ack(listener, req) || req->acked)) {
		if (req->num_timeout++ == 0)
			q->young--;
		reqsk_timer_set(req, tcp_reqsk_timeout(req));
		return;
	}
	inet_csk_reqsk_queue_drop(listener, req);
}

void reqsk_timer_run(void *arg, u32 handle, u64 tick)
{
	struct skiff *skiff = arg;
	struct request_sock *req = slab_look(&skiff->sockets->slab[SLAB_REQUEST], handle);

	if (!req || req->__req_common.skc_state != TCP_NEW_SYN_RECV || req->listed != (u32)tick)
		return;
	req->listed = 0;
	if (!req->deadline || !req->__req_common.skc_hashed)
		return;
	if (req->deadline > tick) {
		reqsk_list(req);
		return;
	}
	req->deadline = 0;
	req->rsk_refcnt++;
	reqsk_timeout(req);
	reqsk_put(req);
}
