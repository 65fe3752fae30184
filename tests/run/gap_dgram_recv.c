// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_dgram_recv.c - datagrams received: natively and with addresses, in order, in parts, in time. */
#include "gap_dgram.h"

#include <sys/time.h>
#include <sys/uio.h>

static void native(void)
{
	int s[2];
	char buf[16] = "";

	udp_pair(s);
	send(s[0], "one", 3, 0);
	send(s[0], "", 0, 0);
	write(s[0], "three", 5);
	settle();
	say_poll(s[1]);
	say_ret("recv", recv(s[1], buf, sizeof(buf), 0));
	say_ret("recv", recv(s[1], buf, sizeof(buf), 0));
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say_ret("again", recv(s[1], buf, sizeof(buf), MSG_DONTWAIT));
	say_poll(s[1]);
}

static void from(void)
{
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);
	int s[2];
	char buf[16] = "";

	udp_pair(s);
	send(s[0], "hello", 5, 0);
	settle();
	say_ret("recvfrom", recvfrom(s[1], buf, sizeof(buf), 0, (struct sockaddr *)&at, &len));
	say(" %s len=%d family=%d peer=%d", buf, (int)len, at.sin_family,
	    at.sin_port == port_of(s[0]));
	say_ret("again",
		recvfrom(s[1], buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&at, &len));
}

/* Some read with an address, some without: each datagram comes once, in order. */
static void mixed(void)
{
	struct sockaddr_in at;
	int s[2];

	udp_pair(s);
	for (int i = 0; i < 30; i++) {
		char c = (char)('a' + i % 26);

		send(s[0], &c, 1, 0);
	}
	settle();
	for (int i = 0; i < 30; i++) {
		socklen_t len = sizeof(at);
		char c = '-';

		if (i % 3)
			recv(s[1], &c, 1, MSG_DONTWAIT);
		else
			recvfrom(s[1], &c, 1, MSG_DONTWAIT, (struct sockaddr *)&at, &len);
		say("%c", c);
		if (i % 10 == 9)
			settle();
	}
	say_poll(s[1]);
}

static void peek(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int s[2];
	char buf[16] = "";

	udp_pair(s);
	send(s[0], "first", 5, 0);
	send(s[0], "second", 6, 0);
	settle();
	say_ret("peek", recv(s[1], buf, sizeof(buf), MSG_PEEK));
	say_ret("peekfrom", recvfrom(s[1], buf, 2, MSG_PEEK, (struct sockaddr *)&at, &len));
	say_ret("recv", recv(s[1], buf, sizeof(buf), 0));
	say_ret("peekfrom", recvfrom(s[1], buf, 16, MSG_PEEK, (struct sockaddr *)&at, &len));
	say_ret("recvfrom", recvfrom(s[1], buf, 16, 0, (struct sockaddr *)&at, &len));
	say_poll(s[1]);
}

static void truncated(void)
{
	int s[2];
	char buf[16] = "";

	udp_pair(s);
	for (int i = 0; i < 4; i++)
		send(s[0], "abcdefgh", 8, 0);
	settle();
	say_ret("recv", recv(s[1], buf, 3, 0));
	say_ret("trunc", recv(s[1], buf, 3, MSG_TRUNC));
	say_ret("peek", recv(s[1], buf, 3, MSG_TRUNC | MSG_PEEK));
	say_ret("none", recv(s[1], NULL, 0, MSG_TRUNC));
	say_ret("rest", recv(s[1], buf, sizeof(buf), MSG_DONTWAIT));
	say_ret("again", recv(s[1], buf, sizeof(buf), MSG_DONTWAIT));
}

static void message(void)
{
	struct sockaddr_in at;
	char a[3] = "", b[16] = "", room[64];
	struct iovec v[2] = { { a, 2 }, { b, 4 } };
	struct msghdr m = { .msg_name = &at,
			    .msg_namelen = sizeof(at),
			    .msg_iov = v,
			    .msg_iovlen = 2,
			    .msg_control = room,
			    .msg_controllen = sizeof(room) };
	int s[2];

	udp_pair(s);
	send(s[0], "abcdefgh", 8, 0);
	settle();
	say_ret("recvmsg", recvmsg(s[1], &m, 0));
	say(" %s|%.4s namelen=%u controllen=%zu flags=%#x", a, b, m.msg_namelen, m.msg_controllen,
	    (unsigned)m.msg_flags);
}

static void say_control(struct msghdr *m)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h))
		say(" (%d,%d,%zu)", h->cmsg_level, h->cmsg_type, h->cmsg_len);
	say(" flags=%#x", (unsigned)m->msg_flags);
}

