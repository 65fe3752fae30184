// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/mcast_same.c - multicast and broadcast on the kernel's sockets and on skiff's: memberships, sources, who gets a copy. */
#include "same.h"

#include <net/if.h>
#include <stddef.h>

static struct ip_mreqn mreqn(const char *group, const char *addr, int ifindex)
{
	struct ip_mreqn m = { .imr_ifindex = ifindex };

	inet_pton(AF_INET, group, &m.imr_multiaddr);
	inet_pton(AF_INET, addr, &m.imr_address);
	return m;
}

static int join(int fd, int opt, const char *group, const char *addr, int ifindex)
{
	struct ip_mreqn m = mreqn(group, addr, ifindex);

	return s_set(fd, SOL_IP, opt, &m, sizeof(m));
}

static int source(int fd, int opt, const char *group, const char *addr, const char *src)
{
	struct ip_mreq_source m;

	m.imr_multiaddr.s_addr = inet_addr(group);
	m.imr_interface.s_addr = inet_addr(addr);
	m.imr_sourceaddr.s_addr = inet_addr(src);
	return s_set(fd, SOL_IP, opt, &m, sizeof(m));
}

/* The filter of a group on the device with @addr, as IP_MSFILTER tells it with room for @room sources. */
static void say_filter(const char *what, int fd, const char *group, const char *addr, unsigned room)
{
	char buf[200];
	struct ip_msfilter *f = (struct ip_msfilter *)buf;
	uint32_t len = (uint32_t)IP_MSFILTER_SIZE(room);
	int err;

	memset(buf, 0, sizeof(buf));
	f->imsf_multiaddr.s_addr = inet_addr(group);
	f->imsf_interface.s_addr = inet_addr(addr);
	f->imsf_numsrc = room;
	err = s_get(fd, SOL_IP, IP_MSFILTER, buf, &len);
	say("%s: %d len %u %s", what, err, err ? 0 : len, err ? "" : hex(buf, len));
}

/* Which of @n sockets have something; it is read. */
static void say_takers(const char *what, const int *fd, int n)
{
	char line[100] = "";

	for (int i = 0; i < n; i++) {
		char buf[100];
		struct iovec iov = { buf, sizeof(buf) };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
		long got = s_recvmsg(fd[i], &m, 0);

		sprintf(line + strlen(line), " %ld", got);
	}
	say("%s:%s", what, line);
}

static int d0(void)
{
	/* Both number devices in the order of their making, but the kernel's namespaces may begin with tunnels. */
	char name[] = "d0";

	return same.skiff ? skiff_dev_ifindex(skiff_dev_find(same.net, name)) :
			    (int)if_nametoindex(name);
}

static void case_join(void)
{
	int a = s_socket(SOCK_DGRAM, 0);

	say("unicast %d", join(a, IP_ADD_MEMBERSHIP, "10.2.0.5", "10.2.0.1", 0));
	say("no device %d", join(a, IP_ADD_MEMBERSHIP, "239.1.1.1", "0.0.0.0", 77));
	say("no address %d", join(a, IP_ADD_MEMBERSHIP, "239.1.1.1", "10.9.9.9", 0));
	say("no route %d", join(a, IP_ADD_MEMBERSHIP, "239.1.1.1", "0.0.0.0", 0));
	say("join %d", join(a, IP_ADD_MEMBERSHIP, "239.1.1.1", "10.2.0.1", 0));
	say("twice %d", join(a, IP_ADD_MEMBERSHIP, "239.1.1.1", "10.2.0.1", 0));
	say("by index %d", join(a, IP_ADD_MEMBERSHIP, "239.1.1.1", "0.0.0.0", d0()));
	say("other %d", join(a, IP_ADD_MEMBERSHIP, "239.1.1.2", "0.0.0.0", d0()));
	say("leave %d", join(a, IP_DROP_MEMBERSHIP, "239.1.1.1", "10.2.0.1", 0));
	say("leave again %d", join(a, IP_DROP_MEMBERSHIP, "239.1.1.1", "10.2.0.1", 0));
	say("leave other %d", join(a, IP_DROP_MEMBERSHIP, "239.1.1.2", "0.0.0.0", 0));
	say("leave by address of another %d",
	    join(a, IP_DROP_MEMBERSHIP, "239.1.1.2", "10.1.0.1", 0));
	say("leave by index %d", join(a, IP_DROP_MEMBERSHIP, "239.1.1.2", "0.0.0.0", d0()));
	say("short %d", s_set(a, SOL_IP, IP_ADD_MEMBERSHIP, "abcdefg", 7));
	for (int i = 0; i < 22; i++) {
		char group[20];

		sprintf(group, "239.2.0.%d", i);
		say("many %d: %d", i, join(a, IP_ADD_MEMBERSHIP, group, "10.2.0.1", 0));
	}
	set("net.ipv4.igmp_max_memberships", "5");
	say("limit %d", join(a, IP_ADD_MEMBERSHIP, "239.2.1.1", "10.2.0.1", 0));
	say("close %d", s_close(a));
}

