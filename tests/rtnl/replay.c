// SPDX-License-Identifier: BSD-2-Clause
/* tests/rtnl/replay.c - read a recorded talk line by line and compare. */
#include "net/rtnetlink.h"
#include "tests/rtnl/replay.h"

#include <stdio.h>
#include <stdlib.h>

#define SHOWN_MAX 20

/* text += formatted text */
static void append(char **text, const char *add)
{
	size_t n = *text ? strlen(*text) : 0;

	*text = realloc(*text, n + strlen(add) + 1);
	if (!*text)
		abort();
	memcpy(*text + n, add, strlen(add) + 1);
}

static void append_hex(char **text, const void *bytes, size_t len)
{
	char *hex = malloc(len * 2 + 1);

	if (!hex)
		abort();
	for (size_t i = 0; i < len; i++)
		snprintf(hex + i * 2, 3, "%02x", ((const u8 *)bytes)[i]);
	append(text, hex);
	free(hex);
}

/* Attributes of links that are not compared: numbers of queues, statistics; a new kernel has more than can be told here. */
static bool is_left_out(u16 type)
{
	return type == IFLA_NUM_TX_QUEUES || type == IFLA_NUM_RX_QUEUES || type == IFLA_STATS ||
	       type == IFLA_STATS64;
}

/* Users and time of last use of a route are nobody's business. */
static void blank_route_cacheinfo(struct nlmsghdr *nlh)
{
	u8 *msg = (u8 *)nlh;

	for (size_t at = NLMSG_HDRLEN + sizeof(struct rtmsg); at + 4 <= nlh->nlmsg_len;) {
		const struct nlattr *a = (const void *)(msg + at);

		if (a->nla_type == RTA_CACHEINFO && a->nla_len >= 36) {
			memset(msg + at + 4, 0, 8);
			memset(msg + at + 20, 0, 4);
		}
		at += a->nla_len < 4 ? 4 : NLMSG_ALIGN(a->nla_len);
	}
}

/* As record.py: no sequence number and port, no times of addresses, of links not all */
static void filter_message(struct nlmsghdr *nlh)
{
	size_t at = NLMSG_HDRLEN, out;

	nlh->nlmsg_seq = nlh->nlmsg_pid = 0;
	if (nlh->nlmsg_type == RTM_NEWROUTE)
		blank_route_cacheinfo(nlh);
	if (nlh->nlmsg_type == RTM_NEWADDR || nlh->nlmsg_type == RTM_DELADDR)
		at += sizeof(struct ifaddrmsg);
	else if (nlh->nlmsg_type == RTM_NEWLINK || nlh->nlmsg_type == RTM_DELLINK)
		at += sizeof(struct ifinfomsg);
	else
		return;
	for (out = at; at < nlh->nlmsg_len;) {
		struct nlattr *a = (struct nlattr *)((u8 *)nlh + at);
		size_t len = MNL_ALIGN(a->nla_len);

		at += len;
		if (nlh->nlmsg_type >= RTM_NEWADDR && a->nla_type == IFA_CACHEINFO)
			memset((u8 *)a + 12, 0, 8);
		if (nlh->nlmsg_type <= RTM_DELLINK && is_left_out(mnl_attr_get_type(a)))
			continue;
		memmove((u8 *)nlh + out, a, len);
		out += len;
	}
	nlh->nlmsg_len = (u32)out;
}

static void append_message(char **text, const void *msg, size_t len)
{
	struct nlmsghdr *copy = malloc(len);

	if (!copy)
		abort();
	memcpy(copy, msg, len);
	filter_message(copy);
	append_hex(text, copy, copy->nlmsg_len);
	append(text, "\n");
	free(copy);
}

static void on_notify(struct net *net, u32 group, const void *msg, size_t len)
{
	struct replay *r = net->rtnl_notify_arg;
	char head[16];

	if (group >= 64 || !(r->groups >> group & 1))
		return;
	snprintf(head, sizeof(head), "! %u ", group);
	append(&r->heard[group], head);
	append_message(&r->heard[group], msg, len);
}

