// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/calls_test.c - the user's side: writing, MSG_MORE, EOR, zero-copy both ways, options, TCP_INFO, TCP_REPAIR, TCP_ZEROCOPY_RECEIVE. */
#include "tests/tcp/peer.h"

static struct hosts h;
static char buf[1 << 17];
static char zeroes[1 << 17];

static int set(int fd, int name, int v)
{
	return skiff_setsockopt(h.skiff, fd, SOL_TCP, name, &v, sizeof(v));
}

static int get(int fd, int name)
{
	int v = -1;
	u32 len = sizeof(v);
	int err = skiff_getsockopt(h.skiff, fd, SOL_TCP, name, &v, &len);

	return err ? err : v;
}

static u32 collect(struct peer *p)
{
	u32 n = 0;
	struct seg *s;

	while ((s = peer_got(p))) {
		n += s->len;
		p->ack = s->seq + s->len + !!(s->flags & F);
	}
	return n;
}

/* ---- writing ---- */

static void test_write(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(skiff_send(h.skiff, p.fd, "hello", 5, 0), 5);
	peer_expect(&p, A | P, 1, 5, 1);
	/* Nagle: a small one waits for the ACK. */
	assert_int_equal(skiff_send(h.skiff, p.fd, "world", 5, 0), 5);
	peer_silence(&p);
	p.ack = 6;
	peer_send(&p, A, NULL, 0);
	peer_expect(&p, A | P, 6, 5, 1);
	p.ack = 11;
	peer_send(&p, A, NULL, 0);
	/* A large one in segments of the MSS, PSH in the last. */
	assert_int_equal(skiff_send(h.skiff, p.fd, zeroes, 3000, 0), 3000);
	peer_expect(&p, A, 11, 988, 1);
	peer_expect(&p, A, 999, 988, 1);
	peer_expect(&p, A, 1987, 988, 1);
	/* The tail is small, but no other small one is under way. */
	peer_expect(&p, A | P, 2975, 36, 1);
	assert_int_equal(skiff_send(h.skiff, p.fd, "x", 1, 0), 1);
	peer_silence(&p);
	p.ack = 3011;
	peer_send(&p, A, NULL, 0);
	peer_expect(&p, A | P, 3011, 1, 1);
	hosts_stop(&h);
}

