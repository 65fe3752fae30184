// SPDX-License-Identifier: BSD-2-Clause
/* lab/lab_packets.c - the packets that a command line names: words, hex, or a capture file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/lab.h"
#include "lab/packet_text.h"
#include "skiff/tap.h"

#define WORDS_MAX 512

/* Arguments split at blanks: one quoted argument or many are the same. */
struct words {
	unsigned n;
	const char *p[WORDS_MAX];
	char *text;
};

static bool split(struct words *w, int argc, char **argv)
{
	size_t len = 1, at = 0;
	char *s, *save;

	for (int i = 0; i < argc; i++)
		len += strlen(argv[i]) + 1;
	*w = (struct words){ .text = malloc(len) };
	if (!w->text)
		return false;
	for (int i = 0; i < argc; i++)
		at += (size_t)sprintf(w->text + at, "%s ", argv[i]);
	w->text[at] = '\0';
	for (s = strtok_r(w->text, " \t\n", &save); s && w->n < WORDS_MAX;
	     s = strtok_r(NULL, " \t\n", &save))
		w->p[w->n++] = s;
	return !s;
}

static const struct lab_end *end_of(const struct lab_topology *t, unsigned node, const char *dev,
				    const struct lab_end **far)
{
	for (unsigned l = 0; l < t->n_links; l++) {
		for (int e = 0; e < 2; e++) {
			const struct lab_end *end = &t->links[l].end[e];

			if (end->node == (int)node && !strcmp(end->name, dev)) {
				*far = &t->links[l].end[!e];
				return end;
			}
		}
	}
	return NULL;
}

/* The addresses of both ends of the link at @dev; behind host: is the stand-in. */
static bool macs_of(const struct lab_topology *t, unsigned node, const char *dev,
		    struct packet_macs *m)
{
	const struct lab_end *far, *end = end_of(t, node, dev, &far);

	if (!end)
		return false;
	lab_mac(m->dst, node, end->dev);
	if (far->node >= 0) {
		lab_mac(m->src, (unsigned)far->node, far->dev);
	} else {
		lab_mac(m->src, node, end->dev);
		m->src[3] = 0xff;
	}
	return true;
}

static int add_packet(struct skiff_lab_packet **list, int n, const char *dev, uint64_t at_ns,
		      const void *frame, size_t len)
{
	struct skiff_lab_packet *p = realloc(*list, (size_t)(n + 1) * sizeof(*p));

	if (!p)
		return -ENOMEM;
	*list = p;
	p += n;
	*p = (struct skiff_lab_packet){ .at_ns = at_ns, .len = len, .frame = malloc(len) };
	snprintf(p->dev, sizeof(p->dev), "%s", dev);
	if (!p->frame)
		return -ENOMEM;
	memcpy(p->frame, frame, len);
	return n + 1;
}

/* -ENOENT: @path is no file */
static int read_file(const char *path, const char *dev, struct skiff_lab_packet **list, char *why,
		     size_t why_size)
{
	uint64_t at, first = 0;
	struct skiff_capture *c;
	const void *frame;
	int n = 0, more, err = 0;
	size_t len;

	c = skiff_capture_read(path, &err);
	if (!c) {
		snprintf(why, why_size, "%s: %s", path,
			 err == -EINVAL ? "not a capture of Ethernet frames" : strerror(-err));
		return err;
	}
	while ((more = skiff_capture_next(c, &at, &frame, &len)) == 1) {
		if (!n)
			first = at;
		n = add_packet(list, n, dev, at > first ? at - first : 0, frame, len);
		if (n < 0)
			break;
	}
	skiff_capture_close(c);
	if (more < 0 || n <= 0) {
		snprintf(why, why_size, "%s: %s", path,
			 more < 0 ? "the file is broken" :
			 n < 0	  ? "out of memory" :
				    "there is no frame in it");
		return -EINVAL;
	}
	return n;
}

static bool is_file(const char *path)
{
	FILE *f = fopen(path, "rbe");

	if (f)
		fclose(f);
	return f != NULL;
}

static int read_words(const struct skiff_lab *lab, unsigned node, const struct words *w,
		      struct skiff_lab_packet **list, char *why, size_t why_size)
{
	static const char usage[] =
		"a packet is wanted: \"DEVICE WORDS...\", \"DEVICE HEX\" or \"DEVICE FILE.pcap\"";
	const struct lab_node *n = &lab->t->nodes[node];
	struct packet_macs macs;
	uint8_t *frame;
	size_t len;
	int err;

	if (w->n == 1 && is_file(w->p[0]) && n->n_devs == 1)
		return read_file(w->p[0], n->devs[0], list, why, why_size);
	if (w->n && !macs_of(lab->t, node, w->p[0], &macs)) {
		snprintf(why, why_size, "node %s has no device \"%s\" with a link", n->name,
			 w->p[0]);
		return -EINVAL;
	}
	if (w->n < 2) {
		snprintf(why, why_size, "%s", usage);
		return -EINVAL;
	}
	frame = malloc(PACKET_FRAME_MAX);
	if (!frame)
		return -ENOMEM;
	if (!packet_hex(w->n - 1, w->p + 1, frame, &len)) {
		err = add_packet(list, 0, w->p[0], 0, frame, len);
	} else if (w->n == 2 && is_file(w->p[1])) {
		err = read_file(w->p[1], w->p[0], list, why, why_size);
	} else {
		err = packet_text(w->n - 1, w->p + 1, &macs, frame, &len, why, why_size);
		if (!err)
			err = add_packet(list, 0, w->p[0], 0, frame, len);
	}
	free(frame);
	return err;
}

int skiff_lab_packets(const struct skiff_lab *lab, unsigned node, int argc, char **argv,
		      struct skiff_lab_packet **packets, char *why, size_t why_size)
{
	struct words w;
	int n;

	*packets = NULL;
	snprintf(why, why_size, "the packet is too long");
	n = split(&w, argc, argv) ? read_words(lab, node, &w, packets, why, why_size) : -EINVAL;
	free(w.text);
	return n;
}

void skiff_lab_packets_free(struct skiff_lab_packet *packets, int n)
{
	for (int i = 0; i < n; i++)
		free(packets[i].frame);
	free(packets);
}

int skiff_lab_inject(struct skiff_lab *lab, unsigned node, const struct skiff_lab_packet *p)
{
	struct skiff_dev *dev = skiff_dev_find(lab->nodes[node], p->dev);
	int err = dev ? skiff_wire_rx(dev, p->frame, p->len) : -ENODEV;

	lab_turn(lab, lab->now);
	return err;
}
