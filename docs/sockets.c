/* Two hosts in one process: one asks, the other answers, over TCP. Time is virtual, so this takes none. */
#include <skiff/skiff.h>
#include <skiff/socket.h>

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* What `ip link set up dev eth0` and `ip addr add 10.0.0.LAST/24 dev eth0` send. */
static int configure(struct skiff_net *net, int ifindex, unsigned char last)
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
		  .addr = { 10, 0, 0, last } };
	int err = skiff_netlink(net, &up, sizeof(up), NULL, NULL);

	return err ? err : skiff_netlink(net, &add, sizeof(add), NULL, NULL);
}

/* The caller's loop: time goes on to what the stack waits for, and the stack has its turn. */
struct clock {
	struct skiff *skiff;
	uint64_t now;
};

static uint64_t clock_now(void *arg)
{
	return ((struct clock *)arg)->now;
}

static int clock_run(void *arg, uint64_t deadline)
{
	struct clock *c = arg;
	uint64_t next = skiff_next(c->skiff);

	if (next > c->now)
		c->now = next < deadline ? next : deadline;
	skiff_turn(c->skiff, c->now);
	return 0;
}

static int conversation(struct clock *c, struct skiff_net *a, struct skiff_net *b)
{
	struct skiff_loop loop = { c, clock_run, clock_now };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7) };
	int server = skiff_socket(b, AF_INET, SOCK_STREAM, 0);
	int client = skiff_socket(a, AF_INET, SOCK_STREAM, 0), peer, err;
	char text[64] = "";
	int64_t n;

	inet_pton(AF_INET, "10.0.0.2", &to.sin_addr);
	err = skiff_bind(c->skiff, server, (struct sockaddr *)&to, sizeof(to));
	if (!err)
		err = skiff_listen(c->skiff, server, 1);
	if (!err)
		err = skiff_bconnect(c->skiff, &loop, client, (struct sockaddr *)&to, sizeof(to));
	if (err)
		return err;
	peer = skiff_baccept4(c->skiff, &loop, server, NULL, NULL, 0);
	n = skiff_send(c->skiff, client, "who is there?", 13, 0);
	if (peer < 0 || n != 13)
		return -1;
	skiff_wait(c->skiff, &loop, peer, POLLIN, SKIFF_NEVER);
	n = skiff_recv(c->skiff, peer, text, sizeof(text) - 1, 0);
	printf("%lld bytes over TCP: %s\n", (long long)n, text);
	return 0;
}

int main(void)
{
	struct skiff_env env = { .seed = { 1 } };
	struct clock c = { skiff_create(&env), 0 };
	struct skiff_net *a = skiff_net_create(c.skiff, "a"), *b = skiff_net_create(c.skiff, "b");
	int err = skiff_veth_create(a, "eth0", NULL, b, "eth0", NULL);

	if (!err)
		err = configure(a, skiff_dev_ifindex(skiff_dev_find(a, "eth0")), 1);
	if (!err)
		err = configure(b, skiff_dev_ifindex(skiff_dev_find(b, "eth0")), 2);
	if (!err)
		err = conversation(&c, a, b);
	skiff_destroy(c.skiff);
	return err ? 1 : 0;
}
