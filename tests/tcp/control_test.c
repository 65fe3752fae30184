/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/tcp/control_test.c - who controls a connection: congestion controls by socket, route and default, over a network that loses; ULPs. */
#include "hosts.h"

#include "net/arp.h"

static struct hosts h;

struct pair {
	int lfd, fd[2]; /* client, server */
};

static void open_pair(struct pair *p)
{
	p->lfd = hosts_listen(&h, 1, 80, 5);
	p->fd[0] = hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	p->fd[1] = hosts_accept(&h, p->lfd);
	assert_true(p->fd[1] >= 0);
}

static void close_pair(struct pair *p)
{
	skiff_close(h.skiff, p->fd[0]);
	skiff_close(h.skiff, p->fd[1]);
	skiff_close(h.skiff, p->lfd);
	hosts_run(&h, 200000);
	h.nr_segs = 0;
}

/* @n bytes from client to server; what arrives is what was sent. */
static void transfer(struct pair *p, u32 n)
{
	static u8 buf[16384];
	u32 in = 0, out = 0;

	for (int i = 0; i < 60000 && in < n; i++) {
		u32 len = min_t(u32, n - out, sizeof(buf));
		int64_t r;

		for (u32 k = 0; k < len; k++)
			buf[k] = (u8)((out + k) * 2654435761u >> 24);
		r = len ? skiff_send(h.skiff, p->fd[0], buf, len, 0) : -EAGAIN;
		if (r > 0)
			out += (u32)r;
		hosts_run(&h, 1);
		h.nr_segs = min_t(u32, h.nr_segs, HOSTS_SEGS / 2);
		while ((r = skiff_recv(h.skiff, p->fd[1], buf, sizeof(buf), 0)) > 0)
			for (u32 k = 0; k < (u32)r; k++, in++)
				if (buf[k] != (u8)(in * 2654435761u >> 24))
					fail_msg("byte %u is wrong", in);
	}
	assert_int_equal(in, n);
}

static u32 lottery;

static bool lose_one_in_50(struct hosts *hosts, struct seg *s)
{
	lottery = lottery * 1664525u + 1013904223u;
	return lottery >> 16 >= 65536u / 50;
}

/* Each control brings everything through, both ways of losing: data and ACKs. */
static void test_all_under_loss(void **state)
{
	static const char *const cc[] = { "reno", "cubic", "bbr", "dctcp" };

	for (u32 i = 0; i < ARRAY_SIZE(cc); i++) {
		struct tcp_info info;
		u32 len = sizeof(info);
		struct pair p;

		hosts_start(&h, 3);
		hosts_sysctl(&h, 0, "net.ipv4.tcp_congestion_control", cc[i]);
		open_pair(&p);
		lottery = 7 + i;
		h.delay = 5000000;
		h.filter = lose_one_in_50;
		transfer(&p, 1000000);
		h.filter = NULL;
		assert_int_equal(
			skiff_getsockopt(h.skiff, p.fd[0], IPPROTO_TCP, TCP_INFO, &info, &len), 0);
		assert_in_range(info.tcpi_total_retrans, 5, 60);
		close_pair(&p);
		hosts_stop(&h);
	}
}

static const char *control_of(int fd)
{
	static char name[16];
	u32 len = sizeof(name);

	assert_int_equal(skiff_getsockopt(h.skiff, fd, IPPROTO_TCP, TCP_CONGESTION, name, &len), 0);
	return name;
}

static int choose(int fd, const char *name)
{
	return skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_CONGESTION, name, (u32)strlen(name));
}

