// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/igmp_source.c - from which sources a group is wanted: the filters of all members, made into one.
 *
 * DOC: Source filters
 * Each member of a group has a filter: INCLUDE some sources, or EXCLUDE some. The device's filter follows (RFC 3376 3.2):
 * if anybody excludes, EXCLUDE what all of them exclude and nobody includes; else INCLUDE what anybody includes. It is
 * kept as counts: per group how many members there are of each mode, per source how many name it in each mode.
 * A change compares before (sf_oldin) and after: a source whose state changed is told by change records (igmp_v3.c), and
 * a change of the device's mode replaces them all.
 */
#include "igmp_internal.h"

#include "net/route.h"

/** ip_sf_free() - free a list of sources */
void ip_sf_free(struct net *net, struct ip_sf_list **list)
{
	struct ip_sf_list *psf;

	while ((psf = *list)) {
		*list = psf->sf_next;
		skiff_free(net->skiff, psf);
	}
}

/** ip_sf_free_told() - free those of whom nothing is left to be told */
void ip_sf_free_told(struct net *net, struct ip_sf_list **list)
{
	struct ip_sf_list *psf;

	while ((psf = *list)) {
		if (psf->sf_crcount) {
			list = &psf->sf_next;
			continue;
		}
		*list = psf->sf_next;
		skiff_free(net->skiff, psf);
	}
}

static struct ip_sf_list **sf_find(struct ip_sf_list **list, __be32 addr)
{
	while (*list && (*list)->sf_inaddr != addr)
		list = &(*list)->sf_next;
	return list;
}

/* sf_effective() - is @psf one of the sources that the device's filter names? */
static bool sf_effective(const struct ip_mc_list *pmc, const struct ip_sf_list *psf)
{
	if (!pmc->sfcount[MCAST_EXCLUDE])
		return psf->sf_count[MCAST_INCLUDE] != 0;
	return psf->sf_count[MCAST_EXCLUDE] == pmc->sfcount[MCAST_EXCLUDE] &&
	       !psf->sf_count[MCAST_INCLUDE];
}

static void sf_markstate(struct ip_mc_list *pmc)
{
	struct ip_sf_list *psf;

	for (psf = pmc->sources; psf; psf = psf->sf_next)
		psf->sf_oldin = sf_effective(pmc, psf);
}

/* sf_bury() - @psf is named by members, but no longer effective: tell so */
static void sf_bury(struct ip_mc_list *pmc, struct ip_sf_list *psf)
{
	struct ip_sf_list *d = *sf_find(&pmc->tomb, psf->sf_inaddr);

	psf->sf_crcount = 0;
	if (!d) {
		d = skiff_zalloc(IN_DEV_NET(pmc->interface)->skiff, sizeof(*d));
		if (!d)
			return;
		*d = *psf;
		d->sf_next = pmc->tomb;
		pmc->tomb = d;
	}
	d->sf_crcount = igmp_qrv(pmc->interface);
}

/* sf_setstate() - compare with what sf_markstate() saw; Return: something changed that has to be told */
static bool sf_setstate(struct ip_mc_list *pmc)
{
	struct net *net = IN_DEV_NET(pmc->interface);
	struct ip_sf_list *psf, **d, *dead;
	bool changed = false;

	for (psf = pmc->sources; psf; psf = psf->sf_next) {
		bool now = sf_effective(pmc, psf);

		if (now == !!psf->sf_oldin)
			continue;
		changed = true;
		if (!now) {
			sf_bury(pmc, psf);
			continue;
		}
		d = sf_find(&pmc->tomb, psf->sf_inaddr);
		dead = *d;
		if (dead) {
			*d = dead->sf_next;
			skiff_free(net->skiff, dead);
		}
		psf->sf_crcount = igmp_qrv(pmc->interface);
	}
	return changed;
}

static int ip_mc_add1_src(struct ip_mc_list *pmc, u32 sfmode, __be32 addr)
{
	struct net *net = IN_DEV_NET(pmc->interface);
	struct ip_sf_list **p = sf_find(&pmc->sources, addr), *psf = *p;

	if (!psf) {
		psf = skiff_zalloc(net->skiff, sizeof(*psf));
		if (!psf)
			return -ENOMEM;
		psf->sf_inaddr = addr;
		*p = psf;
	}
	if (psf->sf_count[sfmode]++ == 0)
		rt_cache_flush(net);
	return 0;
}

/* ip_mc_del1_src() - Return: 1 if the end of a source has to be told, 0, or -ESRCH */
static int ip_mc_del1_src(struct ip_mc_list *pmc, u32 sfmode, __be32 addr)
{
	struct in_device *in_dev = pmc->interface;
	struct ip_sf_list **p = sf_find(&pmc->sources, addr), *psf = *p;

	if (!psf || !psf->sf_count[sfmode])
		return -ESRCH;
	if (--psf->sf_count[sfmode] == 0)
		rt_cache_flush(IN_DEV_NET(in_dev));
	if (psf->sf_count[MCAST_INCLUDE] || psf->sf_count[MCAST_EXCLUDE])
		return 0;
	*p = psf->sf_next;
	if (!psf->sf_oldin || igmp_v1_seen(in_dev) || igmp_v2_seen(in_dev)) {
		skiff_free(IN_DEV_NET(in_dev)->skiff, psf);
		return 0;
	}
	psf->sf_crcount = igmp_qrv(in_dev);
	psf->sf_next = pmc->tomb;
	pmc->tomb = psf;
	return 1;
}

