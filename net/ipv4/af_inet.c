// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/af_inet.c - the family AF_INET: which protocol answers to (type, protocol), and the birth and end of its sockets.
 *
 * DOC: inetsw
 * A shard has a list of struct inet_protosw per type. A protocol of 0 in socket() takes the first entry of the type; an entry
 * with protocol 0 (raw sockets) takes any. Within a type later registrations stand in front of earlier ones, but never in front
 * of permanent ones.
 */
#include "net/inet_sock.h"
#include "net/igmp.h"

#define INET_PROTO_MAX 263 /* IPPROTO_MAX */

int inet_register_protosw(struct skiff *skiff, const struct inet_protosw *p)
{
	struct list_head *pos, *last_perm = &skiff->sockets->inetsw[p->type];
	struct inet_protosw *copy;

	if (p->type >= SOCK_MAX)
		return -EINVAL;
	list_for_each(pos, &skiff->sockets->inetsw[p->type]) {
		const struct inet_protosw *q = list_entry(pos, struct inet_protosw, list);

		if (!(q->flags & INET_PROTOSW_PERMANENT))
			break;
		if (q->protocol == p->protocol)
			return -EPERM;
		last_perm = pos;
	}
	copy = skiff_alloc(skiff, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *p;
	list_add(&copy->list, last_perm);
	return 0;
}

/* The entry for @type and *@protocol, which becomes the entry's own if it was 0. NULL and *@err: there is none */
static const struct inet_protosw *inet_lookup_protosw(struct skiff *skiff, int type, int *protocol,
						      int *err)
{
	const struct inet_protosw *p;

	*err = -ESOCKTNOSUPPORT;
	list_for_each_entry(p, &skiff->sockets->inetsw[type], list) {
		if (*protocol == p->protocol) {
			/* 0 is no protocol of raw sockets, though they stand under it. */
			if (*protocol != IPPROTO_IP)
				return p;
		} else if (*protocol == IPPROTO_IP) {
			*protocol = p->protocol;
			return p;
		} else if (p->protocol == IPPROTO_IP) {
			return p;
		}
		*err = -EPROTONOSUPPORT;
	}
	return NULL;
}

static void inet_init_sock(struct sock *sk, int protocol)
{
	struct inet_sock *inet = inet_sk(sk);

	sk->sk_protocol = (u16)protocol;
	inet->pmtudisc = sock_net(sk)->ipv4.sysctl_ip_no_pmtu_disc ? IP_PMTUDISC_DONT :
								     IP_PMTUDISC_WANT;
	inet->uc_ttl = -1;
	inet->mc_ttl = 1;
	inet_set_bit(MC_LOOP, sk);
	inet_set_bit(MC_ALL, sk);
}

/* What may refuse a socket that exists already: its table, its protocol, the embedder. */
static int inet_start_sock(struct sock *sk, int kern)
{
	struct inet_sock *inet = inet_sk(sk);
	int err = 0;

	if (inet->inet_num) {
		/* A raw socket is found by its protocol from now on. */
		inet->inet_sport = htons(inet->inet_num);
		err = sk->sk_prot->hash(sk);
	}
	if (!err && sk->sk_prot->init)
		err = sk->sk_prot->init(sk);
	if (!err && !kern)
		err = sock_hook(sk, SOCK_HOOK_CREATE, NULL, NULL);
	return err;
}

int inet_create(struct net *net, struct socket *sock, int protocol, int kern)
{
	const struct inet_protosw *answer;
	struct sock *sk;
	int err;

	if (protocol < 0 || protocol >= INET_PROTO_MAX)
		return -EINVAL;
	sock->state = SS_UNCONNECTED;
	answer = inet_lookup_protosw(net->skiff, sock->type, &protocol, &err);
	if (!answer)
		return err;
	if (sock->type == SOCK_RAW && !kern && !sock_capable(net, CAP_NET_RAW))
		return -EPERM;
	sk = sk_alloc(net, AF_INET, answer->prot);
	if (!sk)
		return -ENOMEM;
	sock->ops = answer->ops;
	if (answer->flags & INET_PROTOSW_REUSE)
		sk->sk_reuse = SK_CAN_REUSE;
	inet_assign_bit(IS_ICSK, sk, answer->flags & INET_PROTOSW_ICSK);
	if (sock->type == SOCK_RAW) {
		inet_sk(sk)->inet_num = (u16)protocol;
		inet_assign_bit(HDRINCL, sk, protocol == IPPROTO_RAW);
	}
	sock_init_data(sock, sk);
	inet_init_sock(sk, protocol);
	err = inet_start_sock(sk, kern);
	if (err)
		sk_common_release(sk);
	return err;
}

/** inet_release() - the descriptor goes; the protocol may live on */
int inet_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	s64 timeout = 0;

	if (!sk)
		return 0;
	ip_mc_drop_socket(sk);
	if (sock_flag(sk, SOCK_LINGER))
		timeout = (s64)sk->sk_side->lingertime;
	sk->sk_prot->close(sk, timeout);
	sock->sk = NULL;
	return 0;
}

void inet_sock_destruct(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	NET_ASSERT(sk->sk_type != SOCK_STREAM || sk->sk_state == TCP_CLOSE);
	skiff_free(sock_skiff(sk), inet->inet_opt);
	inet->inet_opt = NULL;
	sk_destruct_common(sk);
}

void inet_sk_state_store(struct sock *sk, int state)
{
	journey_state(sock_net(sk), sk, sk->sk_state, state);
	sk->sk_state = (u8)state;
}

void inet_sk_set_state(struct sock *sk, int state)
{
	inet_sk_state_store(sk, state);
}

static const struct net_proto_family inet_family_ops = {
	.family = AF_INET,
	.create = inet_create,
	.destruct = inet_sock_destruct,
	.free_mini = inet_free_mini,
};

int inet_shard_init(struct skiff *skiff);
int inet_shard_init(struct skiff *skiff)
{
	return sock_register(skiff, &inet_family_ops);
}
