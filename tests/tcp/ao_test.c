// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/ao_test.c - TCP-AO (RFC 5925) between two hosts: both codes, other keys on the way, refusals, options; a segment of RFC 9235. */
#include "tests/tcp/hosts.h"

static struct hosts h;

static struct tcp_ao_add key_for(__be32 peer, u8 prefix, const char *alg, const char *key, u8 sndid,
				 u8 rcvid)
{
	struct tcp_ao_add add = {
		.prefix = prefix, .sndid = sndid, .rcvid = rcvid, .keylen = (u8)strlen(key)
	};
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = { peer } };

	memcpy(&add.addr, &sin, sizeof(sin));
	strcpy(add.alg_name, alg);
	memcpy(add.key, key, strlen(key));
	return add;
}

static int add_key(int fd, const struct tcp_ao_add *add)
{
	return skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_AO_ADD_KEY, add, sizeof(*add));
}

static void give_key(int fd, __be32 peer, const char *alg, const char *key, u8 sndid, u8 rcvid)
{
	struct tcp_ao_add add = key_for(peer, 32, alg, key, sndid, rcvid);

	assert_int_equal(add_key(fd, &add), 0);
}

/* The AO option of a segment, NULL: none */
static const u8 *ao_of(const struct seg *s)
{
	for (u32 i = 0; i + 1 < s->optlen;) {
		if (s->opt[i] <= 1) {
			i++;
			continue;
		}
		if (s->opt[i] == TCPOPT_AO)
			return s->opt + i;
		i += s->opt[i + 1];
	}
	return NULL;
}

static void talk(int from, int to)
{
	static char data[5000], back[5000];

	assert_int_equal(skiff_send(h.skiff, from, data, sizeof(data), 0), sizeof(data));
	hosts_run(&h, 200);
	assert_int_equal(skiff_recv(h.skiff, to, back, sizeof(back), 0), sizeof(back));
}

static void session(const char *alg, const char *key)
{
	int l, c, s;

	hosts_start(&h, 1);
	l = hosts_listen(&h, 1, 80, 8);
	give_key(l, HOST_IP(0), alg, key, 7, 9);
	c = hosts_socket(&h, 0);
	give_key(c, HOST_IP(1), alg, key, 9, 7);
	assert_int_equal(hosts_try_connect(&h, c, HOST_IP(1), 80), -EINPROGRESS);
	hosts_run(&h, 10);
	s = hosts_accept(&h, l);
	assert_true(s >= 0);
	talk(c, s);
	talk(s, c);
	skiff_close(h.skiff, c);
	hosts_run(&h, 10);
	skiff_close(h.skiff, s);
	hosts_run(&h, 100);
	assert_int_equal(h.seg[h.nr_segs - 1].from, 0);
	assert_int_equal(h.net[0]->ipv4.tcp_death_row->count, 1);
	for (u32 i = 0; i < h.nr_segs; i++) {
		const u8 *ao = ao_of(&h.seg[i]);

		assert_non_null(ao);
		assert_int_equal(ao[1], 16);
		assert_int_equal(ao[2], h.seg[i].from ? 7 : 9);
		assert_int_equal(ao[3], h.seg[i].from ? 9 : 7);
	}
	assert_in_range(hosts_counter(&h, 1, "TcpExt.TCPAOGood"), 10, 15);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAOBad"), 0);
	hosts_stop(&h);
}

static void test_session(void **state)
{
	session("hmac(sha1)", "a master key");
	session("cmac(aes128)", "sixteen bytes ok");
	session("cmac(aes128)", "of another length");
}

/* The server asks for its second key; the client follows, and asks for its own second one. */
static void test_rollover(void **state)
{
	struct tcp_ao_info_opt info = { .set_rnext = 1, .rnext = 12 };
	u32 len = sizeof(info);
	int l, c, s;

	hosts_start(&h, 2);
	l = hosts_listen(&h, 1, 80, 8);
	give_key(l, HOST_IP(0), "hmac(sha1)", "first", 1, 2);
	give_key(l, HOST_IP(0), "cmac(aes128)", "second", 11, 12);
	c = hosts_socket(&h, 0);
	give_key(c, HOST_IP(1), "cmac(aes128)", "second", 12, 11);
	give_key(c, HOST_IP(1), "hmac(sha1)", "first", 2, 1);
	assert_int_equal(hosts_try_connect(&h, c, HOST_IP(1), 80), -EINPROGRESS);
	hosts_run(&h, 10);
	s = hosts_accept(&h, l);
	talk(c, s);
	assert_int_equal(ao_of(hosts_last(&h, 0, 0))[2], 2);
	assert_int_equal(skiff_setsockopt(h.skiff, s, IPPROTO_TCP, TCP_AO_INFO, &info, len), 0);
	talk(s, c);
	talk(c, s);
	assert_int_equal(ao_of(hosts_last(&h, 0, 0))[2], 12);
	assert_int_equal(ao_of(hosts_last(&h, 1, 0))[2], 1);
	info = (struct tcp_ao_info_opt){ .set_current = 1, .current_key = 11 };
	assert_int_equal(skiff_setsockopt(h.skiff, s, IPPROTO_TCP, TCP_AO_INFO, &info, len), 0);
	assert_int_equal(skiff_getsockopt(h.skiff, s, IPPROTO_TCP, TCP_AO_INFO, &info, &len), 0);
	assert_int_equal(info.current_key, 11);
	assert_int_equal(info.rnext, 12);
	assert_true(info.pkt_good > 4);
	assert_int_equal(info.pkt_bad, 0);
	hosts_stop(&h);
}

