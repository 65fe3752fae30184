// SPDX-License-Identifier: BSD-2-Clause
/* tests/packetdrill/tools.c - what the stand-ins for sysctl, ip, tc, ethtool, nstat and for files below /proc and /sys do. */
#include "pd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- sysctl ---- */

/* "net/ipv4/tcp_sack", "/proc/sys/net/ipv4/tcp_sack" -> "net.ipv4.tcp_sack" */
static void plain_key(char *key, size_t size, const char *word, size_t len)
{
	static const char proc[] = "/proc/sys/";

	if (!strncmp(word, proc, sizeof(proc) - 1)) {
		word += sizeof(proc) - 1;
		len -= sizeof(proc) - 1;
	}
	snprintf(key, size, "%.*s", (int)len, word);
	for (char *p = key; *p; p++)
		if (*p == '/')
			*p = '.';
}

static int sysctl_word(struct pd *pd, const char *word, bool quiet, bool bare, FILE *out)
{
	const char *eq = strchr(word, '=');
	char key[128], value[4096];
	int err;

	plain_key(key, sizeof(key), word, eq ? (size_t)(eq - word) : strlen(word));
	err = eq ? skiff_sysctl_set(pd->net, key, eq + 1) :
		   skiff_sysctl_get(pd->net, key, value, sizeof(value));
	if (err < 0) {
		fprintf(out, "sysctl: %s: %s\n", key, strerror(-err));
		return 1;
	}
	if (bare && !eq)
		fprintf(out, "%s\n", value);
	else if (!quiet)
		fprintf(out, "%s = %s\n", key, eq ? eq + 1 : value);
	return 0;
}

static int tool_sysctl(struct pd *pd, int argc, char **argv, FILE *out)
{
	bool quiet = false, bare = false;
	int status = 0;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-') {
			status |= sysctl_word(pd, argv[i], quiet, bare, out);
			continue;
		}
		for (const char *p = argv[i] + 1; *p; p++) {
			if (!strchr("qwn", *p)) {
				fprintf(out, "sysctl: no option -%c here\n", *p);
				return 1;
			}
			quiet |= *p == 'q';
			bare |= *p == 'n';
		}
	}
	return status;
}

/* ---- ip ---- */

static int tool_ip(struct pd *pd, int argc, char **argv, FILE *out)
{
	char words[1024] = "", why[256] = "";
	int i = 1;

	while (i < argc && (!strcmp(argv[i], "-4") || !strcmp(argv[i], "-q")))
		i++;
	if (i + 1 < argc && !strcmp(argv[i], "tcp_metrics") && !strcmp(argv[i + 1], "flush")) {
		skiff_tcp_metrics_flush(pd->net);
		return 0;
	}
	for (; i < argc; i++) {
		size_t n = strlen(words);

		snprintf(words + n, sizeof(words) - n, "%s%s", n ? " " : "", argv[i]);
	}
	if (!pd_ip(pd, words, why, sizeof(why)))
		return 0;
	fprintf(out, "ip %s: %s\n", words, why);
	return 2;
}

/* ---- tc: a root qdisc that queues nothing, or with "limit 0" takes nothing ---- */

