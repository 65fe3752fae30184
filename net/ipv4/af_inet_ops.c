// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/af_inet_ops.c - the calls on sockets of AF_INET, down to their protocols. */
#include "net/inet_sock.h"
#include "net/sock_queue.h"

#define IN_STATE(sk, mask) ((1 << (sk)->sk_state) & (mask))

int inet_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags)
{
	struct sock *sk = sock->sk;
	int err;

	if (addr_len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family == AF_UNSPEC)
		return sk->sk_prot->disconnect(sk, flags);
	if (sk->sk_prot->pre_connect) {
		err = sk->sk_prot->pre_connect(sk, uaddr, addr_len);
		if (err)
			return err;
	}
	if (!inet_sk(sk)->inet_num && inet_autobind(sk))
		return -EAGAIN;
	return sk->sk_prot->connect(sk, uaddr, addr_len);
}

/* inet_stream_disconnect() - connect() to no address */
static int inet_stream_disconnect(struct socket *sock, int flags)
{
	struct sock *sk = sock->sk;
	int err;

	err = sk->sk_prot->disconnect(sk, flags);
	sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	return err;
}

/* The first connect(): -EINPROGRESS if the SYN is on its way (or put off until there is data: *@deferred), -errno */
static int inet_stream_start(struct socket *sock, struct sockaddr *uaddr, int addr_len,
			     bool *deferred)
{
	struct sock *sk = sock->sk;
	int err;

	if (sk->sk_state != TCP_CLOSE)
		return -EISCONN;
	if (sk->sk_prot->pre_connect) {
		err = sk->sk_prot->pre_connect(sk, uaddr, addr_len);
		if (err)
			return err;
	}
	err = sk->sk_prot->connect(sk, uaddr, addr_len);
	if (err < 0)
		return err;
	sock->state = SS_CONNECTING;
	*deferred = inet_test_bit(DEFER_CONNECT, sk);
	return *deferred ? 0 : -EINPROGRESS;
}

/* What became of a connection that was begun: still under way (@err), there (0), or gone (why) */
static int inet_stream_result(struct socket *sock, int flags, int err)
{
	struct sock *sk = sock->sk;

	if (IN_STATE(sk, TCPF_SYN_SENT | TCPF_SYN_RECV))
		return err;
	if (sk->sk_state != TCP_CLOSE) {
		sock->state = SS_CONNECTED;
		return 0;
	}
	err = sock_error(sk);
	if (!err)
		err = -ECONNABORTED;
	sock->state = SS_UNCONNECTED;
	if (sk->sk_prot->disconnect(sk, flags))
		sock->state = SS_DISCONNECTING;
	return err;
}

int __inet_stream_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags,
			  int is_sendmsg)
{
	struct sock *sk = sock->sk;
	bool deferred = false;
	int err;

	if (uaddr) {
		if (addr_len < (int)sizeof(uaddr->sa_family))
			return -EINVAL;
		if (uaddr->sa_family == AF_UNSPEC)
			return inet_stream_disconnect(sock, flags);
	}
	switch (sock->state) {
	case SS_CONNECTED:
		return -EISCONN;
	case SS_CONNECTING:
		if (inet_test_bit(DEFER_CONNECT, sk))
			err = is_sendmsg ? -EINPROGRESS : -EISCONN;
		else
			err = -EALREADY;
		break;
	case SS_UNCONNECTED:
		err = inet_stream_start(sock, uaddr, addr_len, &deferred);
		if (deferred || err != -EINPROGRESS)
			return err;
		break;
	default:
		return -EINVAL;
	}
	return inet_stream_result(sock, flags, err);
}

static int inet_stream_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags)
{
	return __inet_stream_connect(sock, uaddr, addr_len, flags, 0);
}

static int inet_accept(struct socket *sock, struct socket *newsock, int flags)
{
	struct sock *sk = sock->sk, *sk2;
	int err = -EINVAL;

	sk2 = sk->sk_prot->accept(sk, flags, &err);
	if (!sk2)
		return err;
	sock_graft(sk2, newsock);
	newsock->state = SS_CONNECTED;
	return 0;
}

static int inet_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;

	if (sock->state != SS_UNCONNECTED || sock->type != SOCK_STREAM)
		return -EINVAL;
	if (!IN_STATE(sk, TCPF_CLOSE | TCPF_LISTEN))
		return -EINVAL;
	return sk->sk_prot->listen(sk, backlog);
}

int inet_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	const struct inet_sock *inet = inet_sk(sock->sk);

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	if (peer) {
		if (!inet->inet_dport ||
		    (IN_STATE(sock->sk, TCPF_CLOSE | TCPF_SYN_SENT) && peer == 1))
			return -ENOTCONN;
		sin->sin_port = inet->inet_dport;
		sin->sin_addr.s_addr = inet->inet_daddr;
	} else {
		sin->sin_port = inet->inet_sport;
		sin->sin_addr.s_addr = inet->inet_rcv_saddr ? inet->inet_rcv_saddr :
							      inet->inet_saddr;
	}
	return sizeof(*sin);
}

