/*
 * Clips wait in the pool in the order in which they came. pack_go_on takes the first ones
 * that are of one hour as a batch, up to BATCH_BYTES, and has it written (archiver.h);
 * finish then deletes each clip that is surely in the archive, and pack_let_go prints the
 * paths from the front of the pool.
 */
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/msg.h"
#include "clip/aside.h"
#include "clip_name.h"

#define BATCH_BYTES (INT64_C(256) << 20)
#define CLIP_BYTES (INT64_C(64) << 30) /* a hole may claim more than any disk has */

size_t pack_queued(const struct pack *pack)
{
	return pack->pool.count + pack->missed.counts[CLIPS_QUEUE];
}

/* True if it was among the missed: its sender did not know that. */
static bool is_known(struct pack *pack, const char *path)
{
	const struct clip *clip = pack->root.dir
		? clips_find(&pack->missed, clip_name(path, pack->root.dir))
		: NULL;
	const char *name;
	struct stat st;

	if (!clip)
		return false;
	int folder = root_open_parent(&pack->root, path, &name);
	int found = folder < 0 ? -1 : fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW);
	path_close(folder);
	return found < 0 ? errno == ENOENT : path_same(path_id(&st), clip->id);
}

static void take_path(struct pack *pack, const char *path)
{
	struct job *job = pool_add(&pack->pool, path);

	if (!job)
		msg_die(EX_OSERR, "take in a path:");
	if (!root_accepts(&pack->root, job->path))
		job->state = JOB_LOST;
}

bool pack_take_paths(struct pack *pack)
{
	size_t had = pack->pool.count;
	char whole[2 * PATH_MAX];
	const char *path;
	struct clip *clip;

	while (pack->pool.count < POOL_JOBS &&
		(clip = clips_first(&pack->missed, CLIPS_QUEUE))) {
		snprintf(whole, sizeof whole, "%s/%s", pack->root.dir, clip->path);
		clips_put(&pack->missed, clip, CLIPS_DONE);
		take_path(pack, whole);
	}
	while (pack->pool.count < POOL_JOBS && (path = paths_next(pack->paths)))
		if (!is_known(pack, path))
			take_path(pack, path);
	return pack->pool.count > had;
}

_Static_assert(POOL_JOBS <= BATCH_MAX, "a batch fits into an hour");

/* Puts those into the batch that are of one hour, which is returned. */
static int64_t fill_batch(struct pack *pack, size_t *count)
{
	int64_t time = STORE_NO_HOUR, size = 0;
	struct job *job;

	for (*count = 0; (job = pool_job(&pack->pool, *count)); ++*count) {
		struct batch_source *source = &pack->batch[*count];
		*source = (struct batch_source){.fd = job->fd, .state = BATCH_UNREADABLE};
		if (job->state == JOB_LOST)
			continue;
		if (job->st.st_size > CLIP_BYTES) {
			source->error = EFBIG;
			continue;
		}
		bool died = report_found(&job->report, REPORT_DIED) ||
			report_found(&job->report, REPORT_TIMEOUT);
		/* An upload that stalled may go on, and its end would be lost. */
		source->state = path_has_writer(job->fd) ? BATCH_CHANGED : BATCH_WAITS;
		source->id = path_id(&job->st);
		source->name = clip_name(job->path, pack->root.dir);
		source->duration_ms = died || job->report.duration_ms < 0
			? CLIP_LIST_NO_DURATION
			: job->report.duration_ms;
		int64_t of = store_hour(source->id.mtime_ns);
		size += source->id.size;
		if (time != STORE_NO_HOUR && (of != time || size > BATCH_BYTES))
			break;
		time = of;
	}
	return time;
}

