// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/listen_test.c - requests at a listener: repeated SYN-ACKs, backlog, floods and cookies, deferred accept, what ends a request. */
#include "tests/tcp/hosts.h"

static struct hosts h;

/* A SYN of stranger @who to host 1, port 80; @opt: window scale 7, MSS 1460, SACK, and time stamps if @ts */
static struct seg syn_of(int who, u16 sport, bool ts)
{
	static const u8 opts[] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7 };
	static const u8 bare[] = { 2, 4, 5, 0xb4 };
	struct seg s = { .saddr = STRANGER(who),
			 .sport = sport,
			 .dport = 80,
			 .seq = 1000,
			 .flags = S,
			 .window = 65000 };

	s.optlen = ts ? sizeof(opts) : sizeof(bare);
	memcpy(s.opt, ts ? opts : bare, s.optlen);
	return s;
}

/* The ACK that answers the SYN-ACK @sa */
static struct seg ack_of(const struct seg *sa)
{
	struct seg s = { .saddr = sa->daddr,
			 .sport = sa->dport,
			 .dport = sa->sport,
			 .seq = sa->ack,
			 .ack = sa->seq + 1,
			 .flags = A,
			 .window = sa->wscale >= 0 ? 500 : 60000 };

	if (sa->ts) {
		const u8 nop[4] = { 1, 1, 8, 10 };

		memcpy(s.opt, nop, 4);
		put_unaligned32(htonl(10), s.opt + 4);
		put_unaligned32(htonl(sa->tsval), s.opt + 8);
		s.optlen = 12;
	}
	return s;
}

static struct seg *forge(const struct seg *s, const void *data)
{
	u32 since = h.nr_segs;

	hosts_forge(&h, 1, s, data);
	hosts_run(&h, 0);
	return hosts_last(&h, 1, since);
}

static struct seg expect(const struct seg *got, u8 flags)
{
	if (!got || got->flags != flags) {
		hosts_show(&h);
		fail_msg("no answer with flags %02x", flags);
	}
	return *got;
}

static void test_synack_retries(void **state)
{
	const u64 at[] = { 0, 1, 3, 7, 15, 31 }; /* s: once and five times more */
	struct seg s = syn_of(0, 4000, true);
	u64 start;

	hosts_start(&h, 1);
	hosts_listen(&h, 1, 80, 4);
	start = h.now / 1000000;
	forge(&s, NULL);
	assert_int_equal(inet_ehash_count(h.net[1]), 1);
	hosts_run(&h, 62000);
	assert_int_equal(inet_ehash_count(h.net[1]), 1);
	hosts_run(&h, 2000);
	assert_int_equal(inet_ehash_count(h.net[1]), 0);
	assert_int_equal(h.nr_segs, 6);
	for (u32 i = 0; i < 6; i++) {
		assert_int_equal(h.seg[i].flags, S | A);
		assert_int_equal((h.seg[i].ms - start) / 1000, at[i]);
		assert_int_equal(h.seg[i].seq, h.seg[0].seq);
	}
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPSynRetrans"), 5);
	hosts_stop(&h);
}

/* The SYN again brings the SYN-ACK again, but not more often than every half second. */
static void test_syn_again(void **state)
{
	struct seg s = syn_of(0, 4000, true), sa;

	hosts_start(&h, 2);
	hosts_listen(&h, 1, 80, 4);
	sa = expect(forge(&s, NULL), S | A);
	assert_int_equal(expect(forge(&s, NULL), S | A).seq, sa.seq);
	assert_null(forge(&s, NULL));
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPACKSkippedSynRecv"), 1);
	hosts_stop(&h);
}

