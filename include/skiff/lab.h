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

/**
 * skiff_lab_start() - make the nodes and links and tell the nodes what the file says
 * @real: in real time, host: endpoints are TAPs; else in virtual time from 0 on, nothing of the host is touched, and a
 *        stand-in behind each host: endpoint answers ARP for every address
 * @why:  what was refused, with its place in the file, or why a TAP could not be had
 * Return: 0; -EINVAL if the file asks for what the stack refuses (nothing of the host was touched), or another negative errno
 */
int skiff_lab_start(struct skiff_lab *lab, bool real, char *why, size_t why_size);

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
 *  1: go on; 0: SIGINT or SIGTERM came; negative errno */
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
