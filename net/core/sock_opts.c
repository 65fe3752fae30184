// SPDX-License-Identifier: BSD-2-Clause
/* net/core/sock_opts.c - setting the options of level SOL_SOCKET.
 *
 * DOC: Options
 * An option of Linux 6.18 does here what it does there, or fails with the error that Linux has for it. Those that are a flag and
 * nothing else are in one table for both ways (sock_opts_flags.h); reading is in sock_opts_get.c.
 */
#include "sock_opts_flags.h"

#include <limits.h>

#include "net/netdevice.h"
#include "net/sock_filter.h"
#include "net/sock_mem.h"
#include "net/sock_msg.h"
#include "net/socket.h"

#define IFNAMSIZ_	16
#define CLOCK_REALTIME	0
#define CLOCK_MONOTONIC 1
#define CLOCK_TAI	11
#define USEC_PER_SEC	1000000

static bool net_admin(const struct sock *sk)
{
	return sock_capable(sock_net(sk), CAP_NET_ADMIN);
}

bool sk_set_prio_allowed(const struct sock *sk, int val)
{
	return (val >= 0 && val <= 6) || sock_capable(sock_net(sk), CAP_NET_RAW) || net_admin(sk);
}

static bool is_tcp(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP;
}

/* ---- buffers ---- */

static void set_sndbuf(struct sock *sk, int val)
{
	val = min_t(int, val, INT_MAX / 2);
	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
	sk->sk_sndbuf = max_t(int, val * 2, SOCK_MIN_SNDBUF);
	/* More room may be just what a writer was waiting for. */
	sk_write_space(sk);
}

void sock_set_rcvbuf(struct sock *sk, int val)
{
	val = min_t(int, val, INT_MAX / 2);
	sk->sk_userlocks |= SOCK_RCVBUF_LOCK;
	/* Doubled: what the user counts are bytes, what is charged are packets. */
	sk->sk_rcvbuf = max_t(int, val * 2, SOCK_MIN_RCVBUF);
}

static int set_buf_lock(struct sock *sk, int val)
{
	if (val & ~SOCK_BUF_LOCK_MASK)
		return -EINVAL;
	sk->sk_userlocks = (u8)((sk->sk_userlocks & ~SOCK_BUF_LOCK_MASK) | val) & 15;
	return 0;
}

static int set_buffers(struct sock *sk, int optname, int val)
{
	const struct netns_sock *ns = sock_net(sk)->sock;

	if ((optname == SO_SNDBUFFORCE || optname == SO_RCVBUFFORCE) && !net_admin(sk))
		return -EPERM;
	switch (optname) {
	case SO_SNDBUF:
		set_sndbuf(sk, (int)min_t(u32, (u32)val, ns->sysctl_wmem_max));
		return 0;
	case SO_SNDBUFFORCE:
		set_sndbuf(sk, val < 0 ? 0 : val);
		return 0;
	case SO_RCVBUF:
		sock_set_rcvbuf(sk, (int)min_t(u32, (u32)val, ns->sysctl_rmem_max));
		return 0;
	case SO_RCVBUFFORCE:
		sock_set_rcvbuf(sk, val < 0 ? 0 : val);
		return 0;
	case SO_BUF_LOCK:
		return set_buf_lock(sk, val);
	case SO_RESERVE_MEM:
		/* Memory is reserved from a memory control group's account, which there is none of. */
		return val < 0 ? -EINVAL : -EOPNOTSUPP;
	default:
		return 1;
	}
}

/* ---- devices ---- */

int sock_bindtoindex(struct sock *sk, int ifindex)
{
	if (sk->sk_bound_dev_if && !sock_capable(sock_net(sk), CAP_NET_RAW))
		return -EPERM;
	if (ifindex < 0)
		return -EINVAL;
	sk->sk_bound_dev_if = ifindex;
	if (sk->sk_prot->rehash)
		sk->sk_prot->rehash(sk);
	sk_dst_reset(sk);
	return 0;
}

