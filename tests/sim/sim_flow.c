// SPDX-License-Identifier: BSD-2-Clause
/* tests/sim/sim_flow.c - programs that talk TCP: two ends of a connection, their plans, and what must come of them.
 *
 * DOC: An end's plan
 * How much it sends, in what pieces, when it rests, how it reads (sometimes not at all for a while, so the window closes),
 * and how it ends:
 *   END_SHUTDOWN  half close after the last byte, then reads to the end
 *   END_CLOSE     closes when all is sent and the peer's end was read
 *   END_ABORT     closes at some point with SO_LINGER 0: a reset
 *   END_UNREAD    closes without reading what came: a reset
 * The last two make the peer's fate open: it may see any prefix and then ECONNRESET or EPIPE.
 */
#include "tests/sim/sim.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PIECE_MAX 70000
#define PORT	  1000

enum plan { END_SHUTDOWN, END_CLOSE, END_ABORT, END_UNREAD };
enum phase { NOT_YET, CONNECTING, TALKING, FINISHED };

/**
 * struct end - one side of a connection
 * @id:    of the stream that it sends; the peer's is @id ^ 1
 * @rest:  nothing is done before this time
 * @eof:   the peer's end was read; @shut: we ended ours; @reset: it did not end by itself
 */
struct end {
	struct sim_host *host;
	int fd;
	enum plan plan;
	enum phase phase;
	uint32_t id;
	uint64_t to_send, sent, got, abort_at;
	uint64_t rest;
	uint32_t write_max, read_max, laziness;
	bool eof, shut, reset;
};

struct sim_flow {
	struct end client, server;
	int listener;
	uint16_t port;
	uint64_t start, progress;
	bool open, may_break, dirty;
};

static void end_log(struct sim *s, const struct sim_flow *f, const struct end *e, const char *what,
		    int err)
{
	if (s->verbose)
		sim_log(s, "flow %u %s fd %d: %s %d (sent %llu/%llu got %llu)",
			(unsigned)(f - s->flow), e == &f->client ? "client" : "server", e->fd, what,
			err, (unsigned long long)e->sent, (unsigned long long)e->to_send,
			(unsigned long long)e->got);
}

/* Programs do nothing until they hear of something, so a wake-up that is missing shows as a flow that never ends. */
static void on_event(void *arg, int fd, unsigned events)
{
	struct sim_flow *f = arg;

	f->dirty = true;
}

static void watch(struct sim *s, struct sim_flow *f, int fd)
{
	int err = skiff_watch(s->skiff, fd, POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP,
			      on_event, f);

	if (err)
		sim_fail(s, "watch: %d", err);
	f->dirty = true;
}

static void end_finish(struct sim *s, struct sim_flow *f, struct end *e)
{
	int err = skiff_close(s->skiff, e->fd);

	if (err)
		sim_fail(s, "flow %u: close: %d", (unsigned)(f - s->flow), err);
	end_log(s, f, e, "closed", 0);
	e->phase = FINISHED;
	e->fd = -1;
}

/* The connection broke. That is right only where somebody may break it. */
static void end_broken(struct sim *s, struct sim_flow *f, struct end *e, int err)
{
	end_log(s, f, e, "broken", err);
	if (!f->may_break)
		sim_fail(s, "flow %u %s: error %d after sending %llu of %llu and receiving %llu",
			 (unsigned)(f - s->flow), e == &f->client ? "client" : "server", err,
			 (unsigned long long)e->sent, (unsigned long long)e->to_send,
			 (unsigned long long)e->got);
	e->reset = true;
	if (err == -ETIMEDOUT)
		s->timed_out++;
	end_finish(s, f, e);
}

static void draw_end(struct sim *s, struct end *e, struct sim_host *h, uint32_t id)
{
	*e = (struct end){ .host = h, .fd = -1, .id = id };
	e->to_send = sim_one_in(s, 5) ? 0 : sim_about(s, s->big ? 2000000 : 150000);
	e->write_max = sim_about(s, PIECE_MAX);
	e->read_max = sim_about(s, PIECE_MAX);
	e->laziness = sim_one_in(s, 3) ? sim_about(s, 50) : 0;
	/* Small pieces of a large stream would take for ever. */
	if (e->write_max < e->to_send / 400)
		e->write_max = (uint32_t)(e->to_send / 400) + 1;
	e->plan = sim_one_in(s, 2) ? END_CLOSE : END_SHUTDOWN;
	if (!s->gentle && sim_one_in(s, 8)) {
		e->plan = sim_one_in(s, 2) ? END_ABORT : END_UNREAD;
		e->abort_at = sim_below(s, 1 + (uint32_t)e->to_send);
	}
}