bool pack_go_on(struct pack *pack)
{
	struct job *job;
	size_t count;

	if (pack->batched > 0 || pack->pool.count == 0 ||
		pack->archiver.backoff.until > clock_now())
		return false;
	for (size_t i = 0; (job = pool_job(&pack->pool, i)); i++)
		if (job->state < JOB_DONE)
			return false;
	int64_t time = fill_batch(pack, &count);
	int code = time == STORE_NO_HOUR
		? 0
		: archiver_add(&pack->archiver, time, pack->batch, count);
	pack->pulse.changed = true;
	pack->broken = code > 0 ? code : 0;
	if (code != 0)
		return false;
	pack->batched = count;
	pack->gone = 0;
	return true;
}

/* The clip is in the archive: it goes. False: it does not. */
static bool remove_clip(struct pack *pack, const struct job *job, struct path_id id)
{
	const char *slash = strrchr(job->path, '/');
	const char *name = slash ? slash + 1 : job->path;

	if (aside_remove(job->folder, name, id) == 0 || errno == ENOENT)
		return true;
	int why = errno;
	msg_error("'%s': packed, but not removed:", job->path);
	paths_remember(pack->paths, why == ESTALE ? EX_TEMPFAIL : EX_IOERR);
	return false;
}

static void finish(
	struct pack *pack, const struct job *job, const struct batch_source *source)
{
	switch (source->state) {
	case BATCH_PACKED:
	case BATCH_AGAIN:
		pack->packed += source->state == BATCH_PACKED;
		pack->again += source->state == BATCH_AGAIN;
		pack->bytes +=
			source->state == BATCH_PACKED ? (uint64_t)source->id.size : 0;
		if (!remove_clip(pack, job, source->id))
			break;
		snprintf(pack->last, sizeof pack->last, "%s", job->path);
		paths_put(pack->paths, pack->out, job->path);
		break;
	case BATCH_UNREADABLE:
		errno = source->error;
		if (errno) /* else the pool has told */
			msg_error("'%s': cannot be packed:", job->path);
		paths_remember(pack->paths, EX_NOINPUT);
		break;
	case BATCH_WAITS:
	case BATCH_CHANGED:
		msg_warn("'%s': changed while it was packed: it stays", job->path);
		paths_remember(pack->paths, EX_TEMPFAIL);
		break;
	}
}

bool pack_let_go(struct pack *pack)
{
	size_t had = pack->pool.count;

	while (pack->gone < pack->batched &&
		pack->out->len <= sizeof pack->out->buf - 2 * PATH_MAX) {
		finish(pack, pool_job(&pack->pool, 0), &pack->batch[pack->gone++]);
		pool_drop(&pack->pool);
		pack->pulse.changed = true;
	}
	if (pack->batched > 0 && pack->gone == pack->batched) {
		pack->batched = 0;
		pack->gone = 0;
		archiver_bound(&pack->archiver);
	}
	return pack->pool.count < had;
}

int64_t pack_due(const struct pack *pack)
{
	int64_t due = clock_sooner(pulse_due(&pack->pulse), pool_due(&pack->pool));

	if (pack->archiver.backoff.until > clock_now())
		due = clock_sooner(due, pack->archiver.backoff.until);
	return clock_sooner(due, pack->archiver.due);
}

void pack_write_fact(struct pack *pack)
{
	const struct pulse_number numbers[] = {
		{"packed", (int64_t)pack->packed},
		{"bytes", (int64_t)pack->bytes},
		{"again", (int64_t)pack->again},
		{"removed", (int64_t)pack->archiver.removed},
		{"queue", (int64_t)pack_queued(pack)},
	};

	pulse_begin(&pack->pulse);
	pulse_numbers(&pack->pulse, numbers, sizeof numbers / sizeof *numbers);
	fact_add_text(&pack->pulse.fact, "archive", pack->archiver.archive);
	fact_add_path(&pack->pulse.fact, "last", pack->last);
	fact_add_text(&pack->pulse.fact, "error", pack->archiver.error);
	pulse_busy(&pack->pulse, pack_queued(pack) > 0);
	pulse_end(&pack->pulse);
}
