/* worker: a process that looks into files, what it may do to itself, and what to others.
 */
#include "unit.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "media/worker.h"

#define MANY 10000

static struct worker worker;
static struct report report;

/* The descriptors of this process, found with what the sandbox allows. */
static int64_t descriptors(void)
{
	struct stat st;
	int64_t n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fstat(fd, &st) == 0;
	return n;
}

static void answer_with(size_t size)
{
	static char text[2 * sizeof report];
	struct iovec part = {text, size};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
	struct stat st;

	for (int fd = 0; fd < 1024; fd++)
		if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode))
			sendmsg(fd, &msg, 0);
}

/* Does what the file, or the pipe, says. */
static void parse(int fd, struct report *out)
{
	char word;

	for (;;)
		switch (read(fd, &word, 1) == 1 ? word : 'e') {
		case 'c':
			*(volatile int *)NULL = 0;
			break;
		case 'd':
			out->size = descriptors();
			break;
		case 'e':
			return;
		case 'h':
			for (volatile int go = 1; go;)
				;
			break;
		case 'l':
			out->found = UINT64_MAX;
			break;
		case 'n':
			strcpy(out->detail, "esc \033[m");
			break;
		case 'o':
			open("/etc/passwd", O_RDONLY | O_CLOEXEC);
			break;
		case 's':
			answer_with(3);
			break;
		case 'x':
			_exit(7);
		}
}

static int start(void **state)
{
	worker = (struct worker){.parse = parse};
	return unit_enter(state) < 0 ? -1 : worker_start(&worker);
}

static int stop(void **state)
{
	worker_stop(&worker);
	worker_stop(&worker);
	/* Nobody is left, not even as a zombie. */
	if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD)
		return -1;
	return unit_leave(state);
}

#define WORKING(test) cmocka_unit_test_setup_teardown(test, start, stop)

/* Gives a file with these words. */
static void give(const char *words)
{
	unit_put_text("clip", words);
	int fd = openat(unit_folder, "clip", O_RDONLY | O_CLOEXEC);
	assert_int_equal(worker_give(&worker, fd), 0);
	close(fd);
}

static void take(void)
{
	unit_await(worker.child.socket);
	assert_int_equal(worker_take(&worker, &report), 1);
	assert_true(worker.deadline == CLOCK_NEVER);
}

static void assert_good(void)
{
	give("");
	take();
	assert_int_equal(report.found, 0);
}

UNIT_TEST(test_ends)
{
	static const struct {
		const char *words, *detail;
		bool open, lives;
	} rows[] = {
		{"", "", false, true}, {"", "", true, true},
		{"x", "with exit code 7", false, false},
		{"x", "with exit code 7", true, false}, {"o", "by SYS", false, false},
		{"o", "", true, true},
		{"l", "what it answered is no report", false, false},
		{"n", "what it answered is no report", false, false},
		{"s", "what it answered is no report", false, false},
		{"c", NULL, false, false}, /* a sanitizer has its own ways to die */
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		worker_stop(&worker);
		worker.open = rows[i].open;
		assert_int_equal(worker_start(&worker), 0);
		assert_int_equal(worker.child.sandbox == SANDBOX_NONE, rows[i].open);
		pid_t pid = worker.child.pid;
		give(rows[i].words);
		take();
		if (rows[i].detail && strcmp(report.detail, rows[i].detail) != 0)
			fail_msg("'%s': %s", rows[i].words, report.detail);
		assert_int_equal(report.found, rows[i].lives ? 0 : 1 << REPORT_DIED);
		assert_int_equal(worker.child.pid, rows[i].lives ? pid : 0);
		if (!rows[i].lives) /* what is not known is not told as 0 */
			assert_true(report.duration_ms == REPORT_NONE &&
				report.declared_ms == REPORT_NONE &&
				report.keyframe_ms == REPORT_NONE);
		assert_good();
		assert_int_equal(worker.child.pid == pid, rows[i].lives);
	}
}

UNIT_TEST(test_late)
{
	give("h");
	assert_true(worker.deadline > clock_now() && worker.deadline != CLOCK_NEVER);
	assert_int_equal(worker_take(&worker, &report), 0);
	worker.deadline = clock_now();
	assert_int_equal(worker_take(&worker, &report), 1);
	assert_int_equal(report.found, 1 << REPORT_TIMEOUT);
	assert_int_equal(worker.child.pid, 0);
	assert_good();
	give("h");
	kill(worker.child.pid, SIGSTOP);
	worker.deadline = clock_now();
	assert_int_equal(worker_take(&worker, &report), 1);
	assert_int_equal(report.found, 1 << REPORT_TIMEOUT);
	assert_good();
}