int inet_send_prepare(struct sock *sk)
{
	if (!inet_sk(sk)->inet_num && !sk->sk_prot->no_autobind && inet_autobind(sk))
		return -EAGAIN;
	return 0;
}

long inet_sendmsg(struct socket *sock, struct msghdr *msg, struct iov_iter *from)
{
	struct sock *sk = sock->sk;

	if (unlikely(inet_send_prepare(sk)))
		return -EAGAIN;
	return sk->sk_prot->sendmsg(sk, msg, from);
}

long inet_recvmsg(struct socket *sock, struct msghdr *msg, struct iov_iter *to, int flags)
{
	return sock->sk->sk_prot->recvmsg(sock->sk, msg, to, flags);
}

/* SS_* of a stream that is shut down while it connects */
static void shutdown_connecting(struct socket *sock)
{
	if (sock->state != SS_CONNECTING)
		return;
	sock->state = IN_STATE(sock->sk, TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE) ?
			      SS_DISCONNECTING :
			      SS_CONNECTED;
}

int inet_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	how++; /* SHUT_RD, SHUT_WR, SHUT_RDWR become bits */
	if ((how & ~SHUTDOWN_MASK) || !how)
		return -EINVAL;
	shutdown_connecting(sock);
	if (sk->sk_state == TCP_SYN_SENT || (sk->sk_state == TCP_LISTEN && (how & RCV_SHUTDOWN))) {
		err = sk->sk_prot->disconnect(sk, O_NONBLOCK_);
		sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	} else if (sk->sk_state != TCP_LISTEN) {
		/* An unconnected socket says so, and is shut down all the same: who polls it is woken. */
		if (sk->sk_state == TCP_CLOSE)
			err = -ENOTCONN;
		sk->sk_shutdown = (sk->sk_shutdown | (u32)how) & SHUTDOWN_MASK;
		if (sk->sk_prot->shutdown)
			sk->sk_prot->shutdown(sk, how);
	}
	sk_state_change(sk);
	return err;
}

int inet_ioctl(struct socket *sock, u32 cmd, void *arg)
{
	struct sock *sk = sock->sk;
	int karg = 0, err;

	switch (cmd) {
	case SIOCINQ:
	case SIOCOUTQ:
	case SIOCOUTQNSD:
	case SIOCATMARK:
		break;
	default:
		return -ENOTTY;
	}
	if (!sk->sk_prot->ioctl)
		return -ENOTTY;
	err = sk->sk_prot->ioctl(sk, (int)cmd, &karg);
	/* What the protocol does not know is no ioctl of anybody. */
	if (err == -ENOIOCTLCMD)
		return -ENOTTY;
	return err ? err : copy_to_user(sock_skiff(sk), arg, &karg, sizeof(karg));
}

static u32 inet_datagram_poll(struct socket *sock)
{
	return datagram_poll(sock->sk);
}

static u32 inet_poll(struct socket *sock)
{
	return sock->sk->sk_prot->poll ? sock->sk->sk_prot->poll(sock) : datagram_poll(sock->sk);
}

static int inet_set_rcvlowat(struct sock *sk, int val)
{
	if (sk->sk_prot->set_rcvlowat)
		return sk->sk_prot->set_rcvlowat(sk, val);
	sk->sk_rcvlowat = val ? val : 1;
	return 0;
}

static int inet_set_peek_off(struct sock *sk, int val)
{
	struct sock_side *side = sk_side(sk);

	if (!side)
		return -ENOMEM;
	side->peek_off = val;
	return 0;
}

const struct proto_ops inet_stream_ops = {
	.family = AF_INET,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = inet_accept,
	.getname = inet_getname,
	.poll = inet_poll,
	.ioctl = inet_ioctl,
	.listen = inet_listen,
	.shutdown = inet_shutdown,
	.setsockopt = sock_common_setsockopt,
	.getsockopt = sock_common_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
	.set_peek_off = inet_set_peek_off,
	.set_rcvlowat = inet_set_rcvlowat,
};

const struct proto_ops inet_dgram_ops = {
	.family = AF_INET,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_dgram_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = inet_getname,
	.poll = inet_poll,
	.ioctl = inet_ioctl,
	.listen = sock_no_listen,
	.shutdown = inet_shutdown,
	.setsockopt = sock_common_setsockopt,
	.getsockopt = sock_common_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
	.set_peek_off = inet_set_peek_off,
	.set_rcvlowat = inet_set_rcvlowat,
};

/* Raw and ping sockets: a datagram's, but nothing is known of how much one may peek at. */
const struct proto_ops inet_sockraw_ops = {
	.family = AF_INET,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_dgram_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = inet_getname,
	.poll = inet_datagram_poll,
	.ioctl = inet_ioctl,
	.listen = sock_no_listen,
	.shutdown = inet_shutdown,
	.setsockopt = sock_common_setsockopt,
	.getsockopt = sock_common_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
};
