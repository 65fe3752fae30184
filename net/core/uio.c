// SPDX-License-Identifier: BSD-2-Clause
/* net/core/uio.c - copying between the stack and the caller's pieces of memory.
 *
 * DOC: The caller's memory
 * Normally the caller's pointers are good and its bytes are copied as they are. With skiff_set_user_copy() a function of the
 * embedder's copies instead and may fail at any byte; then as much as could be copied counts, as after a page fault.
 */
#include "net/uio.h"

#include "lib/checksum.h"
#include "net/sock.h"

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

/* The next piece of at most @len bytes, false at the end; the iterator is behind it then. */
static bool next_piece(struct iov_iter *it, size_t len, u8 **p, size_t *n)
{
	while (it->nr_segs && it->off == it->iov->iov_len) {
		it->iov++;
		it->nr_segs--;
		it->off = 0;
	}
	if (!it->nr_segs || !len)
		return false;
	*p = it->iov->iov_base ? (u8 *)it->iov->iov_base + it->off : NULL;
	*n = it->iov->iov_len - it->off < len ? it->iov->iov_len - it->off : len;
	it->off += *n;
	it->count -= *n;
	return true;
}

/* The embedder's way to the caller's memory, NULL: none, copy directly. */
static const struct sock_shard *user_way(const struct iov_iter *it)
{
	const struct sock_shard *s = it->skiff ? it->skiff->sockets : NULL;

	return unlikely(s && s->user_copy) ? s : NULL;
}

/* All @len bytes in one piece that can be reached directly, as nearly always; the iterator is behind it then. NULL: not so */
static inline u8 *whole_piece(struct iov_iter *it, size_t len)
{
	u8 *p;

	if (unlikely(!it->nr_segs || it->iov->iov_len - it->off < len || !it->iov->iov_base ||
		     user_way(it)))
		return NULL;
	p = (u8 *)it->iov->iov_base + it->off;
	it->off += len;
	it->count -= len;
	return p;
}

static size_t copy_piece(const struct iov_iter *it, u8 *user, u8 *ours, size_t n, bool to_user)
{
	const struct sock_shard *s = user_way(it);

	/* Nobody's memory, with or without a way to it. */
	if (unlikely(!user))
		return 0;
	if (s)
		return s->user_copy(s->user_copy_arg, ours, user, n, to_user);
	memcpy(to_user ? user : ours, to_user ? ours : user, n);
	return n;
}

static inline size_t copy_all(struct iov_iter *it, u8 *ours, size_t len, bool to_user)
{
	size_t done = 0, n, got;
	u8 *p = whole_piece(it, len);

	if (likely(p)) {
		memcpy(to_user ? p : ours, to_user ? ours : p, len);
		return len;
	}
	while (next_piece(it, len - done, &p, &n)) {
		got = copy_piece(it, p, ours + done, n, to_user);
		done += got;
		if (unlikely(got < n)) {
			it->off -= n - got;
			it->count += n - got;
			break;
		}
	}
	return done;
}

size_t copy_from_iter(void *to, size_t len, struct iov_iter *it)
{
	return copy_all(it, to, len, false);
}

size_t copy_to_iter(const void *from, size_t len, struct iov_iter *it)
{
	return copy_all(it, (u8 *)from, len, true);
}

/* One pass over the bytes, where they can be reached directly. */
static inline size_t csum_copy(struct iov_iter *it, u8 *ours, size_t len, u32 *sum, bool to_user)
{
	u8 *p = whole_piece(it, len);
	size_t done = 0, n, got;
	u32 part;

	if (likely(p)) {
		*sum = csum_add(*sum, to_user ? csum_partial_copy(p, ours, len, 0) :
						csum_partial_copy(ours, p, len, 0));
		return len;
	}
	while (next_piece(it, len - done, &p, &n)) {
		got = n;
		if (unlikely(user_way(it) || !p)) {
			got = copy_piece(it, p, ours + done, n, to_user);
			part = csum_partial(ours + done, got, 0);
		} else if (to_user) {
			part = csum_partial_copy(p, ours + done, n, 0);
		} else {
			part = csum_partial_copy(ours + done, p, n, 0);
		}
		*sum = csum_block_add(*sum, part, done);
		done += got;
		if (unlikely(got < n)) {
			it->off -= n - got;
			it->count += n - got;
			break;
		}
	}
	return done;
}

size_t csum_copy_from_iter(void *to, size_t len, struct iov_iter *it, u32 *sum)
{
	return csum_copy(it, to, len, sum, false);
}

size_t csum_copy_to_iter(const void *from, size_t len, struct iov_iter *it, u32 *sum)
{
	return csum_copy(it, (u8 *)from, len, sum, true);
}
