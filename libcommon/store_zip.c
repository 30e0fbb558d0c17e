#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hourzip.h"
#include "msg.h"
#include "path.h"
#include "store.h"

/* The number for a new ZIP: the first that none has, whatever it is. */
static unsigned free_number(const struct store_file *files, size_t count)
{
	unsigned number = 0;

	for (size_t i = 0; i < count; i++)
		if (files[i].kind == STORE_ZIP && files[i].number == number)
			number++;
	return number;
}

/* Turns what there is of one hour into a ZIP. */
static int zip_hour(
	const struct store *store, const struct store_file *files, size_t count, int stop)
{
	static char names[STORE_NUMBER_MAX + 1][HOUR_STEM_MAX];
	const char *stems[STORE_NUMBER_MAX + 1];
	char day[STORE_DAY_SIZE], target[HOUR_STEM_MAX];
	const struct store_file *zip = NULL;
	size_t tars = 0;
	int folder = store_open_day(store, files->hour, false),
	    code = folder < 0 ? -1 : 0;

	for (size_t i = 0; i < count; i++) {
		struct packed packed = {0};
		char name[HOUR_STEM_MAX + 8];
		off_t end;

		store_name(name, sizeof name, &files[i]);
		int fd = path_open_file(folder, name, NULL);
		bool fit = fd >= 0 &&
			packed_walk(&packed, fd,
				files[i].kind == STORE_ZIP ? PACKED_ZIP : PACKED_TAR,
				&end) == 0;
		packed_free(&packed);
		path_close(fd);
		if (files[i].kind == STORE_ZIP && fit && !zip)
			zip = &files[i];
		if (files[i].kind == STORE_TAR && fit) {
			store_stem(names[tars], files[i].hour, files[i].number);
			stems[tars] = names[tars];
			tars++;
		}
	}
	if (tars > 0) {
		store_day(day, files->hour);
		store_stem(target, files->hour,
			zip ? zip->number : free_number(files, count));
		code = hourzip_make(folder, target, stems, tars, stop);
		if (code == 0)
			msg_info("archive '%s/%s/%s.zip': the hour is over", store->path,
				day, target);
		else if (errno != ECANCELED)
			msg_error("archive '%s/%s/%s.zip': not made, the TAR stays:",
				store->path, day, target);
	}
	path_close(folder);
	return code;
}

/* Whether a TAR and a ZIP of the same name are there: the TAR was to go. */
static bool is_half_done(const struct store_file *files, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		if (files[i].kind == STORE_TAR && files[i + 1].kind == STORE_ZIP &&
			files[i].number == files[i + 1].number)
			return true;
	return false;
}

static bool has_tar(const struct store_file *files, size_t count)
{
	while (count > 0)
		if (files[--count].kind == STORE_TAR)
			return true;
	return false;
}

int store_zip(const struct store *store, bool all, int64_t but, int64_t and_but, int stop)
{
	struct store_file *files = NULL;
	ssize_t count = store_list(store, &files);
	int code = count < 0 ? -1 : 0, error = errno;

	if (count < 0)
		msg_error("store '%s': cannot be listed:", store->path);
	for (ssize_t i = 0, n; i < count; i += n) {
		int64_t hour = files[i].hour;
		for (n = 1; i + n < count && files[i + n].hour == hour;)
			n++;
		bool over = all && hour != and_but;
		if (hour != but &&
			((over && has_tar(files + i, (size_t)n)) ||
				is_half_done(files + i, (size_t)n))) {
			if (zip_hour(store, files + i, (size_t)n, stop) < 0) {
				code = -1;
				error = errno;
				if (error == ECANCELED)
					break;
			}
		}
	}
	free(files);
	errno = error;
	return code;
}
