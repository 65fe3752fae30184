// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_proc.c - /proc/net/udp and /proc/net/udplite. */
#include "net/proc.h"
#include "net/udp.h"

/* Lines have this many characters, filled up with blanks. */
#define UDP_LINE 127

static void udp_table_show(const struct udp_table *t, struct strbuf *sb)
{
	const struct udp_sock *up;
	size_t start = sb->len;

	strbuf_puts(sb,
		    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
		    "   uid  timeout inode ref pointer drops");
	while (sb->len - start < UDP_LINE && !sb->cut)
		strbuf_putc(sb, ' ');
	strbuf_putc(sb, '\n');
	for (u32 i = 0; i < UDP_HTABLE_SIZE; i++)
		hlist_for_each_entry(up, &t->hash[i], udp_node)
			inet_seq_line(sb, &up->inet.sk, 5, (int)i, UDP_LINE);
}

void udp4_seq_show(struct net *net, struct strbuf *sb)
{
	udp_table_show(net->ipv4.udp_table, sb);
}

void udplite4_seq_show(struct net *net, struct strbuf *sb)
{
	udp_table_show(net->ipv4.udplite_table, sb);
}
