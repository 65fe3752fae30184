// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/udp_test.c - datagram sockets and the wire: what leaves, what frames do to a socket, limits and failures. */
#include "tests/stack.h"

#include "net/raw.h"
#include "net/sock.h"
#include "net/udp.h"

#define OUR_PORT  1000
#define PEER_PORT 2000

static struct sockaddr_in at(__be32 addr, u16 port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = addr };
}

static int option(struct stack *s, int fd, int level, int name, int val)
{
	return skiff_setsockopt(s->skiff, fd, level, name, &val, sizeof(val));
}

static int option_get(struct stack *s, int fd, int level, int name)
{
	u32 len = sizeof(int);
	int val = 0, err = skiff_getsockopt(s->skiff, fd, level, name, &val, &len);

	return err ? err : val;
}

/* A socket bound to OUR_PORT, connected to the peer if @connect. */
static int opened(struct stack *s, int type, int proto, bool connect)
{
	struct sockaddr_in own = at(STACK_OUR, OUR_PORT), peer = at(STACK_PEER, PEER_PORT);
	int fd = skiff_socket((struct skiff_net *)s->net, AF_INET, type, proto);

	assert_true(fd >= 0);
	assert_int_equal(skiff_bind(s->skiff, fd, (struct sockaddr *)&own, sizeof(own)), 0);
	if (connect)
		assert_int_equal(
			skiff_connect(s->skiff, fd, (struct sockaddr *)&peer, sizeof(peer)), 0);
	return fd;
}

/* A datagram of @n bytes from @port of the peer; @bad: its checksum is wrong */
static void arrives(struct stack *s, u16 port, u32 n, bool bad)
{
	u8 d[1480] __attribute__((aligned(4))), ip[1500];
	struct udphdr *uh = (struct udphdr *)d;

	memset(d, 'u', sizeof(d));
	*uh = (struct udphdr){ htons(port), htons(OUR_PORT), htons(8 + n), 0 };
	uh->check = csum_tcpudp_magic(STACK_PEER, STACK_OUR, 8 + n, 17, csum_partial(d, 8 + n, 0));
	if (bad)
		uh->check ^= 0x1234;
	stack_rx(s, NULL, ip, stack_build(ip, STACK_PEER, STACK_OUR, 17, d, 8 + n));
}

static long received(struct stack *s, int fd)
{
	u8 buf[2000];

	return (long)skiff_recv(s->skiff, fd, buf, sizeof(buf), MSG_DONTWAIT);
}

/* An ICMP error about the datagram that left last, with @n bytes of it and @more behind. */
static void icmp_error(struct stack *s, u8 type, u8 code, u32 word, u32 n, const void *more,
		       u32 more_len)
{
	const struct stack_frame *f = &s->out[s->n - 1];
	u8 m[600] __attribute__((aligned(4))) = { 0 }, ip[700];
	struct icmphdr *icmph = (struct icmphdr *)m;

	icmph->type = type;
	icmph->code = code;
	icmph->un.gateway = htonl(word);
	memcpy(m + 8, f->ip, min_t(u32, n, f->len));
	if (more_len)
		memcpy(m + 8 + n, more, more_len);
	icmph->checksum = csum_fold(csum_partial(m, 8 + n + more_len, 0));
	stack_rx(s, NULL, ip, stack_build(ip, STACK_PEER, STACK_OUR, 1, m, 8 + n + more_len));
}

/* Is the UDP checksum of a whole datagram right? */
static bool sum_right(const u8 *ip)
{
	const struct iphdr *iph = (const struct iphdr *)ip;
	u32 len = ntohs(iph->tot_len) - iph->ihl * 4u;

	return !csum_tcpudp_magic(iph->saddr, iph->daddr, len, iph->protocol,
				  csum_partial(ip + iph->ihl * 4u, len, 0));
}

/* ---- out ---- */

