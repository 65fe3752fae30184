// SPDX-License-Identifier: BSD-2-Clause
/* net/socket_test.c - descriptors, calls, readiness and memory of sockets, over a protocol made for the test: what is sent comes
 * back to the same socket.
 */
#include "tests/stack.h"

#include "net/inet_sock.h"
#include "net/sock_mem.h"
#include "net/sock_msg.h"
#include "net/sock_queue.h"
#include "net/socket_internal.h"

#define ECHO_PROTO 200

static struct stack stack;
static struct skiff *skiff;
static struct net *net;
static unsigned fail_user; /* user copies that still succeed; 0: all do */

static long echo_sendmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *from)
{
	u32 len = (u32)from->count;
	int err;
	struct sk_buff *skb = sock_alloc_send_skb(sk, len, &err);
	u16 sum = (u16)len;

	if (!skb)
		return err;
	if (copy_from_iter(skb_put(skb, len), len, from) != len) {
		consume_skb(skiff, skb);
		return -EFAULT;
	}
	skb_orphan(skb);
	skb->mark = sk->sk_mark;
	err = __sock_queue_rcv_skb(sk, skb);
	if (err) {
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_SOCKET_RCVBUFF);
		return err;
	}
	return sum;
}

static long echo_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags)
{
	int off = sk->sk_side && flags & MSG_PEEK ? sk->sk_side->peek_off : 0, err;
	struct sk_buff *skb;
	u32 len;

	if (off < 0)
		off = 0;
	skb = __skb_recv_datagram(sk, flags, &off, &err);
	if (!skb)
		return err;
	len = min_t(u32, skb->len - (u32)off, (u32)to->count);
	if (len < skb->len - (u32)off)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_iter(skb, (u32)off, to, len);
	sock_recv_cmsgs(msg, sk, skb);
	skb_free_datagram(sk, skb);
	return err ? err : (long)len;
}

static void echo_close(struct sock *sk, s64 timeout)
{
	sk_common_release(sk);
}

static int echo_get_port(struct sock *sk, u16 snum)
{
	if (snum == 7777)
		return -EADDRINUSE;
	inet_sk(sk)->inet_num = snum ? snum : 40000;
	return 0;
}

static int echo_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen)
{
	return -ENOPROTOOPT;
}

static int echo_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen)
{
	return -ENOPROTOOPT;
}

static const struct proto echo_prot = {
	.name = "ECHO",
	.obj_size = sizeof(struct inet_sock),
	.slab_index = SLAB_PING,
	.has_memory_accounting = true,
	.mem_index = PROTO_MEM_UDP,
	.close = echo_close,
	.sendmsg = echo_sendmsg,
	.recvmsg = echo_recvmsg,
	.get_port = echo_get_port,
	.setsockopt = echo_setsockopt,
	.getsockopt = echo_getsockopt,
};

static const struct inet_protosw echo_sw = {
	.type = SOCK_SEQPACKET,
	.protocol = ECHO_PROTO,
	.prot = &echo_prot,
	.ops = &inet_dgram_ops,
};

static int start(void **state)
{
	stack_start(&stack, 1);
	skiff = stack.skiff;
	net = stack.net;
	for (int i = 0; i < 3; i++)
		net->ipv4.sysctl_udp_mem[i] = 1000;
	if (!skiff->sockets->slab[SLAB_PING].size)
		assert_int_equal(proto_register(skiff, &echo_prot), 0);
	assert_int_equal(inet_register_protosw(skiff, &echo_sw), 0);
	fail_user = 0;
	return 0;
}

static int stop(void **state)
{
	s64 pages = net->sock->mem[PROTO_MEM_UDP].allocated;

	for (int fd = 0; fd < 200; fd++)
		skiff_close(skiff, fd);
	pages = net->sock->mem[PROTO_MEM_UDP].allocated;
	assert_int_equal(pages, 0);
	assert_int_equal(net->sock->sockets_used, 0);
	stack_end(&stack);
	return 0;
}

static int echo(void)
{
	int fd = skiff_socket((struct skiff_net *)net, AF_INET, SOCK_SEQPACKET, ECHO_PROTO);

	assert_true(fd >= 0);
	return fd;
}

