// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/raw_same.c - raw, ping and UDP-Lite sockets on the kernel and on skiff: the same calls, the same answers. */
#include "same.h"

#define ICMP_ECHO      8
#define ICMP_ECHOREPLY 0
#define UDPLITE	       136
#define SOL_RAW_       255
#define ICMP_FILTER_   1
#define ERRS	       0x2000

static uint16_t sum16(const void *p, size_t n)
{
	const unsigned char *b = p;
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (uint32_t)b[i] << (i & 1 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* An echo request of @n bytes in all. */
static void echo(unsigned char *p, size_t n, int type, int id, int seq)
{
	uint16_t sum;

	memset(p, 'e', n);
	p[0] = (unsigned char)type;
	p[1] = p[2] = p[3] = 0;
	p[4] = (unsigned char)(id >> 8);
	p[5] = (unsigned char)id;
	p[6] = (unsigned char)(seq >> 8);
	p[7] = (unsigned char)seq;
	sum = sum16(p, n);
	memcpy(p + 2, &sum, 2);
}

/* A packet with its IP header, without what chance decides: id and checksum. */
static void say_packet(const char *what, int fd, int flags)
{
	unsigned char buf[2000];
	struct sockaddr_in sin;
	char ctl[500];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_name = &sin,
			    .msg_namelen = sizeof(sin),
			    .msg_control = ctl,
			    .msg_controllen = sizeof(ctl) };
	long n;

	memset(&sin, 0, sizeof(sin));
	n = s_recvmsg(fd, &m, flags);
	if (n >= 20) {
		buf[4] = buf[5] = buf[10] = buf[11] = 0;
		/* An error quotes another such header. */
		if (n >= 48 && buf[9] == IPPROTO_ICMP && buf[20] == 3)
			memset(buf + 22, 0, 2), memset(buf + 32, 0, 2), memset(buf + 38, 0, 2);
		say("%s: %ld from %s:%d %s", what, n, inet_ntoa(sin.sin_addr), ntohs(sin.sin_port),
		    hex(buf, (size_t)(n < 60 ? n : 60)));
	} else {
		say("%s: %ld", what, n);
	}
	for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		say("  cmsg %d/%d %s", c->cmsg_level, c->cmsg_type,
		    hex(CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0)));
}

static void case_create(void)
{
	static const int types[] = { SOCK_STREAM,    SOCK_DGRAM, SOCK_RAW, SOCK_RDM,
				     SOCK_SEQPACKET, 11,	 -1 };
	static const int protos[] = { 0, 1, 2, 17, 136, 255, 256, 300, -1 };

	for (unsigned t = 1; t < 7; t++) {
		for (unsigned p = 0; p < 9; p++) {
			int fd = s_socket(types[t], protos[p]);

			say("type %d protocol %d: %d", types[t], protos[p], fd < 0 ? fd : 0);
			if (fd >= 0)
				s_close(fd);
		}
	}
}

static void case_echo(void)
{
	int r = s_socket(SOCK_RAW, IPPROTO_ICMP), all = s_socket(SOCK_RAW, IPPROTO_ICMP);
	unsigned char p[40];
	uint32_t filter = ~(1U << ICMP_ECHOREPLY), len = 4;

	echo(p, 40, ICMP_ECHO, 77, 1);
	say("filter %d", s_set(r, SOL_RAW_, ICMP_FILTER_, &filter, 4));
	filter = 0;
	say("get %d %u", s_get(r, SOL_RAW_, ICMP_FILTER_, &filter, &len), filter);
	s_setint(r, SOL_IP, IP_PKTINFO, 1);
	s_setint(r, SOL_IP, IP_RECVTTL, 1);
	s_setint(r, SOL_IP, IP_RECVTOS, 1);
	say("send %ld", s_sendto(r, p, 40, 0, "10.1.0.2", 0));
	say_packet("reply", r, 0);
	say_packet("no more", r, 0);
	say_packet("all: request", all, 0);
	say_packet("all: reply", all, 0);
	say("one byte %ld", s_sendto(r, p, 1, 0, "10.1.0.2", 0));
	say("no byte %ld", s_sendto(r, p, 0, 0, "10.1.0.2", 0));
	say("ttl %d", s_setint(r, SOL_IP, IP_TTL, 9));
	say("tos %d", s_setint(r, SOL_IP, IP_TOS, 0x48));
	say("dont %d", s_setint(r, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT));
	echo(p, 20, ICMP_ECHO, 78, 1);
	say("send %ld", s_sendto(r, p, 20, 0, "10.1.0.2", 0));
	say_packet("reply", r, 0);
	say_packet("all: request", all, 0);
	say_packet("all: reply", all, 0);
	say("connect %d", s_connect(r, "10.1.0.2", 0));
	say_name("connected", r);
	say("send %ld", s_send(r, p, 20, 0));
	say_packet("reply", r, MSG_TRUNC);
	say("disconnect %d", s_disconnect(r));
	say_name("disconnected", r);
	say("bind %d", s_bind(r, "10.1.0.1", 5));
	say_name("bound", r);
	say("bind foreign %d", s_bind(all, "10.9.9.9", 0));
	say("inq %d poll %x", s_ioctl(r, FIONREAD), s_poll(r));
}

