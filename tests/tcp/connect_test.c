// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/connect_test.c - connections begin and end: handshake, data, close from either side, refusal, simultaneous open. */
#include "tests/tcp/hosts.h"

static struct hosts h;

static void expect_seg(u32 i, int from, u8 flags, u32 len)
{
	if (i >= h.nr_segs || h.seg[i].from != from || h.seg[i].flags != flags ||
	    h.seg[i].len != len) {
		hosts_show(&h);
		fail_msg("segment %u is not from %c, flags %02x, %u bytes", i, 'a' + from, flags,
			 len);
	}
}

/* Both ends of a connection: a connects to b. */
struct pair {
	int l, c, s;
};

static struct pair connected(u16 port)
{
	struct pair p = { hosts_listen(&h, 1, port, 8), -1, -1 };

	p.c = hosts_connect(&h, 0, port);
	hosts_run(&h, 10);
	p.s = hosts_accept(&h, p.l);
	assert_true(p.s >= 0);
	return p;
}

static void test_handshake(void **state)
{
	struct pair p;

	hosts_start(&h, 1);
	p = connected(80);
	expect_seg(0, 0, S, 0);
	expect_seg(1, 1, S | A, 0);
	expect_seg(2, 0, A, 0);
	assert_int_equal(h.nr_segs, 3);
	assert_int_equal(h.seg[0].mss, 1460);
	assert_true(h.seg[0].ts && h.seg[0].sack_perm && h.seg[0].wscale >= 0);
	assert_int_equal(h.seg[1].ack, h.seg[0].seq + 1);
	assert_int_equal(h.seg[2].ack, h.seg[1].seq + 1);
	assert_int_equal(h.seg[1].tsecr, h.seg[0].tsval);
	assert_int_equal(hosts_counter(&h, 0, "Tcp.ActiveOpens"), 1);
	assert_int_equal(hosts_counter(&h, 1, "Tcp.PassiveOpens"), 1);
	assert_int_equal(hosts_accept(&h, p.l), -EAGAIN);
	hosts_stop(&h);
}

static void test_data(void **state)
{
	char buf[64] = "";
	struct pair p;

	hosts_start(&h, 2);
	p = connected(80);
	assert_int_equal(skiff_send(h.skiff, p.c, "hello", 5, 0), 5);
	hosts_run(&h, 10);
	assert_int_equal(skiff_recv(h.skiff, p.s, buf, sizeof(buf), 0), 5);
	assert_string_equal(buf, "hello");
	assert_int_equal(skiff_send(h.skiff, p.s, "there", 5, 0), 5);
	hosts_run(&h, 100);
	assert_int_equal(skiff_recv(h.skiff, p.c, buf, sizeof(buf), 0), 5);
	assert_string_equal(buf, "there");
	assert_int_equal(skiff_recv(h.skiff, p.c, buf, sizeof(buf), 0), -EAGAIN);
	hosts_stop(&h);
}

/* @first closes first and ends in TIME_WAIT for a minute. */
static void close_from(int first)
{
	char c;
	struct pair p;
	int fd[2];

	hosts_start(&h, 3);
	p = connected(80);
	fd[0] = p.c;
	fd[1] = p.s;
	assert_int_equal(skiff_close(h.skiff, fd[first]), 0);
	hosts_run(&h, 10);
	expect_seg(3, first, F | A, 0);
	assert_int_equal(skiff_recv(h.skiff, fd[!first], &c, 1, 0), 0);
	assert_int_equal(skiff_close(h.skiff, fd[!first]), 0);
	hosts_run(&h, 10);
	assert_int_equal(hosts_last(&h, !first, 4)->flags, F | A);
	assert_int_equal(hosts_last(&h, first, 4)->flags, A);
	assert_int_equal(inet_ehash_count(h.net[first]), 1);
	assert_int_equal(inet_ehash_count(h.net[!first]), 0);
	hosts_run(&h, 59000);
	assert_int_equal(inet_ehash_count(h.net[first]), 1);
	hosts_run(&h, 2000);
	assert_int_equal(inet_ehash_count(h.net[first]), 0);
	assert_int_equal(hosts_counter(&h, first, "TcpExt.TW"), 1);
	hosts_stop(&h);
}

static void test_close(void **state)
{
	close_from(0);
	close_from(1);
}

