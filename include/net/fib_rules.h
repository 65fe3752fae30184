/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/fib_rules.h - policy rules: which table answers which flow (net/core/fib_rules.c). */
#ifndef NET_FIB_RULES_H
#define NET_FIB_RULES_H

#include <linux/fib_rules.h>

#include "net/flow.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"

struct nlattr;
struct nlmsghdr;
struct netlink_ext_ack;
struct fib_result;

/* Attributes that older <linux/fib_rules.h> lack. */
#define FRA_DSCP_	    25 /* u8, 6 bits */
#define FRA_FLOWLABEL_	    26
#define FRA_FLOWLABEL_MASK_ 27
#define FRA_SPORT_MASK_	    28 /* u16 */
#define FRA_DPORT_MASK_	    29 /* u16 */
#define FRA_DSCP_MASK_	    30 /* u8 */
#define FRA_MAX_	    30

#define FIB_RULE_NODEV UINT32_MAX /* iifindex, oifindex: a name is asked for that no device has */

/**
 * struct fib_rule - one rule: selectors, then what to do
 * @iifindex, @oifindex: 0: any; FIB_RULE_NODEV: matches nothing until a device of that name comes
 * @sport_range, @dport_range: host order, start 0: any; with @sport_mask, @dport_mask (not 0) only start counts
 * @uid_range:  0..UINT32_MAX: any
 * @suppress_prefixlen, @suppress_ifgroup: results to pass over, -1: none
 * @target:     of FR_ACT_GOTO; @ctarget: the rule there, NULL while there is none
 * @pref:       order of asking
 */
struct fib_rule {
	struct list_head list;
	struct net *net;
	u32 iifindex, oifindex;
	u32 mark, mark_mask;
	u32 flags; /* FIB_RULE_* */
	u32 table;
	u8 action; /* FR_ACT_* */
	u8 l3mdev;
	u8 proto; /* RTPROT_* */
	u8 ip_proto;
	u16 sport_mask, dport_mask;
	struct fib_rule_port_range sport_range, dport_range;
	struct fib_rule_uid_range uid_range;
	u64 tun_id;
	int suppress_prefixlen, suppress_ifgroup;
	u32 pref;
	u32 target;
	struct fib_rule *ctarget;
	char iifname[IFNAMSIZ], oifname[IFNAMSIZ];
	struct death_row_entry rcu;
};

/**
 * struct fib_lookup_arg - what a lookup carries through the rules
 * @result: filled by the table that answers; @rule: the rule that ended the search, NULL: none did
 * @flags:  FIB_LOOKUP_*
 */
struct fib_lookup_arg {
	struct fib_result *result;
	const struct fib_rule *rule;
	unsigned flags;
};

/* A request about a rule, taken apart. */
struct fib_rule_req {
	struct net *net;
	const struct fib_rule_hdr *frh;
	const struct nlattr *tb[FRA_MAX_ + 1];
	bool user_priority; /* the preference was given, not chosen */
	struct netlink_ext_ack *extack;
};

struct fib_rules_ops;

/**
 * struct fib_rules_family - what an address family adds (net/ipv4/fib4_rules.c)
 * @match:     the family's selectors
 * @action:    run the rule: 0, -EAGAIN (ask the next one) or the errno of the answer
 * @suppress:  the result is one that the rule passes over
 * @configure: the family's part of a new rule; 0 or -errno
 * @removed:   a rule goes
 * @compare:   does the rule have what the request names?
 * @fill:      the family's part of a message
 * @changed:   the set of rules is another: cached routes are worth nothing
 */
struct fib_rules_family {
	u8 family;
	u8 addr_size;
	u32 nlgroup;
	size_t rule_size;
	bool (*match)(const struct fib_rule *rule, const struct flowi4 *fl);
	int (*action)(const struct fib_rule *rule, struct flowi4 *fl, struct fib_lookup_arg *arg);
	bool (*suppress)(const struct fib_rule *rule, struct fib_lookup_arg *arg);
	int (*configure)(struct fib_rule *rule, const struct fib_rule_req *req);
	int (*removed)(struct fib_rule *rule);
	bool (*compare)(const struct fib_rule *rule, const struct fib_rule_req *req);
	void (*fill)(const struct fib_rule *rule, struct nlmsghdr *nlh);
	void (*changed)(struct net *net);
};

/**
 * struct fib_rules_ops - the rules of a family in a namespace
 * @rules_list: by preference, older ones first
 * @nr_goto_rules, @unresolved_rules: FR_ACT_GOTO in all, and those without a target
 */
struct fib_rules_ops {
	struct list_head list; /* net->fib_rules_ops */
	struct list_head rules_list;
	const struct fib_rules_family *family;
	struct net *net;
	u32 nr_goto_rules;
	u32 unresolved_rules;
};

struct fib_rules_ops *fib_rules_register(const struct fib_rules_family *family, struct net *net);
void fib_rules_unregister(struct fib_rules_ops *ops);
int fib_default_rule_add(struct fib_rules_ops *ops, u32 pref, u32 table);
int fib_rules_lookup(struct fib_rules_ops *ops, struct flowi4 *fl, struct fib_lookup_arg *arg);
void fib_rules_event(struct net_device *dev, enum netdev_cmd event);

/** fib_rule_has_ports() - it looks at protocol or ports, so packets must be dissected before routing */
static inline bool fib_rule_has_ports(const struct fib_rule *rule)
{
	return rule->ip_proto || rule->sport_range.start || rule->dport_range.start;
}

/** fib_rule_text() - "32766: from all lookup main", in iproute2's words; returns snprintf()'s length (fib4_rules_text.c) */
int fib_rule_text(const struct fib_rule *rule, char *buf, size_t size);

#endif
