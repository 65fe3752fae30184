// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/timewait_test.c - TIME_WAIT and FIN_WAIT_2: what they answer, who takes over from them, how many there may be. */
#include "net/netfilter.h"
#include "tests/tcp/hosts.h"

static struct hosts h;

/* Host 1 closes first and waits; the segments of its peer are forged from what the peer sent last. */
static struct seg last_from_a, last_from_b;
static int a_fd, b_fd, l_fd;
static int b_mark, b_priority; /* 0: not set */

/* The real host 0 would reset what it does not know. */
static bool silent(struct hosts *hh, struct seg *s)
{
	return s->from;
}

static void closed_by_b(bool a_closes)
{
	l_fd = hosts_listen(&h, 1, 80, 8);
	a_fd = hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	b_fd = hosts_accept(&h, l_fd);
	assert_true(b_fd >= 0);
	if (b_mark) {
		int err = skiff_setsockopt(h.skiff, b_fd, SOL_SOCKET, SO_MARK, &b_mark, 4);

		assert_int_equal(err, 0);
		err = skiff_setsockopt(h.skiff, b_fd, SOL_SOCKET, SO_PRIORITY, &b_priority, 4);
		assert_int_equal(err, 0);
	}
	skiff_close(h.skiff, b_fd);
	hosts_run(&h, 10);
	if (a_closes)
		skiff_close(h.skiff, a_fd);
	hosts_run(&h, 10);
	last_from_a = *hosts_last(&h, 0, 0);
	last_from_b = *hosts_last(&h, 1, 0);
	h.filter = silent;
}

/* From host 0, next in sequence; a time stamp @later ms on. */
static struct seg next_from_a(u8 flags, u32 later)
{
	struct seg s = last_from_a;

	s.seq += s.flags & F ? 1 : 0;
	s.ack = last_from_b.seq + (last_from_b.flags & F ? 1 : 0);
	s.flags = flags;
	put_unaligned32(htonl(s.tsval + later), s.opt + 4);
	return s;
}

static struct seg *forge(const struct seg *s)
{
	u32 since = h.nr_segs;

	hosts_forge(&h, 1, s, "data");
	hosts_run(&h, 0);
	return hosts_last(&h, 1, since);
}

static u32 waiting(void)
{
	return inet_ehash_count(h.net[1]);
}

static void test_time_wait(void **state)
{
	struct seg s, *got;

	hosts_start(&h, 1);
	closed_by_b(true);
	assert_int_equal(waiting(), 1);
	/* The last FIN again: the last ACK again. */
	s = last_from_a;
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, A);
	assert_int_equal(got->ack, s.seq + 1);
	assert_true(got->ts);
	/* ACKs out of the window are answered every half second at most (tcp_invalid_ratelimit), resets never. */
	s.flags = A;
	s.seq -= 10;
	assert_non_null(forge(&s));
	assert_null(forge(&s));
	s.flags = R;
	s.seq -= 100;
	assert_null(forge(&s));
	s = next_from_a(A, 5);
	assert_null(forge(&s));
	assert_int_equal(waiting(), 1);
	/* That ACK began the minute anew. */
	hosts_run(&h, 59000);
	assert_int_equal(waiting(), 1);
	/* A reset in the window ends it, ... */
	s = next_from_a(R, 6);
	assert_null(forge(&s));
	assert_int_equal(waiting(), 0);
	hosts_stop(&h);
	/* ... unless RFC 1337 is asked for. */
	hosts_start(&h, 2);
	hosts_sysctl(&h, 1, "net.ipv4.tcp_rfc1337", "1");
	closed_by_b(true);
	s = next_from_a(R, 6);
	assert_null(forge(&s));
	assert_int_equal(waiting(), 1);
	hosts_stop(&h);
}

