// SPDX-License-Identifier: BSD-2-Clause
/* tests/packetdrill/control.c - a socket on which the stand-ins for host tools (pdctl.c) ask for their command lines to be run.
 *
 * One connection is one command: the words, each with its 0, until the asker shuts down; then one byte of exit status
 * and the text. Served by a thread of its own, since packetdrill's main thread waits for the tool meanwhile.
 */
#include "pd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define WORDS_MAX   64
#define REQUEST_MAX 8192

static void answer(int s, unsigned char status, const char *text, size_t len)
{
	if (write(s, &status, 1) != 1)
		return;
	while (len) {
		ssize_t n = write(s, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void serve(struct pd *pd, int s)
{
	char request[REQUEST_MAX], *argv[WORDS_MAX + 1], *text = NULL;
	size_t have = 0, len = 0;
	ssize_t n;
	int argc = 0, status = 2;
	FILE *out;

	while (have < sizeof(request) - 1 &&
	       (n = read(s, request + have, sizeof(request) - 1 - have)) > 0)
		have += (size_t)n;
	request[have] = 0;
	for (char *p = request; p < request + have && argc < WORDS_MAX; p += strlen(p) + 1)
		argv[argc++] = p;
	argv[argc] = NULL;
	out = open_memstream(&text, &len);
	if (!out)
		return;
	if (argc) {
		pthread_mutex_lock(&pd->lock);
		status = pd_tool(pd, argc, argv, out);
		pd_settle(pd);
		pthread_mutex_unlock(&pd->lock);
	}
	fclose(out);
	answer(s, (unsigned char)status, text, len);
	free(text);
}

static void *control_thread(void *arg)
{
	struct pd *pd = arg;
	int s;

	while ((s = accept(pd->listener, NULL, NULL)) >= 0) {
		serve(pd, s);
		close(s);
	}
	return NULL;
}

bool pd_control_start(struct pd *pd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	strcpy(pd->dir, "/tmp/skiff-pd-XXXXXX");
	if (!mkdtemp(pd->dir))
		return false;
	snprintf(pd->path, sizeof(pd->path), "%s/control", pd->dir);
	strcpy(addr.sun_path, pd->path);
	pd->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (pd->listener < 0 || bind(pd->listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(pd->listener, 5) < 0 || setenv(PD_ENV, pd->path, 1) < 0)
		return false;
	return !pthread_create(&pd->control, NULL, control_thread, pd);
}

void pd_control_stop(struct pd *pd)
{
	shutdown(pd->listener, SHUT_RDWR); /* ends its accept() */
	pthread_join(pd->control, NULL);
	close(pd->listener);
	unlink(pd->path);
	rmdir(pd->dir);
}
