// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/igmp_v3.c - IGMPv3 reports: the state of groups, and what changed in it.
 *
 * DOC: IGMPv3 reports
 * A report carries group records: of the current state (answers to queries), of a change of filter mode, or of sources
 * that came and went. Changes are told several times (robustness): crcount of a group and sf_crcount of a source say how
 * often yet. Groups that were left and sources that are no longer named wait in "tombs" until that is told.
 * A report is as long as the device's MTU allows; what does not fit goes into the next one. Only the list of excluded
 * sources is cut off instead, since two such records would contradict each other (RFC 3376 4.2.16).
 * Spec: RFC 3376 4.2, 5.
 */
#include "igmp_internal.h"

#include "net/ip.h"

/* A report that is being filled: @skb NULL while there is none. */
struct igmp_writer {
	struct in_device *in_dev;
	struct sk_buff *skb;
	struct igmpv3_grec *grec; /* record being filled, NULL: none in this packet */
	u32 nsrcs;
};

/* What is being written about a group. */
struct grec_kind {
	u8 type;
	bool gdeleted; /* the group was left */
	bool sdeleted; /* of the sources in the tomb */
};

static bool is_source_change(const struct grec_kind *k)
{
	return k->type == IGMPV3_ALLOW_NEW_SOURCES || k->type == IGMPV3_BLOCK_OLD_SOURCES;
}

static bool is_current_state(const struct grec_kind *k)
{
	return k->type == IGMPV3_MODE_IS_INCLUDE || k->type == IGMPV3_MODE_IS_EXCLUDE;
}

/* ---- packets ---- */

static u32 writer_room(const struct igmp_writer *w)
{
	u32 mtu = min_t(u32, w->in_dev->dev->mtu, IP_MAX_MTU);

	return w->skb && mtu > w->skb->len ? mtu - w->skb->len : 0;
}

static void writer_send(struct igmp_writer *w)
{
	if (w->grec)
		w->grec->grec_nsrcs = htons(w->nsrcs);
	if (w->skb)
		igmp_send_packet(IN_DEV_NET(w->in_dev), w->skb);
	w->skb = NULL;
	w->grec = NULL;
	w->nsrcs = 0;
}

/* The source must be one of the device's own addresses, else it is 0.0.0.0 (RFC 3376 4.2.13). */
static __be32 igmpv3_saddr(const struct in_device *in_dev, __be32 saddr)
{
	const struct in_ifaddr *ifa;

	in_dev_for_each_ifa(in_dev, ifa) {
		if (ifa->ifa_local == saddr)
			return saddr;
	}
	return 0;
}

static bool writer_new_packet(struct igmp_writer *w)
{
	u32 mtu = min_t(u32, w->in_dev->dev->mtu, IP_MAX_MTU);
	struct igmpv3_report *r;
	struct iphdr *iph;

	w->skb = igmp_new_packet(w->in_dev, IGMPV3_ALL_MCR, mtu);
	if (!w->skb)
		return false;
	iph = ip_hdr(w->skb);
	iph->saddr = igmpv3_saddr(w->in_dev, iph->saddr);
	r = (struct igmpv3_report *)skb_put_zero(w->skb, sizeof(*r));
	r->type = IGMPV3_HOST_MEMBERSHIP_REPORT;
	return true;
}

/* writer_record() - begin a record; false: no packet to be had */
static bool writer_record(struct igmp_writer *w, const struct ip_mc_list *pmc, u8 type)
{
	struct igmpv3_report *r;

	if (!w->skb && !writer_new_packet(w))
		return false;
	w->grec = (struct igmpv3_grec *)skb_put_zero(w->skb, sizeof(*w->grec));
	w->grec->grec_type = type;
	w->grec->grec_mca = pmc->multiaddr;
	w->nsrcs = 0;
	r = (struct igmpv3_report *)skb_transport_header(w->skb);
	r->ngrec = htons(ntohs(r->ngrec) + 1);
	return true;
}

static void writer_end_record(struct igmp_writer *w)
{
	if (w->grec)
		w->grec->grec_nsrcs = htons(w->nsrcs);
	w->grec = NULL;
	w->nsrcs = 0;
}