static void test_descriptors_lowest_first(void **state)
{
	for (int i = 0; i < 150; i++)
		assert_int_equal(echo(), i);
	assert_int_equal(skiff_close(skiff, 63), 0);
	assert_int_equal(skiff_close(skiff, 64), 0);
	assert_int_equal(skiff_close(skiff, 5), 0);
	assert_int_equal(skiff_close(skiff, 5), -EBADF);
	assert_int_equal(echo(), 5);
	assert_int_equal(skiff_dup(skiff, 5), 63);
	assert_int_equal(skiff_epoll_create(skiff), 64);
	assert_int_equal(echo(), 150);
	assert_int_equal(skiff_close(skiff, -1), -EBADF);
	skiff->sockets->fds->max = 151;
	assert_int_equal(skiff_dup(skiff, 0), -EMFILE);
	assert_int_equal(skiff_epoll_create(skiff), -EMFILE);
	assert_int_equal(skiff_socket((struct skiff_net *)net, AF_INET, SOCK_SEQPACKET, 0),
			 -EMFILE);
	assert_int_equal(skiff_close(skiff, 150), 0);
	assert_int_equal(skiff_dup(skiff, 0), 150);
	assert_int_equal(skiff_getsockname(skiff, 64, NULL, NULL), -ENOTSOCK);
	assert_int_equal(skiff_getsockname(skiff, 500, NULL, NULL), -EBADF);
}

static void test_create_errors(void **state)
{
	struct skiff_net *n = (struct skiff_net *)net;
	struct skiff_socket_policy none = { 0 };

	assert_int_equal(skiff_socket(n, -1, SOCK_DGRAM, 0), -EAFNOSUPPORT);
	assert_int_equal(skiff_socket(n, AF_MAX, SOCK_DGRAM, 0), -EAFNOSUPPORT);
	assert_int_equal(skiff_socket(n, AF_UNIX, SOCK_DGRAM, 0), -EAFNOSUPPORT);
	assert_int_equal(skiff_socket(n, AF_INET, SOCK_PACKET, 0), -EAFNOSUPPORT);
	assert_int_equal(skiff_socket(n, AF_INET, 11, 0), -EINVAL);
	assert_int_equal(skiff_socket(n, AF_INET, SOCK_SEQPACKET | 0x100, 0), -EINVAL);
	assert_int_equal(skiff_socket(n, AF_INET, SOCK_RDM, 0), -ESOCKTNOSUPPORT);
	assert_int_equal(skiff_socket(n, AF_INET, SOCK_SEQPACKET, 17), -EPROTONOSUPPORT);
	assert_int_equal(skiff_socket(n, AF_INET, SOCK_SEQPACKET, -1), -EINVAL);
	assert_int_equal(skiff_socket(n, AF_INET, SOCK_SEQPACKET, 263), -EINVAL);
	skiff_set_policy(n, &none);
	assert_int_equal(skiff_socket(n, AF_INET, SOCK_RAW, 77) == -EPERM ||
				 list_empty(&skiff->sockets->inetsw[SOCK_RAW]),
			 1);
	assert_int_equal(sock_capable(net, CAP_NET_RAW), 0);
}

