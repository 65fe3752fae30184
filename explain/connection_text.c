// SPDX-License-Identifier: BSD-2-Clause
/* explain/connection_text.c - the story of a connection for a person, a line an event, and as JSON for a program. */
#include "explain/connection_event.h"
#include "explain/counted.h"

#include "lib/fmt.h"

static const char *const state_names[] = {
	"",	 "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",   "TIME_WAIT",
	"CLOSE", "CLOSE_WAIT",	"LAST_ACK", "LISTEN",	"CLOSING",   "NEW_SYN_RECV"
};

static const char *state_name(u32 state)
{
	return state < ARRAY_SIZE(state_names) ? state_names[state] : "?";
}

static void put_end(struct counted *c, __be32 addr, __be16 port)
{
	char text[32];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	strbuf_ip4(&sb, addr);
	counted_printf(c, "%s:%u", text, ntohs(port));
}

static void put_flags(struct counted *c, u8 flags)
{
	static const char *const names[] = {
		"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"
	};
	const char *space = "";

	for (unsigned i = 0; i < 8; i++) {
		if (i == 3 || !(flags & 1 << i))
			continue;
		counted_printf(c, "%s%s", space, names[i]);
		space = " ";
	}
}

static void put_flow(struct counted *c, const struct conn_event *e)
{
	const char *comma = "";

	for (int out = 1; out >= 0; out--) {
		const struct flow_part *f = &e->part[out];

		if (f->segs) {
			counted_printf(c, "%s%s %u segment%s, bytes %u to %u", comma,
				       out ? "sent" : "received", f->segs, f->segs == 1 ? "" : "s",
				       f->from, f->to - 1);
			comma = "; ";
		}
		if (f->acks) {
			counted_printf(c, "%s%s %u ACK%s up to %u", comma,
				       out ? "sent" : "received", f->acks, f->acks == 1 ? "" : "s",
				       f->ack);
			comma = "; ";
		}
	}
}

static void put_syn(struct counted *c, const struct conn_event *e)
{
	counted_printf(c, " window %u", e->window);
	if (e->mss)
		counted_printf(c, " mss %u", e->mss);
	if (e->wscale >= 0)
		counted_printf(c, " wscale %d", e->wscale);
	if (e->sack_ok)
		counted_puts(c, " sack");
	if (e->ts)
		counted_puts(c, " timestamps");
}

static void put_range(struct counted *c, const struct conn_event *e)
{
	if (e->to > e->from)
		counted_printf(c, "bytes %u to %u", e->from, e->to - 1);
}

static void put_segment(struct counted *c, const struct conn_event *e)
{
	counted_printf(c, "%s ", e->out ? "sent" : "received");
	if (e->count > 1)
		counted_printf(c, "%u times: ", e->count);
	switch (e->seg_kind) {
	case SEG_AGAIN:
		if (e->flags & 2)
			put_flags(c, e->flags);
		put_range(c, e);
		counted_puts(c, e->flags & 1 ? " FIN again" : " again");
		break;
	case SEG_BEYOND:
		put_range(c, e);
		counted_puts(c, ", beyond a hole");
		break;
	case SEG_SACK:
	case SEG_DUPACK:
		counted_printf(c, "ACK %u", e->ack);
		if (e->sacks)
			counted_printf(c, ", has also %u to %u%s", e->sack[0], e->sack[1] - 1,
				       e->sacks > 1 ? " and more" : "");
		else
			counted_puts(c, " once more");
		break;
	case SEG_NO_WINDOW:
		counted_printf(c, "ACK %u, window closed", e->ack);
		break;
	case SEG_PROBE:
		counted_puts(c, "a probe");
		break;
	default:
		put_flags(c, e->flags);
		if (e->flags & 2)
			put_syn(c, e);
		else if (e->to > e->from) {
			counted_puts(c, " ");
			put_range(c, e);
		}
	}
}

static void put_event(struct counted *c, const struct conn_event *e)
{
	switch (e->kind) {
	case EVENT_FLOW:
		put_flow(c, e);
		break;
	case EVENT_SEGMENT:
		put_segment(c, e);
		break;
	case EVENT_STATE:
		counted_printf(c, "%s becomes %s", state_name(e->from), state_name(e->to));
		break;
	case EVENT_NOTE:
		counted_puts(c, e->text ? e->text : "");
		break;
	}
}

size_t story_text(const struct story *s, char *buf, size_t size)
{
	struct counted c;

	counted_init(&c, buf, size);
	counted_puts(&c, "connection ");
	put_end(&c, s->laddr, s->lport);
	counted_puts(&c, s->passive ? " < " : " > ");
	put_end(&c, s->faddr, s->fport);
	counted_printf(&c, ", at %s\n", s->net);
	for (u32 i = 0; i < s->n; i++) {
		const struct conn_event *e = &s->event[i];

		counted_printf(&c, "  %11.6f  %s", (double)e->at / 1e9,
			       e->kind == EVENT_STATE || e->kind == EVENT_NOTE ? "* " : "");
		put_event(&c, e);
		counted_puts(&c, "\n");
	}
	if (s->lost)
		counted_printf(&c, "  %u more events were not kept\n", s->lost);
	return c.len;
}

static const char *kind_name(const struct conn_event *e)
{
	static const char *const segs[] = { "plain", "flags",  "again",	    "beyond",
					    "sack",  "dupack", "no-window", "probe" };

	switch (e->kind) {
	case EVENT_FLOW:
		return "flow";
	case EVENT_SEGMENT:
		return segs[e->seg_kind];
	case EVENT_STATE:
		return "state";
	default:
		return "note";
	}
}

static void json_event(struct counted *c, const struct conn_event *e)
{
	char text[300];
	struct counted t;

	counted_init(&t, text, sizeof(text));
	put_event(&t, e);
	counted_printf(c, "{\"at_ns\":%llu,\"kind\":\"%s\",\"out\":%s,\"text\":",
		       (unsigned long long)e->at, kind_name(e), e->out ? "true" : "false");
	counted_json(c, text);
	counted_puts(c, "}");
}

size_t story_json(const struct story *s, char *buf, size_t size)
{
	struct counted c;

	counted_init(&c, buf, size);
	counted_puts(&c, "{\"local\":\"");
	put_end(&c, s->laddr, s->lport);
	counted_puts(&c, "\",\"peer\":\"");
	put_end(&c, s->faddr, s->fport);
	counted_puts(&c, "\",\"net\":");
	counted_json(&c, s->net);
	counted_printf(&c, ",\"start_ns\":%llu,\"passive\":%s,\"lost\":%u,\"events\":[",
		       (unsigned long long)s->start, s->passive ? "true" : "false", s->lost);
	for (u32 i = 0; i < s->n; i++) {
		if (i)
			counted_puts(&c, ",");
		json_event(&c, &s->event[i]);
	}
	counted_puts(&c, "]}");
	return c.len;
}
