/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/sockets/same.h - the same calls on the kernel's sockets and on skiff's, written down for comparison.
 *
 * A program of test cases includes this once. Each case runs twice, in a network namespace of the kernel's own and in one of a
 * shard, both set up by the same words of `ip`; what each call returned is written into a transcript, and the two must be equal.
 * Without root the kernel's half can not run: the program says so and skips (exit 77).
 */
#ifndef TESTS_SOCKETS_SAME_H
#define TESTS_SOCKETS_SAME_H

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include "lab/ipwords.h"
#include "skiff/socket.h"

/* A program need not use all of what follows. */
#define SAME_MAY __attribute__((unused))

static struct {
	struct skiff *skiff; /* NULL: the kernel */
	struct skiff_net *net;
	uint64_t now;
	FILE *out;
} same;

static void *same_alloc(void *arg, size_t size, size_t align)
{
	return aligned_alloc(align, (size + align - 1) / align * align);
}

static void same_free(void *arg, void *p)
{
	free(p);
}

/** say() - a line of the transcript */
static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(same.out, fmt, ap);
	va_end(ap);
	fputc('\n', same.out);
}

/* Everything under way arrives. */
static void settle(void)
{
	if (!same.skiff) {
		/* lo delivers within the call; a moment for what is left to a thread. */
		usleep(200);
		return;
	}
	for (int i = 0; i < 20; i++)
		skiff_turn(same.skiff, same.now);
}

static int same_ifindex(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(same.net, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

/** ip() - what `ip` is told; it must succeed on both sides */
static SAME_MAY void ip(const char *line)
{
	const struct ipwords_env env = { same_ifindex, NULL };
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "", cmd[300];
	int n;

	if (!same.skiff) {
		snprintf(cmd, sizeof(cmd), "ip %s", line);
		n = system(cmd) ? -1 : 0;
	} else {
		n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));
		if (n > 0)
			n = skiff_netlink(same.net, msg, (size_t)n, NULL, NULL);
	}
	if (n < 0) {
		fprintf(stderr, "ip %s: %d %s\n", line, n, why);
		exit(2);
	}
	settle();
}

static SAME_MAY void set(const char *key, const char *value)
{
	char cmd[300];
	int n;

	if (!same.skiff) {
		snprintf(cmd, sizeof(cmd), "sysctl -qw %s='%s'", key, value);
		n = system(cmd) ? -1 : 0;
	} else {
		n = skiff_sysctl_set(same.net, key, value);
	}
	if (n < 0) {
		fprintf(stderr, "%s=%s: %d\n", key, value, n);
		exit(2);
	}
}

#define SAME(skiff_call, kernel_call)                                      \
	({                                                                 \
		long r_ = same.skiff ? (long)(skiff_call) : (kernel_call); \
		if (!same.skiff && r_ < 0)                                 \
			r_ = -errno;                                       \
		settle();                                                  \
		r_;                                                        \
	})

static SAME_MAY struct sockaddr_in at(const char *addr, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, addr, &sin.sin_addr);
	return sin;
}

static SAME_MAY int s_socket(int type, int proto)
{
	return (int)SAME(skiff_socket(same.net, AF_INET, type, proto),
			 socket(AF_INET, type, proto));
}

static SAME_MAY int s_close(int fd)
{
	return (int)SAME(skiff_close(same.skiff, fd), close(fd));
}

