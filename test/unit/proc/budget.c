/* budget: so many acts in a period, by one process at a time. */
#include "unit_budget.h"

#include <sys/file.h>
#include <sys/syscall.h>

static int removals; /* how often the file goes just before it is locked */

/* In the place of libc's. */
int flock(int fd, int operation)
{
	if (removals > 0) {
		removals--;
		unlinkat(unit_folder, BUDGET_FILE, 0);
	}
	return (int)syscall(SYS_flock, fd, operation);
}

UNIT_TEST(test_used_up)
{
	static const struct {
		int64_t at;
		const char *name;
		enum budget_answer answer;
		int64_t wait;
	} rows[] = {
		{1000, "cam", BUDGET_SPENT, 0},
		{3000, "cam", BUDGET_SPENT, 0},
		{3000, "cam", BUDGET_USED_UP, 8000},
		{10999, "cam", BUDGET_USED_UP, 1},
		{11000, "cam", BUDGET_SPENT, 0}, /* the first is out of the period */
		{11000, "cam", BUDGET_USED_UP, 2000},
		{13000, "cam", BUDGET_SPENT, 0},
		/* Names are whole, and each has a budget of its own. */
		{13000, "ca", BUDGET_SPENT, 0},
		{13000, "camera", BUDGET_SPENT, 0},
		{13000, "cam ", BUDGET_SPENT, 0},
		{13000, "cam\n", BUDGET_SPENT, 0},
		{13000, "cam", BUDGET_USED_UP, 8000},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int64_t wait = 0;
		enum budget_answer answer =
			spend(2, 10000, rows[i].name, rows[i].at, &wait);

		if (answer != rows[i].answer || wait != rows[i].wait)
			fail_msg("row %zu: %u, wait %lld", i, answer, (long long)wait);
	}
}

/* Whatever the name is, it is found again. */
UNIT_TEST(test_names)
{
	static const char *const names[] = {"a", " a", "  ", "a b", "-", "\n", "\t",
		"\x1b[0m", "\xff", "/run/streamhub.d/cam 1/heartbeat", "1 2 3",
		BOOT " 1 a"};
	char longest[2000];

	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(spend(1, 10000, longest, 1000, NULL), BUDGET_SPENT);
	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		if (spend(1, 10000, names[i], 1000, NULL) != BUDGET_SPENT)
			fail_msg("'%s' is another's", names[i]);
	for (size_t i = 0; i < UNIT_COUNT(names); i++)
		if (spend(1, 10000, names[i], 1000, NULL) != BUDGET_USED_UP)
			fail_msg("'%s' is forgotten", names[i]);
	assert_int_equal(spend(1, 10000, longest, 1000, NULL), BUDGET_USED_UP);
}

