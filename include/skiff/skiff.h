/* SPDX-License-Identifier: BSD-2-Clause */
/* include/skiff/skiff.h - the public interface: one shard of the stack, its namespaces, devices and answers.
 *
 * A shard (struct skiff) is single-threaded and owns everything in it. It reads no clock and no
 * random source and makes no system call: time comes in with skiff_turn(), chance with the seed.
 * Configuration is netlink (rtnetlink messages as the kernel defines them) and sysctl by name.
 *
 * Errors are negative errno values. Strings handed in are copied. Times are nanoseconds on the
 * caller's own monotonic scale.
 */
#ifndef SKIFF_SKIFF_H
#define SKIFF_SKIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SKIFF_API   __attribute__((visibility("default")))
#define SKIFF_NEVER UINT64_MAX

struct skiff;	  /* a shard: clock, random stream, packet pools, namespaces */
struct skiff_net; /* a network namespace (a host, a router) on a shard */
struct skiff_dev; /* a network device in a namespace */

/** skiff_version() - "0.1.0" */
SKIFF_API const char *skiff_version(void);

/* ---- a shard ---- */

enum skiff_log_level { SKIFF_LOG_ERR, SKIFF_LOG_WARN, SKIFF_LOG_INFO, SKIFF_LOG_DEBUG };

/**
 * struct skiff_env - what the stack needs from outside
 * @arg:      handed to every callback
 * @alloc:    @align is a power of two; NULL return is handled; NULL pointer here = libc's
 * @free:     frees what @alloc gave; NULL pointer here = libc's
 * @log:      one line without newline (log_martians and friends); may be NULL
 * @seed:     32 bytes: the same seed, input and times give the same output, byte for byte
 * @now_ns:   time of creation
 * @wall_ns:  Unix time in ns that belongs to @now_ns (ICMP and IP timestamps)
 */
struct skiff_env {
	void *arg;
	void *(*alloc)(void *arg, size_t size, size_t align);
	void (*free)(void *arg, void *p);
	void (*log)(void *arg, int level, const char *line);
	uint8_t seed[32];
	uint64_t now_ns;
	uint64_t wall_ns;
};

/** skiff_create() - a new shard without namespaces; NULL when out of memory */
SKIFF_API struct skiff *skiff_create(const struct skiff_env *env);
/** skiff_destroy() - frees the shard with all namespaces, devices and packets on it */
SKIFF_API void skiff_destroy(struct skiff *skiff);

/**
 * skiff_turn() - run what is due at @now_ns: devices in, timers, devices out, deferred frees
 * @now_ns: never less than at the turn before
 * Return:  number of frames and timers handled; call again while it is not 0 to run dry
 */
SKIFF_API unsigned skiff_turn(struct skiff *skiff, uint64_t now_ns);
/** skiff_next() - when skiff_turn() wants to be called again (never late; a turn may find that it was early), SKIFF_NEVER if only input wakes it */
SKIFF_API uint64_t skiff_next(const struct skiff *skiff);

/* ---- namespaces ---- */

/** skiff_net_create() - a namespace with a loopback device "lo" (index 1, down); NULL: no memory or name taken */
SKIFF_API struct skiff_net *skiff_net_create(struct skiff *skiff, const char *name);
SKIFF_API void skiff_net_destroy(struct skiff_net *net);
SKIFF_API struct skiff_net *skiff_net_find(struct skiff *skiff, const char *name);
SKIFF_API const char *skiff_net_name(const struct skiff_net *net);

/**
 * skiff_netlink() - hand one NETLINK_ROUTE request to a namespace
 * @msg:   one nlmsghdr with its attributes, @len bytes
 * @reply: called for each answer message (dump parts, objects, NLMSG_DONE, NLMSG_ERROR with extack), may be NULL
 * Return: 0, or the negative errno that the NLMSG_ERROR carries
 */
typedef void (*skiff_netlink_fn)(void *arg, const void *msg, size_t len);
SKIFF_API int skiff_netlink(struct skiff_net *net, const void *msg, size_t len,
			    skiff_netlink_fn reply, void *arg);

/** skiff_sysctl_set() - as writing @value to /proc/sys; @key "net.ipv4.ip_forward"; -ENOENT, -EINVAL, ... */
SKIFF_API int skiff_sysctl_set(struct skiff_net *net, const char *key, const char *value);
/** skiff_sysctl_get() - the text as cat prints it, without newline, 0-terminated; returns length or -errno */
SKIFF_API int skiff_sysctl_get(struct skiff_net *net, const char *key, char *buf, size_t size);
/** skiff_sysctl_walk() - calls @fn for each key in sorted order */
SKIFF_API void skiff_sysctl_walk(struct skiff_net *net, void (*fn)(void *arg, const char *key),
				 void *arg);

/** skiff_tcp_metrics_flush() - as "ip tcp_metrics flush all": what TCP remembers of its peers is forgotten, fast open cookies, too */
SKIFF_API void skiff_tcp_metrics_flush(struct skiff_net *net);

