/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/netdevice.h - network devices, their ops, packet types and the way in and out (net/core/dev.c). */
#ifndef NET_NETDEVICE_H
#define NET_NETDEVICE_H

#include "net/skbuff.h"

struct net;
struct in_device;
struct neigh_parms;
struct netlink_ext_ack;
struct nlattr;

#ifndef IFNAMSIZ
#define IFNAMSIZ 16
#endif
#define MAX_ADDR_LEN 32

/* dev->flags: numbers of <linux/if.h>, named apart since that header defines them as an enum */
#define IFF_UP_		 0x1
#define IFF_BROADCAST_	 0x2
#define IFF_LOOPBACK_	 0x8
#define IFF_POINTOPOINT_ 0x10
#define IFF_RUNNING_	 0x40
#define IFF_NOARP_	 0x80
#define IFF_PROMISC_	 0x100
#define IFF_ALLMULTI_	 0x200
#define IFF_MULTICAST_	 0x1000
#define IFF_LOWER_UP_	 0x10000

/* dev->features */
#define NETIF_F_SG	 (1u << 0)
#define NETIF_F_HW_CSUM	 (1u << 1)
#define NETIF_F_TSO	 (1u << 2)
#define NETIF_F_UFO_L4	 (1u << 3)
#define NETIF_F_RXCSUM	 (1u << 4)
#define NETIF_F_LOOPBACK (1u << 5)
#define NETIF_F_GRO \
	(1u << 6) /* merge what arrives; as the kernel, not on lo, veth and TUN unless asked for */

enum netdev_reg_state { NETREG_UNINITIALIZED, NETREG_REGISTERED, NETREG_UNREGISTERING };

/* return values of transmit functions; numbers as Linux's */
#define NET_XMIT_SUCCESS 0
#define NET_XMIT_DROP	 1
#define NET_XMIT_CN	 2 /* sent, but the queue is getting full */
#define NET_RX_SUCCESS	 0
#define NET_RX_DROP	 1

/**
 * struct net_device_ops - what a driver gives
 * @ndo_init, @ndo_uninit: at registration and its end; may be NULL
 * @ndo_open, @ndo_stop:   administratively up and down; may be NULL
 * @ndo_start_xmit: consumes all packets of the batch (data at the link-layer header)
 * @ndo_free:       frees what the driver hung on the device, after the last use
 * @kind:           as IFLA_INFO_KIND ("dummy", "veth"), NULL for none
 */
struct net_device_ops {
	int (*ndo_init)(struct net_device *dev);
	void (*ndo_uninit)(struct net_device *dev);
	int (*ndo_open)(struct net_device *dev);
	void (*ndo_stop)(struct net_device *dev);
	void (*ndo_start_xmit)(struct net_device *dev, struct skb_batch *b);
	int (*ndo_set_mac_address)(struct net_device *dev, const u8 *mac);
	int (*ndo_change_mtu)(struct net_device *dev, u32 mtu);
	int (*ndo_get_iflink)(const struct net_device *dev);
	void (*ndo_free)(struct net_device *dev);
	const char *kind;
};

/**
 * struct header_ops - link-layer header of a device type
 * @create: push a header for @type to @daddr from @saddr (NULL: device's); returns its length or negative if @daddr is missing
 */
struct header_ops {
	int (*create)(struct sk_buff *skb, struct net_device *dev, u16 type, const void *daddr,
		      const void *saddr, u32 len);
	__be16 (*parse_protocol)(const struct sk_buff *skb);
};

struct netdev_stats {
	u64 rx_packets, tx_packets, rx_bytes, tx_bytes;
	u64 rx_errors, tx_errors, rx_dropped, tx_dropped, multicast;
	u64 rx_otherhost_dropped, rx_nohandler;
};

struct Qdisc;

/**
 * struct net_device
 * @ip_ptr:    IPv4 state (struct in_device), NULL until an address or IPv4 use
 * @mc:        link-layer multicast addresses with use counts
 * @carrier:   link is there (IFF_LOWER_UP and IFF_RUNNING follow it)
 * @refcnt:    users that keep it over turns (routes, neighbours); unregister waits for none: they are flushed first
 */
