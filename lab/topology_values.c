// SPDX-License-Identifier: BSD-2-Clause
/* lab/topology_values.c - times, shares and rates as a lab file writes them: a number and its unit. */
#include "lab/topology_values.h"

#include <ctype.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t one;
};

/*
 * A decimal number times @scale, digits behind the point that go beyond the scale must be 0. NULL: none, or too large.
 * Integers all the way: 0.1 is what was written.
 */
static const char *scan_decimal(const char *s, uint64_t scale, uint64_t *v)
{
	uint64_t place = scale;

	if (!isdigit((unsigned char)*s))
		return NULL;
	for (*v = 0; isdigit((unsigned char)*s); s++) {
		uint64_t digit = (uint64_t)(*s - '0') * scale;

		if (*v > (UINT64_MAX / 4 - digit) / 10)
			return NULL;
		*v = *v * 10 + digit;
	}
	if (*s != '.')
		return s;
	if (!isdigit((unsigned char)*++s))
		return NULL;
	for (; isdigit((unsigned char)*s); s++) {
		if (place % 10 && *s != '0')
			return NULL;
		place /= 10;
		*v += (uint64_t)(*s - '0') * place;
	}
	return s;
}

static bool read_with_unit(const char *s, const struct unit *units, uint64_t *v)
{
	const char *unit = s + strspn(s, "0123456789.");

	for (; units->name; units++) {
		if (!strcmp(units->name, unit))
			return scan_decimal(s, units->one, v) == unit;
	}
	return false;
}

/**
 * lab_read_duration() - "20ms", "1.5s", "300us", "50ns"; the unit may not be left out
 */
bool lab_read_duration(const char *s, uint64_t *ns)
{
	static const struct unit units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }, { NULL, 0 },
	};

	return read_with_unit(s, units, ns);
}

/**
 * lab_read_share() - "1%", "0.05%", "0" as parts per million
 */
bool lab_read_share(const char *s, uint32_t *ppm)
{
	static const struct unit units[] = { { "%", 10000 }, { NULL, 0 } };
	uint64_t v;

	if (!strcmp(s, "0")) {
		*ppm = 0;
		return true;
	}
	if (!read_with_unit(s, units, &v) || v > 1000000)
		return false;
	*ppm = (uint32_t)v;
	return true;
}

/**
 * lab_read_rate() - "10mbit", "1gbit", "64kbit", "9600bit" as bits per second, at least 1
 */
bool lab_read_rate(const char *s, uint64_t *bps)
{
	static const struct unit units[] = {
		{ "bit", 1 },		{ "kbit", 1000 }, { "mbit", 1000000 },
		{ "gbit", 1000000000 }, { NULL, 0 },
	};

	return read_with_unit(s, units, bps) && *bps;
}

/**
 * lab_read_u64() - a whole decimal number
 */
bool lab_read_u64(const char *s, uint64_t *v)
{
	const char *end = scan_decimal(s, 1, v);

	return end && !*end && !strchr(s, '.');
}

/**
 * lab_read_ifname() - what Linux takes for the name of a device: 1..15 bytes, no '/', ':' or blanks, not "." or ".."
 */
bool lab_read_ifname(const char *s, char name[16])
{
	size_t n = strlen(s);

	if (!n || n > 15 || !strcmp(s, ".") || !strcmp(s, ".."))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '/' || s[i] == ':' || s[i] == '%' || isspace((unsigned char)s[i]))
			return false;
	}
	memcpy(name, s, n + 1);
	return true;
}
