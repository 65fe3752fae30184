// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/devinet.c - IPv4 on devices: the addresses, and what events of the device mean to them.
 *
 * DOC: Addresses of a device
 * A device has IPv4 state (struct in_device) from its registration on, but for times when its MTU is under 68.
 * Its addresses form one list: first the primary ones, wider scope in front, each new one behind its equals; then the
 * secondary ones (in the subnet of a primary that was there before) in the order in which they came. The order matters: source
 * address choice takes the first that fits. All addresses of a namespace are also in a hash by ifa_local.
 * When a primary goes, its secondaries go too, or, with promote_secondaries, the first of them takes its place: then the
 * routes of the others are taken out silently before, and put back behind the new primary.
 * Order of news about an address: netlink first, then fib_inetaddr_event(), which changes routes.
 * Not here: lifetimes (devinet_lft.c), netlink (devinet_nlmsg.c), settings (devinet_sysctl.c).
 */
#include "devinet.h"

#include <stdio.h>

#include "net/arp.h"
#include "net/igmp.h"
#include "net/ip_fib.h"
#include "net/neighbour.h"
#include "net/wire.h"

#define ARPHRD_REQUEST_ 1

/* These mean something to IPv6 only. */
#define IPV6ONLY_FLAGS                                                                            \
	(IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_DADFAILED | IFA_F_HOMEADDRESS | IFA_F_TENTATIVE | \
	 IFA_F_MANAGETEMPADDR | IFA_F_STABLE_PRIVACY)

void inetdev_event(struct net_device *dev, enum netdev_cmd event);

static struct hlist_head *inet_addr_bucket(struct net *net, __be32 addr)
{
	return &net->ipv4.inet_addr_lst->bucket[(addr * 2654435769u) >> 24];
}

/* ---- finding ---- */

/**
 * inet_lookup_ifaddr() - is @addr one of ours?
 * Return: its entry (the newest, if several devices have it), valid this turn, or NULL. Hot: source checks of input ask it.
 */
struct in_ifaddr *inet_lookup_ifaddr(struct net *net, __be32 addr)
{
	struct in_ifaddr *ifa;

	hlist_for_each_entry(ifa, inet_addr_bucket(net, addr), hash) {
		if (ifa->ifa_local == addr)
			return ifa;
	}
	return NULL;
}

/** inetdev_by_index() - IPv4 state of the device, NULL if there is none */
struct in_device *inetdev_by_index(struct net *net, u32 ifindex)
{
	struct net_device *dev = dev_get_by_index(net, ifindex);

	return dev ? in_dev_get(dev) : NULL;
}

/** ip_dev_find() - the device that owns @addr; what only the local table knows (127.0.0.2) counts too */
struct net_device *ip_dev_find(struct net *net, __be32 addr)
{
	struct in_ifaddr *ifa = inet_lookup_ifaddr(net, addr);
	struct flowi4 fl4 = { .daddr = addr };
	struct fib_result res;
	struct fib_table *local;

	if (ifa)
		return ifa->ifa_dev->dev;
	local = fib_get_table(net, RT_TABLE_LOCAL);
	if (local && !fib_table_lookup(local, &fl4, &res, FIB_LOOKUP_NOREF) &&
	    res.type == RTN_LOCAL)
		return FIB_RES_DEV(res);
	return NULL;
}

/** inet_addr_onlink() - is there a subnet of the device with @a and @b (0: any) in it? */
bool inet_addr_onlink(struct in_device *in_dev, __be32 a, __be32 b)
{
	const struct in_ifaddr *ifa;

	in_dev_for_each_ifa(in_dev, ifa) {
		if (inet_ifa_match(a, ifa) && (!b || inet_ifa_match(b, ifa)))
			return true;
	}
	return false;
}

/** inet_ifa_byprefix() - the first address with this very subnet */
struct in_ifaddr *inet_ifa_byprefix(struct in_device *in_dev, __be32 prefix, __be32 mask)
{
	struct in_ifaddr *ifa;

	in_dev_for_each_ifa(in_dev, ifa) {
		if (ifa->ifa_mask == mask && inet_ifa_match(prefix, ifa))
			return ifa;
	}
	return NULL;
}

