/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/service.h - the small servers that a lab's nodes have built in. For lab/ only. */
#ifndef LAB_SERVICE_H
#define LAB_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skiff/socket.h"

struct skiff_lab;
struct service_conn;

/**
 * struct service_kind - what a server does with a connection
 * @run: reads and writes as far as it goes. false: close the connection
 */
struct service_kind {
	const char *name;
	uint16_t port;
	bool (*run)(struct service_conn *c);
	void (*end)(struct service_conn *c); /* it is about to be closed; may be NULL */
};

#define SERVICE_BUF 65536

/**
 * struct service_conn - a listener or a connection of it
 * @ready:    something may have happened since it was looked at
 * @in, @out: bytes waiting in @buf to be handled, to be sent (from @out_at on)
 * @left:     http: bytes of the answer that are not made yet, or of the request's body that did not come yet
 */
struct service_conn {
	struct service_conn *next;
	struct service_conn *listener; /* NULL: it is one */
	void *session;		       /* of a listener: the service's own */
	struct skiff_lab *lab;
	const struct service_kind *kind;
	int fd;
	bool ready, eof;
	uint8_t state;
	size_t in, out, out_at;
	uint64_t left, done;
	uint8_t buf[SERVICE_BUF];
};

extern const struct service_kind service_http, service_iperf3;

/** service_start() - @words: "NAME [PORT]". 0, or -errno and a sentence */
int service_start(struct skiff_lab *lab, unsigned node, const char *words, char *why,
		  size_t why_size);
/** services_run() - handle what became ready. Return: something was done */
bool services_run(struct skiff_lab *lab);
void services_free(struct skiff_lab *lab);
/** service_check() - are these words a service? A sentence in @why if not */
bool service_check(const char *words, char *why, size_t why_size);

/** conn_flush() - send what waits. 1: all is out, 0: the peer takes no more now, -1: broken */
int conn_flush(struct service_conn *c);
/** conn_read() - more bytes to @buf + @in, at most to its end. > 0, 0: none now or the end (@eof), -1: broken */
int64_t conn_read(struct service_conn *c);

#endif
