// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/ports_test.c - ports: who may bind next to whom, which ones connect() chooses, what when there is none, reuseport groups. */
#include "tests/tcp/hosts.h"

static struct hosts h;

#define RA  1 /* SO_REUSEADDR */
#define RP  2 /* SO_REUSEPORT */
#define L   4 /* listens */
#define E0  8 /* SO_BINDTODEVICE e0 */
#define LO  16
#define ANY 32 /* any address, else the host's */

static int bound(int flags, u16 port, int *err)
{
	int fd = hosts_socket(&h, 0), one = 1;

	if (flags & RA)
		skiff_setsockopt(h.skiff, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (flags & RP)
		skiff_setsockopt(h.skiff, fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (flags & (E0 | LO))
		assert_int_equal(skiff_setsockopt(h.skiff, fd, SOL_SOCKET, SO_BINDTODEVICE,
						  flags & E0 ? "e0" : "lo", 3),
				 0);
	*err = hosts_bind(&h, fd, flags & ANY ? 0 : HOST_IP(0), port);
	if (!*err && flags & L)
		*err = skiff_listen(h.skiff, fd, 8);
	return fd;
}

/* May the second one, if the first is there? As the kernel answers (tests of its own kind: bind conflicts). */
static const struct {
	int first, second;
	bool ok;
} pairs[] = {
	{ 0, 0, false },	   { RA, 0, false },	   { 0, RA, false },
	{ RA, RA, true },	   { RA | L, RA, false },  { RA, RA | L, true },
	{ RA | L, RA | L, false }, { RP, RP, true },	   { RP | L, RP | L, true },
	{ RP, RA, false },	   { RA | RP, RA, true },  { RA | RP | L, RA, false },
	{ RA | RP | L, RP, true }, { E0, LO, true },	   { E0, 0, false },
	{ E0, E0, false },	   { 0, E0, false },	   { ANY, 0, false },
	{ 0, ANY, false },	   { RA | ANY, RA, true }, { ANY | RA | L, RA, false },
	{ ANY | E0, LO, true },	   { RP | ANY, RP, true }, { RA | RP, RP, true },
};

static void test_bind(void **state)
{
	int err;

	for (u32 i = 0; i < ARRAY_SIZE(pairs); i++) {
		hosts_start(&h, 1);
		bound(pairs[i].first, 4000, &err);
		assert_int_equal(err, 0);
		bound(pairs[i].second, 4000, &err);
		if (err != (pairs[i].ok ? 0 : -EADDRINUSE))
			fail_msg("row %u: %d", i, err);
		hosts_stop(&h);
	}
}

/* Other addresses never conflict. */
static void test_bind_addresses(void **state)
{
	int fd, err;

	hosts_start(&h, 2);
	bound(L, 4000, &err);
	assert_int_equal(err, 0);
	fd = hosts_socket(&h, 0);
	assert_int_equal(hosts_bind(&h, fd, htonl(0x7f000001), 4000), 0);
	assert_int_equal(skiff_listen(h.skiff, fd, 1), 0);
	fd = hosts_socket(&h, 0);
	assert_int_equal(hosts_bind(&h, fd, htonl(0x08080808), 4000), -EADDRNOTAVAIL);
	hosts_stop(&h);
}

static u16 port_of(int fd)
{
	struct sockaddr_in sin;
	u32 len = sizeof(sin);

	assert_int_equal(skiff_getsockname(h.skiff, fd, (struct sockaddr *)&sin, &len), 0);
	return ntohs(sin.sin_port);
}

/* bind() to port 0 and connect() fill the range, each its own half first, and then there is none. */
static void test_exhaustion(void **state)
{
	int fd, odd = 0;
	u16 port;

	hosts_start(&h, 3);
	hosts_sysctl(&h, 0, "net.ipv4.ip_local_port_range", "40000 40009");
	hosts_listen(&h, 1, 80, 16);
	for (int i = 0; i < 5; i++) {
		fd = hosts_socket(&h, 0);
		assert_int_equal(hosts_bind(&h, fd, HOST_IP(0), 0), 0);
		port = port_of(fd);
		assert_in_range(port, 40000, 40009);
		odd += port & 1;
	}
	assert_int_equal(odd, 5);
	for (int i = 0; i < 5; i++) {
		fd = hosts_connect(&h, 0, 80);
		assert_int_equal(port_of(fd) & 1, 0);
	}
	fd = hosts_socket(&h, 0);
	assert_int_equal(hosts_try_connect(&h, fd, HOST_IP(1), 80), -EADDRNOTAVAIL);
	/* Elsewhere the same ports do. */
	assert_int_equal(hosts_try_connect(&h, fd, HOST_IP(1), 81), -EINPROGRESS);
	fd = hosts_socket(&h, 0);
	assert_int_equal(hosts_bind(&h, fd, HOST_IP(0), 0), -EADDRINUSE);
	hosts_stop(&h);
}

static void test_reserved(void **state)
{
	int fd;

	hosts_start(&h, 4);
	hosts_sysctl(&h, 0, "net.ipv4.ip_local_port_range", "40000 40003");
	hosts_sysctl(&h, 0, "net.ipv4.ip_local_reserved_ports", "40000-40002");
	hosts_listen(&h, 1, 80, 16);
	fd = hosts_connect(&h, 0, 80);
	assert_int_equal(port_of(fd), 40003);
	fd = hosts_socket(&h, 0);
	assert_int_equal(hosts_try_connect(&h, fd, HOST_IP(1), 80), -EADDRNOTAVAIL);
	/* Whoever names one gets it. */
	assert_int_equal(hosts_bind(&h, fd, HOST_IP(0), 40001), 0);
	hosts_stop(&h);
}

/* A failed connect() gives the port back. */
static void test_given_back(void **state)
{
	int fd;

	hosts_start(&h, 5);
	hosts_sysctl(&h, 0, "net.ipv4.ip_local_port_range", "40000 40000");
	for (int i = 0; i < 3; i++) {
		fd = hosts_connect(&h, 0, 81);
		hosts_run(&h, 10);
		skiff_close(h.skiff, fd);
	}
	assert_int_equal(hosts_counter(&h, 1, "Tcp.OutRsts"), 3);
	hosts_stop(&h);
}

/* Four listeners with SO_REUSEPORT: each connection goes to one, all get some. */
static void test_reuseport(void **state)
{
	int l[4], one = 1, got[4] = { 0 };

	hosts_start(&h, 6);
	for (int i = 0; i < 4; i++) {
		l[i] = hosts_socket(&h, 1);
		skiff_setsockopt(h.skiff, l[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
		assert_int_equal(hosts_bind(&h, l[i], 0, 80), 0);
		assert_int_equal(skiff_listen(h.skiff, l[i], 100), 0);
	}
	for (int i = 0; i < 100; i++)
		hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	for (int i = 0; i < 4; i++) {
		while (hosts_accept(&h, l[i]) >= 0)
			got[i]++;
		assert_in_range(got[i], 10, 45);
	}
	assert_int_equal(got[0] + got[1] + got[2] + got[3], 100);
	hosts_stop(&h);
}

/* A listener bound to the address counts more than one for any; one bound to the device more than that. */
static void test_listener_choice(void **state)
{
	int any, addr, one = 1, err;

	hosts_start(&h, 7);
	any = hosts_socket(&h, 0);
	skiff_setsockopt(h.skiff, any, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	assert_int_equal(hosts_bind(&h, any, 0, 80), 0);
	assert_int_equal(skiff_listen(h.skiff, any, 8), 0);
	addr = bound(RP | L, 80, &err);
	assert_int_equal(err, 0);
	hosts_connect(&h, 1, 80);
	hosts_run(&h, 10);
	assert_int_equal(hosts_accept(&h, any), -EAGAIN);
	assert_true(hosts_accept(&h, addr) >= 0);
	hosts_stop(&h);
}

/* IP_LOCAL_PORT_RANGE: a part of the namespace's for one socket; no halves then. */
static void test_own_range(void **state)
{
	u32 range = 40004 | 40005u << 16;
	u16 port[2];
	int fd;

	hosts_start(&h, 8);
	hosts_listen(&h, 1, 80, 16);
	for (int i = 0; i < 3; i++) {
		fd = hosts_socket(&h, 0);
		assert_int_equal(
			skiff_setsockopt(h.skiff, fd, IPPROTO_IP, 51, &range, sizeof(range)), 0);
		assert_int_equal(hosts_try_connect(&h, fd, HOST_IP(1), 80),
				 i < 2 ? -EINPROGRESS : -EADDRNOTAVAIL);
		if (i < 2)
			port[i] = port_of(fd);
	}
	assert_int_equal(port[0] + port[1], 80009);
	hosts_stop(&h);
}

/* Below ip_unprivileged_port_start: with CAP_NET_BIND_SERVICE only. */
static void test_privileged(void **state)
{
	struct skiff_socket_policy policy = { .uid = 1000 };

	hosts_start(&h, 9);
	skiff_set_policy((struct skiff_net *)h.net[0], &policy);
	assert_int_equal(hosts_bind(&h, hosts_socket(&h, 0), HOST_IP(0), 80), -EACCES);
	assert_int_equal(hosts_bind(&h, hosts_socket(&h, 0), HOST_IP(0), 1024), 0);
	hosts_sysctl(&h, 0, "net.ipv4.ip_unprivileged_port_start", "80");
	assert_int_equal(hosts_bind(&h, hosts_socket(&h, 0), HOST_IP(0), 80), 0);
	policy.caps = SKIFF_CAP_NET_BIND_SERVICE;
	skiff_set_policy((struct skiff_net *)h.net[0], &policy);
	assert_int_equal(hosts_bind(&h, hosts_socket(&h, 0), HOST_IP(0), 79), 0);
	hosts_stop(&h);
}

/* Ports of connect() to one peer after the other look random to each, and are in sequence (RFC 6056). */
static void test_sequence(void **state)
{
	u16 last = 0, port;
	u32 near = 0;

	hosts_start(&h, 10);
	for (int i = 0; i < 30; i++) {
		int fd = hosts_socket(&h, 0);

		hosts_try_connect(&h, fd, STRANGER(1), 80);
		port = port_of(fd);
		assert_int_equal(port & 1, 0);
		near += i && (u16)(port - last) <= 16;
		last = port;
	}
	assert_in_range(near, 28, 29);
	hosts_stop(&h);
}

#define CROWD 2000

/* So many to one place that most ports are taken: still even ones first, each once, and what becomes free is found. */
static void test_crowd(void **state)
{
	static int fd[CROWD];
	static u16 port[CROWD];
	static bool taken[CROWD];
	u32 seed = 1;
	int extra;

	hosts_start(&h, 11);
	hosts_sysctl(&h, 0, "net.ipv4.ip_local_port_range", "40000 41999");
	for (u32 i = 0; i < CROWD; i++) {
		fd[i] = hosts_socket(&h, 0);
		assert_int_equal(hosts_try_connect(&h, fd[i], STRANGER(1), 80), -EINPROGRESS);
		port[i] = port_of(fd[i]);
		assert_int_equal(port[i] & 1, i >= CROWD / 2);
		assert_false(taken[port[i] - 40000]);
		taken[port[i] - 40000] = true;
	}
	extra = hosts_socket(&h, 0);
	assert_int_equal(hosts_try_connect(&h, extra, STRANGER(1), 80), -EADDRNOTAVAIL);
	assert_non_null(h.net[0]->ipv4.tcp_hashinfo->crowds);
	/* Others are not in the way there. */
	assert_int_equal(hosts_try_connect(&h, extra, STRANGER(1), 81), -EINPROGRESS);
	for (u32 round = 0; round < 500; round++) {
		u32 i = (seed = seed * 1103515245 + 12345) / 65536 % CROWD;

		skiff_close(h.skiff, fd[i]);
		fd[i] = hosts_socket(&h, 0);
		assert_int_equal(hosts_try_connect(&h, fd[i], STRANGER(1), 80), -EINPROGRESS);
		assert_int_equal(port_of(fd[i]), port[i]);
	}
	for (u32 i = 0; i < CROWD; i++)
		skiff_close(h.skiff, fd[i]);
	assert_null(h.net[0]->ipv4.tcp_hashinfo->crowds);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bind),	   cmocka_unit_test(test_bind_addresses),
		cmocka_unit_test(test_exhaustion), cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_given_back), cmocka_unit_test(test_reuseport),
		cmocka_unit_test(test_crowd),	   cmocka_unit_test(test_listener_choice),
		cmocka_unit_test(test_own_range),  cmocka_unit_test(test_privileged),
		cmocka_unit_test(test_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
