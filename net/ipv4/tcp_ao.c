// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_ao.c - TCP-AO (RFC 5925, 5926): segments signed with keys of their connection, checked, keys changed on the way.
 *
 * DOC: TCP-AO
 * A master key and the connection's numbers - addresses, ports, both first sequence numbers - make the traffic key of one direction
 * (KDF of RFC 5926). It signs: the upper half of a 64-bit sequence number, which is counted here and never sent; the pseudo
 * header; the header with checksum and code 0, with or without options; the data. The option names the key (KeyID) and asks for
 * the one to be used from now on (RNextKeyID); a peer's wish is followed when it comes in a segment that is right.
 * A SYN has no peer's number yet: 0 stands for it. Traffic keys are derived for each segment, not kept.
 * TIME_WAIT takes the keys over from its connection. A signed segment without a socket is not reset: with first numbers that
 * nobody knows there is no key either (RFC 5925 7.7).
 */
#include "net/ipv4/tcp_ao.h"

#include "lib/aes_cmac.h"
#include "lib/sha1.h"

/* Who sends, who receives, and with what first numbers: the context of a traffic key. Ports be, numbers host order. */
struct ao_context {
	__be32 saddr, daddr;
	__be16 sport, dport;
	u32 sisn, disn;
};

/* Either code, under way. */
struct ao_mac {
	enum tcp_ao_alg alg;
	union {
		struct hmac_sha1 hmac;
		struct aes_cmac cmac;
	};
};

static void mac_init(struct ao_mac *m, enum tcp_ao_alg alg, const u8 *key, u32 len)
{
	m->alg = alg;
	if (alg == TCP_AO_HMAC_SHA1)
		hmac_sha1_init(&m->hmac, key, len);
	else
		aes_cmac_init(&m->cmac, key);
}

static void mac_update(struct ao_mac *m, const void *data, u32 len)
{
	if (m->alg == TCP_AO_HMAC_SHA1)
		hmac_sha1_update(&m->hmac, data, len);
	else
		aes_cmac_update(&m->cmac, data, len);
}

static void mac_final(struct ao_mac *m, u8 mac[TCP_AO_MAC_MAX])
{
	if (m->alg == TCP_AO_HMAC_SHA1)
		hmac_sha1_final(&m->hmac, mac);
	else
		aes_cmac_final(&m->cmac, mac);
}

static u32 digest_len(enum tcp_ao_alg alg)
{
	return alg == TCP_AO_HMAC_SHA1 ? 20 : 16;
}

/* RFC 5926 3.1.1: one round of the KDF, i || "TCP-AO" || context || length in bits. */
static void traffic_key(const struct tcp_ao_key *key, const struct ao_context *c,
			u8 out[TCP_AO_MAC_MAX])
{
	u8 input[29] = { 1, 'T', 'C', 'P', '-', 'A', 'O' }, master[16];
	struct ao_mac m;

	memcpy(input + 7, &c->saddr, 4);
	memcpy(input + 11, &c->daddr, 4);
	memcpy(input + 15, &c->sport, 2);
	memcpy(input + 17, &c->dport, 2);
	put_unaligned32(htonl(c->sisn), input + 19);
	put_unaligned32(htonl(c->disn), input + 23);
	put_unaligned16(htons(digest_len(key->alg) * 8), input + 27);
	if (key->alg == TCP_AO_HMAC_SHA1) {
		mac_init(&m, key->alg, key->key, key->keylen);
	} else if (key->keylen == 16) {
		mac_init(&m, key->alg, key->key, 16);
	} else {
		/* RFC 5926 3.1.1.2: a key of another length is made one of 16 bytes first. */
		static const u8 zero[16];

		mac_init(&m, key->alg, zero, 16);
		mac_update(&m, key->key, key->keylen);
		mac_final(&m, out);
		memcpy(master, out, 16);
		mac_init(&m, key->alg, master, 16);
	}
	mac_update(&m, input, sizeof(input));
	mac_final(&m, out);
}

