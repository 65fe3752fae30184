// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/metrics.c - the numbers a route carries for its users: MTU, hop limit, window, ... (RTA_METRICS).
 *
 * DOC: Metrics
 * A block of RTAX_MAX numbers, counted: the fib_info holds it, and so does every cached route that may outlive the
 * fib_info (a socket keeps its route over turns). Most routes set none and share no block at all: NULL.
 */
#include "engine/skiff.h"
#include "lib/fmt.h"
#include "net/ip_fib.h"
#include "net/rtnetlink.h"

#include "fib_semantics.h"

#define METRIC_MTU_MAX \
	(65535 - 15) /* bytes: what a length field leaves after the smallest link header */
#define METRIC_ADVMSS_MAX (65535 - 40) /* bytes: a full packet less two minimal headers */
#define METRIC_HOPS_MAX	  255
/* RTAX_FEATURE_ECN, SACK, TIMESTAMP, ALLFRAG, TCP_USEC_TS; the system's header may be older than the last */
#define METRIC_FEATURES 0x1fu
#define FEATURE_ECN_CA	(1u << 31) /* ours: the congestion control needs ECN; users do not see it */
#define CC_NAME_MAX	16

/* The numbers come first: users see only them. */
struct fib_metrics {
	u32 value[RTAX_MAX];
	u32 refs;
};
static_assert(RTAX_MAX == RTAX_MAX_, "dst.h counts the same metrics");

static struct fib_metrics *metrics_of(const u32 *value)
{
	return container_of(value, struct fib_metrics, value[0]);
}

/**
 * ip_fib_metrics_hold() - one more user of @metrics (NULL: nothing to do)
 */
void ip_fib_metrics_hold(const u32 *metrics)
{
	if (metrics)
		metrics_of(metrics)->refs++;
}

/**
 * ip_fib_metrics_put() - one user less; the last one frees (NULL: nothing to do)
 */
void ip_fib_metrics_put(struct skiff *skiff, const u32 *metrics)
{
	if (metrics && --metrics_of(metrics)->refs == 0)
		skiff_free(skiff, metrics_of(metrics));
}

/* A congestion control by name; the block holds its number, and in its features (*@features to be added) whether it needs ECN. */
static int metric_cc_algo(const struct nlattr *nla, u32 *value, u32 *features,
			  struct netlink_ext_ack *extack)
{
	u32 len = mnl_attr_get_payload_len(nla);
	char name[CC_NAME_MAX];
	bool ecn_ca = false;

	if (len >= sizeof(name))
		len = sizeof(name) - 1;
	memcpy(name, mnl_attr_get_payload(nla), len);
	name[len] = 0;
	*value = tcp_ca_get_key_by_name(name, &ecn_ca);
	if (!*value) {
		NL_SET_ERR_MSG(extack, "Unknown tcp congestion algorithm");
		return -EINVAL;
	}
	*features = ecn_ca ? FEATURE_ECN_CA : 0;
	return 0;
}

/* The value of one attribute as it is stored. */
static int metric_value(const struct nlattr *nla, u32 type, u32 *value,
			struct netlink_ext_ack *extack)
{
	if (mnl_attr_get_payload_len(nla) != sizeof(u32)) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "Invalid attribute in metrics");
		return -EINVAL;
	}
	*value = mnl_attr_get_u32(nla);
	switch (type) {
	case RTAX_ADVMSS:
		*value = min_t(u32, *value, METRIC_ADVMSS_MAX);
		break;
	case RTAX_MTU:
		*value = min_t(u32, *value, METRIC_MTU_MAX);
		break;
	case RTAX_HOPLIMIT:
		*value = min_t(u32, *value, METRIC_HOPS_MAX);
		break;
	case RTAX_FEATURES:
		if (*value & ~METRIC_FEATURES) {
			NL_SET_ERR_MSG(extack,
				       "Unknown flag set in feature mask in metrics attribute");
			return -EINVAL;
		}
		break;
	default:
		break;
	}
	return 0;
}

