// SPDX-License-Identifier: BSD-2-Clause
/* cli/options.c - options that several verbs have: the log, the running lab that is meant, a filter. */
#include "cli/options.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_level(int *level, const char *arg)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };

	for (int i = 0; i < 4; i++) {
		if (!strcmp(names[i], arg)) {
			*level = i;
			return true;
		}
	}
	fprintf(stderr, "skiff: --log-level %s: it is error, warn, info or debug\n", arg);
	return false;
}

bool log_option(struct skiff_lab_log_options *log, int c, const char *arg)
{
	switch (c) {
	case 0x1001:
		return read_level(&log->level, arg);
	case 0x1002:
		log->json = !strcmp(arg, "json");
		if (log->json || !strcmp(arg, "text"))
			return true;
		fprintf(stderr, "skiff: --log-format %s: it is text or json\n", arg);
		return false;
	case 0x1003:
		log->file = arg;
		return true;
	default:
		return false;
	}
}

struct skiff_control *lab_connect(const char *name)
{
	char why[1024];
	struct skiff_control *c = skiff_control_open(name, why, sizeof(why));

	if (!c)
		fprintf(stderr, "skiff: %s\n", why);
	return c;
}

json_t *lab_answer(struct skiff_control *c, bool *failed)
{
	char why[1024];
	json_t *o = skiff_control_next(c, why, sizeof(why));

	*failed = !o;
	if (!o) {
		fprintf(stderr, "skiff: %s\n", why);
		return NULL;
	}
	if (!json_is_true(json_object_get(o, "end")))
		return o;
	json_decref(o);
	return NULL;
}

static json_t *as_json(const struct bpf_program *f)
{
	json_t *list = json_array();

	for (u_int i = 0; i < f->bf_len; i++) {
		const struct bpf_insn *p = &f->bf_insns[i];

		json_array_append_new(list, json_pack("[i,i,i,I]", p->code, p->jt, p->jf,
						      (json_int_t)p->k));
	}
	return list;
}

json_t *filter_compile(int n, char **words)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535 + 18);
	struct bpf_program f;
	char text[4096] = "";
	json_t *list = NULL;
	size_t at = 0;

	for (int i = 0; i < n && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? " " : "",
				       words[i]);
	if (!pcap || at >= sizeof(text)) {
		fprintf(stderr, "skiff: the filter is too long\n");
	} else if (!*text) {
		list = json_array();
	} else if (pcap_compile(pcap, &f, text, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		fprintf(stderr, "skiff: filter \"%s\": %s\n", text, pcap_geterr(pcap));
	} else {
		list = as_json(&f);
		pcap_freecode(&f);
	}
	if (pcap)
		pcap_close(pcap);
	return list;
}
