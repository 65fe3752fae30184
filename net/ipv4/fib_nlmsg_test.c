// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_nlmsg_test.c - what was learned of single destinations, in dumps ("ip route show cache").
 *
 * Plain routes and what may stand in a dump request are compared with the kernel in tests/rtnl.
 */
#include "tests/testnet.h"

#include "net/ip_fib.h"
#include "net/route.h"

struct heard {
	int routes, cached;
	struct rtmsg rtm;
	u32 mtu, dst, gw, table;
	s32 expires;
};

static void on_route(void *arg, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;
	const struct nlattr *tb[RTA_MAX + 1], *mx[RTAX_MAX + 1] = { NULL };
	struct heard *h = arg;

	if (nlh->nlmsg_type != RTM_NEWROUTE)
		return;
	h->routes++;
	memcpy(&h->rtm, mnl_nlmsg_get_payload(nlh), sizeof(h->rtm));
	if (!(h->rtm.rtm_flags & RTM_F_CLONED))
		return;
	h->cached++;
	assert_int_equal(nlmsg_parse_(nlh, sizeof(struct rtmsg), tb, RTA_MAX, NULL, false, NULL),
			 0);
	assert_non_null(tb[RTA_METRICS]);
	nla_parse_nested_(tb[RTA_METRICS], mx, RTAX_MAX, NULL, NULL);
	h->mtu = mnl_attr_get_u32(mx[RTAX_MTU]);
	h->dst = ntohl(mnl_attr_get_u32(tb[RTA_DST]));
	h->gw = ntohl(mnl_attr_get_u32(tb[RTA_GATEWAY]));
	h->table = mnl_attr_get_u32(tb[RTA_TABLE]);
	h->expires = ((const struct rta_cacheinfo *)mnl_attr_get_payload(tb[RTA_CACHEINFO]))
			     ->rta_expires;
	assert_null(tb[RTA_UID]);
	assert_null(tb[RTA_PREFSRC]);
}

static struct heard dump(struct testnet *t, u32 flags, u32 table)
{
	struct {
		struct nlmsghdr nlh;
		struct rtmsg rtm;
	} req = { .nlh = { .nlmsg_len = sizeof(req),
			   .nlmsg_type = RTM_GETROUTE,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		  .rtm = { .rtm_family = 2, .rtm_table = (u8)table, .rtm_flags = flags } };
	struct heard h = { 0 };

	assert_int_equal(rtnetlink_rcv_msg(t->net, &req.nlh, sizeof(req), on_route, &h), 0);
	return h;
}

/* "Fragmentation needed", about a packet of ours to 10.0.1.2 */
static void learn(struct testnet *t, u32 mtu)
{
	struct flowi4 fl4 = { .daddr = htonl(0x0a000102) };
	struct sk_buff *skb = alloc_skb(&t->skiff, 64);
	struct iphdr *iph;
	struct rtable *rt;
	int err;

	assert_non_null(skb);
	iph = (struct iphdr *)skb_put(skb, sizeof(*iph));
	memset(iph, 0, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->saddr = htonl(0x0a000001);
	iph->daddr = htonl(0x0a000102);
	skb->dev = t->dev[0];
	ipv4_update_pmtu(skb, t->net, mtu, 0, 17);
	consume_skb(&t->skiff, skb);
	/* The route over the exception, which is what a dump lists. */
	rt = ip_route_output_key(t->net, &fl4, &err);
	assert_non_null(rt);
	ip_rt_put(rt);
}

static void test_cache(void **state)
{
	struct testnet *t = calloc(1, sizeof(*t));
	struct heard h;

	testnet_start(t, 1);
	testnet_ip(t, "addr add 10.0.0.1/24 dev e0");
	testnet_ip(t, "route add default via 10.0.0.2");
	assert_int_equal(dump(t, RTM_F_CLONED, 0).routes, 0);
	learn(t, 1000);
	h = dump(t, RTM_F_CLONED, 0);
	assert_int_equal(h.routes, 1);
	assert_int_equal(h.cached, 1);
	assert_int_equal(h.rtm.rtm_dst_len, 32);
	assert_int_equal(h.rtm.rtm_type, RTN_UNICAST);
	assert_int_equal(h.rtm.rtm_flags, RTM_F_CLONED);
	assert_int_equal(h.mtu, 1000);
	assert_int_equal(h.dst, 0x0a000102);
	assert_int_equal(h.gw, 0x0a000002);
	assert_int_equal(h.table, RT_TABLE_MAIN);
	assert_int_equal(h.expires, 600 * 100); /* USER_HZ */
	assert_int_equal(dump(t, RTM_F_CLONED, RT_TABLE_LOCAL).routes, 0);
	assert_int_equal(dump(t, 0, RT_TABLE_MAIN).routes, 2);
	assert_int_equal(dump(t, 0, RT_TABLE_MAIN).cached, 0);
	/* It expires. */
	t->skiff.jiffies += 600001;
	assert_int_equal(dump(t, RTM_F_CLONED, 0).routes, 0);
	testnet_stop(t);
	free(t);
	assert_int_equal(testnet_allocs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
