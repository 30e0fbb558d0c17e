/*
 * Who desires it stands in a file of its own. What is written first makes sure that a
 * station counts as stopped by a person only if a person has stopped it, wherever the
 * writer is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/path.h"
#include "station/station.h"

#define DESIRED "desired"
#define BY "desired.by"
#define LOCK ".lock"
#define PATIENCE (5 * CLOCK_SECOND)
#define LOOK 10 /* milliseconds */
#define NAME_MAX_LEN 128 /* of a file of a station */

static const char *const by_words[] = {
	[STATION_BY_PERSON] = "person\n", [STATION_BY_SERVER] = "server\n"};

int station_desired(int state, const char *id, enum station_desired *desired)
{
	static const struct {
		const char *text;
		enum station_desired desired;
	} words[] = {{"up\n", STATION_UP}, {"up", STATION_UP}, {"down\n", STATION_DOWN},
		{"down", STATION_DOWN}};
	char name[NAME_MAX_LEN], text[8];

	*desired = STATION_UNDECIDED;
	if (state < 0)
		return 0;
	snprintf(name, sizeof name, "%.64s/" DESIRED, id);
	ssize_t len = path_read(state, name, text, sizeof text);
	if (len < 0 && errno == ENOENT)
		return 0;
	if (len < 0 && errno != EFBIG)
		return -1;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (len == (ssize_t)strlen(words[i].text) &&
			memcmp(text, words[i].text, (size_t)len) == 0) {
			*desired = words[i].desired;
			return 0;
		}
	errno = EINVAL;
	return -1;
}

enum station_by station_desired_by(int state, const char *id)
{
	char name[NAME_MAX_LEN], text[8];

	snprintf(name, sizeof name, "%.64s/" BY, id);
	ssize_t len = state < 0 ? -1 : path_read(state, name, text, sizeof text);
	const char *server = by_words[STATION_BY_SERVER];
	bool is_server =
		len == (ssize_t)strlen(server) && memcmp(text, server, (size_t)len) == 0;
	return is_server ? STATION_BY_SERVER : STATION_BY_PERSON;
}

int station_lock(int folder, int64_t patience)
{
	int64_t deadline = clock_now() + patience;
	int lock = openat(folder, LOCK,
		O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || clock_now() >= deadline) {
			int error = errno;
			close(lock);
			errno = error;
			return -1;
		}
		poll(NULL, 0, LOOK);
	}
	return lock;
}

/* The folder of the station, for one writer at a time; *lock is to be closed, too. */
static int hold(const char *id, int *lock)
{
	int folder = station_make(STATION_STATE, id);

	*lock = folder < 0 ? -1 : station_lock(folder, PATIENCE);
	if (*lock >= 0)
		return folder;
	path_close(folder);
	return -1;
}

static int put(int folder, const char *name, const char *text)
{
	atomic_sweep(folder, name);
	return atomic_keep(folder, name, 0644, text, strlen(text));
}

static int write_both(int folder, enum station_desired desired, enum station_by by)
{
	const char *text = desired == STATION_UP ? "up\n" : "down\n";
	bool by_first = by == STATION_BY_SERVER || desired == STATION_DOWN;

	if (by_first && put(folder, BY, by_words[by]) < 0)
		return -1;
	if (put(folder, DESIRED, text) < 0)
		return -1;
	return by_first ? 0 : put(folder, BY, by_words[by]);
}

int station_desire(const char *id, enum station_desired desired)
{
	int lock, folder = hold(id, &lock);

	if (folder < 0)
		return -1;
	int code = write_both(folder, desired, STATION_BY_PERSON);
	path_close(lock);
	path_close(folder);
	return code;
}

int station_desire_for_server(const char *id, enum station_desired desired, bool over)
{
	int lock, folder = hold(id, &lock);
	int state = folder < 0 ? -1 : station_open(STATION_STATE);
	enum station_desired before;
	int code = 0;

	if (state < 0 || station_desired(state, id, &before) < 0)
		code = -1;
	else if (!over && before == STATION_DOWN &&
		station_desired_by(state, id) == STATION_BY_PERSON)
		code = 1;
	else
		code = write_both(folder, desired, STATION_BY_SERVER);
	path_close(state);
	path_close(lock);
	path_close(folder);
	return code;
}
