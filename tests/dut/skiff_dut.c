// SPDX-License-Identifier: BSD-2-Clause
/* tests/dut/skiff_dut.c - skiff as a process behind wires and a control socket; see tests/dut/README.md.
 *
 * usage: skiff-dut [--no-recorder] [--wire NAME=FD]... --control=FD
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/dut/dut.h"

#define REQUEST_MAX (4u << 20)
#define FRAME_MAX   70000

/* @fd: of each wire, as numbered in @dut; @lost: frames that found a wire full */
struct process {
	struct dut dut;
	int fd[DUT_WIRES], control;
	unsigned long lost;
	bool started;
	char *request;
};

static void send_frame(void *arg, unsigned wire, const void *frame, size_t len)
{
	struct process *p = arg;

	if (send(p->fd[wire], frame, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		p->lost++;
}

/* Take in what the wires hold, frame by frame: one that arrived alone is handled alone. */
static bool take_frames(struct process *p)
{
	static char frame[FRAME_MAX];
	unsigned i;
	ssize_t n;

	for (i = 0; i < p->dut.n_wires; i++) {
		while ((n = recv(p->fd[i], frame, sizeof(frame), MSG_DONTWAIT)) > 0) {
			dut_rx(&p->dut, i, frame, (size_t)n);
			if (!dut_run(&p->dut))
				return false;
		}
	}
	return true;
}

static json_t *no(const char *why)
{
	return json_pack("{s:b, s:s}", "ok", 0, "why", why);
}

static json_t *ok_if(struct process *p, bool ok)
{
	if (ok && p->lost) {
		snprintf(p->dut.why, sizeof(p->dut.why), "%lu frames found a full wire", p->lost);
		ok = false;
	}
	return ok ? json_pack("{s:b}", "ok", 1) : no(p->dut.why);
}

static json_t *restart(struct process *p)
{
	if (p->started)
		dut_stop(&p->dut);
	p->started = !dut_start(&p->dut);
	p->lost = 0;
	return ok_if(p, p->started);
}

static json_t *trace(struct process *p)
{
	json_t *out = p->dut.trace;

	p->dut.trace = json_array();
	return json_pack("{s:b, s:o}", "ok", 1, "out", out);
}

static json_t *answer(struct process *p, const json_t *q)
{
	const char *op = json_string_value(json_object_get(q, "op"));
	json_t *a;

	if (!op)
		return no("a request is an object with \"op\"");
	if (!strcmp(op, "reset"))
		return restart(p);
	if (!p->started)
		return no("not started");
	if (!take_frames(p))
		return no(p->dut.why);
	if (!strcmp(op, "config"))
		return ok_if(p, !dut_config(&p->dut, q));
	if (!strcmp(op, "try")) {
		const char *line = json_string_value(json_object_get(q, "line"));

		return line ? ok_if(p, !dut_try(&p->dut, line)) : no("\"line\" is missing");
	}
	if (!strcmp(op, "sync"))
		return ok_if(p, dut_run(&p->dut));
	if (!strcmp(op, "advance")) {
		json_int_t ms = json_integer_value(json_object_get(q, "ms"));

		return ms < 0 ? no("time goes forward") :
				ok_if(p, dut_advance(&p->dut, (uint64_t)ms));
	}
	if (!strcmp(op, "counters"))
		return dut_counters(&p->dut);
	if (!strcmp(op, "neigh"))
		return dut_neigh(&p->dut);
	if (!strcmp(op, "trace"))
		return trace(p);
	if (!strcmp(op, "fate")) {
		a = dut_fate(&p->dut);
		return a ? a : no("started with --no-recorder");
	}
	return no("unknown op");
}

/* Read and answer one request; false at the end of the control socket. */
static bool serve(struct process *p)
{
	ssize_t n = recv(p->control, p->request, REQUEST_MAX, 0);
	json_error_t err;
	json_t *q, *a;
	char *text;

	if (n <= 0)
		return false;
	q = json_loadb(p->request, (size_t)n, 0, &err);
	a = q ? answer(p, q) : no(err.text);
	text = json_dumps(a, JSON_COMPACT);
	if (!text || send(p->control, text, strlen(text), MSG_NOSIGNAL) < 0)
		fprintf(stderr, "skiff-dut: cannot answer: %s\n", strerror(errno));
	free(text);
	json_decref(a);
	json_decref(q);
	return true;
}

static void loop(struct process *p)
{
	struct pollfd pfd[DUT_WIRES + 1];
	unsigned i, n = p->dut.n_wires;

	for (;;) {
		for (i = 0; i < n; i++)
			pfd[i] = (struct pollfd){ .fd = p->fd[i], .events = POLLIN };
		pfd[n] = (struct pollfd){ .fd = p->control, .events = POLLIN };
		if (poll(pfd, n + 1, -1) < 0 && errno != EINTR)
			return;
		if (pfd[n].revents && !serve(p))
			return;
		for (i = 0; i < n; i++)
			if (pfd[i].revents & (POLLHUP | POLLERR))
				return;
		if (!pfd[n].revents && !take_frames(p))
			return;
	}
}

static int usage(const char *why)
{
	fprintf(stderr,
		"skiff-dut: %s\n"
		"usage: skiff-dut [--no-recorder] [--wire NAME=FD]... --control=FD\n"
		"FDs are SOCK_SEQPACKET sockets; see tests/dut/README.md.\n",
		why);
	return 2;
}

/* NAME=FD */
static bool add_wire(struct process *p, const char *s)
{
	const char *eq = strchr(s, '=');
	struct dut_wire *w = &p->dut.wire[p->dut.n_wires];
	char *end;

	if (!eq || eq == s || eq - s >= (long)sizeof(w->name) || p->dut.n_wires == DUT_WIRES)
		return false;
	memcpy(w->name, s, (size_t)(eq - s));
	p->fd[p->dut.n_wires++] = (int)strtol(eq + 1, &end, 10);
	return end != eq + 1 && !*end;
}

int main(int argc, char **argv)
{
	struct process *p = calloc(1, sizeof(*p));
	int i;

	if (!p)
		return 1;
	p->control = -1;
	p->dut.record = true;
	p->dut.send = send_frame;
	p->dut.arg = p;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--wire") && i + 1 < argc) {
			if (!add_wire(p, argv[++i]))
				return usage("--wire wants NAME=FD");
		} else if (!strncmp(argv[i], "--control=", 10)) {
			p->control = atoi(argv[i] + 10);
		} else if (!strcmp(argv[i], "--no-recorder")) {
			p->dut.record = false;
		} else {
			return usage("unknown argument");
		}
	}
	if (p->control < 0)
		return usage("--control=FD is missing");
	p->request = malloc(REQUEST_MAX);
	if (!p->request)
		return 1;
	json_decref(restart(p));
	loop(p);
	if (p->started)
		dut_stop(&p->dut);
	free(p->request);
	free(p);
	return 0;
}
