// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_stream_msg.c - sends and receives with flags, addresses and control messages; urgent bytes. */
#include "gap.h"

#include <linux/sockios.h>

static void with_address(void)
{
	struct sockaddr_in to = loopback(1);
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	say_ret("sendto", sendto(s[0], "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)));
	settle();
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say(" %s", buf);
	say_ret("fault", sendto(s[0], "hello", 5, 0, nowhere(), sizeof(to)));
	say_ret("long", sendto(s[0], "hello", 5, 0, (struct sockaddr *)&to, 4096));
}

static void message_with_address(void)
{
	struct sockaddr_in to = loopback(1);
	struct iovec v = { "hello", 5 };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &v, .msg_iovlen = 1
	};
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	say_ret("sendmsg", sendmsg(s[0], &m, 0));
	settle();
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say(" %s", buf);
}

static void receive_address(void)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	write(s[0], "hello", 5);
	settle();
	say_ret("recvfrom", recvfrom(s[1], buf, 3, 0, (struct sockaddr *)&from, &len));
	say(" len=%d", (int)len);
}

static void receive_message(void)
{
	struct sockaddr_in from;
	char buf[16] = "", room[64];
	struct iovec v = { buf, sizeof(buf) };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = room,
			    .msg_controllen = sizeof(room),
			    .msg_flags = 77 };
	int s[2];

	tcp_pair(s);
	write(s[0], "hello", 5);
	settle();
	say_ret("recvmsg", recvmsg(s[1], &m, 0));
	say(" name=%d control=%d flags=%x %s", (int)m.msg_namelen, (int)m.msg_controllen,
	    m.msg_flags, buf);
}

static void send_message(void)
{
	struct iovec v[] = { { "ab", 2 }, { "cde", 3 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	say_ret("sendmsg", sendmsg(s[0], &m, MSG_NOSIGNAL));
	settle();
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say(" %s", buf);
	say_ret("fault", sendmsg(s[0], nowhere(), 0));
	m.msg_iovlen = 5000;
	say_ret("pieces", sendmsg(s[0], &m, 0));
}

static void many_messages(void)
{
	struct iovec out[] = { { "ab", 2 }, { "cde", 3 } };
	struct mmsghdr o[2] = { { .msg_hdr = { .msg_iov = &out[0], .msg_iovlen = 1 } },
				{ .msg_hdr = { .msg_iov = &out[1], .msg_iovlen = 1 } } };
	char a[4] = "", b[4] = "";
	struct iovec in[] = { { a, 3 }, { b, 3 } };
	struct mmsghdr i[2] = { { .msg_hdr = { .msg_iov = &in[0], .msg_iovlen = 1 } },
				{ .msg_hdr = { .msg_iov = &in[1], .msg_iovlen = 1 } } };
	int s[2];

	tcp_pair(s);
	say_ret("sendmmsg", sendmmsg(s[0], o, 2, 0));
	say(" %u %u", o[0].msg_len, o[1].msg_len);
	settle();
	say_ret("recvmmsg", recvmmsg(s[1], i, 2, MSG_DONTWAIT, NULL));
	say(" %u %u %s %s", i[0].msg_len, i[1].msg_len, a, b);
}

static void rights_ignored(void)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int s[2];

	tcp_pair(s);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	say_ret("sendmsg", sendmsg(s[0], &m, 0));
	settle();
	say_ret("read", read(s[1], room, 4));
}

static void bad_control(void)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int s[2];

	tcp_pair(s);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = 7777;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	say_ret("sendmsg", sendmsg(s[0], &m, 0));
}

static void discarded(void)
{
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	write(s[0], "hello world", 11);
	settle();
	say_ret("trunc", recv(s[1], NULL, 6, MSG_TRUNC));
	say_ret("peek", recv(s[1], NULL, 9, MSG_TRUNC | MSG_PEEK));
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say(" %s", buf);
	say_ret("empty", recv(s[1], NULL, 6, MSG_TRUNC | MSG_DONTWAIT));
	set_timeout(s[1], SO_RCVTIMEO, 50);
	say_ret("timeout", recv(s[1], NULL, 6, MSG_TRUNC));
}

