#include "archiver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "msg.h"

#define LONGEST_PAUSE (50 * TICK_SECOND) /* and a fifth: a minute */
#define BOUND_EVERY (60 * TICK_SECOND)

int archiver_open(struct archiver *archiver, const char *path)
{
	struct store_file *files = NULL;
	struct store *store = &archiver->store;

	archiver->writing = archiver->newest = STORE_NO_HOUR;
	archiver->due = TICK_NEVER;
	if (store_open(store, path) < 0) {
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

/* What is over becomes a ZIP, if that is wanted; what was left half done does. */
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

	if (time == archiver->writing && hour_stands(&archiver->hour))
		return 0;
	if (archiver->writing != STORE_NO_HOUR)
		hour_close(&archiver->hour);
	archiver->writing = STORE_NO_HOUR;
	if (archiver->zip) /* while none is open */
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

/* Says what keeps the store from being written. Only a full disk gets better. */
static int failed(struct archiver *archiver)
{
	if (errno == ECANCELED)
		return -1;
	if (errno != ENOSPC && errno != EDQUOT) {
		msg_error("store '%s':", archiver->store.path);
		return EX_IOERR;
	}
	int64_t pause = backoff_failed(&archiver->backoff, tick_now(), LONGEST_PAUSE);
	if (!*archiver->error)
		msg_warn("store '%s': the disk is full; again in %" PRId64 " s",
			archiver->store.path, pause / TICK_SECOND);
	snprintf(archiver->error, sizeof archiver->error, "the disk is full");
	return -1;
}

static int add(struct archiver *archiver, int64_t time, struct hour_source *sources,
	size_t count)
{
	return use(archiver, time) < 0
		? -1
		: hour_add(&archiver->hour, sources, count, archiver->stop);
}

int archiver_add(struct archiver *archiver, int64_t time, struct hour_source *sources,
	size_t count)
{
	int code = add(archiver, time, sources, count);

	if (code < 0 && (errno == ESTALE || errno == EFBIG) &&
		archiver->writing != STORE_NO_HOUR) {
		hour_close(&archiver->hour); /* it is opened anew, or another is */
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
	archiver->due = tick_now() + BOUND_EVERY;
}

void archiver_end(struct archiver *archiver)
{
	archiver_bound(archiver);
	if (archiver->writing != STORE_NO_HOUR)
		hour_close(&archiver->hour);
	archiver->writing = STORE_NO_HOUR;
	if (archiver->zip)
		zip_others(archiver, STORE_NO_HOUR, STORE_NO_HOUR);
}
