// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_ao_sockopt.c - TCP-AO as programs set it: TCP_AO_ADD_KEY, DEL_KEY, INFO, GET_KEYS, REPAIR. */
#include "net/ipv4/tcp_ao.h"

static const char *const alg_names[] = {
	[TCP_AO_HMAC_SHA1] = "hmac(sha1)", [TCP_AO_AES_CMAC] = "cmac(aes128)"
};

/* The IPv4 address of a key's peer; false: none, or one with bits beyond its prefix */
static bool peer_of(const struct sockaddr_storage_abi *abi, u8 prefix, __be32 *addr)
{
	struct sockaddr_in sin;

	memcpy(&sin, abi, sizeof(sin));
	*addr = sin.sin_addr.s_addr;
	return sin.sin_family == AF_INET && prefix <= 32 && !sin.sin_port &&
	       !(*addr & ~inet_make_mask(prefix)) && (*addr || !prefix);
}

/* Keys of the same peers. */
static struct tcp_ao_key *find_exact(const struct tcp_ao_info *ao, __be32 addr, u8 prefix,
				     int sndid, int rcvid)
{
	for (struct tcp_ao_key *k = ao ? ao->keys : NULL; k; k = k->next) {
		if (k->addr == addr && k->prefixlen == prefix && (sndid < 0 || k->sndid == sndid) &&
		    (rcvid < 0 || k->rcvid == rcvid))
			return k;
	}
	return NULL;
}

static bool may_choose(const struct sock *sk)
{
	/* A listener has no current key: each connection has its own. */
	return sk->sk_state != TCP_LISTEN;
}

static struct tcp_ao_info *info_get(struct sock *sk)
{
	struct tcp_rare *rare = tcp_rare_make(sk);

	if (!rare)
		return NULL;
	if (!rare->ao_info)
		rare->ao_info = skiff_zalloc(sock_skiff(sk), sizeof(*rare->ao_info));
	return rare->ao_info;
}

static int add_key(struct sock *sk, const void *optval, u32 optlen)
{
	struct tcp_ao_add cmd;
	struct tcp_ao_info *ao;
	struct tcp_ao_key *k;
	int alg = -1;
	__be32 addr;

	if (optlen < sizeof(cmd))
		return -EINVAL;
	memcpy(&cmd, optval, sizeof(cmd));
	if (cmd.keylen > TCP_AO_MAXKEYLEN || cmd.reserved || cmd.reserved2 ||
	    cmd.keyflags & ~(TCP_AO_KEYF_IFINDEX | TCP_AO_KEYF_EXCLUDE_OPT) ||
	    !peer_of(&cmd.addr, cmd.prefix, &addr))
		return -EINVAL;
	/* A device to be bound to would be one of layer 3 (VRF): there is none. */
	if (cmd.ifindex || cmd.keyflags & TCP_AO_KEYF_IFINDEX ||
	    ((cmd.set_current || cmd.set_rnext) && !may_choose(sk)))
		return -EINVAL;
	if (tcp_md5_do_lookup(sk, 0, addr))
		return -EKEYREJECTED;
	cmd.alg_name[sizeof(cmd.alg_name) - 1] = 0;
	for (u32 i = 0; i < ARRAY_SIZE(alg_names); i++)
		alg = strcmp(cmd.alg_name, alg_names[i]) ? alg : (int)i;
	if (alg < 0)
		return -ENOENT;
	if (!cmd.maclen)
		cmd.maclen = 12;
	/* Beside it there has to be room in a SYN for size, time stamp and window scale. */
	if (cmd.maclen > 16)
		return -EMSGSIZE;
	ao = info_get(sk);
	if (!ao)
		return -ENOMEM;
	if (find_exact(ao, addr, cmd.prefix, cmd.sndid, -1) ||
	    find_exact(ao, addr, cmd.prefix, -1, cmd.rcvid))
		return -EEXIST;
	k = skiff_zalloc(sock_skiff(sk), sizeof(*k));
	if (!k)
		return -ENOMEM;
	k->addr = addr;
	k->prefixlen = cmd.prefix;
	k->sndid = cmd.sndid;
	k->rcvid = cmd.rcvid;
	k->maclen = cmd.maclen;
	k->keyflags = cmd.keyflags;
	k->keylen = cmd.keylen;
	k->alg = (u8)alg;
	memcpy(k->key, cmd.key, cmd.keylen);
	k->next = ao->keys;
	ao->keys = k;
	if (cmd.set_current)
		ao->current_key = k;
	if (cmd.set_rnext)
		ao->rnext_key = k;
	return 0;
}

