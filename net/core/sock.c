// SPDX-License-Identifier: BSD-2-Clause
/* net/core/sock.c - the network layer's half of a socket: birth, references, end, and who is told of changes.
 *
 * DOC: Life of a sock
 *   made      one reference, of the descriptor (or of the accept queue)     [sk_alloc, sk_clone]
 *   orphan    the descriptor is gone; the protocol may go on for a while    [sock_orphan]
 *   freed     the last reference went; memory of the slab again             [sk_free]
 * A packet sent holds a reference until it is freed (skb_set_owner_w), a packet received does not: it stands in a queue of
 * the sock. What the last reference frees is the family's business first (net_proto_family.destruct), then sk_destruct_common()'s.
 */
#include "net/sock.h"

#include "net/netdevice.h"
#include "net/sock_filter.h"
#include "net/sock_mem.h"
#include "net/sock_msg.h"
#include "net/sock_queue.h"
#include "net/socket.h"

/** proto_register() - see net/sock.h */
int proto_register(struct skiff *skiff, const struct proto *prot)
{
	struct sock_shard *s = skiff->sockets;
	struct slab *slab = &s->slab[prot->slab_index];

	if (s->nr_protos == ARRAY_SIZE(s->protos))
		return -ENOBUFS;
	if (!slab->size)
		slab_init(slab, skiff, prot->obj_size);
	NET_ASSERT(slab->size >= prot->obj_size);
	s->protos[s->nr_protos++] = prot;
	return 0;
}

/* ---- life ---- */

struct sock *sk_alloc(struct net *net, int family, const struct proto *prot)
{
	struct slab *slab = &net->skiff->sockets->slab[prot->slab_index];
	struct sock *sk = slab_zalloc(slab);

	if (!sk)
		return NULL;
	sk->sk_handle = slab_handle(slab, sk);
	sk->sk_family = (u8)family;
	sk->sk_kind_ = SK_FULL;
	sk->sk_prot = prot;
	sk->sk_net_ = net;
	sk->sk_refcnt = 1;
	sk->sk_rx_dst_ifindex = -1;
	net->sock->sockets_used++;
	return sk;
}

void sock_init_data(struct socket *sock, struct sock *sk)
{
	const struct netns_sock *ns = sock_net(sk)->sock;

	sk->sk_rcvbuf = (int)ns->sysctl_rmem_default;
	sk->sk_sndbuf = (int)ns->sysctl_wmem_default;
	sk->sk_state = TCP_CLOSE;
	sk->sk_rcvlowat = 1;
	sk->sk_pacing_rate = ~0ULL;
	sk->sk_pacing_shift = 10;
	sk->sk_uid = ns->policy.uid;
	sk->sk_txrehash = ns->sysctl_txrehash == 1;
	sock_set_flag(sk, SOCK_ZAPPED);
	if (sock) {
		sk->sk_type = sock->type;
		sk->sk_socket = sock;
		sock->sk = sk;
	}
}

struct sock_side *sk_side(struct sock *sk)
{
	struct sock_side *side = sk->sk_side;

	if (side)
		return side;
	side = skiff_zalloc(sock_skiff(sk), sizeof(*side));
	if (!side)
		return NULL;
	side->rcvtimeo = MAX_SCHEDULE_TIMEOUT;
	side->sndtimeo = MAX_SCHEDULE_TIMEOUT;
	side->stamp = -1;
	side->peek_off = -1;
	side->max_pacing_rate = UINT64_MAX;
	side->incoming_cpu = ~0u;
	sk->sk_side = side;
	return side;
}

/* What of the listener's rare parts a child has too. */
static bool clone_side(struct sock *newsk, const struct sock *sk)
{
	const struct sock_side *from = sk->sk_side;
	struct sock_side *to;

	newsk->sk_side = NULL;
	if (!from)
		return true;
	to = sk_side(newsk);
	if (!to)
		return false;
	*to = *from;
	memset(&to->error_queue, 0, sizeof(to->error_queue));
	to->reuseport_cb = NULL;
	to->stamp = -1;
	to->cookie = 0;
	to->zckey = 0;
	to->omem_alloc = 0;
	to->reserved_mem = 0;
	to->incoming_cpu = ~0u;
	to->user_data = NULL;
	to->mc_list = NULL;
	sk_filter_get(to->filter);
	return true;
}

struct sock *sk_clone(const struct sock *sk)
{
	struct slab *slab = &sock_skiff(sk)->sockets->slab[sk->sk_prot->slab_index];
	struct sock *newsk = slab_alloc(slab);

