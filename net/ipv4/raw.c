// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/raw.c - raw sockets as a transport: beginning, binding, options, end.
 *
 * DOC: Raw sockets
 * A raw socket's "port" is its protocol: it is in the table from its creation on (inet_create), sees a copy of each packet
 * of that protocol before the protocol's own handler (raw_rcv.c), and hears of errors about such packets. IPPROTO_RAW only
 * sends, with headers of its own (raw_sendmsg.c).  Seed: 1.1 (hdrincl, nodefrag), 3.
 */
#include "net/raw.h"

#include "net/ip_fib.h"
#include "net/proc.h"

static int raw_hash_sk(struct sock *sk)
{
	struct raw_hashinfo *h = sock_net(sk)->ipv4.raw_hash;

	hlist_add_head(&raw_sk(sk)->node, &h->ht[sk->sk_num & (MAX_INET_PROTOS - 1)]);
	h->count++;
	sk->sk_hashed_ = 1;
	return 0;
}

static void raw_unhash_sk(struct sock *sk)
{
	if (hlist_unhashed(&raw_sk(sk)->node))
		return;
	hlist_del(&raw_sk(sk)->node);
	sock_net(sk)->ipv4.raw_hash->count--;
	sk->sk_hashed_ = 0;
}

static int raw_sk_init(struct sock *sk)
{
	raw_sk(sk)->filter.data = 0;
	return 0;
}

static void raw_close(struct sock *sk, s64 timeout)
{
	ip_ra_control(sk, false);
	sk_common_release(sk);
}

static void raw_destroy(struct sock *sk)
{
	ip_flush_pending_frames(sk);
	skiff_free(sock_skiff(sk), inet_dgram(sk)->cork);
	inet_dgram(sk)->cork = NULL;
}

static int raw_bind(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	const struct sockaddr_in *addr = (const struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	int type;

	if (sk->sk_state != TCP_CLOSE || addr_len < (int)sizeof(*addr))
		return -EINVAL;
	type = (int)inet_addr_type(sock_net(sk), addr->sin_addr.s_addr);
	if (!inet_addr_valid_or_nonlocal(sock_net(sk), inet, addr->sin_addr.s_addr, type))
		return -EADDRNOTAVAIL;
	inet->inet_rcv_saddr = inet->inet_saddr = addr->sin_addr.s_addr;
	/* Nobody sends from a group or a broadcast address. */
	if (type == RTN_MULTICAST || type == RTN_BROADCAST)
		inet->inet_saddr = 0;
	sk_dst_reset(sk);
	return 0;
}

static int raw_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen)
{
	if (level != SOL_RAW)
		return ip_setsockopt(sk, level, optname, optval, optlen);
	if (optname != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (sk->sk_num != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	memcpy(&raw_sk(sk)->filter, optval, min_t(u32, optlen, sizeof(struct icmp_filter)));
	return 0;
}

static int raw_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen)
{
	if (level != SOL_RAW)
		return ip_getsockopt(sk, level, optname, optval, optlen);
	if (optname != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (sk->sk_num != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	if ((int)*optlen < 0)
		return -EINVAL;
	*optlen = min_t(u32, *optlen, sizeof(struct icmp_filter));
	memcpy(optval, &raw_sk(sk)->filter, *optlen);
	return 0;
}

static int raw_ioctl(struct sock *sk, int cmd, int *karg)
{
	switch (cmd) {
	case SIOCOUTQ:
		*karg = sk->sk_wmem_alloc;
		return 0;
	case SIOCINQ:
		*karg = sk->sk_receive_queue.first ? (int)sk->sk_receive_queue.first->len : 0;
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

const struct proto raw_prot = {
	.name = "RAW",
	.obj_size = sizeof(struct raw_sock),
	.close = raw_close,
	.destroy = raw_destroy,
	.connect = ip4_datagram_connect,
	.disconnect = __udp_disconnect,
	.ioctl = raw_ioctl,
	.init = raw_sk_init,
	.setsockopt = raw_setsockopt,
	.getsockopt = raw_getsockopt,
	.sendmsg = raw_sendmsg,
	.recvmsg = raw_recvmsg,
	.bind = raw_bind,
	.hash = raw_hash_sk,
	.unhash = raw_unhash_sk,
	.slab_index = SLAB_RAW,
};

int raw_register(struct skiff *skiff)
{
	/* The last of its type: takes every protocol. */
	static const struct inet_protosw row = { .type = SOCK_RAW,
						 .protocol = IPPROTO_IP,
						 .prot = &raw_prot,
						 .ops = &inet_sockraw_ops,
						 .flags = INET_PROTOSW_REUSE };
	int err = proto_register(skiff, &raw_prot);

	return err ? err : inet_register_protosw(skiff, &row);
}

/** raw_seq_show() - /proc/net/raw: the "ports" are protocols */
void raw_seq_show(struct net *net, struct strbuf *sb)
{
	const struct raw_hashinfo *h = net->ipv4.raw_hash;
	const struct raw_sock *rp;

	strbuf_puts(sb,
		    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
		    "   uid  timeout inode ref pointer drops\n");
	for (int i = 0; i < MAX_INET_PROTOS; i++)
		hlist_for_each_entry(rp, &h->ht[i], node)
			inet_seq_line(sb, &rp->inet.sk, 4, i, 0);
}

static int raw_net_init(struct net *net)
{
	net->ipv4.raw_hash = skiff_zalloc(net->skiff, sizeof(*net->ipv4.raw_hash));
	return net->ipv4.raw_hash ? 0 : -ENOMEM;
}

static void raw_net_exit(struct net *net)
{
	skiff_free(net->skiff, net->ipv4.raw_hash);
	net->ipv4.raw_hash = NULL;
}

const struct pernet_operations raw_net_ops = { "raw", raw_net_init, raw_net_exit };
