// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_md5.c - segments signed with MD5 (RFC 2385): keys by peer, checking what comes in.
 *
 * DOC: Signatures
 * A key for a peer (or a prefix of peers) means that all segments from there must be signed, and all to there are. What is signed: addresses,
 * protocol and length, the header without options and with checksum 0, the data, the key. A listener's key for the peer goes to
 * the child, a connection's to its time-wait socket. TCP-AO (RFC 5925) is tcp_ao.c; both begin at tcp_inbound_hash().
 */
#include "net/ipv4/tcp_conn.h"

#include "lib/md5.h"

/* @flags: TCP_MD5SIG_FLAG_IFINDEX; @l3index: 0, any */
struct tcp_md5sig_key {
	struct tcp_md5sig_key *next;
	__be32 addr;
	u8 prefixlen;
	u8 keylen;
	u8 flags;
	int l3index;
	u8 key[TCP_MD5SIG_MAXKEYLEN];
};

struct tcp_md5sig_info {
	struct tcp_md5sig_key *keys;
};

static bool better_match(const struct tcp_md5sig_key *old, const struct tcp_md5sig_key *new)
{
	if (!old)
		return true;
	if (!old->l3index != !new->l3index)
		return new->l3index != 0;
	return old->prefixlen < new->prefixlen;
}

struct tcp_md5sig_key *tcp_md5_do_lookup(const struct sock *sk, int l3index, __be32 addr)
{
	const struct tcp_md5sig_info *info = tcp_rare(tcp_sk(sk))->md5sig_info;
	struct tcp_md5sig_key *best = NULL;

	for (struct tcp_md5sig_key *k = info ? info->keys : NULL; k; k = k->next) {
		if (k->flags & TCP_MD5SIG_FLAG_IFINDEX && k->l3index != l3index)
			continue;
		if (!((k->addr ^ addr) & inet_make_mask(k->prefixlen)) && better_match(best, k))
			best = k;
	}
	return best;
}

static struct tcp_md5sig_key **find_exact(const struct sock *sk, __be32 addr, u8 prefixlen,
					  u8 flags)
{
	struct tcp_md5sig_key **p = &tcp_rare(tcp_sk(sk))->md5sig_info->keys;

	while (*p && ((*p)->addr != addr || (*p)->prefixlen != prefixlen || (*p)->flags != flags))
		p = &(*p)->next;
	return p;
}

static int md5_add(struct sock *sk, __be32 addr, u8 prefixlen, u8 flags, const u8 *key, u8 keylen)
{
	struct tcp_rare *rare = tcp_rare_make(sk);
	struct skiff *skiff = sock_skiff(sk);
	struct tcp_md5sig_key **p, *k;

	if (!rare)
		return -ENOMEM;
	if (!rare->md5sig_info) {
		rare->md5sig_info = skiff_zalloc(skiff, sizeof(*rare->md5sig_info));
		if (!rare->md5sig_info)
			return -ENOMEM;
		/* Each segment has its own signature: none may be cut later. */
		sk_gso_disable(sk);
	}
	p = find_exact(sk, addr, prefixlen, flags);
	k = *p;
	if (!k) {
		k = skiff_zalloc(skiff, sizeof(*k));
		if (!k)
			return -ENOMEM;
		k->addr = addr;
		k->prefixlen = prefixlen;
		k->flags = flags;
		*p = k;
	}
	memcpy(k->key, key, keylen);
	k->keylen = keylen;
	return 0;
}

static int md5_del(struct sock *sk, __be32 addr, u8 prefixlen, u8 flags)
{
	struct tcp_md5sig_key **p, *k;

	if (!tcp_rare(tcp_sk(sk))->md5sig_info)
		return -ENOENT;
	p = find_exact(sk, addr, prefixlen, flags);
	k = *p;
	if (!k)
		return -ENOENT;
	*p = k->next;
	skiff_free(sock_skiff(sk), k);
	return 0;
}

/** tcp_md5_parse_key() - setsockopt TCP_MD5SIG, TCP_MD5SIG_EXT; a key without length is deleted. -EINVAL, -ENOENT, -ENOMEM */
int tcp_md5_parse_key(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	struct tcp_md5sig cmd;
	struct sockaddr_in sin;
	u8 prefixlen = 32, flags;

	if (optlen < sizeof(cmd))
		return -EINVAL;
	memcpy(&cmd, optval, sizeof(cmd));
	memcpy(&sin, &cmd.tcpm_addr, sizeof(sin));
	if (sin.sin_family != AF_INET)
		return -EINVAL;
	flags = cmd.tcpm_flags & TCP_MD5SIG_FLAG_IFINDEX;
	if (optname == TCP_MD5SIG_EXT && cmd.tcpm_flags & TCP_MD5SIG_FLAG_PREFIX) {
		prefixlen = cmd.tcpm_prefixlen;
		if (prefixlen > 32)
			return -EINVAL;
	}
	/* It must be a device that has devices below it at layer 3 (VRF): there is none. */
	if (optname == TCP_MD5SIG_EXT && cmd.tcpm_ifindex && flags)
		return -EINVAL;
	if (!cmd.tcpm_keylen)
		return md5_del(sk, sin.sin_addr.s_addr, prefixlen, flags);
	if (cmd.tcpm_keylen > TCP_MD5SIG_MAXKEYLEN)
		return -EINVAL;
	return md5_add(sk, sin.sin_addr.s_addr, prefixlen, flags, cmd.tcpm_key,
		       (u8)cmd.tcpm_keylen);
}

int tcp_md5_copy_to_child(struct sock *newsk, const struct sock *sk, __be32 addr)
{
	const struct tcp_md5sig_key *k = tcp_md5_do_lookup(sk, 0, addr);

	return k ? md5_add(newsk, addr, 32, k->flags, k->key, k->keylen) : 0;
}

