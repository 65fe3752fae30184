/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_minmax.c - the least or greatest of the measurements in a sliding window, remembering three.
 *
 * DOC: Windowed filter
 * Kept are the best measurement of the window, the best one after it and the best one after that. When the first grows too
 * old the next takes its place, so the filter is never empty; a second and a third choice are taken from the window's second
 * quarter and second half if nothing better came. Times only have to be of one unit and may wrap.
 */
#include "tcp_ack.h"

u32 minmax_reset(struct minmax3 *m, u32 t, u32 meas)
{
	for (int i = 0; i < 3; i++) {
		m->s[i].t = t;
		m->s[i].v = meas;
	}
	return meas;
}

static void minmax_shift(struct minmax3 *m, u32 t, u32 meas)
{
	m->s[0] = m->s[1];
	m->s[1] = m->s[2];
	m->s[2].t = t;
	m->s[2].v = meas;
}

/* The measurement is in its place; now age the three. */
static u32 minmax_age(struct minmax3 *m, u32 win, u32 t, u32 meas)
{
	u32 dt = t - m->s[0].t;

	if (dt > win) {
		minmax_shift(m, t, meas);
		if (t - m->s[0].t > win)
			minmax_shift(m, t, meas);
	} else if (m->s[1].t == m->s[0].t && dt > win / 4) {
		m->s[1].t = m->s[2].t = t;
		m->s[1].v = m->s[2].v = meas;
	} else if (m->s[2].t == m->s[1].t && dt > win / 2) {
		m->s[2].t = t;
		m->s[2].v = meas;
	}
	return m->s[0].v;
}

static bool no_worse(bool max, u32 a, u32 b)
{
	return max ? a >= b : a <= b;
}

static u32 minmax_running(struct minmax3 *m, u32 win, u32 t, u32 meas, bool max)
{
	if (no_worse(max, meas, m->s[0].v) || t - m->s[2].t > win)
		return minmax_reset(m, t, meas);
	if (no_worse(max, meas, m->s[1].v)) {
		m->s[1].t = m->s[2].t = t;
		m->s[1].v = m->s[2].v = meas;
	} else if (no_worse(max, meas, m->s[2].v)) {
		m->s[2].t = t;
		m->s[2].v = meas;
	}
	return minmax_age(m, win, t, meas);
}

u32 minmax_running_min(struct minmax3 *m, u32 win, u32 t, u32 meas)
{
	return minmax_running(m, win, t, meas, false);
}

u32 minmax_running_max(struct minmax3 *m, u32 win, u32 t, u32 meas)
{
	return minmax_running(m, win, t, meas, true);
}
