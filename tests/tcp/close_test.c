// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/close_test.c - the ways a connection ends: states and segments of close, shutdown, linger, resets, orphans, disconnect. */
#include "skiff/explain.h"
#include "tests/tcp/peer.h"

static struct hosts h;
static char buf[1 << 14];

static u64 counter(const char *name)
{
	return hosts_counter(&h, 0, name);
}

static int state_of(const struct peer *p)
{
	return peer_info(p).tcpi_state;
}

/* We close first; then the peer. */
static void test_active_close(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(skiff_shutdown(h.skiff, p.fd, SHUT_WR), 0);
	peer_expect(&p, F | A, 1, 0, 1);
	assert_int_equal(state_of(&p), TCP_FIN_WAIT1);
	assert_int_equal(skiff_send(h.skiff, p.fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	p.ack = 2;
	peer_send(&p, A, NULL, 0);
	assert_int_equal(state_of(&p), TCP_FIN_WAIT2);
	/* The other direction is still open. */
	peer_send(&p, A | P, "hello", 5);
	peer_expect(&p, A, 2, 0, 6);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 5);
	peer_send(&p, F | A, NULL, 0);
	peer_expect(&p, A, 2, 0, 7);
	assert_true(skiff_events(h.skiff, p.fd) & POLLHUP);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 0);
	assert_int_equal(skiff_close(h.skiff, p.fd), 0);
	hosts_stop(&h);
}

/* The peer closes first. */
static void test_passive_close(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_send(&p, F | A, NULL, 0);
	hosts_run(&h, 2);
	peer_expect(&p, A, 1, 0, 2);
	assert_int_equal(state_of(&p), TCP_CLOSE_WAIT);
	assert_int_equal(skiff_events(h.skiff, p.fd) & (POLLIN | POLLRDHUP | POLLHUP),
			 POLLIN | POLLRDHUP);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 0);
	assert_int_equal(skiff_send(h.skiff, p.fd, "bye", 3, 0), 3);
	peer_expect(&p, A | P, 1, 3, 2);
	p.ack = 4;
	peer_send(&p, A, NULL, 0);
	assert_int_equal(skiff_close(h.skiff, p.fd), 0);
	peer_expect(&p, F | A, 4, 0, 2);
	p.ack = 5;
	peer_send(&p, A, NULL, 0);
	/* Gone: what comes now is answered by a reset. */
	peer_send(&p, A, NULL, 0);
	peer_expect(&p, R, 5, 0, 0);
	hosts_stop(&h);
}

static void test_simultaneous_close(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	skiff_shutdown(h.skiff, p.fd, SHUT_WR);
	peer_expect(&p, F | A, 1, 0, 1);
	peer_send(&p, F | A, NULL, 0);
	peer_expect(&p, A, 2, 0, 2);
	assert_int_equal(state_of(&p), TCP_CLOSING);
	p.ack = 2;
	peer_send(&p, A, NULL, 0);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 0);
	assert_int_equal(hosts_counter(&h, 0, "Tcp.CurrEstab"), 0);
	hosts_stop(&h);
}

/* Data that nobody read: RFC 2525 2.17. */
static void test_unread_data(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_send(&p, A | P, "hello", 5);
	peer_expect(&p, A, 1, 0, 6);
	skiff_close(h.skiff, p.fd);
	peer_expect(&p, R | A, 1, 0, 6);
	assert_int_equal(counter("TcpExt.TCPAbortOnClose"), 1);
	hosts_stop(&h);
}

