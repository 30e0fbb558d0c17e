#include "station/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/path.h"
#include "station/stage.h"
#include "station/station.h"

#define LOCK ".lock"

int runner_of(const struct fact *fact, struct process *process)
{
	struct clock_stamp stamp;
	int64_t pid, started;

	if (fact->state != FACT_GOOD || fact_stamp(fact, &stamp) < 0 ||
		fact_number(fact, "pid", &pid) < 0 || pid < 1 || pid > INT_MAX ||
		fact_number(fact, "ticks", &started) < 0) {
		errno = EINVAL;
		return -1;
	}
	*process = (struct process){.pid = (pid_t)pid, .started = started};
	snprintf(process->boot, sizeof process->boot, "%s", stamp.boot);
	return 0;
}

int runner_open(int folder)
{
	struct fact fact = fact_read(folder, stage_rows[STAGE_STATIONRUN].fact);
	struct process process;

	int code = runner_of(&fact, &process);
	fact_free(&fact);
	return code < 0 ? -1 : process_open(&process);
}

int runner_lock(int folder)
{
	int lock = openat(folder, LOCK,
		O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0)
		return lock;
	int error = errno;
	close(lock);
	errno = error;
	return -1;
}

int runner_free(const char *id)
{
	int places = station_open(STATION_LIVE);
	int live = places < 0 ? -1 : path_open_below(places, id);
	int lock = live < 0 ? -1 : path_open_file(live, LOCK, NULL);
	int error = errno;
	int free = -1;

	if (lock >= 0) {
		free = flock(lock, LOCK_SH | LOCK_NB) == 0;
		error = errno;
		if (!free && error != EWOULDBLOCK)
			free = -1;
	} else if (error == ENOENT || error == ENOTDIR || error == ELOOP ||
		error == EISDIR || error == EINVAL) {
		free = 1;
	}
	path_close(lock);
	path_close(live);
	path_close(places);
	errno = error;
	return free;
}

int runner_hold(const char *id)
{
	int live = station_make(STATION_LIVE, id);
	int lock = live < 0 ? -1 : runner_lock(live);

	path_close(live);
	return lock;
}

int runner_sweep(int folder)
{
	int count = 0;

	for (size_t i = 0; i < STAGE_FACTS; i++) {
		if (stage_rows[i].stays)
			continue;
		atomic_sweep(folder, stage_rows[i].fact);
		count += unlinkat(folder, stage_rows[i].fact, 0) == 0;
	}
	return count;
}
