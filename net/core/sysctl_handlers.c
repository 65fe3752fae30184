// SPDX-License-Identifier: BSD-2-Clause
/* net/core/sysctl_handlers.c - how the value of a setting is read and written as text.
 *
 * DOC: Numbers in /proc/sys
 * Writing: white space, then numbers in C notation (decimal, 0x.., 0..) with an optional '-', each followed by white
 * space or the end. A table of several numbers takes as many as are given; a single number takes the first and leaves
 * the rest alone. A number that does not fit changes nothing from there on and gives EINVAL; those before it stand.
 * Reading: numbers with tabs between them.
 * Units: a tick is a millisecond here (HZ 1000), so the largest number of seconds is INT_MAX / 1000.
 */
#include "net/sysctl.h"

#include <limits.h>

#include "lib/fmt.h"

/* The longest run of characters that is looked at as one number. */
#define NUMBER_MAX 21

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *skip_spaces(const char *p)
{
	while (is_space(*p))
		p++;
	return p;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* parse_long() - one number at @p: the place behind it, or NULL */
static const char *parse_long(const char *p, u64 *val, bool *neg)
{
	const char *start = p;
	unsigned base = 10;

	*val = 0;
	*neg = *p == '-';
	if (*neg)
		p++;
	if (digit_of(*p) > 9)
		return NULL;
	if (*p == '0') {
		base = 8;
		if ((p[1] | 0x20) == 'x' && digit_of(p[2]) < 16) {
			base = 16;
			p += 2;
		}
	}
	for (; digit_of(*p) < (int)base; p++) {
		unsigned d = (unsigned)digit_of(*p);

		if (*val > (UINT64_MAX - d) / base)
			return NULL;
		*val = *val * base + d;
	}
	if (p - start >= NUMBER_MAX)
		return NULL;
	if (*p && *p != ' ' && *p != '\t' && *p != '\n')
		return NULL;
	return p;
}

/* How a number in the file and the one in memory correspond: stored = shown * mul. */
struct int_conv {
	s64 mul;
	s64 min, max; /* of what is stored */
};

static bool store_int(const struct int_conv *c, u64 val, bool neg, s64 *out)
{
	if (val > (u64)INT64_MAX / (u64)c->mul)
		return false;
	*out = (neg ? -(s64)val : (s64)val) * c->mul;
	return *out >= c->min && *out <= c->max;
}

/* write_ints() - numbers of @buf into int data[0..n-1] */
static int write_ints(int *data, unsigned n, const struct int_conv *c, const char *p)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		bool neg;
		u64 val;
		s64 v;

		p = skip_spaces(p);
		if (!*p)
			break;
		p = parse_long(p, &val, &neg);
		if (!p || !store_int(c, val, neg, &v))
			return -EINVAL;
		data[i] = (int)v;
	}
	return i ? 0 : -EINVAL;
}

static int read_ints(const int *data, unsigned n, s64 div, char *buf, size_t size)
{
	struct strbuf sb;
	unsigned i, len = 0;

	strbuf_init(&sb, buf, size);
	for (i = 0; i < n; i++) {
		char tmp[32];
		struct strbuf one;

		strbuf_init(&one, tmp, sizeof(tmp));
		strbuf_printf(&one, "%s%lld", i ? "\t" : "", (long long)(data[i] / div));
		strbuf_puts(&sb, tmp);
		len += (unsigned)one.len;
	}
	return (int)len;
}

static int do_ints(const struct ctl_table *t, bool write, char *buf, size_t size,
		   const struct int_conv *c)
{
	unsigned n = t->maxlen / sizeof(int);

	if (write)
		return write_ints(t->data, n, c, buf);
	return read_ints(t->data, n, c->mul, buf, size);
}

/** proc_dointvec() - int or array of int, any value */
int proc_dointvec(struct net *net, const struct ctl_table *t, bool write, char *buf, size_t size)
{
	const struct int_conv c = { 1, INT_MIN, INT_MAX };

	return do_ints(t, write, buf, size, &c);
}

/** proc_dointvec_minmax() - int or array of int within *extra1 .. *extra2 (const int *, NULL: no limit) */
int proc_dointvec_minmax(struct net *net, const struct ctl_table *t, bool write, char *buf,
			 size_t size)
{
	const struct int_conv c = { 1, t->extra1 ? *(const int *)t->extra1 : INT_MIN,
				    t->extra2 ? *(const int *)t->extra2 : INT_MAX };

	return do_ints(t, write, buf, size, &c);
}

