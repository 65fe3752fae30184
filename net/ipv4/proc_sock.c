// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/proc_sock.c - how datagram sockets look below /proc/net. */
#include "lib/fmt.h"
#include "net/inet_sock.h"

void inet_seq_line(struct strbuf *sb, const struct sock *sk, int width, int bucket, size_t pad)
{
	const struct inet_sock *inet = inet_sk(sk);
	size_t start = sb->len;

	/*
	 * Sockets have no inode here; their number in the slab stands for it and for the pointer. The table they stand in counts as
	 * a holder, as it does in the kernel.
	 */
	strbuf_printf(
		sb,
		"%*d: %08X:%04X %08X:%04X %02X %08X:%08X %02X:%08lX %08X %5u %8d %lu %d %016x %u",
		width, bucket, inet->inet_rcv_saddr, sk->sk_num, inet->inet_daddr,
		ntohs(inet->inet_dport), sk->sk_state, sk->sk_wmem_alloc, sk->sk_rmem_alloc, 0, 0L,
		0, sk->sk_uid, 0, (unsigned long)sk->sk_handle, sk->sk_refcnt + 1, sk->sk_handle,
		sk->sk_drops);
	while (sb->len - start < pad && !sb->cut)
		strbuf_putc(sb, ' ');
	strbuf_putc(sb, '\n');
}