static SAME_MAY int s_bind(int fd, const char *addr, int port)
{
	struct sockaddr_in sin = at(addr, port);

	return (int)SAME(skiff_bind(same.skiff, fd, (struct sockaddr *)&sin, sizeof(sin)),
			 bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

static SAME_MAY int s_connect(int fd, const char *addr, int port)
{
	struct sockaddr_in sin = at(addr, port);

	return (int)SAME(skiff_connect(same.skiff, fd, (struct sockaddr *)&sin, sizeof(sin)),
			 connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

static SAME_MAY int s_disconnect(int fd)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return (int)SAME(skiff_connect(same.skiff, fd, &sa, sizeof(sa)),
			 connect(fd, &sa, sizeof(sa)));
}

static SAME_MAY int s_set(int fd, int level, int name, const void *val, uint32_t len)
{
	return (int)SAME(skiff_setsockopt(same.skiff, fd, level, name, val, len),
			 setsockopt(fd, level, name, val, len));
}

static SAME_MAY int s_setint(int fd, int level, int name, int val)
{
	return s_set(fd, level, name, &val, sizeof(val));
}

static SAME_MAY int s_get(int fd, int level, int name, void *val, uint32_t *len)
{
	return (int)SAME(skiff_getsockopt(same.skiff, fd, level, name, val, len),
			 getsockopt(fd, level, name, val, len));
}

static SAME_MAY long s_sendmsg(int fd, struct msghdr *m, int flags)
{
	return SAME(skiff_sendmsg(same.skiff, fd, m, flags),
		    sendmsg(fd, m, flags | MSG_DONTWAIT | MSG_NOSIGNAL));
}

static SAME_MAY long s_recvmsg(int fd, struct msghdr *m, int flags)
{
	return SAME(skiff_recvmsg(same.skiff, fd, m, flags | MSG_DONTWAIT),
		    recvmsg(fd, m, flags | MSG_DONTWAIT));
}

static SAME_MAY long s_send(int fd, const void *buf, size_t len, int flags)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	return s_sendmsg(fd, &m, flags);
}

static SAME_MAY long s_sendto(int fd, const void *buf, size_t len, int flags, const char *addr,
			      int port)
{
	struct sockaddr_in sin = at(addr, port);
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_name = &sin, .msg_namelen = sizeof(sin)
	};

	return s_sendmsg(fd, &m, flags);
}

static SAME_MAY int s_getname(int fd, int peer, struct sockaddr_in *sin)
{
	uint32_t len = sizeof(*sin);

	memset(sin, 0, sizeof(*sin));
	if (peer)
		return (int)SAME(skiff_getpeername(same.skiff, fd, (struct sockaddr *)sin, &len),
				 getpeername(fd, (struct sockaddr *)sin, &len));
	return (int)SAME(skiff_getsockname(same.skiff, fd, (struct sockaddr *)sin, &len),
			 getsockname(fd, (struct sockaddr *)sin, &len));
}

static SAME_MAY int s_poll(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLERR | POLLRDHUP | POLLPRI };
	int n = (int)SAME(skiff_poll(same.skiff, &p, 1), poll(&p, 1, 0));

	return n < 0 ? n : p.revents;
}

static SAME_MAY int s_ioctl(int fd, unsigned long cmd)
{
	int val = -1;
	int err = (int)SAME(skiff_ioctl(same.skiff, fd, cmd, &val), ioctl(fd, cmd, &val));

	return err ? err : val;
}

/* ---- what is said about results ---- */

static SAME_MAY const char *hex(const void *p, size_t n)
{
	static char buf[4][600];
	static int turn;
	char *b = buf[turn = (turn + 1) & 3];
	size_t i;

	for (i = 0; i < n && i < 250; i++)
		sprintf(b + 2 * i, "%02x", ((const unsigned char *)p)[i]);
	b[2 * i] = 0;
	return b;
}

static SAME_MAY void say_name(const char *what, int fd)
{
	struct sockaddr_in own, peer;
	int a = s_getname(fd, 0, &own), b = s_getname(fd, 1, &peer);
	char s1[20], s2[20];

	inet_ntop(AF_INET, &own.sin_addr, s1, sizeof(s1));
	inet_ntop(AF_INET, &peer.sin_addr, s2, sizeof(s2));
	say("%s: own %d %s:%d peer %d %s:%d", what, a, s1, ntohs(own.sin_port), b, s2,
	    ntohs(peer.sin_port));
}

/** say_recv() - one recvmsg() with all that it tells: data (digest if long), address, control messages, flags */
static SAME_MAY void say_recv(const char *what, int fd, size_t room, int flags)
{
	static unsigned char buf[70000];
	char ctl[1000];
	struct sockaddr_in sin;
	struct iovec iov = { buf, room };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_name = &sin,
			    .msg_namelen = sizeof(sin),
			    .msg_control = ctl,
			    .msg_controllen = sizeof(ctl) };
	unsigned sum = 0;
	size_t have;
	long n;

	memset(buf, 0, sizeof(buf));
	memset(&sin, 0, sizeof(sin));
	memset(ctl, 0, sizeof(ctl));
	n = s_recvmsg(fd, &m, flags);
	if (n < 0) {
		say("%s: recv %ld", what, n);
		return;
	}
	have = (size_t)n < room ? (size_t)n : room;
	for (size_t i = 0; i < have; i++)
		sum = sum * 31 + buf[i];
	say("%s: recv %ld flags %x from %s:%d namelen %d data %s sum %x", what, n,
	    m.msg_flags & ~MSG_CMSG_CLOEXEC, m.msg_namelen ? inet_ntoa(sin.sin_addr) : "-",
	    m.msg_namelen ? ntohs(sin.sin_port) : 0, (int)m.msg_namelen,
	    hex(buf, have < 64 ? have : 64), sum);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		say("  cmsg %d/%d %s", c->cmsg_level, c->cmsg_type,
		    hex(CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0)));
}

