/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/unix.h - AF_UNIX sockets of programs. For unix*.c only.
 *
 * DOC: AF_UNIX
 * A program may talk to other programs of the lab by AF_UNIX, not to services of the host (docker, D-Bus, X11, nscd). So an address may be
 * connected or sent to if one of our programs bound it. An address lies in memory that another thread of the program can change after we looked,
 * so the kernel may not read it again: bind, connect and sends with an address are done here, on our duplicate of the socket,
 * with our copy of the address. A file is opened first, checked, and then reached by its descriptor (/proc/self/fd/N): what its name
 * means meanwhile does not matter.
 *
 * A file that a program bound is known by device, inode and time of birth. Right after bind() the inode is found by its name, which somebody may
 * have exchanged by then: only an inode born since we began counts. socket(), socketpair(), and everything that has no address, is the
 * kernel's own. Who asks for the peer's credentials sees our process id, as it is we who connected; user and group are right.
 */
#ifndef SYSCALL_UNIX_H
#define SYSCALL_UNIX_H

#include <sys/un.h>

#include "syscall/supervisor.h"

/**
 * struct unix_target - an address that was checked
 * @addr, @len: for the kernel: abstract, or the path of @fd below /proc/self/fd
 * @fd: O_PATH descriptor of the socket's file, -1 for abstract names
 */
struct unix_target {
	struct sockaddr_un addr;
	socklen_t len;
	int fd;
};

/** unix_get_addr() - the caller's address: 0-terminated behind its @len bytes. Length, -EINVAL, -EFAULT */
int unix_get_addr(struct call *c, uint64_t at, int len, struct sockaddr_un *addr);
/** unix_find() - may the caller reach @addr? 0: @t is what to use, unix_target_end() closes it; -ECONNREFUSED, -ENOENT, ... */
int unix_find(struct call *c, const struct sockaddr_un *addr, int len, struct unix_target *t);
void unix_target_end(struct unix_target *t);
/** unix_bind() - bind @c->dup to @addr as the caller would, and remember it. 0 or -errno */
int unix_bind(struct call *c, const struct sockaddr_un *addr, int len);

/** unix_become() - what follows is done with the caller's rights to files, until unix_become_ourselves() */
void unix_become(struct call *c);
void unix_become_ourselves(void);
/** unix_owner() - user and group of the caller */
void unix_owner(struct call *c, unsigned *uid, unsigned *gid);

/** unix_send() - sendto(), sendmsg(), sendmmsg() of a datagram socket */
void unix_send(struct call *c);

/** unix_retry() - it would block, and nobody tells us when it does not: again soon, by @again; or the answer is @err */
void unix_retry(struct call *c, call_fn again, int err, int flags);

#endif
