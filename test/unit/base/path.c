/* path: what can be opened below a folder, and what is refused. */
#include "unit.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "base/path.h"

static char name_255[256], name_256[257];

static int enter(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (unit_enter(state) < 0)
		return -1;
	unit_put_odd();
	unit_put_text("empty", "");
	mkdirat(unit_folder, "sub", 0755);
	unit_put_text("sub/file", "below");
	memset(name_255, 'n', 255);
	memset(name_256, 'n', 256);
	unit_put_text(name_255, "long");
	symlinkat("loop", unit_folder, "loop");
	symlinkat("sub", unit_folder, "way");
	symlinkat("..", unit_folder, "sub/up");
	symlinkat("/etc/passwd", unit_folder, "sub/absolute");
	snprintf(address.sun_path, sizeof address.sun_path, "%.90s/socket", unit_path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
	close(fd);
	return bound;
}

/* The lowest number that is free: a refusal that kept its descriptor is seen. */
static int lowest_free(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

static void check_file(int at, const char *rel, int error)
{
	struct stat st = {0};
	int before = lowest_free();
	int fd = path_open_file(at, rel, &st);

	if (!unit_ended(fd, error))
		fail_msg("%.40s: %d, errno %d", rel, fd, errno);
	if (error) {
		assert_int_equal(lowest_free(), before);
		return;
	}
	assert_true(S_ISREG(st.st_mode));
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	close(fd);
	fd = path_open_file(at, rel, NULL);
	assert_int_equal(fd, before);
	close(fd);
}

UNIT_TEST(test_open_file)
{
	const struct {
		const char *rel;
		int error;
	} rows[] = {{"file", 0}, {"./file", 0}, {"sub//file", 0}, {"sub/../file", 0},
		{name_255, 0}, {"", ENOENT}, {"nothing", ENOENT}, {"sub/nothing", ENOENT},
		{name_256, ENAMETOOLONG}, {"file/", ENOTDIR}, {"file/x", ENOTDIR},
		{"sub", EISDIR}, {"sub/", EISDIR}, {".", EISDIR}, {"link", ELOOP},
		{"dangling", ELOOP}, {"loop", ELOOP}, {"way", ELOOP}, {"way/file", ELOOP},
		{"sub/up/file", ELOOP}, {"sub/absolute", ELOOP}, {"fifo", EINVAL},
		{"socket", EINVAL}, {"..", EXDEV}, {"../file", EXDEV},
		{"sub/../../file", EXDEV}, {"/", EXDEV}, {"/etc/passwd", EXDEV}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		check_file(unit_folder, rows[i].rel, rows[i].error);
	check_file(-1, "file", EBADF);
	int dev = path_open_folder("/dev");
	check_file(dev, "null", EINVAL);
	close(dev);
	int proc = path_open_folder("/proc/self");
	check_file(proc, "stat", 0);
	check_file(proc, "fd/0", ELOOP);
	check_file(proc, "root/etc/passwd", ELOOP);
	close(proc);
}

UNIT_TEST(test_read)
{
	static const struct {
		const char *rel;
		size_t size;
		ssize_t len;
		int error;
	} rows[] = {{"file", 8, 4, 0}, {"file", 4, 4, 0}, {"file", 3, -1, EFBIG},
		{"file", 0, -1, EFBIG}, {"empty", 8, 0, 0}, {"empty", 0, 0, 0},
		{"sparse", 8, -1, EFBIG}, {"link", 8, -1, ELOOP}, {"sub", 8, -1, EISDIR},
		{"fifo", 8, -1, EINVAL}, {"nothing", 8, -1, ENOENT},
		{"../file", 8, -1, EXDEV}};

	unit_put_text("sparse", "");
	int fd = openat(unit_folder, "sparse", O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
	close(fd);
	int before = lowest_free();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		char *buf = malloc(rows[i].size ? rows[i].size : 1);
		ssize_t len = path_read(unit_folder, rows[i].rel, buf, rows[i].size);

		if (len != rows[i].len || (len < 0 && errno != rows[i].error))
			fail_msg("%s, %zu: %zd, errno %d", rows[i].rel, rows[i].size, len,
				errno);
		if (len > 0)
			assert_memory_equal(buf, "text", (size_t)len);
		free(buf);
	}
	assert_int_equal(lowest_free(), before);
}

/* Many small reads make the whole: /proc gives a page at a time. */
UNIT_TEST(test_read_in_pieces)
{
	static char buf[1 << 20];

	int proc = path_open_folder("/proc/self");
	ssize_t len = path_read(proc, "smaps", buf, sizeof buf);
	close(proc);
	assert_true(len > 8192);
	assert_int_equal(buf[len - 1], '\n');
}

UNIT_TEST(test_open_folder)
{
	static const struct {
		const char *rel;
		int error;
	} rows[] = {{"sub", 0}, {"way", 0}, /* the user named it */
		{"sub/up/sub", 0}, {"file", ENOTDIR}, {"fifo", ENOTDIR},
		{"nothing", ENOENT}, {"loop", ELOOP}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		char path[512];

		snprintf(path, sizeof path, "%s/%s", unit_path, rows[i].rel);
		int fd = path_open_folder(path);
		if (!unit_ended(fd, rows[i].error))
			fail_msg("%s: %d, errno %d", rows[i].rel, fd, errno);
		if (fd >= 0)
			assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		if (fd >= 0)
			close(fd);
	}
	assert_true(unit_ended(path_open_folder(""), ENOENT));
}

/* Opens as user; 0, or the errno. */
static int open_as(uid_t user, const char *rel)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", unit_path, rel);
	assert_int_equal(seteuid(user), 0);
	int fd = path_open_folder(path), error = fd < 0 ? errno : 0;
	assert_int_equal(seteuid(0), 0);
	path_close(fd);
	return error;
}

/* Links of root and of this process's user are followed, in any component. */
UNIT_TEST(test_links_of_others)
{
	enum { OTHER = 65534, THIRD = 65533 };
	static const struct {
		const char *rel, *target;
		uid_t owner;
		int error; /* for root; the owner may follow */
	} links[] = {{"root", "sub", 0, 0}, {"other", "sub", OTHER, ELOOP},
		{"to-other", "other", 0, ELOOP}, {"to-root", "root", OTHER, ELOOP},
		{"absolute", "/", OTHER, ELOOP}, {"nowhere", "no", OTHER, ELOOP}};
	char path[64];

	if (geteuid() != 0)
		UNIT_SKIP("links of another owner: needs root");
	assert_int_equal(fchmod(unit_folder, 0755), 0);
	mkdirat(unit_folder, "sub/deep", 0755);
	int before = lowest_free();
	for (size_t i = 0; i < UNIT_COUNT(links); i++) {
		const char *rel = links[i].rel;

		assert_int_equal(symlinkat(links[i].target, unit_folder, rel), 0);
		assert_int_equal(fchownat(unit_folder, rel, links[i].owner, 0,
					 AT_SYMLINK_NOFOLLOW),
			0);
		static const char *const ends[] = {"", "/", "/.", "/..", "/deep", "//./"};
		for (size_t n = 0; n < UNIT_COUNT(ends); n++) {
			bool has = strcmp(links[i].target, "/") != 0 || n != 4;
			snprintf(path, sizeof path, "%s%s", rel, ends[n]);
			if (open_as(0, path) != links[i].error)
				fail_msg("'%s': %d", path, open_as(0, path));
			if (strcmp(rel, "nowhere") != 0 && has &&
				open_as(OTHER, path) != 0)
				fail_msg("'%s' by its owner", path);
			int third = links[i].error ? ELOOP : 0;
			if (open_as(THIRD, path) != third)
				fail_msg("'%s' by a third", path);
		}
	}
	assert_int_equal(lowest_free(), before);
}

/* A folder that is opened again, while its name becomes that of a link. */
UNIT_TEST(test_open_again)
{
	char path[512], name[300];
	bool link;

	for (int chain = 0; chain < 41; chain++) {
		snprintf(path, sizeof path, "chain%d", chain);
		snprintf(name, sizeof name, chain ? "chain%d" : "sub", chain - 1);
		assert_int_equal(symlinkat(name, unit_folder, path), 0);
	}
	snprintf(path, sizeof path, "%s/chain39", unit_path);
	path_close(path_open_named(path, &link));
	assert_true(link);
	snprintf(path, sizeof path, "%s/chain40", unit_path);
	assert_true(unit_ended(path_open_named(path, &link), ELOOP));
	static const struct {
		const char *rel;
		int error;
		bool link;
	} rows[] = {{"sub", 0, false}, {"sub/", 0, false}, {"way", 0, true},
		{"way//", 0, true}, {"way/.", 0, false}, {"sub/up/sub", 0, false},
		{"sub/up", 0, true}, {"nothing", ENOENT, false}, {"loop", ELOOP, true},
		{"file", ENOTDIR, false}, {"dangling", ENOENT, true}};
	int before = lowest_free();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		snprintf(path, sizeof path, "%s/%s", unit_path, rows[i].rel);
		int fd = path_open_named(path, &link);
		if (!unit_ended(fd, rows[i].error) || link != rows[i].link)
			fail_msg("%s: %d, errno %d", rows[i].rel, fd, errno);
		path_close(fd);
		fd = path_open_again(path, link);
		if (!unit_ended(fd, rows[i].error))
			fail_msg("%s again: %d, errno %d", rows[i].rel, fd, errno);
		path_close(fd);
		fd = path_open_again(path, false);
		if (!unit_ended(fd, rows[i].link ? ELOOP : rows[i].error))
			fail_msg("%s, no link: %d, errno %d", rows[i].rel, fd, errno);
		path_close(fd);
	}
	assert_int_equal(lowest_free(), before);
}

UNIT_TEST(test_open_below)
{
	static const struct {
		const char *rel;
		int error;
	} rows[] = {{"", 0}, {".", 0}, {"sub", 0}, {"sub/", 0}, {"sub/..", 0},
		{"file", ENOTDIR}, {"fifo", ENOTDIR}, {"file/x", ENOTDIR},
		{"nothing", ENOENT}, {"way", ENOTDIR}, {"loop", ENOTDIR},
		{"sub/up", ENOTDIR}, {"way/up", ELOOP}, {"sub/up/sub", ELOOP},
		{"dangling", ENOTDIR}, {"..", EXDEV}, {"sub/../..", EXDEV}, {"/", EXDEV},
		{"/tmp", EXDEV}, {name_256, ENAMETOOLONG}};

	int before = lowest_free();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int fd = path_open_below(unit_folder, rows[i].rel);

		if (!unit_ended(fd, rows[i].error))
			fail_msg("'%s': %d, errno %d", rows[i].rel, fd, errno);
		if (fd < 0)
			continue;
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
	}
	assert_int_equal(lowest_free(), before);
	assert_true(unit_ended(path_open_below(-1, ""), EBADF));
}