/* Keys that are to be used from now on, by their numbers. 0, -EINVAL, -ENOENT */
static int choose(struct sock *sk, struct tcp_ao_info *ao, bool set_current, u8 current,
		  bool set_rnext, u8 rnext)
{
	struct tcp_ao_key *c = ao->current_key, *r = ao->rnext_key;

	if ((set_current || set_rnext) && !may_choose(sk))
		return -EINVAL;
	for (struct tcp_ao_key *k = ao->keys; k; k = k->next) {
		if (set_current && k->sndid == current)
			c = k;
		if (set_rnext && k->rcvid == rnext)
			r = k;
	}
	if ((set_current && (!c || c->sndid != current)) ||
	    (set_rnext && (!r || r->rcvid != rnext)))
		return -ENOENT;
	ao->current_key = c;
	ao->rnext_key = r;
	return 0;
}

static int del_key(struct sock *sk, const void *optval, u32 optlen)
{
	struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;
	struct tcp_ao_key **p, *k;
	struct tcp_ao_del cmd;
	__be32 addr;
	int err;

	if (optlen < sizeof(cmd))
		return -EINVAL;
	memcpy(&cmd, optval, sizeof(cmd));
	if (cmd.reserved || cmd.reserved2 || cmd.ifindex || cmd.keyflags ||
	    (cmd.del_async && sk->sk_state != TCP_LISTEN) || !peer_of(&cmd.addr, cmd.prefix, &addr))
		return -EINVAL;
	k = find_exact(ao, addr, cmd.prefix, cmd.sndid, cmd.rcvid);
	if (!k)
		return -ENOENT;
	err = choose(sk, ao, cmd.set_current, cmd.current_key, cmd.set_rnext, cmd.rnext);
	if (err)
		return err;
	if (sk->sk_state != TCP_LISTEN && sk->sk_state != TCP_CLOSE &&
	    (k == ao->current_key || k == ao->rnext_key))
		return -EBUSY;
	if (k == ao->current_key)
		ao->current_key = NULL;
	if (k == ao->rnext_key)
		ao->rnext_key = NULL;
	for (p = &ao->keys; *p != k;)
		p = &(*p)->next;
	*p = k->next;
	skiff_free(sock_skiff(sk), k);
	return 0;
}

static int set_info(struct sock *sk, const void *optval, u32 optlen)
{
	struct tcp_ao_info_opt cmd;
	struct tcp_ao_info *ao;
	int err;

	if (optlen < sizeof(cmd))
		return -EINVAL;
	memcpy(&cmd, optval, sizeof(cmd));
	if (cmd.reserved || cmd.reserved2)
		return -EINVAL;
	ao = info_get(sk);
	if (!ao)
		return -ENOMEM;
	err = choose(sk, ao, cmd.set_current, cmd.current_key, cmd.set_rnext, cmd.rnext);
	if (err)
		return err;
	if (cmd.set_counters) {
		ao->pkt_good = cmd.pkt_good;
		ao->pkt_bad = cmd.pkt_bad;
		ao->key_not_found = cmd.pkt_key_not_found;
		ao->required = cmd.pkt_ao_required;
		ao->dropped_icmp = cmd.pkt_dropped_icmp;
	}
	ao->ao_required = cmd.ao_required;
	ao->accept_icmps = cmd.accept_icmps;
	return 0;
}

static int set_repair(struct sock *sk, const void *optval, u32 optlen)
{
	struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;
	struct tcp_ao_repair cmd;

	if (optlen < sizeof(cmd))
		return -EINVAL;
	if (!ao)
		return -ENOENT;
	memcpy(&cmd, optval, sizeof(cmd));
	ao->lisn = ntohl(cmd.snt_isn);
	ao->risn = ntohl(cmd.rcv_isn);
	ao->snd_sne = cmd.snd_sne;
	ao->rcv_sne = cmd.rcv_sne;
	ao->snd_ref = tcp_sk(sk)->snd_una;
	ao->rcv_ref = tcp_sk(sk)->rcv_nxt;
	return 0;
}

int tcp_ao_setsockopt(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	switch (optname) {
	case TCP_AO_ADD_KEY:
		return add_key(sk, optval, optlen);
	case TCP_AO_DEL_KEY:
		return del_key(sk, optval, optlen);
	case TCP_AO_INFO:
		return set_info(sk, optval, optlen);
	case TCP_AO_REPAIR:
		return set_repair(sk, optval, optlen);
	}
	return -ENOPROTOOPT;
}