/* ---- what goes into a record ---- */

/* is_in_state() - does source @psf belong into a record of the group's current state? */
static bool is_in_state(const struct ip_mc_list *pmc, const struct ip_sf_list *psf, u8 type)
{
	if (pmc->gsquery && !psf->sf_gsresp)
		return false;
	if (pmc->sfmode == MCAST_INCLUDE)
		return true;
	/* Excluded is only what every member excludes and none includes. */
	if (psf->sf_count[MCAST_INCLUDE])
		return type == IGMPV3_MODE_IS_INCLUDE;
	return pmc->sfcount[MCAST_EXCLUDE] == psf->sf_count[MCAST_EXCLUDE];
}

/* is_in() - does source @psf belong into a record of kind @k? (RFC 3376 5.1, 5.2) */
static bool is_in(const struct ip_mc_list *pmc, const struct ip_sf_list *psf,
		  const struct grec_kind *k)
{
	bool gone = k->gdeleted || k->sdeleted;

	switch (k->type) {
	case IGMPV3_MODE_IS_INCLUDE:
	case IGMPV3_MODE_IS_EXCLUDE:
		return !gone && is_in_state(pmc, psf, k->type);
	case IGMPV3_CHANGE_TO_INCLUDE:
		return !gone && psf->sf_count[MCAST_INCLUDE];
	case IGMPV3_CHANGE_TO_EXCLUDE:
		return !gone && pmc->sfcount[MCAST_EXCLUDE] && !psf->sf_count[MCAST_INCLUDE] &&
		       pmc->sfcount[MCAST_EXCLUDE] == psf->sf_count[MCAST_EXCLUDE];
	case IGMPV3_ALLOW_NEW_SOURCES:
		return !k->gdeleted && psf->sf_crcount &&
		       (pmc->sfmode == MCAST_INCLUDE) != k->sdeleted;
	default: /* IGMPV3_BLOCK_OLD_SOURCES */
		if (pmc->sfmode == MCAST_INCLUDE)
			return k->gdeleted || (psf->sf_crcount && k->sdeleted);
		return psf->sf_crcount && !gone;
	}
}

static u32 grec_size(const struct ip_mc_list *pmc, const struct grec_kind *k)
{
	const struct ip_sf_list *psf = k->sdeleted ? pmc->tomb : pmc->sources;
	u32 size = sizeof(struct igmpv3_grec);

	for (; psf; psf = psf->sf_next)
		size += is_in(pmc, psf, k) ? 4 : 0;
	return size;
}

/* grec_source() - add one source, in a further packet if this one is full. false: it must be left out, or no packet */
static bool grec_source(struct igmp_writer *w, const struct ip_mc_list *pmc,
			const struct grec_kind *k, __be32 addr)
{
	bool truncate = k->type == IGMPV3_MODE_IS_EXCLUDE || k->type == IGMPV3_CHANGE_TO_EXCLUDE;
	u32 need = 4 + (w->grec ? 0 : (u32)sizeof(struct igmpv3_grec));

	if (w->skb && writer_room(w) < need) {
		if (truncate && w->grec)
			return false;
		writer_send(w);
	}
	if (!w->grec && !writer_record(w, pmc, k->type))
		return false;
	put_unaligned32(addr, skb_put(w->skb, 4));
	w->nsrcs++;
	return true;
}

/* told_once() - a change of @psf was told; Return: it is over and done with, and was only kept for that */
static bool told_once(struct ip_sf_list *psf, const struct grec_kind *k)
{
	if (!is_source_change(k) || !psf->sf_crcount)
		return false;
	psf->sf_crcount--;
	return (k->sdeleted || k->gdeleted) && !psf->sf_crcount;
}

