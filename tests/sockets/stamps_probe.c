// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/stamps_probe.c - stamps_probe kernel|skiff: control messages of SOL_SOCKET, time stamps and the error queue.
 *
 * Times themselves are not printed, only whether there is one; of statistics the types of the attributes.
 */
#include <errno.h>
#include <time.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/tcp.h>
#include <string.h>

#include "api.h"

static const char *scene = "";

static struct sockaddr_in at(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	a.sin_addr.s_addr = htonl(0x7f000001);
	return a;
}

static int set(int fd, int name, int val)
{
	return api_setsockopt(fd, SOL_SOCKET, name, &val, sizeof(val));
}

static void show_ee(const struct cmsghdr *c)
{
	const struct sock_extended_err *ee = (const void *)CMSG_DATA(c);

	printf(" ee(%u origin %u type %u code %u info %u data %u)", ee->ee_errno, ee->ee_origin,
	       ee->ee_type, ee->ee_code, ee->ee_info, ee->ee_data);
}

static void show_attributes(const struct cmsghdr *c)
{
	const unsigned char *p = CMSG_DATA(c), *end = p + c->cmsg_len - CMSG_LEN(0);

	printf(" [");
	while (p + 4 <= end) {
		unsigned short a[2];

		memcpy(a, p, 4);
		/* The hop limit of the ACK is told by the kernel alone. */
		if (a[1] != 26)
			printf(" %u:%u", a[1], a[0]);
		p += (a[0] + 3) & ~3;
	}
	printf(" ]");
}

static void show_cmsg(const struct cmsghdr *c)
{
	const long *t = (const void *)CMSG_DATA(c);
	const unsigned *n = (const void *)CMSG_DATA(c);

	if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) {
		show_ee(c);
		return;
	}
	printf(" (%d %d", c->cmsg_level, c->cmsg_type);
	if (c->cmsg_level != SOL_SOCKET) {
		printf(" %zu", (size_t)(c->cmsg_len - CMSG_LEN(0)));
	} else if (c->cmsg_type == SCM_TIMESTAMPING_OPT_STATS) {
		show_attributes(c);
	} else if (c->cmsg_len == CMSG_LEN(4) && c->cmsg_type != SO_TIMESTAMPING) {
		printf(" = %u", n[0]);
	} else {
		printf(" %zu", (size_t)(c->cmsg_len - CMSG_LEN(0)));
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / 16; i++)
			printf(" %s", t[2 * i] > 1000000000 ? "now" : t[2 * i] ? "odd" : "0");
	}
	printf(")");
}

static void receive_room(int fd, int flags, size_t room)
{
	char buf[200], control[800];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room
	};
	long n;

	n = api_recvmsg(fd, &m, flags);
	printf("%s: recv %s", scene, errno_name(n));
	if (n >= 0) {
		printf(" flags %x", m.msg_flags);
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
			show_cmsg(c);
	}
	printf("\n");
}

static void receive(int fd, int flags)
{
	receive_room(fd, flags, 800);
}

static void send_cmsg(int fd, const struct sockaddr_in *to, int type, const void *val, size_t len)
{
	char control[100] = { 0 };
	struct iovec iov = { "0123456789", 10 };
	struct msghdr m = { .msg_name = (void *)to,
			    .msg_namelen = sizeof(*to),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = CMSG_SPACE(len) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), val, len);
	printf("%s: send with %d of %zu -> %s\n", scene, type, len,
	       errno_name(api_sendmsg(fd, &m, 0)));
}

static void errors(int fd, int most)
{
	printf("%s: ready %x\n", scene, api_events(fd) & 0xb);
	while (most--)
		receive(fd, MSG_ERRQUEUE);
}

