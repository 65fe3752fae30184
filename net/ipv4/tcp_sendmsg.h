/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_sendmsg.h - what the files of the user's side (tcp_sendmsg.c, tcp_zerocopy.c, tcp_repair.c) share. */
#ifndef TCP_SENDMSG_H
#define TCP_SENDMSG_H

#include "net/tcp.h"

/** tcp_remove_empty_skb() - the last packet of the write queue goes if nothing came into it */
void tcp_remove_empty_skb(struct sock *sk);
/** tcp_mark_push() - PSH: what was written so far should reach the reader */
void tcp_mark_push(struct tcp_sock *tp, struct sk_buff *skb);

/* ---- tcp_zerocopy.c: a call with MSG_ZEROCOPY has a number; prepare, then add (it took bytes) or cancel ---- */
/** tcp_zerocopy_prepare() - room to remember a call. false: no memory */
bool tcp_zerocopy_prepare(struct sock *sk);
/** tcp_zerocopy_add() - the call ends at write_seq */
void tcp_zerocopy_add(struct sock *sk);
void tcp_zerocopy_cancel(struct sock *sk);

/* ---- tcp_repair.c ---- */
/** tcp_peek_sndq() - read what is in the send queues (MSG_PEEK in repair) */
long tcp_peek_sndq(struct sock *sk, struct iov_iter *to);

#endif
