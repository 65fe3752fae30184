/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/usermsg.h - a struct msghdr in a caller's memory, for sockets that the stack does not serve. For syscall/ only. */
#ifndef SYSCALL_USERMSG_H
#define SYSCALL_USERMSG_H

#include "syscall/supervisor.h"

#define USERMSG_IOV 1024u

/**
 * struct usermsg - what sendto() and recvfrom() say in arguments, and sendmsg() and recvmsg() in memory
 * @at:   address of the header; 0: the call had arguments instead
 * @hdr:  copied; its pointers are the caller's
 * @iov:  copied; @len: bytes of all pieces
 */
struct usermsg {
	uint64_t at;
	struct msghdr hdr;
	struct iovec iov[USERMSG_IOV];
	size_t len;
};

/** usermsg_get() - the message at @at; 0: that of sendto() or recvfrom(). 0, -EFAULT, -EMSGSIZE, -EINVAL as the kernel */
int usermsg_get(struct call *c, uint64_t at, struct usermsg *m);
/** usermsg_gather() - at most @size bytes of the pieces to @buf. Bytes copied or -EFAULT */
int64_t usermsg_gather(struct call *c, const struct usermsg *m, void *buf, size_t size);
/** usermsg_scatter() - @len bytes to the pieces, what has no room is dropped. Bytes copied or -EFAULT */
int64_t usermsg_scatter(struct call *c, const struct usermsg *m, const void *buf, size_t len);
/** usermsg_tell() - address, control messages (@clen bytes, those that fit) and flags of a received message. 0 or -errno */
int usermsg_tell(struct call *c, const struct usermsg *m, const void *name, uint32_t namelen,
		 const void *control, size_t clen, int flags);

#endif
