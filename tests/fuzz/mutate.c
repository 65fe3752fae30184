// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/mutate.c - new scripts from old ones: records come, go and change; checksums and lengths are made right.
 *
 * One time in eight the fuzzer's own mutator works on the bytes as they are, so that nothing is out of reach.
 */
#include <linux/netlink.h>
#include <stdbool.h>
#include <string.h>

#include "lab/ipwords.h"
#include "tests/fuzz/fuzz.h"

#define RECORDS 200
#define BODY	9000

struct record {
	size_t at, len; /* with its head */
};

struct script {
	struct prng r;
	uint8_t *data;
	size_t size, max;
	struct record rec[RECORDS];
	unsigned n;
	bool messages;
};

static bool has_body(uint8_t op)
{
	op &= 7;
	return op != SCRIPT_COMMAND && op != SCRIPT_WAIT && op != SCRIPT_FAIL;
}

static void split(struct script *s)
{
	size_t at = SCRIPT_HEAD, len;

	s->n = 0;
	while (at + SCRIPT_RECORD <= s->size && s->n < RECORDS) {
		len = SCRIPT_RECORD;
		if (has_body(s->data[at]))
			len += (size_t)s->data[at + 1] | (size_t)s->data[at + 2] << 8;
		if (len > s->size - at)
			len = s->size - at;
		s->rec[s->n++] = (struct record){ at, len };
		at += len;
	}
}

static unsigned below(struct script *s, unsigned n)
{
	return prng_u32_below(&s->r, n);
}

/* Put a record (its head included) in the place of @old bytes at @at; false: no room */
static bool splice(struct script *s, size_t at, size_t old, const uint8_t *rec, size_t len)
{
	if (at + old > s->size || s->size - old + len > s->max)
		return false;
	memmove(s->data + at + len, s->data + at + old, s->size - at - old);
	if (len)
		memcpy(s->data + at, rec, len);
	s->size = s->size - old + len;
	return true;
}

static size_t head(uint8_t *rec, unsigned op, size_t len)
{
	rec[0] = (uint8_t)op;
	rec[1] = (uint8_t)len;
	rec[2] = (uint8_t)(len >> 8);
	return SCRIPT_RECORD;
}

/* ---- messages ---- */

/* Make the lengths of a run of attributes fit its bytes. */
static void repair_attributes(uint8_t *p, size_t len)
{
	struct nlattr a;

	while (len >= sizeof(a)) {
		memcpy(&a, p, sizeof(a));
		if (a.nla_len < sizeof(a))
			a.nla_len = sizeof(a) + 4;
		if (a.nla_len > len)
			a.nla_len = (uint16_t)len;
		memcpy(p, &a, sizeof(a));
		if (NLA_ALIGN(a.nla_len) >= len)
			return;
		p += NLA_ALIGN(a.nla_len);
		len -= NLA_ALIGN(a.nla_len);
	}
}

static size_t message_head(const uint8_t *msg)
{
	static const uint8_t heads[] = { 16, 8, 12, 12, 12, 12, 16, 20, 20, 20 };
	uint16_t type;

	memcpy(&type, msg + 4, 2);
	if (type >= 16 && type < 56)
		return 16u + heads[(type - 16) / 4];
	return type >= 104 && type < 120 ? 24 : 16 + 4;
}