/* The header: with its options, the code in @opt as zeroes, or without any but AO's. */
static void mac_header(struct ao_mac *m, const struct tcp_ao_key *key, const struct tcphdr *th,
		       const u8 *opt)
{
	u8 copy[60];
	u32 len = th->doff * 4u, at = (u32)(opt - (const u8 *)th);

	memcpy(copy, th, len);
	put_unaligned16(0, copy + offsetof(struct tcphdr, check));
	memset(copy + at + 4, 0, key->maclen);
	if (key->keyflags & TCP_AO_KEYF_EXCLUDE_OPT) {
		mac_update(m, copy, sizeof(*th));
		mac_update(m, copy + at, 4u + key->maclen);
	} else {
		mac_update(m, copy, len);
	}
}

/*
 * The code of a segment of @len bytes from its header on, whose data are those of @skb behind the header (NULL: none).
 * @opt: the AO option in it. 0 or -EFAULT
 */
static int ao_hash(const struct tcp_ao_key *key, const struct ao_context *c, u32 sne,
		   const struct tcphdr *th, const u8 *opt, const struct sk_buff *skb,
		   u8 mac[TCP_AO_MAC_MAX])
{
	u32 len = skb ? skb->len : th->doff * 4u;
	struct {
		__be32 sne, saddr, daddr;
		u8 zero, protocol;
		__be16 len;
	} front = { htonl(sne), c->saddr, c->daddr, 0, IPPROTO_TCP, htons(len) };
	u8 tkey[TCP_AO_MAC_MAX], part[256];
	struct ao_mac m;

	traffic_key(key, c, tkey);
	mac_init(&m, key->alg, tkey, digest_len(key->alg));
	mac_update(&m, &front, sizeof(front));
	mac_header(&m, key, th, opt);
	for (u32 off = th->doff * 4u, n; off < len; off += n) {
		n = min_t(u32, len - off, sizeof(part));
		if (skb_copy_bits(skb, off, part, n))
			return -EFAULT;
		mac_update(&m, part, n);
	}
	mac_final(&m, mac);
	return 0;
}

/* How often numbers had wrapped at @seq, if it was @sne times at @ref and they are near each other. */
static u32 sne_at(u32 sne, u32 ref, u32 seq)
{
	if (before(seq, ref))
		return seq > ref ? sne - 1 : sne;
	return seq < ref ? sne + 1 : sne;
}

struct tcp_ao_key *tcp_ao_find(const struct tcp_ao_info *ao, __be32 addr, int sndid, int rcvid)
{
	struct tcp_ao_key *best = NULL;

	for (struct tcp_ao_key *k = ao ? ao->keys : NULL; k; k = k->next) {
		if ((sndid >= 0 && k->sndid != sndid) || (rcvid >= 0 && k->rcvid != rcvid))
			continue;
		if (!((k->addr ^ addr) & inet_make_mask(k->prefixlen)) &&
		    (!best || best->prefixlen < k->prefixlen))
			best = k;
	}
	return best;
}

/* ---- what goes out ---- */

struct tcp_ao_key *tcp_ao_current(const struct sock *sk)
{
	const struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;

	return ao ? ao->current_key : NULL;
}

u32 tcp_ao_optlen(const struct tcp_ao_key *key)
{
	return (4u + key->maclen + 3) & ~3u;
}

u8 *tcp_ao_write_option(const struct sock *sk, const struct request_sock *req,
			const struct tcp_ao_key *key, u8 *p)
{
	const struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;
	u8 rnext = req ? req->ao_rcv_next : ao->rnext_key->rcvid;

	p[0] = TCPOPT_AO;
	p[1] = (u8)(4 + key->maclen);
	p[2] = req ? req->ao_keyid : key->sndid;
	p[3] = rnext;
	memset(p + 4 + key->maclen, TCPOPT_NOP, tcp_ao_optlen(key) - 4 - key->maclen);
	return p + 4;
}

