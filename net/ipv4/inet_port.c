// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_port.c - a source port for connect(): which range, where to begin, who may have it (RFC 6056 3.3.4).
 *
 * DOC: Ports of connect()
 * The search begins where a keyed hash of the addresses says, moved on by a counter of those that share its place in a
 * table: each peer sees its ports in a sequence of its own that others can not foresee. Ports at an even distance from the start of the range are
 * tried first, odd ones are left to bind(). A port is good if no connection has the same four numbers; one in TIME_WAIT may
 * be taken over (tcp_twsk_unique()). Ports that bind() gave away are left alone.
 */
#include "net/ipv4/inet_crowd.h"
#include "net/ipv4/tcp_conn.h"

#include <stdlib.h>

#include "lib/fmt.h"
#include "net/sysctl.h"

#define TABLE_PERTURB_SIZE 4096

void inet_sk_get_local_port_range(const struct sock *sk, int *low, int *high)
{
	const struct netns_ipv4 *v4 = &sock_net(sk)->ipv4;
	u32 own = inet_sk(sk)->local_port_range;
	int lo = own & 0xffff, hi = (int)(own >> 16);

	*low = v4->sysctl_ip_local_port_range[0];
	*high = v4->sysctl_ip_local_port_range[1];
	/* The socket's own range counts where it lies within the namespace's. */
	if (lo && lo >= *low && lo <= *high)
		*low = lo;
	if (hi && hi >= *low && hi <= *high)
		*high = hi;
}

bool inet_is_local_reserved_port(const struct net *net, u16 port)
{
	const u64 *map = net->ipv4.sysctl_local_reserved_ports;

	return map && map[port / 64] >> (port % 64) & 1;
}

/* One port at *@p, in C's notation, at most 21 characters. Return: -1: none */
static long parse_port(const char **p)
{
	const char *start = *p;
	char *end;
	long port;

	if (*start < '0' || *start > '9')
		return -1;
	port = strtol(start, &end, 0);
	*p = end;
	return end - start > 21 || port > 65535 ? -1 : port;
}

/* "1-5,7": the ports of @p into @map. 0 or -EINVAL */
static int parse_ports(const char *p, u64 *map)
{
	long lo, hi;

	while (*p && *p != '\n') {
		lo = hi = parse_port(&p);
		if (*p == '-') {
			p++;
			hi = parse_port(&p);
		}
		if (lo < 0 || hi < lo || (*p && *p != ',' && *p != '\n'))
			return -EINVAL;
		for (; lo <= hi; lo++)
			map[lo / 64] |= 1ull << (lo % 64);
		p += *p == ',';
	}
	return 0;
}

static void print_ports(struct strbuf *sb, const struct net *net)
{
	bool any = false;

	for (u32 lo = 0, hi; lo <= 65535; lo = hi + 1) {
		hi = lo;
		if (!inet_is_local_reserved_port(net, (u16)lo))
			continue;
		while (hi < 65535 && inet_is_local_reserved_port(net, (u16)(hi + 1)))
			hi++;
		strbuf_printf(sb, any ? ",%u" : "%u", lo);
		if (hi > lo)
			strbuf_printf(sb, "-%u", hi);
		any = true;
	}
}

/** ip_local_reserved_ports() - net.ipv4.ip_local_reserved_ports: ports that are given to nobody who does not name them */
int ip_local_reserved_ports(struct net *net, const struct ctl_table *t, bool write, char *buf,
			    size_t size)
{
	struct strbuf sb;
	u64 *map;
	int err;

	if (!write) {
		strbuf_init(&sb, buf, size);
		print_ports(&sb, net);
		return (int)sb.len;
	}
	map = skiff_zalloc(net->skiff, 65536 / 8);
	if (!map)
		return -ENOMEM;
	err = parse_ports(buf, map);
	if (err) {
		skiff_free(net->skiff, map);
		return err;
	}
	skiff_free(net->skiff, net->ipv4.sysctl_local_reserved_ports);
	net->ipv4.sysctl_local_reserved_ports = map;
	return 0;
}

u64 inet_sk_port_offset(const struct sock *sk)
{
	return secure_ipv4_port_ephemeral(sock_net(sk), sk->sk_rcv_saddr, sk->sk_daddr,
					  sk->sk_dport);
}

/* Who has the four numbers that @sk would have with @port */
static struct sock *who_has(const struct sock *sk, u16 port)
{
	return __inet_lookup_established(sock_net(sk), sk->sk_daddr, sk->sk_dport, sk->sk_rcv_saddr,
					 port, sk->sk_bound_dev_if, 0);
}

/*
 * Nobody has these four numbers, or one in TIME_WAIT (@sk2) who gives them up; then @sk enters the table.
 * @chosen: the port is ours to choose. 0, -EADDRNOTAVAIL, -ENOMEM
 */
static int check_established(struct sock *sk, u16 port, struct sock *sk2, bool chosen)
{
	struct net *net = sock_net(sk);
	struct inet_sock *inet = inet_sk(sk);
	bool tw = sk2 && sk2->sk_state == TCP_TIME_WAIT;

	if (sk2 && (!tw || !tcp_twsk_unique(sk, sk2, chosen)))
		return -EADDRNOTAVAIL;
	inet->inet_num = port;
	inet->inet_sport = htons(port);
	if (!inet_ehash_insert(sk, sk2, NULL))
		return -ENOMEM;
	if (tw) {
		NET_INC_STATS(net, LINUX_MIB_TIMEWAITRECYCLED);
		inet_twsk_deschedule_put(inet_twsk(sk2));
	}
	return 0;
}

