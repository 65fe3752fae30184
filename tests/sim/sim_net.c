// SPDX-License-Identifier: BSD-2-Clause
/* tests/sim/sim_net.c - hosts, the router between them, and what the links do to frames. */
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/ipwords.h"

#define QUEUE_NS (300 * 1000000ULL) /* a frame that would wait longer for its turn is dropped */

static bool earlier(const struct sim_flight *a, const struct sim_flight *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void swap(struct sim *s, size_t i, size_t k)
{
	struct sim_flight f = s->sky[i];

	s->sky[i] = s->sky[k];
	s->sky[k] = f;
}

static void sky_push(struct sim *s, struct sim_flight f)
{
	size_t i = s->n_sky;

	if (i == s->cap_sky) {
		s->cap_sky = s->cap_sky ? s->cap_sky * 2 : 256;
		s->sky = realloc(s->sky, s->cap_sky * sizeof(*s->sky));
		if (!s->sky)
			abort();
	}
	s->sky[s->n_sky++] = f;
	for (; i && earlier(&s->sky[i], &s->sky[(i - 1) / 2]); i = (i - 1) / 2)
		swap(s, i, (i - 1) / 2);
}

static struct sim_flight sky_pop(struct sim *s)
{
	struct sim_flight top = s->sky[0];
	size_t i = 0, least = 0;

	s->sky[0] = s->sky[--s->n_sky];
	for (;; i = least) {
		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < s->n_sky; k++)
			if (earlier(&s->sky[k], &s->sky[least]))
				least = k;
		if (least == i)
			return top;
		swap(s, i, least);
	}
}

static bool is_tcp(const uint8_t *frame, size_t len)
{
	return len >= 34 && frame[12] == 8 && !frame[13] && frame[23] == 6;
}

static void pcap_frame(struct sim *s, const void *frame, size_t len)
{
	uint32_t head[4] = { (uint32_t)(s->now / SIM_SECOND),
			     (uint32_t)(s->now % SIM_SECOND / 1000), (uint32_t)len, (uint32_t)len };

	fwrite(head, sizeof(head), 1, s->pcap);
	fwrite(frame, len, 1, s->pcap);
}

static void digest(struct sim *s, const uint8_t *frame, size_t len)
{
	s->digest = (s->digest ^ s->now) * 0x100000001b3ULL;
	for (size_t i = 0; i < len; i++)
		s->digest = (s->digest ^ frame[i]) * 0x100000001b3ULL;
}

static void put(struct sim *s, struct sim_cable *c, const void *frame, size_t len)
{
	struct impair_copy copy[IMPAIR_COPIES_MAX];
	unsigned n;

	s->frames++;
	digest(s, frame, len);
	c->tcp_frames += is_tcp(frame, len);
	if (s->pcap)
		pcap_frame(s, frame, len);
	if (c->cut || c->impair.busy_until > s->now + QUEUE_NS)
		return;
	n = impair_frame(&c->impair, s->now, len, copy);
	for (unsigned i = 0; i < n; i++) {
		struct sim_flight f = { .at = copy[i].at, .seq = s->seq++, .cable = c, .len = len };

		f.frame = malloc(len ? len : 1);
		if (!f.frame)
			abort();
		memcpy(f.frame, frame, len);
		if (copy[i].bit >= 0 && (size_t)copy[i].bit / 8 < len)
			f.frame[copy[i].bit / 8] ^= (uint8_t)(1 << copy[i].bit % 8);
		sky_push(s, f);
	}
}

/* The far end of each wire device finds its cable by the device. */
static void on_xmit(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
	struct sim *s = arg;

	for (unsigned i = 0; i < s->hosts; i++) {
		if (s->host[i].dev == dev)
			put(s, &s->host[i].up, frame, len);
		else if (s->host[i].router_dev == dev)
			put(s, &s->host[i].down, frame, len);
	}
}