static int set_bindtodevice(struct sock *sk, const void *optval, u32 optlen)
{
	char name[IFNAMSIZ_] = "";
	struct net_device *dev;

	memcpy(name, optval, min_t(u32, optlen, IFNAMSIZ_ - 1));
	if (!name[0])
		return sock_bindtoindex(sk, 0);
	dev = dev_get_by_name(sock_net(sk), name);
	return dev ? sock_bindtoindex(sk, (int)dev->ifindex) : -ENODEV;
}

/* ---- time ---- */

void sock_stamps(struct sock *sk, enum sock_flags flag, bool on)
{
	bool before = sock_wants_stamps(sk);

	sock_valbool_flag(sk, flag, on);
	sock_skiff(sk)->tstamp_users += (u32)sock_wants_stamps(sk) - before;
}

static int set_timestamp(struct sock *sk, int optname, bool on)
{
	bool new = optname == SO_TIMESTAMP_NEW || optname == SO_TIMESTAMPNS_NEW;
	bool ns = optname == SO_TIMESTAMPNS_OLD || optname == SO_TIMESTAMPNS_NEW;

	sock_valbool_flag(sk, SOCK_RCVTSTAMP, on);
	sock_valbool_flag(sk, SOCK_RCVTSTAMPNS, on && ns);
	if (!on)
		return 0;
	sock_valbool_flag(sk, SOCK_TSTAMP_NEW, new);
	if (!sk_side(sk))
		return -ENOMEM;
	sock_stamps(sk, SOCK_TIMESTAMP, true);
	return 0;
}

/* Which byte or datagram SOF_TIMESTAMPING_OPT_ID counts from: set when it is switched on */
static int start_opt_id(struct sock *sk, u32 flags)
{
	if (!(flags & SOF_TIMESTAMPING_OPT_ID) || (sk->sk_side->tsflags & SOF_TIMESTAMPING_OPT_ID))
		return 0;
	if (sk->sk_protocol != IPPROTO_TCP || sk->sk_type != SOCK_STREAM) {
		sk->sk_tskey = 0;
		return 0;
	}
	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return -EINVAL;
	if (sk->sk_prot->tskey)
		sk->sk_tskey = sk->sk_prot->tskey(sk, flags & SOF_TIMESTAMPING_OPT_ID_TCP);
	return 0;
}

static int set_timestamping(struct sock *sk, int optname, u32 flags)
{
	int err;

	if ((flags & ~(u32)SOF_TIMESTAMPING_MASK) ||
	    ((flags & SOF_TIMESTAMPING_OPT_ID_TCP) && !(flags & SOF_TIMESTAMPING_OPT_ID)))
		return -EINVAL;
	if (!sk_side(sk))
		return -ENOMEM;
	err = start_opt_id(sk, flags);
	if (err)
		return err;
	if ((flags & SOF_TIMESTAMPING_OPT_STATS) && !(flags & SOF_TIMESTAMPING_OPT_TSONLY))
		return -EINVAL;
	/* No device here has a clock of its own. */
	if (flags & SOF_TIMESTAMPING_BIND_PHC)
		return sk->sk_bound_dev_if ? -EINVAL : -EOPNOTSUPP;
	sk->sk_side->tsflags = flags;
	sock_valbool_flag(sk, SOCK_TSTAMP_NEW, optname == SO_TIMESTAMPING_NEW);
	sock_valbool_flag(sk, SOCK_TIMESTAMPING_ANY, flags != 0);
	sock_stamps(sk, SOCK_TIMESTAMPING_RX_SOFTWARE, flags & SOF_TIMESTAMPING_RX_SOFTWARE);
	return 0;
}

