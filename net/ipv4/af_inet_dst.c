// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/af_inet_dst.c - the route that a socket keeps: does it still hold, and what can be sent over it. */
#include "net/inet_sock.h"
#include "net/netdevice.h"

/* Linux's largest packet less the headers it keeps room for: what segmentation offload may be given. */
#define GSO_SIZE_MAX (65536 - 320 - 1)
#define GSO_SEGS_MAX 65535

struct dst_entry *__sk_dst_check(struct sock *sk, u32 cookie)
{
	struct dst_entry *dst = sk->sk_dst_cache;

	if (likely(!dst || rt_cache_valid((struct rtable *)dst)))
		return dst;
	sk_dst_reset(sk);
	return NULL;
}

void sk_setup_caps(struct sock *sk, struct dst_entry *dst)
{
	sk_dst_set(sk, dst);
	sk->sk_gso_max_size = GSO_SIZE_MAX;
	sk->sk_gso_max_segs = sk->sk_gso_disabled ? 1 : GSO_SEGS_MAX;
	/* Checksums are the device's business: none are taken while the user's bytes are copied in. */
	sk->sk_hw_csum = (dst->dev->features & NETIF_F_HW_CSUM) != 0;
}
