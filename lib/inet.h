// SPDX-License-Identifier: BSD-2-Clause
/* lib/inet.h - IPv4 and MAC addresses as text, read strictly.
 *
 * Addresses are uint32_t in network byte order. Strict means: one spelling per value. "10.1", "010.0.0.1",
 * " 10.0.0.1" and "10.0.0.1 " are refused, where the C library would guess.
 */
#ifndef LIB_INET_H
#define LIB_INET_H

#include <stdbool.h>
#include <stdint.h>

#define IP4_STRLEN	  16 /* "255.255.255.255" and its NUL */
#define IP4_PREFIX_STRLEN 19 /* "255.255.255.255/32" and its NUL */
#define MAC_STRLEN	  18 /* "ff:ff:ff:ff:ff:ff" and its NUL */

const char *ip4_scan(const char *s, uint32_t *addr);
const char *ip4_scan_prefix(const char *s, uint32_t *addr, uint8_t *plen);
const char *mac_scan(const char *s, uint8_t mac[6]);
bool ip4_parse(const char *s, uint32_t *addr);
bool ip4_parse_prefix(const char *s, uint32_t *addr, uint8_t *plen);
bool mac_parse(const char *s, uint8_t mac[6]);

char *ip4_print(char buf[IP4_STRLEN], uint32_t addr);
char *ip4_print_prefix(char buf[IP4_PREFIX_STRLEN], uint32_t addr, uint8_t plen);
char *mac_print(char buf[MAC_STRLEN], const uint8_t mac[6]);

#endif
