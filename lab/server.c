// SPDX-License-Identifier: BSD-2-Clause
/* lab/server.c - the lab's end of its control socket: connections, messages in, messages out.
 *
 * Nothing here waits: what the other end does not take is kept, up to a limit beyond which a stream loses messages (and says how many)
 * and everyone else the connection. Only the user whose lab it is may speak to it: the socket's mode and folder say so, and the kernel is asked, too.
 */
#include "lab/server.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING_MAX (8u << 20)

/* ---- out ---- */

static bool put(struct server_conn *c, const char *text, size_t len)
{
	if (send(c->source.fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
		c->gone = true;
	return false;
}

static bool keep(struct server_conn *c, const char *text, size_t len)
{
	struct outgoing *o;

	if (c->waiting + len > WAITING_MAX) {
		c->lost++;
		c->gone |= !c->stream;
		return false;
	}
	o = malloc(sizeof(*o) + len);
	if (!o)
		return false;
	o->next = NULL;
	o->len = len;
	memcpy(o->text, text, len);
	if (c->last)
		c->last->next = o;
	else
		c->first = o;
	c->last = o;
	c->waiting += len;
	host_loop_change(&c->lab->loop, &c->source, EPOLLIN | EPOLLOUT);
	return true;
}

static void flush(struct server_conn *c)
{
	while (c->first && put(c, c->first->text, c->first->len)) {
		struct outgoing *o = c->first;

		c->first = o->next;
		c->last = o->next ? c->last : NULL;
		c->waiting -= o->len;
		free(o);
	}
	if (!c->first) {
		host_loop_change(&c->lab->loop, &c->source, EPOLLIN);
		c->gone |= c->closing;
	}
}

bool conn_text(struct server_conn *c, const char *text, size_t len)
{
	if (c->gone)
		return false;
	if (len > SKIFF_CONTROL_MESSAGE) {
		c->lost++;
		c->gone |= !c->stream;
		return false;
	}
	if (!c->first && put(c, text, len))
		return true;
	return !c->gone && keep(c, text, len);
}

void conn_say(struct server_conn *c, json_t *answer)
{
	char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;

	if (text)
		conn_text(c, text, strlen(text));
	else
		c->gone = true;
	free(text);
	json_decref(answer);
}

void conn_fail(struct server_conn *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conn_say(c, json_pack("{s:s}", "error", text));
}

void conn_end(struct server_conn *c)
{
	conn_say(c, json_pack("{s:b}", "end", 1));
}

/* ---- in ---- */

static void on_message(struct server_conn *c, const char *text, size_t len)
{
	json_t *request;

	if (c->adopting) {
		request_adopt(c, atoi(text));
		return;
	}
	request = json_loadb(text, len, 0, NULL);
	if (json_is_object(request))
		request_run(c, request);
	else
		conn_fail(c, "the request is not understood");
	json_decref(request);
}

static void on_conn(struct host_source *source, uint32_t events)
{
	struct server_conn *c =
		(struct server_conn *)((char *)source - offsetof(struct server_conn, source));
	char text[65536];
	ssize_t n;

	if (c->gone)
		return;
	if (events & EPOLLOUT)
		flush(c);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	n = recv(source->fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (n > 0) {
		text[n] = '\0';
		on_message(c, text, (size_t)n);
	} else if (!n || (errno != EAGAIN && errno != EINTR)) {
		c->gone = true;
	}
}

static bool is_ours(int fd, pid_t *pid)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 || peer.uid != geteuid())
		return false;
	*pid = peer.pid;
	return true;
}

static void on_listener(struct host_source *source, uint32_t events)
{
	struct server *s = (struct server *)((char *)source - offsetof(struct server, source));
	int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int room = 4 * SKIFF_CONTROL_MESSAGE;
	struct server_conn *c;
	pid_t pid;

	if (fd < 0)
		return;
	c = is_ours(fd, &pid) ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		close(fd);
		return;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	c->lab = s->lab;
	c->pid = pid;
	c->source.ready = on_conn;
	c->next = s->conns;
	s->conns = c;
	if (host_loop_add(&s->lab->loop, &c->source, fd, EPOLLIN))
		c->gone = true;
}

/* ---- the whole ---- */

int server_open(struct skiff_lab *lab, char *why, size_t why_size)
{
	struct server *s = calloc(1, sizeof(*s));
	int fd = s ? state_listen(&lab->state) : -ENOMEM, err;

	err = fd < 0 ? fd : 0;
	if (!err) {
		s->lab = lab;
		s->source.ready = on_listener;
		err = host_loop_add(&lab->loop, &s->source, fd, EPOLLIN);
		if (err)
			close(fd);
	}
	if (err) {
		snprintf(why, why_size, "the control socket can not be made: %s", strerror(-err));
		free(s);
		return err;
	}
	lab->server = s;
	return 0;
}

static void conn_free(struct server_conn *c)
{
	if (c->stream)
		stream_end(c);
	host_loop_del(&c->lab->loop, &c->source);
	close(c->source.fd);
	while (c->first) {
		struct outgoing *o = c->first;

		c->first = o->next;
		free(o);
	}
	free(c);
}

void server_turn(struct skiff_lab *lab)
{
	struct server_conn **at = lab->server ? &lab->server->conns : NULL, *c;

	while (at && (c = *at)) {
		if (!c->gone) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		conn_free(c);
	}
}

void server_close(struct skiff_lab *lab)
{
	struct server *s = lab->server;

	if (!s)
		return;
	for (struct server_conn *c = s->conns; c; c = c->next)
		c->gone = true;
	server_turn(lab);
	host_loop_del(&lab->loop, &s->source);
	close(s->source.fd);
	free(s);
	lab->server = NULL;
}
