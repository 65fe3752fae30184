/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_ulp.h - upper layer protocols on a connection: tcp_ulp.c. */
#ifndef NET_TCP_ULP_H
#define NET_TCP_ULP_H

#include "net/tcp_sock.h"

#define TCP_ULP_NAME_MAX 16
struct tcp_ulp_ops {
	const char *name;
	int (*init)(struct sock *sk);
	void (*release)(struct sock *sk);
	int (*get_info)(struct sock *sk, void *buf, u32 len);
	void (*clone)(const struct request_sock *req, struct sock *newsk);
	void (*clean_acked)(
		struct sock *sk,
		u32 acked_seq); /* icsk_clean_acked: tcp_ack() moved snd_una; NULL: not asked for */
};
int tcp_register_ulp(struct skiff *skiff, const struct tcp_ulp_ops *ulp);
void tcp_unregister_ulp(struct skiff *skiff, const struct tcp_ulp_ops *ulp);
int tcp_set_ulp(struct sock *sk, const char *name);
void tcp_cleanup_ulp(struct sock *sk);

#endif
