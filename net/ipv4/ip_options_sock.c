// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_options_sock.c - IP options that users give (IP_OPTIONS, IP_RETOPTS) and get back. */
#include "net/inet_sock.h"

int ip_options_get(struct net *net, struct ip_options_data **optp, const void *data, u32 optlen)
{
	struct ip_options_data *opt = skiff_zalloc(net->skiff, sizeof(*opt));

	if (!opt)
		return -ENOMEM;
	if (optlen)
		memcpy(opt->data, data, optlen);
	while (optlen & 3)
		opt->data[optlen++] = IPOPT_END;
	opt->opt.optlen = (u8)optlen;
	if (optlen && __ip_options_compile(net, &opt->opt, opt->data, NULL, NULL)) {
		skiff_free(net->skiff, opt);
		return -EINVAL;
	}
	if (*optp)
		skiff_free(net->skiff, *optp);
	*optp = opt;
	return 0;
}

void ip_options_undo(struct ip_options_data *d)
{
	const struct ip_options *opt = &d->opt;
	u8 *p;

	if (opt->srr) {
		p = d->data + opt->srr - sizeof(struct iphdr);
		memmove(p + 7, p + 3, p[1] - 7u);
		memcpy(p + 3, &opt->faddr, 4);
	}
	if (opt->rr_needaddr) {
		p = d->data + opt->rr - sizeof(struct iphdr);
		p[2] = (u8)(p[2] - 4);
		memset(&p[p[2] - 1], 0, 4);
	}
	if (!opt->ts)
		return;
	p = d->data + opt->ts - sizeof(struct iphdr);
	if (opt->ts_needtime) {
		p[2] = (u8)(p[2] - 4);
		memset(&p[p[2] - 1], 0, 4);
		if ((p[3] & 0xf) == IPOPT_TS_PRESPEC)
			p[2] = (u8)(p[2] - 4);
	}
	if (opt->ts_needaddr) {
		p[2] = (u8)(p[2] - 4);
		memset(&p[p[2] - 1], 0, 4);
	}
}
