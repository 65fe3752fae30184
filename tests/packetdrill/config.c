// SPDX-License-Identifier: BSD-2-Clause
/* tests/packetdrill/config.c - what packetdrill would tell the kernel about its TUN: addresses, MTU, the way to the remote side. */
#include "pd.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lab/ipwords.h"

struct settings {
	char local[32], gateway[32], remote[32], mtu[8];
};

static int ifindex_of(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(arg, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

int pd_ip(struct pd *pd, const char *words, char *why, size_t size)
{
	const struct ipwords_env env = { ifindex_of, pd->net };
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	int n = ipwords_line(msg, sizeof(msg), words, &env, why, size);

	if (n < 0)
		return n;
	n = skiff_netlink(pd->net, msg, (size_t)n, NULL, NULL);
	if (n < 0)
		snprintf(why, size, "RTNETLINK answers: %s", strerror(-n));
	return n;
}

static bool tell(struct pd *pd, const char *words)
{
	char why[256] = "";

	if (!pd_ip(pd, words, why, sizeof(why)))
		return true;
	fprintf(stderr, "libskiff-packetdrill: ip %s: %s\n", words, why);
	return false;
}

static bool take(struct settings *s, const char *word)
{
	static const struct {
		const char *name;
		size_t off, size;
	} keys[] = {
		{ "local=", offsetof(struct settings, local), sizeof(s->local) },
		{ "gateway=", offsetof(struct settings, gateway), sizeof(s->gateway) },
		{ "remote=", offsetof(struct settings, remote), sizeof(s->remote) },
		{ "mtu=", offsetof(struct settings, mtu), sizeof(s->mtu) },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i].name);

		if (strncmp(word, keys[i].name, n) || strlen(word + n) >= keys[i].size)
			continue;
		strcpy((char *)s + keys[i].off, word + n);
		return true;
	}
	fprintf(stderr, "libskiff-packetdrill: --so_flags: what is \"%s\"?\n", word);
	return false;
}

bool pd_configure(struct pd *pd, const char *flags)
{
	struct settings s = { "192.168.0.1/16", "192.168.0.1", "192.0.2.1", "1500" };
	char *copy = strdup(flags), *save = NULL, words[160];
	bool ok = copy != NULL;

	for (char *w = ok ? strtok_r(copy, ", ", &save) : NULL; ok && w;
	     w = strtok_r(NULL, ", ", &save))
		ok = take(&s, w);
	free(copy);
	ok = ok && tell(pd, "link set lo up");
	snprintf(words, sizeof(words), "link set tun0 mtu %s up", s.mtu);
	ok = ok && tell(pd, words);
	snprintf(words, sizeof(words), "addr add %s dev tun0", s.local);
	ok = ok && tell(pd, words);
	snprintf(words, sizeof(words), "route add %s via %s dev tun0", s.remote, s.gateway);
	ok = ok && tell(pd, words);
	if (ok)
		pd_run_until(pd, pd->now + 10 * PD_NS, NULL); /* multicast reports of the start */
	while (pd->out) {
		struct pd_packet *p = pd->out;

		pd->out = p->next;
		free(p);
	}
	pd->out_tail = &pd->out;
	return ok;
}
