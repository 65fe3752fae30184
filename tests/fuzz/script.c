// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/script.c - what the targets for frames and for messages run: a script of both, on a configured router.
 *
 * DOC: Scripts
 * Three bytes in front: settings (16 bits, see fuzz_dut_settings()), flags. Then records: a byte, a length or number in
 * two, little-endian, and as many bytes. Bits 0-2 of the byte say what it is (enum script_op):
 *   WIRE0..2  a frame arrives there. Bits 5-7: how long to wait before; HOLD: it is handled together with the next
 *   COMMAND   number, no bytes: a change of the configuration, see command.c
 *   NETLINK   a message. HOLD: with the length that stands in it
 *   WAIT      number of 8 ms, no bytes
 *   FAIL      number, no bytes: the allocation of that number fails
 *   SYSCTL    KEY=VALUE, or KEY to read it
 * Every script has a shard of its own, so a finding is one input. At the end a minute passes, invariants are walked,
 * and no memory may be left.
 */
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/netconf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "drivers/devices.h"
#include "tests/fuzz/fuzz.h"

#define RECORDS_MAX 400

/* All of an answer must be readable. */
static void read_reply(void *arg, const void *msg, size_t len)
{
	volatile uint8_t *sum = arg;
	size_t i;

	for (i = 0; i < len; i++)
		*sum = (uint8_t)(*sum + ((const uint8_t *)msg)[i]);
}

static void message(struct dut *dut, const uint8_t *p, size_t len, bool as_it_is)
{
	struct nlmsghdr *nlh;
	uint8_t sum = 0;

	if (len < sizeof(*nlh))
		return;
	nlh = malloc(len); /* of its exact size, so that a read behind it is seen */
	if (!nlh)
		abort();
	memcpy(nlh, p, len);
	if (!as_it_is)
		nlh->nlmsg_len = (uint32_t)len;
	skiff_netlink(dut->net, nlh, len, read_reply, &sum);
	free(nlh);
}

static void frame(struct dut *dut, unsigned wire, const uint8_t *p, size_t len)
{
	struct skiff_dev *dev = skiff_dev_find(dut->net, dut->wire[wire].name);

	/* The script may have put another device in its place. */
	if (dev && netdev_is_wire((struct net_device *)dev))
		skiff_wire_rx(dev, p, len);
}

