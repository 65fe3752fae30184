// SPDX-License-Identifier: BSD-2-Clause
/* syscall/unix.c - placeholder until it is written: what is no socket is the kernel's, sockets are refused. */
#include <errno.h>

#include "syscall/supervisor.h"

void unix_call(struct call *c, enum call_kind kind)
{
	if (S_ISSOCK(c->st.st_mode))
		call_return(c, -EOPNOTSUPP);
	else
		call_continue(c);
}

void unix_free(struct skiff_run *run)
{
}
