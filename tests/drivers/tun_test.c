// SPDX-License-Identifier: BSD-2-Clause
/* tests/drivers/tun_test.c - the host's TUN as the far end: the host asks a closed port of ours and is refused. Skipped without /dev/net/tun. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/ipwords.h"
#include "skiff/skiff.h"
#include "skiff/tap.h"

static int ifindex_of(void *arg, const char *name)
{
	return skiff_dev_ifindex(skiff_dev_find(arg, name));
}

static void ip(struct skiff_net *net, const char *words)
{
	const struct ipwords_env env = { ifindex_of, net };
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "";
	int n = ipwords_line(msg, sizeof(msg), words, &env, why, sizeof(why));

	assert_true(n > 0);
	assert_int_equal(skiff_netlink(net, msg, (size_t)n, NULL, NULL), 0);
}

static void host_address(int s, const char *dev, const char *addr, const char *mask)
{
	struct ifreq ifr = { 0 };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;

	strcpy(ifr.ifr_name, dev);
	sin->sin_family = AF_INET;
	inet_pton(AF_INET, addr, &sin->sin_addr);
	assert_int_equal(ioctl(s, SIOCSIFADDR, &ifr), 0);
	inet_pton(AF_INET, mask, &sin->sin_addr);
	assert_int_equal(ioctl(s, SIOCSIFNETMASK, &ifr), 0);
}

/* A network namespace of the host's kernel for this test, in which we are root. */
static bool own_network(void)
{
	static bool root;

	if (unshare(root ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	root = true;
	return true;
}

static void test_host_is_refused(void **state)
{
	struct skiff_env env = { .wall_ns = 1700000000000000000ull };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct skiff *skiff;
	struct skiff_net *net;
	struct skiff_dev *dev;
	char c = 'x';
	int err = 0, s;

	if (!own_network() || access("/dev/net/tun", R_OK | W_OK) < 0)
		skip();
	skiff = skiff_create(&env);
	net = skiff_net_create(skiff, "n");
	dev = skiff_tun_create(net, "tun0", "skifftun0", &err);
	if (!dev && (err == -EPERM || err == -ENOENT)) {
		skiff_destroy(skiff);
		skip();
	}
	assert_non_null(dev);
	ip(net, "link set tun0 up");
	ip(net, "addr add 10.77.0.1/24 dev tun0");
	s = socket(AF_INET, SOCK_DGRAM, 0);
	host_address(s, "skifftun0", "10.77.0.2", "255.255.255.0");
	inet_pton(AF_INET, "10.77.0.1", &to.sin_addr);
	assert_int_equal(connect(s, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(send(s, &c, 1, 0), 1);
	for (uint64_t now = 1000000; now < 2000000000; now += 10000000) {
		struct pollfd p = { skiff_tap_fd(dev), POLLIN, 0 };

		poll(&p, 1, 1);
		while (skiff_turn(skiff, now))
			;
		if (recv(s, &c, 1, MSG_DONTWAIT) < 0 && errno == ECONNREFUSED)
			break;
		assert_int_equal(errno, EAGAIN);
	}
	assert_int_equal(errno, ECONNREFUSED);
	close(s);
	skiff_destroy(skiff);
}

static void host_mtu(int s, const char *dev, int mtu)
{
	struct ifreq ifr = { .ifr_mtu = mtu };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	assert_int_equal(ioctl(s, SIOCSIFMTU, &ifr), 0);
}

/* An echo of @n bytes of payload comes back as it went, through whatever buffers its length takes it. */
static void echo(struct skiff *skiff, struct skiff_dev *dev, int s, uint64_t *now, size_t n)
{
	static uint8_t out[65536], in[65536];
	uint32_t sum = 0;
	ssize_t got;

	memset(out, 0, 8);
	out[0] = 8;
	out[5] = 1;
	for (size_t i = 8; i < 8 + n; i++)
		out[i] = (uint8_t)(i * 31 + (i >> 8));
	out[8 + n] = 0;
	for (size_t i = 0; i < 8 + n; i += 2)
		sum += (uint32_t)out[i] << 8 | out[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	out[2] = (uint8_t)(sum >> 8);
	out[3] = (uint8_t)sum;
	assert_int_equal(send(s, out, 8 + n, 0), 8 + n);
	for (int tries = 0; tries < 200; tries++) {
		struct pollfd p = { skiff_tap_fd(dev), POLLIN, 0 };

		poll(&p, 1, 1);
		while (skiff_turn(skiff, *now += 1000000))
			;
		got = recv(s, in, sizeof(in), MSG_DONTWAIT);
		if (got > 20 && in[20] == 0)
			break;
	}
	assert_int_equal(got, 20 + 8 + n);
	assert_memory_equal(in + 28, out + 8, n);
}

static void test_every_length_comes_back(void **state)
{
	static const size_t sizes[] = { 0,    1,    1460,  1826,  1827, 1828,
					3000, 9000, 20000, 60000, 65507 };
	struct skiff_env env = { .wall_ns = 1700000000000000000ull };
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct skiff *skiff;
	struct skiff_net *net;
	struct skiff_dev *dev;
	uint64_t now = 0;
	int err = 0, s;

	if (!own_network() || access("/dev/net/tun", R_OK | W_OK) < 0)
		skip();
	skiff = skiff_create(&env);
	net = skiff_net_create(skiff, "n");
	dev = skiff_tun_create(net, "tun0", "skifftun1", &err);
	if (!dev && (err == -EPERM || err == -ENOENT)) {
		skiff_destroy(skiff);
		skip();
	}
	assert_non_null(dev);
	ip(net, "link set tun0 mtu 65535");
	ip(net, "link set tun0 up");
	ip(net, "addr add 10.77.0.1/24 dev tun0");
	assert_int_equal(skiff_sysctl_set(net, "net.ipv4.icmp_ratelimit", "0"), 0);
	s = socket(AF_INET, SOCK_DGRAM, 0);
	host_mtu(s, "skifftun1", 65535);
	host_address(s, "skifftun1", "10.77.0.2", "255.255.255.0");
	close(s);
	s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	inet_pton(AF_INET, "10.77.0.1", &to.sin_addr);
	assert_int_equal(connect(s, (struct sockaddr *)&to, sizeof(to)), 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		echo(skiff, dev, s, &now, sizes[i]);
	close(s);
	skiff_destroy(skiff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host_is_refused),
		cmocka_unit_test(test_every_length_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
