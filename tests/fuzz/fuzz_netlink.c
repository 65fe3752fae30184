// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_netlink.c - netlink messages in, on a configured namespace, then dumps and a packet through it.
 *
 * Input: for each message a byte (bit 0: leave nlmsg_len as it is) and its length in two bytes, then its bytes.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/fuzz/fuzz.h"

/* All of an answer must be readable. */
static void read_reply(void *arg, const void *msg, size_t len)
{
	volatile uint8_t *sum = arg;
	size_t i;

	for (i = 0; i < len; i++)
		*sum = (uint8_t)(*sum + ((const uint8_t *)msg)[i]);
}

static void one_message(struct dut *dut, struct fuzz_in *in)
{
	uint8_t how = fuzz_u8(in), sum = 0;
	size_t len = fuzz_u16(in);
	const uint8_t *p = fuzz_bytes(in, &len);
	struct nlmsghdr *nlh;

	if (len < sizeof(*nlh))
		return;
	nlh = malloc(len); /* of its exact size, so that a read behind it is seen */
	if (!nlh)
		abort();
	memcpy(nlh, p, len);
	if (!(how & 1))
		nlh->nlmsg_len = (uint32_t)len;
	skiff_netlink(dut->net, nlh, len, read_reply, &sum);
	free(nlh);
	if (!dut_run(dut))
		abort();
}

static void dump(struct dut *dut, uint16_t type)
{
	struct {
		struct nlmsghdr nlh;
		uint8_t body[32];
	} q = { .nlh = { .nlmsg_len = sizeof(q), .nlmsg_type = type } };
	uint8_t sum = 0;

	q.nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	q.nlh.nlmsg_len = NLMSG_LENGTH(type == RTM_GETLINK    ? sizeof(struct ifinfomsg) :
				       type == RTM_GETADDR    ? sizeof(struct ifaddrmsg) :
				       type == RTM_GETNEXTHOP ? 8 :
								sizeof(struct rtmsg));
	if (type != RTM_GETNEXTHOP)
		q.body[0] = AF_INET;
	skiff_netlink(dut->net, &q, q.nlh.nlmsg_len, read_reply, &sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t dumps[] = { RTM_GETLINK,	RTM_GETADDR, RTM_GETROUTE,
					  RTM_GETNEIGH, RTM_GETRULE, RTM_GETNEXTHOP };
	static const uint8_t echo[] = { 0x02, 0xdd, 0,	  0,	0,    0, 0x02, 0xaa, 0,	 0, 0,
					2,    0x08, 0,	  0x45, 0,    0, 28,   0,    1,	 0, 0,
					64,   1,    0x66, 0xde, 10,   0, 0,    2,    10, 0, 0,
					1,    8,    0,	  0xf7, 0xff, 0, 0,    0,    0 };
	struct fuzz_in in = { data, size };
	struct dut dut;
	size_t i;

	fuzz_dut_start(&dut);
	fuzz_dut_configure(&dut);
	fuzz_dut_settings(&dut, 1);
	while (in.left)
		one_message(&dut, &in);
	for (i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++)
		dump(&dut, dumps[i]);
	for (i = 0; i < FUZZ_WIRES; i++)
		if (skiff_dev_find(dut.net, dut.wire[i].name) == dut.wire[i].dev)
			dut_rx(&dut, (unsigned)i, echo, sizeof(echo));
	if (!dut_advance(&dut, 10000))
		abort();
	fuzz_dut_stop(&dut);
	return 0;
}
