/* atomic: what killed writers leave behind, and writers and sweepers side by side. */
#include "unit.h"

#include "base/atomic.h"

/* A number comes again: what an earlier life left under ours does not stop us. */
UNIT_TEST(test_own_number)
{
	char temporary[64];

	snprintf(temporary, sizeof temporary, ".fact.%ld.tmp", (long)getpid());
	unit_put_text(temporary, "half");
	assert_int_equal(atomic_put(unit_folder, "fact", 0644, "whole", 5), 0);
	assert_string_equal(unit_get("fact"), "whole");
	assert_int_equal(unit_entries(), 1);
}

/* Under that number, what no writer of ours can have left: it stays, and is named. */
UNIT_TEST(test_foreign_number)
{
	struct atomic file;
	char temporary[64];

	snprintf(temporary, sizeof temporary, ".fact.%ld.tmp", (long)getpid());
	for (int kind = 0; kind < 4; kind++) {
		int made = kind == 0 ? symlinkat("nothing", unit_folder, temporary)
			: kind == 1
			? mkdirat(unit_folder, temporary, 0755)
			: mknodat(unit_folder, temporary,
				  kind == 2 ? S_IFIFO | 0600 : S_IFSOCK | 0600, 0);
		assert_int_equal(made, 0);
		assert_true(unit_ended(
			atomic_begin(&file, unit_folder, "fact", 0644), EEXIST));
		assert_int_equal(atomic_sweep(unit_folder, "fact"), 0);
		assert_int_equal(unit_entries(), 1);
		unlinkat(unit_folder, temporary, kind == 1 ? AT_REMOVEDIR : 0);
	}
}

/* A child that has begun, written a little, and stays. */
static pid_t start_writer(void)
{
	struct atomic file;
	int ends[2];
	char byte;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = unit_fork();
	if (pid == 0) {
		if (atomic_begin(&file, unit_folder, "fact", 0644) < 0 ||
			write(file.fd, "half", 4) != 4 || write(ends[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	unit_await(ends[0]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

UNIT_TEST(test_sweep)
{
	static const char *const others[] = {".fact.tmp", ".fact..tmp", ".fact.1x.tmp",
		".fact.1.tmpx", ".fact.1", "fact.1.tmp", ".facts.1.tmp",
		".fact.two.1.tmp", ".fac.1.tmp", ".fact.-1.tmp"};

	for (size_t i = 0; i < UNIT_COUNT(others); i++)
		unit_put_text(others[i], "");
	symlinkat(".fact.tmp", unit_folder, ".fact.7.tmp");
	mkfifoat(unit_folder, ".fact.8.tmp", 0644);
	mkdirat(unit_folder, ".fact.9.tmp", 0755);
	size_t before = unit_entries();
	pid_t alive = start_writer(), killed = start_writer();
	kill(killed, SIGKILL);
	assert_int_equal(unit_wait(killed), 128 + SIGKILL);
	unit_put_text(".fact.4.tmp", "left before a reboot");
	assert_int_equal(unit_entries(), before + 3);
	assert_int_equal(atomic_sweep(unit_folder, "fact"), 2);
	assert_int_equal(unit_entries(), before + 1); /* that of the living one */
	assert_int_equal(atomic_sweep(unit_folder, "fact"), 0);
	kill(alive, SIGKILL);
	assert_int_equal(unit_wait(alive), 128 + SIGKILL);
	assert_int_equal(atomic_sweep(unit_folder, "fact"), 1);
	assert_int_equal(unit_entries(), before);
	assert_int_equal(atomic_sweep(-1, "fact"), -1);
}

/* Two processes write, a third sweeps: what is read is always whole. */
UNIT_TEST(test_concurrent_writers)
{
	enum { ROUNDS = 1000, LEN = 20000 };
	static char data[LEN];
	pid_t pids[3];

	assert_int_equal(atomic_put(unit_folder, "fact", 0644, "", 0), 0);
	for (int c = 0; c < 3; c++) {
		pids[c] = unit_fork();
		if (pids[c])
			continue;
		memset(data, 'a' + c, LEN);
		for (int i = 0; i < ROUNDS; i++) {
			/* A writer that has no lock yet may be swept; it begins again. */
			if (c == 2 ? atomic_sweep(unit_folder, "fact") < 0
				   : atomic_put(unit_folder, "fact", 0644, data,
					     (size_t)(LEN - i)) != 0)
				_exit(1);
		}
		_exit(0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		const char *text = unit_get("fact"), one[] = {text[0], '\0'};

		assert_true(!*text || strlen(text) > LEN - ROUNDS);
		assert_int_equal(strspn(text, one), strlen(text));
	}
	for (int c = 0; c < 3; c++)
		assert_int_equal(unit_wait(pids[c]), 0);
	assert_int_equal(strlen(unit_get("fact")), LEN - ROUNDS + 1);
	assert_int_equal(unit_entries(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_own_number),
		UNIT_IN_FOLDER(test_foreign_number),
		UNIT_IN_FOLDER(test_sweep),
		UNIT_IN_FOLDER(test_concurrent_writers),
	};

	return cmocka_run_group_tests_name("atomic_sweep", tests, NULL, NULL);
}
