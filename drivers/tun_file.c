// SPDX-License-Identifier: BSD-2-Clause
/* drivers/tun_file.c - open a TAP; apart from the device since the kernel's header brings its own wire structs. */
#include "tun_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "skiff/tap.h"

#ifndef TUN_F_USO4 /* Linux 6.2 */
#define TUN_F_USO4 0x20
#endif

/* Set the host's end up, whoever made it. */
static int set_up(const char *host_name)
{
	struct ifreq ifr = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (s < 0)
		return -errno;
	strncpy(ifr.ifr_name, host_name, IFNAMSIZ - 1);
	if (ioctl(s, SIOCGIFFLAGS, &ifr) < 0)
		err = -errno;
	ifr.ifr_flags |= IFF_UP;
	if (!err && ioctl(s, SIOCSIFFLAGS, &ifr) < 0)
		err = -errno;
	close(s);
	return err;
}

/**
 * tun_open() - a non-blocking descriptor of the TAP or TUN @host_name, made if it is not there, its host's end set up
 * @ethernet: a TAP
 * @vnet_hdr: each frame has a struct virtio_net_hdr in front
 * Return: the descriptor or -errno
 */
int tun_open(const char *host_name, bool ethernet, bool vnet_hdr)
{
	struct ifreq ifr = { .ifr_flags = (short)((ethernet ? IFF_TAP : IFF_TUN) | IFF_NO_PI |
						  (vnet_hdr ? IFF_VNET_HDR : 0)) };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	strncpy(ifr.ifr_name, host_name, IFNAMSIZ - 1);
	err = ioctl(fd, TUNSETIFF, &ifr) < 0 ? -errno : set_up(host_name);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int skiff_tap_open(const char *host_name)
{
	return tun_open(host_name, true, false);
}

/**
 * tun_set_offload() - let the host leave checksums and segmentation to us
 * Return: true if the kernel knows large UDP packets, too (6.2 and later)
 */
bool tun_set_offload(int fd)
{
	const unsigned long base = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN;

	if (!ioctl(fd, TUNSETOFFLOAD, base | TUN_F_USO4))
		return true;
	ioctl(fd, TUNSETOFFLOAD, base);
	return false;
}
