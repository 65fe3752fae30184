/* A host with one address on a cable that this program holds: it is asked for its MAC address, and answers. */
#include <skiff/skiff.h>

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <sys/socket.h>

/* ARP: who has 10.0.0.1? tell 10.0.0.2 */
static const unsigned char who_has[] =
	"\xff\xff\xff\xff\xff\xff\2\0\0\0\0\2\x08\6\0\1\x08\0\6\4\0\1"
	"\2\0\0\0\0\2\x0a\0\0\2\0\0\0\0\0\0\x0a\0\0\1";

/* What `ip link set up dev e0` and `ip addr add 10.0.0.1/24 dev e0` send. */
static int configure(struct skiff_net *net, int ifindex)
{
	struct {
		struct nlmsghdr n;
		struct ifinfomsg i;
	} up = { .n = { sizeof(up), RTM_NEWLINK, NLM_F_REQUEST, 1, 0 },
		 .i = { .ifi_index = ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP } };
	struct {
		struct nlmsghdr n;
		struct ifaddrmsg a;
		struct rtattr local;
		unsigned char addr[4];
	} add = { .n = { sizeof(add), RTM_NEWADDR, NLM_F_REQUEST | NLM_F_CREATE, 2, 0 },
		  .a = { AF_INET, 24, 0, RT_SCOPE_UNIVERSE, (unsigned int)ifindex },
		  .local = { RTA_LENGTH(4), IFA_LOCAL },
		  .addr = { 10, 0, 0, 1 } };
	int err = skiff_netlink(net, &up, sizeof(up), NULL, NULL);

	return err ? err : skiff_netlink(net, &add, sizeof(add), NULL, NULL);
}

static void on_cable(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
	const unsigned char *b = frame;

	printf("%s sent %zu bytes of type %02x%02x\n", skiff_dev_name(dev), len, b[12], b[13]);
}

int main(void)
{
	struct skiff_wire_ops cable = { .xmit = on_cable };
	struct skiff_env env = { .seed = { 1 } }; /* the same seed gives the same run */
	struct skiff *skiff = skiff_create(&env);
	struct skiff_net *host = skiff_net_create(skiff, "host");
	struct skiff_dev *e0 = skiff_wire_create(host, "e0", NULL, &cable, NULL);
	int err = configure(host, skiff_dev_ifindex(e0)); /* rtnetlink, as ip(8) speaks it */

	if (!err)
		err = skiff_wire_rx(e0, who_has, sizeof(who_has) - 1);
	while (!err && skiff_turn(skiff, env.now_ns)) /* time is an argument */
		;
	skiff_destroy(skiff);
	return err ? 1 : 0;
}
