/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_getsockopt.c - options of level SOL_TCP: read. Lengths: room in, length out; a value that does not fit is cut, as Linux does. */
#include "tcp_input.h"

#include "tcp_sockopt.h"

static int give(void *optval, u32 *optlen, const void *val, size_t size)
{
	*optlen = (u32)min_t(size_t, *optlen, size);
	memcpy(optval, val, *optlen);
	return 0;
}

/* Seconds that @retrans timeouts take. */
static int retrans_to_secs(u8 retrans, int timeout, int rto_max)
{
	int period = 0;

	for (; retrans; retrans--) {
		period += timeout;
		timeout = min_t(int, timeout << 1, rto_max);
	}
	return period;
}

/* ---- more than an int ---- */

static int get_info(struct sock *sk, void *optval, u32 *optlen)
{
	struct tcp_info info;

	tcp_get_info(sk, &info);
	return give(optval, optlen, &info, sizeof(info));
}

static int get_cc_info(struct sock *sk, void *optval, u32 *optlen)
{
	const struct tcp_congestion_ops *ca = inet_csk(sk)->icsk_ca_ops;
	union tcp_cc_info info;
	size_t size = 0;
	int attr;

	if (ca && ca->get_info)
		size = ca->get_info(sk, ~0U, &attr, &info);
	return give(optval, optlen, &info, size);
}

static int get_name(const char *name, void *optval, u32 *optlen)
{
	char buf[TCP_CA_NAME_MAX] = "";

	if (!name) {
		*optlen = 0;
		return 0;
	}
	memcpy(buf, name, strnlen(name, sizeof(buf) - 1));
	return give(optval, optlen, buf, sizeof(buf));
}

static int get_fastopen_key(struct sock *sk, void *optval, u32 *optlen)
{
	u64 key[2 * TCP_FASTOPEN_KEY_LENGTH / sizeof(u64)];
	int n = tcp_fastopen_get_cipher(sock_net(sk), sk, key);

	return give(optval, optlen, key, (size_t)n * TCP_FASTOPEN_KEY_LENGTH);
}

/* Can be read once. */
static int get_saved_syn(struct sock *sk, void *optval, u32 *optlen)
{
	const struct saved_syn *syn = tcp_rare(tcp_sk(sk))->saved_syn;
	u32 room = *optlen;

	if (!syn) {
		*optlen = 0;
		return 0;
	}
	*optlen = syn->mac_hdrlen + syn->network_hdrlen + syn->tcp_hdrlen;
	if (room < *optlen)
		return -EINVAL;
	memcpy(optval, syn->data, *optlen);
	tcp_free_saved_syn(sk);
	return 0;
}

/* ---- TCP_ZEROCOPY_RECEIVE: no memory of a program is mapped on a socket here, so what Linux says of other memory ---- */

#define ZC_PAGE 4096

static int zc_to_copybuf(struct sock *sk, struct tcp_zerocopy_receive *zc, int inq)
{
	struct iovec iov = { (void *)(uintptr_t)zc->copybuf_address, (size_t)inq };
	struct msghdr msg = { 0 };
	struct iov_iter to;
	long n;

	zc->length = 0;
	zc->recv_skip_hint = 0;
	iov_iter_init(&to, sock_skiff(sk), &iov, 1);
	n = tcp_recvmsg(sk, &msg, &to, MSG_DONTWAIT);
	if (n < 0)
		return (int)n;
	zc->copybuf_len = (s32)n;
	if (!n)
		zc->recv_skip_hint = (u32)inq;
	return 0;
}

static int zerocopy_receive(struct sock *sk, struct tcp_zerocopy_receive *zc)
{
	s32 copybuf_len = zc->copybuf_len;
	int inq;

	zc->copybuf_len = 0;
	zc->msg_flags = 0;
	if (zc->address & (ZC_PAGE - 1))
		return -EINVAL;
	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	tcp_ioctl(sk, SIOCINQ, &inq);
	if (inq && inq <= copybuf_len)
		return zc_to_copybuf(sk, zc, inq);
	if (inq >= ZC_PAGE)
		return -EINVAL;
	zc->length = 0;
	zc->recv_skip_hint = (u32)inq;
	return !inq && sock_flag(sk, SOCK_DONE) ? -EIO : 0;
}

static int get_zerocopy_receive(struct sock *sk, u8 *optval, u32 *optlen)
{
	struct tcp_zerocopy_receive zc = { 0 };
	const struct tcp_sock *tp = tcp_sk(sk);
	int err;

	if (*optlen < offsetof(struct tcp_zerocopy_receive, recv_skip_hint))
		return -EINVAL;
	for (u32 i = sizeof(zc); i < *optlen; i++) {
		if (optval[i])
			return -EINVAL;
	}
	*optlen = min_t(u32, *optlen, sizeof(zc));
	memcpy(&zc, optval, *optlen);
	if (zc.reserved || (zc.msg_flags & ~1U))
		return -EINVAL;
	err = zerocopy_receive(sk, &zc);
	zc.inq = tp->rcv_nxt - tp->copied_seq;
	if (!zc.inq && sock_flag(sk, SOCK_DONE))
		zc.inq = 1;
	if (!err && *optlen > offsetof(struct tcp_zerocopy_receive, err))
		zc.err = sock_error(sk);
	if (!err)
		memcpy(optval, &zc, *optlen);
	return err;
}

/* ---- ints ---- */

static int get_mss(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->repair)
		return tp->rx_opt.mss_clamp;
	if (tp->rx_opt.user_mss && ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		return tp->rx_opt.user_mss;
	return (int)tp->mss_cache;
}

