// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/protocol_test.c - handlers that come and go while packets arrive, and one that hands its packet on. */
#include "tests/stack.h"

#include "net/protocol.h"

#define NUMBER 200

/* A shell around UDP: what it holds is delivered again as UDP. */
static int shell_rcv(struct sk_buff *skb)
{
	return -IPPROTO_UDP;
}

static const struct net_protocol shell = { .handler = shell_rcv }, other = { .handler = shell_rcv };

static void arrive(struct stack *s)
{
	u8 udp[8] = { 0x0f, 0xa0, 0, 9, 0, 8 }, ip[64];

	stack_rx(s, NULL, ip, stack_build(ip, STACK_PEER, STACK_OUR, NUMBER, udp, sizeof(udp)));
}

static void test_add_del(void **state)
{
	struct stack s;

	stack_start(&s, 1);
	assert_int_equal(inet_add_protocol(s.net, &other, IPPROTO_UDP), -1);
	assert_int_equal(inet_del_protocol(s.net, &other, IPPROTO_UDP), -1);
	arrive(&s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.out[0].ip[21], ICMP_PROT_UNREACH);
	assert_int_equal(stack_counter(&s, "Ip.InUnknownProtos"), 1);
	assert_int_equal(inet_add_protocol(s.net, &shell, NUMBER), 0);
	assert_int_equal(inet_add_protocol(s.net, &other, NUMBER), -1);
	arrive(&s);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.out[1].ip[21], ICMP_PORT_UNREACH);
	assert_int_equal(stack_counter(&s, "Udp.NoPorts"), 1);
	assert_int_equal(inet_del_protocol(s.net, &other, NUMBER), -1);
	assert_int_equal(inet_del_protocol(s.net, &shell, NUMBER), 0);
	arrive(&s);
	assert_int_equal(s.out[2].ip[21], ICMP_PROT_UNREACH);
	assert_int_equal(stack_counter(&s, "Ip.InUnknownProtos"), 2);
	stack_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_add_del) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
