/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/sysctl.h - settings by name, as /proc/sys shows them (net/core/sysctl.c). */
#ifndef NET_SYSCTL_H
#define NET_SYSCTL_H

#include "net/net_namespace.h"

struct ctl_table;
struct ctl_table_header;

/**
 * proc_handler - read or write one setting
 * @write: the value is in @buf (0-terminated, no newline), else print it there (at most @size bytes, no newline)
 * Return: length printed, 0 after a write, or -errno (EINVAL: not a number or out of range)
 */
typedef int proc_handler(struct net *net, const struct ctl_table *t, bool write, char *buf,
			 size_t size);

/**
 * struct ctl_table - one setting
 * @data:   the variable; @maxlen: its size in bytes (arrays of int: several numbers)
 * @extra1, @extra2: least and greatest value for the ..minmax handlers (pointer to int), or what the handler likes
 * @mode:   0644, 0444, 0200 ...
 */
struct ctl_table {
	const char *procname;
	void *data;
	u32 maxlen;
	u16 mode;
	proc_handler *handler;
	const void *extra1, *extra2;
};

/** register_net_sysctl() - @table (copied) below @path, e.g. "net/ipv4/conf/e0"; names in a path are separated by '/', so that "e0.1" works. NULL: no memory */
struct ctl_table_header *register_net_sysctl(struct net *net, const char *path,
					     const struct ctl_table *table, unsigned n);
void unregister_net_sysctl(struct ctl_table_header *h);
/** sysctl_set(), sysctl_get() - @key with dots as separators, "/" standing for a dot within a name, as sysctl(8) has it. -ENOENT, -EPERM/-EACCES (mode), -EINVAL */
int sysctl_set(struct net *net, const char *key, const char *value);
int sysctl_get(struct net *net, const char *key, char *buf, size_t size);
void sysctl_walk(struct net *net, void (*fn)(void *arg, const char *key), void *arg);

proc_handler proc_dointvec;
proc_handler proc_dointvec_minmax;
proc_handler proc_douintvec;
proc_handler proc_douintvec_minmax;
proc_handler proc_dou8vec_minmax;
proc_handler proc_doulongvec_minmax;	   /* u64 or array of u64; limits const u64 * */
proc_handler proc_dointvec_jiffies;	   /* seconds shown, ticks stored */
proc_handler proc_dointvec_userhz_jiffies; /* 1/USER_HZ shown, ticks stored */
proc_handler proc_dointvec_ms_jiffies;	   /* ms shown, ticks stored */

#endif
