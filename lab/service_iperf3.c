// SPDX-License-Identifier: BSD-2-Clause
/* lab/service_iperf3.c - the server side of iperf3's TCP tests, so that the iperf3 at hand measures a skiff node.
 *
 * DOC: A test
 * One control connection and one or more data connections, told apart by a cookie of 37 bytes that each begins with (the
 * control connection comes first). On the control connection states are single bytes, and JSON texts follow a length of four
 * bytes, big-endian:
 *
 *   server PARAM_EXCHANGE    client's parameters       server CREATE_STREAMS     data connections
 *   server TEST_START, TEST_RUNNING                    data, until the client's TEST_END; then whoever sends closes
 *   server EXCHANGE_RESULTS  client's results, ours    server DISPLAY_RESULTS    client IPERF_DONE
 *
 * One test at a time; others are told ACCESS_DENIED. UDP and SCTP tests are refused with SERVER_ERROR.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lab/lab.h"
#include "lab/service.h"

#define COOKIE	    37
#define STREAMS_MAX 64

enum {
	TEST_START = 1,
	TEST_RUNNING = 2,
	TEST_END = 4,
	PARAM_EXCHANGE = 9,
	CREATE_STREAMS = 10,
	EXCHANGE_RESULTS = 13,
	DISPLAY_RESULTS = 14,
	IPERF_DONE = 16,
	SERVER_ERROR = 0xfe,
	ACCESS_DENIED = 0xff,
};

/* What a connection is: it has not said yet, or which it is. */
enum { ROLE_NEW, ROLE_CONTROL, ROLE_DATA };

struct stream {
	struct service_conn *conn;
	uint64_t bytes;
};

/**
 * struct session - a test
 * @phase:   the state that was sent last
 * @reverse: we send
 */
struct session {
	struct service_conn *control;
	char cookie[COOKIE];
	uint8_t phase;
	bool reverse, ending;
	unsigned want, streams;
	struct stream stream[STREAMS_MAX];
	uint64_t started;
};

static void send_state(struct service_conn *c, uint8_t state)
{
	c->buf[c->out++] = state;
}

static void send_json(struct service_conn *c, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0;
	uint32_t be = htonl((uint32_t)len);

	if (len && c->out + 4 + len < SERVICE_BUF) {
		memcpy(c->buf + c->out, &be, 4);
		memcpy(c->buf + c->out + 4, text, len);
		c->out += 4 + len;
	}
	free(text);
	json_decref(json);
}

/* A text with its length in front, if all of it has come. @used: bytes of it */
static json_t *take_json(struct service_conn *c, size_t *used)
{
	uint32_t len;

	*used = 0;
	if (c->in < 4)
		return NULL;
	memcpy(&len, c->buf, 4);
	len = ntohl(len);
	if (len > SERVICE_BUF - 4)
		*used = c->in; /* nonsense */
	else if (c->in >= 4 + (size_t)len)
		*used = 4 + (size_t)len;
	return *used > 4 ? json_loadb((char *)c->buf + 4, len, 0, NULL) : NULL;
}

/* Control connections keep what they read at the start of the buffer only while nothing waits to be sent. */
static void consume(struct service_conn *c, size_t n)
{
	memmove(c->buf, c->buf + n, c->in - n);
	c->in -= n;
}

static bool take_parameters(struct service_conn *c, struct session *t)
{
	size_t used;
	json_t *p = take_json(c, &used);
	bool tcp;

	if (!used)
		return true;
	tcp = p && json_is_true(json_object_get(p, "tcp")) &&
	      !json_is_true(json_object_get(p, "bidirectional"));
	t->want = 1;
	if (json_is_integer(json_object_get(p, "parallel")))
		t->want = (unsigned)json_integer_value(json_object_get(p, "parallel"));
	t->reverse = json_is_true(json_object_get(p, "reverse"));
	json_decref(p);
	c->in = 0;
	if (!tcp || !t->want || t->want > STREAMS_MAX) {
		uint32_t error[2] = { 0, 0 };

		send_state(c, SERVER_ERROR);
		memcpy(c->buf + c->out, error, sizeof(error));
		c->out += sizeof(error);
		t->ending = true;
		return true;
	}
	t->phase = CREATE_STREAMS;
	send_state(c, CREATE_STREAMS);
	return true;
}

static void send_results(struct service_conn *c, struct session *t)
{
	double seconds = (double)(c->lab->now - t->started) / 1e9;
	json_t *streams = json_array();

	for (unsigned i = 0; i < t->streams; i++)
		json_array_append_new(streams,
				      json_pack("{s:i,s:I,s:i,s:i,s:i,s:i,s:i,s:i,s:f,s:f}", "id",
						i ? (int)i + 2 : 1, "bytes",
						(json_int_t)t->stream[i].bytes, "retransmits", -1,
						"jitter", 0, "errors", 0, "omitted_errors", 0,
						"packets", 0, "omitted_packets", 0, "start_time",
						0.0, "end_time", seconds));
	send_json(c, json_pack("{s:f,s:f,s:f,s:i,s:o}", "cpu_util_total", 0.0, "cpu_util_user", 0.0,
			       "cpu_util_system", 0.0, "sender_has_retransmits", -1, "streams",
			       streams));
	send_state(c, DISPLAY_RESULTS);
	t->phase = DISPLAY_RESULTS;
}

