// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/devinet_lft.c - addresses that last for a while: deprecated after the preferred, gone after the valid lifetime.
 *
 * One timer per namespace, armed for the next end of any lifetime. Lifetimes are whole seconds from ifa_tstamp.
 */
#include "devinet.h"

#define INFINITE_LFT UINT32_MAX

/**
 * set_ifa_lifetime() - start an address' lifetimes now
 * @valid_lft, @preferred_lft: s, INFINITE_LFT: for ever. IFA_F_PERMANENT and IFA_F_DEPRECATED follow
 */
void set_ifa_lifetime(struct in_ifaddr *ifa, u32 valid_lft, u32 preferred_lft)
{
	ifa->ifa_flags &= ~(u32)(IFA_F_PERMANENT | IFA_F_DEPRECATED);
	if (valid_lft == INFINITE_LFT)
		ifa->ifa_flags |= IFA_F_PERMANENT;
	if (preferred_lft == 0)
		ifa->ifa_flags |= IFA_F_DEPRECATED;
	ifa->ifa_valid_lft = valid_lft;
	ifa->ifa_preferred_lft = preferred_lft;
	ifa->ifa_tstamp = ifa->skiff->jiffies;
	if (!ifa->ifa_cstamp)
		ifa->ifa_cstamp = ifa->ifa_tstamp;
}

/* When something is next to be done about @ifa, UINT64_MAX: never */
static u64 next_event(const struct in_ifaddr *ifa)
{
	u32 lft = INFINITE_LFT;

	if (ifa->ifa_flags & IFA_F_PERMANENT)
		return UINT64_MAX;
	if (ifa->ifa_valid_lft != INFINITE_LFT)
		lft = ifa->ifa_valid_lft;
	if (!(ifa->ifa_flags & IFA_F_DEPRECATED) && ifa->ifa_preferred_lft < lft)
		lft = ifa->ifa_preferred_lft;
	return lft == INFINITE_LFT ? UINT64_MAX : ifa->ifa_tstamp + (u64)lft * HZ;
}

/** inet_lifetime_changed() - arm the timer anew: an address came, or its lifetimes changed */
void inet_lifetime_changed(struct net *net)
{
	struct inetaddr_table *t = net->ipv4.inet_addr_lst;
	u64 next = UINT64_MAX;
	struct in_ifaddr *ifa;

	for (unsigned i = 0; i < IN4_ADDR_HSIZE; i++) {
		hlist_for_each_entry(ifa, &t->bucket[i], hash)
			next = min_t(u64, next, next_event(ifa));
	}
	if (next == UINT64_MAX)
		timer_delete(&t->lft_timer);
	else
		mod_timer(&t->lft_timer, next);
}

/* expire_one() - do what is due to the address at *ifap; true if it is gone */
static bool expire_one(struct in_device *in_dev, struct in_ifaddr **ifap, u64 now)
{
	struct in_ifaddr *ifa = *ifap;
	u64 age = (now - ifa->ifa_tstamp) / HZ;

	if (ifa->ifa_flags & IFA_F_PERMANENT)
		return false;
	if (ifa->ifa_valid_lft != INFINITE_LFT && age >= ifa->ifa_valid_lft) {
		inet_del_ifa(in_dev, ifap, NULL);
		return true;
	}
	if (ifa->ifa_preferred_lft != INFINITE_LFT && age >= ifa->ifa_preferred_lft &&
	    !(ifa->ifa_flags & IFA_F_DEPRECATED)) {
		ifa->ifa_flags |= IFA_F_DEPRECATED;
		rtmsg_ifa(RTM_NEWADDR, ifa, NULL);
	}
	return false;
}

/** check_lifetime() - the timer: remove what is over, mark what is deprecated */
void check_lifetime(struct timer_list *timer)
{
	struct inetaddr_table *t = from_timer(t, timer, lft_timer);
	u64 now = t->net->skiff->jiffies;
	struct net_device *dev;

	for_each_netdev(t->net, dev) {
		struct in_device *in_dev = in_dev_get(dev);
		struct in_ifaddr **ifap;

		if (!in_dev)
			continue;
		/* A removal may take secondaries along and move others: begin again. */
		for (ifap = &in_dev->ifa_list; *ifap;) {
			if (expire_one(in_dev, ifap, now))
				ifap = &in_dev->ifa_list;
			else
				ifap = &(*ifap)->ifa_next;
		}
	}
	inet_lifetime_changed(t->net);
}
