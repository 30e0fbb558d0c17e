/* atomic: old or new, never between. */
#include "unit.h"

#include <sys/resource.h>

#include "base/atomic.h"

/* How often files and folders were synced. */
static int files_synced, folders_synced;

int fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	files_synced += S_ISREG(st.st_mode);
	folders_synced += S_ISDIR(st.st_mode);
	return 0;
}

static int put_text(const char *name, const char *text)
{
	return atomic_put(unit_folder, name, 0644, text, strlen(text));
}

UNIT_TEST(test_old_until_commit)
{
	struct atomic file;
	struct stat st;

	assert_int_equal(put_text("fact", "old"), 0);
	umask(022);
	assert_int_equal(atomic_begin(&file, unit_folder, "fact", 0666), 0);
	assert_true(fcntl(file.fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(file.fd, "newer", 5), 5);
	assert_int_equal(atomic_sync(&file), 0);
	assert_string_equal(unit_get("fact"), "old");
	assert_int_equal(atomic_commit(&file), 0);
	assert_int_equal(file.fd, -1);
	assert_string_equal(unit_get("fact"), "newer");
	fstatat(unit_folder, "fact", &st, 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(unit_entries(), 1);
	/* After a commit nothing is aborted. */
	atomic_abort(&file);
	assert_string_equal(unit_get("fact"), "newer");
}

/* A file that must survive a power cut is synced, and so is the folder with its name. */
UNIT_TEST(test_keep)
{
	struct atomic file;

	files_synced = folders_synced = 0;
	assert_int_equal(put_text("fact", "one"), 0);
	assert_int_equal(files_synced + folders_synced, 0);
	assert_int_equal(atomic_keep(unit_folder, "fact", 0644, "two", 3), 0);
	assert_int_equal(files_synced, 1);
	assert_int_equal(folders_synced, 1);
	assert_string_equal(unit_get("fact"), "two");
	assert_int_equal(atomic_put_new(unit_folder, "new", 0644, "three", 5), 0);
	assert_int_equal(folders_synced, 2);
	assert_int_equal(atomic_begin(&file, unit_folder, "fact", 0644), 0);
	assert_int_equal(atomic_sync(&file), 0);
	assert_int_equal(folders_synced, 2);
	assert_int_equal(atomic_commit(&file), 0);
	assert_int_equal(folders_synced, 3);
}

UNIT_TEST(test_abort)
{
	struct atomic file;

	unit_put_text("fact", "old");
	assert_int_equal(atomic_begin(&file, unit_folder, "fact", 0644), 0);
	assert_int_equal(write(file.fd, "new", 3), 3);
	assert_int_equal(unit_entries(), 2);
	errno = EXDEV;
	atomic_abort(&file);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(unit_entries(), 1);
	assert_string_equal(unit_get("fact"), "old");
	/* The second time must not remove what is another's by now. */
	unit_put_text(file.temporary, "another's");
	atomic_abort(&file);
	assert_string_equal(unit_get(file.temporary), "another's");
}

/* A commit that fails: the folder took the name in between. */
UNIT_TEST(test_failed_commit)
{
	struct atomic file;

	assert_int_equal(atomic_begin(&file, unit_folder, "fact", 0644), 0);
	mkdirat(unit_folder, "fact", 0755);
	assert_true(unit_ended(atomic_commit(&file), EISDIR));
	atomic_abort(&file);
	assert_int_equal(unit_entries(), 1);
}

UNIT_TEST(test_refused_targets)
{
	char fits[ATOMIC_NAME_MAX + 1] = "", too_long[ATOMIC_NAME_MAX + 2] = "";
	const struct {
		const char *name;
		int error;
	} rows[] = {{"new", 0}, {"file", 0}, {"-n", 0}, {"...", 0}, {fits, 0},
		{too_long, ENAMETOOLONG}, {"link", ELOOP}, {"dangling", ELOOP},
		{"folder", EISDIR}, {".", EISDIR}, {"..", EISDIR}, {"fifo", EINVAL},
		{"", ENOENT}, {"nowhere/file", ENOENT}, {"file/file", ENOTDIR}};

	memset(fits, 'n', sizeof fits - 1);
	memset(too_long, 'n', sizeof too_long - 1);
	unit_put_odd();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		size_t before = unit_entries();
		int code = put_text(rows[i].name, "text");

		if (!unit_ended(code, rows[i].error))
			fail_msg("%.40s: %d, errno %d", rows[i].name, code, errno);
		if (code == 0)
			assert_string_equal(unit_get(rows[i].name), "text");
		else
			assert_int_equal(unit_entries(), before);
	}
	assert_true(unit_ended(atomic_put(-1, "file", 0644, "", 0), EBADF));
	assert_int_equal(atomic_put(unit_folder, "file", 0644, "", 0), 0);
	assert_string_equal(unit_get("file"), "");
}

UNIT_TEST(test_put_new)
{
	assert_int_equal(atomic_put_new(unit_folder, "fact", 0600, "old", 3), 0);
	assert_true(
		unit_ended(atomic_put_new(unit_folder, "fact", 0600, "new", 3), EEXIST));
	assert_string_equal(unit_get("fact"), "old");
	assert_int_equal(unit_entries(), 1);
	symlinkat("elsewhere", unit_folder, "link");
	assert_true(
		unit_ended(atomic_put_new(unit_folder, "link", 0600, "new", 3), EEXIST));
}

/* No room: the old content stays and nothing is left. */
UNIT_TEST(test_failed_write)
{
	unit_put_text("fact", "old");
	pid_t pid = unit_fork();
	if (pid == 0) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &(const struct rlimit){4, 4});
		_exit(!unit_ended(put_text("fact", "longer than four"), EFBIG));
	}
	assert_int_equal(unit_wait(pid), 0);
	assert_string_equal(unit_get("fact"), "old");
	assert_int_equal(unit_entries(), 1);
}

/* Two writers of one name in one process: the second is refused, the first goes on. */
UNIT_TEST(test_exclusive)
{
	struct atomic first, second;

	assert_int_equal(atomic_begin(&first, unit_folder, "fact", 0644), 0);
	assert_int_equal(write(first.fd, "one", 3), 3);
	assert_true(unit_ended(atomic_begin(&second, unit_folder, "fact", 0644), EAGAIN));
	atomic_abort(&second);
	assert_int_equal(atomic_commit(&first), 0);
	assert_string_equal(unit_get("fact"), "one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_old_until_commit),
		UNIT_IN_FOLDER(test_keep),
		UNIT_IN_FOLDER(test_abort),
		UNIT_IN_FOLDER(test_failed_commit),
		UNIT_IN_FOLDER(test_refused_targets),
		UNIT_IN_FOLDER(test_put_new),
		UNIT_IN_FOLDER(test_failed_write),
		UNIT_IN_FOLDER(test_exclusive),
	};

	return cmocka_run_group_tests_name("atomic", tests, NULL, NULL);
}
