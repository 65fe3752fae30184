// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap.c - what programs see of sockets, a line a check: run on the kernel and under skiff, the lines should be the same.
 *
 * usage: gap [PART | CHECK]...    (all without arguments)
 * Environment: GAP_SETTLE: ms that packets and events may take (25).
 *
 * Each check runs in a process group of its own and has five seconds. It needs a loopback device and nothing else. gap.py compares.
 */
#include "gap.h"

#include <sys/time.h>
#include <time.h>

static const struct {
	const char *name;
	const struct gap_check *checks;
} parts[] = {
	{ "connect", gap_stream_connect }, { "connect-nb", gap_stream_connect_nb },
	{ "accept", gap_stream_accept },   { "close", gap_stream_close },
	{ "data", gap_stream_data },	   { "share", gap_stream_share },
	{ "msg", gap_stream_msg },	   { "opts", gap_stream_opts },
	{ "udp-recv", gap_dgram_recv },	   { "udp-send", gap_dgram_send },
};

/* ---- saying ---- */

static char line[4096];
static volatile sig_atomic_t seen;

void say(const char *format, ...)
{
	size_t at = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + at, sizeof(line) - at, format, args);
	va_end(args);
}

const char *errno_name(int err)
{
	return err ? strerrorname_np(err) ? strerrorname_np(err) : "unknown" : "0";
}

void say_ret(const char *what, long ret)
{
	if (ret < 0)
		say(" %s=%s", what, errno_name(errno));
	else
		say(" %s=%ld", what, ret);
}

void say_poll(int fd)
{
	static const struct {
		short bit;
		const char *name;
	} names[] = { { POLLIN, "IN" },	      { POLLPRI, "PRI" }, { POLLOUT, "OUT" },
		      { POLLRDHUP, "RDHUP" }, { POLLERR, "ERR" }, { POLLHUP, "HUP" } };
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLPRI | POLLOUT | POLLRDHUP };
	const char *between = " poll=";

	settle();
	poll(&p, 1, 0);
	if (!p.revents)
		say(" poll=none");
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (p.revents & names[i].bit) {
			say("%s%s", between, names[i].name);
			between = "|";
		}
	}
}

void say_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		say_ret("SO_ERROR", -1);
	else
		say(" SO_ERROR=%s", errno_name(err));
}

static _Noreturn void finish(void)
{
	puts(line);
	fflush(stdout);
	_exit(0);
}

long must(const char *what, long ret)
{
	if (ret < 0) {
		say_ret(what, ret);
		finish();
	}
	return ret;
}

/* ---- helpers ---- */

void settle(void)
{
	const char *ms = getenv("GAP_SETTLE");
	struct timespec t = { 0, (ms ? atoi(ms) : 25) * 1000000L };

	nanosleep(&t, NULL);
}

struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

int tcp_socket(int flags)
{
	return (int)must("socket", socket(AF_INET, SOCK_STREAM | flags, 0));
}

int tcp_listener(int backlog, int *port)
{
	struct sockaddr_in at = loopback(0);
	socklen_t len = sizeof(at);
	int fd = tcp_socket(0);

	must("bind", bind(fd, (struct sockaddr *)&at, sizeof(at)));
	must("listen", listen(fd, backlog));
	must("getsockname", getsockname(fd, (struct sockaddr *)&at, &len));
	*port = ntohs(at.sin_port);
	return fd;
}

int tcp_connect(int fd, int port)
{
	struct sockaddr_in to = loopback(port);

	return connect(fd, (struct sockaddr *)&to, sizeof(to));
}

void tcp_pair(int s[2])
{
	int port, l = tcp_listener(5, &port);

	s[0] = tcp_socket(0);
	must("connect", tcp_connect(s[0], port));
	s[1] = (int)must("accept", accept(l, NULL, NULL));
	close(l);
}

int closed_port(void)
{
	int port, l = tcp_listener(1, &port);

	close(l);
	return port;
}

int stuck_port(void)
{
	int port;

	tcp_listener(0, &port);
	for (int i = 0; i < 2; i++) {
		tcp_connect(tcp_socket(SOCK_NONBLOCK), port);
		settle();
	}
	return port;
}

void reset_by(int fd)
{
	struct linger l = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

static void count_signal(int sig)
{
	seen = seen + 1;
}

void on_signal(int sig, int flags)
{
	struct sigaction sa = { .sa_handler = count_signal, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

int signals_seen(void)
{
	return seen;
}

void set_timeout(int fd, int option, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	must("timeout", setsockopt(fd, SOL_SOCKET, option, &tv, sizeof(tv)));
}

void set_int(int fd, int level, int option, int value)
{
	must("setsockopt", setsockopt(fd, level, option, &value, sizeof(value)));
}

void nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void *nowhere(void)
{
	static char *volatile at;

	return at + 8;
}

void alarm_in(int ms)
{
	struct itimerval t = { .it_value = { ms / 1000, ms % 1000 * 1000 } };

	setitimer(ITIMER_REAL, &t, NULL);
}

/* ---- running ---- */

static void run_check(const char *part, const struct gap_check *check)
{
	int status, pid;

	printf("%s.%s:", part, check->name);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		alarm(getenv("GAP_SETTLE") ? 30 : 5);
		check->run();
		finish();
	}
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL); /* whom it left behind */
	if (WIFSIGNALED(status))
		printf(" ended by %s\n", sigabbrev_np(WTERMSIG(status)));
}

static bool chosen(const char *part, const char *name, int argc, char **argv)
{
	char full[256];

	snprintf(full, sizeof(full), "%s.%s", part, name);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], part) || !strcmp(argv[i], full))
			return true;
	}
	return argc < 2;
}

int main(int argc, char **argv)
{
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (const struct gap_check *c = parts[i].checks; c->name; c++) {
			if (chosen(parts[i].name, c->name, argc, argv))
				run_check(parts[i].name, c);
		}
	}
	return 0;
}
