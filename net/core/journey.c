// SPDX-License-Identifier: BSD-2-Clause
/* net/core/journey.c - words of a stage to the journey recorder, formatted only while somebody listens. */
#include "net/journey.h"
#include "net/net_namespace.h"

#include <stdarg.h>
#include <stdio.h>

/* Longer words are cut: they are for one line of a person's screen. */
#define JOURNEY_TEXT_MAX 256

/**
 * journey_printf() - report a setting that decided, or a note; called through journey_setting() and journey_note()
 * @setting: true: names a setting; false: a note
 * @fmt:     printf format; addresses with NIPFMT and NIPQUAD
 */
void journey_printf(struct net *net, bool setting, const char *fmt, ...)
{
	struct journey_sink *s = net->skiff->journey;
	struct drop_sink *drops = net->skiff->drops;
	char text[JOURNEY_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s && setting)
		s->setting(s, net, text);
	else if (s)
		s->note(s, net, text);
	if (drops && setting)
		drops->setting(drops, net, text);
}

/**
 * journey_sock_fmt() - report what a connection found or did; called through journey_sock(), while somebody listens
 */
void journey_sock_fmt(struct net *net, const struct sock *sk, const char *fmt, ...)
{
	struct journey_sink *s = net->skiff->journey;
	char text[JOURNEY_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->sock(s, net, sk, text);
}
