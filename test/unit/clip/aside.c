/* aside: what is removed or moved is what was meant, whatever happens to its name. */
#include "unit.h"

#include <sys/file.h>
#include <sys/syscall.h>

#include "clip/aside.h"

#define UPLOADS 2000

/* What happens before the renameat2 with this number, or with flags it does not know. */
static void (*meanwhile)(void);
static int meanwhile_at, renames;
static bool no_flags;

int renameat2(
	int from, const char *name, int to, const char *new_name, unsigned int flags)
{
	if (++renames == meanwhile_at && meanwhile)
		meanwhile();
	if (no_flags && flags) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, from, name, to, new_name, flags);
}

static int enter(void **state)
{
	meanwhile = NULL;
	renames = 0;
	no_flags = false;
	return unit_enter(state);
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, unit_leave)

static struct path_id id_of(const char *rel)
{
	struct stat st;

	assert_int_equal(fstatat(unit_folder, rel, &st, AT_SYMLINK_NOFOLLOW), 0);
	return path_id(&st);
}

static void set_mtime(const char *rel, int64_t seconds, long nanoseconds)
{
	struct timespec times[] = {{0, UTIME_NOW}, {seconds, nanoseconds}};

	assert_int_equal(utimensat(unit_folder, rel, times, 0), 0);
}

static void put_all(void)
{
	unit_put_odd();
	mkdirat(unit_folder, "outside", 0755);
	mkdirat(unit_folder, "outside/sub", 0755);
	unit_put_text("outside/file", "text");
	unit_put_text("outside/sub/file", "text");
	mkdirat(unit_folder, "root", 0755);
	mkdirat(unit_folder, "root/sub", 0755);
	unit_put_text("root/file", "text");
	unit_put_text("root/sub/file", "text");
	symlinkat("sub", unit_folder, "root/way");
	symlinkat("../outside", unit_folder, "root/out");
	symlinkat("file", unit_folder, "root/link");
	mkfifoat(unit_folder, "root/fifo", 0644);
}

UNIT_TEST(test_remove_refused)
{
	static const struct {
		const char *rel, *of; /* whose id, by the folder of the test */
		int error;
	} rows[] = {{"file", "root/sub/file", ESTALE}, {"sub/file", "root/file", ESTALE},
		{"way/file", "root/sub/file", ELOOP}, {"out/file", "outside/file", ELOOP},
		{"out/sub/file", "outside/sub/file", ELOOP},
		{"../outside/file", "outside/file", EXDEV}, {"../file", "file", EXDEV},
		{"link", "root/link", ELOOP}, {"link", "root/file", ELOOP},
		{"fifo", "root/fifo", EINVAL}, {"sub", "root/sub", EISDIR},
		{"sub/", "root/sub", EISDIR}, {"", "root", ENOENT}, {".", "root", EISDIR},
		{"nothing", "root/file", ENOENT}, {"nothing/file", "root/file", ENOENT},
		{"file/x", "root/file", ENOTDIR}};

	put_all();
	int root = openat(unit_folder, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int before = dup(root);
	close(before);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int code = aside_remove(root, rows[i].rel, id_of(rows[i].of));

		if (!unit_ended(code, rows[i].error) || !unit_exists(rows[i].of))
			fail_msg("%s: %d, errno %d", rows[i].rel, code, errno);
	}
	int after = dup(root);
	assert_int_equal(after, before);
	close(after);
	close(root);
	assert_true(unit_exists("root/file") && unit_exists("root/sub/file"));
	assert_true(unit_exists("root/link") && unit_exists("root/fifo"));
}

