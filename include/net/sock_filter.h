/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/sock_filter.h - who may take a packet, and how much of it: classic BPF (net/core/filter.c), reuseport groups. */
#ifndef NET_SOCK_FILTER_H
#define NET_SOCK_FILTER_H

#include "net/sock.h"

/** sk_attach_filter(), sk_detach_filter(), sk_get_filter() - SO_ATTACH_FILTER and friends; the last returns how many instructions there are */
int sk_attach_filter(struct sock *sk, const struct sock_fprog *fprog);
int sk_detach_filter(struct sock *sk);
int sk_get_filter(const struct sock *sk, struct sock_filter *to, u32 room);
int sk_reuseport_attach_filter(struct sock *sk, const struct sock_fprog *fprog);

/** sk_filter_trim_cap() - run the socket filter; @skb may be cut, to @cap at least. 0, or -EPERM and a reason */
int sk_filter_trim_cap(struct sock *sk, struct sk_buff *skb, u32 cap, enum skb_drop_reason *reason);
static inline bool sk_has_filter(const struct sock *sk)
{
	return sk->sk_side && sk->sk_side->filter;
}

/* classic BPF: net/core/filter.c */
static inline void sk_filter_get(struct sk_filter *f)
{
	if (f)
		++*(u32 *)f; /* its first member counts references */
}
struct sk_filter *sk_filter_create(struct skiff *skiff, const struct sock_fprog *fprog, int *err);
void sk_filter_put(struct skiff *skiff, struct sk_filter *f);
/** sk_filter_run() - bytes to keep of the packet (data where the socket would see it begin), 0: none */
u32 sk_filter_run(struct skiff *skiff, const struct sk_filter *f, const struct sk_buff *skb);

/* ---- reuseport groups: net/core/sock_reuseport.c ---- */
int reuseport_alloc(struct sock *sk, bool bind_inany);
int reuseport_add_sock(struct sock *sk, struct sock *sk2, bool bind_inany);
void reuseport_detach_sock(struct sock *sk);
/** reuseport_has_conns() / reuseport_has_conns_set() - is, becomes a member of the group of @sk connected? false, nothing without a group */
bool reuseport_has_conns(const struct sock *sk);
void reuseport_has_conns_set(struct sock *sk);
/** reuseport_select_sock() - who of the group of @sk takes this packet; NULL: no opinion */
struct sock *reuseport_select_sock(struct sock *sk, u32 hash, struct sk_buff *skb, int hdr_len);
int reuseport_attach_prog(struct sock *sk, struct sk_filter *prog);
int reuseport_detach_prog(struct sock *sk);

#endif