static void test_frame(void **state)
{
	struct stack s;
	int fd;

	stack_start(&s, 1);
	fd = opened(&s, SOCK_DGRAM, 0, true);
	for (u32 n = 0; n <= 1472; n += 23) {
		u8 buf[1500];

		memset(buf, (int)n, n);
		s.n = 0;
		assert_int_equal(skiff_send(s.skiff, fd, buf, n, 0), n);
		stack_run(&s, 0);
		assert_int_equal(s.n, 1);
		assert_int_equal(s.out[0].len, 28 + n);
		assert_true(sum_right(s.out[0].ip));
		assert_memory_equal(s.out[0].ip + 28, buf, n);
		/* DF, since the path's MTU is to be known. */
		assert_int_equal(s.out[0].ip[6], 0x40);
	}
	assert_int_equal(stack_counter(&s, "Udp.OutDatagrams"), 1472 / 23 + 1);
	/* Without a checksum. */
	option(&s, fd, SOL_SOCKET, SO_NO_CHECK, 1);
	s.n = 0;
	skiff_send(s.skiff, fd, "x", 1, 0);
	stack_run(&s, 0);
	assert_int_equal(get_unaligned16(s.out[0].ip + 26), 0);
	stack_end(&s);
}

static void test_fragments(void **state)
{
	u8 buf[4000], whole[4100] __attribute__((aligned(4)));
	struct stack s;
	u32 have = 0;
	int fd;

	stack_start(&s, 1);
	fd = opened(&s, SOCK_DGRAM, 0, true);
	for (u32 i = 0; i < sizeof(buf); i++)
		buf[i] = (u8)(i * 3);
	s.n = 0;
	assert_int_equal(skiff_send(s.skiff, fd, buf, sizeof(buf), 0), sizeof(buf));
	stack_run(&s, 0);
	assert_int_equal(s.n, 3);
	memcpy(whole, s.out[0].ip, 20);
	for (u32 i = 0; i < 3; i++) {
		const u8 *ip = s.out[i].ip;
		u32 off = (get_unaligned16(ip + 6) & htons(IP_OFFSET)) ?
				  (u32)(ntohs(get_unaligned16(ip + 6)) & IP_OFFSET) * 8 :
				  0;

		assert_int_equal(get_unaligned16(ip + 4), get_unaligned16(whole + 4));
		assert_int_equal((ip[6] & 0x20) != 0, i < 2);
		memcpy(whole + 20 + off, ip + 20, s.out[i].len - 20);
		have += s.out[i].len - 20;
	}
	assert_int_equal(have, 4008);
	((struct iphdr *)whole)->tot_len = htons(4028);
	assert_true(sum_right(whole));
	assert_memory_equal(whole + 28, buf, sizeof(buf));
	assert_int_equal(stack_counter(&s, "Ip.FragCreates"), 3);
	stack_end(&s);
}

static void test_segments(void **state)
{
	u8 buf[1000];
	struct stack s;
	int fd;

	stack_start(&s, 1);
	fd = opened(&s, SOCK_DGRAM, 0, true);
	for (u32 i = 0; i < sizeof(buf); i++)
		buf[i] = (u8)(i * 3);
	assert_int_equal(option(&s, fd, SOL_UDP, UDP_SEGMENT, 300), 0);
	s.n = 0;
	assert_int_equal(skiff_send(s.skiff, fd, buf, sizeof(buf), 0), sizeof(buf));
	stack_run(&s, 0);
	assert_int_equal(s.n, 4);
	for (u32 i = 0; i < 4; i++) {
		assert_int_equal(s.out[i].len, 28 + (i < 3 ? 300 : 100));
		assert_true(sum_right(s.out[i].ip));
		assert_memory_equal(s.out[i].ip + 28, buf + i * 300, s.out[i].len - 28);
	}
	assert_int_equal(stack_counter(&s, "Udp.OutDatagrams"), 1);
	stack_end(&s);
}