static void put_attribute(struct script *s, uint8_t *msg, size_t *len, size_t at)
{
	static const uint8_t sizes[] = { 4, 4, 4, 1, 2, 6, 8, 0, 12, 20 };
	struct nlattr a = { .nla_type = (uint16_t)(1 + below(s, 34)) };
	uint8_t size = sizes[below(s, sizeof(sizes))], value[20];

	if (!below(s, 4))
		a.nla_type |= NLA_F_NESTED;
	a.nla_len = (uint16_t)(sizeof(a) + size);
	for (unsigned i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(below(s, 2) ? 0 : below(s, 256));
	memmove(msg + at + NLA_ALIGN(a.nla_len), msg + at, *len - at);
	memcpy(msg + at, &a, sizeof(a));
	memcpy(msg + at + sizeof(a), value, NLA_ALIGN(size));
	*len += NLA_ALIGN(a.nla_len);
}

/* The place of some attribute, or the end. */
static size_t some_attribute(struct script *s, const uint8_t *msg, size_t len, size_t at)
{
	struct nlattr a;

	while (at + sizeof(a) <= len && below(s, 3)) {
		memcpy(&a, msg + at, sizeof(a));
		if (a.nla_len < sizeof(a))
			break;
		at += NLA_ALIGN(a.nla_len);
	}
	return at < len ? at : len;
}

static size_t change_message(struct script *s, uint8_t *msg, size_t len, size_t max)
{
	size_t start, at;
	uint16_t word;

	if (len < 16)
		return LLVMFuzzerMutate(msg, len, max);
	start = message_head(msg);
	if (start > len)
		start = len;
	at = some_attribute(s, msg, len, start);
	switch (below(s, 6)) {
	case 0:
		if (len + 24 <= max)
			put_attribute(s, msg, &len, at);
		return len;
	case 1: /* flags */
		word = (uint16_t)(5 | below(s, 16) << 8);
		memcpy(msg + 6, &word, 2);
		return len;
	case 2: /* NEW, DEL, GET or SET of the same */
		msg[4] = (uint8_t)((msg[4] & ~3u) | below(s, 4));
		return len;
	case 3:
		if (start > 16)
			LLVMFuzzerMutate(msg + 16, start - 16, start - 16);
		return len;
	case 4:
		return at + LLVMFuzzerMutate(msg + at, len - at, max - at);
	default:
		len = at + LLVMFuzzerMutate(msg + at, len - at, max - at);
		repair_attributes(msg + start, len > start ? len - start : 0);
		return len;
	}
}

/* ---- records ---- */

static const char *const keys[] = {
	"net.ipv4.ip_forward=0",
	"net.ipv4.ip_forward=1",
	"net.ipv4.conf.all.rp_filter=2",
	"net.ipv4.neigh.default.gc_thresh3=2",
	"net.ipv4.neigh.e0.unres_qlen=1",
	"net.ipv4.neigh.e0.proxy_delay=0",
	"net.ipv4.neigh.e1.app_solicit=1",
	"net.ipv4.neigh.e0.base_reachable_time_ms=10",
	"net.ipv4.neigh.e0.gc_stale_time=1",
	"net.ipv4.ipfrag_high_thresh=5000",
	"net.ipv4.ipfrag_time=1",
	"net.ipv4.ipfrag_max_dist=1",
	"net.ipv4.conf.e0.arp_ignore=8",
	"net.ipv4.conf.e0.arp_announce=2",
	"net.ipv4.conf.all.arp_filter=1",
	"net.ipv4.conf.e0.arp_notify=1",
	"net.ipv4.conf.e0.proxy_arp_pvlan=1",
	"net.ipv4.conf.e0.drop_gratuitous_arp=1",
	"net.ipv4.conf.all.force_igmp_version=2",
	"net.ipv4.conf.e0.force_igmp_version=1",
	"net.ipv4.conf.e0.promote_secondaries=1",
	"net.ipv4.conf.e1.ignore_routes_with_linkdown=1",
	"net.ipv4.conf.all.secure_redirects=0",
	"net.ipv4.conf.e0.shared_media=0",
	"net.ipv4.conf.e0.disable_policy=1",
	"net.ipv4.conf.e0.arp_evict_nocarrier=0",
	"net.ipv4.route.flush=1",
	"net.ipv4.route.mtu_expires=1",
	"net.ipv4.route.min_pmtu=68",
	"net.ipv4.icmp_ratelimit=0",
	"net.ipv4.icmp_msgs_per_sec=1",
	"net.ipv4.icmp_errors_use_inbound_ifaddr=1",
	"net.ipv4.icmp_ignore_bogus_error_responses=0",
	"net.ipv4.fib_multipath_hash_policy=3",
	"net.ipv4.fib_multipath_hash_fields=63",
	"net.ipv4.fib_multipath_hash_seed=7",
	"net.ipv4.ping_group_range=0 9",
	"net.ipv4.ip_local_port_range=1000 2000",
	"net.ipv4.igmp_max_memberships=1",
	"net.ipv4.inet_peer_threshold=1",
	"net.ipv4.ip_no_pmtu_disc=1",
	"net.core.netdev_max_backlog=1",
	"net.ipv4.conf.all.src_valid_mark=1",
	"net.ipv4.conf.e0.drop_unicast_in_l2_multicast=1",
	"net.ipv4.conf.e0.forwarding=0",
	"net.ipv4.conf.e1.send_redirects=0",
	"net.ipv4.conf.all.mc_forwarding",
	"net.ipv4.ip_default_ttl=1",
};

static size_t new_record(struct script *s, uint8_t *rec)
{
	static uint32_t msg[IPWORDS_MSG_MAX / 4];
	unsigned kind = below(s, 16);
	size_t len;
	int n;

	if (kind == 0)
		return head(rec, SCRIPT_WAIT, below(s, 8) ? below(s, 1000) : below(s, 10000));
	if (kind == 1) {
		len = strlen(keys[kind = below(s, sizeof(keys) / sizeof(keys[0]))]);
		memcpy(rec + SCRIPT_RECORD, keys[kind], len);
		return head(rec, SCRIPT_SYSCTL, len) + len;
	}
	if (kind == 2)
		return head(rec, SCRIPT_FAIL, 1 + below(s, 30));
	if (kind < 5 || (s->messages && kind < 7))
		return head(rec, SCRIPT_COMMAND,
			    below(s, 8) ? below(s, fuzz_commands()) :
					  FUZZ_MEMBERSHIP + below(s, 256));
	if (kind < 6 || (s->messages && kind < 13)) {
		n = fuzz_command_message(NULL, below(s, fuzz_commands()), msg, sizeof(msg));
		if (n <= 0)
			return 0;
		len = (size_t)n;
		memcpy(rec + SCRIPT_RECORD, msg, len);
		if (below(s, 2))
			len = change_message(s, rec + SCRIPT_RECORD, len, BODY - SCRIPT_RECORD);
		return head(rec, SCRIPT_NETLINK, len) + len;
	}
	len = fuzz_packet(&s->r, rec + SCRIPT_RECORD, 2000);
	return head(rec, below(s, 3) | below(s, 4) << 3 | below(s, 2) * below(s, 8) << 5, len) +
	       len;
}

static void change_record(struct script *s, const struct record *r)
{
	static uint8_t rec[BODY];
	size_t len = r->len - SCRIPT_RECORD, max = BODY - SCRIPT_RECORD;
	uint8_t op = s->data[r->at];

	if (!has_body(op)) {
		LLVMFuzzerMutate(s->data + r->at + 1, 2, 2);
		return;
	}
	if (len > max / 2)
		len = max / 2;
	memcpy(rec, s->data + r->at, SCRIPT_RECORD + len);
	if (!below(s, 6))
		rec[0] ^= (uint8_t)(8u << below(s, 5));
	else if ((op & 7) == SCRIPT_NETLINK)
		len = change_message(s, rec + SCRIPT_RECORD, len, max);
	else
		len = LLVMFuzzerMutate(rec + SCRIPT_RECORD, len, len + 64 < max ? len + 64 : max);
	if ((op & 7) <= SCRIPT_WIRE2 && below(s, 8))
		fuzz_packet_repair(rec + SCRIPT_RECORD, len);
	head(rec, rec[0], len);
	splice(s, r->at, r->len, rec, SCRIPT_RECORD + len);
}

static void one_change(struct script *s)
{
	static uint8_t rec[BODY];
	const struct record *r = s->n ? &s->rec[below(s, s->n)] : NULL;
	size_t len, to;

	switch (below(s, 10)) {
	case 0:
		LLVMFuzzerMutate(s->data, SCRIPT_HEAD, SCRIPT_HEAD);
		return;
	case 1: /* away with it */
		if (r && s->n > 1)
			splice(s, r->at, r->len, NULL, 0);
		return;
	case 2: /* again */
		if (!r || r->len > sizeof(rec))
			return;
		memcpy(rec, s->data + r->at, r->len);
		to = s->rec[below(s, s->n)].at;
		splice(s, to, 0, rec, r->len);
		return;
	case 3:
	case 4:
	case 5:
		len = new_record(s, rec);
		to = r ? r->at + (below(s, 2) ? r->len : 0) : s->size;
		if (len)
			splice(s, to, 0, rec, len);
		return;
	default:
		if (r && r->len >= SCRIPT_RECORD)
			change_record(s, r);
	}
}

/** fuzz_mutate_script() - as LLVMFuzzerCustomMutator; @messages: rather those than frames */
size_t fuzz_mutate_script(uint8_t *data, size_t size, size_t max, unsigned seed, bool messages)
{
	static struct script s;
	unsigned rounds;

	if (size < SCRIPT_HEAD || max < SCRIPT_HEAD + SCRIPT_RECORD || seed % 8 == 0)
		return LLVMFuzzerMutate(data, size, max);
	prng_seed(&s.r, &seed, sizeof(seed));
	s.data = data;
	s.size = size;
	s.max = max;
	s.messages = messages;
	for (rounds = 1 + below(&s, 3); rounds; rounds--) {
		split(&s);
		one_change(&s);
	}
	return s.size;
}
