// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_stream_share.c - sockets as descriptors: duplicated, inherited, passed on, in files' calls. */
#include "gap.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

static void duplicate(void)
{
	int s[2], d;
	char c;

	tcp_pair(s);
	d = dup(s[0]);
	close(s[0]);
	nonblock(s[1]);
	settle();
	say_ret("open", read(s[1], &c, 1));
	say_ret("write", write(d, "x", 1));
	settle();
	say_ret("read", read(s[1], &c, 1));
	say_ret("getpeername",
		getpeername(d, (struct sockaddr *)(char[16]){ 0 }, &(socklen_t){ 16 }));
	close(d);
	settle();
	say_ret("closed", read(s[1], &c, 1));
}

static void forked(void)
{
	int s[2], value = 0;
	char c = 0;

	tcp_pair(s);
	if (fork() == 0) {
		set_int(s[0], IPPROTO_TCP, TCP_NODELAY, 1);
		write(s[0], "y", 1);
		_exit(0);
	}
	wait(NULL);
	say_ret("read", read(s[1], &c, 1));
	getsockopt(s[0], IPPROTO_TCP, TCP_NODELAY, &value, &(socklen_t){ 4 });
	say(" %c nodelay=%d", c, value);
	say_ret("write", write(s[0], "x", 1));
}

static void executed(void)
{
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	if (fork() == 0) {
		close(s[1]);
		dup2(s[0], 1);
		execl("/bin/echo", "echo", "from another program", NULL);
		_exit(1);
	}
	close(s[0]);
	say_ret("read", recv(s[1], buf, 12, MSG_WAITALL));
	say(" %.12s", buf);
	wait(NULL);
	settle();
	recv(s[1], buf, 9, MSG_WAITALL);
	say_ret("end", read(s[1], buf, 1));
}

static void send_fd(int over, int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	must("sendmsg", sendmsg(over, &m, 0));
}

static int receive_fd(int over)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 }, byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)
	};
	int fd = -1;

	must("recvmsg", recvmsg(over, &m, 0));
	if (CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

static void passed(void)
{
	int s[2], u[2], fd;
	char c;

	tcp_pair(s);
	must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, u));
	if (fork() == 0) {
		close(s[0]);
		close(s[1]);
		fd = receive_fd(u[1]);
		write(fd, "z", 1);
		shutdown(fd, SHUT_WR);
		_exit(0);
	}
	send_fd(u[0], s[0]);
	close(s[0]);
	wait(NULL);
	settle();
	say_ret("read", read(s[1], &c, 1));
	say_ret("end", read(s[1], &c, 1));
}

static void in_flight(void)
{
	int s[2], u[2];
	char c;

	tcp_pair(s);
	must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, u));
	send_fd(u[0], s[0]);
	close(s[0]);
	nonblock(s[1]);
	settle();
	say_ret("open", read(s[1], &c, 1));
	s[0] = receive_fd(u[1]);
	say_ret("write", write(s[0], "x", 1));
	settle();
	say_ret("read", read(s[1], &c, 1));
}

static int memory_file(size_t size)
{
	int fd = memfd_create("gap", 0);

	ftruncate(fd, (off_t)size);
	pwrite(fd, "begin", 5, 0);
	pwrite(fd, "end", 3, (off_t)size - 3);
	return fd;
}

static void send_file(void)
{
	int s[2], f = memory_file(100000);
	static char buf[100000];

	tcp_pair(s);
	if (fork() == 0) {
		off_t at = 0;

		while (at < 100000 && sendfile(s[0], f, &at, (size_t)(100000 - at)) > 0)
			;
		pause();
	}
	say_ret("read", recv(s[1], buf, sizeof(buf), MSG_WAITALL));
	say(" %.5s %.3s", buf, buf + 99997);
}

static void spliced(void)
{
	int s[2], p[2];
	char buf[16] = "";

	tcp_pair(s);
	pipe(p);
	write(p[1], "hello", 5);
	say_ret("out", splice(p[0], NULL, s[0], NULL, 5, 0));
	settle();
	say_ret("in", splice(s[1], NULL, p[1], NULL, 16, 0));
	say_ret("read", read(p[0], buf, sizeof(buf)));
	say(" %s", buf);
}

static void async_signal(void)
{
	int s[2];

	tcp_pair(s);
	on_signal(SIGIO, SA_RESTART);
	say_ret("F_SETOWN", fcntl(s[1], F_SETOWN, getpid()));
	say_ret("F_GETOWN", fcntl(s[1], F_GETOWN) == getpid());
	fcntl(s[1], F_SETFL, O_ASYNC | O_NONBLOCK);
	write(s[0], "x", 1);
	settle();
	say(" signals=%d", signals_seen() > 0);
}

static void file_calls(void)
{
	struct stat st;
	int s[2];

	tcp_pair(s);
	fstat(s[0], &st);
	say(" socket=%d", S_ISSOCK(st.st_mode));
	say_ret("lseek", lseek(s[0], 0, SEEK_CUR));
	say_ret("pread", pread(s[0], &st, 1, 0));
	say_ret("ftruncate", ftruncate(s[0], 0));
	say_ret("fsync", fsync(s[0]));
	say_ret("isatty", isatty(s[0]) ? 1 : -1);
}

static void set_later(void)
{
	int s[2], on = 1;
	char c;

	tcp_pair(s);
	nonblock(s[0]);
	say_ret("fcntl", read(s[0], &c, 1));
	fcntl(s[0], F_SETFL, 0);
	ioctl(s[0], FIONBIO, &on);
	say_ret("FIONBIO", read(s[0], &c, 1));
	say(" nonblock=%d", !!(fcntl(s[0], F_GETFL) & O_NONBLOCK));
}

static void shared_listener(void)
{
	int port, l = tcp_listener(5, &port), fd;
	char c = 0;

	if (fork() == 0) {
		fd = accept(l, NULL, NULL);
		write(fd, "c", 1);
		_exit(0);
	}
	close(l);
	fd = tcp_socket(0);
	say_ret("connect", tcp_connect(fd, port));
	say_ret("read", read(fd, &c, 1));
	say(" %c", c);
	wait(NULL);
	settle();
	say_ret("gone", tcp_connect(tcp_socket(0), port));
}

static void closed_by_exec(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	fcntl(s[0], F_SETFD, FD_CLOEXEC);
	if (fork() == 0) {
		close(s[1]);
		execl("/bin/sleep", "sleep", "0.3", NULL);
		_exit(1);
	}
	close(s[0]);
	settle();
	settle();
	nonblock(s[1]);
	say_ret("read", read(s[1], &c, 1));
}

static void use_after_fork(void)
{
	int s[2];
	char c;

	/* The last of several owners closes. */
	tcp_pair(s);
	if (fork() == 0) {
		usleep(400000);
		_exit(0);
	}
	close(s[0]);
	nonblock(s[1]);
	settle();
	say_ret("open", read(s[1], &c, 1));
	wait(NULL);
	settle();
	say_ret("closed", read(s[1], &c, 1));
}

const struct gap_check gap_stream_share[] = {
	{ "duplicate", duplicate },
	{ "forked", forked },
	{ "executed", executed },
	{ "passed", passed },
	{ "in-flight", in_flight },
	{ "send-file", send_file },
	{ "spliced", spliced },
	{ "async-signal", async_signal },
	{ "file-calls", file_calls },
	{ "set-later", set_later },
	{ "shared-listener", shared_listener },
	{ "closed-by-exec", closed_by_exec },
	{ "use-after-fork", use_after_fork },
	{ NULL, NULL },
};
