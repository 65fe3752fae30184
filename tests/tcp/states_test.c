// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/states_test.c - every state of a connection and every kind of segment: what is answered, and where it leads (RFC 9293 3.10.7, RFC 5961). */
#include "tests/tcp/peer.h"

static struct hosts h;

/* Kinds of segments; numbers are those that the state of the connection makes them. */
enum kind {
	RST_EXACT,  /* at the next number */
	RST_WINDOW, /* elsewhere in the window */
	SYN_AGAIN,  /* in the window */
	ACK_UNSENT, /* of bytes never sent */
	ACK_OLD,    /* of less than is acknowledged */
	ACK_FIN,    /* of everything, our FIN too */
	DATA_NEXT,  /* five bytes in sequence */
	DATA_FAR,   /* beyond the window */
	FIN_NEXT,   /* in sequence */
	FIN_AGAIN,  /* one that was received */
	NO_FLAGS,
};

static int state_of(const struct peer *p)
{
	return p->fd < 0 ? TCP_CLOSE : peer_info(p).tcpi_state;
}

/* ---- into each state; *@una: our first unacknowledged number, *@next: the peer's next one */

static struct peer established(void)
{
	return peer_accepted(&h, 80);
}

static struct peer fin_wait1(void)
{
	struct peer p = established();

	skiff_shutdown(h.skiff, p.fd, SHUT_WR);
	peer_expect(&p, F | A, 1, 0, 1);
	return p;
}

static struct peer fin_wait2(void)
{
	struct peer p = fin_wait1();

	p.ack = 2;
	peer_send(&p, A, NULL, 0);
	return p;
}

static struct peer close_wait(void)
{
	struct peer p = established();

	peer_send(&p, F | A, NULL, 0);
	hosts_run(&h, 2);
	peer_expect(&p, A, 1, 0, 2);
	return p;
}

static struct peer closing(void)
{
	struct peer p = fin_wait1();

	peer_send(&p, F | A, NULL, 0);
	peer_expect(&p, A, 2, 0, 2);
	return p;
}

static struct peer last_ack(void)
{
	struct peer p = close_wait();

	skiff_shutdown(h.skiff, p.fd, SHUT_WR);
	peer_expect(&p, F | A, 1, 0, 2);
	return p;
}

static struct peer syn_sent(void)
{
	struct peer p = peer_init(&h, 0);
	struct seg *s;

	p.fd = hosts_socket(&h, 0);
	assert_int_equal(hosts_bind(&h, p.fd, 0, 4000), 0);
	assert_int_equal(hosts_try_connect(&h, p.fd, STRANGER(0), p.sport), -EINPROGRESS);
	hosts_settle(&h);
	p.dport = 4000;
	s = peer_got(&p);
	assert_non_null(s);
	assert_int_equal(s->flags, S);
	p.isn = h.seg[p.since - 1].seq;
	p.seq = 0;
	return p;
}

/* Both sent a SYN. */
static struct peer syn_recv(void)
{
	struct peer p = syn_sent();

	peer_syn_options(&p, true, false);
	peer_send(&p, S, NULL, 0);
	peer_expect(&p, S | A, 0, 0, 1);
	return p;
}

struct row {
	struct peer (*in)(void);
	enum kind kind;
	u8 answer; /* flags, 0: none */
	int state; /* afterwards */
};

static void send_kind(struct peer *p, enum kind kind)
{
	u32 ack = p->ack;

	switch (kind) {
	case RST_EXACT:
		peer_at(p, R, p->seq, NULL, 0);
		break;
	case RST_WINDOW:
		peer_at(p, R, p->seq + 100, NULL, 0);
		break;
	case SYN_AGAIN:
		peer_at(p, S, p->seq, NULL, 0);
		break;
	case ACK_UNSENT:
		p->ack = 5000;
		peer_at(p, A, p->seq, NULL, 0);
		break;
	case ACK_OLD:
		p->ack = 0;
		peer_at(p, A, p->seq, NULL, 0);
		break;
	case ACK_FIN:
		p->ack = 2;
		peer_at(p, A, p->seq, NULL, 0);
		break;
	case DATA_NEXT:
		peer_at(p, A | P, p->seq, "hello", 5);
		break;
	case DATA_FAR:
		peer_at(p, A | P, p->seq + (1 << 20), "hello", 5);
		break;
	case FIN_NEXT:
		peer_at(p, F | A, p->seq, NULL, 0);
		break;
	case FIN_AGAIN:
		peer_at(p, F | A, p->seq - 1, NULL, 0);
		break;
	case NO_FLAGS:
		peer_at(p, 0, p->seq, "x", 1);
		break;
	}
	p->ack = ack;
}

