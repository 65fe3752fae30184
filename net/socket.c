// SPDX-License-Identifier: BSD-2-Clause
/* net/socket.c - address families, the making and the end of sockets, and who is allowed what.
 *
 * DOC: Sockets of a shard
 * struct socket is the caller's half: what a descriptor stands for (net/socket_fd.c). Families register per shard; the calls
 * that programs know (net/socket_calls.c, net/socket_msg.c) look the descriptor up, copy what the caller hands in and go on
 * to the family's proto_ops. Readiness is watched by net/socket_epoll.c; who wants to wait does it in net/socket_wait.c.
 */
#include "net/socket_internal.h"

#include "net/sysctl.h"

/* ---- families ---- */

int sock_register(struct skiff *skiff, const struct net_proto_family *fam)
{
	const struct net_proto_family **slot;

	if (fam->family < 0 || fam->family >= AF_MAX)
		return -ENOBUFS;
	slot = &skiff->sockets->families[fam->family];
	if (*slot)
		return -EEXIST;
	*slot = fam;
	return 0;
}

/* ---- sockets ---- */

struct socket *sock_alloc(struct net *net)
{
	struct socket *sock = slab_zalloc(&net->skiff->sockets->slab[SLAB_SOCKET]);

	if (!sock)
		return NULL;
	INIT_LIST_HEAD(&sock->watchers);
	sock->net = net;
	sock->state = SS_UNCONNECTED;
	return sock;
}

void sock_release(struct socket *sock)
{
	const struct proto_ops *ops = sock->ops;

	watchers_end(&sock->watchers);
	if (sock->sk)
		sock_hook(sock->sk, SOCK_HOOK_RELEASE, NULL, NULL);
	if (ops)
		ops->release(sock);
	NET_ASSERT(!sock->sk);
	slab_free(&sock->net->skiff->sockets->slab[SLAB_SOCKET], sock);
}

int sock_create(struct net *net, int family, int type, int protocol, struct socket **res, int kern)
{
	const struct net_proto_family *fam;
	struct socket *sock;
	int err;

	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_MAX)
		return -EINVAL;
	/* As programs of old ask for packet sockets. */
	if (family == AF_INET && type == SOCK_PACKET)
		family = AF_PACKET;
	fam = net->skiff->sockets->families[family];
	if (!fam)
		return -EAFNOSUPPORT;
	sock = sock_alloc(net);
	if (!sock)
		return -ENFILE;
	sock->type = (u8)type;
	err = fam->create(net, sock, protocol, kern);
	if (err) {
		sock_release(sock);
		return err;
	}
	*res = sock;
	return 0;
}

int sock_no_accept(struct socket *sock, struct socket *newsock, int flags)
{
	return -EOPNOTSUPP;
}

int sock_no_listen(struct socket *sock, int backlog)
{
	return -EOPNOTSUPP;
}

int sock_no_socketpair(struct socket *a, struct socket *b)
{
	return -EOPNOTSUPP;
}

int sock_common_setsockopt(struct socket *sock, int level, int optname, const void *optval,
			   u32 optlen)
{
	return sock->sk->sk_prot->setsockopt(sock->sk, level, optname, optval, optlen);
}

int sock_common_getsockopt(struct socket *sock, int level, int optname, void *optval, u32 *optlen)
{
	return sock->sk->sk_prot->getsockopt(sock->sk, level, optname, optval, optlen);
}

/* ---- who may do what ---- */

bool sock_capable(const struct net *net, int cap)
{
	return net->sock->policy.caps >> cap & 1;
}

bool sock_in_group(const struct net *net, u32 low, u32 high)
{
	return net->sock->policy.gid >= low && net->sock->policy.gid <= high;
}

u32 sock_caller_uid(const struct net *net)
{
	return net->sock->policy.uid;
}

int sock_hook(struct sock *sk, enum sock_hook what, struct sockaddr *addr, int *addr_len)
{
	const struct skiff_socket_policy *p = &sock_net(sk)->sock->policy;
	u32 len = addr_len ? (u32)*addr_len : 0;
	int err;

	if (likely(!p->hook))
		return 0;
	err = p->hook(p->arg, (enum skiff_sock_op)what, sk->sk_family, sk->sk_type, sk->sk_protocol,
		      addr, addr_len ? &len : NULL);
	if (addr_len)
		*addr_len = (int)len;
	return err;
}

