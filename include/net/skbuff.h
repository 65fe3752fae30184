/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/skbuff.h - a packet (sk_buff) and the unit of work (skb_batch).
 *
 * DOC: Packets
 * One slab holds metadata, headroom and frame: hot line | cold line | control block | socket line | headroom | data. Its
 * stride is an odd number of cache lines, which spreads hot lines over the cache's sets (FORWARDING.md, section 2). Larger
 * frames come from a second class with the same shape. A third class is small: headroom and a few references, no data
 * (alloc_skb_ref(): TCP's queues, segments, bare ACKs, clones). A clone is a slab whose data pointers refer to another
 * slab's bytes; that owner lives until its last user is gone. Paged parts (references into chunks, further packets) hang
 * on skb_shared_info, which most packets do not have; net/skb_frags.h works on them.
 *
 * A batch is 1..SKB_BATCH_MAX packets. Functions that take a batch consume every packet in it unless they say else.
 */
#ifndef NET_SKBUFF_H
#define NET_SKBUFF_H

#include "engine/skiff.h"
#include "lib/checksum.h"
#include "lib/rbtree.h"
#include "net/dropreason.h"
#include "net/types.h"
#include "net/wire.h"

struct net;
struct net_device;
struct dst_entry;
struct sock;
struct sk_buff;

#define SKB_BATCH_MAX 64

struct skb_batch {
	u32 n;
	struct sk_buff *p[SKB_BATCH_MAX];
};

/* pkt_type, as <linux/if_packet.h> numbers them */
#define PACKET_HOST	 0
#define PACKET_BROADCAST 1
#define PACKET_MULTICAST 2
#define PACKET_OTHERHOST 3
#define PACKET_OUTGOING	 4
#define PACKET_LOOPBACK	 5

/* ip_summed */
#define CHECKSUM_NONE	     0 /* in: nothing known; out: filled in */
#define CHECKSUM_UNNECESSARY 1 /* in: verified by the device */
#define CHECKSUM_COMPLETE    2 /* in: csum covers the packet from the network header */
#define CHECKSUM_PARTIAL     3 /* sum from csum_start on, fold into csum_start + csum_offset */

#define SKB_GSO_TCPV4	    (1 << 1)
#define SKB_GSO_DODGY	    (1 << 2)
#define SKB_GSO_UDP_L4	    (1 << 3)
#define SKB_GSO_TCP_ECN	    (1 << 4)
#define SKB_GSO_TCP_FIXEDID (1 << 5) /* every segment has the same IP id */
#define SKB_GSO_TCP_ACCECN  (1 << 6) /* CWR is a bit of AccECN's counter: in every segment */

#define MAX_SKB_FRAGS 17

/* A page fragment: bytes in a reference-counted chunk. */
struct skb_chunk {
	struct skiff *skiff;
	u32 refs;
	u32 size; /* bytes of @data */
	u8 data[];
};

struct skb_frag {
	struct skb_chunk *chunk;
	u32 off, len;
};

/**
 * struct skb_shared_info - the parts of a packet beyond its linear bytes
 * @nr_frags:  fragments in use; @max_frags: room in @frags
 * @nr_sums:   partial sums that are valid, see skb_sums() in net/skb_frags.h
 * @frag_list: further packets whose bytes follow (reassembly, receive offload)
 */
struct skb_shared_info {
	u8 nr_frags;
	u8 max_frags;
	u8 nr_sums;
	u8 gso_type;
	u16 gso_size;
	u16 gso_segs;
	struct sk_buff *frag_list;
	struct skb_frag frags[];
};

struct nf_conn;

/**
 * struct sk_buff - a packet
 * @data:    first byte of what the current layer sees; @head: start of the buffer (headroom begins)
 * @dev:     device it came from, or goes to
 * @dst:     route, see skb_dst()
 * @nfct:    connection it belongs to, with state bits
 * @len:     bytes from @data on, linear and paged; @data_len (cold): the paged part
 * @skb_iif: ifindex of the device it arrived on
 * @protocol: EtherType, be
 * @mac_header, @network_header, @transport_header: offsets from @head
 * @ipflags: IPSKB_* of net/ip.h
 * cold lines: touched only when @cold says that there is something in them
 * @next, @prev: neighbours in a queue (net/skb_queue.h); @next also links frag_list and lists of segments
 * @users:   references to this metadata (skb_get)
 * @dataref: other slabs whose @head points into this one
 * @owner:   slab whose bytes @head refers to (a clone), else NULL
 * @truesize: memory that a socket is charged for, as Linux counts it
 * @csum:    CHECKSUM_COMPLETE: sum from the network header on; CHECKSUM_NONE on its way to a socket: of the pseudo header
 * @tstamp:  ns, when it arrived (Unix time), or when it is to leave, or left (the shard's clock): its holder's business
 * @rbnode, @tcp_tsorted_anchor: of the queue that holds it
 * @size:    bytes in the buffer from @head on
 * @tx_flags, @tskey: SKBTX_*, SO_TIMESTAMPING; @peeked: a reader has seen it
 */
struct sk_buff {
	u8 *data;
	u8 *head;
	struct net_device *dev;
	struct dst_entry *dst;
	struct nf_conn *nfct;
	u32 len;
	u32 mark;
	u32 skb_iif;
	__be16 protocol;
	u16 mac_header;
	u16 network_header;
	u16 transport_header;
	u8 pkt_type : 3, ip_summed : 2, dst_ref : 1, /* holds a reference to dst */
		cold : 1; /* the cold lines are not in their pristine state */
	u8 nfctinfo : 3, ignore_df : 1;
	u16 ipflags;
	/* ---- cold */
	struct sk_buff *next, *prev;
	struct sock *sk;
	void (*destructor)(struct sk_buff *skb);
	struct skb_shared_info *shinfo;
	struct sk_buff *owner;
	u32 users;
	u32 dataref;
	u32 data_len;
	u32 truesize;
	/* ---- */
	u8 cb[48];
	u32 priority;
	u32 journey_id;
	union {
		u32 csum;
		struct {
			u16 csum_start,
				csum_offset; /* CHECKSUM_PARTIAL; csum_start: offset from head */
		};
	};
	u16 frag_max_size;
	u16 vlan_tci;
	/* ---- */
	u64 tstamp;
	struct rb_node rbnode;
	struct list_head tcp_tsorted_anchor;
	u32 size;
	u32 hash;
	u32 tskey;
	u8 tx_flags : 5, peeked : 1, vlan_present : 1;
	u8 alloc_class;
	u8 unused;
	u8 zombie; /* freed, but its bytes are still referred to */
} __cacheline;

/* tx_flags: time stamps a sender asked for */
#define SKBTX_SW_TSTAMP	   BIT(0)
#define SKBTX_SCHED_TSTAMP BIT(1)
#define SKBTX_ACK_TSTAMP   BIT(2)

static_assert(offsetof(struct sk_buff, next) == 64, "hot line of sk_buff");
static_assert(offsetof(struct sk_buff, cb) == 128, "cold line of sk_buff");
static_assert(offsetof(struct sk_buff, tstamp) == 192, "control block and what stands beside it");
static_assert(sizeof(struct sk_buff) == 256, "metadata is four cache lines");

#define SKB_SLAB_SIZE 2240 /* 35 lines: odd on purpose */
#define SKB_HEADROOM  128
#define SKB_SMALL_MAX (SKB_SLAB_SIZE - (int)sizeof(struct sk_buff) - SKB_HEADROOM)
/* The small class: headroom for every header that there is (link layer 16, IP 60, TCP 60), and six references. */
#define SKB_REF_HEADROOM 192
#define SKB_REF_FRAGS	 6
/* Of that headroom, what the payload of a small segment may take (skb_clone_refs()). */
#define SKB_REF_INLINE 48
#define SKB_REF_INFO   128
#define SKB_REF_SIZE   ((u32)sizeof(struct sk_buff) + SKB_REF_HEADROOM + SKB_REF_INFO)
static_assert(SKB_REF_SIZE / 64 % 2 == 1, "an odd stride");

/* ---- life ---- */

int skb_pool_init(struct skiff *skiff);
void skb_pool_exit(struct skiff *skiff);

/**
 * alloc_skb() - a packet with SKB_HEADROOM bytes reserved and room for @size bytes of data; len 0
 * Return: NULL when out of memory. Its journey is that of the packet being handled.
 */
struct sk_buff *alloc_skb(struct skiff *skiff, u32 size);
/** alloc_skb_ref() - a small packet: SKB_REF_HEADROOM bytes reserved (to be pushed), no room behind them; len 0. NULL: no memory */
struct sk_buff *alloc_skb_ref(struct skiff *skiff);
/** skb_set_truesize() - as Linux would charge a packet made for @size bytes from the IP header on; without it the class says it */
void skb_set_truesize(struct sk_buff *skb, u32 size);
/** skb_clone() - new metadata on the same bytes */
struct sk_buff *skb_clone(struct skiff *skiff, struct sk_buff *skb);
/** skb_copy() - new metadata and its own linear copy of all bytes */
struct sk_buff *skb_copy(struct skiff *skiff, const struct sk_buff *skb);

void __kfree_skb(struct skiff *skiff, struct sk_buff *skb);
/** consume_skb() - the packet's normal end */
void consume_skb(struct skiff *skiff, struct sk_buff *skb);
void consume_skb_batch(struct skiff *skiff, struct skb_batch *b);
/** kfree_skb_reason() - drop: counted, reported to the journey with the calling function's name */
#define kfree_skb_reason(skiff, skb, reason) kfree_skb_reason_at(skiff, skb, reason, __func__)
void kfree_skb_reason_at(struct skiff *skiff, struct sk_buff *skb, enum skb_drop_reason reason,
			 const char *where);
#define kfree_skb(skiff, skb) \
	kfree_skb_reason_at(skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED, __func__)
#define kfree_skb_batch_reason(skiff, b, reason) \
	kfree_skb_batch_reason_at(skiff, b, reason, __func__)
void kfree_skb_batch_reason_at(struct skiff *skiff, struct skb_batch *b,
			       enum skb_drop_reason reason, const char *where);

static inline struct sk_buff *skb_get(struct sk_buff *skb)
{
	skb->users++;
	skb->cold = 1;
	return skb;
}

/** skb_shared() - somebody else holds this metadata too */
static inline bool skb_shared(const struct sk_buff *skb)
{
	return skb->cold && skb->users != 1;
}

/** skb_cloned() - somebody else sees these bytes (an owner that is a zombie with one user is ours alone) */
static inline bool skb_cloned(const struct sk_buff *skb)
{
	if (likely(!skb->cold))
		return false;
	return skb->owner ? !skb->owner->zombie || skb->owner->dataref != 1 : skb->dataref != 0;
}

/** skb_cow() - make the bytes ours to write and keep at least @headroom in front. Return: 0 or -ENOMEM */
int skb_cow_slow(struct skiff *skiff, struct sk_buff *skb, u32 headroom);
static inline u32 skb_headroom(const struct sk_buff *skb)
{
	return (u32)(skb->data - skb->head);
}

static inline int skb_cow(struct skiff *skiff, struct sk_buff *skb, u32 headroom)
{
	if (likely(!skb_cloned(skb) && skb_headroom(skb) >= headroom))
		return 0;
	return skb_cow_slow(skiff, skb, headroom);
}

/** skb_share_check() - a packet with metadata of our own: itself or a clone (then the reference is given up); NULL: no memory */
struct sk_buff *skb_share_check(struct skiff *skiff, struct sk_buff *skb);

/* ---- bytes ---- */

static inline u32 skb_headlen(const struct sk_buff *skb)
{
	/* data_len is in a line that a plain packet never touches. */
	return likely(!skb->cold) ? skb->len : skb->len - skb->data_len;
}

static inline u8 *skb_tail_pointer(const struct sk_buff *skb)
{
	return skb->data + skb_headlen(skb);
}

static inline u32 skb_tailroom(const struct sk_buff *skb)
{
	return skb->cold && skb->data_len ? 0 :
					    skb->size - (u32)(skb_tail_pointer(skb) - skb->head);
}

static inline u8 *skb_put(struct sk_buff *skb, u32 n)
{
	u8 *p = skb_tail_pointer(skb);

	NET_ASSERT(n <= skb_tailroom(skb));
	skb->len += n;
	return p;
}

static inline u8 *skb_put_data(struct sk_buff *skb, const void *src, u32 n)
{
	return memcpy(skb_put(skb, n), src, n);
}

static inline u8 *skb_put_zero(struct sk_buff *skb, u32 n)
{
	return memset(skb_put(skb, n), 0, n);
}

static inline u8 *skb_push(struct sk_buff *skb, u32 n)
{
	NET_ASSERT(skb_headroom(skb) >= n);
	skb->data -= n;
	skb->len += n;
	return skb->data;
}

/** skb_pull() - the caller knows that @n linear bytes are there */
static inline u8 *skb_pull(struct sk_buff *skb, u32 n)
{
	NET_ASSERT(skb_headlen(skb) >= n);
	skb->len -= n;
	return skb->data += n;
}

static inline void skb_reserve(struct sk_buff *skb, u32 n)
{
	skb->data += n;
}

/** pskb_may_pull() - make @n bytes from data on linear. Return: false if the packet has not that many (or no memory) */
bool __pskb_pull(struct skiff *skiff, struct sk_buff *skb, u32 n);
static inline bool pskb_may_pull(struct skiff *skiff, struct sk_buff *skb, u32 n)
{
	if (likely(n <= skb_headlen(skb)))
		return true;
	if (n > skb->len)
		return false;
	return __pskb_pull(skiff, skb, n);
}

/** pskb_trim() - cut the packet to @len bytes (no effect if it is not longer); forgets a complete checksum. 0 or -ENOMEM */
int __pskb_trim(struct skiff *skiff, struct sk_buff *skb, u32 len);
static inline int pskb_trim(struct skiff *skiff, struct sk_buff *skb, u32 len)
{
	if (likely(skb->len <= len))
		return 0;
	if (likely(!skb->cold || !skb->data_len)) {
		skb->len = len;
		if (skb->ip_summed == CHECKSUM_COMPLETE)
			skb->ip_summed = CHECKSUM_NONE;
		return 0;
	}
	return __pskb_trim(skiff, skb, len);
}

/** skb_linearize() - all bytes into one buffer. 0 or -ENOMEM */
int skb_linearize(struct skiff *skiff, struct sk_buff *skb);
/** skb_copy_bits() - @len bytes from @off (relative to data) into @to. 0 or -EFAULT if they are not there */
int skb_copy_bits(const struct sk_buff *skb, u32 off, void *to, u32 len);
/** skb_checksum() - csum_partial over @len bytes from @off on */
u32 skb_checksum(const struct sk_buff *skb, u32 off, u32 len, u32 sum);
/** skb_csum_unnecessary() - the device vouches for the transport checksum, or the packet never was on a wire */
static inline bool skb_csum_unnecessary(const struct sk_buff *skb)
{
	return skb->ip_summed == CHECKSUM_UNNECESSARY || skb->ip_summed == CHECKSUM_PARTIAL;
}

/** skb_checksum_complete() - finish it: sums the packet from data on, to skb->csum. Return: 0 if right (then ip_summed becomes UNNECESSARY) */
u16 __skb_checksum_complete(struct sk_buff *skb);
static inline u16 skb_checksum_complete(struct sk_buff *skb)
{
	return skb_csum_unnecessary(skb) ? 0 : __skb_checksum_complete(skb);
}

/** skb_checksum_help() - fill in a CHECKSUM_PARTIAL checksum. 0 or -errno */
int skb_checksum_help(struct skiff *skiff, struct sk_buff *skb);
/** skb_header_pointer() - @len bytes at @off, in place or copied to @buf; NULL if not there */
static inline const void *skb_header_pointer(const struct sk_buff *skb, u32 off, u32 len, void *buf)
{
	if (likely(off + len <= skb_headlen(skb)))
		return skb->data + off;
	return skb_copy_bits(skb, off, buf, len) < 0 ? NULL : buf;
}

static inline struct skb_shared_info *skb_shinfo(const struct sk_buff *skb)
{
	return skb->shinfo;
}

/** skb_shinfo_get() - the shared info, made if there is none: of the small class with room for SKB_REF_FRAGS; NULL: no memory */
struct skb_shared_info *skb_shinfo_get(struct skiff *skiff, struct sk_buff *skb);
static inline bool skb_is_gso(const struct sk_buff *skb)
{
	return skb->cold && skb->shinfo && skb->shinfo->gso_size;
}

static inline u32 skb_gso_segs(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? skb->shinfo->gso_segs : 1;
}

/* ---- headers ---- */

static inline u8 *skb_mac_header(const struct sk_buff *skb)
{
	return skb->head + skb->mac_header;
}

static inline bool skb_mac_header_was_set(const struct sk_buff *skb)
{
	return skb->mac_header != (u16)~0U;
}

static inline u8 *skb_network_header(const struct sk_buff *skb)
{
	return skb->head + skb->network_header;
}

static inline u8 *skb_transport_header(const struct sk_buff *skb)
{
	return skb->head + skb->transport_header;
}

static inline void skb_reset_mac_header(struct sk_buff *skb)
{
	skb->mac_header = (u16)(skb->data - skb->head);
}

static inline void skb_reset_network_header(struct sk_buff *skb)
{
	skb->network_header = (u16)(skb->data - skb->head);
}

static inline void skb_reset_transport_header(struct sk_buff *skb)
{
	skb->transport_header = (u16)(skb->data - skb->head);
}

static inline int skb_network_offset(const struct sk_buff *skb)
{
	return (int)(skb_network_header(skb) - skb->data);
}

static inline int skb_transport_offset(const struct sk_buff *skb)
{
	return (int)(skb_transport_header(skb) - skb->data);
}

static inline struct iphdr *ip_hdr(const struct sk_buff *skb)
{
	return (struct iphdr *)skb_network_header(skb);
}

static inline struct ethhdr *eth_hdr(const struct sk_buff *skb)
{
	return (struct ethhdr *)skb_mac_header(skb);
}

/* ---- writing the cold line ---- */

/** skb_set_priority() - costs nothing while the value is 0 and was 0 */
static inline void skb_set_priority(struct sk_buff *skb, u32 priority)
{
	if (likely(!priority && !skb->cold))
		return;
	skb->priority = priority;
	skb->cold = 1;
}

static inline void skb_orphan(struct sk_buff *skb)
{
	if (likely(!skb->cold))
		return;
	if (skb->destructor)
		skb->destructor(skb);
	skb->destructor = NULL;
	skb->sk = NULL;
}

/* ---- route of the packet ---- */

void dst_release(struct dst_entry *dst);

static inline struct dst_entry *skb_dst(const struct sk_buff *skb)
{
	return skb->dst;
}

static inline void skb_dst_drop(struct sk_buff *skb)
{
	if (unlikely(skb->dst_ref)) {
		dst_release(skb->dst);
		skb->dst_ref = 0;
	}
	skb->dst = NULL;
}

/** skb_dst_set_noref() - valid until the end of the turn; skb_dst_force() before queueing beyond it */
static inline void skb_dst_set_noref(struct sk_buff *skb, struct dst_entry *dst)
{
	skb->dst = dst;
	skb->dst_ref = 0;
}

/** skb_dst_set() - hands a counted reference over */
static inline void skb_dst_set(struct sk_buff *skb, struct dst_entry *dst)
{
	skb->dst = dst;
	skb->dst_ref = dst != NULL;
}

/** skb_dst_force() - make it a counted reference. Return: false if the route was already dead (then it is dropped) */
bool skb_dst_force(struct sk_buff *skb);

/* ---- batches ---- */

static inline void skb_batch_one(struct skb_batch *b, struct sk_buff *skb)
{
	b->n = 1;
	b->p[0] = skb;
}

static inline void skb_batch_add(struct skb_batch *b, struct sk_buff *skb)
{
	NET_ASSERT(b->n < SKB_BATCH_MAX);
	b->p[b->n++] = skb;
}

#include "net/skb_frags.h"
#include "net/skb_queue.h"

#endif
