#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ZONES "/usr/share/zoneinfo"

static int64_t milliseconds(clockid_t clock)
{
	struct timespec ts = {0};

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
	return milliseconds(CLOCK_MONOTONIC);
}

int64_t clock_slept(void)
{
	return milliseconds(CLOCK_BOOTTIME) - clock_now();
}

int64_t clock_sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int clock_timeout(int64_t deadline)
{
	if (deadline == CLOCK_NEVER)
		return -1;
	int64_t left = deadline - clock_now();
	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

static int read_boot_id(char boot[37])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, boot, 36);
	close(fd);
	if (n != 36) {
		errno = EIO;
		return -1;
	}
	boot[36] = '\0';
	return 0;
}

int clock_stamp(struct clock_stamp *stamp)
{
	static char boot[37]; /* cannot change while this process lives */

	if (!*boot && read_boot_id(boot) < 0)
		return -1;
	memcpy(stamp->boot, boot, sizeof stamp->boot);
	stamp->mono = milliseconds(CLOCK_BOOTTIME);
	return 0;
}

int64_t clock_wall_ns(void)
{
	struct timespec ts = {0};

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SECOND_NS + ts.tv_nsec;
}

void clock_wall(char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	*out = '\0';
	if (gmtime_r(&now, &tm))
		strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

bool clock_knows_zone(const char *zone)
{
	char path[256];
	int len = snprintf(path, sizeof path, ZONES "/%s", zone);

	struct stat st;
	return len < (int)sizeof path && stat(path, &st) == 0 &&
		(!*zone || S_ISREG(st.st_mode));
}