/* ---- running ---- */

struct same_case {
	const char *name;
	void (*run)(void);
};

static void same_setup(void)
{
	ip("link set lo up");
	ip("addr add 10.1.0.1/24 dev lo");
	ip("addr add 10.1.0.2/24 dev lo");
	if (same.skiff) {
		static const uint8_t mac0[6] = { 2, 0, 0, 0, 0, 1 }, mac1[6] = { 2, 0, 0, 0, 0, 2 };

		if (skiff_veth_create(same.net, "d0", mac0, same.net, "d1", mac1))
			exit(2);
	} else {
		ip("link add d0 type veth peer name d1");
	}
	ip("link set d0 up");
	ip("link set d1 up");
	ip("addr add 10.2.0.1/24 brd 10.2.0.255 dev d0");
}

static void same_kernel(const struct same_case *c, FILE *out)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (unshare(CLONE_NEWNET))
			_exit(77);
		same.skiff = NULL;
		same.out = out;
		same_setup();
		c->run();
		fflush(out);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		printf("the kernel's half of %s: status %x\n", c->name, status);
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
}

static void same_skiff(const struct same_case *c, FILE *out)
{
	struct skiff_env env = { .alloc = same_alloc,
				 .free = same_free,
				 .wall_ns = 1700000000000000000ull };

	same.now = 1000000000;
	same.skiff = skiff_create(&env);
	same.net = skiff_net_create(same.skiff, "h");
	same.out = out;
	same_setup();
	c->run();
	fflush(out);
	skiff_destroy(same.skiff);
	same.skiff = NULL;
}

static char *slurp(FILE *f)
{
	long n = ftell(f);
	char *s;

	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	s = calloc(1, (size_t)n + 1);
	if (fread(s, 1, (size_t)n, f) != (size_t)n)
		exit(2);
	return s;
}

/* The first lines that differ, with what stood before. */
static int same_compare(const char *name, char *k, char *s)
{
	char *kl, *sl, *ks, *ss;
	int line = 0, bad = 0;

	kl = strtok_r(k, "\n", &ks);
	sl = strtok_r(s, "\n", &ss);
	while (kl || sl) {
		line++;
		if (!kl || !sl || strcmp(kl, sl)) {
			printf("%s line %d\n  kernel: %s\n  skiff:  %s\n", name, line,
			       kl ? kl : "(end)", sl ? sl : "(end)");
			bad++;
		}
		kl = kl ? strtok_r(NULL, "\n", &ks) : NULL;
		sl = sl ? strtok_r(NULL, "\n", &ss) : NULL;
	}
	return bad;
}

/** same_main() - all cases, or those whose name is given; each twice */
static int same_main(const struct same_case *cases, int argc, char **argv)
{
	int bad = 0, ran = 0;

	if (geteuid()) {
		printf("needs root for a network namespace of the kernel's\n");
		return 77;
	}
	for (; cases->name; cases++) {
		FILE *fk = tmpfile(), *fs = tmpfile();
		char *k, *s;

		if (argc > 1 && strcmp(argv[1], cases->name))
			continue;
		same_kernel(cases, fk);
		same_skiff(cases, fs);
		k = slurp(fk);
		s = slurp(fs);
		if (getenv("SAME_SHOW"))
			printf("== %s\n%s", cases->name, k);
		if (!*k) {
			printf("%s says nothing\n", cases->name);
			bad++;
		}
		bad += same_compare(cases->name, k, s);
		free(k);
		free(s);
		fclose(fk);
		fclose(fs);
		ran++;
	}
	printf("%d cases, %d lines differ\n", ran, bad);
	return bad ? 1 : 0;
}

#endif
