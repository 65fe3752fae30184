// SPDX-License-Identifier: BSD-2-Clause
/* net/socket_proc.c - /proc/net/protocols: the transports of the shard and which of the optional calls they have. */
#include "net/proc.h"
#include "net/socket.h"

static char yes(bool there)
{
	return there ? 'y' : 'n';
}

static void proto_line(struct strbuf *sb, const struct net *net, const struct proto *p)
{
	const struct proto_memory *m = p->mem_index ? &net->sock->mem[p->mem_index] : NULL;
	bool presses = p->enter_memory_pressure;

	/* Sockets are counted by namespace in sockstat, not by transport here; -1: no account. */
	strbuf_printf(sb, "%-9s %4u %6d  %6lld   %-3s %6u   %-3s  %-10s", p->name, p->obj_size, -1,
		      m ? (long long)m->allocated : -1LL,
		      !presses		     ? "NI" :
		      m && m->pressure_since ? "yes" :
					       "no",
		      p->max_header, "yes", "kernel");
	strbuf_printf(sb,
		      " %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c\n",
		      yes(p->close), yes(p->connect), yes(p->disconnect), yes(p->accept),
		      yes(p->ioctl), yes(p->init), yes(p->destroy), yes(p->shutdown),
		      yes(p->setsockopt), yes(p->getsockopt), yes(p->sendmsg), yes(p->recvmsg),
		      yes(p->bind), 'n', yes(p->hash), yes(p->unhash), yes(p->get_port),
		      yes(presses));
}

void protocols_seq_show(struct net *net, struct strbuf *sb)
{
	const struct sock_shard *s = net->skiff->sockets;

	strbuf_printf(sb, "%-9s %-4s %-8s %-6s %-5s %-7s %-4s %-10s %s", "protocol", "size",
		      "sockets", "memory", "press", "maxhdr", "slab", "module",
		      "cl co di ac io in de sh ss gs se re bi br ha uh gp em\n");
	for (u32 i = s->nr_protos; i-- > 0;)
		proto_line(sb, net, s->protos[i]);
}