/* What TIME_WAIT says once more is signed as before; and its peer, which has lost the first one, believes it. */
static bool lose_last_ack(struct hosts *hosts, struct seg *s)
{
	static u32 fins, acks;

	fins += s->from && s->flags & F;
	return s->from || !fins || acks++;
}

static void test_time_wait(void **state)
{
	int l, c, s;
	u64 good;

	hosts_start(&h, 6);
	l = hosts_listen(&h, 1, 80, 8);
	give_key(l, HOST_IP(0), "hmac(sha1)", "key", 7, 9);
	c = hosts_socket(&h, 0);
	give_key(c, HOST_IP(1), "hmac(sha1)", "key", 9, 7);
	hosts_try_connect(&h, c, HOST_IP(1), 80);
	hosts_run(&h, 10);
	s = hosts_accept(&h, l);
	talk(c, s);
	h.filter = lose_last_ack;
	skiff_close(h.skiff, c);
	hosts_run(&h, 10);
	skiff_close(h.skiff, s);
	hosts_run(&h, 10);
	good = hosts_counter(&h, 1, "TcpExt.TCPAOGood");
	assert_int_equal(inet_ehash_count(h.net[1]), 1);
	hosts_run(&h, 2000);
	/* The FIN again, the ACK from TIME_WAIT: the connection is over. */
	assert_int_equal(inet_ehash_count(h.net[1]), 0);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAOGood"), good + 1);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAOBad"), 0);
	assert_int_equal(ao_of(hosts_last(&h, 0, 0))[2], 9);
	hosts_stop(&h);
}

/* Room only for requests: the ACK that comes for one is lost, and comes again out of its window. */
static bool lose_handshake_ack(struct hosts *hosts, struct seg *s)
{
	return !(s->from == 0 && !(s->flags & S));
}

/* A request answers what is out of its window, signed with the numbers of the handshake: its peer takes it for right. */
static void test_request(void **state)
{
	struct seg far;
	struct sock *sk;
	int l, c;
	u64 good;

	hosts_start(&h, 7);
	l = hosts_listen(&h, 1, 80, 8);
	give_key(l, HOST_IP(0), "cmac(aes128)", "key", 7, 9);
	c = hosts_socket(&h, 0);
	give_key(c, HOST_IP(1), "cmac(aes128)", "key", 9, 7);
	h.filter = lose_handshake_ack;
	hosts_try_connect(&h, c, HOST_IP(1), 80);
	hosts_run(&h, 10);
	good = hosts_counter(&h, 0, "TcpExt.TCPAOGood");
	/* Signed by the client, but so far on that it is not expected. */
	sk = __inet_lookup_established(h.net[0], HOST_IP(1), htons(80), HOST_IP(0), h.seg[0].sport,
				       h.dev[0]->ifindex, 0);
	tcp_sk(sk)->snd_una = tcp_sk(sk)->snd_nxt += 1 << 24;
	tcp_send_ack(sk);
	tcp_sk(sk)->snd_una = tcp_sk(sk)->snd_nxt -= 1 << 24;
	far = *hosts_last(&h, 0, 0);
	assert_non_null(ao_of(&far));
	hosts_forge(&h, 1, &far, "");
	hosts_run(&h, 10);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAOBad"), 0);
	assert_int_equal(hosts_last(&h, 1, 0)->flags, A);
	assert_int_equal(ao_of(hosts_last(&h, 1, 0))[2], 7);
	assert_int_equal(hosts_counter(&h, 0, "TcpExt.TCPAOGood"), good + 1);
	assert_int_equal(hosts_counter(&h, 0, "TcpExt.TCPAOBad"), 0);
	hosts_stop(&h);
}