static void setting(struct dut *dut, const uint8_t *p, size_t len)
{
	char *text = malloc(len + 1), *value, buf[64];

	if (!text)
		abort();
	memcpy(text, p, len);
	text[len] = '\0';
	value = strchr(text, '=');
	if (value) {
		*value++ = '\0';
		skiff_sysctl_set(dut->net, text, value);
	} else {
		skiff_sysctl_get(dut->net, text, buf, sizeof(buf));
	}
	free(text);
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void one_record(struct dut *dut, struct fuzz_in *in)
{
	static const unsigned wait_ms[] = { 0, 0, 1, 10, 100, 1000, 5000, 35000 };
	uint8_t how = fuzz_u8(in);
	size_t len = fuzz_u16(in);
	const uint8_t *p;

	switch (how & 7) {
	case SCRIPT_COMMAND:
		fuzz_command(dut, (unsigned)len);
		break;
	case SCRIPT_WAIT:
		must(dut_advance(dut, len * 8));
		break;
	case SCRIPT_FAIL:
		fuzz_dut_fail_alloc((unsigned)len);
		break;
	case SCRIPT_NETLINK:
		p = fuzz_bytes(in, &len);
		message(dut, p, len, how & SCRIPT_HOW_HOLD);
		break;
	case SCRIPT_SYSCTL:
		p = fuzz_bytes(in, &len);
		setting(dut, p, len);
		break;
	default:
		p = fuzz_bytes(in, &len);
		if (how >> 5)
			must(dut_advance(dut, wait_ms[how >> 5]));
		frame(dut, how & 7, p, len);
		if (how & SCRIPT_HOW_HOLD)
			return;
	}
	must(dut_run(dut));
}

static void dump(struct dut *dut, uint16_t type, uint8_t family, size_t head)
{
	struct {
		struct nlmsghdr nlh;
		uint8_t body[32];
	} q = { .nlh = { .nlmsg_type = type } };
	uint8_t sum = 0;

	q.nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	q.nlh.nlmsg_len = (uint32_t)NLMSG_LENGTH(head);
	q.body[0] = family;
	skiff_netlink(dut->net, &q, q.nlh.nlmsg_len, read_reply, &sum);
}

static void read_key(void *arg, const char *key)
{
	char buf[64];

	skiff_sysctl_get(arg, key, buf, sizeof(buf));
}

static void read_counter(void *arg, const char *name, uint64_t value)
{
	*(uint64_t *)arg += strlen(name) + value;
}

/* Everything that can be asked. */
static void look_at_all(struct dut *dut)
{
	static const struct {
		uint16_t type;
		uint8_t family, head;
	} dumps[] = {
		{ RTM_GETLINK, 0, sizeof(struct ifinfomsg) },
		{ RTM_GETADDR, AF_INET, sizeof(struct ifaddrmsg) },
		{ RTM_GETROUTE, AF_INET, sizeof(struct rtmsg) },
		{ RTM_GETNEIGH, AF_INET, sizeof(struct ndmsg) },
		{ RTM_GETNEIGHTBL, 0, sizeof(struct ndtmsg) },
		{ RTM_GETRULE, AF_INET, sizeof(struct rtmsg) },
		{ RTM_GETNEXTHOP, 0, 8 },
		{ RTM_GETNEXTHOPBUCKET, 0, 8 },
		{ RTM_GETNETCONF, AF_INET, sizeof(struct netconfmsg) },
	};
	static const char *const files[] = { "net/arp", "net/dev", "net/netstat", "net/snmp" };
	uint64_t sum = 0;
	char buf[200];
	size_t i;

	for (i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++)
		dump(dut, dumps[i].type, dumps[i].family, dumps[i].head);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		skiff_proc_read(dut->net, files[i], buf, sizeof(buf));
	skiff_sysctl_walk(dut->net, read_key, dut->net);
	skiff_counters(dut->net, read_counter, &sum);
}

/* Every journey as text and as JSON, which must be JSON. */
static void print_journeys(struct dut *dut)
{
	static char buf[1 << 18];
	const struct skiff_journey *j;
	json_t *json;
	unsigned i;
	size_t n;

	for (i = 0; dut->rec && (j = skiff_recorder_get(dut->rec, i)); i++) {
		skiff_journey_text(j, buf, sizeof(buf));
		skiff_journey_sentence(j, buf, sizeof(buf));
		n = skiff_journey_json(j, buf, sizeof(buf));
		json = json_loads(buf, 0, NULL);
		if (n < sizeof(buf) && !json)
			abort();
		json_decref(json);
	}
}

/** fuzz_script() - run one */
void fuzz_script(const uint8_t *data, size_t size)
{
	struct fuzz_in in = { data, size };
	struct dut dut;
	unsigned n;
	uint8_t flags;

	fuzz_dut_start(&dut);
	fuzz_dut_configure(&dut);
	fuzz_dut_settings(&dut, fuzz_u16(&in));
	flags = fuzz_u8(&in);
	if (flags & SCRIPT_RECORD_JOURNEYS)
		dut.rec = skiff_recorder_start(dut.skiff);
	for (n = 0; n < RECORDS_MAX && in.left; n++)
		one_record(&dut, &in);
	fuzz_dut_check(&dut);
	if (flags & SCRIPT_LOOK_AT_ALL)
		look_at_all(&dut);
	fuzz_dut_fail_alloc(0);
	must(dut_advance(&dut, 60000));
	fuzz_dut_check(&dut);
	print_journeys(&dut);
	fuzz_dut_stop(&dut);
}