static int ifindex(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(arg, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

void sim_ip(struct sim *s, struct skiff_net *net, const char *fmt, ...)
{
	uint8_t msg[IPWORDS_MSG_MAX] __attribute__((aligned(8)));
	const struct ipwords_env env = { ifindex, net };
	char words[200], why[128] = "";
	va_list ap;
	int err;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	err = ipwords_line(msg, sizeof(msg), words, &env, why, sizeof(why));
	if (err >= 0)
		err = skiff_netlink(net, msg, sizeof(msg), NULL, NULL);
	if (err < 0)
		sim_fail(s, "ip %s: %d %s", words, err, why);
}

static struct impair_config draw_link(struct sim *s)
{
	struct impair_config c = { .seed = prng_u64(&s->prng) };

	if (!sim_one_in(s, 4))
		c.delay = sim_about(s, 60000) * 1000ULL;
	if (sim_one_in(s, 3))
		c.rate = 1000000ULL * sim_about(s, 200);
	if (sim_one_in(s, 3))
		c.loss = sim_about(s, s->gentle ? 30000 : 150000);
	if (sim_one_in(s, 4))
		c.reorder = sim_about(s, 200000);
	if (sim_one_in(s, 6))
		c.duplicate = sim_about(s, 50000);
	if (sim_one_in(s, 6))
		c.corrupt = sim_about(s, 20000);
	return c;
}

static void host_start(struct sim *s, unsigned i)
{
	static const struct skiff_wire_ops ops = { on_xmit };
	const uint8_t mac_host[6] = { 2, 0, 0, 0, (uint8_t)i, 2 };
	const uint8_t mac_router[6] = { 2, 0, 0, 0, (uint8_t)i, 1 };
	struct impair_config up = draw_link(s), down = draw_link(s);
	struct sim_host *h = &s->host[i];
	char name[16];

	snprintf(name, sizeof(name), "h%u", i);
	h->index = i;
	h->addr = 0x0a000002u | i << 8;
	h->net = skiff_net_create(s->skiff, name);
	h->dev = skiff_wire_create(h->net, "eth0", mac_host, &ops, s);
	snprintf(name, sizeof(name), "e%u", i);
	h->router_dev = skiff_wire_create(s->router, name, mac_router, &ops, s);
	h->up.to = h->router_dev;
	h->down.to = h->dev;
	impair_init(&h->up.impair, &up);
	impair_init(&h->down.impair, &down);
	sim_ip(s, h->net, "link set lo up");
	sim_ip(s, h->net, "link set eth0 up");
	sim_ip(s, h->net, "addr add 10.0.%u.2/24 dev eth0", i);
	sim_ip(s, s->router, "link set e%u up", i);
	sim_ip(s, s->router, "addr add 10.0.%u.1/24 dev e%u", i, i);
	sim_ip(s, h->net, "route add default via 10.0.%u.1", i);
	sim_log(s, "h%u: up delay %llu us loss %u reorder %u dup %u corrupt %u rate %llu", i,
		(unsigned long long)up.delay / 1000, up.loss, up.reorder, up.duplicate, up.corrupt,
		(unsigned long long)up.rate);
}

static void host_settings(struct sim *s, struct sim_host *h)
{
	static const char *const settings[][2] = {
		{ "net.ipv4.tcp_timestamps", "0" },
		{ "net.ipv4.tcp_sack", "0" },
		{ "net.ipv4.tcp_window_scaling", "0" },
		{ "net.ipv4.tcp_ecn", "1" },
		{ "net.ipv4.tcp_ecn", "0" },
		{ "net.ipv4.tcp_dsack", "0" },
		{ "net.ipv4.tcp_recovery", "0" },
		{ "net.ipv4.tcp_early_retrans", "0" },
		{ "net.ipv4.tcp_frto", "0" },
		{ "net.ipv4.tcp_mtu_probing", "1" },
		{ "net.ipv4.tcp_mtu_probing", "2" },
		{ "net.ipv4.tcp_slow_start_after_idle", "0" },
		{ "net.ipv4.tcp_syncookies", "2" },
		{ "net.ipv4.tcp_autocorking", "0" },
		{ "net.ipv4.tcp_moderate_rcvbuf", "0" },
		{ "net.ipv4.tcp_comp_sack_nr", "0" },
		{ "net.ipv4.tcp_shrink_window", "1" },
		{ "net.ipv4.tcp_tw_reuse", "1" },
		{ "net.ipv4.tcp_fastopen", "3" },
		{ "net.ipv4.tcp_rmem", "4096 8192 65536" },
		{ "net.ipv4.tcp_wmem", "4096 8192 65536" },
		{ "net.ipv4.tcp_no_metrics_save", "1" },
		{ "net.ipv4.tcp_congestion_control", "reno" },
		{ "net.ipv4.tcp_congestion_control", "bbr" },
		{ "net.ipv4.tcp_congestion_control", "dctcp" },
		{ "net.ipv4.tcp_ecn", "3" },
		{ "net.ipv4.tcp_tw_reuse", "0" },
		{ "net.ipv4.tcp_retrans_collapse", "0" },
		{ "net.ipv4.tcp_limit_output_bytes", "20000" },
		{ "net.ipv4.tcp_min_tso_segs", "1" },
	};
	unsigned n = sizeof(settings) / sizeof(settings[0]);

	while (sim_one_in(s, 2)) {
		const char *const *kv = settings[sim_below(s, n)];
		int err = skiff_sysctl_set(h->net, kv[0], kv[1]);

		if (err)
			sim_fail(s, "sysctl %s=%s: %d", kv[0], kv[1], err);
		sim_log(s, "h%u: %s=%s", h->index, kv[0], kv[1]);
	}
}

void sim_net_start(struct sim *s)
{
	s->router = skiff_net_create(s->skiff, "r");
	s->hosts = 2 + sim_below(s, SIM_HOSTS_MAX - 1);
	sim_ip(s, s->router, "link set lo up");
	skiff_sysctl_set(s->router, "net.ipv4.ip_forward", "1");
	for (unsigned i = 0; i < s->hosts; i++) {
		host_start(s, i);
		host_settings(s, &s->host[i]);
	}
	s->next_change = SIM_SECOND / 2;
}

/* A cable is pulled: both ends see it (the devices go down and come up with what that loses). */
static void flap(struct sim *s, struct sim_host *h, bool cut)
{
	if (h->up.cut == cut)
		return;
	h->up.cut = h->down.cut = cut;
	sim_log(s, "h%u: link %s", h->index, cut ? "cut" : "joined");
	if (sim_one_in(s, 2))
		return; /* nobody notices */
	sim_ip(s, s->router, "link set e%u %s", h->index, cut ? "down" : "up");
}

static void router_up(struct sim *s, struct sim_host *h)
{
	sim_ip(s, s->router, "link set e%u up", h->index);
	h->up.cut = h->down.cut = false;
}

static void change_address(struct sim *s, struct sim_host *h)
{
	sim_ip(s, h->net, "addr add 10.0.%u.77/24 dev eth0", h->index);
	sim_ip(s, h->net, "addr del 10.0.%u.77/24 dev eth0", h->index);
	sim_log(s, "h%u: another address came and went", h->index);
}

void sim_net_change(struct sim *s)
{
	struct sim_host *h = &s->host[sim_below(s, s->hosts)];
	struct impair_config c = draw_link(s);
	struct sim_cable *cable = sim_one_in(s, 2) ? &h->up : &h->down;
	uint64_t busy = cable->impair.busy_until;

	s->next_change = s->now + sim_about(s, 8000) * 1000000ULL;
	switch (s->gentle ? 0 : sim_below(s, 5)) {
	case 0:
	case 1:
		impair_init(&cable->impair, &c);
		cable->impair.busy_until = busy;
		break;
	case 2:
		flap(s, h, !h->up.cut);
		break;
	case 3:
		sim_ip(s, s->router, "link set e%u mtu %u", h->index, 576 + sim_below(s, 925));
		break;
	case 4:
		change_address(s, h);
		break;
	}
}

void sim_net_heal(struct sim *s)
{
	struct impair_config fine = { .delay = 1000000, .loss = 5000, .seed = s->seed };

	for (unsigned i = 0; i < s->hosts; i++) {
		struct sim_host *h = &s->host[i];

		router_up(s, h);
		impair_init(&h->up.impair, &fine);
		impair_init(&h->down.impair, &fine);
	}
	s->next_change = SKIFF_NEVER;
	sim_log(s, "links are healed");
}

uint64_t sim_net_next(const struct sim *s)
{
	uint64_t at = s->n_sky ? s->sky[0].at : SKIFF_NEVER;

	return at < s->next_change ? at : s->next_change;
}

void sim_net_deliver(struct sim *s)
{
	while (s->n_sky && s->sky[0].at <= s->now) {
		struct sim_flight f = sky_pop(s);

		f.cable->tcp_arrived += is_tcp(f.frame, f.len);
		skiff_wire_rx(f.cable->to, f.frame, f.len);
		free(f.frame);
	}
}

static void find_counter(void *arg, const char *name, uint64_t value)
{
	uint64_t *v = arg;

	if (!strcmp(name, "Tcp.InSegs"))
		v[0] = value;
	if (!strcmp(name, "Tcp.OutSegs") || !strcmp(name, "Tcp.RetransSegs"))
		v[1] += value;
}

/* Segments claimed and segments seen. A host sends none that are not counted, and counts none that did not come. */
void sim_net_check(struct sim *s)
{
	for (unsigned i = 0; i < s->hosts; i++) {
		struct sim_host *h = &s->host[i];
		uint64_t v[2] = { 0, 0 };

		skiff_counters(h->net, find_counter, v);
		if (v[0] > h->down.tcp_arrived)
			sim_fail(s, "h%u counts %llu segments received, %llu came", i,
				 (unsigned long long)v[0], (unsigned long long)h->down.tcp_arrived);
		if (v[1] < h->up.tcp_frames)
			sim_fail(s, "h%u counts %llu segments sent, %llu left it", i,
				 (unsigned long long)v[1], (unsigned long long)h->up.tcp_frames);
	}
}

void sim_net_stop(struct sim *s)
{
	while (s->n_sky)
		free(sky_pop(s).frame);
	free(s->sky);
	s->sky = NULL;
}
