/* afterplay: what is done with a clip, and with what stands in its place by now. */
#include "unit.h"

#include <sysexits.h>

#include <sys/mount.h>

#include "clip/afterplay.h"

static struct afterplay after;
static char path[512];
static int first_free;

static int enter(void **state)
{
	int code = unit_enter(state);

	first_free = unit_free_descriptor();
	after = (struct afterplay){.folder = -1};
	return code < 0 ? code : mkdirat(unit_folder, "archive", 0755);
}

static int leave(void **state)
{
	if (after.folder >= 0)
		close(after.folder);
	int left = unit_free_descriptor();
	return unit_leave(state) < 0 || left != first_free ? -1 : 0;
}

static const char *at(const char *rel)
{
	snprintf(path, sizeof path, "%s/%s", unit_path, rel);
	return path;
}

static void read_move(const char *folder)
{
	char text[600];

	if (after.folder >= 0)
		close(after.folder);
	snprintf(text, sizeof text, "move:%s", at(folder));
	assert_int_equal(afterplay_read(&after, NULL, "-t", text), 0);
	assert_int_equal(after.what, AFTERPLAY_MOVE);
}

static struct path_id id_of(const char *rel)
{
	struct stat st;

	assert_int_equal(fstatat(unit_folder, rel, &st, 0), 0);
	return path_id(&st);
}

static int do_with(const char *rel, struct path_id id)
{
	const char *name = NULL;
	int folder = after.what == AFTERPLAY_KEEP ? -1 : path_open_parent(at(rel), &name);
	int code = folder < 0 && after.what != AFTERPLAY_KEEP
		? -1
		: afterplay_do(&after, folder, name, id);

	path_close(folder);
	return code;
}

static void check(const char *rel, struct path_id id, int error)
{
	int code = do_with(rel, id);

	if (!unit_ended(code, error))
		fail_msg("%s: %d, errno %d, not %d", rel, code, errno, error);
}

UNIT_TEST(test_read)
{
	static const struct {
		const char *text;
		int error, what;
	} rows[] = {{"keep", 0, AFTERPLAY_KEEP}, {"delete", 0, AFTERPLAY_DELETE},
		{"move:/", 0, AFTERPLAY_MOVE}, {"move:.", 0, AFTERPLAY_MOVE},
		{"", EINVAL, 0}, {"Keep", EINVAL, 0}, {"keep ", EINVAL, 0},
		{" keep", EINVAL, 0}, {"keepx", EINVAL, 0}, {"delet", EINVAL, 0},
		{"delete:/", EINVAL, 0}, {"move", EINVAL, 0}, {"move:", EINVAL, 0},
		{"move /", EINVAL, 0}, {"MOVE:/", EINVAL, 0},
		{"archive:/", 0, AFTERPLAY_KEEP}, {"archive:", EINVAL, 0},
		{"archive", EINVAL, 0}, {"/", EINVAL, 0}, {"move:/dev/null", ENOTDIR, 0},
		{"move:/nothing here", ENOENT, 0}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int code = afterplay_read(&after, NULL, "-t", rows[i].text);

		int wanted = rows[i].error == EINVAL ? EX_USAGE
			: rows[i].error              ? EX_NOINPUT
						     : EX_OK;
		if (code != wanted)
			fail_msg("'%s': %d", rows[i].text, code);
		bool folder = code == 0 && rows[i].what == AFTERPLAY_MOVE;
		assert_int_equal(after.folder >= 0, folder);
		if (code == 0)
			assert_int_equal(after.what, rows[i].what);
		if (folder)
			close(after.folder);
		after.folder = -1;
	}
}

/* The last one counts, and of those before nothing is left open. */
UNIT_TEST(test_read_again)
{
	assert_int_equal(afterplay_read(&after, NULL, "-t", "move:/"), EX_OK);
	assert_int_equal(afterplay_read(&after, NULL, "-t", "move:."), EX_OK);
	assert_int_equal(after.folder, first_free);
	assert_int_equal(afterplay_read(&after, NULL, "-t", "delete"), EX_OK);
	assert_int_equal(after.folder, -1);
}

UNIT_TEST(test_keep)
{
	unit_put_text("clip", "clip");
	struct path_id id = id_of("clip");
	assert_int_equal(afterplay_read(&after, NULL, "-t", "keep"), 0);
	check("clip", id, 0);
	assert_string_equal(unit_get("clip"), "clip");
	/* Nothing is done, so nothing can go wrong. */
	check("nothing", id, 0);
}

UNIT_TEST(test_delete)
{
	unit_put_text("clip", "clip");
	unit_put_text("clip2", "clip");
	assert_int_equal(afterplay_read(&after, NULL, "-t", "delete"), 0);
	struct path_id id = id_of("clip");
	check("clip", id, 0);
	assert_false(unit_exists("clip"));
	check("clip", id, ENOENT);
	assert_true(unit_exists("clip2"));
}