/* With route_localnet the addresses of 127/8 (scope host) may be used on the link. */
static u8 localnet_scope(const struct in_device *in_dev)
{
	return IN_DEV_ROUTE_LOCALNET(in_dev) ? RT_SCOPE_LINK : RT_SCOPE_HOST;
}

/* The first address of the device that may be seen elsewhere: scope link is for its own link only. */
static __be32 in_dev_select_addr(const struct in_device *in_dev, int scope)
{
	const struct in_ifaddr *ifa;

	in_dev_for_each_ifa(in_dev, ifa) {
		if (ifa->ifa_flags & IFA_F_SECONDARY)
			continue;
		if (ifa->ifa_scope != RT_SCOPE_LINK && ifa->ifa_scope <= scope)
			return ifa->ifa_local;
	}
	return 0;
}

/* The first primary in the subnet of @dst, else the first primary. */
static __be32 select_on_dev(const struct in_device *in_dev, __be32 dst, int scope)
{
	u8 localnet = localnet_scope(in_dev);
	const struct in_ifaddr *ifa;
	__be32 addr = 0;

	in_dev_for_each_ifa(in_dev, ifa) {
		if (ifa->ifa_flags & IFA_F_SECONDARY)
			continue;
		if (min_t(int, ifa->ifa_scope, localnet) > scope)
			continue;
		if (!dst || inet_ifa_match(dst, ifa))
			return ifa->ifa_local;
		if (!addr)
			addr = ifa->ifa_local;
	}
	return addr;
}

/**
 * inet_select_addr() - source address towards @dst (0: any) over @dev
 * @scope: RT_SCOPE_*: the widest that will do
 * Return: first choice on @dev; if it has none, of all devices by index (so loopback's other addresses first); 0: none
 */
__be32 inet_select_addr(const struct net_device *dev, __be32 dst, int scope)
{
	const struct in_device *in_dev = in_dev_get(dev);
	const struct net_device *other;
	__be32 addr = in_dev ? select_on_dev(in_dev, dst, scope) : 0;

	if (addr)
		return addr;
	for_each_netdev(dev->net, other) {
		in_dev = in_dev_get(other);
		addr = in_dev ? in_dev_select_addr(in_dev, scope) : 0;
		if (addr)
			return addr;
	}
	return 0;
}

/*
 * confirm_addr_indev() - two questions at once: an address that is @local (0: any) within @scope, and a subnet that holds
 * @local and @dst. With @dst but no @local the address has to be in that subnet, or be exchanged for the subnet's own.
 */
static __be32 confirm_addr_indev(struct in_device *in_dev, __be32 dst, __be32 local, int scope)
{
	u8 localnet = localnet_scope(in_dev);
	const struct in_ifaddr *ifa;
	bool same = false;
	__be32 addr = 0;

	in_dev_for_each_ifa(in_dev, ifa) {
		bool fits = min_t(int, ifa->ifa_scope, localnet) <= scope;

		if (!addr && (local == ifa->ifa_local || !local) && fits) {
			addr = ifa->ifa_local;
			if (same)
				break;
		}
		if (same)
			continue;
		same = (!local || inet_ifa_match(local, ifa)) && (!dst || inet_ifa_match(dst, ifa));
		if (!same || !addr)
			continue;
		if (local || !dst || inet_ifa_match(addr, ifa))
			break;
		if (fits) {
			addr = ifa->ifa_local;
			break;
		}
		same = false; /* another subnet may hold @dst and an address that fits */
	}
	return same ? addr : 0;
}

/** inet_confirm_addr() - an address of ours that fits @dst (0: any), @local (0: any) and @scope, on @in_dev or (NULL) any device; 0: none */
__be32 inet_confirm_addr(struct net *net, struct in_device *in_dev, __be32 dst, __be32 local,
			 int scope)
{
	struct net_device *dev;

	if (in_dev)
		return confirm_addr_indev(in_dev, dst, local, scope);
	for_each_netdev(net, dev) {
		struct in_device *d = in_dev_get(dev);
		__be32 addr = d ? confirm_addr_indev(d, dst, local, scope) : 0;

		if (addr)
			return addr;
	}
	return 0;
}

