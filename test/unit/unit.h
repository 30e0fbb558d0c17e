/*
 * unit: what the drivers share: cmocka, a folder of its own for a test, and children.
 *
 * A child never asserts: cmocka would go on with the next test in it. It tells by its
 * exit code, and an alarm ends it if it hangs.
 */
#ifndef STREAMHUB_UNIT_H
#define STREAMHUB_UNIT_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#define UNIT_TEST(name) static void name(void **state __attribute__((unused)))
#define UNIT_COUNT(array) (sizeof(array) / sizeof *(array))
/* Ends a test that cannot run here, and says why: test/run shows it. */
#define UNIT_SKIP(why) (printf("# skipped: %s\n", why), fflush(stdout), skip())
#define UNIT_FIXTURES "test/fixtures/"
#define UNIT_SECONDS 30 /* the deadline of whatever must happen */

/* A test that gets an empty folder. */
#define UNIT_IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, unit_enter, unit_leave)

static char unit_path[256];
static int unit_folder = -1;

static inline int unit_enter(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	int n = snprintf(
		unit_path, sizeof unit_path, "%s/unit.XXXXXX", tmp ? tmp : "/tmp");
	if (n >= (int)sizeof unit_path || !mkdtemp(unit_path))
		return -1;
	unit_folder = open(unit_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return unit_folder < 0 ? -1 : 0;
}

static inline int unit_remove(
	const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline int unit_leave(void **state)
{
	(void)state;
	close(unit_folder);
	return nftw(unit_path, unit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void unit_put(const char *rel, const void *data, size_t len)
{
	int fd = openat(unit_folder, rel, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static inline void unit_put_text(const char *rel, const char *text)
{
	unit_put(rel, text, strlen(text));
}

/* The regular file, as a string that lives until the next call. */
static inline const char *unit_get(const char *rel)
{
	static char text[65536];
	int fd = openat(unit_folder, rel, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	assert_true(fd >= 0);
	ssize_t n = read(fd, text, sizeof text - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

/* From now on a file can only grow to so many bytes, as on a full disk: EFBIG. errno
 * stays. */
static inline void unit_disk(rlim_t most)
{
	int error = errno;
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = most;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	errno = error;
}

static inline bool unit_exists(const char *rel)
{
	struct stat st;

	return fstatat(unit_folder, rel, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* How many names there are in a folder, hidden ones too. */
static inline size_t unit_count(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

static inline size_t unit_entries(void)
{
	return unit_count(unit_path);
}

/* The descriptor that would be given out next: the same as before if none was left open.
 */
static inline int unit_free_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static inline int unit_fixture(const char *name)
{
	char path[512];

	snprintf(path, sizeof path, UNIT_FIXTURES "%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s", path);
	return fd;
}

/* Whether a call that returned code (below 0: an error) ended with this errno, or 0. */
static inline bool unit_ended(long code, int error)
{
	return error ? code < 0 && errno == error : code >= 0;
}

/* What is no regular file, and a file: "file", and what the other names say. */
static inline void unit_put_odd(void)
{
	unit_put_text("file", "text");
	assert_int_equal(symlinkat("file", unit_folder, "link"), 0);
	assert_int_equal(symlinkat("nothing", unit_folder, "dangling"), 0);
	assert_int_equal(mkdirat(unit_folder, "folder", 0755), 0);
	assert_int_equal(mkfifoat(unit_folder, "fifo", 0644), 0);
}

static inline pid_t unit_fork(void)
{
	fflush(stdout);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		alarm(UNIT_SECONDS);
	return pid;
}

/* The exit code of the child, or 128 and the signal that ended it. */
static inline int unit_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A terminal that passes bytes as they are; its other end goes to *master, if asked for.
 */
static inline int unit_terminal(int *master)
{
	static int kept = -1; /* without its other end it is hung up */
	struct termios raw;

	int end = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(end >= 0 && grantpt(end) == 0 && unlockpt(end) == 0);
	int fd = open(ptsname(end), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(fd >= 0 && tcgetattr(fd, &raw) == 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(fd, TCSANOW, &raw), 0);
	*(master ? master : &kept) = end;
	return fd;
}

/* Waits until there is something to read, or the other end is closed. */
static inline void unit_await(int fd)
{
	struct pollfd one = {fd, POLLIN, 0};

	assert_int_equal(poll(&one, 1, UNIT_SECONDS * 1000), 1);
}

/* All that comes, until nobody is left who could write. */
static inline const char *unit_hear(int fd)
{
	static char text[65536];
	size_t len = 0;
	ssize_t n;

	do {
		unit_await(fd);
		n = read(fd, text + len, sizeof text - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	text[len] = '\0';
	return text;
}

#endif