static void test_bind_rules(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct skiff_socket_policy none = { 0 };
	struct sockaddr *sa = (struct sockaddr *)&a;
	u32 len = sizeof(a);
	int fd = echo();

	assert_int_equal(skiff_bind(skiff, fd, sa, 8), -EINVAL);
	assert_int_equal(skiff_bind(skiff, fd, sa, 129), -EINVAL);
	assert_int_equal(skiff_bind(skiff, fd, NULL, sizeof(a)), -EFAULT);
	a.sin_family = AF_INET6;
	assert_int_equal(skiff_bind(skiff, fd, sa, sizeof(a)), -EAFNOSUPPORT);
	a.sin_family = AF_UNSPEC;
	a.sin_addr.s_addr = htonl(0x7f000001);
	assert_int_equal(skiff_bind(skiff, fd, sa, sizeof(a)), -EAFNOSUPPORT);
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(0x01020304);
	assert_int_equal(skiff_bind(skiff, fd, sa, sizeof(a)), -EADDRNOTAVAIL);
	a.sin_addr.s_addr = 0;
	a.sin_family = AF_UNSPEC;
	skiff_set_policy((struct skiff_net *)net, &none);
	assert_int_equal(skiff_bind(skiff, fd, sa, sizeof(a)), -EACCES);
	none.caps = SKIFF_CAP_NET_BIND_SERVICE;
	skiff_set_policy((struct skiff_net *)net, &none);
	a.sin_port = htons(7777);
	assert_int_equal(skiff_bind(skiff, fd, sa, sizeof(a)), -EADDRINUSE);
	a.sin_port = htons(80);
	assert_int_equal(skiff_bind(skiff, fd, sa, sizeof(a)), 0);
	assert_int_equal(skiff_bind(skiff, fd, sa, sizeof(a)), -EINVAL);
	assert_int_equal(skiff_getsockname(skiff, fd, sa, &len), 0);
	assert_int_equal(ntohs(a.sin_port), 80);
	assert_int_equal(skiff_getpeername(skiff, fd, sa, &len), -ENOTCONN);
	assert_int_equal(skiff_listen(skiff, fd, 1), -EOPNOTSUPP);
	assert_int_equal(skiff_accept4(skiff, fd, NULL, NULL, 0), -EOPNOTSUPP);
	assert_int_equal(skiff_accept4(skiff, fd, NULL, NULL, 1), -EINVAL);
	fd = echo();
	a.sin_addr.s_addr = htonl(0xe0000001);
	assert_int_equal(skiff_bind(skiff, fd, sa, sizeof(a)), 0);
	assert_int_equal(skiff_getsockname(skiff, fd, sa, &len), 0);
	assert_int_equal(ntohl(a.sin_addr.s_addr), 0xe0000001);
}

static void test_buffers_bound_what_is_queued(void **state)
{
	int fd = echo(), size = 0, n = 0;
	char buf[1000] = "x";

	assert_int_equal(skiff_setsockopt(skiff, fd, SOL_SOCKET, SO_RCVBUF, &size, 4), 0);
	while (skiff_send(skiff, fd, buf, sizeof(buf), 0) == sizeof(buf))
		n++;
	assert_in_range(n, 1, 2);
	assert_int_equal(skiff_send(skiff, fd, buf, sizeof(buf), 0), -ENOMEM);
	assert_true(net->sock->mem[PROTO_MEM_UDP].allocated > 0);
	for (; n; n--)
		assert_int_equal(skiff_recv(skiff, fd, buf, sizeof(buf), 0), 1000);
	assert_int_equal(skiff_recv(skiff, fd, buf, sizeof(buf), 0), -EAGAIN);
	assert_int_equal(net->sock->mem[PROTO_MEM_UDP].allocated, 0);
}

static void test_peek_with_an_offset(void **state)
{
	int fd = echo(), off = 0;
	char buf[10];

	assert_int_equal(skiff_setsockopt(skiff, fd, SOL_SOCKET, SO_PEEK_OFF, &off, 4), 0);
	assert_int_equal(skiff_send(skiff, fd, "abc", 3, 0), 3);
	assert_int_equal(skiff_send(skiff, fd, "defg", 4, 0), 4);
	off = 4;
	assert_int_equal(skiff_setsockopt(skiff, fd, SOL_SOCKET, SO_PEEK_OFF, &off, 4), 0);
	assert_int_equal(skiff_recv(skiff, fd, buf, sizeof(buf), MSG_PEEK), 3);
	assert_memory_equal(buf, "efg", 3);
	assert_int_equal(skiff_recv(skiff, fd, buf, sizeof(buf), 0), 3);
	assert_memory_equal(buf, "abc", 3);
}

/* ---- readiness ---- */

static int wait_one(int ep, struct epoll_event *ev)
{
	return skiff_epoll_wait(skiff, ep, ev, 1);
}