static void test_send_buffer_full(void **state)
{
	struct peer p;
	int64_t n, total = 0;
	int size = 20000, out;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	skiff_setsockopt(h.skiff, p.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	while ((n = skiff_send(h.skiff, p.fd, zeroes, 10000, 0)) > 0)
		total += n;
	assert_int_equal(n, -EAGAIN);
	assert_in_range(total, 20000, 80000);
	assert_false(skiff_events(h.skiff, p.fd) & POLLOUT);
	assert_int_equal(skiff_ioctl(h.skiff, p.fd, SIOCOUTQ, &out), 0);
	assert_int_equal(out, total);
	for (int i = 0; i < 40 && out; i++) {
		collect(&p);
		peer_send(&p, A, NULL, 0);
		hosts_run(&h, 10);
		skiff_ioctl(h.skiff, p.fd, SIOCOUTQ, &out);
	}
	assert_int_equal(out, 0);
	assert_true(skiff_events(h.skiff, p.fd) & POLLOUT);
	hosts_stop(&h);
}

static void count_room(void *arg, int fd, unsigned events)
{
	++*(int *)arg;
}

/* Who found no room is told once, when a third of the buffer is free; nobody else is. */
static void test_told_of_room(void **state)
{
	struct peer p;
	int size = 20000, told = 0;
	u32 first;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	skiff_setsockopt(h.skiff, p.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	assert_int_equal(skiff_watch(h.skiff, p.fd, POLLOUT, count_room, &told), 0);
	while (skiff_send(h.skiff, p.fd, zeroes, 10000, 0) > 0)
		;
	hosts_run(&h, 10);
	told = 0;
	first = p.ack;
	collect(&p);
	p.ack = first + 988;
	peer_send(&p, A, NULL, 0);
	assert_int_equal(told, 0);
	for (int i = 0; i < 40; i++) {
		collect(&p);
		peer_send(&p, A, NULL, 0);
		hosts_run(&h, 10);
	}
	assert_int_equal(told, 1);
	assert_int_equal(skiff_send(h.skiff, p.fd, "x", 1, 0), 1);
	collect(&p);
	peer_send(&p, A, NULL, 0);
	assert_int_equal(told, 1);
	hosts_stop(&h);
}

static void test_cork_and_more(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(skiff_send(h.skiff, p.fd, "abc", 3, MSG_MORE), 3);
	peer_silence(&p);
	assert_int_equal(skiff_send(h.skiff, p.fd, "def", 3, 0), 3);
	peer_expect(&p, A | P, 1, 6, 1);
	p.ack = 7;
	peer_send(&p, A, NULL, 0);
	assert_int_equal(set(p.fd, TCP_CORK, 1), 0);
	assert_int_equal(skiff_send(h.skiff, p.fd, "ghi", 3, 0), 3);
	peer_silence(&p);
	assert_int_equal(set(p.fd, TCP_CORK, 0), 0);
	peer_expect(&p, A | P, 7, 3, 1);
	/* With TCP_NODELAY nothing waits. */
	assert_int_equal(set(p.fd, TCP_NODELAY, 1), 0);
	assert_int_equal(skiff_send(h.skiff, p.fd, "j", 1, 0), 1);
	peer_expect(&p, A | P, 10, 1, 1);
	hosts_stop(&h);
}

/* MSG_EOR: what follows is never in the same segment. */
static void test_eor(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(set(p.fd, TCP_CORK, 1), 0);
	assert_int_equal(skiff_send(h.skiff, p.fd, "abc", 3, MSG_EOR), 3);
	assert_int_equal(skiff_send(h.skiff, p.fd, "def", 3, 0), 3);
	assert_int_equal(set(p.fd, TCP_NODELAY, 1), 0);
	assert_int_equal(set(p.fd, TCP_CORK, 0), 0);
	hosts_settle(&h);
	peer_expect(&p, A | P, 1, 3, 1);
	peer_expect(&p, A | P, 4, 3, 1);
	hosts_stop(&h);
}

static void test_send_buf(void **state)
{
	size_t len = 3000;
	struct peer p;
	char *b;
	int err;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	b = skiff_send_buf(h.skiff, p.fd, &len, &err);
	assert_non_null(b);
	assert_true(len > 0 && len <= 3000);
	memset(b, 'z', len);
	assert_int_equal(skiff_send_commit(h.skiff, p.fd, 5, 0), 5);
	peer_expect(&p, A | P, 1, 5, 1);
	p.ack = 6;
	peer_send(&p, A, NULL, 0);
	assert_int_equal(skiff_send_commit(h.skiff, p.fd, 1 << 20, 0), -EINVAL);
	skiff_shutdown(h.skiff, p.fd, SHUT_WR);
	len = 10;
	assert_null(skiff_send_buf(h.skiff, p.fd, &len, &err));
	assert_int_equal(err, -EPIPE);
	hosts_stop(&h);
}

/* ---- MSG_ZEROCOPY ---- */

static void expect_completion(struct peer *p, u32 lo, u32 hi)
{
	char control[128] __attribute__((aligned(8)));
	struct msghdr msg = { .msg_control = control, .msg_controllen = sizeof(control) };
	struct sock_extended_err ee;

	assert_int_equal(skiff_recvmsg(h.skiff, p->fd, &msg, MSG_ERRQUEUE), 0);
	memcpy(&ee, CMSG_DATA_((struct cmsghdr *)control), sizeof(ee));
	assert_int_equal(ee.ee_errno, 0);
	assert_int_equal(ee.ee_origin, SO_EE_ORIGIN_ZEROCOPY);
	assert_int_equal(ee.ee_code, SO_EE_CODE_ZEROCOPY_COPIED);
	assert_int_equal(ee.ee_info, lo);
	assert_int_equal(ee.ee_data, hi);
	assert_int_equal(skiff_recvmsg(h.skiff, p->fd, &msg, MSG_ERRQUEUE), -EAGAIN);
}

static void test_msg_zerocopy(void **state)
{
	struct peer p;
	int one = 1;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(set(p.fd, TCP_NODELAY, 1), 0);
	assert_int_equal(
		skiff_setsockopt(h.skiff, p.fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)), 0);
	assert_int_equal(skiff_send(h.skiff, p.fd, zeroes, 400, MSG_ZEROCOPY), 400);
	assert_int_equal(skiff_send(h.skiff, p.fd, zeroes, 400, MSG_ZEROCOPY), 400);
	assert_int_equal(skiff_send(h.skiff, p.fd, zeroes, 400, MSG_ZEROCOPY), 400);
	assert_false(skiff_events(h.skiff, p.fd) & POLLERR);
	/* Part of the first is not enough. */
	p.ack = 400;
	peer_send(&p, A, NULL, 0);
	assert_false(skiff_events(h.skiff, p.fd) & POLLERR);
	p.ack = 401;
	peer_send(&p, A, NULL, 0);
	assert_true(skiff_events(h.skiff, p.fd) & POLLERR);
	expect_completion(&p, 0, 0);
	/* Two at once are one notification. */
	p.ack = 1201;
	peer_send(&p, A, NULL, 0);
	expect_completion(&p, 1, 2);
	/* What will never be acknowledged is reported, too. */
	assert_int_equal(skiff_send(h.skiff, p.fd, zeroes, 400, MSG_ZEROCOPY), 400);
	peer_send(&p, R, NULL, 0);
	expect_completion(&p, 3, 3);
	hosts_stop(&h);
}

/* ---- options ---- */

/* Name, first value refused below, last one refused above, and a good one with what is read back. */
static const struct option_row {
	int name, low, high, good, back;
} option_rows[] = {
	{ TCP_NODELAY, 0, 0, 5, 1 },
	{ TCP_MAXSEG, 87, 32768, 1000, 1000 },
	{ TCP_CORK, 0, 0, 1, 1 },
	{ TCP_KEEPIDLE, 0, 32768, 10, 10 },
	{ TCP_KEEPINTVL, 0, 32768, 20, 20 },
	{ TCP_KEEPCNT, 0, 128, 3, 3 },
	{ TCP_SYNCNT, 0, 128, 4, 4 },
	{ TCP_LINGER2, 0, 0, 30, 30 },
	{ TCP_LINGER2, 0, 0, 200, 120 },
	{ TCP_LINGER2, 0, 0, -5, -1 },
	{ TCP_DEFER_ACCEPT, 0, 0, 5, 7 },
	{ TCP_WINDOW_CLAMP, 0, 0, 100, 1152 },
	{ TCP_QUICKACK, 0, 0, 0, 0 },
	{ TCP_THIN_LINEAR_TIMEOUTS, -1, 2, 1, 1 },
	{ TCP_THIN_DUPACK, -1, 2, 1, 0 },
	{ TCP_USER_TIMEOUT, -1, 0, 3000, 3000 },
	{ TCP_FASTOPEN, -1, 0, 5, 5 },
	{ TCP_NOTSENT_LOWAT, 0, 0, 4096, 4096 },
	{ TCP_SAVE_SYN, -1, 3, 1, 1 },
	{ TCP_FASTOPEN_CONNECT, -1, 2, 1, 1 },
	{ TCP_FASTOPEN_NO_COOKIE, -1, 2, 1, 1 },
	{ TCP_INQ, -1, 2, 1, 1 },
	{ TCP_RTO_MAX_MS, 999, 120001, 5000, 5000 },
	{ TCP_RTO_MIN_US, 1000, 201000, 10000, 10000 },
	{ TCP_DELACK_MAX_US, 1000, 201000, 10000, 10000 },
};

static void test_options(void **state)
{
	for (u32 i = 0; i < ARRAY_SIZE(option_rows); i++) {
		const struct option_row *r = &option_rows[i];
		int fd;

		hosts_start(&h, 1);
		fd = hosts_socket(&h, 0);
		if (r->low)
			assert_int_equal(set(fd, r->name, r->low), -EINVAL);
		if (r->high)
			assert_int_equal(set(fd, r->name, r->high), -EINVAL);
		assert_int_equal(set(fd, r->name, r->good), 0);
		if (get(fd, r->name) != r->back)
			fail_msg("option %d: %d instead of %d", r->name, get(fd, r->name), r->back);
		hosts_stop(&h);
	}
}

static void test_option_lengths(void **state)
{
	u32 len;
	int fd, v = 1;
	char c = 7;

	hosts_start(&h, 1);
	fd = hosts_socket(&h, 0);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, SOL_TCP, TCP_NODELAY, &v, 3), -EINVAL);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, SOL_TCP, 200, &v, 4), -ENOPROTOOPT);
	len = 1;
	assert_int_equal(skiff_getsockopt(h.skiff, fd, SOL_TCP, TCP_NODELAY, &c, &len), 0);
	assert_int_equal(len, 1);
	assert_int_equal(c, 0);
	len = 8;
	memset(buf, 0xff, 8);
	assert_int_equal(skiff_getsockopt(h.skiff, fd, SOL_TCP, TCP_NODELAY, buf, &len), 0);
	assert_int_equal(len, 4);
	len = 4;
	assert_int_equal(skiff_getsockopt(h.skiff, fd, SOL_TCP, 200, buf, &len), -ENOPROTOOPT);
	len = 20;
	assert_int_equal(skiff_getsockopt(h.skiff, fd, SOL_TCP, TCP_INFO, buf, &len), 0);
	assert_int_equal(len, 20);
	len = 1000;
	assert_int_equal(skiff_getsockopt(h.skiff, fd, SOL_TCP, TCP_INFO, buf, &len), 0);
	assert_int_equal(len, sizeof(struct tcp_info));
	len = 100;
	assert_int_equal(skiff_getsockopt(h.skiff, fd, SOL_TCP, TCP_CONGESTION, buf, &len), 0);
	assert_int_equal(len, 16);
	assert_string_equal(buf, "cubic");
	len = 100;
	assert_int_equal(skiff_getsockopt(h.skiff, fd, SOL_TCP, TCP_ULP, buf, &len), 0);
	assert_int_equal(len, 0);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, SOL_TCP, TCP_CONGESTION, "nosuch", 6),
			 -ENOENT);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, SOL_TCP, TCP_CONGESTION, "reno", 4), 0);
	len = 100;
	skiff_getsockopt(h.skiff, fd, SOL_TCP, TCP_CONGESTION, buf, &len);
	assert_string_equal(buf, "reno");
	hosts_stop(&h);
}

