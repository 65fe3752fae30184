// SPDX-License-Identifier: BSD-2-Clause
/* net/socket_fd.c - descriptors: small numbers for sockets and epoll sets, the lowest free one first.
 *
 * DOC: Descriptors
 * 8 bytes each in one array, and two levels of bitmaps that find the lowest free number without a walk over those in use.
 * Several descriptors of one object (skiff_dup) are counted in it.
 */
#include "net/socket_internal.h"

#define FD_FIRST_CAP 64u
#define WORDS(bits)  (((bits) + 63) / 64)

int fd_table_init(struct skiff *skiff)
{
	skiff->sockets->fds = skiff_zalloc(skiff, sizeof(*skiff->sockets->fds));
	if (!skiff->sockets->fds)
		return -ENOMEM;
	skiff->sockets->fds->max = FD_MAX;
	return 0;
}

void fd_table_exit(struct skiff *skiff)
{
	struct fd_table *t = skiff->sockets->fds;

	if (!t)
		return;
	for (u32 fd = 0; fd < t->cap; fd++)
		fd_close(skiff, (int)fd);
	skiff_free(skiff, t->e);
	skiff_free(skiff, t->open);
	skiff_free(skiff, t->full);
	skiff_free(skiff, t);
	skiff->sockets->fds = NULL;
}

/* @p made larger, the new part zeroed. NULL: no memory, @p is as it was */
static void *grown(struct skiff *skiff, void *p, size_t old, size_t size)
{
	u8 *q = skiff_alloc(skiff, size);

	if (!q)
		return NULL;
	if (old)
		memcpy(q, p, old);
	memset(q + old, 0, size - old);
	return q;
}

static int fd_table_grow(struct skiff *skiff, struct fd_table *t)
{
	u32 cap = t->cap ? t->cap * 2 : FD_FIRST_CAP;
	u64 *open, *full;
	struct fd_entry *e;

	e = grown(skiff, t->e, t->cap * sizeof(*e), cap * sizeof(*e));
	open = grown(skiff, t->open, WORDS(t->cap) * 8, WORDS(cap) * 8);
	full = grown(skiff, t->full, WORDS(WORDS(t->cap)) * 8, WORDS(WORDS(cap)) * 8);
	if (!e || !open || !full) {
		skiff_free(skiff, e);
		skiff_free(skiff, open);
		skiff_free(skiff, full);
		return -ENOMEM;
	}
	skiff_free(skiff, t->e);
	skiff_free(skiff, t->open);
	skiff_free(skiff, t->full);
	t->e = e;
	t->open = open;
	t->full = full;
	t->cap = cap;
	return 0;
}

/* The lowest number that is free; cap if all are taken. */
static u32 lowest_free(const struct fd_table *t)
{
	for (u32 i = 0; i < WORDS(WORDS(t->cap)); i++) {
		u32 word;

		if (!~t->full[i])
			continue;
		word = i * 64 + (u32)__builtin_ctzll(~t->full[i]);
		if (word >= WORDS(t->cap))
			break;
		return word * 64 + (u32)__builtin_ctzll(~t->open[word]);
	}
	return t->cap;
}

int fd_get_unused(struct skiff *skiff)
{
	struct fd_table *t = skiff->sockets->fds;
	u32 fd = lowest_free(t);

	if (fd >= t->max)
		return -EMFILE;
	if (fd == t->cap && fd_table_grow(skiff, t))
		return -ENOMEM;
	t->open[fd / 64] |= 1ULL << fd % 64;
	if (!~t->open[fd / 64])
		t->full[fd / 4096] |= 1ULL << fd / 64 % 64;
	t->e[fd] = (struct fd_entry){ FD_RESERVED };
	return (int)fd;
}

void fd_put_unused(struct skiff *skiff, int number)
{
	struct fd_table *t = skiff->sockets->fds;
	u32 fd = (u32)number;

	t->e[fd] = (struct fd_entry){ FD_FREE };
	t->open[fd / 64] &= ~(1ULL << fd % 64);
	t->full[fd / 4096] &= ~(1ULL << fd / 64 % 64);
}

void fd_install(struct skiff *skiff, int fd, enum fd_kind kind, void *obj)
{
	NET_ASSERT(!((uintptr_t)obj & FD_KIND_MASK));
	skiff->sockets->fds->e[fd] = (struct fd_entry){ (uintptr_t)obj | kind };
}

int fd_close(struct skiff *skiff, int fd)
{
	const struct fd_entry *e = fd_lookup(skiff, fd);
	struct fd_entry was;

	if (!e)
		return -EBADF;
	was = *e;
	fd_watch_forget(&was, fd);
	fd_put_unused(skiff, fd);
	if (fd_kind(&was) == FD_EPOLL) {
		if (ep_put(fd_obj(&was)))
			ep_free(skiff, fd_obj(&was));
	} else {
		struct socket *sock = fd_obj(&was);

		if (--sock->fds == 0)
			sock_release(sock);
	}
	return 0;
}

void fd_close_net(struct net *net)
{
	struct sock_shard *s = net->skiff->sockets;
	struct fd_table *t = s ? s->fds : NULL;

	/* A shard may do without sockets: tests of one module make such ones. */
	for (u32 fd = 0; t && fd < t->cap; fd++) {
		if (fd_kind(&t->e[fd]) == FD_SOCKET &&
		    ((struct socket *)fd_obj(&t->e[fd]))->net == net)
			fd_close(net->skiff, (int)fd);
	}
}

bool sock_fd_open(const struct skiff *skiff, int fd)
{
	return fd_lookup(skiff, fd) != NULL;
}

int skiff_close(struct skiff *skiff, int fd)
{
	int err;

	call_begin(skiff);
	err = fd_close(skiff, fd);
	call_end(skiff);
	return err;
}

int skiff_dup(struct skiff *skiff, int oldfd)
{
	const struct fd_entry *e = fd_lookup(skiff, oldfd);
	struct fd_entry was;
	int fd;

	if (!e)
		return -EBADF;
	was = *e;
	fd = fd_get_unused(skiff);
	if (fd < 0)
		return fd;
	fd_install(skiff, fd, fd_kind(&was), fd_obj(&was));
	if (fd_kind(&was) == FD_EPOLL)
		ep_dup(fd_obj(&was));
	else
		((struct socket *)fd_obj(&was))->fds++;
	return fd;
}
