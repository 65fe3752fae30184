// SPDX-License-Identifier: BSD-2-Clause
/* net/core/sock_opts_get.c - reading the options of level SOL_SOCKET. */
#include "sock_opts_flags.h"

#include "net/netdevice.h"
#include "net/sock_filter.h"
#include "net/sock_msg.h"
#include "net/socket.h"

#define IFNAMSIZ_   16
#define SKF_AD_MAX_ 64

/* What an option is, before it is cut to the caller's room */
union sock_optval {
	int val;
	u64 val64;
	struct linger ling;
	struct sock_timeval tv;
	struct so_timestamping timestamping;
	struct sock_txtime txtime;
	struct ucred_abi cred;
	u32 mem[SK_MEMINFO_VARS];
};

static const struct sock_side no_side = {
	.rcvtimeo = MAX_SCHEDULE_TIMEOUT,
	.sndtimeo = MAX_SCHEDULE_TIMEOUT,
	.peek_off = -1,
	.incoming_cpu = ~0u,
};

static const struct sock_side *side_of(const struct sock *sk)
{
	return sk->sk_side ? sk->sk_side : &no_side;
}

static bool is_tcp(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP;
}

/* The device's name, whose length is told with its end. */
static int get_bindtodevice(const struct sock *sk, void *optval, u32 *optlen)
{
	const struct net_device *dev;

	if (!sk->sk_bound_dev_if) {
		*optlen = 0;
		return 0;
	}
	if (*optlen < IFNAMSIZ_)
		return -EINVAL;
	dev = dev_get_by_index(sock_net(sk), (u32)sk->sk_bound_dev_if);
	if (!dev)
		return -ENODEV;
	*optlen = (u32)strlen(dev->name) + 1;
	memcpy(optval, dev->name, *optlen);
	return 0;
}

static int get_peername(struct sock *sk, void *optval, u32 *optlen)
{
	struct sockaddr_storage_abi addr;
	int len = sk->sk_socket->ops->getname(sk->sk_socket, (struct sockaddr *)&addr, 2);

	if (len < 0)
		return -ENOTCONN;
	if ((u32)len < *optlen)
		return -EINVAL;
	memcpy(optval, &addr, *optlen);
	return 0;
}

static int get_filter(const struct sock *sk, void *optval, u32 *optlen)
{
	int n = sk_get_filter(sk, optval, *optlen);

	if (n < 0)
		return n;
	*optlen = (u32)n;
	return 0;
}

/* Those that write the caller's room themselves. 1: none of them */
static int get_special(struct sock *sk, int optname, void *optval, u32 *optlen)
{
	switch (optname) {
	case SO_BINDTODEVICE:
		return get_bindtodevice(sk, optval, optlen);
	case SO_GET_FILTER:
		return get_filter(sk, optval, optlen);
	case SO_PEERNAME:
		return get_peername(sk, optval, optlen);
	case SO_PASSCRED:
	case SO_PASSSEC:
	case SO_PASSPIDFD:
	case SO_PASSRIGHTS:
		return -EOPNOTSUPP;
	case SO_PEERGROUPS:
	case SO_PEERPIDFD:
		return -ENODATA;
	case SO_COOKIE:
		return *optlen < sizeof(u64) ? -EINVAL : 1;
	case SO_NETNS_COOKIE:
		return *optlen != sizeof(u64) ? -EINVAL : 1;
	case SO_PEEK_OFF:
		return sk->sk_socket->ops->set_peek_off ? 1 : -EOPNOTSUPP;
	case SO_TXREHASH:
		return is_tcp(sk) ? 1 : -EOPNOTSUPP;
	default:
		return 1;
	}
}

static bool get_timestamp(const struct sock *sk, int optname)
{
	bool on = sock_flag(sk, SOCK_RCVTSTAMP), ns = sock_flag(sk, SOCK_RCVTSTAMPNS);
	bool new = sock_flag(sk, SOCK_TSTAMP_NEW);

	switch (optname) {
	case SO_TIMESTAMP_OLD:
		return on && !new && !ns;
	case SO_TIMESTAMPNS_OLD:
		return ns && !new;
	case SO_TIMESTAMP_NEW:
		return on && new;
	default:
		return ns && new;
	}
}

static int get_error(struct sock *sk)
{
	int err = -sock_error(sk);

	if (!err) {
		err = sk->sk_err_soft;
		sk->sk_err_soft = 0;
	}
	return err;
}

static struct sock_timeval timeval_of(s64 ns)
{
	if (ns == MAX_SCHEDULE_TIMEOUT)
		return (struct sock_timeval){ 0, 0 };
	return (struct sock_timeval){ ns / 1000000000, ns % 1000000000 / 1000 };
}

