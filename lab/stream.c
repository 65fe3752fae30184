// SPDX-License-Identifier: BSD-2-Clause
/* lab/stream.c - packets of a running lab for a verb that follows them: journeys, or frames for a capture.
 *
 * The verb has compiled its filter (libpcap's language) and sends the program; here it is only run, over the Ethernet frame. So no
 * name is looked up, and nothing is waited for, in the lab.
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/server.h"
#include "lib/fmt.h"

#define PROGRAM_MAX 4096

/**
 * struct stream - what a verb follows
 * @dev:    "": every device of the node
 * @frames: frames as they came and went, for a capture; else journeys
 * @filter: bf_len 0: everything
 */
struct stream {
	struct skiff_lab_watch *watch;
	struct server_conn *conn;
	const char *node;
	char dev[16];
	bool frames, verbose, json;
	struct bpf_program filter;
};

static bool matches(const struct stream *s, const void *frame, size_t len)
{
	struct pcap_pkthdr h = { .caplen = (bpf_u_int32)len, .len = (bpf_u_int32)len };

	return !s->filter.bf_len || pcap_offline_filter(&s->filter, &h, frame);
}

/* How many were lost for want of room is told before the next one that is not. */
static void say(struct stream *s, json_t *o)
{
	if (s->conn->lost && s->conn->waiting < CONN_FULL / 2) {
		json_object_set_new(o, "lost", json_integer((json_int_t)s->conn->lost));
		s->conn->lost = 0;
	}
	conn_say(s->conn, o);
}

/* ---- journeys ---- */

static char *printed(const struct skiff_journey *j,
		     size_t (*print)(const struct skiff_journey *, char *, size_t))
{
	size_t len = print(j, NULL, 0) + 1;
	char *text = malloc(len);

	if (text)
		print(j, text, len);
	return text;
}

/* "e0 > e1" for a packet that goes through, "e0" for one that ends here, "> e1" for one from here. */
static void path_of(const struct skiff_journey *j, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", j->dev, j->out_dev ? *j->dev ? " > " : "> " : "",
		 j->out_dev ? j->out_dev : "");
}

static void one_line(const struct skiff_journey *j, char *buf, size_t size)
{
	char frame[256], sentence[512], path[64];

	skiff_frame_text(j->frame, j->len, frame, sizeof(frame));
	skiff_journey_sentence(j, sentence, sizeof(sentence));
	path_of(j, path, sizeof(path));
	snprintf(buf, size, "%s %s: %s: %s", j->net, path, frame, sentence);
}

static void say_journey(struct stream *s, const struct skiff_journey *j)
{
	char line[1024], *text = NULL;

	if (s->json)
		text = printed(j, skiff_journey_json);
	else if (s->verbose)
		text = printed(j, skiff_journey_text);
	else
		one_line(j, line, sizeof(line));
	say(s, json_pack("{s:I, s:s}", "at_ns", (json_int_t)j->at_ns, "text", text ? text : line));
	free(text);
}

/* ---- frames ---- */

static void say_frame(struct stream *s, const char *net, const char *dev, bool out, uint64_t at,
		      const void *frame, size_t len, const char *comment)
{
	size_t size = len * 2 + 1;
	struct strbuf sb;
	char *hex;

	if ((*s->dev && strcmp(s->dev, dev)) || strcmp(s->node, net) || !matches(s, frame, len))
		return;
	hex = malloc(size);
	if (!hex)
		return;
	strbuf_init(&sb, hex, size);
	strbuf_hex(&sb, frame, len);
	say(s, json_pack("{s:s, s:s, s:b, s:I, s:s, s:s}", "net", net, "dev", dev, "out", out,
			 "at_ns", (json_int_t)at, "frame", hex, "comment", comment));
	free(hex);
}

