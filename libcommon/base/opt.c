/*
 * opt_read makes getopt_long's two tables from the rows of the tool and the common ones.
 * A long option is numbered by its row, so that the row is found again, and its value
 * goes where the row points to.
 */
#include "base/opt.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/msg.h"
#include "base/text.h"

#define OPTIONS_MAX 32
#define LONG 256 /* getopt_long's number of the first long option: behind all letters */

static void show_help(const struct opt_tool *tool, char *value);
static void show_version(const struct opt_tool *tool, char *value);
static void be_verbose(const struct opt_tool *tool, char *value);

static const struct opt_row common[] = {
	{'h', "help", NULL, "show this help and exit", .read = show_help},
	{'V', "version", NULL, "show the version and exit", .read = show_version},
	{'v', "verbose", NULL, "say more, as DEBUG=1 does", .read = be_verbose},
};

static const size_t common_count = sizeof common / sizeof *common;

static const struct opt_row *row_at(const struct opt_tool *tool, size_t i)
{
	return i < tool->count ? &tool->rows[i] : &common[i - tool->count];
}

/*
 * A key, or what cameras send: no core file holds it, and no other process of the same
 * user looks into this one.
 */
static void shield(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* it looks into its own process for what leaks */
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

void opt_begin(const struct opt_tool *tool)
{
	/* Opened the wrong way round, so that reading or writing them gives EBADF. */
	static const int wrong_way[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	shield();
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

static void show_help(const struct opt_tool *tool, char *value)
{
	(void)value;
	printf("usage: %s %s\n%s\n\n", tool->name, tool->synopsis, tool->purpose);
	for (size_t i = 0; i < tool->count + common_count; i++) {
		const struct opt_row *row = row_at(tool, i);
		char left[64];

		snprintf(left, sizeof left, "--%s%s%s", row->name, row->arg ? " " : "",
			row->arg ? row->arg : "");
		if (row->letter)
			printf("  -%c, %-22s  %s\n", row->letter, left, row->help);
		else
			printf("      %-22s  %s\n", left, row->help);
	}
	exit(opt_finish(EX_OK));
}

static void show_version(const struct opt_tool *tool, char *value)
{
	(void)value;
	printf("%s %s\n", tool->name, STREAMHUB_VERSION);
	exit(opt_finish(EX_OK));
}

static void be_verbose(const struct opt_tool *tool, char *value)
{
	(void)tool;
	(void)value;
	msg_show(MSG_DEBUG);
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

/* getopt_long leaves in optopt: a letter, the number of a known long option, or 0. */
_Noreturn static void refuse_unknown(
	const struct opt_tool *tool, const char *shorts, const char *word)
{
	if (optopt == 0)
		opt_refuse(tool, "unknown or ambiguous option '%s'", word);
	if (optopt < LONG && (optopt == ':' || !strchr(shorts, optopt)))
		opt_refuse(tool, "unknown option '-%c'", optopt);
	opt_refuse(tool, "option '%s' takes no argument", word);
}

/* The row of the next option, its argument in optarg; NULL: only operands are left. */
static const struct opt_row *next_row(const struct opt_tool *tool, int argc, char **argv)
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
		longs[i].val = LONG + (int)i;
		if (row->letter) {
			shorts[n++] = row->letter;
			if (row->arg)
				shorts[n++] = ':';
		}
	}
	opterr = 0;
	int key = getopt_long(argc, argv, shorts, longs, NULL);
	if (key < 0)
		return NULL;
	if (key >= LONG)
		return row_at(tool, (size_t)(key - LONG));
	if (key == ':')
		opt_refuse(tool, "option '%s' needs an argument", argv[optind - 1]);
	for (size_t i = 0; i < count; i++)
		if (row_at(tool, i)->letter == key)
			return row_at(tool, i);
	refuse_unknown(tool, shorts, argv[optind - 1]);
}

static void set(const struct opt_tool *tool, const struct opt_row *row, char *value)
{
	char option[64];

	if (row->letter)
		snprintf(option, sizeof option, "-%c", row->letter);
	else
		snprintf(option, sizeof option, "--%s", row->name);
	if (row->flag)
		*row->flag = true;
	else if (row->text)
		*row->text = value;
	else if (row->number.to)
		*row->number.to = row->number.unit *
			opt_number(tool, option, value, row->number.min, row->number.max);
	else if (row->choice.to)
		*row->choice.to =
			(unsigned)opt_choice(tool, option, value, row->choice.names);
	else if (row->read)
		row->read(tool, value);
}

char **opt_read(const struct opt_tool *tool, int argc, char **argv)
{
	const struct opt_row *row;

	while ((row = next_row(tool, argc, argv)))
		set(tool, row, optarg);
	return argv + optind;
}

const char *opt_operand(const struct opt_tool *tool, char **operands, const char *what)
{
	if (!operands[0])
		opt_refuse(tool, "no %s", what);
	if (operands[1])
		opt_refuse(tool, "more than one %s", what);
	return operands[0];
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
