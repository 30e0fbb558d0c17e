#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "atomic.h"
#include "path.h"
#include "station.h"

#define LOCK ".lock"

int runner_of(const struct fact *fact, struct process *process)
{
	struct tick_stamp stamp;
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
	struct fact fact = fact_read(folder, RUNNER);
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

int runner_hold(const char *id)
{
	int live = station_make(STATION_LIVE, id);
	int lock = live < 0 ? -1 : runner_lock(live);

	path_close(live);
	return lock;
}

int runner_sweep(int folder)
{
	static const char *const names[] = {
		"camwatch", "segunpack", "segcheck", "rtmppush", "segpack", RUNNER};
	int count = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		atomic_sweep(folder, names[i]);
		count += unlinkat(folder, names[i], 0) == 0;
	}
	return count;
}