/* Options that are more than an int: their length, 0: none of them */
static u32 get_structured(struct sock *sk, int optname, union sock_optval *v, u32 room)
{
	const struct sock_side *side = side_of(sk);

	switch (optname) {
	case SO_LINGER:
		v->ling.l_onoff = sock_flag(sk, SOCK_LINGER);
		v->ling.l_linger = (int)(side->lingertime / 1000000000);
		return sizeof(v->ling);
	case SO_TIMESTAMPING_OLD:
	case SO_TIMESTAMPING_NEW:
		if (optname == SO_TIMESTAMPING_OLD || sock_flag(sk, SOCK_TSTAMP_NEW))
			v->timestamping.flags = (int)side->tsflags;
		return sizeof(v->timestamping);
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
		v->tv = timeval_of(side->rcvtimeo);
		return sizeof(v->tv);
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		v->tv = timeval_of(side->sndtimeo);
		return sizeof(v->tv);
	case SO_PEERCRED:
		v->cred = (struct ucred_abi){ 0, ~0u, ~0u };
		return sizeof(v->cred);
	case SO_MEMINFO:
		sk_get_meminfo(sk, v->mem);
		return sizeof(v->mem);
	case SO_TXTIME:
		v->txtime.clockid = side->txtime_clockid;
		v->txtime.flags = side->txtime_flags;
		return sizeof(v->txtime);
	case SO_COOKIE:
		v->val64 = sock_gen_cookie(sk);
		return sizeof(v->val64);
	case SO_NETNS_COOKIE:
		v->val64 = sock_net(sk)->cookie;
		return sizeof(v->val64);
	case SO_MAX_PACING_RATE:
		if (room < sizeof(v->val64)) {
			v->val = (int)min_t(u64, sk_max_pacing_rate(sk), ~0u);
			return sizeof(v->val);
		}
		v->val64 = sk_max_pacing_rate(sk);
		return sizeof(v->val64);
	default:
		return 0;
	}
}

/* Options that are an int and rarely asked for. false: none of them */
static bool get_rare_int(struct sock *sk, int optname, int *val)
{
	const struct sock_side *side = side_of(sk);

	switch (optname) {
	case SO_TIMESTAMP_OLD:
	case SO_TIMESTAMPNS_OLD:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_NEW:
		*val = get_timestamp(sk, optname);
		return true;
	case SO_PEEK_OFF:
		*val = side->peek_off;
		return true;
	case SO_LOCK_FILTER:
		*val = sock_flag(sk, SOCK_FILTER_LOCKED);
		return true;
	case SO_BPF_EXTENSIONS:
		*val = SKF_AD_MAX_;
		return true;
	case SO_BUSY_POLL:
		*val = (int)side->busy_poll;
		return true;
	case SO_PREFER_BUSY_POLL:
		*val = sk->sk_prefer_busy_poll;
		return true;
	case SO_INCOMING_CPU:
		*val = (int)side->incoming_cpu;
		return true;
	case SO_ZEROCOPY:
		*val = sock_flag(sk, SOCK_ZEROCOPY);
		return true;
	case SO_BUF_LOCK:
		*val = sk->sk_userlocks & SOCK_BUF_LOCK_MASK;
		return true;
	case SO_TXREHASH:
		*val = sk->sk_txrehash;
		return true;
	case SO_INCOMING_NAPI_ID:
	case SO_RESERVE_MEM:
	case SO_BSDCOMPAT:
		*val = 0;
		return true;
	default:
		return false;
	}
}

static bool get_int(struct sock *sk, int optname, int *val)
{
	const struct sock_opt_flag *f = sock_opt_flag(optname);

	if (f) {
		*val = sock_flag(sk, f->flag);
		return true;
	}
	switch (optname) {
	case SO_DEBUG:
		*val = sock_flag(sk, SOCK_DBG);
		return true;
	case SO_DONTROUTE:
		*val = sock_flag(sk, SOCK_LOCALROUTE);
		return true;
	case SO_SNDBUF:
		*val = sk->sk_sndbuf;
		return true;
	case SO_RCVBUF:
		*val = sk->sk_rcvbuf;
		return true;
	case SO_REUSEADDR:
		*val = sk->sk_reuse;
		return true;
	case SO_REUSEPORT:
		*val = sk->sk_reuseport;
		return true;
	case SO_KEEPALIVE:
		*val = sock_flag(sk, SOCK_KEEPOPEN);
		return true;
	case SO_TYPE:
		*val = sk->sk_type;
		return true;
	case SO_PROTOCOL:
		*val = sk->sk_protocol;
		return true;
	case SO_DOMAIN:
		*val = sk->sk_family;
		return true;
	case SO_ERROR:
		*val = get_error(sk);
		return true;
	case SO_NO_CHECK:
		*val = sk->sk_no_check_tx;
		return true;
	case SO_PRIORITY:
		*val = (int)sk->sk_priority;
		return true;
	case SO_RCVLOWAT:
		*val = sk->sk_rcvlowat;
		return true;
	case SO_SNDLOWAT:
		*val = 1;
		return true;
	case SO_ACCEPTCONN:
		*val = sk->sk_state == TCP_LISTEN;
		return true;
	case SO_MARK:
		*val = (int)sk->sk_mark;
		return true;
	case SO_BINDTOIFINDEX:
		*val = sk->sk_bound_dev_if;
		return true;
	default:
		return get_rare_int(sk, optname, val);
	}
}

int sk_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen)
{
	union sock_optval v;
	u32 len;
	int err;

	memset(&v, 0, sizeof(v));
	err = get_special(sk, optname, optval, optlen);
	if (err <= 0)
		return err;
	len = get_structured(sk, optname, &v, *optlen);
	if (!len) {
		if (!get_int(sk, optname, &v.val))
			return -ENOPROTOOPT;
		len = sizeof(v.val);
	}
	*optlen = min_t(u32, *optlen, len);
	memcpy(optval, &v, *optlen);
	return 0;
}