static void control(void)
{
	char buf[16], room[512];
	struct iovec v = { buf, sizeof(buf) };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)
	};
	int s[2];

	udp_pair(s);
	set_int(s[1], IPPROTO_IP, IP_PKTINFO, 1);
	set_int(s[1], IPPROTO_IP, IP_RECVTTL, 1);
	set_int(s[1], IPPROTO_IP, IP_RECVTOS, 1);
	set_int(s[1], SOL_SOCKET, SO_TIMESTAMP, 1);
	set_int(s[0], IPPROTO_IP, IP_TOS, 0x10);
	send(s[0], "x", 1, 0);
	send(s[0], "y", 1, 0);
	settle();
	say_ret("recvmsg", recvmsg(s[1], &m, 0));
	say_control(&m);
	m.msg_controllen = 40;
	say_ret("short", recvmsg(s[1], &m, 0));
	say_control(&m);
}

static void several(void)
{
	char buf[4][8] = { "" };
	struct iovec v[4];
	struct mmsghdr m[4] = { 0 };
	struct timespec ts = { 1, 0 }, bad = { -1, 0 };
	int s[2];

	udp_pair(s);
	for (int i = 0; i < 4; i++) {
		v[i] = (struct iovec){ buf[i], 8 };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &v[i], .msg_iovlen = 1 };
	}
	for (int i = 0; i < 3; i++)
		send(s[0], "abcdef", (size_t)i + 1, 0);
	settle();
	say_ret("recvmmsg", recvmmsg(s[1], m, 2, 0, NULL));
	say(" %u %u", m[0].msg_len, m[1].msg_len);
	say_ret("one", recvmmsg(s[1], m, 4, MSG_WAITFORONE, &ts));
	say(" %u", m[0].msg_len);
	say_ret("none", recvmmsg(s[1], m, 4, MSG_DONTWAIT, NULL));
	say_ret("bad", recvmmsg(s[1], m, 4, 0, &bad));
	set_timeout(s[1], SO_RCVTIMEO, 50);
	send(s[0], "ab", 2, 0);
	say_ret("late", recvmmsg(s[1], m, 4, 0, NULL));
}

static void timeouts(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int s[2];
	char buf[8];

	udp_pair(s);
	set_timeout(s[1], SO_RCVTIMEO, 40);
	say_ret("recv", recv(s[1], buf, sizeof(buf), 0));
	say_ret("recvfrom", recvfrom(s[1], buf, sizeof(buf), 0, (struct sockaddr *)&at, &len));
	nonblock(s[1]);
	say_ret("nonblock", recvfrom(s[1], buf, sizeof(buf), 0, (struct sockaddr *)&at, &len));
}

static void waits(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int s[2];
	char buf[8];

	udp_pair(s);
	if (!fork()) {
		settle();
		send(s[0], "one", 3, 0);
		settle();
		send(s[0], "two!", 4, 0);
		_exit(0);
	}
	say_ret("recvfrom", recvfrom(s[1], buf, sizeof(buf), 0, (struct sockaddr *)&at, &len));
	say_ret("recv", recv(s[1], buf, sizeof(buf), 0));
}

static void interrupted(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int s[2];
	char buf[8];

	udp_pair(s);
	on_signal(SIGALRM, 0);
	alarm_in(40);
	say_ret("recvfrom", recvfrom(s[1], buf, sizeof(buf), 0, (struct sockaddr *)&at, &len));
	on_signal(SIGALRM, SA_RESTART);
	if (!fork()) {
		settle();
		settle();
		settle();
		send(s[0], "late", 4, 0);
		_exit(0);
	}
	alarm_in(30);
	len = sizeof(at);
	say_ret("restarted", recvfrom(s[1], buf, sizeof(buf), 0, (struct sockaddr *)&at, &len));
	say(" signals=%d", signals_seen());
}

/*
 * Signals at any moment: each datagram is sent once and received once. A signal that comes within the microsecond of an answer
 * makes the kernel throw the answer away though it says that it took it; such a datagram is lost (docs/compatibility.md), so a few may be.
 */
static void storm(void)
{
	struct itimerval often = { { 0, 500 }, { 0, 500 } };
	struct sockaddr_in at = { 0 }, to = loopback(0);
	int s[2], wrong = 0;

	udp_pair(s);
	to.sin_port = port_of(s[1]);
	on_signal(SIGALRM, SA_RESTART);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 1500; i++) {
		int got = -1;

		if (sendto(s[0], &i, sizeof(i), 0, (struct sockaddr *)&to, sizeof(to)) != sizeof(i))
			wrong++;
		for (int tries = 0; got != i && tries < 200; tries++) {
			socklen_t len = sizeof(at);

			if (recvfrom(s[1], &got, sizeof(got), MSG_DONTWAIT, (struct sockaddr *)&at,
				     &len) < 0)
				usleep(100);
			else
				wrong += got != i;
		}
		wrong += got < 0;
	}
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	say(" wrong=%s signals=%d", wrong <= 5 ? "few" : "many", signals_seen() > 0);
}

