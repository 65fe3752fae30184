/* SPDX-License-Identifier: BSD-2-Clause */
/* include/skiff/socket.h - sockets of a shard: the calls that programs know, with a skiff_ prefix.
 *
 * Each call does what the system call of its name does on Linux, with two differences: a negative errno is returned
 * instead of setting errno, and no call ever waits: where Linux would, the answer is -EAGAIN (connect: -EINPROGRESS), with
 * or without O_NONBLOCK. skiff_wait() and the skiff_b* calls at the end run the caller's loop until there is an answer.
 *
 * Descriptors are small integers of the shard, lowest free first, not of the process. Structs are those of
 * <sys/socket.h>, <netinet/in.h> and friends, which the caller includes; they are named here without being defined.
 * Calls may be made between turns and from callbacks within a turn. Packets are sent at once, received in skiff_turn().
 */
#ifndef SKIFF_SOCKET_H
#define SKIFF_SOCKET_H

#include "skiff/skiff.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sockaddr;
struct msghdr;
struct mmsghdr;
struct iovec;
struct pollfd;
struct epoll_event;

/* ---- the calls ---- */

/** skiff_socket() - socket(2) in @net; @type may carry SOCK_NONBLOCK and SOCK_CLOEXEC. Return: descriptor or -errno */
SKIFF_API int skiff_socket(struct skiff_net *net, int family, int type, int protocol);
SKIFF_API int skiff_bind(struct skiff *skiff, int fd, const struct sockaddr *addr,
			 uint32_t addrlen);
SKIFF_API int skiff_listen(struct skiff *skiff, int fd, int backlog);
SKIFF_API int skiff_accept4(struct skiff *skiff, int fd, struct sockaddr *addr, uint32_t *addrlen,
			    int flags);
SKIFF_API int skiff_connect(struct skiff *skiff, int fd, const struct sockaddr *addr,
			    uint32_t addrlen);
SKIFF_API int64_t skiff_send(struct skiff *skiff, int fd, const void *buf, size_t len, int flags);
SKIFF_API int64_t skiff_sendto(struct skiff *skiff, int fd, const void *buf, size_t len, int flags,
			       const struct sockaddr *addr, uint32_t addrlen);
SKIFF_API int64_t skiff_sendmsg(struct skiff *skiff, int fd, const struct msghdr *msg, int flags);
SKIFF_API int skiff_sendmmsg(struct skiff *skiff, int fd, struct mmsghdr *msgs, unsigned n,
			     int flags);
SKIFF_API int64_t skiff_recv(struct skiff *skiff, int fd, void *buf, size_t len, int flags);
SKIFF_API int64_t skiff_recvfrom(struct skiff *skiff, int fd, void *buf, size_t len, int flags,
				 struct sockaddr *addr, uint32_t *addrlen);
SKIFF_API int64_t skiff_recvmsg(struct skiff *skiff, int fd, struct msghdr *msg, int flags);
SKIFF_API int skiff_recvmmsg(struct skiff *skiff, int fd, struct mmsghdr *msgs, unsigned n,
			     int flags);
/** skiff_read() / skiff_write() / skiff_readv() / skiff_writev() - recv and send without flags, as on a file */
SKIFF_API int64_t skiff_read(struct skiff *skiff, int fd, void *buf, size_t len);
SKIFF_API int64_t skiff_write(struct skiff *skiff, int fd, const void *buf, size_t len);
SKIFF_API int64_t skiff_readv(struct skiff *skiff, int fd, const struct iovec *iov, int n);
SKIFF_API int64_t skiff_writev(struct skiff *skiff, int fd, const struct iovec *iov, int n);
SKIFF_API int skiff_shutdown(struct skiff *skiff, int fd, int how);
SKIFF_API int skiff_close(struct skiff *skiff, int fd);
SKIFF_API int skiff_dup(struct skiff *skiff, int fd);
SKIFF_API int skiff_setsockopt(struct skiff *skiff, int fd, int level, int name, const void *val,
			       uint32_t len);
SKIFF_API int skiff_getsockopt(struct skiff *skiff, int fd, int level, int name, void *val,
			       uint32_t *len);
SKIFF_API int skiff_getsockname(struct skiff *skiff, int fd, struct sockaddr *addr,
				uint32_t *addrlen);
SKIFF_API int skiff_getpeername(struct skiff *skiff, int fd, struct sockaddr *addr,
				uint32_t *addrlen);
/** skiff_ioctl() - SIOCINQ, SIOCOUTQ, SIOCATMARK, FIONBIO, ...; -ENOTTY for others */
SKIFF_API int skiff_ioctl(struct skiff *skiff, int fd, unsigned long cmd, void *arg);
/** skiff_fcntl() - F_GETFL and F_SETFL (O_NONBLOCK, O_ASYNC) */
SKIFF_API int skiff_fcntl(struct skiff *skiff, int fd, int cmd, long arg);

/* ---- readiness ---- */

/** skiff_poll() - poll(2) with a timeout of 0: how many of @fds have events now */
SKIFF_API int skiff_poll(struct skiff *skiff, struct pollfd *fds, unsigned n);
/** skiff_events() - the POLL* mask of one descriptor now, or -EBADF */
SKIFF_API int skiff_events(struct skiff *skiff, int fd);
/** skiff_epoll_create() - descriptor of a set; skiff_close() ends it */
SKIFF_API int skiff_epoll_create(struct skiff *skiff);
/** skiff_epoll_ctl() - EPOLL_CTL_ADD, MOD, DEL; EPOLLET, EPOLLONESHOT and EPOLLEXCLUSIVE as on Linux */
SKIFF_API int skiff_epoll_ctl(struct skiff *skiff, int epfd, int op, int fd,
			      struct epoll_event *event);
