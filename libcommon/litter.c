#include "litter.h"

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

#include "afterplay.h"
#include "clipname.h"
#include "cursor.h"
#include "failed.h"
#include "msg.h"
#include "path.h"
#include "quarantine.h"
#include "settings.h"
#include "station.h"
#include "text.h"

#define ROOTS 3
#define ABANDONED 3600 /* seconds without a write: nobody is uploading it any more */
#define ESCAPED(size) (4 * (size))

struct litter {
	enum litter_kind kind;
	struct {
		char *path;
		int folder; /* or -1 */
	} roots[ROOTS];
	struct litter_file {
		size_t root;
		char *path; /* below it */
		struct path_id id;
	} * files;
	size_t count, gone; /* found, and removed of them */
	int64_t bytes, gone_bytes;
};

const char *const litter_names[] = {
	[LITTER_TEMP] = "temp",
	[LITTER_FAILED] = "failed",
	[LITTER_PLAYED] = "played",
	NULL,
};

/* Whether a file is meant. rel is its path below the root. */
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
	(void)rel, (void)cursor;
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

	(void)file, (void)cursor;
	return rel[0] != '.' && (len < 7 || strcmp(rel + len - 7, ".reason") != 0);
}

static bool is_clip(const FTSENT *file, const char *rel, const struct cursor *cursor)
{
	(void)rel, (void)cursor;
	return clipname_ok(file->fts_name, NULL);
}