UNIT_TEST(test_processor)
{
	struct rlimit limit;

	give("h");
	assert_int_equal(prlimit(worker.child.pid, RLIMIT_CPU, NULL, &limit), 0);
	assert_true(limit.rlim_cur >= WORKER_CPU_SECONDS &&
		limit.rlim_cur <= WORKER_CPU_SECONDS + 2);
	limit.rlim_cur = 1;
	assert_int_equal(prlimit(worker.child.pid, RLIMIT_CPU, &limit, NULL), 0);
	take();
	assert_int_equal(report.found, 1 << REPORT_TIMEOUT);
	assert_good();
}

UNIT_TEST(test_killed)
{
	siginfo_t info;
	pid_t pid = worker.child.pid;

	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_good(); /* it was idle: no file's fault */
	assert_int_not_equal(worker.child.pid, pid);
	give("h");
	kill(worker.child.pid, SIGKILL);
	take();
	assert_int_equal(report.found, 1 << REPORT_DIED);
	assert_string_equal(report.detail, "by KILL");
	assert_good();
}

/* A tool that is told to end must not find the clip in hand bad for it. */
UNIT_TEST(test_signals_to_all)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
	pid_t pid = worker.child.pid;
	int ends[2];

	for (size_t i = 0; i < UNIT_COUNT(signals); i++) {
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		assert_int_equal(worker_give(&worker, ends[0]), 0);
		kill(pid, signals[i]);
		assert_int_equal(write(ends[1], "e", 1), 1);
		take();
		if (report.found)
			fail_msg("signal %d: %s", signals[i], report.detail);
		assert_int_equal(worker.child.pid, pid);
		close(ends[0]);
		close(ends[1]);
	}
}

UNIT_TEST(test_descriptors)
{
	int64_t least = 2; /* the socket and the file */
	int other = dup(STDIN_FILENO);

#ifdef __SANITIZE_ADDRESS__
	least++; /* its reports go to standard error */
#endif
	assert_true(other >= 0);
	worker_stop(&worker);
	assert_int_equal(worker_start(&worker), 0);
	give("d");
	take();
	assert_int_equal(report.size, least);
	close(other);
}

UNIT_TEST(test_many)
{
	pid_t pid = worker.child.pid;
	int64_t before;

	give("d");
	int fd = openat(unit_folder, "clip", O_RDONLY | O_CLOEXEC);
	take();
	before = report.size;
	int64_t own = descriptors();
	for (int i = 0; i < MANY; i++) {
		lseek(fd, 0, SEEK_SET);
		assert_int_equal(worker_give(&worker, fd), 0);
		take();
		assert_int_equal(report.size, before);
	}
	assert_int_equal(worker.child.pid, pid);
	assert_int_equal(descriptors(), own);
	close(fd);
}

UNIT_TEST(test_parent_dies)
{
	int ends[2], dead;

	worker_stop(&worker);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t parent = unit_fork();
	if (parent == 0) {
		unit_put_text("clip", "h");
		int fd = openat(unit_folder, "clip", O_RDONLY | O_CLOEXEC);
		if (worker_start(&worker) < 0 || worker_give(&worker, fd) < 0)
			_exit(1);
		_exit(write(ends[1], &worker.child.pid, sizeof worker.child.pid) < 0 ||
			pause());
	}
	unit_await(ends[0]);
	pid_t pid;
	assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
	dead = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(dead >= 0);
	kill(parent, SIGKILL);
	assert_int_equal(unit_wait(parent), 128 + SIGKILL);
	unit_await(dead);
	close(dead);
	close(ends[0]);
	close(ends[1]);
}

UNIT_TEST(test_no_descriptors)
{
	struct rlimit limit, none;

	worker_stop(&worker);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){3, limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int code = worker_start(&worker), error = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(code, -1);
	assert_int_equal(error, EMFILE);
	assert_int_equal(worker.child.pid, 0);
	assert_true(worker.deadline == CLOCK_NEVER);
	assert_good();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORKING(test_ends),
		WORKING(test_late),
		WORKING(test_processor),
		WORKING(test_killed),
		WORKING(test_signals_to_all),
		WORKING(test_descriptors),
		WORKING(test_many),
		WORKING(test_parent_dies),
		WORKING(test_no_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
