/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/topology_values.h - times, shares and rates as a lab file writes them. For lab/ only. */
#ifndef LAB_TOPOLOGY_VALUES_H
#define LAB_TOPOLOGY_VALUES_H

#include <stdbool.h>
#include <stdint.h>

bool lab_read_duration(const char *s, uint64_t *ns);
bool lab_read_share(const char *s, uint32_t *ppm);
bool lab_read_rate(const char *s, uint64_t *bps);
bool lab_read_u64(const char *s, uint64_t *v);
bool lab_read_ifname(const char *s, char name[16]);

#endif
