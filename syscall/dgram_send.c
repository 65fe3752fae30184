// SPDX-License-Identifier: BSD-2-Clause
/* syscall/dgram_send.c - connect, and sending with an address, control messages or flags. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/syscall.h>

#include "syscall/dgram.h"
#include "syscall/names.h"

static int send_flags(const struct call *c)
{
	return call_int(c, c->req.data.nr == __NR_sendmsg ? 2 : 3);
}

static int64_t ask_stack(struct call *c, int flags)
{
	struct skiff *skiff = c->run->skiff;
	int sfd = c->ep->sfd;
	int64_t ret;

	call_begin(c);
	if (c->req.data.nr == __NR_sendto)
		ret = skiff_sendto(skiff, sfd, dgram_user(call_arg(c, 1)), call_arg(c, 2), flags,
				   dgram_user(call_arg(c, 4)), (uint32_t)call_int(c, 5));
	else if (c->req.data.nr == __NR_sendmsg)
		ret = skiff_sendmsg(skiff, sfd, dgram_user(call_arg(c, 1)), flags);
	else
		ret = skiff_sendmmsg(skiff, sfd, dgram_user(call_arg(c, 1)),
				     (unsigned)call_arg(c, 2), flags);
	call_end(c);
	return ret;
}

void dgram_send(struct call *c)
{
	struct dgram *d = dgram_of(c->ep);
	int flags = send_flags(c);
	int64_t ret = -EAGAIN;

	if (!c->parked)
		dgram_entered(c);
	if (dgram_is_udp(d) && names_call(c, d->name_server))
		return;
	dgram_pump(d);
	if (d->err) {
		ret = -d->err;
		d->err = 0;
	} else if (!d->out) { /* else it would overtake */
		ret = ask_stack(c, flags & ~MSG_NOSIGNAL);
	}
	if (ret == -EAGAIN && !call_nonblock(c, flags)) {
		call_park(c, dgram_send, NULL,
			  c->parked ? c->deadline : call_timeout(c, SO_SNDTIMEO));
		return;
	}
	if (ret < 0)
		mirror_unmark(c, d);
	call_return_once(c, ret);
}

/* A name server that no route leads to can be asked all the same: by way of the loopback device, from where the answers come. */
static int connect_by_loopback(struct dgram *d, const struct sockaddr *addr, uint32_t len)
{
	struct skiff *skiff = d->ep.run->skiff;
	int ret = skiff_setsockopt(skiff, d->ep.sfd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2);

	if (ret)
		return ret;
	ret = skiff_connect(skiff, d->ep.sfd, addr, len);
	skiff_setsockopt(skiff, d->ep.sfd, SOL_SOCKET, SO_BINDTODEVICE, "", 0);
	return ret;
}

void dgram_connect(struct call *c)
{
	struct dgram *d = dgram_of(c->ep);
	struct sockaddr_storage addr = { 0 };
	int len, ret;

	dgram_entered(c);
	dgram_pump(d);
	len = call_get_addr(c, call_arg(c, 1), call_int(c, 2), &addr);
	if (len < 0) {
		call_return(c, len);
		return;
	}
	ret = skiff_connect(c->run->skiff, d->ep.sfd, (struct sockaddr *)&addr, (uint32_t)len);
	if (dgram_is_udp(d) && names_is_server(c, (struct sockaddr *)&addr, (unsigned)len)) {
		if (ret == -ENETUNREACH || ret == -EHOSTUNREACH)
			ret = connect_by_loopback(d, (struct sockaddr *)&addr, (uint32_t)len);
		d->name_server = !ret;
	} else if (!ret) {
		d->name_server = false;
	}
	call_return_once(c, ret);
}
