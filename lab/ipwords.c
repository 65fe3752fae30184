// SPDX-License-Identifier: BSD-2-Clause
/* lab/ipwords.c - the words of the ip command as rtnetlink messages: the verbs, links, addresses, neighbours.
 *
 * DOC: Words
 * A lab file and a test say what they configure in the words everybody knows from the ip command. They are turned
 * into the very messages that ip sends, defaults included (the scope that ip derives from a route's type, the prefix
 * length of a peer), so that there is one way into the stack and its answers are the ones people know.
 * Words are not abbreviated: "route add", never "r a".
 */
#include "lab/ipwords.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "lab/ipwords_internal.h"

/* Broadcast address of the prefix that @addr lies in. */
static uint32_t broadcast_of(uint32_t addr, uint8_t len)
{
	return len >= 31 ? UINT32_MAX : addr | __builtin_bswap32(UINT32_MAX >> len);
}

static void read_broadcast(struct words *w, const struct word_prefix *local)
{
	if (words_take(w, "+"))
		words_put_u32(w, IFA_BROADCAST, broadcast_of(local->addr, local->len));
	else if (words_take(w, "-"))
		words_put_u32(w, IFA_BROADCAST, 0);
	else
		words_put_u32(w, IFA_BROADCAST, words_addr(w));
}

static void put_lifetime(struct words *w, const uint32_t life[2])
{
	struct ifa_cacheinfo ci = { .ifa_valid = life[0], .ifa_prefered = life[1] };

	words_put(w, IFA_CACHEINFO, sizeof(ci), &ci);
}

static uint32_t read_lifetime(struct words *w)
{
	return words_take(w, "forever") ? UINT32_MAX : words_u32(w, "lifetime", UINT32_MAX);
}

/* addr: PREFIX [peer PREFIX] [brd A|+|-] [scope S] [label L] [metric N] [noprefixroute] [valid_lft N] dev D */
static void words_addr_object(struct words *w, bool del)
{
	struct ifaddrmsg *ifa = words_extra(w, sizeof(*ifa));
	struct word_prefix local = { 0 }, peer = { 0 };
	uint32_t life[2] = { UINT32_MAX, UINT32_MAX };
	bool has_peer = false, scope = false, lifetime = false;

	if (w->err)
		return;
	ifa->ifa_family = AF_INET;
	local = words_prefix(w);
	while (words_left(w)) {
		if (words_take(w, "peer") || words_take(w, "remote")) {
			peer = words_prefix(w);
			has_peer = true;
		} else if (words_take(w, "brd") || words_take(w, "broadcast")) {
			read_broadcast(w, &local);
		} else if (words_take(w, "dev")) {
			ifa->ifa_index = (uint32_t)words_dev(w);
		} else if (words_take(w, "scope")) {
			ifa->ifa_scope = words_scope(w);
			scope = true;
		} else if (words_take(w, "label")) {
			const char *s = words_next(w, "label");

			words_put(w, IFA_LABEL, strlen(s) + 1, s);
		} else if (words_take(w, "metric") || words_take(w, "priority")) {
			words_put_u32(w, IFA_RT_PRIORITY, words_u32(w, "metric", UINT32_MAX));
		} else if (words_take(w, "noprefixroute")) {
			words_put_u32(w, IFA_FLAGS, IFA_F_NOPREFIXROUTE);
		} else if (words_take(w, "valid_lft")) {
			life[0] = read_lifetime(w);
			lifetime = true;
		} else if (words_take(w, "preferred_lft")) {
			life[1] = read_lifetime(w);
			lifetime = true;
		} else {
			words_fail(w, -EINVAL, "unknown word \"%s\"", words_peek(w));
		}
	}
	if (!w->err && !ifa->ifa_index)
		words_fail(w, -EINVAL, "\"dev\" expected");
	if (w->err)
		return;
	if (lifetime)
		put_lifetime(w, life);
	words_put_u32(w, IFA_LOCAL, local.addr);
	words_put_u32(w, IFA_ADDRESS, has_peer ? peer.addr : local.addr);
	ifa->ifa_prefixlen = has_peer ? peer.len : local.len;
	if (!scope && !del && (local.addr & 0xff) == 127)
		ifa->ifa_scope = RT_SCOPE_HOST;
}