static int get_linger2(const struct sock *sk)
{
	int val = tcp_rare(tcp_sk(sk))->linger2;

	if (val < 0)
		return val;
	return (val ? val : sock_net(sk)->ipv4.sysctl_tcp_fin_timeout) / HZ;
}

static int get_timestamp(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 val;

	tcp_mstamp_refresh(tp);
	val = tcp_time_stamp_ts(tp) + tp->tsoffset;
	return (int)((val & ~1U) | tp->tcp_usec_ts);
}

static int get_time(const struct sock *sk, int optname, int *val)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	switch (optname) {
	case TCP_KEEPIDLE:
		*val = (int)(keepalive_time_when(tp) / HZ);
		return 0;
	case TCP_KEEPINTVL:
		*val = (int)(keepalive_intvl_when(tp) / HZ);
		return 0;
	case TCP_KEEPCNT:
		*val = keepalive_probes(tp);
		return 0;
	case TCP_USER_TIMEOUT:
		*val = (int)icsk_rare(icsk)->icsk_user_timeout;
		return 0;
	case TCP_LINGER2:
		*val = get_linger2(sk);
		return 0;
	case TCP_DEFER_ACCEPT:
		*val = retrans_to_secs(icsk_rare(icsk)->icsk_defer_accept, TCP_TIMEOUT_INIT / HZ,
				       TCP_RTO_MAX_SEC);
		return 0;
	case TCP_RTO_MAX_MS:
		*val = (int)tcp_rto_max(sk);
		return 0;
	case TCP_RTO_MIN_US:
		*val = (int)jiffies_to_usecs(icsk->icsk_rto_min);
		return 0;
	case TCP_DELACK_MAX_US:
		*val = (int)jiffies_to_usecs(icsk->icsk_delack_max);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int get_bits(struct sock *sk, int optname, int *val)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	switch (optname) {
	case TCP_NODELAY:
		*val = !!(tp->nonagle & TCP_NAGLE_OFF);
		return 0;
	case TCP_CORK:
		*val = !!(tp->nonagle & TCP_NAGLE_CORK);
		return 0;
	case TCP_QUICKACK:
		*val = !inet_csk_in_pingpong_mode(sk);
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
		*val = tp->thin_lto;
		return 0;
	case TCP_FASTOPEN:
		*val = inet_csk_accept_queue(sk) ? inet_csk_accept_queue(sk)->fastopenq.max_qlen :
						   0;
		return 0;
	case TCP_FASTOPEN_CONNECT:
		*val = tp->fastopen_connect;
		return 0;
	case TCP_FASTOPEN_NO_COOKIE:
		*val = tp->fastopen_no_cookie;
		return 0;
	case TCP_INQ:
		*val = tp->recvmsg_inq;
		return 0;
	case TCP_SAVE_SYN:
		*val = tp->save_syn;
		return 0;
	case TCP_THIN_DUPACK:
	case TCP_IS_MPTCP:
		*val = 0;
		return 0;
	default:
		return get_time(sk, optname, val);
	}
}

static int get_int(struct sock *sk, int optname, int *val)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	switch (optname) {
	case TCP_MAXSEG:
		*val = get_mss(sk);
		return 0;
	case TCP_SYNCNT:
		*val = icsk_rare(icsk)->icsk_syn_retries ?
			       icsk_rare(icsk)->icsk_syn_retries :
			       sock_net(sk)->ipv4.sysctl_tcp_syn_retries;
		return 0;
	case TCP_WINDOW_CLAMP:
		*val = (int)tp->window_clamp;
		return 0;
	case TCP_TX_DELAY:
		*val = (int)tcp_rare(tp)->tcp_tx_delay;
		return 0;
	case TCP_TIMESTAMP:
		*val = get_timestamp(sk);
		return 0;
	case TCP_NOTSENT_LOWAT:
		*val = (int)tcp_rare(tp)->notsent_lowat;
		return 0;
	default:
		return get_bits(sk, optname, val);
	}
}

int tcp_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	int val, err;

	if (level != SOL_TCP)
		return ip_getsockopt(sk, level, optname, optval, optlen);
	switch (optname) {
	case TCP_INFO:
		return get_info(sk, optval, optlen);
	case TCP_CC_INFO:
		return get_cc_info(sk, optval, optlen);
	case TCP_CONGESTION:
		return get_name(icsk->icsk_ca_ops->name, optval, optlen);
	case TCP_ULP:
		return get_name(
			icsk_rare(icsk)->icsk_ulp_ops ? icsk_rare(icsk)->icsk_ulp_ops->name : NULL,
			optval, optlen);
	case TCP_FASTOPEN_KEY:
		return get_fastopen_key(sk, optval, optlen);
	case TCP_SAVED_SYN:
		return get_saved_syn(sk, optval, optlen);
	case TCP_ZEROCOPY_RECEIVE:
		return get_zerocopy_receive(sk, optval, optlen);
	case TCP_AO_REPAIR:
		if (!tcp_can_repair_sock(sk))
			return -EPERM;
		return tcp_ao_getsockopt(sk, optname, optval, optlen);
	case TCP_AO_GET_KEYS:
	case TCP_AO_INFO:
		return tcp_ao_getsockopt(sk, optname, optval, optlen);
	case TCP_REPAIR:
	case TCP_REPAIR_QUEUE:
	case TCP_REPAIR_WINDOW:
	case TCP_QUEUE_SEQ:
		return tcp_getsockopt_repair(sk, optname, optval, optlen);
	default:
		err = get_int(sk, optname, &val);
		return err ? err : give(optval, optlen, &val, sizeof(val));
	}
}
