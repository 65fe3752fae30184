/* SPDX-License-Identifier: BSD-2-Clause */
/* net/core/fib_rules_internal.h - between fib_rules.c and fib_rules_nlmsg.c only. */
#ifndef NET_CORE_FIB_RULES_INTERNAL_H
#define NET_CORE_FIB_RULES_INTERNAL_H

#include "net/fib_rules.h"
#include "net/rtnetlink.h"

struct fib_rules_ops *fib_rules_lookup_ops(const struct net *net, u8 family);
struct fib_rule *fib_rule_alloc(struct fib_rules_ops *ops);
void fib_rule_free(struct fib_rule *rule);
void fib_rule_link(struct fib_rules_ops *ops, struct fib_rule *rule);
void fib_rule_unlink(struct fib_rules_ops *ops, struct fib_rule *rule);
u32 fib_default_rule_pref(const struct fib_rules_ops *ops);

/* fib_rules_nlmsg.c: messages to and from rules */
int fib_rule_parse(struct fib_rules_ops *ops, struct fib_rule_req *req, struct fib_rule *rule);
bool fib_rule_exists(const struct fib_rules_ops *ops, const struct fib_rule *rule,
		     const struct fib_rule_req *req);
struct fib_rule *fib_rule_find(const struct fib_rules_ops *ops, const struct fib_rule *wanted,
			       const struct fib_rule_req *req);
void fib_rule_fill(const struct fib_rules_ops *ops, const struct fib_rule *rule,
		   struct rtnl_msg *msg, u16 type, u32 seq, u32 portid, u16 flags);

#endif
