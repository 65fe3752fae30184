// SPDX-License-Identifier: BSD-2-Clause
/* net/socket_msg.c - sending and receiving: the caller's message becomes the core's, and back.
 *
 * DOC: Messages
 * The protocol gets a struct msghdr whose address and control buffer it can touch, and an iterator over the caller's
 * bytes. What it hands back - address, control messages, flags - goes to the caller here. None of it waits.
 */
#include "net/socket_internal.h"

#define FAST_IOV	    8
#define INTERNAL_SEND_FLAGS (MSG_SPLICE_PAGES | MSG_SENDPAGE_NOTLAST)
/* The most control messages that a sender hands in: net.core.optmem_max bounds it further. */
#define CONTROL_MAX 65536u

int move_addr_to_kernel(struct skiff *skiff, const void *uaddr, u32 ulen,
			struct sockaddr_storage_abi *kaddr)
{
	if (ulen > sizeof(*kaddr))
		return -EINVAL;
	return copy_from_user(skiff, kaddr, uaddr, ulen);
}

int move_addr_to_user(struct skiff *skiff, const struct sockaddr_storage_abi *kaddr, int klen,
		      void *uaddr, u32 *ulen)
{
	u32 len;

	if (copy_from_user(skiff, &len, ulen, sizeof(len)))
		return -EFAULT;
	if ((int)len < 0)
		return -EINVAL;
	if (copy_to_user(skiff, uaddr, kaddr, min_t(u32, len, (u32)klen)))
		return -EFAULT;
	len = (u32)klen;
	return copy_to_user(skiff, ulen, &len, sizeof(len));
}

long sock_sendmsg(struct socket *sock, struct msghdr *msg, struct iov_iter *from)
{
	if (sock->f_flags & O_NONBLOCK_)
		msg->msg_flags |= MSG_DONTWAIT;
	return sock->ops->sendmsg(sock, msg, from);
}

long sock_recvmsg(struct socket *sock, struct msghdr *msg, struct iov_iter *to, int flags)
{
	if (sock->f_flags & O_NONBLOCK_)
		flags |= MSG_DONTWAIT;
	return sock->ops->recvmsg(sock, msg, to, flags);
}

/* ---- one buffer ---- */

static long do_sendto(struct skiff *skiff, int fd, const void *buf, size_t len, int flags,
		      const struct sockaddr *addr, u32 addrlen)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct sockaddr_storage_abi kaddr;
	struct msghdr msg = { .msg_flags = flags & ~INTERNAL_SEND_FLAGS };
	struct iov_iter from;
	struct socket *sock;
	int err;

	sock = fd_sock(skiff, fd, &err);
	if (!sock)
		return err;
	if (addr) {
		err = move_addr_to_kernel(skiff, addr, addrlen, &kaddr);
		if (err)
			return err;
		msg.msg_name = &kaddr;
		msg.msg_namelen = addrlen;
	}
	err = iov_iter_init(&from, skiff, &iov, 1);
	return err ? err : sock_sendmsg(sock, &msg, &from);
}

int64_t skiff_sendto(struct skiff *skiff, int fd, const void *buf, size_t len, int flags,
		     const struct sockaddr *addr, uint32_t addrlen)
{
	long n;

	call_begin(skiff);
	n = do_sendto(skiff, fd, buf, len, flags, addr, addrlen);
	call_end(skiff);
	return n;
}

int64_t skiff_send(struct skiff *skiff, int fd, const void *buf, size_t len, int flags)
{
	return skiff_sendto(skiff, fd, buf, len, flags, NULL, 0);
}

static long do_recvfrom(struct skiff *skiff, int fd, void *buf, size_t len, int flags,
			struct sockaddr *addr, u32 *addrlen)
{
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct sockaddr_storage_abi kaddr;
	struct msghdr msg = { .msg_name = addr ? &kaddr : NULL };
	struct iov_iter to;
	struct socket *sock;
	long n;
	int err;

	sock = fd_sock(skiff, fd, &err);
	if (!sock)
		return err;
	err = iov_iter_init(&to, skiff, &iov, 1);
	if (err)
		return err;
	n = sock_recvmsg(sock, &msg, &to, flags);
	if (n < 0 || !addr)
		return n;
	err = move_addr_to_user(skiff, &kaddr, (int)msg.msg_namelen, addr, addrlen);
	return err ? err : n;
}

int64_t skiff_recvfrom(struct skiff *skiff, int fd, void *buf, size_t len, int flags,
		       struct sockaddr *addr, uint32_t *addrlen)
{
	long n;

	call_begin(skiff);
	n = do_recvfrom(skiff, fd, buf, len, flags, addr, addrlen);
	call_end(skiff);
	return n;
}

int64_t skiff_recv(struct skiff *skiff, int fd, void *buf, size_t len, int flags)
{
	return skiff_recvfrom(skiff, fd, buf, len, flags, NULL, NULL);
}

/* ---- messages ---- */

/**
 * struct kmsg - a message on its way through the core
 * @hdr:     what the protocol sees; @addr: room for its address
 * @control: copy of the control buffer, NULL: the caller's own is used; @iov: copy of the pieces if there are many
 */