static void next_size(void)
{
	int s[2], n = -1;
	char buf[16];

	udp_pair(s);
	say_ret("FIONREAD", ioctl(s[1], FIONREAD, &n));
	say(" %d", n);
	send(s[0], "12345", 5, 0);
	send(s[0], "123", 3, 0);
	settle();
	ioctl(s[1], FIONREAD, &n);
	say(" %d", n);
	recv(s[1], buf, sizeof(buf), 0);
	ioctl(s[1], FIONREAD, &n);
	say(" %d", n);
}

static void edge(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int s[2], e = epoll_create1(0);
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	char buf[8];

	udp_pair(s);
	must("epoll_ctl", epoll_ctl(e, EPOLL_CTL_ADD, s[1], &ev));
	send(s[0], "a", 1, 0);
	say_ret("wait", epoll_wait(e, &ev, 1, 1000));
	say_ret("again", epoll_wait(e, &ev, 1, 30));
	send(s[0], "b", 1, 0);
	settle();
	say_ret("more", epoll_wait(e, &ev, 1, 1000));
	for (int i = 0; i < 3; i++)
		say_ret("recvfrom",
			recvfrom(s[1], buf, 8, MSG_DONTWAIT, (struct sockaddr *)&at, &len));
	say_ret("empty", epoll_wait(e, &ev, 1, 30));
}

/* What does not fit the receive buffer is dropped, however it is read. */
static void overflow(void)
{
	int s[2], n = 0;
	char buf[1000] = "";

	udp_pair(s);
	set_int(s[1], SOL_SOCKET, SO_RCVBUF, 8192);
	for (int i = 0; i < 64; i++)
		send(s[0], buf, sizeof(buf), 0);
	settle();
	while (recv(s[1], buf, sizeof(buf), MSG_DONTWAIT) > 0) {
		n++;
		settle();
	}
	say(" received=%d", n);
}

static void largest(void)
{
	static char buf[65508];
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int s[2];

	udp_pair(s);
	for (int i = 0; i < 2; i++) {
		say_ret("send", send(s[0], buf, 65507, 0));
		settle();
		say_ret("recv",
			i ? recvfrom(s[1], buf, sizeof(buf), 0, (struct sockaddr *)&at, &len) :
			    recv(s[1], buf, sizeof(buf), 0));
		settle();
	}
}

static void faults(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at), bad = (socklen_t)-1;
	int s[2];
	char buf[8];

	udp_pair(s);
	for (int i = 0; i < 3; i++)
		send(s[0], "x", 1, 0);
	settle();
	say_ret("data", recvfrom(s[1], nowhere(), 8, 0, (struct sockaddr *)&at, &len));
	say_ret("length", recvfrom(s[1], buf, 8, 0, (struct sockaddr *)&at, &bad));
	say_ret("left", recv(s[1], buf, 8, MSG_DONTWAIT));
}

static void shut_for_reading(void)
{
	int s[2];
	char buf[8];

	udp_pair(s);
	say_ret("unconnected", shutdown(s[1], SHUT_RD));
	say_ret("shutdown", shutdown(s[0], SHUT_RD));
	say_ret("recv", recv(s[0], buf, 8, 0));
	say_ret("send", send(s[0], "x", 1, 0));
	settle();
	say_ret("peer", recv(s[1], buf, 8, MSG_DONTWAIT));
}

const struct gap_check gap_dgram_recv[] = {
	{ "udp_recv", native },
	{ "udp_recvfrom", from },
	{ "udp_recv_mixed", mixed },
	{ "udp_peek", peek },
	{ "udp_trunc", truncated },
	{ "udp_recvmsg", message },
	{ "udp_recvmsg_control", control },
	{ "udp_recvmmsg", several },
	{ "udp_rcvtimeo", timeouts },
	{ "udp_recv_waits", waits },
	{ "udp_recv_interrupted", interrupted },
	{ "udp_storm", storm },
	{ "udp_fionread", next_size },
	{ "udp_epoll_edge", edge },
	{ "udp_overflow", overflow },
	{ "udp_largest", largest },
	{ "udp_recv_faults", faults },
	{ "udp_shutdown_read", shut_for_reading },
	{ NULL, NULL },
};
