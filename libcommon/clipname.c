#include "clipname.h"

#include <fnmatch.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* ".in.NAME." of ProFTPD and ".pureftpd-upload.*" are hidden; Dahua writes "NAME.mp4_".
 */
static bool is_temporary(const char *name)
{
	static const char *const globs[] = {".*", "*~", "*_", "*.part", "*.partial",
		"*.filepart", "*.tmp", "*.temp", "*.upload", "*.uploading", "*.lock"};

	for (size_t i = 0; i < sizeof globs / sizeof *globs; i++)
		if (fnmatch(globs[i], name, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

static bool has_suffix(const char *name)
{
	static const char *const suffixes[] = {"mp4", "m4v", "mov", "3gp", "ts", "mts",
		"m2ts", "mpg", "mpeg", "flv", "mkv", "webm", "avi"};
	char copy[NAME_MAX + 1];

	/* Pure-FTPd makes clip.mp4.1 when there is a clip.mp4. */
	char *dot = strrchr(strcpy(copy, name), '.');
	if (dot && dot[1] && !dot[1 + strspn(dot + 1, "0123456789")]) {
		*dot = '\0';
		dot = strrchr(copy, '.');
	}
	for (size_t i = 0; dot && i < sizeof suffixes / sizeof *suffixes; i++)
		if (strcasecmp(dot + 1, suffixes[i]) == 0)
			return true;
	return false;
}

bool clipname_ok(const char *name, const char *glob)
{
	if (strlen(name) > NAME_MAX || is_temporary(name))
		return false;
	return glob ? fnmatch(glob, name, 0) == 0 : has_suffix(name);
}
