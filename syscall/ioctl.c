// SPDX-License-Identifier: BSD-2-Clause
/* syscall/ioctl.c - SIOCGIF*, answered from what the node says over netlink. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "syscall/ioctl.h"

#define SIOC_FIRST     0x8900
#define SIOC_LAST      0x89ff
#define SIOC_DEVICES   0x890b /* SIOCADDRT; below are those of the socket */
#define SIOC_PROTOCOLS 0x89e0 /* SIOCPROTOPRIVATE: those of the socket's protocol */
#define SIOCPROTO_END  0x89ef
#define CONF_MAX       1024u

bool ioctl_is_of_device(uint64_t cmd)
{
	return cmd >= SIOC_DEVICES && cmd <= SIOC_LAST &&
	       !(cmd >= SIOC_PROTOCOLS && cmd <= SIOCPROTO_END);
}

/* ---- what the node says ---- */

/**
 * struct device - one device
 * @found: there is one; @addr and so on: its first address with label @name, network byte order; 0: none
 */
struct device {
	bool found, has_addr;
	char name[IFNAMSIZ];
	int index, mtu, txqlen;
	unsigned flags;
	unsigned short type;
	unsigned char mac[14];
	uint32_t addr, peer, broadcast;
	unsigned prefix;
};

static void on_link(void *arg, const void *msg, size_t len)
{
	const struct nlmsghdr *h = msg;
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;
	struct device *d = arg;

	if (h->nlmsg_type != RTM_NEWLINK)
		return;
	d->found = true;
	d->index = ifi->ifi_index;
	d->flags = ifi->ifi_flags;
	d->type = ifi->ifi_type;
	mnl_attr_for_each(a, h, sizeof(*ifi))
	{
		unsigned short n = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) == IFLA_IFNAME)
			strncpy(d->name, mnl_attr_get_str(a), IFNAMSIZ - 1);
		else if (mnl_attr_get_type(a) == IFLA_MTU)
			d->mtu = (int)mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == IFLA_TXQLEN)
			d->txqlen = (int)mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == IFLA_ADDRESS)
			memcpy(d->mac, mnl_attr_get_payload(a),
			       n < sizeof(d->mac) ? n : sizeof(d->mac));
	}
}

/* The device of @index, or @name if that is 0. */
static void find_device(struct skiff_net *net, int index, const char *name, struct device *d)
{
	union {
		struct nlmsghdr h;
		char bytes[256];
	} q = { 0 };
	struct ifinfomsg *ifi;

	memset(d, 0, sizeof(*d));
	mnl_nlmsg_put_header(&q);
	q.h.nlmsg_type = RTM_GETLINK;
	q.h.nlmsg_flags = NLM_F_REQUEST;
	ifi = mnl_nlmsg_put_extra_header(&q.h, sizeof(*ifi));
	ifi->ifi_index = index;
	if (!index)
		mnl_attr_put_strz(&q.h, IFLA_IFNAME, name);
	skiff_netlink(net, &q, q.h.nlmsg_len, on_link, d);
}

/**
 * struct address_walk - all addresses of a node, in the kernel's order
 * @each: called with the device's index and the label; @addr is filled in only
 */
struct address_walk {
	void (*each)(struct address_walk *w, int index, const char *label,
		     const struct device *addr);
	void *arg;
};

static void on_address(void *arg, const void *msg, size_t len)
{
	const struct nlmsghdr *h = msg;
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(h);
	struct device d = { .has_addr = true };
	const struct nlattr *a;
	struct address_walk *w = arg;
	const char *label = "";

	if (h->nlmsg_type != RTM_NEWADDR || ifa->ifa_family != AF_INET)
		return;
	d.prefix = ifa->ifa_prefixlen;
	mnl_attr_for_each(a, h, sizeof(*ifa))
	{
		if (mnl_attr_get_type(a) == IFA_LOCAL)
			d.addr = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == IFA_ADDRESS)
			d.peer = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == IFA_BROADCAST)
			d.broadcast = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == IFA_LABEL)
			label = mnl_attr_get_str(a);
	}
	w->each(w, (int)ifa->ifa_index, label, &d);
}

