// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_procfs.c - /proc/net/arp: the table as arp(8) reads it. Entries that need no resolution are left out. */
#include "net/proc.h"

#include "lib/fmt.h"
#include "lib/inet.h"
#include "neigh_table.h"

/* Flags of the old ioctl interface. */
#define ATF_COM	 0x02 /* address known */
#define ATF_PERM 0x04
#define ATF_PUBL 0x08 /* we answer for it */

static void show_line(struct strbuf *sb, __be32 addr, unsigned type, unsigned flags, const u8 *ha,
		      unsigned ha_len, const char *dev)
{
	char buf[16], hw[3 * MAX_ADDR_LEN + 1] = "";
	struct strbuf text;

	strbuf_init(&text, buf, sizeof(buf));
	strbuf_ip4(&text, addr);
	strbuf_init(&text, hw, sizeof(hw));
	for (unsigned i = 0; i < ha_len; i++)
		strbuf_printf(&text, "%s%02x", i ? ":" : "", ha[i]);
	strbuf_printf(sb, "%-16s 0x%-10x0x%-10x%-17s     *        %s\n", buf, type, flags, hw, dev);
}

static void show_neigh(struct strbuf *sb, const struct neighbour *n)
{
	unsigned flags = 0;

	if (n->nud_state & NUD_PERMANENT)
		flags = ATF_PERM | ATF_COM;
	else if (n->nud_state & NUD_VALID)
		flags = ATF_COM;
	show_line(sb, n->primary_key, n->dev->type, flags, n->ha, n->dev->addr_len, n->dev->name);
}

/** arp_seq_show() - /proc/net/arp */
void arp_seq_show(struct net *net, struct strbuf *sb)
{
	static const u8 zeros[ETH_ALEN];
	struct neigh_table *tbl = net->arp_tbl;
	const struct pneigh_entry *p;
	const struct neighbour *n;

	strbuf_puts(sb, "IP address       HW type     Flags       HW address            Mask     "
			"Device\n");
	list_for_each_entry(n, &tbl->all, list)
		if (n->nud_state & ~NUD_NOARP)
			show_neigh(sb, n);
	for (unsigned i = 0; i < PNEIGH_HASH_SIZE; i++)
		hlist_for_each_entry(p, &tbl->phash[i], hash)
			show_line(sb, p->key, p->dev ? p->dev->type : 0, ATF_PUBL | ATF_PERM, zeros,
				  ETH_ALEN, p->dev ? p->dev->name : "*");
}
