/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/packet_text.h - a packet in words, as an Ethernet frame. For lab/ only. */
#ifndef LAB_PACKET_TEXT_H
#define LAB_PACKET_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define PACKET_FRAME_MAX (65535 + 18)

/**
 * struct packet_macs - the frame's addresses where the words name none
 * @dst: the device that the frame arrives at; @src: its neighbour on the link
 */
struct packet_macs {
	uint8_t dst[6], src[6];
};

int packet_text(unsigned n, const char *const word[], const struct packet_macs *macs,
		uint8_t *frame, size_t *len, char *why, size_t why_size);
int packet_hex(unsigned n, const char *const word[], uint8_t *frame, size_t *len);

#endif
