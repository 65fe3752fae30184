// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/md5_test.c - TCP MD5 (RFC 2385) between two hosts: signed all through, refused without the right key, signed resets. */
#include "tests/tcp/hosts.h"

#include "lib/md5.h"

static struct hosts h;

static int set_key(int fd, __be32 peer, const char *key, int prefix)
{
	struct tcp_md5sig sig = { .tcpm_keylen = (u16)strlen(key) };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = { peer } };

	memcpy(&sig.tcpm_addr, &sin, sizeof(sin));
	memcpy(sig.tcpm_key, key, strlen(key));
	if (prefix >= 0) {
		sig.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
		sig.tcpm_prefixlen = (u8)prefix;
	}
	return skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, prefix >= 0 ? TCP_MD5SIG_EXT : TCP_MD5SIG,
				&sig, sizeof(sig));
}

static bool is_signed(const struct seg *s)
{
	for (u32 i = 0; i + 1 < s->optlen;) {
		if (s->opt[i] <= 1) {
			i++;
			continue;
		}
		if (s->opt[i] == TCPOPT_MD5SIG)
			return s->opt[i + 1] == 18;
		i += s->opt[i + 1];
	}
	return false;
}

static int try_connect(const char *key)
{
	int fd = hosts_socket(&h, 0);

	if (key)
		assert_int_equal(set_key(fd, HOST_IP(1), key, -1), 0);
	assert_int_equal(hosts_try_connect(&h, fd, HOST_IP(1), 80), -EINPROGRESS);
	hosts_run(&h, 10);
	return fd;
}

static void test_session(void **state)
{
	static char buf[5000];
	int l, c, s;

	hosts_start(&h, 1);
	l = hosts_listen(&h, 1, 80, 8);
	assert_int_equal(set_key(l, htonl(0x0a000000), "secret", 24), 0);
	c = try_connect("secret");
	s = hosts_accept(&h, l);
	assert_true(s >= 0);
	assert_int_equal(skiff_send(h.skiff, c, buf, sizeof(buf), 0), sizeof(buf));
	hosts_run(&h, 10);
	/* Each segment has a signature of its own. */
	assert_int_equal(h.seg[4].len, h.seg[3].len);
	assert_memory_not_equal(h.seg[3].opt, h.seg[4].opt, h.seg[3].optlen);
	assert_int_equal(skiff_recv(h.skiff, s, buf, sizeof(buf), 0), sizeof(buf));
	skiff_close(h.skiff, c);
	hosts_run(&h, 10);
	skiff_close(h.skiff, s);
	hosts_run(&h, 10);
	for (u32 i = 0; i < h.nr_segs; i++)
		assert_true(is_signed(&h.seg[i]));
	/* TIME_WAIT signs too: the last FIN again. */
	for (u32 i = h.nr_segs; i-- > 0;) {
		if (h.seg[i].from == 1 && h.seg[i].flags & F) {
			struct seg fin = h.seg[i];

			hosts_forge(&h, 0, &fin, "");
			break;
		}
	}
	hosts_run(&h, 10);
	assert_true(is_signed(&h.seg[h.nr_segs - 1]));
	hosts_stop(&h);
}

static void test_refused(void **state)
{
	int l;

	hosts_start(&h, 2);
	l = hosts_listen(&h, 1, 80, 8);
	assert_int_equal(set_key(l, HOST_IP(0), "secret", -1), 0);
	try_connect(NULL);
	assert_int_equal(h.nr_segs, 1);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPMD5NotFound"), 1);
	try_connect("wrong");
	assert_int_equal(h.nr_segs, 2);
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPMD5Failure"), 1);
	/* Without a key there: unexpected. */
	assert_int_equal(set_key(l, HOST_IP(0), "", -1), 0);
	assert_int_equal(set_key(l, HOST_IP(0), "", -1), -ENOENT);
	try_connect("secret");
	assert_int_equal(hosts_counter(&h, 1, "TcpExt.TCPMD5Unexpected"), 1);
	assert_int_equal(hosts_accept(&h, l), -EAGAIN);
	hosts_stop(&h);
}

static void test_option(void **state)
{
	struct tcp_md5sig sig = { .tcpm_keylen = 81 };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = { HOST_IP(1) } };
	int fd;

	hosts_start(&h, 3);
	fd = hosts_socket(&h, 0);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_MD5SIG, &sig, 8), -EINVAL);
	assert_int_equal(skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_MD5SIG, &sig, sizeof(sig)),
			 -EINVAL);
	memcpy(&sig.tcpm_addr, &sin, sizeof(sin));
	assert_int_equal(skiff_setsockopt(h.skiff, fd, IPPROTO_TCP, TCP_MD5SIG, &sig, sizeof(sig)),
			 -EINVAL);
	assert_int_equal(set_key(fd, HOST_IP(1), "x", 33), -EINVAL);
	assert_int_equal(set_key(fd, HOST_IP(1), "x", 32), 0);
	hosts_stop(&h);
}

/* A reset for a connection that is gone here is believed there only if it is signed: a listener on the port has the key. */
static void test_signed_reset(void **state)
{
	struct seg *got;
	int l, c;

	hosts_start(&h, 4);
	l = hosts_listen(&h, 1, 80, 8);
	assert_int_equal(set_key(l, HOST_IP(0), "secret", -1), 0);
	/* To a port where nobody listens, from one that a listener of ours has: signed with its key */
	c = hosts_socket(&h, 0);
	assert_int_equal(hosts_bind(&h, c, HOST_IP(0), 80), 0);
	assert_int_equal(set_key(c, HOST_IP(1), "secret", -1), 0);
	assert_int_equal(hosts_try_connect(&h, c, HOST_IP(1), 81), -EINPROGRESS);
	hosts_run(&h, 10);
	got = hosts_last(&h, 1, 0);
	assert_non_null(got);
	assert_true(got->flags & R);
	assert_true(is_signed(got));
	assert_int_equal(inet_ehash_count(h.net[0]), 0);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_option),
		cmocka_unit_test(test_signed_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
