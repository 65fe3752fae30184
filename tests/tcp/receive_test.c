// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/receive_test.c - what a receiver does with each kind of segment: order, SACK, D-SACK, PAWS, RFC 5961, windows, urgent data, ACKs. */
#include "tests/tcp/peer.h"

static struct hosts h;
static char buf[1 << 17];
static char zeroes[1 << 16];

static void expect_sack(const struct seg *s, u32 n, const u32 want[][2])
{
	u32 got[4][2];

	assert_int_equal(peer_sack(s, got), n);
	for (u32 i = 0; i < n; i++) {
		assert_int_equal(got[i][0], want[i][0]);
		assert_int_equal(got[i][1], want[i][1]);
	}
}

static u64 counter(const char *name)
{
	return hosts_counter(&h, 0, name);
}

/* ---- order ---- */

static void test_in_sequence(void **state)
{
	struct peer p;
	struct tcp_info info;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_send(&p, A | P, "hello", 5);
	peer_expect(&p, A, 1, 0, 6);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), MSG_PEEK), 5);
	assert_int_equal(peer_read(&p, buf, 3, 0), 3);
	assert_int_equal(peer_read(&p, buf + 3, 10, 0), 2);
	assert_memory_equal(buf, "hello", 5);
	assert_int_equal(peer_read(&p, buf, 10, 0), -EAGAIN);
	info = peer_info(&p);
	assert_int_equal(info.tcpi_bytes_received, 5);
	assert_int_equal(info.tcpi_data_segs_in, 1);
	assert_int_equal(info.tcpi_state, TCP_ESTABLISHED);
	hosts_stop(&h);
}

static void test_out_of_order(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_at(&p, A, 11, "cccccccccc", 10);
	expect_sack(peer_expect(&p, A, 1, 0, 1), 1, (const u32[][2]){ { 11, 21 } });
	peer_at(&p, A, 31, "eeeeeeeeee", 10);
	expect_sack(peer_expect(&p, A, 1, 0, 1), 2, (const u32[][2]){ { 31, 41 }, { 11, 21 } });
	/* An older block that grows comes first again. */
	peer_at(&p, A, 21, "dddddd", 5);
	expect_sack(peer_expect(&p, A, 1, 0, 1), 2, (const u32[][2]){ { 11, 26 }, { 31, 41 } });
	/* What joins two makes one of them. */
	peer_at(&p, A, 26, "DDDDDD", 5);
	expect_sack(peer_expect(&p, A, 1, 0, 1), 1, (const u32[][2]){ { 11, 41 } });
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), -EAGAIN);
	peer_at(&p, A, 1, "bbbbbbbbbb", 10);
	expect_sack(peer_expect(&p, A, 1, 0, 41), 0, NULL);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 40);
	assert_memory_equal(buf, "bbbbbbbbbbccccccccccdddddDDDDDeeeeeeeeee", 40);
	assert_int_equal(counter("TcpExt.TCPOFOQueue"), 4);
	assert_int_equal(peer_info(&p).tcpi_rcv_ooopack, 4);
	hosts_stop(&h);
}

/* More holes than blocks: the oldest is forgotten. */
static void test_sack_blocks_full(void **state)
{
	struct peer p;
	struct seg *s = NULL;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	for (u32 i = 0; i < 6; i++) {
		peer_at(&p, A, 11 + 20 * i, "xxxxxxxxxx", 10);
		s = peer_got(&p);
		hosts_run(&h, 100);
		s = s ? s : peer_got(&p);
	}
	/* With time stamps three fit. */
	expect_sack(s, 3, (const u32[][2]){ { 111, 121 }, { 91, 101 }, { 71, 81 } });
	hosts_stop(&h);
}

