// SPDX-License-Identifier: BSD-2-Clause
/* lab/log.c - what a lab and the programs on its nodes say, line by line, as text or JSON.
 *
 * A line is one write, and only if it can be taken at once: a pipe that nobody reads must not stop the lab.
 */
#include "lab/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/fmt.h"

int log_open(struct lab_log *log, const struct skiff_lab_log_options *options, char *why,
	     size_t why_size)
{
	*log = (struct lab_log){ .fd = 2, .level = SKIFF_LOG_INFO };
	if (!options)
		return 0;
	log->level = options->level;
	log->json = options->json;
	if (!options->file)
		return 0;
	log->fd = open(options->file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (log->fd < 0) {
		int err = -errno;

		snprintf(why, why_size, "%s: %s", options->file, strerror(errno));
		log->fd = 2;
		return err;
	}
	log->file = true;
	return 0;
}

void log_close(struct lab_log *log)
{
	if (log->fd > 2)
		close(log->fd);
	log->fd = 2;
}

static void put_time(struct strbuf *sb)
{
	char text[40];
	struct timespec ts;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	strbuf_printf(sb, "%s.%03ldZ", text, ts.tv_nsec / 1000000);
}

static const char *level_name(int level)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };

	return level >= 0 && level < 4 ? names[level] : "debug";
}

static void put_json(struct strbuf *sb, int level, const char *node, const char *program,
		     const char *text)
{
	strbuf_puts(sb, "{\"time\":\"");
	put_time(sb);
	strbuf_printf(sb, "\",\"level\":\"%s\"", level_name(level));
	if (node) {
		strbuf_puts(sb, ",\"node\":");
		strbuf_json(sb, node);
	}
	if (program) {
		strbuf_puts(sb, ",\"program\":");
		strbuf_json(sb, program);
	}
	strbuf_puts(sb, ",\"message\":");
	strbuf_json(sb, text);
	strbuf_putc(sb, '}');
}

static void put_text(struct strbuf *sb, bool file, int level, const char *node, const char *program,
		     const char *text)
{
	if (file) {
		put_time(sb);
		strbuf_printf(sb, " %-5s ", level_name(level));
	}
	if (!node)
		strbuf_puts(sb, "skiff");
	else
		strbuf_puts(sb, node);
	if (program)
		strbuf_printf(sb, " %s", program);
	strbuf_printf(sb, ": %s", text);
}

static void put_line(struct lab_log *log, int level, const char *node, const char *program,
		     const char *text)
{
	char line[LOG_LINE_MAX];
	struct strbuf sb;
	struct pollfd p = { .fd = log->fd, .events = POLLOUT };

	strbuf_init(&sb, line, sizeof(line) - 1);
	if (log->json)
		put_json(&sb, level, node, program, text);
	else
		put_text(&sb, log->file, level, node, program, text);
	/* Half an object helps nobody. */
	if (sb.cut && log->json) {
		strbuf_init(&sb, line, sizeof(line) - 1);
		put_json(&sb, level, node, program, "(a line that is too long)");
	}
	line[sb.len++] = '\n';
	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT) ||
	    write(log->fd, line, sb.len) != (ssize_t)sb.len)
		log->lost++;
}

void log_line(struct lab_log *log, int level, const char *node, const char *program,
	      const char *text)
{
	char lost[64];
	uint64_t before = log->lost;

	if (level > log->level)
		return;
	if (log->lost) {
		log->lost = 0;
		snprintf(lost, sizeof(lost), "%llu lines of the log were lost",
			 (unsigned long long)before);
		put_line(log, SKIFF_LOG_WARN, NULL, NULL, lost);
		if (log->lost) {
			log->lost += before;
			return;
		}
	}
	put_line(log, level, node, program, text);
}

void log_printf(struct lab_log *log, int level, const char *node, const char *program,
		const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_line(log, level, node, program, text);
}
