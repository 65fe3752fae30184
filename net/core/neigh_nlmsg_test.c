// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_nlmsg_test.c - neighbours by netlink: the answers of the kernel, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "neigh_fake.h"
#include "neigh_nlmsg_rows.h"

#include <stdio.h>

static struct {
	int err;
	bool done;
	char msg[200];
	char obj[8][512];
	unsigned n;
} got;

static unsigned unhex(const char *hex, u8 *out)
{
	unsigned n = 0, byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[n++] = (u8)byte;
	return n;
}

static void get_sentence(const struct nlmsghdr *nlh, unsigned skip)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, skip) if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
		snprintf(got.msg, sizeof(got.msg), "%s", mnl_attr_get_str(a));
}

static void on_reply(void *arg, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;
	const u8 *p = mnl_nlmsg_get_payload(nlh);
	char *s;

	assert_int_equal(len, nlh->nlmsg_len);
	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		const struct nlmsgerr *e = (const struct nlmsgerr *)p;
		unsigned skip = sizeof(int);

		if (nlh->nlmsg_type == NLMSG_ERROR)
			skip += nlh->nlmsg_flags & NLM_F_CAPPED ? NLMSG_HDRLEN : e->msg.nlmsg_len;
		got.done = true;
		got.err = e->error;
		if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
			get_sentence(nlh, MNL_ALIGN(skip));
		return;
	}
	assert_true(got.n < ARRAY_SIZE(got.obj));
	s = got.obj[got.n++];
	for (unsigned i = 0; i < mnl_nlmsg_get_payload_len(nlh); i++)
		s += sprintf(s, "%02x", p[i]);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void ask(const struct nl_row *r)
{
	u8 buf[512] __attribute__((aligned(4))) = { 0 };
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;

	memset(&got, 0, sizeof(got));
	nlh->nlmsg_len = NLMSG_HDRLEN + unhex(r->body, buf + NLMSG_HDRLEN);
	nlh->nlmsg_type = (u16)r->type;
	nlh->nlmsg_flags = (u16)(r->flags | NLM_F_REQUEST | NLM_F_ACK);
	nlh->nlmsg_seq = 7;
	rtnetlink_rcv_msg(fake.net, nlh, nlh->nlmsg_len, on_reply, NULL);
	qsort(got.obj, got.n, sizeof(got.obj[0]), compare);
}

static void test_kernel_answers(void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(nl_rows); i++) {
		const struct nl_row *r = &nl_rows[i];
		unsigned want = 0;

		ask(r);
		if (got.err != r->err || strcmp(got.msg, r->msg ? r->msg : ""))
			fail_msg("row %u (%s): %d \"%s\", not %d \"%s\"", i, r->name, got.err,
				 got.msg, r->err, r->msg ? r->msg : "");
		for (; want < ARRAY_SIZE(r->obj) && r->obj[want]; want++)
			if (want >= got.n || strcmp(got.obj[want], r->obj[want]))
				fail_msg("row %u (%s): object %u\n%s, not\n%s", i, r->name, want,
					 want < got.n ? got.obj[want] : "missing", r->obj[want]);
		assert_int_equal(got.n, want);
	}
}

/* One message for default, then one for each device; attributes as the kernel orders them. */
static void test_table_dump(void **state)
{
	const struct nl_row dump = { .type = RTM_GETNEIGHTBL,
				     .flags = NLM_F_DUMP,
				     .body = "02000000" };
	/* NDTA_PARMS of a device with the defaults, up to the time drawn at random and behind it */
	const char *head =
		"020000000e0001006172705f6361636865000000b800060008000100030000000800020001000000"
		"0800100000400300080008006500000008000e004000000008000900000000000800"
		"0a000300000008000b000300000008001100000000000c000300";
	const char *tail =
		"0c000400307500000000000"
		"00c00060060ea0000000000000c00070088130000000000000c000500e8030000000000000c00"
		"0c00e8030000000000000c000d0020030000000000000c000f00e8030000000000000c001300"
		"8813000000000000";
	unsigned found = 0;

	ask(&dump);
	assert_int_equal(got.err, 0);
	assert_true(got.n >= 2);
	for (unsigned i = 0; i < got.n; i++) {
		size_t len = strlen(got.obj[i]);

		if (strncmp(got.obj[i], head, strlen(head)))
			continue;
		found++;
		assert_string_equal(got.obj[i] + len - strlen(tail), tail);
		assert_int_equal(len, strlen(head) + 16 + strlen(tail));
	}
	assert_true(found >= 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = { T(test_kernel_answers), T(test_table_dump) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
