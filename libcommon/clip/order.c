/*
 * order_natural compares runs of digits without leading zeros, first by length, then by
 * bytes, so that they may be longer than any number. order_time tries the forms below at
 * each place of the path, from the last component to the first.
 */
#include "clip/order.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define ZONES_NS (26 * 3600 * CLOCK_SECOND_NS)

static bool digit(char c)
{
	return isdigit((unsigned char)c);
}

int order_natural(const char *a, const char *b)
{
	const char *start_a = a, *start_b = b;

	while (*a && *b) {
		if (!digit(*a) || !digit(*b)) {
			if (*a != *b)
				return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
			a++;
			b++;
			continue;
		}
		a += strspn(a, "0");
		b += strspn(b, "0");
		size_t la = strspn(a, "0123456789"), lb = strspn(b, "0123456789");
		if (la != lb)
			return la < lb ? -1 : 1;
		int order = memcmp(a, b, la);
		if (order)
			return order;
		a += la;
		b += lb;
	}
	if (*a || *b)
		return *a ? 1 : -1;
	return strcmp(start_a, start_b); /* equal but for leading zeros: 01 and 1 */
}

/*
 * The ways in which cameras write time. Y M D h m s f stand for a digit of year, month,
 * day, hour, minute, second and fraction; '-' for a separator, always the same one within
 * a date and within a time; ' before a letter for that letter itself. A match must have
 * no further digit beside it.
 */
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, MILLI, FIELDS };
static const char letters[] = "YMDhmsf";
static const char separators[] = "-_.@/ :+T";

static const char *const whole[] = {
	"YYYYMMDDhhmmssfff",
	"YYYYMMDDhhmmss",
	"YYYY-MM-DD-hh-mm-ss-fff",
	"YYYY-MM-DD-hh-mm-ss",
	"YYYYMMDD-hhmmss-fff",
	"YYYYMMDD-hhmmss",
	"YY-MM-DD-hh-mm-ss",
	"YYMMDD-hhmmss-fff",
	"YYMMDD-hhmmss",
	NULL,
};
static const char *const dates[] = {
	"YYYY'YMM'MDD'Dhh'H",
	"YYYYMMDDhh",
	"YYYY-MM-DD",
	"YYYYMMDD",
	NULL,
};
static const char *const times[] = {
	"hh-mm-ss",
	"mm'Mss'S",
	"hhmmss",
	NULL,
};

static bool in_range(const int field[FIELDS])
{
	static const int most[FIELDS] = {2099, 12, 31, 23, 59, 60, 999};
	static const int least[FIELDS] = {1970, 1, 1, 0, 0, 0, 0};

	for (int f = 0; f < FIELDS; f++)
		if (field[f] < least[f] || field[f] > most[f])
			return false;
	return true;
}

/* Matches one form at text; on success field is filled in and the end returned. */
static const char *match(const char *form, const char *text, int field[FIELDS])
{
	int got[FIELDS] = {0}, digits[FIELDS] = {0};
	char date_separator = 0, time_separator = 0;

	for (; *form; form++, text++) {
		const char *letter = strchr(letters, *form);
		if (*form == '\'') {
			if (*text != *++form)
				return NULL;
		} else if (letter) {
			if (!digit(*text))
				return NULL;
			got[letter - letters] = 10 * got[letter - letters] + *text - '0';
			digits[letter - letters]++;
		} else {
			/* Between date and time any separator will do. */
			char *same = form[1] == 'h' ? NULL
				: digits[HOUR]      ? &time_separator
						    : &date_separator;
			if (!*text || !strchr(separators, *text) ||
				(same && *same && *same != *text))
				return NULL;
			if (same)
				*same = *text;
		}
	}
	if (digit(*text) && strchr(letters, form[-1]))
		return NULL;
	/* Dahua writes two times with dots, from-to: 21.04.19-21.05.14. That is no date.
	 */
	if (digits[YEAR] == 2 && date_separator == '.')
		return NULL;
	if (digits[YEAR] == 2)
		got[YEAR] += got[YEAR] < 70 ? 2000 : 1900;
	for (int f = 0; f < FIELDS; f++)
		if (digits[f])
			field[f] = got[f];
	return in_range(field) ? text : NULL;
}

/* The first place from text on, and before end, where one of the forms matches. */
static const char *find(
	const char *const *forms, const char *text, const char *end, int field[FIELDS])
{
	for (const char *at = text; at < end; at++) {
		for (const char *const *form = forms; *form; form++) {
			int found[FIELDS];
			/* In "E123M45S" the minute is 23: only this form may begin inside
			 * a run of digits. */
			bool inside = at > text && digit(at[-1]) && (*form)[0] != 'm';

			memcpy(found, field, sizeof found);
			const char *behind = inside ? NULL : match(*form, at, found);
			if (behind) {
				memcpy(field, found, sizeof found);
				return behind;
			}
		}
	}
	return NULL;
}

int order_time(const char *path, int64_t *ms)
{
	static const int nothing[FIELDS] = {1970, 1, 1, 0, 0, 0, 0};
	const char *end = path + strlen(path), *part = end, *behind = NULL;
	int field[FIELDS];

	memcpy(field, nothing, sizeof field);
	while (part > path && !behind) {
		while (part > path && part[-1] != '/')
			part--;
		behind = find(whole, part, end, field);
		part -= part > path;
	}
	if (!behind) {
		memcpy(field, nothing, sizeof field);
		behind = find(dates, path, end, field);
		for (const char *later = behind; later;) {
			int date[FIELDS];

			memcpy(date, field, sizeof date);
			later = find(dates, later, end, date);
			if (later) {
				behind = later;
				memcpy(field, date, sizeof field);
			}
		}
		if (!behind || !find(times, behind, end, field))
			return -1;
	}
	struct tm tm = {
		.tm_year = field[YEAR] - 1900,
		.tm_mon = field[MONTH] - 1,
		.tm_mday = field[DAY],
		.tm_hour = field[HOUR],
		.tm_min = field[MINUTE],
		.tm_sec = field[SECOND],
	};
	*ms = (int64_t)timegm(&tm) * 1000 + field[MILLI];
	return 0;
}

const char *const order_names[] = {[ORDER_BY_MTIME] = "mtime",
	[ORDER_BY_NAME] = "name",
	[ORDER_BY_TIME] = "time",
	[ORDER_GIVEN] = "given",
	NULL};

int64_t order_ahead(enum order_by by, int64_t key, int64_t wall_ns)
{
	int64_t slack = by == ORDER_BY_TIME ? ZONES_NS : CLOCK_SECOND_NS, ahead;

	if (by == ORDER_BY_NAME || by == ORDER_GIVEN)
		return 0;
	if (__builtin_sub_overflow(key, wall_ns, &ahead))
		return key < 0 ? 0 : INT64_MAX;
	return ahead > slack ? ahead : 0;
}

bool order_key(enum order_by by, const char *path, int64_t mtime_ns, int64_t *key)
{
	int64_t ms = 0;

	if (by == ORDER_BY_TIME && order_time(path, &ms) < 0)
		return false;
	*key = by == ORDER_BY_MTIME ? mtime_ns : ms * 1000000;
	return true;
}
