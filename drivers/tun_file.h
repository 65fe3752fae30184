/* SPDX-License-Identifier: BSD-2-Clause */
/* drivers/tun_file.h - open a TAP or a TUN. For drivers/tun.c. */
#ifndef DRIVERS_TUN_FILE_H
#define DRIVERS_TUN_FILE_H

#include <stdbool.h>

int tun_open(const char *host_name, bool ethernet, bool vnet_hdr);
bool tun_set_offload(int fd);

#endif
