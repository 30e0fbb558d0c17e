/*
 * How a batch is added: it is written (batch.h), all but its first two blocks. Then the
 * file and the index are synced, every clip is compared with its source, and commit
 * writes the two blocks. If a source turns out to have changed, everything is undone and
 * the batch is written again without it.
 */
#include "hour_tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/path.h"

#define FLAGS (O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)

static const char marker[BATCH_HELD]; /* of zeros */

static int open_regular(int folder, const char *name, int flags)
{
	struct stat st;
	int fd = openat(folder, name, FLAGS | flags, 0644);

	errno = fd < 0 ? errno : EINVAL; /* if fstat fails, it sets its own */
	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1))
		return fd;
	path_close(fd);
	return -1;
}

int hour_tar_open(struct hour_tar *hour, int folder, const char *stem)
{
	const char *tar = hour->tar_name, *index = hour->index_name;

	*hour = (struct hour_tar){.folder = folder, .tar = -1, .index = -1};
	snprintf(hour->stem, sizeof hour->stem, "%s", stem);
	snprintf(hour->tar_name, sizeof hour->tar_name, "%s.tar", hour->stem);
	snprintf(hour->index_name, sizeof hour->index_name, "%s.index", hour->stem);
	atomic_sweep(folder, tar);
	hour->tar = open_regular(folder, tar, O_RDWR);
	/* tar(1) refuses an empty file, so a new archive is made with its end marker. */
	if (hour->tar < 0 && errno == ENOENT &&
		atomic_put(folder, tar, 0644, marker, sizeof marker) == 0)
		hour->tar = open_regular(folder, tar, O_RDWR);
	bool fit = hour->tar >= 0 &&
		clip_list_walk(&hour->packed, hour->tar, CLIP_LIST_TAR, &hour->end) == 0;
	if (fit && hour->packed.count > CLIP_LIST_MAX - BATCH_MAX) {
		errno = EFBIG;
		fit = false;
	}
	if (fit) {
		clip_list_learn(&hour->packed, folder, index);
		if (batch_put_marker(hour->tar, hour->end) == 0 &&
			fsync(hour->tar) == 0 &&
			clip_list_index(&hour->packed, folder, index) == 0 &&
			fsync(folder) == 0)
			hour->index = open_regular(
				folder, index, O_WRONLY | O_APPEND | O_CREAT);
	}
	if (hour->index >= 0)
		return 0;
	int error = errno;
	hour->folder = -1;
	hour_tar_close(hour);
	errno = error;
	return -1;
}

void hour_tar_close(struct hour_tar *hour)
{
	const int fds[] = {hour->folder, hour->tar, hour->index};

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		path_close(fds[i]);
	clip_list_free(&hour->packed);
	hour->folder = hour->tar = hour->index = -1;
}

static int add_to_index(const struct hour_tar *hour, size_t from)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = from; out && i < hour->packed.count; i++)
		clip_list_line(out, &hour->packed.clips[i]);
	if (!out || fclose(out) != 0)
		return -1;
	int code = path_write_all(hour->index, text, len);
	free(text);
	return code < 0 ? -1 : fsync(hour->index);
}

bool hour_tar_stands(const struct hour_tar *hour)
{
	return path_is_named(hour->folder, hour->tar_name, hour->tar) &&
		path_is_named(hour->folder, hour->index_name, hour->index);
}

static int commit(struct hour_tar *hour, const struct batch *batch)
{
	if (!hour_tar_stands(hour)) {
		errno = ESTALE;
		return -1;
	}
	if (batch_commit(batch) < 0)
		return -1;
	hour->end = batch->at - BATCH_HELD;
	return 0;
}

/* Adds the batch. 0; -1 with errno; 1: do it again, as one of the sources was left out.
 */
static int add(
	struct hour_tar *hour, struct batch_source *sources, size_t count, int stop)
{
	struct batch batch = {.tar = hour->tar,
		.end = hour->end,
		.packed = &hour->packed,
		.at = hour->end};
	size_t had = hour->packed.count;
	off_t index_end = lseek(hour->index, 0, SEEK_END);

	int code = batch_write(&batch, sources, count, stop);
	if (code == 0 && hour->packed.count == had) /* all were in the archive already */
		return batch_put_marker(hour->tar, hour->end);
	if (code == 0 && (fsync(hour->tar) < 0 || add_to_index(hour, had) < 0))
		code = -1;
	if (code == 0)
		code = batch_verify(&batch, sources, count, had, stop);
	if (code == 0)
		code = commit(hour, &batch);
	if (code == 0)
		return 0;
	int error = errno;
	clip_list_cut(&hour->packed, had);
	batch_put_marker(hour->tar, hour->end);
	if (index_end >= 0 && ftruncate(hour->index, index_end) < 0)
		error = errno;
	errno = error;
	return code;
}

int hour_tar_add(
	struct hour_tar *hour, struct batch_source *sources, size_t count, int stop)
{
	int code;

	do {
		for (size_t i = 0; i < count; i++)
			if (sources[i].state < BATCH_CHANGED)
				sources[i].state = BATCH_WAITS;
		code = add(hour, sources, count, stop);
	} while (code > 0);
	return code;
}
