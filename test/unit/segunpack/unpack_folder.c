/* unpack_folder: the folders of archives: whole, half done, of others, empty, and too
 * many. */
#include "unit.h"

#include "unpack_folder.h"

static struct path_id id = {0, 7, 100, 1000}, changed = {0, 7, 101, 2000};
static char name[UNPACK_FOLDER_NAME_MAX + 1];
static int place;

static int enter(void **state)
{
	struct stat st;

	if (unit_enter(state) < 0 || fstat(unit_folder, &st) < 0)
		return -1;
	id.device = changed.device = st.st_dev;
	place = unpack_folder_open(unit_folder);
	return place < 0 ? -1 : 0;
}

static int leave(void **state)
{
	close(place);
	return unit_leave(state);
}

/* A clip in the folder of an archive, that has not changed for so many seconds since
 * 1970. */
static void put(const char *rel, time_t mtime)
{
	const struct timespec times[2] = {{mtime, 0}, {mtime, 0}};

	int fd = openat(place, rel, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0 && futimens(fd, times) == 0);
	close(fd);
}

static void commit(const char *archive, struct path_id of, const char *const *clips)
{
	char path[512];
	size_t n = 0;

	assert_int_equal(unpack_folder_find(place, archive, of, name), 0);
	int folder = unpack_folder_begin(place, name);
	assert_true(folder >= 0);
	for (; clips[n]; n++) {
		snprintf(path, sizeof path, ".%s.partial/%s", name, clips[n]);
		put(path, 1000);
	}
	assert_int_equal(unpack_folder_commit(place, name, of, n), 0);
	close(folder);
}

/* The clips of a folder, or how listing it ended. */
static const char *list(const char *folder, bool *all)
{
	static char text[512];
	size_t count;

	struct unpack_clip *clips = unpack_folder_list(place, folder, &count, all);
	if (!clips)
		return errno ? strerrorname_np(errno) : "none";
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		strcat(strcat(text, clips[i].name), " ");
	free(clips);
	return text;
}

static const char *const two[] = {"2.mp4", "10.mp4", NULL}, *const none[] = {NULL};

UNIT_TEST(test_find)
{
	commit("a.tar", id, two);
	assert_string_equal(name, "a.tar");
	assert_int_equal(unpack_folder_find(place, "a.tar", id, name), 1);
	assert_string_equal(name, "a.tar");
	/* Another archive of the same name, and one that is hidden. */
	commit("a.tar", changed, two);
	assert_string_equal(name, "a.tar.1");
	assert_int_equal(unpack_folder_find(place, "a.tar", changed, name), 1);
	assert_string_equal(name, "a.tar.1");
	commit(".a.tar", id, two);
	assert_string_equal(name, "_.a.tar");
	/* A mark that says nothing is none; what was half removed is taken. */
	unit_put_text(".unpacked/a.tar/.of", "1000 100 7\n");
	assert_int_equal(unpack_folder_find(place, "a.tar", id, name), 0);
	assert_string_equal(name, "a.tar.2");
	unlinkat(place, "a.tar/.of", 0);
	unlinkat(place, "a.tar/2.mp4", 0);
	unlinkat(place, "a.tar/10.mp4", 0);
	assert_int_equal(unpack_folder_find(place, "a.tar", id, name), 0);
	assert_string_equal(name, "a.tar");
	assert_true(unit_ended(unpack_folder_find(-1, "a.tar", id, name), EBADF));
}

UNIT_TEST(test_too_many)
{
	char path[64];

	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof path, i ? "a.tar.%d" : "a.tar", i);
		assert_int_equal(mkdirat(place, path, 0755), 0);
		strcat(path, "/of another");
		assert_int_equal(mkdirat(place, path, 0755), 0);
	}
	assert_true(unit_ended(unpack_folder_find(place, "a.tar", id, name), EEXIST));
}

