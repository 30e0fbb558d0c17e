/*
 * A folder is listed whole when it is opened, so readdir(2) never sees two states. Its
 * entries come from the tables of tree.h, from the list of stations, or from a quarantine
 * on the disk; folder_find finds one of them by name without listing the others.
 */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "station/station_quarantine.h"
#include "stations.h"
#include "view.h"

static mode_t type_of(const struct tree_row *row)
{
	switch (row->kind) {
	case TREE_TEXT:
	case TREE_LOG:
	case TREE_FILE:
		return S_IFREG;
	case TREE_LINK:
		return S_IFLNK;
	default:
		return S_IFDIR;
	}
}

static int add(struct folder *folder, const char *name, const struct tree_node *node)
{
	if (folder->count == folder->room) {
		size_t room = folder->room ? 2 * folder->room : 32;
		struct folder_entry *more =
			reallocarray(folder->entries, room, sizeof *more);

		if (!more)
			return -ENOMEM;
		folder->entries = more;
		folder->room = room;
	}
	struct folder_entry *entry = &folder->entries[folder->count];
	entry->name = strdup(name);
	if (!entry->name)
		return -ENOMEM;
	entry->number = tree_number(node);
	entry->type = type_of(node->row);
	folder->count++;
	return 0;
}

static int add_rows(struct folder *folder, const struct tree_node *node)
{
	unsigned index;
	size_t count;
	const struct tree_row *table = tree_table(node, &count, &index);
	struct tree_node child = *node;
	struct stat st;
	int code = 0;

	for (child.row = table; code == 0 && child.row < table + count; child.row++)
		if (child.row->in == index &&
			(!child.row->optional || view_stat(&child, &st) == 0))
			code = add(folder, child.row->name, &child);
	return code;
}

static int add_stations(struct folder *folder, const struct tree_node *node)
{
	enum tree_kind kind = node->row->kind;
	struct station_list list;
	int code = 0;

	if (station_list(&list, stations_places()) < 0)
		return -EIO;
	for (size_t i = 0; code == 0 && i < list.count; i++) {
		const char *id = list.entries[i]->d_name;
		struct tree_node child = {.station = stations_slot(id),
			.row = kind == TREE_STATIONS ? tree_station : &tree_link};

		if (child.station &&
			(kind == TREE_STATIONS || view_belongs(child.station, kind)))
			code = add(folder, id, &child);
	}
	station_list_free(&list);
	return code;
}

static int add_failed(struct folder *folder, const struct tree_node *node)
{
	struct dirent *entry;
	struct stat st;
	int code = 0;

	int fd = view_open(node, &st);
	if (fd < 0)
		return fd == -ENOENT ? 0 : -EIO;
	DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (code == 0 && (entry = readdir(dir))) {
		struct tree_node child = {node->station, &tree_file,
			station_quarantine_number(entry->d_ino), 0};

		if (station_quarantine_shows(entry))
			code = add(folder, entry->d_name, &child);
	}
	closedir(dir);
	return code;
}

static int fill(struct folder *folder, const struct tree_node *node)
{
	int code = add(folder, ".", node);

	if (code == 0)
		code = add(folder, "..", node);
	if (code < 0)
		return code;
	switch (node->row->kind) {
	case TREE_FOLDER:
		return add_rows(folder, node);
	case TREE_STATIONS:
	case TREE_HEALTHY:
	case TREE_ATTENTION:
		return add_stations(folder, node);
	case TREE_FAILED:
		return add_failed(folder, node);
	default:
		return -ENOTDIR;
	}
}

int folder_open(struct folder **folder, const struct tree_node *node)
{
	*folder = calloc(1, sizeof **folder);
	int code = *folder ? fill(*folder, node) : -ENOMEM;

	if (code < 0)
		folder_close(*folder);
	return code;
}

static int find_station(enum tree_kind kind, const char *name, struct tree_node *node)
{
	*node = (struct tree_node){
		.row = kind == TREE_STATIONS ? tree_station : &tree_link};
	if (!stations_exist(name))
		return -ENOENT;
	node->station = stations_slot(name);
	if (!node->station)
		return -ENFILE;
	return kind == TREE_STATIONS || view_belongs(node->station, kind) ? 0 : -ENOENT;
}

static int find_failed(
	const struct tree_node *folder, const char *name, struct tree_node *node)
{
	struct stat st = {0};

	int fd = view_open(folder, &st);
	if (fd < 0)
		return fd;
	bool found = *name != '.' && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISREG(st.st_mode);
	close(fd);
	*node = (struct tree_node){
		folder->station, &tree_file, station_quarantine_number(st.st_ino), 0};
	if (found)
		station_quarantine_remember(node->file, name);
	return found ? 0 : -ENOENT;
}

int folder_find(const struct tree_node *folder, const char *name, struct tree_node *node)
{
	switch (folder->row->kind) {
	case TREE_FOLDER:
		*node = (struct tree_node){
			.station = folder->station, .row = tree_find(folder, name)};
		return node->row ? 0 : -ENOENT;
	case TREE_STATIONS:
	case TREE_HEALTHY:
	case TREE_ATTENTION:
		return find_station(folder->row->kind, name, node);
	case TREE_FAILED:
		return find_failed(folder, name, node);
	default:
		return -ENOTDIR;
	}
}

void folder_close(struct folder *folder)
{
	if (!folder)
		return;
	while (folder->count > 0)
		free(folder->entries[--folder->count].name);
	free(folder->entries);
	free(folder);
}
