// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_timer_list.c - the deadlines of connections: when to look at which socket.
 *
 * DOC: Deadlines
 * A deadline is a field of the socket; see inet_connection_sock.h. The shard's wheel of handles is told the first of the
 * near ones (RTO, delayed ACK) and the first of the far ones (keepalive), each only if it is earlier than what it knows: on the way
 * of a data segment and its ACK that is next to never. What is finer than a tick (pacing, compressed ACKs) stands in a heap
 * of handles by ns. Sockets are type-stable, so all of them may name a socket that is gone, or another by now: then no
 * deadline of it is due.
 *
 * A tick counts as come when it has passed wholly: a deadline is never early.
 */
#include "tcp_output.h"

#include "engine/handle_heap.h"

/* ---- ticks ---- */

/* The first tick that begins at or after now; deadlines count from here. */
static u64 next_tick(const struct skiff *skiff)
{
	return skiff->jiffies + ((skiff->now - skiff->env.now_ns) % 1000000 != 0);
}

/* 32 bits of a tick, not 0, which means none. */
static u32 deadline_of(u64 tick)
{
	return (u32)tick ? (u32)tick : 1;
}

/* The whole tick near now that @deadline stands for. */
static u64 tick_of(const struct skiff *skiff, u32 deadline)
{
	return skiff->jiffies + (u64)(s64)(s32)(deadline - (u32)skiff->jiffies);
}

static bool is_earlier(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static void list_at(struct sock *sk, enum sock_timer_kind kind, u32 *listed, u32 deadline)
{
	struct skiff *skiff = sock_skiff(sk);
	u64 tick;

	if (likely(*listed && !is_earlier(deadline, *listed)))
		return;
	tick = handle_wheel_add(&skiff->handles, skiff->sockets->timer_kind[kind], sk->sk_handle,
				tick_of(skiff, deadline));
	/* Without memory the deadline is kept and listed with the next one that is set. */
	if (likely(tick))
		*listed = deadline_of(tick);
}

static void list_near(struct sock *sk, u32 deadline)
{
	list_at(sk, SOCK_TIMER_NEAR, &inet_csk(sk)->near_listed, deadline);
}

void inet_csk_reset_xmit_timer(struct sock *sk, int what, u64 when, u64 max_when)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	icsk->icsk_pending = (u8)what;
	icsk->rto_deadline = deadline_of(next_tick(sock_skiff(sk)) + min_t(u64, when, max_when));
	list_near(sk, icsk->rto_deadline);
}

void inet_csk_reset_delack(struct sock *sk, u64 when)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	icsk->delack_deadline = deadline_of(next_tick(sock_skiff(sk)) + when);
	list_near(sk, icsk->delack_deadline);
}

void inet_csk_reset_keepalive_timer(struct sock *sk, u64 when)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	icsk->keepalive_deadline = deadline_of(next_tick(sock_skiff(sk)) + when);
	list_at(sk, SOCK_TIMER_FAR, &icsk->far_listed, icsk->keepalive_deadline);
}

void inet_csk_delete_keepalive_timer(struct sock *sk)
{
	inet_csk(sk)->keepalive_deadline = 0;
}

void inet_csk_clear_xmit_timers(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	inet_csk_clear_rto(sk);
	inet_csk_clear_delack(sk);
	icsk->keepalive_deadline = 0;
	icsk->pacing_deadline = 0;
	icsk->compressed_ack_deadline = 0;
}

/* ---- due ---- */

static bool is_due(u32 deadline, u32 now)
{
	return deadline && !is_earlier(now, deadline);
}

/* What is due at the tick now. The handlers may set deadlines again, and end the connection. */
void tcp_timers_run(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 now = tcp_jiffies32(sk);

	if (is_due(icsk->delack_deadline, now)) {
		icsk->delack_deadline = 0;
		tcp_delack_timer_handler(sk);
	}
	if (is_due(icsk->rto_deadline, now)) {
		icsk->rto_deadline = 0;
		tcp_write_timer_handler(sk);
	}
	if (is_due(icsk->keepalive_deadline, now)) {
		icsk->keepalive_deadline = 0;
		tcp_keepalive_timer_handler(sk);
	}
}