UNIT_TEST(test_list)
{
	bool all;

	commit("a.tar", id, two);
	assert_string_equal(list("a.tar", &all), "2.mp4 10.mp4 ");
	assert_true(all);
	/* By time first. What is no clip does not count. */
	put("a.tar/10.mp4", 500);
	put("a.tar/.hidden", 1);
	assert_int_equal(mkdirat(place, "a.tar/folder", 0755), 0);
	assert_string_equal(list("a.tar", &all), "10.mp4 2.mp4 ");
	assert_int_equal(unlinkat(place, "a.tar/10.mp4", 0), 0);
	assert_string_equal(list("a.tar", &all), "2.mp4 ");
	assert_false(all);
	assert_int_equal(unlinkat(place, "a.tar/2.mp4", 0), 0);
	assert_string_equal(list("a.tar", &all), "none");
	assert_string_equal(list("b.tar", &all), "ENOENT");
	unit_put_text(".unpacked/a.tar/.of", "");
	assert_string_equal(list("a.tar", &all), "EBADMSG");
}

UNIT_TEST(test_remove)
{
	commit("a.tar", id, two);
	assert_int_equal(unpack_folder_remove(place, "a.tar"), 0);
	unlinkat(place, "a.tar/2.mp4", 0);
	assert_int_equal(unpack_folder_remove(place, "a.tar"), 0);
	unlinkat(place, "a.tar/10.mp4", 0);
	assert_int_equal(unpack_folder_remove(place, "a.tar"), 1);
	assert_int_equal(unpack_folder_remove(place, "a.tar"), 0);
	assert_false(unit_exists(".unpacked/a.tar"));
}

/* What clips have left goes with its archive; what is half done goes too. */
UNIT_TEST(test_sweep)
{
	static const char *const kept[] = {
		"there.tar", "full.tar", ".there.tar.partial", ".other", "there.tar.x"};
	static const char *const swept[] = {
		"gone.tar", "gone.tar.1", ".gone.tar.partial"};
	char rel[128];

	unit_put_text("there.tar", "");
	unit_put_text("there.tar.x", "");
	commit("there.tar", id, none);
	commit("there.tar.x", id, none);
	commit("full.tar", id, two);
	commit("gone.tar", id, none);
	commit("gone.tar", changed, none);
	close(unpack_folder_begin(place, "there.tar"));
	close(unpack_folder_begin(place, "gone.tar"));
	assert_int_equal(mkdirat(place, ".other", 0755), 0);
	unpack_folder_sweep(place, unit_folder);
	for (size_t i = 0; i < UNIT_COUNT(kept); i++) {
		snprintf(rel, sizeof rel, ".unpacked/%s", kept[i]);
		if (!unit_exists(rel))
			fail_msg("%s went", rel);
	}
	for (size_t i = 0; i < UNIT_COUNT(swept); i++) {
		snprintf(rel, sizeof rel, ".unpacked/%s", swept[i]);
		if (unit_exists(rel))
			fail_msg("%s stays", rel);
	}
}

/* A full disk: nothing that is not whole takes its name. */
UNIT_TEST(test_full)
{
	assert_int_equal(unpack_folder_find(place, "a.tar", id, name), 0);
	close(unpack_folder_begin(place, name));
	unit_disk(0);
	int code = unpack_folder_commit(place, name, id, 0);
	unit_disk(RLIM_INFINITY);
	assert_true(unit_ended(code, EFBIG));
	assert_false(unit_exists(".unpacked/a.tar"));
	unpack_folder_abort(place, name);
	unpack_folder_abort(place, name);
	assert_false(unit_exists(".unpacked/.a.tar.partial"));
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_find),
		IN_PLACE(test_too_many),
		IN_PLACE(test_list),
		IN_PLACE(test_remove),
		IN_PLACE(test_sweep),
		IN_PLACE(test_full),
	};

	return cmocka_run_group_tests_name("unpack_folder", tests, NULL, NULL);
}
