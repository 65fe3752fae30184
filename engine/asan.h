/* SPDX-License-Identifier: BSD-2-Clause */
/* engine/asan.h - tell the address sanitizer what a pool has given out; nothing without it. */
#ifndef ENGINE_ASAN_H
#define ENGINE_ASAN_H

#if defined(__SANITIZE_ADDRESS__)
#define SKIFF_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SKIFF_ASAN 1
#endif
#endif

#ifdef SKIFF_ASAN
void __asan_poison_memory_region(void const volatile *addr, unsigned long size);
void __asan_unpoison_memory_region(void const volatile *addr, unsigned long size);
#define asan_poison(p, n)   __asan_poison_memory_region(p, n)
#define asan_unpoison(p, n) __asan_unpoison_memory_region(p, n)
#else
#define asan_poison(p, n)   ((void)(p))
#define asan_unpoison(p, n) ((void)(p))
#endif

#endif
