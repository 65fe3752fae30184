// SPDX-License-Identifier: BSD-2-Clause
/* tests/packetdrill/pd.c - begin and end of a run, its clock, and its device. */
#include "pd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* When a run begins: a monotonic time well above zero, 1 ms sharp, and some day's wall time. */
#define PD_START_NS   1000000000000ull
#define PD_START_WALL (1700000000ull * PD_NS)
/* How long a call that nothing ever ends may keep the first thread. */
#define PD_PATIENCE (600 * PD_NS)

/* ---- time ---- */

static bool is_main(const struct pd *pd)
{
	return pthread_equal(pthread_self(), pd->main);
}

/* Let the sleeper try again, and wait until it sleeps again or has taken its leave. */
static void poke_waiter(struct pd *pd)
{
	if (pd->waiter != PD_ASLEEP)
		return;
	pd->waiter = PD_RETRIES;
	pthread_cond_signal(&pd->retry);
	while (pd->waiter == PD_RETRIES || pd->waiter == PD_LEAVES)
		pthread_cond_wait(&pd->settled, &pd->lock);
}

void pd_settle(struct pd *pd)
{
	while (skiff_turn(pd->skiff, pd->now))
		;
	if (is_main(pd))
		poke_waiter(pd);
}

/* The next time at which something may happen, in the stack or to the sleeper. */
static uint64_t next_event(const struct pd *pd)
{
	uint64_t next = skiff_next(pd->skiff);

	return pd->waiter == PD_ASLEEP && is_main(pd) && pd->until < next ? pd->until : next;
}

void pd_run_until(struct pd *pd, uint64_t until, bool (*stop)(struct pd *pd))
{
	uint64_t next;

	while (!(stop && stop(pd)) && (next = next_event(pd)) <= until) {
		if (next > pd->now)
			pd->now = next;
		pd_settle(pd);
	}
	if (pd->now < until && !(stop && stop(pd))) {
		pd->now = until;
		pd_settle(pd); /* the stack's clock is that of its last turn */
	}
}

void pd_enter(struct pd *pd)
{
	pthread_mutex_lock(&pd->lock);
	if (is_main(pd))
		pd->patience = pd->now + PD_PATIENCE;
	pd_run_until(pd, pd->now + PD_CALL_NS, NULL);
}

void pd_leave(struct pd *pd)
{
	pthread_mutex_unlock(&pd->lock);
}

bool pd_wait(struct pd *pd, uint64_t until)
{
	uint64_t next;

	if (!is_main(pd)) {
		if (pd->now >= until)
			return false;
		pd->waiter = PD_ASLEEP;
		pd->until = until;
		pthread_cond_signal(&pd->settled);
		while (pd->waiter == PD_ASLEEP)
			pthread_cond_wait(&pd->retry, &pd->lock);
		return true;
	}
	next = next_event(pd);
	if (next > until || (until == SKIFF_NEVER && next > pd->patience)) {
		if (until != SKIFF_NEVER && until > pd->now)
			pd->now = until;
		return false;
	}
	if (next > pd->now)
		pd->now = next;
	pd_settle(pd);
	return true;
}

static int loop_run(void *arg, uint64_t deadline)
{
	struct pd *pd = arg;

	return pd_wait(pd, deadline) || deadline != SKIFF_NEVER ? 0 : -EINTR;
}

static uint64_t loop_now(void *arg)
{
	return ((const struct pd *)arg)->now;
}

struct skiff_loop pd_loop(struct pd *pd)
{
	return (struct skiff_loop){ pd, loop_run, loop_now };
}

ssize_t pd_result(struct pd *pd, ssize_t ret)
{
	pd_settle(pd);
	if (pd->waiter == PD_RETRIES && !is_main(pd))
		pd->waiter = PD_LEAVES;
	pd_leave(pd);
	if (ret >= 0)
		return ret;
	errno = (int)-ret;
	return -1;
}

/* Does thread @tid sleep? */
static bool sleeps(pid_t tid)
{
	char path[64], text[256];
	size_t n = 0;
	FILE *f;
	char *p;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	f = fopen(path, "r");
	if (f) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = 0;
	p = strrchr(text, ')');
	return p && p[1] == ' ' && p[2] == 'S';
}

/*
 * packetdrill gives up its own lock around usleep(), so that the second thread can note what its call brought. Sleeping takes
 * no time here, so that thread is given a while of real time.
 */
static void let_second_finish(struct pd *pd)
{
	pid_t tid = pd->left;

	if (!tid || !is_main(pd))
		return;
	pd->left = 0;
	for (int i = 0; i < 200; i++) {
		usleep(50);
		if (sleeps(tid))
			return;
	}
}

static int pd_usleep(void *arg, useconds_t usecs)
{
	struct pd *pd = arg;

	let_second_finish(pd);
	pthread_mutex_lock(&pd->lock);
	pd_run_until(pd, pd->now + usecs * 1000ull, NULL);
	pd_leave(pd);
	return 0;
}

static int pd_gettimeofday(void *arg, struct timeval *tv, struct timezone *tz)
{
	struct pd *pd = arg;
	uint64_t wall;

	(void)tz;
	pthread_mutex_lock(&pd->lock);
	if (!is_main(pd) && pd->waiter == PD_LEAVES) {
		/* Its call ended, and this is the time of that: main may go on. */
		pd->waiter = PD_NO_WAITER;
		pd->left = gettid();
		pthread_cond_signal(&pd->settled);
	} else {
		pd_run_until(pd, pd->now + PD_CALL_NS, NULL);
	}
	wall = pd->now + pd->wall;
	pd_leave(pd);
	tv->tv_sec = (time_t)(wall / PD_NS);
	tv->tv_usec = (suseconds_t)(wall % PD_NS / 1000);
	return 0;
}

