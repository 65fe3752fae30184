// SPDX-License-Identifier: BSD-2-Clause
/* net/core/nlattr.c - split a run of netlink attributes into a table, and prove each against a policy.
 *
 * After this no reader of an attribute checks lengths again: a number has its size, a string ends within its payload.
 */
#include "net/rtnetlink.h"

static u16 number_size(u8 type)
{
	switch (type) {
	case MNL_TYPE_U8:
		return 1;
	case MNL_TYPE_U16:
		return 2;
	case MNL_TYPE_U32:
		return 4;
	case MNL_TYPE_U64:
	case MNL_TYPE_MSECS:
		return 8;
	default:
		return 0;
	}
}

static u64 number_value(const struct nlattr *a, u16 size)
{
	u64 v = 0;

	memcpy(&v, mnl_attr_get_payload(a), size);
	return v;
}

static int bad_attr(struct netlink_ext_ack *extack, const struct nlattr *a, const char *msg,
		    int err)
{
	NL_SET_ERR_MSG_ATTR(extack, a, msg);
	return err;
}

static int check_number(const struct nlattr *a, const struct nla_policy_ *p, bool strict,
			struct netlink_ext_ack *extack)
{
	u16 size = number_size(p->type), len = mnl_attr_get_payload_len(a);
	u64 v;

	if (strict && len != size)
		return bad_attr(extack, a, "invalid attribute length", -EINVAL);
	if (len < size)
		return bad_attr(extack, a, "Attribute failed policy validation", -ERANGE);
	v = number_value(a, size);
	if (p->check == NLA_CHECK_RANGE && (v < p->lo || (p->hi && v > p->hi)))
		return bad_attr(extack, a, "integer out of range", -ERANGE);
	if (p->check == NLA_CHECK_MASK && (v & ~(u64)p->hi))
		return bad_attr(extack, a, "reserved bit set", -EINVAL);
	return 0;
}

/* string_error() - 0, or what is wrong with a string: it must be there, fit, and (NUL_STRING) end */
static int string_error(const struct nlattr *a, const struct nla_policy_ *p)
{
	const char *s = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);
	size_t look = p->len ? min_t(size_t, len, (size_t)p->len + 1) : len;

	if (p->type == MNL_TYPE_NUL_STRING && (!look || !memchr(s, 0, look)))
		return -EINVAL;
	if (!len)
		return -ERANGE;
	if (s[len - 1] == 0)
		len--;
	return p->len && len > p->len ? -ERANGE : 0;
}

static int length_error(const struct nlattr *a, const struct nla_policy_ *p)
{
	u16 len = mnl_attr_get_payload_len(a);

	switch (p->type) {
	case MNL_TYPE_FLAG:
		return len ? -ERANGE : 0;
	case MNL_TYPE_NESTED:
		return len && len < sizeof(struct nlattr) ? -ERANGE : 0;
	case MNL_TYPE_STRING:
	case MNL_TYPE_NUL_STRING:
		return string_error(a, p);
	default:
		if (p->check == NLA_CHECK_MAXLEN)
			return len > p->len ? -ERANGE : 0;
		if (p->check == NLA_CHECK_EXACT)
			return len != p->len ? -ERANGE : 0;
		return len < p->len ? -ERANGE : 0;
	}
}

static int check_attr(const struct nlattr *a, const struct nla_policy_ *p, bool strict,
		      struct netlink_ext_ack *extack)
{
	int err;

	if (p->check == NLA_CHECK_REJECT)
		return bad_attr(extack, a, "Attribute failed policy validation", -EINVAL);
	if (strict && p->type == MNL_TYPE_UNSPEC && !p->len)
		return bad_attr(extack, a, "Unsupported attribute", -EINVAL);
	if (strict && p->type == MNL_TYPE_NESTED && !(a->nla_type & NLA_F_NESTED))
		return bad_attr(extack, a, "NLA_F_NESTED is missing", -EINVAL);
	if (number_size(p->type))
		return check_number(a, p, strict, extack);
	err = length_error(a, p);
	if (err)
		return bad_attr(extack, a, "Attribute failed policy validation", err);
	return 0;
}

/**
 * nla_parse_() - attributes in @len bytes at @head into @tb[0..max]; the last of a type counts
 * @policy: max + 1 rows, or NULL: no check
 * @strict: refuse unknown types, sizes that are not exact and bytes left over
 * Return: 0; -EINVAL or -ERANGE with a sentence and the attribute
 */
int nla_parse_(const void *head, size_t len, const struct nlattr **tb, int max,
	       const struct nla_policy_ *policy, bool strict, struct netlink_ext_ack *extack)
{
	const struct nlattr *a = head;
	size_t rest = len;

	memset(tb, 0, sizeof(*tb) * ((size_t)max + 1));
	while (rest >= sizeof(*a) && a->nla_len >= sizeof(*a) && a->nla_len <= rest) {
		size_t step = MNL_ALIGN(a->nla_len);
		u16 type = a->nla_type & NLA_TYPE_MASK;

		if (type == 0 || type > max) {
			if (strict)
				return bad_attr(extack, a, "Unknown attribute type", -EINVAL);
		} else {
			int err = policy ? check_attr(a, &policy[type], strict, extack) : 0;

			if (err)
				return err;
			tb[type] = a;
		}
		rest -= min_t(size_t, step, rest);
		a = (const struct nlattr *)((const u8 *)a + step);
	}
	if (rest)
		NL_SET_ERR_MSG(extack, "bytes leftover after parsing attributes");
	return rest && strict ? -EINVAL : 0;
}

/** nlmsg_parse_() - the attributes of a message behind its header of @hdrlen bytes; see nla_parse_() */
int nlmsg_parse_(const struct nlmsghdr *nlh, size_t hdrlen, const struct nlattr **tb, int max,
		 const struct nla_policy_ *policy, bool strict, struct netlink_ext_ack *extack)
{
	size_t off = NLMSG_HDRLEN + NLMSG_ALIGN(hdrlen);

	if (nlh->nlmsg_len < NLMSG_HDRLEN + hdrlen) {
		NL_SET_ERR_MSG(extack, "Invalid header length");
		return -EINVAL;
	}
	return nla_parse_((const u8 *)nlh + off, nlh->nlmsg_len > off ? nlh->nlmsg_len - off : 0,
			  tb, max, policy, strict, extack);
}

/** nla_parse_nested_() - the attributes inside @nest, leniently */
int nla_parse_nested_(const struct nlattr *nest, const struct nlattr **tb, int max,
		      const struct nla_policy_ *policy, struct netlink_ext_ack *extack)
{
	return nla_parse_(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), tb, max,
			  policy, false, extack);
}