/* Try to connect from @port, whose four numbers @sk2 has if anybody (in TIME_WAIT). 0, -EADDRNOTAVAIL: try another, -ENOMEM */
static int connect_from(struct sock *sk, u16 port, struct sock *sk2)
{
	struct net *net = sock_net(sk);
	struct inet_bind_bucket *tb;
	int err;

	if (inet_is_local_reserved_port(net, port))
		return -EADDRNOTAVAIL;
	tb = inet_bind_bucket_find(net, port, 0);
	if (tb && (tb->fastreuse >= 0 || tb->fastreuseport >= 0))
		return -EADDRNOTAVAIL;
	if (!tb) {
		tb = inet_bind_bucket_create(net, port, 0);
		if (!tb)
			return -ENOMEM;
		tb->fastreuse = tb->fastreuseport = -1;
	}
	/* Among the owners first: a connection in TIME_WAIT that goes may be the last one else. */
	inet_bind_hash(sk, tb, port);
	err = check_established(sk, port, sk2, true);
	if (err) {
		inet_put_port(sk);
		return err;
	}
	inet_set_bit(CONNECT_BIND, sk);
	return 0;
}

static int perturb_table(struct net *net)
{
	struct inet_hashinfo *h = net->ipv4.tcp_hashinfo;

	if (h->table_perturb)
		return 0;
	h->table_perturb = skiff_alloc(net->skiff, TABLE_PERTURB_SIZE * sizeof(u32));
	if (!h->table_perturb)
		return -ENOMEM;
	for (u32 i = 0; i < TABLE_PERTURB_SIZE; i++)
		h->table_perturb[i] = skiff_random32(net->skiff);
	return 0;
}

/**
 * struct port_search - the ports low .. high - 1, from @port on, round and round
 * @step: 2: those at even distances, then those at odd ones; 1: all
 * @tried: of this round; @taken: belonged to others; @crowd: those known to do
 */
struct port_search {
	int low, high, port;
	u32 step, remaining;
	u32 tried, taken;
	struct port_crowd *crowd;
};

/* Whose port it is, is asked first: that costs one line of a table, the port's bucket several. */
static int search_try(struct sock *sk, struct port_search *s)
{
	u16 port = (u16)s->port;
	struct sock *sk2 = who_has(sk, port);

	if (!sk2 || sk2->sk_state == TCP_TIME_WAIT)
		return connect_from(sk, port, sk2);
	/* One on a device is in the way of some only. */
	if (sk2->sk_bound_dev_if)
		return -EADDRNOTAVAIL;
	if (s->taken++ >= INET_CROWD_MIN && !s->crowd)
		s->crowd = inet_crowd_get(sk);
	if (s->crowd)
		inet_crowd_taken(s->crowd, port);
	return -EADDRNOTAVAIL;
}

/* One round. 0: @sk has @s->port; -EADDRNOTAVAIL, -ENOMEM */
static int search_round(struct sock *sk, struct port_search *s)
{
	u32 run;
	int err;

	for (s->tried = 0; s->tried < s->remaining; s->tried += run, s->port += (int)run) {
		if (s->port >= s->high)
			s->port -= (int)s->remaining;
		run = inet_crowd_run(s->crowd, s->port, s->high, s->step);
		if (run)
			continue;
		err = search_try(sk, s);
		if (err != -EADDRNOTAVAIL)
			return err;
		run = s->step;
	}
	return -EADDRNOTAVAIL;
}

static int choose_port(struct sock *sk)
{
	struct net *net = sock_net(sk);
	u64 port_offset = inet_sk_port_offset(sk);
	struct port_search s = { .step = inet_sk(sk)->local_port_range ? 1 : 2 };
	u32 *perturb, offset;
	int err;

	if (perturb_table(net))
		return -ENOMEM;
	inet_sk_get_local_port_range(sk, &s.low, &s.high);
	s.high++;
	s.remaining = (u32)(s.high - s.low);
	if (s.step == 2 && s.remaining > 1)
		s.remaining &= ~1u;
	perturb = &net->ipv4.tcp_hashinfo->table_perturb[port_offset & (TABLE_PERTURB_SIZE - 1)];
	offset = (*perturb + (u32)(port_offset >> 32)) % s.remaining;
	if (s.step == 2)
		offset &= ~1u;
	s.crowd = inet_crowd_find(sk);
	for (u32 parity = 0; parity < (s.remaining < 2 ? 1 : s.step); parity++, offset++) {
		s.port = s.low + (int)offset;
		err = search_round(sk, &s);
		if (err == -EADDRNOTAVAIL)
			continue;
		/* A little chance in where the next one begins, unless ports are short anyway. */
		if (!err)
			*perturb +=
				max_t(u32, s.tried, skiff_random_below(net->skiff, 8) * s.step) +
				s.step;
		return err;
	}
	return -EADDRNOTAVAIL;
}

int inet_hash_connect(struct sock *sk)
{
	if (inet_sk(sk)->inet_num)
		return check_established(sk, sk->sk_num, who_has(sk, sk->sk_num), false);
	return choose_port(sk);
}
