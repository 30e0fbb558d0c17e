/* registry: its rows as a table and as JSON, with what is not known here. */
#include "unit_view.h"

#include "station/registry.h"

static char *print(void (*how)(FILE *, const struct snapshot *const *, size_t,
			   const struct expected *),
	const struct expected *expected)
{
	static const struct unit_view view = {.desired = STATION_UP};
	struct snapshot *snapshot = unit_snapshot("cam", &view);
	const struct snapshot *const list[] = {snapshot};
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	how(out, list, 1, expected);
	assert_int_equal(fclose(out), 0);
	snapshot_free(snapshot);
	return text;
}

UNIT_TEST(test_print)
{
	struct expected expected = {.whole = true, .event = "a\nb", .time = "T"};

	assert_int_equal(expected_set(&expected, "x", EXPECTED_UP), 0);
	assert_int_equal(expected_set(&expected, "cam", EXPECTED_KEEP), 0);
	char *text = print(registry_print, &expected);
	assert_string_equal(text,
		"event: a\\x0ab\ntime: T\nwhole: yes\n\n"
		"STREAM            EXPECTED  DESIRED  BY      PID       SINCE            "
		" "
		"    HEALTH\n"
		"cam               keep      up       person  -         -                "
		" "
		"    stale\n"
		"x                 up        -        -       -         -                "
		" "
		"    unknown\n");
	free(text);
	text = print(registry_print_json, &expected);
	assert_string_equal(text,
		"{\"stream\":\"cam\",\"pid\":null,\"since\":null,\"health\":\"stale\","
		"\"expected\":\"keep\",\"desired\":\"up\",\"by\":\"person\"}\n"
		"{\"stream\":\"x\",\"pid\":null,\"since\":null,\"health\":\"unknown\","
		"\"expected\":\"up\",\"desired\":null,\"by\":null}\n");
	free(text);
	expected_free(&expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_print)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
