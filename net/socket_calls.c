// SPDX-License-Identifier: BSD-2-Clause
/* net/socket_calls.c - the calls that programs know, but for those that carry data (net/socket_msg.c).
 *
 * DOC: Calls
 * Each looks the descriptor up, copies what the caller hands in, and goes to the family. The order of checks is Linux's, since
 * it decides which error a program with two mistakes sees.
 */
#include "net/socket_internal.h"
#include "net/sock_msg.h"

#define CALL(skiff, expr)              \
	({                             \
		__typeof__(expr) ret_; \
		call_begin(skiff);     \
		ret_ = (expr);         \
		call_end(skiff);       \
		ret_;                  \
	})

/* The most that is handed down of an option's value. */
#define OPTVAL_MAX 65536u

static int do_socket(struct net *net, int family, int type, int protocol)
{
	struct skiff *skiff = net->skiff;
	struct socket *sock;
	int flags = type & ~SOCK_TYPE_MASK, fd, err;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	err = sock_create(net, family, type & SOCK_TYPE_MASK, protocol, &sock, 0);
	if (err)
		return err;
	fd = fd_get_unused(skiff);
	if (fd < 0) {
		sock_release(sock);
		return fd;
	}
	sock->f_flags = (u16)(flags & SOCK_NONBLOCK);
	sock->fds = 1;
	fd_install(skiff, fd, FD_SOCKET, sock);
	return fd;
}

int skiff_socket(struct skiff_net *net, int family, int type, int protocol)
{
	return CALL(((struct net *)net)->skiff,
		    do_socket((struct net *)net, family, type, protocol));
}

static int do_bind(struct skiff *skiff, int fd, const struct sockaddr *addr, u32 addrlen)
{
	struct sockaddr_storage_abi kaddr;
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);

	if (!sock)
		return err;
	err = move_addr_to_kernel(skiff, addr, addrlen, &kaddr);
	return err ? err : sock->ops->bind(sock, (struct sockaddr *)&kaddr, (int)addrlen);
}

int skiff_bind(struct skiff *skiff, int fd, const struct sockaddr *addr, uint32_t addrlen)
{
	return CALL(skiff, do_bind(skiff, fd, addr, addrlen));
}

static int do_listen(struct skiff *skiff, int fd, int backlog)
{
	int err, somaxconn;
	struct socket *sock = fd_sock(skiff, fd, &err);

	if (!sock)
		return err;
	somaxconn = sock->net->sock->sysctl_somaxconn;
	if ((unsigned)backlog > (unsigned)somaxconn)
		backlog = somaxconn;
	return sock->ops->listen(sock, backlog);
}

int skiff_listen(struct skiff *skiff, int fd, int backlog)
{
	return CALL(skiff, do_listen(skiff, fd, backlog));
}

/* The accepted connection in @newsock, and whose it is to the caller. */
static int accept_into(struct skiff *skiff, struct socket *sock, struct socket *newsock,
		       struct sockaddr *addr, u32 *addrlen, int flags)
{
	struct sockaddr_storage_abi kaddr;
	int err;

	newsock->type = sock->type;
	newsock->ops = sock->ops;
	err = sock->ops->accept(sock, newsock, flags);
	if (err || !addr)
		return err;
	err = newsock->ops->getname(newsock, (struct sockaddr *)&kaddr, 2);
	if (err < 0)
		return -ECONNABORTED;
	return move_addr_to_user(skiff, &kaddr, err, addr, addrlen);
}

static int do_accept(struct skiff *skiff, int fd, struct sockaddr *addr, u32 *addrlen, int flags)
{
	struct socket *sock, *newsock;
	int err, newfd;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	sock = fd_sock(skiff, fd, &err);
	if (!sock)
		return err;
	newfd = fd_get_unused(skiff);
	if (newfd < 0)
		return newfd;
	newsock = sock_alloc(sock->net);
	if (!newsock) {
		fd_put_unused(skiff, newfd);
		return -ENFILE;
	}
	err = accept_into(skiff, sock, newsock, addr, addrlen, (int)sock->f_flags);
	if (err) {
		fd_put_unused(skiff, newfd);
		sock_release(newsock);
		return err;
	}
	newsock->f_flags = (u16)(flags & SOCK_NONBLOCK);
	newsock->fds = 1;
	fd_install(skiff, newfd, FD_SOCKET, newsock);
	return newfd;
}

int skiff_accept4(struct skiff *skiff, int fd, struct sockaddr *addr, uint32_t *addrlen, int flags)
{
	return CALL(skiff, do_accept(skiff, fd, addr, addrlen, flags));
}

