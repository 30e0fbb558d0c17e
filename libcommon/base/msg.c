#include "base/msg.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/reopen.h"
#include "base/text.h"

#define PATIENCE (CLOCK_SECOND / 10)

static const struct {
	const char *name;
	int priority; /* as in syslog(3) */
} levels[] = {
	[MSG_DEBUG] = {"DEBUG", 7},
	[MSG_INFO] = {"INFO", 6},
	[MSG_WARN] = {"WARN", 4},
	[MSG_ERROR] = {"ERROR", 3},
};

static const char *tool_name = "streamhub";
static enum msg_level shown = MSG_INFO;
static bool to_journal;
static int target = STDERR_FILENO;
static unsigned long lost; /* since standard error had room last */

/* A child whose standard error goes elsewhere inherits JOURNAL_STREAM too, so the device
 * and inode that it names are compared with those of standard error. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
		fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

void msg_init(const char *tool)
{
	const char *debug = getenv("DEBUG");
	const char *wanted = getenv("LOG_LEVEL");

	tool_name = tool;
	to_journal = stderr_is_journal();
	int own = reopen_nonblocking(STDERR_FILENO);
	if (target != STDERR_FILENO)
		close(target);
	target = own >= 0 ? own : STDERR_FILENO;
	if (debug && strcmp(debug, "1") == 0) {
		shown = MSG_DEBUG;
		return;
	}
	if (!wanted || !*wanted)
		return;
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		if (strcasecmp(wanted, levels[i].name) == 0) {
			shown = (enum msg_level)i;
			return;
		}
	}
	msg_warn("LOG_LEVEL '%s' is none of DEBUG INFO WARN ERROR: using INFO", wanted);
}

void msg_part(const char *name)
{
	tool_name = name;
}

void msg_show(enum msg_level level)
{
	shown = level;
}

static size_t put_head(char *line, size_t size, enum msg_level level)
{
	char stamp[32] = "";
	time_t now = time(NULL);
	struct tm tm;
	int n;

	if (to_journal) {
		n = snprintf(line, size, "<%d>[%s] [%s] ", levels[level].priority,
			levels[level].name, tool_name);
	} else {
		if (localtime_r(&now, &tm))
			strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &tm);
		n = snprintf(line, size, "[%s] [%s] [%s] ", stamp, levels[level].name,
			tool_name);
	}
	return n < 0 || (size_t)n >= size ? 0 : (size_t)n;
}

/* False: there was no room for the line in time. */
static bool put_line(const char *line, size_t len)
{
	struct pollfd room = {target, POLLOUT, 0};
	int64_t deadline = clock_now() + (lost ? 0 : PATIENCE);

	while (len > 0) {
		int timeout = clock_timeout(deadline);
		if (poll(&room, 1, timeout) == 0)
			return false;
		ssize_t n = send(target, line, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == ENOTSOCK)
			n = write(target, line, len);
		if (n < 0 && errno == EAGAIN && timeout == 0)
			return false;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return true; /* standard error has no reader any more */
		if (n > 0) {
			line += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static bool put(enum msg_level level, const char *text, size_t len)
{
	char line[PIPE_BUF]; /* what a pipe takes as a whole or not at all */
	size_t at = put_head(line, 128, level);

	at += text_escape(line + at, sizeof line - at - 1, text, len);
	line[at++] = '\n';
	return put_line(line, at);
}

static bool put_lost(void)
{
	char text[80];
	int n = snprintf(text, sizeof text,
		"messages lost: %lu: standard error was not read", lost);

	return put(MSG_WARN, text, (size_t)n);
}

__attribute__((format(printf, 2, 0))) static void say(
	enum msg_level level, const char *format, va_list ap)
{
	int saved = errno;
	char text[PIPE_BUF];

	int n = vsnprintf(text, sizeof text, format, ap);
	size_t len = n < 0 ? 0 : strlen(text);
	if (*format && format[strlen(format) - 1] == ':' && len < sizeof text - 1)
		len += (size_t)snprintf(
			text + len, sizeof text - len, " %s", strerror(saved));
	if (len >= sizeof text)
		len = sizeof text - 1;

	if (lost && put_lost())
		lost = 0;
	if (lost || !put(level, text, len))
		lost++;
	errno = saved;
}

void msg_say(enum msg_level level, const char *format, ...)
{
	va_list ap;

	if (level < shown)
		return;
	va_start(ap, format);
	say(level, format, ap);
	va_end(ap);
}

void msg_die(int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(MSG_ERROR, format, ap);
	va_end(ap);
	exit(code);
}