static int set_timeout(s64 *timeo, const void *optval, u32 optlen)
{
	struct sock_timeval tv;
	u64 ms;

	if (optlen < sizeof(tv))
		return -EINVAL;
	memcpy(&tv, optval, sizeof(tv));
	if (tv.tv_usec < 0 || tv.tv_usec >= USEC_PER_SEC)
		return -EDOM;
	if (tv.tv_sec < 0) {
		*timeo = 0;
		return 0;
	}
	*timeo = MAX_SCHEDULE_TIMEOUT;
	if ((!tv.tv_sec && !tv.tv_usec) || tv.tv_sec >= INT64_MAX / 1000000000 - 1)
		return 0;
	ms = (u64)tv.tv_sec * 1000 + ((u64)tv.tv_usec + 999) / 1000;
	*timeo = (s64)(ms * 1000000);
	return 0;
}

static int set_linger(struct sock *sk, const void *optval, u32 optlen)
{
	struct sock_side *side = sk_side(sk);
	struct linger l;

	if (optlen < sizeof(l))
		return -EINVAL;
	if (!side)
		return -ENOMEM;
	memcpy(&l, optval, sizeof(l));
	sock_valbool_flag(sk, SOCK_LINGER, l.l_onoff);
	if (l.l_onoff)
		side->lingertime = (u64)(u32)l.l_linger * 1000000000;
	return 0;
}

static int set_txtime(struct sock *sk, const void *optval, u32 optlen)
{
	struct sock_side *side = sk_side(sk);
	struct sock_txtime t;

	if (optlen != sizeof(t))
		return -EINVAL;
	if (!side)
		return -ENOMEM;
	memcpy(&t, optval, sizeof(t));
	if (t.flags & ~(u32)SOF_TXTIME_FLAGS_MASK)
		return -EINVAL;
	if (t.clockid != CLOCK_MONOTONIC && !net_admin(sk))
		return -EPERM;
	if (t.clockid != CLOCK_REALTIME && t.clockid != CLOCK_MONOTONIC && t.clockid != CLOCK_TAI)
		return -EINVAL;
	sock_set_flag(sk, SOCK_TXTIME);
	side->txtime_clockid = t.clockid;
	side->txtime_flags = (u8)t.flags;
	return 0;
}

static int set_max_pacing_rate(struct sock *sk, int val, const void *optval, u32 optlen)
{
	u64 rate = (u32)val == ~0u ? ~0ULL : (u32)val;

	if (optlen >= sizeof(rate))
		memcpy(&rate, optval, sizeof(rate));
	if (rate != sk_max_pacing_rate(sk)) {
		if (!sk_side(sk))
			return -ENOMEM;
		sk->sk_side->max_pacing_rate = rate;
	}
	if (rate != ~0ULL && !sk->sk_pacing_status)
		sk->sk_pacing_status = 1; /* needed */
	if (sk->sk_pacing_rate > rate)
		sk->sk_pacing_rate = rate;
	return 0;
}

/* Those that are more than a number: a struct, a string. 1: none of them */
static int set_structured(struct sock *sk, int optname, int val, const void *optval, u32 optlen)
{
	struct so_timestamping ts = { .flags = val };
	struct sock_side *side;

	switch (optname) {
	case SO_LINGER:
		return set_linger(sk, optval, optlen);
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
		side = sk_side(sk);
		return side ? set_timeout(&side->rcvtimeo, optval, optlen) : -ENOMEM;
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		side = sk_side(sk);
		return side ? set_timeout(&side->sndtimeo, optval, optlen) : -ENOMEM;
	case SO_TIMESTAMPING_OLD:
	case SO_TIMESTAMPING_NEW:
		if (optlen == sizeof(ts))
			memcpy(&ts, optval, sizeof(ts));
		return set_timestamping(sk, optname, (u32)ts.flags);
	case SO_TXTIME:
		return set_txtime(sk, optval, optlen);
	case SO_DEVMEM_DONTNEED:
		/* Pieces of a device's memory, which TCP alone hands out; none are out, so none come back. */
		if (!is_tcp(sk))
			return -EBADF;
		return optlen % sizeof(u64) ? -EINVAL : 0;
	case SO_MAX_PACING_RATE:
		return set_max_pacing_rate(sk, val, optval, optlen);
	default:
		return 1;
	}
}

