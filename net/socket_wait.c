// SPDX-License-Identifier: BSD-2-Clause
/* net/socket_wait.c - a convenience for programs that want to wait: the caller's loop runs until there is an answer.
 *
 * DOC: Waiting
 * Each skiff_b* call makes the call of its name; where the answer is that Linux would wait, it waits for the event that Linux
 * waits for, and tries again. O_NONBLOCK and MSG_DONTWAIT forbid that, SO_RCVTIMEO and SO_SNDTIMEO bound it. A signal is what
 * the loop makes of it: an error of its run() ends the wait and is the answer.
 */
#include "net/socket_internal.h"

/* When @fd has waited long enough, on the caller's clock */
static u64 deadline_of(const struct skiff_loop *loop, u64 timeout_ns)
{
	u64 now = loop->now(loop->arg);

	return timeout_ns >= SKIFF_NEVER - now ? SKIFF_NEVER : now + timeout_ns;
}

static int wait_until(struct skiff *skiff, const struct skiff_loop *loop, int fd, u32 mask,
		      u64 deadline)
{
	int events, err;

	for (;;) {
		events = skiff_events(skiff, fd);
		if (events < 0)
			return events;
		events &= (int)(mask | POLLERR | POLLHUP);
		if (events)
			return events;
		if (deadline != SKIFF_NEVER && loop->now(loop->arg) >= deadline)
			return 0;
		err = loop->run(loop->arg, deadline);
		if (err)
			return err;
	}
}

int skiff_wait(struct skiff *skiff, const struct skiff_loop *loop, int fd, unsigned mask,
	       uint64_t timeout_ns)
{
	return wait_until(skiff, loop, fd, mask, deadline_of(loop, timeout_ns));
}

/* How long the socket wants its calls to wait: 0 not at all */
static u64 patience(struct skiff *skiff, int fd, int flags, bool send)
{
	int err;
	const struct socket *sock = fd_sock(skiff, fd, &err);
	const struct sock_side *side;
	s64 timeo;

	if (!sock || (sock->f_flags & O_NONBLOCK_) || (flags & MSG_DONTWAIT))
		return 0;
	side = sock->sk->sk_side;
	if (!side)
		return SKIFF_NEVER;
	timeo = send ? side->sndtimeo : side->rcvtimeo;
	return timeo == MAX_SCHEDULE_TIMEOUT ? SKIFF_NEVER : (u64)timeo;
}

int skiff_bconnect(struct skiff *skiff, const struct skiff_loop *loop, int fd,
		   const struct sockaddr *addr, uint32_t addrlen)
{
	int err = skiff_connect(skiff, fd, addr, addrlen), events;
	u64 wait = patience(skiff, fd, 0, true);

	/* A second caller waits for the first one's connection. */
	if ((err != -EINPROGRESS && err != -EALREADY) || !wait)
		return err;
	events = skiff_wait(skiff, loop, fd, POLLOUT, wait);
	if (events <= 0)
		return events ? events : err;
	return skiff_connect(skiff, fd, addr, addrlen);
}

int skiff_baccept4(struct skiff *skiff, const struct skiff_loop *loop, int fd,
		   struct sockaddr *addr, uint32_t *addrlen, int flags)
{
	u64 wait = patience(skiff, fd, 0, false), deadline = deadline_of(loop, wait);
	int newfd, events;

	while ((newfd = skiff_accept4(skiff, fd, addr, addrlen, flags)) == -EAGAIN && wait) {
		events = wait_until(skiff, loop, fd, POLLIN, deadline);
		if (events <= 0)
			return events ? events : -EAGAIN;
	}
	return newfd;
}

static bool is_stream(const struct skiff *skiff, int fd)
{
	int err;
	const struct socket *sock = fd_sock(skiff, fd, &err);

	return sock && sock->type == SOCK_STREAM;
}

/* ---- data: what is done of a message, and the rest of it ---- */

/* struct progress - @iov: the pieces that are left; @done: bytes so far */
struct progress {
	struct iovec *iov, *all;
	size_t n, done, want;
};

static int progress_init(struct skiff *skiff, struct progress *p, const struct msghdr *msg)
{
	*p = (struct progress){ .n = msg->msg_iovlen };
	if (p->n > UIO_MAXIOV)
		return -EMSGSIZE;
	p->all = skiff_alloc(skiff, (p->n + 1) * sizeof(*p->all));
	if (!p->all)
		return -ENOMEM;
	p->iov = p->all;
	if (copy_from_user(skiff, p->iov, msg->msg_iov, p->n * sizeof(*p->iov))) {
		skiff_free(skiff, p->all);
		return -EFAULT;
	}
	for (size_t i = 0; i < p->n; i++)
		p->want += p->iov[i].iov_len;
	return 0;
}

static void progress_advance(struct progress *p, size_t n)
{
	p->done += n;
	while (p->n && n >= p->iov->iov_len) {
		n -= p->iov->iov_len;
		p->iov++;
		p->n--;
	}
	if (p->n) {
		p->iov->iov_base = (u8 *)p->iov->iov_base + n;
		p->iov->iov_len -= n;
	}
}

