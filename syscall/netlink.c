// SPDX-License-Identifier: BSD-2-Clause
/* syscall/netlink.c - AF_NETLINK sockets of programs (NETLINK_ROUTE): requests go to the node, answers come through the pair.
 *
 * DOC: Netlink
 * A request is answered at once, all of it; what the pair has no room for waits here. Parts of a dump are packed into messages of the
 * size that the kernel starts with, so that every reader's buffer is large enough. There are no notifications: who asks
 * for a multicast group gets EPERM, which programs that can do without (dnsmasq) survive.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/ioctl.h"
#include "syscall/netlink.h"

#define MESSAGE_MAX  65536u /* of a request */
#define PACK_MAX     3776u  /* NLMSG_GOODSIZE with pages of 4 KB */
#define WAITING_MAX  (16u << 20)
#define REQUESTS_MAX 32

/* ---- answers ---- */

/* Into the pair as far as it has room. */
static void flush(struct netlink *nl)
{
	uint32_t events = EPOLLIN | EPOLLRDHUP | EPOLLET;

	while (nl->first) {
		struct nl_answer *a = nl->first;

		if (send(nl->ep.own.fd, a->data, a->len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
			events |= EPOLLOUT;
			break;
		}
		nl->first = a->next;
		nl->waiting -= a->len;
		free(a);
	}
	endpoint_watch(&nl->ep, events);
}

static void append(struct netlink *nl, struct nl_answer *a)
{
	struct nl_answer **at = &nl->first;

	if (nl->last && nl->first)
		at = &nl->last->next;
	*at = a;
	nl->last = a;
}

/* Room for @len bytes more: behind the last part of the same dump, or in a message of its own. */
static void *room_for(struct netlink *nl, size_t len, bool part)
{
	struct nl_answer *a = nl->first ? nl->last : NULL;
	void *at;

	if (!part || !a || !a->open || a->len + len > PACK_MAX) {
		a = malloc(sizeof(*a) + (len > PACK_MAX ? len : PACK_MAX));
		if (!a)
			return NULL;
		*a = (struct nl_answer){ .open = part };
		append(nl, a);
	}
	at = a->data + a->len;
	a->len += len;
	nl->waiting += len;
	return at;
}

/* NLMSG_ERROR or NLMSG_DONE as this socket's options want it, @h has room to be changed in. New length */
static size_t shape(const struct netlink *nl, struct nlmsghdr *h)
{
	bool done = h->nlmsg_type == NLMSG_DONE;
	struct nlmsgerr *e = NLMSG_DATA(h);
	size_t fixed = done ? NLMSG_LENGTH(sizeof(int)) : NLMSG_LENGTH(sizeof(*e));
	size_t quoted = fixed, tlvs;

	if (!done) {
		e->msg.nlmsg_pid = nl->asked_pid;
		if (!(h->nlmsg_flags & NLM_F_CAPPED))
			quoted += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (quoted > h->nlmsg_len)
		quoted = h->nlmsg_len;
	tlvs = h->nlmsg_flags & NLM_F_ACK_TLVS && nl->ext_ack ? h->nlmsg_len - quoted : 0;
	if (!done && nl->cap_ack && quoted > fixed) {
		memmove((char *)h + fixed, (char *)h + quoted, tlvs);
		quoted = fixed;
		h->nlmsg_flags |= NLM_F_CAPPED;
	}
	if (!tlvs)
		h->nlmsg_flags &= (uint16_t)~NLM_F_ACK_TLVS;
	h->nlmsg_len = (uint32_t)(quoted + tlvs);
	return NLMSG_ALIGN(h->nlmsg_len);
}

static void on_answer(void *arg, const void *msg, size_t len)
{
	struct netlink *nl = arg;
	const struct nlmsghdr *h = msg;
	bool told = h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE;
	char *at = room_for(nl, NLMSG_ALIGN(len), h->nlmsg_flags & NLM_F_MULTI);
	size_t left;

	if (!at)
		return;
	memset(at, 0, NLMSG_ALIGN(len));
	memcpy(at, msg, len);
	if (!told)
		return;
	left = shape(nl, (struct nlmsghdr *)at);
	nl->last->len -= NLMSG_ALIGN(len) - left;
	nl->waiting -= NLMSG_ALIGN(len) - left;
	nl->last->open = false;
}

/* ---- requests ---- */

static size_t header_size(unsigned type)
{
	switch (type) {
	case RTM_GETLINK:
		return sizeof(struct ifinfomsg);
	case RTM_GETADDR:
		return sizeof(struct ifaddrmsg);
	case RTM_GETROUTE:
	case RTM_GETRULE:
	case RTM_GETNEIGH:
		return sizeof(struct rtmsg);
	default:
		return 0;
	}
}

/*
 * Without NETLINK_GET_STRICT_CHK a dump is asked for by as little as a family, and whatever else stands there is passed over;
 * the node reads requests strictly.
 */
static void loosen(struct nlmsghdr *h)
{
	size_t size = header_size(h->nlmsg_type);
	unsigned char *body = NLMSG_DATA(h), family = body[0];

	if (!size || (h->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP ||
	    h->nlmsg_len < NLMSG_HDRLEN + sizeof(struct rtgenmsg))
		return;
	memset(body, 0, size);
	body[0] = family;
	h->nlmsg_len = (uint32_t)(NLMSG_HDRLEN + size);
}

static void one_request(struct netlink *nl, const struct nlmsghdr *h)
{
	struct nlmsghdr *copy = calloc(1, h->nlmsg_len + 64);

	if (!copy)
		return;
	memcpy(copy, h, h->nlmsg_len);
	nl->asked_pid = h->nlmsg_pid;
	copy->nlmsg_pid = nl->portid;
	if (!nl->strict)
		loosen(copy);
	skiff_netlink(nl->ep.net, copy, copy->nlmsg_len, on_answer, nl);
	if (nl->first)
		nl->last->open = false;
	free(copy);
}

/* All requests of a message. */
static void requests(struct netlink *nl, const char *buf, size_t len)
{
	while (len >= NLMSG_HDRLEN) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)buf;
		size_t step = NLMSG_ALIGN(h->nlmsg_len);

		if (h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > len)
			break;
		if (h->nlmsg_flags & NLM_F_REQUEST)
			one_request(nl, h);
		if (step >= len)
			break;
		buf += step;
		len -= step;
	}
	flush(nl);
}

/* What the program wrote natively. */
static void pump(struct netlink *nl)
{
	char buf[MESSAGE_MAX] __attribute__((aligned(8)));

	for (unsigned i = 0; i < REQUESTS_MAX && nl->waiting < WAITING_MAX; i++) {
		ssize_t n = recv(nl->ep.own.fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (n < 0 && errno != ECONNRESET && errno != EINTR)
			return;
		if (!n)
			return;
		if (n > 0) {
			if (!nl->portid)
				netlink_autobind(nl, 0);
			requests(nl, buf, (size_t)n);
		}
	}
	endpoint_mark(&nl->ep);
}

static int64_t sent(struct call *c, struct netlink *nl, uint64_t at, struct usermsg *m)
{
	char buf[MESSAGE_MAX] __attribute__((aligned(8)));
	struct sockaddr_storage to = { 0 };
	const struct sockaddr_nl *snl = (const struct sockaddr_nl *)&to;
	int64_t n = usermsg_get(c, at, m);

	if (!n && m->hdr.msg_name && m->hdr.msg_namelen) {
		n = call_get_addr(c, (uint64_t)(uintptr_t)m->hdr.msg_name, (int)m->hdr.msg_namelen,
				  &to);
		if (n >= 0 && (n < (int)sizeof(*snl) || snl->nl_family != AF_NETLINK))
			return -EINVAL;
		if (n >= 0 && snl->nl_groups)
			return -EPERM;
		if (n >= 0 && snl->nl_pid)
			return -ECONNREFUSED; /* programs do not talk to each other here */
		n = n < 0 ? n : 0;
	}
	if (n)
		return n;
	if (m->len > sizeof(buf))
		return -EMSGSIZE;
	if (nl->waiting >= WAITING_MAX)
		return -ENOBUFS;
	n = usermsg_gather(c, m, buf, sizeof(buf));
	if (n < 0)
		return n;
	if (!nl->portid)
		netlink_autobind(nl, (int)c->req.pid);
	requests(nl, buf, (size_t)n);
	return n;
}

static void netlink_send(struct call *c)
{
	struct netlink *nl = netlink_of(c->ep);
	struct usermsg *m = malloc(sizeof(*m));
	int64_t n;

	if (!m) {
		call_return(c, -ENOBUFS);
		return;
	}
	pump(nl);
	n = sent(c, nl, c->req.data.nr == __NR_sendmsg ? call_arg(c, 1) : 0, m);
	free(m);
	call_return_once(c, n);
	calls_resume(&nl->ep);
}

/* ---- receiving ---- */

/* The next answer to the caller's memory. Length or -errno */
static int64_t receive(struct call *c, struct netlink *nl, struct usermsg *m, int flags)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	union {
		struct cmsghdr h;
		char bytes[CMSG_SPACE(sizeof(struct nl_pktinfo))];
	} control = { 0 };
	char buf[MESSAGE_MAX];
	int64_t n, copied;
	int err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	n = recv(c->dup, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC | (flags & MSG_PEEK));
	if (n < 0)
		return -errno;
	copied = usermsg_scatter(c, m, buf, (size_t)n < sizeof(buf) ? (size_t)n : sizeof(buf));
	if (copied < 0)
		return copied;
	control.h = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(struct nl_pktinfo)),
				      .cmsg_level = SOL_NETLINK,
				      .cmsg_type = NETLINK_PKTINFO };
	err = usermsg_tell(c, m, &kernel, sizeof(kernel), &control,
			   nl->pktinfo ? sizeof(control) : 0, copied < n ? MSG_TRUNC : 0);
	if (err)
		return err;
	return flags & MSG_TRUNC ? n : copied;
}