static const struct word_value nud_names[] = {
	{ "permanent", NUD_PERMANENT },
	{ "noarp", NUD_NOARP },
	{ "reachable", NUD_REACHABLE },
	{ "stale", NUD_STALE },
	{ "none", NUD_NONE },
	{ "delay", NUD_DELAY },
	{ "incomplete", NUD_INCOMPLETE },
	{ "probe", NUD_PROBE },
	{ "failed", NUD_FAILED },
	{ NULL, 0 },
};

/* neigh: [proxy] ADDR [lladdr MAC] [nud STATE] [router] dev D */
static void words_neigh(struct words *w, bool del)
{
	struct ndmsg *ndm = words_extra(w, sizeof(*ndm));
	uint8_t mac[6];

	if (w->err)
		return;
	ndm->ndm_family = AF_INET;
	ndm->ndm_state = NUD_PERMANENT;
	if (words_take(w, "proxy"))
		ndm->ndm_flags |= NTF_PROXY;
	else
		words_take(w, "to");
	words_put_u32(w, NDA_DST, words_addr(w));
	while (words_left(w)) {
		if (words_take(w, "lladdr")) {
			words_mac(w, mac);
			words_put(w, NDA_LLADDR, sizeof(mac), mac);
		} else if (words_take(w, "dev")) {
			ndm->ndm_ifindex = words_dev(w);
		} else if (words_take(w, "nud") || words_take(w, "state")) {
			ndm->ndm_state = (uint16_t)words_named(w, "state", nud_names, 255);
		} else if (words_take(w, "router")) {
			ndm->ndm_flags |= NTF_ROUTER;
		} else if (words_take(w, "use")) {
			ndm->ndm_flags |= NTF_USE;
		} else if (words_take(w, "extern_learn")) {
			ndm->ndm_flags |= NTF_EXT_LEARNED;
		} else {
			words_fail(w, -EINVAL, "unknown word \"%s\"", words_peek(w));
		}
	}
	if (!w->err && !ndm->ndm_ifindex)
		words_fail(w, -EINVAL, "\"dev\" expected");
}

static void set_flag(struct words *w, struct ifinfomsg *ifi, uint32_t flag, bool inverted)
{
	static const struct word_value names[] = { { "off", 0 }, { "on", 1 }, { NULL, 0 } };
	bool on = words_named(w, "\"on\" or \"off\"", names, 0);

	ifi->ifi_change |= flag;
	if (on != inverted)
		ifi->ifi_flags |= flag;
	else
		ifi->ifi_flags &= ~flag;
}

/* link set: [dev] D [up|down] [mtu N] [address MAC] [arp on|off] [promisc on|off] [multicast on|off] [name N] [group N] */
static void words_link(struct words *w, bool del)
{
	struct ifinfomsg *ifi = words_extra(w, sizeof(*ifi));
	uint8_t mac[6];

	if (w->err)
		return;
	words_take(w, "dev");
	ifi->ifi_index = words_dev(w);
	while (words_left(w)) {
		if (words_take(w, "up")) {
			ifi->ifi_change |= IFF_UP;
			ifi->ifi_flags |= IFF_UP;
		} else if (words_take(w, "down")) {
			ifi->ifi_change |= IFF_UP;
			ifi->ifi_flags &= ~(uint32_t)IFF_UP;
		} else if (words_take(w, "mtu")) {
			words_put_u32(w, IFLA_MTU, words_u32(w, "mtu", INT32_MAX));
		} else if (words_take(w, "address")) {
			words_mac(w, mac);
			words_put(w, IFLA_ADDRESS, sizeof(mac), mac);
		} else if (words_take(w, "group")) {
			words_put_u32(w, IFLA_GROUP, words_u32(w, "group", UINT32_MAX));
		} else if (words_take(w, "arp")) {
			set_flag(w, ifi, IFF_NOARP, true);
		} else if (words_take(w, "promisc")) {
			set_flag(w, ifi, IFF_PROMISC, false);
		} else if (words_take(w, "allmulticast")) {
			set_flag(w, ifi, IFF_ALLMULTI, false);
		} else if (words_take(w, "multicast")) {
			set_flag(w, ifi, IFF_MULTICAST, false);
		} else if (words_take(w, "name")) {
			const char *s = words_next(w, "name");

			words_put(w, IFLA_IFNAME, strlen(s) + 1, s);
		} else {
			words_fail(w, -EINVAL, "unknown word \"%s\"", words_peek(w));
		}
	}
}