static void udp_receive(void)
{
	struct sockaddr_in a = at(9300);
	static const int opts[] = { 29, 35, 63, 64 };
	int fd = api_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), mark = 77;

	api_bind(fd, &a, sizeof(a));
	for (int i = 0; i < 4; i++) {
		set(fd, opts[i], 1);
		api_sendto(fd, "x", 1, 0, &a, sizeof(a));
		api_idle();
		receive(fd, 0);
	}
	for (int i = 0; i < 4; i++)
		set(fd, opts[i], 0);
	set(fd, 37, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
	set(fd, SO_RXQ_OVFL, 1);
	set(fd, 75 /* RCVMARK */, 1);
	set(fd, 82 /* RCVPRIORITY */, 1);
	set(fd, SO_MARK, mark);
	api_sendto(fd, "x", 1, 0, &a, sizeof(a));
	api_idle();
	receive(fd, MSG_PEEK);
	receive_room(fd, MSG_PEEK, 0);
	receive_room(fd, MSG_PEEK, 20);
	receive_room(fd, MSG_PEEK, 70);
	receive(fd, 0);
	set(fd, SO_RCVBUF, 0);
	for (int i = 0; i < 20; i++)
		api_sendto(fd, "x", 1, 0, &a, sizeof(a));
	api_idle();
	receive(fd, 0);
	receive(fd, 0);
	receive(fd, 0);
	receive(fd, 0);
	receive(fd, 0);
	api_sendto(fd, "x", 1, 0, &a, sizeof(a));
	api_idle();
	receive(fd, 0);
	api_close(fd);
}

static void udp_send(unsigned flags)
{
	struct sockaddr_in a = at(9301);
	int fd = api_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int r = api_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	unsigned ask = SOF_TIMESTAMPING_TX_SOFTWARE, none = 0, id = 4711;
	unsigned long txtime = 1;

	api_bind(r, &a, sizeof(a));
	printf("%s: set %x -> %s\n", scene, flags, errno_name(set(fd, 37, (int)flags)));
	api_sendto(fd, "0123456789", 10, 0, &a, sizeof(a));
	api_sendto(fd, "0123456789", 10, 0, &a, sizeof(a));
	api_idle();
	errors(fd, 5);
	send_cmsg(fd, &a, 37, &ask, 4);
	send_cmsg(fd, &a, 37, &none, 4);
	send_cmsg(fd, &a, 37, &ask, 3);
	send_cmsg(fd, &a, 81, &id, 4);
	send_cmsg(fd, &a, SO_PRIORITY, &ask, 4);
	send_cmsg(fd, &a, SO_MARK, &id, 4);
	send_cmsg(fd, &a, SO_TXTIME, &txtime, 8);
	send_cmsg(fd, &a, SCM_RIGHTS, &none, 4);
	send_cmsg(fd, &a, 99, &none, 4);
	api_idle();
	errors(fd, 8);
	api_close(fd);
	api_close(r);
}

static void tcp(unsigned flags)
{
	struct sockaddr_in a = at(9302);
	int l = api_socket(AF_INET, SOCK_STREAM, 0), s;
	int c = api_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	set(l, SO_REUSEADDR, 1);
	api_bind(l, &a, sizeof(a));
	api_listen(l, 1);
	printf("%s: set %x before -> %s\n", scene, flags, errno_name(set(c, 37, (int)flags)));
	api_connect(c, &a, sizeof(a));
	api_idle();
	s = api_accept4(l, NULL, NULL, SOCK_NONBLOCK);
	api_sendto(c, "abc", 3, 0, NULL, 0);
	api_idle();
	printf("%s: set %x -> %s\n", scene, flags, errno_name(set(c, 37, (int)flags)));
	set(s, 37, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
	api_sendto(c, "0123456789", 10, 0, NULL, 0);
	api_idle();
	receive(s, 0);
	api_sendto(c, "0123456789", 10, 0, NULL, 0);
	api_idle();
	receive(s, 0);
	errors(c, 7);
	api_close(c);
	api_close(s);
	api_close(l);
}

int main(int argc, char **argv)
{
	static const unsigned flags[] = {
		SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE,
		SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID,
		SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_SCHED |
			SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
			SOF_TIMESTAMPING_OPT_TSONLY,
		SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY |
			SOF_TIMESTAMPING_OPT_CMSG,
		SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE |
			SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY |
			SOF_TIMESTAMPING_OPT_STATS,
		SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
			1 << 16 /* OPT_ID_TCP */ | SOF_TIMESTAMPING_OPT_TSONLY,
	};

	if (argc != 2)
		return 2;
	api_start(argv[1]);
	scene = "udp in";
	udp_receive();
	for (int i = 0; i < 6; i++) {
		scene = "udp out";
		udp_send(flags[i]);
		scene = "tcp";
		tcp(flags[i]);
	}
	api_end();
	return 0;
}