int tcp_ao_transmit(struct sock *sk, struct sk_buff *skb, struct tcp_ao_key *key, struct tcphdr *th,
		    u8 *hash)
{
	struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;
	struct ao_context c = {
		inet_sk(sk)->inet_saddr, sk->sk_daddr, th->source, th->dest, ao->lisn, ao->risn
	};
	u32 seq = ntohl(th->seq), sne = sne_at(ao->snd_sne, ao->snd_ref, seq);
	u8 mac[TCP_AO_MAC_MAX];
	int err;

	if (th->syn && !th->ack)
		c.disn = 0;
	if (after(seq, ao->snd_ref)) {
		ao->snd_sne = sne;
		ao->snd_ref = seq;
	}
	err = ao_hash(key, &c, sne, th, hash - 4, skb, mac);
	if (!err)
		memcpy(hash, mac, key->maclen);
	return err;
}

struct tcp_ao_key *tcp_ao_synack_key(const struct sock *sk, const struct request_sock *req)
{
	return tcp_ao_find(tcp_rare(tcp_sk(sk))->ao_info, req->ir_rmt_addr, req->ao_keyid, -1);
}

int tcp_ao_synack_hash(const struct sock *sk, const struct request_sock *req,
		       const struct tcp_ao_key *key, struct sk_buff *skb, struct tcphdr *th,
		       u8 *hash)
{
	const struct ao_context c = { req->ir_loc_addr, req->ir_rmt_addr, th->source,
				      th->dest,		req->snt_isn,	  req->rcv_isn };
	u8 mac[TCP_AO_MAC_MAX];
	int err;

	if (!key)
		return -ENOKEY;
	err = ao_hash(key, &c, 0, th, hash - 4, skb, mac);
	if (!err)
		memcpy(hash, mac, key->maclen);
	return err;
}

/* Append the option to an answer that has no data, over the header as it is then. false: no room, or it can not be signed */
static bool ao_append(const struct tcp_ao_key *key, u8 rnext, const struct ao_context *c, u32 sne,
		      struct tcphdr *th)
{
	u8 *opt = (u8 *)th + th->doff * 4u, mac[TCP_AO_MAC_MAX];
	u32 optlen = tcp_ao_optlen(key);

	if (th->doff * 4u + optlen > sizeof(*th) + MAX_TCP_OPTION_SPACE)
		return false;
	opt[0] = TCPOPT_AO;
	opt[1] = (u8)(4 + key->maclen);
	opt[2] = key->sndid;
	opt[3] = rnext;
	memset(opt + 4 + key->maclen, TCPOPT_NOP, optlen - 4 - key->maclen);
	th->doff = (th->doff + optlen / 4) & 15;
	if (ao_hash(key, c, sne, th, opt, NULL, mac))
		return false;
	memcpy(opt + 4, mac, key->maclen);
	return true;
}

/* What an answer to @skb with the header @th is signed with; numbers of the connection: own, the peer's */
static struct ao_context answer_context(const struct sk_buff *skb, const struct tcphdr *th,
					u32 lisn, u32 risn)
{
	return (struct ao_context){
		ip_hdr(skb)->daddr, ip_hdr(skb)->saddr, th->source, th->dest, lisn, risn
	};
}

bool tcp_ao_sign_ack(struct sk_buff *skb, const struct tcp_reply_ao *r, struct tcphdr *ack)
{
	__be32 peer = ip_hdr(skb)->saddr;
	const struct tcp_ao_key *key;
	struct tcp_parsed auth;
	struct ao_context c = answer_context(skb, ack, r->lisn, r->risn);
	u32 sne = sne_at(r->ao->snd_sne, r->ao->snd_ref, ntohl(ack->seq));

	tcp_parse_signatures(tcp_hdr(skb), &auth);
	if (auth.bad)
		return false;
	key = auth.ao ? tcp_ao_find(r->ao, peer, auth.ao[3], -1) : NULL;
	if (!r->request) {
		if (!key || !r->ao->rnext_key)
			return true;
		return ao_append(key, r->ao->rnext_key->rcvid, &c, sne, ack);
	}
	if (!auth.ao)
		return false;
	/* The wish names a key that went: any other of this peer may still do. */
	if (!key)
		key = tcp_ao_find(r->ao, peer, -1, -1);
	return key && ao_append(key, auth.ao[2], &c, 0, ack);
}

