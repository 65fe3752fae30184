// SPDX-License-Identifier: BSD-2-Clause
/* net/core/filter.c - socket filters: classic BPF programs that say how much of a packet a socket gets. */
#include "filter.h"

#include "net/socket.h"
#include "net/sock_filter.h"

/* ---- running ---- */

/* @n bytes at @off of what the program sees, NULL: not there */
static const u8 *bpf_bytes(const struct sk_buff *skb, u32 off, u32 n, u8 *buf)
{
	const u8 *p;

	if ((s32)off >= 0)
		return skb_header_pointer(skb, off, n, buf);
	if (off >= SKF_NET_OFF)
		p = skb_network_header(skb) + (off - SKF_NET_OFF);
	else if (off >= SKF_LL_OFF && skb_mac_header_was_set(skb))
		p = skb_mac_header(skb) + (off - SKF_LL_OFF);
	else
		return NULL;
	return p >= skb->head && p + n <= skb_tail_pointer(skb) ? p : NULL;
}

static bool bpf_load(const struct sk_buff *skb, const struct sock_filter *f, u32 off, u32 *a)
{
	u8 buf[4];
	const u8 *p;

	switch (f->code & 0x18) {
	case BPF_W:
		p = bpf_bytes(skb, off, 4, buf);
		if (p)
			*a = ntohl(get_unaligned32(p));
		return p;
	case BPF_H:
		p = bpf_bytes(skb, off, 2, buf);
		if (p)
			*a = ntohs(get_unaligned16(p));
		return p;
	default:
		p = bpf_bytes(skb, off, 1, buf);
		if (p)
			*a = *p;
		return p;
	}
}

/* false: division by zero */
static bool bpf_alu(u16 op, u32 *a, u32 v)
{
	switch (op) {
	case BPF_ADD:
		*a += v;
		return true;
	case BPF_SUB:
		*a -= v;
		return true;
	case BPF_MUL:
		*a *= v;
		return true;
	case BPF_OR:
		*a |= v;
		return true;
	case BPF_AND:
		*a &= v;
		return true;
	case BPF_XOR:
		*a ^= v;
		return true;
	case BPF_LSH:
		*a <<= v & 31;
		return true;
	case BPF_RSH:
		*a >>= v & 31;
		return true;
	case BPF_NEG:
		*a = 0 - *a;
		return true;
	case BPF_DIV:
		if (v)
			*a /= v;
		return v;
	default: /* BPF_MOD */
		if (v)
			*a %= v;
		return v;
	}
}

static bool bpf_condition(u16 op, u32 a, u32 v)
{
	switch (op) {
	case BPF_JEQ:
		return a == v;
	case BPF_JGT:
		return a > v;
	case BPF_JGE:
		return a >= v;
	default:
		return a & v;
	}
}

/* struct bpf_vm - registers of a run */
struct bpf_vm {
	struct skiff *skiff;
	const struct sk_buff *skb;
	u32 a, x;
	u32 mem[BPF_MEMWORDS];
};

/* A load into A. false: the program ends, with *@ret */
static bool bpf_ld(struct bpf_vm *vm, const struct sock_filter *f, u32 *ret)
{
	*ret = 0;
	switch (f->code & 0xe0) {
	case BPF_IMM:
		vm->a = f->k;
		return true;
	case BPF_MEM:
		vm->a = vm->mem[f->k];
		return true;
	case BPF_LEN:
		vm->a = vm->skb->len;
		return true;
	case BPF_IND:
		return bpf_load(vm->skb, f, vm->x + f->k, &vm->a);
	default: /* BPF_ABS */
		if (f->k < SKF_AD_OFF)
			return bpf_load(vm->skb, f, f->k, &vm->a);
		*ret = vm->a;
		return bpf_ancillary(vm->skiff, vm->skb, f->k - SKF_AD_OFF, &vm->a, vm->x);
	}
}

static bool bpf_ldx(struct bpf_vm *vm, const struct sock_filter *f)
{
	u8 buf;
	const u8 *p;

	switch (f->code & 0xe0) {
	case BPF_IMM:
		vm->x = f->k;
		return true;
	case BPF_MEM:
		vm->x = vm->mem[f->k];
		return true;
	case BPF_LEN:
		vm->x = vm->skb->len;
		return true;
	default: /* BPF_MSH: the length of an IP header */
		p = bpf_bytes(vm->skb, f->k, 1, &buf);
		if (p)
			vm->x = (*p & 15u) * 4;
		return p;
	}
}