struct net_device {
	struct net *net;
	const struct net_device_ops *netdev_ops;
	const struct header_ops *header_ops;
	struct in_device *ip_ptr;
	u32 ifindex;
	u32 flags;
	u32 mtu;
	u32 features;
	u16 type; /* ARPHRD_* */
	u16 hard_header_len;
	u8 addr_len;
	u8 reg_state;
	bool carrier;
	bool tx_full; /* nothing may be sent: the queue in front has no room */
	u8 dev_addr[MAX_ADDR_LEN];
	u8 broadcast[MAX_ADDR_LEN];
	struct netdev_stats stats;
	void *priv;
	struct Qdisc *qdisc; /* NULL: noqueue */
	/* ---- cold */
	char name[IFNAMSIZ];
	struct list_head dev_list; /* net->dev_base, by ifindex */
	struct hlist_node name_hlist, index_hlist;
	struct list_head ptype_specific;
	struct list_head mc;
	u32 hw_features;      /* what it can, of which features is what it does; and NETIF_F_GRO */
	u32 orig_mtu;	      /* before the change that NETDEV_CHANGEMTU tells of */
	u32 min_mtu, max_mtu; /* @max_mtu 0: no limit */
	u32 tx_queue_len, group;
	u32 promiscuity, allmulti;
	u32 iflink;
	u32 link_mode;
	int register_err; /* set by a listener of NETDEV_REGISTER that refuses the device: -errno */
	bool has_queue;	  /* has been up once: the queueing discipline is not noop any more */
	u8 perm_addr[MAX_ADDR_LEN];
	char ifalias[64];
	struct death_row_entry rcu;
};

static inline struct net *dev_net(const struct net_device *dev)
{
	return dev->net;
}

static inline bool netif_running(const struct net_device *dev)
{
	return dev->flags & IFF_UP_;
}

static inline bool netif_carrier_ok(const struct net_device *dev)
{
	return dev->carrier;
}

#define LL_MAX_HEADER	       32 /* no link-layer header is longer */
#define LL_RESERVED_SPACE(dev) (((dev)->hard_header_len + 15u) & ~15u)

/* ---- registering ---- */

/** alloc_netdev() - zeroed device with @priv_size bytes behind ->priv; not registered */
struct net_device *alloc_netdev(struct net *net, size_t priv_size, const char *name,
				void (*setup)(struct net_device *));
/** free_netdev() - of a device never registered */
void free_netdev(struct net_device *dev);
void ether_setup(struct net_device *dev);
/** register_netdevice() - gives an ifindex (dev->ifindex if not 0) and tells NETDEV_REGISTER; "%d" in the name is filled in. 0, -EEXIST, -EINVAL, ... */
int register_netdevice(struct net_device *dev);
/** unregister_netdevice() - closes, flushes every user, frees at the end of the turn */
void unregister_netdevice(struct net_device *dev);
int dev_open(struct net_device *dev);
void dev_close(struct net_device *dev);
/** dev_validate_mtu() - 0, or -EINVAL with "mtu less than device minimum" or "mtu greater than device maximum" (net/core/rtnl_link.c) */
int dev_validate_mtu(struct net_device *dev, u32 mtu, struct netlink_ext_ack *extack);
int dev_set_mtu(struct net_device *dev, u32 mtu, struct netlink_ext_ack *extack);
int dev_set_mac_address(struct net_device *dev, const u8 *mac, struct netlink_ext_ack *extack);
/** dev_set_feature() - see skiff_dev_set_feature() (net/core/dev_features.c) */
int dev_set_feature(struct net_device *dev, const char *name, bool on);
int dev_change_name(struct net_device *dev, const char *name);
/** dev_change_flags() - IFF_UP, PROMISC, ALLMULTI, NOARP, MULTICAST as given */
int dev_change_flags(struct net_device *dev, u32 flags, struct netlink_ext_ack *extack);
u32 dev_get_flags(const struct net_device *dev);
void dev_set_promiscuity(struct net_device *dev, int inc);
void netif_carrier_on(struct net_device *dev);
void netif_carrier_off(struct net_device *dev);
bool dev_valid_name(const char *name);
struct net_device *dev_get_by_index(struct net *net, u32 ifindex);
struct net_device *dev_get_by_name(struct net *net, const char *name);
#define for_each_netdev(net, dev) list_for_each_entry(dev, &(net)->dev_base, dev_list)
int dev_mc_add(struct net_device *dev, const u8 *addr);
int dev_mc_del(struct net_device *dev, const u8 *addr);
void dev_mc_flush(struct net_device *dev);

