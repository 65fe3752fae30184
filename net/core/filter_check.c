// SPDX-License-Identifier: BSD-2-Clause
/* net/core/filter_check.c - is a classic BPF program one that may run?
 *
 * DOC: Rules
 * Every instruction is known; constants are in range (no division by 0, shifts below 32, 16 words of memory); jumps go forward
 * and stay inside; the last instruction returns; a word of memory is read only where every way there has written it; what is
 * asked of the packet beyond its bytes is known.
 */
#include "filter.h"

static bool known_load(u16 code)
{
	switch (code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_B | BPF_MSH:
	case BPF_LDX | BPF_IMM:
	case BPF_LDX | BPF_MEM:
		return true;
	default:
		return false;
	}
}

static bool known_alu(u16 code)
{
	u16 op = code & 0xf0;

	if (op == BPF_NEG)
		return code == (BPF_ALU | BPF_NEG);
	return op <= BPF_XOR;
}

static bool known_jump(u16 code)
{
	u16 op = code & 0xf0;

	if (op == BPF_JA)
		return code == (BPF_JMP | BPF_JA);
	return op <= BPF_JSET;
}

static bool known_code(u16 code)
{
	if (code > 0xff)
		return false;
	switch (code & 7) {
	case BPF_LD:
	case BPF_LDX:
		return known_load(code);
	case BPF_ST:
	case BPF_STX:
		return !(code & ~7u);
	case BPF_ALU:
		return known_alu(code);
	case BPF_JMP:
		return known_jump(code);
	case BPF_RET:
		return code == (BPF_RET | BPF_K) || code == (BPF_RET | BPF_A);
	default:
		return code == (BPF_MISC | BPF_TAX) || code == (BPF_MISC | BPF_TXA);
	}
}

static bool constants_ok(const struct sock_filter *f)
{
	u16 op = f->code & 0xf0;

	switch (f->code & 7) {
	case BPF_ALU:
		if (f->code & BPF_X)
			return true;
		if (op == BPF_DIV || op == BPF_MOD)
			return f->k != 0;
		return (op != BPF_LSH && op != BPF_RSH) || f->k < 32;
	case BPF_ST:
	case BPF_STX:
		return f->k < BPF_MEMWORDS;
	case BPF_LD:
	case BPF_LDX:
		if ((f->code & 0xe0) == BPF_MEM)
			return f->k < BPF_MEMWORDS;
		if ((f->code & 0xe7) == (BPF_LD | BPF_ABS) && f->k >= SKF_AD_OFF)
			return f->k - SKF_AD_OFF < SKF_AD_MAX && !((f->k - SKF_AD_OFF) & 3);
		return true;
	default:
		return true;
	}
}

static bool jump_ok(const struct sock_filter *f, u32 left)
{
	if ((f->code & 7) != BPF_JMP)
		return true;
	if ((f->code & 0xf0) == BPF_JA)
		return f->k < left;
	return f->jt < left && f->jf < left;
}

/* What words of memory are written for sure before each instruction: as 16 bits, narrowed by every jump that leads there. */
static int check_memory(const struct sock_filter *f, u32 len, u16 *masks)
{
	u16 valid = 0;

	for (u32 pc = 0; pc < len; pc++) {
		valid &= masks[pc];
		switch (f[pc].code) {
		case BPF_ST:
		case BPF_STX:
			valid |= (u16)(1u << f[pc].k);
			continue;
		case BPF_LD | BPF_MEM:
		case BPF_LDX | BPF_MEM:
			if (!(valid & 1u << f[pc].k))
				return -EINVAL;
			continue;
		default:
			break;
		}
		if ((f[pc].code & 7) != BPF_JMP)
			continue;
		if ((f[pc].code & 0xf0) == BPF_JA) {
			masks[pc + 1 + f[pc].k] &= valid;
		} else {
			masks[pc + 1 + f[pc].jt] &= valid;
			masks[pc + 1 + f[pc].jf] &= valid;
		}
		valid = 0xffff;
	}
	return 0;
}

int bpf_check_classic(struct skiff *skiff, const struct sock_filter *f, u32 len)
{
	u16 *masks;
	int err;

	for (u32 pc = 0; pc < len; pc++) {
		if (!known_code(f[pc].code) || !constants_ok(&f[pc]) ||
		    !jump_ok(&f[pc], len - pc - 1))
			return -EINVAL;
	}
	if ((f[len - 1].code & 7) != BPF_RET)
		return -EINVAL;
	masks = skiff_alloc(skiff, len * sizeof(*masks));
	if (!masks)
		return -ENOMEM;
	memset(masks, 0xff, len * sizeof(*masks));
	err = check_memory(f, len, masks);
	skiff_free(skiff, masks);
	return err;
}