/* No requests are kept: the numbers that sign come back in the ACK. */
static void test_cookie(void **state)
{
	struct tcp_ao_add to_l = key_for(HOST_IP(0), 32, "hmac(sha1)", "key", 7, 9);
	struct tcp_ao_add to_c = key_for(HOST_IP(1), 32, "hmac(sha1)", "key", 9, 7);
	int l, c, s;

	hosts_start(&h, 8);
	hosts_sysctl(&h, 1, "net.ipv4.tcp_syncookies", "2");
	l = hosts_listen(&h, 1, 80, 8);
	to_l.maclen = to_c.maclen = 16;
	assert_int_equal(add_key(l, &to_l), 0);
	c = hosts_socket(&h, 0);
	assert_int_equal(add_key(c, &to_c), 0);
	hosts_try_connect(&h, c, HOST_IP(1), 80);
	hosts_run(&h, 10);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.SyncookiesSent"), 1);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.SyncookiesRecv"), 1);
	/* The scale that is offered comes back in the time stamp. */
	assert_true(h.seg[1].wscale >= 0 && h.seg[1].ts);
	s = hosts_accept(&h, l);
	assert_true(s >= 0);
	talk(c, s);
	talk(s, c);
	for (u32 i = 0; i < h.nr_segs; i++)
		assert_int_equal(ao_of(&h.seg[i])[2], h.seg[i].from ? 7 : 9);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAOBad"), 0);
	assert_int_equal(hosts_counter(&h, 0, "TcpExt.TCPAOBad"), 0);
	hosts_stop(&h);
}

/* Resets: of a connection, believed by its peer; without a socket there are no numbers to sign with, so none goes out. */
static void test_reset(void **state)
{
	static char data[100];
	struct seg last;
	int l, c, s;
	u32 segs;

	hosts_start(&h, 9);
	l = hosts_listen(&h, 1, 80, 8);
	give_key(l, HOST_IP(0), "hmac(sha1)", "key", 7, 9);
	c = hosts_socket(&h, 0);
	give_key(c, HOST_IP(1), "hmac(sha1)", "key", 9, 7);
	hosts_try_connect(&h, c, HOST_IP(1), 80);
	hosts_run(&h, 10);
	s = hosts_accept(&h, l);
	/* Closed with data unread. */
	assert_int_equal(skiff_send(h.skiff, c, data, sizeof(data), 0), sizeof(data));
	hosts_run(&h, 100);
	last = *hosts_last(&h, 0, 0);
	skiff_close(h.skiff, s);
	hosts_run(&h, 10);
	assert_true(hosts_last(&h, 1, 0)->flags & R);
	assert_non_null(ao_of(hosts_last(&h, 1, 0)));
	assert_int_equal(inet_ehash_count(h.net[0]), 0);
	assert_int_equal(skiff_recv(h.skiff, c, data, 1, 0), -ECONNRESET);
	skiff_close(h.skiff, l);
	segs = h.nr_segs;
	hosts_forge(&h, 1, &last, data);
	hosts_run(&h, 10);
	assert_int_equal(h.nr_segs, segs);
	hosts_stop(&h);
}

static int attempt(const char *key, u8 sndid)
{
	int fd = hosts_socket(&h, 0);

	if (key)
		give_key(fd, HOST_IP(1), "hmac(sha1)", key, sndid, 7);
	hosts_try_connect(&h, fd, HOST_IP(1), 80);
	hosts_run(&h, 10);
	return fd;
}

static void test_refused(void **state)
{
	int l;

	hosts_start(&h, 3);
	l = hosts_listen(&h, 1, 80, 8);
	give_key(l, HOST_IP(0), "hmac(sha1)", "right", 7, 9);
	attempt(NULL, 0);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAORequired"), 1);
	attempt("wrong", 9);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAOBad"), 1);
	attempt("right", 8);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAOKeyNotFound"), 1);
	assert_int_equal(h.nr_segs, 3);
	assert_int_equal(hosts_accept(&h, l), -EAGAIN);
	hosts_stop(&h);
}