static void say_frames(struct stream *s, const struct skiff_journey *j)
{
	char comment[512], caused[64];

	skiff_journey_sentence(j, comment, sizeof(comment));
	snprintf(caused, sizeof(caused), "caused by frame #%u", j->id);
	if (*j->dev)
		say_frame(s, j->net, j->dev, false, j->at_ns, j->frame, j->len, comment);
	for (unsigned i = 0; i < j->n_steps; i++) {
		const struct skiff_step *step = &j->steps[i];

		if (step->kind == SKIFF_STEP_OUT && step->frame && !step->of)
			say_frame(s, step->net, step->dev, true, step->at_ns, step->frame,
				  step->len, step->depth ? caused : comment);
	}
}

static void on_journey(void *arg, const struct skiff_journey *j)
{
	struct stream *s = arg;

	if (s->conn->gone || strcmp(j->net, s->node))
		return;
	/* Nobody reads: not worth the printing. */
	if (s->conn->waiting > CONN_FULL) {
		s->conn->lost++;
		return;
	}
	if (s->frames)
		say_frames(s, j);
	else if (j->frame && matches(s, j->frame, j->len))
		say_journey(s, j);
}

/* ---- beginning and end ---- */

/* [[code, jt, jf, k], ...] as the verb compiled it. */
static bool read_filter(struct bpf_program *f, json_t *list)
{
	size_t n = json_array_size(list), i;
	json_t *insn;

	if (!n)
		return true;
	if (n > PROGRAM_MAX)
		return false;
	f->bf_insns = calloc(n, sizeof(struct bpf_insn));
	if (!f->bf_insns)
		return false;
	json_array_foreach(list, i, insn)
	{
		f->bf_insns[i] = (struct bpf_insn){
			(u_short)json_integer_value(json_array_get(insn, 0)),
			(u_char)json_integer_value(json_array_get(insn, 1)),
			(u_char)json_integer_value(json_array_get(insn, 2)),
			(bpf_u_int32)json_integer_value(json_array_get(insn, 3)),
		};
	}
	f->bf_len = (u_int)n;
	return bpf_validate(f->bf_insns, (int)n);
}

static bool knows_device(const struct skiff_lab *lab, unsigned node, const char *dev)
{
	return !*dev || skiff_dev_find(lab->nodes[node], dev);
}

void stream_begin(struct server_conn *c, json_t *request, bool frames)
{
	int node = request_node(c, request);
	const char *dev = json_string_value(json_object_get(request, "dev"));
	struct stream *s;

	if (node < 0)
		return;
	if (dev && (strlen(dev) > 15 || !knows_device(c->lab, (unsigned)node, dev))) {
		conn_fail(c, "node %s has no device \"%s\"", c->lab->t->nodes[node].name, dev);
		return;
	}
	s = calloc(1, sizeof(*s));
	if (s && c->stream)
		stream_end(c);
	if (s) {
		s->conn = c;
		s->node = c->lab->t->nodes[node].name;
		snprintf(s->dev, sizeof(s->dev), "%s", dev ? dev : "");
		s->frames = frames;
		s->verbose = json_is_true(json_object_get(request, "verbose"));
		s->json = json_is_true(json_object_get(request, "json"));
		c->stream = s;
	}
	if (!s || !read_filter(&s->filter, json_object_get(request, "filter"))) {
		conn_fail(c, s ? "the filter is no valid program" : "out of memory");
		if (s)
			stream_end(c);
		return;
	}
	s->watch = skiff_lab_watch(c->lab, on_journey, s);
	if (!s->watch) {
		conn_fail(c, "out of memory");
		stream_end(c);
		return;
	}
	conn_say(c, json_pack("{s:b, s:I}", "ready", 1, "wall_ns",
			      (json_int_t)(host_wall() - host_now())));
}

void stream_end(struct server_conn *c)
{
	struct stream *s = c->stream;

	skiff_lab_unwatch(c->lab, s->watch);
	free(s->filter.bf_insns);
	free(s);
	c->stream = NULL;
}