static void walk_addresses(struct skiff_net *net, struct address_walk *w)
{
	union {
		struct nlmsghdr h;
		char bytes[64];
	} q = { 0 };
	struct ifaddrmsg *ifa;

	mnl_nlmsg_put_header(&q);
	q.h.nlmsg_type = RTM_GETADDR;
	q.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ifa = mnl_nlmsg_put_extra_header(&q.h, sizeof(*ifa));
	ifa->ifa_family = AF_INET;
	skiff_netlink(net, &q, q.h.nlmsg_len, on_address, w);
}

/* ---- one device ---- */

struct wanted {
	const char *label;
	struct device *d;
};

static void take_first(struct address_walk *w, int index, const char *label,
		       const struct device *addr)
{
	struct wanted *want = w->arg;

	if (want->d->has_addr || want->d->index != index || strcmp(label, want->label) != 0)
		return;
	want->d->has_addr = true;
	want->d->addr = addr->addr;
	want->d->peer = addr->peer;
	want->d->broadcast = addr->broadcast;
	want->d->prefix = addr->prefix;
}

static void put_inet(struct ifreq *r, uint32_t addr)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = addr };

	memset(&r->ifr_ifru, 0, sizeof(r->ifr_ifru));
	memcpy(&r->ifr_addr, &sin, sizeof(sin));
}

static uint32_t netmask(unsigned prefix)
{
	return prefix ? htonl(~0u << (32 - prefix)) : 0;
}

/* Questions about the IPv4 address. 0 or -errno; -ENOTTY: it is none of them */
static int address_question(unsigned cmd, const struct device *d, struct ifreq *r)
{
	uint32_t answer;

	switch (cmd) {
	case SIOCGIFADDR:
		answer = d->addr;
		break;
	case SIOCGIFNETMASK:
		answer = netmask(d->prefix);
		break;
	case SIOCGIFBRDADDR:
		answer = d->broadcast;
		break;
	case SIOCGIFDSTADDR:
		answer = d->peer;
		break;
	default:
		return -ENOTTY;
	}
	if (!d->has_addr)
		return -EADDRNOTAVAIL;
	put_inet(r, answer);
	return 0;
}

static int device_question(unsigned cmd, const struct device *d, struct ifreq *r)
{
	switch (cmd) {
	case SIOCGIFFLAGS:
		r->ifr_flags = (short)d->flags;
		return 0;
	case SIOCGIFINDEX:
		r->ifr_ifindex = d->index;
		return 0;
	case SIOCGIFMTU:
		r->ifr_mtu = d->mtu;
		return 0;
	case SIOCGIFMETRIC:
		r->ifr_metric = 0;
		return 0;
	case SIOCGIFTXQLEN:
		r->ifr_qlen = d->txqlen;
		return 0;
	case SIOCGIFHWADDR:
		memset(&r->ifr_hwaddr, 0, sizeof(r->ifr_hwaddr));
		r->ifr_hwaddr.sa_family = d->type;
		memcpy(r->ifr_hwaddr.sa_data, d->mac, sizeof(d->mac));
		return 0;
	case SIOCGIFMAP:
		memset(&r->ifr_map, 0, sizeof(r->ifr_map));
		return 0;
	default:
		return -ENOTTY;
	}
}

/* A question about the device that @r names; an alias ("eth0:1") is a label of an address. */
static int ask(struct skiff_net *net, unsigned cmd, struct ifreq *r)
{
	char label[IFNAMSIZ], *colon;
	struct device d;
	struct wanted want = { label, &d };
	struct address_walk w = { take_first, &want };
	int ret;

	r->ifr_name[IFNAMSIZ - 1] = 0;
	memcpy(label, r->ifr_name, sizeof(label));
	colon = strchr(r->ifr_name, ':');
	if (colon)
		*colon = 0;
	find_device(net, 0, r->ifr_name, &d);
	memcpy(r->ifr_name, label, sizeof(label));
	if (!d.found)
		return -ENODEV;
	walk_addresses(net, &w);
	ret = address_question(cmd, &d, r);
	return ret == -ENOTTY ? device_question(cmd, &d, r) : ret;
}

