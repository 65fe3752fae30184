// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neighbour.c - the life of a next hop: its states, timers and the packets that wait for it.
 *
 * DOC: Neighbour states (RFC 4861 7.3.2, as ARP uses them)
 *
 *   NONE        nothing known, no timer
 *   INCOMPLETE  asked for; packets wait in arp_queue; timer repeats the question
 *   REACHABLE   address known and confirmed within reachable_time; timer watches that
 *   STALE       address known, not confirmed lately; usable; no timer
 *   DELAY       as STALE, but a packet was sent: an upper layer gets delay_first_probe_time to confirm
 *   PROBE       unicast questions go out; still usable
 *   FAILED      nobody answered; queue empty; the next packet starts again
 *   NOARP       needs no resolution (multicast, broadcast, loopback, point-to-point)
 *   PERMANENT   set by the administrator, never changes by itself
 *
 *   NONE, FAILED -> INCOMPLETE   [__neigh_event_send]   a packet wants out; the question goes out at once
 *   INCOMPLETE -> FAILED         [neigh_timer_handler]  mcast_solicit + app_solicit questions unanswered
 *   any -> REACHABLE, STALE, ..  [__neigh_update]       news from ARP or the administrator
 *   STALE -> DELAY               [__neigh_event_send]   a packet went out
 *   REACHABLE -> DELAY, STALE    [neigh_timer_handler]  reachable_time over, used lately or not
 *   DELAY -> REACHABLE, PROBE    [neigh_timer_handler]  confirmed meanwhile or not
 *   PROBE -> FAILED (or STALE if externally validated)  [neigh_timer_handler]
 *
 * Timers. One per entry, armed exactly in INCOMPLETE, REACHABLE, DELAY and PROBE; an armed timer holds a reference,
 * so gc sees by the count that the entry is busy. Times in ticks of 1 ms.
 * Ownership: the table holds one reference until the entry is marked dead; freed at the end of the turn.
 */
#include "neigh_table.h"

#include "net/journey.h"
#include "net/rtnetlink.h"

#define NEIGH_TIMER_MIN \
	(HZ / 100) /* a timer never comes sooner, as in the kernel: ten a second would flood */

static u64 now_of(const struct neighbour *n)
{
	return n->tbl->skiff->jiffies;
}

/* How often to ask before giving up. */
static u32 neigh_max_probes(const struct neighbour *n)
{
	const struct neigh_parms *p = n->parms;
	int m = n->nud_state & NUD_PROBE ? NEIGH_VAR(p, MCAST_REPROBES) :
					   NEIGH_VAR(p, MCAST_PROBES);

	return (u32)(NEIGH_VAR(p, UCAST_PROBES) + NEIGH_VAR(p, APP_PROBES) + m);
}

static void neigh_add_timer(struct neighbour *n, u64 when)
{
	if (!mod_timer(&n->timer, when))
		neigh_hold(n);
}

/**
 * neigh_del_timer() - disarm, and give back the reference that the timer held
 * @n: any entry
 */
void neigh_del_timer(struct neighbour *n)
{
	if ((n->nud_state & NUD_IN_TIMER) && timer_delete(&n->timer))
		neigh_release(n);
}

/* A connected entry's packets leave without a look at its state; a suspect one's pass neigh_event_send(). */
static void neigh_suspect(struct neighbour *n)
{
	n->output = n->ops->output;
}

static void neigh_connect(struct neighbour *n)
{
	n->output = n->ops->connected_output;
}

/**
 * neigh_skb_truesize() - memory that a waiting packet is charged with, bytes
 * @skb: packet from the network header on
 * The kernel charges metadata, shared info and the buffer as its allocator gives it. These are its sizes (measured: frames
 * from a TAP, and packets of our own), so that unres_qlen_bytes holds as many packets here as there.
 */
u32 neigh_skb_truesize(const struct sk_buff *skb)
{
	const u32 metadata = 256, shared_info = 320, headroom = 64;
	u32 bucket = 576;

	if (skb->skb_iif)
		return metadata + shared_info + ALIGN_UP(skb->len + ETH_HLEN + headroom, 64);
	if (skb->len + 32 + shared_info > bucket)
		for (bucket = 1024; bucket < skb->len + 32 + shared_info; bucket *= 2)
			;
	return metadata + bucket;
}

/**
 * neigh_purge_queue() - drop every packet that waits for @n
 */
