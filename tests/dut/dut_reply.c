// SPDX-License-Identifier: BSD-2-Clause
/* tests/dut/dut_reply.c - what a device under test tells about itself: counters, neighbours, fates. */
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/inet.h"
#include "tests/dut/dut.h"

static void add_counter(void *arg, const char *name, uint64_t value)
{
	json_object_set_new(arg, name, json_integer((json_int_t)value));
}

/** dut_counters() - {"Ip.InReceives":1,...} */
json_t *dut_counters(struct dut *dut)
{
	json_t *o = json_object();

	skiff_counters(dut->net, add_counter, o);
	return o;
}

struct neigh_dump {
	struct dut *dut;
	json_t *list;
};

static int neigh_attr(const struct nlattr *a, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_get_type(a) <= NDA_MAX)
		tb[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static const char *dev_name(struct dut *dut, int index)
{
	unsigned i;

	for (i = 0; i < dut->n_wires; i++)
		if (dut->wire[i].dev && skiff_dev_ifindex(dut->wire[i].dev) == index)
			return dut->wire[i].name;
	return "lo";
}

/* As `ip neigh` prints it: no NOARP entries, none without a state; permanent ones are configuration. */
static void add_neigh(void *arg, const void *msg, size_t len)
{
	static const struct {
		unsigned bit;
		const char *name;
	} states[] = {
		{ NUD_INCOMPLETE, "INCOMPLETE" }, { NUD_REACHABLE, "REACHABLE" },
		{ NUD_STALE, "STALE" },		  { NUD_DELAY, "DELAY" },
		{ NUD_PROBE, "PROBE" },		  { NUD_FAILED, "FAILED" },
	};
	const struct nlattr *tb[NDA_MAX + 1] = { NULL };
	const struct nlmsghdr *nlh = msg;
	const struct ndmsg *ndm;
	const char *state = NULL;
	struct neigh_dump *d = arg;
	char dst[IP4_STRLEN], mac[MAC_STRLEN];
	size_t i;

	(void)len;
	if (nlh->nlmsg_type != RTM_NEWNEIGH)
		return;
	ndm = mnl_nlmsg_get_payload(nlh);
	mnl_attr_parse(nlh, sizeof(*ndm), neigh_attr, tb);
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (ndm->ndm_state & states[i].bit)
			state = states[i].name;
	if (!state || !tb[NDA_DST] || (ndm->ndm_flags & NTF_PROXY))
		return;
	ip4_print(dst, mnl_attr_get_u32(tb[NDA_DST]));
	if (tb[NDA_LLADDR])
		mac_print(mac, mnl_attr_get_payload(tb[NDA_LLADDR]));
	json_array_append_new(d->list,
			      json_pack("{s:s, s:s, s:s?, s:s}", "dev",
					dev_name(d->dut, ndm->ndm_ifindex), "dst", dst, "lladdr",
					tb[NDA_LLADDR] ? mac : NULL, "state", state));
}

/** dut_neigh() - [{"dev","dst","lladdr","state"}], all but permanent entries */
json_t *dut_neigh(struct dut *dut)
{
	struct neigh_dump d = { dut, json_array() };
	uint32_t buf[64] = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *ndm;

	nlh->nlmsg_type = RTM_GETNEIGH;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));
	ndm->ndm_family = AF_INET;
	skiff_netlink(dut->net, nlh, nlh->nlmsg_len, add_neigh, &d);
	return d.list;
}

/* The lists of one frame's entry in the making. */
struct fate {
	json_t *drops, *later, *names;
};

static void add_journey(struct fate *f, const struct skiff_journey *j)
{
	const struct skiff_step *s;

	for (s = j->steps; s < j->steps + j->n_steps; s++) {
		if (s->later && s->by) /* stands in the journey of the frame that did it */
			continue;
		if (s->kind == SKIFF_STEP_DROP)
			json_array_append_new(s->later ? f->later : f->drops,
					      json_pack("{s:s, s:s}", "reason",
							s->name ? s->name : "?", "function",
							s->fn ? s->fn : "?"));
		else if (s->kind == SKIFF_STEP_FN && !s->later && s->name)
			json_array_append_new(f->names, json_string(s->name));
	}
}

/* Does journey @j follow from the one with number @root: a frame looped back, and what that caused? */
static bool follows(struct skiff_recorder *rec, const struct skiff_journey *j, unsigned first,
		    unsigned root)
{
	while (j && j->from) {
		if (j->from - first == root)
			return true;
		j = j->from >= first ? skiff_recorder_get(rec, j->from - first) : NULL;
	}
	return false;
}

static json_t *fate_of(struct skiff_recorder *rec, unsigned root, unsigned n)
{
	struct fate f = { json_array(), json_array(), json_array() };
	const struct skiff_journey *j = skiff_recorder_get(rec, root);
	unsigned i, first = j->id - root;
	json_t *o;

	add_journey(&f, j);
	for (i = root + 1; i < n; i++) {
		j = skiff_recorder_get(rec, i);
		if (follows(rec, j, first, root))
			add_journey(&f, j);
	}
	o = json_pack("{s:o, s:o}", "drops", f.drops, "journey", f.names);
	if (json_array_size(f.later))
		json_object_set_new(o, "later", json_pack("{s:o}", "drops", f.later));
	else
		json_decref(f.later);
	return o;
}

/** dut_fate() - one object per frame received since the last call, in order of arrival; NULL if nothing records */
json_t *dut_fate(struct dut *dut)
{
	json_t *list;
	unsigned i, n;

	if (!dut->rec)
		return NULL;
	list = json_array();
	n = skiff_recorder_count(dut->rec);
	for (i = 0; i < n; i++)
		if (!skiff_recorder_get(dut->rec, i)->from)
			json_array_append_new(list, fate_of(dut->rec, i, n));
	skiff_recorder_clear(dut->rec);
	return list;
}
