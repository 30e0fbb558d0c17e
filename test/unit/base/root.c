/* root: what lies below a folder that is held, while folders below it become links. */
#include "unit.h"

#include <sysexits.h>

#include "base/path.h"
#include "base/root.h"

#define SWAPS 3000 /* at least, while files are opened */

static struct root root;
static int first_free;

static const char *at(const char *rel)
{
	static char path[512];

	snprintf(path, sizeof path, "%s/%s", unit_path, rel);
	return path;
}

static int enter(void **state)
{
	int code = unit_enter(state);

	first_free = unit_free_descriptor();
	mkdirat(unit_folder, "drop", 0755);
	mkdirat(unit_folder, "drop/sub", 0755);
	mkdirat(unit_folder, "other", 0755);
	unit_put_text("drop/file", "own");
	unit_put_text("drop/sub/file", "own");
	unit_put_text("other/file", "other");
	symlinkat("../other", unit_folder, "drop/way");
	symlinkat("drop", unit_folder, "link");
	return code;
}

static int leave(void **state)
{
	if (root.dir)
		close(root.folder);
	root = (struct root){.dir = NULL};
	int left = unit_free_descriptor();
	return unit_leave(state) < 0 || left != first_free ? -1 : 0;
}

UNIT_TEST(test_relative)
{
	static const struct {
		const char *dir, *path, *rel;
	} rows[] = {{"/drop", "/drop/a", "a"}, {"/drop/", "/drop/a", "a"},
		{"/drop//", "/drop//a", "a"}, {"/drop", "/drop/sub/b", "sub/b"},
		{"/drop/sub", "/drop/sub/b", "b"}, {"/drop/", "/drop/sub//b", "sub//b"},
		{"/drop", "/drop/..a/...", "..a/..."}, {"/", "/a", "a"},
		{"/", "//a/b", "a/b"}, {"drop", "drop/a", "a"}, {".", "./a", "a"},
		{"./", "./a", "a"}, {"/dro", "/drop/a", NULL},
		{"/drop/s", "/drop/sub/b", NULL}, {"/drop", "/drop2/a", NULL},
		{"/drop", "/drop", NULL}, {"/drop", "/drop/", NULL},
		{"/drop", "drop/a", NULL}, {"/drop", "/drop/..", NULL},
		{"/drop", "/drop/../a", NULL}, {"/drop", "/drop/sub/../../a", NULL},
		{"/drop", "/drop/sub/..", NULL}, {"/drop", "", NULL}, {".", "a", NULL}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct root own = {.dir = rows[i].dir, .len = strlen(rows[i].dir)};

		while (own.len > 0 && own.dir[own.len - 1] == '/')
			own.len--;
		const char *rel = root_relative(&own, rows[i].path);
		if (!rel != !rows[i].rel || (rel && strcmp(rel, rows[i].rel) != 0))
			fail_msg("'%s', '%s': %s", rows[i].dir, rows[i].path, rel);
		assert_int_equal(root_accepts(&own, rows[i].path), !!rel);
	}
	assert_true(root_accepts(&(struct root){.dir = NULL}, "anything"));
}

UNIT_TEST(test_open)
{
	static const struct {
		const char *rel;
		int code;
	} rows[] = {{"drop", EX_OK}, {"drop/", EX_OK}, {"link", EX_OK},
		{"nothing", EX_NOINPUT}, {"drop/file", EX_NOINPUT}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		char dir[512];

		snprintf(dir, sizeof dir, "%s", at(rows[i].rel));
		if (root_open(&root, dir) != rows[i].code)
			fail_msg("'%s'", rows[i].rel);
		if (root.folder >= 0)
			close(root.folder);
	}
	assert_int_equal(root_open(&root, ""), EX_NOINPUT);
	assert_int_equal(root_open(&root, NULL), EX_OK);
	assert_null(root.dir);
}

UNIT_TEST(test_open_parent)
{
	static const struct {
		const char *rel;
		int error;
	} rows[] = {{"drop/file", 0}, {"drop/sub/file", 0}, {"drop/sub//file", 0},
		{"drop/nothing", 0}, {"drop/way/file", ELOOP}, {"drop/none/file", ENOENT},
		{"drop/file/x", ENOTDIR}, {"drop/sub/", EISDIR}, {"drop/sub/.", EISDIR},
		{"drop/../other/file", EPERM}, {"other/file", EPERM}, {"drop", EPERM}};
	char dir[512];
	const char *name = NULL;

	snprintf(dir, sizeof dir, "%s", at("drop"));
	assert_int_equal(root_open(&root, dir), EX_OK);
	int before = unit_free_descriptor();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const char *path = at(rows[i].rel);
		int fd = root_open_parent(&root, path, &name);

		if (!unit_ended(fd, rows[i].error))
			fail_msg("'%s': %d, errno %d", path, fd, errno);
		if (fd >= 0)
			assert_string_equal(name, strrchr(path, '/') + 1);
		path_close(fd);
	}
	assert_int_equal(unit_free_descriptor(), before);
	/* Without a root links on the way are the user's own. */
	int fd = root_open_parent(NULL, at("drop/way/file"), &name);
	assert_true(fd >= 0);
	close(fd);
}