static void test_info(void **state)
{
	struct tcp_info i;
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	hosts_run(&h, 50);
	skiff_send(h.skiff, p.fd, zeroes, 2000, 0);
	i = peer_info(&p);
	assert_int_equal(i.tcpi_state, TCP_ESTABLISHED);
	assert_int_equal(i.tcpi_options & (TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK), 3);
	assert_int_equal(i.tcpi_snd_mss, 988);
	assert_int_equal(i.tcpi_advmss, 1448);
	assert_int_equal(i.tcpi_snd_cwnd, 10);
	assert_int_equal(i.tcpi_unacked, 3);
	assert_int_equal(i.tcpi_notsent_bytes, 0);
	assert_int_equal(i.tcpi_bytes_sent, 2000);
	assert_int_equal(i.tcpi_data_segs_out, 3);
	assert_int_equal(i.tcpi_pmtu, 1500);
	assert_int_equal(i.tcpi_snd_wnd, 60000);
	assert_int_equal(i.tcpi_rcv_space, 14480);
	assert_int_equal(i.tcpi_last_data_sent, 0);
	assert_int_equal(i.tcpi_last_ack_recv, 50);
	hosts_run(&h, 20);
	collect(&p);
	peer_send(&p, A, NULL, 0);
	i = peer_info(&p);
	assert_int_equal(i.tcpi_bytes_acked, 2000);
	assert_true(i.tcpi_rtt > 0);
	assert_true(i.tcpi_busy_time >= 20000);
	assert_in_range(i.tcpi_last_data_sent, 10, 20);
	hosts_stop(&h);
}

