/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/ioctl.h - SIOCGIF*: what programs ask about devices by ioctl on any socket. For syscall/ only. */
#ifndef SYSCALL_IOCTL_H
#define SYSCALL_IOCTL_H

#include "syscall/supervisor.h"

/** ioctl_is_of_device() - a command about devices, routes or neighbours, not about the socket */
bool ioctl_is_of_device(uint64_t cmd);
/** device_ioctl() - answer by what the node says over netlink. Commands that change something: -EPERM; unknown ones: -ENOTTY */
void device_ioctl(struct call *c);

#endif
