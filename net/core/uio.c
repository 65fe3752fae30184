// SPDX-License-Identifier: BSD-2-Clause
/* net/core/uio.c - copying between the stack and the caller's pieces of memory. */
#include "net/uio.h"

#include "engine/skiff.h"
#include "lib/checksum.h"

#define UIO_MAXIOV 1024

int iov_iter_init(struct iov_iter *it, struct skiff *skiff, const struct iovec *iov, size_t nr_segs)
{
	size_t count = 0;

	if (nr_segs > UIO_MAXIOV)
		return -EMSGSIZE;
	for (size_t i = 0; i < nr_segs; i++) {
		if (iov[i].iov_len > SIZE_MAX / 2 - count)
			return -EINVAL;
		count += iov[i].iov_len;
	}
	*it = (struct iov_iter){ .iov = iov, .nr_segs = nr_segs, .count = count, .skiff = skiff };
	return 0;
}

/* The next piece of at most @len bytes, NULL at the end; the iterator is behind it then. */
static u8 *next_piece(struct iov_iter *it, size_t len, size_t *n)
{
	u8 *p;

	while (it->nr_segs && it->off == it->iov->iov_len) {
		it->iov++;
		it->nr_segs--;
		it->off = 0;
	}
	if (!it->nr_segs || !len)
		return NULL;
	p = (u8 *)it->iov->iov_base + it->off;
	*n = it->iov->iov_len - it->off < len ? it->iov->iov_len - it->off : len;
	it->off += *n;
	it->count -= *n;
	return p;
}

size_t copy_from_iter(void *to, size_t len, struct iov_iter *it)
{
	size_t done = 0, n;
	u8 *p;

	while ((p = next_piece(it, len - done, &n))) {
		memcpy((u8 *)to + done, p, n);
		done += n;
	}
	return done;
}

size_t copy_to_iter(const void *from, size_t len, struct iov_iter *it)
{
	size_t done = 0, n;
	u8 *p;

	while ((p = next_piece(it, len - done, &n))) {
		memcpy(p, (const u8 *)from + done, n);
		done += n;
	}
	return done;
}

size_t csum_copy_from_iter(void *to, size_t len, struct iov_iter *it, u32 *sum)
{
	size_t done = 0, n;
	u8 *p;

	while ((p = next_piece(it, len - done, &n))) {
		*sum = csum_block_add(*sum, csum_partial_copy((u8 *)to + done, p, n, 0), done);
		done += n;
	}
	return done;
}

size_t csum_copy_to_iter(const void *from, size_t len, struct iov_iter *it, u32 *sum)
{
	size_t done = 0, n;
	u8 *p;

	while ((p = next_piece(it, len - done, &n))) {
		*sum = csum_block_add(*sum, csum_partial_copy(p, (const u8 *)from + done, n, 0),
				      done);
		done += n;
	}
	return done;
}

void iov_iter_advance(struct iov_iter *it, size_t n)
{
	size_t step;

	while (n && next_piece(it, n, &step))
		n -= step;
}

void iov_iter_revert(struct iov_iter *it, size_t n)
{
	it->count += n;
	while (n > it->off) {
		n -= it->off;
		it->iov--;
		it->nr_segs++;
		it->off = it->iov->iov_len;
	}
	it->off -= n;
}