/* add_sources() - the sources of @pmc that belong into a record of kind @k. Return: how many were written */
static u32 add_sources(struct igmp_writer *w, struct ip_mc_list *pmc, const struct grec_kind *k)
{
	struct ip_sf_list **p = k->sdeleted ? &pmc->tomb : &pmc->sources, *psf;
	/* RFC 3376 5.1: a change of mode says it all, sources are not told besides. */
	bool mode_changes = k->gdeleted ? pmc->sfmode == MCAST_EXCLUDE : pmc->crcount != 0;
	u32 total = 0;

	while ((psf = *p)) {
		if (!is_in(pmc, psf, k)) {
			p = &psf->sf_next;
			continue;
		}
		if (!(mode_changes && is_source_change(k) && psf->sf_crcount)) {
			if (is_current_state(k))
				psf->sf_gsresp = 0;
			if (!grec_source(w, pmc, k, psf->sf_inaddr))
				break;
			total++;
		}
		if (told_once(psf, k)) {
			*p = psf->sf_next;
			skiff_free(IN_DEV_NET(w->in_dev)->skiff, psf);
		} else {
			p = &psf->sf_next;
		}
	}
	return total;
}

/* add_grec() - a record of kind @k about group @pmc, if there is something to say */
static void add_grec(struct igmp_writer *w, struct ip_mc_list *pmc, const struct grec_kind *k)
{
	bool truncate = k->type == IGMPV3_MODE_IS_EXCLUDE || k->type == IGMPV3_CHANGE_TO_EXCLUDE;

	if (!igmp_reported(w->in_dev, pmc->multiaddr) || w->in_dev->dev->mtu < IPV4_MIN_MTU)
		return;
	/* A list that would be cut off gets a packet of its own. */
	if (truncate && (k->sdeleted ? pmc->tomb : pmc->sources) && w->skb &&
	    writer_room(w) < grec_size(pmc, k))
		writer_send(w);
	if (!add_sources(w, pmc, k) && !is_source_change(k) &&
	    (pmc->crcount || is_current_state(k))) {
		if (w->skb && writer_room(w) < sizeof(struct igmpv3_grec))
			writer_send(w);
		writer_record(w, pmc, k->type);
	}
	writer_end_record(w);
	if (is_current_state(k))
		pmc->gsquery = 0;
}

/**
 * igmpv3_send_report() - the current state of one group, or (@pmc NULL) of all on the device
 */
void igmpv3_send_report(struct in_device *in_dev, struct ip_mc_list *pmc)
{
	struct igmp_writer w = { .in_dev = in_dev };
	struct ip_mc_list *im;

	for (im = pmc ? pmc : in_dev->mc_list; im; im = im->next) {
		struct grec_kind k = { .type = im->sfcount[MCAST_EXCLUDE] ?
						       IGMPV3_MODE_IS_EXCLUDE :
						       IGMPV3_MODE_IS_INCLUDE };

		add_grec(&w, im, &k);
		if (pmc)
			break;
	}
	writer_send(&w);
}

/* ---- changes ---- */

/* A group that was left: its sources are blocked, or it goes to including nothing. Return: all of it was told often enough */
static bool send_cr_deleted(struct igmp_writer *w, struct ip_mc_list *pmc)
{
	struct net *net = IN_DEV_NET(w->in_dev);

	if (pmc->sfmode == MCAST_INCLUDE) {
		add_grec(w, pmc, &(struct grec_kind){ IGMPV3_BLOCK_OLD_SOURCES, true, false });
		add_grec(w, pmc, &(struct grec_kind){ IGMPV3_BLOCK_OLD_SOURCES, true, true });
	}
	if (pmc->crcount) {
		if (pmc->sfmode == MCAST_EXCLUDE)
			add_grec(w, pmc,
				 &(struct grec_kind){ IGMPV3_CHANGE_TO_INCLUDE, true, false });
		if (!--pmc->crcount) {
			ip_sf_free_told(net, &pmc->tomb);
			ip_sf_free_told(net, &pmc->sources);
		}
	}
	return !pmc->crcount && !pmc->tomb && !pmc->sources;
}

static void send_cr_group(struct igmp_writer *w, struct ip_mc_list *pmc)
{
	bool exclude = pmc->sfcount[MCAST_EXCLUDE] != 0;
	struct grec_kind k = { exclude ? IGMPV3_BLOCK_OLD_SOURCES : IGMPV3_ALLOW_NEW_SOURCES, false,
			       false };

	add_grec(w, pmc, &k);
	k.type = exclude ? IGMPV3_ALLOW_NEW_SOURCES : IGMPV3_BLOCK_OLD_SOURCES;
	k.sdeleted = true;
	add_grec(w, pmc, &k);
	if (!pmc->crcount)
		return;
	k.type = pmc->sfmode == MCAST_EXCLUDE ? IGMPV3_CHANGE_TO_EXCLUDE : IGMPV3_CHANGE_TO_INCLUDE;
	k.sdeleted = false;
	add_grec(w, pmc, &k);
	pmc->crcount--;
}

