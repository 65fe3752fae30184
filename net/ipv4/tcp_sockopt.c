/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_sockopt.c - options of level SOL_TCP: set. Reading them: tcp_getsockopt.c; TCP_REPAIR: tcp_repair.c. */
#include "tcp_input.h"

#include "tcp_sockopt.h"

#define TFO_CLIENT_ENABLE 1

/* ---- options with names or keys as values ---- */

static int set_name(struct sock *sk, int optname, const char *optval, u32 optlen)
{
	char name[TCP_CA_NAME_MAX];
	size_t n;

	static_assert(TCP_CA_NAME_MAX == TCP_ULP_NAME_MAX, "one buffer for both");
	if (optlen < 1)
		return -EINVAL;
	n = strnlen(optval, min_t(u32, TCP_CA_NAME_MAX - 1, optlen));
	memcpy(name, optval, n);
	name[n] = 0;
	if (optname == TCP_ULP)
		return tcp_set_ulp(sk, name);
	return tcp_set_congestion_control(sk, name, sock_capable(sock_net(sk), CAP_NET_ADMIN));
}

static int set_fastopen_key(struct sock *sk, const u8 *optval, u32 optlen)
{
	if (optlen != TCP_FASTOPEN_KEY_LENGTH && optlen != 2 * TCP_FASTOPEN_KEY_LENGTH)
		return -EINVAL;
	return tcp_fastopen_reset_cipher(
		sock_net(sk), sk, optval,
		optlen > TCP_FASTOPEN_KEY_LENGTH ? optval + TCP_FASTOPEN_KEY_LENGTH : NULL);
}

/* ---- times ---- */

/* How many SYN-ACK timeouts fit in so many seconds, and back. */
static u8 secs_to_retrans(int seconds, int timeout, int rto_max)
{
	int period = timeout;
	u8 n = 1;

	if (seconds <= 0)
		return 0;
	while (seconds > period && n < UINT8_MAX) {
		n++;
		timeout = min_t(int, timeout << 1, rto_max);
		period += timeout;
	}
	return n;
}

static void set_defer_accept(struct tcp_rare *rare, int val)
{
	rare->icsk_defer_accept = secs_to_retrans(val, TCP_TIMEOUT_INIT / HZ, TCP_RTO_MAX_SEC);
	if (rare->icsk_accept_queue)
		rare->icsk_accept_queue->rskq_defer_accept = rare->icsk_defer_accept;
}

int tcp_sock_set_keepidle(struct sock *sk, int val)
{
	struct tcp_rare *rare;
	u32 elapsed;

	if (val < 1 || val > MAX_TCP_KEEPIDLE)
		return -EINVAL;
	rare = tcp_tune(sk);
	if (!rare)
		return -ENOMEM;
	rare->keepalive_time = (u32)val * HZ;
	if (sock_flag(sk, SOCK_KEEPOPEN) && !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))) {
		elapsed = keepalive_time_elapsed(tcp_sk(sk));
		inet_csk_reset_keepalive_timer(
			sk, rare->keepalive_time > elapsed ? rare->keepalive_time - elapsed : 0);
	}
	return 0;
}

static void set_linger2(struct tcp_rare *rare, int val)
{
	if (val < 0)
		rare->linger2 = -1;
	else
		rare->linger2 = min_t(int, val, TCP_FIN_TIMEOUT_MAX / HZ) * HZ;
}

/* What stands in tcp_rare and is within its bounds. */
static int set_rare(struct sock *sk, int optname, int val)
{
	struct tcp_rare *rare = tcp_tune(sk);

	if (!rare)
		return -ENOMEM;
	switch (optname) {
	case TCP_KEEPINTVL:
		rare->keepalive_intvl = (u32)val * HZ;
		break;
	case TCP_USER_TIMEOUT:
		rare->icsk_user_timeout = (u32)val;
		break;
	case TCP_LINGER2:
		set_linger2(rare, val);
		break;
	case TCP_DEFER_ACCEPT:
		set_defer_accept(rare, val);
		break;
	case TCP_SYNCNT:
		rare->icsk_syn_retries = (u8)val;
		break;
	case TCP_KEEPCNT:
		rare->keepalive_probes = (u8)val;
		break;
	case TCP_NOTSENT_LOWAT:
		rare->notsent_lowat = (u32)val;
		sk_write_space(sk);
		break;
	case TCP_TX_DELAY:
		/* For a queueing discipline that waits for departure times (fq). There is none here, and without it the kernel sends at once too. */
		rare->tcp_tx_delay = (u32)val;
		break;
	}
	return 0;
}

