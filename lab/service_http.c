// SPDX-License-Identifier: BSD-2-Clause
/* lab/service_http.c - the web server of a lab: enough of HTTP/1.1 (RFC 9112) for curl and browsers.
 *
 * GET / is a page of text, GET /N a body of N bytes, HEAD the same without it; PUT and POST take a body of known length and
 * say how long it was. Connections stay open unless the client says close.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/lab.h"
#include "lab/service.h"

enum { HTTP_HEAD, HTTP_BODY_IN, HTTP_BODY_OUT, HTTP_LAST };

static const char page[] = "This is a web server on a skiff node.\nGET /N answers with N bytes.\n";

/* The value of a header field in the request's head, or NULL. */
static const char *field(const char *head, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = strstr(head, "\r\n"); p && p[2]; p = strstr(p + 2, "\r\n"))
		if (!strncasecmp(p + 2, name, len) && p[2 + len] == ':')
			return p + 3 + len + strspn(p + 3 + len, " \t");
	return NULL;
}

static void answer(struct service_conn *c, const char *status, uint64_t length, bool close)
{
	c->out_at = 0;
	c->out = (size_t)snprintf(
		(char *)c->buf, SERVICE_BUF,
		"HTTP/1.1 %s\r\nServer: skiff\r\nContent-Type: text/plain\r\nContent-Length: %llu\r\n%s\r\n",
		status, (unsigned long long)length, close ? "Connection: close\r\n" : "");
	c->state = close ? HTTP_LAST : HTTP_HEAD;
}

static void answer_get(struct service_conn *c, const char *path, bool with_body, bool close)
{
	char *end;
	uint64_t n = strtoull(path + 1, &end, 10);

	if (end == path + 1 && *end == ' ') {
		answer(c, "200 OK", sizeof(page) - 1, close);
		if (with_body)
			c->out += (size_t)snprintf((char *)c->buf + c->out, SERVICE_BUF - c->out,
						   "%s", page);
	} else if (*end == ' ' && path[1] >= '0' && path[1] <= '9') {
		answer(c, "200 OK", n, close);
		c->left = with_body ? n : 0;
		c->state = with_body ? HTTP_BODY_OUT : c->state;
		c->done = close;
	} else {
		answer(c, "404 Not Found", 0, close);
	}
}

static void answer_put(struct service_conn *c, const char *head, size_t head_len)
{
	const char *length = field(head, "Content-Length"), *expect = field(head, "Expect");

	if (!length) {
		answer(c, "411 Length Required", 0, true);
		return;
	}
	c->left = strtoull(length, NULL, 10);
	c->done = 0;
	c->state = HTTP_BODY_IN;
	memmove(c->buf, c->buf + head_len, c->in - head_len);
	c->in -= head_len;
	if (expect && !c->in)
		skiff_send(c->lab->skiff, c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, 0);
}

/* A whole request's head is there, ended by a zero. What follows it is the next request or a body. */
static bool request(struct service_conn *c, size_t head_len)
{
	char head[4096];
	const char *path = NULL, *connection;
	bool close;

	if (head_len >= sizeof(head))
		return false;
	memcpy(head, c->buf, head_len);
	head[head_len] = 0;
	connection = field(head, "Connection");
	close = connection && !strncasecmp(connection, "close", 5);
	if (!strncmp(head, "PUT /", 5) || !strncmp(head, "POST /", 6)) {
		answer_put(c, head, head_len);
		return true;
	}
	if (!strncmp(head, "GET /", 5))
		path = head + 4;
	else if (!strncmp(head, "HEAD /", 6))
		path = head + 5;
	/* Requests sent ahead are not served: the answer takes the buffer. */
	if (!path || c->in != head_len)
		answer(c, "501 Not Implemented", 0, true);
	else
		answer_get(c, path, head[0] == 'G', close);
	c->in = 0;
	return true;
}

static bool read_head(struct service_conn *c)
{
	int64_t n = conn_read(c);
	uint8_t *end;

	if (n < 0 || (n == 0 && c->eof))
		return false;
	end = memmem(c->buf, c->in, "\r\n\r\n", 4);
	return end ? request(c, (size_t)(end - c->buf) + 4) : c->in < SERVICE_BUF;
}

static bool read_body(struct service_conn *c)
{
	char text[64];
	int len;

	do {
		size_t n = c->in < c->left ? c->in : (size_t)c->left;

		c->done += n;
		c->left -= n;
		c->in = 0;
	} while (c->left && conn_read(c) > 0);
	if (c->left)
		return !c->eof;
	len = snprintf(text, sizeof(text), "%llu bytes came\n", (unsigned long long)c->done);
	answer(c, "200 OK", (uint64_t)len, false);
	memcpy(c->buf + c->out, text, (size_t)len);
	c->out += (size_t)len;
	return true;
}

static void fill_body(struct service_conn *c)
{
	size_t n = c->left < SERVICE_BUF ? (size_t)c->left : SERVICE_BUF;

	for (size_t i = 0; i < n; i++)
		c->buf[i] = (uint8_t)(i % 64 == 63 ? '\n' : 'a' + i % 26);
	c->out_at = 0;
	c->out = n;
	c->left -= n;
	if (!c->left)
		c->state = c->done ? HTTP_LAST : HTTP_HEAD;
}

static bool run_http(struct service_conn *c)
{
	for (;;) {
		int sent = conn_flush(c);
		size_t had = c->in;

		if (sent <= 0)
			return sent == 0;
		switch (c->state) {
		case HTTP_BODY_OUT:
			if (c->left)
				fill_body(c);
			else
				c->state = c->done ? HTTP_LAST : HTTP_HEAD;
			break;
		case HTTP_BODY_IN:
			if (!read_body(c))
				return false;
			if (c->state == HTTP_BODY_IN)
				return true;
			break;
		case HTTP_LAST:
			return false;
		default:
			if (!read_head(c))
				return false;
			if (c->state == HTTP_HEAD && !c->out && c->in == had)
				return true;
		}
	}
}

const struct service_kind service_http = { "http", 80, run_http, NULL };