static int so_error(int fd)
{
	u32 len = sizeof(int);
	int err = -1;

	assert_int_equal(skiff_getsockopt(h.skiff, fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	return err;
}

static void test_refused(void **state)
{
	int fd;

	hosts_start(&h, 4);
	fd = hosts_connect(&h, 0, 81);
	hosts_run(&h, 10);
	expect_seg(1, 1, R | A, 0);
	assert_int_equal(so_error(fd), ECONNREFUSED);
	assert_int_equal(inet_ehash_count(h.net[0]), 0);
	hosts_stop(&h);
}

/* Both connect to each other's port at once (RFC 9293 3.5, figure 7): one connection. */
static void test_simultaneous(void **state)
{
	char buf[8] = "";
	int fd[2];

	hosts_start(&h, 5);
	for (int i = 0; i < 2; i++) {
		fd[i] = hosts_socket(&h, i);
		assert_int_equal(hosts_bind(&h, fd[i], HOST_IP(i), 7777), 0);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(hosts_try_connect(&h, fd[i], HOST_IP(!i), 7777), -EINPROGRESS);
	hosts_run(&h, 100);
	expect_seg(0, 0, S, 0);
	expect_seg(1, 1, S, 0);
	assert_int_equal(h.seg[2].flags, S | A);
	assert_int_equal(h.seg[3].flags, S | A);
	assert_int_equal(so_error(fd[0]), 0);
	assert_int_equal(skiff_send(h.skiff, fd[0], "both", 4, 0), 4);
	hosts_run(&h, 100);
	assert_int_equal(skiff_recv(h.skiff, fd[1], buf, sizeof(buf), 0), 4);
	assert_string_equal(buf, "both");
	hosts_stop(&h);
}

/* Nobody answers: SYNs at 1 (four times), 2, 4, ... s and ETIMEDOUT in the end. */
static bool lose_all(struct hosts *hh, struct seg *s)
{
	return false;
}

static void test_timeout(void **state)
{
	int fd;

	hosts_start(&h, 6);
	h.filter = lose_all;
	fd = hosts_connect(&h, 0, 80);
	hosts_run(&h, 300000);
	assert_int_equal(so_error(fd), ETIMEDOUT);
	assert_in_range(h.nr_segs, 7, 12);
	hosts_stop(&h);
}

/* First numbers are a clock plus a secret of the four numbers (RFC 6528): further on in the next life, elsewhere for others. */
static void test_isn(void **state)
{
	u32 isn[3];

	hosts_start(&h, 7);
	for (u16 i = 0; i < 3; i++) {
		struct seg s = { .saddr = STRANGER(0),
				 .sport = (u16)(4000 + i / 2),
				 .dport = 80,
				 .seq = 1,
				 .flags = S,
				 .window = 1000 };

		if (!i)
			hosts_listen(&h, 1, 80, 8);
		hosts_forge(&h, 1, &s, "");
		hosts_run(&h, 0);
		isn[i] = hosts_last(&h, 1, 0)->seq;
		s.seq++;
		s.flags = R;
		hosts_forge(&h, 1, &s, "");
		hosts_run(&h, i ? 0 : 100);
	}
	/* 100 ms in units of 64 ns */
	assert_int_equal(isn[1] - isn[0], 100000000 / 64);
	assert_false(isn[2] - isn[1] < 1 << 20);
	hosts_stop(&h);
}

/* IP options leave less room for data (icsk_ext_hdr_len). */
static void test_ip_options(void **state)
{
	static char data[4000];
	const u8 opt[4] = { 1, 1, 1, 0 }, more[8] = { 1, 1, 1, 1, 1, 1, 1, 0 };
	int l, fd;

	hosts_start(&h, 8);
	l = hosts_listen(&h, 1, 80, 8);
	fd = hosts_socket(&h, 0);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, IPPROTO_IP, IP_OPTIONS, opt, 4), 0);
	assert_int_equal(hosts_try_connect(&h, fd, HOST_IP(1), 80), -EINPROGRESS);
	hosts_run(&h, 10);
	assert_true(hosts_accept(&h, l) >= 0);
	assert_int_equal(skiff_send(h.skiff, fd, data, sizeof(data), 0), sizeof(data));
	hosts_run(&h, 10);
	assert_int_equal(h.seg[3].len, 1448 - 4);
	/* On a connection that stands, too: more of them, then none. */
	h.nr_segs = 0;
	assert_int_equal(skiff_setsockopt(h.skiff, fd, IPPROTO_IP, IP_OPTIONS, more, 8), 0);
	assert_int_equal(skiff_send(h.skiff, fd, data, sizeof(data), 0), sizeof(data));
	hosts_run(&h, 10);
	assert_int_equal(h.seg[0].len, 1448 - 8);
	h.nr_segs = 0;
	assert_int_equal(skiff_setsockopt(h.skiff, fd, IPPROTO_IP, IP_OPTIONS, more, 0), 0);
	assert_int_equal(skiff_send(h.skiff, fd, data, sizeof(data), 0), sizeof(data));
	hosts_run(&h, 10);
	assert_int_equal(h.seg[0].len, 1448);
	hosts_stop(&h);
}

/* Sending on a socket that was never connected fails, and gives it no port. */
static void test_send_unconnected(void **state)
{
	struct sockaddr_in sin;
	u32 len = sizeof(sin);
	int fd;

	hosts_start(&h, 9);
	fd = hosts_socket(&h, 0);
	assert_int_equal(skiff_send(h.skiff, fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	assert_int_equal(skiff_getsockname(h.skiff, fd, (struct sockaddr *)&sin, &len), 0);
	assert_int_equal(sin.sin_port, 0);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_simultaneous),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_isn),
		cmocka_unit_test(test_ip_options),
		cmocka_unit_test(test_send_unconnected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