	if (!newsk)
		return NULL;
	memcpy((void *)newsk, sk, sk->sk_prot->obj_size);
	newsk->sk_handle = slab_handle(slab, newsk);
	sock_net(sk)->sock->sockets_used++;
	newsk->sk_refcnt = 1;
	newsk->sk_hashed_ = 0;
	newsk->sk_hash = 0;
	memset(&newsk->sk_receive_queue, 0, sizeof(newsk->sk_receive_queue));
	memset(&newsk->sk_write_queue, 0, sizeof(newsk->sk_write_queue));
	newsk->sk_rmem_alloc = newsk->sk_wmem_alloc = 0;
	newsk->sk_wmem_queued = newsk->sk_forward_alloc = 0;
	newsk->sk_dst_cache = NULL;
	newsk->sk_rx_dst = NULL;
	newsk->sk_socket = NULL;
	newsk->sk_err = newsk->sk_err_soft = 0;
	newsk->sk_priority = 0;
	newsk->sk_drops = 0;
	newsk->sk_tskey = 0;
	newsk->sk_userlocks &= (u8)~SOCK_BINDPORT_LOCK;
	sock_reset_flag(newsk, SOCK_DONE);
	sock_reset_flag(newsk, SOCK_NOSPACE_);
	if (!clone_side(newsk, sk)) {
		slab_free(slab, newsk);
		return NULL;
	}
	if (sock_wants_stamps(newsk))
		sock_skiff(sk)->tstamp_users++;
	return newsk;
}

void sk_destruct_common(struct sock *sk)
{
	struct skiff *skiff = sock_skiff(sk);
	struct sock_side *side = sk->sk_side;
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&sk->sk_receive_queue)))
		consume_skb(skiff, skb);
	dst_release(sk->sk_dst_cache);
	sk->sk_dst_cache = NULL;
	dst_release(sk->sk_rx_dst);
	sk->sk_rx_dst = NULL;
	if (sock_wants_stamps(sk))
		skiff->tstamp_users--;
	if (!side)
		return;
	while ((skb = skb_dequeue(&side->error_queue)))
		consume_skb(skiff, skb);
	if (side->reuseport_cb)
		reuseport_detach_sock(sk);
	sk_filter_put(skiff, side->filter);
	sk->sk_side = NULL;
	skiff_free(skiff, side);
}

void sk_free(struct sock *sk)
{
	struct sock_shard *s = sock_skiff(sk)->sockets;
	const struct net_proto_family *fam = s->families[sk->sk_family];

	NET_ASSERT(!sk->sk_refcnt && !sk->sk_wmem_alloc);
	/* Whoever frees packets of ours must not bring the count back to zero. */
	sk->sk_refcnt = 1;
	if (fam && fam->destruct)
		fam->destruct(sk);
	else
		sk_destruct_common(sk);
	NET_ASSERT(!sk->sk_rmem_alloc);
	__sk_mem_reclaim(sk, sk->sk_forward_alloc);
	sk->sk_refcnt = 0;
	sk->sk_state = TCP_CLOSE;
	sock_net(sk)->sock->sockets_used--;
	slab_free(&s->slab[sk->sk_prot->slab_index], sk);
}

void sk_common_release(struct sock *sk)
{
	if (sk->sk_prot->destroy)
		sk->sk_prot->destroy(sk);
	if (sk->sk_prot->unhash)
		sk->sk_prot->unhash(sk);
	sock_orphan(sk);
	sock_put(sk);
}

void sock_graft(struct sock *sk, struct socket *parent)
{
	NET_ASSERT(!parent->sk);
	sk->sk_socket = parent;
	parent->sk = sk;
	sk->sk_uid = sock_caller_uid(parent->net);
}

void sock_orphan(struct sock *sk)
{
	sock_set_flag(sk, SOCK_DEAD);
	if (sk->sk_socket)
		sk->sk_socket->sk = NULL;
	sk->sk_socket = NULL;
}

/* ---- routes ---- */

void sk_dst_set(struct sock *sk, struct dst_entry *dst)
{
	struct dst_entry *old = sk->sk_dst_cache;

	sk->sk_dst_cache = dst;
	dst_release(old);
}

void sk_dst_reset(struct sock *sk)
{
	sk_dst_set(sk, NULL);
}

/* ---- packets that belong to a sock ---- */

void sock_rfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	sk->sk_rmem_alloc -= (int)skb->truesize;
	sk_mem_uncharge(sk, (int)skb->truesize);
}

void skb_set_owner_r(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->cold = 1;
	skb->sk = sk;
	skb->destructor = sock_rfree;
	sk->sk_rmem_alloc += (int)skb->truesize;
	sk_mem_charge(sk, (int)skb->truesize);
}

void sock_wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	sk->sk_wmem_alloc -= (int)skb->truesize;
	if (!sock_flag(sk, SOCK_USE_WRITE_QUEUE))
		sk_write_space(sk);
	sock_put(sk);
}

void skb_set_owner_w(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->cold = 1;
	skb->sk = sk;
	skb->destructor = sock_wfree;
	sock_hold(sk);
	sk->sk_wmem_alloc += (int)skb->truesize;
}

void sock_gen_put(struct sock *sk)
{
	const struct sock_shard *s = sock_skiff(sk)->sockets;

	if (sk->sk_kind_ == SK_FULL)
		sock_put(sk);
	else if (--sk->sk_refcnt == 0)
		s->families[sk->sk_family]->free_mini(sk);
}

void sock_efree(struct sk_buff *skb)
{
	sock_gen_put(skb->sk);
}

struct sk_buff *sock_wmalloc(struct sock *sk, u32 size, bool force)
{
	struct sk_buff *skb;

