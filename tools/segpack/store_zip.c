#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/path.h"
#include "hour_zip.h"
#include "store.h"

/* The number for a new ZIP: the first that no ZIP has, damaged or not. */
static unsigned free_number(const struct store_file *files, size_t count)
{
	unsigned number = 0;

	for (size_t i = 0; i < count; i++)
		if (files[i].kind == STORE_ZIP && files[i].number == number)
			number++;
	return number;
}

/* Turns the archives of one hour into one ZIP. */
static int zip_hour(
	const struct store *store, const struct store_file *files, size_t count, int stop)
{
	static char names[STORE_NUMBER_MAX + 1][HOUR_TAR_STEM_MAX];
	const char *stems[STORE_NUMBER_MAX + 1];
	char day[STORE_DAY_SIZE], target[HOUR_TAR_STEM_MAX];
	const struct store_file *zip = NULL;
	size_t tars = 0;
	int folder = store_open_day(store, files->hour, false),
	    code = folder < 0 ? -1 : 0;

	for (size_t i = 0; i < count; i++) {
		struct clip_list packed = {0};
		char name[HOUR_TAR_STEM_MAX + 8];
		off_t end;

		store_name(name, sizeof name, &files[i]);
		int fd = path_open_file(folder, name, NULL);
		bool fit = fd >= 0 &&
			clip_list_walk(&packed, fd,
				files[i].kind == STORE_ZIP ? CLIP_LIST_ZIP
							   : CLIP_LIST_TAR,
				&end) == 0;
		clip_list_free(&packed);
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
		code = hour_zip_make(folder, target, stems, tars, stop);
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

/* True if a TAR and a ZIP have the same name: a killed segpack did not remove the TAR. */
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
