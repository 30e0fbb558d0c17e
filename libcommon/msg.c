#include "msg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

#define MESSAGE_MAX 4096

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

/* JOURNAL_STREAM is inherited by children whose standard error went elsewhere: compare.
 */
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

__attribute__((format(printf, 2, 0))) static void say(
	enum msg_level level, const char *format, va_list ap)
{
	int saved = errno;
	char text[MESSAGE_MAX], line[MESSAGE_MAX + 128];
	size_t head = put_head(line, 128, level);

	int n = vsnprintf(text, sizeof text, format, ap);
	size_t len = n < 0 ? 0 : strlen(text);
	if (*format && format[strlen(format) - 1] == ':' && len < sizeof text - 1)
		len += (size_t)snprintf(
			text + len, sizeof text - len, " %s", strerror(saved));
	if (len >= sizeof text)
		len = sizeof text - 1;
	len = head + text_escape(line + head, sizeof line - head - 1, text, len);
	line[len++] = '\n';

	ssize_t wrote;
	do
		wrote = write(STDERR_FILENO, line, len);
	while (wrote < 0 && errno == EINTR);
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