/* Nobody answers for the next hop: what waits there is the sender's to pay, until it is given up. */
static void test_waits_for_neighbour(void **state)
{
	struct sockaddr_in to = at(htonl(0x0a000009), 9);
	struct stack s;
	int fd, out = -1;

	stack_start(&s, 1);
	fd = opened(&s, SOCK_DGRAM, 0, false);
	option(&s, fd, SOL_SOCKET, SO_SNDBUF, 4608);
	for (int i = 0; i < 4; i++)
		assert_int_equal(skiff_sendto(s.skiff, fd, "x", 1, 0, (struct sockaddr *)&to,
					      sizeof(to)),
				 1);
	assert_int_equal(skiff_ioctl(s.skiff, fd, SIOCOUTQ, &out), 0);
	assert_int_equal(out, 4 * 832);
	assert_int_equal(skiff_events(s.skiff, fd) & POLLOUT, POLLOUT);
	stack_run(&s, 5000);
	assert_int_equal(skiff_ioctl(s.skiff, fd, SIOCOUTQ, &out), 0);
	assert_int_equal(out, 0);
	stack_end(&s);
}

/* ---- in ---- */

static void test_checksum(void **state)
{
	struct stack s;
	int fd, n = -1;

	stack_start(&s, 1);
	fd = opened(&s, SOCK_DGRAM, 0, false);
	arrives(&s, PEER_PORT, 20, true); /* verified on arrival */
	assert_int_equal(stack_counter(&s, "Udp.InCsumErrors"), 1);
	arrives(&s, PEER_PORT, 500, true); /* when it is read */
	assert_int_equal(stack_counter(&s, "Udp.InCsumErrors"), 1);
	arrives(&s, PEER_PORT, 600, true);
	arrives(&s, PEER_PORT, 300, false);
	assert_int_equal(skiff_ioctl(s.skiff, fd, SIOCINQ, &n), 0);
	assert_int_equal(n, 300);
	assert_int_equal(stack_counter(&s, "Udp.InCsumErrors"), 3);
	assert_int_equal(received(&s, fd), 300);
	arrives(&s, PEER_PORT, 500, true);
	assert_int_equal(received(&s, fd), -EAGAIN);
	arrives(&s, PEER_PORT, 500, true);
	assert_int_equal(skiff_events(s.skiff, fd) & POLLIN, 0);
	assert_int_equal(stack_counter(&s, "Udp.InErrors"), 5);
	assert_int_equal(stack_counter(&s, "Udp.InDatagrams"), 1);
	stack_end(&s);
}

static void test_limits(void **state)
{
	struct stack s;
	int fd, got = 0;

	stack_start(&s, 1);
	fd = opened(&s, SOCK_DGRAM, 0, false);
	option(&s, fd, SOL_SOCKET, SO_RCVBUF, 5000);
	for (int i = 0; i < 20; i++)
		arrives(&s, PEER_PORT, 10, false);
	assert_in_range(stack_counter(&s, "Udp.RcvbufErrors"), 1, 19);
	while (received(&s, fd) == 10)
		got++;
	assert_int_equal(got + stack_counter(&s, "Udp.RcvbufErrors"), 20);
	assert_int_equal(stack_counter(&s, "Udp.InErrors"), stack_counter(&s, "Udp.RcvbufErrors"));
	/* The protocol has no more, beyond what every socket gets. */
	stack_sysctl(&s, "net.ipv4.udp_mem", "0 0 0");
	stack_sysctl(&s, "net.ipv4.udp_rmem_min", "1");
	for (int i = 0; i < 5; i++)
		arrives(&s, PEER_PORT, 10, false);
	assert_int_equal(stack_counter(&s, "Udp.MemErrors"), 5);
	stack_end(&s);
}