/* ---- TCP_ZEROCOPY_RECEIVE ---- */

static void test_zerocopy_receive(void **state)
{
	struct tcp_zerocopy_receive zc = { 0 };
	struct peer p;
	u32 len = sizeof(zc);

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_send(&p, A | P, "hello", 5);
	/* Too little for a page: to be read otherwise. */
	assert_int_equal(skiff_getsockopt(h.skiff, p.fd, SOL_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len),
			 0);
	assert_int_equal(zc.recv_skip_hint, 5);
	assert_int_equal(zc.inq, 5);
	/* Into a buffer of its own. */
	zc = (struct tcp_zerocopy_receive){ .copybuf_address = (u64)(uintptr_t)buf,
					    .copybuf_len = 100 };
	assert_int_equal(skiff_getsockopt(h.skiff, p.fd, SOL_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len),
			 0);
	assert_int_equal(zc.copybuf_len, 5);
	assert_memory_equal(buf, "hello", 5);
	/* More than a page, but memory that is not mapped on the socket. */
	for (int i = 0; i < 5; i++)
		peer_send(&p, A | P, zeroes, 1000);
	zc = (struct tcp_zerocopy_receive){ .address = 4096, .length = 4096 };
	assert_int_equal(skiff_getsockopt(h.skiff, p.fd, SOL_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len),
			 -EINVAL);
	len = 8;
	assert_int_equal(skiff_getsockopt(h.skiff, p.fd, SOL_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len),
			 -EINVAL);
	hosts_stop(&h);
}

/* ---- TCP_REPAIR ---- */

static u32 queue_seq(int fd, int queue)
{
	assert_int_equal(set(fd, TCP_REPAIR_QUEUE, queue), 0);
	return (u32)get(fd, TCP_QUEUE_SEQ);
}

