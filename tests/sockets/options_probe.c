// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/options_probe.c - options_probe kernel|skiff: every option number of every level on every kind of socket.
 *
 * A line says what one option is at first (asked for with room for 64, 4, 1 and 0 bytes) and what setting it does for each length
 * and value: the error, or what it reads afterwards. Every set is made on a fresh socket. Options that nobody knows are left out,
 * those in a row that answer alike are one line.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "api.h"

#define OPT_MAX 110

static const struct kind {
	const char *name;
	int type, protocol;
	bool listens;
} kinds[] = {
	{ "tcp", SOCK_STREAM, 0, false },
	{ "listen", SOCK_STREAM, 0, true },
	{ "udp", SOCK_DGRAM, 0, false },
	{ "udplite", SOCK_DGRAM, 136, false },
	{ "raw", SOCK_RAW, IPPROTO_ICMP, false },
	{ "rawhdr", SOCK_RAW, IPPROTO_RAW, false },
	{ "ping", SOCK_DGRAM, IPPROTO_ICMP, false },
};

static const struct level {
	const char *name;
	int level;
} levels[] = {
	{ "socket", SOL_SOCKET }, { "ip", 0 },	  { "tcp", 6 },	  { "udp", 17 },
	{ "udplite", 136 },	  { "raw", 255 }, { "ipv6", 41 }, { "none", 77 },
};

static const int values[] = { -1, 0, 1, 2, 255, 256, 65535, 65536, INT_MAX, INT_MIN };
static const uint32_t lens[] = { 0, 1, 4, 8 };
#define N_VALUES (int)(sizeof(values) / sizeof(values[0]))
#define N_LENS	 (int)(sizeof(lens) / sizeof(lens[0]))

static int make(const struct kind *k)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(7999) };
	int fd = api_socket(AF_INET, k->type | SOCK_NONBLOCK, k->protocol);

	if (fd >= 0 && k->listens && (api_bind(fd, &any, sizeof(any)) || api_listen(fd, 5))) {
		api_close(fd);
		return -ENOSYS;
	}
	return fd;
}

/* Numbers that differ from run to run */
static bool varies(int level, int opt)
{
	if (level == SOL_SOCKET)
		return opt == 57 /* cookie */ || opt == 71 /* netns cookie */;
	return level == IPPROTO_TCP && opt == 24 /* time stamp */;
}

static void read_into(char *out, size_t size, int fd, int level, int opt, uint32_t room)
{
	unsigned char val[64] = { 0 };
	uint32_t len = room;
	int err = api_getsockopt(fd, level, opt, val, &len), n;

	if (err) {
		snprintf(out, size, "%s", errno_name(err));
		return;
	}
	n = snprintf(out, size, "%u", len);
	if (!len || len > 24 || varies(level, opt))
		return;
	n += snprintf(out + n, size - (size_t)n, "=");
	for (uint32_t i = 0; i < len && i < room; i++)
		n += snprintf(out + n, size - (size_t)n, "%02x", val[i]);
}

static void set_into(char *out, size_t size, const struct kind *k, int level, int opt, uint32_t len,
		     int value)
{
	unsigned char val[64] = { 0 };
	int fd = make(k), err;

	memcpy(val, &value, sizeof(value));
	err = api_setsockopt(fd, level, opt, val, len);
	if (err)
		snprintf(out, size, "%s", errno_name(err));
	else
		read_into(out, size, fd, level, opt, sizeof(val));
	api_close(fd);
}

struct run {
	char got[N_LENS][N_VALUES][64];
};

static bool all_unknown(const struct run *r, const char *get)
{
	bool same = !strcmp(get, "ENOPROTOOPT") || !strcmp(get, "EOPNOTSUPP");

	for (int v = 0; v < N_VALUES; v++)
		same = same && !strcmp(r->got[2][v], get);
	return same;
}

/* struct text - a line that is not printed yet, and the options it holds for */
static struct text {
	char line[8192];
	size_t n;
	char head[40];
	int first, last;
} pending, next;

static void __attribute__((format(printf, 1, 2))) add(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	next.n += (size_t)vsnprintf(next.line + next.n, sizeof(next.line) - next.n, fmt, ap);
	va_end(ap);
}

static void flush(void)
{
	if (pending.n && pending.first == pending.last)
		printf("%s %d %s\n", pending.head, pending.first, pending.line);
	else if (pending.n)
		printf("%s %d-%d %s\n", pending.head, pending.first, pending.last, pending.line);
	pending.n = 0;
}

static void line_done(const struct kind *k, const struct level *l, int opt)
{
	snprintf(next.head, sizeof(next.head), "%s %s", k->name, l->name);
	next.first = next.last = opt;
	if (pending.n && pending.last == opt - 1 && !strcmp(pending.line, next.line) &&
	    !strcmp(pending.head, next.head)) {
		pending.last = opt;
	} else {
		flush();
		pending = next;
	}
	next.n = 0;
}

/* The answers for one length, runs of the same answer joined: "-1..2:EINVAL 255:4=ff000000" */
static void add_values(char got[N_VALUES][64])
{
	for (int v = 0; v < N_VALUES;) {
		int end = v;

		while (end + 1 < N_VALUES && !strcmp(got[end + 1], got[v]))
			end++;
		if (v == 0 && end == N_VALUES - 1)
			add(" %s", got[v]);
		else if (end > v)
			add(" %d..%d:%s", values[v], values[end], got[v]);
		else
			add(" %d:%s", values[v], got[v]);
		v = end + 1;
	}
}

static void probe(const struct kind *k, const struct level *l, int opt)
{
	static const uint32_t rooms[] = { 64, 4, 1, 0 };
	static struct run r;
	char get[4][160];
	int fd = make(k);

	for (int i = 0; i < 4; i++)
		read_into(get[i], sizeof(get[i]), fd, l->level, opt, rooms[i]);
	api_close(fd);
	memset(&r, 0, sizeof(r));
	for (int n = 0; n < N_LENS; n++)
		for (int v = 0; v < N_VALUES; v++)
			set_into(r.got[n][v], sizeof(r.got[n][v]), k, l->level, opt, lens[n],
				 values[v]);
	if (all_unknown(&r, get[0]))
		return;
	add("get %s %s %s %s", get[0], get[1], get[2], get[3]);
	for (int n = 0; n < N_LENS; n++) {
		add(" | %u", lens[n]);
		if (n == 3 && !memcmp(r.got[3], r.got[2], sizeof(r.got[2])))
			add(" as 4");
		else
			add_values(r.got[n]);
	}
	line_done(k, l, opt);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	api_start(argv[1]);
	for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		int fd = make(&kinds[k]);

		if (fd < 0) {
			printf("%s: no socket: %s\n", kinds[k].name, errno_name(fd));
			continue;
		}
		api_close(fd);
		for (unsigned l = 0; l < sizeof(levels) / sizeof(levels[0]); l++)
			for (int opt = 0; opt <= OPT_MAX; opt++)
				probe(&kinds[k], &levels[l], opt);
		flush();
	}
	api_end();
	return 0;
}
