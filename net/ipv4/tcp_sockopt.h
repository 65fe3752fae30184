/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_sockopt.h - what tcp_sockopt.c, tcp_getsockopt.c and tcp_repair.c share. */
#ifndef TCP_SOCKOPT_H
#define TCP_SOCKOPT_H

#include "net/tcp.h"

#define TCP_FASTOPEN_KEY_LENGTH 16

/** tcp_can_repair_sock() - may the caller, and in this state? */
bool tcp_can_repair_sock(const struct sock *sk);
int tcp_setsockopt_repair(struct sock *sk, int optname, const void *optval, u32 optlen);
int tcp_getsockopt_repair(struct sock *sk, int optname, void *optval, u32 *optlen);

#endif
