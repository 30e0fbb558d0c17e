#include "clip_name.h"

#include <stdbool.h>
#include <string.h>

static bool is_odd(const char *name)
{
	for (;;) {
		size_t len = strcspn(name, "/");
		if (len == 0 || (len == 1 && name[0] == '.') ||
			(len == 2 && name[0] == '.' && name[1] == '.'))
			return true;
		if (!name[len])
			return false;
		name += len + 1;
	}
}

const char *clip_name(const char *path, const char *watch)
{
	size_t len = watch ? strlen(watch) : 0;
	const char *name = path;

	while (len > 0 && watch[len - 1] == '/')
		len--;
	if (watch && strncmp(path, watch, len) == 0 && path[len] == '/')
		name += len;
	name += strspn(name, "/");
	if (!is_odd(name))
		return name;
	const char *slash = strrchr(name, '/');
	return slash ? slash + 1 : name;
}
