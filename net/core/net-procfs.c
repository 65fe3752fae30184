// SPDX-License-Identifier: BSD-2-Clause
/* net/core/net-procfs.c - /proc/net/dev: what each device has received and sent. */
#include "net/netdevice.h"
#include "net/proc.h"

/** dev_seq_show() - the table of devices, in the kernel's columns; kinds of errors we do not count are 0 */
void dev_seq_show(struct net *net, struct strbuf *sb)
{
	const struct net_device *dev;

	strbuf_puts(sb,
		    "Inter-|   Receive                                                |  Transmit\n"
		    " face |bytes    packets errs drop fifo frame compressed multicast|"
		    "bytes    packets errs drop fifo colls carrier compressed\n");
	for_each_netdev(net, dev) {
		const struct netdev_stats *s = &dev->stats;

		strbuf_printf(sb,
			      "%6s: %7llu %7llu %4llu %4llu %4u %5u %10u %9llu "
			      "%8llu %7llu %4llu %4llu %4u %5u %7u %10u\n",
			      dev->name, (unsigned long long)s->rx_bytes,
			      (unsigned long long)s->rx_packets, (unsigned long long)s->rx_errors,
			      (unsigned long long)s->rx_dropped, 0u, 0u, 0u,
			      (unsigned long long)s->multicast, (unsigned long long)s->tx_bytes,
			      (unsigned long long)s->tx_packets, (unsigned long long)s->tx_errors,
			      (unsigned long long)s->tx_dropped, 0u, 0u, 0u, 0u);
	}
}
