#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "catalogue.h"
#include "clip/cursor.h"

#define AGAIN CLOCK_SECOND /* until a full disk is tried again */
#define PATHS_MAX 1000000

static int64_t wall_ms(void)
{
	return clock_wall_ns() / CLOCK_MS_NS;
}

/* Keeps a path below the folder until it can be printed. */
static int add_path(struct record *record, const char *name)
{
	char *path = NULL;

	if (record->path_count % 64 == 0) {
		char **more = record->path_count >= PATHS_MAX
			? NULL
			: realloc(record->paths,
				  (record->path_count + 64) * sizeof *record->paths);
		if (!more)
			return -1;
		record->paths = more;
	}
	if (asprintf(&path, "%s/%s\n", record->shelf.path, name) < 0)
		return -1;
	record->paths[record->path_count++] = path;
	return 0;
}

int record_print(struct record *record)
{
	struct lines_out *out = &record->out;

	for (; record->path_first < record->path_count; record->path_first++) {
		char *path = record->paths[record->path_first];
		size_t len = strlen(path);
		if (out->len + len > sizeof out->buf / 2)
			break;
		lines_put(out, path, len);
		free(path);
	}
	if (record->path_first == record->path_count)
		record->path_first = record->path_count = 0;
	return lines_flush(out);
}

/* The disk cannot be written to, by errno. Said once, until it can again. */
static void note_full(struct record *record)
{
	if (!record->full)
		msg_error("'%s': cannot be written, what comes is lost:",
			record->shelf.path);
	record->full = true;
	record->retry = clock_now() + AGAIN;
}

struct trim {
	struct record *record;
	struct cursor cursor;
	bool bound; /* by the cursor */
	int64_t bytes, now;
	int64_t newest; /* the time of the last one, which always stays */
};

static int add_size(void *context, const char *path, off_t size)
{
	struct trim *trim = context;

	trim->bytes += size;
	shelf_time(path, false, &trim->newest);
	return 0;
}

/* Removes a clip if there are older or more than are to be kept. Returns 1 at the first
 * one that stays. */
static int trim_one(void *context, const char *path, off_t size)
{
	struct trim *trim = context;
	const struct record *record = trim->record;
	int64_t ms;

	if (!shelf_time(path, false, &ms))
		return 0;
	if (ms >= trim->newest)
		return 1;
	bool old = record->keep_ms > 0 &&
		trim->now - ms - record->length / 1000 > record->keep_ms;
	bool many = record->keep_bytes > 0 && trim->bytes > record->keep_bytes;
	if (!old && !many)
		return 1;
	if (trim->bound &&
		!cursor_has_passed(
			&trim->cursor, ORDER_BY_NAME, clock_wall_ns(), 0, path))
		return 1;
	if (shelf_remove(&record->shelf, path) < 0) {
		msg_error("'%s/%s': cannot be removed:", record->shelf.path, path);
		return 1;
	}
	trim->bytes -= size;
	return 0;
}

static void trim(struct record *record)
{
	struct trim trim = {.record = record, .now = wall_ms(), .bound = record->cursor};

	if (record->keep_ms == 0 && record->keep_bytes == 0)
		return;
	/* Without a cursor nothing was had yet. */
	if (record->cursor && cursor_read(&trim.cursor, record->cursor) < 0) {
		if (errno != ENOENT)
			msg_warn("'%s': nothing is removed:", record->cursor);
		return;
	}
	if (shelf_walk(&record->shelf, false, add_size, &trim) < 0 ||
		shelf_walk(&record->shelf, false, trim_one, &trim) < 0)
		msg_error("'%s': cannot be read:", record->shelf.path);
}

/* Renames the finished part, writes it down and has it printed. */
static void keep(struct record *record, int fd, const struct catalogue_line *line)
{
	const char *dir = record->shelf.path;

	if (shelf_finish(&record->shelf, line->name, fd) < 0) {
		msg_error("'%s/%s': stays a part until the next start:", dir, line->name);
		return;
	}
	if (catalogue_add(&record->shelf, line) < 0)
		msg_warn("'%s': a line is missing until the next start:", dir);
	if (add_path(record, line->name) < 0)
		msg_error("'%s/%s': is not printed:", dir, line->name);
	record->finished++;
	record->completed |= line->reason == CUT_TIME;
}

