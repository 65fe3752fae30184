// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_bind.c - ports in use: who may bind where (bind buckets, conflicts of SO_REUSEADDR and SO_REUSEPORT).
 *
 * DOC: Who may have a port
 * Two sockets may share a port if they can not meet: other devices, other addresses. Or if both set SO_REUSEADDR and the
 * other one does not listen; or if both set SO_REUSEPORT and belong to the same user. Connections in TIME_WAIT count as owners.
 * A bucket whose owners all allow sharing says so (fastreuse, fastreuseport), and nobody needs to be asked.
 * Buckets of connect() alone have fastreuse -1: bind() may not have such a port without asking, connect() may have it again.
 */
#include "net/tcp.h"

/* fastreuseport: all addresses were checked, or only those equal to fast_rcv_saddr */
#define FASTREUSEPORT_ANY    1
#define FASTREUSEPORT_STRICT 2

static struct hlist_head *bind_head(const struct net *net, u16 port)
{
	return &net->ipv4.tcp_hashinfo->bhash[port & (INET_BHASH_SIZE - 1)];
}

struct inet_bind_bucket *inet_bind_bucket_find(struct net *net, u16 port, int l3mdev)
{
	struct inet_bind_bucket *tb;

	hlist_for_each_entry(tb, bind_head(net, port), node) {
		if (tb->port == port && tb->l3mdev == l3mdev)
			return tb;
	}
	return NULL;
}

struct inet_bind_bucket *inet_bind_bucket_create(struct net *net, u16 port, int l3mdev)
{
	struct slab *slab = &net->skiff->sockets->slab[SLAB_BIND];
	struct inet_bind_bucket *tb = slab_zalloc(slab);

	if (!tb)
		return NULL;
	tb->handle = slab_handle(slab, tb);
	tb->port = port;
	tb->l3mdev = l3mdev;
	hlist_add_head(&tb->node, bind_head(net, port));
	return tb;
}

/* Only owners that connect() gave their port are left: others of that kind may share it again. */
static void bucket_reset(struct inet_bind_bucket *tb)
{
	struct inet_connection_sock *icsk;

	if (tb->fastreuse < 0 || tb->tw_count)
		return;
	hlist_for_each_entry(icsk, &tb->owners, icsk_bind_node) {
		if (!inet_test_bit(CONNECT_BIND, &icsk->icsk_inet.sk))
			return;
	}
	tb->fastreuse = tb->fastreuseport = -1;
}

void inet_bind_bucket_put_if_unused(struct net *net, struct inet_bind_bucket *tb)
{
	if (!hlist_empty(&tb->owners)) {
		bucket_reset(tb);
		return;
	}
	if (tb->tw_count)
		return;
	hlist_del(&tb->node);
	slab_free(&net->skiff->sockets->slab[SLAB_BIND], tb);
}

void inet_bind_hash(struct sock *sk, struct inet_bind_bucket *tb, u16 port)
{
	inet_sk(sk)->inet_num = port;
	hlist_add_head(&inet_csk(sk)->icsk_bind_node, &tb->owners);
	sk->__sk_common.skc_tb = tb;
}

void inet_put_port(struct sock *sk)
{
	struct inet_bind_bucket *tb = sk->__sk_common.skc_tb;

	if (tb) {
		hlist_del(&inet_csk(sk)->icsk_bind_node);
		sk->__sk_common.skc_tb = NULL;
		inet_bind_bucket_put_if_unused(sock_net(sk), tb);
	}
	inet_clear_bit(CONNECT_BIND, sk);
	/* The port in the header stays: what ends a connection may still have to be sent (tcp_send_active_reset()). */
	inet_sk(sk)->inet_num = 0;
}

int __inet_inherit_port(const struct sock *sk, struct sock *child)
{
	struct inet_bind_bucket *tb = sk->__sk_common.skc_tb;
	u16 port = child->sk_num;

	if (!tb)
		return -ENOENT;
	if (tb->port != port) {
		/* A transparent listener takes connections to ports other than its own. */
		tb = inet_bind_bucket_find(sock_net(sk), port, 0);
		if (!tb)
			tb = inet_bind_bucket_create(sock_net(sk), port, 0);
		if (!tb)
			return -ENOMEM;
	}
	inet_bind_hash(child, tb, port);
	return 0;
}