/** proc_dointvec_jiffies() - seconds shown, ticks stored */
int proc_dointvec_jiffies(struct net *net, const struct ctl_table *t, bool write, char *buf,
			  size_t size)
{
	const struct int_conv c = { HZ, INT_MIN, INT_MAX };

	return do_ints(t, write, buf, size, &c);
}

/** proc_dointvec_userhz_jiffies() - 1/100 s shown, ticks stored */
int proc_dointvec_userhz_jiffies(struct net *net, const struct ctl_table *t, bool write, char *buf,
				 size_t size)
{
	const struct int_conv c = { HZ / USER_HZ, INT_MIN, INT_MAX };

	return do_ints(t, write, buf, size, &c);
}

/** proc_dointvec_ms_jiffies() - ms shown, ticks stored; with extra1, extra2 (const int *, ticks) as limits if given */
int proc_dointvec_ms_jiffies(struct net *net, const struct ctl_table *t, bool write, char *buf,
			     size_t size)
{
	const struct int_conv c = { HZ / 1000, t->extra1 ? *(const int *)t->extra1 : INT_MIN,
				    t->extra2 ? *(const int *)t->extra2 : INT_MAX };

	return do_ints(t, write, buf, size, &c);
}

static int write_uint(const char *p, u32 min, u32 max, u32 *out)
{
	bool neg;
	u64 val;

	p = skip_spaces(p);
	if (!parse_long(p, &val, &neg) || neg || val < min || val > max)
		return -EINVAL;
	*out = (u32)val;
	return 0;
}

static int read_uint(u32 val, char *buf, size_t size)
{
	struct strbuf sb, out;
	char tmp[16];

	strbuf_init(&sb, tmp, sizeof(tmp));
	strbuf_printf(&sb, "%u", val);
	strbuf_init(&out, buf, size);
	strbuf_puts(&out, tmp);
	return (int)sb.len;
}

/** proc_douintvec_minmax() - one u32 within *extra1 .. *extra2 (const u32 *) */
int proc_douintvec_minmax(struct net *net, const struct ctl_table *t, bool write, char *buf,
			  size_t size)
{
	u32 *data = t->data;

	if (!write)
		return read_uint(*data, buf, size);
	return write_uint(buf, t->extra1 ? *(const u32 *)t->extra1 : 0,
			  t->extra2 ? *(const u32 *)t->extra2 : UINT32_MAX, data);
}

/** proc_douintvec() - one u32, any value */
int proc_douintvec(struct net *net, const struct ctl_table *t, bool write, char *buf, size_t size)
{
	if (!write)
		return read_uint(*(u32 *)t->data, buf, size);
	return write_uint(buf, 0, UINT32_MAX, t->data);
}

/** proc_doulongvec_minmax() - u64 or array of u64 within *extra1 .. *extra2 (const u64 *); a number with a sign is refused */
int proc_doulongvec_minmax(struct net *net, const struct ctl_table *t, bool write, char *buf,
			   size_t size)
{
	u64 *data = t->data, min = t->extra1 ? *(const u64 *)t->extra1 : 0;
	u64 max = t->extra2 ? *(const u64 *)t->extra2 : UINT64_MAX, val;
	unsigned n = t->maxlen / sizeof(*data), i;
	struct strbuf sb;
	const char *p;
	bool neg;

	if (!write) {
		char tmp[64];
		struct strbuf out;

		strbuf_init(&sb, tmp, sizeof(tmp));
		for (i = 0; i < n; i++)
			strbuf_printf(&sb, "%s%llu", i ? "\t" : "", (unsigned long long)data[i]);
		strbuf_init(&out, buf, size);
		strbuf_puts(&out, tmp);
		return (int)sb.len;
	}
	for (i = 0, p = skip_spaces(buf); i < n && *p; i++, p = skip_spaces(p)) {
		p = parse_long(p, &val, &neg);
		if (!p || neg || val < min || val > max)
			return -EINVAL;
		data[i] = val;
	}
	return i ? 0 : -EINVAL;
}

/** proc_dou8vec_minmax() - one u8 within *extra1 .. *extra2 (const int *; at most 0..255) */
int proc_dou8vec_minmax(struct net *net, const struct ctl_table *t, bool write, char *buf,
			size_t size)
{
	u32 val;
	int err;

	if (!write)
		return read_uint(*(u8 *)t->data, buf, size);
	err = write_uint(buf, t->extra1 ? *(const u32 *)t->extra1 : 0,
			 t->extra2 ? *(const u32 *)t->extra2 : 255, &val);
	if (!err)
		*(u8 *)t->data = (u8)val;
	return err;
}