static void discarded_message(void)
{
	char buf[16] = "";
	struct iovec v = { buf, 6 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	int s[2];

	tcp_pair(s);
	write(s[0], "hello world", 11);
	settle();
	say_ret("trunc", recvmsg(s[1], &m, MSG_TRUNC));
	say(" untouched=%d", !buf[0]);
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say(" %s", buf);
}

static void discard_waits(void)
{
	int s[2];

	tcp_pair(s);
	if (fork() == 0) {
		usleep(60000);
		write(s[0], "abc", 3);
		pause();
	}
	say_ret("trunc", recv(s[1], NULL, 100, MSG_TRUNC));
}

static void error_queue(void)
{
	char buf[16];
	struct iovec v = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	int s[2];

	tcp_pair(s);
	say_ret("recvmsg", recvmsg(s[0], &m, MSG_ERRQUEUE));
	say_ret("recv", recv(s[0], buf, sizeof(buf), MSG_ERRQUEUE));
}

static void more(void)
{
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	say_ret("more", send(s[0], "hel", 3, MSG_MORE));
	say_ret("last", send(s[0], "lo", 2, 0));
	say_ret("read", recv(s[1], buf, 5, MSG_WAITALL));
	say(" %s", buf);
}

static void corked(void)
{
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	set_int(s[0], IPPROTO_TCP, TCP_CORK, 1);
	write(s[0], "hello", 5);
	settle();
	say_ret("corked", recv(s[1], buf, 5, MSG_DONTWAIT));
	set_int(s[0], IPPROTO_TCP, TCP_CORK, 0);
	settle();
	say_ret("open", recv(s[1], buf, 5, MSG_DONTWAIT));
}

/* ---- urgent ---- */

static void urgent(void)
{
	int s[2];
	char c = 0;

	tcp_pair(s);
	say_ret("send", send(s[0], "u", 1, MSG_OOB));
	say_poll(s[1]);
	say_ret("recv", recv(s[1], &c, 1, MSG_OOB));
	say(" %c", c);
	say_ret("again", recv(s[1], &c, 1, MSG_OOB));
	say_poll(s[1]);
}

static void urgent_none(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	say_ret("recv", recv(s[1], &c, 1, MSG_OOB));
}

static void urgent_mark(void)
{
	int s[2], at = -1;
	char buf[16] = "";

	tcp_pair(s);
	write(s[0], "abc", 3);
	settle();
	send(s[0], "u", 1, MSG_OOB);
	settle();
	write(s[0], "def", 3);
	settle();
	ioctl(s[1], SIOCATMARK, &at);
	say(" mark=%d", at);
	say_ret("before", read(s[1], buf, sizeof(buf)));
	ioctl(s[1], SIOCATMARK, &at);
	say(" mark=%d", at);
	say_ret("urgent", recv(s[1], buf, 1, MSG_OOB));
	say(" %c", buf[0]);
	say_ret("after", read(s[1], buf, sizeof(buf)));
	ioctl(s[1], SIOCATMARK, &at);
	say(" mark=%d", at);
}

static void urgent_mark_count(void)
{
	int s[2], n = -1;

	tcp_pair(s);
	write(s[0], "abc", 3);
	settle();
	send(s[0], "u", 1, MSG_OOB);
	settle();
	write(s[0], "def", 3);
	settle();
	ioctl(s[1], FIONREAD, &n);
	say(" before=%d", n);
}

static void urgent_last_of_many(void)
{
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	say_ret("send", send(s[0], "abcd", 4, MSG_OOB));
	settle();
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say(" %s", buf);
	say_ret("urgent", recv(s[1], buf, 1, MSG_OOB));
	say(" %c", buf[0]);
}

static void urgent_inline(void)
{
	int s[2], value = 0, at = -1;
	char buf[16] = "";

	tcp_pair(s);
	set_int(s[1], SOL_SOCKET, SO_OOBINLINE, 1);
	getsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &value, &(socklen_t){ 4 });
	say(" inline=%d", value);
	write(s[0], "abc", 3);
	settle();
	send(s[0], "u", 1, MSG_OOB);
	settle();
	write(s[0], "def", 3);
	settle();
	say_ret("before", read(s[1], buf, sizeof(buf)));
	ioctl(s[1], SIOCATMARK, &at);
	say(" mark=%d", at);
	say_ret("after", read(s[1], buf, sizeof(buf)));
	say(" %s", buf);
	say_ret("recv", recv(s[1], buf, 1, MSG_OOB));
}

static void urgent_signal(void)
{
	int s[2];

	tcp_pair(s);
	on_signal(SIGURG, SA_RESTART);
	fcntl(s[1], F_SETOWN, getpid());
	send(s[0], "u", 1, MSG_OOB);
	settle();
	say(" signals=%d", signals_seen());
}

static void urgent_passed(void)
{
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	send(s[0], "u", 1, MSG_OOB);
	settle();
	write(s[0], "abc", 3);
	settle();
	/* Reading on leaves the urgent byte behind. */
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say(" %s", buf);
	say_ret("urgent", recv(s[1], buf, 1, MSG_OOB));
}

static void urgent_epoll(void)
{
	int s[2], ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLPRI };

	tcp_pair(s);
	epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &e);
	write(s[0], "x", 1);
	say_ret("quiet", epoll_wait(ep, &e, 1, 50));
	send(s[0], "u", 1, MSG_OOB);
	say_ret("urgent", epoll_wait(ep, &e, 1, 500));
	say(" events=%x", e.events);
}

const struct gap_check gap_stream_msg[] = {
	{ "with-address", with_address },
	{ "message-with-address", message_with_address },
	{ "receive-address", receive_address },
	{ "receive-message", receive_message },
	{ "send-message", send_message },
	{ "many-messages", many_messages },
	{ "rights-ignored", rights_ignored },
	{ "bad-control", bad_control },
	{ "discarded", discarded },
	{ "discarded-message", discarded_message },
	{ "discard-waits", discard_waits },
	{ "error-queue", error_queue },
	{ "more", more },
	{ "corked", corked },
	{ "urgent", urgent },
	{ "urgent-none", urgent_none },
	{ "urgent-mark", urgent_mark },
	{ "urgent-mark-count", urgent_mark_count },
	{ "urgent-last-of-many", urgent_last_of_many },
	{ "urgent-inline", urgent_inline },
	{ "urgent-signal", urgent_signal },
	{ "urgent-passed", urgent_passed },
	{ "urgent-epoll", urgent_epoll },
	{ NULL, NULL },
};