/* ---- adding and removing ---- */

/** inet_alloc_ifa() - a zeroed address for @in_dev, not in any list; NULL: no memory */
struct in_ifaddr *inet_alloc_ifa(struct in_device *in_dev)
{
	struct in_ifaddr *ifa = skiff_zalloc(in_dev->dev->net->skiff, sizeof(*ifa));

	if (!ifa)
		return NULL;
	ifa->ifa_dev = in_dev;
	ifa->skiff = in_dev->dev->net->skiff;
	return ifa;
}

static void inet_rcu_free_ifa(struct death_row_entry *e)
{
	struct in_ifaddr *ifa = container_of(e, struct in_ifaddr, rcu);

	skiff_free(ifa->skiff, ifa);
}

/** inet_free_ifa() - free at the end of the turn; it is in no list any more */
void inet_free_ifa(struct in_ifaddr *ifa)
{
	ifa->rcu.free = inet_rcu_free_ifa;
	skiff_defer_free(ifa->skiff, &ifa->rcu);
}

static bool same_subnet(const struct in_ifaddr *a, const struct in_ifaddr *b)
{
	return a->ifa_mask == b->ifa_mask && inet_ifa_match(a->ifa_address, b);
}

static int find_place(struct in_ifaddr *ifa, struct in_ifaddr ***place,
		      struct netlink_ext_ack *extack)
{
	struct in_ifaddr **ifap, **behind_primaries = &ifa->ifa_dev->ifa_list, *other;

	for (ifap = &ifa->ifa_dev->ifa_list; (other = *ifap); ifap = &other->ifa_next) {
		if (!(other->ifa_flags & IFA_F_SECONDARY) && ifa->ifa_scope <= other->ifa_scope)
			behind_primaries = &other->ifa_next;
		if (!same_subnet(ifa, other))
			continue;
		if (other->ifa_local == ifa->ifa_local) {
			NL_SET_ERR_MSG(extack, "ipv4: Address already assigned");
			return -EEXIST;
		}
		if (other->ifa_scope != ifa->ifa_scope) {
			NL_SET_ERR_MSG(extack, "ipv4: Invalid scope value");
			return -EINVAL;
		}
		ifa->ifa_flags |= IFA_F_SECONDARY;
	}
	*place = ifa->ifa_flags & IFA_F_SECONDARY ? ifap : behind_primaries;
	return 0;
}

/**
 * inet_insert_ifa() - an address comes: into list and hash, and tell
 * @ifa:  complete but for IFA_F_SECONDARY; consumed. Local address 0 is passed over
 * @req:  the request behind it, NULL: none
 * Return: 0; -EEXIST, -EINVAL (scope differs from that of its subnet) with a sentence
 */
int inet_insert_ifa(struct in_ifaddr *ifa, struct rtnl_req *req, struct netlink_ext_ack *extack)
{
	struct net *net = ifa->ifa_dev->dev->net;
	struct in_ifaddr **place;
	int err = 0;

	if (!ifa->ifa_local)
		goto out_free;
	ifa->ifa_flags &= ~(u32)(IFA_F_SECONDARY | IPV6ONLY_FLAGS);
	err = find_place(ifa, &place, extack);
	if (err)
		goto out_free;
	ifa->ifa_next = *place;
	*place = ifa;
	hlist_add_head(&ifa->hash, inet_addr_bucket(net, ifa->ifa_local));
	inet_lifetime_changed(net);
	rtmsg_ifa(RTM_NEWADDR, ifa, req);
	fib_inetaddr_event(ifa, NETDEV_UP);
	return 0;
out_free:
	inet_free_ifa(ifa);
	return err;
}

/* unlink_ifa() - out of list and hash, and tell; the entry stays the caller's */
static void unlink_ifa(struct in_ifaddr **ifap, struct rtnl_req *req)
{
	struct in_ifaddr *ifa = *ifap;

	*ifap = ifa->ifa_next;
	hlist_del(&ifa->hash);
	rtmsg_ifa(RTM_DELADDR, ifa, req);
	fib_inetaddr_event(ifa, NETDEV_DOWN);
}

