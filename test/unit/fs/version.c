/* version: a name leads to the text of now, and a version stays what it is. */
#include "unit_station.h"

#include "stations.h"
#include "version.h"
#include "view.h"

static struct tree_node folder;

/* One root for all: the places are kept open for a second. */
static int enter(void **state)
{
	if (unit_enter_root(state) < 0)
		return -1;
	mkdirat(unit_folder, "run", 0755);
	mkdirat(unit_folder, "run/streamhub.d", 0755);
	mkdirat(unit_folder, "run/streamhub.d/cam", 0755);
	view_init();
	if (stations_init() < 0)
		return -1;
	folder = (struct tree_node){.station = stations_slot("cam"), .row = tree_station};
	return 0;
}

static void put(const char *name, const char *value)
{
	char path[64], text[128];

	snprintf(text, sizeof text,
		"boot: 01234567-89ab-cdef-0123-456789abcdef\nmono: 1\nnow: %s\nlast: \n",
		value);
	unit_put_text("run/streamhub.d/cam/new", text);
	snprintf(path, sizeof path, "run/streamhub.d/cam/%s", name);
	assert_int_equal(
		renameat(unit_folder, "run/streamhub.d/cam/new", unit_folder, path), 0);
}

static struct version *look(const char *name, struct tree_node *node)
{
	struct version *version;

	*node = folder;
	node->row = tree_find(&folder, name);
	assert_non_null(node->row);
	assert_int_equal(version_look(node, &version), 0);
	assert_true(node->version > 0);
	assert_ptr_equal(version_of(node), version);
	return version;
}

UNIT_TEST(test_versions)
{
	struct tree_node one, same, two;

	put("heartbeat", "a");
	struct version *first = look("heartbeat", &one);
	assert_ptr_equal(look("heartbeat", &same), first);
	assert_int_equal(same.version, one.version);
	assert_int_equal(first->lookups, 2);
	assert_false(version_is_old(first));

	put("heartbeat", "b");
	assert_true(version_is_old(first));
	struct version *second = look("heartbeat", &two);
	assert_ptr_not_equal(second, first);
	assert_non_null(strstr(second->text, "now: b\n"));
	assert_non_null(strstr(version_of(&one)->text, "now: a\n"));

	/* In any order, and not before the last lookup is forgotten. */
	version_forget(&one, 1);
	assert_ptr_equal(version_of(&one), first);
	version_forget(&one, 1);
	assert_null(version_of(&one));
	version_forget(&one, 1);
	assert_ptr_equal(version_of(&two), second);
	version_forget(&two, 7);
	assert_null(version_of(&two));
}

UNIT_TEST(test_unreadable)
{
	struct tree_node node, gone;

	unit_put_text("run/streamhub.d/cam/heartbeat", "half");
	struct version *version = look("heartbeat", &node);
	assert_null(version->text);
	assert_false(version_is_old(version));
	put("heartbeat", "a");
	assert_true(version_is_old(version));
	version_forget(&node, 1);
	/* What is not there at all has no version. */
	gone = folder;
	gone.row = tree_find(&folder, "tools");
	gone.row = tree_find(&gone, "segcheck");
	assert_int_equal(version_look(&gone, &version), -ENOENT);
}

UNIT_TEST(test_follows)
{
	struct tree_node old, new;

	put("rtmppush", "a");
	struct version *version = look("now", &old);
	assert_string_equal(version->text, "-\n"); /* of an earlier boot: it plays not */
	/* Who still has it open after a second gets what comes. */
	struct clock_stamp now;
	char text[256];
	assert_int_equal(clock_stamp(&now), 0);
	for (int i = 1; i <= 3; i++) {
		snprintf(text, sizeof text,
			"boot: %s\nmono: %lld\nqueue: 1\nnow: clip%d\n", now.boot,
			(long long)now.mono / 1000, i);
		unit_put_text("run/streamhub.d/cam/new", text);
		renameat(unit_folder, "run/streamhub.d/cam/new", unit_folder,
			"run/streamhub.d/cam/rtmppush");
		if (i == 1)
			assert_string_equal(version_of(&old)->text, "-\n");
		version->born -= CLOCK_SECOND;
		version_of(&old);
	}
	assert_memory_equal(version->text, "-\nclip1\nclip2\nclip3\n", version->len);
	assert_int_equal(version->len, strlen("-\nclip1\nclip2\nclip3\n"));
	/* A new look gets the value of now alone. */
	struct version *alone = look("now", &new);
	assert_int_equal(alone->len, strlen("clip3\n"));
	assert_memory_equal(alone->text, "clip3\n", alone->len);
	version_forget(&old, 1);
	version_forget(&new, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_follows),
	};

	tree_begin();
	return cmocka_run_group_tests_name("version", tests, enter, unit_leave_root);
}
