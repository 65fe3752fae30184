/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/run/gap_dgram.h - what the datagram parts of gap.c share. */
#ifndef TESTS_RUN_GAP_DGRAM_H
#define TESTS_RUN_GAP_DGRAM_H

#include "gap.h"

int udp_socket(int flags);
/** udp_pair() - s[1] is bound to a port of 127.0.0.1, s[0] connected to it */
void udp_pair(int s[2]);
/** port_of() - the socket's own port, network byte order */
in_port_t port_of(int fd);
/** closed_udp_port() - one that nobody has */
int closed_udp_port(void);

#endif