static int do_connect(struct skiff *skiff, int fd, const struct sockaddr *addr, u32 addrlen)
{
	struct sockaddr_storage_abi kaddr;
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);

	if (!sock)
		return err;
	err = move_addr_to_kernel(skiff, addr, addrlen, &kaddr);
	if (err)
		return err;
	return sock->ops->connect(sock, (struct sockaddr *)&kaddr, (int)addrlen,
				  (int)sock->f_flags);
}

int skiff_connect(struct skiff *skiff, int fd, const struct sockaddr *addr, uint32_t addrlen)
{
	return CALL(skiff, do_connect(skiff, fd, addr, addrlen));
}

static int do_getname(struct skiff *skiff, int fd, struct sockaddr *addr, u32 *addrlen, int peer)
{
	struct sockaddr_storage_abi kaddr;
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);

	if (!sock)
		return err;
	err = sock->ops->getname(sock, (struct sockaddr *)&kaddr, peer);
	return err < 0 ? err : move_addr_to_user(skiff, &kaddr, err, addr, addrlen);
}

int skiff_getsockname(struct skiff *skiff, int fd, struct sockaddr *addr, uint32_t *addrlen)
{
	return do_getname(skiff, fd, addr, addrlen, 0);
}

int skiff_getpeername(struct skiff *skiff, int fd, struct sockaddr *addr, uint32_t *addrlen)
{
	return do_getname(skiff, fd, addr, addrlen, 1);
}

static int do_shutdown(struct skiff *skiff, int fd, int how)
{
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);

	return sock ? sock->ops->shutdown(sock, how) : err;
}

int skiff_shutdown(struct skiff *skiff, int fd, int how)
{
	return CALL(skiff, do_shutdown(skiff, fd, how));
}

/* ---- options ---- */

static int set_option(struct socket *sock, int level, int name, const void *val, u32 len)
{
	if (level == SOL_SOCKET)
		return sock_setsockopt(sock, level, name, val, len);
	return sock->ops->setsockopt(sock, level, name, val, len);
}

static int do_setsockopt(struct skiff *skiff, int fd, int level, int name, const void *val, u32 len)
{
	struct socket *sock;
	u32 room = min_t(u32, len, OPTVAL_MAX);
	void *copy;
	int err;

	sock = fd_sock(skiff, fd, &err);
	if (!sock)
		return err;
	if ((int)len < 0)
		return -EINVAL;
	if (!val && len)
		return -EFAULT;
	if (likely(!skiff->sockets->user_copy || !len))
		return set_option(sock, level, name, val, len);
	copy = skiff_alloc(skiff, room);
	if (!copy)
		return -ENOMEM;
	err = copy_from_user(skiff, copy, val, room);
	if (!err)
		err = set_option(sock, level, name, copy, room);
	skiff_free(skiff, copy);
	return err;
}

int skiff_setsockopt(struct skiff *skiff, int fd, int level, int name, const void *val,
		     uint32_t len)
{
	return CALL(skiff, do_setsockopt(skiff, fd, level, name, val, len));
}

static int get_option(struct socket *sock, int level, int name, void *val, u32 *len)
{
	if (level == SOL_SOCKET)
		return sk_getsockopt(sock->sk, level, name, val, len);
	return sock->ops->getsockopt(sock, level, name, val, len);
}

/* Into memory of ours first: the caller's may turn out to be no memory when the option has its answer. */
static int get_option_copied(struct skiff *skiff, struct socket *sock, int level, int name,
			     void *val, u32 *len)
{
	/* The length of a filter is in instructions. */
	u32 unit = level == SOL_SOCKET && name == SO_GET_FILTER ? sizeof(struct sock_filter) : 1;
	u32 room = min_t(u32, *len, OPTVAL_MAX);
	void *copy = skiff_zalloc(skiff, room ? room * unit : 1);
	int err;

	if (!copy)
		return -ENOMEM;
	/* Some options read part of the value first (IP_MSFILTER, TCP_ZEROCOPY_RECEIVE). */
	if (!val || unit > 1 || !copy_from_user(skiff, copy, val, room)) {
		*len = room;
		err = get_option(sock, level, name, copy, len);
		if (!err && room)
			err = copy_to_user(skiff, val, copy, min_t(u32, *len, room) * unit);
	} else {
		err = -EFAULT;
	}
	skiff_free(skiff, copy);
	return err;
}

static int do_getsockopt(struct skiff *skiff, int fd, int level, int name, void *val, u32 *ulen)
{
	struct socket *sock;
	u32 len;
	int err;

	sock = fd_sock(skiff, fd, &err);
	if (!sock)
		return err;
	if (copy_from_user(skiff, &len, ulen, sizeof(len)))
		return -EFAULT;
	if ((int)len < 0)
		return -EINVAL;
	if (unlikely(skiff->sockets->user_copy || !val))
		err = get_option_copied(skiff, sock, level, name, val, &len);
	else
		err = get_option(sock, level, name, val, &len);
	return err ? err : copy_to_user(skiff, ulen, &len, sizeof(len));
}

