// SPDX-License-Identifier: BSD-2-Clause
/* tests/packetdrill/so_test.c - the table of calls as packetdrill uses it, without packetdrill: UDP, waiting in a second thread, time, stand-ins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/packetdrill/pd.h"

void packetdrill_interface_init(const char *flags, struct pd_iface *ifc);

static struct pd_iface ifc;

static int setup(void **state)
{
	packetdrill_interface_init("local=192.168.0.1/16,remote=192.0.2.1,mtu=1500", &ifc);
	return 0;
}

static int teardown(void **state)
{
	ifc.free(ifc.pd);
	return 0;
}

static long long now_usecs(void)
{
	struct timeval tv;

	assert_int_equal(ifc.gettimeofday(ifc.pd, &tv, NULL), 0);
	return tv.tv_sec * 1000000ll + tv.tv_usec;
}

static uint16_t ip_sum(const void *p)
{
	const uint16_t *w = p;
	uint32_t sum = 0;

	for (int i = 0; i < 10; i++)
		sum += w[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* A datagram of @len zeros for our port 7 arrives from 192.0.2.1, port 9. */
static void datagram(size_t len)
{
	uint8_t p[1500] = { 0 };
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP };
	struct udphdr uh = { .uh_sport = htons(9), .uh_dport = htons(7) };

	ip.tot_len = htons((uint16_t)(28 + len));
	ip.saddr = inet_addr("192.0.2.1");
	ip.daddr = inet_addr("192.168.0.1");
	ip.check = ip_sum(&ip);
	uh.uh_ulen = htons((uint16_t)(8 + len));
	memcpy(p, &ip, 20);
	memcpy(p + 20, &uh, 8);
	assert_int_equal(ifc.netdev_send(ifc.pd, p, 28 + len), 0);
}