UNIT_TEST(test_open_parent)
{
	static const struct {
		const char *path;
		int error;
		const char *name, *folder;
	} rows[] = {
		{"file", 0, "file", "."},
		{"nothing", 0, "nothing", "."},
		{"-v", 0, "-v", "."},
		{"...", 0, "...", "."},
		{"./file", 0, "file", "."},
		{"sub/file", 0, "file", "sub"},
		{"sub//file", 0, "file", "sub"},
		{"way/file", 0, "file", "sub"},
		{"../file", 0, "file", ".."},
		{"/file", 0, "file", "/"},
		{"//file", 0, "file", "/"},
		{"", ENOENT, NULL, NULL},
		{"/", EISDIR, NULL, NULL},
		{".", EISDIR, NULL, NULL},
		{"..", EISDIR, NULL, NULL},
		{"sub/", EISDIR, NULL, NULL},
		{"sub/.", EISDIR, NULL, NULL},
		{"sub/..", EISDIR, NULL, NULL},
		{"nothing/file", ENOENT, NULL, NULL},
		{"file/file", ENOTDIR, NULL, NULL},
	};

	assert_int_equal(fchdir(unit_folder), 0);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct stat got, wanted;
		const char *name = NULL;
		int fd = path_open_parent(rows[i].path, &name);

		if (!unit_ended(fd, rows[i].error))
			fail_msg("'%s': %d, errno %d", rows[i].path, fd, errno);
		if (rows[i].error)
			continue;
		assert_string_equal(name, rows[i].name);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(fstat(fd, &got) | stat(rows[i].folder, &wanted), 0);
		assert_true(got.st_ino == wanted.st_ino && got.st_dev == wanted.st_dev);
		close(fd);
	}
	assert_int_equal(chdir("/"), 0);
}

