/*
 * opt: one way to read a command line, from one table a tool.
 *
 * A row of the table names an option, and where its value goes: a tool has no switch over
 * its options. --help comes from the same rows. Common to all tools and handled here:
 * -h/--help, -V/--version, -v/--verbose. Of an option that is given twice the last one
 * counts. Wrong use is a message that names the option, the usage line and exit 64. May
 * exit.
 */
#ifndef STREAMHUB_OPT_H
#define STREAMHUB_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct opt_tool;

/* A whole number from min to max. What is set is the product with unit. */
struct opt_number {
	int64_t *to;
	int64_t unit, min, max;
};

/* One of the names, which end with NULL. What is set is its index: mostly an enum. */
struct opt_choice {
	unsigned *to;
	const char *const *names;
};

struct opt_row {
	char letter; /* the short option, 0 if there is none */
	const char *name; /* the long option */
	const char *arg; /* the argument's name, NULL if it takes none */
	const char *help;
	/* It sets one of these, or none if the option is only accepted. */
	bool *flag; /* to true: it takes no argument */
	const char **text;
	struct opt_number number;
	struct opt_choice choice;
	/* For what is none of the above. value is NULL if the option has no argument. */
	void (*read)(const struct opt_tool *tool, char *value);
};

struct opt_tool {
	const char *name;
	const char *synopsis; /* what follows the name in the usage line */
	const char *purpose; /* one sentence */
	const struct opt_row *rows;
	size_t count;
};

/*
 * Call first: names the tool to msg, keeps what the process holds from core files and
 * from other processes, ignores SIGPIPE, has children wait to be waited for, and opens
 * standard descriptors that were closed so that no file of ours can take their numbers;
 * using them still fails. Exits 71 if that cannot be had.
 */
void opt_begin(const struct opt_tool *tool);

/*
 * Reads all options into what the rows point to. What is not given keeps its value.
 * Returns the operands, which end with NULL.
 */
char **opt_read(const struct opt_tool *tool, int argc, char **argv);

/*
 * The only operand. Exits 64 if there is none or more than one; what is its name in the
 * usage line.
 */
const char *opt_operand(const struct opt_tool *tool, char **operands, const char *what);

/*
 * For code in a row, and for what is no option: the value as a whole number from min to
 * max, or exit 64 naming the option.
 */
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
