/*
 * store: a folder of archives by day and hour, in UTC: YYYY-MM-DD/HH.tar, HH.zip and
 * HH.index, or HH.N.tar and so on beside one that cannot be added to. Whatever else lies
 * there is never touched, nor reached by way of a link.
 *
 * What is done to archives is told here. Errors are -1 with errno.
 */
#ifndef STREAMHUB_STORE_H
#define STREAMHUB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hour.h"

#define STORE_DAY_SIZE 11
#define STORE_NUMBER_MAX 99 /* of archives beside one another */
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
 * Opens the folder and locks it. EWOULDBLOCK: another one works on it. ENOENT and the
 * like: there is no such folder.
 */
int store_open(struct store *store, const char *path);

/* The hour of a clip. What is before 1970 or after 9999 goes into the first or last. */
int64_t store_hour(int64_t mtime_ns);

/* Reads such names. False: they are not of a store's file. */
bool store_parse(const char *day, const char *name, struct store_file *out);

/* "YYYY-MM-DD", and "HH" or "HH.N". */
void store_day(char out[STORE_DAY_SIZE], int64_t hour);
void store_stem(char out[HOUR_STEM_MAX], int64_t hour, unsigned number);

/* The file's name in the folder of its day. */
void store_name(char *out, size_t size, const struct store_file *file);

/* Opens the folder of the hour's day; with make, it is made if need be. */
int store_open_day(const struct store *store, int64_t hour, bool make);

/*
 * Opens the hour's archive for more, its day's folder made if need be. One that is
 * damaged is told of and left, and the next number is taken.
 */
int store_use(const struct store *store, struct hour *hour, int64_t time);

/* All files in order of time, to be freed; returns how many, or -1. */
ssize_t store_list(const struct store *store, struct store_file **files);

/*
 * Turns TARs into ZIPs, of all hours but two, and of those where that was left half
 * done; if all is not set, only the latter. Goes on after errors; returns as hourzip_make
 * does.
 */
int store_zip(
	const struct store *store, bool all, int64_t but, int64_t and_but, int stop);

/*
 * Removes archives that are older than age seconds (-1: none is too old), seen from now,
 * and the oldest while all together hold more than most bytes (-1: no bound), but never
 * those of the hour that is being written. Returns how many, or -1.
 */
int store_bound(const struct store *store, int64_t age, int64_t most, int64_t writing,
	int64_t now);

#endif