/* ---- reading ---- */

static int get_info(const struct tcp_ao_info *ao, void *optval, u32 *optlen)
{
	struct tcp_ao_info_opt out = {
		.ao_required = ao->ao_required,
		.accept_icmps = ao->accept_icmps,
		.set_current = ao->current_key != NULL,
		.set_rnext = ao->rnext_key != NULL,
		.current_key = ao->current_key ? ao->current_key->sndid : 0,
		.rnext = ao->rnext_key ? ao->rnext_key->rcvid : 0,
		.pkt_good = ao->pkt_good,
		.pkt_bad = ao->pkt_bad,
		.pkt_key_not_found = ao->key_not_found,
		.pkt_ao_required = ao->required,
		.pkt_dropped_icmp = ao->dropped_icmp,
	};

	if (*optlen < sizeof(out))
		return -EINVAL;
	memcpy(optval, &out, sizeof(out));
	*optlen = sizeof(out);
	return 0;
}

static void describe(const struct tcp_ao_info *ao, const struct tcp_ao_key *k,
		     struct tcp_ao_getsockopt *out)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = { k->addr } };

	memset(out, 0, sizeof(*out));
	memcpy(&out->addr, &sin, sizeof(sin));
	strcpy(out->alg_name, alg_names[k->alg]);
	memcpy(out->key, k->key, k->keylen);
	out->is_current = k == ao->current_key;
	out->is_rnext = k == ao->rnext_key;
	out->sndid = k->sndid;
	out->rcvid = k->rcvid;
	out->prefix = k->prefixlen;
	out->maclen = k->maclen;
	out->keyflags = k->keyflags;
	out->keylen = k->keylen;
	out->pkt_good = k->pkt_good;
	out->pkt_bad = k->pkt_bad;
}

/* Which keys the caller asks for. */
static bool asked_for(const struct tcp_ao_info *ao, const struct tcp_ao_key *k,
		      const struct tcp_ao_getsockopt *q, __be32 addr)
{
	if (q->get_all)
		return true;
	if (q->is_current || q->is_rnext)
		return (q->is_current && k == ao->current_key) ||
		       (q->is_rnext && k == ao->rnext_key);
	return k->addr == addr && k->prefixlen == q->prefix && k->sndid == q->sndid &&
	       k->rcvid == q->rcvid;
}

static int get_keys(const struct tcp_ao_info *ao, void *optval, u32 *optlen)
{
	struct tcp_ao_getsockopt q, out;
	__be32 addr = 0;
	u32 room, n = 0;

	if (*optlen < sizeof(q))
		return -EINVAL;
	memcpy(&q, optval, sizeof(q));
	if (q.reserved || (q.get_all && (q.is_current || q.is_rnext)) ||
	    (!q.get_all && !q.is_current && !q.is_rnext && !peer_of(&q.addr, q.prefix, &addr)))
		return -EINVAL;
	room = q.get_all || q.is_current || q.is_rnext ? q.nkeys : 1;
	for (const struct tcp_ao_key *k = ao->keys; k; k = k->next) {
		if (!asked_for(ao, k, &q, addr))
			continue;
		if (n < room && (n + 1) * sizeof(out) <= *optlen) {
			describe(ao, k, &out);
			memcpy((u8 *)optval + n * sizeof(out), &out, sizeof(out));
		}
		n++;
	}
	if (!n)
		return -ENOENT;
	/* How many there are stands in the first. */
	memcpy((u8 *)optval + offsetof(struct tcp_ao_getsockopt, nkeys), &n, sizeof(n));
	*optlen = sizeof(out);
	return 0;
}

int tcp_ao_getsockopt(struct sock *sk, int optname, void *optval, u32 *optlen)
{
	const struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;
	struct tcp_ao_repair out;

	if (!ao)
		return -ENOENT;
	if (optname == TCP_AO_INFO)
		return get_info(ao, optval, optlen);
	if (optname == TCP_AO_GET_KEYS)
		return get_keys(ao, optval, optlen);
	if (optname != TCP_AO_REPAIR)
		return -ENOPROTOOPT;
	if (*optlen < sizeof(out))
		return -EINVAL;
	out = (struct tcp_ao_repair){ htonl(ao->lisn), htonl(ao->risn), ao->snd_sne, ao->rcv_sne };
	memcpy(optval, &out, sizeof(out));
	*optlen = sizeof(out);
	return 0;
}
