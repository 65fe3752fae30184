// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/link_test.c - many connections over one virtual cable: nobody fills it, everything arrives, as it was sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lab/ipwords.h"
#include "net/netdevice.h"
#include "net/tcp.h"
#include "skiff/skiff.h"
#include "skiff/socket.h"

#define FLOWS 400
#define BYTES 120000u

struct pair {
	struct skiff *skiff;
	struct skiff_net *net[2];
	u64 now;
	int fd[FLOWS][2];
	u32 sent[FLOWS], got[FLOWS];
};

static int find_ifindex(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(arg, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

static void ip(struct skiff_net *net, const char *line)
{
	const struct ipwords_env env = { find_ifindex, net };
	u32 msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "";
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n > 0)
		n = skiff_netlink(net, msg, (size_t)n, NULL, NULL);
	if (n < 0)
		fail_msg("%s: %d %s", line, n, why);
}

static void turns(struct pair *p)
{
	p->now += 1000;
	while (skiff_turn(p->skiff, p->now))
		;
}

/* Frames of MTU 1500, cut and summed by us. */
static void start(struct pair *p)
{
	const struct skiff_env env = { .now_ns = 1 };

	memset(p, 0, sizeof(*p));
	p->skiff = skiff_create(&env);
	p->now = 1;
	p->net[0] = skiff_net_create(p->skiff, "a");
	p->net[1] = skiff_net_create(p->skiff, "b");
	assert_int_equal(skiff_veth_create(p->net[0], "v", NULL, p->net[1], "v", NULL), 0);
	for (int i = 0; i < 2; i++) {
		struct net_device *dev = dev_get_by_name((struct net *)p->net[i], "v");

		dev->features &= ~(NETIF_F_TSO | NETIF_F_HW_CSUM | NETIF_F_RXCSUM);
		ip(p->net[i], "link set v up");
		ip(p->net[i], i ? "addr add 10.0.0.2/24 dev v" : "addr add 10.0.0.1/24 dev v");
	}
	turns(p);
}

static void connect_all(struct pair *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80) };
	int l = skiff_socket(p->net[1], AF_INET, SOCK_STREAM, 0);

	assert_int_equal(skiff_bind(p->skiff, l, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(skiff_listen(p->skiff, l, FLOWS), 0);
	a.sin_addr.s_addr = htonl(0x0a000002);
	for (int i = 0; i < FLOWS; i++) {
		p->fd[i][0] = skiff_socket(p->net[0], AF_INET, SOCK_STREAM, 0);
		skiff_connect(p->skiff, p->fd[i][0], (struct sockaddr *)&a, sizeof(a));
		turns(p);
		p->fd[i][1] = skiff_accept4(p->skiff, l, NULL, NULL, 0);
		assert_true(p->fd[i][1] >= 0);
	}
}

static u8 byte_at(int flow, u32 at)
{
	return (u8)(flow * 7 + at * 13 + (at >> 8));
}

static void send_some(struct pair *p, int i)
{
	u8 buf[16384];

	while (p->sent[i] < BYTES) {
		u32 n = min_t(u32, sizeof(buf), BYTES - p->sent[i]);
		s64 res;

		for (u32 k = 0; k < n; k++)
			buf[k] = byte_at(i, p->sent[i] + k);
		res = skiff_send(p->skiff, p->fd[i][0], buf, n, 0);
		if (res == -EAGAIN)
			return;
		assert_true(res > 0);
		p->sent[i] += (u32)res;
	}
}

static void recv_some(struct pair *p, int i)
{
	u8 buf[16384];
	s64 res;

	while ((res = skiff_recv(p->skiff, p->fd[i][1], buf, sizeof(buf), 0)) > 0) {
		for (u32 k = 0; k < (u32)res; k++)
			assert_int_equal(buf[k], byte_at(i, p->got[i] + k));
		p->got[i] += (u32)res;
	}
	assert_int_equal(res, -EAGAIN);
}

static void a_ring_is_not_overrun(void **state)
{
	struct pair *p = malloc(sizeof(*p));
	u64 got = 0;

	assert_non_null(p);
	start(p);
	connect_all(p);
	for (int round = 0; round < 200 && got < (u64)FLOWS * BYTES; round++) {
		for (int i = 0; i < FLOWS; i++)
			send_some(p, i);
		turns(p);
		got = 0;
		for (int i = 0; i < FLOWS; i++) {
			recv_some(p, i);
			got += p->got[i];
		}
	}
	assert_int_equal(got, (u64)FLOWS * BYTES);
	assert_int_equal(p->skiff->drop_counts[SKB_DROP_REASON_FULL_RING], 0);
	skiff_destroy(p->skiff);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ring_is_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