static void netlink_recv(struct call *c)
{
	struct netlink *nl = netlink_of(c->ep);
	bool plain = c->req.data.nr == __NR_recvfrom;
	int flags = call_int(c, plain ? 3 : 2);
	struct usermsg *m = malloc(sizeof(*m));
	int64_t n = m ? usermsg_get(c, plain ? 0 : call_arg(c, 1), m) : -ENOBUFS;

	if (!c->parked)
		pump(nl);
	if (!n && c->dup < 0)
		n = call_dup(c, call_int(c, 0));
	if (!n) {
		n = receive(c, nl, m, flags);
		flush(nl);
	}
	free(m);
	if (n == -EAGAIN && !call_nonblock(c, flags))
		call_park(c, netlink_recv, NULL,
			  c->parked ? c->deadline : call_timeout(c, SO_RCVTIMEO));
	else
		call_return_once(c, n);
}

/* ---- the endpoint ---- */

static int netlink_start(struct endpoint *ep)
{
	struct netlink *nl = netlink_of(ep);

	if (ep->type != SOCK_RAW && ep->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (ep->protocol != NETLINK_ROUTE)
		return -EPROTONOSUPPORT;
	list_add(&nl->link, &ep->run->netlinks);
	endpoint_watch(ep, EPOLLIN | EPOLLRDHUP | EPOLLET);
	return 0;
}

static void netlink_stop(struct endpoint *ep)
{
	struct netlink *nl = netlink_of(ep);

	while (nl->first) {
		struct nl_answer *a = nl->first;

		nl->first = a->next;
		free(a);
	}
	list_del(&nl->link);
}

static void netlink_own_ready(struct endpoint *ep, uint32_t events)
{
	struct netlink *nl = netlink_of(ep);

	pump(nl);
	if (events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR)) {
		endpoint_end(ep);
		return;
	}
	flush(nl);
	calls_resume(ep);
}