static void test_epoll_level_edge_oneshot(void **state)
{
	int fd = echo(), ep = skiff_epoll_create(skiff);
	struct epoll_event ev = { .events = POLLIN, .data = 42 }, got;
	char buf[10];

	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_ADD, fd, &ev), 0);
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_ADD, fd, &ev), -EEXIST);
	assert_int_equal(wait_one(ep, &got), 0);
	skiff_send(skiff, fd, "a", 1, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(wait_one(ep, &got), 1);
		assert_int_equal(got.events, POLLIN);
		assert_int_equal(got.data, 42);
	}
	ev.events = POLLIN | EPOLLET;
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_MOD, fd, &ev), 0);
	assert_int_equal(wait_one(ep, &got), 1);
	assert_int_equal(wait_one(ep, &got), 0);
	skiff_send(skiff, fd, "b", 1, 0);
	assert_int_equal(wait_one(ep, &got), 1);
	assert_int_equal(wait_one(ep, &got), 0);
	ev.events = POLLIN | EPOLLONESHOT;
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_MOD, fd, &ev), 0);
	assert_int_equal(wait_one(ep, &got), 1);
	skiff_send(skiff, fd, "c", 1, 0);
	assert_int_equal(wait_one(ep, &got), 0);
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_MOD, fd, &ev), 0);
	assert_int_equal(wait_one(ep, &got), 1);
	while (skiff_recv(skiff, fd, buf, sizeof(buf), 0) > 0)
		;
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_DEL, fd, NULL), 0);
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_DEL, fd, NULL), -ENOENT);
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_MOD, fd, &ev), -ENOENT);
	assert_int_equal(skiff_epoll_ctl(skiff, ep, 9, fd, &ev), -EINVAL);
	assert_int_equal(skiff_epoll_ctl(skiff, fd, EPOLL_CTL_ADD, ep, &ev), -EINVAL);
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_ADD, 99, &ev), -EBADF);
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_ADD, fd, NULL), -EFAULT);
	assert_int_equal(skiff_epoll_wait(skiff, ep, &got, 0), -EINVAL);
	assert_int_equal(skiff_epoll_wait(skiff, fd, &got, 1), -EINVAL);
}

static void test_epoll_takes_turns(void **state)
{
	int ep = skiff_epoll_create(skiff);
	struct epoll_event ev = { .events = POLLIN }, got[2];
	u64 seen[6];

	for (u64 i = 0; i < 3; i++) {
		int fd = echo();

		ev.data = i;
		assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_ADD, fd, &ev), 0);
		skiff_send(skiff, fd, "x", 1, 0);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(skiff_epoll_wait(skiff, ep, got, 2), 2);
		seen[2 * i] = got[0].data;
		seen[2 * i + 1] = got[1].data;
	}
	for (u64 i = 0; i < 6; i++)
		assert_int_equal(seen[i], i % 3);
}

static void test_epoll_nested(void **state)
{
	int ep[7], fd = echo();
	struct epoll_event ev = { .events = POLLIN }, got;

	for (int i = 0; i < 7; i++)
		ep[i] = skiff_epoll_create(skiff);
	assert_int_equal(skiff_epoll_ctl(skiff, ep[0], EPOLL_CTL_ADD, ep[0], &ev), -EINVAL);
	assert_int_equal(skiff_epoll_ctl(skiff, ep[0], EPOLL_CTL_ADD, fd, &ev), 0);
	assert_int_equal(skiff_epoll_ctl(skiff, ep[1], EPOLL_CTL_ADD, ep[0], &ev), 0);
	assert_int_equal(skiff_epoll_ctl(skiff, ep[0], EPOLL_CTL_ADD, ep[1], &ev), -ELOOP);
	assert_int_equal(skiff_epoll_wait(skiff, ep[1], &got, 1), 0);
	skiff_send(skiff, fd, "x", 1, 0);
	assert_int_equal(skiff_events(skiff, ep[1]), POLLIN | POLLRDNORM);
	assert_int_equal(skiff_epoll_wait(skiff, ep[1], &got, 1), 1);
	/* The descriptor's end takes it out of the set. */
	assert_int_equal(skiff_close(skiff, fd), 0);
	assert_int_equal(skiff_epoll_wait(skiff, ep[1], &got, 1), 0);
}