static void test_overlaps(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_at(&p, A, 11, "cccccccccc", 10);
	peer_expect(&p, A, 1, 0, 1);
	/* There already: a D-SACK in front. */
	peer_at(&p, A, 13, "ccccc", 5);
	expect_sack(peer_expect(&p, A, 1, 0, 1), 2, (const u32[][2]){ { 13, 18 }, { 11, 21 } });
	/* One that covers another takes its place. */
	peer_at(&p, A, 11, "ccccccccccdd", 12);
	expect_sack(peer_expect(&p, A, 1, 0, 1), 2, (const u32[][2]){ { 11, 21 }, { 11, 23 } });
	/* In part. */
	peer_at(&p, A, 20, "cdddd", 5);
	hosts_run(&h, 200);
	expect_sack(peer_expect(&p, A, 1, 0, 1), 2, (const u32[][2]){ { 20, 23 }, { 11, 25 } });
	peer_at(&p, A, 1, "bbbbbbbbbbccc", 13);
	peer_expect(&p, A, 1, 0, 25);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 24);
	assert_memory_equal(buf, "bbbbbbbbbbccccccccccdddd", 24);
	hosts_stop(&h);
}

static void test_old_data(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_send(&p, A, "aaaaaaaaaa", 10);
	peer_expect(&p, A, 1, 0, 11);
	peer_at(&p, A, 1, "aaaaaaaaaa", 10);
	expect_sack(peer_expect(&p, A, 1, 0, 11), 1, (const u32[][2]){ { 1, 11 } });
	/* Old at its head only. */
	peer_at(&p, A, 6, "aaaaabbbbb", 10);
	expect_sack(peer_expect(&p, A, 1, 0, 16), 1, (const u32[][2]){ { 6, 11 } });
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 15);
	assert_memory_equal(buf, "aaaaaaaaaabbbbb", 15);
	assert_int_equal(counter("TcpExt.TCPDSACKOldSent"), 2);
	assert_int_equal(counter("TcpExt.DelayedACKLost"), 1);
	hosts_stop(&h);
}

/* A FIN ahead of a hole counts once the hole is filled. */
static void test_fin_out_of_order(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_at(&p, A | F, 6, "world", 5);
	peer_expect(&p, A, 1, 0, 1);
	assert_false(skiff_events(h.skiff, p.fd) & POLLIN);
	peer_at(&p, A, 1, "hello", 5);
	peer_expect(&p, A, 1, 0, 12);
	assert_int_equal(peer_info(&p).tcpi_state, TCP_CLOSE_WAIT);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 10);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 0);
	hosts_stop(&h);
}

/* ---- PAWS ---- */

static void test_paws(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	hosts_run(&h, 1000);
	p.tsval = PEER_TS + 1000;
	peer_send(&p, A, "aaaaa", 5);
	peer_expect(&p, A, 1, 0, 6);
	/* Data with an older time stamp: dropped, with an ACK. */
	p.tsval = PEER_TS + 500;
	peer_at(&p, A, 6, "XXXXX", 5);
	peer_expect(&p, A, 1, 0, 6);
	assert_int_equal(counter("TcpExt.PAWSEstab"), 1);
	/* An old ACK: dropped without a word. */
	peer_at(&p, A, 1, NULL, 0);
	peer_silence(&p);
	assert_int_equal(counter("TcpExt.PAWSOldAck"), 1);
	/* One less is allowed (a clock that is a tick behind). */
	p.tsval = PEER_TS + 999;
	peer_send(&p, A, "bbbbb", 5);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 10);
	/* 24 days later anything goes. */
	hosts_run(&h, 25ull * 24 * 3600 * 1000);
	p.tsval = PEER_TS;
	peer_send(&p, A, "ccccc", 5);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 5);
	hosts_stop(&h);
}

/* ---- RFC 5961 ---- */

static void test_rst_in_window(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	/* In the window, but not the very next number: challenged. */
	peer_at(&p, R, 11, NULL, 0);
	peer_expect(&p, A, 1, 0, 1);
	assert_int_equal(counter("TcpExt.TCPChallengeACK"), 1);
	assert_int_equal(peer_info(&p).tcpi_state, TCP_ESTABLISHED);
	/* Not again within half a second. */
	peer_at(&p, R, 11, NULL, 0);
	peer_silence(&p);
	assert_int_equal(counter("TcpExt.TCPACKSkippedChallenge"), 1);
	hosts_run(&h, 600);
	peer_at(&p, R, 11, NULL, 0);
	peer_expect(&p, A, 1, 0, 1);
	/* Outside: nothing. */
	peer_at(&p, R, 1 << 20, NULL, 0);
	peer_silence(&p);
	/* Exact. */
	peer_at(&p, R, 1, NULL, 0);
	peer_silence(&p);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), -ECONNRESET);
	assert_int_equal(counter("Tcp.EstabResets"), 1);
	hosts_stop(&h);
}

