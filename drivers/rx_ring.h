/* SPDX-License-Identifier: BSD-2-Clause */
/* drivers/rx_ring.h - frames that wait for a device's next turn; used by the drivers in this folder only. */
#ifndef DRIVERS_RX_RING_H
#define DRIVERS_RX_RING_H

#include "net/netdevice.h"

#define RX_RING_SIZE 1024

/**
 * struct rx_ring - a queue of packets for @dev; data at the Ethernet header
 * @work: run while the ring is not empty
 */
struct rx_ring {
	struct turn_work work;
	struct net_device *dev;
	u32 head, tail; /* free-running; head == tail: empty */
	struct sk_buff *p[RX_RING_SIZE];
};

void rx_ring_init(struct rx_ring *r, struct net_device *dev);
/** rx_ring_push() - consumes @skb; a full ring drops it (FULL_RING). Return: 0 or -ENOBUFS */
int rx_ring_push(struct rx_ring *r, struct sk_buff *skb);
/** rx_ring_flush() - drop what waits (DEV_READY) */
void rx_ring_flush(struct rx_ring *r);

#endif
