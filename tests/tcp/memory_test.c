// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/memory_test.c - little memory: full receive buffers are tightened and pruned, tcp_mem bounds what all connections hold. */
#include "net/socket_internal.h"
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

static struct tcp_sock *sock_of(int fd)
{
	int err;

	return tcp_sk(fd_sock(h.skiff, fd, &err)->sk);
}

static int user_timeout(int fd)
{
	uint32_t len = sizeof(int);
	int v = -1;

	skiff_getsockopt(h.skiff, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &v, &len);
	return v;
}

static int set_user_timeout(int fd, int v)
{
	return skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &v, sizeof(v));
}

/* An ordinary connection has nothing beside its sock; what is set on a listener its children have as their own. */
static void test_parts(void **state)
{
	struct peer p = small_buffer(65536), q;
	const struct tcp_sock *tp = sock_of(p.fd);

	assert_true(sizeof(*tp) <= 896);
	peer_send(&p, A | P, bytes, 100);
	assert_int_equal(peer_read(&p, buf, 100, 0), 100);
	assert_int_equal(skiff_send(h.skiff, p.fd, bytes, 100, 0), 100);
	p.ack += 100;
	peer_send(&p, A, NULL, 0);
	assert_null(tp->loss);
	assert_null(tp->inet_conn.icsk_rare);
	assert_int_equal(user_timeout(p.fd), 0);
	peer_at(&p, A, 301, bytes, 100);
	assert_non_null(tp->loss);
	assert_null(tp->inet_conn.icsk_rare);

	assert_int_equal(set_user_timeout(p.listener, 5000), 0);
	q = peer_init(&h, 80);
	q.sport = 5001;
	peer_syn(&q);
	peer_send(&q, A, NULL, 0);
	q.fd = hosts_accept(&h, p.listener);
	assert_int_equal(user_timeout(q.fd), 5000);
	assert_int_equal(set_user_timeout(q.fd, 7000), 0);
	assert_int_equal(user_timeout(p.listener), 5000);
	assert_int_equal(user_timeout(q.fd), 7000);
	assert_int_equal(user_timeout(p.fd), 0);
	hosts_stop(&h);
}

/* Without memory for them: a setting is refused, what is out of order is dropped, and a loss is recovered from all the same. */
static void test_no_parts(void **state)
{
	struct peer p = small_buffer(65536);
	const struct tcp_sock *tp = sock_of(p.fd);
	u32 sack[3];
	struct seg *s;

	hosts_fail_after = 0;
	assert_int_equal(set_user_timeout(p.fd, 5000), -ENOMEM);
	hosts_fail_after = -1;
	assert_int_equal(user_timeout(p.fd), 0);

	peer_put(&p, A, 101, p.ack, bytes + 100, 100);
	hosts_fail_after = 0;
	hosts_settle(&h);
	hosts_fail_after = -1;
	assert_null(tp->loss);
	assert_int_equal(counter("TcpExt.TCPOFODrop"), 1);
	peer_at(&p, A, 1, bytes, 200);
	assert_int_equal(peer_read(&p, buf, 200, 0), 200);
	assert_memory_equal(buf, bytes, 200);

	p.seq = 201;
	assert_int_equal(skiff_send(h.skiff, p.fd, bytes, 6000, 0), 6000);
	hosts_settle(&h);
	sack[0] = htonl(0x0101050a);
	sack[1] = htonl(p.isn + 2001);
	sack[2] = htonl(p.isn + 6001);
	memcpy(p.opt, sack, sizeof(sack));
	p.optlen = sizeof(sack);
	peer_put(&p, A, p.seq, p.ack, NULL, 0);
	hosts_fail_after = 0;
	hosts_settle(&h);
	hosts_run(&h, 100);
	assert_null(tp->loss);
	assert_true(tp->lost_out > 0);
	assert_true(tp->snd_cwnd < 10);
	hosts_fail_after = -1;
	hosts_run(&h, 2000);
	while ((s = peer_got(&p)))
		;
	assert_non_null(tp->loss);
	assert_true(tp->loss->total_retrans >= 1);
	p.ack = 6001;
	peer_send(&p, A, NULL, 0);
	assert_int_equal(peer_info(&p).tcpi_unacked, 0);
	assert_int_equal(peer_info(&p).tcpi_ca_state, TCP_CA_Open);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_collapse),       cmocka_unit_test(test_prune),
		cmocka_unit_test(test_tcp_mem),	       cmocka_unit_test(test_orphans),
		cmocka_unit_test(test_window_scaling), cmocka_unit_test(test_parts),
		cmocka_unit_test(test_no_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
