/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/packetdrill/iface.h - what packetdrill expects of a shared object: a table of calls, laid out as it reads it.
 *
 * packetdrill itself is no part of this tree; this is our own description of the binary interface. Every call gets the
 * table's first word. All but netdev_send() and netdev_receive() are the system calls of their names: -1 and errno on failure.
 */
#ifndef TESTS_PACKETDRILL_IFACE_H
#define TESTS_PACKETDRILL_IFACE_H

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

/**
 * struct pd_iface - the order is the interface
 * @netdev_send:    an IP packet arrives at the stack; 0 or -1
 * @netdev_receive: the next IP packet that the stack has sent, its length and its time in us; length 0: none yet
 */
struct pd_iface {
	void *pd;
	void (*free)(void *pd);
	int (*socket)(void *pd, int domain, int type, int protocol);
	int (*bind)(void *pd, int fd, const struct sockaddr *addr, socklen_t len);
	int (*listen)(void *pd, int fd, int backlog);
	int (*accept)(void *pd, int fd, struct sockaddr *addr, socklen_t *len);
	int (*connect)(void *pd, int fd, const struct sockaddr *addr, socklen_t len);
	ssize_t (*read)(void *pd, int fd, void *buf, size_t n);
	ssize_t (*readv)(void *pd, int fd, const struct iovec *iov, int n);
	ssize_t (*recv)(void *pd, int fd, void *buf, size_t n, int flags);
	ssize_t (*recvfrom)(void *pd, int fd, void *buf, size_t n, int flags, struct sockaddr *addr,
			    socklen_t *len);
	ssize_t (*recvmsg)(void *pd, int fd, struct msghdr *msg, int flags);
	ssize_t (*write)(void *pd, int fd, const void *buf, size_t n);
	ssize_t (*writev)(void *pd, int fd, const struct iovec *iov, int n);
	ssize_t (*send)(void *pd, int fd, const void *buf, size_t n, int flags);
	ssize_t (*sendto)(void *pd, int fd, const void *buf, size_t n, int flags,
			  const struct sockaddr *addr, socklen_t len);
	ssize_t (*sendmsg)(void *pd, int fd, const struct msghdr *msg, int flags);
	int (*fcntl)(void *pd, int fd, int cmd, ...);
	int (*ioctl)(void *pd, int fd, unsigned long request, ...);
	int (*close)(void *pd, int fd);
	int (*shutdown)(void *pd, int fd, int how);
	int (*getsockopt)(void *pd, int fd, int level, int name, void *val, socklen_t *len);
	int (*setsockopt)(void *pd, int fd, int level, int name, const void *val, socklen_t len);
	int (*poll)(void *pd, struct pollfd *fds, nfds_t n, int timeout);
	int (*netdev_send)(void *pd, const void *packet, size_t len);
	int (*netdev_receive)(void *pd, void *packet, size_t *len, long long *usecs);
	int (*usleep)(void *pd, useconds_t usecs);
	int (*gettimeofday)(void *pd, struct timeval *tv, struct timezone *tz);
	int (*epoll_create)(void *pd, int size);
	int (*epoll_ctl)(void *pd, int epfd, int op, int fd, struct epoll_event *event);
	int (*epoll_wait)(void *pd, int epfd, struct epoll_event *events, int max, int timeout);
	int (*pipe)(void *pd, int fds[2]);
	int (*splice)(void *pd, int fd_in, loff_t *off_in, int fd_out, loff_t *off_out, size_t len,
		      unsigned flags);
};

#endif
