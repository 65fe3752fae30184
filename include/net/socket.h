/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/socket.h - the caller's half of a socket: what a descriptor stands for, address families, proto_ops. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include "net/sock.h"

typedef enum {
	SS_FREE,
	SS_UNCONNECTED,
	SS_CONNECTING,
	SS_CONNECTED,
	SS_DISCONNECTING
} socket_state;

struct proto_ops;

/**
 * struct socket - behind a descriptor
 * @watchers: epoll items and embedder's callbacks (struct socket_watch), in order of registration
 * @fds:      descriptors that there are of it (skiff_dup)
 * @f_flags:  O_NONBLOCK: kept for fcntl(); nothing here waits in any case
 */
struct socket {
	struct sock *sk;
	const struct proto_ops *ops;
	struct list_head watchers;
	struct net *net;
	u32 fds;
	u16 f_flags;
	u8 state; /* socket_state */
	u8 type;
};
static_assert(sizeof(struct socket) <= 48, "every connection has one");

/**
 * struct proto_ops - a family's calls on one type of socket (seed 3.1: inet_stream_ops, inet_dgram_ops, inet_sockraw_ops)
 * None waits. All return 0 (or bytes, or a mask) or -errno.
 */
struct proto_ops {
	int family;
	int (*release)(struct socket *sock);
	int (*bind)(struct socket *sock, struct sockaddr *addr, int addr_len);
	int (*connect)(struct socket *sock, struct sockaddr *addr, int addr_len, int flags);
	int (*socketpair)(struct socket *a, struct socket *b);
	int (*accept)(struct socket *sock, struct socket *newsock, int flags);
	/** @peer: 0 own, 1 peer; returns the length */
	int (*getname)(struct socket *sock, struct sockaddr *addr, int peer);
	u32 (*poll)(struct socket *sock);
	int (*ioctl)(struct socket *sock, u32 cmd, void *arg);
	int (*listen)(struct socket *sock, int backlog);
	int (*shutdown)(struct socket *sock, int how);
	int (*setsockopt)(struct socket *sock, int level, int optname, const void *optval,
			  u32 optlen);
	int (*getsockopt)(struct socket *sock, int level, int optname, void *optval, u32 *optlen);
	long (*sendmsg)(struct socket *sock, struct msghdr *msg, struct iov_iter *from);
	long (*recvmsg)(struct socket *sock, struct msghdr *msg, struct iov_iter *to, int flags);
	int (*set_peek_off)(struct sock *sk, int val);
	int (*set_rcvlowat)(struct sock *sk, int val);
};

/**
 * struct net_proto_family - sock_register()'s unit
 * @create: fill @sock in; @kern: no permission is asked
 * @destruct: the last reference to a sock of the family goes (Linux: sk_destruct); ends with sk_destruct_common()
 * @free_mini: the same of a request or time-wait sock
 */
struct net_proto_family {
	int family;
	int (*create)(struct net *net, struct socket *sock, int protocol, int kern);
	void (*destruct)(struct sock *sk);
	void (*free_mini)(struct sock *sk);
};

/** sock_register() - make a family known to a shard. 0, -ENOBUFS (out of range), -EEXIST */
int sock_register(struct skiff *skiff, const struct net_proto_family *fam);
/** sock_create() - a socket without a descriptor. -EAFNOSUPPORT, -EINVAL, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EPERM, -ENFILE, ... */
int sock_create(struct net *net, int family, int type, int protocol, struct socket **res, int kern);
/** sock_fd_open() - does this number stand for anything? */
bool sock_fd_open(const struct skiff *skiff, int fd);
/** sock_release() - the end of a socket without descriptors */
void sock_release(struct socket *sock);
struct socket *sock_alloc(struct net *net);
/* operations that a family does not have: -EOPNOTSUPP */
int sock_no_accept(struct socket *sock, struct socket *newsock, int flags);
int sock_no_listen(struct socket *sock, int backlog);
int sock_no_socketpair(struct socket *a, struct socket *b);
/** sock_common_setsockopt(), sock_common_getsockopt() - hand down to the protocol */
int sock_common_setsockopt(struct socket *sock, int level, int optname, const void *optval,
			   u32 optlen);
int sock_common_getsockopt(struct socket *sock, int level, int optname, void *optval, u32 *optlen);

/** copy_from_user(), copy_to_user() - the caller's memory, by the function of skiff_set_user_copy() if there is one. 0 or -EFAULT (also for NULL) */
int copy_from_user(struct skiff *skiff, void *to, const void *user, size_t len);
int copy_to_user(struct skiff *skiff, void *user, const void *from, size_t len);

/* inetsw: (type, protocol) -> proto and ops (seed 三: inet_register_protosw). The shard keeps a copy */
struct inet_protosw {
	struct list_head list; /* of the shard's copy */
	u16 type;
	u16 protocol;
	const struct proto *prot;
	const struct proto_ops *ops;
	u8 flags;
};
#define INET_PROTOSW_REUSE     0x01
#define INET_PROTOSW_PERMANENT 0x02
#define INET_PROTOSW_ICSK      0x04

/* ---- watching: what poll, epoll and embedders hang on a socket ---- */
/**
 * struct socket_watch - stands in socket.watchers
 * @wake: @mask: POLL* that may have become true, SOCK_WAKE_ALL: have a look. Return: true if somebody will act on it
 * @end:  the socket goes; the watch is off its list already
 * @exclusive: of all such, only the first that acts is told (EPOLLEXCLUSIVE)
 */
struct socket_watch {
	struct list_head list;
	bool (*wake)(struct socket_watch *w, u32 mask);
	void (*end)(struct socket_watch *w);
	bool exclusive;
};
void socket_watch_add(struct list_head *watchers, struct socket_watch *w);
void socket_watch_del(struct socket_watch *w);
/** watchers_wake() - tell them all */
void watchers_wake(struct list_head *watchers, u32 mask);
#define SOCK_WAKE_ALL 0xffffffffu
/** sock_wake() - tell the watchers of @sk's socket that @mask may hold now; harmless without a socket */
void sock_wake(struct sock *sk, u32 mask);

/* ---- permissions: what the embedder lets the owner of a socket do ---- */
#define CAP_NET_BIND_SERVICE 10
#define CAP_NET_ADMIN	     12
#define CAP_NET_RAW	     13
/** sock_capable() - has the caller @cap in this namespace? (skiff_socket_policy; all, unless the embedder says else) */
bool sock_capable(const struct net *net, int cap);
/** sock_in_group() - is the caller in a group of [@low, @high]? (ping_group_range) */
bool sock_in_group(const struct net *net, u32 low, u32 high);
u32 sock_caller_uid(const struct net *net);

/* hooks where Linux calls cgroup BPF: 0 or -errno of refusal */
enum sock_hook {
	SOCK_HOOK_CREATE,
	SOCK_HOOK_BIND,
	SOCK_HOOK_POST_BIND,
	SOCK_HOOK_CONNECT,
	SOCK_HOOK_SENDMSG,
	SOCK_HOOK_RELEASE
};
int sock_hook(struct sock *sk, enum sock_hook what, struct sockaddr *addr, int *addr_len);

#endif
