/* SPDX-License-Identifier: BSD-2-Clause */
/* bench/bench_ip.h - configure a benchmark's router in the words of ip(8). */
#ifndef BENCH_BENCH_IP_H
#define BENCH_BENCH_IP_H

struct net;

/** bench_ip() - what "ip @line" would do in @net; a refusal ends the program with status 1 */
void bench_ip(struct net *net, const char *line);

#endif
