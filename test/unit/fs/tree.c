/* tree: numbers tell nodes, and names are found where they are. */
#include "unit.h"

#include "station/station_quarantine.h"
#include "tree.h"

static void check_same(const struct tree_node *node, uint64_t *numbers, size_t *count)
{
	uint64_t number = tree_number(node);
	struct tree_node back;

	for (size_t i = 0; i < *count; i++)
		assert_true(numbers[i] != number);
	numbers[(*count)++] = number;
	assert_true(tree_node(&back, number));
	assert_int_equal(back.station, node->station);
	assert_ptr_equal(back.row, node->row);
	assert_true(back.file == node->file && back.version == node->version);
}

UNIT_TEST(test_numbers)
{
	static const uint32_t stations[] = {1, 2, 65536, (1U << 20) - 1};
	static const uint64_t files[] = {
		1, 2, 17, 258, (UINT64_C(1) << STATION_QUARANTINE_BITS) - 1};
	uint64_t numbers[256];
	size_t count = 0;

	for (size_t i = 0; i < tree_root_count; i++)
		check_same(&(struct tree_node){.row = &tree_root[i]}, numbers, &count);
	assert_true(numbers[0] == 1);
	for (size_t s = 0; s < UNIT_COUNT(stations); s++) {
		struct tree_node node = {.station = stations[s], .row = &tree_link};

		check_same(&node, numbers, &count);
		for (size_t i = 0; i < tree_station_count; i++) {
			node.row = &tree_station[i];
			check_same(&node, numbers, &count);
		}
		for (size_t i = 0; i < UNIT_COUNT(files); i++) {
			node.row = &tree_station[2];
			node.version = files[i] >> 8;
			if (node.version > 0)
				check_same(&node, numbers, &count);
		}
		node = (struct tree_node){.station = stations[s], .row = &tree_file};
		for (size_t i = 0; i < UNIT_COUNT(files); i++) {
			node.file = files[i];
			check_same(&node, numbers, &count);
		}
	}
}

UNIT_TEST(test_no_numbers)
{
	const uint64_t station = UINT64_C(1) << (STATION_QUARANTINE_BITS + 1);
	const uint64_t bad[] = {0, tree_root_count + 1, station,
		station + tree_station_count + 2, UINT64_C(1) << STATION_QUARANTINE_BITS};
	struct tree_node node;

	for (size_t i = 0; i < UNIT_COUNT(bad); i++)
		if (tree_node(&node, bad[i]))
			fail_msg("%#llx is a node", (unsigned long long)bad[i]);
}

UNIT_TEST(test_find)
{
	const struct tree_node root = {.row = tree_root};
	const struct tree_node station = {.station = 3, .row = tree_station};
	struct tree_node tools = station;

	tools.row = tree_find(&station, "tools");
	assert_non_null(tools.row);
	assert_string_equal(tree_find(&root, "summary")->name, "summary");
	assert_string_equal(tree_find(&station, "status")->name, "status");
	assert_string_equal(tree_find(&tools, "camwatch")->name, "camwatch");
	assert_null(tree_find(&root, "status"));
	assert_null(tree_find(&station, "summary"));
	assert_null(tree_find(&station, "camwatch"));
	assert_null(tree_find(&tools, "status"));
	assert_null(tree_find(&root, ""));
	assert_null(tree_find(&station, ""));
	assert_null(tree_find(&station, "statu"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_no_numbers),
		cmocka_unit_test(test_find),
	};

	tree_begin();
	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