/*
 * A listener's reset. Its numbers are those of the request, else those that a segment which came through the check of its
 * signature (inbound_context()) must have.
 */
static bool listener_sign_reset(const struct sock *sk, const struct sk_buff *skb,
				const struct tcp_parsed *auth, struct tcphdr *rst)
{
	const struct tcphdr *th = tcp_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcp_ao_key *key =
		tcp_ao_find(tcp_rare(tcp_sk(sk))->ao_info, iph->saddr, auth->ao[3], -1);
	const struct sock *sk2 = __inet_lookup_established(sock_net(sk), iph->saddr, th->source,
							   iph->daddr, ntohs(th->dest),
							   (int)skb->skb_iif, 0);
	u32 lisn = ntohl(th->ack_seq) - 1, risn = ntohl(th->seq) - 1;
	struct ao_context c;

	if (!key)
		return false;
	if (sk2 && sk2->sk_kind_ == SK_REQUEST) {
		lisn = inet_reqsk(sk2)->snt_isn;
		risn = inet_reqsk(sk2)->rcv_isn;
	}
	c = answer_context(skb, rst, lisn, risn);
	return ao_append(key, key->rcvid, &c, sne_at(0, lisn, ntohl(rst->seq)), rst);
}

bool tcp_ao_sign_reset(const struct sock *sk, struct sk_buff *skb, const struct tcp_parsed *auth,
		       struct tcphdr *rst)
{
	const struct tcp_ao_info *ao = NULL;
	const struct tcp_ao_key *key;
	struct ao_context c;

	if (sk && sk->sk_kind_ == SK_FULL && sk->sk_state == TCP_LISTEN)
		return listener_sign_reset(sk, skb, auth, rst);
	if (sk && sk->sk_kind_ == SK_FULL)
		ao = tcp_rare(tcp_sk(sk))->ao_info;
	else if (sk && sk->sk_kind_ == SK_TIMEWAIT)
		ao = tcp_twsk_ao(inet_twsk(sk));
	key = tcp_ao_find(ao, ip_hdr(skb)->saddr, auth->ao[3], -1);
	if (!key || !ao->rnext_key)
		return false;
	c = answer_context(skb, rst, ao->lisn, ao->risn);
	return ao_append(key, ao->rnext_key->rcvid, &c,
			 sne_at(ao->snd_sne, ao->snd_ref, ntohl(rst->seq)), rst);
}

/* ---- what comes in ---- */

bool tcp_ao_required(const struct sock *sk, __be32 saddr)
{
	const struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;

	if (!ao || (!ao->ao_required && !tcp_ao_find(ao, saddr, -1, -1)))
		return false;
	((struct tcp_ao_info *)ao)->required++;
	return true;
}

/* First numbers and count of wraps of a segment, as far as @sk (or @req) knows them. */
static u32 inbound_context(const struct sock *sk, const struct request_sock *req,
			   const struct sk_buff *skb, struct ao_context *c)
{
	const struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;
	const struct tcphdr *th = tcp_hdr(skb);
	u32 seq = ntohl(th->seq);

	*c = (struct ao_context){ ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, th->source,
				  th->dest,	      ao->risn,		  ao->lisn };
	if (th->syn) {
		c->sisn = seq;
		c->disn = th->ack ? ao->lisn : 0;
		return 0;
	}
	if (req) {
		c->sisn = req->rcv_isn;
		c->disn = req->snt_isn;
		return sne_at(0, req->rcv_isn, seq);
	}
	if (sk->sk_state == TCP_LISTEN) {
		/* Perhaps with a SYN cookie: the numbers before these. */
		c->sisn = seq - 1;
		c->disn = ntohl(th->ack_seq) - 1;
		return sne_at(0, c->sisn, seq);
	}
	return sne_at(ao->rcv_sne, ao->rcv_ref, seq);
}

