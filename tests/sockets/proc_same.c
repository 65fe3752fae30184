// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/proc_same.c - what /proc/net says of sockets on the kernel and on skiff: the same calls, the same lines.
 *
 * Left out of the comparison: the number of the line or bucket (the order is that of a table whose hash is secret), inode and
 * pointer (there are none), how long a timer still runs, and in sockstat what the kernel counts for the whole machine.
 */
#include "same.h"

#define LINES 64

static int s_listen(int fd, int backlog)
{
	return (int)SAME(skiff_listen(same.skiff, fd, backlog), listen(fd, backlog));
}

static int s_accept(int fd)
{
	return (int)SAME(skiff_accept4(same.skiff, fd, NULL, NULL, 0), accept(fd, NULL, NULL));
}

static long s_recv(int fd, size_t n)
{
	char buf[4096];

	return SAME(skiff_recv(same.skiff, fd, buf, n, 0), recv(fd, buf, n, MSG_DONTWAIT));
}

static char *proc_text(const char *name)
{
	static char text[65536];
	char path[100];
	FILE *f;
	size_t n;
	int r;

	if (same.skiff) {
		snprintf(path, sizeof(path), "net/%s", name);
		r = skiff_proc_read(same.net, path, text, sizeof(text));
		if (r < 0)
			exit(2);
		return text;
	}
	snprintf(path, sizeof(path), "/proc/self/net/%s", name);
	f = fopen(path, "r");
	if (!f)
		exit(2);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	fclose(f);
	return text;
}