bool inet_rcv_saddr_equal(const struct sock *sk, const struct sock *sk2, bool match_wildcard)
{
	return sk->sk_rcv_saddr == sk2->sk_rcv_saddr ||
	       (match_wildcard && (!sk->sk_rcv_saddr || !sk2->sk_rcv_saddr));
}

/* ---- conflicts ---- */

/* What bind() asks for, and how strictly. */
struct bind_question {
	const struct sock *sk;
	bool relax;	      /* who set SO_REUSEADDR may share with others who did */
	bool reuseport_ok;    /* and so for SO_REUSEPORT */
	bool reuseport_cb_ok; /* it is in no group whose members all live */
};

static bool devices_meet(int a, int b)
{
	return !a || !b || a == b;
}

/* @sk2: what counts of the other owner; a time-wait socket has no user. */
static bool owners_conflict(const struct bind_question *q, const struct sock_common *c2, u32 uid2)
{
	const struct sock *sk = q->sk;
	bool tw = c2->skc_state == TCP_TIME_WAIT, same_user = tw || uid2 == sk->sk_uid;

	if (!devices_meet(sk->sk_bound_dev_if, c2->skc_bound_dev_if))
		return false;
	if (sk->sk_reuse && c2->skc_reuse && c2->skc_state != TCP_LISTEN)
		return !q->relax || (!q->reuseport_ok && sk->sk_reuseport && c2->skc_reuseport &&
				     q->reuseport_cb_ok && same_user);
	return !q->reuseport_ok || !sk->sk_reuseport || !c2->skc_reuseport || !q->reuseport_cb_ok ||
	       !same_user;
}

struct tw_question {
	const struct bind_question *q;
	const struct inet_bind_bucket *tb;
};

static bool tw_conflicts(void *arg, const struct inet_timewait_sock *tw)
{
	const struct tw_question *t = arg;
	const struct sock *sk = t->q->sk;

	return tw->tw_tb == t->tb &&
	       (!sk->sk_rcv_saddr || !tw->tw_rcv_saddr || sk->sk_rcv_saddr == tw->tw_rcv_saddr) &&
	       owners_conflict(t->q, &tw->__tw_common, 0);
}

/*
 * Connections in TIME_WAIT stand in no list of the bucket: 16 bytes in each of a million of them would be too dear. Their
 * number and how many forbid sharing mostly settle it; else (a server that starts again without SO_REUSEADDR) all are asked.
 */
static bool tw_conflict(const struct bind_question *q, const struct inet_bind_bucket *tb)
{
	struct tw_question t = { q, tb };
	const struct sock *sk = q->sk;

	if (!tb->tw_count || (sk->sk_reuse && !tb->tw_noreuse && q->relax && q->reuseport_ok))
		return false;
	/* Who wants every address and shares with nobody is in the way of any. */
	if (!sk->sk_rcv_saddr && !sk->sk_bound_dev_if && !sk->sk_reuse && !sk->sk_reuseport)
		return true;
	return inet_twsk_any(sock_net(sk), tw_conflicts, &t);
}

int inet_csk_bind_conflict(const struct sock *sk, const struct inet_bind_bucket *tb, bool relax,
			   bool reuseport_ok)
{
	struct bind_question q = { sk, relax, reuseport_ok,
				   !sk->sk_side || !sk->sk_side->reuseport_cb };
	struct inet_connection_sock *icsk;

	hlist_for_each_entry(icsk, &tb->owners, icsk_bind_node) {
		const struct sock *sk2 = &icsk->icsk_inet.sk;

		if (sk2 != sk && inet_rcv_saddr_equal(sk, sk2, true) &&
		    owners_conflict(&q, &sk2->__sk_common, sk2->sk_uid))
			return 1;
	}
	return tw_conflict(&q, tb);
}

static bool sk_reuseport_match(const struct inet_bind_bucket *tb, const struct sock *sk)
{
	if (tb->fastreuseport <= 0 || !sk->sk_reuseport ||
	    (sk->sk_side && sk->sk_side->reuseport_cb) || tb->fastuid != sk->sk_uid)
		return false;
	return tb->fastreuseport == FASTREUSEPORT_ANY || !tb->fast_rcv_saddr || !sk->sk_rcv_saddr ||
	       tb->fast_rcv_saddr == sk->sk_rcv_saddr;
}