/* ip_mc_mode_changed() - the device's filter goes to @mode: that is told, not the single sources */
static void ip_mc_mode_changed(struct ip_mc_list *pmc, u32 mode)
{
	struct ip_sf_list *psf;

	pmc->sfmode = mode;
	pmc->crcount = igmp_qrv(pmc->interface);
	for (psf = pmc->sources; psf; psf = psf->sf_next)
		psf->sf_crcount = 0;
	igmp_ifc_event(pmc->interface);
}

/**
 * ip_mc_add_src() - a member of a group names more sources
 * @sfmode: MCAST_INCLUDE or MCAST_EXCLUDE, the member's mode
 * @delta:  false: it is a new member (then @n may be 0); true: a member that is counted
 * Return:  0; -ENODEV: the group is not joined; -ENOMEM: nothing was changed
 */
int ip_mc_add_src(struct in_device *in_dev, __be32 addr, u32 sfmode, const __be32 *src, u32 n,
		  bool delta)
{
	struct ip_mc_list *pmc = ip_mc_find(in_dev, addr);
	bool exclude;
	u32 i;

	if (!pmc)
		return -ENODEV;
	sf_markstate(pmc);
	exclude = pmc->sfmode == MCAST_EXCLUDE;
	pmc->sfcount[sfmode] += !delta;
	for (i = 0; i < n; i++) {
		if (!ip_mc_add1_src(pmc, sfmode, src[i]))
			continue;
		pmc->sfcount[sfmode] -= !delta;
		while (i-- > 0)
			ip_mc_del1_src(pmc, sfmode, src[i]);
		return -ENOMEM;
	}
	if (exclude != (pmc->sfcount[MCAST_EXCLUDE] != 0))
		ip_mc_mode_changed(pmc, pmc->sfcount[MCAST_EXCLUDE] ? MCAST_EXCLUDE :
					pmc->sfcount[MCAST_INCLUDE] ? MCAST_INCLUDE :
								      pmc->sfmode);
	else if (sf_setstate(pmc))
		igmp_ifc_event(in_dev);
	return 0;
}

/**
 * ip_mc_del_src() - a member of a group no longer names these sources
 * @delta: false: the member leaves; true: it stays with the rest of its filter
 * Return: 0; -ENODEV: the group is not joined; -EINVAL: no member of this mode; -ESRCH: a source was not named (the
 *         others are taken out all the same)
 */
int ip_mc_del_src(struct in_device *in_dev, __be32 addr, u32 sfmode, const __be32 *src, u32 n,
		  bool delta)
{
	struct ip_mc_list *pmc = ip_mc_find(in_dev, addr);
	bool changed = false;
	int err = 0;
	u32 i;

	if (!pmc)
		return -ENODEV;
	sf_markstate(pmc);
	if (!delta) {
		if (!pmc->sfcount[sfmode])
			return -EINVAL;
		pmc->sfcount[sfmode]--;
	}
	for (i = 0; i < n; i++) {
		int ret = ip_mc_del1_src(pmc, sfmode, src[i]);

		changed |= ret > 0;
		if (ret < 0 && !err)
			err = ret;
	}
	if (pmc->sfmode == MCAST_EXCLUDE && !pmc->sfcount[MCAST_EXCLUDE] &&
	    pmc->sfcount[MCAST_INCLUDE])
		ip_mc_mode_changed(pmc, MCAST_INCLUDE);
	else if (sf_setstate(pmc) || changed)
		igmp_ifc_event(in_dev);
	return err;
}

/* mark_excluded() - a query for sources of a group in mode EXCLUDE: is any of them wanted? */
static bool mark_excluded(struct ip_mc_list *pmc, const __be32 *srcs, u32 n)
{
	const struct ip_sf_list *psf;
	u32 found = 0, i;

	for (psf = pmc->sources; psf && found < n; psf = psf->sf_next) {
		if (!sf_effective(pmc, psf))
			continue;
		for (i = 0; i < n && get_unaligned32(&srcs[i]) != psf->sf_inaddr; i++)
			;
		found += i < n;
	}
	pmc->gsquery = 0;
	return found != n;
}

/**
 * igmp_marksources() - a router asks whether sources of a group are wanted: note those that the answer will name
 * Return: there is something to answer (in mode EXCLUDE the whole group)
 */
bool igmp_marksources(struct ip_mc_list *pmc, const __be32 *srcs, u32 n)
{
	struct ip_sf_list *psf;
	u32 found = 0, i;

	if (pmc->sfmode == MCAST_EXCLUDE)
		return mark_excluded(pmc, srcs, n);
	for (psf = pmc->sources; psf && found < n; psf = psf->sf_next) {
		for (i = 0; i < n && get_unaligned32(&srcs[i]) != psf->sf_inaddr; i++)
			;
		if (i == n)
			continue;
		psf->sf_gsresp = 1;
		found++;
	}
	pmc->gsquery = found != 0;
	return found != 0;
}