void neigh_purge_queue(struct neighbour *n, enum skb_drop_reason reason)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&n->arp_queue)))
		kfree_skb_reason(n->tbl->skiff, skb, reason);
	n->arp_queue_len_bytes = 0;
}

/* Nobody answered: tell the sender of each waiting packet. error_report() may come back to this very entry, so packets
 * are taken one by one, as long as the verdict stands. */
static void neigh_invalidate(struct neighbour *n)
{
	struct sk_buff *skb;

	n->tbl->stats.res_failed++;
	n->updated = now_of(n);
	while (n->nud_state == NUD_FAILED && (skb = skb_dequeue(&n->arp_queue)))
		n->ops->error_report(n, skb);
	neigh_purge_queue(n, SKB_DROP_REASON_NEIGH_FAILED);
}

/* Ask once. The newest waiting packet shows whose address to ask from. */
static void neigh_probe(struct neighbour *n)
{
	n->ops->solicit(n, n->arp_queue.last);
	n->probes++;
}

static u64 neigh_retrans(const struct neighbour *n)
{
	return (u64)max_t(int, NEIGH_VAR(n->parms, RETRANS_TIME), NEIGH_TIMER_MIN);
}

/* The reachable time is over (or was confirmed meanwhile). Return: ticks until the timer is wanted again */
static u64 neigh_reachable_timeout(struct neighbour *n, u64 now, bool *notify)
{
	u64 delay = (u64)NEIGH_VAR(n->parms, DELAY_PROBE_TIME);

	if (time_before_eq(now, n->confirmed + (u64)n->parms->reachable_time))
		return n->confirmed + (u64)n->parms->reachable_time;
	n->updated = now;
	neigh_suspect(n);
	if (time_before_eq(now, n->used + delay)) {
		n->nud_state = NUD_DELAY;
		return now + delay;
	}
	n->nud_state = NUD_STALE;
	*notify = true;
	return now;
}

static u64 neigh_delay_timeout(struct neighbour *n, u64 now, bool *notify)
{
	n->updated = now;
	*notify = true;
	if (time_before_eq(now, n->confirmed + (u64)NEIGH_VAR(n->parms, DELAY_PROBE_TIME))) {
		n->nud_state = NUD_REACHABLE;
		neigh_connect(n);
		return n->confirmed + (u64)n->parms->reachable_time;
	}
	n->nud_state = NUD_PROBE;
	n->probes = 0;
	return now + neigh_retrans(n);
}

/* All questions are asked. What the control plane vouches for stays usable. */
static void neigh_give_up(struct neighbour *n, u64 now)
{
	if (n->nud_state == NUD_PROBE && (n->flags & NTF_EXT_VALIDATED)) {
		n->nud_state = NUD_STALE;
		n->updated = now;
		return;
	}
	n->nud_state = NUD_FAILED;
	neigh_invalidate(n);
}

/**
 * neigh_timer_handler() - an entry's time has come
 * @t: its timer; the reference that it held is given back unless it is armed again
 * Drops: SKB_DROP_REASON_NEIGH_FAILED for what waited. Spec: RFC 4861 7.3.3
 */
void neigh_timer_handler(struct timer_list *t)
{
	struct neighbour *n = from_timer(n, t, timer);
	u64 now = now_of(n), next;
	bool notify = false;

	if (!(n->nud_state & NUD_IN_TIMER))
		goto out;
	if (n->nud_state & NUD_REACHABLE)
		next = neigh_reachable_timeout(n, now, &notify);
	else if (n->nud_state & NUD_DELAY)
		next = neigh_delay_timeout(n, now, &notify);
	else
		next = now + neigh_retrans(n);

	if ((n->nud_state & (NUD_INCOMPLETE | NUD_PROBE)) && n->probes >= neigh_max_probes(n)) {
		neigh_give_up(n, now);
		notify = true;
		goto out;
	}
	if (n->nud_state & NUD_IN_TIMER) {
		if (time_before(next, now + NEIGH_TIMER_MIN))
			next = now + NEIGH_TIMER_MIN;
		neigh_add_timer(n, next);
	}
	if (n->nud_state & (NUD_INCOMPLETE | NUD_PROBE))
		neigh_probe(n);
out:
	if (notify)
		neigh_notify(n, RTM_NEWNEIGH, 0, 0);
	neigh_release(n);
}

