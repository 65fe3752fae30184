// SPDX-License-Identifier: BSD-2-Clause
/* tests/interop/peer.c - a skiff node that does what it is told: one end of a conversation with the real kernel.
 *
 * peer LABFILE NODE: commands on standard input, a line each, one answer line each ("ok ..." or "error NAME"):
 *   socket S [udp]          bind S PORT        listen S          accept L S         connect S ADDR PORT
 *   send S N                N bytes of the stream's pattern, to the end
 *   recv S N                until N bytes or the end of the stream: "ok GOT", "ok GOT eof"; wrong bytes are an error
 *   oob S BYTE, recvoob S   urgent data        shutdown S        close S            reset S
 *   int S LEVEL NAME VALUE  an option of four bytes, numbers     get S LEVEL NAME
 *   text S LEVEL NAME WORD  an option that is a string           md5 S ADDR KEY     TCP_MD5SIG
 *   info S                  "state N ca N retrans N options N rtt N cwnd N delivered_ce N"
 *   fast S ADDR PORT N      connect with N bytes in the SYN (MSG_FASTOPEN)
 *   wait MS                 let time pass      sysctl KEY VALUE   counter NAME
 * Every call that would wait waits 20 seconds at most, by the blocking convenience of skiff/socket.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "skiff/lab.h"
#include "skiff/socket.h"

#define SLOTS	 32
#define CHUNK	 65536
#define PATIENCE (20ull * 1000000000ull)

struct slot {
	int fd;
	uint64_t sent, got;
};

struct peer {
	struct skiff_lab *lab;
	struct skiff *skiff;
	struct skiff_net *net;
	struct skiff_loop loop;
	struct slot slot[SLOTS];
	char arg[6][128];
	int args;
};

/* A stream that the other side can make by repeating a table; the period is a prime, so no shift of a page or a segment fits. */
static uint8_t pattern(uint64_t off)
{
	return (uint8_t)((uint32_t)(off % 65521) * 2654435761u >> 24);
}

static int answer(int64_t r)
{
	if (r < 0)
		printf("error %s\n", strerrorname_np((int)-r));
	else
		printf("ok %lld\n", (long long)r);
	return 0;
}

static int loop_run(void *arg, uint64_t deadline)
{
	struct peer *p = arg;
	int r = skiff_lab_wait(p->lab, deadline);

	return r < 0 ? r : r ? 0 : -EINTR;
}

static uint64_t loop_now(void *arg)
{
	return skiff_lab_now(((struct peer *)arg)->lab);
}

static struct slot *slot(struct peer *p, int i)
{
	unsigned n = (unsigned)atoi(p->arg[i]);

	return &p->slot[n % SLOTS];
}

static struct sockaddr_in addr_of(const char *text, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };

	inet_pton(AF_INET, text, &a.sin_addr);
	return a;
}

static int cmd_socket(struct peer *p)
{
	struct slot *s = slot(p, 1);

	*s = (struct slot){ .fd = skiff_socket(p->net, AF_INET,
					       p->args > 2 ? SOCK_DGRAM : SOCK_STREAM, 0) };
	return answer(s->fd);
}

