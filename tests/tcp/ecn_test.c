/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/tcp/ecn_test.c - ECN, AccECN and DCTCP between two hosts, with a network that marks packets. */
#include "hosts.h"

static struct hosts h;

/* Every @every-th data segment of host 0 from the @skip-th on is marked, @left in all. */
static struct {
	u32 skip, every, left, marked, bytes, count;
} plan;

static bool mark_filter(struct hosts *hosts, struct seg *s)
{
	if (s->from || !s->len)
		return true;
	plan.count++;
	if (plan.left && plan.count > plan.skip && plan.count % plan.every == 0) {
		assert_int_not_equal(s->ecn, INET_ECN_NOT_ECT);
		s->mark = true;
		plan.left--;
		plan.marked++;
		plan.bytes += s->len;
	}
	return true;
}

struct pair {
	int lfd, fd[2]; /* client, server */
};

static void open_pair(struct pair *p, const char *ecn_a, const char *ecn_b, const char *cc)
{
	hosts_start(&h, 1);
	memset(&plan, 0, sizeof(plan));
	hosts_sysctl(&h, 0, "net.ipv4.tcp_ecn", ecn_a);
	hosts_sysctl(&h, 1, "net.ipv4.tcp_ecn", ecn_b);
	for (int i = 0; i < 2; i++)
		hosts_sysctl(&h, i, "net.ipv4.tcp_congestion_control", cc);
	p->lfd = hosts_listen(&h, 1, 80, 5);
	p->fd[0] = hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	p->fd[1] = hosts_accept(&h, p->lfd);
	assert_true(p->fd[1] >= 0);
	h.filter = mark_filter;
}

static void close_pair(struct pair *p)
{
	skiff_close(h.skiff, p->fd[0]);
	skiff_close(h.skiff, p->fd[1]);
	skiff_close(h.skiff, p->lfd);
	hosts_run(&h, 100000);
	hosts_stop(&h);
}