/* Begin to resolve. Return: false if no way of asking is configured (then the entry is FAILED) */
static bool neigh_start_resolving(struct neighbour *n, bool immediate_ok, bool *probe_now)
{
	u64 now = now_of(n);

	n->updated = now;
	if (!(NEIGH_VAR(n->parms, MCAST_PROBES) + NEIGH_VAR(n->parms, APP_PROBES))) {
		n->nud_state = NUD_FAILED;
		return false;
	}
	/* There is no address yet to send a unicast question to: count those as asked. */
	n->probes = (u32)NEIGH_VAR(n->parms, UCAST_PROBES);
	neigh_del_timer(n);
	n->nud_state = NUD_INCOMPLETE;
	*probe_now = immediate_ok;
	neigh_add_timer(n, immediate_ok ? now + neigh_retrans(n) : now + 1);
	return true;
}

/* Keep @skb until the address is known; the oldest give way when the queue's memory is full. */
static void neigh_queue_skb(struct neighbour *n, struct sk_buff *skb)
{
	u32 size = neigh_skb_truesize(skb);
	struct sk_buff *old;

	while (n->arp_queue_len_bytes + size > (u32)NEIGH_VAR(n->parms, QUEUE_LEN_BYTES) &&
	       (old = skb_dequeue(&n->arp_queue))) {
		n->arp_queue_len_bytes -= neigh_skb_truesize(old);
		n->tbl->stats.unres_discards++;
		kfree_skb_reason(n->tbl->skiff, old, SKB_DROP_REASON_NEIGH_QUEUEFULL);
	}
	skb_dst_force(skb);
	skb_queue_tail(&n->arp_queue, skb);
	n->arp_queue_len_bytes += size;
}

/**
 * __neigh_event_send() - a packet wants to go to @n, whose state is not one that lets it pass at once
 * @skb: from the network header on, may be NULL (then only resolution is started)
 * @immediate_ok: ask now; else in the next tick
 * Owns:   with true @skb was queued or dropped; with false it may be sent
 * Drops:  NEIGH_DEAD, NEIGH_FAILED, NEIGH_QUEUEFULL (older ones)
 * Spec:   RFC 1122 2.3.2.2 (at least the latest packet is kept)
 */
bool __neigh_event_send(struct neighbour *n, struct sk_buff *skb, bool immediate_ok)
{
	struct skiff *skiff = n->tbl->skiff;
	bool probe_now = false, kept = false;

	journey_fn(n->tbl->net, skb);
	if (n->nud_state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE))
		return false;
	if (n->dead) {
		if (skb)
			kfree_skb_reason(skiff, skb, SKB_DROP_REASON_NEIGH_DEAD);
		return true;
	}
	if (!(n->nud_state & (NUD_STALE | NUD_INCOMPLETE))) {
		if (!neigh_start_resolving(n, immediate_ok, &probe_now)) {
			if (skb)
				kfree_skb_reason(skiff, skb, SKB_DROP_REASON_NEIGH_FAILED);
			return true;
		}
	} else if (n->nud_state & NUD_STALE) {
		neigh_del_timer(n);
		n->nud_state = NUD_DELAY;
		n->updated = now_of(n);
		neigh_add_timer(n, now_of(n) + (u64)NEIGH_VAR(n->parms, DELAY_PROBE_TIME));
	}
	if (n->nud_state == NUD_INCOMPLETE) {
		if (skb)
			neigh_queue_skb(n, skb);
		kept = true;
	}
	if (probe_now)
		neigh_probe(n);
	return kept;
}

/**
 * neigh_event_send_probe() - a packet (or the wish for one) goes to @n: note the use, resolve where needed
 * Owns: see __neigh_event_send()
 */
bool neigh_event_send_probe(struct neighbour *n, struct sk_buff *skb, bool immediate_ok)
{
	n->used = now_of(n);
	if (n->nud_state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE))
		return false;
	return __neigh_event_send(n, skb, immediate_ok);
}

/**
 * neigh_event_send() - neigh_event_send_probe() that asks at once
 */
bool neigh_event_send(struct neighbour *n, struct sk_buff *skb)
{
	return neigh_event_send_probe(n, skb, true);
}

/**
 * neigh_confirm() - an upper layer heard from this next hop (RFC 4861 7.3.1)
 * @n: may be NULL
 */
void neigh_confirm(struct neighbour *n)
{
	if (n)
		n->confirmed = now_of(n);
}

static void set_flag(struct neighbour *n, u32 flag, bool on, bool *notify)
{
	if (!!(n->flags & flag) == on)
		return;
	n->flags ^= flag;
	*notify = true;
}

