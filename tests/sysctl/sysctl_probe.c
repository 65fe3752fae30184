// SPDX-License-Identifier: BSD-2-Clause
/* tests/sysctl/sysctl_probe.c - a fresh namespace whose settings and /proc files are asked for on standard input.
 *
 * Lines: "walk", "get KEY", "set KEY VALUE" (\t stands for a tab), "proc PATH", "dummy NAME", "name OLD NEW". Each answer ends with a line "."
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/netdevice.h"
#include "skiff/skiff.h"

static void print_key(void *arg, const char *key)
{
	puts(key);
}

static void get(struct skiff_net *net, const char *key)
{
	char buf[4096];
	int n = skiff_sysctl_get(net, key, buf, sizeof(buf));

	printf("%d %s\n", n < 0 ? n : 0, n < 0 ? "" : buf);
}

static void set(struct skiff_net *net, char *args)
{
	char *value = strchr(args, ' '), *out;

	if (!value)
		return;
	*value++ = 0;
	for (char *p = out = value; (*out = *p); p++, out++) {
		if (p[0] == '\\' && p[1] == 't') {
			*out = '\t';
			p++;
		}
	}
	printf("%d\n", skiff_sysctl_set(net, args, value));
}

static void proc(struct skiff_net *net, const char *path)
{
	char buf[65536];
	int n = skiff_proc_read(net, path, buf, sizeof(buf));

	if (n < 0)
		printf("%d\n", n);
	else
		fputs(buf, stdout);
}

static void rename_dev(struct skiff_net *net, const char *args)
{
	char from[32], to[32];

	if (sscanf(args, "%31s %31s", from, to) == 2)
		printf("%d\n", dev_change_name((struct net_device *)skiff_dev_find(net, from), to));
}

static void command(struct skiff_net *net, char *line)
{
	line[strcspn(line, "\n")] = 0;
	if (!strcmp(line, "walk"))
		skiff_sysctl_walk(net, print_key, NULL);
	else if (!strncmp(line, "get ", 4))
		get(net, line + 4);
	else if (!strncmp(line, "set ", 4))
		set(net, line + 4);
	else if (!strncmp(line, "proc ", 5))
		proc(net, line + 5);
	else if (!strncmp(line, "dummy ", 6))
		printf("%d\n", skiff_dummy_create(net, line + 6));
	else if (!strncmp(line, "name ", 5))
		rename_dev(net, line + 5);
	puts(".");
	fflush(stdout);
}

int main(void)
{
	const struct skiff_env env = { .now_ns = 1 };
	struct skiff *skiff = skiff_create(&env);
	struct skiff_net *net = skiff ? skiff_net_create(skiff, "r") : NULL;
	char line[8192];

	if (!net)
		return 1;
	while (fgets(line, sizeof(line), stdin))
		command(net, line);
	skiff_destroy(skiff);
	return 0;
}
