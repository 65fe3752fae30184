/* SPDX-License-Identifier: BSD-2-Clause */
/* net/core/filter.h - classic BPF in numbers, and a program that was checked: for filter*.c and sock_reuseport.c. */
#ifndef NET_CORE_FILTER_H
#define NET_CORE_FILTER_H

#include "net/sock.h"

#define BPF_MAXINSNS 4096
#define BPF_MEMWORDS 16

/* classes, sizes, modes, operations of sock_filter.code */
#define BPF_LD	 0x00
#define BPF_LDX	 0x01
#define BPF_ST	 0x02
#define BPF_STX	 0x03
#define BPF_ALU	 0x04
#define BPF_JMP	 0x05
#define BPF_RET	 0x06
#define BPF_MISC 0x07
#define BPF_W	 0x00
#define BPF_H	 0x08
#define BPF_B	 0x10
#define BPF_IMM	 0x00
#define BPF_ABS	 0x20
#define BPF_IND	 0x40
#define BPF_MEM	 0x60
#define BPF_LEN	 0x80
#define BPF_MSH	 0xa0
#define BPF_ADD	 0x00
#define BPF_SUB	 0x10
#define BPF_MUL	 0x20
#define BPF_DIV	 0x30
#define BPF_OR	 0x40
#define BPF_AND	 0x50
#define BPF_LSH	 0x60
#define BPF_RSH	 0x70
#define BPF_NEG	 0x80
#define BPF_MOD	 0x90
#define BPF_XOR	 0xa0
#define BPF_JA	 0x00
#define BPF_JEQ	 0x10
#define BPF_JGT	 0x20
#define BPF_JGE	 0x30
#define BPF_JSET 0x40
#define BPF_K	 0x00
#define BPF_X	 0x08
#define BPF_A	 0x10
#define BPF_TAX	 0x00
#define BPF_TXA	 0x80

/* loads from here on are not of bytes: the link layer's header, the network layer's, what is known of the packet */
#define SKF_LL_OFF  0xffe00000u
#define SKF_NET_OFF 0xfff00000u
#define SKF_AD_OFF  0xfffff000u

enum skf_ad {
	SKF_AD_PROTOCOL = 0,
	SKF_AD_PKTTYPE = 4,
	SKF_AD_IFINDEX = 8,
	SKF_AD_NLATTR = 12,
	SKF_AD_NLATTR_NEST = 16,
	SKF_AD_MARK = 20,
	SKF_AD_QUEUE = 24,
	SKF_AD_HATYPE = 28,
	SKF_AD_RXHASH = 32,
	SKF_AD_CPU = 36,
	SKF_AD_ALU_XOR_X = 40,
	SKF_AD_VLAN_TAG = 44,
	SKF_AD_VLAN_TAG_PRESENT = 48,
	SKF_AD_PAY_OFFSET = 52,
	SKF_AD_RANDOM = 56,
	SKF_AD_VLAN_TPID = 60,
	SKF_AD_MAX = 64
};

/**
 * struct sk_filter - a program that was checked
 * @refs: first, see sk_filter_get(); @size: bytes that a socket is charged for it
 */
struct sk_filter {
	u32 refs;
	u32 size;
	u32 len;
	struct sock_filter insns[];
};

static inline u32 sk_filter_size(u32 len)
{
	return (u32)(sizeof(struct sk_filter) + len * sizeof(struct sock_filter));
}

/** bpf_check_classic() - does the program end, and touch only what is there? 0 or -EINVAL; -ENOMEM */
int bpf_check_classic(struct skiff *skiff, const struct sock_filter *f, u32 len);
/** bpf_ancillary() - A after a load of SKF_AD_OFF + @ad. false: the program ends with the A it has */
bool bpf_ancillary(struct skiff *skiff, const struct sk_buff *skb, u32 ad, u32 *a, u32 x);

#endif
