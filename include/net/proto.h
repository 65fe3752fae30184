/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/proto.h - a transport: its operations, its slab and its account of memory. */
#ifndef NET_PROTO_H
#define NET_PROTO_H

#include "net/skbuff.h"
#include "net/socket_abi.h"
#include "net/uio.h"

struct sock;
struct socket;

struct sockaddr_in;

/**
 * struct proto - one transport
 * @close:      the descriptor went; the protocol may live on (orphan). @timeout: linger time, ns
 * @init:       a new sock; @destroy: the last of the protocol's own state goes
 * @sendmsg, @recvmsg: @msg is the core's copy: msg_name points at room for any address (NULL: not wanted), recvmsg sets
 *              msg_namelen (0 before); the flags of sendmsg are in msg_flags; what recvmsg finds (MSG_TRUNC, ...) goes there too. Bytes, or -errno; never wait: -EAGAIN (the caller of struct proto handles flags such as MSG_DONTWAIT the same)
 * @ioctl:      answer in *@karg; -ENOIOCTLCMD for commands it does not know
 * @listen:     a stream socket listens, or has its backlog changed
 * @poll, @set_rcvlowat: NULL: what all datagram sockets do
 * @hash, @unhash: into and out of the protocol's lookup tables
 * @get_port:   bind to @snum (host order, 0: choose). 0, or 1 if it is taken
 * @slab:       which slab of the shard its socks come from
 * @mem_index: account of the namespace that it is charged to; limits: sk_prot_mem_limits()
 */
struct proto {
	const char *name;
	u32 obj_size;
	bool has_memory_accounting;
	u8 no_autobind : 1, stream : 1;
	void (*close)(struct sock *sk, s64 timeout);
	int (*pre_connect)(struct sock *sk, struct sockaddr *uaddr, int addr_len);
	int (*connect)(struct sock *sk, struct sockaddr *uaddr, int addr_len);
	int (*disconnect)(struct sock *sk, int flags);
	struct sock *(*accept)(struct sock *sk, int flags, int *err);
	int (*ioctl)(struct sock *sk, int cmd, int *karg);
	int (*listen)(struct sock *sk, int backlog);
	u32 (*poll)(struct socket *sock);
	int (*set_rcvlowat)(struct sock *sk, int val);
	int (*init)(struct sock *sk);
	void (*destroy)(struct sock *sk);
	void (*shutdown)(struct sock *sk, int how);
	int (*setsockopt)(struct sock *sk, int level, int optname, const void *optval, u32 optlen);
	int (*getsockopt)(struct sock *sk, int level, int optname, void *optval, u32 *optlen);
	void (*keepalive)(struct sock *sk, int valbool);
	long (*sendmsg)(struct sock *sk, struct msghdr *msg, struct iov_iter *from);
	long (*recvmsg)(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags);
	/* without copying: skiff_send_buf(), skiff_send_commit(), skiff_recv_refs(); NULL: -EOPNOTSUPP */
	void *(*send_buf)(struct sock *sk, size_t *len, int *err);
	long (*send_commit)(struct sock *sk, size_t len, int flags);
	long (*recv_refs)(struct sock *sk, size_t max,
			  long (*fn)(void *arg, const void *data, size_t len), void *arg);
	int (*bind)(struct sock *sk, struct sockaddr *addr, int addr_len);
	int (*hash)(struct sock *sk);
	void (*unhash)(struct sock *sk);
	int (*rehash)(struct sock *sk);
	int (*get_port)(struct sock *sk, u16 snum);
	void (*put_port)(struct sock *sk);
	bool (*stream_memory_free)(const struct sock *sk, int wake);
	/** there may be room to write again; NULL: what datagram sockets do */
	void (*write_space)(struct sock *sk);
	void (*enter_memory_pressure)(struct sock *sk);
	void (*leave_memory_pressure)(struct sock *sk);
	/** SOF_TIMESTAMPING_OPT_ID of a stream: the byte that is counted from: where the user writes next (@write), or what is not acknowledged */
	u32 (*tskey)(const struct sock *sk, bool write);
	/** SOF_TIMESTAMPING_OPT_STATS: a packet of netlink attributes about @orig; NULL: no memory */
	struct sk_buff *(*opt_stats)(struct sock *sk, const struct sk_buff *orig);
	/** IP_OPTIONS changed by @delta bytes: what a segment may carry follows */
	void (*ext_hdr_changed)(struct sock *sk, int delta);
	u32 max_header;
	u8 mem_index;  /* enum proto_mem */
	u8 slab_index; /* enum proto_slab */
};

/* Memory accounts of a namespace: struct netns_sock.mem[] */
enum proto_mem { PROTO_MEM_NONE, PROTO_MEM_TCP, PROTO_MEM_UDP, PROTO_MEM_RAW_, PROTO_MEM_MAX };

/**
 * struct proto_memory - pages that a transport's sockets of one namespace have (Linux: of the machine)
 */
struct proto_memory {
	s64 allocated;	    /* pages */
	u32 pressure_since; /* ticks, 0: none */
	u32 sockets_allocated;
	u32 orphan_count;
};

enum proto_slab {
	SLAB_TCP,
	SLAB_UDP,
	SLAB_RAW,
	SLAB_PING,
	SLAB_REQUEST,
	SLAB_TIMEWAIT,
	SLAB_TCP_LOSS,
	SLAB_SOCKET,
	SLAB_BIND,
	SLAB_MAX
};

#endif
