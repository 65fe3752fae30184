/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_zerocopy.c - MSG_ZEROCOPY: completions on the error queue.
 *
 * DOC: MSG_ZEROCOPY
 * The bytes of such a call are copied like those of any other, for the stack may not keep pointers into a program's memory; the
 * notification therefore carries SO_EE_CODE_ZEROCOPY_COPIED, as Linux's does on a device that can not take references. It
 * comes when the whole call is acknowledged, or will never be; neighbours on the error queue are joined into one range.
 * (To send without copying: skiff_send_buf().)
 */
#include "tcp_sendmsg.h"
#include "net/sock_msg.h"

/**
 * struct zc_pending - a call not acknowledged yet
 * @id: its number; @end_seq: where it ends
 */
struct zc_pending {
	struct zc_pending *next;
	u32 id;
	u32 end_seq;
};

bool tcp_zerocopy_prepare(struct sock *sk)
{
	struct sock_side *side = sk_side(sk);
	struct zc_pending *p = side ? skiff_zalloc(sock_skiff(sk), sizeof(*p)) : NULL;

	if (!p)
		return false;
	p->id = side->zckey++;
	*(side->zc_last ? &side->zc_last->next : &side->zc_first) = p;
	side->zc_last = p;
	/* Not done before it is known where it ends. */
	p->end_seq = tcp_sk(sk)->write_seq + INT32_MAX;
	return true;
}

void tcp_zerocopy_add(struct sock *sk)
{
	sk->sk_side->zc_last->end_seq = tcp_sk(sk)->write_seq;
}

void tcp_zerocopy_cancel(struct sock *sk)
{
	struct sock_side *side = sk->sk_side;
	struct zc_pending *last = side ? side->zc_last : NULL, *p;

	/* Reported already if the connection was reset under the call. */
	if (!last || last->id != side->zckey - 1)
		return;
	side->zckey--;
	if (side->zc_first == last) {
		side->zc_first = side->zc_last = NULL;
	} else {
		for (p = side->zc_first; p->next != last; p = p->next)
			;
		p->next = NULL;
		side->zc_last = p;
	}
	skiff_free(sock_skiff(sk), last);
}

/* Join [@lo, @hi] to the last notification if it continues that. */
static bool notify_extend(struct sk_buff *tail, u32 lo, u32 hi)
{
	struct sock_extended_err *ee = &SKB_EXT_ERR(tail)->ee;

	if (ee->ee_origin != SO_EE_ORIGIN_ZEROCOPY || lo != ee->ee_data + 1)
		return false;
	if ((u64)(ee->ee_data - ee->ee_info) + 1 + (hi - lo + 1) >= 1ULL << 32)
		return false;
	ee->ee_data = hi;
	return true;
}

static void notify(struct sock *sk, u32 lo, u32 hi)
{
	struct sk_buff_head *q = &sk->sk_side->error_queue;
	struct sk_buff *skb = skb_peek_tail(q);

	if (!skb || !notify_extend(skb, lo, hi)) {
		skb = alloc_skb(sock_skiff(sk), 0);
		if (!skb)
			return;
		skb->cold = 1;
		memset(skb->cb, 0, sizeof(skb->cb));
		SKB_EXT_ERR(skb)->ee.ee_origin = SO_EE_ORIGIN_ZEROCOPY;
		SKB_EXT_ERR(skb)->ee.ee_code = SO_EE_CODE_ZEROCOPY_COPIED;
		SKB_EXT_ERR(skb)->ee.ee_info = lo;
		SKB_EXT_ERR(skb)->ee.ee_data = hi;
		skb_queue_tail(q, skb);
	}
	sk_error_report(sk);
}

void tcp_zerocopy_complete(struct sock *sk, bool all)
{
	struct sock_side *side = sk->sk_side;
	u32 snd_una = tcp_sk(sk)->snd_una;
	struct zc_pending *p;
	u32 lo, hi;

	if (!side || !side->zc_first)
		return;
	lo = side->zc_first->id;
	hi = lo - 1;
	while ((p = side->zc_first) && (all || !after(p->end_seq, snd_una))) {
		hi = p->id;
		side->zc_first = p->next;
		if (!p->next)
			side->zc_last = NULL;
		skiff_free(sock_skiff(sk), p);
	}
	if (hi + 1 != lo && !sock_flag(sk, SOCK_DEAD))
		notify(sk, lo, hi);
}