UNIT_TEST(test_remove)
{
	put_all();
	struct path_id id = id_of("root/file");
	assert_int_equal(aside_remove(unit_folder, "root/file", id), 0);
	assert_false(unit_exists("root/file"));
	assert_true(unit_exists("root/link"));
	assert_true(unit_ended(aside_remove(unit_folder, "root/file", id), ENOENT));
	id = id_of("file");
	assert_int_equal(aside_remove(unit_folder, "file", id), 0);
	assert_false(unit_exists("file"));
	/* Replaced, written to, or touched since: another one. */
	id = id_of("root/sub/file");
	unit_put_text("new", "text");
	assert_int_equal(renameat(unit_folder, "new", unit_folder, "root/sub/file"), 0);
	assert_true(unit_ended(aside_remove(unit_folder, "root/sub/file", id), ESTALE));
	id = id_of("root/sub/file");
	unit_put_text("root/sub/file", "more text");
	assert_true(unit_ended(aside_remove(unit_folder, "root/sub/file", id), ESTALE));
	id = id_of("root/sub/file");
	set_mtime("root/sub/file", 1000, 0);
	assert_true(unit_ended(aside_remove(unit_folder, "root/sub/file", id), ESTALE));
	assert_string_equal(unit_get("root/sub/file"), "more text");
	assert_int_equal(
		aside_remove(unit_folder, "root/sub/file", id_of("root/sub/file")), 0);
	assert_false(unit_exists("root/sub/file"));
}

static int move_to(const char *rel, struct path_id id)
{
	int to = path_open_below(unit_folder, "to");
	int code = aside_move(unit_folder, rel, id, to), error = errno;

	close(to);
	errno = error;
	return code;
}

UNIT_TEST(test_move)
{
	assert_int_equal(mkdirat(unit_folder, "to", 0755), 0);
	unit_put_text("clip", "one");
	struct path_id id = id_of("clip");
	assert_int_equal(move_to("clip", id), 0);
	assert_string_equal(unit_get("to/clip"), "one");
	assert_true(path_same(id_of("to/clip"), id));
	/* Taken: it gets a number. */
	unit_put_text("clip", "two");
	assert_int_equal(move_to("clip", id_of("clip")), 0);
	assert_string_equal(unit_get("to/clip"), "one");
	assert_string_equal(unit_get("to/clip.1"), "two");
	assert_int_equal(unit_count(unit_path), 1);
}

static void upload_over(void)
{
	unit_put_text("new", "a new one");
	assert_int_equal(renameat(unit_folder, "new", unit_folder, "clip"), 0);
}

static void upload_beside(void)
{
	unit_put_text("clip", "a newer one");
}

static void write_to(void)
{
	unit_put_text("clip", "longer than it was");
}

static void take_away(void)
{
	assert_int_equal(unlinkat(unit_folder, "clip", 0), 0);
}

/* The new one comes between the look and the rename, or its name is given away then. */
UNIT_TEST(test_other_by_then)
{
	static const struct {
		void (*what)(void);
		int at, error;
		const char *name, *text; /* what is there afterwards, alone */
	} rows[] = {{upload_over, 1, ESTALE, "clip", "a new one"},
		{write_to, 1, ESTALE, "clip", "longer than it was"},
		{take_away, 1, ENOENT, NULL, NULL}};

	assert_int_equal(mkdirat(unit_folder, "to", 0755), 0);
	for (size_t i = 0; i < 4 * UNIT_COUNT(rows); i++) {
		size_t row = i / 4;
		unit_put_text("clip", "clip");
		struct path_id id = id_of("clip");
		meanwhile = rows[row].what;
		meanwhile_at = renames + 1;
		no_flags = i & 2;
		int code = i & 1 ? move_to("clip", id)
				 : aside_remove(unit_folder, "clip", id);
		meanwhile = NULL;
		if (!unit_ended(code, rows[row].error))
			fail_msg("row %zu: %d, errno %d", row, code, errno);
		assert_int_equal(unit_count(unit_path), 1 + !!rows[row].name);
		if (rows[row].name)
			assert_string_equal(unit_get(rows[row].name), rows[row].text);
		if (rows[row].name)
			unlinkat(unit_folder, rows[row].name, 0);
		no_flags = false;
	}
}