static void end_clip(struct record *record, size_t n, enum cut_reason reason)
{
	struct clip *clip = &record->clips[n];

	if (!clip->format)
		return;
	int fd = clip_end(clip);
	if (fd < 0) {
		msg_warn("'%s/%s': is lost, as %s", record->shelf.path, clip->name,
			clip->broken ? "its sound did not come: the next clips have none"
				     : "nothing of it could be written");
		shelf_drop(&record->shelf, clip->name, -1);
		/* A codec of sound cannot be described before it was heard: a clip
		 * without any of it has no beginning. */
		if (clip->broken) {
			record->mute = true;
			record->cut.has[CUT_AUDIO] = false;
		}
		return;
	}
	const struct catalogue_line line = {.ms = clip->end / 1000,
		.bytes = clip->whole,
		.codecs = clip->codecs,
		.width = clip->width,
		.height = clip->height,
		.keyframes = (int64_t)clip->keyframes,
		.reason = reason,
		.name = clip->name};
	keep(record, fd, &line);
	trim(record);
	record_print(record);
}

void record_end(struct record *record, enum cut_reason reason)
{
	end_clip(record, !record->current, record->reasons[!record->current]);
	if (record->clips[record->current].format)
		record->ended = clock_now();
	end_clip(record, record->current, reason);
}

static void begin_clip(struct record *record, struct source *source, int64_t start)
{
	struct clip *clip = &record->clips[record->current];

	if (record->full && clock_now() < record->retry)
		return;
	int fd = shelf_begin(&record->shelf, wall_ms(), clip->name);
	if (fd < 0) {
		note_full(record);
		trim(record);
		return;
	}
	AVCodecParameters *const pars[CUT_KINDS] = {
		source->par[CUT_VIDEO], record->mute ? NULL : source->par[CUT_AUDIO]};
	int error = clip_begin(clip, fd, record->muxer, start, pars);
	if (error < 0) {
		shelf_drop(&record->shelf, clip->name, -1);
		errno = AVUNERROR(error);
		note_full(record);
		return;
	}
	source_sets(source);
	if (record->ended)
		record->lost += clock_now() - record->ended;
	record->ended = 0;
}

/* How much of a clip that cannot be written is lost with it, in microseconds. */
static int64_t unkept(const struct clip *clip)
{
	int64_t last = clip->last[CUT_VIDEO] > clip->last[CUT_AUDIO]
		? clip->last[CUT_VIDEO]
		: clip->last[CUT_AUDIO];

	return last == CUT_NONE ? 0 : last - (clip->whole > 0 ? clip->flushed : 0);
}

static void put(struct record *record, size_t n, const struct source_packet *next)
{
	struct clip *clip = &record->clips[n];
	int error = clip->format && clip->stream[next->cut.kind] >= 0
		? clip_put(clip, next->cut.kind, next->packet)
		: 0;

	if (!clip->format || clip->stream[next->cut.kind] < 0 || error < 0)
		record->refused++;
	else if (record->full && clip->whole > 0) {
		msg_info("'%s': can be written again", record->shelf.path);
		record->full = false;
	}
	if (error >= 0)
		return;
	if (clip->io->error < 0) {
		errno = AVUNERROR(clip->io->error);
		note_full(record);
	} else if (!clip->broken) {
		return;
	}
	record->ended = clock_now() - unkept(clip) / 1000;
	end_clip(record, n, clip->broken ? CUT_LOST : CUT_FULL);
}

static void begin_next(struct record *record, struct source *source, int64_t start)
{
	size_t was = record->current;
	bool follows = record->cut.before != CUT_NONE;

	end_clip(record, !was, record->reasons[!was]);
	record->reasons[was] = record->cut.reason;
	if (!follows)
		end_clip(record, was, record->cut.reason);
	record->current = !was;
	begin_clip(record, source, start);
}

void record_take(
	struct record *record, struct source *source, const struct source_packet *next)
{
	if (record->mute && next->cut.kind == CUT_AUDIO)
		return;
	enum cut_place place = cut_take(&record->cut, &next->cut);
	bool none = !record->clips[record->current].format;