static void case_multicast_if(void)
{
	static const char *const addrs[] = { "0.0.0.0", "10.2.0.1", "10.1.0.1", "10.9.9.9" };
	int a = s_socket(SOCK_DGRAM, 0);
	struct ip_mreqn m;
	struct in_addr in;
	uint32_t len;

	for (int i = 0; i < 4; i++) {
		in.s_addr = inet_addr(addrs[i]);
		say("address %s: %d", addrs[i], s_set(a, SOL_IP, IP_MULTICAST_IF, &in, 4));
		for (len = 0; len < 6; len += 2) {
			uint32_t l = len;

			in.s_addr = 0;
			say("get %d len %u %s", s_get(a, SOL_IP, IP_MULTICAST_IF, &in, &l), l,
			    hex(&in, 4));
		}
		m = mreqn("0.0.0.0", addrs[i], 0);
		say("mreqn %d mreq %d short %d", s_set(a, SOL_IP, IP_MULTICAST_IF, &m, 12),
		    s_set(a, SOL_IP, IP_MULTICAST_IF, &m, 8),
		    s_set(a, SOL_IP, IP_MULTICAST_IF, &m, 3));
	}
	m = mreqn("0.0.0.0", "0.0.0.0", d0());
	say("index %d", s_set(a, SOL_IP, IP_MULTICAST_IF, &m, 12));
	len = 4;
	say("get %d %s", s_get(a, SOL_IP, IP_MULTICAST_IF, &in, &len), hex(&in, 4));
	m = mreqn("0.0.0.0", "0.0.0.0", 77);
	say("no index %d", s_set(a, SOL_IP, IP_MULTICAST_IF, &m, 12));
	say("bound %d", s_set(a, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	m = mreqn("0.0.0.0", "0.0.0.0", d0());
	say("other device %d", s_set(a, SOL_IP, IP_MULTICAST_IF, &m, 12));
}

static void case_deliver(void)
{
	int s = s_socket(SOCK_DGRAM, 0), r[4];
	struct in_addr out = { inet_addr("10.2.0.1") };

	for (int i = 0; i < 4; i++) {
		r[i] = s_socket(SOCK_DGRAM, 0);
		s_setint(r[i], SOL_SOCKET, SO_REUSEADDR, 1);
		say("bind %d", s_bind(r[i], i == 3 ? "239.1.1.1" : "0.0.0.0", 1000));
		s_setint(r[i], SOL_IP, IP_PKTINFO, 1);
		s_setint(r[i], SOL_IP, IP_RECVTTL, 1);
	}
	s_bind(s, "0.0.0.0", 2000);
	say("no route %ld", s_sendto(s, "x", 1, 0, "239.1.1.1", 1000));
	s_set(s, SOL_IP, IP_MULTICAST_IF, &out, 4);
	say("nobody joined %ld", s_sendto(s, "x", 1, 0, "239.1.1.1", 1000));
	say_takers("nobody", r, 4);
	join(r[0], IP_ADD_MEMBERSHIP, "239.1.1.1", "10.2.0.1", 0);
	s_sendto(s, "ab", 2, 0, "239.1.1.1", 1000);
	say_takers("one joined, others take all", r, 4);
	s_setint(r[1], SOL_IP, IP_MULTICAST_ALL, 0);
	s_sendto(s, "abc", 3, 0, "239.1.1.1", 1000);
	say_takers("one not all", r, 4);
	say_name("group address", r[3]);
	s_setint(s, SOL_IP, IP_MULTICAST_LOOP, 0);
	s_sendto(s, "abcd", 4, 0, "239.1.1.1", 1000);
	say_takers("no loop", r, 4);
	s_setint(s, SOL_IP, IP_MULTICAST_LOOP, 1);
	s_setint(s, SOL_IP, IP_MULTICAST_TTL, 0);
	s_sendto(s, "abcd", 4, 0, "239.1.1.1", 1000);
	say_recv("ttl 0", r[0], 100, 0);
	s_setint(s, SOL_IP, IP_MULTICAST_TTL, 9);
	s_sendto(s, "abcde", 5, 0, "239.1.1.1", 1000);
	say_recv("ttl 9", r[0], 100, 0);
	say_recv("group bound", r[3], 100, 0);
	join(r[0], IP_DROP_MEMBERSHIP, "239.1.1.1", "10.2.0.1", 0);
	say_takers("drain", r, 4);
	s_sendto(s, "abcd", 4, 0, "239.1.1.1", 1000);
	say_takers("left", r, 4);
	say("connect to group %d", s_connect(s, "239.1.1.1", 1000));
	say_name("connected", s);
	say("reply from group socket %ld", s_sendto(r[3], "r", 1, 0, "10.2.0.1", 2000));
}

static void case_broadcast(void)
{
	int s = s_socket(SOCK_DGRAM, 0), r[3];

	for (int i = 0; i < 3; i++) {
		r[i] = s_socket(SOCK_DGRAM, 0);
		s_setint(r[i], SOL_SOCKET, SO_REUSEADDR, 1);
		s_bind(r[i], i == 0 ? "0.0.0.0" : i == 1 ? "10.2.0.255" : "10.2.0.1", 1000);
		s_setint(r[i], SOL_IP, IP_PKTINFO, 1);
	}
	s_bind(s, "10.2.0.1", 2000);
	say("not allowed %ld", s_sendto(s, "x", 1, 0, "10.2.0.255", 1000));
	s_setint(s, SOL_SOCKET, SO_BROADCAST, 1);
	say("allowed %ld", s_sendto(s, "x", 1, 0, "10.2.0.255", 1000));
	for (int i = 0; i < 3; i++)
		say_recv("broadcast", r[i], 100, 0);
	say("limited %ld", s_sendto(s, "x", 1, 0, "255.255.255.255", 1000));
	say_takers("limited", r, 3);
	say("unicast_if %d", s_setint(s, SOL_IP, 50, (int)htonl((uint32_t)d0())));
	say("limited %ld", s_sendto(s, "x", 1, 0, "255.255.255.255", 1000));
	say_takers("limited", r, 3);
	say("bad index %d short %d", s_setint(s, SOL_IP, 50, (int)htonl(77)),
	    s_set(s, SOL_IP, 50, "ab", 2));
}

static void case_sources(void)
{
	int s = s_socket(SOCK_DGRAM, 0), r = s_socket(SOCK_DGRAM, 0);
	struct in_addr out = { inet_addr("10.2.0.1") };

	ip("addr add 10.2.0.7/24 dev d0");
	s_setint(r, SOL_IP, IP_MULTICAST_ALL, 0);
	s_bind(r, "0.0.0.0", 1000);
	s_bind(s, "10.2.0.1", 2000);
	s_set(s, SOL_IP, IP_MULTICAST_IF, &out, 4);
	say("block before join %d",
	    source(r, IP_BLOCK_SOURCE, "239.1.1.1", "10.2.0.1", "10.2.0.1"));
	say("join source %d",
	    source(r, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.1", "10.2.0.1", "10.2.0.7"));
	say("again %d", source(r, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.1", "10.2.0.1", "10.2.0.7"));
	say_filter("include", r, "239.1.1.1", "10.2.0.1", 3);
	say_filter("include, no room", r, "239.1.1.1", "10.2.0.1", 0);
	s_sendto(s, "x", 1, 0, "239.1.1.1", 1000);
	say_takers("other source", &r, 1);
	say("block in include %d", source(r, IP_BLOCK_SOURCE, "239.1.1.1", "10.2.0.1", "10.2.0.1"));
	say("second %d", source(r, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.1", "10.2.0.1", "10.2.0.1"));
	say_filter("two", r, "239.1.1.1", "10.2.0.1", 1);
	say_filter("two", r, "239.1.1.1", "10.2.0.1", 5);
	s_sendto(s, "x", 1, 0, "239.1.1.1", 1000);
	say_takers("wanted source", &r, 1);
	say("drop unknown %d",
	    source(r, IP_DROP_SOURCE_MEMBERSHIP, "239.1.1.1", "10.2.0.1", "1.2.3.4"));
	say("drop %d", source(r, IP_DROP_SOURCE_MEMBERSHIP, "239.1.1.1", "10.2.0.1", "10.2.0.7"));
	say("drop last %d",
	    source(r, IP_DROP_SOURCE_MEMBERSHIP, "239.1.1.1", "10.2.0.1", "10.2.0.1"));
	say_filter("left", r, "239.1.1.1", "10.2.0.1", 5);
	say("join any %d", join(r, IP_ADD_MEMBERSHIP, "239.1.1.1", "10.2.0.1", 0));
	say_filter("exclude nothing", r, "239.1.1.1", "10.2.0.1", 5);
	say("unblock %d", source(r, IP_UNBLOCK_SOURCE, "239.1.1.1", "10.2.0.1", "10.2.0.1"));
	say("block %d", source(r, IP_BLOCK_SOURCE, "239.1.1.1", "10.2.0.1", "10.2.0.1"));
	say("block again %d", source(r, IP_BLOCK_SOURCE, "239.1.1.1", "10.2.0.1", "10.2.0.1"));
	say_filter("exclude", r, "239.1.1.1", "10.2.0.1", 5);
	s_sendto(s, "x", 1, 0, "239.1.1.1", 1000);
	say_takers("blocked", &r, 1);
	say("unblock %d", source(r, IP_UNBLOCK_SOURCE, "239.1.1.1", "10.2.0.1", "10.2.0.1"));
	s_sendto(s, "x", 1, 0, "239.1.1.1", 1000);
	say_takers("unblocked", &r, 1);
	for (int i = 0; i < 12; i++) {
		char src[20];

		sprintf(src, "1.0.0.%d", i);
		say("block %d: %d", i, source(r, IP_BLOCK_SOURCE, "239.1.1.1", "10.2.0.1", src));
	}
	say_filter("many", r, "239.1.1.1", "10.2.0.1", 12);
	say("short %d", s_set(r, SOL_IP, IP_BLOCK_SOURCE, "abc", 3));
}

static int set_filter(int fd, unsigned mode, unsigned n, unsigned claim)
{
	char buf[200];
	struct ip_msfilter *f = (struct ip_msfilter *)buf;

	f->imsf_multiaddr.s_addr = inet_addr("239.1.1.1");
	f->imsf_interface.s_addr = inet_addr("10.2.0.1");
	f->imsf_fmode = mode;
	f->imsf_numsrc = claim;
	for (unsigned i = 0; i < n; i++)
		((uint32_t *)(buf + 16))[i] = htonl(0x0a020001 + i);
	return s_set(fd, SOL_IP, IP_MSFILTER, buf, (uint32_t)IP_MSFILTER_SIZE(n));
}

static void case_msfilter(void)
{
	int s = s_socket(SOCK_DGRAM, 0), r = s_socket(SOCK_DGRAM, 0);
	struct in_addr out = { inet_addr("10.2.0.1") };

	s_bind(r, "0.0.0.0", 1000);
	s_bind(s, "10.2.0.1", 2000);
	s_set(s, SOL_IP, IP_MULTICAST_IF, &out, 4);
	say("not joined %d", set_filter(r, MCAST_EXCLUDE, 1, 1));
	join(r, IP_ADD_MEMBERSHIP, "239.1.1.1", "10.2.0.1", 0);
	say("exclude %d", set_filter(r, MCAST_EXCLUDE, 2, 2));
	say_filter("exclude", r, "239.1.1.1", "10.2.0.1", 5);
	s_sendto(s, "x", 1, 0, "239.1.1.1", 1000);
	say_takers("excluded", &r, 1);
	say("include %d", set_filter(r, MCAST_INCLUDE, 1, 1));
	s_sendto(s, "x", 1, 0, "239.1.1.1", 1000);
	say_takers("included", &r, 1);
	say("claims more %d", set_filter(r, MCAST_INCLUDE, 1, 2));
	say("claims less %d", set_filter(r, MCAST_INCLUDE, 2, 1));
	say("bad mode %d", set_filter(r, 2, 1, 1));
	say("too many %d", set_filter(r, MCAST_EXCLUDE, 11, 11));
	say("short %d", s_set(r, SOL_IP, IP_MSFILTER, "abcd", 4));
	say("exclude none %d", set_filter(r, MCAST_EXCLUDE, 0, 0));
	say_filter("exclude none", r, "239.1.1.1", "10.2.0.1", 5);
	say("include none %d", set_filter(r, MCAST_INCLUDE, 0, 0));
	say_filter("left", r, "239.1.1.1", "10.2.0.1", 5);
	say("get short %d", (int)({
		    uint32_t l = 8;
		    s_get(r, SOL_IP, IP_MSFILTER, &out, &l);
	    }));
}

static int group(int fd, int opt, int ifindex, const char *addr, const char *src)
{
	struct group_source_req q;
	struct sockaddr_in g = at(addr, 0), s = at(src ? src : "0.0.0.0", 0);

	memset(&q, 0, sizeof(q));
	q.gsr_interface = (uint32_t)ifindex;
	memcpy(&q.gsr_group, &g, sizeof(g));
	memcpy(&q.gsr_source, &s, sizeof(s));
	return s_set(fd, SOL_IP, opt, &q, src ? sizeof(q) : sizeof(struct group_req));
}

static void case_group(void)
{
	int r = s_socket(SOCK_DGRAM, 0);
	char buf[GROUP_FILTER_SIZE(3)];
	struct group_filter *f = (struct group_filter *)buf;
	struct sockaddr_in g = at("239.1.1.1", 0);
	uint32_t len;
	int err;

	say("join %d", group(r, MCAST_JOIN_GROUP, d0(), "239.1.1.1", NULL));
	say("again %d", group(r, MCAST_JOIN_GROUP, d0(), "239.1.1.1", NULL));
	say("block %d", group(r, MCAST_BLOCK_SOURCE, d0(), "239.1.1.1", "10.0.0.9"));
	say("block again %d", group(r, MCAST_BLOCK_SOURCE, d0(), "239.1.1.1", "10.0.0.9"));
	memset(buf, 0, sizeof(buf));
	f->gf_interface = (uint32_t)d0();
	memcpy(&f->gf_group, &g, sizeof(g));
	f->gf_numsrc = 3;
	len = sizeof(buf);
	err = s_get(r, SOL_IP, MCAST_MSFILTER, buf, &len);
	say("filter %d len %u mode %u n %u %s", err, len, f->gf_fmode, f->gf_numsrc,
	    hex(buf + 144, 8));
	say("unblock %d", group(r, MCAST_UNBLOCK_SOURCE, d0(), "239.1.1.1", "10.0.0.9"));
	say("join source %d", group(r, MCAST_JOIN_SOURCE_GROUP, d0(), "239.1.1.2", "10.0.0.9"));
	say("leave source %d", group(r, MCAST_LEAVE_SOURCE_GROUP, d0(), "239.1.1.2", "10.0.0.9"));
	say("leave source %d", group(r, MCAST_LEAVE_SOURCE_GROUP, d0(), "239.1.1.2", "10.0.0.9"));
	f->gf_fmode = MCAST_EXCLUDE;
	f->gf_numsrc = 2;
	g = at("10.0.0.1", 0);
	memcpy(buf + 144, &g, sizeof(g));
	memcpy(buf + 144 + 128, &g, sizeof(g));
	say("set filter %d", s_set(r, SOL_IP, MCAST_MSFILTER, buf, (uint32_t)GROUP_FILTER_SIZE(2)));
	say("short %d", s_set(r, SOL_IP, MCAST_MSFILTER, buf, (uint32_t)GROUP_FILTER_SIZE(1)));
	say("leave %d", group(r, MCAST_LEAVE_GROUP, d0(), "239.1.1.1", NULL));
	say("leave %d", group(r, MCAST_LEAVE_GROUP, d0(), "239.1.1.1", NULL));
	say("family %d", s_set(r, SOL_IP, MCAST_JOIN_GROUP, (char[136]){ 0 }, 136));
	say("short %d", s_set(r, SOL_IP, MCAST_JOIN_GROUP, buf, 100));
}

static const struct same_case cases[] = {
	{ "join", case_join },	     { "multicast-if", case_multicast_if },
	{ "deliver", case_deliver }, { "broadcast", case_broadcast },
	{ "sources", case_sources }, { "msfilter", case_msfilter },
	{ "group", case_group },     { NULL, NULL },
};

int main(int argc, char **argv)
{
	return same_main(cases, argc, argv);
}