/* A new SYN takes over if its number or its time stamp is newer (RFC 6191). */
static void test_new_syn(void **state)
{
	struct seg s, *got;

	hosts_start(&h, 3);
	closed_by_b(true);
	/* Older in both: an ACK, as to anything out of the window. */
	s = next_from_a(S, 0);
	s.seq -= 1000;
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, A);
	s = next_from_a(S, 10);
	s.seq -= 1000;
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, S | A);
	assert_int_equal(got->ack, s.seq + 1);
	/* The new life's numbers are far beyond the old one's window. */
	assert_int_equal(got->seq, last_from_b.seq + 65535 + 2);
	assert_int_equal(waiting(), 1);
	hosts_stop(&h);

	hosts_start(&h, 4);
	closed_by_b(true);
	s = next_from_a(S, 0);
	s.seq += 1000;
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, S | A);
	hosts_stop(&h);
}

/* Older than the last time stamp: dropped, with an ACK. */
static void test_paws(void **state)
{
	struct seg s, *got;

	hosts_start(&h, 5);
	closed_by_b(true);
	s = next_from_a(S, 0);
	s.seq += 1000;
	put_unaligned32(htonl(last_from_a.tsval - 50), s.opt + 4);
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, A);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.PAWSTimewait"), 1);
	hosts_stop(&h);
}

/* FIN_WAIT_2 without owner: waits for the FIN; data are refused. */
static void test_fin_wait_2(void **state)
{
	struct seg s, *got;

	hosts_start(&h, 6);
	closed_by_b(false);
	assert_int_equal(waiting(), 1);
	/* A bare ACK changes nothing. */
	s = next_from_a(A, 1);
	assert_null(forge(&s));
	/* The FIN: TIME_WAIT. */
	s = next_from_a(F | A, 2);
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, A);
	assert_int_equal(got->ack, s.seq + 1);
	hosts_run(&h, 59000);
	assert_int_equal(waiting(), 1);
	hosts_run(&h, 1500);
	assert_int_equal(waiting(), 0);
	hosts_stop(&h);

	hosts_start(&h, 7);
	closed_by_b(false);
	s = next_from_a(P | A, 1);
	s.len = 4;
	got = forge(&s);
	assert_non_null(got);
	assert_true(got->flags & R);
	assert_int_equal(waiting(), 0);
	hosts_stop(&h);

	/* Nothing comes: tcp_fin_timeout. */
	hosts_start(&h, 8);
	hosts_sysctl(&h, 1, "net.ipv4.tcp_fin_timeout", "20");
	closed_by_b(false);
	hosts_run(&h, 19000);
	assert_int_equal(waiting(), 1);
	hosts_run(&h, 4000);
	assert_int_equal(waiting(), 0);
	hosts_stop(&h);
}

/* tcp_max_tw_buckets: the connection is just over. */
static void test_bounded(void **state)
{
	hosts_start(&h, 9);
	hosts_sysctl(&h, 1, "net.ipv4.tcp_max_tw_buckets", "0");
	closed_by_b(true);
	assert_int_equal(waiting(), 0);
	assert_true(hosts_counter(&h, 1, "TcpExt.TCPTimeWaitOverflow") >= 1);
	hosts_stop(&h);
}

