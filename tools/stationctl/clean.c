/*
 * Three kinds of files, three ways to recognise them (the type meant). First all folders
 * that a kind may be in are walked with fts and the files noted with their identity. Then
 * the question is asked, and each file is removed by aside.h only if it is still the
 * same.
 */
#include "clean.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "base/text.h"
#include "clip/afterplay.h"
#include "clip/aside.h"
#include "clip/clipname.h"
#include "clip/cursor.h"
#include "clip/quarantine.h"
#include "station/settings.h"
#include "station/station.h"
#include "station/station_quarantine.h"

#define ROOTS 4
#define ABANDONED 3600 /* seconds without a write after which an upload is given up */
#define ESCAPED(size) (4 * (size))

struct clean {
	enum clean_kind kind;
	struct {
		char *path;
		int folder; /* or -1 */
	} roots[ROOTS];
	struct clean_file {
		size_t root;
		char *path; /* below it */
		struct path_id id;
	} * files;
	size_t count, gone; /* found, and removed of them */
	int64_t bytes, gone_bytes;
};

const char *const clean_names[] = {
	[CLEAN_TEMP] = "temp",
	[CLEAN_FAILED] = "failed",
	[CLEAN_PLAYED] = "played",
	NULL,
};

/* True if the file is of the kind to remove. rel is its path below the root. */
typedef bool (*meant)(const FTSENT *file, const char *rel, const struct cursor *cursor);

static bool is_abandoned(const FTSENT *file)
{
	time_t now = time(NULL);

	return file->fts_statp->st_mtime < now - ABANDONED &&
		file->fts_statp->st_ctime < now - ABANDONED;
}

static bool is_unfinished(
	const FTSENT *file, const char *rel, const struct cursor *cursor)
{
	(void)rel;
	(void)cursor;
	return clipname_unfinished(file->fts_name) && is_abandoned(file);
}

/* ".NAME.PID.tmp", see atomic.h. */
static bool is_own(const FTSENT *file, const char *rel, const struct cursor *cursor)
{
	size_t len = strlen(rel);

	(void)cursor;
	return rel[0] == '.' && len > 4 && strcmp(rel + len - 4, ".tmp") == 0 &&
		is_abandoned(file);
}

static bool is_put_away(const FTSENT *file, const char *rel, const struct cursor *cursor)
{
	size_t len = strlen(rel);

	(void)file;
	(void)cursor;
	return rel[0] != '.' && (len < 7 || strcmp(rel + len - 7, ".reason") != 0);
}

static bool is_clip(const FTSENT *file, const char *rel, const struct cursor *cursor)
{
	(void)rel;
	(void)cursor;
	return clipname_ok(file->fts_name, NULL);
}

/* Not the clip that the cursor stands in: it may not have been played to its end. */
static bool is_passed(const FTSENT *file, const char *rel, const struct cursor *cursor)
{
	return clipname_ok(file->fts_name, NULL) && strcmp(rel, cursor->path) != 0 &&
		cursor_has_passed(cursor, ORDER_BY_MTIME, clock_wall_ns(),
			path_nanoseconds(file->fts_statp->st_mtim), rel);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void add(struct clean *clean, size_t root, const char *rel, const struct stat *st)
{
	if ((clean->count & (clean->count - 1)) == 0) {
		size_t room = clean->count ? 2 * clean->count : 1;
		clean->files = reallocarray(clean->files, room, sizeof *clean->files);
	}
	char *path = clean->files ? strdup(rel) : NULL;
	if (!path)
		msg_die(EX_OSERR, "no memory for the names of files");
	clean->files[clean->count++] = (struct clean_file){root, path, path_id(st)};
	clean->bytes += st->st_size;
}

static int look_into(struct clean *clean, size_t root, bool deep, meant is_meant,
	const struct cursor *cursor)
{
	char *path = clean->roots[root].path;
	char *const paths[] = {path, NULL};
	size_t len = strlen(path);
	struct stat st;
	int code = EX_OK;

	len += path[len - 1] != '/';
	clean->roots[root].folder = clean->kind == CLEAN_FAILED
		? station_quarantine_open(path, &st)
		: path_open_again(path, deep); /* a camera may make links */
	if (clean->roots[root].folder < 0 && errno == ENOENT)
		return EX_OK;
	if (clean->roots[root].folder >= 0 &&
		aside_put_back(clean->roots[root].folder) < 0)
		msg_warn("folder '%s': what a killed tool has left:", path);
	FTS *tree = clean->roots[root].folder < 0
		? NULL
		: fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV | FTS_COMFOLLOW,
			  by_name);
	for (FTSENT *file; tree && (errno = 0, file = fts_read(tree));) {
		const char *rel = file->fts_level > 0 ? file->fts_path + len : "";
		if (file->fts_info == FTS_F && is_meant(file, rel, cursor))
			add(clean, root, rel, file->fts_statp);
		if (file->fts_info == FTS_D && file->fts_level > 0 &&
			(!deep || clipname_left_out(file->fts_name)))
			fts_set(tree, file, FTS_SKIP);
		if (file->fts_info == FTS_DNR || file->fts_info == FTS_ERR ||
			file->fts_info == FTS_NS) {
			errno = file->fts_errno;
			msg_error("'%s':", file->fts_path);
			code = EX_IOERR;
		}
	}
	if (errno) {
		msg_error("folder '%s':", path);
		code = EX_IOERR;
	}
	if (tree)
		fts_close(tree);
	return code;
}

/* name may be empty. */
static char *join(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s%s%s", folder, *name ? "/" : "", name) < 0)
		msg_die(EX_OSERR, "no memory for '%s/%s'", folder, name);
	return path;
}