/**
 * struct promotion - what a primary leaves behind
 * @promote:   the secondary that takes its place, NULL: none
 * @prev_prom: the entry in front of @promote, NULL: the primary itself
 * @last_prim: the last primary before @promote: it will stand behind that one
 */
struct promotion {
	struct in_ifaddr *promote, *prev_prom, *last_prim;
};

/* Look at the secondaries of a primary that goes: remove them all, or find the one to promote. */
static void sweep_secondaries(struct in_device *in_dev, struct in_ifaddr *gone, struct promotion *p,
			      struct rtnl_req *req)
{
	bool do_promote = IN_DEV_PROMOTE_SECONDARIES(in_dev);
	struct in_ifaddr **ifap = &gone->ifa_next, *ifa;

	p->last_prim = in_dev->ifa_list;
	while ((ifa = *ifap)) {
		bool secondary = ifa->ifa_flags & IFA_F_SECONDARY;

		if (!secondary && gone->ifa_scope <= ifa->ifa_scope)
			p->last_prim = ifa;
		if (!secondary || !same_subnet(gone, ifa)) {
			ifap = &ifa->ifa_next;
			p->prev_prom = ifa;
		} else if (do_promote) {
			p->promote = ifa;
			return;
		} else {
			unlink_ifa(ifap, req);
			inet_free_ifa(ifa);
		}
	}
}

/* promote() - p->promote becomes the primary of its subnet, in the stead of @gone, which hung at @ifap */
static void promote(struct promotion *p, struct in_ifaddr **ifap, const struct in_ifaddr *gone,
		    struct rtnl_req *req)
{
	struct in_ifaddr *next_sec = p->promote->ifa_next, *ifa;
	struct in_ifaddr **place = p->last_prim == gone ? ifap : &p->last_prim->ifa_next;

	if (p->prev_prom) {
		p->prev_prom->ifa_next = next_sec;
		p->promote->ifa_next = *place;
		*place = p->promote;
	}
	p->promote->ifa_flags &= ~(u32)IFA_F_SECONDARY;
	rtmsg_ifa(RTM_NEWADDR, p->promote, req);
	fib_inetaddr_event(p->promote, NETDEV_UP);
	for (ifa = next_sec; ifa; ifa = ifa->ifa_next) {
		if (same_subnet(gone, ifa))
			fib_add_ifaddr(ifa);
	}
}

/**
 * inet_del_ifa() - an address goes, with its secondaries or replaced by the first of them
 * @ifap: where it hangs in the list
 * @req:  the request behind it, NULL: none
 */
void inet_del_ifa(struct in_device *in_dev, struct in_ifaddr **ifap, struct rtnl_req *req)
{
	struct in_ifaddr *gone = *ifap, *ifa;
	struct promotion p = { 0 };

	if (!in_dev->dead && !(gone->ifa_flags & IFA_F_SECONDARY)) {
		sweep_secondaries(in_dev, gone, &p, req);
		/* While all addresses are still there: routes of those that get a new primary. */
		for (ifa = p.promote; ifa; ifa = ifa->ifa_next) {
			if (same_subnet(gone, ifa))
				fib_del_ifaddr(ifa, gone);
		}
	}
	unlink_ifa(ifap, req);
	if (p.promote)
		promote(&p, ifap, gone, req);
	inet_free_ifa(gone);
}

/* ---- life of struct in_device ---- */

void ipv4_devconf_setall(struct in_device *in_dev)
{
	in_dev->cnf.state = ~(u64)0;
}

void inet_detach_from_default(struct in_device *in_dev)
{
	ipv4_devconf_setall(in_dev);
	if (in_dev->arp_parms)
		in_dev->arp_parms->data_state = ~(u64)0;
}

static bool inetdev_valid_mtu(u32 mtu)
{
	return mtu >= IPV4_MIN_MTU;
}

static void in_dev_free_rcu(struct death_row_entry *e)
{
	struct in_device *in_dev = container_of(e, struct in_device, rcu);

	skiff_free(in_dev->skiff, in_dev);
}