void tcp_md5_free(struct sock *sk)
{
	struct tcp_md5sig_info *info = tcp_rare(tcp_sk(sk))->md5sig_info;
	struct tcp_md5sig_key *k;

	if (!info)
		return;
	while ((k = info->keys) != NULL) {
		info->keys = k->next;
		skiff_free(sock_skiff(sk), k);
	}
	skiff_free(sock_skiff(sk), info);
	inet_csk(sk)->icsk_rare->md5sig_info = NULL;
}

void tcp_twsk_init_key(struct sock *sk, struct inet_timewait_sock *tw)
{
	const struct tcp_md5sig_key *k;

	if (tcp_ao_time_wait(sk, tw))
		return;
	k = tcp_md5_do_lookup(sk, 0, sk->sk_daddr);
	if (!k)
		return;
	tw->tw_key = skiff_alloc(sock_skiff(sk), sizeof(*k));
	if (!tw->tw_key)
		return;
	memcpy(tw->tw_key, k, sizeof(*k));
	tw->tw_has_key = 1;
}

void tcp_twsk_destructor(struct inet_timewait_sock *tw)
{
	if (!tw->tw_has_key) {
		tcp_ao_time_wait_free(tw);
		return;
	}
	skiff_free(tw->tw_net_->skiff, tw->tw_key);
	tw->tw_key = NULL;
}

/* ---- what is signed ---- */

static void md5_headers(struct md5 *m, __be32 saddr, __be32 daddr, const struct tcphdr *th, u32 len)
{
	struct {
		__be32 saddr, daddr;
		u8 zero, protocol;
		__be16 len;
	} pseudo = { saddr, daddr, 0, IPPROTO_TCP, htons(len) };
	struct tcphdr plain = *th;

	plain.check = 0;
	md5_update(m, &pseudo, sizeof(pseudo));
	md5_update(m, &plain, sizeof(plain));
}

void tcp_v4_md5_hash_hdr(u8 *md5, const struct tcp_md5sig_key *key, __be32 saddr, __be32 daddr,
			 const struct tcphdr *th)
{
	struct md5 m;

	md5_init(&m);
	md5_headers(&m, saddr, daddr, th, th->doff * 4u);
	md5_update(&m, key->key, key->keylen);
	md5_final(&m, md5);
}

int tcp_v4_md5_hash_skb(u8 *md5, const struct tcp_md5sig_key *key, __be32 saddr, __be32 daddr,
			const struct tcphdr *th, const struct sk_buff *skb)
{
	struct md5 m;
	u8 part[256];

	md5_init(&m);
	md5_headers(&m, saddr, daddr, th, skb->len);
	for (u32 off = th->doff * 4u, n; off < skb->len; off += n) {
		n = min_t(u32, skb->len - off, sizeof(part));
		if (skb_copy_bits(skb, off, part, n))
			return -EFAULT;
		md5_update(&m, part, n);
	}
	md5_update(&m, key->key, key->keylen);
	md5_final(&m, md5);
	return 0;
}

/* ---- what comes in ---- */

static enum skb_drop_reason inbound_md5(const struct sock *sk, const struct sk_buff *skb,
					const struct tcp_parsed *auth, __be32 saddr, __be32 daddr)
{
	const struct tcp_md5sig_key *key = tcp_md5_do_lookup(sk, 0, saddr);
	struct net *net = sock_net(sk);
	u8 hash[MD5_DIGEST_SIZE];

	if (!key) {
		NET_INC_STATS(net, LINUX_MIB_TCPMD5UNEXPECTED);
		return SKB_DROP_REASON_TCP_MD5UNEXPECTED;
	}
	if (tcp_v4_md5_hash_skb(hash, key, saddr, daddr, tcp_hdr(skb), skb) ||
	    memcmp(hash, auth->md5, sizeof(hash))) {
		NET_INC_STATS(net, LINUX_MIB_TCPMD5FAILURE);
		return SKB_DROP_REASON_TCP_MD5FAILURE;
	}
	return SKB_NOT_DROPPED_YET;
}

enum skb_drop_reason tcp_inbound_hash(struct sock *sk, const struct request_sock *req,
				      const struct sk_buff *skb, __be32 saddr, __be32 daddr,
				      int dif)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	struct tcp_parsed auth;

	/* No room for a signature, and none wanted. */
	if (likely(tcp_hdr(skb)->doff < (sizeof(struct tcphdr) + 16) / 4 &&
		   !tcp_rare(tp)->md5sig_info && !tcp_rare(tp)->ao_info &&
		   !(req && req->used_tcp_ao)))
		return SKB_NOT_DROPPED_YET;
	tcp_parse_signatures(tcp_hdr(skb), &auth);
	if (auth.bad)
		return SKB_DROP_REASON_TCP_AUTH_HDR;
	if (req && !req->used_tcp_ao != !auth.ao) {
		NET_INC_STATS(net, LINUX_MIB_TCPAOBAD);
		return SKB_DROP_REASON_TCP_AOFAILURE;
	}
	if (auth.ao)
		return tcp_inbound_ao_hash(sk, skb, req, &auth);
	if (auth.md5)
		return inbound_md5(sk, skb, &auth, saddr, daddr);
	if (tcp_ao_required(sk, saddr)) {
		NET_INC_STATS(net, LINUX_MIB_TCPAOREQUIRED);
		return SKB_DROP_REASON_TCP_AONOTFOUND;
	}
	if (tcp_md5_do_lookup(sk, 0, saddr)) {
		NET_INC_STATS(net, LINUX_MIB_TCPMD5NOTFOUND);
		return SKB_DROP_REASON_TCP_MD5NOTFOUND;
	}
	return SKB_NOT_DROPPED_YET;
}