static void bucket_reuseport_by(struct inet_bind_bucket *tb, const struct sock *sk, s8 how)
{
	tb->fastreuseport = how;
	tb->fastuid = sk->sk_uid;
	tb->fast_rcv_saddr = sk->sk_rcv_saddr;
}

static void update_fastreuse(struct inet_bind_bucket *tb, const struct sock *sk)
{
	bool reuse = sk->sk_reuse && sk->sk_state != TCP_LISTEN;

	if (hlist_empty(&tb->owners) && !tb->tw_count) {
		tb->fastreuse = reuse;
		if (sk->sk_reuseport)
			bucket_reuseport_by(tb, sk, FASTREUSEPORT_ANY);
		else
			tb->fastreuseport = 0;
		return;
	}
	if (!reuse)
		tb->fastreuse = 0;
	if (!sk->sk_reuseport)
		tb->fastreuseport = 0;
	else if (!sk_reuseport_match(tb, sk))
		bucket_reuseport_by(tb, sk, FASTREUSEPORT_STRICT);
}

/* ---- bind() ---- */

/* What a search for a free port has to say: the port, and its bucket if it has one. */
struct open_port {
	struct inet_bind_bucket *tb;
	int port;
};

static bool port_open(const struct sock *sk, struct open_port *p, bool relax)
{
	struct net *net = sock_net(sk);

	if (inet_is_local_reserved_port(net, (u16)p->port))
		return false;
	p->tb = inet_bind_bucket_find(net, (u16)p->port, 0);
	return !p->tb || !inet_csk_bind_conflict(sk, p->tb, relax, false);
}

/* One pass over [@low, @high): odd distances from @low first, since connect() begins with even ones. */
static bool find_in_range(const struct sock *sk, struct open_port *p, int low, int high, bool relax)
{
	u32 remaining = (u32)(high - low), offset;

	if (remaining > 1)
		remaining &= ~1u;
	offset = skiff_random_below(sock_skiff(sk), remaining) | 1;
	for (int parity = 0; parity < 2; parity++, offset--) {
		p->port = low + (int)offset;
		for (u32 i = 0; i < remaining; i += 2, p->port += 2) {
			if (p->port >= high)
				p->port -= (int)remaining;
			if (port_open(sk, p, relax))
				return true;
		}
	}
	return false;
}

static bool find_open_port(const struct sock *sk, struct open_port *p, bool relax)
{
	int low, high, half;

	inet_sk_get_local_port_range(sk, &low, &high);
	high++;
	if (sk->sk_reuse != SK_CAN_REUSE || high - low < 4)
		return find_in_range(sk, p, low, high, relax);
	/* Who shares ports is kept to the lower half if that has room. */
	half = low + (((high - low) >> 2) << 1);
	return find_in_range(sk, p, low, half, relax) || find_in_range(sk, p, half, high, relax);
}

static bool bucket_shares(const struct inet_bind_bucket *tb, const struct sock *sk)
{
	bool reuse = sk->sk_reuse && sk->sk_state != TCP_LISTEN;

	return sk->sk_reuse == SK_FORCE_REUSE || (tb->fastreuse > 0 && reuse) ||
	       sk_reuseport_match(tb, sk);
}

int inet_csk_get_port(struct sock *sk, u16 snum)
{
	struct net *net = sock_net(sk);
	struct open_port p = { NULL, snum };

	if (!snum) {
		if (!find_open_port(sk, &p, false) &&
		    !(net->ipv4.sysctl_ip_autobind_reuse && find_open_port(sk, &p, true)))
			return -EADDRINUSE;
	} else {
		p.tb = inet_bind_bucket_find(net, snum, 0);
		if (p.tb && !bucket_shares(p.tb, sk) &&
		    inet_csk_bind_conflict(sk, p.tb, true, true))
			return -EADDRINUSE;
	}
	if (!p.tb)
		p.tb = inet_bind_bucket_create(net, (u16)p.port, 0);
	if (!p.tb)
		return -ENOMEM;
	update_fastreuse(p.tb, sk);
	if (!sk->__sk_common.skc_tb)
		inet_bind_hash(sk, p.tb, (u16)p.port);
	NET_ASSERT(sk->__sk_common.skc_tb == p.tb);
	return 0;
}
