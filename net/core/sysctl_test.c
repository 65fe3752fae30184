// SPDX-License-Identifier: BSD-2-Clause
/* net/core/sysctl_test.c - keys and the text of values; what the kernel does with the same is compared in tests/sysctl. */
#include "net/sysctl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const int least = 2, most = 9;
static const u64 u64_least = 5;

/* Text written to a handler: errno and the values after it; they were 3 and 4. */
static const struct {
	proc_handler *handler;
	const void *min, *max;
	unsigned n;
	const char *text;
	int err, a, b;
} rows[] = {
	{ proc_dointvec, NULL, NULL, 1, "7", 0, 7, 4 },
	{ proc_dointvec, NULL, NULL, 1, " \t7\n", 0, 7, 4 },
	{ proc_dointvec, NULL, NULL, 1, "-7", 0, -7, 4 },
	{ proc_dointvec, NULL, NULL, 1, "0x1F", 0, 31, 4 },
	{ proc_dointvec, NULL, NULL, 1, "017", 0, 15, 4 },
	{ proc_dointvec, NULL, NULL, 1, "08", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "0x", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "+7", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "7x", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "\n", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "-", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "7 8 9", 0, 7, 4 },
	{ proc_dointvec, NULL, NULL, 1, "7 x", 0, 7, 4 },
	{ proc_dointvec, NULL, NULL, 1, "2147483647", 0, 2147483647, 4 },
	{ proc_dointvec, NULL, NULL, 1, "2147483648", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "-2147483648", 0, -2147483647 - 1, 4 },
	{ proc_dointvec, NULL, NULL, 1, "-2147483649", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "18446744073709551616", -EINVAL, 3, 4 },
	{ proc_dointvec, NULL, NULL, 1, "00000000000000000007", 0, 7, 4 },
	{ proc_dointvec, NULL, NULL, 1, "000000000000000000007", -EINVAL, 3, 4 },
	/* several numbers */
	{ proc_dointvec, NULL, NULL, 2, "7 8", 0, 7, 8 },
	{ proc_dointvec, NULL, NULL, 2, "7\t8", 0, 7, 8 },
	{ proc_dointvec, NULL, NULL, 2, "7", 0, 7, 4 },
	{ proc_dointvec, NULL, NULL, 2, "7 x", -EINVAL, 7, 4 },
	/* limits */
	{ proc_dointvec_minmax, &least, &most, 1, "2", 0, 2, 4 },
	{ proc_dointvec_minmax, &least, &most, 1, "1", -EINVAL, 3, 4 },
	{ proc_dointvec_minmax, &least, &most, 1, "10", -EINVAL, 3, 4 },
	{ proc_dointvec_minmax, &least, &most, 2, "5 10", -EINVAL, 5, 4 },
	{ proc_douintvec, NULL, NULL, 1, "4294967295", 0, -1, 4 },
	{ proc_douintvec, NULL, NULL, 1, "-1", -EINVAL, 3, 4 },
	{ proc_douintvec, NULL, NULL, 1, "-0", -EINVAL, 3, 4 },
	{ proc_douintvec_minmax, &least, &most, 1, "10", -EINVAL, 3, 4 },
	/* units: ticks are ms */
	{ proc_dointvec_jiffies, NULL, NULL, 1, "60", 0, 60000, 4 },
	{ proc_dointvec_jiffies, NULL, NULL, 1, "2147483", 0, 2147483000, 4 },
	{ proc_dointvec_jiffies, NULL, NULL, 1, "2147484", -EINVAL, 3, 4 },
	{ proc_dointvec_userhz_jiffies, NULL, NULL, 1, "60", 0, 600, 4 },
	{ proc_dointvec_ms_jiffies, NULL, NULL, 1, "60", 0, 60, 4 },
	{ proc_dointvec_ms_jiffies, &least, NULL, 1, "1", -EINVAL, 3, 4 },
};

static void test_writes(void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		int data[2] = { 3, 4 }, err;
		const struct ctl_table t = { "x",
					     data,
					     rows[i].n * (u32)sizeof(int),
					     0644,
					     rows[i].handler,
					     rows[i].min,
					     rows[i].max };

		err = rows[i].handler(NULL, &t, true, (char *)rows[i].text, strlen(rows[i].text));
		if (err != rows[i].err || data[0] != rows[i].a || data[1] != rows[i].b)
			fail_msg("row %u \"%s\": %d, %d %d", i, rows[i].text, err, data[0],
				 data[1]);
	}
}

