// SPDX-License-Identifier: BSD-2-Clause
/* syscall/names.c - queries of programs to their name servers, answered here; names.h has the idea. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/names.h"
#include "syscall/names_wire.h"
#include "syscall/usermsg.h"

#define DNS_PORT    53
#define RESOLV_MAX  4096u /* bytes of resolv.conf that are read */
#define DEFAULT_TTL 64
#define MMSG_MAX    1024u

/* ---- which servers ---- */

static size_t read_resolv_conf(int pid, char *text, size_t size)
{
	char path[64];
	struct stat st;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/root/etc/resolv.conf", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return 0;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		n = read(fd, text, size - 1);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

static bool is_named(int pid, struct in_addr addr)
{
	char text[RESOLV_MAX], word[64], *line, *save = NULL;
	bool any = false;

	text[read_resolv_conf(pid, text, sizeof(text))] = 0;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct in_addr server;

		if (sscanf(line, "nameserver %63s", word) != 1)
			continue;
		any = true;
		if (inet_pton(AF_INET, word, &server) == 1 && server.s_addr == addr.s_addr)
			return true;
	}
	return !any && addr.s_addr == htonl(INADDR_LOOPBACK);
}

bool names_is_server(struct call *c, const struct sockaddr *addr, unsigned len)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)addr;

	return c->run->env.resolve && len >= sizeof(*sin) && sin->sin_family == AF_INET &&
	       sin->sin_port == htons(DNS_PORT) && is_named((int)c->req.pid, sin->sin_addr);
}

/* ---- the answer ---- */

static bool resolve(void *arg, const char *name, uint32_t *addr)
{
	const struct endpoint *ep = arg;

	return ep->run->env.resolve(ep->run->env.arg, ep->net, name, addr);
}

/* Where the answer goes: the socket's own address, a port of its own if it has none yet. */
static bool local_address(struct endpoint *ep, struct sockaddr_in *sin)
{
	struct skiff *skiff = ep->run->skiff;
	uint32_t len = sizeof(*sin);

	if (skiff_getsockname(skiff, ep->sfd, (struct sockaddr *)sin, &len))
		return false;
	if (!sin->sin_port) {
		sin->sin_family = AF_INET;
		if (skiff_bind(skiff, ep->sfd, (struct sockaddr *)sin, sizeof(*sin)) ||
		    skiff_getsockname(skiff, ep->sfd, (struct sockaddr *)sin, &len))
			return false;
	}
	if (sin->sin_addr.s_addr == htonl(INADDR_ANY))
		sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return true;
}

struct reply {
	struct iphdr ip;
	struct udphdr udp;
	uint8_t data[NAMES_MESSAGE_MAX];
} __attribute__((packed));

void names_reply(struct skiff_run *run, struct skiff_net *net, const struct sockaddr_in *from,
		 const struct sockaddr_in *to, const void *data, size_t len)
{
	size_t total = offsetof(struct reply, data) + len;
	struct sockaddr_in dest = *to;
	struct reply r;
	int fd;

	if (len > sizeof(r.data))
		return;
	memcpy(r.data, data, len);
	r.ip = (struct iphdr){ .version = 4,
			       .ihl = 5,
			       .tot_len = htons((uint16_t)total),
			       .ttl = DEFAULT_TTL,
			       .protocol = IPPROTO_UDP,
			       .saddr = from->sin_addr.s_addr,
			       .daddr = to->sin_addr.s_addr };
	r.udp = (struct udphdr){ .source = from->sin_port,
				 .dest = to->sin_port,
				 .len = htons((uint16_t)(sizeof(r.udp) + len)) };
	dest.sin_port = 0;
	fd = skiff_socket(net, AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0)
		return;
	skiff_sendto(run->skiff, fd, &r, total, 0, (struct sockaddr *)&dest, sizeof(dest));
	skiff_close(run->skiff, fd);
}

bool names_query(struct endpoint *ep, const struct sockaddr *to, const void *buf, size_t len)
{
	struct sockaddr_in server, asker;
	uint32_t addrlen = sizeof(server);
	uint8_t answer[NAMES_ANSWER_MAX];
	size_t n;

	if (to)
		memcpy(&server, to, sizeof(server));
	else if (skiff_getpeername(ep->run->skiff, ep->sfd, (struct sockaddr *)&server, &addrlen))
		return false;
	n = names_answer(buf, len, resolve, ep, answer);
	if (!n || !local_address(ep, &asker))
		return true;
	if (names_is_unknown(answer) && relay_query(ep->run, ep->net, &server, &asker, buf, len))
		return true;
	names_reply(ep->run, ep->net, &server, &asker, answer, n);
	return true;
}

/* ---- calls ---- */

/* The message at @at (0: sendto()'s) goes to a name server. Bytes sent; -ENOENT: it does not; -errno */
static int64_t one(struct call *c, uint64_t at, bool connected, struct usermsg *m)
{
	struct sockaddr_storage to = { 0 };
	bool named;
	char buf[NAMES_MESSAGE_MAX];
	int64_t n = usermsg_get(c, at, m);

	if (n)
		return -ENOENT; /* the stack tells what is wrong with it */
	named = m->hdr.msg_name && m->hdr.msg_namelen;
	if (named) {
		n = call_get_addr(c, (uint64_t)(uintptr_t)m->hdr.msg_name, (int)m->hdr.msg_namelen,
				  &to);
		if (n < 0 || !names_is_server(c, (struct sockaddr *)&to, (unsigned)n))
			return -ENOENT;
	} else if (!connected) {
		return -ENOENT;
	}
	if (m->len > sizeof(buf))
		return -ENOENT;
	n = usermsg_gather(c, m, buf, sizeof(buf));
	if (n >= 0)
		names_query(c->ep, named ? (struct sockaddr *)&to : NULL, buf, (size_t)n);
	return n;
}

/* All messages of a sendmmsg() whose first goes to a name server. */
static int64_t several(struct call *c, bool connected, struct usermsg *m)
{
	unsigned n = (unsigned)call_arg(c, 2) < MMSG_MAX ? (unsigned)call_arg(c, 2) : MMSG_MAX, i;
	int64_t ret = n ? 0 : -ENOENT;

	for (i = 0; i < n; i++) {
		uint64_t at = call_arg(c, 1) + i * sizeof(struct mmsghdr);
		uint32_t len;

		ret = one(c, at, connected, m);
		if (ret < 0)
			break;
		len = (uint32_t)ret;
		ret = call_write(c, at + offsetof(struct mmsghdr, msg_len), &len, sizeof(len));
		if (ret)
			break;
	}
	return i ? (int64_t)i : ret;
}

bool names_call(struct call *c, bool connected)
{
	struct usermsg *m;
	int64_t ret;

	if (!c->run->env.resolve)
		return false;
	m = malloc(sizeof(*m));
	if (!m)
		return false;
	if (c->req.data.nr == __NR_sendmmsg)
		ret = several(c, connected, m);
	else
		ret = one(c, c->req.data.nr == __NR_sendmsg ? call_arg(c, 1) : 0, connected, m);
	free(m);
	if (ret == -ENOENT)
		return false;
	call_return_once(c, ret);
	return true;
}
