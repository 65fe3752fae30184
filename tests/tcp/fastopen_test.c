// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/fastopen_test.c - TCP Fast Open (RFC 7413): asking for a cookie, data in the SYN, wrong cookies, bounds, all listeners at once. */
#include "tests/tcp/hosts.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static struct hosts h;

static int start(u8 seed, const char *server)
{
	int l, qlen = 2;

	hosts_start(&h, seed);
	hosts_sysctl(&h, 0, "net.ipv4.tcp_fastopen", "1");
	hosts_sysctl(&h, 1, "net.ipv4.tcp_fastopen", server);
	l = hosts_listen(&h, 1, 80, 8);
	if (!strcmp(server, "2"))
		assert_int_equal(skiff_setsockopt(h.skiff, l, IPPROTO_TCP, TCP_FASTOPEN, &qlen,
						  sizeof(qlen)),
				 0);
	return l;
}

static s64 send_fast(int fd, const char *text)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(80),
				   .sin_addr = { HOST_IP(1) } };

	return skiff_sendto(h.skiff, fd, text, strlen(text), MSG_FASTOPEN, (struct sockaddr *)&sin,
			    sizeof(sin));
}

/* The fast open option of a segment. Return: its length, 0: none */
static u8 tfo_option(const struct seg *s, const u8 **cookie)
{
	for (u32 i = 0; i + 1 < s->optlen;) {
		if (s->opt[i] <= 1) {
			i++;
			continue;
		}
		*cookie = s->opt + i + 2;
		if (s->opt[i] == TCPOPT_FASTOPEN)
			return s->opt[i + 1];
		i += s->opt[i + 1];
	}
	return 0;
}

/* The first connection, which asks for the cookie. */
static void learn_cookie(int l)
{
	int fd = hosts_socket(&h, 0);
	const u8 *cookie;

	assert_int_equal(send_fast(fd, "first"), -EINPROGRESS);
	hosts_run(&h, 10);
	assert_int_equal(h.seg[0].len, 0);
	assert_int_equal(tfo_option(&h.seg[0], &cookie), 2);
	assert_int_equal(tfo_option(&h.seg[1], &cookie), 10);
	skiff_close(h.skiff, hosts_accept(&h, l));
	skiff_close(h.skiff, fd);
	hosts_run(&h, 100);
	h.nr_segs = 0;
}

static void expect_text(int fd, const char *text)
{
	char buf[64] = "";

	assert_int_equal(skiff_recv(h.skiff, fd, buf, sizeof(buf) - 1, 0), strlen(text));
	assert_string_equal(buf, text);
}

static bool lose_acks_of_a(struct hosts *hh, struct seg *s)
{
	return s->from || s->flags & S;
}

/* Data in the SYN are there, and answered, before the handshake is over. */
static void test_syn_data(void **state)
{
	int l = start(1, "2"), fd, s;

	learn_cookie(l);
	h.filter = lose_acks_of_a;
	fd = hosts_socket(&h, 0);
	assert_int_equal(send_fast(fd, "hello"), 5);
	hosts_run(&h, 10);
	assert_int_equal(h.seg[0].flags & S, S);
	assert_int_equal(h.seg[0].len, 5);
	assert_int_equal(h.seg[1].ack, h.seg[0].seq + 6);
	s = hosts_accept(&h, l);
	assert_true(s >= 0);
	expect_text(s, "hello");
	assert_int_equal(skiff_send(h.skiff, s, "there", 5, 0), 5);
	hosts_run(&h, 10);
	expect_text(fd, "there");
	h.filter = NULL;
	hosts_run(&h, 3000);
	assert_int_equal(skiff_send(h.skiff, fd, "more", 4, 0), 4);
	hosts_run(&h, 100);
	expect_text(s, "more");
	assert_int_equal(hosts_counter(&h, 0, "TcpExt.TCPFastOpenActive"), 1);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPFastOpenPassive"), 1);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPFastOpenCookieReqd"), 1);
	skiff_close(h.skiff, fd);
	skiff_close(h.skiff, s);
	hosts_run(&h, 100);
	hosts_stop(&h);
}

/* The server has a new key: the data go again after an ordinary handshake, with the new cookie learned. */
static void test_wrong_cookie(void **state)
{
	int l = start(2, "2"), fd, s;

	learn_cookie(l);
	hosts_sysctl(&h, 1, "net.ipv4.tcp_fastopen_key", "00000001-00000002-00000003-00000004");
	fd = hosts_socket(&h, 0);
	assert_int_equal(send_fast(fd, "hello"), 5);
	hosts_run(&h, 20);
	assert_int_equal(h.seg[1].ack, h.seg[0].seq + 1);
	s = hosts_accept(&h, l);
	expect_text(s, "hello");
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPFastOpenPassiveFail"), 1);
	assert_int_equal(hosts_counter(&h, 0, "TcpExt.TCPFastOpenActiveFail"), 1);
	h.nr_segs = 0;
	fd = hosts_socket(&h, 0);
	assert_int_equal(send_fast(fd, "again"), 5);
	hosts_run(&h, 10);
	assert_int_equal(h.seg[1].ack, h.seg[0].seq + 6);
	hosts_stop(&h);
}

/* connect() that waits for the data: TCP_FASTOPEN_CONNECT */
static void test_connect_option(void **state)
{
	int l = start(3, "2"), fd, one = 1, s;

	learn_cookie(l);
	fd = hosts_socket(&h, 0);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one,
					  sizeof(one)),
			 0);
	assert_int_equal(hosts_try_connect(&h, fd, HOST_IP(1), 80), 0);
	hosts_run(&h, 10);
	assert_int_equal(h.nr_segs, 0);
	assert_int_equal(skiff_send(h.skiff, fd, "late", 4, 0), 4);
	hosts_run(&h, 10);
	assert_int_equal(h.seg[0].len, 4);
	s = hosts_accept(&h, l);
	expect_text(s, "late");
	hosts_stop(&h);
}

/* No more than the queue holds wait for their ACK. */
static void test_bounded(void **state)
{
	int l = start(4, "2");

	learn_cookie(l);
	h.filter = lose_acks_of_a;
	for (int i = 0; i < 3; i++)
		assert_int_equal(send_fast(hosts_socket(&h, 0), "hello"), 5);
	hosts_run(&h, 10);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPFastOpenPassive"), 2);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPFastOpenListenOverflow"), 1);
	skiff_close(h.skiff, l);
	hosts_run(&h, 100);
	hosts_stop(&h);
}

/* tcp_fastopen 0x402: every listener, without the option; 0x202: without cookies. */
static void test_every_listener(void **state)
{
	int l = start(5, "1538"), fd, s; /* 0x602 */

	/* No cookie is asked for or given, and the data count. */
	hosts_sysctl(&h, 0, "net.ipv4.tcp_fastopen", "5");
	fd = hosts_socket(&h, 0);
	assert_int_equal(send_fast(fd, "hello"), 5);
	hosts_run(&h, 10);
	assert_int_equal(h.seg[0].len, 5);
	s = hosts_accept(&h, l);
	expect_text(s, "hello");
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syn_data),       cmocka_unit_test(test_wrong_cookie),
		cmocka_unit_test(test_connect_option), cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_every_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
