// SPDX-License-Identifier: BSD-2-Clause
/* cli/output.c - journeys on standard output and into capture files. */
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int write_bytes(void *arg, const void *bytes, size_t len)
{
	return fwrite(bytes, 1, len, arg) == len ? 0 : -EIO;
}

/**
 * capture_open() - make a pcapng file
 * Return: false with a sentence on stderr
 */
bool capture_open(struct capture *c, const char *path, uint64_t wall_ns)
{
	c->f = fopen(path, "wbe");
	if (!c->f) {
		fprintf(stderr, "skiff: %s: %s\n", path, strerror(errno));
		return false;
	}
	skiff_pcapng_begin(&c->pcapng, write_bytes, c->f, wall_ns);
	return true;
}

/**
 * capture_put() - append a journey's frames; an error shows at capture_close()
 */
void capture_put(struct capture *c, const struct skiff_journey *j)
{
	skiff_pcapng_journey(&c->pcapng, j);
}

/**
 * capture_close() - the file is whole now
 * Return: false with a sentence on stderr if it could not be written
 */
bool capture_close(struct capture *c, const char *path)
{
	bool bad = ferror(c->f);

	if (!fclose(c->f) && !bad)
		return true;
	fprintf(stderr, "skiff: %s: writing failed\n", path);
	return false;
}

/**
 * print_journey() - on standard output, as text or as one line of JSON
 */
void print_journey(const struct skiff_journey *j, bool json)
{
	size_t (*print)(const struct skiff_journey *, char *, size_t) = json ? skiff_journey_json :
									       skiff_journey_text;
	size_t len = print(j, NULL, 0) + 1;
	char *buf = malloc(len);

	if (!buf)
		return;
	print(j, buf, len);
	fputs(buf, stdout);
	if (json)
		putchar('\n');
	free(buf);
}

/**
 * print_connection() - the story of the recorder's @i-th connection, as text or as one line of JSON
 */
void print_connection(const struct skiff_recorder *rec, unsigned i, bool json)
{
	size_t (*print)(const struct skiff_recorder *, unsigned, char *, size_t) =
		json ? skiff_connection_json : skiff_connection_text;
	size_t len = print(rec, i, NULL, 0) + 1;
	char *buf = malloc(len);

	if (!buf)
		return;
	print(rec, i, buf, len);
	fputs(buf, stdout);
	putchar('\n');
	free(buf);
}