/* The one that the cursor is in may not have been played to its end. */
static bool is_passed(const FTSENT *file, const char *rel, const struct cursor *cursor)
{
	return clipname_ok(file->fts_name, NULL) && strcmp(rel, cursor->path) != 0 &&
		cursor_has_passed(cursor, ORDER_BY_MTIME,
			path_nanoseconds(file->fts_statp->st_mtim), rel);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void add(
	struct litter *litter, size_t root, const char *rel, const struct stat *st)
{
	if ((litter->count & (litter->count - 1)) == 0) {
		size_t room = litter->count ? 2 * litter->count : 1;
		litter->files = reallocarray(litter->files, room, sizeof *litter->files);
	}
	char *path = litter->files ? strdup(rel) : NULL;
	if (!path)
		msg_die(EX_OSERR, "no memory for the names of files");
	litter->files[litter->count++] = (struct litter_file){root, path, path_id(st)};
	litter->bytes += st->st_size;
}

static int look_into(struct litter *litter, size_t root, bool deep, meant is_meant,
	const struct cursor *cursor)
{
	char *path = litter->roots[root].path;
	char *const paths[] = {path, NULL};
	size_t len = strlen(path);
	struct stat st;
	int code = EX_OK;

	len += path[len - 1] != '/';
	litter->roots[root].folder = litter->kind == LITTER_FAILED
		? failed_open(path, &st)
		: open(path,
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC |
				  (deep ? 0 : O_NOFOLLOW)); /* a camera may make links */
	if (litter->roots[root].folder < 0 && errno == ENOENT)
		return EX_OK;
	FTS *tree = litter->roots[root].folder < 0
		? NULL
		: fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV | FTS_COMFOLLOW,
			  by_name);
	for (FTSENT *file; tree && (errno = 0, file = fts_read(tree));) {
		const char *rel = file->fts_level > 0 ? file->fts_path + len : "";
		if (file->fts_info == FTS_F && is_meant(file, rel, cursor))
			add(litter, root, rel, file->fts_statp);
		if (file->fts_info == FTS_D && file->fts_level > 0 &&
			(!deep || strchr("._", *file->fts_name)))
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

static int find_temp(struct litter *litter, const char *id, const char *drop)
{
	int code = EX_OK;

	litter->roots[0].path = join(drop, "");
	litter->roots[1].path = join(station_path(STATION_STATE), id);
	litter->roots[2].path = join(station_path(STATION_LIVE), id);
	for (size_t i = 0; i < ROOTS; i++) {
		int one = look_into(
			litter, i, i == 0, i == 0 ? is_unfinished : is_own, NULL);
		code = one > code ? one : code;
	}
	return code;
}

static int find_played(
	struct litter *litter, const char *id, const char *drop, const char *after_play)
{
	const char *moved = afterplay_folder(after_play);
	struct cursor cursor;

	if (moved) {
		litter->roots[0].path = join(moved, "");
		return look_into(litter, 0, false, is_clip, NULL);
	}
	if (strcmp(after_play, afterplay_names[AFTERPLAY_KEEP]) != 0)
		return EX_OK;
	char *path = join(station_path(STATION_STATE), id), *file = join(path, "cursor");
	int code = EX_OK, got = cursor_read(&cursor, file);
	if (got < 0 && errno != ENOENT) {
		msg_error("cursor '%s':", file);
		code = EX_IOERR;
	}
	free(path);
	free(file);
	if (got < 0)
		return code;
	litter->roots[0].path = join(drop, "");
	return look_into(litter, 0, true, is_passed, &cursor);
}

static int find(struct litter *litter, const char *id, const struct conf *conf)
{
	const char *drop = settings_get(conf, SETTINGS_WATCH_DIR);

	switch (litter->kind) {
	case LITTER_TEMP:
		return find_temp(litter, id, drop);
	case LITTER_FAILED:
		litter->roots[0].path = failed_path(conf);
		if (!litter->roots[0].path)
			msg_die(EX_OSERR, "no memory for the name of the quarantine");
		return look_into(litter, 0, false, is_put_away, NULL);
	case LITTER_PLAYED:
		break;
	}
	return find_played(litter, id, drop, settings_get(conf, SETTINGS_AFTER_PLAY));
}

/* The reasons of what went. */
static int tidy(const char *path)
{
	struct quarantine quarantine;

	int code = quarantine_open(&quarantine, path, false);
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

static int remove_all(struct litter *litter)
{
	char shown[ESCAPED(2 * PATH_MAX)];
	int code = EX_OK;

	for (size_t i = 0; i < litter->count; i++) {
		const struct litter_file *file = &litter->files[i];
		char *path = join(litter->roots[file->root].path, file->path);
		int folder = litter->roots[file->root].folder;
		if (litter->kind == LITTER_TEMP && is_written(folder, file->path)) {
			msg_warn("'%s' is being written to: left", path);
		} else if (path_remove_same(folder, file->path, file->id) == 0) {
			text_escape(shown, sizeof shown, path, strlen(path));
			puts(shown);
			litter->gone++;
			litter->gone_bytes += file->id.size;
		} else if (errno != ENOENT) { /* somebody else was faster */
			msg_error("'%s':", path);
			code = EX_IOERR;
		}
		free(path);
	}
	if (litter->kind == LITTER_FAILED && litter->roots[0].folder >= 0) {
		int tidied = tidy(litter->roots[0].path);
		code = tidied > code ? tidied : code;
	}
	return code;
}

static void free_all(struct litter *litter)
{
	for (size_t i = 0; i < ROOTS; i++) {
		free(litter->roots[i].path);
		path_close(litter->roots[i].folder);
	}
	for (size_t i = 0; i < litter->count; i++)
		free(litter->files[i].path);
	free(litter->files);
}

/* Whether a person agrees. */
static bool agrees(const struct litter *litter, const char *id)
{
	char *answer = NULL;
	size_t size = 0;

	fprintf(stderr, "station '%s': remove %zu %s files, %.1f MB? [y/N] ", id,
		litter->count, litter_names[litter->kind], (double)litter->bytes / 1e6);
	bool agreed = getline(&answer, &size, stdin) > 0 &&
		(strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
	free(answer);
	return agreed;
}

int litter_clean(enum litter_kind kind, const char *id, const struct conf *conf, bool yes)
{
	struct litter litter = {.kind = kind};

	signal(SIGIO, SIG_IGN); /* see path_has_writer */
	for (size_t i = 0; i < ROOTS; i++)
		litter.roots[i].folder = -1;
	int code = find(&litter, id, conf);
	int removed =
		litter.count == 0 || yes || agrees(&litter, id) ? remove_all(&litter) : 1;
	msg_info("station '%s': %zu %s files removed, %.1f MB", id, litter.gone,
		litter_names[kind], (double)litter.gone_bytes / 1e6);
	free_all(&litter);
	return removed > code ? removed : code;
}
