/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/inet_frag.h - queues in which fragments wait for each other (net/ipv4/inet_fragment.c). */
#ifndef NET_INET_FRAG_H
#define NET_INET_FRAG_H

#include "net/net_namespace.h"
#include "net/skbuff.h"

struct ctl_table_header;

#define FRAG_HASH_SIZE 1024

/* inet_frag_queue.flags */
#define INET_FRAG_FIRST_IN BIT(0)
#define INET_FRAG_LAST_IN  BIT(1)
#define INET_FRAG_COMPLETE BIT(2) /* killed: nothing is added any more */
#define INET_FRAG_DROP	   BIT(3) /* killed by its timer: what it holds is dropped, not used up */

/* What an insertion answers. */
#define IPFRAG_OK      0
#define IPFRAG_DUP     1
#define IPFRAG_OVERLAP 2

struct frag_v4_compare_key {
	__be32 saddr;
	__be32 daddr;
	u32 user;
	u32 vif;
	__be16 id;
	u16 protocol;
};

/**
 * struct fqdir - the queues of a namespace
 * @high_thresh: bytes that all fragments may take, 0: nothing is reassembled; @mem: bytes they take
 * @timeout:     ticks
 * @max_dist:    other fragments from the same source that may come in between, 0: any number
 */
struct fqdir {
	struct net *net;
	u64 high_thresh, low_thresh;
	int timeout;
	int max_dist;
	int secret_interval;
	u64 mem;
	u32 nqueues;
	struct ctl_table_header *hdr;
	struct hlist_head hash[FRAG_HASH_SIZE];
};

/**
 * struct inet_frag_queue - fragments of one datagram
 * @frags: fragments in order of offset, linked by skb->next; FRAG_CB() says where each lies
 * @tail: the one that was added at the end last; @run_head: the one that begins its run
 * @len:  bytes of payload, as far as known; @meat: bytes here
 * @max_size: of the largest fragment with header
 */
struct inet_frag_queue {
	struct hlist_node hash;
	struct fqdir *fqdir;
	struct frag_v4_compare_key key;
	struct timer_list timer;
	struct sk_buff *frags, *tail, *run_head;
	u32 len, meat, max_size;
	u32 flags;
	u32 iif, rid;
	u32 max_df_size;
	u8 ecn;
	struct death_row_entry rcu;
};

/* In the control block behind struct inet_skb_parm. @run_end: of the run that it begins, if it begins one (@in_run false);
 * @truesize: what it was charged with, whatever becomes of its bytes. */
struct ipfrag_skb_cb {
	u32 offset, end;
	u32 run_end;
	u32 truesize;
	bool in_run;
};

/** inet_frag_find() - the queue of @key, made if there is none; NULL: over the limit or no memory */
struct inet_frag_queue *inet_frag_find(struct fqdir *fqdir, const struct frag_v4_compare_key *key,
				       void (*expire)(struct timer_list *));
/** inet_frag_queue_insert() - [offset, end) of the datagram; on IPFRAG_OK @skb belongs to the queue */
int inet_frag_queue_insert(struct inet_frag_queue *q, struct sk_buff *skb, u32 offset, u32 end);
/** inet_frag_kill() - no more fragments: out of the table, timer off, freed at the end of the turn with what it holds */
void inet_frag_kill(struct inet_frag_queue *q);
/** inet_frag_purge() - free what it holds. @reason SKB_CONSUMED: not a drop */
void inet_frag_purge(struct inet_frag_queue *q, enum skb_drop_reason reason);
/** inet_frag_pull_head() - take the first fragment out (offset 0 if FIRST_IN) */
struct sk_buff *inet_frag_pull_head(struct inet_frag_queue *q);
/** inet_frag_reasm() - the whole datagram: the first fragment, data at its IP header, the others on its frag_list. NULL: no memory */
struct sk_buff *inet_frag_reasm(struct inet_frag_queue *q);
struct ipfrag_skb_cb *frag_cb(const struct sk_buff *skb);

int fqdir_init(struct net *net);
void fqdir_exit(struct net *net);

#endif