static int connect_from(int i, u16 from, u16 port)
{
	int fd = hosts_socket(&h, i), one = 1, err;

	skiff_setsockopt(h.skiff, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	err = hosts_bind(&h, fd, HOST_IP(i), from);
	if (!err)
		err = hosts_try_connect(&h, fd, HOST_IP(!i), port);
	if (err != -EINPROGRESS)
		skiff_close(h.skiff, fd);
	return err == -EINPROGRESS ? fd : err;
}

/* The same four numbers from here: a port that was bound may be used again while time stamps tell lives apart. */
static void reuse_bound(const char *timestamps, int expected)
{
	int l, c;

	hosts_start(&h, 10);
	hosts_sysctl(&h, 0, "net.ipv4.tcp_timestamps", timestamps);
	l = hosts_listen(&h, 1, 80, 8);
	c = connect_from(0, 5555, 80);
	assert_true(c >= 0);
	hosts_run(&h, 10);
	skiff_close(h.skiff, c);
	hosts_run(&h, 10);
	skiff_close(h.skiff, hosts_accept(&h, l));
	hosts_run(&h, 10);
	assert_int_equal(inet_ehash_count(h.net[0]), 1);
	c = connect_from(0, 5555, 80);
	assert_int_equal(c < 0 ? c : 0, expected);
	if (c >= 0) {
		hosts_run(&h, 10);
		assert_true(hosts_accept(&h, l) >= 0);
		assert_int_equal(hosts_counter(&h, 0, "TcpExt.TWRecycled"), 1);
	}
	hosts_stop(&h);
}

static void test_reuse_bound(void **state)
{
	reuse_bound("1", 0);
	reuse_bound("0", -EADDRNOTAVAIL);
}

/* A range of one port: taken by TIME_WAIT for a minute, or with tcp_tw_reuse for a second. */
static void reuse_chosen(const char *tw_reuse, u32 wait, bool expected)
{
	int l, c, s;

	hosts_start(&h, 11);
	hosts_sysctl(&h, 0, "net.ipv4.ip_local_port_range", "40000 40000");
	hosts_sysctl(&h, 0, "net.ipv4.tcp_tw_reuse", tw_reuse);
	l = hosts_listen(&h, 1, 80, 8);
	c = hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	s = hosts_socket(&h, 0);
	assert_int_equal(hosts_try_connect(&h, s, HOST_IP(1), 80), -EADDRNOTAVAIL);
	skiff_close(h.skiff, c);
	hosts_run(&h, 10);
	skiff_close(h.skiff, hosts_accept(&h, l));
	hosts_run(&h, wait);
	assert_int_equal(hosts_try_connect(&h, s, HOST_IP(1), 80),
			 expected ? -EINPROGRESS : -EADDRNOTAVAIL);
	hosts_stop(&h);
}

static void test_reuse_chosen(void **state)
{
	reuse_chosen("1", 500, false);
	reuse_chosen("1", 1500, true);
	reuse_chosen("0", 1500, false);
	reuse_chosen("2", 1500, false);
	reuse_chosen("0", 61000, true);
}

/* ---- the way of the answers ---- */

static u32 out_mark, out_priority;

static void look(void *priv, struct skb_batch *b, const struct nf_hook_state *state)
{
	out_mark = b->p[0]->mark;
	out_priority = b->p[0]->priority;
}

/* What a time-wait or a closed socket answers has the mark and the priority of the socket: policy routing may need them. */
static void test_mark_and_priority(void **state)
{
	const struct nf_hook_ops ops = { .hook = look,
					 .pf = NFPROTO_IPV4,
					 .hooknum = NF_INET_LOCAL_OUT };
	struct seg s, *got;

	hosts_start(&h, 8);
	b_mark = 7;
	b_priority = 3;
	closed_by_b(true);
	nf_register_net_hook(h.net[1], &ops);
	s = last_from_a;
	got = forge(&s);
	assert_non_null(got);
	assert_int_equal(got->flags, A);
	assert_int_equal(out_mark, 7);
	assert_int_equal(out_priority, 3);
	hosts_stop(&h);
	/* Data that nobody will read is reset. */
	hosts_start(&h, 9);
	closed_by_b(false);
	nf_register_net_hook(h.net[1], &ops);
	out_mark = out_priority = 0;
	s = next_from_a(A | P, 1);
	s.len = 4;
	got = forge(&s);
	assert_non_null(got);
	assert_true(got->flags & R);
	assert_int_equal(out_mark, 7);
	assert_int_equal(out_priority, 3);
	b_mark = 0;
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time_wait),    cmocka_unit_test(test_new_syn),
		cmocka_unit_test(test_paws),	     cmocka_unit_test(test_fin_wait_2),
		cmocka_unit_test(test_bounded),	     cmocka_unit_test(test_reuse_bound),
		cmocka_unit_test(test_reuse_chosen), cmocka_unit_test(test_mark_and_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
