// SPDX-License-Identifier: BSD-2-Clause
/* syscall/names_relay.c - queries that the lab's upstream answers: a socket of ours on each node that asks; names.h has the idea.
 *
 * The query goes out under a number of ours, drawn anew for each one; the socket is connected, so that only the upstream can answer.
 * The oldest of too many open queries is forgotten: its program asks again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "syscall/names.h"

#define OPEN_MAX_ 64u
#define DNS_PORT  53
#define HEADER	  12u

/* A query that is under way. @ours, @theirs: its number upstream, and the program's; @server: whom the program asked */
struct open_query {
	bool used;
	uint16_t ours, theirs;
	struct sockaddr_in server, asker;
};

/**
 * struct names_relay - the socket of a node
 * @upstream: it is connected to; @next_query: the place that is taken next
 */
struct names_relay {
	struct names_relay *next;
	struct skiff_run *run;
	struct skiff_net *net;
	int sfd;
	uint32_t upstream;
	unsigned next_query;
	struct open_query queries[OPEN_MAX_];
};

static struct open_query *find_query(struct names_relay *r, uint16_t ours)
{
	for (unsigned i = 0; i < OPEN_MAX_; i++) {
		if (r->queries[i].used && r->queries[i].ours == ours)
			return &r->queries[i];
	}
	return NULL;
}

static void hand_on(struct names_relay *r, uint8_t *answer, size_t len)
{
	struct open_query *q;
	uint16_t number;

	if (len < HEADER)
		return;
	memcpy(&number, answer, 2);
	q = find_query(r, number);
	if (!q)
		return;
	q->used = false;
	memcpy(answer, &q->theirs, 2);
	names_reply(r->run, r->net, &q->server, &q->asker, answer, len);
}

static void on_answer(void *arg, int fd, unsigned events)
{
	uint8_t answer[NAMES_MESSAGE_MAX];
	struct names_relay *r = arg;
	int64_t n;

	/* An ICMP error is one failed call, after which more may wait. */
	for (unsigned i = 0; i < OPEN_MAX_; i++) {
		n = skiff_recvfrom(r->run->skiff, fd, answer, sizeof(answer), MSG_DONTWAIT, NULL,
				   NULL);
		if (n == -EAGAIN)
			return;
		if (n > 0)
			hand_on(r, answer, (size_t)n);
	}
}

static struct names_relay *relay_of(struct skiff_run *run, struct skiff_net *net)
{
	struct names_relay *r = run->relays;

	while (r && r->net != net)
		r = r->next;
	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->run = run;
	r->net = net;
	r->sfd = -1;
	r->next = run->relays;
	run->relays = r;
	return r;
}

static void hang_up(struct names_relay *r)
{
	if (r->sfd >= 0)
		skiff_close(r->run->skiff, r->sfd);
	r->sfd = -1;
}

/* Connected to @upstream, which may be another one than before. */
static bool dial(struct names_relay *r, uint32_t upstream)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(DNS_PORT),
				  .sin_addr.s_addr = upstream };

	if (r->sfd >= 0 && r->upstream == upstream)
		return true;
	hang_up(r);
	r->sfd = skiff_socket(r->net, AF_INET, SOCK_DGRAM, 0);
	if (r->sfd < 0)
		return false;
	r->upstream = upstream;
	if (!skiff_connect(r->run->skiff, r->sfd, (struct sockaddr *)&to, sizeof(to)) &&
	    !skiff_watch(r->run->skiff, r->sfd, POLLIN | POLLERR, on_answer, r))
		return true;
	hang_up(r);
	return false;
}

bool relay_query(struct skiff_run *run, struct skiff_net *net, const struct sockaddr_in *server,
		 const struct sockaddr_in *asker, const uint8_t *query, size_t len)
{
	uint8_t copy[NAMES_MESSAGE_MAX];
	struct names_relay *r;
	struct open_query *q;
	uint32_t upstream;

	if (!run->env.upstream || !run->env.upstream(run->env.arg, net, &upstream))
		return false;
	if (len > sizeof(copy) || len < HEADER)
		return false;
	r = relay_of(run, net);
	if (!r || !dial(r, upstream))
		return false;
	q = &r->queries[r->next_query++ % OPEN_MAX_];
	*q = (struct open_query){ .server = *server, .asker = *asker };
	memcpy(&q->theirs, query, 2);
	if (getrandom(&q->ours, sizeof(q->ours), 0) != sizeof(q->ours))
		return false;
	q->used = true;
	memcpy(copy, query, len);
	memcpy(copy, &q->ours, 2);
	/* Whether it arrives is the network's business: the program asks again. */
	skiff_sendto(run->skiff, r->sfd, copy, len, MSG_DONTWAIT, NULL, 0);
	return true;
}

void relays_free(struct skiff_run *run)
{
	while (run->relays) {
		struct names_relay *r = run->relays;

		run->relays = r->next;
		hang_up(r);
		free(r);
	}
}
