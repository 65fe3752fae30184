/* SPDX-License-Identifier: BSD-2-Clause */
/* include/skiff/tap.h - devices that touch the operating system: a TAP, a capture file. Part of the command, not of libskiff. */
#ifndef SKIFF_TAP_H
#define SKIFF_TAP_H

#include "skiff/skiff.h"

/**
 * skiff_tap_create() - a device whose other end is the TAP @host_name in the process's network namespace
 * @name: in @net; @mac: NULL for a random one
 * @err:  set to a negative errno where NULL is returned: -EPERM without CAP_NET_ADMIN, -EBUSY if somebody holds the TAP, ...
 * Checksums and segmentation are left to the host (IFF_VNET_HDR). The TAP is made if it is not there, and set up.
 * Return: the device, down; it ends with skiff_dev_destroy() or its namespace
 */
struct skiff_dev *skiff_tap_create(struct skiff_net *net, const char *name, const uint8_t mac[6],
				   const char *host_name, int *err);
/** skiff_tun_create() - the same with the TUN @host_name: bare IP packets, no link-layer address */
struct skiff_dev *skiff_tun_create(struct skiff_net *net, const char *name, const char *host_name,
				   int *err);
/** skiff_tap_fd() - readable when a frame waits: call skiff_turn() then. The descriptor stays the device's */
int skiff_tap_fd(const struct skiff_dev *dev);
/** skiff_tap_open() - only the TAP, without a device: a non-blocking descriptor of bare Ethernet frames, or a negative errno */
int skiff_tap_open(const char *host_name);

/**
 * skiff_pcap_create() - a device that receives the frames of a capture file and writes what is sent to another
 * @in:  pcap or pcapng with Ethernet frames, or NULL. They arrive in the file's rhythm, the first when the device is up
 * @out: pcap with ns times, made anew, or NULL
 * @err: as above; -EINVAL for a file that is no Ethernet capture
 */
struct skiff_dev *skiff_pcap_create(struct skiff_net *net, const char *name, const uint8_t mac[6],
				    const char *in, const char *out, int *err);

/* ---- capture files, frame by frame ---- */

struct skiff_capture; /* a pcap or pcapng file being read, or a pcap file being written */

/** skiff_capture_read() - open a file of Ethernet frames; NULL and *err = -errno, -EINVAL for a file that is none */
struct skiff_capture *skiff_capture_read(const char *path, int *err);
/** skiff_capture_next() - the next frame, valid until the next call; its time is in ns. 1, 0 at the end, -EINVAL for a broken file */
int skiff_capture_next(struct skiff_capture *c, uint64_t *at_ns, const void **frame, size_t *len);
/** skiff_capture_write() - make a pcap file with ns times */
struct skiff_capture *skiff_capture_write(const char *path, int *err);
void skiff_capture_put(struct skiff_capture *c, uint64_t at_ns, const void *frame, size_t len);
void skiff_capture_flush(struct skiff_capture *c);
/** skiff_capture_close() - NULL is allowed */
void skiff_capture_close(struct skiff_capture *c);

#endif
