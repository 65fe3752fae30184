/* SPDX-License-Identifier: BSD-2-Clause */
/* explain/connection_event.h - what a connection's story consists of, and its printers. For explain/ only. */
#ifndef EXPLAIN_CONNECTION_EVENT_H
#define EXPLAIN_CONNECTION_EVENT_H

#include "net/types.h"

enum event_kind { EVENT_FLOW, EVENT_SEGMENT, EVENT_STATE, EVENT_NOTE };
/* What is notable about a segment; equal ones in a row are counted together. */
enum seg_kind {
	SEG_PLAIN,
	SEG_FLAGS,
	SEG_AGAIN,
	SEG_BEYOND,
	SEG_SACK,
	SEG_DUPACK,
	SEG_NO_WINDOW,
	SEG_PROBE
};

/* One direction of segments without trouble: bytes from..to, bare ACKs and the last number acknowledged. */
struct flow_part {
	u32 segs, acks;
	u32 from, to;
	u32 ack;
};

/**
 * struct conn_event - times in ns from the connection's first segment on; sequence numbers from the direction's first
 * @part:  FLOW: [0] in, [1] out
 * @count: SEGMENT: how many equal ones; @from..@to: their bytes; STATE: the states before and after
 * @wscale: -1: not offered
 */
struct conn_event {
	u64 at, last;
	enum event_kind kind;
	enum seg_kind seg_kind;
	struct flow_part part[2];
	u32 count, from, to, ack;
	u32 sack[2];
	u16 window, mss;
	u8 flags, sacks;
	s8 wscale;
	bool out, sack_ok, ts;
	char *text;
};

struct story {
	const char *net;
	__be32 laddr, faddr;
	__be16 lport, fport;
	u64 start;
	bool passive;
	const struct conn_event *event;
	u32 n, lost;
};

size_t story_text(const struct story *s, char *buf, size_t size);
size_t story_json(const struct story *s, char *buf, size_t size);

#endif