/* The default, the socket's wish, the child's inheritance, the route's word, the route's lock. */
static void test_who_chooses(void **state)
{
	struct pair p;

	hosts_start(&h, 3);
	p.lfd = hosts_listen(&h, 1, 80, 5);
	assert_string_equal(control_of(p.lfd), "cubic");
	assert_int_equal(choose(p.lfd, "nothing"), -ENOENT);
	assert_int_equal(choose(p.lfd, "bbr"), 0);
	p.fd[0] = hosts_connect(&h, 0, 80);
	hosts_run(&h, 10);
	p.fd[1] = hosts_accept(&h, p.lfd);
	assert_string_equal(control_of(p.fd[1]), "bbr");
	assert_string_equal(control_of(p.fd[0]), "cubic");
	assert_int_equal(choose(p.fd[0], "reno"), 0);
	assert_string_equal(control_of(p.fd[0]), "reno");
	transfer(&p, 20000);
	close_pair(&p);

	hosts_ip(&h, 0, "route add 10.0.0.2/32 dev e0 congctl lock bbr");
	open_pair(&p);
	assert_string_equal(control_of(p.fd[0]), "bbr");
	assert_int_equal(choose(p.fd[0], "reno"), -EPERM);
	close_pair(&p);
	hosts_ip(&h, 0, "route del 10.0.0.2/32 dev e0");
	hosts_ip(&h, 0, "route add 10.0.0.2/32 dev e0 congctl reno");
	open_pair(&p);
	assert_string_equal(control_of(p.fd[0]), "reno");
	assert_int_equal(choose(p.fd[0], "cubic"), 0);
	close_pair(&p);
	hosts_stop(&h);
}

static u32 ulp_acked, ulp_begun, ulp_ended;

static int ulp_init(struct sock *sk)
{
	ulp_begun++;
	return 0;
}

static void ulp_release(struct sock *sk)
{
	ulp_ended++;
}

static void ulp_clean_acked(struct sock *sk, u32 acked_seq)
{
	ulp_acked++;
}

/* An unknown one is refused as where no module is; an embedder's begins, hears of ACKs and ends. */
static void test_ulp(void **state)
{
	static const struct tcp_ulp_ops ulp = { .name = "mine",
						.init = ulp_init,
						.release = ulp_release,
						.clean_acked = ulp_clean_acked };
	struct pair p;

	hosts_start(&h, 3);
	open_pair(&p);
	assert_int_equal(skiff_setsockopt(h.skiff, p.fd[0], IPPROTO_TCP, TCP_ULP, "tls", 3),
			 -ENOENT);
	assert_int_equal(tcp_register_ulp(h.skiff, &ulp), 0);
	assert_int_equal(tcp_register_ulp(h.skiff, &ulp), -EEXIST);
	assert_int_equal(skiff_setsockopt(h.skiff, p.fd[0], IPPROTO_TCP, TCP_ULP, "mine", 4), 0);
	assert_int_equal(skiff_setsockopt(h.skiff, p.fd[0], IPPROTO_TCP, TCP_ULP, "mine", 4),
			 -EEXIST);
	assert_int_equal(skiff_setsockopt(h.skiff, p.lfd, IPPROTO_TCP, TCP_ULP, "mine", 4),
			 -ENOTCONN);
	assert_int_equal(ulp_begun, 1);
	transfer(&p, 50000);
	assert_in_range(ulp_acked, 3, 100);
	assert_int_equal(ulp_ended, 0);
	close_pair(&p);
	assert_int_equal(ulp_ended, 1);
	tcp_unregister_ulp(h.skiff, &ulp);
	hosts_stop(&h);
}

/* What is acknowledged proves that the neighbour is there: no solicitation while a connection is used. */
static void test_neighbour_is_confirmed(void **state)
{
	const struct neighbour *n;
	struct pair p;
	char byte = 1;
	u64 solicited;

	hosts_start(&h, 3);
	for (int i = 0; i < 2; i++)
		hosts_ip(
			&h, i,
			i ? "neigh replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev e0 nud reachable" :
			    "neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev e0 nud reachable");
	open_pair(&p);
	n = __ipv4_neigh_lookup_noref(h.dev[0], HOST_IP(1));
	solicited = h.tail;
	for (int i = 0; i < 200; i++) {
		assert_int_equal(skiff_send(h.skiff, p.fd[0], &byte, 1, 0), 1);
		hosts_run(&h, 1000);
		assert_int_equal(skiff_recv(h.skiff, p.fd[1], &byte, 1, 0), 1);
	}
	assert_int_equal(n->nud_state, NUD_REACHABLE);
	assert_true(h.skiff->jiffies - n->confirmed <= 2000);
	/* Data and their ACKs were all there was on the wire, but for what the receiver, who hears no answers, asks. */
	assert_in_range(h.tail - solicited, 400, 400 + 4 * 20);
	close_pair(&p);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_under_loss),
		cmocka_unit_test(test_who_chooses),
		cmocka_unit_test(test_ulp),
		cmocka_unit_test(test_neighbour_is_confirmed),
	};

	return cmocka_run_group_tests_name("tcp-control", tests, NULL, NULL);
}
