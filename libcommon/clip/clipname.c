#include "clip/clipname.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The length of the one of these endings that name has, in either case; 0: none. */
static size_t ending(const char *name, size_t len, const char *const *endings)
{
	for (; *endings; endings++) {
		size_t part = strlen(*endings);

		if (len > part && strncasecmp(name + len - part, *endings, part) == 0)
			return part;
	}
	return 0;
}

/* Dahua writes "NAME.mp4_". */
static size_t temporary_ending(const char *name, size_t len)
{
	static const char *const endings[] = {"~", "_", ".part", ".partial", ".filepart",
		".tmp", ".temp", ".upload", ".uploading", ".lock", NULL};

	return ending(name, len, endings);
}

static bool is_video(const char *name, size_t len)
{
	static const char *const endings[] = {".mp4", ".m4v", ".mov", ".3gp", ".ts",
		".mts", ".m2ts", ".mpg", ".mpeg", ".flv", ".mkv", ".webm", ".avi", NULL};
	size_t stem = len;

	/* Pure-FTPd writes clip.mp4.1 if clip.mp4 exists. */
	while (stem > 0 && name[stem - 1] >= '0' && name[stem - 1] <= '9')
		stem--;
	if (stem < len && stem > 0 && name[stem - 1] == '.')
		len = stem - 1;
	return ending(name, len, endings) > 0;
}

bool clipname_ok(const char *name, const char *glob)
{
	size_t len = strlen(name);

	if (name[0] == '.' || temporary_ending(name, len) > 0)
		return false;
	return glob ? fnmatch(glob, name, 0) == 0 : is_video(name, len);
}

bool clipname_left_out(const char *name)
{
	return *name == '.' || *name == '_';
}

bool clipname_archive(const char *name)
{
	static const char *const endings[] = {".zip", ".tar", ".tgz", ".tar.gz", ".tbz2",
		".tar.bz2", ".txz", ".tar.xz", ".tzst", ".tar.zst", NULL};

	return *name != '.' && ending(name, strlen(name), endings) > 0;
}

bool clipname_unfinished(const char *name)
{
	static const char *const starts[] = {".in.", ".pureftpd-upload."};
	size_t len = strlen(name), end = temporary_ending(name, len);

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return end > 0 && is_video(name, len - end);
}

int clipname_number(char *out, size_t size, const char *name, unsigned number)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;
	const char *suffix = strrchr(last, '.');
	char text[16] = "";

	if (!suffix || suffix == last)
		suffix = last + strlen(last);
	if (number > 0)
		snprintf(text, sizeof text, ".%u", number);
	int n = snprintf(out, size, "%.*s%s%s", (int)(suffix - name), name, text, suffix);
	if (n >= 0 && (size_t)n < size)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}