UNIT_TEST(test_move)
{
	unit_put_text("clip", "clip");
	struct path_id id = id_of("clip");
	read_move("archive");
	check("clip", id, 0);
	assert_false(unit_exists("clip"));
	assert_string_equal(unit_get("archive/clip"), "clip");
	assert_true(path_same(id_of("archive/clip"), id));
	check("clip", id, ENOENT);
}

/* With both of them: what stands in the clip's place by now stays. */
UNIT_TEST(test_other_by_now)
{
	static const char *const texts[] = {"delete", "move"};
	static const struct {
		const char *name;
		int error;
	} rows[] = {{"new", ESTALE}, {"longer", ESTALE}, {"touched", ESTALE},
		{"link", ELOOP}, {"dangling", ELOOP}, {"folder", EISDIR},
		{"fifo", EINVAL}, {"gone", ENOENT}, {"nothing/clip", ENOENT},
		{"file/clip", ENOTDIR}, {"folder/", EISDIR}, {"folder/..", EISDIR}};

	unit_put_odd();
	unit_put_text("longer", "clip");
	struct path_id id = id_of("longer");
	unit_put_text("longer", "more");
	unit_put_text("new", "text");
	unit_put_text("touched", "text");
	struct path_id touched = id_of("touched");
	assert_int_equal(
		utimensat(unit_folder, "touched", (struct timespec[]){{0, 0}, {5, 0}}, 0),
		0);
	unit_put_text("longer", "longer");
	for (size_t t = 0; t < UNIT_COUNT(texts); t++) {
		if (t == 0)
			assert_int_equal(afterplay_read(&after, NULL, "-t", texts[t]), 0);
		else
			read_move("archive");
		for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
			const char *name = rows[i].name;
			struct path_id of = strcmp(name, "touched") == 0 ? touched
				: strcmp(name, "link") == 0              ? id_of("file")
									 : id;

			check(name, of, rows[i].error);
		}
	}
	assert_string_equal(unit_get("file"), "text");
	assert_string_equal(unit_get("new"), "text");
	assert_string_equal(unit_get("touched"), "text");
	assert_string_equal(unit_get("longer"), "longer");
	assert_true(unit_exists("link") && unit_exists("dangling"));
	assert_true(unit_exists("folder") && unit_exists("fifo"));
	assert_false(unit_exists("archive/link"));
}

/* Whatever has the name where it would go to is not overwritten: it gets a number. */
UNIT_TEST(test_taken)
{
	static const char *const names[] = {"file", "link", "dangling", "folder", "fifo"};
	struct path_id ids[UNIT_COUNT(names)];

	unit_put_odd();
	assert_int_equal(mkdirat(unit_folder, "drop", 0755), 0);
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		char rel[64];

		snprintf(rel, sizeof rel, "drop/%s", names[i]);
		unit_put_text(rel, "clip");
		ids[i] = id_of(rel);
	}
	read_move(".");
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		char rel[64];

		snprintf(rel, sizeof rel, "drop/%s", names[i]);
		check(rel, ids[i], 0);
		snprintf(rel, sizeof rel, "%s.1", names[i]);
		assert_string_equal(unit_get(rel), "clip");
	}
	assert_string_equal(unit_get("file"), "text");
	/* Where it is already. */
	unit_put_text("drop/file", "clip");
	read_move("drop");
	check("drop/file", id_of("drop/file"), EEXIST);
	assert_string_equal(unit_get("drop/file"), "clip");
}

UNIT_TEST(test_other_disk)
{
	assert_int_equal(mkdirat(unit_folder, "disk", 0755), 0);
	unit_put_text("clip", "clip");
	if (mount("none", at("disk"), "tmpfs", 0, "size=64k") < 0)
		UNIT_SKIP("needs the right to mount");
	read_move("disk");
	int code = do_with("clip", id_of("clip")), error = errno;
	bool arrived = unit_exists("disk/clip");
	close(after.folder);
	after.folder = -1;
	assert_int_equal(umount2(at("disk"), MNT_DETACH), 0);
	errno = error;
	assert_true(unit_ended(code, EXDEV));
	assert_false(arrived);
	assert_string_equal(unit_get("clip"), "clip");
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTERED(test_read),
		ENTERED(test_read_again),
		ENTERED(test_keep),
		ENTERED(test_delete),
		ENTERED(test_move),
		ENTERED(test_other_by_now),
		ENTERED(test_taken),
		ENTERED(test_other_disk),
	};

	return cmocka_run_group_tests_name("afterplay", tests, NULL, NULL);
}