static void draw_option(struct sim *s, struct end *e)
{
	static const struct {
		int level, name;
		int max;
	} o[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 2 },
		{ IPPROTO_TCP, TCP_CORK, 2 },
		{ IPPROTO_TCP, TCP_QUICKACK, 2 },
		{ SOL_SOCKET, SO_RCVBUF, 60000 },
		{ SOL_SOCKET, SO_SNDBUF, 60000 },
		{ SOL_SOCKET, SO_KEEPALIVE, 2 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 100 },
		{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, 50000 },
		{ IPPROTO_TCP, TCP_WINDOW_CLAMP, 30000 },
		{ IPPROTO_IP, IP_TOS, 256 },
		{ IPPROTO_TCP, TCP_MAXSEG, 1400 },
		{ IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, 2 },
	};
	static const char *const cc[] = { "reno", "cubic", "bbr", "dctcp" };
	unsigned i = sim_below(s, sizeof(o) / sizeof(o[0]));
	int v = (int)sim_below(s, (uint32_t)o[i].max);

	if (sim_one_in(s, 6)) {
		const char *name = cc[sim_below(s, 4)];

		skiff_setsockopt(s->skiff, e->fd, IPPROTO_TCP, TCP_CONGESTION, name,
				 (uint32_t)strlen(name));
		return;
	}
	if (o[i].name == TCP_MAXSEG && v < 100)
		v += 100;
	skiff_setsockopt(s->skiff, e->fd, o[i].level, o[i].name, &v, sizeof(v));
	if (o[i].level == IPPROTO_TCP && o[i].name == TCP_CORK && v) {
		v = 0; /* what is corked for ever is sent by nobody */
		skiff_setsockopt(s->skiff, e->fd, IPPROTO_TCP, TCP_CORK, &v, sizeof(v));
	}
}

static struct sockaddr_in address(const struct sim_host *h, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	a.sin_addr.s_addr = htonl(h ? h->addr : 0);
	return a;
}

static void flow_listen(struct sim *s, struct sim_flow *f)
{
	struct sockaddr_in a = address(sim_one_in(s, 2) ? f->server.host : NULL, f->port);
	struct end probe = { 0 };

	f->listener = skiff_socket(f->server.host->net, AF_INET, SOCK_STREAM, 0);
	if (f->listener < 0 ||
	    skiff_bind(s->skiff, f->listener, (struct sockaddr *)&a, sizeof(a)) ||
	    skiff_listen(s->skiff, f->listener, 1 + (int)sim_below(s, 10)))
		sim_fail(s, "flow %u: listen", (unsigned)(f - s->flow));
	watch(s, f, f->listener);
	probe.fd = f->listener;
	if (sim_one_in(s, 3))
		draw_option(s, &probe);
}

static void draw_flow(struct sim *s, struct sim_flow *f, unsigned i)
{
	unsigned a = sim_below(s, s->hosts), b = sim_below(s, s->hosts - 1);

	if (b >= a)
		b++;
	draw_end(s, &f->client, &s->host[a], 2 * i);
	draw_end(s, &f->server, &s->host[b], 2 * i + 1);
	/* Nor may the reader of a large one take its time with crumbs. */
	if (f->client.read_max < f->server.to_send / 400)
		f->client.read_max = (uint32_t)(f->server.to_send / 400) + 1;
	if (f->server.read_max < f->client.to_send / 400)
		f->server.read_max = (uint32_t)(f->client.to_send / 400) + 1;
	f->port = (uint16_t)(PORT + i);
	f->start = sim_about(s, 20000) * 1000000ULL;
	f->may_break = !s->gentle || f->client.plan >= END_ABORT || f->server.plan >= END_ABORT;
	f->open = true;
	flow_listen(s, f);
}

