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

static void test_host_is_refused(void **state)
{
	struct skiff_env env = { .wall_ns = 1700000000000000000ull };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct skiff *skiff;
	struct skiff_net *net;
	struct skiff_dev *dev;
	char c = 'x';
	int err = 0, s;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 || access("/dev/net/tun", R_OK | W_OK) < 0)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