/* A line's words, those that must differ as dots of their length; blanks stay. @masked: bit i: word i, 32 + i: what follows a colon in it */
static void mask(char *line, uint64_t masked)
{
	int word = -1;
	bool in = false, behind = false;

	for (char *p = line; *p; p++) {
		if (*p == ' ') {
			in = behind = false;
			continue;
		}
		word += !in;
		in = true;
		if (masked >> word & 1 || (behind && masked >> (32 + word) & 1))
			*p = '.';
		behind |= *p == ':';
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

#define W(n)	  (1ull << (n))
#define BEHIND(n) (1ull << (32 + (n)))
/* sl local remote st tx:rx tr:when retrnsmt uid timeout inode ref pointer ... */
#define ALWAYS (W(0) | BEHIND(5) | W(9) | W(11))

/*
 * There a timer that runs holds a connection too, and some run on although nobody waits for them any more. And how long an ACK
 * may wait, and the retransmission, hangs on how fast the machine was.
 */
#define CONNECTED (W(10) | W(12) | W(13) | W(14))

/* @also: masked, but in lines of TIME_WAIT */
static void say_table(const char *name, uint64_t also)
{
	char *line[LINES], *p = proc_text(name), *end;
	int n = 0;

	for (; *p && n < LINES; p = end + 1) {
		end = strchr(p, '\n');
		*end = 0;
		line[n++] = p;
	}
	say("%s: %d lines, the first: |%s|", name, n, line[0]);
	for (int i = 1; i < n; i++) {
		/* The length counts, but not that of an inode's number. */
		char *tail = line[i] + strlen(line[i]);

		while (tail > line[i] && tail[-1] == ' ')
			*--tail = 0;
		mask(line[i], ALWAYS | (strstr(line[i], " 06 ") ? 0 : also));
	}
	/* Numbers of different length become equal. */
	for (int i = 1; i < n; i++) {
		char *to = line[i] += strspn(line[i], " ");

		for (char *c = line[i]; *c; c++) {
			if (*c == '.' && to > line[i] && to[-1] == '.')
				continue;
			*to++ = *c;
		}
		*to = 0;
	}
	qsort(line + 1, (size_t)n - 1, sizeof(line[0]), by_text);
	for (int i = 1; i < n; i++)
		say("%s", line[i]);
}

/* "TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 1": numbers behind @hidden words are the machine's */
static void say_sockstat(void)
{
	static const char *const hidden[] = { "alloc", "mem", "orphan", "memory" };
	char *save, *word, line[300] = "";
	bool hide = false;

	for (word = strtok_r(proc_text("sockstat"), " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save)) {
		size_t n = strlen(word);

		if (word[n - 1] == ':' && *line) {
			say("%s", line);
			*line = 0;
		}
		strcat(strcat(line, " "), hide ? "." : word);
		hide = false;
		for (unsigned i = 0; i < 4; i++)
			hide |= !strcmp(word, hidden[i]);
	}
	say("%s", line);
}

/* So long that no ACK is held back any more. */
static void rest(void)
{
	same.now += 200000000;
	if (!same.skiff)
		usleep(200000);
	settle();
}

static void pair(int l, int port, int from, int *c, int *a)
{
	*c = s_socket(SOCK_STREAM, 0);
	s_setint(*c, SOL_SOCKET, SO_REUSEADDR, 1);
	s_bind(*c, "10.1.0.1", from);
	s_connect(*c, "10.1.0.2", port);
	*a = s_accept(l);
	say("accepted %d", *a >= 0);
}

/* The same congestion control. And the sockets of the programs that set this up go a moment after them. */
static void begin(void)
{
	set("net.ipv4.tcp_congestion_control", "reno");
	set("net.ipv4.ping_group_range", "0 0");
	for (int i = 0; !same.skiff && i < 300 && !strstr(proc_text("sockstat"), "used 0\n"); i++)
		usleep(10000);
}

static void case_tcp(void)
{
	int l, any, c[4], a[4];

	begin();
	l = s_socket(SOCK_STREAM, 0);
	any = s_socket(SOCK_STREAM, 0);
	say_table("tcp", 0);
	say_sockstat();
	s_setint(l, SOL_SOCKET, SO_REUSEADDR, 1);
	s_bind(l, "10.1.0.2", 80);
	s_listen(l, 5);
	s_bind(any, "0.0.0.0", 81);
	s_listen(any, 5);
	say_table("tcp", 0);
	for (int i = 0; i < 4; i++)
		pair(l, 80, 1000 + i, &c[i], &a[i]);
	/* One waits to be accepted. */
	pair(any, 81, 1010, &c[0], &a[0]);
	say("unread %ld", s_send(c[1], "0123456789", 10, 0));
	say("half closed %ld",
	    SAME(skiff_shutdown(same.skiff, c[2], SHUT_WR), shutdown(c[2], SHUT_WR)));
	s_setint(c[3], SOL_SOCKET, SO_KEEPALIVE, 1);
	rest();
	say_table("tcp", CONNECTED);
	say_sockstat();
	s_close(c[1]);
	s_recv(a[1], 100);
	s_close(a[1]);
	s_close(a[2]);
	s_close(c[2]);
	rest();
	say_table("tcp", CONNECTED);
	say_sockstat();
}

static void case_waiting(void)
{
	int l, c;

	begin();
	l = s_socket(SOCK_STREAM, 0);
	c = s_socket(SOCK_STREAM, 0);
	s_bind(l, "10.1.0.2", 80);
	s_listen(l, 5);
	s_bind(c, "10.1.0.1", 1000);
	s_connect(c, "10.1.0.2", 80);
	rest();
	/* In the accept queue, not accepted. */
	say_table("tcp", CONNECTED);
	say_sockstat();
}

static void case_udp(void)
{
	int a, b, none, lite;

	begin();
	a = s_socket(SOCK_DGRAM, 0);
	b = s_socket(SOCK_DGRAM, 0);
	none = s_socket(SOCK_DGRAM, 0);
	lite = s_socket(SOCK_DGRAM, 136);
	say("not bound %d", none >= 0);
	say_table("udp", 0);
	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "0.0.0.0", 1001);
	s_bind(lite, "10.1.0.1", 1002);
	s_connect(b, "10.1.0.1", 1000);
	say_table("udp", 0);
	say_table("udplite", 0);
	say_sockstat();
	s_setint(a, SOL_SOCKET, SO_RCVBUF, 2048);
	for (int i = 0; i < 20; i++)
		s_send(b, "0123456789", 10, 0);
	/* What a datagram counts for in memory is each one's own. */
	say_table("udp", BEHIND(4) | W(12));
	s_close(a);
	say("refused %ld", s_send(b, "x", 1, 0));
	s_disconnect(b);
	say_table("udp", 0);
	say_sockstat();
}

static void case_raw(void)
{
	int r, icmp, ping;

	begin();
	r = s_socket(SOCK_RAW, 200);
	icmp = s_socket(SOCK_RAW, IPPROTO_ICMP);
	ping = s_socket(SOCK_DGRAM, IPPROTO_ICMP);
	say_table("raw", 0);
	s_bind(r, "10.1.0.1", 0);
	s_connect(icmp, "10.1.0.2", 0);
	s_bind(ping, "10.1.0.1", 77);
	say_table("raw", 0);
	say_table("icmp", 0);
	say_sockstat();
}

static const struct same_case cases[] = {
	{ "tcp", case_tcp }, { "waiting", case_waiting }, { "udp", case_udp }, { "raw", case_raw },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return same_main(cases, argc, argv);
}