/* ---- filters ---- */

static int attach_program(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	struct sock_fprog fprog;

	if (optlen != sizeof(fprog))
		return -EINVAL;
	memcpy(&fprog, optval, sizeof(fprog));
	return optname == SO_ATTACH_FILTER ? sk_attach_filter(sk, &fprog) :
					     sk_reuseport_attach_filter(sk, &fprog);
}

/* eBPF programs are made by bpf(2), which is not ours: whatever descriptor is given, it is no program. */
static int attach_ebpf(const struct sock *sk, int ufd, u32 optlen)
{
	if (optlen != sizeof(u32))
		return -EINVAL;
	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	return sock_fd_open(sock_skiff(sk), ufd) ? -EINVAL : -EBADF;
}

static int set_filters(struct sock *sk, int optname, int val, const void *optval, u32 optlen)
{
	switch (optname) {
	case SO_ATTACH_FILTER:
	case SO_ATTACH_REUSEPORT_CBPF:
		return attach_program(sk, optname, optval, optlen);
	case SO_ATTACH_BPF:
	case SO_ATTACH_REUSEPORT_EBPF:
		return attach_ebpf(sk, val, optlen);
	case SO_DETACH_FILTER:
		return sk_detach_filter(sk);
	case SO_DETACH_REUSEPORT_BPF:
		return reuseport_detach_prog(sk);
	case SO_LOCK_FILTER:
		if (sock_flag(sk, SOCK_FILTER_LOCKED) && !val)
			return -EPERM;
		sock_valbool_flag(sk, SOCK_FILTER_LOCKED, val);
		return 0;
	default:
		return 1;
	}
}

/* ---- busy polling: there is nothing to spin on, a turn polls; the numbers are kept for who reads them ---- */

static int set_busy_poll(struct sock *sk, int optname, int val)
{
	struct sock_side *side;

	switch (optname) {
	case SO_PREFER_BUSY_POLL:
		if (val && !net_admin(sk))
			return -EPERM;
		sk->sk_prefer_busy_poll = val != 0;
		return 0;
	case SO_BUSY_POLL:
	case SO_BUSY_POLL_BUDGET:
		break;
	default:
		return 1;
	}
	side = sk_side(sk);
	if (!side)
		return -ENOMEM;
	if (optname == SO_BUSY_POLL) {
		if (val < 0)
			return -EINVAL;
		side->busy_poll = (u32)val;
		return 0;
	}
	if (val > side->busy_poll_budget && !net_admin(sk))
		return -EPERM;
	if (val < 0 || val > UINT16_MAX)
		return -EINVAL;
	side->busy_poll_budget = (u16)val;
	return 0;
}

/* ---- numbers ---- */

static int set_mark(struct sock *sk, u32 val)
{
	if (!sock_capable(sock_net(sk), CAP_NET_RAW) && !net_admin(sk))
		return -EPERM;
	if (val != sk->sk_mark)
		sk_dst_reset(sk);
	sk->sk_mark = val;
	return 0;
}

static int set_zerocopy(struct sock *sk, int val)
{
	if (!is_tcp(sk) && !(sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP))
		return -EOPNOTSUPP;
	if (val < 0 || val > 1)
		return -EINVAL;
	sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
	return 0;
}

static int set_txrehash(struct sock *sk, int val)
{
	if (!is_tcp(sk))
		return -EOPNOTSUPP;
	if (val < -1 || val > 1)
		return -EINVAL;
	sk->sk_txrehash = (val == -1 ? sock_net(sk)->sock->sysctl_txrehash : val) & 1;
	return 0;
}

static int set_incoming_cpu(struct sock *sk, int val)
{
	struct sock_side *side = sk_side(sk);

	if (!side)
		return -ENOMEM;
	side->incoming_cpu = (u32)val;
	return 0;
}

