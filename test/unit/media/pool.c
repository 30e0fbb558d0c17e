/* pool: several files at once, in order; files that are none; one beside the order. */
#include "unit.h"

#include <seccomp.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/msg.h"
#include "media/pool.h"

#define MANY 300

static struct pool pool;

static void parse(int fd, struct report *report)
{
	char word = 0;

	if (pread(fd, &word, 1, 0) != 1)
		return;
	if (word == 'h')
		for (volatile int go = 1; go;)
			;
	if (word == 's') /* slowly */
		for (volatile int i = 0; i < 2000000; i++)
			;
	if (word == 'x')
		_exit(7);
	if (word == 'b')
		report_find(report, REPORT_ZEROS, "bad");
}

static size_t open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static int enter(void **state)
{
	pool = (struct pool){0};
	return unit_enter(state) < 0 || chdir(unit_path) < 0 ? -1 : 0;
}

static int leave(void **state)
{
	while (pool.count > 0)
		pool_drop(&pool);
	pool_drop_extra(&pool);
	for (size_t i = 0; i < pool.worker_count; i++)
		worker_stop(&pool.workers[i]);
	return chdir("/") < 0 ? -1 : unit_leave(state);
}

#define POOLED(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static void start(size_t workers)
{
	assert_int_equal(pool_start(&pool, workers, parse, false), 0);
	assert_int_equal(pool.worker_count, workers);
}

static void put_and_add(const char *name, const char *words)
{
	unit_put_text(name, words);
	assert_non_null(pool_add(&pool, name));
}

/* Once round a tool's loop. */
static void turn(void)
{
	struct pollfd fds[POOL_WORKERS];

	assert_int_equal(pool_begin(&pool), 0);
	size_t count = pool_poll(&pool, fds);
	int64_t until = clock_sooner(pool_due(&pool), clock_now() + UNIT_SECONDS * 1000);
	assert_true(poll(fds, count, clock_timeout(until)) >= 0);
	pool_take(&pool);
}

static enum job_state state_of(size_t n)
{
	return pool_job(&pool, n)->state;
}

UNIT_TEST(test_order)
{
	char name[16];

	start(3);
	put_and_add("0", "h");
	for (int i = 1; i < 40; i++) {
		snprintf(name, sizeof name, "%d", i);
		put_and_add(name, i % 5 == 0 ? "s" : i % 7 == 0 ? "b" : "good");
	}
	for (size_t i = 1; i < 40; i++)
		while (state_of(i) != JOB_DONE)
			turn();
	assert_int_equal(state_of(0), JOB_RUNS);
	pool_job(&pool, 0)->worker->deadline = clock_now();
	pool_take(&pool);
	for (int i = 0; i < 40; i++) {
		const struct job *job = pool_job(&pool, 0);
		snprintf(name, sizeof name, "%d", i);
		assert_string_equal(job->path, name);
		assert_int_equal(job->state, JOB_DONE);
		assert_true(report_found(&job->report, REPORT_TIMEOUT) == (i == 0));
		assert_true(report_found(&job->report, REPORT_ZEROS) ==
			(i % 7 == 0 && i % 5 != 0));
		pool_drop(&pool);
	}
	assert_null(pool_job(&pool, 0));
}

UNIT_TEST(test_full)
{
	for (int i = 0; i < POOL_JOBS; i++)
		assert_non_null(pool_add(&pool, "some"));
	assert_null(pool_add(&pool, "x"));
	assert_string_equal(pool_job(&pool, POOL_JOBS - 1)->path, "some");
	assert_null(pool_job(&pool, POOL_JOBS));
	pool_drop(&pool);
	assert_non_null(pool_add(&pool, "x"));
	assert_string_equal(pool_job(&pool, POOL_JOBS - 1)->path, "x");
}

/* More than are in hand, and none of their descriptors stays. */
UNIT_TEST(test_many)
{
	int added = 0, done = 0;
	char name[16];

	start(2);
	size_t before = open_descriptors();
	while (done < MANY) {
		while (added < MANY && pool.count < POOL_JOBS) {
			snprintf(name, sizeof name, "%d", added++);
			put_and_add(name, added % 3 ? "good" : "b");
		}
		turn();
		while (pool.count > 0 && state_of(0) == JOB_DONE) {
			snprintf(name, sizeof name, "%d", done++);
			assert_string_equal(pool_job(&pool, 0)->path, name);
			pool_drop(&pool);
		}
	}
	assert_int_equal(open_descriptors(), before);
}

UNIT_TEST(test_no_files)
{
	static const char *const names[] = {"nothing", "nowhere/file", "link", "folder",
		"folder/", "fifo", "dangling", "", ".", "..", "file/x", "/dev/null",
		"/dev/full"};

	unit_put_odd();
	start(1);
	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		assert_non_null(pool_add(&pool, names[i]));
	put_and_add("good", "");
	while (state_of(UNIT_COUNT(names)) != JOB_DONE)
		turn();
	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		if (state_of(i) != JOB_LOST || pool_job(&pool, i)->fd != -1)
			fail_msg("'%s'", names[i]);
}

