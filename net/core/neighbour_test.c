// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neighbour_test.c - every state of a neighbour against every event, in virtual time.
 *
 * A row says: in state `from`, `event` happens; then the state is `to`, that many questions went out, frames left and
 * packets were reported lost, and the entry's address is as said. See net/core/neighbour.c for the
 * states; RFC 4861 7.3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "neigh_fake.h"

#define KEY IP(10, 0, 0, 2)

enum event {
	EV_SEND,	 /* a packet wants out */
	EV_RETRANS,	 /* 1 s passes */
	EV_DELAY,	 /* 5.1 s pass: delay_first_probe_time */
	EV_REACH,	 /* 46 s pass: more than any reachable time */
	EV_GIVE_UP,	 /* 5.1 s pass after what was there */
	EV_ANSWER,	 /* unicast answer, same address (or first) */
	EV_ANSWER_OTHER, /* unicast answer, other address, not to override */
	EV_OVERRIDE,	 /* unicast answer, other address, override */
	EV_NEWS,	 /* request of theirs, same address */
	EV_NEWS_OTHER,	 /* request of theirs with another address, override */
	EV_WEAK,	 /* other address, weak override */
	EV_ADMIN_DEL,	 /* ip neigh del's first half */
	EV_ADMIN_PERM,	 /* ip neigh replace ... nud permanent */
	EV_ADMIN_STALE,	 /* ip neigh change ... nud stale */
	EV_USE,		 /* ip neigh change ... use */
	EV_CONFIRM,	 /* an upper layer heard from them, then 5.1 s pass */
};

struct row {
	u8 from;
	enum event event;
	u8 to;
	u8 ucast, bcast, frames, reports;
	char ha; /* 'a', 'b', 0: none */
};

