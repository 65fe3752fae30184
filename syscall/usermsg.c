// SPDX-License-Identifier: BSD-2-Clause
/* syscall/usermsg.c - a struct msghdr in a caller's memory. */
#include <errno.h>
#include <stddef.h>

#include "syscall/usermsg.h"

static uint64_t addr_of(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static int from_arguments(struct call *c, struct usermsg *m)
{
	m->iov[0] = (struct iovec){ (void *)(uintptr_t)call_arg(c, 1), call_arg(c, 2) };
	m->hdr = (struct msghdr){ .msg_iovlen = 1,
				  .msg_name = (void *)(uintptr_t)call_arg(c, 4),
				  .msg_namelen = (uint32_t)call_arg(c, 5) };
	m->len = m->iov[0].iov_len;
	return (int64_t)m->len < 0 ? -EINVAL : 0;
}

int usermsg_get(struct call *c, uint64_t at, struct usermsg *m)
{
	int err;

	m->at = at;
	m->len = 0;
	if (!at)
		return from_arguments(c, m);
	err = call_read(c, &m->hdr, at, sizeof(m->hdr));
	if (err)
		return err;
	if ((int)m->hdr.msg_namelen < 0)
		return -EINVAL;
	if (m->hdr.msg_iovlen > USERMSG_IOV)
		return -EMSGSIZE;
	err = call_read(c, m->iov, addr_of(m->hdr.msg_iov), m->hdr.msg_iovlen * sizeof(*m->iov));
	for (size_t i = 0; !err && i < m->hdr.msg_iovlen; i++) {
		if ((int64_t)m->iov[i].iov_len < 0 || m->len + m->iov[i].iov_len < m->len)
			err = -EINVAL;
		m->len += m->iov[i].iov_len;
	}
	return err;
}

static int64_t copy(struct call *c, const struct usermsg *m, char *buf, size_t size, bool out)
{
	size_t done = 0;

	for (size_t i = 0; i < m->hdr.msg_iovlen && done < size; i++) {
		size_t n = m->iov[i].iov_len < size - done ? m->iov[i].iov_len : size - done;
		int err = out ? call_write(c, addr_of(m->iov[i].iov_base), buf + done, n) :
				call_read(c, buf + done, addr_of(m->iov[i].iov_base), n);

		if (err)
			return err;
		done += n;
	}
	return (int64_t)done;
}

int64_t usermsg_gather(struct call *c, const struct usermsg *m, void *buf, size_t size)
{
	return copy(c, m, buf, size, false);
}

int64_t usermsg_scatter(struct call *c, const struct usermsg *m, const void *buf, size_t len)
{
	return copy(c, m, (void *)(uintptr_t)buf, len, true);
}

int usermsg_tell(struct call *c, const struct usermsg *m, const void *name, uint32_t namelen,
		 const void *control, size_t clen, int flags)
{
	uint32_t room = m->hdr.msg_namelen < namelen ? m->hdr.msg_namelen : namelen;
	size_t used = clen < m->hdr.msg_controllen ? clen : m->hdr.msg_controllen;
	int err;

	if (!m->at)
		return m->hdr.msg_name ? call_put_addr(c, name, namelen, addr_of(m->hdr.msg_name),
						       call_arg(c, 5)) :
					 0;
	if (used < clen)
		flags |= MSG_CTRUNC;
	err = m->hdr.msg_name ? call_write(c, addr_of(m->hdr.msg_name), name, room) : 0;
	if (!err && m->hdr.msg_name)
		err = call_write(c, m->at + offsetof(struct msghdr, msg_namelen), &namelen,
				 sizeof(namelen));
	if (!err)
		err = call_write(c, addr_of(m->hdr.msg_control), control, used);
	if (!err)
		err = call_write(c, m->at + offsetof(struct msghdr, msg_controllen), &used,
				 sizeof(used));
	return err ? err :
		     call_write(c, m->at + offsetof(struct msghdr, msg_flags), &flags,
				sizeof(flags));
}
