// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_opt_stats.c - the state of a connection as netlink attributes, beside its time stamps (SOF_TIMESTAMPING_OPT_STATS);
 * and what a policy hears of connect().
 */
#include "net/tcp.h"

/* Numbers of the attributes (<linux/tcp.h>), which the system's headers may not have all of. */
enum {
	NLA_BUSY = 1,
	NLA_RWND_LIMITED,
	NLA_SNDBUF_LIMITED,
	NLA_DATA_SEGS_OUT,
	NLA_TOTAL_RETRANS,
	NLA_PACING_RATE,
	NLA_DELIVERY_RATE,
	NLA_SND_CWND,
	NLA_REORDERING,
	NLA_MIN_RTT,
	NLA_RECUR_RETRANS,
	NLA_DELIVERY_RATE_APP_LMT,
	NLA_SNDQ_SIZE,
	NLA_CA_STATE,
	NLA_SND_SSTHRESH,
	NLA_DELIVERED,
	NLA_DELIVERED_CE,
	NLA_BYTES_SENT,
	NLA_BYTES_RETRANS,
	NLA_DSACK_DUPS,
	NLA_REORD_SEEN,
	NLA_SRTT,
	NLA_TIMEOUT_REHASH,
	NLA_BYTES_NOTSENT,
	NLA_EDT,
	NLA_TTL,
	NLA_REHASH
};

static void put(struct sk_buff *skb, u16 type, const void *val, u16 len)
{
	u16 head[2] = { (u16)(4 + len), type };
	u32 total = ALIGN_UP(4u + len, 4u);
	u8 *p = skb_put_zero(skb, total);

	memcpy(p, head, sizeof(head));
	memcpy(p + sizeof(head), val, len);
}

static void put_u64(struct sk_buff *skb, u16 type, u64 val)
{
	put(skb, type, &val, sizeof(val));
}

static void put_u32(struct sk_buff *skb, u16 type, u32 val)
{
	put(skb, type, &val, sizeof(val));
}

static void put_u8(struct sk_buff *skb, u16 type, u8 val)
{
	put(skb, type, &val, sizeof(val));
}

struct sk_buff *tcp_get_timestamping_opt_stats(struct sock *sk, const struct sk_buff *orig)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = alloc_skb(sock_skiff(sk), 400);
	struct tcp_info i;
	u16 rehash = tcp_loss(tp)->timeout_rehash;

	if (!skb)
		return NULL;
	tcp_get_info(sk, &i);
	put_u64(skb, NLA_BUSY, i.tcpi_busy_time);
	put_u64(skb, NLA_RWND_LIMITED, i.tcpi_rwnd_limited);
	put_u64(skb, NLA_SNDBUF_LIMITED, i.tcpi_sndbuf_limited);
	put_u64(skb, NLA_DATA_SEGS_OUT, i.tcpi_data_segs_out);
	put_u64(skb, NLA_TOTAL_RETRANS, i.tcpi_total_retrans);
	put_u64(skb, NLA_PACING_RATE, i.tcpi_pacing_rate);
	put_u64(skb, NLA_DELIVERY_RATE, i.tcpi_delivery_rate);
	put_u32(skb, NLA_SND_CWND, i.tcpi_snd_cwnd);
	put_u32(skb, NLA_REORDERING, i.tcpi_reordering);
	put_u32(skb, NLA_MIN_RTT, i.tcpi_min_rtt);
	put_u8(skb, NLA_RECUR_RETRANS, i.tcpi_retransmits);
	put_u8(skb, NLA_DELIVERY_RATE_APP_LMT, i.tcpi_delivery_rate_app_limited);
	put_u32(skb, NLA_SND_SSTHRESH, i.tcpi_snd_ssthresh);
	put_u32(skb, NLA_DELIVERED, i.tcpi_delivered);
	put_u32(skb, NLA_DELIVERED_CE, i.tcpi_delivered_ce);
	put_u32(skb, NLA_SNDQ_SIZE, tp->write_seq - tp->snd_una);
	put_u8(skb, NLA_CA_STATE, i.tcpi_ca_state);
	put_u64(skb, NLA_BYTES_SENT, i.tcpi_bytes_sent);
	put_u64(skb, NLA_BYTES_RETRANS, i.tcpi_bytes_retrans);
	put_u32(skb, NLA_DSACK_DUPS, i.tcpi_dsack_dups);
	put_u32(skb, NLA_REORD_SEEN, i.tcpi_reord_seen);
	put_u32(skb, NLA_SRTT, i.tcpi_rtt);
	put(skb, NLA_TIMEOUT_REHASH, &rehash, sizeof(rehash));
	put_u32(skb, NLA_BYTES_NOTSENT, i.tcpi_notsent_bytes);
	put_u64(skb, NLA_EDT, orig->tstamp);
	put_u32(skb, NLA_REHASH, i.tcpi_rehash);
	return skb;
}

int tcp_v4_pre_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	/* Whatever a hook sees, it sees the whole of. */
	if (addr_len < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	return sock_hook(sk, SOCK_HOOK_CONNECT, uaddr, &addr_len);
}