UNIT_TEST(test_written_first)
{
	struct stat st;

	assert_int_equal(spend(1, 1000, "cam\n1", 5, NULL), BUDGET_SPENT);
	assert_string_equal(unit_get(BUDGET_FILE), BOOT " 5 cam\\x0a1\n");
	assert_int_equal(fstatat(unit_folder, BUDGET_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(spend(1, 1000, "cam\n1", 6, NULL), BUDGET_USED_UP);
	assert_string_equal(unit_get(BUDGET_FILE), BOOT " 5 cam\\x0a1\n");
}

UNIT_TEST(test_busy)
{
	int go[2], come[2];
	char byte;

	assert_int_equal(pipe2(go, O_CLOEXEC) | pipe2(come, O_CLOEXEC), 0);
	pid_t pid = unit_fork();
	if (pid == 0) {
		struct budget budget;

		close(go[1]);
		budget_init(&budget, 1, 1000);
		budget_enter(&budget, unit_folder);
		if (budget.fd < 0 || write(come[1], "", 1) != 1)
			_exit(1);
		_exit(read(go[0], &byte, 1) == 0 ? 0 : 2);
	}
	unit_await(come[0]);
	assert_int_equal(spend(1, 1000, "cam", 5, NULL), BUDGET_BUSY);
	close(go[1]);
	assert_int_equal(unit_wait(pid), 0);
	assert_int_equal(spend(1, 1000, "cam", 5, NULL), BUDGET_SPENT);
	close(go[0]);
	close(come[0]);
	close(come[1]);
}

/* The lock is kept while it is the same folder, and let go with the next one. */
UNIT_TEST(test_enter)
{
	const struct clock_stamp now = {.boot = BOOT, .mono = 5};
	struct budget budget;
	int64_t wait;

	mkdirat(unit_folder, "other", 0755);
	int other = openat(unit_folder, "other", O_RDONLY | O_CLOEXEC);
	budget_init(&budget, 1, 1000);
	assert_int_equal(budget_spend(&budget, "cam", &now, &wait), BUDGET_FAILED);
	budget_enter(&budget, unit_folder);
	int fd = budget.fd;
	budget_enter(&budget, unit_folder);
	assert_int_equal(budget.fd, fd);
	assert_int_equal(spend(1, 1000, "cam", 5, NULL), BUDGET_BUSY);
	budget_enter(&budget, other);
	assert_int_equal(budget_spend(&budget, "cam", &now, &wait), BUDGET_SPENT);
	assert_int_equal(spend(1, 1000, "cam", 5, NULL), BUDGET_SPENT);
	budget_leave(&budget);
	budget_leave(&budget);
	assert_int_equal(budget_spend(&budget, "cam", &now, &wait), BUDGET_FAILED);
	close(other);
	budget_enter(&budget, -1);
	assert_int_equal(budget_spend(&budget, "cam", &now, &wait), BUDGET_FAILED);
	assert_int_equal(errno, EBADF);
}

UNIT_TEST(test_failed)
{
	symlinkat("elsewhere", unit_folder, BUDGET_FILE);
	assert_int_equal(spend(1, 1000, "cam", 5, NULL), BUDGET_FAILED);
	assert_int_equal(errno, ELOOP);
	assert_false(unit_exists("elsewhere"));
	unlinkat(unit_folder, BUDGET_FILE, 0);
	mkfifoat(unit_folder, BUDGET_FILE, 0644);
	assert_int_equal(spend(1, 1000, "cam", 5, NULL), BUDGET_FAILED);
	assert_int_equal(errno, EINVAL);
	unlinkat(unit_folder, BUDGET_FILE, 0);
	mkdirat(unit_folder, BUDGET_FILE, 0755);
	assert_int_equal(spend(1, 1000, "cam", 5, NULL), BUDGET_FAILED);
	assert_int_equal(errno, EISDIR);
	unlinkat(unit_folder, BUDGET_FILE, AT_REMOVEDIR);
}

/* Somebody removes the file between opening and locking it. */
UNIT_TEST(test_removed)
{
	struct budget budget;
	struct stat own, named;

	budget_init(&budget, 1, 1000);
	removals = 3;
	budget_enter(&budget, unit_folder);
	assert_int_equal(removals, 0);
	assert_int_equal(fstat(budget.fd, &own), 0);
	assert_int_equal(fstatat(unit_folder, BUDGET_FILE, &named, 0), 0);
	assert_int_equal(own.st_ino, named.st_ino);
	assert_int_equal(spend(1, 1000, "cam", 5, NULL), BUDGET_BUSY);
	/* And while it is locked. */
	const struct clock_stamp now = {.boot = BOOT, .mono = 5};
	int64_t wait;
	assert_int_equal(budget_spend(&budget, "a", &now, &wait), BUDGET_SPENT);
	unlinkat(unit_folder, BUDGET_FILE, 0);
	assert_int_equal(budget_spend(&budget, "b", &now, &wait), BUDGET_FAILED);
	assert_int_equal(errno, ESTALE);
	budget_leave(&budget);
	/* It does not go on for ever. */
	removals = 1000;
	assert_int_equal(spend(1, 1000, "cam", 5, NULL), BUDGET_BUSY);
	assert_true(removals > 900);
	removals = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_used_up),
		UNIT_IN_FOLDER(test_names),
		UNIT_IN_FOLDER(test_written_first),
		UNIT_IN_FOLDER(test_busy),
		UNIT_IN_FOLDER(test_enter),
		UNIT_IN_FOLDER(test_failed),
		UNIT_IN_FOLDER(test_removed),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