static int name_of(struct skiff_net *net, struct ifreq *r)
{
	struct device d;

	if (r->ifr_ifindex <= 0)
		return -ENODEV;
	find_device(net, r->ifr_ifindex, NULL, &d);
	if (!d.found)
		return -ENODEV;
	memcpy(r->ifr_name, d.name, sizeof(d.name));
	return 0;
}

/* Any socket will do to ask by, an AF_UNIX socket, too (glibc's choice): then it is the node of the caller. */
static struct skiff_net *net_of(const struct call *c)
{
	return c->ep ? c->ep->net : c->program->net;
}

/* ---- SIOCGIFCONF ---- */

struct conf {
	struct ifreq list[CONF_MAX];
	unsigned n;
};

static void add_to_conf(struct address_walk *w, int index, const char *label,
			const struct device *addr)
{
	struct conf *conf = w->arg;
	struct ifreq *r = &conf->list[conf->n];

	if (conf->n == CONF_MAX)
		return;
	memset(r, 0, sizeof(*r));
	strncpy(r->ifr_name, label, IFNAMSIZ - 1);
	put_inet(r, addr->addr);
	conf->n++;
}

static int list_addresses(struct call *c)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	struct address_walk w = { add_to_conf, conf };
	struct ifconf ifc;
	unsigned room;
	int err = call_read(c, &ifc, call_arg(c, 2), sizeof(ifc));

	if (!conf || err) {
		free(conf);
		return err ? err : -ENOMEM;
	}
	walk_addresses(net_of(c), &w);
	if (ifc.ifc_buf) {
		room = ifc.ifc_len < 0 ? 0 : (unsigned)ifc.ifc_len / sizeof(struct ifreq);
		conf->n = conf->n < room ? conf->n : room;
		err = call_write(c, (uint64_t)(uintptr_t)ifc.ifc_buf, conf->list,
				 conf->n * sizeof(struct ifreq));
	}
	ifc.ifc_len = (int)(conf->n * sizeof(struct ifreq));
	free(conf);
	return err ? err : call_write(c, call_arg(c, 2), &ifc, sizeof(ifc));
}

/* ---- the call ---- */

static bool changes(unsigned cmd)
{
	switch (cmd) {
	case SIOCADDRT:
	case SIOCDELRT:
	case SIOCSIFFLAGS:
	case SIOCSIFADDR:
	case SIOCSIFDSTADDR:
	case SIOCSIFBRDADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFMETRIC:
	case SIOCSIFMTU:
	case SIOCSIFNAME:
	case SIOCSIFHWADDR:
	case SIOCSIFTXQLEN:
	case SIOCSIFMAP:
	case SIOCADDMULTI:
	case SIOCDELMULTI:
	case SIOCDARP:
	case SIOCSARP:
		return true;
	default:
		return false;
	}
}

static bool is_question(unsigned cmd)
{
	const struct device none = { 0 };
	struct ifreq r;

	return cmd == SIOCGIFNAME || address_question(cmd, &none, &r) != -ENOTTY ||
	       device_question(cmd, &none, &r) != -ENOTTY;
}

static int question(struct call *c, unsigned cmd)
{
	struct ifreq r;
	int err = call_read(c, &r, call_arg(c, 2), sizeof(r));

	if (!err)
		err = cmd == SIOCGIFNAME ? name_of(net_of(c), &r) : ask(net_of(c), cmd, &r);
	return err ? err : call_write(c, call_arg(c, 2), &r, sizeof(r));
}

void device_ioctl(struct call *c)
{
	unsigned cmd = (unsigned)call_arg(c, 1);

	if (cmd == SIOCGIFCONF) {
		call_return(c, list_addresses(c));
	} else if (changes(cmd)) {
		run_log(c->run, SKIFF_LOG_WARN,
			"a program wants to change the node by ioctl %#x: EPERM (netlink can: use ip instead of ifconfig)",
			cmd);
		call_return(c, -EPERM);
	} else if (cmd == SIOCETHTOOL) {
		call_return(c, -EOPNOTSUPP);
	} else {
		call_return(c, is_question(cmd) ? question(c, cmd) : -ENOTTY);
	}
}
