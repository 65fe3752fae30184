/* SPDX-License-Identifier: BSD-2-Clause */
/* net/core/dev_internal.h - between dev.c and dev_register.c; nobody else includes it. */
#ifndef NET_CORE_DEV_INTERNAL_H
#define NET_CORE_DEV_INTERNAL_H

struct net_device;

void dev_flush_backlog(struct net_device *dev);

#endif
