/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/packetdrill/pd.h - skiff behind packetdrill's table of calls: one node with a device "tun0" in virtual time.
 *
 * DOC: skiff under packetdrill
 * Time is the object's own: each call takes 1 us, usleep() runs what is due until its end, and looking for a packet runs what
 * is due until there is one. packetdrill makes every call from its main thread but those that a script writes as
 * blocking: these come from a second thread, which sleeps on a condition variable while main goes on. Whenever main has
 * run the stack it lets the sleeper try again and waits until that one sleeps again or has asked for the time: so a
 * call that ends does so at the time of what ended it. A third thread answers the stand-ins for host tools.
 */
#ifndef TESTS_PACKETDRILL_PD_H
#define TESTS_PACKETDRILL_PD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "iface.h"
#include "skiff/skiff.h"
#include "skiff/socket.h"

#define PD_EXPORT  __attribute__((visibility("default")))
#define PD_CALL_NS 1000u
#define PD_NS	   1000000000ull
#define PD_ENV	   "SKIFF_PACKETDRILL" /* path of the control socket, for the stand-ins */

struct pd_packet {
	struct pd_packet *next;
	uint64_t at;
	size_t len;
	uint8_t bytes[];
};

/* What the second thread does about the call that it makes. */
enum pd_waiter { PD_NO_WAITER, PD_ASLEEP, PD_RETRIES, PD_LEAVES };

/**
 * struct pd - one script's run
 * @lock:    around all below and the stack
 * @left:    the second thread has come out of a call and has yet to do its own book-keeping; 0: not
 * @patience: until when the first thread waits in its call
 * @until:   when the sleeper would like to be woken at the latest
 * @retry:   the sleeper may try again. @settled: it sleeps again or is gone
 * @out:     packets sent and not yet looked at
 * @pipes:   descriptors from PD_PIPE_FD on, two each
 * @counted: counters as nstat printed them last
 */
struct pd {
	struct skiff *skiff;
	struct skiff_net *net;
	struct skiff_dev *tun;
	pthread_mutex_t lock;
	pthread_cond_t retry, settled;
	pthread_t main, control;
	enum pd_waiter waiter;
	pid_t left;
	uint64_t now, wall, until, patience;
	struct pd_packet *out, **out_tail;
	struct pd_pipe *pipes[8];
	int listener;
	char dir[64], path[96];
	unsigned tun_flags;
	struct pd_counter *counted;
	size_t n_counted;
};

/* ---- time (pd.c) ---- */

/** pd_enter() - begin a call: the lock is taken, 1 us passes, what is due runs */
void pd_enter(struct pd *pd);
void pd_leave(struct pd *pd);
/** pd_settle() - run the stack at this time until nothing is left to do */
void pd_settle(struct pd *pd);
/** pd_run_until() - let time pass, event by event; ends early once @stop (may be NULL) says so */
void pd_run_until(struct pd *pd, uint64_t until, bool (*stop)(struct pd *pd));
/**
 * pd_wait() - a call can not go on: sleep until something has happened, in the second thread; let time pass in the first
 * @until: when to give up (ns), SKIFF_NEVER: not
 * Return: false if the time is over, or nothing will ever happen
 */
bool pd_wait(struct pd *pd, uint64_t until);
/** pd_loop() - pd_wait() and the clock as skiff's blocking calls want them */
struct skiff_loop pd_loop(struct pd *pd);

/* ---- configuration (config.c) ---- */

/** pd_configure() - addresses and routes as packetdrill gives its TUN, from "local=A/N,gateway=A,remote=A/N,mtu=N"; false: said why */
bool pd_configure(struct pd *pd, const char *flags);
/** pd_ip() - words of the ip command; 0 or -errno with a sentence in @why */
int pd_ip(struct pd *pd, const char *words, char *why, size_t size);

/* ---- stand-ins (control.c, tools.c) ---- */

bool pd_control_start(struct pd *pd);
void pd_control_stop(struct pd *pd);
/** pd_tool() - run a stand-in's command line; what it prints goes to @out. Returns its exit status */
int pd_tool(struct pd *pd, int argc, char **argv, FILE *out);

/* ---- calls (calls.c, io.c, files.c) ---- */

void pd_fill_calls(struct pd_iface *ifc);
void pd_fill_io(struct pd_iface *ifc);
void pd_fill_files(struct pd_iface *ifc);
/** pd_result() - the end of a call: -1 and errno for a negative @ret */
ssize_t pd_result(struct pd *pd, ssize_t ret);
void pd_pipes_free(struct pd *pd);
int pd_pipe_close(struct pd *pd, int fd);

#define PD_PIPE_FD 900

#endif