int skiff_getsockopt(struct skiff *skiff, int fd, int level, int name, void *val, uint32_t *len)
{
	return CALL(skiff, do_getsockopt(skiff, fd, level, name, val, len));
}

/* ---- ioctl, fcntl ---- */

#define SIOCGSTAMP_NEW	 0x80108906
#define SIOCGSTAMPNS_NEW 0x80108907

/* When the last packet read came in; -ENOENT: none was read yet. From now on packets are stamped. */
static int sock_gettstamp(struct socket *sock, void *arg, bool timeval)
{
	struct skiff *skiff = sock->net->skiff;
	struct sock_side *side = sk_side(sock->sk);
	struct sock_timespec ts;

	if (!side)
		return -ENOMEM;
	sock_stamps(sock->sk, SOCK_TIMESTAMP, true);
	if (side->stamp == -1)
		return -ENOENT;
	if (!side->stamp)
		side->stamp = (s64)(skiff->wall + skiff->now);
	ts.tv_sec = side->stamp / 1000000000;
	ts.tv_nsec = side->stamp % 1000000000 / (timeval ? 1000 : 1);
	return copy_to_user(skiff, arg, &ts, sizeof(ts));
}

static int set_nonblock(struct skiff *skiff, struct socket *sock, const void *arg)
{
	int on;

	if (copy_from_user(skiff, &on, arg, sizeof(on)))
		return -EFAULT;
	sock->f_flags = (u16)(on ? sock->f_flags | O_NONBLOCK_ : sock->f_flags & ~O_NONBLOCK_);
	return 0;
}

static int do_ioctl(struct skiff *skiff, int fd, unsigned long cmd, void *arg)
{
	const struct fd_entry *e = fd_lookup(skiff, fd);
	struct socket *sock;

	if (!e)
		return -EBADF;
	if (fd_kind(e) != FD_SOCKET)
		return -ENOTTY;
	sock = fd_obj(e);
	switch (cmd) {
	case FIONBIO:
		return set_nonblock(skiff, sock, arg);
	case SIOCGSTAMP_OLD:
	case SIOCGSTAMP_NEW:
		return sock_gettstamp(sock, arg, true);
	case SIOCGSTAMPNS_OLD:
	case SIOCGSTAMPNS_NEW:
		return sock_gettstamp(sock, arg, false);
	default:
		return sock->ops->ioctl(sock, (u32)cmd, arg);
	}
}

int skiff_ioctl(struct skiff *skiff, int fd, unsigned long cmd, void *arg)
{
	return CALL(skiff, do_ioctl(skiff, fd, cmd, arg));
}

int skiff_fcntl(struct skiff *skiff, int fd, int cmd, long arg)
{
	const struct fd_entry *e = fd_lookup(skiff, fd);
	struct socket *sock;

	if (!e)
		return -EBADF;
	if (cmd != F_GETFL_ && cmd != F_SETFL_)
		return -EINVAL;
	if (fd_kind(e) != FD_SOCKET)
		return cmd == F_GETFL_ ? O_RDWR_ : 0;
	sock = fd_obj(e);
	if (cmd == F_GETFL_)
		return (int)(O_RDWR_ | sock->f_flags);
	sock->f_flags = (u16)(arg & O_NONBLOCK_);
	return 0;
}

/* ---- without copying ---- */

void *skiff_send_buf(struct skiff *skiff, int fd, size_t *len, int *err)
{
	struct socket *sock = fd_sock(skiff, fd, err);

	if (!sock)
		return NULL;
	if (!sock->sk->sk_prot->send_buf) {
		*err = -EOPNOTSUPP;
		return NULL;
	}
	return CALL(skiff, sock->sk->sk_prot->send_buf(sock->sk, len, err));
}

int64_t skiff_send_commit(struct skiff *skiff, int fd, size_t len, int flags)
{
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);

	if (!sock)
		return err;
	if (!sock->sk->sk_prot->send_commit)
		return -EOPNOTSUPP;
	return CALL(skiff, sock->sk->sk_prot->send_commit(sock->sk, len, flags));
}

int64_t skiff_recv_refs(struct skiff *skiff, int fd, size_t max, skiff_recv_fn fn, void *arg)
{
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);

	if (!sock)
		return err;
	if (!sock->sk->sk_prot->recv_refs)
		return -EOPNOTSUPP;
	return CALL(skiff, sock->sk->sk_prot->recv_refs(sock->sk, max, fn, arg));
}