static const struct row rows[] = {
	{ established, RST_EXACT, 0, TCP_CLOSE },
	{ established, RST_WINDOW, A, TCP_ESTABLISHED },
	{ established, SYN_AGAIN, A, TCP_ESTABLISHED },
	{ established, ACK_UNSENT, A, TCP_ESTABLISHED }, /* so does Linux 6.18; not older ones */
	{ established, ACK_OLD, A, TCP_ESTABLISHED },
	{ established, DATA_NEXT, A, TCP_ESTABLISHED },
	{ established, DATA_FAR, A, TCP_ESTABLISHED },
	{ established, FIN_NEXT, A, TCP_CLOSE_WAIT },
	{ established, NO_FLAGS, 0, TCP_ESTABLISHED },
	{ fin_wait1, RST_EXACT, 0, TCP_CLOSE },
	{ fin_wait1, RST_WINDOW, A, TCP_FIN_WAIT1 },
	{ fin_wait1, SYN_AGAIN, A, TCP_FIN_WAIT1 },
	{ fin_wait1, ACK_UNSENT, A, TCP_FIN_WAIT1 },
	{ fin_wait1, ACK_OLD, A, TCP_FIN_WAIT1 },
	{ fin_wait1, ACK_FIN, 0, TCP_FIN_WAIT2 },
	{ fin_wait1, DATA_NEXT, A, TCP_FIN_WAIT1 },
	{ fin_wait1, DATA_FAR, A, TCP_FIN_WAIT1 },
	{ fin_wait1, FIN_NEXT, A, TCP_CLOSING },
	{ fin_wait1, NO_FLAGS, 0, TCP_FIN_WAIT1 },
	{ fin_wait2, RST_EXACT, 0, TCP_CLOSE },
	{ fin_wait2, SYN_AGAIN, A, TCP_FIN_WAIT2 },
	{ fin_wait2, ACK_UNSENT, A, TCP_FIN_WAIT2 },
	{ fin_wait2, DATA_NEXT, A, TCP_FIN_WAIT2 },
	{ fin_wait2, DATA_FAR, A, TCP_FIN_WAIT2 },
	{ fin_wait2, FIN_NEXT, A, TCP_CLOSE },
	{ close_wait, RST_EXACT, 0, TCP_CLOSE },
	{ close_wait, RST_WINDOW, A, TCP_CLOSE_WAIT },
	{ close_wait, SYN_AGAIN, A, TCP_CLOSE_WAIT },
	{ close_wait, ACK_UNSENT, A, TCP_CLOSE_WAIT },
	{ close_wait, DATA_NEXT, 0, TCP_CLOSE_WAIT },
	{ close_wait, FIN_AGAIN, A, TCP_CLOSE_WAIT },
	{ closing, RST_EXACT, 0, TCP_CLOSE },
	{ closing, SYN_AGAIN, A, TCP_CLOSING },
	{ closing, ACK_OLD, A, TCP_CLOSING },
	{ closing, ACK_FIN, 0, TCP_CLOSE },
	{ closing, FIN_AGAIN, A, TCP_CLOSING },
	{ last_ack, RST_EXACT, 0, TCP_CLOSE },
	{ last_ack, SYN_AGAIN, A, TCP_LAST_ACK },
	{ last_ack, ACK_FIN, 0, TCP_CLOSE },
	{ last_ack, DATA_NEXT, 0, TCP_LAST_ACK },
	{ last_ack, FIN_AGAIN, A, TCP_LAST_ACK },
	{ syn_sent, RST_EXACT, 0, TCP_SYN_SENT },
	{ syn_sent, ACK_UNSENT, R, TCP_SYN_SENT },
	{ syn_sent, ACK_OLD, R, TCP_SYN_SENT },
	{ syn_sent, SYN_AGAIN, S | A, TCP_SYN_RECV },
	{ syn_sent, NO_FLAGS, 0, TCP_SYN_SENT },
	{ syn_recv, RST_EXACT, 0, TCP_CLOSE },
	{ syn_recv, RST_WINDOW, A, TCP_SYN_RECV },
	{ syn_recv, SYN_AGAIN, A, TCP_SYN_RECV },
	{ syn_recv, ACK_UNSENT, R, TCP_SYN_RECV },
	{ syn_recv, NO_FLAGS, 0, TCP_SYN_RECV },
};

