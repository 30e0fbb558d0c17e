#include "events.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

int events_open(void)
{
	return inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

static void watch(int fd, enum station_place place, const char *id, uint32_t mask)
{
	char path[PATH_MAX];

	if (fd >= 0 &&
		snprintf(path, sizeof path, "%s/%s", station_path(place), id) <
			(int)sizeof path)
		inotify_add_watch(fd, path, mask | IN_ONLYDIR);
}

void events_watch(int fd, enum station_place place)
{
	static const uint32_t masks[STATION_PLACES] = {
		[STATION_SETTINGS] = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
			IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF,
		[STATION_STATE] = IN_CREATE,
		[STATION_LIVE] = IN_CREATE | IN_DELETE,
	};

	watch(fd, place, "", masks[place]);
}

void events_watch_station(int fd, const char *id)
{
	watch(fd, STATION_LIVE, id, IN_DELETE);
	watch(fd, STATION_STATE, id, IN_MOVED_TO);
}

/* Names that begin with a dot are temporary files, which are renamed later. */
static bool matters(const struct inotify_event *event)
{
	const char *name = event->len > 0 ? event->name : "";

	if (event->mask & IN_Q_OVERFLOW)
		return true;
	return *name != '.';
}

bool events_take(int fd)
{
	char buffer[16384] __attribute__((aligned(8)));
	bool any = false;
	ssize_t n;

	while ((n = read(fd, buffer, sizeof buffer)) > 0)
		for (char *at = buffer; at < buffer + n;) {
			const struct inotify_event *event = (const void *)at;
			any = any || matters(event);
			at += sizeof *event + event->len;
		}
	return any;
}
