// SPDX-License-Identifier: BSD-2-Clause
/* tests/packetdrill/pdctl.c - the program behind the stand-ins' names: hands its command line to the stack under test.
 *
 * Called as sysctl, ip, tc, nstat, ethtool, procfile or module-param it asks the object (control.c) and prints the answer.
 * As set_sysctls.py it sets sysctls and leaves a script behind that puts them back, as packetdrill's own does. As grep
 * it reads files below /proc/net from the stack, and leaves the rest to the host's grep.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TEXT_MAX 65536

static int connect_control(void)
{
	const char *path = getenv("SKIFF_PACKETDRILL");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (path && strlen(path) < sizeof(addr.sun_path))
		strcpy(addr.sun_path, path);
	if (!path || s < 0 || connect(s, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		fprintf(stderr, "stand-in: no stack to ask (SKIFF_PACKETDRILL)\n");
		exit(127);
	}
	return s;
}

/* Return: exit status; the answer in @text, 0-terminated */
static int ask(int argc, const char *const *argv, char *text)
{
	int s = connect_control();
	size_t have = 0;
	ssize_t n;

	for (int i = 0; i < argc; i++) {
		size_t len = strlen(argv[i]) + 1;

		if (write(s, argv[i], len) != (ssize_t)len)
			return 127;
	}
	shutdown(s, SHUT_WR);
	while (have < TEXT_MAX - 1 && (n = read(s, text + have, TEXT_MAX - 1 - have)) > 0)
		have += (size_t)n;
	close(s);
	text[have] = 0;
	if (!have)
		return 127;
	n = (unsigned char)text[0];
	memmove(text, text + 1, have);
	return (int)n;
}

static int forward(int argc, const char *const *argv)
{
	static char text[TEXT_MAX];
	int status = ask(argc, argv, text);

	fputs(text, status ? stderr : stdout);
	return status;
}

static int set_sysctls(int argc, char **argv)
{
	static char text[TEXT_MAX];
	const char *pid = getenv("PACKETDRILL_PID");
	int status = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/sysctl_restore_%s.sh", pid ? pid : "");
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		return 1;
	}
	fprintf(f, "#!/bin/sh\n");
	for (int i = 1; i < argc; i++) {
		const char *eq = strchr(argv[i], '=');
		int len = eq ? (int)(eq - argv[i]) : (int)strlen(argv[i]);
		char key[256];
		const char *get[] = { "sysctl", "-n", key };
		const char *set[] = { "sysctl", "-q", argv[i] };

		snprintf(key, sizeof(key), "%.*s", len, argv[i]);
		if (!ask(3, get, text)) {
			text[strcspn(text, "\n")] = 0;
			fprintf(f, "sysctl -q '%s=%s'\n", key, text);
		}
		status |= forward(3, set);
	}
	fclose(f);
	chmod(path, 0700);
	return status;
}

/* A file of the stack's, as a descriptor that grep can open by name */
static char *fetched(const char *path)
{
	static char text[TEXT_MAX];
	const char *words[] = { "procfile", path + strlen("/proc/") };
	int status = ask(2, words, text), fd;
	char *name = NULL;

	if (status)
		return strdup("/nonexistent");
	fd = memfd_create("proc", 0);
	if (fd < 0 || write(fd, text, strlen(text)) < 0 ||
	    asprintf(&name, "/proc/self/fd/%d", fd) < 0)
		return NULL;
	return name;
}

static int grep(char **argv)
{
	static const char *const real[] = { "/usr/bin/grep", "/bin/grep" };

	for (int i = 1; argv[i]; i++)
		if (!strncmp(argv[i], "/proc/net/", 10))
			argv[i] = fetched(argv[i]);
	for (unsigned i = 0; i < sizeof(real) / sizeof(real[0]); i++)
		execv(real[i], argv);
	perror("grep");
	return 2;
}

int main(int argc, char **argv)
{
	char *slash = strrchr(argv[0], '/');

	if (slash)
		argv[0] = slash + 1;
	if (!strcmp(argv[0], "set_sysctls.py"))
		return set_sysctls(argc, argv);
	if (!strcmp(argv[0], "grep"))
		return grep(argv);
	return forward(argc, (const char *const *)argv);
}