static void upload_over_first(void)
{
	upload_over();
	meanwhile = upload_beside;
	meanwhile_at = renames + 1;
}

/* Two uploads: the one that was taken aside gets a number. */
UNIT_TEST(test_two_by_then)
{
	unit_put_text("clip", "clip");
	struct path_id id = id_of("clip");
	meanwhile = upload_over_first;
	meanwhile_at = 1;
	assert_true(unit_ended(aside_remove(unit_folder, "clip", id), ESTALE));
	assert_string_equal(unit_get("clip"), "a newer one");
	assert_string_equal(unit_get("clip.1"), "a new one");
	assert_int_equal(unit_count(unit_path), 2);
}

UNIT_TEST(test_no_flags)
{
	no_flags = true;
	assert_int_equal(mkdirat(unit_folder, "to", 0755), 0);
	unit_put_text("clip", "clip");
	assert_int_equal(move_to("clip", id_of("clip")), 0);
	unit_put_text("clip", "clip");
	assert_int_equal(move_to("clip", id_of("clip")), 0);
	assert_string_equal(unit_get("to/clip.1"), "clip");
	unit_put_text("clip", "clip");
	assert_int_equal(aside_remove(unit_folder, "clip", id_of("clip")), 0);
	assert_int_equal(unit_count(unit_path), 1);
}

