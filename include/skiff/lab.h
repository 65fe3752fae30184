/* SPDX-License-Identifier: BSD-2-Clause */
/* include/skiff/lab.h - a lab: nodes and links from a file, in virtual or real time. Part of the command, not of libskiff. */
#ifndef SKIFF_LAB_H
#define SKIFF_LAB_H

#include "skiff/explain.h"
#include "skiff/skiff.h"

struct skiff_lab;

#define SKIFF_LAB_WHY_MAX 512 /* enough for a sentence with file, line and column */

/** skiff_lab_open() - read and check a lab file, start nothing. NULL: @why says what is wrong and where */
struct skiff_lab *skiff_lab_open(const char *file, char *why, size_t why_size);
/** skiff_lab_close() - end all of it; NULL is allowed */
void skiff_lab_close(struct skiff_lab *lab);
/** skiff_lab_parse() - as skiff_lab_open() of a file with this text; @file is its name in sentences */
struct skiff_lab *skiff_lab_parse(const char *file, const char *text, char *why, size_t why_size);

/**
 * skiff_lab_start() - make the nodes and links and tell the nodes what the file says
 * @real: in real time, host: endpoints are TAPs; else in virtual time from 0 on, nothing of the host is touched, and a
 *        stand-in behind each host: endpoint answers ARP for every address
 * @why:  what was refused, with its place in the file, or why a TAP could not be had
 * Return: 0; -EINVAL if the file asks for what the stack refuses (nothing of the host was touched), or another negative errno
 */
int skiff_lab_start(struct skiff_lab *lab, bool real, char *why, size_t why_size);

/* ---- as a service: in real time, with programs on its nodes, found by the other verbs ---- */

/**
 * struct skiff_lab_log_options - where the log goes
 * @file:  NULL: standard error
 * @level: enum skiff_log_level, lines up to it
 */
struct skiff_lab_log_options {
	const char *file;
	int level;
	bool json;
};

/** skiff_lab_set_log() - before skiff_lab_start(). 0, or -errno and a sentence */
int skiff_lab_set_log(struct skiff_lab *lab, const struct skiff_lab_log_options *options, char *why,
		      size_t why_size);
/** skiff_lab_set_seed() - before skiff_lab_start(): of the chance of every direction of a link for which the file says none */
void skiff_lab_set_seed(struct skiff_lab *lab, uint64_t seed);
/** skiff_lab_claim() - before skiff_lab_start(): be the running lab called @name (NULL: as the file says). -EEXIST: there is one */
int skiff_lab_claim(struct skiff_lab *lab, const char *name, char *why, size_t why_size);
/** skiff_lab_serve() - after skiff_lab_start(): answer the other verbs. 0, or -errno and a sentence */
int skiff_lab_serve(struct skiff_lab *lab, char *why, size_t why_size);
/** skiff_lab_claimed() - the name under which it is found; "" if it was not claimed */
const char *skiff_lab_claimed(const struct skiff_lab *lab);
/** skiff_lab_folder() - a file of its state, e.g. "log", as a path; false: it was not claimed */
bool skiff_lab_folder(const struct skiff_lab *lab, const char *name, char *path, size_t size);

/** skiff_lab_allow_unix() - before the first program: paths of AF_UNIX sockets of the host that programs may connect to, NULL at the end;
 *  stay the caller's */
void skiff_lab_allow_unix(struct skiff_lab *lab, const char *const *paths);

struct skiff_run;
/** skiff_lab_runner() - what runs programs on its nodes, made when it is first asked for. NULL: *err and a sentence */
struct skiff_run *skiff_lab_runner(struct skiff_lab *lab, int *err, char *why, size_t why_size);
/** skiff_lab_run() - begin with the programs of the file; skiff_lab_wait() takes them further */
int skiff_lab_run(struct skiff_lab *lab, char *why, size_t why_size);
/** skiff_lab_ready() - 1: all programs are ready; 0: not yet; negative: one of them failed, a sentence in @why */
int skiff_lab_ready(const struct skiff_lab *lab, char *why, size_t why_size);
/** skiff_lab_programs() - the programs of a node in one line, "" if it has none */
void skiff_lab_programs(const struct skiff_lab *lab, unsigned node, char *buf, size_t size);
/** skiff_lab_signal() - the signal that made skiff_lab_wait() return 0; forgotten by this. 0: somebody asked the lab to go down */
int skiff_lab_signal(struct skiff_lab *lab);
/** skiff_lab_stop() - end the programs: asked first, after 5 s killed */
void skiff_lab_stop(struct skiff_lab *lab);
/** skiff_lab_tell() - a node is told a line in the words of ip, "addr add 10.0.0.1/24 dev e0". 0, or -errno and a sentence */
int skiff_lab_tell(struct skiff_lab *lab, unsigned node, const char *line, char *why,
		   size_t why_size);