/* What a request answers to segments that do not confirm it. */
static void test_request_ends(void **state)
{
	struct seg s = syn_of(0, 4000, true), sa, a;

	hosts_start(&h, 3);
	hosts_listen(&h, 1, 80, 4);
	sa = expect(forge(&s, NULL), S | A);
	/* An ACK of something else: a reset with its number. The request stays. */
	a = ack_of(&sa);
	a.ack += 7;
	assert_int_equal(expect(forge(&a, NULL), R).seq, a.ack);
	assert_int_equal(inet_ehash_count(h.net[1]), 1);
	/* Out of the window: an ACK. */
	a = ack_of(&sa);
	a.seq -= 5;
	assert_int_equal(expect(forge(&a, NULL), A).ack, sa.ack);
	/* Not even an ACK: nothing. */
	a = ack_of(&sa);
	a.flags = 0;
	assert_null(forge(&a, NULL));
	assert_int_equal(inet_ehash_count(h.net[1]), 1);
	/* A reset in the window: gone. */
	a = ack_of(&sa);
	a.flags = R;
	assert_null(forge(&a, NULL));
	assert_int_equal(inet_ehash_count(h.net[1]), 0);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.EmbryonicRsts"), 1);
	/* A SYN in the window: gone too, with a reset. */
	s.sport++;
	sa = expect(forge(&s, NULL), S | A);
	a = ack_of(&sa);
	a.flags = S | A;
	expect(forge(&a, NULL), R);
	assert_int_equal(inet_ehash_count(h.net[1]), 0);
	/* The time stamp echoed was never sent. */
	s.sport++;
	sa = expect(forge(&s, NULL), S | A);
	a = ack_of(&sa);
	put_unaligned32(htonl(sa.tsval + 77), a.opt + 8);
	forge(&a, NULL);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TSEcrRejected"), 1);
	hosts_stop(&h);
}

/* A request whose SYN-ACK can not get there, by ICMP. */
static void test_request_icmp(void **state)
{
	struct seg s = syn_of(0, 4000, true), sa;
	u8 frame[128] __attribute__((aligned(4))) = { 0 }, *p = frame + 2;
	const struct ethhdr eth = { { 2, 0, 0, 0, 0, 2 }, { 2, 0, 0, 0, 0, 9 }, htons(ETH_P_IP) };
	struct iphdr iph = { .version = 4,
			     .ihl = 5,
			     .ttl = 64,
			     .protocol = IPPROTO_ICMP,
			     .saddr = STRANGER(0),
			     .daddr = HOST_IP(1),
			     .tot_len = htons(56) };
	struct iphdr quoted = { .version = 4,
				.ihl = 5,
				.ttl = 63,
				.protocol = IPPROTO_TCP,
				.saddr = HOST_IP(1),
				.daddr = STRANGER(0),
				.tot_len = htons(60) };
	__be16 ports[2] = { htons(80), htons(4000) }, sum;
	__be32 seq;

	hosts_start(&h, 4);
	hosts_listen(&h, 1, 80, 4);
	sa = expect(forge(&s, NULL), S | A);
	for (int wrong = 1; wrong >= 0; wrong--) {
		iph.check = 0;
		iph.check = ip_fast_csum(&iph, 5);
		quoted.check = 0;
		quoted.check = ip_fast_csum(&quoted, 5);
		memset(frame, 0, sizeof(frame));
		memcpy(p, &eth, 14);
		memcpy(p + 14, &iph, 20);
		p[34] = ICMP_DEST_UNREACH;
		p[35] = ICMP_HOST_UNREACH;
		memcpy(p + 42, &quoted, 20);
		memcpy(p + 62, ports, 4);
		seq = htonl(sa.seq + (u32)wrong);
		memcpy(p + 66, &seq, 4);
		sum = csum_fold(csum_partial(p + 34, 36, 0));
		memcpy(p + 36, &sum, 2);
		skiff_wire_rx((struct skiff_dev *)h.dev[1], p, 70);
		hosts_run(&h, 0);
		assert_int_equal(inet_ehash_count(h.net[1]), wrong);
	}
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.OutOfWindowIcmps"), 1);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.ListenDrops"), 1);
	hosts_stop(&h);
}

/* A backlog of 2 holds three finished connections; the fourth's ACK is not heard until there is room. */
static void test_backlog(void **state)
{
	struct seg s, sa[5], a;
	int l;

	hosts_start(&h, 5);
	l = hosts_listen(&h, 1, 80, 2);
	for (u16 i = 0; i < 4; i++) {
		s = syn_of(0, (u16)(4000 + i), true);
		sa[i] = expect(forge(&s, NULL), S | A);
	}
	for (int i = 0; i < 4; i++) {
		a = ack_of(&sa[i]);
		assert_null(forge(&a, NULL));
	}
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.ListenOverflows"), 1);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.ListenDrops"), 1);
	/* A new SYN is not answered at all. */
	s = syn_of(0, 5000, true);
	assert_null(forge(&s, NULL));
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.ListenOverflows"), 2);
	for (int i = 0; i < 3; i++)
		assert_true(hosts_accept(&h, l) >= 0);
	assert_int_equal(hosts_accept(&h, l), -EAGAIN);
	a = ack_of(&sa[3]);
	assert_null(forge(&a, NULL));
	assert_true(hosts_accept(&h, l) >= 0);
	hosts_stop(&h);
}