/* What a killed one left; but not what somebody is at work on. */
UNIT_TEST(test_put_back)
{
	unit_put_text(".aside.a.mp4", "a");
	unit_put_text(".aside.b.mp4", "b");
	unit_put_text("b.mp4", "newer");
	unit_put_text(".aside.", "none");
	unit_put_text(".asides.mp4", "none");
	unit_put_text(".aside.held.mp4", "held");
	int fd = openat(unit_folder, ".aside.held.mp4", O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(aside_put_back(unit_folder), 2);
	assert_string_equal(unit_get("a.mp4"), "a");
	assert_string_equal(unit_get("b.mp4"), "newer");
	assert_string_equal(unit_get("b.1.mp4"), "b");
	assert_true(unit_exists(".aside.held.mp4"));
	close(fd);
	assert_int_equal(aside_put_back(unit_folder), 1);
	assert_string_equal(unit_get("held.mp4"), "held");
	assert_int_equal(aside_put_back(unit_folder), 0);
	assert_true(unit_exists(".aside.") && unit_exists(".asides.mp4"));
	assert_int_equal(aside_put_back(-1), -1);
}

/* A thing of such a name that is no regular file is not the suite's. */
UNIT_TEST(test_not_put_back)
{
	assert_int_equal(mkdirat(unit_folder, ".aside.private", 0755), 0);
	assert_int_equal(symlinkat("/etc", unit_folder, ".aside.etc"), 0);
	assert_int_equal(symlinkat(".aside.a.mp4", unit_folder, ".aside.link"), 0);
	assert_int_equal(mkfifoat(unit_folder, ".aside.x", 0644), 0);
	unit_put_text(".aside.a.mp4", "a");
	assert_int_equal(aside_put_back(unit_folder), 1);
	assert_string_equal(unit_get("a.mp4"), "a");
	assert_true(unit_exists(".aside.private") && unit_exists(".aside.etc"));
	assert_true(unit_exists(".aside.link") && unit_exists(".aside.x"));
	assert_int_equal(unit_entries(), 5);
}

/* Names of any length; a long one comes back shorter, but with its end. */
UNIT_TEST(test_long)
{
	char long_name[NAME_MAX + 1], aside[NAME_MAX + 1] = "";

	for (size_t len = NAME_MAX - 30; len <= NAME_MAX; len++) {
		memset(long_name, 'n', len);
		strcpy(long_name + len - 4, ".mp4");
		unit_put_text(long_name, "clip");
		assert_int_equal(
			aside_remove(unit_folder, long_name, id_of(long_name)), 0);
		assert_int_equal(unit_count(unit_path), 0);
	}
	unit_put_text(long_name, "clip");
	pid_t pid = unit_fork();
	if (pid == 0) { /* is killed before the second rename of it */
		struct path_id id = {0};
		struct stat st;

		if (fstatat(unit_folder, long_name, &st, 0) == 0)
			id = path_id(&st);
		renames = 0;
		meanwhile = abort;
		meanwhile_at = 2;
		signal(SIGABRT, SIG_DFL);
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		aside_move(unit_folder, long_name, id, unit_folder); /* and back */
		_exit(0);
	}
	unit_wait(pid);
	assert_false(unit_exists(long_name));
	assert_int_equal(aside_put_back(unit_folder), 1);
	DIR *dir = opendir(unit_path);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (*entry->d_name != '.')
			strcpy(aside, entry->d_name);
	closedir(dir);
	assert_true(strlen(aside) > 200 && *aside == 'n');
	assert_string_equal(aside + strlen(aside) - 4, ".mp4");
	assert_string_equal(unit_get(aside), "clip");
}

/* A name that gets uploads all the time; each stays, but for the one that was meant. */
static void upload(const volatile int *stop)
{
	char all[32], new[32];

	for (int i = 0; i < UPLOADS && !*stop; i++) {
		snprintf(all, sizeof all, "all/%d", i);
		snprintf(new, sizeof new, "old/%d", i);
		close(openat(unit_folder, all, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
		if (linkat(unit_folder, all, unit_folder, new, 0) < 0)
			_exit(2);
		/* Nobody's upload is lost by this: what had the name is in "old" now. */
		while (syscall(SYS_renameat2, unit_folder, new, unit_folder, "clip",
			       RENAME_EXCHANGE) < 0 &&
			syscall(SYS_renameat2, unit_folder, new, unit_folder, "clip",
				RENAME_NOREPLACE) < 0)
			;
	}
	_exit(0);
}

UNIT_TEST(test_race)
{
	static bool meant[UPLOADS];
	volatile int *stop = mmap(NULL, sizeof *stop, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int removed = 0, stale = 0, lost = 0, status;
	ino_t inodes[UPLOADS];

	mkdirat(unit_folder, "all", 0755);
	mkdirat(unit_folder, "old", 0755);
	pid_t pid = unit_fork();
	if (pid == 0)
		upload(stop);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		struct stat st;
		if (fstatat(unit_folder, "clip", &st, 0) < 0)
			continue;
		/* Removed now and then only, so that most uploads meet another. */
		struct path_id id = path_id(&st);
		if (aside_remove(unit_folder, "clip", id) == 0)
			inodes[removed++] = id.inode;
		else
			stale += errno == ESTALE;
	}
	assert_int_equal(status, 0);
	for (int i = 0; i < UPLOADS; i++) {
		char all[32];
		struct stat st;

		snprintf(all, sizeof all, "all/%d", i);
		assert_int_equal(fstatat(unit_folder, all, &st, 0), 0);
		for (int n = 0; n < removed; n++)
			meant[i] = meant[i] || inodes[n] == st.st_ino;
		lost += !meant[i] && st.st_nlink < 2;
		assert_true(!meant[i] || st.st_nlink < 2);
	}
	if (lost > 0 || removed == 0)
		fail_msg("of %d uploads %d were removed, %d lost, %d times another",
			UPLOADS, removed, lost, stale);
	printf("# note: %d removed, %d times another\n", removed, stale);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTERED(test_remove_refused),
		ENTERED(test_remove),
		ENTERED(test_move),
		ENTERED(test_other_by_then),
		ENTERED(test_two_by_then),
		ENTERED(test_no_flags),
		ENTERED(test_put_back),
		ENTERED(test_not_put_back),
		ENTERED(test_long),
		ENTERED(test_race),
	};

	return cmocka_run_group_tests_name("aside", tests, NULL, NULL);
}