static const struct row rows[] = {
	/* nothing known */
	{ NUD_NONE, EV_SEND, NUD_INCOMPLETE, 0, 1, 0, 0, 0 },
	{ NUD_NONE, EV_REACH, NUD_NONE, 0, 0, 0, 0, 0 },
	{ NUD_NONE, EV_ANSWER, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	{ NUD_NONE, EV_NEWS, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_NONE, EV_ADMIN_PERM, NUD_PERMANENT, 0, 0, 0, 0, 'b' },
	{ NUD_NONE, EV_ADMIN_DEL, NUD_FAILED, 0, 0, 0, 0, 0 },
	{ NUD_NONE, EV_USE, NUD_INCOMPLETE, 0, 1, 0, 0, 0 },
	/* asked for: one packet waits, one question is out */
	{ NUD_INCOMPLETE, EV_SEND, NUD_INCOMPLETE, 0, 0, 0, 0, 0 },
	{ NUD_INCOMPLETE, EV_RETRANS, NUD_INCOMPLETE, 0, 1, 0, 0, 0 },
	{ NUD_INCOMPLETE, EV_GIVE_UP, NUD_FAILED, 0, 2, 0, 1, 0 },
	{ NUD_INCOMPLETE, EV_ANSWER, NUD_REACHABLE, 0, 0, 1, 0, 'a' },
	{ NUD_INCOMPLETE, EV_NEWS, NUD_DELAY, 0, 0, 1, 0, 'a' },
	{ NUD_INCOMPLETE, EV_ANSWER_OTHER, NUD_REACHABLE, 0, 0, 1, 0, 'b' },
	{ NUD_INCOMPLETE, EV_ADMIN_PERM, NUD_PERMANENT, 0, 0, 1, 0, 'b' },
	{ NUD_INCOMPLETE, EV_ADMIN_DEL, NUD_FAILED, 0, 0, 0, 1, 0 },
	/* known and confirmed */
	{ NUD_REACHABLE, EV_SEND, NUD_REACHABLE, 0, 0, 1, 0, 'a' },
	{ NUD_REACHABLE, EV_REACH, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_REACHABLE, EV_ANSWER, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	{ NUD_REACHABLE, EV_ANSWER_OTHER, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	{ NUD_REACHABLE, EV_OVERRIDE, NUD_REACHABLE, 0, 0, 0, 0, 'b' },
	{ NUD_REACHABLE, EV_NEWS, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	{ NUD_REACHABLE, EV_NEWS_OTHER, NUD_STALE, 0, 0, 0, 0, 'b' },
	{ NUD_REACHABLE, EV_WEAK, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_REACHABLE, EV_ADMIN_STALE, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_REACHABLE, EV_ADMIN_PERM, NUD_PERMANENT, 0, 0, 0, 0, 'b' },
	{ NUD_REACHABLE, EV_ADMIN_DEL, NUD_FAILED, 0, 0, 0, 0, 'a' },
	{ NUD_REACHABLE, EV_USE, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	/* known, not confirmed lately */
	{ NUD_STALE, EV_SEND, NUD_DELAY, 0, 0, 1, 0, 'a' },
	{ NUD_STALE, EV_REACH, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_STALE, EV_ANSWER, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	{ NUD_STALE, EV_ANSWER_OTHER, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_STALE, EV_OVERRIDE, NUD_REACHABLE, 0, 0, 0, 0, 'b' },
	{ NUD_STALE, EV_NEWS, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_STALE, EV_NEWS_OTHER, NUD_STALE, 0, 0, 0, 0, 'b' },
	{ NUD_STALE, EV_WEAK, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_STALE, EV_USE, NUD_DELAY, 0, 0, 0, 0, 'a' },
	/* a packet was sent to a stale one */
	{ NUD_DELAY, EV_SEND, NUD_DELAY, 0, 0, 1, 0, 'a' },
	{ NUD_DELAY, EV_DELAY, NUD_PROBE, 1, 0, 0, 0, 'a' },
	{ NUD_DELAY, EV_CONFIRM, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	{ NUD_DELAY, EV_ANSWER, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	{ NUD_DELAY, EV_NEWS, NUD_DELAY, 0, 0, 0, 0, 'a' },
	{ NUD_DELAY, EV_NEWS_OTHER, NUD_STALE, 0, 0, 0, 0, 'b' },
	{ NUD_DELAY, EV_ADMIN_DEL, NUD_FAILED, 0, 0, 0, 0, 'a' },
	/* unicast questions are out */
	{ NUD_PROBE, EV_SEND, NUD_PROBE, 0, 0, 1, 0, 'a' },
	{ NUD_PROBE, EV_GIVE_UP, NUD_FAILED, 3, 0, 0, 0, 'a' },
	{ NUD_PROBE, EV_ANSWER, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	{ NUD_PROBE, EV_ANSWER_OTHER, NUD_PROBE, 0, 0, 0, 0, 'a' },
	{ NUD_PROBE, EV_OVERRIDE, NUD_REACHABLE, 0, 0, 0, 0, 'b' },
	{ NUD_PROBE, EV_NEWS, NUD_PROBE, 0, 0, 0, 0, 'a' },
	{ NUD_PROBE, EV_ADMIN_DEL, NUD_FAILED, 0, 0, 0, 0, 'a' },
	/* nobody answered */
	{ NUD_FAILED, EV_SEND, NUD_INCOMPLETE, 0, 1, 0, 0, 0 },
	{ NUD_FAILED, EV_ANSWER, NUD_REACHABLE, 0, 0, 0, 0, 'a' },
	{ NUD_FAILED, EV_NEWS, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_FAILED, EV_REACH, NUD_FAILED, 0, 0, 0, 0, 0 },
	/* not to be resolved */
	{ NUD_NOARP, EV_SEND, NUD_NOARP, 0, 0, 1, 0, 'a' },
	{ NUD_NOARP, EV_OVERRIDE, NUD_NOARP, 0, 0, 0, 0, 'a' },
	{ NUD_NOARP, EV_REACH, NUD_NOARP, 0, 0, 0, 0, 'a' },
	{ NUD_NOARP, EV_ADMIN_PERM, NUD_PERMANENT, 0, 0, 0, 0, 'b' },
	/* set by hand */
	{ NUD_PERMANENT, EV_SEND, NUD_PERMANENT, 0, 0, 1, 0, 'a' },
	{ NUD_PERMANENT, EV_OVERRIDE, NUD_PERMANENT, 0, 0, 0, 0, 'a' },
	{ NUD_PERMANENT, EV_NEWS_OTHER, NUD_PERMANENT, 0, 0, 0, 0, 'a' },
	{ NUD_PERMANENT, EV_REACH, NUD_PERMANENT, 0, 0, 0, 0, 'a' },
	{ NUD_PERMANENT, EV_ADMIN_STALE, NUD_STALE, 0, 0, 0, 0, 'a' },
	{ NUD_PERMANENT, EV_ADMIN_DEL, NUD_FAILED, 0, 0, 0, 0, 'a' },
};

#define ADMIN (NEIGH_UPDATE_F_ADMIN | NEIGH_UPDATE_F_OVERRIDE)

/* By the ways that lead there. */
static struct neighbour *in_state(u8 state)
{
	struct neighbour *n = entry(KEY);

	switch (state) {
	case NUD_NONE:
		break;
	case NUD_INCOMPLETE:
		send_to(n, 40);
		break;
	case NUD_DELAY:
		neigh_update(n, mac_a, NUD_STALE, ADMIN, 0);
		send_to(n, 40);
		break;
	case NUD_FAILED:
		neigh_update(n, NULL, NUD_FAILED, ADMIN, 0);
		break;
	default:
		neigh_update(n, mac_a, state, ADMIN, 0);
	}
	assert_int_equal(n->nud_state, state);
	return n;
}

static void happen(struct neighbour *n, enum event event)
{
	switch (event) {
	case EV_SEND:
		send_to(n, 40);
		break;
	case EV_RETRANS:
		advance(1000);
		break;
	case EV_CONFIRM:
		advance(100);
		neigh_confirm(n);
		advance(5000);
		break;
	case EV_DELAY:
	case EV_GIVE_UP:
		advance(5100);
		break;
	case EV_REACH:
		advance(46000);
		break;
	case EV_ANSWER:
		neigh_update(n, mac_a, NUD_REACHABLE, 0, 0);
		break;
	case EV_ANSWER_OTHER:
		neigh_update(n, mac_b, NUD_REACHABLE, 0, 0);
		break;
	case EV_OVERRIDE:
		neigh_update(n, mac_b, NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE, 0);
		break;
	case EV_NEWS:
		neigh_update(n, mac_a, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE, 0);
		break;
	case EV_NEWS_OTHER:
		neigh_update(n, mac_b, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE, 0);
		break;
	case EV_WEAK:
		neigh_update(n, mac_b, NUD_REACHABLE, NEIGH_UPDATE_F_WEAK_OVERRIDE, 0);
		break;
	case EV_ADMIN_DEL:
		neigh_update(n, NULL, NUD_FAILED, ADMIN, 0);
		break;
	case EV_ADMIN_PERM:
		neigh_update(n, mac_b, NUD_PERMANENT, ADMIN, 0);
		break;
	case EV_ADMIN_STALE:
		neigh_update(n, NULL, NUD_STALE, ADMIN, 0);
		break;
	case EV_USE:
		neigh_update(n, NULL, NUD_NONE, ADMIN | NEIGH_UPDATE_F_USE, 0);
		neigh_event_send(n, NULL);
		break;
	}
}

static void check_row(const struct row *r, unsigned i)
{
	static const u8 none[6];
	const u8 *ha = r->ha == 'a' ? mac_a : r->ha == 'b' ? mac_b : none;
	struct neighbour *n = in_state(r->from);

	fake.ucast = fake.bcast = fake.frames = fake.reports = 0;
	happen(n, r->event);
	if (n->nud_state != r->to || fake.ucast != r->ucast || fake.bcast != r->bcast ||
	    fake.frames != r->frames || fake.reports != r->reports || memcmp(n->ha, ha, 6))
		fail_msg("row %u (%#x, event %d): state %#x not %#x; unicast %u not %u; broadcast "
			 "%u not %u; frames %u not %u; reports %u not %u; address %02x",
			 i, r->from, r->event, n->nud_state, r->to, fake.ucast, r->ucast,
			 fake.bcast, r->bcast, fake.frames, r->frames, fake.reports, r->reports,
			 n->ha[1]);
	/* A timer is armed in exactly the states that have one. */
	assert_int_equal(timer_pending(&n->timer), (n->nud_state & NUD_IN_TIMER) != 0);
	assert_int_equal(n->refcnt, 1 + (n->nud_state & NUD_IN_TIMER ? 1 : 0));
}

static void test_transitions(void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_setup(NULL);
		check_row(&rows[i], i);
		fake_teardown(NULL);
	}
}

/* Questions at 0, 1 and 2 s; the verdict at 3 s, with all who wait told. */
static void test_resolution_times(void **state)
{
	struct neighbour *n = entry(KEY);

	send_to(n, 40);
	send_to(n, 40);
	assert_int_equal(fake.bcast, 1);
	advance(999);
	assert_int_equal(fake.bcast, 1);
	advance(1);
	assert_int_equal(fake.bcast, 2);
	advance(1000);
	assert_int_equal(fake.bcast, 3);
	advance(999);
	assert_int_equal(n->nud_state, NUD_INCOMPLETE);
	advance(1);
	assert_int_equal(n->nud_state, NUD_FAILED);
	assert_int_equal(fake.reports, 2);
	assert_int_equal(fake.bcast, 3);
	assert_int_equal(dropped(SKB_DROP_REASON_NEIGH_FAILED), 2);
	assert_int_equal(fake.tbl->stats.res_failed, 1);
}

/* app_solicit questions go to user space, between the unicast and the broadcast ones. */
static void test_app_probes(void **state)
{
	struct neighbour *n;

	NEIGH_VAR(&fake.tbl->parms, APP_PROBES) = 2;
	n = entry(KEY);
	n->parms = &fake.tbl->parms;
	send_to(n, 40);
	advance(1000);
	assert_int_equal(fake.notes, 2);
	assert_int_equal(fake.last_note, RTM_GETNEIGH);
	assert_int_equal(fake.bcast, 0);
	advance(3000);
	assert_int_equal(fake.bcast, 3);
	advance(1000);
	assert_int_equal(n->nud_state, NUD_FAILED);
}

/* No way to ask: the packet fails at once. */
static void test_no_probes(void **state)
{
	struct neighbour *n = entry(KEY);

	n->parms = &fake.tbl->parms;
	NEIGH_VAR(n->parms, MCAST_PROBES) = 0;
	send_to(n, 40);
	assert_int_equal(n->nud_state, NUD_FAILED);
	assert_int_equal(dropped(SKB_DROP_REASON_NEIGH_FAILED), 1);
}

/* The queue is bounded by memory; the oldest goes, the newest is kept whatever its size. */
static void test_queue_full(void **state)
{
	struct neighbour *n = entry(KEY);
	u32 one;

	n->parms = &fake.tbl->parms;
	send_to(n, 40);
	one = n->arp_queue_len_bytes;
	NEIGH_VAR(n->parms, QUEUE_LEN_BYTES) = (int)(3 * one);
	send_to(n, 40);
	send_to(n, 40);
	assert_int_equal(n->arp_queue.qlen, 3);
	send_to(n, 40);
	assert_int_equal(n->arp_queue.qlen, 3);
	assert_int_equal(dropped(SKB_DROP_REASON_NEIGH_QUEUEFULL), 1);
	assert_int_equal(fake.tbl->stats.unres_discards, 1);
	NEIGH_VAR(n->parms, QUEUE_LEN_BYTES) = 0;
	send_to(n, 1400);
	assert_int_equal(n->arp_queue.qlen, 1);
	assert_int_equal(dropped(SKB_DROP_REASON_NEIGH_QUEUEFULL), 4);
	neigh_update(n, mac_a, NUD_REACHABLE, 0, 0);
	assert_int_equal(fake.frames, 1);
	assert_int_equal(fake.last_len, 1400 < FRAME_MAX ? 1400 : FRAME_MAX);
	assert_int_equal(n->arp_queue_len_bytes, 0);
}

/* More than a batch waits: all leave, in order. */
static void test_long_queue(void **state)
{
	struct neighbour *n = entry(KEY);

	for (u32 i = 0; i < 150; i++)
		send_to(n, 40 + i);
	assert_int_equal(n->arp_queue.qlen, 150);
	neigh_update(n, mac_a, NUD_REACHABLE, 0, 0);
	assert_int_equal(fake.frames, 150);
	assert_int_equal(fake.last_len, 14 + 189);
}

/* What the control plane vouches for stays usable when nobody answers. */
static void test_ext_validated(void **state)
{
	struct neighbour *n = entry(KEY);

	neigh_update(n, mac_a, NUD_PROBE, ADMIN | NEIGH_UPDATE_F_EXT_VALIDATED, 0);
	assert_true(n->flags & NTF_EXT_VALIDATED);
	advance(5000);
	assert_int_equal(n->nud_state, NUD_STALE);
	assert_int_equal(fake.ucast, 3);
}

/* A managed entry is kept resolved without traffic. */
static void test_managed(void **state)
{
	struct neighbour *n = entry(KEY);

	neigh_update(n, NULL, NUD_NONE, ADMIN | NEIGH_UPDATE_F_MANAGED, 0);
	neigh_event_send(n, NULL);
	assert_int_equal(fake.bcast, 1);
	neigh_update(n, mac_a, NUD_REACHABLE, 0, 0);
	/* reachable time, delay and three unanswered questions; then from the start */
	advance(120000);
	assert_int_equal(fake.ucast, 3);
	assert_true(fake.bcast > 3);
	neigh_update(n, NULL, NUD_FAILED, ADMIN, 0);
	assert_true(list_empty(&fake.tbl->managed_list));
}

/* mcast_resolicit: after the unicast questions, everybody is asked again before the entry fails. */
static void test_reprobes(void **state)
{
	struct neighbour *n = entry(KEY);

	n->parms = &fake.tbl->parms;
	NEIGH_VAR(n->parms, MCAST_REPROBES) = 2;
	neigh_update(n, mac_a, NUD_PROBE, ADMIN, 0);
	advance(10000);
	assert_int_equal(fake.ucast, 3);
	assert_int_equal(fake.bcast, 2);
	assert_int_equal(n->nud_state, NUD_FAILED);
}

/* A device that goes takes its entries along; what waited is dropped. */
static void test_ifdown(void **state)
{
	struct neighbour *n = entry(KEY);

	send_to(n, 40);
	neigh_hold(n);
	neigh_ifdown(fake.tbl, fake.dev);
	assert_null(neigh_lookup(fake.tbl, KEY, fake.dev));
	assert_int_equal(fake.last_note, RTM_DELNEIGH);
	assert_int_equal(n->nud_state, NUD_NONE);
	assert_int_equal(dropped(SKB_DROP_REASON_NEIGH_DEAD), 1);
	send_to(n, 40);
	assert_int_equal(dropped(SKB_DROP_REASON_NEIGH_DEAD), 2);
	assert_int_equal(neigh_update(n, mac_a, NUD_REACHABLE, 0, 0), -EPERM);
	neigh_release(n);
}

/* Carrier lost: what was set by hand stays. */
static void test_carrier_down(void **state)
{
	neigh_update(entry(KEY), mac_a, NUD_PERMANENT, ADMIN, 0);
	neigh_update(entry(IP(10, 0, 0, 3)), mac_a, NUD_REACHABLE, ADMIN, 0);
	neigh_carrier_down(fake.tbl, fake.dev);
	assert_int_equal(fake.tbl->entries, 1);
	assert_non_null(neigh_lookup(fake.tbl, KEY, fake.dev));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transitions),
		T(test_resolution_times),
		T(test_app_probes),
		T(test_no_probes),
		T(test_queue_full),
		T(test_long_queue),
		T(test_ext_validated),
		T(test_managed),
		T(test_reprobes),
		T(test_ifdown),
		T(test_carrier_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
