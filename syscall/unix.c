// SPDX-License-Identifier: BSD-2-Clause
/* syscall/unix.c - calls on descriptors that are not ours: files, and AF_UNIX sockets; unix.h has what those may do. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "syscall/ioctl.h"
#include "syscall/unix.h"

#define RETRY_NS 5000000u

/* ---- waiting for the kernel ---- */

struct retry {
	uint64_t until;
};

void unix_retry(struct call *c, call_fn again, int err, int flags)
{
	struct retry *r = c->state;
	uint64_t now = host_now();

	if (call_nonblock(c, flags)) {
		call_return(c, err);
		return;
	}
	if (!r) {
		r = malloc(sizeof(*r));
		c->state = r;
		if (r)
			r->until = call_timeout(c, SO_SNDTIMEO);
	}
	if (!r || r->until <= now)
		call_return(c, err);
	else
		call_later(c, again, now + RETRY_NS);
}

/* The descriptor of a call that is tried again. false: the call is over */
static bool has_descriptor(struct call *c)
{
	int err;

	if (c->dup >= 0)
		return true;
	if (!call_valid(c)) {
		call_free(c);
		return false;
	}
	err = call_dup(c, call_int(c, 0));
	if (err)
		call_return(c, err);
	return !err;
}

/* ---- connect, bind ---- */

/* Without waiting; the mode belongs to the open file, which is the program's, too. */
static int connect_now(struct call *c, const struct sockaddr *addr, socklen_t len)
{
	bool blocks = !(c->flags & O_NONBLOCK);
	int ret;

	if (blocks)
		fcntl(c->dup, F_SETFL, c->flags | O_NONBLOCK);
	unix_become(c);
	ret = connect(c->dup, addr, len) ? -errno : 0;
	unix_become_ourselves();
	if (blocks)
		fcntl(c->dup, F_SETFL, c->flags);
	return ret;
}

static void unix_connect(struct call *c)
{
	struct unix_target t = { .fd = -1 };
	struct sockaddr_un addr;
	int len, ret;

	if (!has_descriptor(c))
		return;
	len = unix_get_addr(c, call_arg(c, 1), call_int(c, 2), &addr);
	if (len < 0) {
		call_return(c, len);
		return;
	}
	if (len >= (int)sizeof(sa_family_t) && addr.sun_family == AF_UNSPEC) {
		call_return(c, connect_now(c, (struct sockaddr *)&addr, (socklen_t)len));
		return;
	}
	ret = unix_find(c, &addr, len, &t);
	if (!ret)
		ret = connect_now(c, (struct sockaddr *)&t.addr, t.len);
	unix_target_end(&t);
	if (ret == -EAGAIN)
		unix_retry(c, unix_connect, ret, 0);
	else
		call_return_once(c, ret);
}

static void bind_call(struct call *c)
{
	struct sockaddr_un addr;
	int len = unix_get_addr(c, call_arg(c, 1), call_int(c, 2), &addr);

	call_return_once(c, len < 0 ? len : unix_bind(c, &addr, len));
}

/* ---- which ---- */

static int option(const struct call *c, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(c->dup, SOL_SOCKET, name, &value, &len) ? -1 : value;
}

static void unix_socket_call(struct call *c, enum call_kind kind)
{
	bool dgram = option(c, SO_TYPE) == SOCK_DGRAM;

	if (kind == CALL_BIND)
		bind_call(c);
	else if (kind == CALL_CONNECT)
		unix_connect(c);
	else if (kind == CALL_IOCTL && ioctl_is_of_device(call_arg(c, 1)))
		device_ioctl(c);
	else if (dgram && ((kind == CALL_SENDTO && call_arg(c, 4)) || kind == CALL_SENDMSG ||
			   kind == CALL_SENDMMSG))
		unix_send(c);
	else
		call_continue(c); /* no address, or (streams) none that the kernel would use */
}

void unix_call(struct call *c, enum call_kind kind)
{
	if (!S_ISSOCK(c->st.st_mode)) {
		call_continue(c);
		return;
	}
	if (option(c, SO_DOMAIN) == AF_UNIX) {
		unix_socket_call(c, kind);
		return;
	}
	run_log(c->run, SKIFF_LOG_WARN,
		"process %u has a socket of family %d that is the host's: it can not be used",
		c->req.pid, option(c, SO_DOMAIN));
	call_return(c, -EPERM);
}