static bool one_of(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (const char *p = list; (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

static int tool_tc(struct pd *pd, int argc, char **argv, FILE *out)
{
	bool blocked = false;

	if (argc < 6 || strcmp(argv[1], "qdisc") || strcmp(argv[3], "dev") ||
	    strcmp(argv[4], "tun0") || strcmp(argv[5], "root"))
		goto unknown;
	if (one_of(argv[2], "add replace change") && argc >= 7) {
		if (!one_of(argv[6], "pfifo pfifo_fast noqueue") || (argc != 7 && argc != 9))
			goto unknown;
		if (argc == 9 && strcmp(argv[7], "limit"))
			goto unknown;
		blocked = argc == 9 && !strcmp(argv[8], "0");
	} else if (!one_of(argv[2], "del delete")) {
		goto unknown;
	}
	pd->tun_flags = blocked ? pd->tun_flags | SKIFF_RAWIP_FULL :
				  pd->tun_flags & ~SKIFF_RAWIP_FULL;
	skiff_rawip_set_flags(pd->tun, pd->tun_flags);
	return 0;

unknown:
	fprintf(out, "tc: only \"qdisc add|replace|del dev tun0 root [pfifo [limit N]]\" here\n");
	return 2;
}

/* ---- ethtool -K ---- */

static int tool_ethtool(struct pd *pd, int argc, char **argv, FILE *out)
{
	if (argc < 5 || strcmp(argv[1], "-K") || strcmp(argv[2], "tun0") || !(argc & 1)) {
		fprintf(out, "ethtool: only \"-K tun0 FEATURE on|off ...\" here\n");
		return 1;
	}
	for (int i = 3; i + 1 < argc; i += 2) {
		bool on = !strcmp(argv[i + 1], "on");

		if (!one_of(argv[i], "tso gso gro sg tx rx")) {
			fprintf(out, "ethtool: bad command line argument: %s\n", argv[i]);
			return 1;
		}
		if (!strcmp(argv[i], "tso") || (!strcmp(argv[i], "gso") && !on))
			pd->tun_flags = on ? pd->tun_flags | SKIFF_RAWIP_TSO :
					     pd->tun_flags & ~SKIFF_RAWIP_TSO;
	}
	skiff_rawip_set_flags(pd->tun, pd->tun_flags);
	return 0;
}

/* ---- nstat: what counters have moved since it was last asked ---- */

struct pd_counter {
	char name[48];
	uint64_t value;
};

struct count_walk {
	struct pd *pd;
	FILE *out;
	size_t i;
};

static void count_one(void *arg, const char *name, uint64_t value)
{
	struct count_walk *w = arg;
	struct pd *pd = w->pd;
	struct pd_counter *c;

	if (w->i == pd->n_counted) {
		c = realloc(pd->counted, (pd->n_counted + 1) * sizeof(*c));
		if (!c)
			return;
		pd->counted = c;
		c[pd->n_counted].value = 0;
		snprintf(c[pd->n_counted++].name, sizeof(c->name), "%s", name);
	}
	c = &pd->counted[w->i++];
	if (value != c->value) {
		for (const char *p = name; *p; p++)
			if (*p != '.')
				fputc(*p, w->out);
		fprintf(w->out, " %llu 0.0\n", (unsigned long long)(value - c->value));
	}
	c->value = value;
}

static int tool_nstat(struct pd *pd, int argc, char **argv, FILE *out)
{
	struct count_walk w = { pd, out, 0 };

	(void)argv;
	if (argc > 1) {
		fprintf(out, "nstat: no options here\n");
		return 1;
	}
	fprintf(out, "#kernel\n");
	skiff_counters(pd->net, count_one, &w);
	return 0;
}

/* ---- files ---- */

/* "procfile net/tcp": the text as cat prints it */
static int tool_procfile(struct pd *pd, int argc, char **argv, FILE *out)
{
	static char text[1 << 16];
	int n = argc == 2 ? skiff_proc_read(pd->net, argv[1], text, sizeof(text)) : -EINVAL;

	if (n < 0) {
		fprintf(out, "%s: %s\n", argc == 2 ? argv[1] : "procfile", strerror(-n));
		return 1;
	}
	fputs(text, out);
	return 0;
}

/* "module-param tcp_cubic hystart_detect 3": what is a constant here may be "set" to what it is */
static int tool_module_param(struct pd *pd, int argc, char **argv, FILE *out)
{
	(void)pd;
	if (argc == 4 && !strcmp(argv[1], "tcp_cubic") && !strcmp(argv[2], "hystart_detect") &&
	    !strcmp(argv[3], "3"))
		return 0;
	fprintf(out, "module-param: not to be had here\n");
	return 1;
}

int pd_tool(struct pd *pd, int argc, char **argv, FILE *out)
{
	static const struct {
		const char *name;
		int (*run)(struct pd *pd, int argc, char **argv, FILE *out);
	} tools[] = {
		{ "ethtool", tool_ethtool },
		{ "ip", tool_ip },
		{ "module-param", tool_module_param },
		{ "nstat", tool_nstat },
		{ "procfile", tool_procfile },
		{ "sysctl", tool_sysctl },
		{ "tc", tool_tc },
	};

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (!strcmp(argv[0], tools[i].name))
			return tools[i].run(pd, argc, argv, out);
	fprintf(out, "%s: no stand-in of this name\n", argv[0]);
	return 127;
}