/* ---- events, as Linux's notifier chain; delivered through net_notifier_call() ---- */
enum netdev_cmd {
	NETDEV_UP = 1,
	NETDEV_DOWN,
	NETDEV_CHANGE, /* carrier or flags */
	NETDEV_REGISTER,
	NETDEV_UNREGISTER,
	NETDEV_CHANGEMTU,
	NETDEV_CHANGEADDR,
	NETDEV_CHANGENAME,
	NETDEV_GOING_DOWN,
};
typedef void (*netdev_notifier_fn)(struct net_device *dev, enum netdev_cmd event);
/* net/init.c: the fixed list of listeners in the kernel's order, ended by NULL; nothing registers at run time. */
extern const netdev_notifier_fn netdev_notifiers[];
void call_netdevice_notifiers(enum netdev_cmd event, struct net_device *dev);

/* ---- in ---- */

/**
 * struct packet_type - who takes frames of an EtherType
 * @type:      be; htons(ETH_P_ALL) sees every frame, in and out
 * @dev:       only from this device, NULL: any
 * @list_func: consumes a batch from one device (all of the same type)
 */
struct packet_type {
	__be16 type;
	struct net_device *dev;
	void (*list_func)(struct skb_batch *b, struct packet_type *pt, struct net_device *orig_dev);
	void *af_packet_priv;
	struct list_head list;
};

void dev_add_pack(struct net *net, struct packet_type *pt);
void dev_remove_pack(struct net *net, struct packet_type *pt);

/** eth_type_trans() - sets dev, mac header, pkt_type; pulls the Ethernet header; returns the protocol (be). The frame has >= 14 bytes */
__be16 eth_type_trans(struct sk_buff *skb, struct net_device *dev);
/** netif_receive_skb_list() - the way in. Packets have been through eth_type_trans(); consumes the batch */
void netif_receive_skb_list(struct skiff *skiff, struct skb_batch *b);
static inline void netif_receive_skb(struct skiff *skiff, struct sk_buff *skb)
{
	struct skb_batch b;

	skb_batch_one(&b, skb);
	netif_receive_skb_list(skiff, &b);
}

/** netif_rx() - the packet comes in again by skb->dev, later in this turn; consumes. Drops: CPU_BACKLOG */
void netif_rx(struct net *net, struct sk_buff *skb);

/* ---- out ---- */

/** dev_queue_xmit() - the way out: taps, qdisc, checksum and GSO help, driver. All packets go to b->p[0]->dev; consumes the batch.
 *  Return: NET_XMIT_* of the last packet, or -ENETDOWN */
int dev_queue_xmit_list(struct skb_batch *b);
int dev_queue_xmit(struct sk_buff *skb);
/** dev_loopback_xmit() - a copy of what was sent comes back in by the same device */
void dev_loopback_xmit(struct net *net, struct sk_buff *skb);

static inline int dev_hard_header(struct sk_buff *skb, struct net_device *dev, u16 type,
				  const void *daddr, const void *saddr, u32 len)
{
	return dev->header_ops ? dev->header_ops->create(skb, dev, type, daddr, saddr, len) : 0;
}

int eth_mac_addr(struct net_device *dev, const u8 *mac);
/** eth_random_addr() - a locally administered unicast address from the shard's random stream */
void eth_random_addr(struct skiff *skiff, u8 *mac);
int eth_header(struct sk_buff *skb, struct net_device *dev, u16 type, const void *daddr,
	       const void *saddr, u32 len);

#endif