static void test_epoll_exclusive(void **state)
{
	int ep = skiff_epoll_create(skiff), ep2 = skiff_epoll_create(skiff), fd = echo();
	struct epoll_event ev = { .events = POLLIN | EPOLLEXCLUSIVE };

	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_ADD, ep2, &ev), -EINVAL);
	ev.events |= POLLRDHUP;
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_ADD, fd, &ev), -EINVAL);
	ev.events &= ~(u32)POLLRDHUP;
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_ADD, fd, &ev), 0);
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_MOD, fd, &ev), -EINVAL);
}

struct heard {
	int calls, fd;
	unsigned events;
	bool close;
};

static void hear(void *arg, int fd, unsigned events)
{
	struct heard *h = arg;

	h->calls++;
	h->fd = fd;
	h->events |= events;
	if (h->close)
		assert_int_equal(skiff_close(skiff, fd), 0);
}

/* Of two exclusive sets that are both waited for, one is woken. */
static void test_epoll_exclusive_wakes_one(void **state)
{
	int ep[2], fd = echo();
	struct epoll_event ev = { .events = POLLIN | EPOLLEXCLUSIVE };
	struct heard h[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		ep[i] = skiff_epoll_create(skiff);
		assert_int_equal(skiff_epoll_ctl(skiff, ep[i], EPOLL_CTL_ADD, fd, &ev), 0);
		assert_int_equal(skiff_watch(skiff, ep[i], POLLIN, hear, &h[i]), 0);
	}
	skiff_send(skiff, fd, "x", 1, 0);
	assert_int_equal(h[0].calls + h[1].calls, 1);
	assert_int_equal(h[0].calls, 1);
	assert_int_equal(skiff_watch(skiff, ep[0], 0, NULL, NULL), 0);
	skiff_send(skiff, fd, "x", 1, 0);
	assert_int_equal(h[1].calls, 1);
}

static void test_watch_calls_back(void **state)
{
	struct heard h = { 0 };
	int fd = echo(), dup = skiff_dup(skiff, fd);

	assert_int_equal(skiff_watch(skiff, fd, POLLIN, hear, &h), 0);
	skiff_send(skiff, dup, "x", 1, 0);
	assert_int_equal(h.calls, 1);
	assert_int_equal(h.fd, fd);
	assert_int_equal(h.events & POLLIN, POLLIN);
	h.close = true;
	skiff_send(skiff, dup, "x", 1, 0);
	assert_int_equal(h.calls, 2);
	assert_int_equal(skiff_events(skiff, fd), -EBADF);
	assert_true(skiff_events(skiff, dup) & POLLIN);
	skiff_send(skiff, dup, "x", 1, 0);
	assert_int_equal(h.calls, 2);
	assert_int_equal(skiff_watch(skiff, dup, 0, NULL, NULL), -ENOENT);
}

static void test_poll_masks(void **state)
{
	int fd = echo(), err;
	struct pollfd p[3] = { { fd, POLLIN | POLLOUT, 0 }, { -1, POLLIN, 7 }, { 77, POLLIN, 0 } };

	assert_int_equal(skiff_poll(skiff, p, 3), 2);
	assert_int_equal(p[0].revents, POLLOUT);
	assert_int_equal(p[1].revents, 0);
	assert_int_equal(p[2].revents, POLLNVAL);
	assert_int_equal(skiff_shutdown(skiff, fd, 7), -EINVAL);
	assert_int_equal(skiff_shutdown(skiff, fd, SHUT_RD), -ENOTCONN);
	assert_int_equal(skiff_events(skiff, fd) & (POLLIN | POLLRDHUP | POLLHUP),
			 POLLIN | POLLRDHUP);
	skiff_shutdown(skiff, fd, SHUT_WR);
	assert_true(skiff_events(skiff, fd) & POLLHUP);
	fd_sock(skiff, fd, &err)->sk->sk_err = ECONNREFUSED;
	assert_true(skiff_events(skiff, fd) & POLLERR);
}

/* ---- the caller's memory ---- */

static size_t user_copy(void *arg, void *ours, void *user, size_t len, bool to_user)
{
	if (fail_user && --fail_user == 0)
		return len / 2;
	memcpy(to_user ? user : ours, to_user ? ours : user, len);
	return len;
}