struct kmsg {
	struct msghdr hdr;
	struct sockaddr_storage_abi addr;
	struct iovec fast[FAST_IOV];
	struct iovec *iov;
	void *control;
	struct iov_iter it;
};

static void kmsg_free(struct skiff *skiff, struct kmsg *k)
{
	if (k->iov != k->fast)
		skiff_free(skiff, k->iov);
	skiff_free(skiff, k->control);
}

static int kmsg_pieces(struct skiff *skiff, struct kmsg *k, const struct msghdr *u)
{
	int err;

	if (u->msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	if (u->msg_iovlen > FAST_IOV) {
		k->iov = skiff_alloc(skiff, u->msg_iovlen * sizeof(*k->iov));
		if (!k->iov)
			return -ENOMEM;
	}
	err = copy_from_user(skiff, k->iov, u->msg_iov, u->msg_iovlen * sizeof(*k->iov));
	return err ? err : iov_iter_init(&k->it, skiff, k->iov, u->msg_iovlen);
}

static int kmsg_init(struct skiff *skiff, struct kmsg *k, const struct msghdr *u)
{
	k->iov = k->fast;
	k->control = NULL;
	if ((int)u->msg_namelen < 0)
		return -EINVAL;
	k->hdr = (struct msghdr){ .msg_name = &k->addr, .msg_controllen = u->msg_controllen };
	return kmsg_pieces(skiff, k, u);
}

static int kmsg_send_control(struct skiff *skiff, struct socket *sock, struct kmsg *k,
			     const struct msghdr *u)
{
	int err;

	if (u->msg_controllen > (u32)sock->net->sock->sysctl_optmem_max ||
	    u->msg_controllen > CONTROL_MAX)
		return -ENOBUFS;
	if (!u->msg_controllen)
		return 0;
	k->control = skiff_alloc(skiff, u->msg_controllen);
	if (!k->control)
		return -ENOBUFS;
	err = copy_from_user(skiff, k->control, u->msg_control, u->msg_controllen);
	k->hdr.msg_control = k->control;
	return err;
}

static int kmsg_send_name(struct skiff *skiff, struct kmsg *k, const struct msghdr *u)
{
	u32 len = min_t(u32, u->msg_namelen, sizeof(k->addr));

	if (!u->msg_name || !len) {
		k->hdr.msg_name = NULL;
		return 0;
	}
	k->hdr.msg_namelen = len;
	return move_addr_to_kernel(skiff, u->msg_name, len, &k->addr);
}

static long do_sendmsg(struct skiff *skiff, struct socket *sock, const struct msghdr *umsg,
		       int flags)
{
	struct msghdr u;
	struct kmsg k;
	long n;

	if (copy_from_user(skiff, &u, umsg, sizeof(u)))
		return -EFAULT;
	n = kmsg_init(skiff, &k, &u);
	if (!n)
		n = kmsg_send_name(skiff, &k, &u);
	if (!n)
		n = kmsg_send_control(skiff, sock, &k, &u);
	if (!n) {
		k.hdr.msg_flags = flags & ~INTERNAL_SEND_FLAGS;
		n = sock_sendmsg(sock, &k.hdr, &k.it);
	}
	kmsg_free(skiff, &k);
	return n;
}

int64_t skiff_sendmsg(struct skiff *skiff, int fd, const struct msghdr *msg, int flags)
{
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);
	long n;

	if (!sock)
		return err;
	call_begin(skiff);
	n = do_sendmsg(skiff, sock, msg, flags);
	call_end(skiff);
	return n;
}

int skiff_sendmmsg(struct skiff *skiff, int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
	unsigned done = 0;
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);

	if (!sock)
		return err;
	if (n > UIO_MAXIOV)
		n = UIO_MAXIOV;
	err = 0;
	call_begin(skiff);
	for (; done < n; done++) {
		long r = do_sendmsg(skiff, sock, &msgs[done].msg_hdr,
				    flags | (done + 1 < n ? MSG_BATCH : 0));
		u32 len = (u32)r;

		err = r < 0 ? (int)r : copy_to_user(skiff, &msgs[done].msg_len, &len, sizeof(len));
		if (err)
			break;
	}
	call_end(skiff);
	return done ? (int)done : err;
}

/* The control buffer that the protocol writes to: the caller's own, or ours if that can not be touched. */
static int kmsg_recv_control(struct skiff *skiff, struct kmsg *k, const struct msghdr *u)
{
	size_t room = min_t(size_t, u->msg_controllen, CONTROL_MAX);

	k->hdr.msg_control = u->msg_control;
	if (likely(!skiff->sockets->user_copy) || !u->msg_control || !room)
		return 0;
	k->control = skiff_zalloc(skiff, room);
	if (!k->control)
		return -ENOMEM;
	k->hdr.msg_control = k->control;
	k->hdr.msg_controllen = room;
	return 0;
}

/* What the caller learns beside the data. 0 or -errno */
static int kmsg_tell(struct skiff *skiff, struct kmsg *k, const struct msghdr *u,
		     struct msghdr *umsg)
{
	size_t used = (size_t)((char *)k->hdr.msg_control -
			       (char *)(k->control ? k->control : u->msg_control));
	int err = 0;