static void test_rows(void **state)
{
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		struct peer p;
		struct seg *s;
		u8 answer;
		int was;

		hosts_start(&h, (u8)i);
		p = r->in();
		was = state_of(&p);
		send_kind(&p, r->kind);
		hosts_run(&h, 1);
		s = peer_got(&p);
		answer = s ? s->flags : 0;
		if (answer != r->answer || state_of(&p) != r->state) {
			hosts_show(&h);
			fail_msg("row %u: from state %d, kind %d: answer %02x, state %d", i, was,
				 r->kind, answer, state_of(&p));
		}
		peer_silence(&p);
		hosts_stop(&h);
	}
}

/* ---- no connection yet ---- */

static void test_listener(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_init(&h, 80);
	p.listener = hosts_listen(&h, 0, 80, 8);
	p.ts = false;
	peer_at(&p, A, 1, NULL, 0);
	assert_int_equal(peer_got(&p)->flags, R);
	peer_at(&p, R, 1, NULL, 0);
	peer_silence(&p);
	peer_at(&p, S | F, 1, NULL, 0);
	peer_silence(&p);
	peer_at(&p, 0, 1, "x", 1);
	peer_silence(&p);
	peer_at(&p, S | A, 1, NULL, 0);
	assert_int_equal(peer_got(&p)->flags, R);
	hosts_stop(&h);
}

static void test_no_listener(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = peer_init(&h, 80);
	peer_at(&p, S, 1, NULL, 0);
	assert_int_equal(peer_got(&p)->flags, R | A);
	peer_at(&p, A, 1, NULL, 0);
	assert_int_equal(peer_got(&p)->flags, R);
	peer_at(&p, R, 1, NULL, 0);
	peer_silence(&p);
	assert_int_equal(hosts_counter(&h, 0, "Tcp.OutRsts"), 2);
	hosts_stop(&h);
}

/* A refused connect, and what the caller learns. */
static void test_refused(void **state)
{
	struct peer p;
	int err = 0;
	u32 len = sizeof(err);

	hosts_start(&h, 1);
	p = syn_sent();
	p.ack = 1;
	peer_at(&p, R | A, 0, NULL, 0);
	peer_silence(&p);
	assert_int_equal(skiff_events(h.skiff, p.fd) & (POLLERR | POLLHUP), POLLERR | POLLHUP);
	assert_int_equal(skiff_getsockopt(h.skiff, p.fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	assert_int_equal(err, ECONNREFUSED);
	assert_int_equal(hosts_counter(&h, 0, "Tcp.AttemptFails"), 1);
	hosts_stop(&h);
}

/* Crossed SYNs become a connection. */
static void test_crossed(void **state)
{
	struct peer p;

	hosts_start(&h, 1);
	p = syn_recv();
	p.ack = 1;
	peer_at(&p, S | A, 0, NULL, 0);
	assert_int_equal(state_of(&p), TCP_ESTABLISHED);
	peer_got(&p);
	peer_send(&p, A | P, "hello", 5);
	assert_int_equal(peer_info(&p).tcpi_bytes_received, 5);
	hosts_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	    cmocka_unit_test(test_listener),
		cmocka_unit_test(test_no_listener), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_crossed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
