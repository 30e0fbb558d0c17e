/*
 * What a node shows is rendered from one snapshot of its station, or of all stations. Its
 * attributes are those of the file that it stands for; where that lies in a folder that
 * others may not enter, the view denies it to them too.
 */
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "station/station_quarantine.h"
#include "station/status.h"
#include "stations.h"

static time_t start;

void view_init(void)
{
	start = time(NULL);
}

/* True if what a file shows can be shown. */
static int check(const struct tree_row *row, const struct snapshot *snapshot)
{
	for (size_t part = 0; part < STAGE_FACTS; part++) {
		if (!(row->parts >> part & 1))
			continue;
		enum fact_state state = snapshot->facts.of[part].state;
		if (state == FACT_ABSENT && row->optional)
			return -ENOENT;
		if (state == FACT_ERROR || (state == FACT_CORRUPT && !row->judged))
			return -EIO;
	}
	for (size_t part = STAGE_FACTS; part < SNAPSHOT_PARTS; part++)
		if (row->parts >> part & 1 && snapshot->errors[part] && !row->judged)
			return -EIO;
	return 0;
}

static int write_text(const struct tree_row *row, const struct snapshot *const *list,
	size_t count, char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (!out)
		return -ENOMEM;
	row->render(out, row->name, list, count);
	bool failed = ferror(out) || fclose(out) != 0;
	/* No file is empty: what it shows could not be read. */
	if (!failed && *len > 0)
		return 0;
	free(*text);
	return failed ? -ENOMEM : -EIO;
}

static int render_all(const struct tree_row *row, char **text, size_t *len, int64_t *time)
{
	struct station_list ids = {0};
	size_t count = 0;

	if (row->parts && station_list(&ids, stations_places()) < 0)
		return -EIO;
	const struct snapshot **list = calloc(ids.count + 1, sizeof *list);
	for (size_t i = 0; list && i < ids.count; i++) {
		uint32_t slot = stations_slot(ids.entries[i]->d_name);
		list[count] = slot ? stations_look(slot) : NULL;
		if (!list[count])
			continue; /* it has just gone */
		int64_t own = snapshot_time(list[count++], row->parts);
		if (own > *time)
			*time = own;
	}
	int code = list ? write_text(row, list, count, text, len) : -ENOMEM;
	free(list);
	station_list_free(&ids);
	return code;
}

int view_render(const struct tree_node *node, char **text, size_t *len, int64_t *time)
{
	*time = 0;
	if (!node->station)
		return render_all(node->row, text, len, time);
	const struct snapshot *snapshot = stations_look(node->station);
	if (!snapshot)
		return -errno;
	int code = check(node->row, snapshot);
	if (code < 0)
		return code;
	*time = snapshot_time(snapshot, node->row->parts);
	return write_text(node->row, &snapshot, 1, text, len);
}

bool view_belongs(uint32_t slot, enum tree_kind kind)
{
	const struct snapshot *snapshot = stations_look(slot);
	struct status status;

	if (!snapshot)
		return false;
	status_of(&status, snapshot);
	return status.desired_up && status.healthy == (kind == TREE_HEALTHY);
}

static int open_log(const char *id, struct stat *st)
{
	char path[80];
	int state = stations_places()[STATION_STATE];

	snprintf(path, sizeof path, "%.64s/log", id);
	int fd = path_open_file(state, path, st);
	if (fd >= 0)
		return fd;
	return errno == ENOENT || !(state >= 0 || station_hidden(state)) ? -ENOENT : -EIO;
}

static int open_failed(const struct tree_node *node, struct stat *st)
{
	const struct snapshot *snapshot = stations_look(node->station);

	if (!snapshot || !snapshot->station_quarantine_path)
		return snapshot ? -ENOENT : -errno;
	int fd = station_quarantine_open(snapshot->station_quarantine_path, st);
	if (fd >= 0 && node->row->kind == TREE_FILE)
		fd = station_quarantine_open_file(fd, node->file, st);
	return fd < 0 ? -errno : fd;
}

int view_open(const struct tree_node *node, struct stat *st)
{
	const char *id = stations_id(node->station);

	if (node->row->kind != TREE_LOG)
		return open_failed(node, st);
	return id ? open_log(id, st) : -ENOENT;
}