/* Flags that only the administrator sets. */
static void neigh_update_flags(struct neighbour *n, u32 flags, bool *notify, bool *gc_update)
{
	u32 old = n->flags;

	if (!(flags & NEIGH_UPDATE_F_ADMIN))
		return;
	set_flag(n, NTF_EXT_LEARNED, flags & NEIGH_UPDATE_F_EXT_LEARNED, notify);
	set_flag(n, NTF_EXT_VALIDATED, flags & NEIGH_UPDATE_F_EXT_VALIDATED, notify);
	set_flag(n, NTF_MANAGED, flags & NEIGH_UPDATE_F_MANAGED, notify);
	if ((old ^ n->flags) & NTF_EXT_LEARNED)
		*gc_update = true;
	if ((old ^ n->flags) & NTF_MANAGED)
		neigh_update_managed_list(n);
}

/* The news is that there is no address (any more). */
static void neigh_update_to_invalid(struct neighbour *n, u8 new_state, bool *notify)
{
	u8 old = n->nud_state;

	neigh_del_timer(n);
	if (old & NUD_CONNECTED)
		neigh_suspect(n);
	n->nud_state = new_state;
	*notify = old & NUD_VALID;
	if ((old & (NUD_INCOMPLETE | NUD_PROBE)) && (new_state & NUD_FAILED)) {
		neigh_invalidate(n);
		*notify = true;
	}
}

/* Send what waited: the address is there. */
static void neigh_flush_queue(struct neighbour *n)
{
	struct sk_buff *skb = NULL;

	do {
		struct skb_batch b = { 0 };

		while (b.n < SKB_BATCH_MAX && (skb = skb_dequeue(&n->arp_queue)))
			skb_batch_add(&b, skb);
		if (b.n)
			n->output(n, &b);
	} while (skb && (n->nud_state & NUD_VALID));
	neigh_purge_queue(n, SKB_DROP_REASON_NEIGH_FAILED);
}

/* State and address are decided: make them so. */
static void neigh_enter_state(struct neighbour *n, const u8 *lladdr, u8 new_state, bool *notify)
{
	u8 old = n->nud_state;
	bool other = memcmp(lladdr, n->ha, n->dev->addr_len) != 0;
	u64 now = now_of(n);

	if (new_state != old || other)
		n->updated = now;
	if (new_state != old) {
		neigh_del_timer(n);
		if (new_state & NUD_PROBE)
			n->probes = 0;
		n->nud_state = new_state;
		if (new_state & NUD_IN_TIMER)
			neigh_add_timer(n, now + (new_state & NUD_REACHABLE ?
							  (u64)n->parms->reachable_time :
							  0));
		*notify = true;
	}
	if (other) {
		memcpy(n->ha, lladdr, n->dev->addr_len);
		n->hh_len = 0; /* made anew by the next packet */
		if (!(new_state & NUD_CONNECTED))
			n->confirmed = now - 2 * (u64)NEIGH_VAR(n->parms, BASE_REACHABLE_TIME);
		*notify = true;
	}
	if (new_state == old)
		return;
	if (new_state & NUD_CONNECTED)
		neigh_connect(n);
	else
		neigh_suspect(n);
	if (!(old & NUD_VALID))
		neigh_flush_queue(n);
}

/* May this address replace the one we have? Return: false if the news is to be ignored; may weaken *new_state and *lladdr */
static bool neigh_judge_address(struct neighbour *n, const u8 **lladdr, u8 *new_state, u32 flags,
				bool *update_isrouter)
{
	bool other = memcmp(*lladdr, n->ha, n->dev->addr_len) != 0;

	if (!(n->nud_state & NUD_VALID))
		return true;
	if (other && !(flags & NEIGH_UPDATE_F_OVERRIDE)) {
		*update_isrouter = false;
		if (!(flags & NEIGH_UPDATE_F_WEAK_OVERRIDE) || !(n->nud_state & NUD_CONNECTED))
			return false;
		*lladdr = n->ha;
		*new_state = NUD_STALE;
	} else if (!other && *new_state == NUD_STALE && !(flags & NEIGH_UPDATE_F_ADMIN)) {
		*new_state = n->nud_state;
	}
	return true;
}