static void append_error(struct replay *r, const struct nlmsghdr *nlh)
{
	bool done = nlh->nlmsg_type == NLMSG_DONE;
	int err = *(const int *)mnl_nlmsg_get_payload(nlh);
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(int);
	unsigned off = 0, miss = 0;
	const struct nlattr *a;
	const char *text = "";
	char head[64];

	if (!done)
		skip = sizeof(int) + (nlh->nlmsg_flags & NLM_F_CAPPED ?
					      sizeof(e->msg) :
					      NLMSG_ALIGN(e->msg.nlmsg_len));
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
		mnl_attr_for_each(a, nlh, skip)
		{
			if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
				text = mnl_attr_get_str(a);
			else if (mnl_attr_get_type(a) == NLMSGERR_ATTR_OFFS)
				off = mnl_attr_get_u32(a);
			else if (mnl_attr_get_type(a) == 5) /* NLMSGERR_ATTR_MISS_TYPE */
				miss = mnl_attr_get_u32(a);
		}
	}
	snprintf(head, sizeof(head), "< %d %u %u%s", -err, off, miss, *text ? " " : "");
	append(&r->answer, head);
	append(&r->answer, text);
	append(&r->answer, "\n");
}

static void on_reply(void *arg, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;
	struct replay *r = arg;

	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		append_error(r, nlh);
		return;
	}
	append(&r->answer, "= ");
	append_message(&r->answer, msg, len);
}

static void ignore_reply(void *arg, const void *msg, size_t len)
{
}

int replay_message(struct replay *r, const void *msg)
{
	const struct nlmsghdr *nlh = msg;

	return rtnetlink_rcv_msg(r->net, nlh, nlh->nlmsg_len, ignore_reply, NULL);
}

static void request(struct replay *r, const char *hex)
{
	size_t len = strlen(hex) / 2;
	u8 *msg = calloc(1, len + 1);

	if (!msg)
		abort();
	for (size_t i = 0; i < len; i++) {
		unsigned v = 0;

		sscanf(hex + i * 2, "%2x", &v);
		msg[i] = (u8)v;
	}
	rtnetlink_rcv_msg(r->net, (struct nlmsghdr *)msg, len, on_reply, r);
	free(msg);
}

static void run_line(struct replay *r, const char *line)
{
	unsigned ifindex, group;
	char name[32];
	int n;

	if (!strncmp(line, "groups", 6)) {
		for (line += 6; sscanf(line, " %u%n", &group, &n) == 1; line += n)
			r->groups |= 1ul << group;
	} else if (sscanf(line, "device %31s %u", name, &ifindex) == 2) {
		if (!r->device(r, name, ifindex))
			append(&r->answer, "device failed\n");
	} else if (!strncmp(line, "> ", 2)) {
		r->steps++;
		request(r, line + 2);
	} else if (!r->command(r, line)) {
		append(&r->answer, "failed\n");
	}
}

static bool is_answer(const char *line)
{
	return *line == '<' || *line == '=' || *line == '!';
}

static void differs(struct replay *r, const char *comment, const char *line, const char *expected)
{
	if (r->differences++ >= SHOWN_MAX)
		return;
	printf("line %u %s\n%s\n- the kernel:\n%s- skiff:\n%s\n", r->line, comment, line, expected,
	       r->answer);
}

/* What was recorded behind a line. @next: the line behind it, *@more: there is one */
static char *recorded(struct replay *r, FILE *f, char **next, size_t *cap, bool *more)
{
	char *text = NULL;

	append(&text, "");
	while ((*more = getline(next, cap, f) > 0)) {
		r->line++;
		if (!is_answer(*next))
			break;
		append(&text, *next);
	}
	return text;
}

int replay_file(struct replay *r, const char *path)
{
	char *next = NULL, comment[128] = "";
	FILE *f = fopen(path, "r");
	size_t cap = 0;
	bool more;

	if (!f) {
		perror(path);
		return -1;
	}
	r->net->rtnl_notify = on_notify;
	r->net->rtnl_notify_arg = r;
	more = getline(&next, &cap, f) > 0;
	r->line = 1;
	while (more) {
		char *line, *expected;

		next[strcspn(next, "\n")] = 0;
		line = strdup(next);
		if (!line)
			abort();
		append(&r->answer, "");
		if (*line == '#')
			snprintf(comment, sizeof(comment), "%s", line);
		else
			run_line(r, line);
		for (unsigned g = 0; g < 64; g++) {
			append(&r->answer, r->heard[g] ? r->heard[g] : "");
			free(r->heard[g]);
			r->heard[g] = NULL;
		}
		expected = recorded(r, f, &next, &cap, &more);
		if (strcmp(expected, r->answer))
			differs(r, comment, line, expected);
		free(expected);
		free(line);
		free(r->answer);
		r->answer = NULL;
	}
	r->net->rtnl_notify = NULL;
	free(next);
	fclose(f);
	printf("%s: %u requests, %u differences\n", path, r->steps, r->differences);
	return r->differences || !r->steps;
}