static void test_reuseport(void **state)
{
	struct stack s;
	int fd[4], got[4] = { 0 };
	struct sockaddr_in own = at(STACK_OUR, OUR_PORT);

	stack_start(&s, 1);
	for (int i = 0; i < 4; i++) {
		fd[i] = skiff_socket((struct skiff_net *)s.net, AF_INET, SOCK_DGRAM, 0);
		option(&s, fd[i], SOL_SOCKET, SO_REUSEPORT, 1);
		assert_int_equal(skiff_bind(s.skiff, fd[i], (struct sockaddr *)&own, sizeof(own)),
				 0);
	}
	for (u32 i = 0; i < 200; i++) {
		arrives(&s, (u16)(3000 + i % 100), 10, false);
		if (i >= 100)
			continue;
		for (int j = 0; j < 4; j++)
			got[j] += skiff_events(s.skiff, fd[j]) & POLLIN &&
				  received(&s, fd[j]) == 10;
	}
	/* All get some, and a peer always the same. */
	for (int j = 0; j < 4; j++) {
		int more = 0;

		assert_in_range(got[j], 8, 50);
		while (received(&s, fd[j]) == 10)
			more++;
		assert_int_equal(more, got[j]);
	}
	stack_end(&s);
}

/* ---- errors ---- */