static void test_abort_on_overflow(void **state)
{
	struct seg s, sa[3], a;

	hosts_start(&h, 6);
	hosts_sysctl(&h, 1, "net.ipv4.tcp_abort_on_overflow", "1");
	hosts_listen(&h, 1, 80, 1);
	for (u16 i = 0; i < 3; i++) {
		s = syn_of(0, (u16)(4000 + i), true);
		sa[i] = expect(forge(&s, NULL), S | A);
		a = ack_of(&sa[i]);
		if (!i)
			assert_null(forge(&a, NULL));
	}
	a = ack_of(&sa[1]);
	assert_null(forge(&a, NULL));
	a = ack_of(&sa[2]);
	assert_int_equal(expect(forge(&a, NULL), R).seq, a.ack);
	hosts_stop(&h);
}

/* Ten times the backlog of SYNs: cookies, no memory; their ACKs make connections with what the time stamp remembers. */
static void flood(bool ts)
{
	struct seg s, sa[40], a;
	int l, fd, mss;
	u32 len = sizeof(mss);

	hosts_start(&h, 7);
	l = hosts_listen(&h, 1, 80, 8);
	for (u16 i = 0; i < 40; i++) {
		s = syn_of(0, (u16)(4000 + i), ts);
		sa[i] = expect(forge(&s, NULL), S | A);
		assert_int_equal(sa[i].ts, ts);
		assert_int_equal(sa[i].wscale >= 0, ts);
	}
	assert_int_equal(inet_ehash_count(h.net[1]), 9);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.SyncookiesSent"), 31);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPReqQFullDoCookies"), 31);
	a = ack_of(&sa[39]);
	assert_null(forge(&a, NULL));
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.SyncookiesRecv"), 1);
	fd = hosts_accept(&h, l);
	assert_true(fd >= 0);
	/* 1460, less the time stamps */
	assert_int_equal(skiff_getsockopt(h.skiff, fd, IPPROTO_TCP, TCP_MAXSEG, &mss, &len), 0);
	assert_int_equal(mss, ts ? 1448 : 1460);
	assert_int_equal(skiff_send(h.skiff, fd, "x", 1, 0), 1);
	hosts_run(&h, 0);
	assert_int_equal(hosts_last(&h, 1, 0)->len, 1);
	/* A forged one is refused. */
	a = ack_of(&sa[38]);
	a.ack += 1 << 20;
	expect(forge(&a, NULL), R);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.SyncookiesFailed"), 1);
	/* Two minutes later the true one is too. */
	hosts_run(&h, 121000);
	a = ack_of(&sa[38]);
	expect(forge(&a, NULL), R);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.SyncookiesRecv"), 1);
	hosts_stop(&h);
}

static void test_flood(void **state)
{
	flood(true);
	flood(false);
}

/* Without cookies the queue of requests is full, and that is that. */
static void test_flood_without_cookies(void **state)
{
	struct seg s;

	hosts_start(&h, 8);
	hosts_sysctl(&h, 1, "net.ipv4.tcp_syncookies", "0");
	hosts_listen(&h, 1, 80, 8);
	for (u16 i = 0; i < 40; i++) {
		s = syn_of(0, (u16)(4000 + i), true);
		assert_int_equal(forge(&s, NULL) != NULL, i < 9);
	}
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPReqQFullDrop"), 31);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.ListenDrops"), 31);
	hosts_stop(&h);
}

/* tcp_syncookies=2: always cookies, also when nothing is wrong. */
static void test_cookies_always(void **state)
{
	int l, c;

	hosts_start(&h, 9);
	hosts_sysctl(&h, 1, "net.ipv4.tcp_syncookies", "2");
	l = hosts_listen(&h, 1, 80, 8);
	c = hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	assert_true(hosts_accept(&h, l) >= 0);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.SyncookiesRecv"), 1);
	assert_int_equal(skiff_send(h.skiff, c, "x", 1, 0), 1);
	hosts_stop(&h);
}