void skiff_set_policy(struct skiff_net *net, const struct skiff_socket_policy *policy)
{
	((struct net *)net)->sock->policy = *policy;
}

/* ---- the caller's memory ---- */

void skiff_set_user_copy(struct skiff *skiff, skiff_copy_fn copy, void *arg)
{
	skiff->sockets->user_copy = copy;
	skiff->sockets->user_copy_arg = arg;
}

int copy_from_user(struct skiff *skiff, void *to, const void *user, size_t len)
{
	const struct sock_shard *s = skiff->sockets;

	if (!len)
		return 0;
	if (!user)
		return -EFAULT;
	if (unlikely(s->user_copy))
		return s->user_copy(s->user_copy_arg, to, (void *)user, len, false) == len ?
			       0 :
			       -EFAULT;
	memcpy(to, user, len);
	return 0;
}

int copy_to_user(struct skiff *skiff, void *user, const void *from, size_t len)
{
	const struct sock_shard *s = skiff->sockets;

	if (!len)
		return 0;
	if (!user)
		return -EFAULT;
	if (unlikely(s->user_copy))
		return s->user_copy(s->user_copy_arg, (void *)from, user, len, true) == len ?
			       0 :
			       -EFAULT;
	memcpy(user, from, len);
	return 0;
}

/* ---- a shard, a namespace ---- */

static void sock_turn_end(struct skiff *skiff)
{
	socket_tell_watchers(skiff);
}

int sock_shard_init(struct skiff *skiff)
{
	struct sock_shard *s = skiff_zalloc(skiff, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	skiff->sockets = s;
	skiff->turn_end = sock_turn_end;
	for (unsigned i = 0; i < ARRAY_SIZE(s->inetsw); i++)
		INIT_LIST_HEAD(&s->inetsw[i]);
	INIT_LIST_HEAD(&s->told);
	slab_init(&s->slab[SLAB_SOCKET], skiff, sizeof(struct socket));
	err = fd_table_init(skiff);
	for (unsigned i = 0; !err && shard_inits[i]; i++)
		err = shard_inits[i](skiff);
	if (err)
		sock_shard_exit(skiff);
	return err;
}

void sock_shard_exit(struct skiff *skiff)
{
	struct sock_shard *s = skiff->sockets;

	if (!s)
		return;
	fd_table_exit(skiff);
	for (unsigned i = 0; i < ARRAY_SIZE(s->inetsw); i++) {
		while (!list_empty(&s->inetsw[i])) {
			struct inet_protosw *p =
				list_first_entry(&s->inetsw[i], struct inet_protosw, list);

			list_del(&p->list);
			skiff_free(skiff, p);
		}
	}
	for (unsigned i = 0; i < SLAB_MAX; i++) {
		if (s->slab[i].size)
			slab_exit(&s->slab[i]);
	}
	skiff->sockets = NULL;
	skiff->turn_end = NULL;
	skiff_free(skiff, s);
}

#define BUF_DEFAULT 212992 /* 256 packets as Linux counts them */
#define BUF_MAX	    (4 << 20)

static int sock_net_init(struct net *net)
{
	struct netns_sock *ns = skiff_zalloc(net->skiff, sizeof(*ns));

	if (!ns)
		return -ENOMEM;
	net->sock = ns;
	ns->policy.caps = ~0ULL;
	ns->sysctl_rmem_default = ns->sysctl_wmem_default = BUF_DEFAULT;
	ns->sysctl_rmem_max = ns->sysctl_wmem_max = BUF_MAX;
	ns->sysctl_somaxconn = SOMAXCONN;
	ns->sysctl_optmem_max = 131072;
	ns->sysctl_tstamp_allow_data = 1;
	ns->sysctl_txrehash = 1;
	if (!sock_sysctl_init(net))
		return 0;
	skiff_free(net->skiff, ns);
	net->sock = NULL;
	return -ENOMEM;
}

static void sock_net_exit(struct net *net)
{
	skiff_free(net->skiff, net->sock);
}

/* In front of the protocols: they count in what it makes. */
const struct pernet_operations sock_net_ops = {
	.name = "sock",
	.init = sock_net_init,
	.exit = sock_net_exit,
};

static void socket_net_exit(struct net *net)
{
	fd_close_net(net);
}

/* Behind everything else: descriptors of a namespace that ends are closed while all of it still stands. */
const struct pernet_operations socket_net_ops = {
	.name = "socket",
	.exit = socket_net_exit,
};
