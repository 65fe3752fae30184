/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/testnet.h - a shard with one namespace for a unit test, configured in the words of ip(8) and sysctl(8).
 *
 * One file of a program includes it. Devices are dummies: e0, e1, ... with index 2, 3, ...
 * testnet_fail_after: how many allocations succeed before one fails, -1: all do; testnet_allocs: what is allocated now.
 */
#ifndef TESTS_TESTNET_H
#define TESTS_TESTNET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "drivers/devices.h"
#include "lab/ipwords.h"
#include "net/journey.h"
#include "net/rtnetlink.h"
#include "net/sysctl.h"

struct testnet {
	struct skiff skiff;
	struct net *net;
	struct net_device *dev[4];
	struct journey_sink sink;
	char setting[128];  /* last one reported */
	char sentence[160]; /* of the last refusal */
};

static long testnet_fail_after = -1, testnet_allocs;

static void *testnet_alloc(void *arg, size_t size, size_t align)
{
	void *p;

	if (testnet_fail_after == 0)
		return NULL;
	if (testnet_fail_after > 0)
		testnet_fail_after--;
	align = align < 16 ? 16 : align;
	p = aligned_alloc(align, ALIGN_UP(size ? size : 1, align));
	testnet_allocs += p != NULL;
	return p;
}

static void testnet_free(void *arg, void *p)
{
	testnet_allocs -= p != NULL;
	free(p);
}

static int testnet_ifindex(void *arg, const char *name)
{
	struct net_device *dev = dev_get_by_name(arg, name);

	return dev ? (int)dev->ifindex : 0;
}

static void testnet_reply(void *arg, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	struct testnet *t = arg;
	const struct nlattr *a;
	size_t skip;

	if (nlh->nlmsg_type != NLMSG_ERROR || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	skip = sizeof(int) +
	       (nlh->nlmsg_flags & NLM_F_CAPPED ? sizeof(e->msg) : NLMSG_ALIGN(e->msg.nlmsg_len));
	for (a = mnl_nlmsg_get_payload_offset(nlh, skip);
	     mnl_attr_ok(a, (int)((const char *)mnl_nlmsg_get_payload_tail(nlh) - (const char *)a));
	     a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
			snprintf(t->sentence, sizeof(t->sentence), "%s", mnl_attr_get_str(a));
}

/* "route add ..." and so on. 0 or -errno; why is in t->sentence */
static __maybe_unused int testnet_try(struct testnet *t, const char *words)
{
	u8 msg[IPWORDS_MSG_MAX] __attribute__((aligned(8)));
	const struct ipwords_env env = { testnet_ifindex, t->net };
	char why[128];

	t->sentence[0] = 0;
	if (ipwords_line(msg, sizeof(msg), words, &env, why, sizeof(why)) < 0)
		fail_msg("%s: %s", words, why);
	return rtnetlink_rcv_msg(t->net, (struct nlmsghdr *)msg, sizeof(msg), testnet_reply, t);
}

static __maybe_unused void testnet_ip(struct testnet *t, const char *words)
{
	int err = testnet_try(t, words);

	if (err)
		fail_msg("%s: %d %s", words, err, t->sentence);
}

static __maybe_unused void testnet_sysctl(struct testnet *t, const char *key, const char *value)
{
	if (sysctl_set(t->net, key, value))
		fail_msg("sysctl %s=%s is refused", key, value);
}

static void testnet_on_setting(struct journey_sink *s, struct net *net, const char *text)
{
	struct testnet *t = container_of(s, struct testnet, sink);

	snprintf(t->setting, sizeof(t->setting), "%s", text);
}

static void testnet_on_fn(struct journey_sink *s, struct net *net, const struct sk_buff *skb,
			  const char *name)
{
}

static void testnet_on_text(struct journey_sink *s, struct net *net, const char *text)
{
}

/* From now on t->setting is the last setting that decided something. */
static __maybe_unused void testnet_listen(struct testnet *t)
{
	t->sink.fn = testnet_on_fn;
	t->sink.setting = testnet_on_setting;
	t->sink.note = testnet_on_text;
	t->skiff.journey = &t->sink;
}

static __maybe_unused void testnet_start(struct testnet *t, int devices)
{
	const struct skiff_env env = { .now_ns = 1, .alloc = testnet_alloc, .free = testnet_free };

	memset(t, 0, sizeof(*t));
	skiff_engine_init(&t->skiff, &env);
	assert_int_equal(skb_pool_init(&t->skiff), 0);
	t->net = net_create(&t->skiff, "t");
	assert_non_null(t->net);
	testnet_ip(t, "link set lo up");
	for (int i = 0; i < devices; i++) {
		char name[16], words[48];
		int err;

		snprintf(name, sizeof(name), "e%d", i);
		t->dev[i] = dummy_create(t->net, name, NULL, &err);
		assert_non_null(t->dev[i]);
		snprintf(words, sizeof(words), "link set e%d up", i);
		testnet_ip(t, words);
	}
}

static __maybe_unused void testnet_stop(struct testnet *t)
{
	t->skiff.journey = NULL;
	net_destroy(t->net);
	skiff_run_death_row(&t->skiff);
	skb_pool_exit(&t->skiff);
}

#endif
