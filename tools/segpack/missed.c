#include "missed.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "clip/clipname.h"

static bool is_left_out(const FTSENT *entry)
{
	return entry->fts_level > 0 && clipname_left_out(entry->fts_name) &&
		strcmp(entry->fts_name, ".unpacked") != 0;
}

static int take(struct clips *clips, const FTSENT *entry, const char *path,
	const struct cursor *cursor)
{
	struct path_id id = path_id(entry->fts_statp);

	if (!clipname_ok(entry->fts_name, NULL) || text_has_control(path) ||
		strcmp(path, cursor->path) == 0 ||
		!cursor_has_passed(
			cursor, ORDER_BY_MTIME, clock_wall_ns(), id.mtime_ns, path))
		return 0;
	if (clips->count == MISSED_MAX) {
		errno = EFBIG;
		return -1;
	}
	struct clip *clip = clips_add(clips, path);
	if (!clip)
		return -1;
	clip->id = id;
	clip->key = id.mtime_ns;
	clips_put(clips, clip, CLIPS_QUEUE);
	return 0;
}

int missed_read(struct clips *clips, const char *folder, const struct cursor *cursor)
{
	char *own = strdup(folder), *const roots[] = {own, NULL};
	FTS *tree = !own ? NULL
			 : fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	size_t root = strlen(folder);
	int code = tree ? 0 : -1;
	FTSENT *entry;

	while (root > 1 && folder[root - 1] == '/')
		root--;
	while (code == 0 && (errno = 0, entry = fts_read(tree))) {
		const char *path = entry->fts_path + root;

		path += strspn(path, "/");
		if (entry->fts_info == FTS_D && is_left_out(entry))
			fts_set(tree, entry, FTS_SKIP);
		else if (entry->fts_info == FTS_F && S_ISREG(entry->fts_statp->st_mode))
			code = take(clips, entry, path, cursor);
		else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
			(entry->fts_info == FTS_NS && entry->fts_level == 0)) {
			errno = entry->fts_errno;
			code = -1;
		}
	}
	int error = errno;
	if (tree)
		fts_close(tree);
	free(own);
	errno = error;
	return error ? -1 : code;
}
