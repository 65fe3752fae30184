// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_lwip.c - a peer's figures beside ours: lwIP as Debian builds it (liblwip), TCP and UDP within one process.
 *
 * Both ends live in lwIP's one stack and talk over its loop-back path, in the thread that measures; the window is the
 * 64 KB that Debian's build has. Not the same set-up as ours, which has two hosts and a link between them: less work, not more.
 */
#include <getopt.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"

static struct {
	struct netif netif;
	struct tcp_pcb *client, *server;
	uint64_t received, echoed;
	bool connected;
	uint8_t buf[65536];
} b;

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static err_t no_output(struct netif *n, struct pbuf *p, const ip4_addr_t *to)
{
	return ERR_OK;
}

static err_t netif_up(struct netif *n)
{
	n->output = no_output;
	n->mtu = 1500;
	return ERR_OK;
}

static err_t on_server_data(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	if (!p)
		return ERR_OK;
	b.received += p->tot_len;
	pbuf_copy_partial(p, b.buf, p->tot_len, 0);
	tcp_recved(pcb, p->tot_len);
	if (arg) {
		tcp_write(pcb, b.buf, p->tot_len, TCP_WRITE_FLAG_COPY);
		tcp_output(pcb);
	}
	pbuf_free(p);
	return ERR_OK;
}

static err_t on_client_data(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	if (!p)
		return ERR_OK;
	b.echoed += p->tot_len;
	tcp_recved(pcb, p->tot_len);
	pbuf_free(p);
	return ERR_OK;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
	b.server = pcb;
	tcp_arg(pcb, arg);
	tcp_recv(pcb, on_server_data);
	tcp_nagle_disable(pcb);
	return ERR_OK;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
	b.connected = true;
	return ERR_OK;
}

static void pass(void)
{
	netif_poll(&b.netif);
	sys_check_timeouts();
}

/* A connection to ourselves; @echo: the server sends back what it gets. */
static void connect_pair(bool echo, uint16_t port)
{
	struct tcp_pcb *l = tcp_new();

	b.connected = false;
	b.server = NULL;
	b.received = b.echoed = 0;
	tcp_bind(l, netif_ip_addr4(&b.netif), port);
	l = tcp_listen(l);
	tcp_arg(l, echo ? &b : NULL);
	tcp_accept(l, on_accept);
	b.client = tcp_new();
	tcp_nagle_disable(b.client);
	tcp_recv(b.client, on_client_data);
	tcp_connect(b.client, netif_ip_addr4(&b.netif), port, on_connected);
	while (!b.connected || !b.server)
		pass();
	tcp_close(l);
}

static void bulk(const struct bench_out *out, uint64_t bytes)
{
	uint64_t sent = 0;
	double start;

	connect_pair(false, 5000);
	start = cpu_seconds();
	while (b.received < bytes) {
		uint32_t room = tcp_sndbuf(b.client);
		uint32_t n = room < sizeof(b.buf) ? room : (uint32_t)sizeof(b.buf);

		if (n > 0xffff)
			n = 0xffff;
		if (n && sent < bytes &&
		    tcp_write(b.client, b.buf, (uint16_t)n, TCP_WRITE_FLAG_COPY) == ERR_OK)
			sent += n;
		tcp_output(b.client);
		pass();
	}
	bench_result(out, "lwip.tcp_bulk", (cpu_seconds() - start) / ((double)bytes / 1e9), "s/GB",
		     -1, -1, true);
	tcp_abort(b.client);
}

static void request_response(const struct bench_out *out, unsigned rounds)
{
	double start;

	connect_pair(true, 5001);
	start = cpu_seconds();
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t want = b.echoed + 1;

		tcp_write(b.client, "x", 1, TCP_WRITE_FLAG_COPY);
		tcp_output(b.client);
		while (b.echoed < want)
			pass();
	}
	bench_result(out, "lwip.tcp_rr_1", (cpu_seconds() - start) / rounds * 1e6, "us", -1, -1,
		     true);
	tcp_abort(b.client);
}

static void on_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
			uint16_t port)
{
	b.received++;
	pbuf_copy_partial(p, b.buf, p->tot_len, 0);
	pbuf_free(p);
}

static void datagrams(const struct bench_out *out, unsigned n)
{
	struct udp_pcb *to = udp_new(), *from = udp_new();
	double start;

	udp_bind(to, netif_ip_addr4(&b.netif), 6000);
	udp_recv(to, on_datagram, NULL);
	udp_connect(from, netif_ip_addr4(&b.netif), 6000);
	b.received = 0;
	start = cpu_seconds();
	for (unsigned i = 0; i < n; i++) {
		struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 64, PBUF_RAM);

		memset(p->payload, (int)i, 64);
		udp_send(from, p);
		pbuf_free(p);
		netif_poll(&b.netif);
	}
	bench_result(out, "lwip.udp_64", (cpu_seconds() - start) / n * 1e9, "ns", -1, -1, true);
	if (b.received != n)
		fprintf(stderr, "bench_lwip: %llu of %u datagrams came\n",
			(unsigned long long)b.received, n);
}

int main(int argc, char **argv)
{
	struct bench_out out = { NULL };
	ip4_addr_t addr, mask, gw;
	bool quick = false;
	int c;

	while ((c = getopt_long(argc, argv, "",
				(const struct option[]){ { "json", required_argument, NULL, 'j' },
							 { "quick", no_argument, NULL, 'q' },
							 { 0 } },
				NULL)) != -1) {
		if (c == 'j')
			out.json = optarg;
		else if (c == 'q')
			quick = true;
		else
			return 2;
	}
	tcpip_init(NULL, NULL);
	LOCK_TCPIP_CORE();
	IP4_ADDR(&addr, 10, 0, 0, 1);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	IP4_ADDR(&gw, 0, 0, 0, 0);
	netif_add(&b.netif, &addr, &mask, &gw, NULL, netif_up, ip_input);
	netif_set_up(&b.netif);
	netif_set_link_up(&b.netif);
	netif_set_default(&b.netif);
	bulk(&out, quick ? 10000000 : 1000000000);
	request_response(&out, quick ? 1000 : 300000);
	datagrams(&out, quick ? 1000 : 1000000);
	fflush(stdout);
	_Exit(0);
}