static void in_dev_free(struct in_device *in_dev)
{
	in_dev->rcu.free = in_dev_free_rcu;
	skiff_defer_free(in_dev->skiff, &in_dev->rcu);
}

/**
 * inetdev_init() - give a device IPv4: settings as conf/default has them now, its sysctls, no address
 * Return: NULL: no memory, or a name that can be no directory of conf ("all", "default"); then dev->register_err is set
 */
struct in_device *inetdev_init(struct net_device *dev)
{
	struct net *net = dev->net;
	struct in_device *in_dev = skiff_zalloc(net->skiff, sizeof(*in_dev));
	int err = -ENOMEM;

	if (!in_dev)
		goto err_out;
	in_dev->skiff = net->skiff;
	in_dev->dev = dev;
	/* As in the kernel the marks "was set here" are copied too: settings written to default before do not follow it. */
	in_dev->cnf = *net->ipv4.devconf_dflt;
	in_dev->cnf.sysctl = NULL;
	/* Directories of conf that are there already. */
	err = -EINVAL;
	if (!strcmp(dev->name, "all") || !strcmp(dev->name, "default"))
		goto err_free;
	err = -ENOMEM;
	in_dev->arp_parms = neigh_parms_alloc(dev, net->arp_tbl);
	if (!in_dev->arp_parms)
		goto err_free;
	err = devinet_sysctl_register(in_dev);
	if (err)
		goto err_parms;
	dev->ip_ptr = in_dev;
	ip_mc_init_dev(in_dev);
	if (dev->flags & IFF_UP_)
		ip_mc_up(in_dev);
	return in_dev;
err_parms:
	neigh_parms_release(net->arp_tbl, in_dev->arp_parms);
err_free:
	in_dev_free(in_dev);
err_out:
	if (dev->reg_state == NETREG_REGISTERED && !dev->ip_ptr)
		dev->register_err = err;
	return NULL;
}

static void inetdev_destroy(struct in_device *in_dev)
{
	struct net_device *dev = in_dev->dev;

	in_dev->dead = true;
	ip_mc_destroy_dev(in_dev);
	while (in_dev->ifa_list)
		inet_del_ifa(in_dev, &in_dev->ifa_list, NULL);
	dev->ip_ptr = NULL;
	devinet_sysctl_unregister(in_dev);
	arp_ifdown(dev);
	neigh_parms_release(dev->net->arp_tbl, in_dev->arp_parms);
	in_dev_free(in_dev);
}

/* ---- events ---- */

/* Labels follow the device's name; all but the first keep (or get) a suffix ":n". */
static void inetdev_changename(struct net_device *dev, struct in_device *in_dev)
{
	struct in_ifaddr *ifa;
	int named = 0;

	in_dev_for_each_ifa(in_dev, ifa) {
		const char *colon = strchr(ifa->ifa_label, ':');
		char label[2 * IFNAMSIZ + 16];
		size_t suffix;

		if (named++) {
			/* name and suffix; a name too long gives way to the suffix */
			if (colon)
				snprintf(label, sizeof(label), "%s", colon);
			else
				snprintf(label, sizeof(label), ":%d", named);
			suffix = min_t(size_t, strlen(label), IFNAMSIZ - 1);
			memcpy(ifa->ifa_label, dev->name, IFNAMSIZ);
			memcpy(ifa->ifa_label +
				       min_t(size_t, strlen(dev->name), IFNAMSIZ - 1 - suffix),
			       label, suffix + 1);
		} else {
			memcpy(ifa->ifa_label, dev->name, IFNAMSIZ);
		}
		rtmsg_ifa(RTM_NEWADDR, ifa, NULL);
	}
}

/* Loopback comes up with 127.0.0.1/8 if it has no address. */
static void inetdev_loopback_addr(struct in_device *in_dev)
{
	struct in_ifaddr *ifa = inet_alloc_ifa(in_dev);

	if (!ifa)
		return;
	ifa->ifa_address = ifa->ifa_local = htonl(0x7f000001);
	ifa->ifa_prefixlen = 8;
	ifa->ifa_mask = htonl(0xff000000);
	ifa->ifa_scope = RT_SCOPE_HOST;
	memcpy(ifa->ifa_label, in_dev->dev->name, IFNAMSIZ);
	set_ifa_lifetime(ifa, UINT32_MAX, UINT32_MAX);
	inet_detach_from_default(in_dev);
	inet_insert_ifa(ifa, NULL, NULL);
}

