/*
 * opt: one way to read a command line, from one table a tool.
 *
 * From the table come the short and the long options and --help. Common to all tools and
 * handled here: -h/--help, -V/--version, -v/--verbose. Wrong use is a message, the usage
 * line and exit 64. May exit.
 */
#ifndef STREAMHUB_OPT_H
#define STREAMHUB_OPT_H

#include <stddef.h>

struct opt_row {
	int key; /* the short option, or a number above 255 if there is none */
	const char *name; /* the long option */
	const char *arg; /* the argument's name, NULL if it takes none */
	const char *help;
};

struct opt_tool {
	const char *name;
	const char *synopsis; /* what follows the name in the usage line */
	const char *purpose; /* one sentence */
	const struct opt_row *rows;
	size_t count;
};

/*
 * Call first: names the tool to msg, ignores SIGPIPE, has children wait to be
 * waited for, and opens standard descriptors that
 * were closed so that no file of ours can take their numbers; using them still fails.
 * Exits 71 if that cannot be had.
 */
void opt_begin(const struct opt_tool *tool);

/*
 * The key of the next option, its argument in optarg, or -1 when only operands are left,
 * the first at argv[optind].
 */
int opt_next(const struct opt_tool *tool, int argc, char **argv);

/* The value as a whole number from min to max, or exit 64 naming the option. */
long long opt_number(const struct opt_tool *tool, const char *option, const char *value,
	long long min, long long max);

/* The index of the value among the names, which end with NULL, or exit 64. */
int opt_choice(const struct opt_tool *tool, const char *option, const char *value,
	const char *const *names);

/* Says what is wrong and the usage line, and exits 64. */
void opt_refuse(const struct opt_tool *tool, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/*
 * Call last: closes standard output, and returns code if that went well and everything
 * written with stdio arrived; else says so and exits 75 (the reader is gone) or 74.
 */
int opt_finish(int code);

#endif