/* A time in us in ticks. false: not within [TCP_TIMEOUT_MIN, @max] */
static bool get_ticks(int val, u32 max, u32 *ticks)
{
	*ticks = usecs_to_jiffies((u32)val);
	return *ticks <= max && *ticks >= TCP_TIMEOUT_MIN;
}

static int set_time(struct sock *sk, int optname, int val)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 ticks;

	switch (optname) {
	case TCP_KEEPIDLE:
		return tcp_sock_set_keepidle(sk, val);
	case TCP_KEEPINTVL:
		return val < 1 || val > MAX_TCP_KEEPINTVL ? -EINVAL : set_rare(sk, optname, val);
	case TCP_USER_TIMEOUT:
		return val < 0 ? -EINVAL : set_rare(sk, optname, val);
	case TCP_RTO_MAX_MS:
		if (val < 1000 || val > TCP_RTO_MAX_SEC * 1000)
			return -EINVAL;
		icsk->icsk_rto_max = (u32)msecs_to_jiffies((u64)val) & 0xffffff;
		return 0;
	case TCP_RTO_MIN_US:
		if (!get_ticks(val, TCP_RTO_MIN, &ticks))
			return -EINVAL;
		icsk->icsk_rto_min = ticks;
		return 0;
	case TCP_DELACK_MAX_US:
		if (!get_ticks(val, TCP_DELACK_MAX, &ticks))
			return -EINVAL;
		icsk->icsk_delack_max = (u8)ticks;
		return 0;
	case TCP_LINGER2:
	case TCP_DEFER_ACCEPT:
		return set_rare(sk, optname, val);
	default:
		return -ENOPROTOOPT;
	}
}

/* ---- sending and acknowledging ---- */

static void set_nodelay(struct sock *sk, bool on)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (on) {
		tp->nonagle |= TCP_NAGLE_OFF | TCP_NAGLE_PUSH;
		tcp_push_pending_frames(sk);
	} else {
		tp->nonagle &= ~TCP_NAGLE_OFF & 0xf;
	}
}

void tcp_sock_set_cork(struct sock *sk, bool on)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (on) {
		tp->nonagle |= TCP_NAGLE_CORK;
		return;
	}
	tp->nonagle &= ~TCP_NAGLE_CORK & 0xf;
	if (tp->nonagle & TCP_NAGLE_OFF)
		tp->nonagle |= TCP_NAGLE_PUSH;
	tcp_push_pending_frames(sk);
}

static void set_quickack(struct sock *sk, int val)
{
	if (!val) {
		inet_csk_enter_pingpong_mode(sk);
		return;
	}
	inet_csk_exit_pingpong_mode(sk);
	if (((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) &&
	    inet_csk_ack_scheduled(sk)) {
		inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_PUSHED;
		tcp_cleanup_rbuf(sk, 1);
		/* An even number: this once. */
		if (!(val & 1))
			inet_csk_enter_pingpong_mode(sk);
	}
}

static int set_window_clamp(struct sock *sk, int val)
{
	if (val) {
		tcp_set_window_clamp(sk, (u32)max_t(int, val, 0));
		return 0;
	}
	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	tcp_sk(sk)->window_clamp = 0;
	return 0;
}

static int set_fastopen(struct sock *sk, int optname, int val)
{
	bool fresh = (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN);
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);

	if (optname == TCP_FASTOPEN) {
		if (val < 0 || !fresh)
			return -EINVAL;
		tcp_fastopen_init_key_once(net);
		fastopen_queue_tune(sk, val);
		return 0;
	}
	if (val > 1 || val < 0)
		return -EINVAL;
	if (optname == TCP_FASTOPEN_NO_COOKIE) {
		if (!fresh)
			return -EINVAL;
		tp->fastopen_no_cookie = val & 1;
		return 0;
	}
	if (!(net->ipv4.sysctl_tcp_fastopen & TFO_CLIENT_ENABLE))
		return -EOPNOTSUPP;
	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	tp->fastopen_connect = val & 1;
	return 0;
}

static int set_timestamp(struct sock *sk, int val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->repair)
		return -EPERM;
	tp->tcp_usec_ts = val & 1;
	tcp_mstamp_refresh(tp);
	tp->tsoffset = (u32)val - tcp_time_stamp_ts(tp);
	return 0;
}

