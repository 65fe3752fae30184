/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/netlink.h - a netlink socket of a program. For netlink*.c only. */
#ifndef SYSCALL_NETLINK_H
#define SYSCALL_NETLINK_H

#include "syscall/supervisor.h"
#include "syscall/usermsg.h"

/** struct nl_answer - a message that waits for room in the pair; @open: parts of the same dump may be added */
struct nl_answer {
	struct nl_answer *next;
	size_t len;
	bool open;
	char data[] __attribute__((aligned(8)));
};

/**
 * struct netlink
 * @link:   in run->netlinks
 * @first:  answers that wait, @last the last of them (if there is any), @waiting bytes in all
 * @portid: address of the socket, 0: not bound yet
 * @asked_pid: as the request that is being answered has it
 * @bound:  by bind(): may not be bound otherwise
 * @ext_ack, @cap_ack, @strict, @pktinfo, @no_enobufs, @broadcast_error: options. The last two are about notifications, which there are none of
 */
struct netlink {
	struct endpoint ep;
	struct list_head link;
	struct nl_answer *first, *last;
	size_t waiting;
	uint32_t portid, asked_pid;
	bool bound, ext_ack, cap_ack, strict, pktinfo, no_enobufs, broadcast_error;
};

static inline struct netlink *netlink_of(struct endpoint *ep)
{
	return container_of_source(ep, struct netlink, ep);
}

/* ---- netlink_calls.c ---- */

/** netlink_autobind() - an address: the number of process @tid, or another that is free. 0: nobody's in particular */
void netlink_autobind(struct netlink *nl, int tid);
void netlink_bind(struct call *c);
void netlink_connect(struct call *c);
void netlink_getsockname(struct call *c);
void netlink_getpeername(struct call *c);
void netlink_setsockopt(struct call *c);
void netlink_getsockopt(struct call *c);

#endif