UNIT_TEST(test_died)
{
	start(1);
	put_and_add("1", "x and so on");
	put_and_add("2", "good");
	while (state_of(1) != JOB_DONE)
		turn();
	assert_true(report_found(&pool_job(&pool, 0)->report, REPORT_DIED));
	assert_int_equal(pool_job(&pool, 0)->report.size, 11);
	assert_int_equal(pool_job(&pool, 1)->report.found, 0);
	assert_int_equal(pool_job(&pool, 1)->report.size, 4);
}

UNIT_TEST(test_again)
{
	start(1);
	put_and_add("1", "b");
	put_and_add("2", "good");
	while (state_of(1) != JOB_DONE)
		turn();
	assert_true(pool_due(&pool) == CLOCK_NEVER);
	int64_t due = clock_now() + 1000 * CLOCK_SECOND;
	pool_again(pool_job(&pool, 0), due);
	assert_int_equal(pool_job(&pool, 0)->fd, -1);
	assert_int_equal(pool_begin(&pool), 0);
	assert_int_equal(state_of(0), JOB_WAITS);
	assert_true(pool_due(&pool) == due);
	assert_true(pool_is_idle(&pool)); /* it is not due */
	unit_put_text("1", "good");
	pool_again(pool_job(&pool, 0), clock_now());
	assert_false(pool_is_idle(&pool));
	while (state_of(0) != JOB_DONE)
		turn();
	assert_int_equal(pool_job(&pool, 0)->report.found, 0);
}

UNIT_TEST(test_extra)
{
	start(1);
	assert_true(pool_is_idle(&pool));
	assert_int_equal(mkdirat(unit_folder, "q", 0755), 0);
	unit_put_text("q/1", "b");
	int folder = open("q", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pool_add_extra(&pool, folder, "1");
	assert_false(pool_is_idle(&pool));
	put_and_add("2", "good");
	assert_int_equal(pool_begin(&pool), 0);
	assert_int_equal(state_of(0), JOB_RUNS); /* those in order come first */
	assert_int_equal(pool.extra.state, JOB_WAITS);
	while (pool.extra.state != JOB_DONE)
		turn();
	assert_true(report_found(&pool.extra.report, REPORT_ZEROS));
	assert_int_equal(pool_job(&pool, 0)->report.found, 0);
	assert_false(pool_is_idle(&pool));
	pool_drop_extra(&pool);
	pool_drop_extra(&pool);
	assert_true(pool_is_idle(&pool));
	assert_int_equal(pool.count, 1);
	pool_add_extra(&pool, folder, "../2");
	assert_int_equal(pool_begin(&pool), 0);
	assert_int_equal(pool.extra.state, JOB_LOST);
	close(folder);
}

UNIT_TEST(test_no_descriptors)
{
	struct rlimit limit, none;

	start(1);
	put_and_add("1", "good");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){4, limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int code = pool_begin(&pool), error = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(code, -1);
	assert_int_equal(error, EMFILE);
}

/* What is said by a child in which this call fails, or none does. */
static const char *said(int call, uint32_t error, bool open)
{
	pid_t pid = unit_fork();

	if (pid == 0) {
		int fd = openat(unit_folder, "said", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, STDERR_FILENO);
		msg_init("test");
		scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
		if (call >= 0 &&
			(seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), call, 0) < 0 ||
				seccomp_load(filter) < 0))
			_exit(1);
		seccomp_release(filter);
		int code = pool_start(&pool, 3, parse, open);
		for (size_t i = 0; code == 0 && i < 3; i++)
			if ((pool.workers[i].child.sandbox == SANDBOX_NONE) != open)
				_exit(2);
		if (code == 0)
			put_and_add("1", "x");
		while (code == 0 && state_of(0) != JOB_DONE)
			turn(); /* a new worker says nothing new */
		if (code == 0) {
			pool_again(pool_job(&pool, 0), 0);
			turn();
		}
		_exit(code == 0 ? 0 : 10);
	}
	int code = unit_wait(pid);
	if (code == 10)
		return "refused";
	assert_int_equal(code, 0);
	const char *text = unit_get("said");
	const char *end = strchr(text, '\n');
	assert_true(!end || !end[1]); /* one line at most */
	return text;
}

UNIT_TEST(test_said)
{
	const char *text = said(-1, 0, false);

	assert_true(!*text || strstr(text, "no Landlock"));
	assert_non_null(strstr(said(SCMP_SYS(landlock_create_ruleset), ENOSYS, false),
		"this kernel has no Landlock: the sandbox is seccomp alone"));
	assert_non_null(strstr(said(-1, 0, true), "no sandbox:"));
	assert_string_equal(said(SCMP_SYS(seccomp), ENOSYS, false), "refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOLED(test_order),
		POOLED(test_full),
		POOLED(test_many),
		POOLED(test_no_files),
		POOLED(test_died),
		POOLED(test_again),
		POOLED(test_extra),
		POOLED(test_no_descriptors),
		POOLED(test_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
