// SPDX-License-Identifier: BSD-2-Clause
/* explain/print_json.c - a journey as one JSON object on one line. Keys are stable: programs rely on them.
 *
 * {"id","node","dev","at_ns","frame","text","from","fate","sentence","out_dev","drop":{"reason","sentence","function","setting"},
 *  "steps":[{"kind","depth","later","by","at_ns", and by kind:
 *    in: "dev"; fn: "name"; hook: "name","verdict"; route, neigh, setting, note: "text"; counter: "name","value";
 *    out: "dev","frame","text"; drop: "reason","function","sentence"}]}
 * "drop" is null unless the packet was dropped; "later" and "by" stand only where they are not false and 0.
 */
#include "explain/counted.h"
#include "net/types.h"
#include "skiff/explain.h"

static const char *const kinds[] = {
	[SKIFF_STEP_IN] = "in",		  [SKIFF_STEP_FN] = "fn",
	[SKIFF_STEP_HOOK] = "hook",	  [SKIFF_STEP_ROUTE] = "route",
	[SKIFF_STEP_NEIGH] = "neigh",	  [SKIFF_STEP_COUNTER] = "counter",
	[SKIFF_STEP_SETTING] = "setting", [SKIFF_STEP_OUT] = "out",
	[SKIFF_STEP_DROP] = "drop",	  [SKIFF_STEP_NOTE] = "note",
};

static void put_key(struct counted *c, const char *key, const char *value)
{
	counted_printf(c, ",\"%s\":", key);
	counted_json(c, value);
}

static void put_frame(struct counted *c, const void *frame, size_t len)
{
	char line[256];

	skiff_frame_text(frame, len, line, sizeof(line));
	put_key(c, "text", line);
	counted_puts(c, ",\"frame\":\"");
	counted_hex(c, frame, len);
	counted_puts(c, "\"");
}

static void put_step(struct counted *c, const struct skiff_step *s)
{
	counted_printf(c, "{\"kind\":\"%s\",\"depth\":%u,\"at_ns\":%llu", kinds[s->kind], s->depth,
		       (unsigned long long)s->at_ns);
	if (s->later)
		counted_puts(c, ",\"later\":true");
	if (s->by)
		counted_printf(c, ",\"by\":%u", s->by);
	switch (s->kind) {
	case SKIFF_STEP_IN:
		put_key(c, "dev", s->dev);
		break;
	case SKIFF_STEP_FN:
		put_key(c, "name", s->name);
		break;
	case SKIFF_STEP_HOOK:
		put_key(c, "name", s->name);
		put_key(c, "verdict", s->text);
		break;
	case SKIFF_STEP_COUNTER:
		put_key(c, "name", s->name);
		counted_printf(c, ",\"value\":%llu", (unsigned long long)s->value);
		break;
	case SKIFF_STEP_OUT:
		put_key(c, "dev", s->dev);
		put_frame(c, s->frame, s->len);
		break;
	case SKIFF_STEP_DROP:
		put_key(c, "reason", s->name);
		put_key(c, "function", s->fn);
		put_key(c, "sentence", s->text);
		break;
	case SKIFF_STEP_ROUTE:
	case SKIFF_STEP_NEIGH:
	case SKIFF_STEP_SETTING:
	case SKIFF_STEP_NOTE:
		put_key(c, "text", s->text);
		break;
	}
	counted_puts(c, "}");
}

static void put_drop(struct counted *c, const struct skiff_journey *j)
{
	if (j->fate != SKIFF_FATE_DROPPED) {
		counted_puts(c, ",\"drop\":null");
		return;
	}
	counted_puts(c, ",\"drop\":{\"reason\":");
	counted_json(c, j->drop_reason);
	put_key(c, "sentence", j->drop_sentence);
	put_key(c, "function", j->drop_fn);
	put_key(c, "setting", j->setting);
	counted_puts(c, "}");
}

/**
 * skiff_journey_json() - the whole journey as one JSON object, without newline
 * Return: length of the whole text, also where @size was too small for it (snprintf's rule)
 */
size_t skiff_journey_json(const struct skiff_journey *j, char *buf, size_t size)
{
	char sentence[512];
	struct counted c;

	counted_init(&c, buf, size);
	counted_printf(&c, "{\"id\":%u", j->id);
	put_key(&c, "node", j->net);
	put_key(&c, "dev", j->dev);
	counted_printf(&c, ",\"at_ns\":%llu", (unsigned long long)j->at_ns);
	put_frame(&c, j->frame, j->len);
	counted_printf(&c, ",\"from\":%u,\"fate\":\"%s\"", j->from, skiff_fate_name(j->fate));
	skiff_journey_sentence(j, sentence, sizeof(sentence));
	put_key(&c, "sentence", sentence);
	put_key(&c, "out_dev", j->out_dev);
	put_drop(&c, j);
	counted_puts(&c, ",\"steps\":[");
	for (unsigned i = 0; i < j->n_steps; i++) {
		if (i)
			counted_puts(&c, ",");
		put_step(&c, &j->steps[i]);
	}
	counted_puts(&c, "]}");
	return c.len;
}