/* The part of __neigh_update() behind the checks of dead and administrator. */
static int neigh_apply_update(struct neighbour *n, const u8 *lladdr, u8 new_state, u32 flags,
			      bool *notify, struct netlink_ext_ack *extack)
{
	bool update_isrouter = flags & NEIGH_UPDATE_F_OVERRIDE_ISROUTER;

	if (flags & (NEIGH_UPDATE_F_USE | NEIGH_UPDATE_F_MANAGED)) {
		n->nud_state &= (u8)~NUD_PERMANENT;
		return 0;
	}
	if (!(new_state & NUD_VALID)) {
		neigh_update_to_invalid(n, new_state, notify);
		return 0;
	}
	if (!n->dev->addr_len) {
		lladdr = n->ha;
	} else if (!lladdr) {
		if (!(n->nud_state & NUD_VALID)) {
			NL_SET_ERR_MSG(extack, "No link layer address given");
			return -EINVAL;
		}
		lladdr = n->ha;
	}
	/* Confirmed even if the binding stays the same. */
	if (new_state & NUD_CONNECTED)
		n->confirmed = now_of(n);
	if (neigh_judge_address(n, &lladdr, &new_state, flags, &update_isrouter))
		neigh_enter_state(n, lladdr, new_state, notify);
	if (update_isrouter)
		set_flag(n, NTF_ROUTER, flags & NEIGH_UPDATE_F_ISROUTER, notify);
	return 0;
}

/**
 * __neigh_update() - news about @n
 * @n:         held by the caller's turn
 * @lladdr:    dev->addr_len bytes, NULL: the one we have
 * @new_state: NUD_*
 * @flags:     NEIGH_UPDATE_F_*: OVERRIDE replaces another address, WEAK_OVERRIDE makes the entry suspect instead;
 *             ADMIN may change NOARP and PERMANENT entries and sets EXT_LEARNED, EXT_VALIDATED and MANAGED;
 *             USE only takes PERMANENT away
 * @extack:    may be NULL
 * Return:  0, -EPERM (dead, or static and not the administrator), -EINVAL
 * Owns:    packets that waited are sent, or dropped and reported when the entry fails
 */
int __neigh_update(struct neighbour *n, const u8 *lladdr, u8 new_state, u32 flags, u32 nlmsg_pid,
		   struct netlink_ext_ack *extack)
{
	u8 old = n->nud_state;
	bool notify = false, gc_update = false;
	int err;

	journey_fn(n->tbl->net, NULL);
	if (n->dead) {
		NL_SET_ERR_MSG(extack, "Neighbor entry is now dead");
		return -EPERM;
	}
	if (!(flags & NEIGH_UPDATE_F_ADMIN) && (old & (NUD_NOARP | NUD_PERMANENT)))
		return -EPERM;
	if (flags & NEIGH_UPDATE_F_EXT_VALIDATED) {
		bool keep = flags & (NEIGH_UPDATE_F_USE | NEIGH_UPDATE_F_MANAGED);

		if (!((keep ? old : new_state) & NUD_VALID)) {
			NL_SET_ERR_MSG(extack, "Cannot mark neighbor as externally validated with "
					       "an invalid state");
			return -EINVAL;
		}
	}
	neigh_update_flags(n, flags, &notify, &gc_update);
	err = neigh_apply_update(n, lladdr, new_state, flags, &notify, extack);
	if (gc_update || ((old ^ n->nud_state) & NUD_PERMANENT))
		neigh_update_gc_list(n);
	if (notify)
		neigh_notify(n, RTM_NEWNEIGH, 0, nlmsg_pid);
	return err;
}

/**
 * neigh_update() - __neigh_update() for those with nobody to explain to
 */
int neigh_update(struct neighbour *n, const u8 *lladdr, u8 new_state, u32 flags, u32 nlmsg_pid)
{
	return __neigh_update(n, lladdr, new_state, flags, nlmsg_pid, NULL);
}

/**
 * neigh_event_ns() - @saddr on @dev asked for us, giving its own address @lladdr
 * Return: its entry, made if there was none; NULL if it can not be
 */
struct neighbour *neigh_event_ns(struct neigh_table *tbl, const u8 *lladdr, __be32 saddr,
				 struct net_device *dev)
{
	struct neighbour *n = neigh_lookup(tbl, saddr, dev);
	int err;

	journey_fn(tbl->net, NULL);
	if (!n)
		n = ___neigh_create(tbl, saddr, dev, &err);
	if (n)
		neigh_update(n, lladdr, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE, 0);
	return n;
}