static int find_temp(struct clean *clean, const char *id, const char *drop)
{
	int code = EX_OK;

	clean->roots[0].path = join(drop, "");
	clean->roots[1].path = join(station_path(STATION_STATE), id);
	clean->roots[2].path = join(station_path(STATION_LIVE), id);
	clean->roots[3].path = join(clean->roots[1].path, STATION_PLAYER);
	for (size_t i = 0; i < ROOTS; i++) {
		int one = look_into(
			clean, i, i == 0, i == 0 ? is_unfinished : is_own, NULL);
		code = one > code ? one : code;
	}
	return code;
}

static int find_played(
	struct clean *clean, const char *id, const char *drop, const char *after_play)
{
	const char *moved = afterplay_folder(after_play);
	struct cursor cursor;

	if (moved) {
		clean->roots[0].path = join(moved, "");
		return look_into(clean, 0, false, is_clip, NULL);
	}
	if (strcmp(after_play, afterplay_names[AFTERPLAY_KEEP]) != 0)
		return EX_OK;
	char *path = join(station_path(STATION_STATE), id),
	     *file = join(path, STATION_CURSOR);
	int code = EX_OK, got = cursor_read(&cursor, file);
	if (got < 0 && errno != ENOENT) {
		msg_error("cursor '%s':", file);
		code = EX_IOERR;
	}
	free(path);
	free(file);
	if (got < 0)
		return code;
	clean->roots[0].path = join(drop, "");
	return look_into(clean, 0, true, is_passed, &cursor);
}

static int find(struct clean *clean, const char *id, const struct conf *conf)
{
	const char *drop = settings_get(conf, SETTINGS_WATCH_DIR);

	if (settings_kind(conf) == SETTINGS_LIST) {
		msg_info("station '%s': the clips of a list are nobody's to remove", id);
		return EX_OK;
	}
	switch (clean->kind) {
	case CLEAN_TEMP:
		return find_temp(clean, id, drop);
	case CLEAN_FAILED:
		clean->roots[0].path = station_quarantine_path(conf);
		if (!clean->roots[0].path)
			msg_die(EX_OSERR, "no memory for the name of the quarantine");
		return look_into(clean, 0, false, is_put_away, NULL);
	case CLEAN_PLAYED:
		break;
	}
	return find_played(clean, id, drop, settings_get(conf, SETTINGS_AFTER_PLAY));
}

/* Removes the reasons of the files that were removed. */
static int tidy(const char *path)
{
	struct quarantine quarantine;

	int code = quarantine_open(&quarantine, NULL, path, false);
	if (code == 0) {
		code = quarantine_tidy(&quarantine);
		quarantine_close(&quarantine);
	}
	if (code == 0)
		return EX_OK;
	msg_error("quarantine '%s':", path);
	return EX_IOERR;
}

static bool is_written(int folder, const char *path)
{
	int fd = path_open_file(folder, path, NULL);
	bool writer = fd >= 0 && path_has_writer(fd);

	path_close(fd);
	return writer;
}

static int remove_all(struct clean *clean)
{
	char shown[ESCAPED(2 * PATH_MAX)];
	int code = EX_OK;

	for (size_t i = 0; i < clean->count; i++) {
		const struct clean_file *file = &clean->files[i];
		char *path = join(clean->roots[file->root].path, file->path);
		int folder = clean->roots[file->root].folder;
		if (clean->kind == CLEAN_TEMP && is_written(folder, file->path)) {
			msg_warn("'%s' is being written to: left", path);
		} else if (aside_remove(folder, file->path, file->id) == 0) {
			text_escape(shown, sizeof shown, path, strlen(path));
			puts(shown);
			clean->gone++;
			clean->gone_bytes += file->id.size;
		} else if (errno != ENOENT) { /* ENOENT: somebody else was faster */
			msg_error("'%s':", path);
			code = EX_IOERR;
		}
		free(path);
	}
	if (clean->kind == CLEAN_FAILED && clean->roots[0].folder >= 0) {
		int tidied = tidy(clean->roots[0].path);
		code = tidied > code ? tidied : code;
	}
	return code;
}

static void free_all(struct clean *clean)
{
	for (size_t i = 0; i < ROOTS; i++) {
		free(clean->roots[i].path);
		path_close(clean->roots[i].folder);
	}
	for (size_t i = 0; i < clean->count; i++)
		free(clean->files[i].path);
	free(clean->files);
}

/* Asks; true if the answer is yes. */
static bool agrees(const struct clean *clean, const char *id)
{
	char *answer = NULL;
	size_t size = 0;

	fprintf(stderr, "station '%s': remove %zu %s files, %.1f MB? [y/N] ", id,
		clean->count, clean_names[clean->kind], (double)clean->bytes / 1e6);
	bool agreed = getline(&answer, &size, stdin) > 0 &&
		(strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
	free(answer);
	return agreed;
}

int clean_station(enum clean_kind kind, const char *id, const struct conf *conf, bool yes)
{
	struct clean clean = {.kind = kind};

	signal(SIGIO, SIG_IGN); /* see path_has_writer */
	for (size_t i = 0; i < ROOTS; i++)
		clean.roots[i].folder = -1;
	int code = find(&clean, id, conf);
	int removed =
		clean.count == 0 || yes || agrees(&clean, id) ? remove_all(&clean) : 1;
	msg_info("station '%s': %zu %s files removed, %.1f MB", id, clean.gone,
		clean_names[kind], (double)clean.gone_bytes / 1e6);
	free_all(&clean);
	return removed > code ? removed : code;
}