static bool take_results(struct service_conn *c, struct session *t)
{
	size_t used;
	json_t *p = take_json(c, &used);

	json_decref(p);
	if (!used)
		return true;
	c->in = 0;
	send_results(c, t);
	return true;
}

/* A state of the client. */
static bool take_state(struct service_conn *c, struct session *t)
{
	uint8_t state = c->buf[0];

	if (!c->in)
		return true;
	consume(c, 1);
	if (state == TEST_END && t->phase == TEST_RUNNING) {
		t->phase = EXCHANGE_RESULTS;
		for (unsigned i = 0; i < t->streams; i++)
			if (t->stream[i].conn)
				t->stream[i].conn->ready = true; /* to close what we send on */
		c->in = 0;
		send_state(c, EXCHANGE_RESULTS);
		return true;
	}
	return false; /* IPERF_DONE, CLIENT_TERMINATE: it is over */
}

static bool run_control(struct service_conn *c, struct session *t)
{
	bool go = true;

	for (;;) {
		int sent = conn_flush(c);
		size_t before = c->in;
		uint8_t phase = t->phase;

		if (sent <= 0)
			return sent == 0;
		if (t->ending)
			return false;
		if (conn_read(c) < 0 || c->eof)
			return false;
		if (t->phase == PARAM_EXCHANGE)
			go = take_parameters(c, t);
		else if (t->phase == EXCHANGE_RESULTS)
			go = take_results(c, t);
		else
			go = take_state(c, t);
		if (!go || (c->in == before && phase == t->phase && !c->out))
			return go;
	}
}

static struct stream *stream_of(struct session *t, const struct service_conn *c)
{
	for (unsigned i = 0; i < t->streams; i++)
		if (t->stream[i].conn == c)
			return &t->stream[i];
	return NULL;
}

static bool run_data(struct service_conn *c, struct session *t)
{
	struct stream *s = t ? stream_of(t, c) : NULL;
	int64_t n = 0;

	if (!s)
		return false;
	while (t->reverse && t->phase == TEST_RUNNING) {
		n = skiff_send(c->lab->skiff, c->fd, c->buf, SERVICE_BUF, 0);
		if (n <= 0)
			return n == -EAGAIN;
		s->bytes += (uint64_t)n;
	}
	if (t->reverse && (t->phase == EXCHANGE_RESULTS || t->phase == DISPLAY_RESULTS))
		return false; /* a client that waits for the rest of a block needs our FIN */
	do {
		c->in = 0;
		n = conn_read(c);
		s->bytes += n > 0 && !t->reverse ? (uint64_t)n : 0;
	} while (n > 0);
	return n == 0 && !c->eof;
}

static void start_test(struct session *t)
{
	t->phase = TEST_RUNNING;
	t->started = t->control->lab->now;
	send_state(t->control, TEST_START);
	send_state(t->control, TEST_RUNNING);
	t->control->ready = true;
	for (unsigned i = 0; i < t->streams; i++)
		t->stream[i].conn->ready = true;
}

/* The cookie has come: what is this connection? */
static bool introduce(struct service_conn *c)
{
	struct session *t = c->listener->session;

	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return false;
		memcpy(t->cookie, c->buf, COOKIE);
		t->control = c;
		t->phase = PARAM_EXCHANGE;
		c->listener->session = t;
		c->state = ROLE_CONTROL;
		consume(c, COOKIE);
		c->in = 0;
		send_state(c, PARAM_EXCHANGE);
		return true;
	}
	if (memcmp(t->cookie, c->buf, COOKIE) || t->phase != CREATE_STREAMS ||
	    t->streams == t->want) {
		uint8_t no = ACCESS_DENIED;

		skiff_send(c->lab->skiff, c->fd, &no, 1, 0);
		return false;
	}
	c->state = ROLE_DATA;
	c->in = 0;
	t->stream[t->streams++].conn = c;
	if (t->streams == t->want)
		start_test(t);
	return true;
}

static bool run_iperf3(struct service_conn *c)
{
	struct session *t;

	if (c->state == ROLE_NEW) {
		int64_t n = skiff_recv(c->lab->skiff, c->fd, c->buf + c->in, COOKIE - c->in, 0);

		if (n <= 0 && n != -EAGAIN)
			return false;
		c->in += n > 0 ? (size_t)n : 0;
		if (c->in < COOKIE)
			return true;
		if (!introduce(c))
			return false;
	}
	t = c->listener->session;
	return c->state == ROLE_CONTROL ? run_control(c, t) : run_data(c, t);
}

/* A connection goes; with the control connection the test ends. */
static void end_iperf3(struct service_conn *c)
{
	struct session *t = c->listener->session;
	struct stream *s = t ? stream_of(t, c) : NULL;

	if (s)
		s->conn = NULL;
	if (!t || t->control != c)
		return;
	for (unsigned i = 0; i < t->streams; i++)
		if (t->stream[i].conn)
			t->stream[i].conn->ready = true; /* finds no session and closes */
	c->listener->session = NULL;
	free(t);
}

const struct service_kind service_iperf3 = { "iperf3", 5201, run_iperf3, end_iperf3 };
