// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_sockopt.c - calls on datagram sockets with arbitrary options, control messages, lengths and addresses.
 *
 * The input is a list of calls: a byte says which (and on which of four sockets), the bytes behind it are its arguments, with
 * lengths as they come. Every buffer is a block of exactly its length, so that a byte read or written too far is seen;
 * what is sent goes over the loopback device and comes back to the sockets. At the end no memory may be left.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <netinet/in.h>

#include "lab/ipwords.h"
#include "skiff/socket.h"

#define SOCKETS 4
#define CALLS	64 /* of one input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p;
	size_t left;
	long live; /* allocations that are out */
	long fail_after;
};

static uint8_t u8_of(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

/* A block of exactly @n bytes, from the input as far as it goes; the caller frees it. */
static void *block(struct input *in, size_t n)
{
	size_t have = n < in->left ? n : in->left;
	uint8_t *b = malloc(n ? n : 1);

	if (!b)
		abort();
	memset(b, 0, n ? n : 1);
	memcpy(b, in->p, have);
	in->p += have;
	in->left -= have;
	return b;
}

static void *counted_alloc(void *arg, size_t size, size_t align)
{
	struct input *in = arg;

	if (in->fail_after >= 0 && in->fail_after-- == 0)
		return NULL;
	in->live++;
	return aligned_alloc(align, (size + align - 1) / align * align);
}

static void counted_free(void *arg, void *p)
{
	((struct input *)arg)->live -= p != NULL;
	free(p);
}

static int ifindex(void *arg, const char *name)
{
	return skiff_dev_ifindex(skiff_dev_find(arg, name));
}

static void ip(struct skiff_net *net, const char *line)
{
	const struct ipwords_env env = { ifindex, net };
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	char why[100];
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n > 0)
		skiff_netlink(net, msg, (size_t)n, NULL, NULL);
}

/* Addresses that exist, mostly. */
static void address(struct input *in, struct sockaddr_in *sin)
{
	static const uint32_t known[] = { 0x0a000001, 0x0a000002, 0,
					  0x7f000001, 0xef010101, 0x0a0000ff };
	uint8_t how = u8_of(in);

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = how < 240 ? AF_INET : how;
	sin->sin_port = htons((uint16_t)(1000 + (how & 3)));
	sin->sin_addr.s_addr = htonl(known[how % 6]);
}

/* Headers of control messages are put right, or nothing would ever get past them. */
static void repair_control(uint8_t *ctl, size_t len)
{
	static const int kinds[][2] = { { 0, 8 },  { 0, 2 },	{ 0, 1 },  { 0, 7 },
					{ 0, 52 }, { 17, 103 }, { 1, 36 }, { 1, 12 },
					{ 1, 37 }, { 1, 61 },	{ 1, 81 }, { 0, 99 } };

	for (size_t off = 0; len - off >= sizeof(struct cmsghdr);) {
		struct cmsghdr c;
		unsigned kind;

		memcpy(&c, ctl + off, sizeof(c));
		kind = (unsigned)c.cmsg_type % 12;
		c.cmsg_level = kinds[kind][0];
		c.cmsg_type = kinds[kind][1];
		c.cmsg_len = sizeof(c) + (c.cmsg_len & 63);
		memcpy(ctl + off, &c, sizeof(c));
		if (((c.cmsg_len + 7) & ~7UL) > len - off)
			break;
		off += (c.cmsg_len + 7) & ~7UL;
	}
}

static void send_call(struct skiff *skiff, struct input *in, int fd)
{
	size_t len = u8_of(in) * (size_t)(1 + (u8_of(in) & 15) * 20), ctl_len = u8_of(in);
	uint8_t how = u8_of(in);
	uint8_t *ctl = block(in, ctl_len), *buf = block(in, len);
	struct iovec iov[2] = { { buf, len / 3 }, { buf + len / 3, len - len / 3 } };
	struct sockaddr_in sin;
	struct msghdr m = {
		.msg_iov = iov, .msg_iovlen = 2, .msg_control = ctl, .msg_controllen = ctl_len
	};

	address(in, &sin);
	if (how & 1) {
		m.msg_name = &sin;
		m.msg_namelen = how & 2 ? sizeof(sin) : how & 15;
	}
	if (how & 4)
		repair_control(ctl, ctl_len);
	skiff_sendmsg(skiff, fd, &m,
		      (how & 8 ? MSG_MORE : 0) | (how & 16 ? MSG_CONFIRM | 0x10 : 0));
	free(ctl);
	free(buf);
}