/* A reset at the end of the highest SACK block is believed, too. */
static void test_rst_at_sack(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_at(&p, A, 11, "cccccccccc", 10);
	peer_expect(&p, A, 1, 0, 1);
	peer_at(&p, R, 21, NULL, 0);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), -ECONNRESET);
	hosts_stop(&h);
}

static void test_syn_in_connection(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_at(&p, S, 1, NULL, 0);
	peer_expect(&p, A, 1, 0, 1);
	assert_int_equal(counter("TcpExt.TCPSYNChallenge"), 1);
	assert_int_equal(peer_info(&p).tcpi_state, TCP_ESTABLISHED);
	/* RFC 5961 5: an ACK from far away. */
	hosts_run(&h, 600);
	peer_put(&p, A, p.seq, 1u - 200000u, NULL, 0);
	hosts_settle(&h);
	peer_expect(&p, A, 1, 0, 1);
	hosts_stop(&h);
}

static void test_outside_window(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_at(&p, A, 1 << 20, "x", 1);
	peer_expect(&p, A, 1, 0, 1);
	assert_int_equal(counter("TcpExt.BeyondWindow"), 1);
	/* No flag at all: dropped. */
	peer_at(&p, 0, 1, "x", 1);
	peer_silence(&p);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), -EAGAIN);
	hosts_stop(&h);
}

/* ---- acknowledging ---- */

static void test_delayed_ack(void **state)
{
	struct peer p;
	int size = 65536;
	u64 sent;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	/* No growth, which would be told at once. */
	skiff_setsockopt(h.skiff, p.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* The first ones are acknowledged at once. */
	for (int i = 0; i < 30; i++) {
		peer_send(&p, A, zeroes, 1000);
		hosts_run(&h, 10);
		peer_read(&p, buf, sizeof(buf), 0);
	}
	hosts_run(&h, 100);
	while (peer_got(&p))
		;
	/* Then every second full one. */
	peer_send(&p, A, zeroes, 1000);
	peer_silence(&p);
	peer_send(&p, A, zeroes, 1000);
	peer_read(&p, buf, sizeof(buf), 0);
	assert_non_null(peer_got(&p));
	/* One alone after the delay, 40 ms at least. */
	peer_send(&p, A, zeroes, 1000);
	sent = h.now / 1000000;
	peer_silence(&p);
	hosts_run(&h, 300);
	assert_non_null(peer_got(&p));
	assert_in_range(h.seg[p.since - 1].ms - sent, 20, 60);
	assert_int_equal(counter("TcpExt.DelayedACKs") > 0, 1);
	hosts_stop(&h);
}

static void test_quickack_option(void **state)
{
	struct peer p;
	int v = 0;
	u32 len = sizeof(v);

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(skiff_setsockopt(h.skiff, p.fd, SOL_TCP, TCP_QUICKACK, &v, sizeof(v)), 0);
	assert_int_equal(skiff_getsockopt(h.skiff, p.fd, SOL_TCP, TCP_QUICKACK, &v, &len), 0);
	assert_int_equal(v, 0);
	peer_send(&p, A, "x", 1);
	peer_silence(&p);
	/* Switched on with an ACK due: it goes. */
	v = 1;
	assert_int_equal(skiff_setsockopt(h.skiff, p.fd, SOL_TCP, TCP_QUICKACK, &v, sizeof(v)), 0);
	peer_read(&p, buf, sizeof(buf), 0);
	peer_expect(&p, A, 1, 0, 2);
	hosts_stop(&h);
}

/* ---- the window ---- */

static void test_zero_window(void **state)
{
	int size = 4096;
	struct seg *s = NULL, *last;
	struct peer p;
	u32 got;

	hosts_start(&h, 1);
	p = peer_init(&h, 80);
	p.listener = hosts_listen(&h, 0, 80, 8);
	skiff_setsockopt(h.skiff, p.listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	peer_syn(&p);
	peer_send(&p, A, NULL, 0);
	p.fd = hosts_accept(&h, p.listener);
	for (int i = 0; i < 40; i++) {
		peer_send(&p, A, zeroes, 500);
		hosts_run(&h, 50);
		while ((last = peer_got(&p)))
			s = last;
		if (s && !s->window)
			break;
		p.seq = s ? s->ack : p.seq;
	}
	assert_non_null(s);
	assert_int_equal(s->window, 0);
	got = s->ack;
	/* A probe with data is dropped, with an ACK that says so. */
	p.seq = got;
	peer_at(&p, A, got, "x", 1);
	s = peer_expect(&p, A, 1, 0, got);
	assert_int_equal(s->window, 0);
	assert_int_equal(counter("TcpExt.BeyondWindow"), 1);
	/* Reading opens it, and the peer is told. */
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), got - 1);
	s = peer_got(&p);
	assert_non_null(s);
	assert_true(s->window > 0);
	peer_send(&p, A, "y", 1);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 1);
	hosts_stop(&h);
}

