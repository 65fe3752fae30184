// SPDX-License-Identifier: BSD-2-Clause
/* lab/lab_cable.c - frames between the ends of a link: under way, late, doubled, lost.
 *
 * DOC: Cables
 * A link that does nothing to frames is a veth pair and not seen here. Every other one is two devices whose far end the lab
 * holds: a frame that leaves goes through the direction's impairments into the sky, a heap by time of arrival, and
 * from there into the far device. Behind a host: endpoint is a TAP, or in virtual time a stand-in.
 */
#include "lab/lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/inet.h"

static bool before(const struct flight *a, const struct flight *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void sky_swap(struct skiff_lab *lab, size_t i, size_t k)
{
	struct flight f = lab->sky[i];

	lab->sky[i] = lab->sky[k];
	lab->sky[k] = f;
}

static bool sky_push(struct skiff_lab *lab, const struct flight *f)
{
	size_t i = lab->n_sky;

	if (lab->n_sky == lab->cap_sky) {
		size_t cap = lab->cap_sky ? lab->cap_sky * 2 : 64;
		struct flight *p = realloc(lab->sky, cap * sizeof(*p));

		if (!p)
			return false;
		lab->sky = p;
		lab->cap_sky = cap;
	}
	lab->sky[lab->n_sky++] = *f;
	for (; i && before(&lab->sky[i], &lab->sky[(i - 1) / 2]); i = (i - 1) / 2)
		sky_swap(lab, i, (i - 1) / 2);
	return true;
}

static struct flight sky_pop(struct skiff_lab *lab)
{
	struct flight top = lab->sky[0];
	size_t i = 0;

	lab->sky[0] = lab->sky[--lab->n_sky];
	for (;;) {
		size_t least = i, l = 2 * i + 1, r = l + 1;

		if (l < lab->n_sky && before(&lab->sky[l], &lab->sky[least]))
			least = l;
		if (r < lab->n_sky && before(&lab->sky[r], &lab->sky[least]))
			least = r;
		if (least == i)
			return top;
		sky_swap(lab, i, least);
		i = least;
	}
}

/* A copy of the frame sets out for the far end. */
static void fly(struct cable_end *from, const struct impair_copy *copy, const void *frame,
		size_t len)
{
	struct skiff_lab *lab = from->lab;
	struct flight f = { .at = copy->at, .seq = lab->seq++, .to = from->far, .len = len };

	f.frame = from->flying < FLYING_MAX ? malloc(len) : NULL;
	if (!f.frame || !sky_push(lab, &f)) {
		free(f.frame);
		lab->lost++;
		return;
	}
	memcpy(f.frame, frame, len);
	if (copy->bit >= 0)
		f.frame[copy->bit / 8] ^= (uint8_t)(1 << copy->bit % 8);
	from->flying++;
}

static void send(struct cable_end *from, const void *frame, size_t len)
{
	struct impair_copy copy[IMPAIR_COPIES_MAX];
	unsigned n = impair_frame(&from->impair, from->lab->now, len, copy);

	for (unsigned i = 0; i < n; i++)
		fly(from, &copy[i], frame, len);
}

/* Virtual time only: one address resolution request, answered for whatever is asked. */
static void stand_in(struct cable_end *end, const uint8_t *frame, size_t len)
{
	static const uint8_t request[10] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };
	uint8_t reply[42];

	if (len < sizeof(reply) || memcmp(frame + 12, request, sizeof(request)))
		return;
	/* Who asks for his own address wants no answer (a probe, an announcement). */
	if (!memcmp(frame + 28, frame + 38, 4) || !memcmp(frame + 28, "\0\0\0", 4))
		return;
	memcpy(reply, frame + 6, 6);
	memcpy(reply + 6, end->stand_in_mac, 6);
	memcpy(reply + 12, request, 9);
	reply[21] = 2;
	memcpy(reply + 22, end->stand_in_mac, 6);
	memcpy(reply + 28, frame + 38, 4);
	memcpy(reply + 32, frame + 22, 10);
	send(end, reply, sizeof(reply));
}

static void arrive(struct cable_end *end, const uint8_t *frame, size_t len)
{
	if (end->dev)
		skiff_wire_rx(end->dev, frame, len);
	else if (end->stand_in)
		stand_in(end, frame, len);
	else if (end->fd >= 0 && write(end->fd, frame, len) < 0)
		end->lab->lost++;
}

static void on_xmit(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
	send(arg, frame, len);
}

const struct skiff_wire_ops cable_ops = { on_xmit };

/**
 * cable_deliver_due() - every frame whose time has come arrives
 */
void cable_deliver_due(struct skiff_lab *lab, uint64_t now)
{
	while (lab->n_sky && lab->sky[0].at <= now) {
		struct flight f = sky_pop(lab);

		f.to->far->flying--;
		arrive(f.to, f.frame, f.len);
		free(f.frame);
	}
}

/**
 * cable_next() - when the next frame arrives, SKIFF_NEVER if none is under way
 */
uint64_t cable_next(const struct skiff_lab *lab)
{
	return lab->n_sky ? lab->sky[0].at : SKIFF_NEVER;
}

/**
 * cable_ready() - take the frames that wait at a host's end
 */
void cable_ready(struct host_source *source, uint32_t events)
{
	struct cable_end *end =
		(struct cable_end *)((char *)source - offsetof(struct cable_end, source));
	uint8_t frame[65536 + 18];

	for (int i = 0; i < 64; i++) {
		ssize_t n = read(end->fd, frame, sizeof(frame));

		if (n <= 0)
			return;
		send(end, frame, (size_t)n);
	}
}

/**
 * cable_free_all() - drop what is under way, close the TAPs
 */
void cable_free_all(struct skiff_lab *lab)
{
	while (lab->n_sky)
		free(lab->sky[--lab->n_sky].frame);
	free(lab->sky);
	for (unsigned i = 0; lab->cables && i < lab->t->n_links; i++) {
		for (int e = 0; e < 2; e++) {
			if (lab->cables[i].end[e].fd >= 0)
				close(lab->cables[i].end[e].fd);
		}
	}
	free(lab->cables);
}