static void test_defer_accept(void **state)
{
	struct seg s = syn_of(0, 4000, false), sa, a;
	int l, secs = 3;

	hosts_start(&h, 10);
	l = hosts_listen(&h, 1, 80, 8);
	assert_int_equal(skiff_setsockopt(h.skiff, l, IPPROTO_TCP, TCP_DEFER_ACCEPT, &secs,
					  sizeof(secs)),
			 0);
	sa = expect(forge(&s, NULL), S | A);
	a = ack_of(&sa);
	assert_null(forge(&a, NULL));
	assert_int_equal(hosts_accept(&h, l), -EAGAIN);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPDeferAcceptDrop"), 1);
	a.len = 5;
	a.flags = P | A;
	forge(&a, "hello");
	assert_true(hosts_accept(&h, l) >= 0);
	/* Without data the SYN-ACK comes again at the end of the time, and its ACK counts. */
	s = syn_of(0, 4001, false);
	sa = expect(forge(&s, NULL), S | A);
	a = ack_of(&sa);
	forge(&a, NULL);
	assert_int_equal(hosts_accept(&h, l), -EAGAIN);
	hosts_run(&h, 3500);
	assert_int_equal(hosts_last(&h, 1, h.nr_segs - 1)->flags, S | A);
	forge(&a, NULL);
	assert_true(hosts_accept(&h, l) >= 0);
	hosts_stop(&h);
}

/* A listener that closes: who was not accepted is reset, requests end with it, as does one that comes late. */
static void test_close_listener(void **state)
{
	struct seg s, sa[2], a;
	int l;

	hosts_start(&h, 11);
	l = hosts_listen(&h, 1, 80, 8);
	for (u16 i = 0; i < 2; i++) {
		s = syn_of(0, (u16)(4000 + i), true);
		sa[i] = expect(forge(&s, NULL), S | A);
	}
	a = ack_of(&sa[0]);
	forge(&a, NULL);
	skiff_close(h.skiff, l);
	assert_int_equal(expect(hosts_last(&h, 1, 2), R | A).dport, 4000);
	a = ack_of(&sa[1]);
	assert_int_equal(expect(forge(&a, NULL), R).seq, a.ack);
	assert_int_equal(inet_ehash_count(h.net[1]), 0);
	hosts_stop(&h);
}

static void test_saved_syn(void **state)
{
	struct seg s = syn_of(0, 4000, true), sa, a;
	u8 buf[128];
	u32 len = sizeof(buf);
	int l, fd, one = 1;

	hosts_start(&h, 12);
	l = hosts_listen(&h, 1, 80, 8);
	assert_int_equal(skiff_setsockopt(h.skiff, l, IPPROTO_TCP, TCP_SAVE_SYN, &one, sizeof(one)),
			 0);
	sa = expect(forge(&s, NULL), S | A);
	a = ack_of(&sa);
	forge(&a, NULL);
	fd = hosts_accept(&h, l);
	assert_int_equal(skiff_getsockopt(h.skiff, fd, IPPROTO_TCP, TCP_SAVED_SYN, buf, &len), 0);
	assert_int_equal(len, 60);
	assert_int_equal(buf[0], 0x45);
	assert_int_equal(ntohl(get_unaligned32(buf + 24)), 1000);
	/* Once only. */
	len = sizeof(buf);
	assert_int_equal(skiff_getsockopt(h.skiff, fd, IPPROTO_TCP, TCP_SAVED_SYN, buf, &len), 0);
	assert_int_equal(len, 0);
	hosts_stop(&h);
}

/* Listening: what may and what may not. */
static void test_listen_rules(void **state)
{
	struct seg s = syn_of(0, 4000, true);
	int l, u, fd;

	hosts_start(&h, 13);
	l = hosts_listen(&h, 1, 80, 2);
	/* Again: only the backlog is another one. */
	assert_int_equal(skiff_listen(h.skiff, l, 8), 0);
	u = skiff_socket((struct skiff_net *)h.net[1], AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(skiff_listen(h.skiff, u, 8), -EOPNOTSUPP);
	/* Without bind(): a port is found. */
	fd = hosts_socket(&h, 1);
	assert_int_equal(skiff_listen(h.skiff, fd, 8), 0);
	assert_int_equal(hosts_accept(&h, fd), -EAGAIN);
	fd = hosts_connect(&h, 1, 99);
	assert_int_equal(skiff_listen(h.skiff, fd, 8), -EINVAL);
	/* To a group: dropped without a word. */
	s.daddr = htonl(0xe0000001);
	assert_null(forge(&s, NULL));
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_synack_retries), cmocka_unit_test(test_syn_again),
		cmocka_unit_test(test_request_ends),   cmocka_unit_test(test_request_icmp),
		cmocka_unit_test(test_backlog),	       cmocka_unit_test(test_abort_on_overflow),
		cmocka_unit_test(test_flood),	       cmocka_unit_test(test_flood_without_cookies),
		cmocka_unit_test(test_cookies_always), cmocka_unit_test(test_defer_accept),
		cmocka_unit_test(test_close_listener), cmocka_unit_test(test_saved_syn),
		cmocka_unit_test(test_listen_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
