// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz.c - what the fuzz targets share. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/ipwords.h"

/** fuzz_u8() - the next byte, 0 at the end */
uint8_t fuzz_u8(struct fuzz_in *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

/** fuzz_u16() - the next two bytes, little-endian */
uint16_t fuzz_u16(struct fuzz_in *in)
{
	uint16_t low = fuzz_u8(in);

	return (uint16_t)(low | fuzz_u8(in) << 8);
}

/** fuzz_bytes() - the next @len bytes, or as many as there are */
const uint8_t *fuzz_bytes(struct fuzz_in *in, size_t *len)
{
	const uint8_t *p = in->p;

	if (*len > in->left)
		*len = in->left;
	in->p += *len;
	in->left -= *len;
	return p;
}

static void swallow(void *arg, unsigned wire, const void *frame, size_t len)
{
	volatile uint8_t sum = 0;
	size_t i;

	(void)arg;
	(void)wire;
	for (i = 0; i < len; i++) /* every byte that leaves must have been written */
		sum = (uint8_t)(sum + ((const uint8_t *)frame)[i]);
}

/** fuzz_dut_start() - a shard with wires e0, e1, e2 named but not configured */
void fuzz_dut_start(struct dut *dut)
{
	unsigned i;

	memset(dut, 0, sizeof(*dut));
	dut->send = swallow;
	dut->n_wires = FUZZ_WIRES;
	for (i = 0; i < FUZZ_WIRES; i++)
		snprintf(dut->wire[i].name, sizeof(dut->wire[i].name), "e%u", i);
	if (dut_start(dut))
		abort();
}

/** fuzz_dut_stop() - free it; whatever is left over is a leak */
void fuzz_dut_stop(struct dut *dut)
{
	dut_stop(dut);
}

static int ifindex(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(arg, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

/** fuzz_line() - configure by a line in the words of ip; a refusal is fine */
void fuzz_line(struct dut *dut, const char *line)
{
	struct ipwords_env env = { ifindex, dut->net };
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	char why[200];
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n > 0)
		skiff_netlink(dut->net, msg, (size_t)n, NULL, NULL);
}

static const char base[] =
	"{\"ifaces\":["
	"{\"name\":\"e0\",\"mac\":\"02:dd:00:00:00:00\",\"mtu\":1500,\"addrs\":["
	"{\"local\":\"10.0.0.1/24\",\"brd\":\"10.0.0.255\"},{\"local\":\"10.0.0.4/24\"}]},"
	"{\"name\":\"e1\",\"mac\":\"02:dd:00:00:00:01\",\"mtu\":576,\"addrs\":["
	"{\"local\":\"10.0.1.1/24\",\"brd\":\"10.0.1.255\"}]},"
	"{\"name\":\"e2\",\"mac\":\"02:dd:00:00:00:02\",\"mtu\":1500,\"addrs\":["
	"{\"local\":\"10.0.2.0/31\"},{\"local\":\"10.6.0.1\",\"peer\":\"10.6.0.2\"}]}],"
	"\"lo_addrs\":[{\"local\":\"10.99.99.1/32\"}],"
	"\"neigh\":[{\"dev\":\"e0\",\"dst\":\"10.0.0.2\",\"lladdr\":\"02:aa:00:00:00:02\"},"
	"{\"dev\":\"e0\",\"dst\":\"10.0.0.3\",\"lladdr\":\"02:aa:00:00:00:03\"},"
	"{\"dev\":\"e1\",\"dst\":\"10.0.1.2\",\"lladdr\":\"02:aa:00:00:01:02\"}],"
	"\"proxy_neigh\":[{\"dst\":\"10.0.0.50\",\"dev\":\"e0\"}],"
	"\"routes\":[{\"dst\":\"10.9.0.0/16\",\"via\":\"10.0.1.2\",\"dev\":\"e1\"},"
	"{\"dst\":\"10.8.0.0/16\",\"via\":\"10.0.0.3\"},"
	"{\"dst\":\"10.7.0.0/16\",\"nexthops\":[{\"via\":\"10.0.0.2\",\"dev\":\"e0\"},{\"via\":\"10.0.1.2\",\"dev\":\"e1\"}]},"
	"{\"dst\":\"10.4.0.0/16\",\"type\":\"unreachable\"},{\"dst\":\"10.3.0.0/16\",\"via\":\"10.0.2.1\",\"mtu\":600}],"
	"\"sysctl\":[[\"net.ipv4.ip_forward\",\"1\"],[\"net.ipv4.icmp_ratemask\",\"0\"]]}";

/* Settings that open more code; bit n of the variant is number n. */
static const char *const extra[] = {
	"net.ipv4.conf.all.rp_filter",		"net.ipv4.conf.all.accept_source_route",
	"net.ipv4.conf.e0.proxy_arp",		"net.ipv4.conf.all.bc_forwarding",
	"net.ipv4.icmp_echo_enable_probe",	"net.ipv4.conf.all.arp_accept",
	"net.ipv4.icmp_echo_ignore_broadcasts", "net.ipv4.conf.e0.route_localnet",
};

/** fuzz_dut_configure() - a router with a bit of everything */
void fuzz_dut_configure(struct dut *dut)
{
	json_t *cfg = json_loads(base, 0, NULL);

	if (!cfg || dut_config(dut, cfg)) {
		fprintf(stderr, "fuzz: %s\n", dut->why);
		abort();
	}
	json_decref(cfg);
}

/** fuzz_dut_settings() - turn settings on and off; bit 0 also makes or removes a policy rule */
void fuzz_dut_settings(struct dut *dut, unsigned variant)
{
	unsigned i;

	for (i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
		skiff_sysctl_set(dut->net, extra[i], variant & 1u << i ? "1" : "0");
	for (i = 0; i < FUZZ_WIRES; i++) {
		char key[60];

		snprintf(key, sizeof(key), "net.ipv4.conf.e%u.accept_source_route", i);
		skiff_sysctl_set(dut->net, key, variant & 2 ? "1" : "0");
	}
	fuzz_line(dut,
		  variant & 1 ? "rule add from 10.0.0.3 lookup 100 pref 100" : "rule del pref 100");
}
