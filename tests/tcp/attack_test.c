// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/attack_test.c - segments and messages that outsiders forge: resets in every state, RFC 5961, ICMP errors (RFC 5927), PMTU. */
#include "tests/tcp/hosts.h"

static struct hosts h;

struct pair {
	int l, c, s;
};

static struct pair connected(void)
{
	struct pair p = { hosts_listen(&h, 1, 80, 8), -1, -1 };

	p.c = hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	p.s = hosts_accept(&h, p.l);
	assert_true(p.s >= 0);
	return p;
}

/* A segment to host 0 as from host 1: @seq off what is expected, @ack off what was sent. */
static struct seg to_client(u8 flags, s32 seq, s32 ack)
{
	const struct seg *c = hosts_last(&h, 0, 0), *s = hosts_last(&h, 1, 0);
	struct seg f = {
		.saddr = HOST_IP(1), .sport = 80, .dport = c->sport, .flags = flags, .window = 500
	};

	f.seq = (s ? s->seq + s->len + !!(s->flags & (S | F)) : 0) + (u32)seq;
	f.ack = c->seq + c->len + !!(c->flags & (S | F)) + (u32)ack;
	if (s && s->ts) {
		const u8 nop[4] = { 1, 1, 8, 10 };

		memcpy(f.opt, nop, 4);
		put_unaligned32(htonl(s->tsval + 1), f.opt + 4);
		put_unaligned32(htonl(c->tsval), f.opt + 8);
		f.optlen = 12;
	}
	return f;
}

static struct seg *forge(const struct seg *s)
{
	u32 since = h.nr_segs;

	hosts_forge(&h, 0, s, "");
	hosts_run(&h, 0);
	return hosts_last(&h, 0, since);
}

static int so_error(int fd)
{
	u32 len = sizeof(int);
	int err = -1;

	skiff_getsockopt(h.skiff, fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

/* RFC 5961 3.2: only the exact number resets; one in the window is challenged; others are nothing. */
static void test_reset(void **state)
{
	struct pair p;
	struct seg s, *got;

	hosts_start(&h, 1);
	p = connected();
	s = to_client(R, 1, 0);
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, A);
	assert_int_equal(hosts_counter(&h, 0, "TcpExt.TCPChallengeACK"), 1);
	/* At once again: one challenge is enough for half a second. */
	assert_null(forge(&s));
	s = to_client(R, -1, 0);
	assert_null(forge(&s));
	s = to_client(R, 1 << 20, 0);
	assert_null(forge(&s));
	assert_int_equal(skiff_send(h.skiff, p.c, "x", 1, 0), 1);
	hosts_run(&h, 50);
	s = to_client(R, 0, 0);
	assert_null(forge(&s));
	assert_int_equal(so_error(p.c), ECONNRESET);
	assert_int_equal(inet_ehash_count(h.net[0]), 0);
	assert_int_equal(hosts_counter(&h, 0, "Tcp.EstabResets"), 1);
	hosts_stop(&h);
}

/* RFC 5961 4.2: a SYN in any synchronized state is challenged. */
static void test_syn(void **state)
{
	struct seg s, *got;

	hosts_start(&h, 2);
	connected();
	s = to_client(S, 0, 0);
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, A);
	assert_int_equal(hosts_counter(&h, 0, "TcpExt.TCPSYNChallenge"), 1);
	assert_int_equal(inet_ehash_count(h.net[0]), 1);
	hosts_stop(&h);
}

/* SYN_SENT: a reset must acknowledge the SYN, and a SYN-ACK too. */
static bool lose_syn(struct hosts *hh, struct seg *s)
{
	return !(s->flags & S);
}

static void test_syn_sent(void **state)
{
	struct seg s, *got;
	int fd;

	hosts_start(&h, 3);
	h.filter = lose_syn;
	fd = hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	s = to_client(R, 5, 0);
	assert_null(forge(&s));
	s = to_client(R | A, 5, 1);
	assert_null(forge(&s));
	s = to_client(S | A, 5, 1);
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, R);
	assert_int_equal(got->seq, s.ack);
	assert_int_equal(inet_ehash_count(h.net[0]), 1);
	assert_int_equal(so_error(fd), 0);
	/* The reset above is the newest of ours now: number from the SYN. */
	s = to_client(R | A, 5, 0);
	s.ack = h.seg[0].seq + 1;
	assert_null(forge(&s));
	assert_int_equal(so_error(fd), ECONNREFUSED);
	assert_int_equal(inet_ehash_count(h.net[0]), 0);
	hosts_stop(&h);
}

/* A reset in the states of closing: the connection is gone at once. */
static void reset_while_closing(bool client_closes, bool server_closes, bool lose)
{
	struct pair p;
	struct seg s;

	hosts_start(&h, 4);
	p = connected();
	if (server_closes) {
		skiff_close(h.skiff, p.s);
		hosts_run(&h, 10);
	}
	if (client_closes) {
		if (lose)
			h.filter = lose_syn; /* all but SYNs go: then drop by hand below */
		assert_int_equal(skiff_shutdown(h.skiff, p.c, SHUT_WR), 0);
		hosts_run(&h, lose ? 0 : 10);
	}
	s = to_client(R, 0, 0);
	forge(&s);
	assert_int_equal(inet_ehash_count(h.net[0]), 0);
	hosts_stop(&h);
}

static void test_reset_while_closing(void **state)
{
	reset_while_closing(true, false, true);	 /* FIN_WAIT_1 */
	reset_while_closing(true, false, false); /* FIN_WAIT_2 */
	reset_while_closing(false, true, false); /* CLOSE_WAIT */
	reset_while_closing(true, true, true);	 /* LAST_ACK */
}