/** skiff_proc_read() - a file below /proc, e.g. "net/snmp", "net/netstat", "net/dev"; returns length (as if @size were enough) or -ENOENT */
SKIFF_API int skiff_proc_read(struct skiff_net *net, const char *path, char *buf, size_t size);

/** skiff_counters() - every SNMP counter as "Ip.InReceives" and its value */
SKIFF_API void skiff_counters(struct skiff_net *net,
			      void (*fn)(void *arg, const char *name, uint64_t value), void *arg);

/* ---- devices ---- */

/** skiff_dev_find() - device by name, NULL if there is none */
SKIFF_API struct skiff_dev *skiff_dev_find(struct skiff_net *net, const char *name);
SKIFF_API int skiff_dev_ifindex(const struct skiff_dev *dev);
SKIFF_API const char *skiff_dev_name(const struct skiff_dev *dev);

/**
 * struct skiff_wire_ops - the far end of a wire device, given by the embedder
 * @xmit: the stack sent an Ethernet frame; bytes are valid during the call
 */
struct skiff_wire_ops {
	void (*xmit)(void *arg, struct skiff_dev *dev, const void *frame, size_t len);
};

/**
 * skiff_wire_create() - an Ethernet device whose cable the embedder holds
 * @mac: 6 bytes, or NULL for a random locally administered one
 * Return: the device, down; NULL if the name is taken or bad
 */
SKIFF_API struct skiff_dev *skiff_wire_create(struct skiff_net *net, const char *name,
					      const uint8_t mac[6],
					      const struct skiff_wire_ops *ops, void *arg);
/**
 * skiff_wire_rx() - an Ethernet frame (no FCS) arrives; it is copied and handled in the next turn
 * Return: 0, -ENETDOWN if the device is down, -EMSGSIZE, -ENOBUFS
 */
SKIFF_API int skiff_wire_rx(struct skiff_dev *dev, const void *frame, size_t len);

/**
 * struct skiff_rawip_ops - the far end of a device of bare IP packets, given by the embedder
 * @xmit: the stack sent an IP packet; bytes are valid during the call. @gso_size: 0, or (SKIFF_RAWIP_TSO) the payload of each
 *        segment that a large TCP packet stands for; its checksum is that of the large packet
 */
struct skiff_rawip_ops {
	void (*xmit)(void *arg, struct skiff_dev *dev, const void *packet, size_t len,
		     unsigned gso_size);
};

#define SKIFF_RAWIP_TSO 1u /* large TCP packets come whole */
#define SKIFF_RAWIP_FULL \
	2u /* the queue in front has no room: each packet is dropped, and the sender told so (NET_XMIT_DROP) */

/**
 * skiff_rawip_create() - a device of IP packets without a link-layer header, as Linux's TUN is; no ARP
 * @flags: SKIFF_RAWIP_*
 * Return: the device, down, MTU 1500; NULL if the name is taken or bad
 */
SKIFF_API struct skiff_dev *skiff_rawip_create(struct skiff_net *net, const char *name,
					       unsigned flags, const struct skiff_rawip_ops *ops,
					       void *arg);
/**
 * skiff_rawip_rx() - an IP packet arrives; it is copied and handled in the next turn
 * Return: 0, -ENETDOWN if the device is down, -EINVAL if it is neither IPv4 nor IPv6 by its version, -EMSGSIZE, -ENOBUFS
 */
SKIFF_API int skiff_rawip_rx(struct skiff_dev *dev, const void *packet, size_t len);
/** skiff_rawip_set_flags() - as "ethtool -K DEV tso on|off", "tc qdisc replace dev DEV root pfifo limit 0" */
SKIFF_API void skiff_rawip_set_flags(struct skiff_dev *dev, unsigned flags);

/** skiff_veth_create() - two devices, back to back, zero-copy, maybe in two namespaces of one shard */
SKIFF_API int skiff_veth_create(struct skiff_net *a, const char *name_a, const uint8_t mac_a[6],
				struct skiff_net *b, const char *name_b, const uint8_t mac_b[6]);
/** skiff_dummy_create() - a device that swallows what is sent */
SKIFF_API int skiff_dummy_create(struct skiff_net *net, const char *name);
/**
 * skiff_dev_set_feature() - as "ethtool -K DEV NAME on|off"
 * @name: "tx" (checksums are the device's), "sg" (packets in pieces), "tso" and "tx-udp-segmentation" (large packets), "gro" (merge what arrives),
 *        or ethtool's long name of one of them. Off takes along what needs it: tso and tx-udp-segmentation need both sg and tx
 * Return: 0; -EOPNOTSUPP: no such feature, or the device never had it; -EINVAL: on, but what it needs is off
 */
SKIFF_API int skiff_dev_set_feature(struct skiff_dev *dev, const char *name, bool on);
/** skiff_dev_destroy() - unregister and free; pending packets are dropped with a reason */
SKIFF_API void skiff_dev_destroy(struct skiff_dev *dev);

/* ---- journeys: see skiff/explain.h ---- */

#ifdef __cplusplus
}
#endif
#endif
