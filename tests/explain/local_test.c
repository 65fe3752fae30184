// SPDX-License-Identifier: BSD-2-Clause
/* tests/explain/local_test.c - journeys of packets that a node makes itself: what a socket sends, what is dropped on the way out. */
#include "tests/stack.h"

#include <string.h>

#include "net/socket_abi.h"
#include "skiff/explain.h"
#include "skiff/socket.h"

static void send_to(struct stack *s, u32 daddr, size_t len)
{
	static const char data[4000];
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = skiff_socket((struct skiff_net *)s->net, AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	a.sin_addr.s_addr = htonl(daddr);
	skiff_sendto(s->skiff, fd, data, len, 0, (struct sockaddr *)&a, sizeof(a));
	skiff_close(s->skiff, fd);
	stack_run(s, 0);
}

static bool has(const struct skiff_journey *j, const char *words)
{
	static char text[16384];

	skiff_journey_text(j, text, sizeof(text));
	return strstr(text, words);
}

static void test_sent(void **state)
{
	struct skiff_recorder *rec;
	const struct skiff_journey *j;
	struct stack s;
	char line[200];

	stack_start(&s, 1);
	rec = skiff_recorder_start(s.skiff);
	send_to(&s, 0x0a000002, 10);
	assert_int_equal(skiff_recorder_count(rec), 0); /* not unless it is asked for */
	skiff_recorder_local(rec, true);
	send_to(&s, 0x0a000002, 10);
	send_to(&s, 0x0a000002, 20);
	assert_int_equal(skiff_recorder_count(rec), 2);
	j = skiff_recorder_get(rec, 1);
	assert_int_equal(j->fate, SKIFF_FATE_SENT);
	assert_string_equal(j->dev, "");
	assert_string_equal(j->out_dev, "e0");
	assert_int_equal(j->len, 14 + 20 + 8 + 20);
	assert_int_equal(((const u8 *)j->frame)[0],
			 2); /* the frame that left, with its addresses */
	skiff_frame_text(j->frame, j->len, line, sizeof(line));
	assert_non_null(strstr(line, "10.0.0.1:"));
	assert_true(has(j, "hook    LOCAL_OUT: accept"));
	assert_true(has(j, "neigh   10.0.0.2 dev e0"));
	assert_true(has(j, "sent out of e0"));
	skiff_recorder_stop(rec);
	stack_end(&s);
}

/* What goes to itself comes back over lo, in the same journey. */
static void test_to_itself(void **state)
{
	struct skiff_recorder *rec;
	const struct skiff_journey *j;
	struct stack s;

	stack_start(&s, 2);
	rec = skiff_recorder_start(s.skiff);
	skiff_recorder_local(rec, true);
	send_to(&s, 0x0a000001, 10);
	j = skiff_recorder_get(rec, 0);
	assert_non_null(j);
	assert_int_equal(j->fate, SKIFF_FATE_DROPPED);
	assert_string_equal(j->drop_reason, "NO_SOCKET");
	assert_true(has(j, "ip_local_deliver"));
	skiff_recorder_stop(rec);
	stack_end(&s);
}

/* It waits for its next hop, which never answers; the end is a timer's doing. */
static void test_unreachable_neighbour(void **state)
{
	struct skiff_recorder *rec;
	const struct skiff_journey *j;
	struct stack s;

	stack_start(&s, 3);
	rec = skiff_recorder_start(s.skiff);
	skiff_recorder_local(rec, true);
	send_to(&s, 0x0a000063, 10);
	j = skiff_recorder_get(rec, 0);
	assert_int_equal(j->fate, SKIFF_FATE_QUEUED);
	stack_run(&s, 5000);
	j = skiff_recorder_get(rec, 0);
	assert_int_equal(j->fate, SKIFF_FATE_DROPPED);
	assert_string_equal(j->drop_reason, "NEIGH_FAILED");
	skiff_recorder_stop(rec);
	stack_end(&s);
}

static void test_fragments(void **state)
{
	struct skiff_recorder *rec;
	const struct skiff_journey *j;
	unsigned out = 0;
	struct stack s;

	stack_start(&s, 4);
	rec = skiff_recorder_start(s.skiff);
	skiff_recorder_local(rec, true);
	send_to(&s, 0x0a000002, 4000);
	assert_int_equal(skiff_recorder_count(rec), 1);
	j = skiff_recorder_get(rec, 0);
	assert_int_equal(j->fate, SKIFF_FATE_SENT);
	for (unsigned i = 0; i < j->n_steps; i++)
		out += j->steps[i].kind == SKIFF_STEP_OUT;
	assert_int_equal(out, 3);
	skiff_recorder_stop(rec);
	stack_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sent),
		cmocka_unit_test(test_to_itself),
		cmocka_unit_test(test_unreachable_neighbour),
		cmocka_unit_test(test_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
