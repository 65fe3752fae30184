/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/sockets/api.h - the calls of sockets twice: the running kernel's and skiff's, behind one set of names.
 *
 * What a probe does with them is printed; a test compares the two texts. Answers are a value or a negative errno.
 */
#ifndef TESTS_SOCKETS_API_H
#define TESTS_SOCKETS_API_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

/** api_start() - "kernel" (the namespace of the process, with lo up) or "skiff"; exits if it can not */
void api_start(const char *which);
/** api_idle() - packets that are on their way arrive */
void api_idle(void);
void api_end(void);

int api_socket(int family, int type, int protocol);
int api_close(int fd);
int api_bind(int fd, const void *addr, uint32_t len);
int api_connect(int fd, const void *addr, uint32_t len);
int api_listen(int fd, int backlog);
int api_accept4(int fd, void *addr, uint32_t *len, int flags);
int api_getsockname(int fd, void *addr, uint32_t *len);
int api_getpeername(int fd, void *addr, uint32_t *len);
int api_shutdown(int fd, int how);
int api_setsockopt(int fd, int level, int name, const void *val, uint32_t len);
int api_getsockopt(int fd, int level, int name, void *val, uint32_t *len);
long api_sendto(int fd, const void *buf, size_t len, int flags, const void *addr, uint32_t alen);
long api_recvfrom(int fd, void *buf, size_t len, int flags, void *addr, uint32_t *alen);
long api_sendmsg(int fd, const struct msghdr *msg, int flags);
long api_recvmsg(int fd, struct msghdr *msg, int flags);
int api_ioctl(int fd, unsigned long cmd, void *arg);
int api_events(int fd);

/** errno_name() - "0", "EINVAL", ... of a negative errno; a number for values >= 0 */
const char *errno_name(long err);

#endif