/* @n bytes from client to server. */
static void transfer(struct pair *p, u32 n)
{
	static u8 buf[65536];
	u32 in = 0, out = 0;

	for (int i = 0; i < 10000 && in < n; i++) {
		int64_t r = out < n ? skiff_send(h.skiff, p->fd[0], buf,
						 min_t(u32, n - out, sizeof(buf)), 0) :
				      -EAGAIN;

		if (r > 0)
			out += (u32)r;
		else
			assert_int_equal(r, -EAGAIN);
		hosts_run(&h, 1);
		h.nr_segs = min_t(u32, h.nr_segs, HOSTS_SEGS / 2);
		while ((r = skiff_recv(h.skiff, p->fd[1], buf, sizeof(buf), 0)) > 0)
			in += (u32)r;
	}
	assert_int_equal(in, n);
	hosts_run(&h, 300);
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info;
	u32 len = sizeof(info);

	assert_int_equal(skiff_getsockopt(h.skiff, fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	return info;
}

static u32 count_segs(int from, u8 flag)
{
	u32 n = 0;

	for (u32 i = 0; i < h.nr_segs; i++)
		n += h.seg[i].from == from && !(h.seg[i].flags & S) && h.seg[i].flags & flag;
	return n;
}

/* One mark: ECE until CWR, one reduction; ECT on new data only. */
static void test_classic(void **state)
{
	struct pair p;
	struct tcp_info info;

	open_pair(&p, "1", "1", "reno");
	assert_int_equal(h.seg[0].ace, 3); /* SYN: ECE and CWR */
	assert_int_equal(h.seg[1].ace, 1); /* SYN-ACK: ECE */
	assert_int_equal(h.seg[0].ecn, INET_ECN_NOT_ECT);
	plan.skip = 5;
	plan.every = plan.left = 1;
	transfer(&p, 100000);
	info = info_of(p.fd[0]);
	assert_int_equal(plan.marked, 1);
	assert_true(info.tcpi_options & TCPI_OPT_ECN);
	assert_int_equal(info.tcpi_ca_state, TCP_CA_Open);
	assert_in_range(info.tcpi_snd_ssthresh, 5, 40);
	assert_int_equal(count_segs(0, 0x80), 1); /* one CWR */
	assert_true(count_segs(1, 0x40) >= 1);
	assert_int_equal(count_segs(1, 0x80), 0);
	assert_true(info.tcpi_delivered_ce >= 1);
	assert_int_equal(info.tcpi_total_retrans, 0);
	for (u32 i = 0; i < h.nr_segs; i++)
		if (!h.seg[i].len)
			assert_int_equal(h.seg[i].ecn, INET_ECN_NOT_ECT);
	/* The receiver does not go on about it. */
	assert_false(hosts_last(&h, 1, 0)->flags & 0x40);
	close_pair(&p);
}

/* Negotiation: what each side gets with each setting of the other. */
static void test_negotiation(void **state)
{
	static const struct {
		const char *a, *b;
		u8 syn, synack;
		bool ecn;
	} row[] = {
		{ "0", "1", 0, 0, false }, { "1", "0", 3, 0, false }, { "1", "2", 3, 1, true },
		{ "2", "1", 0, 0, false }, { "3", "0", 7, 0, false }, { "3", "1", 7, 1, true },
		{ "3", "3", 7, 2, true },  { "3", "5", 7, 2, true },  { "4", "3", 3, 1, true },
		{ "5", "3", 0, 0, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		struct pair p;

		open_pair(&p, row[i].a, row[i].b, "reno");
		if (h.seg[0].ace != row[i].syn || h.seg[1].ace != row[i].synack)
			fail_msg("tcp_ecn %s and %s: SYN %u, SYN-ACK %u", row[i].a, row[i].b,
				 h.seg[0].ace, h.seg[1].ace);
		transfer(&p, 20000);
		for (int k = 0; k < 2; k++)
			assert_int_equal((info_of(p.fd[k]).tcpi_options & TCPI_OPT_ECN) != 0,
					 row[i].ecn);
		close_pair(&p);
	}
}

/* AccECN: each mark is counted, exactly, at both ends and in bytes. */
static void test_accecn(void **state)
{
	struct tcp_info a, b;
	struct pair p;

	open_pair(&p, "3", "3", "reno");
	assert_int_equal(h.seg[2].ace, 2); /* the third segment tells how the SYN-ACK came */
	plan.skip = 5;
	plan.every = 3;
	plan.left = 7;
	transfer(&p, 200000);
	assert_int_equal(plan.marked, 7);
	a = info_of(p.fd[0]);
	b = info_of(p.fd[1]);
	assert_int_equal(b.tcpi_received_ce, 7);
	assert_int_equal(a.tcpi_delivered_ce, 7);
	assert_int_equal(b.tcpi_received_ce_bytes, plan.bytes);
	assert_int_equal(b.tcpi_received_e0_bytes, 200000 - plan.bytes);
	assert_int_equal(a.tcpi_delivered_ce_bytes, plan.bytes);
	assert_int_equal(a.tcpi_delivered_e0_bytes, 200000 - plan.bytes);
	assert_int_equal(a.tcpi_accecn_fail_mode, 0);
	assert_true(a.tcpi_accecn_opt_seen);
	assert_in_range(a.tcpi_snd_ssthresh, 2, 100);
	close_pair(&p);
}

/* DCTCP: an eighth of the packets is marked, so the window shrinks by a sixteenth at a time, not by half. */
static void dctcp(const char *ecn)
{
	struct tcp_info a;
	struct pair p;
	union tcp_cc_info cc;
	u32 len = sizeof(cc);

	open_pair(&p, ecn, ecn, "dctcp");
	plan.every = 8;
	plan.left = ~0u;
	transfer(&p, 3000000);
	a = info_of(p.fd[0]);
	assert_in_range(a.tcpi_delivered_ce, plan.marked * 9 / 10, plan.marked * 11 / 10 + 2);
	assert_int_equal(skiff_getsockopt(h.skiff, p.fd[0], IPPROTO_TCP, TCP_CC_INFO, &cc, &len),
			 0);
	assert_int_equal(cc.dctcp.dctcp_enabled, 1);
	assert_in_range(cc.dctcp.dctcp_alpha, 60, 260); /* of 1024 */
	close_pair(&p);
}

static void test_dctcp(void **state)
{
	dctcp("1");
}

static void test_dctcp_accecn(void **state)
{
	dctcp("3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classic),	     cmocka_unit_test(test_negotiation),
		cmocka_unit_test(test_accecn),	     cmocka_unit_test(test_dctcp),
		cmocka_unit_test(test_dctcp_accecn),
	};

	return cmocka_run_group_tests_name("tcp-ecn", tests, NULL, NULL);
}
