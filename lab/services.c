// SPDX-License-Identifier: BSD-2-Clause
/* lab/services.c - the small servers of a lab: echo, discard, chargen (RFC 862 to 864), and http, over TCP.
 *
 * DOC: Services
 * They live in the lab's process and use the stack by its public calls, as an embedder would: nothing waits, each connection
 * is marked when the stack says that something may have happened, and services_run() handles the marked ones between turns.
 */
#include "lab/service.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lab/lab.h"

static bool run_echo(struct service_conn *c)
{
	for (;;) {
		int64_t n;
		int sent = conn_flush(c);

		if (sent <= 0)
			return sent == 0;
		n = conn_read(c);
		if (n <= 0)
			return n == 0 && !c->eof;
		c->out_at = 0;
		c->out = c->in;
		c->in = 0;
	}
}

static bool run_discard(struct service_conn *c)
{
	int64_t n;

	do {
		c->in = 0;
		n = conn_read(c);
	} while (n > 0);
	return n == 0 && !c->eof;
}

/* Lines of 72 printable characters, each starting one further (RFC 864). */
static void chargen_fill(struct service_conn *c)
{
	for (c->out = 0; c->out + 74 <= SERVICE_BUF; c->done++) {
		for (unsigned i = 0; i < 72; i++)
			c->buf[c->out++] = (uint8_t)(' ' + (c->done + i) % 95);
		c->buf[c->out++] = '\r';
		c->buf[c->out++] = '\n';
	}
	c->out_at = 0;
}

static bool run_chargen(struct service_conn *c)
{
	/* The peer may close by a reset only, which the next write tells. What it sends is not read. */
	for (;;) {
		int sent = conn_flush(c);

		if (sent <= 0)
			return sent == 0;
		chargen_fill(c);
	}
}

static const struct service_kind kinds[] = {
	{ "echo", 7, run_echo, NULL },
	{ "discard", 9, run_discard, NULL },
	{ "chargen", 19, run_chargen, NULL },
};

static const struct service_kind *kind_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == len && !memcmp(kinds[i].name, name, len))
			return &kinds[i];
	if (len == 4 && !memcmp(name, "http", 4))
		return &service_http;
	return len == 6 && !memcmp(name, "iperf3", 6) ? &service_iperf3 : NULL;
}

/* "NAME [PORT]" taken apart. */
static const struct service_kind *parse(const char *words, uint16_t *port, char *why,
					size_t why_size)
{
	size_t len = strcspn(words, " ");
	const struct service_kind *kind = kind_find(words, len);
	const char *rest = words + len + strspn(words + len, " ");
	unsigned long v;
	char *end;

	if (!kind) {
		snprintf(
			why, why_size,
			"\"%.*s\" is no service; there are echo, discard, chargen, http and iperf3",
			(int)len, words);
		return NULL;
	}
	*port = kind->port;
	if (!*rest)
		return kind;
	v = strtoul(rest, &end, 10);
	if (*end || !v || v > 65535) {
		snprintf(why, why_size, "\"%s\" is no port", rest);
		return NULL;
	}
	*port = (uint16_t)v;
	return kind;
}

bool service_check(const char *words, char *why, size_t why_size)
{
	uint16_t port;

	return parse(words, &port, why, why_size);
}

int conn_flush(struct service_conn *c)
{
	while (c->out_at < c->out) {
		int64_t n =
			skiff_send(c->lab->skiff, c->fd, c->buf + c->out_at, c->out - c->out_at, 0);

		if (n == -EAGAIN)
			return 0;
		if (n <= 0)
			return -1;
		c->out_at += (size_t)n;
	}
	c->out = c->out_at = 0;
	return 1;
}

int64_t conn_read(struct service_conn *c)
{
	int64_t n = skiff_recv(c->lab->skiff, c->fd, c->buf + c->in, SERVICE_BUF - c->in, 0);

	if (n == -EAGAIN)
		return 0;
	if (n < 0)
		return -1;
	c->eof |= n == 0;
	c->in += (size_t)n;
	return n;
}

static void on_event(void *arg, int fd, unsigned events)
{
	struct service_conn *c = arg;

	c->ready = true;
}

/* A descriptor with its bookkeeping, in the lab's list. NULL: no memory; @fd is closed then */
static struct service_conn *conn_new(struct skiff_lab *lab, const struct service_kind *kind, int fd,
				     struct service_conn *listener)
{
	struct service_conn *c = calloc(1, sizeof(*c));

	if (!c || skiff_watch(lab->skiff, fd, POLLIN | POLLOUT | POLLERR | POLLHUP, on_event, c)) {
		free(c);
		skiff_close(lab->skiff, fd);
		return NULL;
	}
	c->lab = lab;
	c->kind = kind;
	c->listener = listener;
	c->fd = fd;
	c->ready = true;
	c->next = lab->services;
	lab->services = c;
	return c;
}

int service_start(struct skiff_lab *lab, unsigned node, const char *words, char *why,
		  size_t why_size)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct service_conn *c;
	uint16_t port;
	const struct service_kind *kind = parse(words, &port, why, why_size);
	int fd, err, one = 1;

	if (!kind)
		return -EINVAL;
	fd = skiff_socket(lab->nodes[node], AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return fd;
	a.sin_port = htons(port);
	err = skiff_setsockopt(lab->skiff, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!err)
		err = skiff_bind(lab->skiff, fd, (struct sockaddr *)&a, sizeof(a));
	if (!err)
		err = skiff_listen(lab->skiff, fd, 128);
	if (err) {
		snprintf(why, why_size, "%s", strerror(-err));
		skiff_close(lab->skiff, fd);
		return err;
	}
	c = conn_new(lab, kind, fd, NULL);
	if (!c)
		return -ENOMEM;
	return 0;
}

static void listener_run(struct service_conn *c)
{
	int fd;

	while ((fd = skiff_accept4(c->lab->skiff, c->fd, NULL, NULL, 0)) >= 0)
		conn_new(c->lab, c->kind, fd, c);
}

static void conn_end(struct service_conn *c)
{
	if (c->listener && c->kind->end)
		c->kind->end(c);
	skiff_close(c->lab->skiff, c->fd);
}

bool services_run(struct skiff_lab *lab)
{
	struct service_conn **at = &lab->services, *c;
	bool any = false;

	/* New connections go to the head of the list, so this walk does not meet them; they are ready and come next time. */
	while ((c = *at)) {
		if (!c->ready) {
			at = &c->next;
			continue;
		}
		any = true;
		c->ready = false;
		if (!c->listener) {
			listener_run(c);
		} else if (!c->kind->run(c)) {
			conn_end(c);
			/* The list may have got a new head meanwhile. */
			for (at = &lab->services; *at != c;)
				at = &(*at)->next;
			*at = c->next;
			free(c);
			continue;
		}
		at = &c->next;
	}
	return any;
}

void services_free(struct skiff_lab *lab)
{
	while (lab->services) {
		struct service_conn *c = lab->services;

		lab->services = c->next;
		/* Listeners were first, so they are last in the list: their connections end before them. */
		conn_end(c);
		free(c);
	}
}
