// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_proto.c - UDP and UDP-Lite as transports of sockets: beginning, connecting, end, settings. */
#include "net/netdevice.h"
#include "net/sysctl.h"
#include "udp_internal.h"

static int udp_init_sock(struct sock *sk)
{
	return 0;
}

static void udp_destroy_sock(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);
	struct sk_buff *skb;

	udp_flush_pending_frames(sk);
	udp_set_gro(sk, false);
	if (up->encap_type && up->encap_destroy)
		up->encap_destroy(sk);
	while ((skb = skb_dequeue(&sk->sk_receive_queue)) != NULL) {
		udp_rmem_release(sk, (int)skb->truesize);
		consume_skb(sock_skiff(sk), skb);
	}
	skiff_free(sock_skiff(sk), up->dgram.cork);
	up->dgram.cork = NULL;
}

static void udp_close(struct sock *sk, s64 timeout)
{
	sk_common_release(sk);
}

static int udp_pre_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	if (addr_len < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	return sock_hook(sk, SOCK_HOOK_CONNECT, uaddr, &addr_len);
}

static int udp_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	int err = __ip4_datagram_connect(sk, uaddr, addr_len);

	if (!err)
		udp4_hash4(sk);
	return err;
}

int __udp_disconnect(struct sock *sk, int flags)
{
	struct inet_sock *inet = inet_sk(sk);

	sk->sk_state = TCP_CLOSE;
	inet->inet_daddr = 0;
	inet->inet_dport = 0;
	sk->sk_bound_dev_if = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_rcv_saddr = inet->inet_saddr = 0;
		if (sk->sk_prot->rehash && (sk->sk_userlocks & SOCK_BINDPORT_LOCK))
			sk->sk_prot->rehash(sk);
	}
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		sk->sk_prot->unhash(sk);
		inet->inet_sport = 0;
	}
	sk_dst_reset(sk);
	return 0;
}

int udp_disconnect(struct sock *sk, int flags)
{
	if (sk->sk_prot->rehash)
		udp_unhash4(udp_get_table(sk), sk);
	return __udp_disconnect(sk, flags);
}

#define UDP_COMMON                                                                                \
	.has_memory_accounting = true, .obj_size = sizeof(struct udp_sock), .close = udp_close,   \
	.pre_connect = udp_pre_connect, .connect = udp_connect, .disconnect = udp_disconnect,     \
	.ioctl = udp_ioctl, .poll = udp_poll, .init = udp_init_sock, .destroy = udp_destroy_sock, \
	.setsockopt = udp_setsockopt, .getsockopt = udp_getsockopt, .sendmsg = udp_sendmsg,       \
	.recvmsg = udp_recvmsg, .unhash = udp_lib_unhash, .rehash = udp_v4_rehash,                \
	.get_port = udp_v4_get_port, .put_port = udp_lib_unhash, .mem_index = PROTO_MEM_UDP,      \
	.slab_index = SLAB_UDP

const struct proto udp_prot = { .name = "UDP", UDP_COMMON };
const struct proto udplite_prot = { .name = "UDP-Lite", UDP_COMMON };

int udp_register(struct skiff *skiff)
{
	static const struct inet_protosw rows[] = {
		{ .type = SOCK_DGRAM,
		  .protocol = IPPROTO_UDP,
		  .prot = &udp_prot,
		  .ops = &inet_dgram_ops,
		  .flags = INET_PROTOSW_PERMANENT },
		{ .type = SOCK_DGRAM,
		  .protocol = IPPROTO_UDPLITE,
		  .prot = &udplite_prot,
		  .ops = &inet_dgram_ops,
		  .flags = INET_PROTOSW_PERMANENT },
	};
	int err = 0;

	for (unsigned i = 0; !err && i < ARRAY_SIZE(rows); i++) {
		err = proto_register(skiff, rows[i].prot);
		if (!err)
			err = inet_register_protosw(skiff, &rows[i]);
	}
	return err;
}

/* ---- settings ---- */

int udp_sysctl_register(struct net *net)
{
	static const int min_buffer = 1;
	struct netns_ipv4 *ip = &net->ipv4;
	const struct ctl_table table[] = {
		{ "udp_mem", ip->sysctl_udp_mem, sizeof(ip->sysctl_udp_mem), 0644,
		  proc_doulongvec_minmax, NULL, NULL },
		{ "udp_rmem_min", &ip->sysctl_udp_rmem_min, sizeof(int), 0644, proc_dointvec_minmax,
		  &min_buffer, NULL },
		{ "udp_wmem_min", &ip->sysctl_udp_wmem_min, sizeof(int), 0644, proc_dointvec_minmax,
		  &min_buffer, NULL },
	};

	/* Linux takes an eighth of the machine's memory for the middle one; here as if it were 4 GB. */
	ip->sysctl_udp_mem[0] = 98304;
	ip->sysctl_udp_mem[1] = 131072;
	ip->sysctl_udp_mem[2] = 196608;
	ip->sysctl_udp_rmem_min = 4096;
	ip->sysctl_udp_wmem_min = 4096;
	return register_net_sysctl(net, "net/ipv4", table, ARRAY_SIZE(table)) ? 0 : -ENOMEM;
}
