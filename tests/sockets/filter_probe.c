// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/filter_probe.c - filter_probe kernel|skiff: classic BPF programs made by chance, and what becomes of them.
 *
 * Each is attached to a UDP socket, asked back, and where it was taken three datagrams show what it lets through. The numbers come
 * from a generator of our own, so that both sides run the same programs.
 */
#include <errno.h>
#include <linux/filter.h>
#include <string.h>

#include "api.h"

#define PROGRAMS 1500

static uint32_t seed = 12345;

static uint32_t chance(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Where loads look: the packet, headers below it, what is known beside it */
static uint32_t offset(void)
{
	/* Those whose answer both sides share: not the hash, the processor, the queue, chance */
	static const int known[] = { 0, 4, 8, 12, 16, 20, 28, 40, 44, 48, 52, 60, 1, 62, 64, 100 };

	/* Not the identification and the checksum of the IP header either. */
	switch (chance(8)) {
	case 0:
		return (uint32_t)(SKF_AD_OFF + known[chance(16)]);
	case 1:
		return (uint32_t)SKF_NET_OFF + 12 + chance(12);
	case 2:
		return (uint32_t)SKF_LL_OFF + chance(14);
	default:
		return chance(20);
	}
}

static struct sock_filter instruction(unsigned left)
{
	static const uint16_t loads[] = { BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS,
					  BPF_LD | BPF_B | BPF_ABS, BPF_LD | BPF_W | BPF_IND,
					  BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND,
					  BPF_LDX | BPF_B | BPF_MSH };
	static const uint16_t plain[] = {
		BPF_LD | BPF_IMM,  BPF_LDX | BPF_IMM,  BPF_LD | BPF_LEN,
		BPF_LDX | BPF_LEN, BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA
	};
	static const uint16_t memory[] = { BPF_ST, BPF_STX, BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM };
	struct sock_filter f = { 0 };

	switch (chance(16)) {
	case 0 ... 4:
		f.code = loads[chance(7)];
		f.k = (f.code & 0xe0) == BPF_IND ? chance(20) : offset();
		break;
	case 5 ... 7:
		f.code = plain[chance(6)];
		f.k = chance(40);
		break;
	case 8 ... 10:
		f.code = (uint16_t)(BPF_ALU | chance(11) << 4 | chance(2) << 3);
		f.k = chance(4) ? chance(34) : chance(2);
		break;
	case 11 ... 12:
		f.code = (uint16_t)(BPF_JMP | chance(5) << 4 | chance(2) << 3);
		f.jt = (uint8_t)chance(left + 1);
		f.jf = (uint8_t)chance(left + 1);
		f.k = chance(left + 1);
		break;
	case 13 ... 14:
		f.code = memory[chance(4)];
		f.k = chance(8) ? chance(3) : 15 + chance(3);
		break;
	default:
		f.code = (uint16_t)(chance(20) ? BPF_RET | chance(3) << 3 : chance(300));
		f.k = chance(30);
	}
	return f;
}

static int attach(int fd, struct sock_filter *f, unsigned n)
{
	struct sock_fprog prog = { (unsigned short)n, f };

	return api_setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

static void received(int fd)
{
	char buf[100];

	api_idle();
	for (;;) {
		long n = api_recvfrom(fd, buf, sizeof(buf), MSG_TRUNC, NULL, NULL);

		if (n < 0)
			break;
		printf(" %ld", n);
	}
}

static void one(int n)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9000) };
	struct sock_filter f[10], got[10];
	int fd = api_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), err;
	unsigned len = 1 + chance(8);
	uint32_t room = 10;

	for (unsigned i = 0; i < len; i++)
		f[i] = instruction(len - i);
	if (chance(12))
		f[len++] = (struct sock_filter){ .code = chance(2) ? 6 : 0x16, .k = chance(30) };
	a.sin_addr.s_addr = htonl(0x7f000001);
	api_bind(fd, &a, sizeof(a));
	err = attach(fd, f, len);
	printf("%d:", n);
	for (unsigned i = 0; i < len; i++)
		printf(" %x,%u,%u,%x", f[i].code, f[i].jt, f[i].jf, f[i].k);
	printf(" -> %s", errno_name(err));
	if (!err) {
		err = api_getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &room);
		printf(" %s %u %s:", errno_name(err), room,
		       memcmp(f, got, len * sizeof(*f)) ? "other" : "same");
		api_sendto(fd, "a", 1, 0, &a, sizeof(a));
		api_sendto(fd, "\1\2\3\4\5\6\7\10\11\12\13\14\15\16", 14, 0, &a, sizeof(a));
		api_sendto(fd, "EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE", 40, 0, &a, sizeof(a));
		received(fd);
	}
	printf("\n");
	api_close(fd);
}

static void bounds(void)
{
	static struct sock_filter f[5000];
	int fd = api_socket(AF_INET, SOCK_DGRAM, 0), on = 1;
	uint32_t room = 3;

	for (unsigned i = 0; i < 5000; i++)
		f[i] = (struct sock_filter){ .code = BPF_RET, .k = 1 };
	for (unsigned n = 4094; n < 4099; n++)
		printf("%u returns -> %s\n", n, errno_name(attach(fd, f, n)));
	printf("none -> %s\n", errno_name(attach(fd, f, 0)));
	printf("null -> %s\n", errno_name(attach(fd, NULL, 1)));
	printf("attach -> %s\n", errno_name(attach(fd, f, 7)));
	printf("get 3 -> %s\n",
	       errno_name(api_getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, f, &room)));
	room = 0;
	printf("get 0 -> %s", errno_name(api_getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, f, &room)));
	printf(" %u\n", room);
	api_setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, 4);
	printf("locked -> %s\n", errno_name(attach(fd, f, 1)));
	printf("locked, off -> %s\n",
	       errno_name(api_setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &on, 4)));
	api_close(fd);
}

/* A group of three; the program takes the datagram's first byte for the number of the one to have it. */
static void reuseport(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9100) };
	struct sock_filter f[] = { { BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
				   { BPF_RET | BPF_A, 0, 0, 0 } };
	struct sock_fprog prog = { 2, f };
	int fd[3], on = 1, s = api_socket(AF_INET, SOCK_DGRAM, 0);
	char c;

	a.sin_addr.s_addr = htonl(0x7f000001);
	printf("reuseport, no group -> %s\n",
	       errno_name(api_setsockopt(s, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
					 sizeof(prog))));
	for (int i = 0; i < 3; i++) {
		fd[i] = api_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		api_setsockopt(fd[i], SOL_SOCKET, SO_REUSEPORT, &on, 4);
		printf("bind -> %s\n", errno_name(api_bind(fd[i], &a, sizeof(a))));
	}
	printf("attach -> %s\n",
	       errno_name(api_setsockopt(fd[1], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
					 sizeof(prog))));
	for (c = 0; c < 3; c++) {
		api_sendto(s, &c, 1, 0, &a, sizeof(a));
		for (int i = 0; i < 3; i++) {
			printf("byte %d, socket %d:", c, i);
			received(fd[i]);
			printf("\n");
		}
	}
	printf("detach -> %s\n",
	       errno_name(api_setsockopt(fd[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, 4)));
	printf("detach -> %s\n",
	       errno_name(api_setsockopt(fd[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, 4)));
	for (int i = 0; i < 3; i++)
		api_close(fd[i]);
	api_close(s);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	api_start(argv[1]);
	bounds();
	reuseport();
	for (int i = 0; i < PROGRAMS; i++)
		one(i);
	api_end();
	return 0;
}