static int set_lowat(struct sock *sk, int val)
{
	if (val < 0)
		val = INT_MAX;
	if (sk->sk_socket && sk->sk_socket->ops->set_rcvlowat)
		return sk->sk_socket->ops->set_rcvlowat(sk, val);
	sk->sk_rcvlowat = val ? val : 1;
	return 0;
}

static int set_peek_off(struct sock *sk, int val)
{
	if (!sk->sk_socket || !sk->sk_socket->ops->set_peek_off)
		return -EOPNOTSUPP;
	return sk->sk_socket->ops->set_peek_off(sk, val);
}

/* Switches that do something when they are moved. 1: none of them */
static int set_switch(struct sock *sk, int optname, int val)
{
	switch (optname) {
	case SO_DEBUG:
		if (val && !net_admin(sk))
			return -EACCES;
		sock_valbool_flag(sk, SOCK_DBG, val);
		return 0;
	case SO_REUSEADDR:
		sk->sk_reuse = val ? SK_CAN_REUSE : SK_NO_REUSE;
		return 0;
	case SO_REUSEPORT:
		sk->sk_reuseport = val != 0;
		return 0;
	case SO_DONTROUTE:
		sock_valbool_flag(sk, SOCK_LOCALROUTE, val);
		sk_dst_reset(sk);
		return 0;
	case SO_KEEPALIVE:
		if (sk->sk_prot->keepalive)
			sk->sk_prot->keepalive(sk, val != 0);
		sock_valbool_flag(sk, SOCK_KEEPOPEN, val);
		return 0;
	case SO_NO_CHECK:
		sk->sk_no_check_tx = val != 0;
		return 0;
	case SO_TIMESTAMP_OLD:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_OLD:
	case SO_TIMESTAMPNS_NEW:
		return set_timestamp(sk, optname, val != 0);
	case SO_ZEROCOPY:
		return set_zerocopy(sk, val);
	case SO_BSDCOMPAT:
		return 0;
	default:
		return 1;
	}
}

static int set_number(struct sock *sk, int optname, int val)
{
	switch (optname) {
	case SO_PRIORITY:
		if (!sk_set_prio_allowed(sk, val))
			return -EPERM;
		sk->sk_priority = (u32)val;
		return 0;
	case SO_MARK:
		return set_mark(sk, (u32)val);
	case SO_RCVLOWAT:
		return set_lowat(sk, val);
	case SO_PEEK_OFF:
		return set_peek_off(sk, val);
	case SO_TXREHASH:
		return set_txrehash(sk, val);
	case SO_INCOMING_CPU:
		return set_incoming_cpu(sk, val);
	case SO_BINDTOIFINDEX:
		return sock_bindtoindex(sk, val);
	case SO_CNX_ADVICE:
		if (val == 1)
			sk_dst_reset(sk);
		return 0;
	case SO_PASSCRED:
	case SO_PASSSEC:
	case SO_PASSPIDFD:
	case SO_PASSRIGHTS:
		/* For families that pass credentials and descriptors. */
		return -EOPNOTSUPP;
	default:
		return 1;
	}
}

int sk_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen)
{
	const struct sock_opt_flag *f;
	int val, err;

	if (optname == SO_BINDTODEVICE)
		return set_bindtodevice(sk, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	memcpy(&val, optval, sizeof(val));
	f = sock_opt_flag(optname);
	if (f) {
		sock_valbool_flag(sk, f->flag, val);
		return 0;
	}
	err = set_switch(sk, optname, val);
	if (err > 0)
		err = set_number(sk, optname, val);
	if (err > 0)
		err = set_buffers(sk, optname, val);
	if (err > 0)
		err = set_structured(sk, optname, val, optval, optlen);
	if (err > 0)
		err = set_filters(sk, optname, val, optval, optlen);
	if (err > 0)
		err = set_busy_poll(sk, optname, val);
	return err > 0 ? -ENOPROTOOPT : err;
}

int sock_setsockopt(struct socket *sock, int level, int optname, const void *optval, u32 optlen)
{
	return sk_setsockopt(sock->sk, level, optname, optval, optlen);
}
