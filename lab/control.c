// SPDX-License-Identifier: BSD-2-Clause
/* lab/control.c - the verb's end of a lab's control socket. */
#include "skiff/control.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/state.h"

struct skiff_control {
	int fd, pid;
	char name[SKIFF_LAB_NAME_MAX + 1];
	char message[SKIFF_CONTROL_MESSAGE];
};

/* A lab that skiff run made for one program is only meant when there is no other. */
static bool is_run(const char *name)
{
	return !strncmp(name, "run-", 4);
}

static unsigned leave_runs_out(char (*names)[SKIFF_LAB_NAME_MAX + 1], unsigned n)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++)
		kept += !is_run(names[i]);
	if (!kept)
		return n;
	kept = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!is_run(names[i]))
			memmove(names[kept++], names[i], sizeof(names[i]));
	}
	return kept;
}

/* The only one, or a sentence that names them. */
static bool choose(char name[SKIFF_LAB_NAME_MAX + 1], char *why, size_t why_size)
{
	char(*names)[SKIFF_LAB_NAME_MAX + 1] = calloc(SKIFF_LABS_MAX, sizeof(*names));
	unsigned n = names ? skiff_labs(names, SKIFF_LABS_MAX) : 0;
	int at;

	n = leave_runs_out(names, n);
	if (n == 1) {
		strcpy(name, names[0]);
	} else if (!n) {
		snprintf(why, why_size, "no lab runs");
	} else {
		at = snprintf(why, why_size, "several labs run; --lab says which:");
		for (unsigned i = 0; i < n && at > 0 && (size_t)at < why_size; i++)
			at += snprintf(why + at, why_size - (size_t)at, "%s %s", i ? "," : "",
				       names[i]);
	}
	free(names);
	return n == 1;
}

struct skiff_control *skiff_control_open(const char *name, char *why, size_t why_size)
{
	struct skiff_control *c = calloc(1, sizeof(*c));
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (!c) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	c->fd = -1;
	if (name)
		snprintf(c->name, sizeof(c->name), "%s", name);
	if (name || choose(c->name, why, why_size))
		c->fd = state_connect(name ? name : c->name, why, why_size);
	if (c->fd >= 0 && getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0) {
		snprintf(why, why_size, "%s", strerror(errno));
		close(c->fd);
		c->fd = -1;
	}
	if (c->fd < 0) {
		free(c);
		return NULL;
	}
	c->pid = peer.pid;
	return c;
}

void skiff_control_close(struct skiff_control *c)
{
	if (!c)
		return;
	close(c->fd);
	free(c);
}

const char *skiff_control_lab(const struct skiff_control *c)
{
	return c->name;
}

int skiff_control_fd(const struct skiff_control *c)
{
	return c->fd;
}

int skiff_control_pid(const struct skiff_control *c)
{
	return c->pid;
}

int skiff_control_ask(struct skiff_control *c, json_t *request)
{
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	int err = -ENOMEM;

	if (text)
		err = send(c->fd, text, strlen(text), MSG_NOSIGNAL) < 0 ? -errno : 0;
	free(text);
	json_decref(request);
	return err;
}

bool skiff_control_wait(struct skiff_control *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return poll(&p, 1, -1) == 1;
}

/* read(2): after skiff_run_enter() it is the one call that still works here. */
json_t *skiff_control_next(struct skiff_control *c, char *why, size_t why_size)
{
	const char *error;
	json_t *answer;
	ssize_t n;

	do
		n = read(c->fd, c->message, sizeof(c->message));
	while (n < 0 && errno == EINTR);
	if (n <= 0) {
		snprintf(why, why_size, "lab %s is gone", c->name);
		return NULL;
	}
	answer = json_loadb(c->message, (size_t)n, 0, NULL);
	if (!answer) {
		snprintf(why, why_size, "lab %s said something that is not understood", c->name);
		return NULL;
	}
	error = json_string_value(json_object_get(answer, "error"));
	if (!error)
		return answer;
	snprintf(why, why_size, "%s", error);
	json_decref(answer);
	return NULL;
}
