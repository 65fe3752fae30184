/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/server.h - the lab's end of its control socket. For lab/ only. */
#ifndef LAB_SERVER_H
#define LAB_SERVER_H

#include <jansson.h>
#include <sys/types.h>

#include "lab/lab.h"

struct stream;

/* Bytes that wait at a connection: from here on a stream's packets are only counted. */
#define CONN_FULL (7u << 20)

/* A message that the other end did not take yet. */
struct outgoing {
	struct outgoing *next;
	size_t len;
	char text[];
};

/**
 * struct server_conn - a verb that asks
 * @pid:     who it is, as the kernel says
 * @adopting: it put itself under the filter; its next message is the number of the filter's descriptor
 * @node:    where it is to live
 * @stream:  it follows packets
 * @first, @last, @waiting: messages that wait, and their bytes; @lost: of a stream, for want of room
 * @closing: when all is out; @gone: to be freed
 */
struct server_conn {
	struct server_conn *next;
	struct skiff_lab *lab;
	struct host_source source;
	pid_t pid;
	bool adopting, closing, gone;
	unsigned node;
	struct stream *stream;
	struct outgoing *first, *last;
	size_t waiting;
	uint64_t lost;
};

struct server {
	struct skiff_lab *lab;
	struct host_source source;
	struct server_conn *conns;
};

/* server.c */
int server_open(struct skiff_lab *lab, char *why, size_t why_size);
/** server_close() - what waits to be said is lost; NULL is allowed for lab->server */
void server_close(struct skiff_lab *lab);
/** server_turn() - free who is gone */
void server_turn(struct skiff_lab *lab);
/** conn_say() - one message; the reference to @answer is taken */
void conn_say(struct server_conn *c, json_t *answer);
/** conn_text() - one message that is JSON already. false: no room (a stream), or the other end is gone */
bool conn_text(struct server_conn *c, const char *text, size_t len);
void conn_fail(struct server_conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** conn_end() - the last message of an answer */
void conn_end(struct server_conn *c);

/* requests.c */
void request_run(struct server_conn *c, json_t *request);
/** request_adopt() - @listener: what the program said about its filter's descriptor */
void request_adopt(struct server_conn *c, int listener);
/** request_node() - the node that a request names, -1: the sentence was said */
int request_node(struct server_conn *c, json_t *request);

/* stream.c */
/** stream_begin() - {"do": "explain" | "capture"} */
void stream_begin(struct server_conn *c, json_t *request, bool frames);
void stream_end(struct server_conn *c);
/** why_run() - {"do": "why"} */
void why_run(struct server_conn *c, json_t *request);

#endif
