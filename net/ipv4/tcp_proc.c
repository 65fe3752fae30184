// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_proc.c - /proc/net/tcp: listeners, then whoever is in the table of connections: requests, sockets, TIME_WAIT. */
#include "net/proc.h"
#include "net/tcp.h"

/* Lines have this many characters, filled up with blanks. */
#define TCP_LINE 149

/* Both tables and the death row: each counts as a holder of a time-wait socket in the kernel. */
#define TW_HOLDERS 3

/* Times stand there in 1/100 s, whatever a tick is. */
static unsigned long clock_t_of(u32 ticks)
{
	return ticks / (HZ / 100);
}

struct seq {
	struct strbuf *sb;
	int num;
};

static void line_end(struct strbuf *sb, size_t start)
{
	while (sb->len - start < TCP_LINE && !sb->cut)
		strbuf_putc(sb, ' ');
	strbuf_putc(sb, '\n');
}

static void line_begin(struct seq *s, const struct sock_common *c, u8 state)
{
	strbuf_printf(s->sb, "%4d: %08X:%04X %08X:%04X %02X ", s->num++, c->skc_rcv_saddr,
		      c->skc_num, c->skc_daddr, ntohs(c->skc_dport), state);
}

/* Which timer runs, as the kernel numbers them: 1 retransmission, 2 keepalive, 4 window probe, 0 none; its deadline in @when */
static int timer_of(const struct sock *sk, u32 *when)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);

	*when = icsk->rto_deadline;
	if (icsk->icsk_pending == ICSK_TIME_PROBE0)
		return 4;
	if (icsk->icsk_pending)
		return 1;
	*when = icsk->keepalive_deadline;
	if (*when)
		return 2;
	*when = tcp_jiffies32(sk);
	return 0;
}

static void show_sock(struct seq *s, const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	bool listens = sk->sk_state == TCP_LISTEN;
	u32 when, now = tcp_jiffies32(sk);
	int timer = timer_of(sk, &when), rx, ssthresh;
	size_t start = s->sb->len;

	rx = listens ? (int)inet_csk_accept_queue(sk)->ack_backlog :
		       max_t(int, (int)(tp->rcv_nxt - tp->copied_seq), 0);
	ssthresh = tcp_in_initial_slowstart(tp) ? -1 : (int)tp->snd_ssthresh;
	if (listens)
		ssthresh = inet_csk_accept_queue(sk)->fastopenq.max_qlen;
	line_begin(s, &sk->__sk_common, sk->sk_state);
	/* Sockets have no inode here; their number in the slab stands for it and for the pointer. */
	strbuf_printf(s->sb, "%08X:%08X %02X:%08lX %08X %5u %8d %lu %d %016x %lu %lu %u %u %d",
		      tp->write_seq - tp->snd_una, rx, timer,
		      (s32)(when - now) > 0 ? clock_t_of(when - now) : 0, icsk->icsk_retransmits,
		      sk->sk_uid, icsk->icsk_probes_out, (unsigned long)sk->sk_handle,
		      sk->sk_refcnt, sk->sk_handle, clock_t_of(icsk->icsk_rto),
		      clock_t_of(icsk->icsk_ack.ato),
		      (unsigned)icsk->icsk_ack.quick << 1 | inet_csk_in_pingpong_mode(sk),
		      tp->snd_cwnd, ssthresh);
	line_end(s->sb, start);
}

static void show_request(struct seq *s, const struct request_sock *req)
{
	const struct sock *listener = req->rsk_listener;
	u64 now = sock_skiff(listener)->jiffies;
	size_t start = s->sb->len;

	line_begin(s, &req->__req_common, TCP_SYN_RECV);
	strbuf_printf(s->sb, "%08X:%08X %02X:%08lX %08X %5u %8d %d %d %016x", 0, 0, 1,
		      req->deadline > now ? clock_t_of((u32)(req->deadline - now)) : 0,
		      req->num_timeout, listener->sk_uid, 0, 0, 0, req->__req_common.skc_handle);
	line_end(s->sb, start);
}

static void show_timewait(struct seq *s, const struct inet_timewait_sock *tw)
{
	u32 left = tw->tw_expires - (u32)tw->tw_net_->skiff->jiffies;
	size_t start = s->sb->len;

	line_begin(s, &tw->__tw_common, tw->tw_substate);
	strbuf_printf(s->sb, "%08X:%08X %02X:%08lX %08X %5d %8d %d %d %016x", 0, 0, 3,
		      (s32)left > 0 ? clock_t_of(left) : 0, 0, 0, 0, 0, TW_HOLDERS,
		      tw->__tw_common.skc_handle);
	line_end(s->sb, start);
}

static void show_any(void *arg, struct sock *sk)
{
	if (sk->sk_kind_ == SK_REQUEST)
		show_request(arg, inet_reqsk(sk));
	else if (sk->sk_kind_ == SK_TIMEWAIT)
		show_timewait(arg, inet_twsk(sk));
	else
		show_sock(arg, sk);
}

void tcp4_seq_show(struct net *net, struct strbuf *sb)
{
	struct seq s = { sb, 0 };
	size_t start = sb->len;

	strbuf_puts(sb,
		    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
		    "   uid  timeout inode");
	line_end(sb, start);
	inet_listener_walk(net, show_any, &s);
	inet_ehash_walk(net, show_any, &s);
}