static int udp_socket(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7) };
	int fd = ifc.socket(ifc.pd, AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(ifc.bind(ifc.pd, fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void test_time_is_virtual(void **state)
{
	long long t = now_usecs(), u = now_usecs();

	assert_int_equal(u, t + 1);
	ifc.usleep(ifc.pd, 5000000);
	assert_int_equal(now_usecs(), u + 5000001);
}

static void test_datagrams(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };
	socklen_t alen = sizeof(a);
	uint8_t buf[2000];
	size_t len = sizeof(buf);
	long long at;
	int fd = udp_socket();

	assert_int_equal(ifc.recvfrom(ifc.pd, fd, buf, sizeof(buf), MSG_DONTWAIT, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	datagram(100);
	assert_int_equal(
		ifc.recvfrom(ifc.pd, fd, buf, sizeof(buf), 0, (struct sockaddr *)&a, &alen), 100);
	assert_int_equal(a.sin_addr.s_addr, inet_addr("192.0.2.1"));
	assert_int_equal(ifc.sendto(ifc.pd, fd, buf, 20, 0, (struct sockaddr *)&a, alen), 20);
	assert_int_equal(ifc.netdev_receive(ifc.pd, buf, &len, &at), 0);
	assert_int_equal(len, 48);
	assert_true(at < now_usecs() && at > now_usecs() - 10);
	len = sizeof(buf);
	assert_int_equal(ifc.netdev_receive(ifc.pd, buf, &len, &at), 0);
	assert_int_equal(len, 0);
	assert_int_equal(ifc.send(ifc.pd, fd, (void *)1, 20, 0), -1);
	assert_int_equal(errno, EDESTADDRREQ);
	assert_int_equal(ifc.sendto(ifc.pd, fd, (void *)1, 20, 0, (struct sockaddr *)&a, alen), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(ifc.close(ifc.pd, fd), 0);
	assert_int_equal(ifc.close(ifc.pd, fd), -1);
	assert_int_equal(errno, EBADF);
}

struct waiting {
	int fd;
	ssize_t got;
	long long at;
};

static void *waits(void *arg)
{
	struct waiting *w = arg;
	char buf[200];

	w->got = ifc.read(ifc.pd, w->fd, buf, sizeof(buf));
	w->at = now_usecs();
	return NULL;
}

/* packetdrill looks at the thread's state for this; here the object's own word will do. */
static void until_asleep(void)
{
	struct pd *pd = ifc.pd;
	bool asleep;

	do {
		usleep(100);
		pthread_mutex_lock(&pd->lock);
		asleep = pd->waiter == PD_ASLEEP;
		pthread_mutex_unlock(&pd->lock);
	} while (!asleep);
}

static void test_second_thread_waits(void **state)
{
	struct waiting w = { .fd = udp_socket() };
	long long began = now_usecs();
	pthread_t t;

	assert_int_equal(pthread_create(&t, NULL, waits, &w), 0);
	until_asleep();
	ifc.usleep(ifc.pd, 100000);
	datagram(5);
	/* It was let go before the packet's call came back, so its time is the packet's. */
	assert_int_equal(w.got, 5);
	ifc.usleep(ifc.pd, 100000);
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_true(w.at >= began + 100000 && w.at < began + 100010);
	ifc.close(ifc.pd, w.fd);
}

static void test_second_thread_gives_up_in_time(void **state)
{
	struct timeval tv = { 0, 50000 };
	struct waiting w = { .fd = udp_socket() };
	long long began = now_usecs();
	pthread_t t;

	assert_int_equal(ifc.setsockopt(ifc.pd, w.fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	assert_int_equal(pthread_create(&t, NULL, waits, &w), 0);
	until_asleep();
	ifc.usleep(ifc.pd, 100000);
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_int_equal(w.got, -1);
	assert_true(w.at >= began + 50000 && w.at < began + 52000);
	ifc.close(ifc.pd, w.fd);
}

static int tool(int argc, const char *const *words, char *text, size_t size)
{
	char *argv[16];
	FILE *f;
	int status;

	memset(text, 0, size);
	f = fmemopen(text, size, "w");
	for (int i = 0; i < argc; i++)
		argv[i] = (char *)words[i];
	argv[argc] = NULL;
	pthread_mutex_lock(&((struct pd *)ifc.pd)->lock);
	status = pd_tool(ifc.pd, argc, argv, f);
	pthread_mutex_unlock(&((struct pd *)ifc.pd)->lock);
	fclose(f);
	return status;
}

#define TOOL(...)                                                      \
	tool(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), \
	     (const char *[]){ __VA_ARGS__ }, text, sizeof(text))

static void test_stand_ins(void **state)
{
	uint8_t buf[2000];
	char text[20000];
	size_t len = sizeof(buf);
	long long at;
	int fd = udp_socket(), s;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };

	assert_int_equal(TOOL("sysctl", "-q", "net.ipv4.ip_default_ttl=17"), 0);
	assert_string_equal(text, "");
	assert_int_equal(TOOL("sysctl", "-n", "/proc/sys/net/ipv4/ip_default_ttl"), 0);
	assert_string_equal(text, "17\n");
	assert_int_not_equal(TOOL("sysctl", "net.ipv4.no_such_thing=1"), 0);
	assert_int_equal(TOOL("ip", "route", "change", "192.0.2.1", "via", "192.168.0.2", "dev",
			      "tun0", "advmss", "600", "mtu", "lock", "640", "initcwnd", "11"),
			 0);
	assert_int_not_equal(TOOL("ip", "link", "set", "nosuch", "up"), 0);
	assert_int_equal(TOOL("nstat"), 0);
	datagram(3);
	assert_int_equal(TOOL("nstat"), 0);
	assert_non_null(strstr(text, "IpInReceives 1 0.0\n"));
	assert_int_equal(
		TOOL("tc", "qdisc", "replace", "dev", "tun0", "root", "pfifo", "limit", "0"), 0);
	a.sin_addr.s_addr = inet_addr("192.0.2.1");
	ifc.sendto(ifc.pd, fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
	ifc.netdev_receive(ifc.pd, buf, &len, &at);
	assert_int_equal(len, 0);
	assert_int_equal(TOOL("tc", "qdisc", "del", "dev", "tun0", "root"), 0);
	assert_int_equal(ifc.sendto(ifc.pd, fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)), 1);
	len = sizeof(buf);
	ifc.netdev_receive(ifc.pd, buf, &len, &at);
	assert_int_equal(len, 29);
	assert_int_equal(buf[8], 17); /* the TTL set above */
	assert_int_not_equal(TOOL("tc", "qdisc", "add", "dev", "tun0", "root", "fq"), 0);
	assert_int_equal(TOOL("ethtool", "-K", "tun0", "tso", "off", "gso", "off"), 0);
	assert_int_not_equal(TOOL("ethtool", "-K", "tun0", "lro", "off"), 0);
	assert_int_equal(TOOL("procfile", "net/snmp"), 0);
	assert_non_null(strstr(text, "UdpLite:"));
	assert_int_not_equal(TOOL("procfile", "net/nosuch"), 0);
	a.sin_addr.s_addr = 0;
	s = ifc.socket(ifc.pd, AF_INET, SOCK_STREAM, 0);
	assert_int_equal(ifc.bind(ifc.pd, s, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(ifc.listen(ifc.pd, s, 5), 0);
	assert_int_equal(TOOL("procfile", "net/tcp"), 0);
	assert_int_equal(strcspn(text, "\n"), 149);
	assert_non_null(strstr(
		text, "\n   0: 00000000:0009 00000000:0000 0A 00000000:00000000 00:00000000 "));
	assert_int_equal(ifc.close(ifc.pd, s), 0);
	assert_int_equal(TOOL("ip", "tcp_metrics", "flush", "all"), 0);
	assert_int_equal(TOOL("module-param", "tcp_cubic", "hystart_detect", "3"), 0);
	assert_int_not_equal(TOOL("module-param", "tcp_cubic", "hystart_detect", "1"), 0);
	ifc.close(ifc.pd, fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_time_is_virtual, setup, teardown),
		cmocka_unit_test_setup_teardown(test_datagrams, setup, teardown),
		cmocka_unit_test_setup_teardown(test_second_thread_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_second_thread_gives_up_in_time, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_stand_ins, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
