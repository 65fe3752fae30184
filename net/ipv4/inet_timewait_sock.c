// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_timewait_sock.c - what is left of a connection: its place in the tables, and the death row.
 *
 * DOC: Death rows
 * No timer of its own for a million sockets that nearly all wait for the same 60 s: those that wait equally long stand in
 * one FIFO, whose first is the next to go, and one timer of the namespace looks at the heads. Times other than 60 s (those of
 * FIN_WAIT_2) are rounded up to one of eight steps in each power of two, as the kernel's own wheel does, so that there are
 * few FIFOs. The links are handles: 8 bytes.
 */
#include "net/tcp.h"

static struct inet_timewait_sock *tw_at(const struct net *net, u32 handle)
{
	return slab_ptr(&net->skiff->sockets->slab[SLAB_TIMEWAIT], handle);
}

static u32 tw_handle(const struct inet_timewait_sock *tw)
{
	return tw->__tw_common.skc_handle;
}

/* Which row @timeo ticks belong to; *@timeo is rounded up to what all in that row wait. */
static u32 tw_row_of(u32 *timeo)
{
	u32 shift, step;

	if (*timeo == TCP_TIMEWAIT_LEN)
		return 0;
	if (*timeo < 8) {
		*timeo = max_t(u32, *timeo, 1);
		return *timeo;
	}
	shift = 28 - (u32)__builtin_clz(*timeo); /* the three bits behind the first one count */
	step = (*timeo + (1u << shift) - 1) >> shift;
	*timeo = step << shift;
	return min_t(u32, shift * 8 + step, TW_ROWS - 1);
}

static void tw_timer_arm(struct tcp_death_row *dr)
{
	u64 first = UINT64_MAX;

	for (u32 w = 0; w < ARRAY_SIZE(dr->map); w++) {
		for (u64 m = dr->map[w]; m; m &= m - 1) {
			const struct tw_row *row = &dr->row[w * 64 + (u32)__builtin_ctzll(m)];
			const struct inet_timewait_sock *tw = tw_at(dr->net, row->first);
			u64 now = dr->net->skiff->jiffies;
			u64 at = now + (u64)max_t(s32, (s32)(tw->tw_expires - (u32)now), 0);

			first = min_t(u64, first, at);
		}
	}
	if (first != UINT64_MAX && (!timer_pending(&dr->timer) || dr->timer.expires > first))
		mod_timer(&dr->timer, first);
}

static void tw_row_add(struct inet_timewait_sock *tw, u32 timeo)
{
	struct net *net = tw->tw_net_;
	struct tcp_death_row *dr = net->ipv4.tcp_death_row;
	u32 i = tw_row_of(&timeo);
	struct tw_row *row = &dr->row[i];
	bool was_empty = row->first == TW_NO_INDEX;
	u64 expires = net->skiff->jiffies + timeo;

	tw->tw_row = (u8)i;
	tw->tw_expires = (u32)expires;
	tw->tw_next = TW_NO_INDEX;
	tw->tw_prev = row->last;
	if (was_empty)
		row->first = tw_handle(tw);
	else
		tw_at(net, row->last)->tw_next = tw_handle(tw);
	row->last = tw_handle(tw);
	dr->map[i / 64] |= 1ull << (i % 64);
	if (was_empty && (!timer_pending(&dr->timer) || dr->timer.expires > expires))
		mod_timer(&dr->timer, expires);
}

static void tw_row_del(struct inet_timewait_sock *tw)
{
	struct net *net = tw->tw_net_;
	struct tcp_death_row *dr = net->ipv4.tcp_death_row;
	struct tw_row *row = &dr->row[tw->tw_row];

	if (tw->tw_prev == TW_NO_INDEX)
		row->first = tw->tw_next;
	else
		tw_at(net, tw->tw_prev)->tw_next = tw->tw_next;
	if (tw->tw_next == TW_NO_INDEX)
		row->last = tw->tw_prev;
	else
		tw_at(net, tw->tw_next)->tw_prev = tw->tw_prev;
	if (row->first == TW_NO_INDEX)
		dr->map[tw->tw_row / 64] &= ~(1ull << (tw->tw_row % 64));
}

struct inet_timewait_sock *inet_twsk_alloc(const struct sock *sk, int state)
{
	struct net *net = sock_net(sk);
	struct slab *slab = &net->skiff->sockets->slab[SLAB_TIMEWAIT];
	const struct inet_sock *inet = inet_sk(sk);
	struct inet_timewait_sock *tw;
	struct sock_common *c;

