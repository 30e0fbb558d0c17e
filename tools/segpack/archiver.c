#include "archiver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/msg.h"

#define LONGEST_PAUSE (50 * CLOCK_SECOND) /* backoff adds up to a fifth: a minute */
#define BOUND_EVERY (60 * CLOCK_SECOND)

int archiver_open(struct archiver *archiver, struct root *root, const char *path)
{
	struct store_file *files = NULL;
	struct store *store = &archiver->store;

	archiver->writing = archiver->newest = STORE_NO_HOUR;
	archiver->due = CLOCK_NEVER;
	if (store_open(store, root, path) < 0) {
		if (errno == EWOULDBLOCK) {
			msg_error("store '%s': another segpack works on it", path);
			return EX_TEMPFAIL;
		}
		msg_error("store '%s':", path);
		return store->folder < 0 ? EX_NOINPUT : EX_IOERR;
	}
	ssize_t count = store_list(store, &files);
	if (count > 0)
		archiver->newest = files[count - 1].hour;
	free(files);
	if (count >= 0)
		return EX_OK;
	msg_error("store '%s':", path);
	return EX_IOERR;
}

/* Turns the hours into ZIPs, all but two if ZIPs are wanted; else only those that were
 * left half done. */
static void zip_others(struct archiver *archiver, int64_t but, int64_t and_but)
{
	if (store_zip(&archiver->store, archiver->zip, but, and_but, archiver->stop) <
			0 &&
		errno != ECANCELED)
		archiver->worst = EX_IOERR;
}

void archiver_begin(struct archiver *archiver)
{
	zip_others(archiver, STORE_NO_HOUR, archiver->newest);
	archiver_bound(archiver);
}

static int use(struct archiver *archiver, int64_t time)
{
	char *name = archiver->archive;

	if (time == archiver->writing && hour_tar_stands(&archiver->hour))
		return 0;
	if (archiver->writing != STORE_NO_HOUR)
		hour_tar_close(&archiver->hour);
	archiver->writing = STORE_NO_HOUR;
	if (archiver->zip) /* now, as no archive is open */
		zip_others(archiver, time,
			time > archiver->newest ? time : archiver->newest);
	if (store_use(&archiver->store, &archiver->hour, time) < 0)
		return -1;
	archiver->writing = time;
	if (time > archiver->newest)
		archiver->newest = time;
	store_day(name, time);
	snprintf(name + strlen(name), sizeof archiver->archive - strlen(name), "/%s.tar",
		archiver->hour.stem);
	return 0;
}

/* Reports why the store cannot be written to. Only a full disk is waited for. */
static int failed(struct archiver *archiver)
{
	if (errno == ECANCELED)
		return -1;
	if (errno != ENOSPC && errno != EDQUOT) {
		msg_error("store '%s':", archiver->store.path);
		return EX_IOERR;
	}
	int64_t pause = backoff_failed(&archiver->backoff, clock_now(), LONGEST_PAUSE);
	if (!*archiver->error)
		msg_warn("store '%s': the disk is full; again in %" PRId64 " s",
			archiver->store.path, pause / CLOCK_SECOND);
	snprintf(archiver->error, sizeof archiver->error, "the disk is full");
	return -1;
}

static int add(struct archiver *archiver, int64_t time, struct batch_source *sources,
	size_t count)
{
	return use(archiver, time) < 0
		? -1
		: hour_tar_add(&archiver->hour, sources, count, archiver->stop);
}

int archiver_add(struct archiver *archiver, int64_t time, struct batch_source *sources,
	size_t count)
{
	int code = add(archiver, time, sources, count);

	if (code < 0 && (errno == ESTALE || errno == EFBIG) &&
		archiver->writing != STORE_NO_HOUR) {
		hour_tar_close(&archiver->hour); /* add opens it again, or another one */
		archiver->writing = STORE_NO_HOUR;
		code = add(archiver, time, sources, count);
	}
	if (code < 0)
		return failed(archiver);
	if (*archiver->error)
		msg_info("store '%s': there is room again", archiver->store.path);
	msg_debug("archive '%s/%s': %zu clips are in it", archiver->store.path,
		archiver->archive, archiver->hour.packed.count);
	*archiver->error = '\0';
	archiver->backoff = (struct backoff){0};
	return 0;
}

void archiver_bound(struct archiver *archiver)
{
	if (archiver->age < 0 && archiver->most < 0)
		return;
	int n = store_bound(&archiver->store, archiver->age, archiver->most,
		archiver->writing, time(NULL));
	if (n < 0) {
		msg_error("store '%s': its bounds are not kept:", archiver->store.path);
		archiver->worst = EX_IOERR;
	}
	archiver->removed += n > 0 ? (uint64_t)n : 0;
	archiver->due = clock_now() + BOUND_EVERY;
}

void archiver_end(struct archiver *archiver)
{
	archiver_bound(archiver);
	if (archiver->writing != STORE_NO_HOUR)
		hour_tar_close(&archiver->hour);
	archiver->writing = STORE_NO_HOUR;
	if (archiver->zip)
		zip_others(archiver, STORE_NO_HOUR, STORE_NO_HOUR);
}
