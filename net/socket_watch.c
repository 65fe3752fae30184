// SPDX-License-Identifier: BSD-2-Clause
/* net/socket_watch.c - readiness asked for once (poll), and told by a callback (skiff_watch).
 *
 * DOC: Callbacks
 * A change only notes the callback on a list of the shard. It runs when the outermost call, or the turn, that caused the
 * change is over, so it may make any call itself, also close the descriptor.
 */
#include "net/socket_internal.h"

/* struct fd_watch - skiff_watch(): @told: next is NULL while it is not on the shard's list; @pending: what to tell */
struct fd_watch {
	struct socket_watch watch;
	struct list_head told;
	struct skiff *skiff;
	skiff_watch_fn fn;
	void *arg;
	int fd;
	u32 mask, pending;
};

int skiff_events(struct skiff *skiff, int fd)
{
	const struct fd_entry *e = fd_lookup(skiff, fd);

	return e ? (int)fd_events(skiff, fd_kind(e), fd_obj(e)) : -EBADF;
}

static u32 poll_one(struct skiff *skiff, const struct pollfd *p)
{
	int mask;

	if (p->fd < 0)
		return 0;
	mask = skiff_events(skiff, p->fd);
	return mask < 0 ? POLLNVAL : (u32)mask & ((u16)p->events | POLLERR | POLLHUP);
}

int skiff_poll(struct skiff *skiff, struct pollfd *fds, unsigned n)
{
	struct pollfd p;
	int ready = 0;

	for (unsigned i = 0; i < n; i++) {
		if (copy_from_user(skiff, &p, &fds[i], sizeof(p)))
			return -EFAULT;
		p.revents = (short)poll_one(skiff, &p);
		ready += p.revents != 0;
		if (copy_to_user(skiff, &fds[i].revents, &p.revents, sizeof(p.revents)))
			return -EFAULT;
	}
	return ready;
}

static bool fd_watch_wake(struct socket_watch *w, u32 mask)
{
	struct fd_watch *fw = container_of(w, struct fd_watch, watch);

	mask &= fw->mask | POLLERR | POLLHUP;
	if (!mask)
		return false;
	fw->pending |= mask;
	if (!fw->told.next)
		list_add_tail(&fw->told, &fw->skiff->sockets->told);
	return true;
}

static void fd_watch_end(struct socket_watch *w)
{
	struct fd_watch *fw = container_of(w, struct fd_watch, watch);

	if (fw->told.next)
		list_del(&fw->told);
	skiff_free(fw->skiff, fw);
}

void socket_tell_watchers(struct skiff *skiff)
{
	struct sock_shard *s = skiff->sockets;

	s->calls++;
	while (!list_empty(&s->told)) {
		struct fd_watch *fw = list_first_entry(&s->told, struct fd_watch, told);
		u32 pending = fw->pending;

		list_del(&fw->told);
		fw->pending = 0;
		fw->fn(fw->arg, fw->fd, pending);
		skiff_relieve(skiff);
	}
	s->calls--;
}

static struct fd_watch *fd_watch_find(struct list_head *watchers, int fd)
{
	struct socket_watch *w;

	list_for_each_entry(w, watchers, list) {
		struct fd_watch *fw = container_of(w, struct fd_watch, watch);

		if (w->wake == fd_watch_wake && fw->fd == fd)
			return fw;
	}
	return NULL;
}

void fd_watch_forget(const struct fd_entry *e, int fd)
{
	struct fd_watch *fw = fd_watch_find(fd_watchers(e), fd);

	if (!fw)
		return;
	socket_watch_del(&fw->watch);
	fd_watch_end(&fw->watch);
}

int skiff_watch(struct skiff *skiff, int fd, unsigned mask, skiff_watch_fn fn, void *arg)
{
	const struct fd_entry *e = fd_lookup(skiff, fd);
	struct list_head *watchers;
	struct fd_watch *fw;

	if (!e)
		return -EBADF;
	watchers = fd_watchers(e);
	fw = fd_watch_find(watchers, fd);
	if (!fn) {
		if (!fw)
			return -ENOENT;
		socket_watch_del(&fw->watch);
		fd_watch_end(&fw->watch);
		return 0;
	}
	if (!fw) {
		fw = skiff_zalloc(skiff, sizeof(*fw));
		if (!fw)
			return -ENOMEM;
		fw->watch.wake = fd_watch_wake;
		fw->watch.end = fd_watch_end;
		fw->skiff = skiff;
		fw->fd = fd;
		socket_watch_add(watchers, &fw->watch);
	}
	fw->mask = mask;
	fw->fn = fn;
	fw->arg = arg;
	return 0;
}