static void netlink_marked(struct endpoint *ep, unsigned events)
{
	netlink_own_ready(ep, 0);
}

static void unsupported(struct call *c)
{
	call_return(c, -EOPNOTSUPP);
}

const struct endpoint_ops netlink_ops = {
	.name = "netlink",
	.pair = SOCK_SEQPACKET,
	.size = sizeof(struct netlink),
	.start = netlink_start,
	.own_ready = netlink_own_ready,
	.stack_ready = netlink_marked,
	.stop = netlink_stop,
	.calls = {
		[CALL_BIND] = netlink_bind,
		[CALL_CONNECT] = netlink_connect,
		[CALL_LISTEN] = unsupported,
		[CALL_ACCEPT] = unsupported,
		[CALL_GETSOCKNAME] = netlink_getsockname,
		[CALL_GETPEERNAME] = netlink_getpeername,
		[CALL_SETSOCKOPT] = netlink_setsockopt,
		[CALL_GETSOCKOPT] = netlink_getsockopt,
		[CALL_SHUTDOWN] = unsupported,
		[CALL_SENDTO] = netlink_send,
		[CALL_RECVFROM] = netlink_recv,
		[CALL_SENDMSG] = netlink_send,
		[CALL_RECVMSG] = netlink_recv,
		[CALL_SENDMMSG] = unsupported,
		[CALL_RECVMMSG] = unsupported,
		[CALL_IOCTL] = device_ioctl,
	},
};
