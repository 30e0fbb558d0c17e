#include "clipname.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Whether the len bytes of name end in one of the endings, large or small. */
static bool ends_in(const char *name, size_t len, const char *const *endings)
{
	for (; *endings; endings++) {
		size_t part = strlen(*endings);

		if (len > part && strncasecmp(name + len - part, *endings, part) == 0)
			return true;
	}
	return false;
}

/* ".in.NAME." of ProFTPD and ".pureftpd-upload.*" are hidden; Dahua writes "NAME.mp4_".
 */
static bool is_temporary(const char *name, size_t len)
{
	static const char *const endings[] = {"~", "_", ".part", ".partial", ".filepart",
		".tmp", ".temp", ".upload", ".uploading", ".lock", NULL};

	return name[0] == '.' || ends_in(name, len, endings);
}

static bool is_video(const char *name, size_t len)
{
	static const char *const endings[] = {".mp4", ".m4v", ".mov", ".3gp", ".ts",
		".mts", ".m2ts", ".mpg", ".mpeg", ".flv", ".mkv", ".webm", ".avi", NULL};
	size_t stem = len;

	/* Pure-FTPd makes clip.mp4.1 when there is a clip.mp4. */
	while (stem > 0 && name[stem - 1] >= '0' && name[stem - 1] <= '9')
		stem--;
	if (stem < len && stem > 0 && name[stem - 1] == '.')
		len = stem - 1;
	return ends_in(name, len, endings);
}

bool clipname_ok(const char *name, const char *glob)
{
	size_t len = strlen(name);

	if (is_temporary(name, len))
		return false;
	return glob ? fnmatch(glob, name, 0) == 0 : is_video(name, len);
}