static void recv_call(struct skiff *skiff, struct input *in, int fd)
{
	static const int flags[] = {
		0, MSG_PEEK, MSG_TRUNC, MSG_ERRQUEUE, MSG_PEEK | MSG_TRUNC, MSG_OOB, 0, 0
	};
	size_t len = u8_of(in) * 8u, ctl_len = u8_of(in);
	uint8_t *ctl = block(in, ctl_len), *buf = block(in, len);
	struct iovec iov = { buf, len };
	struct sockaddr_in sin;
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_name = &sin,
			    .msg_namelen = sizeof(sin),
			    .msg_control = ctl,
			    .msg_controllen = ctl_len };

	skiff_recvmsg(skiff, fd, &m, flags[u8_of(in) & 7]);
	free(ctl);
	free(buf);
}

static void option_call(struct skiff *skiff, struct input *in, int fd, int get)
{
	static const int levels[] = { SOL_IP, SOL_IP, SOL_IP, SOL_SOCKET, 17, 255, 136, 6 };
	int level = levels[u8_of(in) & 7], name = u8_of(in);
	uint32_t len = u8_of(in);
	void *val = block(in, len);

	if (get)
		skiff_getsockopt(skiff, fd, level, name, val, &len);
	else
		skiff_setsockopt(skiff, fd, level, name, val, len);
	free(val);
}

static void one_call(struct skiff *skiff, struct skiff_net *net, struct input *in, int *fds)
{
	static const int kinds[][2] = { { SOCK_DGRAM, 0 }, { SOCK_DGRAM, 136 }, { SOCK_RAW, 1 },
					{ SOCK_RAW, 200 }, { SOCK_RAW, 255 },	{ SOCK_DGRAM, 1 },
					{ SOCK_RAW, 17 },  { SOCK_DGRAM, 0 } };
	uint8_t op = u8_of(in);
	int *fd = &fds[op >> 4 & (SOCKETS - 1)];
	union {
		struct sockaddr_in sin;
		char room[32]; /* lengths beyond an address are taken, too */
	} to;

	memset(&to, 0, sizeof(to));
	switch (op & 15) {
	case 0:
		skiff_close(skiff, *fd);
		*fd = skiff_socket(net, AF_INET, kinds[op >> 5][0], kinds[op >> 5][1]);
		return;
	case 1:
	case 2:
		address(in, &to.sin);
		if (op & 1)
			skiff_bind(skiff, *fd, (struct sockaddr *)&to, u8_of(in) & 31);
		else
			skiff_connect(skiff, *fd, (struct sockaddr *)&to, u8_of(in) & 31);
		return;
	case 3:
	case 4:
	case 5:
		send_call(skiff, in, *fd);
		return;
	case 6:
	case 7:
		recv_call(skiff, in, *fd);
		return;
	case 8:
		option_call(skiff, in, *fd, 1);
		return;
	case 9:
		in->fail_after = u8_of(in) & 31;
		return;
	case 10:
		skiff_shutdown(skiff, *fd, u8_of(in) & 3);
		return;
	default:
		option_call(skiff, in, *fd, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, 0, -1 };
	struct skiff_env env = { .alloc = counted_alloc, .free = counted_free, .arg = &in };
	struct skiff *skiff = skiff_create(&env);
	struct skiff_net *net = skiff_net_create(skiff, "h");
	uint64_t now = 1000000;
	int fds[SOCKETS];

	ip(net, "link set lo up");
	ip(net, "addr add 10.0.0.1/24 dev lo");
	ip(net, "addr add 10.0.0.2/24 dev lo");
	skiff_sysctl_set(net, "net.ipv4.ping_group_range", "0 10");
	for (int i = 0; i < SOCKETS; i++)
		fds[i] = skiff_socket(net, AF_INET, SOCK_DGRAM, 0);
	for (int i = 0; i < CALLS && in.left; i++) {
		one_call(skiff, net, &in, fds);
		for (int j = 0; j < 4; j++)
			skiff_turn(skiff, now += 1000000);
	}
	in.fail_after = -1;
	skiff_destroy(skiff);
	if (in.live)
		abort();
	return 0;
}