	if (place == CUT_NEW) {
		begin_next(record, source, next->cut.dts);
	} else if (place == CUT_HERE && none && cut_may_begin(&record->cut, &next->cut)) {
		record->cut.start = next->cut.dts;
		begin_clip(record, source, next->cut.dts);
	}
	switch (place) {
	case CUT_NEW:
	case CUT_HERE:
		put(record, record->current, next);
		break;
	case CUT_BEFORE:
		put(record, !record->current, next);
		break;
	case CUT_ENDS:
		record_end(record, CUT_BY_JUMP);
		record->refused++;
		break;
	case CUT_NOWHERE:
		record->refused++;
	}
	if (cut_is_past(&record->cut))
		end_clip(record, !record->current, record->reasons[!record->current]);
}

bool record_source(struct record *record, const struct source *source)
{
	AVCodecParameters *const mute[CUT_KINDS] = {source->par[CUT_VIDEO], NULL};
	const AVCodecParameters *sound = source->par[CUT_AUDIO];

	record->muxer = clip_muxer(record->ts, source->par);
	record->mute = !record->muxer && mute[CUT_VIDEO];
	if (record->mute)
		record->muxer = clip_muxer(record->ts, mute);
	if (record->mute && record->muxer && sound)
		msg_warn("'%s': the clips have no sound: they cannot hold %s",
			record->shelf.path, avcodec_get_name(sound->codec_id));
	cut_begin(&record->cut, record->length, mute[CUT_VIDEO], sound && !record->mute);
	return record->muxer;
}

const struct clip *record_clip(const struct record *record)
{
	const struct clip *clip = &record->clips[record->current];

	return clip->format ? clip : NULL;
}

int64_t record_quiet(const struct record *record)
{
	return record->ended ? clock_now() - record->ended : 0;
}

int64_t record_lost(const struct record *record)
{
	return record->lost + record_quiet(record);
}

/* Mends a part that a killed process left. */
static int mend_part(void *context, const char *path, off_t size)
{
	struct record *record = context;
	char name[SHELF_NAME];
	const char *last = strrchr(path, '/');
	size_t day = (size_t)(last - path), stem = strlen(last + 2) - strlen(".part");

	(void)size;
	snprintf(name, sizeof name, "%.*s/%.*s", (int)day, path, (int)stem, last + 2);
	int fd = shelf_open_clip(&record->shelf, name, true);
	int whole =
		fd < 0 ? -1 : clip_mend(fd, strcmp(name + strlen(name) - 3, ".ts") == 0);
	if (whole == 0) {
		shelf_drop(&record->shelf, name, fd);
		return 0;
	}
	if (whole > 0 && shelf_finish(&record->shelf, name, fd) == 0) {
		msg_info("'%s/%s': was under way when segcut ended: kept",
			record->shelf.path, name);
		return 0;
	}
	if (whole < 0)
		path_close(fd);
	msg_error("'%s/%s': cannot be mended:", record->shelf.path, path);
	return 0;
}

struct backlog {
	struct record *record;
	struct cursor cursor;
	bool has;
};

static int take_backlog(void *context, const char *path, off_t size)
{
	struct backlog *backlog = context;

	(void)size;
	if (backlog->has &&
		cursor_has_passed(
			&backlog->cursor, ORDER_BY_NAME, clock_wall_ns(), 0, path))
		return 0;
	return add_path(backlog->record, path);
}

int record_begin(struct record *record)
{
	struct backlog backlog = {.record = record};
	const struct shelf *shelf = &record->shelf;

	record->ended = clock_now();
	if (shelf_walk(shelf, true, mend_part, record) < 0) {
		msg_error("'%s': cannot be read:", shelf->path);
		return EX_IOERR;
	}
	/* A disk that is full now is no reason not to record later. */
	if (catalogue_mend(shelf, false) < 0)
		msg_error("'%s/catalogue.tsv': cannot be mended:", shelf->path);
	if (!record->cursor)
		return EX_OK;
	backlog.has = cursor_read(&backlog.cursor, record->cursor) == 0;
	if (!backlog.has && errno != ENOENT)
		msg_warn("'%s': all clips are printed:", record->cursor);
	if (shelf_walk(shelf, false, take_backlog, &backlog) < 0) {
		msg_error("'%s': cannot be read:", shelf->path);
		return EX_IOERR;
	}
	return EX_OK;
}