static const struct object {
	const char *name;
	uint16_t add, del; /* message types */
	void (*read)(struct words *w, bool del);
} objects[] = {
	{ "addr", RTM_NEWADDR, RTM_DELADDR, words_addr_object },
	{ "address", RTM_NEWADDR, RTM_DELADDR, words_addr_object },
	{ "route", RTM_NEWROUTE, RTM_DELROUTE, words_route },
	{ "rule", RTM_NEWRULE, RTM_DELRULE, words_rule },
	{ "neigh", RTM_NEWNEIGH, RTM_DELNEIGH, words_neigh },
	{ "nexthop", RTM_NEWNEXTHOP, RTM_DELNEXTHOP, words_nexthop },
	{ "link", RTM_NEWLINK, 0, words_link },
	{ NULL, 0, 0, NULL },
};

static const struct verb {
	const char *name;
	bool del, link;
	uint16_t flags;
} verbs[] = {
	{ "add", false, false, NLM_F_CREATE | NLM_F_EXCL },
	{ "del", true, false, 0 },
	{ "delete", true, false, 0 },
	{ "replace", false, false, NLM_F_CREATE | NLM_F_REPLACE },
	{ "change", false, false, NLM_F_REPLACE },
	{ "append", false, false, NLM_F_CREATE | NLM_F_APPEND },
	{ "prepend", false, false, NLM_F_CREATE },
	{ "set", false, true, 0 },
	{ NULL, false, false, 0 },
};

/**
 * ipwords() - one command as one message
 * @buf:  where the message goes, aligned for a struct nlmsghdr; @size up to IPWORDS_MSG_MAX is useful
 * @word: OBJECT VERB WORDS..., e.g. "route", "add", "10.0.0.0/8", "via", "10.0.1.2"
 * @why:  on failure a sentence that names the bad word
 * Return: bytes of the message (NLM_F_REQUEST and NLM_F_ACK set, sequence and port 0), or
 *   -EINVAL for words not understood, -ENODEV for an unknown device, -EMSGSIZE if @buf is too small
 */
int ipwords(void *buf, size_t size, unsigned n, const char *const word[],
	    const struct ipwords_env *env, char *why, size_t why_size)
{
	struct words w = { .word = word, .n = n, .env = env, .why = why, .why_size = why_size };
	const struct object *o = objects;
	const struct verb *v = verbs;
	const char *s;

	if (size < MNL_NLMSG_HDRLEN)
		return -EMSGSIZE;
	memset(buf, 0, size);
	s = words_next(&w, "object");
	while (o->name && strcmp(o->name, s))
		o++;
	if (!o->name)
		words_fail(&w, -EINVAL, "unknown object \"%s\"", s);
	w.object = s;
	s = words_next(&w, "verb");
	while (v->name && strcmp(v->name, s))
		v++;
	if (!v->name || (o->name && v->link != (o->read == words_link)))
		words_fail(&w, -EINVAL, "unknown verb \"%s\"", s);
	if (w.err)
		return w.err;
	w.nlh = mnl_nlmsg_put_header(buf);
	w.size = size;
	w.nlh->nlmsg_type = v->del ? o->del : o->add;
	w.nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | v->flags;
	o->read(&w, v->del);
	return w.err ? w.err : (int)w.nlh->nlmsg_len;
}

/**
 * ipwords_line() - ipwords() of a line of words separated by blanks
 * Return: as ipwords(); -EINVAL also for a line that is too long
 */
int ipwords_line(void *buf, size_t size, const char *line, const struct ipwords_env *env, char *why,
		 size_t why_size)
{
	const char *word[256];
	char copy[4096];
	unsigned int n = 0;
	char *s, *save;

	if (strlen(line) >= sizeof(copy))
		goto too_long;
	strcpy(copy, line);
	for (s = strtok_r(copy, " \t\n", &save); s; s = strtok_r(NULL, " \t\n", &save)) {
		if (n == sizeof(word) / sizeof(word[0]))
			goto too_long;
		word[n++] = s;
	}
	return ipwords(buf, size, n, word, env, why, why_size);
too_long:
	if (why_size) {
		strncpy(why, "the line is too long", why_size - 1);
		why[why_size - 1] = '\0';
	}
	return -EINVAL;
}
