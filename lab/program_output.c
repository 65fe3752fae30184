// SPDX-License-Identifier: BSD-2-Clause
/* lab/program_output.c - what a program writes, line by line into the log. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lab/programs.h"

static void on_line(struct prog *p)
{
	struct output *o = &p->out;

	o->line[o->len] = '\0';
	while (o->len && o->line[o->len - 1] == '\r')
		o->line[--o->len] = '\0';
	o->len = 0;
	log_line(&p->lab->log, SKIFF_LOG_INFO, p->lab->t->nodes[p->node].name, p->spec->name,
		 o->line);
	if (*o->line)
		snprintf(p->last, sizeof(p->last), "%.199s", o->line);
	if (p->spec->ready == LAB_READY_LOG && p->re_set && !regexec(&p->re, o->line, 0, NULL, 0)) {
		p->matched = true;
		p->at = 0;
		p->lab->programs->dirty = true;
	}
}

static void take(struct prog *p, const char *bytes, size_t n)
{
	struct output *o = &p->out;

	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n') {
			on_line(p);
			continue;
		}
		if (o->len == OUTPUT_LINE_MAX)
			on_line(p);
		o->line[o->len++] = bytes[i] ? bytes[i] : ' ';
	}
}

static void on_output(struct host_source *source, uint32_t events)
{
	struct prog *p = (struct prog *)((char *)source - offsetof(struct prog, out.source));
	char bytes[16384];
	ssize_t n = read(source->fd, bytes, sizeof(bytes));

	if (n > 0)
		take(p, bytes, (size_t)n);
	else if (!n || errno != EAGAIN)
		output_close(p);
}

int output_open(struct prog *p, int *write_end)
{
	int fd[2], err;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	/* Only our end: the program expects one that waits. */
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	p->out.source.ready = on_output;
	p->out.len = 0;
	err = host_loop_add(&p->lab->loop, &p->out.source, fd[0], EPOLLIN);
	if (err) {
		close(fd[0]);
		close(fd[1]);
		p->out.source.fd = -1;
		return err;
	}
	*write_end = fd[1];
	return 0;
}

void output_close(struct prog *p)
{
	struct output *o = &p->out;

	if (o->source.fd < 0)
		return;
	if (o->len)
		on_line(p);
	host_loop_del(&p->lab->loop, &o->source);
	close(o->source.fd);
	o->source.fd = -1;
}