	if (u->msg_name)
		err = move_addr_to_user(skiff, &k->addr, (int)k->hdr.msg_namelen, u->msg_name,
					&umsg->msg_namelen);
	if (!err && k->control)
		err = copy_to_user(skiff, u->msg_control, k->control, used);
	if (!err)
		err = copy_to_user(skiff, &umsg->msg_flags, &k->hdr.msg_flags, sizeof(int));
	if (!err)
		err = copy_to_user(skiff, &umsg->msg_controllen, &used, sizeof(used));
	return err;
}

static long do_recvmsg(struct skiff *skiff, struct socket *sock, struct msghdr *umsg, int flags,
		       int *msg_flags)
{
	struct msghdr u;
	struct kmsg k;
	long n;
	int err;

	if (copy_from_user(skiff, &u, umsg, sizeof(u)))
		return -EFAULT;
	n = kmsg_init(skiff, &k, &u);
	if (!n)
		n = kmsg_recv_control(skiff, &k, &u);
	if (!n) {
		k.hdr.msg_flags = flags & MSG_CMSG_CLOEXEC;
		n = sock_recvmsg(sock, &k.hdr, &k.it, flags);
		*msg_flags = k.hdr.msg_flags;
		if (n >= 0) {
			err = kmsg_tell(skiff, &k, &u, umsg);
			n = err ? err : n;
		}
	}
	kmsg_free(skiff, &k);
	return n;
}

int64_t skiff_recvmsg(struct skiff *skiff, int fd, struct msghdr *msg, int flags)
{
	int err, told;
	struct socket *sock = fd_sock(skiff, fd, &err);
	long n;

	if (!sock)
		return err;
	call_begin(skiff);
	n = do_recvmsg(skiff, sock, msg, flags, &told);
	call_end(skiff);
	return n;
}

static int recv_many(struct skiff *skiff, struct socket *sock, struct mmsghdr *msgs, unsigned n,
		     int flags)
{
	unsigned done = 0;
	int err = 0, told = 0;

	for (; done < n && !(told & MSG_OOB); done++) {
		long r = do_recvmsg(skiff, sock, &msgs[done].msg_hdr, flags & ~MSG_WAITFORONE,
				    &told);
		u32 len = (u32)r;

		err = r < 0 ? (int)r : copy_to_user(skiff, &msgs[done].msg_len, &len, sizeof(len));
		if (err)
			break;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
	}
	if (!done)
		return err;
	/* Told with the next call, so that the packets of this one are not lost. */
	if (err && err != -EAGAIN)
		sock->sk->sk_err = (u16)-err;
	return (int)done;
}

int skiff_recvmmsg(struct skiff *skiff, int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);

	if (!sock)
		return err;
	err = flags & MSG_ERRQUEUE ? 0 : sock_error(sock->sk);
	if (err)
		return err;
	call_begin(skiff);
	err = recv_many(skiff, sock, msgs, n, flags);
	call_end(skiff);
	return err;
}

/* ---- as on a file ---- */

static int rw_check(struct skiff *skiff, int fd, int n)
{
	const struct fd_entry *e = fd_lookup(skiff, fd);

	if (!e)
		return -EBADF;
	return n < 0 || n > UIO_MAXIOV || fd_kind(e) != FD_SOCKET ? -EINVAL : 0;
}

static long rw_pieces(struct skiff *skiff, int fd, const struct iovec *iov, int n, bool write)
{
	struct msghdr u = { .msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)n };
	struct socket *sock;
	struct kmsg k;
	int err;
	long r;

	r = rw_check(skiff, fd, n);
	if (r)
		return r;
	sock = fd_sock(skiff, fd, &err);
	r = kmsg_init(skiff, &k, &u);
	k.hdr.msg_name = NULL;
	if (!r && write)
		r = sock_sendmsg(sock, &k.hdr, &k.it);
	else if (!r && k.it.count) /* reading nothing takes nothing, not even an empty datagram */
		r = sock_recvmsg(sock, &k.hdr, &k.it, 0);
	kmsg_free(skiff, &k);
	return r;
}

int64_t skiff_readv(struct skiff *skiff, int fd, const struct iovec *iov, int n)
{
	long r;

	call_begin(skiff);
	r = rw_pieces(skiff, fd, iov, n, false);
	call_end(skiff);
	return r;
}

int64_t skiff_writev(struct skiff *skiff, int fd, const struct iovec *iov, int n)
{
	long r;

	call_begin(skiff);
	r = rw_pieces(skiff, fd, iov, n, true);
	call_end(skiff);
	return r;
}

int64_t skiff_read(struct skiff *skiff, int fd, void *buf, size_t len)
{
	int err = rw_check(skiff, fd, 1);

	if (err)
		return err;
	return len ? skiff_recv(skiff, fd, buf, len, 0) : 0;
}

int64_t skiff_write(struct skiff *skiff, int fd, const void *buf, size_t len)
{
	int err = rw_check(skiff, fd, 1);

	return err ? err : skiff_send(skiff, fd, buf, len, 0);
}
