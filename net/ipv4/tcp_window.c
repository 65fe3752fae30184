// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_window.c - the window that we offer.
 *
 * DOC: The receive window
 * What is offered is never taken back (RFC 9293 3.8.6.2.1), unless tcp_shrink_window allows it, or memory ran out for
 * what came. It opens in steps worth a segment (no silly windows, RFC 1122 4.2.3.3), follows rcv_ssthresh, which grows as the
 * peer proves to send large segments (tcp_rcvbuf.c), and goes to 0 when less than a segment or a sixteenth is free.
 */
#include "tcp_output.h"

static u32 round_down_scale(u32 v, u32 scale)
{
	return v & ~((1U << scale) - 1);
}

static u32 round_up_scale(u32 v, u32 scale)
{
	return ALIGN_UP(v, 1U << scale);
}

/* Less than half is free: no quick ACKs, which would only tell of small windows. */
static void short_of_space(struct sock *sk)
{
	inet_csk(sk)->icsk_ack.quick = 0;
	if (tcp_under_memory_pressure(sk))
		tcp_adjust_rcv_ssthresh(sk);
}

/* tcp_shrink_window: what is free is what is offered, in units of the scale. */
static u32 window_that_shrinks(struct sock *sk, int free_space, int allowed_space, int full_space,
			       int mss)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 scale = tp->rx_opt.rcv_wscale;

	free_space = free_space < 0 ? 0 : (int)round_down_scale((u32)free_space, scale);
	if (free_space < full_space >> 1) {
		short_of_space(sk);
		if (free_space < allowed_space >> 4 || free_space < mss || free_space < 1 << scale)
			return 0;
	}
	if (free_space > (int)tp->rcv_ssthresh)
		return round_up_scale(tp->rcv_ssthresh, scale);
	return (u32)free_space;
}

/* Without scaling: in steps of the MSS, and unchanged while it is off by less. */
static u32 unscaled_window(const struct tcp_sock *tp, int free_space, int full_space, int mss)
{
	int window = (int)tp->rcv_wnd;

	if (window <= free_space - mss || window > free_space)
		return (u32)(free_space - free_space % mss);
	if (mss == full_space && free_space > window + (full_space >> 1))
		return (u32)free_space;
	return (u32)window;
}

u32 __tcp_select_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 scale = tp->rx_opt.rcv_wscale;
	/* What the peer sends, not what it could: a window for full segments would be too coarse for small ones. */
	int mss = inet_csk(sk)->icsk_ack.rcv_mss;
	int free_space = tcp_space(sk), allowed_space = tcp_full_space(sk), full_space;

	full_space = min_t(int, tp->window_clamp, allowed_space);
	if (unlikely(mss > full_space)) {
		mss = full_space;
		if (mss <= 0)
			return 0;
	}
	if (unlikely(sock_net(sk)->ipv4.sysctl_tcp_shrink_window) && scale)
		return window_that_shrinks(sk, free_space, allowed_space, full_space, mss);
	if (free_space < full_space >> 1) {
		short_of_space(sk);
		/* Rounding up below must not offer more than there is. */
		free_space = free_space < 0 ? 0 : (int)round_down_scale((u32)free_space, scale);
		if (free_space < allowed_space >> 4 || free_space < mss)
			return 0;
	}
	if (free_space > (int)tp->rcv_ssthresh)
		free_space = (int)tp->rcv_ssthresh;
	return scale ? round_up_scale((u32)free_space, scale) :
		       unscaled_window(tp, free_space, full_space, mss);
}

/* As it stands in the header. */
static u16 window_on_wire(const struct sock *sk, u32 win)
{
	u32 scale = tcp_sk(sk)->rx_opt.rcv_wscale;

	/* Old stacks read 16 bits as signed. */
	if (!scale && sock_net(sk)->ipv4.sysctl_tcp_workaround_signed_windows)
		win = min_t(u32, win, MAX_TCP_WINDOW);
	else
		win = min_t(u32, win, 65535U << scale);
	return (u16)(win >> scale);
}

u16 tcp_select_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	u32 old_win = tp->rcv_wnd, cur_win, new_win;
	u16 field;

	/* No memory for what came: the window is 0 whatever was offered. */
	if (unlikely(inet_csk(sk)->icsk_ack.pending & ICSK_ACK_NOMEM)) {
		tp->pred_flags = 0;
		tp->rcv_wnd = 0;
		tp->rcv_wup = tp->rcv_nxt;
		return 0;
	}
	cur_win = tcp_receive_window(tp);
	new_win = __tcp_select_window(sk);
	if (new_win < cur_win && (!net->ipv4.sysctl_tcp_shrink_window || !tp->rx_opt.rcv_wscale)) {
		if (new_win == 0)
			NET_INC_STATS(net, LINUX_MIB_TCPWANTZEROWINDOWADV);
		new_win = round_up_scale(cur_win, tp->rx_opt.rcv_wscale);
	}
	tp->rcv_wnd = new_win;
	tp->rcv_wup = tp->rcv_nxt;
	field = window_on_wire(sk, new_win);
	if (unlikely(field == 0)) {
		tp->pred_flags = 0;
		if (old_win)
			NET_INC_STATS(net, LINUX_MIB_TCPTOZEROWINDOWADV);
	} else if (unlikely(old_win == 0)) {
		NET_INC_STATS(net, LINUX_MIB_TCPFROMZEROWINDOWADV);
	}
	return field;
}

static u32 ilog2(u32 v)
{
	return v ? 31 - (u32)__builtin_clz(v) : 0;
}

void tcp_select_initial_window(const struct sock *sk, int full_space, u32 mss, u32 *rcv_wnd,
			       u32 *window_clamp, int wscale_ok, u8 *rcv_wscale, u32 init_rcv_wnd)
{
	const struct net *net = sock_net(sk);
	u32 space = full_space < 0 ? 0 : (u32)full_space, clamp = *window_clamp, log;

	if (!clamp)
		clamp = 65535U << TCP_MAX_WSCALE;
	space = min_t(u32, clamp, space);
	if (space > mss)
		space -= space % mss;
	*rcv_wnd = space;
	if (net->ipv4.sysctl_tcp_workaround_signed_windows)
		*rcv_wnd = min_t(u32, space, MAX_TCP_WINDOW);
	if (init_rcv_wnd)
		*rcv_wnd = min_t(u32, *rcv_wnd, init_rcv_wnd * mss);
	*rcv_wscale = 0;
	if (wscale_ok) {
		/* For what the buffer may grow to. */
		space = max_t(u32, space, net->ipv4.sysctl_tcp_rmem[2]);
		space = max_t(u32, space, net->sock->sysctl_rmem_max);
		space = min_t(u32, space, clamp);
		log = ilog2(space);
		*rcv_wscale = (u8)(log > 15 ? min_t(u32, log - 15, TCP_MAX_WSCALE) : 0);
	}
	*window_clamp = min_t(u32, 65535U << *rcv_wscale, clamp);
}