static struct sock *look(void *arg, u32 handle)
{
	struct skiff *skiff = arg;

	return slab_look(&skiff->sockets->slab[SLAB_TCP], handle);
}

static void near_run(void *arg, u32 handle, u64 tick)
{
	struct sock *sk = look(arg, handle);
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (!sk || icsk->near_listed != deadline_of(tick))
		return;
	icsk->near_listed = 0;
	if (!icsk->rto_deadline && !icsk->delack_deadline)
		return;
	sock_hold(sk);
	if (is_due(icsk->rto_deadline, (u32)tick) || is_due(icsk->delack_deadline, (u32)tick))
		tcp_timers_run(sk);
	if (icsk->rto_deadline)
		list_near(sk, icsk->rto_deadline);
	if (icsk->delack_deadline)
		list_near(sk, icsk->delack_deadline);
	sock_put(sk);
}

static void far_run(void *arg, u32 handle, u64 tick)
{
	struct sock *sk = look(arg, handle);
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (!sk || icsk->far_listed != deadline_of(tick))
		return;
	icsk->far_listed = 0;
	if (!icsk->keepalive_deadline)
		return;
	sock_hold(sk);
	if (is_due(icsk->keepalive_deadline, (u32)tick))
		tcp_timers_run(sk);
	if (icsk->keepalive_deadline)
		list_at(sk, SOCK_TIMER_FAR, &icsk->far_listed, icsk->keepalive_deadline);
	sock_put(sk);
}

static void near_prefetch(void *arg, u32 handle)
{
	struct skiff *skiff = arg;

	slab_prefetch(&skiff->sockets->slab[SLAB_TCP], handle,
		      offsetof(struct inet_connection_sock, rto_deadline));
}

/* ---- finer than a tick ---- */

/* us in 32 bits, not 0 */
static u32 us_deadline(u64 ns)
{
	u32 us = (u32)((ns + 999) / 1000);

	return us ? us : 1;
}

static void fine_add(struct sock *sk, u64 ns)
{
	handle_heap_add(&sock_skiff(sk)->fine, ns, sk->sk_handle);
}

void inet_csk_reset_pacing(struct sock *sk, u64 when_ns)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 us = us_deadline(when_ns);

	/* Once is enough: when the first comes, what is later is set anew. */
	if (icsk->pacing_deadline && !is_earlier(us, icsk->pacing_deadline))
		return;
	icsk->pacing_deadline = us;
	fine_add(sk, (when_ns + 999) / 1000 * 1000);
}

void inet_csk_reset_compressed_ack(struct sock *sk, u64 delay_ns)
{
	u64 when = sock_skiff(sk)->now + delay_ns;

	inet_csk(sk)->compressed_ack_deadline = us_deadline(when);
	fine_add(sk, (when + 999) / 1000 * 1000);
}

static void fine_run(void *arg, u32 handle, u64 now_ns)
{
	struct sock *sk = look(arg, handle);
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 now = (u32)(now_ns / 1000);

	if (!sk || (!icsk->pacing_deadline && !icsk->compressed_ack_deadline))
		return;
	sock_hold(sk);
	if (is_due(icsk->compressed_ack_deadline, now)) {
		icsk->compressed_ack_deadline = 0;
		tcp_compressed_ack_kick(sk);
	}
	if (is_due(icsk->pacing_deadline, now)) {
		icsk->pacing_deadline = 0;
		tcp_pace_kick(sk);
	}
	sock_put(sk);
}

int tcp_timer_shard_init(struct skiff *skiff)
{
	const struct handle_kind near_kind = { near_run, near_prefetch, skiff };
	const struct handle_kind far_kind = { far_run, NULL, skiff };
	struct sock_shard *shard = skiff->sockets;

	shard->timer_kind[SOCK_TIMER_NEAR] = handle_wheel_kind(&skiff->handles, &near_kind);
	shard->timer_kind[SOCK_TIMER_FAR] = handle_wheel_kind(&skiff->handles, &far_kind);
	handle_heap_init(&skiff->fine, skiff, fine_run, skiff);
	return 0;
}