static void test_path_mtu(void **state)
{
	u8 buf[1400] = { 0 }, ctl[200];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof(ctl)
	};
	const struct sock_extended_err *ee = (void *)(ctl + CMSG_HDRLEN);
	struct stack s;
	int fd;

	stack_start(&s, 1);
	fd = opened(&s, SOCK_DGRAM, 0, true);
	option(&s, fd, SOL_IP, IP_RECVERR, 1);
	option(&s, fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	assert_int_equal(option_get(&s, fd, SOL_IP, IP_MTU), 1500);
	skiff_send(s.skiff, fd, buf, 1400, 0);
	stack_run(&s, 0);
	icmp_error(&s, 3, 4, 700, 28, NULL, 0);
	assert_int_equal(option_get(&s, fd, SOL_IP, IP_MTU), 700);
	assert_int_equal(skiff_send(s.skiff, fd, buf, 10, 0), -EMSGSIZE); /* pending */
	assert_int_equal(skiff_send(s.skiff, fd, buf, 673, 0), -EMSGSIZE);
	assert_int_equal(skiff_send(s.skiff, fd, buf, 672, 0), 672);
	assert_true(skiff_recvmsg(s.skiff, fd, &m, MSG_ERRQUEUE) >= 0);
	assert_int_equal(ee->ee_origin, SO_EE_ORIGIN_ICMP);
	assert_int_equal(ee->ee_info, 700);
	m.msg_controllen = sizeof(ctl);
	assert_int_equal(skiff_recvmsg(s.skiff, fd, &m, MSG_ERRQUEUE), 0);
	assert_int_equal(ee->ee_origin, SO_EE_ORIGIN_LOCAL);
	assert_int_equal(ee->ee_info, 700);
	/* Who does not care for the path's MTU may send more, in pieces. */
	option(&s, fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	s.n = 0;
	assert_int_equal(skiff_send(s.skiff, fd, buf, 1400, 0), 1400);
	stack_run(&s, 0);
	assert_int_equal(s.n, 3);
	stack_end(&s);
}

static void test_rfc4884(void **state)
{
	/* An extension: version 2, its checksum filled in below; one object of 8 bytes. */
	u8 ext[12] = { 0x20, 0, 0, 0, 0, 8, 1, 1, 0xaa, 0xbb, 0xcc, 0xdd }, ctl[200],
	   buf[300] = { 0 };
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	const struct sock_extended_err *ee = (void *)(ctl + CMSG_HDRLEN);
	struct stack s;
	int fd;

	put_unaligned16(csum_fold(csum_partial(ext, sizeof(ext), 0)), ext + 2);
	stack_start(&s, 1);
	fd = opened(&s, SOCK_DGRAM, 0, true);
	option(&s, fd, SOL_IP, IP_RECVERR, 1);
	assert_int_equal(option(&s, fd, SOL_IP, IP_RECVERR_RFC4884, 1), 0);
	for (int bad = 0; bad < 2; bad++) {
		received(&s, fd);
		skiff_send(s.skiff, fd, buf, 200, 0);
		stack_run(&s, 0);
		ext[8] ^= (u8)bad;
		/* The quote is 32 words. */
		icmp_error(&s, 3, 3, 32 << 16, 128, ext, sizeof(ext));
		m.msg_control = ctl;
		m.msg_controllen = sizeof(ctl);
		assert_int_equal(skiff_recvmsg(s.skiff, fd, &m, MSG_ERRQUEUE), 100 + 12);
		assert_int_equal(ee->ee_rfc4884.len, 100);
		assert_int_equal(ee->ee_rfc4884.flags, bad ? SO_EE_RFC4884_FLAG_INVALID : 0);
	}
	stack_end(&s);
}

/* ---- encapsulation, router alert ---- */

static int taker(struct sock *sk, struct sk_buff *skb)
{
	u32 len = skb->len - 8;

	if (len == 1) { /* its own */
		consume_skb(sock_skiff(sk), skb);
		return 0;
	}
	if (len == 2) { /* what is inside is for another protocol */
		skb_pull(skb, 8);
		return -200;
	}
	return 1;
}

static struct sock *sock_of(struct stack *s, u16 port)
{
	return udp4_lib_lookup(s->net, STACK_PEER, htons(PEER_PORT), STACK_OUR, htons(port), 2);
}

static void test_encap(void **state)
{
	struct stack s;
	int fd, raw;

	stack_start(&s, 1);
	fd = opened(&s, SOCK_DGRAM, 0, false);
	raw = skiff_socket((struct skiff_net *)s.net, AF_INET, SOCK_RAW, 200);
	udp_encap_enable(sock_of(&s, OUR_PORT), UDP_ENCAP_L2TPINUDP, taker);
	arrives(&s, PEER_PORT, 1, false);
	assert_int_equal(received(&s, fd), -EAGAIN);
	arrives(&s, PEER_PORT, 3, false);
	assert_int_equal(received(&s, fd), 3);
	assert_int_equal(stack_counter(&s, "Ip.InUnknownProtos"), 0);
	arrives(&s, PEER_PORT, 2, false);
	assert_int_equal(received(&s, fd), -EAGAIN);
	/* The packet's header says UDP still: no raw socket of 200 takes it, and there is no handler. */
	assert_int_equal(received(&s, raw), -EAGAIN);
	assert_int_equal(stack_counter(&s, "Ip.InUnknownProtos"), 1);
	stack_end(&s);
}

static void test_router_alert(void **state)
{
	u8 ip[32] = { 0x46, 0, 0, 32, 0,   0, 0, 0, 9,	 200, 0,   0,	10,  0,	  0,   2,
		      192,  0, 2, 1,  148, 4, 0, 0, 'd', 'a', 't', 'a', 'd', 'a', 't', 'a' };
	struct stack s;
	int raw;

	stack_start(&s, 1);
	stack_sysctl(&s, "net.ipv4.ip_forward", "1");
	stack_ip(&s, "route add 192.0.2.0/24 via 10.0.0.2");
	put_unaligned16(ip_fast_csum(ip, 6), ip + 10);
	raw = skiff_socket((struct skiff_net *)s.net, AF_INET, SOCK_RAW, 200);
	s.n = 0;
	stack_rx(&s, NULL, ip, sizeof(ip));
	assert_int_equal(stack_counter(&s, "Ip.ForwDatagrams"), 1);
	assert_int_equal(received(&s, raw), -EAGAIN);
	assert_int_equal(option(&s, raw, SOL_IP, IP_ROUTER_ALERT, 1), 0);
	stack_rx(&s, NULL, ip, sizeof(ip));
	assert_int_equal(stack_counter(&s, "Ip.ForwDatagrams"), 1);
	assert_int_equal(received(&s, raw), 32);
	stack_end(&s);
}

/* ---- /proc, memory ---- */

static void test_proc(void **state)
{
	char text[4000];
	struct stack s;

	stack_start(&s, 1);
	opened(&s, SOCK_DGRAM, 0, true);
	arrives(&s, PEER_PORT, 3, false);
	assert_true(skiff_proc_read((struct skiff_net *)s.net, "net/udp", text, sizeof(text)) ==
		    2 * 128);
	assert_non_null(strstr(text, ": 0100000A:03E8 0200000A:07D0 01 00000000:00000"));
	assert_true(skiff_proc_read((struct skiff_net *)s.net, "net/udplite", text, sizeof(text)) ==
		    128);
	assert_non_null(
		skiff_socket((struct skiff_net *)s.net, AF_INET, SOCK_RAW, 200) >= 0 ? text : NULL);
	skiff_proc_read((struct skiff_net *)s.net, "net/raw", text, sizeof(text));
	assert_non_null(strstr(text, " 200: 00000000:00C8 00000000:0000 07 "));
	skiff_proc_read((struct skiff_net *)s.net, "net/igmp", text, sizeof(text));
	assert_non_null(strstr(
		text, "e0        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n"));
	stack_end(&s);
}

/* Whatever fails, nothing is lost and it works again. */
static void test_no_memory(void **state)
{
	struct ip_mreqn m = { .imr_multiaddr.s_addr = htonl(0xef010101), .imr_ifindex = 2 };
	static u8 big[9000];
	struct stack s;

	for (long n = 0; n < 60; n++) {
		int fd, bound;

		stack_start(&s, 1);
		stack_fail_after = n;
		fd = skiff_socket((struct skiff_net *)s.net, AF_INET, SOCK_DGRAM, 0);
		if (fd >= 0) {
			struct sockaddr_in own = at(STACK_OUR, OUR_PORT), peer = at(STACK_PEER, 9);

			bound = skiff_bind(s.skiff, fd, (struct sockaddr *)&own, sizeof(own));
			option(&s, fd, SOL_IP, IP_RECVERR, 1);
			skiff_setsockopt(s.skiff, fd, SOL_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m));
			skiff_setsockopt(s.skiff, fd, SOL_IP, IP_OPTIONS, "\x07\x07\x04\0\0\0\0",
					 7);
			skiff_connect(s.skiff, fd, (struct sockaddr *)&peer, sizeof(peer));
			skiff_send(s.skiff, fd, big, 9000, 0);
			skiff_send(s.skiff, fd, big, 100, MSG_MORE);
			skiff_send(s.skiff, fd, big, 3000, MSG_MORE);
			skiff_send(s.skiff, fd, big, 3000, 0);
			skiff_send(s.skiff, fd, big, 3000, MSG_MORE);
			stack_run(&s, 10);
			stack_fail_after = -1;
			option(&s, fd, SOL_IP, IP_OPTIONS, 0);
			skiff_setsockopt(s.skiff, fd, SOL_IP, IP_OPTIONS, NULL, 0);
			if (!bound) {
				struct sock *sk = sock_of(&s, OUR_PORT);

				(void)sk;
				received(&s, fd);
				s.n = 0;
				assert_true(skiff_sendto(s.skiff, fd, "x", 1, 0,
							 (struct sockaddr *)&peer,
							 sizeof(peer)) != 0);
			}
		}
		stack_fail_after = -1;
		stack_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame),	     cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_segments),     cmocka_unit_test(test_waits_for_neighbour),
		cmocka_unit_test(test_checksum),     cmocka_unit_test(test_limits),
		cmocka_unit_test(test_reuseport),    cmocka_unit_test(test_path_mtu),
		cmocka_unit_test(test_rfc4884),	     cmocka_unit_test(test_encap),
		cmocka_unit_test(test_router_alert), cmocka_unit_test(test_proc),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