static void test_small_and_large(void **state)
{
	u8 small[2] = { 3, 4 };
	u64 large[2] = { 30, 40 };
	struct ctl_table t8 = { "x", small, 1, 0644, proc_dou8vec_minmax, NULL, NULL };
	struct ctl_table t64 = { "x",	     large, sizeof(large), 0644, proc_doulongvec_minmax,
				 &u64_least, NULL };
	char buf[64];

	assert_int_equal(proc_dou8vec_minmax(NULL, &t8, true, "255", 3), 0);
	assert_int_equal(proc_dou8vec_minmax(NULL, &t8, true, "256", 3), -EINVAL);
	assert_int_equal(small[0], 255);
	assert_int_equal(small[1], 4);
	assert_int_equal(proc_doulongvec_minmax(NULL, &t64, true, "18446744073709551615 6", 0), 0);
	assert_int_equal(proc_doulongvec_minmax(NULL, &t64, true, "4", 0), -EINVAL);
	assert_int_equal(proc_doulongvec_minmax(NULL, &t64, true, "-0", 0), -EINVAL);
	assert_int_equal(proc_doulongvec_minmax(NULL, &t64, false, buf, sizeof(buf)), 22);
	assert_string_equal(buf, "18446744073709551615\t6");
}

static void test_read(void **state)
{
	int data[2] = { -3, 60000 };
	struct ctl_table t = { "x", data, sizeof(data), 0644, proc_dointvec, NULL, NULL };
	char buf[32];

	assert_int_equal(proc_dointvec(NULL, &t, false, buf, sizeof(buf)), 8);
	assert_string_equal(buf, "-3\t60000");
	/* what does not fit is cut, the length tells */
	assert_int_equal(proc_dointvec(NULL, &t, false, buf, 4), 8);
	assert_string_equal(buf, "-3\t");
	assert_int_equal(proc_dointvec(NULL, &t, false, NULL, 0), 8);
	t.data = &data[1];
	t.maxlen = sizeof(int);
	assert_int_equal(proc_dointvec_jiffies(NULL, &t, false, buf, sizeof(buf)), 2);
	assert_string_equal(buf, "60");
}

static struct net *make_net(struct skiff **skiff)
{
	const struct skiff_env env = { .now_ns = 1 };

	*skiff = skiff_create(&env);
	return *skiff ? net_create(*skiff, "r") : NULL;
}

static void test_keys(void **state)
{
	struct skiff *skiff;
	struct net *net = make_net(&skiff);
	int v = 5, w = 6;
	struct ctl_table rw = { "v", &v, sizeof(v), 0644, proc_dointvec, NULL, NULL };
	struct ctl_table ro = { "w", &w, sizeof(w), 0444, proc_dointvec, NULL, NULL };
	struct ctl_table wo = { "o", &w, sizeof(w), 0200, proc_dointvec, NULL, NULL };
	struct ctl_table_header *h = register_net_sysctl(net, "net/x/e0.1", &rw, 1);
	char buf[16], longest[400];

	assert_non_null(h);
	assert_null(register_net_sysctl(net, "net/x/e0.1", &rw, 1));
	assert_non_null(register_net_sysctl(net, "net/x/e0.1", &ro, 1));
	assert_non_null(register_net_sysctl(net, "net/x", &wo, 1));
	assert_int_equal(sysctl_set(net, "net.x.e0/1.v", "7"), 0);
	assert_int_equal(v, 7);
	assert_int_equal(sysctl_set(net, "net/x/e0.1/v", "8"), 0);
	assert_int_equal(v, 8);
	assert_int_equal(sysctl_get(net, "net.x.e0/1.v", buf, sizeof(buf)), 1);
	assert_string_equal(buf, "8");
	assert_int_equal(sysctl_set(net, "net.x.e0.1.v", "7"), -ENOENT);
	assert_int_equal(sysctl_set(net, "net.x.e0/1.w", "7"), -EACCES);
	assert_int_equal(sysctl_get(net, "net.x.o", buf, sizeof(buf)), -EACCES);
	assert_int_equal(sysctl_set(net, "net.x.e0/1", "7"), -EISDIR);
	assert_int_equal(sysctl_set(net, "net", "7"), -EISDIR);
	assert_int_equal(sysctl_set(net, "ne", "7"), -ENOENT);
	assert_int_equal(sysctl_set(net, "", "7"), -ENOENT);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	assert_int_equal(sysctl_set(net, longest, "7"), -ENOENT);
	unregister_net_sysctl(h);
	assert_int_equal(sysctl_set(net, "net.x.e0/1.v", "7"), -ENOENT);
	skiff_destroy(skiff);
}

static void in_order(void *arg, const char *key)
{
	char *last = arg;

	assert_true(strcmp(last, key) < 0);
	strcpy(last, key);
}

static void test_walk(void **state)
{
	struct skiff *skiff;
	struct net *net = make_net(&skiff);
	char last[300] = "";

	sysctl_walk(net, in_order, last);
	assert_string_not_equal(last, "");
	skiff_destroy(skiff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes), cmocka_unit_test(test_small_and_large),
		cmocka_unit_test(test_read),   cmocka_unit_test(test_keys),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