/** skiff_epoll_wait() - what is ready now; never waits */
SKIFF_API int skiff_epoll_wait(struct skiff *skiff, int epfd, struct epoll_event *events,
			       int maxevents);
/** skiff_watch() - have @fn called when events of @mask may have come (at the end of the call or turn that caused them); NULL ends it */
typedef void (*skiff_watch_fn)(void *arg, int fd, unsigned events);
SKIFF_API int skiff_watch(struct skiff *skiff, int fd, unsigned mask, skiff_watch_fn fn, void *arg);

/* ---- without copying ---- */

/**
 * skiff_send_buf() - a buffer of the stack to fill in place, sent by skiff_send_commit()
 * @len:   in: wanted, out: room (at most 64 KB)
 * Return: the memory, valid until the next call on this shard; NULL and *@err otherwise
 */
SKIFF_API void *skiff_send_buf(struct skiff *skiff, int fd, size_t *len, int *err);
SKIFF_API int64_t skiff_send_commit(struct skiff *skiff, int fd, size_t len, int flags);
/**
 * skiff_recv_refs() - look at received bytes where they lie
 * @fn:    called for each piece in order; returns how many of its bytes it took (fewer stops)
 * Return: bytes taken; 0 at the end of the stream; -EAGAIN, -errno
 */
typedef int64_t (*skiff_recv_fn)(void *arg, const void *data, size_t len);
SKIFF_API int64_t skiff_recv_refs(struct skiff *skiff, int fd, size_t max, skiff_recv_fn fn,
				  void *arg);

/* ---- what a namespace's programs may do ---- */

#define SKIFF_CAP_NET_BIND_SERVICE (1ULL << 10)
#define SKIFF_CAP_NET_ADMIN	   (1ULL << 12)
#define SKIFF_CAP_NET_RAW	   (1ULL << 13)

enum skiff_sock_op {
	SKIFF_OP_CREATE,
	SKIFF_OP_BIND,
	SKIFF_OP_POST_BIND,
	SKIFF_OP_CONNECT,
	SKIFF_OP_SENDMSG,
	SKIFF_OP_RELEASE
};

/**
 * struct skiff_socket_policy - who is calling, and hooks where Linux asks cgroup BPF programs
 * @caps:   SKIFF_CAP_*: capabilities of the caller; @uid, @gid: of the caller
 * @hook:   may refuse an operation: 0 or -errno; may rewrite @addr (bind, connect, sendmsg). NULL: everything is allowed
 */
struct skiff_socket_policy {
	uint64_t caps;
	uint32_t uid, gid;
	int (*hook)(void *arg, enum skiff_sock_op op, int family, int type, int protocol,
		    struct sockaddr *addr, uint32_t *addrlen);
	void *arg;
};
/** skiff_set_policy() - for calls on sockets of @net from now on; a fresh namespace has all capabilities, uid 0 and no hook */
SKIFF_API void skiff_set_policy(struct skiff_net *net, const struct skiff_socket_policy *policy);

/**
 * skiff_set_user_copy() - reach the caller's memory by a function instead of directly (it may be refused, or lie in another process)
 * @copy: @to_user: from @ours to @user, else the other way. Return: bytes copied, fewer than @len where memory can not be touched (-EFAULT then)
 */
typedef size_t (*skiff_copy_fn)(void *arg, void *ours, void *user, size_t len, bool to_user);
SKIFF_API void skiff_set_user_copy(struct skiff *skiff, skiff_copy_fn copy, void *arg);

/* ---- a blocking convenience on top ---- */

/**
 * struct skiff_loop - the caller's event loop, run while a skiff_b* call waits
 * @run:   let time pass until @deadline_ns at most (SKIFF_NEVER: none): wait for input, then skiff_turn(). 0, or -errno to give up (-EINTR)
 * @now:   the caller's clock
 */
struct skiff_loop {
	void *arg;
	int (*run)(void *arg, uint64_t deadline_ns);
	uint64_t (*now)(void *arg);
};
/** skiff_wait() - until @fd has events of @mask (or POLLERR, POLLHUP): the mask; 0 at @timeout_ns; -errno. SKIFF_NEVER: no timeout */
SKIFF_API int skiff_wait(struct skiff *skiff, const struct skiff_loop *loop, int fd, unsigned mask,
			 uint64_t timeout_ns);
/** skiff_bconnect() and so on - wait where Linux waits, with SO_RCVTIMEO and SO_SNDTIMEO; O_NONBLOCK and MSG_DONTWAIT are honoured */
SKIFF_API int skiff_bconnect(struct skiff *skiff, const struct skiff_loop *loop, int fd,
			     const struct sockaddr *addr, uint32_t addrlen);
SKIFF_API int skiff_baccept4(struct skiff *skiff, const struct skiff_loop *loop, int fd,
			     struct sockaddr *addr, uint32_t *addrlen, int flags);
SKIFF_API int64_t skiff_bsendmsg(struct skiff *skiff, const struct skiff_loop *loop, int fd,
				 const struct msghdr *msg, int flags);
SKIFF_API int64_t skiff_brecvmsg(struct skiff *skiff, const struct skiff_loop *loop, int fd,
				 struct msghdr *msg, int flags);
/** skiff_bclose() - close(2), with SO_LINGER waiting */
SKIFF_API int skiff_bclose(struct skiff *skiff, const struct skiff_loop *loop, int fd);

#ifdef __cplusplus
}
#endif
#endif
