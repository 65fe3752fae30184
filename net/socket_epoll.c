// SPDX-License-Identifier: BSD-2-Clause
/* net/socket_epoll.c - epoll: sets of descriptors, and which of them are ready.
 *
 * DOC: Readiness
 * An item hangs on what it watches (struct socket_watch). When that reports a change the item goes to the end of its set's ready
 * list, nothing more; skiff_epoll_wait() asks each item on the list what is true now:
 *   level (default)  reported, and back to the end of the list: it is asked again next time
 *   EPOLLET          reported, and off the list until the next change
 *   EPOLLONESHOT     reported, and off until EPOLL_CTL_MOD
 * Nobody ever waits inside, so for EPOLLEXCLUSIVE a set "has a waiter" if somebody watches the set: a callback or another set.
 */
#include "net/socket_internal.h"

#define EP_MAX_NESTS 4
#define EPOLLWAKEUP  (1U << 29)
#define EP_PRIVATE   (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)
#define EP_EXCLUSIVE_OK \
	(POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

/**
 * struct eventpoll - a set
 * @items: all, @ready: those to be asked; @watchers: who waits for the set itself; @fds: descriptors of it
 */
struct eventpoll {
	struct skiff *skiff;
	struct list_head items;
	struct list_head ready;
	struct list_head watchers;
	u32 fds;
};

/**
 * struct epitem - a descriptor in a set
 * @obj, @kind: what it stands for; @fd: its number when it was added: one object may be in a set under several
 * @ready: next is NULL while it is not on the ready list
 */
struct epitem {
	struct socket_watch watch;
	struct eventpoll *ep;
	struct list_head item;
	struct list_head ready;
	void *obj;
	u32 kind;
	int fd;
	struct epoll_event event;
};

u32 fd_events(struct skiff *skiff, u32 kind, void *obj)
{
	struct socket *sock = obj;

	return kind == FD_EPOLL ? ep_poll(skiff, obj) : sock->ops->poll(sock);
}

struct list_head *fd_watchers(const struct fd_entry *e)
{
	return fd_kind(e) == FD_EPOLL ? &((struct eventpoll *)fd_obj(e))->watchers :
					&((struct socket *)fd_obj(e))->watchers;
}

static u32 item_events(struct epitem *epi)
{
	return fd_events(epi->ep->skiff, epi->kind, epi->obj) & epi->event.events;
}

/* An exclusive item takes an event on itself if its set has a waiter and the event is of the kind it asked for. */
static bool takes_event(const struct epitem *epi, u32 mask)
{
	u32 inout = mask & (POLLIN | POLLOUT);

	if (!(epi->event.events & EPOLLEXCLUSIVE))
		return true;
	if (list_empty(&epi->ep->watchers))
		return false;
	return !inout || (inout != (POLLIN | POLLOUT) && (epi->event.events & inout));
}

static bool ep_poll_callback(struct socket_watch *w, u32 mask)
{
	struct epitem *epi = container_of(w, struct epitem, watch);
	bool taken;

	if (!(epi->event.events & ~EP_PRIVATE))
		return false;
	if (!(mask & epi->event.events))
		return false;
	if (!epi->ready.next)
		list_add_tail(&epi->ready, &epi->ep->ready);
	taken = takes_event(epi, mask);
	watchers_wake(&epi->ep->watchers, POLLIN | POLLRDNORM);
	return taken;
}

static void ep_remove(struct epitem *epi)
{
	if (epi->watch.list.next)
		socket_watch_del(&epi->watch);
	if (epi->ready.next)
		list_del(&epi->ready);
	list_del(&epi->item);
	skiff_free(epi->ep->skiff, epi);
}

static void ep_watched_ends(struct socket_watch *w)
{
	ep_remove(container_of(w, struct epitem, watch));
}

void watchers_end(struct list_head *watchers)
{
	while (!list_empty(watchers)) {
		struct socket_watch *w = list_first_entry(watchers, struct socket_watch, list);

		socket_watch_del(w);
		w->end(w);
	}
}

/* ---- life of a set ---- */

static int epoll_create(struct skiff *skiff)
{
	struct eventpoll *ep;
	int fd = fd_get_unused(skiff);

	if (fd < 0)
		return fd;
	ep = skiff_zalloc(skiff, sizeof(*ep));
	if (!ep) {
		fd_put_unused(skiff, fd);
		return -ENOMEM;
	}
	ep->skiff = skiff;
	ep->fds = 1;
	INIT_LIST_HEAD(&ep->items);
	INIT_LIST_HEAD(&ep->ready);
	INIT_LIST_HEAD(&ep->watchers);
	fd_install(skiff, fd, FD_EPOLL, ep);
	return fd;
}

int skiff_epoll_create(struct skiff *skiff)
{
	return epoll_create(skiff);
}

void ep_dup(struct eventpoll *ep)
{
	ep->fds++;
}

bool ep_put(struct eventpoll *ep)
{
	return --ep->fds == 0;
}

void ep_free(struct skiff *skiff, struct eventpoll *ep)
{
	watchers_end(&ep->watchers);
	while (!list_empty(&ep->items))
		ep_remove(list_first_entry(&ep->items, struct epitem, item));
	skiff_free(skiff, ep);
}

u32 ep_poll(struct skiff *skiff, struct eventpoll *ep)
{
	struct epitem *epi, *n;

	list_for_each_entry_safe(epi, n, &ep->ready, ready) {
		if (item_events(epi))
			return POLLIN | POLLRDNORM;
		list_del(&epi->ready);
	}
	return 0;
}

/* ---- epoll_ctl ---- */

/* How many sets one reaches from @from, -ELOOP if @target is one of them or the nesting is too deep. */
static int ep_nesting(const struct eventpoll *from, const struct eventpoll *target, int depth)
{
	struct epitem *epi;
	int err;

	if (from == target || depth > EP_MAX_NESTS)
		return -ELOOP;
	list_for_each_entry(epi, &from->items, item) {
		if (epi->kind != FD_EPOLL)
			continue;
		err = ep_nesting(epi->obj, target, depth + 1);
		if (err)
			return err;
	}
	return 0;
}

static struct epitem *ep_find(struct eventpoll *ep, const struct fd_entry *e, int fd)
{
	struct socket_watch *w;

	list_for_each_entry(w, fd_watchers(e), list) {
		struct epitem *epi = container_of(w, struct epitem, watch);

		if (w->wake == ep_poll_callback && epi->ep == ep && epi->fd == fd)
			return epi;
	}
	return NULL;
}

static void ep_look_now(struct epitem *epi)
{
	if (!item_events(epi) || epi->ready.next)
		return;
	list_add_tail(&epi->ready, &epi->ep->ready);
	watchers_wake(&epi->ep->watchers, POLLIN | POLLRDNORM);
}

static int ep_insert(struct eventpoll *ep, const struct fd_entry *e, int fd,
		     const struct epoll_event *event)
{
	struct epitem *epi = skiff_zalloc(ep->skiff, sizeof(*epi));

	if (!epi)
		return -ENOMEM;
	epi->watch.wake = ep_poll_callback;
	epi->watch.end = ep_watched_ends;
	epi->watch.exclusive = (event->events & EPOLLEXCLUSIVE) != 0;
	epi->ep = ep;
	epi->obj = fd_obj(e);
	epi->kind = fd_kind(e);
	epi->fd = fd;
	epi->event = *event;
	epi->event.events |= POLLERR | POLLHUP;
	list_add_tail(&epi->item, &ep->items);
	socket_watch_add(fd_watchers(e), &epi->watch);
	ep_look_now(epi);
	return 0;
}

static int ep_modify(struct epitem *epi, const struct epoll_event *event)
{
	if (epi->event.events & EPOLLEXCLUSIVE)
		return 0;
	epi->event = *event;
	epi->event.events |= POLLERR | POLLHUP;
	ep_look_now(epi);
	return 0;
}

static bool exclusive_wrong(int op, const struct fd_entry *target, u32 events)
{
	if (!(events & EPOLLEXCLUSIVE))
		return false;
	return op == EPOLL_CTL_MOD || fd_kind(target) == FD_EPOLL || (events & ~EP_EXCLUSIVE_OK);
}

static int do_epoll_ctl(struct skiff *skiff, int epfd, int op, int fd, struct epoll_event *ev)
{
	const struct fd_entry *e = fd_lookup(skiff, epfd), *target = fd_lookup(skiff, fd);
	struct epitem *epi;
	int err;

	if (!e || !target)
		return -EBADF;
	if (fd_kind(e) != FD_EPOLL || fd_obj(e) == fd_obj(target))
		return -EINVAL;
	if (op != EPOLL_CTL_DEL && exclusive_wrong(op, target, ev->events))
		return -EINVAL;
	if (op == EPOLL_CTL_ADD && fd_kind(target) == FD_EPOLL) {
		err = ep_nesting(fd_obj(target), fd_obj(e), 1);
		if (err)
			return err;
	}
	epi = ep_find(fd_obj(e), target, fd);
	switch (op) {
	case EPOLL_CTL_ADD:
		return epi ? -EEXIST : ep_insert(fd_obj(e), target, fd, ev);
	case EPOLL_CTL_DEL:
		if (!epi)
			return -ENOENT;
		ep_remove(epi);
		return 0;
	case EPOLL_CTL_MOD:
		return epi ? ep_modify(epi, ev) : -ENOENT;
	default:
		return -EINVAL;
	}
}

int skiff_epoll_ctl(struct skiff *skiff, int epfd, int op, int fd, struct epoll_event *event)
{
	struct epoll_event ev = { 0 };
	int err = 0;

	if (op != EPOLL_CTL_DEL)
		err = copy_from_user(skiff, &ev, event, sizeof(ev));
	if (err)
		return err;
	call_begin(skiff);
	err = do_epoll_ctl(skiff, epfd, op, fd, &ev);
	call_end(skiff);
	return err;
}

/* ---- epoll_wait ---- */

/* One item of the list of those to be asked. 1: reported, 0: nothing true, -EFAULT: reported to nowhere, still to be asked */
static int ep_report(struct skiff *skiff, struct epitem *epi, struct epoll_event *to)
{
	struct epoll_event ev = { .data = epi->event.data };

	ev.events = item_events(epi);
	if (!ev.events)
		return 0;
	if (copy_to_user(skiff, to, &ev, sizeof(ev)))
		return -EFAULT;
	if (epi->event.events & EPOLLONESHOT)
		epi->event.events &= EP_PRIVATE;
	else if (!(epi->event.events & EPOLLET))
		list_add_tail(&epi->ready, &epi->ep->ready);
	return 1;
}

int skiff_epoll_wait(struct skiff *skiff, int epfd, struct epoll_event *events, int maxevents)
{
	const struct fd_entry *e = fd_lookup(skiff, epfd);
	struct eventpoll *ep;
	struct list_head todo;
	int n = 0, r = 0;

	if (maxevents <= 0 || maxevents > INT32_MAX / (int)sizeof(struct epoll_event))
		return -EINVAL;
	if (!events)
		return -EFAULT;
	if (!e)
		return -EBADF;
	if (fd_kind(e) != FD_EPOLL)
		return -EINVAL;
	ep = fd_obj(e);
	INIT_LIST_HEAD(&todo);
	list_splice_init(&ep->ready, &todo);
	while (n < maxevents && !list_empty(&todo)) {
		struct epitem *epi = list_first_entry(&todo, struct epitem, ready);

		list_del(&epi->ready);
		r = ep_report(skiff, epi, &events[n]);
		if (r < 0) {
			list_add(&epi->ready, &todo);
			break;
		}
		n += r;
	}
	/* Those not asked come first the next time. */
	list_splice_init(&todo, &ep->ready);
	return n ? n : (r < 0 ? r : 0);
}
