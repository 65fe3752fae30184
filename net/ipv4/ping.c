// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ping.c - ICMP sockets (SOCK_DGRAM, IPPROTO_ICMP): who may have one, identifiers, echo requests out.
 *
 * DOC: Ping sockets
 * Programs whose group is in ping_group_range send echo requests (RFC 792, and RFC 8335's) without a privilege. The
 * identifier is the socket's "port": bound by the program or given out in turn, and put into each request; replies with
 * it come back (ping_rcv.c). Everything but type, code, sequence number and data is ours to fill in.
 */
#include "net/ping.h"

#include "lib/checksum.h"
#include "net/icmp.h"
#include "net/ip_fib.h"
#include "net/journey.h"
#include "net/proc.h"
#include "net/sock_msg.h"

/* ---- identifiers ---- */

static bool ping_ident_used(const struct ping_table *t, const struct sock *sk, u16 ident, bool any)
{
	const struct ping_sock *ps;

	hlist_for_each_entry(ps, &t->hash[ident & (PING_HTABLE_SIZE - 1)], node)
		if (ps->inet.inet_num == ident &&
		    (any || (&ps->inet.sk != sk && !(ps->inet.sk.sk_reuse && sk->sk_reuse))))
			return true;
	return false;
}

static int ping_get_port(struct sock *sk, u16 ident)
{
	struct ping_table *t = sock_net(sk)->ipv4.ping_table;
	struct ping_sock *ps = (struct ping_sock *)sk;

	if (!ident) {
		u16 next = (u16)(t->rover + 1);
		u32 tries = 65536;

		while (tries && (!next || ping_ident_used(t, sk, next, true))) {
			next++;
			tries--;
		}
		if (!tries)
			return 1;
		t->rover = ident = next;
	} else if (ping_ident_used(t, sk, ident, false)) {
		return 1;
	}
	sk->sk_num = ident;
	if (hlist_unhashed(&ps->node)) {
		hlist_add_head(&ps->node, &t->hash[ident & (PING_HTABLE_SIZE - 1)]);
		t->count++;
		sk->sk_hashed_ = 1;
	}
	return 0;
}

static void ping_unhash(struct sock *sk)
{
	struct ping_sock *ps = (struct ping_sock *)sk;

	if (hlist_unhashed(&ps->node))
		return;
	hlist_del(&ps->node);
	sock_net(sk)->ipv4.ping_table->count--;
	sk->sk_hashed_ = 0;
	sk->sk_num = 0;
	inet_sk(sk)->inet_sport = 0;
}

/* ---- beginning, binding, end ---- */

static int ping_init_sock(struct sock *sk)
{
	const int *range = sock_net(sk)->ipv4.sysctl_ping_group_range;

	return sock_in_group(sock_net(sk), (u32)range[0], (u32)range[1]) ? 0 : -EACCES;
}

static void ping_close(struct sock *sk, s64 timeout)
{
	sk_common_release(sk);
}

static void ping_destroy(struct sock *sk)
{
	ip_flush_pending_frames(sk);
	skiff_free(sock_skiff(sk), inet_dgram(sk)->cork);
	inet_dgram(sk)->cork = NULL;
}

static int ping_pre_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	if (addr_len < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	return sock_hook(sk, SOCK_HOOK_CONNECT, uaddr, &addr_len);
}

static int ping_check_bind_addr(struct sock *sk, const struct sockaddr_in *addr, int addr_len)
{
	struct net *net = sock_net(sk);
	u32 type;

	if (addr_len < (int)sizeof(*addr))
		return -EINVAL;
	if (addr->sin_family != AF_INET &&
	    !(addr->sin_family == AF_UNSPEC && !addr->sin_addr.s_addr))
		return -EAFNOSUPPORT;
	if (!addr->sin_addr.s_addr)
		return 0;
	type = inet_addr_type(net, addr->sin_addr.s_addr);
	if (type == RTN_LOCAL)
		return 0;
	if (type == RTN_MULTICAST || type == RTN_BROADCAST)
		return -EADDRNOTAVAIL;
	return net->ipv4.sysctl_ip_nonlocal_bind || inet_test_bit(FREEBIND, sk) ||
			       inet_test_bit(TRANSPARENT, sk) ?
		       0 :
		       -EADDRNOTAVAIL;
}

static int ping_bind(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	const struct sockaddr_in *addr = (const struct sockaddr_in *)uaddr;
	struct inet_sock *isk = inet_sk(sk);
	int err = ping_check_bind_addr(sk, addr, addr_len);

	if (err)
		return err;
	if (isk->inet_num)
		return -EINVAL;
	if (ping_get_port(sk, ntohs(addr->sin_port)))
		return -EADDRINUSE;
	isk->inet_rcv_saddr = isk->inet_saddr = addr->sin_addr.s_addr;
	if (isk->inet_rcv_saddr)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (addr->sin_port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	isk->inet_sport = htons(isk->inet_num);
	isk->inet_daddr = 0;
	isk->inet_dport = 0;
	sk_dst_reset(sk);
	return 0;
}

/* ---- out ---- */

/** struct ping_fakehdr - the header we make, and the sum of the data behind it */
struct ping_fakehdr {
	struct icmphdr icmph;
	struct iov_iter *from;
	u32 csum;
	u32 off;
};

static int ping_getfrag(void *from, u8 *to, int offset, int len, u32 *csum, bool want_csum)
{
	struct ping_fakehdr *pfh = from;
	int err = ip_generic_getfrag(pfh->from, to, offset, len, csum, true);

	if (!err)
		pfh->csum = csum_block_add(pfh->csum, *csum, pfh->off);
	pfh->off += (u32)len;
	return err;
}

static int ping_push(struct sock *sk, struct ping_fakehdr *pfh, struct flowi4 *fl4)
{
	struct sk_buff *skb = sk->sk_write_queue.first;

	if (!skb)
		return 0;
	pfh->csum = csum_partial(&pfh->icmph, sizeof(pfh->icmph), pfh->csum);
	pfh->icmph.checksum = csum_fold(pfh->csum);
	memcpy(skb_transport_header(skb), &pfh->icmph, sizeof(pfh->icmph));
	skb->ip_summed = CHECKSUM_NONE;
	return ip_push_pending_frames(sk, fl4);
}

static int ping_send_route(struct sock *sk, const struct msghdr *msg, struct ipcm_cookie *ipc,
			   __be32 daddr, const struct icmphdr *icmph, struct flowi4 *fl4,
			   struct rtable **rt)
{
	const struct inet_sock *inet = inet_sk(sk);
	bool onlink = sock_flag(sk, SOCK_LOCALROUTE) || (msg->msg_flags & MSG_DONTROUTE);
	__be32 saddr = ipc->addr, faddr = daddr;
	int err = 0;

	ipc->addr = daddr;
	if (ipc->opt && ipc->opt->opt.srr) {
		if (!daddr)
			return -EINVAL;
		faddr = ipc->opt->opt.faddr;
	}
	if (ipc->opt && ipc->opt->opt.is_strictroute)
		onlink = true;
	if (ipv4_is_multicast(daddr)) {
		if (!ipc->oif)
			ipc->oif = (u32)inet->mc_index;
		if (!saddr)
			saddr = inet_dgram(sk)->mc_addr;
	} else if (!ipc->oif) {
		ipc->oif = (u32)inet->uc_index;
	}
	flowi4_init_output(fl4, ipc->oif, ipc->mark, (u8)ipc->tos & INET_DSCP_MASK,
			   onlink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE, (u8)sk->sk_protocol,
			   inet_sk_flowi_flags(sk), faddr, saddr, 0, 0, sk->sk_uid);
	fl4->fl4_icmp_type = icmph->type;
	fl4->fl4_icmp_code = icmph->code;
	*rt = ip_route_output_flow(sock_net(sk), fl4, sk, &err);
	if (!*rt) {
		if (err == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return err;
	}
	if (((*rt)->rt_flags & RTCF_BROADCAST) && !sock_flag(sk, SOCK_BROADCAST))
		return -EACCES;
	return 0;
}

static int ping_send(struct sock *sk, struct msghdr *msg, struct iov_iter *from,
		     struct ipcm_cookie *ipc, struct ping_fakehdr *pfh, __be32 daddr,
		     struct rtable **rt, int len)
{
	struct sockcm_cookie sockc;
	struct flowi4 fl4;
	int err = 0;

	ipcm_init_sk(ipc, &sockc, sk);
	if (msg->msg_controllen)
		err = ip_cmsg_send(sk, msg, ipc, &sockc);
	else
		ipcm_set_sockc(ipc, &sockc);
	if (err)
		return err;
	if (!ipc->opt)
		ipc->opt = inet_sk(sk)->inet_opt;
	err = ping_send_route(sk, msg, ipc, daddr, &pfh->icmph, &fl4, rt);
	if (err)
		return err;
	if (msg->msg_flags & MSG_CONFIRM) {
		if (msg->msg_flags & MSG_PROBE)
			dst_confirm_neigh(&(*rt)->dst, fl4.daddr);
		if ((msg->msg_flags & MSG_PROBE) && !len)
			return 0;
	}
	if (!ipc->addr)
		ipc->addr = fl4.daddr;
	pfh->icmph.checksum = 0;
	pfh->icmph.un.echo.id = inet_sk(sk)->inet_sport;
	pfh->from = from;
	err = ip_append_data(sk, &fl4, ping_getfrag, pfh, len, sizeof(struct icmphdr), ipc, rt,
			     (u32)msg->msg_flags);
	if (err)
		ip_flush_pending_frames(sk);
	else
		err = ping_push(sk, pfh, &fl4);
	return err;
}

static int ping_send_dest(const struct sock *sk, const struct msghdr *msg, __be32 *daddr)
{
	const struct sockaddr_in *sin = msg->msg_name;

	if (!sin) {
		*daddr = sk->sk_daddr;
		return sk->sk_state == TCP_ESTABLISHED ? 0 : -EDESTADDRREQ;
	}
	if (msg->msg_namelen < sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	*daddr = sin->sin_addr.s_addr;
	return 0;
}

static long ping_sendmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *from)
{
	struct ping_fakehdr pfh = { .csum = 0 };
	struct ipcm_cookie ipc = { .opt = NULL };
	struct rtable *rt = NULL;
	size_t len = from->count;
	__be32 daddr;
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	if (len < sizeof(pfh.icmph))
		return -EINVAL;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (copy_from_iter(&pfh.icmph, sizeof(pfh.icmph), from) != sizeof(pfh.icmph))
		return -EFAULT;
	if (!ping_supported(pfh.icmph.type, pfh.icmph.code))
		return -EINVAL;
	journey_fn(sock_net(sk), NULL);
	err = ping_send_dest(sk, msg, &daddr);
	if (!err)
		err = ping_send(sk, msg, from, &ipc, &pfh, daddr, &rt, (int)len);
	ip_rt_put(rt);
	if (ipc.opt && ipc.opt != inet_sk(sk)->inet_opt)
		skiff_free(sock_skiff(sk), (void *)(uintptr_t)ipc.opt);
	return err ? err : (long)len;
}

/* ---- registering, /proc ---- */

const struct proto ping_prot = {
	.name = "PING",
	.obj_size = sizeof(struct ping_sock),
	.init = ping_init_sock,
	.close = ping_close,
	.destroy = ping_destroy,
	.pre_connect = ping_pre_connect,
	.connect = ip4_datagram_connect,
	.disconnect = __udp_disconnect,
	.setsockopt = ip_setsockopt,
	.getsockopt = ip_getsockopt,
	.sendmsg = ping_sendmsg,
	.recvmsg = ping_recvmsg,
	.bind = ping_bind,
	.unhash = ping_unhash,
	.get_port = ping_get_port,
	.put_port = ping_unhash,
	.slab_index = SLAB_PING,
};

int ping_register(struct skiff *skiff)
{
	static const struct inet_protosw row = { .type = SOCK_DGRAM,
						 .protocol = IPPROTO_ICMP,
						 .prot = &ping_prot,
						 .ops = &inet_sockraw_ops,
						 .flags = INET_PROTOSW_REUSE };
	int err = proto_register(skiff, &ping_prot);

	return err ? err : inet_register_protosw(skiff, &row);
}

/** ping_seq_show() - /proc/net/icmp: the "ports" are identifiers */
void ping_seq_show(struct net *net, struct strbuf *sb)
{
	const struct ping_table *t = net->ipv4.ping_table;
	const struct ping_sock *ps;
	size_t start = sb->len;

	strbuf_puts(sb,
		    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
		    "   uid  timeout inode ref pointer drops");
	while (sb->len - start < 127 && !sb->cut)
		strbuf_putc(sb, ' ');
	strbuf_putc(sb, '\n');
	for (u32 i = 0; i < PING_HTABLE_SIZE; i++)
		hlist_for_each_entry(ps, &t->hash[i], node)
			inet_seq_line(sb, &ps->inet.sk, 5, (int)i, 127);
}

static int ping_net_init(struct net *net)
{
	net->ipv4.ping_table = skiff_zalloc(net->skiff, sizeof(*net->ipv4.ping_table));
	if (net->ipv4.ping_table)
		net->ipv4.ping_table->rover = (u16)skiff_random32(net->skiff);
	return net->ipv4.ping_table ? 0 : -ENOMEM;
}

static void ping_net_exit(struct net *net)
{
	skiff_free(net->skiff, net->ipv4.ping_table);
	net->ipv4.ping_table = NULL;
}

const struct pernet_operations ping_net_ops = { "ping", ping_net_init, ping_net_exit };