static int metrics_convert(const struct nlattr *fc_mx, u32 *value, struct netlink_ext_ack *extack)
{
	const struct nlattr *nla;
	u32 features = 0;

	mnl_attr_for_each_nested(nla, fc_mx)
	{
		u32 type = mnl_attr_get_type(nla);
		int err;

		if (!type)
			continue;
		if (type > RTAX_MAX) {
			NL_SET_ERR_MSG(extack, "Invalid metric type");
			return -EINVAL;
		}
		if (type == RTAX_CC_ALGO)
			err = metric_cc_algo(nla, &value[type - 1], &features, extack);
		else
			err = metric_value(nla, type, &value[type - 1], extack);
		if (err)
			return err;
	}
	value[RTAX_FEATURES - 1] |= features;
	return 0;
}

/**
 * ip_fib_metrics_init() - the metrics a request asks for
 * @fc_mx: RTA_METRICS, NULL if the request has none
 * @out:   set to a block with one user, or to NULL if nothing was asked for
 * Return: 0, -EINVAL with a sentence, -ENOMEM
 */
int ip_fib_metrics_init(struct net *net, const struct nlattr *fc_mx, u32 **out,
			struct netlink_ext_ack *extack)
{
	struct fib_metrics *m;
	int err;

	*out = NULL;
	if (!fc_mx)
		return 0;
	m = skiff_zalloc(net->skiff, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->refs = 1;
	err = metrics_convert(fc_mx, m->value, extack);
	if (err) {
		skiff_free(net->skiff, m);
		return err;
	}
	*out = m->value;
	return 0;
}

/**
 * fib_metrics_equal() - do two blocks say the same? NULL is a block of zeroes
 */
bool fib_metrics_equal(const u32 *a, const u32 *b)
{
	static const u32 none[RTAX_MAX];

	if (a == b)
		return true;
	return !memcmp(a ? a : none, b ? b : none, sizeof(none));
}

/* What an attribute of a request to delete stands for. */
static u32 metric_asked(const struct nlattr *nla, u32 type)
{
	u32 value, features;

	if (type == RTAX_CC_ALGO)
		return metric_cc_algo(nla, &value, &features, NULL) ? ~0u : value;
	return mnl_attr_get_payload_len(nla) == sizeof(u32) ? mnl_attr_get_u32(nla) : ~0u;
}

/**
 * fib_metrics_match() - does @fi have every metric that a request to delete names?
 */
bool fib_metrics_match(struct fib_config *cfg, struct fib_info *fi)
{
	const struct nlattr *nla;

	if (!cfg->fc_mx)
		return true;
	mnl_attr_for_each_nested(nla, cfg->fc_mx)
	{
		u32 type = mnl_attr_get_type(nla);
		u32 have;

		if (!type)
			continue;
		if (type > RTAX_MAX)
			return false;
		have = fi->fib_metrics ? fi->fib_metrics[type - 1] : 0;
		if (type == RTAX_FEATURES)
			have &= ~FEATURE_ECN_CA;
		if (have != metric_asked(nla, type))
			return false;
	}
	return true;
}

/**
 * fib_metric_put() - one number (not 0) as the user sees it: a congestion control by its name; -EMSGSIZE
 */
int fib_metric_put(struct nlmsghdr *nlh, size_t size, u16 type, u32 value)
{
	char name[CC_NAME_MAX];

	if (type == RTAX_CC_ALGO) {
		if (!tcp_ca_get_name_by_key(value, name))
			return 0;
		return mnl_attr_put_strz_check(nlh, size, type, name) ? 0 : -EMSGSIZE;
	}
	if (type == RTAX_FEATURES) {
		value &= ~FEATURE_ECN_CA;
		if (!value)
			return 0;
	}
	return mnl_attr_put_u32_check(nlh, size, type, value) ? 0 : -EMSGSIZE;
}

/**
 * fib_metrics_put() - RTA_METRICS with every number that is not 0; -EMSGSIZE
 */
int fib_metrics_put(struct nlmsghdr *nlh, size_t size, const u32 *metrics)
{
	struct nlattr *nest;
	bool some = false;

	for (int i = 0; metrics && i < RTAX_MAX; i++)
		some = some || metrics[i];
	if (!some)
		return 0;
	nest = nl_nest_start(nlh, size, RTA_METRICS);
	if (!nest)
		return -EMSGSIZE;
	for (int i = 0; i < RTAX_MAX; i++)
		if (metrics[i] && fib_metric_put(nlh, size, (u16)(i + 1), metrics[i]))
			return -EMSGSIZE;
	mnl_attr_nest_end(nlh, nest);
	return 0;
}