static void case_hdrincl(void)
{
	int s = s_socket(SOCK_RAW, IPPROTO_RAW), r = s_socket(SOCK_RAW, 200), val = 0;
	unsigned char p[60];
	uint32_t len = 4;

	memset(p, 0, sizeof(p));
	p[0] = 0x45;
	p[8] = 33;
	p[9] = 200;
	inet_pton(AF_INET, "10.1.0.2", p + 16);
	memset(p + 20, 'd', 40);
	say("hdrincl %d %d", s_get(s, SOL_IP, IP_HDRINCL, &val, &len), val);
	say("send %ld", s_sendto(s, p, 60, 0, "10.1.0.2", 0));
	say_packet("fixed up", r, 0);
	p[0] = 0x46;
	p[20] = 1;
	p[21] = 1;
	p[22] = 1;
	p[23] = 0;
	say("options %ld", s_sendto(s, p, 60, 0, "10.1.0.2", 0));
	say_packet("options", r, 0);
	p[0] = 0x4f;
	say("ihl beyond %ld", s_sendto(s, p, 50, 0, "10.1.0.2", 0));
	p[0] = 0x44;
	say("ihl 4 %ld", s_sendto(s, p, 50, 0, "10.1.0.2", 0));
	say_packet("ihl 4", r, 0);
	p[0] = 0x45;
	say("short %ld", s_sendto(s, p, 19, 0, "10.1.0.2", 0));
	p[6] = 0x40;
	inet_pton(AF_INET, "1.2.3.4", p + 12);
	say("foreign source %ld", s_sendto(s, p, 60, 0, "10.1.0.2", 0));
	say_packet("foreign source", r, 0);
	say("recv of raw %d", s_poll(s) & POLLIN);
	say("own header on 200 %d", s_setint(r, SOL_IP, IP_HDRINCL, 1));
	memset(p + 12, 0, 4);
	say("send %ld", s_sendto(r, p, 60, 0, "10.1.0.2", 0));
	say_packet("own", r, 0);
	ip("link set lo mtu 1500");
	{
		static unsigned char big[2000];

		memcpy(big, p, 20);
		s_setint(r, SOL_IP, IP_RECVERR, 1);
		say("too long %ld", s_sendto(r, big, 1501, 0, "10.1.0.2", 0));
		say_recv("error", r, 100, ERRS);
		say("fits %ld", s_sendto(r, big, 1500, 0, "10.1.0.2", 0));
	}
}

static void case_copies(void)
{
	int u = s_socket(SOCK_RAW, IPPROTO_UDP), a = s_socket(SOCK_DGRAM, 0),
	    b = s_socket(SOCK_DGRAM, 0);
	int i = s_socket(SOCK_RAW, IPPROTO_ICMP);

	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "10.1.0.2", 2000);
	s_sendto(b, "data", 4, 0, "10.1.0.1", 1000);
	say_packet("copy", u, 0);
	say_recv("itself", a, 100, 0);
	s_connect(u, "10.1.0.2", 0);
	s_sendto(a, "data", 4, 0, "10.1.0.2", 2000);
	say_packet("not from the peer", u, 0);
	s_sendto(b, "data", 4, 0, "10.1.0.1", 9);
	say_packet("from the peer", u, 0);
	say_packet("port unreachable", i, 0);
	s_setint(u, SOL_IP, IP_RECVERR, 1);
	say("raw udp %ld", s_send(u, "\x07\xd0\x00\x09\x00\x08\x00\x00", 8, 0));
	say_recv("its error", u, 100, ERRS);
	say("poll %x", s_poll(u));
	say_recv("recv", u, 100, 0);
	say("more %ld", s_send(u, "abcdefgh", 8, MSG_MORE));
	say("end %ld", s_send(u, "ijkl", 4, 0));
}

static void case_noproto(void)
{
	int r = s_socket(SOCK_RAW, 200), i = s_socket(SOCK_RAW, IPPROTO_ICMP);

	s_connect(r, "10.1.0.2", 0);
	say("taken %ld", s_send(r, "abcdefgh", 8, 0));
	say_packet("own copy", r, 0);
	s_bind(r, "10.1.0.1", 0);
	s_close(r);
	r = s_socket(SOCK_RAW, 201);
	s_bind(r, "10.1.0.1", 0);
	s_connect(r, "10.1.0.2", 0);
	say("refused %ld", s_send(r, "abcdefgh", 8, 0));
	say_packet("unreachable", i, 0);
	say_packet("not connected to it", r, 0);
	say("poll %x", s_poll(r));
	say("nodefrag %d", s_setint(r, SOL_IP, IP_NODEFRAG, 1));
	say("router alert %d again %d", s_setint(r, SOL_IP, IP_ROUTER_ALERT, 1),
	    s_setint(r, SOL_IP, IP_ROUTER_ALERT, 1));
	say("off %d again %d", s_setint(r, SOL_IP, IP_ROUTER_ALERT, 0),
	    s_setint(r, SOL_IP, IP_ROUTER_ALERT, 0));
}