/* A reader that keeps up gets a larger buffer. */
static void test_autotuning(void **state)
{
	struct peer p;
	u32 before, rcvbuf, len = sizeof(rcvbuf);

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	skiff_getsockopt(h.skiff, p.fd, SOL_SOCKET, SO_RCVBUF, &before, &len);
	for (int round = 0; round < 400; round++) {
		struct seg *s;

		for (int i = 0; i < 40; i++) {
			peer_send(&p, A, zeroes, 1000);
			peer_read(&p, buf, sizeof(buf), 0);
		}
		hosts_run(&h, 10);
		p.tsval += 10;
		while ((s = peer_got(&p)))
			p.seq = s->ack;
		h.nr_segs = p.since = 0;
	}
	skiff_getsockopt(h.skiff, p.fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, &len);
	assert_true(rcvbuf >= before);
	assert_true(peer_info(&p).tcpi_rcv_space > 14600);
	assert_true(peer_info(&p).tcpi_rcv_rtt > 0);
	hosts_stop(&h);
}

/* ---- urgent ---- */

static void test_urgent(void **state)
{
	struct peer p;
	char c = 0;
	int mark = -1;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(peer_read(&p, &c, 1, MSG_OOB), -EINVAL);
	p.urg = 3;
	peer_send(&p, A | P | U, "abcd", 4);
	assert_true(skiff_events(h.skiff, p.fd) & POLLPRI);
	/* Reading stops in front of it. */
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 2);
	assert_int_equal(skiff_ioctl(h.skiff, p.fd, SIOCATMARK, &mark), 0);
	assert_int_equal(mark, 1);
	assert_int_equal(peer_read(&p, &c, 1, MSG_OOB | MSG_PEEK), 1);
	assert_int_equal(peer_read(&p, &c, 1, MSG_OOB), 1);
	assert_int_equal(c, 'c');
	assert_int_equal(peer_read(&p, &c, 1, MSG_OOB), -EINVAL);
	assert_false(skiff_events(h.skiff, p.fd) & POLLPRI);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 1);
	assert_int_equal(buf[0], 'd');
	hosts_stop(&h);
}

static void test_urgent_inline(void **state)
{
	struct peer p;
	int one = 1;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	skiff_setsockopt(h.skiff, p.fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
	p.urg = 3;
	peer_send(&p, A | P | U, "abcd", 4);
	assert_int_equal(peer_read(&p, buf, 1, MSG_OOB), -EINVAL);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 2);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 2);
	assert_memory_equal(buf, "cd", 2);
	hosts_stop(&h);
}

static void test_send_urgent(void **state)
{
	struct peer p;
	struct seg *s;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(skiff_send(h.skiff, p.fd, "abc", 3, MSG_OOB), 3);
	hosts_settle(&h);
	s = peer_got(&p);
	assert_non_null(s);
	assert_int_equal(s->flags, A | P | U);
	assert_int_equal(s->urg, 3);
	hosts_stop(&h);
}

/* ---- reading ---- */

