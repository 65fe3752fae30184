// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/fault_test.c - memory runs out after 0, 1, 2, … allocations of a connection's life: nothing is lost, nothing breaks, and it goes on later. */
#include "tests/tcp/hosts.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static struct hosts h;

struct life {
	int l, c[3], s[3];
	int served;
};

static int try_socket(int i)
{
	return skiff_socket((struct skiff_net *)h.net[i], AF_INET, SOCK_STREAM, 0);
}

static void add_key(int fd, __be32 peer)
{
	struct tcp_md5sig sig = { .tcpm_keylen = 3, .tcpm_key = "key" };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = { peer } };

	memcpy(&sig.tcpm_addr, &sin, sizeof(sin));
	skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_MD5SIG, &sig, sizeof(sig));
}

static void serve(struct life *f)
{
	static char buf[5000];

	while (f->served < 3 && (f->s[f->served] = hosts_accept(&h, f->l)) >= 0)
		f->served++;
	for (int i = 0; i < f->served; i++) {
		if (skiff_recv(h.skiff, f->s[i], buf, sizeof(buf), 0) > 0)
			skiff_send(h.skiff, f->s[i], buf, 3000, 0);
	}
}

/* Three connections - plain, signed, fast open - with data both ways, and their ends. */
static void live(struct life *f)
{
	static const char data[5000];
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(80),
				   .sin_addr = { HOST_IP(1) } };
	int one = 1;

	f->l = try_socket(1);
	skiff_setsockopt(h.skiff, f->l, IPPROTO_TCP, TCP_FASTOPEN, &one, sizeof(one));
	skiff_setsockopt(h.skiff, f->l, IPPROTO_TCP, TCP_SAVE_SYN, &one, sizeof(one));
	hosts_bind(&h, f->l, 0, 80);
	skiff_listen(h.skiff, f->l, 4);
	for (int i = 0; i < 3; i++) {
		f->c[i] = try_socket(0);
		if (i == 1) {
			add_key(f->c[i], HOST_IP(1));
			add_key(f->l, HOST_IP(0));
		}
		if (i == 2)
			skiff_sendto(h.skiff, f->c[i], data, 100, MSG_FASTOPEN,
				     (struct sockaddr *)&sin, sizeof(sin));
		else
			hosts_try_connect(&h, f->c[i], HOST_IP(1), 80);
		hosts_run(&h, 10);
		skiff_send(h.skiff, f->c[i], data, sizeof(data), 0);
		hosts_run(&h, 10);
		serve(f);
		hosts_run(&h, 10);
		skiff_shutdown(h.skiff, f->c[i], SHUT_WR);
	}
	hosts_run(&h, 300);
	serve(f);
}

static void end(struct life *f)
{
	for (int i = 0; i < 3; i++)
		skiff_close(h.skiff, f->c[i]);
	for (int i = 0; i < f->served; i++)
		skiff_close(h.skiff, f->s[i]);
	skiff_close(h.skiff, f->l);
}

static void test_life(void **state)
{
	struct life f;
	bool short_of = true;

	for (long k = 0; short_of; k++) {
		hosts_start(&h, 1);
		hosts_sysctl(&h, 0, "net.ipv4.tcp_fastopen", "5");
		hosts_sysctl(&h, 1, "net.ipv4.tcp_fastopen", "1538");
		memset(&f, 0, sizeof(f));
		hosts_fail_after = k;
		live(&f);
		short_of = hosts_fail_after == 0;
		hosts_fail_after = -1;
		/* Memory is back: what is still there finds its way, or gives up. */
		hosts_run(&h, 5000);
		serve(&f);
		end(&f);
		hosts_run(&h, 400000);
		assert_int_equal(inet_ehash_count(h.net[0]), 0);
		assert_int_equal(inet_ehash_count(h.net[1]), 0);
		hosts_stop(&h);
		assert_true(k < 400);
	}
}

/* The same with a namespace that ends in the middle of it all. */
static void test_end(void **state)
{
	struct life f;

	for (u64 ms = 0; ms < 60; ms += 3) {
		hosts_start(&h, 2);
		memset(&f, 0, sizeof(f));
		f.l = hosts_listen(&h, 1, 80, 4);
		for (int i = 0; i < 3; i++)
			f.c[i] = hosts_connect(&h, 0, 80);
		hosts_run(&h, ms);
		serve(&f);
		for (int i = 0; i < 3; i++)
			skiff_close(h.skiff, f.c[i]);
		hosts_run(&h, ms / 2);
		hosts_stop(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