/** skiff_lab_environ() - ours for a program on a node, with SKIFF_LAB and SKIFF_NODE; for skiff_lab_environ_free() */
char **skiff_lab_environ(const struct skiff_lab *lab, unsigned node);
void skiff_lab_environ_free(char **envp);
/** skiff_lab_foreground() - a program of the caller's own, which the lab must not wait for; 0: none */
void skiff_lab_foreground(struct skiff_lab *lab, int pid);

/* ---- following packets ---- */

struct skiff_lab_watch;
typedef void (*skiff_lab_journey_fn)(void *arg, const struct skiff_journey *j);
/** skiff_lab_watch() - from now on @fn gets each packet of the lab when its fate is settled, also those that a node sends itself.
 *  NULL: no memory */
struct skiff_lab_watch *skiff_lab_watch(struct skiff_lab *lab, skiff_lab_journey_fn fn, void *arg);
/** skiff_lab_unwatch() - what is not settled yet is told as it is now. NULL is allowed */
void skiff_lab_unwatch(struct skiff_lab *lab, struct skiff_lab_watch *w);
/** skiff_lab_recorder() - the recorder while somebody watches, else NULL */
struct skiff_recorder *skiff_lab_recorder(struct skiff_lab *lab);

const char *skiff_lab_name(const struct skiff_lab *lab);
struct skiff *skiff_lab_shard(const struct skiff_lab *lab);
/** skiff_lab_node() - the @i-th node of the file, NULL beyond the last */
struct skiff_net *skiff_lab_node(const struct skiff_lab *lab, unsigned i);
/** skiff_lab_find() - the number of the node called @name, or -1 */
int skiff_lab_find(const struct skiff_lab *lab, const char *name);
/** skiff_lab_dev() - the @i-th linked device of a node, NULL beyond the last; @peer is set to "NODE:DEVICE" at the other end */
const char *skiff_lab_dev(const struct skiff_lab *lab, unsigned node, unsigned i, char peer[96]);

/** skiff_lab_describe() - a node in one line: devices, addresses, what they are linked to */
void skiff_lab_describe(const struct skiff_lab *lab, unsigned node, char *buf, size_t size);

uint64_t skiff_lab_now(const struct skiff_lab *lab);
/** skiff_lab_advance() - virtual time: run everything up to @until, event by event */
void skiff_lab_advance(struct skiff_lab *lab, uint64_t until);
/** skiff_lab_wait() - real time: sleep until something happens (at most until @until, in skiff_lab_now()'s time), run it.
 *  1: go on; 0: SIGINT, SIGTERM or SIGHUP came, or somebody asked it to go down; negative errno */
int skiff_lab_wait(struct skiff_lab *lab, uint64_t until);

/**
 * struct skiff_lab_packet - a packet to try
 * @dev:   device it arrives at
 * @at_ns: after the first of several
 */
struct skiff_lab_packet {
	char dev[16];
	uint64_t at_ns;
	size_t len;
	uint8_t *frame;
};

/**
 * skiff_lab_packets() - PACKET... of the command line: "DEV words", "DEV HEX", "DEV FILE.pcap"; DEV may be left out before a
 * file if the node has one device only
 * Return: how many, to be freed with skiff_lab_packets_free(); -EINVAL with a sentence in @why
 */
int skiff_lab_packets(const struct skiff_lab *lab, unsigned node, int argc, char **argv,
		      struct skiff_lab_packet **packets, char *why, size_t why_size);
void skiff_lab_packets_free(struct skiff_lab_packet *packets, int n);
/** skiff_lab_inject() - the frame arrives now; 0 or a negative errno */
int skiff_lab_inject(struct skiff_lab *lab, unsigned node, const struct skiff_lab_packet *p);

#endif