/* Bits and small numbers: [0, @max] or -EINVAL. */
static int check_range(int val, int max)
{
	return val < 0 || val > max ? -EINVAL : 0;
}

static int set_misc(struct sock *sk, int optname, int val)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int err;

	switch (optname) {
	case TCP_THIN_LINEAR_TIMEOUTS:
		err = check_range(val, 1);
		if (!err)
			tp->thin_lto = val & 1;
		return err;
	case TCP_THIN_DUPACK:
		/* Of no effect since RACK, but its range is still looked at. */
		return check_range(val, 1);
	case TCP_SAVE_SYN:
		err = check_range(val, 2);
		if (!err)
			tp->save_syn = val & 3;
		return err;
	case TCP_INQ:
		err = check_range(val, 1);
		if (!err)
			tp->recvmsg_inq = val & 1;
		return err;
	case TCP_SYNCNT:
		if (val < 1 || val > MAX_TCP_SYNCNT)
			return -EINVAL;
		return set_rare(sk, optname, val);
	case TCP_KEEPCNT:
		if (val < 1 || val > MAX_TCP_KEEPCNT)
			return -EINVAL;
		return set_rare(sk, optname, val);
	case TCP_MAXSEG:
		if (val && (val < (int)TCP_MIN_MSS || val > (int)MAX_TCP_WINDOW))
			return -EINVAL;
		tp->rx_opt.user_mss = (u16)val;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int set_int(struct sock *sk, int optname, int val)
{
	switch (optname) {
	case TCP_NODELAY:
		set_nodelay(sk, val);
		return 0;
	case TCP_CORK:
		tcp_sock_set_cork(sk, val);
		return 0;
	case TCP_QUICKACK:
		set_quickack(sk, val);
		return 0;
	case TCP_WINDOW_CLAMP:
		return set_window_clamp(sk, val);
	case TCP_FASTOPEN:
	case TCP_FASTOPEN_CONNECT:
	case TCP_FASTOPEN_NO_COOKIE:
		return set_fastopen(sk, optname, val);
	case TCP_TIMESTAMP:
		return set_timestamp(sk, val);
	case TCP_NOTSENT_LOWAT:
		return set_rare(sk, optname, val);
	case TCP_TX_DELAY:
		/* Counted in 1/8 us by who delays. */
		if (val < 0 || val >= 1 << 28)
			return -EINVAL;
		return set_rare(sk, optname, val);
	default: {
		int err = set_time(sk, optname, val);

		return err == -ENOPROTOOPT ? set_misc(sk, optname, val) : err;
	}
	}
}

static int set_ao(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (optname == TCP_AO_REPAIR)
		return tcp_can_repair_sock(sk) ? tcp_ao_setsockopt(sk, optname, optval, optlen) :
						 -EPERM;
	/* The first key comes before the connection. */
	if (!tcp_rare(tp)->ao_info && !tp->repair &&
	    !((1 << sk->sk_state) & (TCPF_LISTEN | TCPF_CLOSE)))
		return -EISCONN;
	return tcp_ao_setsockopt(sk, optname, optval, optlen);
}

int tcp_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen)
{
	int val;

	if (level != SOL_TCP)
		return ip_setsockopt(sk, level, optname, optval, optlen);
	if (optname == TCP_CONGESTION || optname == TCP_ULP)
		return set_name(sk, optname, optval, optlen);
	if (optname == TCP_FASTOPEN_KEY)
		return set_fastopen_key(sk, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	memcpy(&val, optval, sizeof(val));
	switch (optname) {
	case TCP_REPAIR:
	case TCP_REPAIR_QUEUE:
	case TCP_QUEUE_SEQ:
	case TCP_REPAIR_OPTIONS:
	case TCP_REPAIR_WINDOW:
		return tcp_setsockopt_repair(sk, optname, optval, optlen);
	case TCP_AO_ADD_KEY:
	case TCP_AO_DEL_KEY:
	case TCP_AO_INFO:
	case TCP_AO_REPAIR:
		return set_ao(sk, optname, optval, optlen);
	case TCP_MD5SIG:
	case TCP_MD5SIG_EXT:
		return tcp_md5_parse_key(sk, optname, optval, optlen);
	default:
		return set_int(sk, optname, val);
	}
}