/**
 * igmpv3_send_cr() - tell once more of all changes that were not told often enough
 */
void igmpv3_send_cr(struct in_device *in_dev)
{
	struct igmp_writer w = { .in_dev = in_dev };
	struct ip_mc_list **p = &in_dev->mc_tomb, *pmc;

	while ((pmc = *p)) {
		if (send_cr_deleted(&w, pmc)) {
			*p = pmc->next;
			skiff_free(IN_DEV_NET(in_dev)->skiff, pmc);
		} else {
			p = &pmc->next;
		}
	}
	for (pmc = in_dev->mc_list; pmc; pmc = pmc->next)
		send_cr_group(&w, pmc);
	writer_send(&w);
}

/* ---- groups that were left ---- */

static void igmpv3_free_delrec(struct net *net, struct ip_mc_list *pmc)
{
	ip_sf_free(net, &pmc->tomb);
	ip_sf_free(net, &pmc->sources);
	skiff_free(net->skiff, pmc);
}

/**
 * igmpv3_add_delrec() - group @im is being left: remember what has to be told of it
 * @im: its sources go to the record. Without memory nothing is told; routers find out by their next query.
 */
void igmpv3_add_delrec(struct in_device *in_dev, struct ip_mc_list *im)
{
	struct ip_mc_list *pmc = skiff_zalloc(IN_DEV_NET(in_dev)->skiff, sizeof(*pmc));
	struct ip_sf_list *psf;

	if (!pmc)
		return;
	pmc->interface = in_dev;
	pmc->multiaddr = im->multiaddr;
	pmc->crcount = igmp_qrv(in_dev);
	pmc->sfmode = im->sfmode;
	if (pmc->sfmode == MCAST_INCLUDE) {
		pmc->tomb = im->tomb;
		pmc->sources = im->sources;
		im->tomb = im->sources = NULL;
		for (psf = pmc->sources; psf; psf = psf->sf_next)
			psf->sf_crcount = pmc->crcount;
	}
	pmc->next = in_dev->mc_tomb;
	in_dev->mc_tomb = pmc;
}

/**
 * igmpv3_del_delrec() - group @im is joined again: what was to be told of its end is not, its state is
 */
void igmpv3_del_delrec(struct in_device *in_dev, struct ip_mc_list *im)
{
	struct ip_mc_list **p = &in_dev->mc_tomb, *pmc;
	struct ip_sf_list *psf;

	while (*p && (*p)->multiaddr != im->multiaddr)
		p = &(*p)->next;
	pmc = *p;
	if (!pmc)
		return;
	*p = pmc->next;
	if (im->sfmode == MCAST_INCLUDE) {
		struct ip_sf_list *tomb = im->tomb, *sources = im->sources;

		im->tomb = pmc->tomb;
		im->sources = pmc->sources;
		pmc->tomb = tomb;
		pmc->sources = sources;
		for (psf = im->sources; psf; psf = psf->sf_next)
			psf->sf_crcount = igmp_qrv(in_dev);
	} else {
		im->crcount = igmp_qrv(in_dev);
	}
	igmpv3_free_delrec(IN_DEV_NET(in_dev), pmc);
}

/**
 * igmpv3_clear_delrec() - forget all that is still to be told of ends: routers speak an older version, or IPv4 leaves the device
 */
void igmpv3_clear_delrec(struct in_device *in_dev)
{
	struct net *net = IN_DEV_NET(in_dev);
	struct ip_mc_list *pmc;

	while ((pmc = in_dev->mc_tomb)) {
		in_dev->mc_tomb = pmc->next;
		igmpv3_free_delrec(net, pmc);
	}
	for (pmc = in_dev->mc_list; pmc; pmc = pmc->next)
		ip_sf_free(net, &pmc->tomb);
}
