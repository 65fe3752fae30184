/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/types.h - integer types, byte order and the few macros that every layer uses. */
#ifndef NET_TYPES_H
#define NET_TYPES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <errno.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
/* Network byte order; the compiler does not check it, the names do. Same types as <linux/types.h>. */
#include <linux/types.h>

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#ifndef container_of
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#endif
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max_t(type, a, b) ((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define BIT(n)		  (1UL << (n))
#define ALIGN_UP(x, a)	  (((x) + (a)-1) & ~((__typeof__(x))(a)-1))
#define __cacheline	  __attribute__((aligned(64)))
#define __printf(f, a)	  __attribute__((format(printf, f, a)))
#define __maybe_unused	  __attribute__((unused))
#define __always_inline_  inline __attribute__((always_inline))
#define __noinline_cold	  __attribute__((noinline, cold))

#define htons(x)       __builtin_bswap16((u16)(x))
#define ntohs(x)       __builtin_bswap16((u16)(x))
#define htonl(x)       __builtin_bswap32((u32)(x))
#define ntohl(x)       __builtin_bswap32((u32)(x))
#define cpu_to_be64(x) __builtin_bswap64((u64)(x))
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian machines only");

/* Our own logic: on in debug and sanitizer builds, no side effects in @x. */
#ifdef SKIFF_DEBUG
#define NET_ASSERT(x) ((x) ? (void)0 : __builtin_trap())
#else
#define NET_ASSERT(x) ((void)0)
#endif

/* Unaligned access to wire bytes. */
static inline u16 get_unaligned16(const void *p)
{
	u16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline u32 get_unaligned32(const void *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void put_unaligned16(u16 v, void *p)
{
	memcpy(p, &v, sizeof(v));
}

static inline void put_unaligned32(u32 v, void *p)
{
	memcpy(p, &v, sizeof(v));
}

/* Not known outside: an ioctl that a protocol does not know, to be asked of others. */
#define ENOIOCTLCMD 515

/* Wrap-safe comparison of millisecond ticks (RFC-free: the usual signed difference). */
#define time_after(a, b)     ((s64)((u64)(b) - (u64)(a)) < 0)
#define time_before(a, b)    time_after(b, a)
#define time_after_eq(a, b)  ((s64)((u64)(a) - (u64)(b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)

#endif