static u32 bpf_run(struct bpf_vm *vm, const struct sk_filter *prog)
{
	u32 ret = 0;

	for (const struct sock_filter *f = prog->insns;; f++) {
		u32 operand = f->code & BPF_X ? vm->x : f->k;

		switch (f->code & 7) {
		case BPF_LD:
			if (!bpf_ld(vm, f, &ret))
				return ret;
			break;
		case BPF_LDX:
			if (!bpf_ldx(vm, f))
				return 0;
			break;
		case BPF_ST:
			vm->mem[f->k] = vm->a;
			break;
		case BPF_STX:
			vm->mem[f->k] = vm->x;
			break;
		case BPF_ALU:
			if (!bpf_alu(f->code & 0xf0, &vm->a, operand))
				return 0;
			break;
		case BPF_JMP:
			if ((f->code & 0xf0) == BPF_JA)
				f += f->k;
			else
				f += bpf_condition(f->code & 0xf0, vm->a, operand) ? f->jt : f->jf;
			break;
		case BPF_RET:
			return f->code & BPF_A ? vm->a : f->k;
		default: /* BPF_MISC */
			if (f->code & BPF_TXA)
				vm->a = vm->x;
			else
				vm->x = vm->a;
		}
	}
}

u32 sk_filter_run(struct skiff *skiff, const struct sk_filter *f, const struct sk_buff *skb)
{
	struct bpf_vm vm = { .skiff = skiff, .skb = skb };

	return bpf_run(&vm, f);
}

int sk_filter_trim_cap(struct sock *sk, struct sk_buff *skb, u32 cap, enum skb_drop_reason *reason)
{
	u32 keep;

	if (likely(!sk_has_filter(sk)))
		return 0;
	keep = sk_filter_run(sock_skiff(sk), sk->sk_side->filter, skb);
	if (keep)
		return pskb_trim(sock_skiff(sk), skb, max_t(u32, cap, keep));
	*reason = SKB_DROP_REASON_SOCKET_FILTER;
	return -EPERM;
}

/* ---- programs ---- */

struct sk_filter *sk_filter_create(struct skiff *skiff, const struct sock_fprog *fprog, int *err)
{
	struct sk_filter *f;

	*err = -EINVAL;
	if (!fprog->filter || !fprog->len || fprog->len > BPF_MAXINSNS)
		return NULL;
	*err = -ENOMEM;
	f = skiff_alloc(skiff, sk_filter_size(fprog->len));
	if (!f)
		return NULL;
	f->refs = 1;
	f->len = fprog->len;
	/* Linux charges for what it translates a program into, about twice as much. */
	f->size = sk_filter_size(2 * fprog->len) + 64;
	*err = copy_from_user(skiff, f->insns, fprog->filter, f->len * sizeof(f->insns[0]));
	if (!*err)
		*err = bpf_check_classic(skiff, f->insns, f->len);
	if (!*err)
		return f;
	skiff_free(skiff, f);
	return NULL;
}

void sk_filter_put(struct skiff *skiff, struct sk_filter *f)
{
	if (f && --f->refs == 0)
		skiff_free(skiff, f);
}

static void drop_filter(struct sock *sk)
{
	struct sock_side *side = sk->sk_side;

	side->omem_alloc -= (int)side->filter->size;
	sk_filter_put(sock_skiff(sk), side->filter);
	side->filter = NULL;
}

int sk_attach_filter(struct sock *sk, const struct sock_fprog *fprog)
{
	struct sock_side *side = sk_side(sk);
	struct sk_filter *f;
	int err, max = sock_net(sk)->sock->sysctl_optmem_max;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	if (!side)
		return -ENOMEM;
	f = sk_filter_create(sock_skiff(sk), fprog, &err);
	if (!f)
		return err;
	if ((int)f->size > max || side->omem_alloc + (int)f->size >= max) {
		sk_filter_put(sock_skiff(sk), f);
		return -ENOMEM;
	}
	if (side->filter)
		drop_filter(sk);
	side->filter = f;
	side->omem_alloc += (int)f->size;
	return 0;
}

int sk_detach_filter(struct sock *sk)
{
	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	if (!sk_has_filter(sk))
		return -ENOENT;
	drop_filter(sk);
	return 0;
}

int sk_get_filter(const struct sock *sk, struct sock_filter *to, u32 room)
{
	const struct sk_filter *f = sk->sk_side ? sk->sk_side->filter : NULL;

	if (!f)
		return 0;
	if (!room)
		return (int)f->len;
	if (room < f->len)
		return -EINVAL;
	memcpy(to, f->insns, f->len * sizeof(*to));
	return (int)f->len;
}

int sk_reuseport_attach_filter(struct sock *sk, const struct sock_fprog *fprog)
{
	struct sk_filter *f;
	int err;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	f = sk_filter_create(sock_skiff(sk), fprog, &err);
	if (!f)
		return err;
	if ((int)f->size > sock_net(sk)->sock->sysctl_optmem_max)
		err = -ENOMEM;
	else
		err = reuseport_attach_prog(sk, f);
	if (err)
		sk_filter_put(sock_skiff(sk), f);
	return err;
}