/* A connection moves from one socket to another: the peer notices nothing. */
static void test_repair(void **state)
{
	struct tcp_repair_opt opts[] = { { TCPOPT_MSS, 1000 },
					 { TCPOPT_WINDOW, 0 },
					 { TCPOPT_SACK_PERM, 0 },
					 { TCPOPT_TIMESTAMP, 0 } };
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct tcp_repair_window window;
	u32 snd, rcv, len = sizeof(window), stamp;
	struct peer p;
	int fd, old;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_send(&p, A | P, "hello", 5);
	skiff_send(h.skiff, p.fd, "unacked", 7, 0);
	collect(&p);
	old = p.fd;
	assert_int_equal(set(old, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE), -EPERM);
	assert_int_equal(set(old, TCP_REPAIR, 1), 0);
	snd = queue_seq(old, TCP_SEND_QUEUE);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), -EPERM);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), MSG_PEEK), 7);
	assert_memory_equal(buf, "unacked", 7);
	rcv = queue_seq(old, TCP_RECV_QUEUE);
	assert_int_equal(rcv, PEER_ISN + 6);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), MSG_PEEK), 5);
	assert_int_equal(skiff_getsockopt(h.skiff, old, SOL_TCP, TCP_REPAIR_WINDOW, &window, &len),
			 0);
	stamp = (u32)get(old, TCP_TIMESTAMP);
	skiff_close(h.skiff, old);
	skiff_close(h.skiff, p.listener);
	hosts_run(&h, 5);
	peer_silence(&p);

	fd = hosts_socket(&h, 0);
	assert_int_equal(set(fd, TCP_REPAIR, 1), 0);
	assert_int_equal(queue_seq(fd, TCP_SEND_QUEUE), 0);
	assert_int_equal(set(fd, TCP_QUEUE_SEQ, (int)(snd - 7)), 0);
	assert_int_equal(set(fd, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE), 0);
	assert_int_equal(set(fd, TCP_QUEUE_SEQ, (int)(rcv - 5)), 0);
	assert_int_equal(hosts_bind(&h, fd, HOST_IP(0), 80), 0);
	to.sin_port = htons(p.sport);
	to.sin_addr.s_addr = STRANGER(0);
	assert_int_equal(skiff_connect(h.skiff, fd, (struct sockaddr *)&to, sizeof(to)), 0);
	p.fd = fd;
	assert_int_equal(peer_info(&p).tcpi_state, TCP_ESTABLISHED);
	assert_int_equal(set(fd, TCP_TIMESTAMP, (int)stamp), 0);
	assert_int_equal(
		skiff_setsockopt(h.skiff, fd, SOL_TCP, TCP_REPAIR_OPTIONS, opts, sizeof(opts)), 0);
	assert_int_equal(skiff_send(h.skiff, fd, "hello", 5, 0), 5);
	assert_int_equal(set(fd, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE), 0);
	assert_int_equal(skiff_send(h.skiff, fd, "unacked", 7, 0), 7);
	peer_silence(&p);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, SOL_TCP, TCP_REPAIR_WINDOW, &window,
					  sizeof(window)),
			 0);
	assert_int_equal(set(fd, TCP_REPAIR, 0), 0);
	hosts_settle(&h);
	/* The window probe: one number back. */
	peer_expect(&p, A, 0, 0, 6);
	/* And it goes on in both directions. */
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 5);
	assert_memory_equal(buf, "hello", 5);
	p.ack = 8;
	peer_send(&p, A | P, "more", 4);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 4);
	assert_int_equal(peer_info(&p).tcpi_unacked, 0);
	hosts_stop(&h);
}

static void test_repair_permission(void **state)
{
	struct skiff_socket_policy nobody = { .caps = 0, .uid = 1000, .gid = 1000 };
	int fd;

	hosts_start(&h, 1);
	fd = hosts_socket(&h, 0);
	assert_int_equal(set(fd, TCP_REPAIR, 2), -EINVAL);
	skiff_set_policy((struct skiff_net *)h.net[0], &nobody);
	assert_int_equal(set(fd, TCP_REPAIR, 1), -EPERM);
	assert_int_equal(set(fd, TCP_TIMESTAMP, 1), -EPERM);
	assert_int_equal(set(fd, TCP_QUEUE_SEQ, 1), -EINVAL);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_send_buffer_full),
		cmocka_unit_test(test_told_of_room),
		cmocka_unit_test(test_cork_and_more),
		cmocka_unit_test(test_eor),
		cmocka_unit_test(test_send_buf),
		cmocka_unit_test(test_msg_zerocopy),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_option_lengths),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_zerocopy_receive),
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_repair_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