static void case_ping(void)
{
	int p, q;
	unsigned char b[40] = { 0 };

	p = s_socket(SOCK_DGRAM, IPPROTO_ICMP);
	say("not allowed %d", p);
	set("net.ipv4.ping_group_range", "0 0");
	p = s_socket(SOCK_DGRAM, IPPROTO_ICMP);
	q = s_socket(SOCK_DGRAM, IPPROTO_ICMP);
	say("allowed %d", p >= 0);
	say("bind %d again %d", s_bind(p, "10.1.0.1", 500), s_bind(p, "10.1.0.1", 501));
	say("same %d", s_bind(q, "10.1.0.1", 500));
	say_name("bound", p);
	say("foreign %d group %d", s_bind(q, "10.9.9.9", 1), s_bind(q, "224.0.0.1", 1));
	s_setint(p, SOL_IP, IP_RECVTTL, 1);
	s_setint(p, SOL_IP, IP_PKTINFO, 1);
	echo(b, 30, ICMP_ECHO, 9, 3);
	say("no peer %ld", s_send(p, b, 30, 0));
	say("echo %ld", s_sendto(p, b, 30, 0, "10.1.0.2", 0));
	say_recv("reply", p, 100, 0);
	say_recv("none", p, 100, 0);
	say("short %ld", s_sendto(p, b, 7, 0, "10.1.0.2", 0));
	say("eight %ld", s_sendto(p, b, 8, 0, "10.1.0.2", 0));
	say_recv("reply", p, 100, 0);
	b[0] = ICMP_ECHOREPLY;
	say("reply %ld", s_sendto(p, b, 30, 0, "10.1.0.2", 0));
	b[0] = ICMP_ECHO;
	b[1] = 1;
	say("code 1 %ld", s_sendto(p, b, 30, 0, "10.1.0.2", 0));
	b[1] = 0;
	say("oob %ld", s_sendto(p, b, 30, MSG_OOB, "10.1.0.2", 0));
	say("connect %d", s_connect(p, "10.1.0.2", 7));
	say_name("connected", p);
	say("send %ld", s_send(p, b, 31, 0));
	say_recv("reply", p, 10, 0);
	say("ioctl %d", s_ioctl(p, FIONREAD));
	s_setint(p, SOL_IP, IP_RECVERR, 1);
	s_setint(p, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	ip("link set lo mtu 1500");
	{
		static unsigned char big[3000];

		echo(big, sizeof(big), ICMP_ECHO, 9, 3);
		say("too long %ld", s_send(p, big, 2000, 0));
		say_recv("error", p, 100, ERRS);
		s_setint(p, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
		say("fragments %ld", s_send(p, big, 2000, 0));
		say_recv("reply", p, 3000, 0);
	}
	say("no route %ld", s_sendto(p, b, 30, 0, "192.0.2.1", 0));
}

static void case_udplite(void)
{
	static const int covs[] = { 0, 1, 8, 12, 20, 100 };
	int a = s_socket(SOCK_DGRAM, UDPLITE), b = s_socket(SOCK_DGRAM, UDPLITE);
	int raw = s_socket(SOCK_RAW, UDPLITE), u = s_socket(SOCK_DGRAM, 0);

	s_bind(a, "10.1.0.1", 1000);
	say("other table %d", s_bind(u, "10.1.0.1", 1000));
	s_bind(b, "10.1.0.2", 2000);
	for (unsigned i = 0; i < 6; i++) {
		for (unsigned j = 0; j < 6; j++) {
			s_setint(b, UDPLITE, 10, covs[i]);
			s_setint(a, UDPLITE, 11, covs[j]);
			say("send %d want %d: %ld", covs[i], covs[j],
			    s_sendto(b, "0123456789", 10, 0, "10.1.0.1", 1000));
			if (j == 0)
				say_packet("on the wire", raw, 0);
			else
				s_recvmsg(raw, &(struct msghdr){ 0 }, 0);
			say_recv("got", a, 100, 0);
		}
	}
	say("segments %d", s_setint(b, SOL_UDP, 103, 5));
	say("segments %ld", s_sendto(b, "0123456789", 10, 0, "10.1.0.1", 1000));
	say("refused %ld", s_sendto(u, "x", 1, 0, "10.1.0.2", 2000));
	say_recv("no", b, 10, 0);
}

static const struct same_case cases[] = {
	{ "create", case_create },   { "echo", case_echo },
	{ "hdrincl", case_hdrincl }, { "copies", case_copies },
	{ "noproto", case_noproto }, { "ping", case_ping },
	{ "udplite", case_udplite }, { NULL, NULL },
};

int main(int argc, char **argv)
{
	return same_main(cases, argc, argv);
}
