/* SPDX-License-Identifier: BSD-2-Clause */
/* include/skiff/explain.h - ask the stack why: journeys of packets, live or hypothetical.
 *
 * A journey is the ordered list of what one packet met: functions (as the seed names them), hooks
 * with verdicts, the route found with table and rule, neighbour, device, counters bumped, and at a
 * drop Linux's reason, its sentence and the setting that decided.
 */
#ifndef SKIFF_EXPLAIN_H
#define SKIFF_EXPLAIN_H

#include "skiff/skiff.h"

#ifdef __cplusplus
extern "C" {
#endif

struct skiff_recorder; /* collects journeys of all packets of a shard while it lives */

enum skiff_step_kind {
	SKIFF_STEP_IN,	 /* frame arrived: dev */
	SKIFF_STEP_FN,	 /* function entered: name */
	SKIFF_STEP_HOOK, /* netfilter hook: name ("PRE_ROUTING"), text = verdict */
	SKIFF_STEP_ROUTE, /* route lookup: text ("10.9.0.0/16 via 10.0.1.2 dev e1 table main rule 32766") */
	SKIFF_STEP_NEIGH,   /* neighbour used: text ("10.0.1.2 dev e1 lladdr 02:.. REACHABLE") */
	SKIFF_STEP_COUNTER, /* counter bumped: name ("Ip.InReceives"), value = by how much */
	SKIFF_STEP_SETTING, /* a setting decided: text ("net.ipv4.conf.e0.rp_filter=1") */
	SKIFF_STEP_OUT,	    /* frame handed to a device: dev; frame, len */
	SKIFF_STEP_DROP,    /* dropped: name = reason, fn = function, text = sentence */
	SKIFF_STEP_NOTE,    /* anything else worth a line: text */
};

enum skiff_fate {
	SKIFF_FATE_DELIVERED, /* it was for this node, and was taken */
	SKIFF_FATE_FORWARDED, /* it, or its fragments, left again */
	SKIFF_FATE_DROPPED,
	SKIFF_FATE_QUEUED, /* it waits: for its next hop's address, or for its other fragments */
	SKIFF_FATE_SENT	   /* the node made it, and it left */
};

/**
 * struct skiff_step - one step of a journey; strings live as long as the journey
 * @depth:  0 for the packet itself, 1 for a packet that it caused (ICMP error, reply, fragment), ...
 * @later:  true if it happened after the frame was done: a timer did it, or another frame (then @by is its id)
 * @by:     0, or the id of the journey of the frame that was handled meanwhile; that journey lists the step too
 * @of:     OUT: 0, or the id of the journey that the frame which left belongs to; that one has it with @by
 * @at_ns:  when
 * @value:  counters: by how much
 * @frame:  IN and OUT: the Ethernet frame
 */
struct skiff_step {
	enum skiff_step_kind kind;
	unsigned depth;
	bool later;
	uint32_t by, of;
	uint64_t at_ns;
	const char *name;
	const char *fn;
	const char *dev;
	const char *net;
	const char *text;
	uint64_t value;
	const void *frame;
	size_t len;
};

/**
 * struct skiff_journey - of one frame received, or of one packet that a node made (skiff_recorder_local())
 * @id:      1, 2, 3 ... in order of arrival
 * @net, @dev: where it arrived; @frame, @len: the Ethernet frame. @dev is "" if the node made it: then the frame has no
 *           MAC addresses unless it got as far as to a device
 * @drop_reason, @drop_sentence, @drop_fn: of the packet itself, NULL unless @fate is SKIFF_FATE_DROPPED
 * @setting: what decided a drop: "net.ipv4.conf.e0.rp_filter=1", or the refusing rule or route in ip's words; NULL if nothing did
 * @out_dev: the last device that the packet itself (or its last fragment) left by, NULL if none
 * @from:    id of the journey that sent the frame, when it came from another node of the shard; else 0
 */
struct skiff_journey {
	uint32_t id;
	enum skiff_fate fate;
	const char *net, *dev;
	const void *frame;
	size_t len;
	uint64_t at_ns;
	const struct skiff_step *steps;
	unsigned n_steps;
	const char *drop_reason, *drop_sentence, *drop_fn, *setting;
	const char *out_dev;
	uint32_t from;
};

/** skiff_recorder_start() - from now on record every frame of the shard; NULL if one records already or no memory */
SKIFF_API struct skiff_recorder *skiff_recorder_start(struct skiff *skiff);
/** skiff_recorder_stop() - end and free; journeys handed out die. NULL is allowed */
SKIFF_API void skiff_recorder_stop(struct skiff_recorder *rec);
/** skiff_recorder_local() - also record packets that nodes make themselves: what programs send, what timers send again */
SKIFF_API void skiff_recorder_local(struct skiff_recorder *rec, bool on);
/** skiff_recorder_count() - journeys begun since the last clear. At most 65,536 are kept; frames beyond that are only counted */
SKIFF_API unsigned skiff_recorder_count(const struct skiff_recorder *rec);
SKIFF_API uint64_t skiff_recorder_lost(const struct skiff_recorder *rec);
/** skiff_recorder_get() - the @i-th, in order of arrival; NULL beyond the last. What a timer or another frame does later to the
 *  packet is still appended: @steps and the fate are those of this call, get it again after a turn */
SKIFF_API const struct skiff_journey *skiff_recorder_get(struct skiff_recorder *rec, unsigned i);
/** skiff_recorder_clear() - forget all journeys */
SKIFF_API void skiff_recorder_clear(struct skiff_recorder *rec);

/* ---- drops: a standing record of what was dropped lately, cheap enough to be left on ---- */

struct skiff_drops;
/**
 * struct skiff_drop - one packet that was dropped
 * @reason, @fn: Linux's reason and the function; @sentence: what the reason means
 * @setting: what decided: a setting, or the refusing rule or route in ip's words; "" if nothing did
 * @dev:     where it came in or was to go out, "" if unknown
 * @proto:   of IPv4, 0 if it was none; @saddr, @daddr: network byte order; @sport, @dport: 0 where there are none
 */
struct skiff_drop {
	uint64_t at_ns;
	const char *reason, *fn, *sentence;
	char setting[96], dev[16];
	uint32_t saddr, daddr;
	uint16_t sport, dport, len;
	uint8_t proto;
};

/** skiff_drops_start() - from now on keep the last @max drops of each namespace; NULL: no memory, or somebody keeps them already */
SKIFF_API struct skiff_drops *skiff_drops_start(struct skiff *skiff, unsigned max);
SKIFF_API void skiff_drops_stop(struct skiff_drops *d);
/** skiff_drops_get() - the @i-th kept of @net, the latest first; NULL beyond the last. @total: of all since the beginning; may be NULL */
SKIFF_API const struct skiff_drop *skiff_drops_get(const struct skiff_drops *d,
						   const struct skiff_net *net, unsigned i,
						   uint64_t *total);

/* ---- connections: what a node saw of each TCP connection of its own ---- */

/** skiff_recorder_connections() - how many, those that are over and were not forgotten included */
SKIFF_API unsigned skiff_recorder_connections(const struct skiff_recorder *rec);
/** skiff_connection_over() - has the @i-th been closed or reset? */
SKIFF_API bool skiff_connection_over(const struct skiff_recorder *rec, unsigned i);
/** skiff_connection_text() / _json() - its story: handshake, what went well in bulk, each loss and its recovery, the end.
 *  Return: the length, as snprintf does */
SKIFF_API size_t skiff_connection_text(const struct skiff_recorder *rec, unsigned i, char *buf,
				       size_t size);
SKIFF_API size_t skiff_connection_json(const struct skiff_recorder *rec, unsigned i, char *buf,
				       size_t size);
/** skiff_recorder_forget_connections() - forget those that are over */
SKIFF_API void skiff_recorder_forget_connections(struct skiff_recorder *rec);

/** skiff_fate_name() - "delivered", "forwarded", "dropped", "queued", "sent" */
SKIFF_API const char *skiff_fate_name(enum skiff_fate fate);

/** skiff_journey_text() / _json() / _sentence() - print; return the length as snprintf does. The sentence is the fate and why, one line */
SKIFF_API size_t skiff_journey_text(const struct skiff_journey *j, char *buf, size_t size);
SKIFF_API size_t skiff_journey_json(const struct skiff_journey *j, char *buf, size_t size);
SKIFF_API size_t skiff_journey_sentence(const struct skiff_journey *j, char *buf, size_t size);
/** skiff_frame_text() - an Ethernet frame in one line: "10.0.0.2 > 10.0.1.2 icmp echo request id 1 seq 1 ttl 64 len 84" */
SKIFF_API size_t skiff_frame_text(const void *frame, size_t len, char *buf, size_t size);

/* ---- pcapng: frames with verdict and reason as packet comments ---- */

#define SKIFF_PCAPNG_DEVS 64

/**
 * struct skiff_pcapng - a file being written; the caller's memory, set up by skiff_pcapng_begin()
 * @write:   takes the next bytes of the file; 0 or a negative errno, which ends the writing
 * @wall_ns: added to every time, so that the file shows Unix time
 */
struct skiff_pcapng {
	int (*write)(void *arg, const void *bytes, size_t len);
	void *arg;
	uint64_t wall_ns;
	unsigned n_devs;
	char devs[SKIFF_PCAPNG_DEVS][96];
};

/** skiff_pcapng_begin() - write the file's head. 0 or what @write said */
SKIFF_API int skiff_pcapng_begin(struct skiff_pcapng *p,
				 int (*write)(void *arg, const void *bytes, size_t len), void *arg,
				 uint64_t wall_ns);
/** skiff_pcapng_frame() - one frame on the interface "net:dev"; @comment may be NULL. 0, -ENOSPC (too many interfaces) or what @write said */
SKIFF_API int skiff_pcapng_frame(struct skiff_pcapng *p, const char *net, const char *dev,
				 bool outbound, uint64_t at_ns, const void *frame, size_t len,
				 const char *comment);
/** skiff_pcapng_journey() - the frame that arrived, commented with its fate and reason, and the frames that left */
SKIFF_API int skiff_pcapng_journey(struct skiff_pcapng *p, const struct skiff_journey *j);

#ifdef __cplusplus
}
#endif
#endif
