/* SPDX-License-Identifier: BSD-2-Clause */
/* net/socket_internal.h - what the parts of net/socket*.c tell each other. */
#ifndef NET_SOCKET_INTERNAL_H
#define NET_SOCKET_INTERNAL_H

#include "net/socket.h"

/* ---- descriptors: socket_fd.c ---- */

enum fd_kind { FD_FREE, FD_RESERVED, FD_SOCKET, FD_EPOLL };

/** Descriptors that a shard can have at once (Linux: the largest value of fs.nr_open) */
#define FD_MAX (1u << 24)

/** struct fd_entry - @word: address of the object, and enum fd_kind in its low bits: every connection has one of these */
struct fd_entry {
	uintptr_t word;
};
#define FD_KIND_MASK ((uintptr_t)3)

static inline enum fd_kind fd_kind(const struct fd_entry *e)
{
	return (enum fd_kind)(e->word & FD_KIND_MASK);
}

static inline void *fd_obj(const struct fd_entry *e)
{
	return (void *)(e->word & ~FD_KIND_MASK);
}

/**
 * struct fd_table - the descriptors of a shard
 * @e:    by number, @cap of them
 * @open: bit i: i is taken; @full: bit i: word i of @open is full
 * @max:  number that no descriptor reaches: -EMFILE
 */
struct fd_table {
	struct fd_entry *e;
	u64 *open, *full;
	u32 cap;
	u32 max;
};

struct eventpoll;

int fd_table_init(struct skiff *skiff);
void fd_table_exit(struct skiff *skiff);
/** fd_get_unused() - the lowest free descriptor, reserved. -EMFILE, -ENOMEM */
int fd_get_unused(struct skiff *skiff);
void fd_put_unused(struct skiff *skiff, int fd);
void fd_install(struct skiff *skiff, int fd, enum fd_kind kind, void *obj);
/** fd_lookup() - what @fd stands for, NULL: nothing */
static inline const struct fd_entry *fd_lookup(const struct skiff *skiff, int fd)
{
	const struct fd_table *t = skiff->sockets->fds;

	if (unlikely((u32)fd >= t->cap || fd_kind(&t->e[fd]) <= FD_RESERVED))
		return NULL;
	return &t->e[fd];
}

/** fd_sock() - the socket, NULL and *@err: -EBADF, -ENOTSOCK */
static inline struct socket *fd_sock(const struct skiff *skiff, int fd, int *err)
{
	const struct fd_entry *e = fd_lookup(skiff, fd);

	*err = e ? -ENOTSOCK : -EBADF;
	return likely(e && fd_kind(e) == FD_SOCKET) ? fd_obj(e) : NULL;
}

/** fd_close() - give up a descriptor; the last of its object ends it. -EBADF */
int fd_close(struct skiff *skiff, int fd);
/** fd_close_net() - every socket of a namespace that ends */
void fd_close_net(struct net *net);

/* ---- watching: socket_epoll.c, socket_watch.c ---- */

/** fd_events() - POLL* mask of what a descriptor stands for, now */
u32 fd_events(struct skiff *skiff, u32 kind, void *obj);
/** ep_free() - the end of a set whose last descriptor went */
void ep_free(struct skiff *skiff, struct eventpoll *ep);
/** ep_dup() - one more descriptor of it */
void ep_dup(struct eventpoll *ep);
/** ep_put() - one descriptor less; true: it was the last */
bool ep_put(struct eventpoll *ep);
/** ep_poll() - is anything in it ready? */
u32 ep_poll(struct skiff *skiff, struct eventpoll *ep);
/** fd_watchers() - who watches what a descriptor stands for: callbacks, epoll sets */
struct list_head *fd_watchers(const struct fd_entry *e);
/** fd_watch_forget() - a descriptor goes while its object has others */
void fd_watch_forget(const struct fd_entry *e, int fd);
/** watchers_end() - what they watch goes */
void watchers_end(struct list_head *watchers);

/** socket_tell_watchers() - the callbacks that became due in this call or turn */
void socket_tell_watchers(struct skiff *skiff);

/* Around each call from outside: callbacks run when the outermost one ends, if no turn is under way. */
static inline void call_begin(struct skiff *skiff)
{
	skiff->sockets->calls++;
}

static inline void call_end(struct skiff *skiff)
{
	struct sock_shard *s = skiff->sockets;

	if (--s->calls || skiff->in_turn)
		return;
	skiff_relieve(skiff);
	if (unlikely(!list_empty(&s->told)))
		socket_tell_watchers(skiff);
}

int sock_sysctl_init(struct net *net);

/* ---- messages: socket_msg.c ---- */

/** move_addr_to_kernel() - an address of the caller's. 0, -EINVAL (length), -EFAULT */
int move_addr_to_kernel(struct skiff *skiff, const void *uaddr, u32 ulen,
			struct sockaddr_storage_abi *kaddr);
/** move_addr_to_user() - cut to the room in *@ulen, which becomes the true length. 0, -EINVAL, -EFAULT */
int move_addr_to_user(struct skiff *skiff, const struct sockaddr_storage_abi *kaddr, int klen,
		      void *uaddr, u32 *ulen);
/** sock_sendmsg(), sock_recvmsg() - of messages that are the core's copies */
long sock_sendmsg(struct socket *sock, struct msghdr *msg, struct iov_iter *from);
long sock_recvmsg(struct socket *sock, struct msghdr *msg, struct iov_iter *to, int flags);

#endif