static int cmd_bind(struct peer *p)
{
	struct sockaddr_in a = addr_of("0.0.0.0", p->arg[2]);
	int one = 1;

	skiff_setsockopt(p->skiff, slot(p, 1)->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return answer(skiff_bind(p->skiff, slot(p, 1)->fd, (struct sockaddr *)&a, sizeof(a)));
}

static int cmd_listen(struct peer *p)
{
	return answer(skiff_listen(p->skiff, slot(p, 1)->fd, 16));
}

static int cmd_accept(struct peer *p)
{
	struct slot *s = slot(p, 2);
	struct timeval tv = { 20, 0 };

	skiff_setsockopt(p->skiff, slot(p, 1)->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	*s = (struct slot){ .fd = skiff_baccept4(p->skiff, &p->loop, slot(p, 1)->fd, NULL, NULL,
						 0) };
	return answer(s->fd);
}

static int cmd_connect(struct peer *p)
{
	struct sockaddr_in a = addr_of(p->arg[2], p->arg[3]);

	return answer(skiff_bconnect(p->skiff, &p->loop, slot(p, 1)->fd, (struct sockaddr *)&a,
				     sizeof(a)));
}

static int64_t send_all(struct peer *p, struct slot *s, uint64_t n, const struct sockaddr_in *to)
{
	static uint8_t buf[CHUNK];
	uint64_t done = 0;

	while (done < n) {
		size_t len = n - done < CHUNK ? (size_t)(n - done) : CHUNK;
		struct iovec iov = { buf, len };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
		int64_t r;

		for (size_t i = 0; i < len; i++)
			buf[i] = pattern(s->sent + i);
		if (to) {
			msg.msg_name = (void *)(uintptr_t)to;
			msg.msg_namelen = sizeof(*to);
		}
		r = skiff_bsendmsg(p->skiff, &p->loop, s->fd, &msg, to ? MSG_FASTOPEN : 0);
		to = NULL;
		if (r < 0)
			return r;
		s->sent += (uint64_t)r;
		done += (uint64_t)r;
	}
	return (int64_t)done;
}

static int cmd_send(struct peer *p)
{
	return answer(send_all(p, slot(p, 1), strtoull(p->arg[2], NULL, 10), NULL));
}

static int cmd_fast(struct peer *p)
{
	struct sockaddr_in a = addr_of(p->arg[2], p->arg[3]);

	return answer(send_all(p, slot(p, 1), strtoull(p->arg[4], NULL, 10), &a));
}

static int cmd_recv(struct peer *p)
{
	static uint8_t buf[CHUNK];
	struct slot *s = slot(p, 1);
	uint64_t want = strtoull(p->arg[2], NULL, 10), done = 0;
	struct timeval tv = { 20, 0 };

	skiff_setsockopt(p->skiff, s->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	while (done < want) {
		struct iovec iov = { buf, want - done < CHUNK ? (size_t)(want - done) : CHUNK };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
		int64_t r = skiff_brecvmsg(p->skiff, &p->loop, s->fd, &msg, 0);

		if (r < 0)
			return answer(r);
		if (!r) {
			printf("ok %llu eof\n", (unsigned long long)done);
			return 0;
		}
		for (int64_t i = 0; i < r; i++) {
			if (buf[i] != pattern(s->got + (uint64_t)i)) {
				printf("error WRONG_BYTE_%llu\n",
				       (unsigned long long)(s->got + (uint64_t)i));
				return 0;
			}
		}
		s->got += (uint64_t)r;
		done += (uint64_t)r;
	}
	return answer((int64_t)done);
}

static int cmd_oob(struct peer *p)
{
	uint8_t b = (uint8_t)atoi(p->arg[2]);

	return answer(skiff_send(p->skiff, slot(p, 1)->fd, &b, 1, MSG_OOB));
}

static int cmd_recvoob(struct peer *p)
{
	uint8_t b = 0;
	int64_t r;

	skiff_wait(p->skiff, &p->loop, slot(p, 1)->fd, 2 /* POLLPRI */, PATIENCE);
	r = skiff_recv(p->skiff, slot(p, 1)->fd, &b, 1, MSG_OOB);
	return answer(r < 0 ? r : b);
}

static int cmd_shutdown(struct peer *p)
{
	return answer(skiff_shutdown(p->skiff, slot(p, 1)->fd, SHUT_WR));
}

static int cmd_close(struct peer *p)
{
	return answer(skiff_close(p->skiff, slot(p, 1)->fd));
}

static int cmd_reset(struct peer *p)
{
	struct linger l = { 1, 0 };

	skiff_setsockopt(p->skiff, slot(p, 1)->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	return cmd_close(p);
}

static int cmd_int(struct peer *p)
{
	int v = atoi(p->arg[4]);

	return answer(skiff_setsockopt(p->skiff, slot(p, 1)->fd, atoi(p->arg[2]), atoi(p->arg[3]),
				       &v, sizeof(v)));
}

static int cmd_get(struct peer *p)
{
	int v = 0;
	uint32_t len = sizeof(v);
	int err = skiff_getsockopt(p->skiff, slot(p, 1)->fd, atoi(p->arg[2]), atoi(p->arg[3]), &v,
				   &len);

	return answer(err ? err : v);
}

static int cmd_text(struct peer *p)
{
	return answer(skiff_setsockopt(p->skiff, slot(p, 1)->fd, atoi(p->arg[2]), atoi(p->arg[3]),
				       p->arg[4], (uint32_t)strlen(p->arg[4])));
}

static int cmd_md5(struct peer *p)
{
	struct sockaddr_in a = addr_of(p->arg[2], "0");
	struct tcp_md5sig key = { .tcpm_keylen = (uint16_t)strlen(p->arg[3]) };

	memcpy(&key.tcpm_addr, &a, sizeof(a));
	memcpy(key.tcpm_key, p->arg[3], key.tcpm_keylen);
	return answer(skiff_setsockopt(p->skiff, slot(p, 1)->fd, IPPROTO_TCP, TCP_MD5SIG, &key,
				       sizeof(key)));
}

static int cmd_info(struct peer *p)
{
	struct tcp_info t;
	uint32_t len = sizeof(t);
	int err;

	memset(&t, 0, sizeof(t));
	err = skiff_getsockopt(p->skiff, slot(p, 1)->fd, IPPROTO_TCP, TCP_INFO, &t, &len);
	if (err)
		return answer(err);
	printf("ok state %u ca %u retrans %u options %u rtt %u cwnd %u sacked %u syn_data %u\n",
	       t.tcpi_state, t.tcpi_ca_state, t.tcpi_total_retrans, t.tcpi_options, t.tcpi_rtt,
	       t.tcpi_snd_cwnd, t.tcpi_sacked, !!(t.tcpi_options & 32));
	return 0;
}

static int cmd_wait(struct peer *p)
{
	uint64_t until = skiff_lab_now(p->lab) + strtoull(p->arg[1], NULL, 10) * 1000000ull;

	while (skiff_lab_now(p->lab) < until)
		if (skiff_lab_wait(p->lab, until) <= 0)
			return -1;
	return answer(0);
}

static int cmd_sysctl(struct peer *p)
{
	for (char *c = p->arg[2]; *c; c++)
		*c = *c == ',' ? ' ' : *c;
	return answer(skiff_sysctl_set(p->net, p->arg[1], p->arg[2]));
}

struct wanted {
	const char *name;
	int64_t value;
};

static void on_counter(void *arg, const char *name, uint64_t value)
{
	struct wanted *w = arg;

	if (!strcmp(name, w->name))
		w->value = (int64_t)value;
}

static int cmd_counter(struct peer *p)
{
	struct wanted w = { p->arg[1], -ENOENT };

	skiff_counters(p->net, on_counter, &w);
	return answer(w.value);
}

static const struct {
	const char *name;
	int (*run)(struct peer *p);
	int args;
} commands[] = {
	{ "socket", cmd_socket, 2 },   { "bind", cmd_bind, 3 },
	{ "listen", cmd_listen, 2 },   { "accept", cmd_accept, 3 },
	{ "connect", cmd_connect, 4 }, { "send", cmd_send, 3 },
	{ "recv", cmd_recv, 3 },       { "oob", cmd_oob, 3 },
	{ "recvoob", cmd_recvoob, 2 }, { "shutdown", cmd_shutdown, 2 },
	{ "close", cmd_close, 2 },     { "reset", cmd_reset, 2 },
	{ "int", cmd_int, 5 },	       { "get", cmd_get, 4 },
	{ "text", cmd_text, 5 },       { "md5", cmd_md5, 4 },
	{ "info", cmd_info, 2 },       { "fast", cmd_fast, 5 },
	{ "wait", cmd_wait, 2 },       { "sysctl", cmd_sysctl, 3 },
	{ "counter", cmd_counter, 2 },
};

static int obey(struct peer *p, const char *line)
{
	p->args = sscanf(line, "%127s %127s %127s %127s %127s %127s", p->arg[0], p->arg[1],
			 p->arg[2], p->arg[3], p->arg[4], p->arg[5]);
	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, p->arg[0]) && p->args >= commands[i].args)
			return commands[i].run(p);
	printf("error BAD_COMMAND\n");
	return 0;
}

/* The stack goes on while nobody says anything. The other side sends a line and waits for its answer. */
static bool next_line(struct peer *p, char *line, size_t size)
{
	struct pollfd in = { .fd = 0, .events = POLLIN };

	while (poll(&in, 1, 0) == 0)
		if (skiff_lab_wait(p->lab, skiff_lab_now(p->lab) + 2000000) <= 0)
			return false;
	return fgets(line, (int)size, stdin);
}

int main(int argc, char **argv)
{
	struct peer p = { .loop = { &p, loop_run, loop_now } };
	char line[512], why[SKIFF_LAB_WHY_MAX] = "";
	int node;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 3)
		return 2;
	p.lab = skiff_lab_open(argv[1], why, sizeof(why));
	if (!p.lab || skiff_lab_start(p.lab, true, why, sizeof(why))) {
		printf("error %s\n", why);
		return 1;
	}
	node = skiff_lab_find(p.lab, argv[2]);
	p.skiff = skiff_lab_shard(p.lab);
	p.net = skiff_lab_node(p.lab, (unsigned)node);
	printf("ok up\n");
	while (next_line(&p, line, sizeof(line)) && !obey(&p, line))
		;
	skiff_lab_close(p.lab);
	return 0;
}