/* ---- ICMP ---- */

/* An ICMP error to host 0 about its segment with number @seq to host 1, port 80 */
static void icmp_error(u8 type, u8 code, u16 mtu, u32 seq, u16 sport)
{
	u8 frame[128] __attribute__((aligned(4))) = { 0 }, *p = frame + 2;
	const struct ethhdr eth = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 }, htons(ETH_P_IP) };
	struct iphdr iph = { .version = 4,
			     .ihl = 5,
			     .ttl = 64,
			     .protocol = IPPROTO_ICMP,
			     .saddr = HOST_IP(1),
			     .daddr = HOST_IP(0),
			     .tot_len = htons(56) };
	struct iphdr quoted = { .version = 4,
				.ihl = 5,
				.ttl = 63,
				.protocol = IPPROTO_TCP,
				.saddr = HOST_IP(0),
				.daddr = HOST_IP(1),
				.tot_len = htons(1500),
				.frag_off = htons(IP_DF) };
	__be16 ports[2] = { htons(sport), htons(80) }, sum;
	__be32 be = htonl(seq);

	iph.check = ip_fast_csum(&iph, 5);
	quoted.check = ip_fast_csum(&quoted, 5);
	memcpy(p, &eth, 14);
	memcpy(p + 14, &iph, 20);
	p[34] = type;
	p[35] = code;
	put_unaligned16(htons(mtu), p + 40);
	memcpy(p + 42, &quoted, 20);
	memcpy(p + 62, ports, 4);
	memcpy(p + 66, &be, 4);
	sum = csum_fold(csum_partial(p + 34, 36, 0));
	memcpy(p + 36, &sum, 2);
	assert_int_equal(skiff_wire_rx((struct skiff_dev *)h.dev[0], p, 70), 0);
	hosts_run(&h, 0);
}

static bool lose_data_from_a(struct hosts *hh, struct seg *s)
{
	return s->from || !s->len;
}

/* "Fragmentation needed" for a segment under way: smaller ones go at once. Not for one that is not. */
static void test_pmtu(void **state)
{
	static char data[4000];
	struct pair p;
	struct seg first;
	u32 n;

	hosts_start(&h, 5);
	p = connected();
	h.filter = lose_data_from_a;
	n = h.nr_segs;
	assert_int_equal(skiff_send(h.skiff, p.c, data, sizeof(data), 0), sizeof(data));
	hosts_run(&h, 0);
	first = h.seg[n];
	assert_int_equal(first.len, 1448);
	icmp_error(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1000, first.seq - 1, first.sport);
	assert_int_equal(hosts_counter(&h, 0, "TcpExt.OutOfWindowIcmps"), 1);
	h.filter = NULL;
	n = h.nr_segs;
	icmp_error(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1000, first.seq, first.sport);
	assert_true(h.nr_segs > n);
	assert_int_equal(h.seg[n].seq, first.seq);
	assert_int_equal(h.seg[n].len, 1000 - 40 - 12);
	hosts_run(&h, 1000);
	assert_int_equal(skiff_recv(h.skiff, p.s, data, sizeof(data), 0), sizeof(data));
	/* A new connection begins with what was learned. */
	hosts_stop(&h);
}

/* Errors end an attempt to connect, but are only remembered for a connection. */
static void test_soft_errors(void **state)
{
	struct pair p;
	struct seg last;
	int fd;

	hosts_start(&h, 6);
	h.filter = lose_syn;
	fd = hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	last = *hosts_last(&h, 0, 0);
	icmp_error(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, last.seq + 5, last.sport);
	assert_int_equal(so_error(fd), 0);
	icmp_error(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, last.seq, last.sport);
	assert_int_equal(so_error(fd), EHOSTUNREACH);
	assert_int_equal(inet_ehash_count(h.net[0]), 0);
	h.filter = NULL;
	p = connected();
	last = *hosts_last(&h, 0, 0);
	icmp_error(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0, last.seq, last.sport);
	icmp_error(ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0, last.seq, last.sport);
	assert_int_equal(skiff_send(h.skiff, p.c, "x", 1, 0), 1);
	assert_int_equal(so_error(p.c), ENOPROTOOPT);
	assert_int_equal(so_error(p.c), 0);
	/* Nobody's: counted by ICMP. */
	icmp_error(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0, last.seq, 1);
	assert_int_equal(hosts_counter(&h, 0, "Icmp.InErrors"), 1);
	hosts_stop(&h);
}

/* RFC 6069: unreachable, for the segment that timed out: its last doubling is taken back. */
static void test_backoff_revert(void **state)
{
	struct pair p;
	u32 n;
	u64 gap[2];

	for (int revert = 0; revert < 2; revert++) {
		hosts_start(&h, 7);
		p = connected();
		h.filter = lose_data_from_a;
		assert_int_equal(skiff_send(h.skiff, p.c, "x", 1, 0), 1);
		hosts_run(&h, 3000);
		n = h.nr_segs;
		if (revert)
			icmp_error(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, h.seg[n - 1].seq,
				   h.seg[n - 1].sport);
		hosts_run(&h, 10000);
		assert_true(h.nr_segs > n);
		gap[revert] = h.seg[n].ms - h.seg[n - 1].ms;
		hosts_stop(&h);
	}
	assert_true(gap[1] < gap[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset),	       cmocka_unit_test(test_syn),
		cmocka_unit_test(test_syn_sent),       cmocka_unit_test(test_reset_while_closing),
		cmocka_unit_test(test_pmtu),	       cmocka_unit_test(test_soft_errors),
		cmocka_unit_test(test_backoff_revert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
