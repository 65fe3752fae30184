// SPDX-License-Identifier: BSD-2-Clause
/* lab/words.c - a command's words as a shell reads them: blanks, quotes, backslashes.
 *
 * What only a shell can do (pipes, redirections, variables, patterns) is refused, so that no line means something else than it says.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/topology.h"

#define WORDS_MAX 1024

/**
 * struct cutting - a line being cut
 * @text: room for the word being read; no word is longer than the line
 */
struct cutting {
	const char *at;
	char *text;
	size_t len;
	bool open; /* a word has begun, it may still be empty ('') */
	char **words;
	unsigned n;
	char *why;
	size_t why_size;
	bool failed;
};

static void fail(struct cutting *c, const char *sentence)
{
	if (!c->failed)
		snprintf(c->why, c->why_size, "%s", sentence);
	c->failed = true;
}

static void refuse(struct cutting *c, char what)
{
	if (!c->failed)
		snprintf(c->why, c->why_size,
			 "%c is a shell's: quote it, or write [ sh, -c, \"...\" ]", what);
	c->failed = true;
}

static void put(struct cutting *c, char byte)
{
	c->text[c->len++] = byte;
	c->open = true;
}

static void end_word(struct cutting *c)
{
	if (!c->open || c->failed)
		return;
	c->text[c->len] = '\0';
	if (c->n < WORDS_MAX)
		c->words[c->n] = strdup(c->text);
	if (c->n == WORDS_MAX || !c->words[c->n])
		fail(c, c->n == WORDS_MAX ? "too many words" : "out of memory");
	else
		c->n++;
	c->len = 0;
	c->open = false;
}

static void single_quoted(struct cutting *c)
{
	c->open = true;
	for (c->at++; *c->at && *c->at != '\''; c->at++)
		put(c, *c->at);
	if (!*c->at)
		fail(c, "a ' is not closed");
	else
		c->at++;
}

static void double_quoted(struct cutting *c)
{
	c->open = true;
	for (c->at++; *c->at && *c->at != '"'; c->at++) {
		if (*c->at == '$' || *c->at == '`') {
			refuse(c, *c->at);
			return;
		}
		if (*c->at == '\\' && c->at[1] && strchr("$`\"\\", c->at[1]))
			c->at++;
		put(c, *c->at);
	}
	if (!*c->at)
		fail(c, "a \" is not closed");
	else
		c->at++;
}

static void escaped(struct cutting *c)
{
	if (!c->at[1]) {
		fail(c, "nothing follows the last backslash");
		return;
	}
	put(c, c->at[1]);
	c->at += 2;
}

static void cut(struct cutting *c)
{
	while (*c->at && !c->failed) {
		if (isspace((unsigned char)*c->at)) {
			end_word(c);
			c->at++;
		} else if (*c->at == '\'') {
			single_quoted(c);
		} else if (*c->at == '"') {
			double_quoted(c);
		} else if (*c->at == '\\') {
			escaped(c);
		} else if (strchr("|&;<>()$`*?[", *c->at) || (!c->open && strchr("#~", *c->at))) {
			refuse(c, *c->at);
		} else {
			put(c, *c->at++);
		}
	}
	end_word(c);
	if (!c->n)
		fail(c, "no command");
}

char **lab_words(const char *line, char *why, size_t why_size)
{
	struct cutting c = { .at = line, .why = why, .why_size = why_size };

	c.text = malloc(strlen(line) + 1);
	c.words = calloc(WORDS_MAX + 1, sizeof(char *));
	if (c.text && c.words)
		cut(&c);
	else
		fail(&c, "out of memory");
	free(c.text);
	if (!c.failed)
		return c.words;
	lab_words_free(c.words);
	return NULL;
}

void lab_words_free(char **words)
{
	for (unsigned i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}
