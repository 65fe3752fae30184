// SPDX-License-Identifier: BSD-2-Clause
/* syscall/names_wire.c - answers to DNS queries: an A record for names that have an address, nothing else.
 *
 * A name with an address has no data of other types (NOERROR, no answer), so that who asks for AAAA first goes on to A; every
 * other name does not exist (NXDOMAIN). EDNS is answered with EDNS.
 */
#include "syscall/names_wire.h"

#include <string.h>

#define HEADER	     12u
#define NAME_MAX_    255u
#define LABEL_MAX    63u
#define TYPE_A	     1u
#define TYPE_OPT     41u
#define TYPE_ANY     255u
#define CLASS_IN     1u
#define CLASS_ANY    255u
#define OUR_UDP_SIZE 1232u /* RFC 6891 6.2.5 and what fits everywhere */
#define FLAG_QR	     0x8000u
#define FLAG_AA	     0x0400u
#define FLAG_RD	     0x0100u
#define FLAG_RA	     0x0080u
#define OPCODE(f)    ((f) >> 11 & 15u)

enum rcode { NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED };

struct reader {
	const uint8_t *p, *end;
};

static bool get16(struct reader *r, unsigned *v)
{
	if (r->end - r->p < 2)
		return false;
	*v = (unsigned)(r->p[0] << 8 | r->p[1]);
	r->p += 2;
	return true;
}

static uint8_t *put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* One label to the text; a byte that would be mistaken for something else becomes one that is in no name. */
static void put_label(char *text, size_t *n, const uint8_t *label, unsigned len)
{
	if (*n)
		text[(*n)++] = '.';
	for (unsigned i = 0; i < len; i++) {
		uint8_t c = lower(label[i]);

		text[(*n)++] = c <= ' ' || c == '.' || c >= 127 ? '?' : (char)c;
	}
}

/* The name of a question, uncompressed, as text. @text has NAME_MAX_ + 1 bytes */
static bool get_name(struct reader *r, char *text)
{
	const uint8_t *start = r->p;
	size_t n = 0;

	while (r->p < r->end && *r->p) {
		unsigned len = *r->p;

		if (len > LABEL_MAX || r->end - r->p <= (ptrdiff_t)len ||
		    (size_t)(r->p - start) + len + 2 > NAME_MAX_)
			return false;
		put_label(text, &n, r->p + 1, len);
		r->p += len + 1;
	}
	text[n] = 0;
	return r->p++ < r->end;
}

/* Past the name of a record, which may end in a pointer. */
static bool skip_name(struct reader *r)
{
	while (r->p < r->end) {
		unsigned len = *r->p;

		if (len >= 0xc0) {
			r->p += 2;
			return r->p <= r->end;
		}
		if (len > LABEL_MAX || r->end - r->p <= (ptrdiff_t)len)
			return false;
		r->p += len + 1;
		if (!len)
			return true;
	}
	return false;
}

/* Is there an OPT among @n records? -1: they are no records */
static int find_opt(struct reader *r, unsigned n)
{
	int found = 0;

	while (n--) {
		unsigned type, class, ttl_high, ttl_low, len;

		if (!skip_name(r) || !get16(r, &type) || !get16(r, &class) ||
		    !get16(r, &ttl_high) || !get16(r, &ttl_low) || !get16(r, &len) ||
		    r->end - r->p < (ptrdiff_t)len)
			return -1;
		r->p += len;
		found |= type == TYPE_OPT;
	}
	return found;
}

/**
 * struct question - what a query asks
 * @end:  the first byte behind the question; NULL: it has none that we could read
 * @edns: the query has an OPT
 */
struct question {
	unsigned id, flags, type, class;
	const uint8_t *end;
	bool edns;
	char name[NAME_MAX_ + 1];
};

static enum rcode parse(const uint8_t *query, size_t len, struct question *q)
{
	struct reader r = { query, query + len };
	unsigned n[4];
	int opt;

	get16(&r, &q->id);
	get16(&r, &q->flags);
	for (unsigned i = 0; i < 4; i++)
		get16(&r, &n[i]);
	if (OPCODE(q->flags))
		return NOTIMP;
	if (n[0] != 1 || !get_name(&r, q->name) || !get16(&r, &q->type) || !get16(&r, &q->class))
		return FORMERR;
	q->end = r.p;
	opt = find_opt(&r, n[1] + n[2] + n[3]);
	if (opt < 0)
		return FORMERR;
	q->edns = opt;
	return q->class == CLASS_IN || q->class == CLASS_ANY ? NOERROR : REFUSED;
}

/* A record for the name of the question. */
static uint8_t *put_a(uint8_t *p, uint32_t addr)
{
	p = put16(p, 0xc000 | HEADER);
	p = put16(p, TYPE_A);
	p = put16(p, CLASS_IN);
	p = put16(p, 0);
	p = put16(p, 0); /* nodes come and go: nobody is to remember */
	p = put16(p, sizeof(addr));
	memcpy(p, &addr, sizeof(addr));
	return p + sizeof(addr);
}

static uint8_t *put_opt(uint8_t *p)
{
	*p++ = 0;
	p = put16(p, TYPE_OPT);
	p = put16(p, OUR_UDP_SIZE);
	memset(p, 0, 6);
	return p + 6;
}

size_t names_answer(const uint8_t *query, size_t len, names_resolve_fn resolve, void *arg,
		    uint8_t *out)
{
	struct question q = { 0 };
	bool has_a = false;
	enum rcode rcode;
	uint8_t *p = out;
	uint32_t addr;

	if (len < HEADER || query[2] & 0x80)
		return 0;
	rcode = parse(query, len, &q);
	if (rcode == NOERROR) {
		has_a = resolve(arg, q.name, &addr);
		rcode = has_a ? NOERROR : NXDOMAIN;
		has_a = has_a && (q.type == TYPE_A || q.type == TYPE_ANY);
	}
	p = put16(p, q.id);
	p = put16(p, FLAG_QR | (q.flags & (0x7800 | FLAG_RD)) | FLAG_AA | FLAG_RA | rcode);
	p = put16(p, q.end != NULL);
	p = put16(p, has_a);
	p = put16(p, 0);
	p = put16(p, q.edns);
	if (q.end) {
		memcpy(p, query + HEADER, (size_t)(q.end - query) - HEADER);
		p += q.end - query - HEADER;
	}
	if (has_a)
		p = put_a(p, addr);
	if (q.edns)
		p = put_opt(p);
	return (size_t)(p - out);
}