	if (!force && sk->sk_wmem_alloc >= sk->sk_sndbuf)
		return NULL;
	skb = alloc_skb(sock_skiff(sk), size);
	if (skb) {
		skb_set_truesize(skb, size);
		skb_set_owner_w(skb, sk);
	}
	return skb;
}

struct sk_buff *sock_alloc_send_skb(struct sock *sk, u32 size, int *err)
{
	struct sk_buff *skb;

	*err = sock_error(sk);
	if (*err)
		return NULL;
	*err = -EPIPE;
	if (sk->sk_shutdown & SEND_SHUTDOWN)
		return NULL;
	if (sk->sk_wmem_alloc >= sk->sk_sndbuf) {
		sock_set_flag(sk, SOCK_NOSPACE_);
		*err = -EAGAIN;
		return NULL;
	}
	*err = -ENOBUFS;
	skb = alloc_skb(sock_skiff(sk), size);
	if (skb) {
		skb_set_truesize(skb, size);
		skb_set_owner_w(skb, sk);
	}
	return skb;
}

/* ---- queues ---- */

int __sock_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	if (sk->sk_rmem_alloc >= sk->sk_rcvbuf) {
		sk->sk_drops++;
		return -ENOMEM;
	}
	if (!sk_rmem_schedule(sk, skb, (int)skb->truesize)) {
		sk->sk_drops++;
		return -ENOBUFS;
	}
	skb->dev = NULL;
	skb_set_owner_r(skb, sk);
	skb_dst_force(skb);
	sock_skb_set_dropcount(sk, skb);
	skb_queue_tail(&sk->sk_receive_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_data_ready(sk);
	return 0;
}

int sock_queue_rcv_skb_reason(struct sock *sk, struct sk_buff *skb, enum skb_drop_reason *reason)
{
	int err = sk_filter_trim_cap(sk, skb, 1, reason);

	if (err)
		return err;
	err = __sock_queue_rcv_skb(sk, skb);
	if (err == -ENOMEM)
		*reason = SKB_DROP_REASON_SOCKET_RCVBUFF;
	else if (err == -ENOBUFS)
		*reason = SKB_DROP_REASON_PROTO_MEM;
	return err;
}

/* ---- who is told ---- */

void socket_watch_add(struct list_head *watchers, struct socket_watch *w)
{
	if (w->exclusive)
		list_add_tail(&w->list, watchers);
	else
		list_add(&w->list, watchers);
}

void socket_watch_del(struct socket_watch *w)
{
	list_del(&w->list);
}

void watchers_wake(struct list_head *watchers, u32 mask)
{
	struct socket_watch *w, *n;

	list_for_each_entry_safe(w, n, watchers, list) {
		if (w->wake(w, mask) && w->exclusive && mask != SOCK_WAKE_ALL)
			break;
	}
}

void sock_wake(struct sock *sk, u32 mask)
{
	if (sk->sk_socket)
		watchers_wake(&sk->sk_socket->watchers, mask);
}

void sk_state_change(struct sock *sk)
{
	/* Linux wakes without a mask here: everybody looks. */
	sock_wake(sk, SOCK_WAKE_ALL);
}

void sk_data_ready(struct sock *sk)
{
	sock_wake(sk, POLLIN | POLLPRI | POLLRDNORM | POLLRDBAND);
}

void sk_write_space(struct sock *sk)
{
	if (sk->sk_prot->write_space)
		sk->sk_prot->write_space(sk);
	else if (sock_writeable(sk))
		sock_wake(sk, POLLOUT | POLLWRNORM | POLLWRBAND);
}

void sk_error_report(struct sock *sk)
{
	sock_wake(sk, POLLERR);
}

u64 sock_gen_cookie(struct sock *sk)
{
	struct sock_side *side = sk_side(sk);

	if (!side)
		return 0;
	if (!side->cookie)
		side->cookie = ++sock_skiff(sk)->sockets->cookie;
	return side->cookie;
}

void sk_get_meminfo(const struct sock *sk, u32 *mem)
{
	memset(mem, 0, SK_MEMINFO_VARS * sizeof(*mem));
	mem[SK_MEMINFO_RMEM_ALLOC] = (u32)sk->sk_rmem_alloc;
	mem[SK_MEMINFO_RCVBUF] = (u32)sk->sk_rcvbuf;
	mem[SK_MEMINFO_WMEM_ALLOC] = (u32)sk->sk_wmem_alloc;
	mem[SK_MEMINFO_SNDBUF] = (u32)sk->sk_sndbuf;
	mem[SK_MEMINFO_FWD_ALLOC] = (u32)sk->sk_forward_alloc;
	mem[SK_MEMINFO_WMEM_QUEUED] = (u32)sk->sk_wmem_queued;
	mem[SK_MEMINFO_OPTMEM] = sk->sk_side ? (u32)sk->sk_side->omem_alloc : 0;
	mem[SK_MEMINFO_DROPS] = sk->sk_drops;
}

void sock_rmem_free(struct sk_buff *skb)
{
	skb->sk->sk_rmem_alloc -= (int)skb->truesize;
}