static void test_peek_off(void **state)
{
	struct peer p;
	int off = 2;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_send(&p, A | P, "abcdef", 6);
	assert_int_equal(
		skiff_setsockopt(h.skiff, p.fd, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off)), 0);
	assert_int_equal(peer_read(&p, buf, 2, MSG_PEEK), 2);
	assert_memory_equal(buf, "cd", 2);
	assert_int_equal(peer_read(&p, buf, 2, MSG_PEEK), 2);
	assert_memory_equal(buf, "ef", 2);
	assert_int_equal(peer_read(&p, buf, 3, 0), 3);
	assert_memory_equal(buf, "abc", 3);
	assert_int_equal(peer_read(&p, buf, 1, MSG_TRUNC), 1);
	assert_int_equal(peer_read(&p, buf, 9, 0), 2);
	hosts_stop(&h);
}

static void test_rcvlowat(void **state)
{
	struct peer p;
	int low = 10;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(
		skiff_setsockopt(h.skiff, p.fd, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low)), 0);
	peer_send(&p, A | P, "abcdef", 6);
	assert_false(skiff_events(h.skiff, p.fd) & POLLIN);
	peer_send(&p, A | P, "abcdef", 6);
	assert_true(skiff_events(h.skiff, p.fd) & POLLIN);
	hosts_stop(&h);
}

static void test_inq(void **state)
{
	char control[64] __attribute__((aligned(8)));
	struct iovec iov = { buf, 2 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct peer p;
	int one = 1, inq;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(skiff_setsockopt(h.skiff, p.fd, SOL_TCP, TCP_INQ, &one, sizeof(one)), 0);
	peer_send(&p, A | P, "abcdef", 6);
	msg.msg_controllen = sizeof(control);
	assert_int_equal(skiff_recvmsg(h.skiff, p.fd, &msg, 0), 2);
	assert_int_equal(c->cmsg_level, SOL_TCP);
	assert_int_equal(c->cmsg_type, TCP_CM_INQ);
	memcpy(&inq, CMSG_DATA_(c), sizeof(inq));
	assert_int_equal(inq, 4);
	assert_int_equal(skiff_ioctl(h.skiff, p.fd, SIOCINQ, &inq), 0);
	assert_int_equal(inq, 4);
	hosts_stop(&h);
}

struct taken {
	char bytes[256];
	size_t n, max;
};

static int64_t take(void *arg, const void *data, size_t len)
{
	struct taken *t = arg;

	if (len > t->max - t->n)
		len = t->max - t->n;
	memcpy(t->bytes + t->n, data, len);
	t->n += len;
	return (int64_t)len;
}

static void test_recv_refs(void **state)
{
	struct taken t = { .max = 7 };
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(skiff_recv_refs(h.skiff, p.fd, 100, take, &t), -EAGAIN);
	peer_send(&p, A | P, "abcdef", 6);
	peer_send(&p, A | P, "ghij", 4);
	assert_int_equal(skiff_recv_refs(h.skiff, p.fd, 100, take, &t), 7);
	assert_memory_equal(t.bytes, "abcdefg", 7);
	t.max = 100;
	assert_int_equal(skiff_recv_refs(h.skiff, p.fd, 100, take, &t), 3);
	assert_memory_equal(t.bytes, "abcdefghij", 10);
	peer_send(&p, A | F, NULL, 0);
	assert_int_equal(skiff_recv_refs(h.skiff, p.fd, 100, take, &t), 0);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_sequence),
		cmocka_unit_test(test_out_of_order),
		cmocka_unit_test(test_sack_blocks_full),
		cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_old_data),
		cmocka_unit_test(test_fin_out_of_order),
		cmocka_unit_test(test_paws),
		cmocka_unit_test(test_rst_in_window),
		cmocka_unit_test(test_rst_at_sack),
		cmocka_unit_test(test_syn_in_connection),
		cmocka_unit_test(test_outside_window),
		cmocka_unit_test(test_delayed_ack),
		cmocka_unit_test(test_quickack_option),
		cmocka_unit_test(test_zero_window),
		cmocka_unit_test(test_autotuning),
		cmocka_unit_test(test_urgent),
		cmocka_unit_test(test_urgent_inline),
		cmocka_unit_test(test_send_urgent),
		cmocka_unit_test(test_peek_off),
		cmocka_unit_test(test_rcvlowat),
		cmocka_unit_test(test_inq),
		cmocka_unit_test(test_recv_refs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
