/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/rtnl/replay.h - recorded netlink talk with the kernel, held against skiff.
 *
 * The files are made by tests/oracle/rtnl_*.py; the form is described in tests/oracle/rtnl.py. A replay stops at
 * nothing: it prints each step that differs, and says how many did.
 */
#ifndef TESTS_RTNL_REPLAY_H
#define TESTS_RTNL_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

struct net;

/**
 * struct replay - one file against one namespace
 * @device:  make an Ethernet device with this ifindex; true: done
 * @command: any other line ("ip ...", "carrier ...", "rule ..."): true: done as it says
 * @steps, @differences: counted
 */
struct replay {
	struct net *net;
	bool (*device)(struct replay *r, const char *name, unsigned ifindex);
	bool (*command)(struct replay *r, const char *line);
	unsigned steps, differences;
	/* Private Part */
	unsigned long groups;
	char *heard[64];
	char *answer;
	unsigned line;
};

/** replay_file() - run all of it. Return: 0 if there was no difference and at least one step */
int replay_file(struct replay *r, const char *path);
/** replay_message() - hand a message to the namespace; 0 or -errno; answers are dropped */
int replay_message(struct replay *r, const void *msg);

#endif