static enum skb_drop_reason ao_failure(const struct sock *sk, struct tcp_ao_key *key)
{
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPAOBAD);
	tcp_rare(tcp_sk(sk))->ao_info->pkt_bad++;
	key->pkt_bad++;
	return SKB_DROP_REASON_TCP_AOFAILURE;
}

/* A right segment: count, follow its number, and its wish for another key. */
static void ao_good(struct sock *sk, const struct sk_buff *skb, struct tcp_ao_key *key, u32 sne,
		    u8 rnext)
{
	struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;
	u32 seq = ntohl(tcp_hdr(skb)->seq);
	struct tcp_ao_key *wanted;

	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPAOGOOD);
	ao->pkt_good++;
	key->pkt_good++;
	if (sk->sk_state == TCP_LISTEN || sk->sk_state == TCP_SYN_SENT)
		return;
	if (after(seq, ao->rcv_ref)) {
		ao->rcv_sne = sne;
		ao->rcv_ref = seq;
	}
	if (ao->current_key && ao->current_key->sndid != rnext) {
		wanted = tcp_ao_find(ao, sk->sk_daddr, rnext, -1);
		if (wanted)
			ao->current_key = wanted;
	}
}

enum skb_drop_reason tcp_inbound_ao_hash(struct sock *sk, const struct sk_buff *skb,
					 const struct request_sock *req,
					 const struct tcp_parsed *auth)
{
	struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;
	struct tcp_ao_key *key = tcp_ao_find(ao, ip_hdr(skb)->saddr, -1, auth->ao[2]);
	struct ao_context c;
	u8 mac[TCP_AO_MAC_MAX];
	u32 sne;

	if (!key) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPAOKEYNOTFOUND);
		if (!ao)
			return SKB_DROP_REASON_TCP_AOUNEXPECTED;
		ao->key_not_found++;
		return SKB_DROP_REASON_TCP_AOKEYNOTFOUND;
	}
	if (auth->ao[1] != 4 + key->maclen)
		return ao_failure(sk, key);
	sne = inbound_context(sk, req, skb, &c);
	if (ao_hash(key, &c, sne, tcp_hdr(skb), auth->ao, skb, mac) ||
	    memcmp(mac, auth->ao + 4, key->maclen))
		return ao_failure(sk, key);
	ao_good(sk, skb, key, sne, auth->ao[3]);
	return SKB_NOT_DROPPED_YET;
}

bool tcp_ao_ignore_icmp(const struct sock *sk, int type, int code)
{
	struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;

	/* RFC 5925 7.8: hard errors are nothing that anybody signed. */
	if (!ao || ao->accept_icmps || type != ICMP_DEST_UNREACH ||
	    (code != ICMP_PROT_UNREACH && code != ICMP_PORT_UNREACH) ||
	    (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_LISTEN | TCPF_SYN_RECV))
		return false;
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPAODROPPEDICMPS);
	ao->dropped_icmp++;
	return true;
}

/* ---- a connection begins and ends ---- */

static void drop_others(struct skiff *skiff, struct tcp_ao_info *ao, __be32 addr)
{
	struct tcp_ao_key **p = &ao->keys, *k;

	while ((k = *p) != NULL) {
		if (!((k->addr ^ addr) & inet_make_mask(k->prefixlen))) {
			p = &k->next;
			continue;
		}
		*p = k->next;
		if (ao->current_key == k)
			ao->current_key = NULL;
		if (ao->rnext_key == k)
			ao->rnext_key = NULL;
		skiff_free(skiff, k);
	}
}