/* ---- the device ---- */

static void pd_xmit(void *arg, struct skiff_dev *dev, const void *packet, size_t len,
		    unsigned gso_size)
{
	struct pd *pd = arg;
	struct pd_packet *p = malloc(sizeof(*p) + len);

	(void)dev, (void)gso_size;
	if (!p)
		abort();
	p->next = NULL;
	p->at = pd->now;
	p->len = len;
	memcpy(p->bytes, packet, len);
	*pd->out_tail = p;
	pd->out_tail = &p->next;
}

static int pd_netdev_send(void *arg, const void *packet, size_t len)
{
	struct pd *pd = arg;
	int err;

	pd_enter(pd);
	err = skiff_rawip_rx(pd->tun, packet, len);
	return (int)pd_result(pd, err);
}

static bool have_packet(struct pd *pd)
{
	return pd->out != NULL;
}

static int pd_netdev_receive(void *arg, void *packet, size_t *len, long long *usecs)
{
	struct pd *pd = arg;
	struct pd_packet *p;

	pd_enter(pd);
	pd_run_until(pd, pd->now + PD_NS, have_packet);
	p = pd->out;
	if (!p) {
		*len = 0;
		pd_leave(pd);
		return 0;
	}
	pd->out = p->next;
	if (!pd->out)
		pd->out_tail = &pd->out;
	if (p->len < *len)
		*len = p->len;
	memcpy(packet, p->bytes, *len);
	*usecs = (long long)((p->at + pd->wall) / 1000);
	free(p);
	pd_leave(pd);
	return 0;
}

/* ---- begin and end ---- */

static void pd_free(void *arg)
{
	struct pd *pd = arg;
	struct pd_packet *p;

	pd_control_stop(pd);
	skiff_destroy(pd->skiff);
	while ((p = pd->out)) {
		pd->out = p->next;
		free(p);
	}
	pd_pipes_free(pd);
	free(pd->counted);
	pthread_cond_destroy(&pd->retry);
	pthread_cond_destroy(&pd->settled);
	pthread_mutex_destroy(&pd->lock);
	free(pd);
}

static void pd_log(void *arg, int level, const char *line)
{
	(void)arg, (void)level;
	fprintf(stderr, "skiff: %s\n", line);
}

/* Scripts hand in bad addresses: the kernel says which can not be touched. */
static size_t user_copy(void *arg, void *ours, void *user, size_t len, bool to_user)
{
	struct iovec a = { ours, len }, b = { user, len };
	ssize_t n;

	(void)arg;
	if (!len)
		return 0;
	n = to_user ? process_vm_writev(getpid(), &a, 1, &b, 1, 0) :
		      process_vm_readv(getpid(), &a, 1, &b, 1, 0);
	return n < 0 ? 0 : (size_t)n;
}

static bool pd_start(struct pd *pd)
{
	static const struct skiff_rawip_ops ops = { pd_xmit };
	struct skiff_env env = { .arg = pd,
				 .log = pd_log,
				 .seed = "packetdrill",
				 .now_ns = PD_START_NS,
				 .wall_ns = PD_START_WALL };

	pd->now = PD_START_NS;
	pd->wall = PD_START_WALL - PD_START_NS;
	pd->tun_flags = SKIFF_RAWIP_TSO;
	pd->skiff = skiff_create(&env);
	if (pd->skiff)
		skiff_set_user_copy(pd->skiff, user_copy, pd);
	pd->net = pd->skiff ? skiff_net_create(pd->skiff, "packetdrill") : NULL;
	if (!pd->net)
		return false;
	pd->tun = skiff_rawip_create(pd->net, "tun0", pd->tun_flags, &ops, pd);
	return pd->tun != NULL;
}

PD_EXPORT void packetdrill_interface_init(const char *flags, struct pd_iface *ifc);

/**
 * packetdrill_interface_init() - what packetdrill calls once it has loaded us; there is no way to fail but to end the process
 * @flags: the text of --so_flags, see pd_configure(); may be NULL
 */
void packetdrill_interface_init(const char *flags, struct pd_iface *ifc)
{
	struct pd *pd = calloc(1, sizeof(*pd));

	if (!pd)
		exit(1);
	pthread_mutex_init(&pd->lock, NULL);
	pthread_cond_init(&pd->retry, NULL);
	pthread_cond_init(&pd->settled, NULL);
	pd->main = pthread_self();
	pd->out_tail = &pd->out;
	pd->listener = -1;
	if (!pd_start(pd) || !pd_configure(pd, flags ? flags : "") || !pd_control_start(pd)) {
		fprintf(stderr, "libskiff-packetdrill: can not start\n");
		exit(1);
	}
	memset(ifc, 0, sizeof(*ifc));
	ifc->pd = pd;
	ifc->free = pd_free;
	ifc->netdev_send = pd_netdev_send;
	ifc->netdev_receive = pd_netdev_receive;
	ifc->usleep = pd_usleep;
	ifc->gettimeofday = pd_gettimeofday;
	pd_fill_calls(ifc);
	pd_fill_io(ifc);
	pd_fill_files(ifc);
}
