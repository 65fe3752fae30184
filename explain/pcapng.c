// SPDX-License-Identifier: BSD-2-Clause
/* explain/pcapng.c - write frames with comments as a pcapng file (draft-ietf-opsawg-pcapng, little-endian).
 *
 * DOC: Captures with reasons
 * One section; an interface per device "node:dev", described when its first frame is written; each frame is an
 * Enhanced Packet Block with its direction and, where there is one, a comment: Wireshark shows it on the packet.
 * Times are nanoseconds (if_tsresol 9).
 */
#include "net/types.h"
#include "skiff/explain.h"

#include <stdio.h>

#define BLOCK_SHB	  0x0a0d0d0au
#define BLOCK_IDB	  1u
#define BLOCK_EPB	  6u
#define BYTE_ORDER_MAGIC  0x1a2b3c4du
#define LINKTYPE_ETHERNET 1u

#define OPT_END	     0
#define OPT_COMMENT  1
#define SHB_USERAPPL 4
#define IF_NAME	     2
#define IF_TSRESOL   9
#define EPB_FLAGS    2
#define EPB_DIR_IN   1u
#define EPB_DIR_OUT  2u
#define COMMENT_MAX  1024

/* A block's fixed part and options; the frame of an EPB is written between the two. */
struct block {
	u8 b[COMMENT_MAX + 256];
	size_t n;
};

static void put32(struct block *k, u32 v)
{
	memcpy(k->b + k->n, &v, 4);
	k->n += 4;
}

static void put_option(struct block *k, u16 code, const void *value, size_t len)
{
	u16 head[2] = { code, (u16)len };

	memcpy(k->b + k->n, head, 4);
	memcpy(k->b + k->n + 4, value, len);
	memset(k->b + k->n + 4 + len, 0, -len & 3);
	k->n += 4 + ALIGN_UP(len, 4);
}

static void put_text(struct block *k, u16 code, const char *s)
{
	put_option(k, code, s, min_t(size_t, strlen(s), COMMENT_MAX));
}

/* Close options and block; the total length stands at both ends. */
static int write_block(struct skiff_pcapng *p, struct block *k)
{
	u32 total;

	put32(k, OPT_END);
	total = (u32)k->n + 4;
	put32(k, total);
	memcpy(k->b + 4, &total, 4);
	return p->write(p->arg, k->b, k->n);
}

/**
 * skiff_pcapng_begin() - set up @p and write the section header
 * @write:   takes bytes of the file in order
 * @wall_ns: Unix time in ns minus the time of the frames to come
 * Return:   0 or what @write said
 */
int skiff_pcapng_begin(struct skiff_pcapng *p,
		       int (*write)(void *arg, const void *bytes, size_t len), void *arg,
		       uint64_t wall_ns)
{
	struct block k = { .n = 0 };
	char name[64];

	memset(p, 0, sizeof(*p));
	p->write = write;
	p->arg = arg;
	p->wall_ns = wall_ns;
	snprintf(name, sizeof(name), "skiff %s", skiff_version());
	put32(&k, BLOCK_SHB);
	put32(&k, 0);
	put32(&k, BYTE_ORDER_MAGIC);
	put32(&k, 1); /* version 1.0 */
	put32(&k, UINT32_MAX);
	put32(&k, UINT32_MAX); /* section length: not given */
	put_text(&k, SHB_USERAPPL, name);
	return write_block(p, &k);
}

/* Number of the interface, described if it is new. Or what write said; -ENOSPC. */
static int interface_of(struct skiff_pcapng *p, const char *net, const char *dev, u32 *number)
{
	const u8 nanoseconds = 9;
	struct block k = { .n = 0 };
	char name[sizeof(p->devs[0])];

	snprintf(name, sizeof(name), "%s:%s", net, dev);
	for (*number = 0; *number < p->n_devs; ++*number) {
		if (!strcmp(p->devs[*number], name))
			return 0;
	}
	if (p->n_devs == SKIFF_PCAPNG_DEVS)
		return -ENOSPC;
	memcpy(p->devs[p->n_devs++], name, sizeof(name));
	put32(&k, BLOCK_IDB);
	put32(&k, 0);
	put32(&k, LINKTYPE_ETHERNET);
	put32(&k, 0); /* no limit on length */
	put_text(&k, IF_NAME, name);
	put_option(&k, IF_TSRESOL, &nanoseconds, 1);
	return write_block(p, &k);
}

int skiff_pcapng_frame(struct skiff_pcapng *p, const char *net, const char *dev, bool outbound,
		       uint64_t at_ns, const void *frame, size_t len, const char *comment)
{
	const u32 flags = outbound ? EPB_DIR_OUT : EPB_DIR_IN;
	const u64 ts = p->wall_ns + at_ns;
	struct block head = { .n = 0 }, tail = { .n = 0 };
	static const u8 zero[4];
	u32 number, total;
	int err;

	err = interface_of(p, net, dev, &number);
	if (err)
		return err;
	put_option(&tail, EPB_FLAGS, &flags, 4);
	if (comment && *comment)
		put_text(&tail, OPT_COMMENT, comment);
	put32(&tail, OPT_END);
	total = 28 + (u32)ALIGN_UP(len, 4) + (u32)tail.n + 4;
	put32(&tail, total);
	put32(&head, BLOCK_EPB);
	put32(&head, total);
	put32(&head, number);
	put32(&head, (u32)(ts >> 32));
	put32(&head, (u32)ts);
	put32(&head, (u32)len);
	put32(&head, (u32)len);
	err = p->write(p->arg, head.b, head.n);
	if (!err)
		err = p->write(p->arg, frame, len);
	if (!err && len % 4)
		err = p->write(p->arg, zero, -len & 3);
	return err ? err : p->write(p->arg, tail.b, tail.n);
}

int skiff_pcapng_journey(struct skiff_pcapng *p, const struct skiff_journey *j)
{
	char comment[COMMENT_MAX];
	int err = 0;

	skiff_journey_sentence(j, comment, sizeof(comment));
	if (*j->dev) /* else the node made it, and it is seen where it leaves */
		err = skiff_pcapng_frame(p, j->net, j->dev, false, j->at_ns, j->frame, j->len,
					 comment);
	for (unsigned i = 0; i < j->n_steps && !err; i++) {
		const struct skiff_step *s = &j->steps[i];

		if (s->kind != SKIFF_STEP_OUT || !s->frame)
			continue;
		if (s->of) /* stands in its own journey */
			continue;
		snprintf(comment, sizeof(comment), "%s by frame #%u",
			 s->depth ? "caused" : "forwarded", j->id);
		if (!*j->dev && !s->depth)
			skiff_journey_sentence(j, comment, sizeof(comment));
		err = skiff_pcapng_frame(p, s->net, s->dev, true, s->at_ns, s->frame, s->len,
					 comment);
	}
	return err;
}