UNIT_TEST(test_open_folder)
{
	char dir[512];

	snprintf(dir, sizeof dir, "%s", at("drop"));
	assert_int_equal(root_open(&root, dir), EX_OK);
	assert_true(unit_ended(root_open_folder(&root, at("drop/way")), ENOTDIR));
	static const char *const folders[] = {"drop/sub", "other", "link", "drop"};
	for (size_t i = 0; i < UNIT_COUNT(folders); i++) {
		int fd = root_open_folder(&root, at(folders[i]));
		if (fd < 0)
			fail_msg("'%s': errno %d", folders[i], errno);
		close(fd);
	}
	int fd = root_open_folder(NULL, at("drop/way"));
	assert_true(fd >= 0);
	close(fd);
}

/* The drop folder is made anew, as after a remount. */
UNIT_TEST(test_made_anew)
{
	char dir[512];
	const char *name;

	snprintf(dir, sizeof dir, "%s", at("drop"));
	assert_int_equal(root_open(&root, dir), EX_OK);
	assert_int_equal(renameat(unit_folder, "drop", unit_folder, "old"), 0);
	int fd = root_open_parent(&root, at("drop/sub/file"), &name);
	assert_true(fd >= 0); /* nothing has its name: it is still this one */
	close(fd);
	assert_int_equal(mkdirat(unit_folder, "drop", 0755), 0);
	unit_put_text("drop/new", "new");
	fd = root_open_parent(&root, at("drop/new"), &name);
	assert_true(fd >= 0);
	int file = path_open_file(fd, name, NULL);
	assert_true(file >= 0);
	close(file);
	close(fd);
}

/* A link takes the drop folder's place: what was opened is kept. */
UNIT_TEST(test_becomes_link)
{
	char dir[512];
	const char *name;

	snprintf(dir, sizeof dir, "%s", at("drop"));
	assert_int_equal(root_open(&root, dir), EX_OK);
	assert_int_equal(renameat(unit_folder, "drop", unit_folder, "old"), 0);
	assert_int_equal(symlinkat("other", unit_folder, "drop"), 0);
	int fd = root_open_parent(&root, at("drop/sub/file"), &name);
	assert_true(fd >= 0 && root.said);
	close(fd);
	fd = root_open_parent(&root, at("drop/file"), &name);
	int file = path_open_file(fd, name, NULL);
	char text[8] = "";
	assert_int_equal(read(file, text, sizeof text), 3);
	assert_string_equal(text, "own");
	close(file);
	close(fd);
	close(root.folder);
	/* One that was a link from the start may lead elsewhere. */
	snprintf(dir, sizeof dir, "%s", at("link"));
	assert_int_equal(root_open(&root, dir), EX_OK);
	assert_int_equal(unlinkat(unit_folder, "link", 0), 0);
	assert_int_equal(symlinkat("old", unit_folder, "link"), 0);
	fd = root_open_parent(&root, at("link/sub/file"), &name);
	assert_true(fd >= 0 && !root.said);
	close(fd);
}

/* Lets a folder and a link change places until it is killed. */
static void swap(volatile size_t *swaps)
{
	for (;; ++*swaps)
		if (renameat2(unit_folder, "drop/sub", unit_folder, "drop/way",
			    RENAME_EXCHANGE) < 0)
			_exit(1);
}

UNIT_TEST(test_swapped)
{
	size_t *swaps = mmap(NULL, sizeof *swaps, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t opened = 0, refused = 0;
	char dir[512];
	const char *name;

	assert_true(swaps != MAP_FAILED);
	snprintf(dir, sizeof dir, "%s", at("drop"));
	assert_int_equal(root_open(&root, dir), EX_OK);
	pid_t pid = unit_fork();
	if (pid == 0)
		swap(swaps);
	while (*(volatile size_t *)swaps < SWAPS || opened == 0 || refused == 0) {
		int folder = root_open_parent(&root, at("drop/sub/file"), &name);
		int fd = folder < 0 ? -1 : path_open_file(folder, name, NULL);
		char text[8] = "";

		if (fd >= 0)
			assert_int_equal(read(fd, text, sizeof text), 3);
		opened += fd >= 0;
		refused += fd < 0;
		path_close(fd);
		path_close(folder);
	}
	kill(pid, SIGKILL);
	unit_wait(pid);
	munmap(swaps, sizeof *swaps);
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relative),
		ENTERED(test_open),
		ENTERED(test_open_parent),
		ENTERED(test_open_folder),
		ENTERED(test_made_anew),
		ENTERED(test_becomes_link),
		ENTERED(test_swapped),
	};

	return cmocka_run_group_tests_name("root", tests, NULL, NULL);
}