static void inetdev_send_gratuitous_arp(struct net_device *dev, struct in_device *in_dev)
{
	const struct in_ifaddr *ifa;

	in_dev_for_each_ifa(in_dev, ifa)
		arp_send(ARPHRD_REQUEST_, ETH_P_ARP, ifa->ifa_local, dev, ifa->ifa_local, NULL,
			 dev->dev_addr, NULL);
}

static void inetdev_up(struct net_device *dev, struct in_device *in_dev)
{
	if (!inetdev_valid_mtu(dev->mtu))
		return;
	if ((dev->flags & IFF_LOOPBACK_) && !in_dev->ifa_list)
		inetdev_loopback_addr(in_dev);
	ip_mc_up(in_dev);
	if (IN_DEV_ARP_NOTIFY(in_dev))
		inetdev_send_gratuitous_arp(dev, in_dev);
}

/* A device that had no IPv4 so far is registered, or its MTU may have grown enough. */
static void inetdev_begin(struct net_device *dev, enum netdev_cmd event)
{
	struct in_device *in_dev;

	if (event == NETDEV_CHANGEMTU) {
		if (inetdev_valid_mtu(dev->mtu))
			inetdev_init(dev);
		return;
	}
	if (event != NETDEV_REGISTER)
		return;
	in_dev = inetdev_init(dev);
	if (in_dev && (dev->flags & IFF_LOOPBACK_)) {
		IPV4_DEVCONF(in_dev->cnf, NOXFRM) = 1;
		IPV4_DEVCONF(in_dev->cnf, NOPOLICY) = 1;
		in_dev->cnf.state |= BIT(IPV4_DEVCONF_NOXFRM - 1) | BIT(IPV4_DEVCONF_NOPOLICY - 1);
	}
}

/** inetdev_event() - a device comes, goes or changes (netdev_notifiers[]) */
void inetdev_event(struct net_device *dev, enum netdev_cmd event)
{
	struct in_device *in_dev = in_dev_get(dev);

	if (!in_dev) {
		inetdev_begin(dev, event);
		return;
	}
	switch (event) {
	case NETDEV_UP:
		inetdev_up(dev, in_dev);
		break;
	case NETDEV_CHANGEADDR:
		if (IN_DEV_ARP_NOTIFY(in_dev))
			inetdev_send_gratuitous_arp(dev, in_dev);
		break;
	case NETDEV_DOWN:
		ip_mc_down(in_dev);
		break;
	case NETDEV_CHANGEMTU:
		if (!inetdev_valid_mtu(dev->mtu))
			inetdev_destroy(in_dev);
		break;
	case NETDEV_UNREGISTER:
		inetdev_destroy(in_dev);
		break;
	case NETDEV_CHANGENAME:
		inetdev_changename(dev, in_dev);
		devinet_sysctl_unregister(in_dev);
		devinet_sysctl_register(in_dev);
		break;
	default:
		break;
	}
}

/* ---- start and end ---- */

static int devinet_net_init(struct net *net)
{
	struct inetaddr_table *t = skiff_zalloc(net->skiff, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->net = net;
	timer_setup(&t->lft_timer, net->skiff, check_lifetime);
	net->ipv4.inet_addr_lst = t;
	err = devinet_sysctl_net_init(net);
	if (err) {
		skiff_free(net->skiff, t);
		net->ipv4.inet_addr_lst = NULL;
	}
	return err;
}

static void devinet_net_exit(struct net *net)
{
	timer_delete(&net->ipv4.inet_addr_lst->lft_timer);
	devinet_sysctl_net_exit(net);
	skiff_free(net->skiff, net->ipv4.inet_addr_lst);
	net->ipv4.inet_addr_lst = NULL;
}

const struct pernet_operations devinet_net_ops = { "devinet", devinet_net_init, devinet_net_exit };