void sim_flows_start(struct sim *s)
{
	s->flows = s->big ? 200 + sim_below(s, 1800) : 1 + sim_about(s, 30);
	s->flow = calloc(s->flows, sizeof(*s->flow));
	if (!s->flow)
		abort();
	for (unsigned i = 0; i < s->flows; i++)
		draw_flow(s, &s->flow[i], i);
	s->flows_open = s->flows;
}

static void flow_connect(struct sim *s, struct sim_flow *f)
{
	struct sockaddr_in a = address(f->server.host, f->port);
	struct end *e = &f->client;
	int err;

	e->fd = skiff_socket(e->host->net, AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (e->fd < 0) {
		sim_fail(s, "flow %u: socket: %d", (unsigned)(f - s->flow), e->fd);
		return;
	}
	while (sim_one_in(s, 3))
		draw_option(s, e);
	watch(s, f, e->fd);
	err = skiff_connect(s->skiff, e->fd, (struct sockaddr *)&a, sizeof(a));
	e->phase = CONNECTING;
	if (err && err != -EINPROGRESS)
		end_broken(s, f, e, err);
}

static void flow_connected(struct sim *s, struct sim_flow *f, int events)
{
	struct end *e = &f->client;
	int err = 0;
	uint32_t len = sizeof(err);

	if (!(events & (POLLOUT | POLLERR | POLLHUP)))
		return;
	skiff_getsockopt(s->skiff, e->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err) {
		s->refused++;
		end_broken(s, f, e, -err);
		return;
	}
	e->phase = TALKING;
	f->progress = s->now;
	end_log(s, f, e, "connected", 0);
}

static void flow_accept(struct sim *s, struct sim_flow *f)
{
	int fd = skiff_accept4(s->skiff, f->listener, NULL, NULL, 0);

	if (fd == -EAGAIN || fd == -ECONNABORTED)
		return;
	if (fd < 0) {
		sim_fail(s, "flow %u: accept: %d", (unsigned)(f - s->flow), fd);
		return;
	}
	f->server.fd = fd;
	f->server.phase = TALKING;
	watch(s, f, fd);
	while (sim_one_in(s, 4))
		draw_option(s, &f->server);
	end_log(s, f, &f->server, "accepted", 0);
}

/* An abort that is due. true: it was done */
static bool end_abort(struct sim *s, struct sim_flow *f, struct end *e)
{
	struct linger l = { 1, 0 };

	if (e->plan < END_ABORT || e->sent < e->abort_at)
		return false;
	if (e->plan == END_ABORT)
		skiff_setsockopt(s->skiff, e->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	s->aborted++;
	e->reset = true;
	end_finish(s, f, e);
	return true;
}

static bool end_write(struct sim *s, struct sim_flow *f, struct end *e)
{
	static uint8_t buf[PIECE_MAX];
	uint64_t left = e->to_send - e->sent;
	uint32_t n = 1 + sim_below(s, e->write_max);
	int64_t r;

	if (!left)
		return false;
	if (n > left)
		n = (uint32_t)left;
	for (uint32_t i = 0; i < n; i++)
		buf[i] = sim_pattern(e->id, e->sent + i);
	r = skiff_send(s->skiff, e->fd, buf, n, sim_one_in(s, 8) && n < left ? MSG_MORE : 0);
	if (r == -EAGAIN)
		return false;
	if (r <= 0 || r > n) {
		end_broken(s, f, e, (int)r);
		return false;
	}
	e->sent += (uint64_t)r;
	s->bytes += (uint64_t)r;
	return true;
}

static bool end_read(struct sim *s, struct sim_flow *f, struct end *e)
{
	static uint8_t buf[PIECE_MAX];
	const struct end *peer = e == &f->client ? &f->server : &f->client;
	uint32_t n = 1 + sim_below(s, e->read_max);
	int64_t r;

	if (e->eof || e->plan == END_UNREAD)
		return false;
	r = skiff_recv(s->skiff, e->fd, buf, n, 0);
	if (r == -EAGAIN)
		return false;
	if (r < 0) {
		end_broken(s, f, e, (int)r);
		return false;
	}
	if (r == 0) {
		e->eof = true;
		if (e->got != peer->to_send && peer->plan < END_ABORT)
			sim_fail(s, "flow %u: the stream ended after %llu of %llu bytes",
				 (unsigned)(f - s->flow), (unsigned long long)e->got,
				 (unsigned long long)peer->to_send);
		return true;
	}
	for (int64_t i = 0; i < r; i++)
		if (buf[i] != sim_pattern(e->id ^ 1, e->got + (uint64_t)i)) {
			sim_fail(s, "flow %u: byte %llu is wrong", (unsigned)(f - s->flow),
				 (unsigned long long)(e->got + (uint64_t)i));
			return false;
		}
	e->got += (uint64_t)r;
	if (e->got > peer->sent)
		sim_fail(s, "flow %u: more was received than sent", (unsigned)(f - s->flow));
	return true;
}

/* What TCP_INFO says must hold together, and with what the program knows. */
static void end_check_info(struct sim *s, const struct sim_flow *f, const struct end *e)
{
	struct tcp_info t;
	uint32_t len = sizeof(t);
	unsigned n = (unsigned)(f - s->flow);

	memset(&t, 0, sizeof(t));
	if (skiff_getsockopt(s->skiff, e->fd, IPPROTO_TCP, TCP_INFO, &t, &len)) {
		sim_fail(s, "flow %u: no TCP_INFO", n);
		return;
	}
	if (t.tcpi_sacked + t.tcpi_lost > t.tcpi_unacked)
		sim_fail(s, "flow %u: sacked %u + lost %u > unacked %u", n, t.tcpi_sacked,
			 t.tcpi_lost, t.tcpi_unacked);
	if (t.tcpi_retrans > t.tcpi_unacked)
		sim_fail(s, "flow %u: retrans %u > unacked %u", n, t.tcpi_retrans, t.tcpi_unacked);
	if (t.tcpi_snd_cwnd < 1 || t.tcpi_rto < 1000 || !t.tcpi_snd_mss)
		sim_fail(s, "flow %u: cwnd %u rto %u mss %u", n, t.tcpi_snd_cwnd, t.tcpi_rto,
			 t.tcpi_snd_mss);
	if (t.tcpi_bytes_acked > e->sent + 2 || t.tcpi_bytes_received < e->got)
		sim_fail(s, "flow %u: acked %llu of %llu, received %llu but %llu were read", n,
			 (unsigned long long)t.tcpi_bytes_acked, (unsigned long long)e->sent,
			 (unsigned long long)t.tcpi_bytes_received, (unsigned long long)e->got);
	if (t.tcpi_notsent_bytes > e->sent)
		sim_fail(s, "flow %u: %u bytes not sent of %llu", n, t.tcpi_notsent_bytes,
			 (unsigned long long)e->sent);
}

/* Nothing more to do on this side? */
static bool end_over(struct sim *s, struct sim_flow *f, struct end *e)
{
	if (e->sent < e->to_send)
		return false;
	if (!e->shut && e->plan == END_SHUTDOWN) {
		int err = skiff_shutdown(s->skiff, e->fd, SHUT_WR);

		e->shut = true;
		end_log(s, f, e, "shut", err);
		if (err) {
			end_broken(s, f, e, err);
			return true;
		}
	}
	if (!e->eof)
		return false;
	end_finish(s, f, e);
	return true;
}

static void end_run(struct sim *s, struct sim_flow *f, struct end *e)
{
	bool moved = false;

	if (e->phase != TALKING || e->rest > s->now)
		return;
	for (unsigned i = 0; i < 8 && e->phase == TALKING; i++) {
		bool m;

		if (end_abort(s, f, e))
			return;
		m = end_read(s, f, e);
		if (e->phase == TALKING)
			m |= end_write(s, f, e);
		if (!m)
			break;
		moved = true;
	}
	if (e->phase != TALKING || end_over(s, f, e))
		return;
	if (sim_one_in(s, 20))
		end_check_info(s, f, e);
	if (moved && sim_one_in(s, 50))
		draw_option(s, e);
	if (moved) {
		f->progress = s->now;
		f->dirty = true;
	}
	if (e->laziness && sim_one_in(s, 3))
		e->rest = s->now + sim_about(s, e->laziness * 20) * 1000000ULL;
}

/* END_CLOSE closes at once after its last byte if the peer has nothing to say either; both wait for each other's end otherwise. */
static void both_close(struct sim *s, struct sim_flow *f)
{
	struct end *c = &f->client, *v = &f->server;

	if (c->phase == TALKING && v->phase == TALKING && c->plan == END_CLOSE &&
	    v->plan == END_CLOSE && c->sent == c->to_send && v->sent == v->to_send &&
	    c->got == v->to_send && v->got == c->to_send) {
		end_finish(s, f, c);
		if (sim_one_in(s, 2))
			end_finish(s, f, v);
	}
}

static void flow_end(struct sim *s, struct sim_flow *f)
{
	skiff_close(s->skiff, f->listener);
	f->open = false;
	s->flows_open--;
	if (!f->client.reset && !f->server.reset)
		s->done++;
}

/* Where somebody may break a connection, the other end may never hear of it: the reset is lost; who closed gave up sending
 * what was left; or a request was given up whose client believes in it. Who only listens then would wait for ever. */
static void give_up(struct sim *s, struct sim_flow *f, struct end *e, const struct end *peer)
{
	bool alone = peer->phase == FINISHED || peer->phase == NOT_YET;

	if (f->may_break && e->phase == TALKING && alone &&
	    s->now > f->progress + 200 * SIM_SECOND) {
		e->reset = true;
		end_finish(s, f, e);
	}
}

static void flow_run(struct sim *s, struct sim_flow *f)
{
	int events;

	f->dirty = false;
	if (f->client.phase == NOT_YET && f->start <= s->now)
		flow_connect(s, f);
	if (f->client.phase == CONNECTING) {
		events = skiff_events(s->skiff, f->client.fd);
		flow_connected(s, f, events);
	}
	if (f->server.phase == NOT_YET)
		flow_accept(s, f);
	end_run(s, f, &f->client);
	end_run(s, f, &f->server);
	both_close(s, f);
	give_up(s, f, &f->client, &f->server);
	give_up(s, f, &f->server, &f->client);
	if (f->client.phase != FINISHED)
		return;
	/* A client that never got through has no server. */
	if (f->server.phase == FINISHED || (f->server.phase == NOT_YET && f->client.reset))
		flow_end(s, f);
}

/* A time that the flow's programs wait for has come. Each is met once: what is done then moves it, or clears it. */
static bool flow_due(struct sim_flow *f, uint64_t now)
{
	struct end *ends[2] = { &f->client, &f->server };
	bool due = f->client.phase == NOT_YET && f->start <= now;

	for (unsigned i = 0; i < 2; i++) {
		if (ends[i]->rest && ends[i]->rest <= now) {
			ends[i]->rest = 0;
			due = true;
		}
	}
	if (f->may_break && f->client.phase != NOT_YET && now > f->progress + 200 * SIM_SECOND)
		due = true;
	return due;
}

void sim_flows_run(struct sim *s)
{
	for (unsigned i = 0; i < s->flows; i++) {
		struct sim_flow *f = &s->flow[i];

		if (f->open && (f->dirty || flow_due(f, s->now)))
			flow_run(s, f);
	}
}

uint64_t sim_flows_next(const struct sim *s)
{
	uint64_t at = SKIFF_NEVER;

	for (unsigned i = 0; i < s->flows && !s->quiet; i++) {
		const struct sim_flow *f = &s->flow[i];
		const uint64_t t[4] = {
			f->client.phase == NOT_YET ? f->start : 0, f->client.rest, f->server.rest,
			f->client.reset || f->server.reset ? f->progress + 100 * SIM_SECOND + 1 : 0
		};

		if (f->open && f->dirty)
			return s->now;
		for (unsigned k = 0; f->open && k < 4; k++)
			if (t[k] > s->now && t[k] < at)
				at = t[k];
	}
	return at;
}

void sim_flows_stop(struct sim *s)
{
	for (unsigned i = 0; i < s->flows; i++) {
		const struct sim_flow *f = &s->flow[i];

		if (f->open)
			sim_fail(
				s,
				"flow %u is not over: client phase %d sent %llu/%llu got %llu eof %d, server phase %d "
				"sent %llu/%llu got %llu eof %d, last progress at %llu ms",
				i, f->client.phase, (unsigned long long)f->client.sent,
				(unsigned long long)f->client.to_send,
				(unsigned long long)f->client.got, f->client.eof, f->server.phase,
				(unsigned long long)f->server.sent,
				(unsigned long long)f->server.to_send,
				(unsigned long long)f->server.got, f->server.eof,
				(unsigned long long)f->progress / 1000000);
	}
	free(s->flow);
	s->flow = NULL;
	s->quiet = true;
}
