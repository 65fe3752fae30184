// SPDX-License-Identifier: BSD-2-Clause
/* syscall/enter.c - a process puts itself where a program runs: own namespaces as far as they can be had, then the filter.
 *
 * DOC: Namespaces
 * The filter and the pairs are what makes a program live on a node; the namespaces are a second wall behind it, and they let an ordinary
 * user's supervisor reach programs that made themselves undumpable. In the user namespace everyone keeps his own id: mapped to 0, programs
 * that give up privileges would fail. Root needs no user namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/supervisor.h"

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int map_own_id(uid_t uid, gid_t gid)
{
	char line[64];
	int err = write_file("/proc/self/setgroups", "deny");

	if (err)
		return err;
	snprintf(line, sizeof(line), "%u %u 1", uid, uid);
	err = write_file("/proc/self/uid_map", line);
	snprintf(line, sizeof(line), "%u %u 1", gid, gid);
	return err ? err : write_file("/proc/self/gid_map", line);
}

/* Programs that look whether they may (ping, dnsmasq) should find that they may: kept over exec. */
static void keep_net_capabilities(void)
{
	static const unsigned caps[] = { CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW };
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(__NR_capget, &head, data))
		return;
	for (unsigned i = 0; i < 3; i++)
		data[0].inheritable |= 1u << caps[i];
	if (syscall(__NR_capset, &head, data))
		return;
	for (unsigned i = 0; i < 3; i++)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, caps[i], 0, 0);
}

int enter_namespaces(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (uid == 0)
		return unshare(CLONE_NEWNET) ? 0 : ENTERED_NET;
	if (unshare(CLONE_NEWUSER))
		return 0;
	if (map_own_id(uid, gid))
		return 0; /* a namespace without ids is of no use, but harmless: every id reads as nobody */
	if (unshare(CLONE_NEWNET))
		return ENTERED_USER;
	keep_net_capabilities();
	return ENTERED_USER | ENTERED_NET;
}

int skiff_run_enter(void)
{
	int have = enter_namespaces();

	return filter_install(have & ENTERED_NET);
}