static void test_memory_that_cannot_be_reached(void **state)
{
	struct iovec iov[2] = { { "ab", 2 }, { "cdef", 4 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	char buf[10];
	int fd = echo();

	assert_int_equal(skiff_send(skiff, fd, NULL, 3, 0), -EFAULT);
	skiff_set_user_copy(skiff, user_copy, NULL);
	assert_int_equal(skiff_sendmsg(skiff, fd, &m, 0), 6);
	assert_int_equal(skiff_recv(skiff, fd, buf, sizeof(buf), 0), 6);
	assert_memory_equal(buf, "abcdef", 6);
	for (unsigned i = 1; i < 5; i++) {
		fail_user = i;
		assert_int_equal(skiff_sendmsg(skiff, fd, &m, 0), -EFAULT);
	}
	assert_int_equal(skiff_sendmsg(skiff, fd, &m, 0), 6);
	fail_user = 1;
	assert_int_equal(skiff_recv(skiff, fd, buf, sizeof(buf), 0), -EFAULT);
	fail_user = 0;
	m.msg_iovlen = 1025;
	assert_int_equal(skiff_sendmsg(skiff, fd, &m, 0), -EMSGSIZE);
}

static void test_control_messages(void **state)
{
	int fd = echo(), on = 1, mark = 77;
	char buf[10], control[100];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct sock_timespec ts;

	skiff_setsockopt(skiff, fd, SOL_SOCKET, SO_MARK, &mark, 4);
	skiff_setsockopt(skiff, fd, SOL_SOCKET, SO_RCVMARK, &on, 4);
	skiff_setsockopt(skiff, fd, SOL_SOCKET, SO_TIMESTAMPNS_OLD, &on, 4);
	assert_int_equal(skiff->tstamp_users, 1);
	skiff_send(skiff, fd, "x", 1, 0);
	assert_int_equal(skiff_recvmsg(skiff, fd, &m, 0), 1);
	assert_int_equal(c->cmsg_type, SO_TIMESTAMPNS_OLD);
	memcpy(&ts, CMSG_DATA_(c), sizeof(ts));
	assert_int_equal(ts.tv_sec, 1700000000);
	c = (struct cmsghdr *)(control + CMSG_SPACE_(sizeof(ts)));
	assert_int_equal(c->cmsg_type, SO_MARK);
	assert_int_equal(m.msg_controllen, CMSG_SPACE_(sizeof(ts)) + CMSG_SPACE_(4));
	assert_int_equal(m.msg_flags & MSG_CTRUNC, 0);
	m.msg_controllen = 20;
	skiff_send(skiff, fd, "x", 1, 0);
	assert_int_equal(skiff_recvmsg(skiff, fd, &m, 0), 1);
	assert_int_equal(m.msg_flags & MSG_CTRUNC, MSG_CTRUNC);
	assert_int_equal(m.msg_controllen, 20);
	skiff_close(skiff, fd);
	assert_int_equal(skiff->tstamp_users, 0);
}

static void test_namespace_takes_its_sockets(void **state)
{
	struct skiff_net *other = skiff_net_create(skiff, "b");
	int fd = skiff_socket(other, AF_INET, SOCK_SEQPACKET, 0), ep = skiff_epoll_create(skiff);
	struct epoll_event ev = { .events = POLLIN };

	assert_true(fd >= 0);
	assert_int_equal(skiff_epoll_ctl(skiff, ep, EPOLL_CTL_ADD, fd, &ev), 0);
	skiff_send(skiff, fd, "x", 1, 0);
	skiff_net_destroy(other);
	assert_int_equal(skiff_events(skiff, fd), -EBADF);
	assert_int_equal(skiff_epoll_wait(skiff, ep, &ev, 1), 0);
}

/* Above the third limit of the protocol's memory nobody gets more, whatever his own buffer would hold. */
static void test_memory_has_limits(void **state)
{
	int fd = echo(), size = 1 << 20, n = 0;
	char buf[1000];

	net->ipv4.sysctl_udp_mem[0] = 4;
	net->ipv4.sysctl_udp_mem[1] = 6;
	net->ipv4.sysctl_udp_mem[2] = 8;
	net->ipv4.sysctl_udp_rmem_min = 4096;
	skiff_setsockopt(skiff, fd, SOL_SOCKET, SO_RCVBUF, &size, 4);
	while (skiff_send(skiff, fd, buf, sizeof(buf), 0) == sizeof(buf))
		assert_true(++n < 100);
	assert_int_equal(skiff_send(skiff, fd, buf, sizeof(buf), 0), -ENOBUFS);
	/* Between the first and the third, what is guaranteed to a socket and no more. */
	assert_in_range(net->sock->mem[PROTO_MEM_UDP].allocated, 4, 8);
	fd = echo();
	assert_int_equal(skiff_send(skiff, fd, buf, 10, 0), 10);
	net->ipv4.sysctl_udp_mem[2] = 4;
	fd = echo();
	assert_int_equal(skiff_send(skiff, fd, buf, 10, 0), -ENOBUFS);
}

static void test_many_messages(void **state)
{
	char buf[4][10];
	struct iovec iov[4] = { { "a", 1 }, { "bc", 2 }, { NULL, 5 }, { "d", 1 } };
	struct mmsghdr m[4];
	int fd = echo();

	memset(m, 0, sizeof(m));
	for (int i = 0; i < 4; i++) {
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	/* The third can not be read: those before it are sent, and it is told when it comes first. */
	assert_int_equal(skiff_sendmmsg(skiff, fd, m, 4, 0), 2);
	assert_int_equal(m[1].msg_len, 2);
	assert_int_equal(skiff_sendmmsg(skiff, fd, m + 2, 2, 0), -EFAULT);
	for (int i = 0; i < 4; i++)
		iov[i] = (struct iovec){ buf[i], sizeof(buf[i]) };
	assert_int_equal(skiff_recvmmsg(skiff, fd, m, 4, 0), 2);
	assert_int_equal(m[0].msg_len, 1);
	assert_int_equal(m[1].msg_len, 2);
	assert_memory_equal(buf[1], "bc", 2);
	assert_int_equal(skiff_recvmmsg(skiff, fd, m, 4, 0), -EAGAIN);
	assert_int_equal(skiff_recvmmsg(skiff, 99, m, 4, 0), -EBADF);
}

static int set_int(int fd, int name, int val)
{
	return skiff_setsockopt(skiff, fd, SOL_SOCKET, name, &val, sizeof(val));
}

/* What Linux lets only those with a capability do */
static void test_options_ask_for_capabilities(void **state)
{
	struct skiff_socket_policy p = { 0 };
	int fd = echo();

	skiff_set_policy((struct skiff_net *)net, &p);
	assert_int_equal(set_int(fd, SO_DEBUG, 1), -EACCES);
	assert_int_equal(set_int(fd, SO_DEBUG, 0), 0);
	assert_int_equal(set_int(fd, SO_MARK, 1), -EPERM);
	assert_int_equal(set_int(fd, SO_PRIORITY, 6), 0);
	assert_int_equal(set_int(fd, SO_PRIORITY, 7), -EPERM);
	assert_int_equal(set_int(fd, SO_PRIORITY, -1), -EPERM);
	assert_int_equal(set_int(fd, SO_SNDBUFFORCE, 1), -EPERM);
	assert_int_equal(set_int(fd, SO_RCVBUFFORCE, 1), -EPERM);
	assert_int_equal(set_int(fd, SO_PREFER_BUSY_POLL, 1), -EPERM);
	assert_int_equal(set_int(fd, SO_BUSY_POLL_BUDGET, 1), -EPERM);
	assert_int_equal(set_int(fd, SO_BINDTOIFINDEX, 1), 0);
	/* To a device once: to leave it again takes CAP_NET_RAW. */
	assert_int_equal(set_int(fd, SO_BINDTOIFINDEX, 0), -EPERM);
	assert_int_equal(skiff_setsockopt(skiff, fd, SOL_SOCKET, SO_BINDTODEVICE, "e0", 2), -EPERM);
	assert_int_equal(skiff_socket((struct skiff_net *)net, AF_INET, SOCK_RAW, 1), -EPERM);
	p.caps = SKIFF_CAP_NET_RAW;
	skiff_set_policy((struct skiff_net *)net, &p);
	assert_int_equal(skiff_setsockopt(skiff, fd, SOL_SOCKET, SO_BINDTODEVICE, "e0", 2), 0);
	assert_int_equal(set_int(fd, SO_MARK, 1), 0);
	assert_int_equal(set_int(fd, SO_PRIORITY, 7), 0);
	assert_int_equal(set_int(fd, SO_SNDBUFFORCE, 1), -EPERM);
	skiff_close(skiff, skiff_socket((struct skiff_net *)net, AF_INET, SOCK_RAW, 1));
}

static void test_proc_tells_of_sockets(void **state)
{
	struct skiff_net *n = (struct skiff_net *)net;
	char text[4000];
	int udp = skiff_socket(n, AF_INET, SOCK_DGRAM, 0), raw = skiff_socket(n, AF_INET, 3, 1);
	struct sockaddr_in a = { .sin_family = AF_INET };
	int tcp = skiff_socket(n, AF_INET, SOCK_STREAM, 0);

	assert_true(raw >= 0);
	assert_true(skiff_proc_read(n, "net/sockstat", text, sizeof(text)) > 0);
	assert_string_equal(text, "sockets: used 3\n"
				  "TCP: inuse 0 orphan 0 tw 0 alloc 1 mem 0\n"
				  "UDP: inuse 0 mem 0\nUDPLITE: inuse 0\nRAW: inuse 1\n"
				  "FRAG: inuse 0 memory 0\n");
	assert_int_equal(skiff_bind(skiff, udp, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(skiff_listen(skiff, tcp, 1), 0);
	skiff_proc_read(n, "net/sockstat", text, sizeof(text));
	assert_non_null(strstr(text, "UDP: inuse 1 mem"));
	assert_non_null(strstr(text, "TCP: inuse 1 orphan 0 tw 0 alloc 1 mem"));
	assert_true(skiff_proc_read(n, "net/protocols", text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "\nTCP "));
	assert_non_null(strstr(text, "\nRAW "));
}

/* ---- the embedder's say ---- */

static int refuse_op;

static int policy_hook(void *arg, enum skiff_sock_op op, int family, int type, int protocol,
		       struct sockaddr *addr, uint32_t *addrlen)
{
	if (op == SKIFF_OP_BIND && refuse_op == -1)
		((struct sockaddr_in *)addr)->sin_port = htons(5555);
	return (int)op == refuse_op ? -EPERM : 0;
}

static void test_policy_hooks(void **state)
{
	struct skiff_socket_policy p = { .caps = ~0ULL, .hook = policy_hook };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(2000) };
	u32 len = sizeof(a);
	int fd = echo();

	skiff_set_policy((struct skiff_net *)net, &p);
	refuse_op = SKIFF_OP_CREATE;
	assert_int_equal(skiff_socket((struct skiff_net *)net, AF_INET, SOCK_SEQPACKET, 0), -EPERM);
	refuse_op = SKIFF_OP_BIND;
	assert_int_equal(skiff_bind(skiff, fd, (struct sockaddr *)&a, len), -EPERM);
	refuse_op = SKIFF_OP_POST_BIND;
	assert_int_equal(skiff_bind(skiff, fd, (struct sockaddr *)&a, len), -EPERM);
	assert_int_equal(skiff_getsockname(skiff, fd, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(a.sin_addr.s_addr, 0);
	fd = echo();
	refuse_op = -1;
	assert_int_equal(skiff_bind(skiff, fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(skiff_getsockname(skiff, fd, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(ntohs(a.sin_port), 5555);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_descriptors_lowest_first),
		T(test_create_errors),
		T(test_bind_rules),
		T(test_buffers_bound_what_is_queued),
		T(test_peek_with_an_offset),
		T(test_epoll_level_edge_oneshot),
		T(test_epoll_takes_turns),
		T(test_epoll_nested),
		T(test_epoll_exclusive),
		T(test_epoll_exclusive_wakes_one),
		T(test_watch_calls_back),
		T(test_poll_masks),
		T(test_memory_that_cannot_be_reached),
		T(test_control_messages),
		T(test_namespace_takes_its_sockets),
		T(test_memory_has_limits),
		T(test_many_messages),
		T(test_options_ask_for_capabilities),
		T(test_proc_tells_of_sockets),
		T(test_policy_hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
