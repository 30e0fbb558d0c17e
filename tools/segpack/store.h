/*
 * store: a folder of archives by day and hour, in UTC: YYYY-MM-DD/HH.tar, HH.zip and
 * HH.index; HH.N.tar and so on if HH.tar cannot be added to. Other files in it are never
 * touched, and no link is followed.
 *
 * Prints messages about what it does to archives. Errors are -1 with errno.
 */
#ifndef STREAMHUB_STORE_H
#define STREAMHUB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/root.h"
#include "hour_tar.h"

#define STORE_DAY_SIZE 11
#define STORE_NUMBER_MAX 99 /* highest number of an archive of one hour */
#define STORE_LIST_MAX 1000000
#define STORE_NO_HOUR INT64_MIN

enum store_kind { STORE_TAR, STORE_ZIP, STORE_INDEX };

struct store_file {
	int64_t hour; /* since 1970 */
	unsigned number; /* 0: HH itself */
	enum store_kind kind;
	off_t size;
};

struct store {
	int folder;
	const char *path;
	int lock;
};

/*
 * Opens the folder and locks it. EWOULDBLOCK: another segpack works on it. ENOENT and the
 * like: there is no such folder. A path below the root is opened below it.
 */
int store_open(struct store *store, struct root *root, const char *path);

/* The hour of a clip. Times before 1970 or after 9999 count as the first or last hour. */
int64_t store_hour(int64_t mtime_ns);

/* Parses the names of a day's folder and a file. False: they are not a store's. */
bool store_parse(const char *day, const char *name, struct store_file *out);

/* "YYYY-MM-DD", and "HH" or "HH.N". */
void store_day(char out[STORE_DAY_SIZE], int64_t hour);
void store_stem(char out[HOUR_TAR_STEM_MAX], int64_t hour, unsigned number);

/* The file's name in the folder of its day. */
void store_name(char *out, size_t size, const struct store_file *file);

/* Opens the folder of the hour's day; with make, it is made if need be. */
int store_open_day(const struct store *store, int64_t hour, bool make);

/*
 * Opens the hour's archive to add clips, and makes its day's folder if need be. A damaged
 * archive is reported and left alone, and the next number is taken.
 */
int store_use(const struct store *store, struct hour_tar *hour, int64_t time);

/* All files in order of time, to be freed; returns how many, or -1. */
ssize_t store_list(const struct store *store, struct store_file **files);

/*
 * Turns TARs into ZIPs. With all: those of every hour except but and and_but. In any
 * case: those where a killed segpack left it half done, except in but. Goes on after
 * errors; returns as hour_zip_make does.
 */
int store_zip(
	const struct store *store, bool all, int64_t but, int64_t and_but, int stop);

/*
 * Removes archives that are older than age seconds at the time now (-1: no limit), and
 * the oldest ones while all together have more than most bytes (-1: no limit); but none
 * of the hour writing. Returns how many, or -1.
 */
int store_bound(const struct store *store, int64_t age, int64_t most, int64_t writing,
	int64_t now);

#endif
