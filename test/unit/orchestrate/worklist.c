/* worklist: stations that come and go, and whom somebody is at work on. */
#include "unit_station.h"

#include "worklist.h"

static int places[STATION_PLACES];
static struct worklist worklist;

static void put(const char *id)
{
	char path[128];

	snprintf(path, sizeof path, "etc/streamhub/stations/%s.conf", id);
	unit_put_text(path, "");
}

static void drop(const char *id)
{
	char path[128];

	snprintf(path, sizeof path, "etc/streamhub/stations/%s.conf", id);
	assert_int_equal(unlinkat(unit_folder, path, 0), 0);
}

/* The ids after another look. */
static const char *look(void)
{
	static char ids[512];

	ids[0] = '\0';
	assert_int_equal(worklist_update(&worklist, places), 0);
	for (size_t i = 0; i < worklist.count; i++)
		strcat(strcat(ids, worklist.works[i].id), " ");
	return ids;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

UNIT_TEST(test_update)
{
	mkdirat(unit_folder, "etc", 0755);
	mkdirat(unit_folder, "etc/streamhub", 0755);
	mkdirat(unit_folder, "etc/streamhub/stations", 0755);
	station_open_all(places);
	assert_string_equal(look(), "");
	put("a10");
	put("a2");
	assert_string_equal(look(), "a2 a10 ");
	assert_int_equal(worklist.works[0].fd, -1);

	/* What is known stays with its station, whoever comes before, between and after.
	 */
	worklist.works[0].backoff.failures = 2;
	worklist.works[1].backoff.failures = 10;
	put("a1");
	put("a3");
	put("b");
	assert_string_equal(look(), "a1 a2 a3 a10 b ");
	static const unsigned failures[] = {0, 2, 0, 10, 0};
	for (size_t i = 0; i < UNIT_COUNT(failures); i++)
		assert_int_equal(worklist.works[i].backoff.failures, failures[i]);

	/* One that has gone is forgotten, but not while somebody is at work on it. */
	worklist_follow(&worklist.works[1], getpid());
	worklist_follow(&worklist.works[2], getpid());
	int idle = worklist.works[1].fd, busy = worklist.works[2].fd;
	assert_true(is_open(idle) && is_open(busy));
	worklist_follow(&worklist.works[3], getpid());
	int stays = worklist.works[3].fd;
	worklist.works[2].child = worklist.works[3].child = worklist.works[4].child = 1;
	drop("a2");
	drop("a3");
	drop("b");
	assert_string_equal(look(), "a1 a3 a10 b ");
	assert_false(is_open(idle));
	assert_int_equal(worklist.works[1].fd, busy);
	assert_int_equal(worklist.works[2].fd, stays);
	worklist.works[1].child = worklist.works[2].child = worklist.works[3].child = 0;
	assert_string_equal(look(), "a1 a10 ");
	assert_false(is_open(busy));
	assert_true(is_open(stays));
	close(stays);
	assert_int_equal(worklist.works[1].backoff.failures, 10);
	free(worklist.works);
}

UNIT_TEST(test_follow)
{
	struct work work = {.fd = -1};
	int end[2];

	assert_int_equal(pipe(end), 0);
	pid_t pid = unit_fork();
	if (pid == 0) {
		close(end[1]);
		_exit((int)read(end[0], &end, 1));
	}
	worklist_follow(&work, pid);
	assert_int_equal(poll(&(struct pollfd){work.fd, POLLIN, 0}, 1, 0), 0);
	close(end[1]);
	unit_await(work.fd);
	assert_int_equal(unit_wait(pid), 0);
	int was = work.fd;
	worklist_follow(&work, pid); /* there is none any more */
	assert_int_equal(work.fd, -1);
	assert_false(is_open(was));
	close(end[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_ROOT(test_update),
		cmocka_unit_test(test_follow),
	};

	return cmocka_run_group_tests_name("worklist", tests, NULL, NULL);
}
