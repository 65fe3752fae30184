// SPDX-License-Identifier: BSD-2-Clause
/* explain/print_text.c - a journey for a person: the way from top to bottom, caused packets indented, the fate last. */
#include "explain/counted.h"
#include "skiff/explain.h"

#include "lib/fmt.h"
#include "net/types.h"

static void put_frame(struct counted *c, const void *frame, size_t len)
{
	char line[256];

	skiff_frame_text(frame, len, line, sizeof(line));
	counted_puts(c, line);
}

/* Column of words: what kind of step it is. Functions, the most frequent kind, stand without a word. */
static void put_lead(struct counted *c, const struct skiff_step *s, const char *word)
{
	counted_printf(c, "  %*s%-8s", (int)s->depth * 4, "", word);
}

static void put_drop(struct counted *c, const struct skiff_step *s)
{
	put_lead(c, s, "drop");
	counted_printf(c, "%s in %s: %s", s->name, s->fn, s->text);
}

/* Counters come in runs: one line for those bumped between two steps. Returns the last of the run. */
static unsigned put_counters(struct counted *c, const struct skiff_journey *j, unsigned i)
{
	const struct skiff_step *s = &j->steps[i];
	const char *comma = "";

	put_lead(c, s, "count");
	for (; i < j->n_steps && j->steps[i].kind == SKIFF_STEP_COUNTER; i++) {
		counted_printf(c, "%s%s +%llu", comma, j->steps[i].name,
			       (unsigned long long)j->steps[i].value);
		comma = ", ";
	}
	return i - 1;
}

static unsigned put_step(struct counted *c, const struct skiff_journey *j, unsigned i)
{
	const struct skiff_step *s = &j->steps[i];

	switch (s->kind) {
	case SKIFF_STEP_IN:
		put_lead(c, s, "in");
		counted_puts(c, s->dev);
		break;
	case SKIFF_STEP_FN:
		put_lead(c, s, "");
		counted_printf(c, "%s()", s->name);
		break;
	case SKIFF_STEP_HOOK:
		put_lead(c, s, "hook");
		counted_printf(c, "%s: %s", s->name, s->text);
		break;
	case SKIFF_STEP_ROUTE:
		put_lead(c, s, "route");
		counted_puts(c, s->text);
		break;
	case SKIFF_STEP_NEIGH:
		put_lead(c, s, "neigh");
		counted_puts(c, s->text);
		break;
	case SKIFF_STEP_COUNTER:
		return put_counters(c, j, i);
	case SKIFF_STEP_SETTING:
		put_lead(c, s, "setting");
		counted_puts(c, s->text);
		break;
	case SKIFF_STEP_OUT:
		put_lead(c, s, "out");
		counted_printf(c, "%s: ", s->dev);
		put_frame(c, s->frame, s->len);
		break;
	case SKIFF_STEP_DROP:
		put_drop(c, s);
		break;
	case SKIFF_STEP_NOTE:
		put_lead(c, s, "note");
		counted_puts(c, s->text);
		break;
	}
	return i;
}

/* A line between what happened with the frame and what happened to the packet afterwards. */
static void put_later(struct counted *c, const struct skiff_journey *j, const struct skiff_step *s)
{
	u64 us = (s->at_ns - j->at_ns) / 1000;

	counted_printf(c, "  %llu.%03llu ms later", (unsigned long long)(us / 1000),
		       (unsigned long long)(us % 1000));
	if (s->by)
		counted_printf(c, ", while frame #%u was handled", s->by);
	counted_puts(c, ":\n");
}

static bool later_begins(const struct skiff_journey *j, unsigned i)
{
	const struct skiff_step *s = &j->steps[i], *before = s - 1;

	return s->later &&
	       (!i || !before->later || before->by != s->by || before->at_ns != s->at_ns);
}

static void put_sentence(struct counted *c, const struct skiff_journey *j)
{
	const bool arp = j->len > 13 && !memcmp((const u8 *)j->frame + 12, "\x08\x06", 2);

	switch (j->fate) {
	case SKIFF_FATE_DELIVERED:
		counted_printf(c, "delivered: %s took it", arp ? "ARP" : j->net);
		break;
	case SKIFF_FATE_FORWARDED:
		counted_printf(c, "forwarded out of %s", j->out_dev ? j->out_dev : "?");
		break;
	case SKIFF_FATE_DROPPED:
		counted_printf(c, "dropped in %s: %s, %s", j->drop_fn, j->drop_reason,
			       j->drop_sentence);
		if (j->setting)
			counted_printf(c, " (%s)", j->setting);
		break;
	case SKIFF_FATE_SENT:
		counted_printf(c, "sent out of %s", j->out_dev ? j->out_dev : "?");
		break;
	case SKIFF_FATE_QUEUED:
		counted_puts(c,
			     "queued: it waits for its next hop's address or its other fragments");
		break;
	}
}

/**
 * skiff_journey_sentence() - the fate and why, one line without newline
 */
size_t skiff_journey_sentence(const struct skiff_journey *j, char *buf, size_t size)
{
	struct counted c;

	counted_init(&c, buf, size);
	put_sentence(&c, j);
	return c.len;
}

/**
 * skiff_journey_text() - the whole journey, lines ended by newlines
 * Return: length of the whole text, also where @size was too small for it (snprintf's rule)
 */
size_t skiff_journey_text(const struct skiff_journey *j, char *buf, size_t size)
{
	struct counted c;

	counted_init(&c, buf, size);
	counted_printf(&c, "#%u %s%s%s: ", j->id, j->net, *j->dev ? " " : "", j->dev);
	put_frame(&c, j->frame, j->len);
	counted_puts(&c, "\n");
	for (unsigned i = 0; i < j->n_steps; i++) {
		if (later_begins(j, i))
			put_later(&c, j, &j->steps[i]);
		i = put_step(&c, j, i);
		counted_puts(&c, "\n");
	}
	put_sentence(&c, j);
	counted_puts(&c, "\n");
	return c.len;
}
