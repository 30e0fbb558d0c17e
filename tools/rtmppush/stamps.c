#include "stamps.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fact.h"

static int put_name(char *name, size_t size, const char *cursor)
{
	int n = snprintf(name, size, "%s.stamps", cursor);

	errno = ENAMETOOLONG;
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

int stamps_note(int folder, const char *cursor, int64_t ms)
{
	static struct fact_writer fact;
	char name[NAME_MAX + 1];

	if (put_name(name, sizeof name, cursor) < 0 || fact_begin(&fact) < 0)
		return -1;
	fact_add_number(&fact, "stamp", ms);
	return fact_write(&fact, folder, name);
}

int64_t stamps_by_now(int folder, const char *cursor)
{
	struct clock_stamp then, now;
	char name[NAME_MAX + 1];
	int64_t ms;

	if (put_name(name, sizeof name, cursor) < 0 || clock_stamp(&now) < 0)
		return -1;
	struct fact fact = fact_read(folder, name);
	int error = fact.state == FACT_ERROR ? errno : EBADMSG;
	if (fact.state == FACT_ABSENT)
		return 0;
	bool good = fact.state == FACT_GOOD && fact_stamp(&fact, &then) == 0 &&
		fact_number(&fact, "stamp", &ms) == 0;
	fact_free(&fact);
	if (!good) {
		errno = error;
		return -1;
	}
	if (strcmp(then.boot, now.boot) != 0)
		return 0;
	return ms + (now.mono > then.mono ? now.mono - then.mono : 0);
}