static void test_linger_zero(void **state)
{
	struct linger l = { 1, 0 };
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	skiff_setsockopt(h.skiff, p.fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	skiff_close(h.skiff, p.fd);
	peer_expect(&p, R | A, 1, 0, 1);
	assert_int_equal(counter("TcpExt.TCPAbortOnData"), 1);
	hosts_stop(&h);
}

/* Data after close: nobody will read them. */
static void test_data_after_close(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	skiff_close(h.skiff, p.fd);
	peer_expect(&p, F | A, 1, 0, 1);
	peer_send(&p, A | P, "hello", 5);
	peer_expect(&p, R, 1, 0, 0);
	assert_int_equal(counter("TcpExt.TCPAbortOnData"), 1);
	hosts_stop(&h);
}

/* An orphan in FIN_WAIT_2 is given up after tcp_fin_timeout. */
static void test_orphan_fin_wait2(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	skiff_close(h.skiff, p.fd);
	peer_expect(&p, F | A, 1, 0, 1);
	p.ack = 2;
	peer_send(&p, A, NULL, 0);
	hosts_run(&h, 50000);
	peer_silence(&p);
	hosts_run(&h, 20000);
	peer_send(&p, F | A, NULL, 0);
	peer_expect(&p, R, 2, 0, 0);
	hosts_stop(&h);
}

static void test_linger2_negative(void **state)
{
	struct peer p;
	int v = -1;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	skiff_setsockopt(h.skiff, p.fd, SOL_TCP, TCP_LINGER2, &v, sizeof(v));
	skiff_shutdown(h.skiff, p.fd, SHUT_WR);
	peer_expect(&p, F | A, 1, 0, 1);
	p.ack = 2;
	peer_send(&p, A, NULL, 0);
	skiff_close(h.skiff, p.fd);
	peer_expect(&p, R | A, 2, 0, 1);
	assert_int_equal(counter("TcpExt.TCPAbortOnLinger"), 1);
	hosts_stop(&h);
}

static void test_reset_by_peer(void **state)
{
	struct peer p;
	int err = 0;
	u32 len = sizeof(err);

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_send(&p, A | P, "hello", 5);
	peer_send(&p, R, NULL, 0);
	assert_int_equal(skiff_events(h.skiff, p.fd) & (POLLERR | POLLHUP | POLLIN),
			 POLLERR | POLLHUP | POLLIN);
	/* What came before the reset can be read. */
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 5);
	assert_int_equal(skiff_getsockopt(h.skiff, p.fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	assert_int_equal(err, ECONNRESET);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 0);
	assert_int_equal(skiff_send(h.skiff, p.fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	hosts_stop(&h);
}

/* In CLOSE_WAIT a reset is EPIPE. */
static void test_reset_in_close_wait(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	peer_send(&p, F | A, NULL, 0);
	hosts_run(&h, 2);
	peer_expect(&p, A, 1, 0, 2);
	peer_send(&p, R, NULL, 0);
	assert_int_equal(skiff_send(h.skiff, p.fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	hosts_stop(&h);
}

/* connect(AF_UNSPEC): a reset, and the socket can be used again. */
static void test_disconnect(void **state)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	struct peer p;
	int l;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(skiff_connect(h.skiff, p.fd, &unspec, sizeof(unspec)), 0);
	peer_expect(&p, R | A, 1, 0, 1);
	assert_int_equal(state_of(&p), TCP_CLOSE);
	l = hosts_listen(&h, 1, 81, 4);
	assert_int_equal(hosts_try_connect(&h, p.fd, HOST_IP(1), 81), -EINPROGRESS);
	hosts_run(&h, 10);
	assert_int_equal(state_of(&p), TCP_ESTABLISHED);
	assert_true(hosts_accept(&h, l) >= 0);
	hosts_stop(&h);
}

/* shutdown(SHUT_RD) is for the reader only. */
static void test_shutdown_read(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_accepted(&h, 80);
	assert_int_equal(skiff_shutdown(h.skiff, p.fd, SHUT_RD), 0);
	peer_silence(&p);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 0);
	peer_send(&p, A | P, "hello", 5);
	peer_expect(&p, A, 1, 0, 6);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 5);
	assert_int_equal(peer_read(&p, buf, sizeof(buf), 0), 0);
	hosts_stop(&h);
}

/* Every change of state is told to a recorder. */
static void test_states_recorded(void **state)
{
	static const char *const names[] = { "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2" };
	struct skiff_recorder *rec;
	struct peer p;
	const char *at;

	hosts_start(&h, 1);
	rec = skiff_recorder_start(h.skiff);
	assert_non_null(rec);
	p = peer_accepted(&h, 80);
	skiff_shutdown(h.skiff, p.fd, SHUT_WR);
	peer_expect(&p, F | A, 1, 0, 1);
	p.ack = 2;
	peer_send(&p, A, NULL, 0);
	peer_send(&p, F | A, NULL, 0);
	assert_int_equal(skiff_recorder_connections(rec), 1);
	assert_true(skiff_connection_over(rec, 0));
	skiff_connection_json(rec, 0, buf, sizeof(buf));
	at = buf;
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		at = strstr(at, names[i]);
		if (!at)
			fail_msg("%s does not come in its turn: %s", names[i], buf);
	}
	skiff_recorder_stop(rec);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_active_close),
		cmocka_unit_test(test_passive_close),
		cmocka_unit_test(test_simultaneous_close),
		cmocka_unit_test(test_unread_data),
		cmocka_unit_test(test_linger_zero),
		cmocka_unit_test(test_data_after_close),
		cmocka_unit_test(test_orphan_fin_wait2),
		cmocka_unit_test(test_linger2_negative),
		cmocka_unit_test(test_reset_by_peer),
		cmocka_unit_test(test_reset_in_close_wait),
		cmocka_unit_test(test_states_recorded),
		cmocka_unit_test(test_disconnect),
		cmocka_unit_test(test_shutdown_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