	if (net->ipv4.tcp_death_row->count >= (u32)net->ipv4.sysctl_tcp_max_tw_buckets)
		return NULL;
	tw = slab_zalloc(slab);
	if (!tw)
		return NULL;
	c = &tw->__tw_common;
	c->skc_daddr = inet->inet_daddr;
	c->skc_rcv_saddr = inet->inet_rcv_saddr;
	c->skc_dport = inet->inet_dport;
	c->skc_num = inet->inet_num;
	c->skc_bound_dev_if = sk->sk_bound_dev_if;
	c->skc_family = sk->sk_family;
	c->skc_state = TCP_TIME_WAIT;
	c->skc_reuse = sk->sk_reuse;
	c->skc_reuseport = sk->sk_reuseport;
	c->skc_kind = SK_TIMEWAIT;
	c->skc_handle = slab_handle(slab, tw);
	c->skc_refcnt = 1;
	c->skc_net = net;
	c->skc_mark = sk->sk_mark;
	tw->tw_tos = inet->tos;
	tw->tw_substate = (u8)state;
	tw->tw_transparent = inet_test_bit(TRANSPARENT, sk);
	tw->tw_connect_bind = inet_test_bit(CONNECT_BIND, sk);
	tw->tw_priority = sk->sk_priority;
	net->ipv4.tcp_death_row->count++;
	return tw;
}

void inet_twsk_hashdance(struct inet_timewait_sock *tw, struct sock *sk)
{
	struct inet_bind_bucket *tb = sk->__sk_common.skc_tb;

	tw->tw_tb = tb;
	if (tb) {
		tb->tw_count++;
		tb->tw_noreuse += !tw->__tw_common.skc_reuse;
	}
	inet_ehash_insert((struct sock *)tw, sk, NULL);
}

static void tw_bind_unhash(struct inet_timewait_sock *tw)
{
	struct inet_bind_bucket *tb = tw->tw_tb;

	if (!tb)
		return;
	tw->tw_tb = NULL;
	tb->tw_count--;
	tb->tw_noreuse -= !tw->__tw_common.skc_reuse;
	inet_bind_bucket_put_if_unused(tw->tw_net_, tb);
}

void inet_twsk_reschedule(struct inet_timewait_sock *tw, u32 timeo)
{
	/* Until it is scheduled for the first time it is on no row: expires is 0 then. */
	if (tw->tw_expires)
		tw_row_del(tw);
	tw_row_add(tw, timeo);
}

void inet_twsk_free(struct inet_timewait_sock *tw)
{
	struct skiff *skiff = tw->tw_net_->skiff;

	NET_ASSERT(!tw->__tw_common.skc_hashed);
	if (tw->tw_key)
		tcp_twsk_destructor(tw);
	tw->tw_state = TCP_CLOSE;
	slab_free(&skiff->sockets->slab[SLAB_TIMEWAIT], tw);
}

void inet_twsk_deschedule_put(struct inet_timewait_sock *tw)
{
	if (!tw->tw_expires)
		return;
	tw_row_del(tw);
	tw->tw_expires = 0;
	tw->tw_net_->ipv4.tcp_death_row->count--;
	inet_unhash((struct sock *)tw);
	tw_bind_unhash(tw);
	inet_twsk_put(tw);
}

/* The heads whose time has come go; the timer is armed for the first that is left. */
static void tw_timer(struct timer_list *t)
{
	struct tcp_death_row *dr = from_timer(dr, t, timer);
	struct net *net = dr->net;
	struct inet_timewait_sock *tw;

	for (u32 i = 0; i < TW_ROWS; i++) {
		while (dr->row[i].first != TW_NO_INDEX) {
			tw = tw_at(net, dr->row[i].first);
			if ((s32)(tw->tw_expires - (u32)net->skiff->jiffies) > 0)
				break;
			if (tw->tw_next != TW_NO_INDEX)
				__builtin_prefetch(tw_at(net, tw->tw_next));
			inet_twsk_deschedule_put(tw);
		}
	}
	tw_timer_arm(dr);
}

bool inet_twsk_any(struct net *net, bool (*fn)(void *arg, const struct inet_timewait_sock *tw),
		   void *arg)
{
	const struct tcp_death_row *dr = net->ipv4.tcp_death_row;
	const struct inet_timewait_sock *tw;

	for (u32 i = 0; i < TW_ROWS; i++) {
		for (u32 h = dr->row[i].first; h != TW_NO_INDEX; h = tw->tw_next) {
			tw = tw_at(net, h);
			if (fn(arg, tw))
				return true;
		}
	}
	return false;
}

void inet_twsk_purge(struct net *net)
{
	struct tcp_death_row *dr = net->ipv4.tcp_death_row;

	for (u32 i = 0; i < TW_ROWS; i++) {
		while (dr->row[i].first != TW_NO_INDEX)
			inet_twsk_deschedule_put(tw_at(net, dr->row[i].first));
	}
}

int inet_twsk_net_init(struct net *net)
{
	struct tcp_death_row *dr = skiff_zalloc(net->skiff, sizeof(*dr));

	if (!dr)
		return -ENOMEM;
	dr->net = net;
	timer_setup(&dr->timer, net->skiff, tw_timer);
	for (u32 i = 0; i < TW_ROWS; i++)
		dr->row[i].first = dr->row[i].last = TW_NO_INDEX;
	net->ipv4.tcp_death_row = dr;
	return 0;
}

void inet_twsk_net_exit(struct net *net)
{
	struct tcp_death_row *dr = net->ipv4.tcp_death_row;

	inet_twsk_purge(net);
	timer_delete(&dr->timer);
	skiff_free(net->skiff, dr);
	net->ipv4.tcp_death_row = NULL;
}