/* One try with the pieces that are left. The core reads the header itself, so it must be reachable as the caller's is. */
static long try_message(struct skiff *skiff, int fd, struct msghdr *msg, struct progress *p,
			int flags, bool send)
{
	struct msghdr part = *msg;
	long n;

	part.msg_iov = p->iov;
	part.msg_iovlen = p->n;
	n = send ? skiff_sendmsg(skiff, fd, &part, flags) : skiff_recvmsg(skiff, fd, &part, flags);
	if (!send && n >= 0) {
		msg->msg_namelen = part.msg_namelen;
		msg->msg_controllen = part.msg_controllen;
		msg->msg_flags = part.msg_flags;
	}
	return n;
}

/*
 * Data may have gone with the SYN (MSG_FASTOPEN, TCP_FASTOPEN_CONNECT), or wait for its answer: so does the sender.
 * @n: what the call said; @more: not all of it went. Return: 0: connected, or it was no such call; -errno: what became of the connection
 */
static long wait_for_syn_data(struct skiff *skiff, const struct skiff_loop *loop, int fd, long n,
			      bool more, u64 deadline)
{
	int err, events;
	struct socket *sock = fd_sock(skiff, fd, &err);

	if (!sock || sock->type != SOCK_STREAM || sock->state != SS_CONNECTING ||
	    (n <= 0 && n != -EINPROGRESS))
		return 0;
	if (more)
		sock_set_flag(sock->sk, SOCK_WRITE_PENDING);
	events = wait_until(skiff, loop, fd, POLLOUT, deadline);
	sock = fd_sock(skiff, fd, &err);
	if (sock)
		sock_reset_flag(sock->sk, SOCK_WRITE_PENDING);
	if (events <= 0)
		return events ? events : -EINPROGRESS;
	return sock ? sock->ops->connect(sock, NULL, 0, 0) : err;
}

static long transfer(struct skiff *skiff, const struct skiff_loop *loop, int fd, struct msghdr *msg,
		     int flags, bool send, bool all)
{
	u64 wait = patience(skiff, fd, flags, send), deadline;
	struct progress p;
	int events;
	long n;

	n = progress_init(skiff, &p, msg);
	if (n)
		return n;
	deadline = wait ? deadline_of(loop, wait) : 0;
	for (;;) {
		n = try_message(skiff, fd, msg, &p, flags, send);
		if (n > 0)
			progress_advance(&p, (size_t)n);
		if (send && wait) {
			long err = wait_for_syn_data(skiff, loop, fd, n, p.done < p.want, deadline);

			if (err < 0) {
				n = err;
				p.done = 0;
				break;
			}
			flags &= ~MSG_FASTOPEN;
			if (n == -EINPROGRESS)
				continue;
		}
		if ((n < 0 && n != -EAGAIN && n != -EINPROGRESS) || !n || !wait)
			break;
		if (n > 0 && (!all || p.done >= p.want))
			break;
		if (n > 0)
			continue;
		events = wait_until(skiff, loop, fd, send ? POLLOUT : POLLIN, deadline);
		if (events <= 0) {
			n = events ? events : n;
			break;
		}
	}
	skiff_free(skiff, p.all);
	return p.done ? (long)p.done : n;
}

int64_t skiff_bsendmsg(struct skiff *skiff, const struct skiff_loop *loop, int fd,
		       const struct msghdr *msg, int flags)
{
	struct msghdr copy = *msg;

	return transfer(skiff, loop, fd, &copy, flags, true, is_stream(skiff, fd));
}

int64_t skiff_brecvmsg(struct skiff *skiff, const struct skiff_loop *loop, int fd,
		       struct msghdr *msg, int flags)
{
	bool all = (flags & MSG_WAITALL) && !(flags & MSG_PEEK) && is_stream(skiff, fd);

	/* The error queue is never waited for. */
	if (flags & MSG_ERRQUEUE)
		flags |= MSG_DONTWAIT;
	return transfer(skiff, loop, fd, msg, flags, false, all);
}

/* Is there anything that a lingering close waits for? Then the descriptor is shut down first, and waits for the peer's word. */
static bool lingers(const struct sock *sk)
{
	return sock_flag(sk, SOCK_LINGER) && sk->sk_side->lingertime &&
	       ((1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK |
				       TCPF_ESTABLISHED | TCPF_SYN_RECV | TCPF_CLOSE_WAIT));
}

int skiff_bclose(struct skiff *skiff, const struct skiff_loop *loop, int fd)
{
	int err;
	struct socket *sock = fd_sock(skiff, fd, &err);
	u64 deadline;
	struct sock *sk;

	if (!sock || sock->fds > 1 || sock->type != SOCK_STREAM || !lingers(sock->sk))
		return skiff_close(skiff, fd);
	sk = sock->sk;
	deadline = deadline_of(loop, sk->sk_side->lingertime);
	/* Nobody reads any more, but what was written is to arrive: Linux waits until the FIN is acknowledged. */
	sock_hold(sk);
	skiff_close(skiff, fd);
	while ((1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK)) {
		if (loop->now(loop->arg) >= deadline || loop->run(loop->arg, deadline))
			break;
	}
	sock_put(sk);
	return 0;
}
