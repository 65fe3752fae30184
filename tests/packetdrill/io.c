// SPDX-License-Identifier: BSD-2-Clause
/* tests/packetdrill/io.c - socket calls that carry data. */
#include "pd.h"

/* ---- in ---- */

static ssize_t receive(struct pd *pd, int fd, struct msghdr *msg, int flags)
{
	const struct skiff_loop loop = pd_loop(pd);

	pd_enter(pd);
	return pd_result(pd, skiff_brecvmsg(pd->skiff, &loop, fd, msg, flags));
}

static ssize_t pd_recvmsg(void *arg, int fd, struct msghdr *msg, int flags)
{
	return receive(arg, fd, msg, flags);
}

static ssize_t pd_readv(void *arg, int fd, const struct iovec *iov, int n)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)n };

	return receive(arg, fd, &msg, 0);
}

static ssize_t pd_recvfrom(void *arg, int fd, void *buf, size_t n, int flags, struct sockaddr *addr,
			   socklen_t *len)
{
	struct iovec iov = { buf, n };
	struct msghdr msg = {
		.msg_name = addr, .msg_namelen = len ? *len : 0, .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t ret = receive(arg, fd, &msg, flags);

	if (ret >= 0 && len)
		*len = msg.msg_namelen;
	return ret;
}

static ssize_t pd_recv(void *arg, int fd, void *buf, size_t n, int flags)
{
	return pd_recvfrom(arg, fd, buf, n, flags, NULL, NULL);
}

static ssize_t pd_read(void *arg, int fd, void *buf, size_t n)
{
	return pd_recvfrom(arg, fd, buf, n, 0, NULL, NULL);
}

/* ---- out ---- */

static ssize_t send_message(struct pd *pd, int fd, const struct msghdr *msg, int flags)
{
	const struct skiff_loop loop = pd_loop(pd);

	pd_enter(pd);
	return pd_result(pd, skiff_bsendmsg(pd->skiff, &loop, fd, msg, flags));
}

static ssize_t pd_sendmsg(void *arg, int fd, const struct msghdr *msg, int flags)
{
	return send_message(arg, fd, msg, flags);
}

static ssize_t pd_writev(void *arg, int fd, const struct iovec *iov, int n)
{
	const struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)n };

	return send_message(arg, fd, &msg, 0);
}

static ssize_t pd_sendto(void *arg, int fd, const void *buf, size_t n, int flags,
			 const struct sockaddr *addr, socklen_t len)
{
	struct iovec iov = { (void *)buf, n };
	const struct msghdr msg = { .msg_name = (void *)addr,
				    .msg_namelen = addr ? len : 0,
				    .msg_iov = &iov,
				    .msg_iovlen = 1 };

	return send_message(arg, fd, &msg, flags);
}

static ssize_t pd_send(void *arg, int fd, const void *buf, size_t n, int flags)
{
	return pd_sendto(arg, fd, buf, n, flags, NULL, 0);
}

static ssize_t pd_write(void *arg, int fd, const void *buf, size_t n)
{
	return pd_sendto(arg, fd, buf, n, 0, NULL, 0);
}

void pd_fill_io(struct pd_iface *ifc)
{
	ifc->read = pd_read;
	ifc->readv = pd_readv;
	ifc->recv = pd_recv;
	ifc->recvfrom = pd_recvfrom;
	ifc->recvmsg = pd_recvmsg;
	ifc->write = pd_write;
	ifc->writev = pd_writev;
	ifc->send = pd_send;
	ifc->sendto = pd_sendto;
	ifc->sendmsg = pd_sendmsg;
}
