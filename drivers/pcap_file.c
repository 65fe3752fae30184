// SPDX-License-Identifier: BSD-2-Clause
/* drivers/pcap_file.c - capture files, frame by frame, by libpcap; apart from the device since libpcap's headers bring the system's. */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#include "skiff/tap.h"

#define SNAPLEN (65535 + 18)

struct skiff_capture {
	pcap_t *in, *dead;
	pcap_dumper_t *out;
};

void skiff_capture_close(struct skiff_capture *c)
{
	if (!c)
		return;
	if (c->out)
		pcap_dump_close(c->out);
	if (c->dead)
		pcap_close(c->dead);
	if (c->in)
		pcap_close(c->in);
	free(c);
}

static struct skiff_capture *failed(struct skiff_capture *c, int *err, int code)
{
	*err = code;
	skiff_capture_close(c);
	return NULL;
}

struct skiff_capture *skiff_capture_read(const char *path, int *err)
{
	struct skiff_capture *c = calloc(1, sizeof(*c));
	char why[PCAP_ERRBUF_SIZE];
	FILE *f;

	if (!c)
		return failed(c, err, -ENOMEM);
	f = fopen(path, "rbe");
	if (!f)
		return failed(c, err, -errno);
	c->in = pcap_fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!c->in) {
		fclose(f);
		return failed(c, err, -EINVAL);
	}
	if (pcap_datalink(c->in) != DLT_EN10MB)
		return failed(c, err, -EINVAL);
	return c;
}

int skiff_capture_next(struct skiff_capture *c, uint64_t *at_ns, const void **frame, size_t *len)
{
	struct pcap_pkthdr *h;
	const u_char *bytes;
	int n = pcap_next_ex(c->in, &h, &bytes);

	if (n != 1)
		return n == PCAP_ERROR_BREAK ? 0 : -EINVAL;
	/* opened with nanosecond precision: tv_usec holds nanoseconds */
	*at_ns = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec;
	*frame = bytes;
	*len = h->caplen;
	return 1;
}

struct skiff_capture *skiff_capture_write(const char *path, int *err)
{
	struct skiff_capture *c = calloc(1, sizeof(*c));

	if (!c)
		return failed(c, err, -ENOMEM);
	c->dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, SNAPLEN,
						       PCAP_TSTAMP_PRECISION_NANO);
	if (!c->dead)
		return failed(c, err, -ENOMEM);
	errno = 0;
	c->out = pcap_dump_open(c->dead, path);
	return c->out ? c : failed(c, err, errno ? -errno : -EIO);
}

void skiff_capture_put(struct skiff_capture *c, uint64_t at_ns, const void *frame, size_t len)
{
	struct pcap_pkthdr h = { .caplen = (bpf_u_int32)len, .len = (bpf_u_int32)len };

	h.ts.tv_sec = (time_t)(at_ns / 1000000000u);
	h.ts.tv_usec = (suseconds_t)(at_ns % 1000000000u);
	pcap_dump((u_char *)c->out, &h, frame);
}

void skiff_capture_flush(struct skiff_capture *c)
{
	pcap_dump_flush(c->out);
}
