#include "opt.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lines.h"
#include "msg.h"
#include "text.h"

#define OPTIONS_MAX 32

static const struct opt_row common[] = {
	{'h', "help", NULL, "show this help and exit"},
	{'V', "version", NULL, "show the version and exit"},
	{'v', "verbose", NULL, "say more, as DEBUG=1 does"},
};

static const size_t common_count = sizeof common / sizeof *common;

static const struct opt_row *row_at(const struct opt_tool *tool, size_t i)
{
	return i < tool->count ? &tool->rows[i] : &common[i - tool->count];
}

void opt_begin(const struct opt_tool *tool)
{
	/* Opened the wrong way round, so that reading or writing them gives EBADF. */
	static const int wrong_way[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	int fd = STDIN_FILENO;
	while (fd <= STDERR_FILENO &&
		(fcntl(fd, F_GETFD) >= 0 || open("/dev/null", wrong_way[fd]) == fd))
		fd++;
	int error = errno;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* who starts us may ignore it: then no child can be
				     waited for */
	msg_init(tool->name);
	errno = error;
	if (fd <= STDERR_FILENO)
		msg_die(EX_OSERR, "descriptor %d is closed, and /dev/null instead:", fd);
}

static void show_help(const struct opt_tool *tool)
{
	printf("usage: %s %s\n%s\n\n", tool->name, tool->synopsis, tool->purpose);
	for (size_t i = 0; i < tool->count + common_count; i++) {
		const struct opt_row *row = row_at(tool, i);
		char left[64];

		snprintf(left, sizeof left, "--%s%s%s", row->name, row->arg ? " " : "",
			row->arg ? row->arg : "");
		if (row->key < 256)
			printf("  -%c, %-22s  %s\n", row->key, left, row->help);
		else
			printf("      %-22s  %s\n", left, row->help);
	}
}

void opt_refuse(const struct opt_tool *tool, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	msg_error("%s", text);
	fprintf(stderr, "usage: %s %s\nTry '%s --help'.\n", tool->name, tool->synopsis,
		tool->name);
	exit(EX_USAGE);
}

/* getopt_long leaves in optopt: a letter, the key of a known long option, or 0. */
_Noreturn static void refuse_unknown(
	const struct opt_tool *tool, const char *shorts, const char *word)
{
	if (optopt == 0)
		opt_refuse(tool, "unknown or ambiguous option '%s'", word);
	if (optopt < 256 && (optopt == ':' || !strchr(shorts, optopt)))
		opt_refuse(tool, "unknown option '-%c'", optopt);
	opt_refuse(tool, "option '%s' takes no argument", word);
}

int opt_next(const struct opt_tool *tool, int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 1] = {0};
	char shorts[2 * OPTIONS_MAX + 2] = ":";
	size_t n = strlen(shorts), count = tool->count + common_count;

	if (count > OPTIONS_MAX)
		msg_die(EX_SOFTWARE, "%s: more than %d options", tool->name, OPTIONS_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct opt_row *row = row_at(tool, i);

		longs[i].name = row->name;
		longs[i].has_arg = row->arg ? required_argument : no_argument;
		longs[i].val = row->key;
		if (row->key < 256) {
			shorts[n++] = (char)row->key;
			if (row->arg)
				shorts[n++] = ':';
		}
	}
	opterr = 0;
	for (;;) {
		int key = getopt_long(argc, argv, shorts, longs, NULL);
		switch (key) {
		case 'h':
			show_help(tool);
			exit(opt_finish(EX_OK));
		case 'V':
			printf("%s %s\n", tool->name, STREAMHUB_VERSION);
			exit(opt_finish(EX_OK));
		case 'v':
			msg_show(MSG_DEBUG);
			continue;
		case ':':
			opt_refuse(
				tool, "option '%s' needs an argument", argv[optind - 1]);
		case '?':
			refuse_unknown(tool, shorts, argv[optind - 1]);
		default:
			return key;
		}
	}
}

long long opt_number(const struct opt_tool *tool, const char *option, const char *value,
	long long min, long long max)
{
	long long n;

	if (text_number(value, min, max, &n) < 0)
		opt_refuse(tool,
			"option %s: '%s' is not a whole number from %lld to %lld", option,
			value, min, max);
	return n;
}

int opt_choice(const struct opt_tool *tool, const char *option, const char *value,
	const char *const *names)
{
	char all[256] = "";

	for (int i = 0; names[i]; i++) {
		if (strcmp(value, names[i]) == 0)
			return i;
		size_t len = strlen(all);
		snprintf(all + len, sizeof all - len, " %s", names[i]);
	}
	opt_refuse(tool, "option %s: '%s' is none of%s", option, value, all);
}

int opt_finish(int code)
{
	struct pollfd output = {STDOUT_FILENO, 0, 0};
	bool failed = ferror(stdout);

	if (fflush(stdout) == 0) {
		/* An earlier write that failed left no errno, but a reader stays gone. */
		errno = failed && poll(&output, 1, 0) > 0 ? EPIPE : 0;
		if (!failed && close(STDOUT_FILENO) == 0)
			return code;
	}
	exit(lines_lost(errno));
}
