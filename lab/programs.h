/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/programs.h - the programs that a lab file gives to its nodes, while the lab runs. For lab/ only. */
#ifndef LAB_PROGRAMS_H
#define LAB_PROGRAMS_H

#include <regex.h>
#include <sys/types.h>

#include "lab/lab.h"
#include "skiff/run.h"

#define OUTPUT_LINE_MAX 2000

/* Lines that a program writes; longer ones are cut in two. */
struct output {
	struct host_source source; /* of the pipe's reading end */
	size_t len;
	char line[OUTPUT_LINE_MAX + 1];
};

enum prog_state {
	PROG_WAITING, /* for commands before it */
	PROG_RUNNING, /* not ready yet */
	PROG_READY,
	PROG_PAUSED, /* until it is restarted */
	PROG_ENDED,  /* for good; exec: with status 0 */
	PROG_FAILED, /* could not be started, or ended otherwise and is not restarted */
};

/**
 * struct prog - one of them
 * @program:  NULL: it does not run
 * @probe:    LAB_READY_CMD: the command while it runs
 * @exited, @probed: it ended with @status (@probe_status) and nobody looked yet
 * @was_ready: at least once; until then @first is when the lab loses its patience
 * @started, @deadline: when it was started, when it must be ready
 * @at:       when it has to be looked at next: readiness, restart
 * @pause:    ns before the next restart
 * @last:     the last line that it wrote, for sentences
 */
struct prog {
	struct skiff_lab *lab;
	unsigned node;
	const struct lab_program *spec;
	enum prog_state state;
	struct skiff_program *program, *probe;
	pid_t pid;
	bool exited, probed, matched, re_set, was_ready;
	int status, probe_status;
	uint64_t started, first, deadline, at, pause;
	unsigned restarts;
	struct output out;
	regex_t re;
	char last[200];
};

/**
 * struct programs - all of a lab
 * @next:  when one of them has to be looked at
 * @dirty: something happened to one
 * @failed: one of them kept the lab from coming up; @why says which
 */
struct programs {
	struct prog *p;
	unsigned n;
	uint64_t next;
	bool dirty, stopping, failed;
	char why[SKIFF_LAB_WHY_MAX];
};

/* programs.c */
/** programs_turn() - start, restart, check what is due. Return: something was done */
bool programs_turn(struct skiff_lab *lab, uint64_t now);
uint64_t programs_next(const struct skiff_lab *lab);
void programs_free(struct skiff_lab *lab);
/** program_state() - in a word, and in more words in @detail */
const char *program_state(const struct prog *p, char *detail, size_t size);
/** lab_environ() - ours, with SKIFF_LAB, SKIFF_NODE and @more ("NAME=VALUE", may be NULL). To be freed; its strings are not */
char **lab_environ(const struct skiff_lab *lab, unsigned node, char *const *more);
void lab_environ_free(char **envp);

/* program_output.c */
/** output_open() - a pipe that is read as lines; @write_end is the program's. 0 or -errno */
int output_open(struct prog *p, int *write_end);
void output_close(struct prog *p);

/* program_ready.c */
/** ready_check() - is it ready? Starts LAB_READY_CMD's command where it does not run */
bool ready_check(struct prog *p, uint64_t now);

/* program_end.c */
/** reap_orphans() - children that are nobody's program: what a daemon left to us */
void reap_orphans(struct skiff_lab *lab);
/** guest_came() - @pid came by skiff exec */
void guest_came(struct skiff_lab *lab, pid_t pid);
/** programs_stop() - SIGTERM, after a while SIGKILL, and what they left behind */
void programs_stop(struct skiff_lab *lab);

#endif