/* A write that the kernel cuts short is gone on with: its reason is that of the rest. */
static void test_write_all(void **state)
{
	struct rlimit before, small;
	char data[4096] = "x";

	(void)state;
	int fd = openat(unit_folder, "out", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(path_write_all(fd, data, sizeof data), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), sizeof data);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){sizeof data + 100, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int code = path_write_all(fd, data, sizeof data), error = errno;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(code, -1);
	assert_int_equal(error, EFBIG);
	assert_int_equal(lseek(fd, 0, SEEK_END), sizeof data + 100);
	close(fd);
	assert_int_equal(path_write_all(-1, "", 0), 0);
	assert_int_equal(path_write_all(-1, "x", 1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open_file, enter, unit_leave),
		cmocka_unit_test_setup_teardown(test_read, enter, unit_leave),
		cmocka_unit_test(test_read_in_pieces),
		cmocka_unit_test_setup_teardown(test_open_folder, enter, unit_leave),
		cmocka_unit_test_setup_teardown(test_links_of_others, enter, unit_leave),
		cmocka_unit_test_setup_teardown(test_open_again, enter, unit_leave),
		cmocka_unit_test_setup_teardown(test_open_below, enter, unit_leave),
		cmocka_unit_test_setup_teardown(test_open_parent, enter, unit_leave),
		cmocka_unit_test_setup_teardown(test_write_all, enter, unit_leave),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