static void test_options(void **state)
{
	struct tcp_ao_del del = { .prefix = 32, .sndid = 1, .rcvid = 2 };
	struct tcp_ao_getsockopt get[2] = { { .get_all = 1, .nkeys = 2 } };
	struct tcp_ao_add add = key_for(HOST_IP(1), 32, "hmac(sha1)", "key", 1, 2);
	u32 len = sizeof(get);
	int fd;

	hosts_start(&h, 4);
	fd = hosts_socket(&h, 0);
	assert_int_equal(skiff_getsockopt(h.skiff, fd, IPPROTO_TCP, TCP_AO_INFO, get, &len),
			 -ENOENT);
	assert_int_equal(add_key(fd, &add), 0);
	assert_int_equal(add_key(fd, &add), -EEXIST);
	add.sndid = add.rcvid = 3;
	add.prefix = 24;
	assert_int_equal(add_key(fd, &add), -EINVAL);
	add.prefix = 32;
	strcpy(add.alg_name, "md5");
	assert_int_equal(add_key(fd, &add), -ENOENT);
	strcpy(add.alg_name, "cmac(aes128)");
	add.maclen = 17;
	assert_int_equal(add_key(fd, &add), -EMSGSIZE);
	strcpy(add.alg_name, "hmac(sha1)");
	assert_int_equal(add_key(fd, &add), -EMSGSIZE);
	strcpy(add.alg_name, "cmac(aes128)");
	add.maclen = 8;
	assert_int_equal(add_key(fd, &add), 0);
	len = sizeof(get);
	assert_int_equal(skiff_getsockopt(h.skiff, fd, IPPROTO_TCP, TCP_AO_GET_KEYS, get, &len), 0);
	assert_int_equal(get[0].nkeys, 2);
	assert_int_equal(get[0].maclen, 8);
	assert_string_equal(get[1].alg_name, "hmac(sha1)");
	memcpy(&del.addr, &add.addr, sizeof(add.addr));
	assert_int_equal(
		skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_AO_DEL_KEY, &del, sizeof(del)), 0);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_AO_DEL_KEY, &del,
					  sizeof(del)),
			 -ENOENT);
	hosts_stop(&h);
}

/* RFC 9235 4.1.1: the SYN of the first test vector, its checksum made right for these addresses. */
static void test_vector(void **state)
{
	static const u8 ip[] = { 0x45, 0xe0, 0x00, 0x4c, 0xdd, 0x0f, 0x40, 0x00, 0xff, 0x06, 0xbf,
				 0x6b, 0x0a, 0x0b, 0x0c, 0x0d, 0xac, 0x1b, 0x1c, 0x1d, 0xe9, 0xd7,
				 0x00, 0xb3, 0xfb, 0xfb, 0xab, 0x5a, 0x00, 0x00, 0x00, 0x00, 0xe0,
				 0x02, 0xff, 0xff, 0xd4, 0x5e, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4,
				 0x01, 0x03, 0x03, 0x08, 0x04, 0x02, 0x08, 0x0a, 0x00, 0x15, 0x5a,
				 0xb7, 0x00, 0x00, 0x00, 0x00, 0x1d, 0x10, 0x3d, 0x54, 0x2e, 0xe4,
				 0x37, 0xc6, 0xf8, 0xed, 0xe6, 0xd7, 0xc4, 0xd6, 0x02, 0xe7 };
	const struct ethhdr eth = { { 2, 0, 0, 0, 0, 2 }, { 2, 0, 0, 0, 0, 9 }, htons(ETH_P_IP) };
	struct tcp_ao_add add = key_for(htonl(0x0a0b0c0d), 32, "hmac(sha1)", "testvector", 84, 61);
	u8 frame[sizeof(eth) + sizeof(ip)];
	int l;

	hosts_start(&h, 5);
	hosts_ip(&h, 1, "addr add 172.27.28.29/24 dev e0");
	hosts_ip(&h, 1, "route add 10.11.12.0/24 via 10.0.0.9");
	l = hosts_listen(&h, 1, 179, 8);
	assert_int_equal(add_key(l, &add), 0);
	memcpy(frame, &eth, sizeof(eth));
	memcpy(frame + sizeof(eth), ip, sizeof(ip));
	skiff_wire_rx((struct skiff_dev *)h.dev[1], frame, sizeof(frame));
	hosts_run(&h, 0);
	assert_int_equal(hosts_counter(&h, 1, "Tcp.InCsumErrors"), 0);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAOGood"), 1);
	assert_int_equal(h.seg[0].flags, S | A);
	assert_int_equal(ao_of(&h.seg[0])[2], 84);
	/* One bit of it changed (the window, and the checksum with it). */
	frame[sizeof(eth) + 35] ^= 1;
	frame[sizeof(eth) + 37] ^= 1;
	skiff_wire_rx((struct skiff_dev *)h.dev[1], frame, sizeof(frame));
	hosts_run(&h, 0);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPAOGood"), 1);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session), cmocka_unit_test(test_rollover),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_options),
		cmocka_unit_test(test_vector),	cmocka_unit_test(test_time_wait),
		cmocka_unit_test(test_request), cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
