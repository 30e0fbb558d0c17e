#include "show.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/lines.h"
#include "base/msg.h"
#include "base/text.h"

#define GATHERED_MAX 3072 /* two of them fit into the 8 KiB that Nagios reads */

enum gravity { FINE, WARNING, UNKNOWN, CRITICAL };

static const struct {
	int code;
	const char *word;
} nagios[] = {
	[FINE] = {0, "OK"},
	[WARNING] = {1, "WARNING"},
	[UNKNOWN] = {3, "UNKNOWN"},
	[CRITICAL] = {2, "CRITICAL"},
};

static const enum gravity gravities[VERDICT_KINDS] = {
	[VERDICT_OK] = FINE,
	[VERDICT_STALE] = CRITICAL,
	[VERDICT_SILENT] = WARNING,
	[VERDICT_MISSING] = CRITICAL,
	[VERDICT_FUTURE] = UNKNOWN,
	[VERDICT_CORRUPT] = UNKNOWN,
	[VERDICT_ERROR] = CRITICAL,
};

static size_t counts[VERDICT_KINDS];
static enum gravity gravest;
static struct gathered {
	char text[GATHERED_MAX];
	size_t len, left_out;
} problems, performance; /* what -N puts behind its first words */

/* Over the limit it is rounded up, so that it never looks like the limit. */
static int64_t seconds(const struct verdict *v)
{
	return (v->age + (v->age > v->limit ? CLOCK_SECOND - 1 : 0)) / CLOCK_SECOND;
}

static void show_json(const char *name, const struct verdict *v)
{
	json_t *age = v->age < 0 ? NULL : json_integer(seconds(v));
	json_t *line = json_pack("{s:s, s:s, s:o?, s:I, s:s}", "id", name, "verdict",
		verdict_name(v->kind), "age", age, "limit",
		(json_int_t)(v->limit / CLOCK_SECOND), "reason", v->reason);

	bool shown = line && json_dumpf(line, stdout, JSON_COMPACT) == 0;
	int error = errno;
	json_decref(line);
	if (!shown && ferror(stdout))
		exit(lines_lost(error));
	if (!shown)
		msg_die(EX_OSERR, "'%s': no memory for JSON", name);
	putchar('\n');
}

/* Adds a whole piece, or from where there is no room for one counts. */
__attribute__((format(printf, 2, 3))) static void gather(
	struct gathered *to, const char *format_of, ...)
{
	size_t room = sizeof to->text - to->len;
	va_list ap;

	va_start(ap, format_of);
	int n = to->left_out ? -1 : vsnprintf(to->text + to->len, room, format_of, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < room) {
		to->len += (size_t)n;
		return;
	}
	to->text[to->len] = '\0';
	to->left_out++;
}

/* Characters that mean something to Nagios do not travel in a text. */
static void make_plain(char *text)
{
	for (char *c = text; (c = strpbrk(c, "'=|"));)
		*c = '_';
}

static void show_nagios(char *name, const struct verdict *v)
{
	struct verdict plain = *v;

	make_plain(name);
	make_plain(plain.reason);
	if (v->kind != VERDICT_OK)
		gather(&problems, ", %s %s (%s)", name, verdict_name(v->kind),
			plain.reason);
	if (v->age >= 0)
		gather(&performance, " '%s'=%" PRId64 "s;;%" PRId64 ";0", name,
			seconds(v), v->limit / CLOCK_SECOND);
}

void show_verdict(
	const char *name, const struct verdict *v, enum show_format format, bool quiet)
{
	char safe[1024], age[24] = "-";

	counts[v->kind]++;
	if (gravities[v->kind] > gravest)
		gravest = gravities[v->kind];
	if (quiet && v->kind == VERDICT_OK)
		return;
	text_escape(safe, sizeof safe, name, strlen(name));
	if (format == SHOW_JSON) {
		show_json(safe, v);
	} else if (format == SHOW_NAGIOS) {
		show_nagios(safe, v);
	} else {
		if (v->age >= 0)
			snprintf(age, sizeof age, "%" PRId64, seconds(v));
		printf("%s\t%s\t%s\t%" PRId64 "\n", safe, verdict_name(v->kind), age,
			v->limit / CLOCK_SECOND);
	}
}

int show_nagios_line(int worst)
{
	if (gravest < UNKNOWN && (worst > 1 || (gravest == FINE && !counts[VERDICT_OK])))
		gravest = UNKNOWN;
	printf("STREAMHUB %s - %zu ok%s", nagios[gravest].word, counts[VERDICT_OK],
		problems.text);
	if (problems.left_out)
		printf(", and %zu more", problems.left_out);
	fputs(" |", stdout);
	for (size_t kind = 0; kind < VERDICT_KINDS; kind++)
		printf(" %s=%zu", verdict_name(kind), counts[kind]);
	if (performance.left_out)
		printf(" left_out=%zu", performance.left_out);
	puts(performance.text);
	return nagios[gravest].code;
}

int show_nagios_failure(const char *why)
{
	printf("STREAMHUB UNKNOWN - %s\n", why);
	return nagios[UNKNOWN].code;
}