/** tcp_ao_connect_init() - connect(): keys of other peers go, a current one is chosen, the first number is known */
void tcp_ao_connect_init(struct sock *sk)
{
	struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;

	if (!ao)
		return;
	drop_others(sock_skiff(sk), ao, sk->sk_daddr);
	if (!ao->current_key)
		ao->current_key = tcp_ao_find(ao, sk->sk_daddr, -1, -1);
	if (!ao->rnext_key)
		ao->rnext_key = ao->current_key;
	ao->lisn = ao->snd_ref = tcp_sk(sk)->write_seq;
	ao->snd_sne = ao->rcv_sne = 0;
	ao->risn = 0;
	if (ao->current_key)
		sk_gso_disable(sk);
}

void tcp_ao_finish_connect(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;

	if (!ao || !skb)
		return;
	ao->risn = ao->rcv_ref = ntohl(tcp_hdr(skb)->seq);
	ao->rcv_sne = 0;
}

void tcp_ao_established(struct sock *sk)
{
	/* Traffic keys are derived when they are used: there is nothing to prepare. */
}

int tcp_ao_copy_all_matching(const struct sock *sk, struct sock *newsk, struct request_sock *req,
			     struct sk_buff *skb)
{
	const struct tcp_ao_info *from = tcp_rare(tcp_sk(sk))->ao_info;
	struct skiff *skiff = sock_skiff(sk);
	struct tcp_ao_info *ao;
	struct tcp_rare *rare;

	if (!from || !req->used_tcp_ao)
		return 0;
	rare = tcp_rare_make(newsk);
	if (!rare)
		return -ENOMEM;
	ao = skiff_zalloc(skiff, sizeof(*ao));
	if (!ao)
		return -ENOMEM;
	rare->ao_info = ao;
	ao->ao_required = from->ao_required;
	ao->accept_icmps = from->accept_icmps;
	ao->lisn = ao->snd_ref = req->snt_isn;
	ao->risn = ao->rcv_ref = req->rcv_isn;
	for (const struct tcp_ao_key *k = from->keys; k; k = k->next) {
		struct tcp_ao_key *copy;

		if ((k->addr ^ req->ir_rmt_addr) & inet_make_mask(k->prefixlen))
			continue;
		copy = skiff_alloc(skiff, sizeof(*copy));
		if (!copy)
			return -ENOMEM;
		*copy = *k;
		copy->pkt_good = copy->pkt_bad = 0;
		copy->next = ao->keys;
		ao->keys = copy;
	}
	ao->current_key = tcp_ao_find(ao, req->ir_rmt_addr, req->ao_keyid, -1);
	ao->rnext_key = tcp_ao_find(ao, req->ir_rmt_addr, -1, req->ao_rcv_next);
	if (!ao->current_key || !ao->rnext_key)
		return -ENOKEY;
	sk_gso_disable(newsk);
	return 0;
}

static void ao_info_free(struct skiff *skiff, struct tcp_ao_info *ao)
{
	struct tcp_ao_key *k;

	while ((k = ao->keys) != NULL) {
		ao->keys = k->next;
		skiff_free(skiff, k);
	}
	skiff_free(skiff, ao);
}

void tcp_ao_destroy_sock(struct sock *sk)
{
	struct tcp_ao_info *ao = tcp_rare(tcp_sk(sk))->ao_info;

	if (!ao)
		return;
	inet_csk(sk)->icsk_rare->ao_info = NULL;
	ao_info_free(sock_skiff(sk), ao);
}

bool tcp_ao_time_wait(struct sock *sk, struct inet_timewait_sock *tw)
{
	tw->tw_key = tcp_rare(tcp_sk(sk))->ao_info;
	if (!tw->tw_key)
		return false;
	inet_csk(sk)->icsk_rare->ao_info = NULL;
	return true;
}

void tcp_ao_time_wait_free(struct inet_timewait_sock *tw)
{
	ao_info_free(tw->tw_net_->skiff, tw->tw_key);
	tw->tw_key = NULL;
}
