// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/af_inet_bind.c - which addresses and ports a socket may have as its own. */
#include "net/inet_sock.h"

static bool inet_can_nonlocal_bind(const struct net *net, const struct sock *sk)
{
	return net->ipv4.sysctl_ip_nonlocal_bind || inet_test_bit(FREEBIND, sk) ||
	       inet_test_bit(TRANSPARENT, sk);
}

bool inet_addr_valid_or_nonlocal(struct net *net, struct inet_sock *inet, __be32 addr,
				 int addr_type)
{
	return inet_can_nonlocal_bind(net, &inet->sk) || addr == INADDR_ANY ||
	       addr_type == RTN_LOCAL || addr_type == RTN_MULTICAST || addr_type == RTN_BROADCAST;
}

/* Programs of old bind to any address with a family of 0. */
static int bind_family(const struct sockaddr_in *addr)
{
	if (addr->sin_family == AF_INET)
		return 0;
	return addr->sin_family != AF_UNSPEC || addr->sin_addr.s_addr != INADDR_ANY ?
		       -EAFNOSUPPORT :
		       0;
}

static bool port_needs_capability(const struct net *net, u16 port)
{
	return port < net->ipv4.sysctl_ip_unprivileged_port_start &&
	       !sock_capable(net, CAP_NET_BIND_SERVICE);
}

/* The port, and the embedder's last word on it. On refusal the address is forgotten again. */
static int bind_port(struct sock *sk, u16 snum, u32 flags)
{
	struct inet_sock *inet = inet_sk(sk);
	int err;

	if (!snum &&
	    (inet_test_bit(BIND_ADDRESS_NO_PORT, sk) || (flags & BIND_FORCE_ADDRESS_NO_PORT)))
		return 0;
	err = sk->sk_prot->get_port(sk, snum);
	if (err) {
		inet->inet_saddr = inet->inet_rcv_saddr = 0;
		return err > 0 ? -EADDRINUSE : err;
	}
	err = sock_hook(sk, SOCK_HOOK_POST_BIND, NULL, NULL);
	if (err) {
		inet->inet_saddr = inet->inet_rcv_saddr = 0;
		if (sk->sk_prot->put_port)
			sk->sk_prot->put_port(sk);
	}
	return err;
}

int __inet_bind(struct sock *sk, struct sockaddr *uaddr, int addr_len, u32 flags)
{
	const struct sockaddr_in *addr = (struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	struct net *net = sock_net(sk);
	u16 snum = ntohs(addr->sin_port);
	int type, err;

	err = bind_family(addr);
	if (err)
		return err;
	type = (int)inet_addr_type_table(net, addr->sin_addr.s_addr, RT_TABLE_LOCAL);
	/* RFC 1122 4.2.2.11: an address of ours, unless somebody asked for others to be allowed. */
	if (!inet_addr_valid_or_nonlocal(net, inet, addr->sin_addr.s_addr, type))
		return -EADDRNOTAVAIL;
	if (!(flags & BIND_NO_CAP_NET_BIND_SERVICE) && snum && port_needs_capability(net, snum))
		return -EACCES;
	if (sk->sk_state != TCP_CLOSE || inet->inet_num)
		return -EINVAL;
	inet->inet_rcv_saddr = inet->inet_saddr = addr->sin_addr.s_addr;
	/* What comes in is for the group; what goes out has an address of the device. */
	if (type == RTN_MULTICAST || type == RTN_BROADCAST)
		inet->inet_saddr = 0;
	err = bind_port(sk, snum, flags);
	if (err)
		return err;
	if (inet->inet_rcv_saddr)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (snum)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	inet->inet_sport = htons(inet->inet_num);
	inet->inet_daddr = 0;
	inet->inet_dport = 0;
	sk_dst_reset(sk);
	return 0;
}

int inet_bind_sk(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	int err;

	if (sk->sk_prot->bind)
		return sk->sk_prot->bind(sk, uaddr, addr_len);
	if (addr_len < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	err = sock_hook(sk, SOCK_HOOK_BIND, uaddr, &addr_len);
	return err ? err : __inet_bind(sk, uaddr, addr_len, BIND_WITH_LOCK);
}

int inet_bind(struct socket *sock, struct sockaddr *uaddr, int addr_len)
{
	return inet_bind_sk(sock->sk, uaddr, addr_len);
}

int inet_autobind(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	if (inet->inet_num)
		return 0;
	if (sk->sk_prot->get_port(sk, 0))
		return -EAGAIN;
	inet->inet_sport = htons(inet->inet_num);
	return 0;
}
