// SPDX-License-Identifier: BSD-2-Clause
/* syscall/unix_send.c - datagrams over AF_UNIX: sent from here, with the descriptors that the program hands over. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/unix.h"
#include "syscall/usermsg.h"

#define DATA_MAX    262144u
#define CONTROL_MAX 4096u
#define FDS_MAX	    253u /* SCM_MAX_FD */
#define MMSG_MAX    1024u

/**
 * struct parcel - a message on its way from one program to another
 * @fd, @n_fd: duplicates of the descriptors in it, to be closed
 */
struct parcel {
	struct usermsg m;
	char data[DATA_MAX];
	char control[CONTROL_MAX] __attribute__((aligned(8)));
	int fd[FDS_MAX];
	unsigned n_fd;
};

/* The descriptors of an SCM_RIGHTS message are the caller's numbers: make them ours. 0 or -errno */
static int adopt_fds(struct call *c, struct parcel *p, struct cmsghdr *h)
{
	unsigned n = (unsigned)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	int *fd = (int *)CMSG_DATA(h);

	if (p->n_fd + n > FDS_MAX)
		return -EINVAL;
	for (unsigned i = 0; i < n; i++) {
		int dup = task_getfd(c->run, (int)c->req.pid, fd[i]);

		if (dup < 0)
			return dup;
		fd[i] = p->fd[p->n_fd++] = dup;
	}
	return 0;
}

/* It is we who send; nobody gets to claim to be who he is not. */
static int own_credentials(struct call *c, struct cmsghdr *h)
{
	struct ucred who = { .pid = getpid() };

	if (h->cmsg_len != CMSG_LEN(sizeof(who)))
		return -EINVAL;
	unix_owner(c, &who.uid, &who.gid);
	memcpy(CMSG_DATA(h), &who, sizeof(who));
	return 0;
}

/* Control messages: descriptors become ours; credentials are those that the kernel finds. Length or -errno */
static int64_t get_control(struct call *c, struct parcel *p)
{
	struct msghdr msg = { .msg_control = p->control,
			      .msg_controllen = p->m.hdr.msg_controllen };
	int err;

	if (!msg.msg_controllen)
		return 0;
	if (msg.msg_controllen > sizeof(p->control))
		return -ENOBUFS;
	err = call_read(c, p->control, (uint64_t)(uintptr_t)p->m.hdr.msg_control,
			msg.msg_controllen);
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&msg); !err && h; h = CMSG_NXTHDR(&msg, h)) {
		if (h->cmsg_len < CMSG_LEN(0) ||
		    (char *)h + h->cmsg_len > p->control + msg.msg_controllen)
			return -EINVAL;
		if (h->cmsg_level != SOL_SOCKET)
			continue;
		if (h->cmsg_type == SCM_RIGHTS)
			err = adopt_fds(c, p, h);
		else if (h->cmsg_type == SCM_CREDENTIALS)
			err = own_credentials(c, h);
	}
	return err ? err : (int64_t)msg.msg_controllen;
}

static int get_target(struct call *c, const struct parcel *p, struct unix_target *t)
{
	struct sockaddr_un addr;
	int len;

	*t = (struct unix_target){ .fd = -1 };
	if (!p->m.hdr.msg_name || !p->m.hdr.msg_namelen)
		return 0;
	len = unix_get_addr(c, (uint64_t)(uintptr_t)p->m.hdr.msg_name, (int)p->m.hdr.msg_namelen,
			    &addr);
	return len < 0 ? len : unix_find(c, &addr, len, t);
}

/* The message at @at (0: sendto()'s). Bytes sent or -errno */
static int64_t send_one(struct call *c, struct parcel *p, uint64_t at, int flags)
{
	struct unix_target t = { .fd = -1 };
	struct iovec iov = { .iov_base = p->data };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int64_t n = usermsg_get(c, at, &p->m);

	p->n_fd = 0;
	if (!n && p->m.len > sizeof(p->data))
		n = -EMSGSIZE;
	if (!n)
		n = get_target(c, p, &t);
	if (!n)
		n = usermsg_gather(c, &p->m, p->data, sizeof(p->data));
	if (n >= 0) {
		iov.iov_len = (size_t)n;
		n = get_control(c, p);
	}
	if (n >= 0) {
		msg.msg_control = n ? p->control : NULL;
		msg.msg_controllen = (size_t)n;
		msg.msg_name = t.len ? &t.addr : NULL;
		msg.msg_namelen = t.len;
		unix_become(c);
		n = sendmsg(c->dup, &msg, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
		n = n < 0 ? -errno : n;
		unix_become_ourselves();
	}
	unix_target_end(&t);
	while (p->n_fd)
		close(p->fd[--p->n_fd]);
	return n;
}

static int64_t send_several(struct call *c, struct parcel *p, int flags)
{
	unsigned n = (unsigned)call_arg(c, 2) < MMSG_MAX ? (unsigned)call_arg(c, 2) : MMSG_MAX, i;
	int64_t ret = 0;

	for (i = 0; i < n; i++) {
		uint64_t at = call_arg(c, 1) + i * sizeof(struct mmsghdr);
		uint32_t len;

		ret = send_one(c, p, at, flags);
		if (ret < 0)
			break;
		len = (uint32_t)ret;
		ret = call_write(c, at + offsetof(struct mmsghdr, msg_len), &len, sizeof(len));
		if (ret)
			break;
	}
	return i ? (int64_t)i : ret;
}

void unix_send(struct call *c)
{
	int nr = c->req.data.nr, flags = call_int(c, nr == __NR_sendmsg ? 2 : 3);
	struct parcel *p;
	int64_t n = 0;

	if (c->dup < 0) {
		if (!call_valid(c)) {
			call_free(c);
			return;
		}
		n = call_dup(c, call_int(c, 0));
	}
	p = malloc(sizeof(*p));
	if (!n)
		n = !p ? -ENOBUFS :
		    nr == __NR_sendmmsg ?
			 send_several(c, p, flags) :
			 send_one(c, p, nr == __NR_sendmsg ? call_arg(c, 1) : 0, flags);
	free(p);
	if (n == -EAGAIN)
		unix_retry(c, unix_send, (int)n, flags);
	else
		call_return_once(c, n);
}