/* A station's things belong to whom its live folder belongs to, or its settings. */
static int stat_station(const char *id, struct stat *st)
{
	const int *places = stations_places();
	struct stat own;

	if ((places[STATION_LIVE] < 0 ||
		    fstatat(places[STATION_LIVE], id, &own, AT_SYMLINK_NOFOLLOW) < 0) &&
		(places[STATION_SETTINGS] < 0 ||
			fstatat(places[STATION_SETTINGS], station_conf_name(id), &own,
				AT_SYMLINK_NOFOLLOW) < 0))
		return stations_exist(id) ? 0 : -ENOENT;
	st->st_uid = own.st_uid;
	st->st_gid = own.st_gid;
	st->st_mtim = own.st_mtim;
	return 0;
}

/* Denies what a folder on the way denies, to the group or to others, whoever they are. */
static void deny(struct stat *st, const char *path)
{
	char folder[PATH_MAX];
	struct stat above;

	for (size_t len = 0; path[len];) {
		len += 1 + strcspn(path + len + 1, "/");
		if (len >= sizeof folder)
			break;
		memcpy(folder, path, len);
		folder[len] = '\0';
		mode_t mode = stat(folder, &above) < 0 ? 0 : above.st_mode;
		st->st_mode &= ~(mode_t)((mode & S_IXOTH ? 0 : S_IRWXO) |
			(mode & S_IXGRP ? 0 : S_IRWXG));
	}
}

/* By the folder that it lies in. */
static void deny_as_above(struct stat *st, const struct tree_node *node)
{
	const struct snapshot *snapshot = stations_look(node->station);
	const char *state = station_path(STATION_STATE), *id = stations_id(node->station);
	char path[PATH_MAX] = "";

	if (node->row->kind != TREE_LOG && snapshot && snapshot->station_quarantine_path)
		snprintf(path, sizeof path, "%s", snapshot->station_quarantine_path);
	else if (state && id)
		snprintf(path, sizeof path, "%s/%s", state, id);
	deny(st, path);
}

/* Takes over what is in the place of the node. */
static int stat_open(const struct tree_node *node, struct stat *st)
{
	struct stat own;

	int fd = view_open(node, &own);
	if (fd < 0 && node->row->kind == TREE_FILE)
		return fd;
	/* Reading it will tell why it cannot be read, if there is something to read. */
	if (fd < 0 && fd != -ENOENT && node->row->kind == TREE_LOG)
		st->st_size = 1;
	if (fd < 0)
		return 0;
	close(fd);
	st->st_mode = (own.st_mode & (S_IFMT | 0777)) & ~(mode_t)0222;
	deny_as_above(st, node);
	st->st_uid = own.st_uid;
	st->st_gid = own.st_gid;
	st->st_mtim = own.st_mtim;
	st->st_size = own.st_size;
	return 0;
}

/* Finds the fact that an optional row is made of: it is of one stage. */
static int stat_optional(const char *id, const struct tree_row *row)
{
	char path[160];
	struct stat st;
	int live = stations_places()[STATION_LIVE];

	snprintf(path, sizeof path, "%.64s/%s", id,
		stage_rows[__builtin_ctz(row->parts)].fact);
	return live >= 0 && fstatat(live, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? 0
									       : -ENOENT;
}

int view_stat(const struct tree_node *node, struct stat *st)
{
	const char *id = stations_id(node->station);
	const struct tree_row *row = node->row;
	int code = 0;

	*st = (struct stat){.st_mode = S_IFDIR | 0555, .st_nlink = 1, .st_mtime = start};
	if (node->station)
		code = id ? stat_station(id, st) : -ENOENT;
	switch (code < 0 ? TREE_FOLDER : row->kind) {
	case TREE_TEXT:
		st->st_mode = S_IFREG | 0444;
		if (row->optional)
			code = stat_optional(id, row);
		break;
	case TREE_LINK:
		st->st_mode = S_IFLNK | 0777;
		st->st_size = (off_t)(strlen(VIEW_LINK) + strlen(id));
		break;
	case TREE_LOG:
		st->st_mode = S_IFREG | 0444;
		code = stat_open(node, st);
		break;
	case TREE_FAILED:
	case TREE_FILE:
		code = stat_open(node, st);
		break;
	default:
		break;
	}
	st->st_atim = st->st_ctim = st->st_mtim;
	return code;
}
