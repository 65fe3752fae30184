// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/api.c - the calls of sockets twice: see api.h. */
#include "api.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lab/ipwords.h"
#include "skiff/socket.h"

static struct skiff *skiff; /* NULL: the kernel's are used */
static struct skiff_net *net;
static uint64_t now;

static int ifindex_of(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(net, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

static void ip(const char *line)
{
	const struct ipwords_env env = { ifindex_of, NULL };
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "";
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n > 0)
		n = skiff_netlink(net, msg, (size_t)n, NULL, NULL);
	if (n < 0) {
		fprintf(stderr, "%s: %s\n", line, why);
		exit(2);
	}
}

void api_start(const char *which)
{
	struct skiff_env env = { .seed = { 1 }, .wall_ns = 1700000000000000000ull };

	if (!strcmp(which, "kernel"))
		return;
	skiff = skiff_create(&env);
	net = skiff ? skiff_net_create(skiff, "test") : NULL;
	if (!net)
		exit(2);
	ip("link set lo up");
	if (skiff_sysctl_set(net, "net.ipv4.ping_group_range", "0 2147483647"))
		exit(2);
	/* As a program finds 0, 1 and 2 taken. */
	for (int i = 0; i < 3; i++)
		skiff_epoll_create(skiff);
	api_idle();
}

/* Virtual time stands still but for what is due now: lo takes none. */
void api_idle(void)
{
	if (!skiff)
		usleep(200);
	for (int i = 0; skiff && i < 100 && skiff_turn(skiff, now); i++)
		;
}

void api_end(void)
{
	if (skiff)
		skiff_destroy(skiff);
}

static long answer(long r)
{
	return r < 0 ? -errno : r;
}

#define CALL(kernel, ours) (skiff ? (ours) : answer(kernel))

int api_socket(int family, int type, int protocol)
{
	return (int)CALL(socket(family, type, protocol), skiff_socket(net, family, type, protocol));
}

int api_close(int fd)
{
	return (int)CALL(close(fd), skiff_close(skiff, fd));
}

int api_bind(int fd, const void *addr, uint32_t len)
{
	return (int)CALL(bind(fd, addr, len), skiff_bind(skiff, fd, addr, len));
}

int api_connect(int fd, const void *addr, uint32_t len)
{
	return (int)CALL(connect(fd, addr, len), skiff_connect(skiff, fd, addr, len));
}

int api_listen(int fd, int backlog)
{
	return (int)CALL(listen(fd, backlog), skiff_listen(skiff, fd, backlog));
}

int api_accept4(int fd, void *addr, uint32_t *len, int flags)
{
	return (int)CALL(accept4(fd, addr, len, flags), skiff_accept4(skiff, fd, addr, len, flags));
}

int api_getsockname(int fd, void *addr, uint32_t *len)
{
	return (int)CALL(getsockname(fd, addr, len), skiff_getsockname(skiff, fd, addr, len));
}

int api_getpeername(int fd, void *addr, uint32_t *len)
{
	return (int)CALL(getpeername(fd, addr, len), skiff_getpeername(skiff, fd, addr, len));
}

int api_shutdown(int fd, int how)
{
	return (int)CALL(shutdown(fd, how), skiff_shutdown(skiff, fd, how));
}

int api_setsockopt(int fd, int level, int name, const void *val, uint32_t len)
{
	return (int)CALL(setsockopt(fd, level, name, val, len),
			 skiff_setsockopt(skiff, fd, level, name, val, len));
}

int api_getsockopt(int fd, int level, int name, void *val, uint32_t *len)
{
	return (int)CALL(getsockopt(fd, level, name, val, len),
			 skiff_getsockopt(skiff, fd, level, name, val, len));
}

long api_sendto(int fd, const void *buf, size_t len, int flags, const void *addr, uint32_t alen)
{
	return CALL(sendto(fd, buf, len, flags | MSG_NOSIGNAL, addr, alen),
		    skiff_sendto(skiff, fd, buf, len, flags | MSG_NOSIGNAL, addr, alen));
}

long api_recvfrom(int fd, void *buf, size_t len, int flags, void *addr, uint32_t *alen)
{
	return CALL(recvfrom(fd, buf, len, flags, addr, alen),
		    skiff_recvfrom(skiff, fd, buf, len, flags, addr, alen));
}

long api_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return CALL(sendmsg(fd, msg, flags | MSG_NOSIGNAL),
		    skiff_sendmsg(skiff, fd, msg, flags | MSG_NOSIGNAL));
}

long api_recvmsg(int fd, struct msghdr *msg, int flags)
{
	return CALL(recvmsg(fd, msg, flags), skiff_recvmsg(skiff, fd, msg, flags));
}

int api_ioctl(int fd, unsigned long cmd, void *arg)
{
	return (int)CALL(ioctl(fd, cmd, arg), skiff_ioctl(skiff, fd, cmd, arg));
}

int api_events(int fd)
{
	struct pollfd p = { fd, 0x3fff, 0 };

	if (skiff)
		return skiff_poll(skiff, &p, 1) < 0 ? -1 : p.revents;
	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

const char *errno_name(long err)
{
	static char number[24];
	const char *name = err < 0 ? strerrorname_np((int)-err) : NULL;

	if (name)
		return name;
	snprintf(number, sizeof(number), "%ld", err);
	return number;
}
