// SPDX-License-Identifier: BSD-2-Clause
/* lab/lab_build.c - make the nodes and links of a topology, and tell each node what the file says.
 *
 * The order is that of a machine coming up: devices, settings, links up, addresses, neighbours, next hops, routes, rules,
 * and the settings once more (what is written to conf/all or conf/default reaches devices; the file's last word counts).
 */
#include "lab/lab.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "lab/ipwords.h"
#include "lab/service.h"
#include "skiff/tap.h"

/* ---- telling a node ---- */

struct answer {
	char text[256];
};

/* The sentence in an extended acknowledgement. */
static void on_answer(void *arg, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct answer *a = arg;
	size_t skip = sizeof(*e);

	if (nlh->nlmsg_type != NLMSG_ERROR || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += MNL_ALIGN(e->msg.nlmsg_len) - sizeof(struct nlmsghdr);
	mnl_attr_for_each(attr, nlh, skip)
	{
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(a->text, sizeof(a->text), "%s", mnl_attr_get_str(attr));
	}
}

static int index_of_device(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(arg, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

/* One line of ip's words to a node. 0 or -errno and a sentence without place */
static int tell(struct skiff_net *net, const char *line, char *why, size_t why_size)
{
	const struct ipwords_env env = { index_of_device, net };
	struct answer answer = { "" };
	union {
		struct nlmsghdr nlh;
		char bytes[IPWORDS_MSG_MAX];
	} msg;
	int n = ipwords_line(&msg, sizeof(msg), line, &env, why, why_size), err;

	if (n < 0)
		return n;
	err = skiff_netlink(net, &msg, (size_t)n, on_answer, &answer);
	if (err && *answer.text)
		snprintf(why, why_size, "%s (%s)", answer.text, strerror(-err));
	else if (err)
		snprintf(why, why_size, "%s", strerror(-err));
	return err;
}

int skiff_lab_tell(struct skiff_lab *lab, unsigned node, const char *line, char *why,
		   size_t why_size)
{
	return tell(lab->nodes[node], line, why, why_size);
}

static int tell_sysctl(struct skiff_net *net, const char *line, char *why, size_t why_size)
{
	const char *value = strchr(line, ' ') + 1;
	char key[256];
	int err;

	snprintf(key, sizeof(key), "%.*s", (int)(value - 1 - line), line);
	err = skiff_sysctl_set(net, key, value);
	if (err == -ENOENT)
		snprintf(why, why_size, "there is no such setting");
	else if (err)
		snprintf(why, why_size, "%s", strerror(-err));
	return err;
}

static int tell_section(struct skiff_lab *lab, unsigned node, enum lab_section s, char *why,
			size_t why_size)
{
	const struct lab_node *n = &lab->t->nodes[node];

	for (unsigned i = 0; i < n->items[s].n; i++) {
		const struct lab_item *item = &n->items[s].p[i];
		char refused[300] = "";
		int err;

		if (s == LAB_SERVICES)
			err = service_start(lab, node, item->text, refused, sizeof(refused));
		else if (s == LAB_SYSCTLS)
			err = tell_sysctl(lab->nodes[node], item->text, refused, sizeof(refused));
		else
			err = tell(lab->nodes[node], item->text, refused, sizeof(refused));
		if (!err)
			continue;
		snprintf(why, why_size, "%s:%u:%u: node %s, \"%s\": %s", lab->t->file,
			 item->pos.line, item->pos.column, n->name, item->text, refused);
		return -EINVAL;
	}
	return 0;
}

static int tell_all(struct skiff_lab *lab, enum lab_section s, char *why, size_t why_size)
{
	int err = 0;

	for (unsigned i = 0; i < lab->t->n_nodes && !err; i++)
		err = tell_section(lab, i, s, why, why_size);
	return err;
}

/* ---- nodes and links ---- */

static int no_memory(char *why, size_t why_size)
{
	snprintf(why, why_size, "out of memory");
	return -ENOMEM;
}

static void mac_of(const struct lab_end *e, uint8_t mac[6])
{
	lab_mac(mac, (unsigned)e->node, e->dev);
}

static int make_veth(struct skiff_lab *lab, const struct lab_link *l)
{
	uint8_t mac[2][6];

	mac_of(&l->end[0], mac[0]);
	mac_of(&l->end[1], mac[1]);
	return skiff_veth_create(lab->nodes[l->end[0].node], l->end[0].name, mac[0],
				 lab->nodes[l->end[1].node], l->end[1].name, mac[1]);
}

/* The user's seed, another stream for each direction. */
static uint64_t seed_of(const struct skiff_lab *lab, const struct lab_link *l, int which)
{
	return lab->seed * 0x9e3779b97f4a7c15ull + (uint64_t)(l - lab->t->links) * 2 +
	       (uint64_t)which;
}

static int make_cable_end(struct skiff_lab *lab, struct cable *c, const struct lab_link *l,
			  int which)
{
	const struct lab_end *e = &l->end[which], *other = &l->end[!which];
	struct cable_end *end = &c->end[which];
	struct impair_config impair;
	uint8_t mac[6];

	end->lab = lab;
	end->far = &c->end[!which];
	impair = e->impair;
	if (lab->seeded && !impair.seeded)
		impair.seed = seed_of(lab, l, which);
	impair_init(&end->impair, &impair);
	if (e->node >= 0) {
		mac_of(e, mac);
		end->dev = skiff_wire_create(lab->nodes[e->node], e->name, mac, &cable_ops, end);
		return end->dev ? 0 : -ENOMEM;
	}
	if (!lab->real) {
		end->stand_in = true;
		mac_of(other, end->stand_in_mac);
		end->stand_in_mac[3] = 0xff;
		return 0;
	}
	end->fd = skiff_tap_open(e->name);
	if (end->fd < 0)
		return end->fd;
	end->source.ready = cable_ready;
	return host_loop_add(&lab->loop, &end->source, end->fd, EPOLLIN);
}

/* The device reads in its turn: to be woken is all. */
static void tap_ready(struct host_source *source, uint32_t events)
{
}

static int make_tap(struct skiff_lab *lab, unsigned link, const struct lab_end *e,
		    const struct lab_end *host)
{
	struct skiff_dev *dev;
	uint8_t mac[6];
	int err;

	mac_of(e, mac);
	dev = skiff_tap_create(lab->nodes[e->node], e->name, mac, host->name, &err);
	lab->taps[link].ready = tap_ready;
	return dev ? host_loop_add(&lab->loop, &lab->taps[link], skiff_tap_fd(dev), EPOLLIN) : err;
}

/* The plainest thing that does what the link says. */
static int make_link(struct skiff_lab *lab, unsigned i)
{
	const struct lab_link *l = &lab->t->links[i];
	int host = l->end[0].node < 0 ? 0 : l->end[1].node < 0 ? 1 : -1, err;
	bool plain = impair_is_plain(&l->end[0].impair) && impair_is_plain(&l->end[1].impair);

	/* In a copy every device can be handed frames, so there they are all wires. */
	if (plain && host < 0 && lab->real)
		return make_veth(lab, l);
	if (plain && lab->real)
		return make_tap(lab, i, &l->end[!host], &l->end[host]);
	err = make_cable_end(lab, &lab->cables[i], l, 0);
	return err ? err : make_cable_end(lab, &lab->cables[i], l, 1);
}

static int set_mtu(struct skiff_lab *lab, const struct lab_link *l, char *why, size_t why_size)
{
	char line[64];
	int err = 0;

	for (int e = 0; e < 2 && l->mtu && !err; e++) {
		if (l->end[e].node < 0)
			continue;
		snprintf(line, sizeof(line), "link set %s mtu %u", l->end[e].name, l->mtu);
		err = tell(lab->nodes[l->end[e].node], line, why, why_size);
	}
	return err;
}

static int make_links(struct skiff_lab *lab, char *why, size_t why_size)
{
	for (unsigned i = 0; i < lab->t->n_links; i++) {
		const struct lab_link *l = &lab->t->links[i];
		char refused[300];
		int err = make_link(lab, i);

		if (!err) {
			err = set_mtu(lab, l, refused, sizeof(refused));
			if (err)
				err = -EINVAL;
		} else {
			snprintf(refused, sizeof(refused), "%s", strerror(-err));
		}
		if (err) {
			snprintf(why, why_size, "%s:%u:%u: the link %s - %s can not be made: %s",
				 lab->t->file, l->pos.line, l->pos.column, l->end[0].name,
				 l->end[1].name, refused);
			return err;
		}
	}
	return 0;
}

static int set_all_up(struct skiff_lab *lab, char *why, size_t why_size)
{
	char line[64];
	int err = 0;

	for (unsigned i = 0; i < lab->t->n_nodes && !err; i++) {
		err = tell(lab->nodes[i], "link set lo up", why, why_size);
		for (unsigned d = 0; d < lab->t->nodes[i].n_devs && !err; d++) {
			snprintf(line, sizeof(line), "link set %s up", lab->t->nodes[i].devs[d]);
			err = tell(lab->nodes[i], line, why, why_size);
		}
	}
	return err;
}

/**
 * lab_build() - everything behind skiff_lab_start() but the shard itself
 * Return: 0 or -errno with a sentence; what was made stays for skiff_lab_close()
 */
int lab_build(struct skiff_lab *lab, char *why, size_t why_size)
{
	static const enum lab_section order[] = { LAB_ADDRS, LAB_NEIGH,	  LAB_NEXTHOPS, LAB_ROUTES,
						  LAB_RULES, LAB_SYSCTLS, LAB_SERVICES };
	const struct lab_topology *t = lab->t;
	int err;

	lab->nodes = calloc(t->n_nodes + 1, sizeof(struct skiff_net *));
	lab->cables = calloc(t->n_links + 1, sizeof(struct cable));
	lab->taps = calloc(t->n_links + 1, sizeof(struct host_source));
	if (!lab->nodes || !lab->cables || !lab->taps)
		return no_memory(why, why_size);
	for (unsigned i = 0; i < t->n_links; i++)
		lab->cables[i].end[0].fd = lab->cables[i].end[1].fd = -1;
	for (unsigned i = 0; i < t->n_nodes; i++) {
		lab->nodes[i] = skiff_net_create(lab->skiff, t->nodes[i].name);
		if (!lab->nodes[i])
			return no_memory(why, why_size);
	}
	err = make_links(lab, why, why_size);
	if (!err)
		err = tell_all(lab, LAB_SYSCTLS, why, why_size);
	if (!err)
		err = set_all_up(lab, why, why_size);
	for (unsigned s = 0; s < sizeof(order) / sizeof(order[0]) && !err; s++)
		err = tell_all(lab, order[s], why, why_size);
	return err;
}
