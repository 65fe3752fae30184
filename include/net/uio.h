/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/uio.h - a walk over the caller's memory, given as an array of pieces (struct iovec). */
#ifndef NET_UIO_H
#define NET_UIO_H

#include "net/socket_abi.h"

struct skiff;

/**
 * struct iov_iter - what is left of the caller's pieces
 * @iov:   current piece; @nr_segs: pieces from it on
 * @off:   bytes of the current piece that are done
 * @count: bytes left in all
 */
struct iov_iter {
	const struct iovec *iov;
	size_t nr_segs;
	size_t off;
	size_t count;
	struct skiff *skiff;
};

/** iov_iter_init() - at the start of @iov, all of it. Return: 0, -EINVAL if the lengths add up to more than a ssize_t, -EMSGSIZE above UIO_MAXIOV */
int iov_iter_init(struct iov_iter *it, struct skiff *skiff, const struct iovec *iov,
		  size_t nr_segs);
/** copy_from_iter() / copy_to_iter() - copy and advance. Return: bytes copied; fewer than @len only at the end or at memory that can not be touched */
size_t copy_from_iter(void *to, size_t len, struct iov_iter *it);
size_t copy_to_iter(const void *from, size_t len, struct iov_iter *it);
/** csum_copy_from_iter() - copy_from_iter() and csum_partial() in one pass, @sum updated */
size_t csum_copy_from_iter(void *to, size_t len, struct iov_iter *it, u32 *sum);
/** csum_copy_to_iter() - the same outwards */
size_t csum_copy_to_iter(const void *from, size_t len, struct iov_iter *it, u32 *sum);
/** iov_iter_restore() - back to @start, a copy of the iterator as it was before */
static inline void iov_iter_restore(struct iov_iter *it, const struct iov_iter *start)
{
	*it = *start;
}

#endif
