// SPDX-License-Identifier: BSD-2-Clause
/* syscall/filter.c - the seccomp filter of a program: which calls the kernel does, which come to us, which are refused.
 *
 * DOC: The filter
 * Calls whose number alone decides are answered from a bitmap that the kernel makes of the filter, so read, write and epoll
 * cost almost nothing more. What looks at arguments looks at values only, never at memory: a verdict on what another thread may
 * change is worth nothing.
 *
 *   refused  other ABIs (i386, x32) and io_uring: the same calls by another road; pidfd_getfd and setns: a socket or namespace of
 *            another process
 *   ours     socket() but for AF_UNIX, and every call on a socket that says more than "these bytes"
 *   kernel's everything else: bytes go through the pair that stands behind the descriptor
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/supervisor.h"

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#else
#error "this machine's system call numbers are not known here"
#endif

#define X32_BIT	    0x40000000
#define TUNSETIFF_  0x400454ca
#define SIOC_FIRST  0x8900 /* ioctls of sockets and devices */
#define SIOC_LAST   0x89ff
#define FIONREAD_   0x541b
#define TIOCOUTQ_   0x5411
#define RECV_ASIDE  (MSG_ERRQUEUE | MSG_TRUNC) /* what a pair can not do as TCP and UDP do it */
#define SEND_ASIDE  (MSG_FASTOPEN | MSG_ZEROCOPY | MSG_CONFIRM | MSG_MORE)
#define PROGRAM_MAX 160

#define LOW(arg)  ((uint32_t)offsetof(struct seccomp_data, args[arg]))
#define HIGH(arg) (LOW(arg) + 4)

struct builder {
	struct sock_filter insn[PROGRAM_MAX];
	unsigned short n;
};

static void emit(struct builder *b, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	b->insn[b->n++] = (struct sock_filter){ code, yes, no, k };
}

static void load(struct builder *b, uint32_t offset)
{
	emit(b, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void answer(struct builder *b, uint32_t verdict)
{
	emit(b, BPF_RET | BPF_K, verdict, 0, 0);
}

/* What is loaded is @k: @verdict. */
static void answer_if(struct builder *b, uint32_t k, uint32_t verdict)
{
	emit(b, BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1);
	answer(b, verdict);
}

static uint32_t refuse(int err)
{
	return SECCOMP_RET_ERRNO | (uint32_t)err;
}

/* The number is loaded; if it is @nr, the instructions up to rule_end() decide. Return: for rule_end() */
static unsigned short rule_begin(struct builder *b, uint32_t nr)
{
	emit(b, BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 0);
	return b->n;
}

/* Nothing in the rule decided: @verdict. */
static void rule_end(struct builder *b, unsigned short begin, uint32_t verdict)
{
	answer(b, verdict);
	b->insn[begin - 1].jf = (uint8_t)(b->n - begin);
}

static void abi(struct builder *b)
{
	static const uint32_t other_roads[] = { __NR_io_uring_setup, __NR_io_uring_enter,
						__NR_io_uring_register };

	load(b, offsetof(struct seccomp_data, arch));
	emit(b, BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0);
	answer(b, refuse(ENOSYS));
	load(b, offsetof(struct seccomp_data, nr));
	emit(b, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	answer(b, refuse(ENOSYS));
	for (unsigned i = 0; i < sizeof(other_roads) / sizeof(other_roads[0]); i++)
		answer_if(b, other_roads[i], refuse(ENOSYS));
	answer_if(b, __NR_pidfd_getfd, refuse(EPERM));
	answer_if(b, __NR_setns, refuse(EPERM));
}

static void always_ours(struct builder *b)
{
	static const uint32_t calls[] = {
		__NR_connect,	  __NR_bind,	   __NR_listen,	    __NR_accept4,  __NR_getsockname,
		__NR_getpeername, __NR_setsockopt, __NR_getsockopt, __NR_shutdown, __NR_sendmsg,
		__NR_recvmsg,	  __NR_sendmmsg,   __NR_recvmmsg,   __NR_accept,
	};

	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		answer_if(b, calls[i], SECCOMP_RET_USER_NOTIF);
}

/* socket() and socketpair() by their family. */
static void families(struct builder *b)
{
	static const uint32_t calls[] = { __NR_socket, __NR_socketpair };

	for (unsigned i = 0; i < 2; i++) {
		unsigned short rule = rule_begin(b, calls[i]);

		load(b, LOW(0));
		answer_if(b, AF_UNIX, SECCOMP_RET_ALLOW);
		rule_end(b, rule, SECCOMP_RET_USER_NOTIF);
	}
}

/* sendto() and recvfrom(): ours with an address (argument 4) or with flags (argument 3) of @aside. */
static void transfer(struct builder *b, uint32_t nr, uint32_t aside)
{
	unsigned short rule = rule_begin(b, nr);

	/* One byte is asked for to learn whether a socket is connected at all (Python's ssl does), which a pair can not tell. */
	if (nr == __NR_recvfrom) {
		load(b, LOW(2));
		answer_if(b, 1, SECCOMP_RET_USER_NOTIF);
	}

	for (unsigned half = 0; half < 2; half++) {
		load(b, half ? HIGH(4) : LOW(4));
		emit(b, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
		answer(b, SECCOMP_RET_USER_NOTIF);
	}
	load(b, LOW(3));
	emit(b, BPF_JMP | BPF_JSET | BPF_K, aside, 0, 1);
	answer(b, SECCOMP_RET_USER_NOTIF);
	rule_end(b, rule, SECCOMP_RET_ALLOW);
}

static void ioctls(struct builder *b, bool own_netns)
{
	unsigned short rule = rule_begin(b, __NR_ioctl);

	load(b, LOW(1));
	answer_if(b, FIONREAD_, SECCOMP_RET_USER_NOTIF);
	answer_if(b, TIOCOUTQ_, SECCOMP_RET_USER_NOTIF);
	/* In a namespace of its own a program may have TUNs; the host's are not for it. */
	if (!own_netns)
		answer_if(b, TUNSETIFF_, refuse(EPERM));
	emit(b, BPF_JMP | BPF_JGE | BPF_K, SIOC_FIRST, 0, 2);
	emit(b, BPF_JMP | BPF_JGT | BPF_K, SIOC_LAST, 1, 0);
	answer(b, SECCOMP_RET_USER_NOTIF);
	rule_end(b, rule, SECCOMP_RET_ALLOW);
}

int filter_install(bool own_netns)
{
	struct builder b = { .n = 0 };
	struct sock_fprog prog;
	int fd;

	abi(&b);
	always_ours(&b);
	families(&b);
	transfer(&b, __NR_sendto, SEND_ASIDE);
	transfer(&b, __NR_recvfrom, RECV_ASIDE);
	ioctls(&b, own_netns);
	answer(&b, SECCOMP_RET_ALLOW);
	prog = (struct sock_fprog){ b.n, b.insn };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	fd = (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			  &prog);
	return fd < 0 ? -errno : fd;
}
