// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/memory_test.c - little memory: full receive buffers are tightened and pruned, tcp_mem bounds what all connections hold. */
#include "tests/tcp/peer.h"

static struct hosts h;
static char buf[1 << 16];
static char bytes[1 << 16];

static u64 counter(const char *name)
{
	return hosts_counter(&h, 0, name);
}

static struct peer small_buffer(int size)
{
	struct peer p;

	hosts_start(&h, 1);
	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 % 251);
	p = peer_init(&h, 80);
	p.listener = hosts_listen(&h, 0, 80, 8);
	skiff_setsockopt(h.skiff, p.listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	peer_syn(&p);
	peer_send(&p, A, NULL, 0);
	p.fd = hosts_accept(&h, p.listener);
	assert_true(p.fd >= 0);
	return p;
}

static void send_again(struct peer *p, u32 len)
{
	for (u32 at = 0; at < len; at += 500) {
		peer_at(p, A, 1 + at, bytes + at, min_t(u32, 500, len - at));
		hosts_run(&h, 1);
	}
}

/* Adjoining packets that came in reverse order waste their memory: copied together they fit. */
static void test_collapse(void **state)
{
	struct peer p = small_buffer(8192);

	for (u32 at = 6200; at >= 200; at -= 200)
		peer_at(&p, A, 1 + at, bytes + at, 200);
	assert_true(counter("TcpExt.PruneCalled") > 0);
	assert_true(counter("TcpExt.TCPRcvCollapsed") > 0);
	peer_at(&p, A, 1, bytes, 200);
	hosts_run(&h, 1);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 6400);
	assert_memory_equal(buf, bytes, 6400);
	hosts_stop(&h);
}

/* Small packets with holes between them: those at the far end go, and with them their SACKs. */
static void test_prune(void **state)
{
	struct peer p = small_buffer(4096);
	struct seg *s;
	u32 block[4][2], got = 0;

	for (u32 at = 3000; at >= 100; at -= 100)
		peer_at(&p, A, 1 + at, bytes + at, 50);
	assert_true(counter("TcpExt.OfoPruned") > 0);
	/* What is still told of is there. */
	while ((s = peer_got(&p)))
		got = peer_sack(s, block);
	assert_true(got <= 3);
	send_again(&p, 2000);
	assert_int_equal(peer_read(&p, buf, 2000, 0), 2000);
	assert_memory_equal(buf, bytes, 2000);
	hosts_stop(&h);
}

/* Beyond the first limit of tcp_mem there is pressure, beyond the last one data are refused. */
static void test_tcp_mem(void **state)
{
	struct peer p;
	int64_t n, total = 0;
	int size = 1 << 20;

	hosts_start(&h, 1);
	hosts_sysctl(&h, 0, "net.ipv4.tcp_mem", "8 12 16");
	p = peer_accepted(&h, 80);
	skiff_setsockopt(h.skiff, p.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	while ((n = skiff_send(h.skiff, p.fd, bytes, 4096, 0)) > 0)
		total += n;
	assert_int_equal(n, -EAGAIN);
	/* Sixteen pages, and tcp_wmem[0] that everybody may have. */
	assert_in_range(total, 4096, 24 * 4096);
	assert_true(counter("TcpExt.TCPMemoryPressures") > 0);
	/* The window is small under pressure. */
	assert_true(peer_info(&p).tcpi_rcv_ssthresh <= 65535);
	/* Acknowledged: all can be had again. */
	for (int i = 0; i < 60; i++) {
		struct seg *s;

		while ((s = peer_got(&p)))
			p.ack = s->seq + s->len > p.ack ? s->seq + s->len : p.ack;
		peer_send(&p, A, NULL, 0);
		hosts_run(&h, 5);
	}
	assert_int_equal(peer_info(&p).tcpi_unacked, 0);
	assert_true(skiff_send(h.skiff, p.fd, bytes, 4096, 0) > 0);
	hosts_stop(&h);
}

/* Orphans beyond tcp_max_orphans are reset. */
static void test_orphans(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	hosts_sysctl(&h, 0, "net.ipv4.tcp_max_orphans", "0");
	p = peer_accepted(&h, 80);
	skiff_close(h.skiff, p.fd);
	peer_expect(&p, F | A, 1, 0, 1);
	peer_expect(&p, R | A, 2, 0, 1);
	assert_int_equal(counter("TcpExt.TCPAbortOnMemory"), 1);
	hosts_stop(&h);
}

/* Window scaling: both ends say it, or neither does. */
static void test_window_scaling(void **state)
{
	struct peer p;
	struct seg *s;

	hosts_start(&h, 1);
	p = peer_init(&h, 80);
	p.listener = hosts_listen(&h, 0, 80, 8);
	peer_syn_options(&p, true, true);
	peer_send(&p, S, NULL, 0);
	s = peer_got(&p);
	p.isn = h.seg[p.since - 1].seq;
	assert_int_equal(s->wscale, 10);
	p.ack = 1;
	p.window = 500;
	peer_send(&p, A, NULL, 0);
	p.fd = hosts_accept(&h, p.listener);
	assert_int_equal(peer_info(&p).tcpi_snd_wscale, 7);
	assert_int_equal(peer_info(&p).tcpi_rcv_wscale, 10);
	assert_int_equal(peer_info(&p).tcpi_snd_wnd, 500 << 7);
	peer_send(&p, A | P, "x", 1);
	s = peer_expect(&p, A, 1, 0, 2);
	assert_in_range((u32)s->window << 10, 60000, 66000);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_collapse),       cmocka_unit_test(test_prune),
		cmocka_unit_test(test_tcp_mem),	       cmocka_unit_test(test_orphans),
		cmocka_unit_test(test_window_scaling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
