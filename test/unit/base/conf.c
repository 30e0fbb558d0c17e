/* conf: the rules of EnvironmentFile= in systemd.exec(5), one a row. */
#include "unit.h"

#include "base/conf.h"

static const struct {
	const char *text, *value; /* of A */
} rows[] = {
	/* plain */
	{"A=1\n", "1"},
	{"A=1", "1"}, /* no new line at the end */
	{"A=\n", ""},
	{"A=", ""},
	{"A=b=c\n", "b=c"},
	{"A=one two\n", "one two"},
	{"A=$HOME `id` %n\n", "$HOME `id` %n"}, /* nothing is expanded */
	{"A=\xc3\xa9\xff\n", "\xc3\xa9\xff"},
	{"", NULL},
	{"\n\n\n", NULL},
	{"B=1\n", NULL},
	{"AA=1\n", NULL},
	{"a=1\n", NULL},
	{"A\n", NULL},
	{"A", NULL},
	{"=1\n", NULL},
	{"=A=1\n", NULL},
	{"no sign at all\nA=1\n", "1"},
	{"export A=1\n", NULL}, /* the key is "export A" */
	/* the later one wins */
	{"A=1\nA=2\n", "2"},
	{"A=1\nB=3\nA=\n", ""},
	{"A=1\n#A=2\n", "1"},
	/* blanks */
	{"  \tA=1\n", "1"},
	{"A \t= 1\n", "1"},
	{"A=1 \t \n", "1"},
	{"A=1 \t ", "1"},
	{"A=  \n", ""},
	{"A= one  two \n", "one  two"},
	{"\n\n  A=1\n", "1"},
	{"A=1\r\n", "1"},
	{"A=\r\nB=1\r\n", ""},
	{"B\r\nA=1\r\n", "1"},
	/* comments */
	{"#A=1\n", NULL},
	{";A=1\n", NULL},
	{"  # A=1\n", NULL},
	{"# it's \"quoted\nA=1\n", "1"},
	{"A=1 # no comment\n", "1 # no comment"},
	{"A=1;2\n", "1;2"},
	{"A=#1\n", "#1"},
	/* single quotes */
	{"A='1'\n", "1"},
	{"A=''\n", ""},
	{"A=' 1 '\n", " 1 "},
	{"A=' 1 '  \n", " 1 "},
	{"A='a\"b'\n", "a\"b"},
	{"A='a\\b\\'\n", "a\\b\\"},
	{"A='a\nb'\n", "a\nb"},
	{"A='a\\\nb'\n", "a\\\nb"},
	{"A='# a'\n", "# a"},
	{"A='open\n", "open\n"},
	{"A='open \nB=1", "open \nB=1"},
	/* double quotes */
	{"A=\"1\"\n", "1"},
	{"A=\"\"\n", ""},
	{"A=\" 1 \"\n", " 1 "},
	{"A=\"it's\"\n", "it's"},
	{"A=\"\\\"\\\\\\`\\$\"\n", "\"\\`$"},
	{"A=\"\\n\\t\\a\"\n", "\\n\\t\\a"},
	{"A=\"a\nb\"\n", "a\nb"},
	{"A=\"a\\\nb\"\n", "ab"},
	{"A=\"open\\", "open"},
	/* quotes in a row, and within a value */
	{"A=\"a\"'b'\n", "ab"},
	{"A=\"a\" 'b'\n", "ab"},
	{"A='a ' b \n", "a b"},
	{"A=a'b'\n", "a'b'"},
	{"A=it's\n", "it's"},
	{"A=a \"b\"\n", "a \"b\""},
	/* backslashes */
	{"A=a\\b\n", "ab"},
	{"A=\\\\\n", "\\"},
	{"A=\\'a\\'\n", "'a'"},
	{"A=\\\"a\n", "\"a"},
	{"A=a\\ \n", "a "},
	{"A=\\ a\n", " a"},
	{"A=a \\ \n", "a  "},
	{"A=a\\", "a"},
	{"A=a\\\nb\n", "ab"},
	{"A=a\\\n  b\n", "a  b"},
	{"A=a\\\n\n", "a"},
	{"A=a \\\n\n", "a "},
	{"A=a \\\n  \n", "a "},
	{"A=\\\n a\n", " a"},
	{"A=a\\\r\nB=1\n", "a"},
	{"A=a\\\nB=2\n", "aB=2"},
};

UNIT_TEST(test_values)
{
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct conf conf;
		size_t len = strlen(rows[i].text);
		char *copy = malloc(len + 1);

		memcpy(copy, rows[i].text, len); /* without its NUL */
		assert_int_equal(conf_parse(&conf, copy, len), 0);
		const char *value = conf_get(&conf, "A");
		if (!value != !rows[i].value ||
			(value && strcmp(value, rows[i].value) != 0))
			fail_msg(
				"row %zu, %s: '%s'", i, rows[i].text, value ? value : "");
		conf_free(&conf);
		free(copy);
	}
}

UNIT_TEST(test_many_keys)
{
	static const char text[] = "ACTIVE=yes\r\n; comment\r\nSTALE_AFTER = '60'\r\n\r\n"
				   "half\r\nNAME=\"a \\\r\nb\"\r\nEMPTY=";
	struct conf conf;

	assert_int_equal(conf_parse(&conf, text, strlen(text)), 0);
	assert_string_equal(conf_get(&conf, "ACTIVE"), "yes");
	assert_string_equal(conf_get(&conf, "STALE_AFTER"), "60");
	assert_string_equal(conf_get(&conf, "EMPTY"), "");
	assert_null(conf_get(&conf, "half"));
	assert_null(conf_get(&conf, "yes")); /* a value is no key */
	assert_null(conf_get(&conf, ""));
	conf_free(&conf);
	assert_null(conf_get(&conf, "ACTIVE"));
}

UNIT_TEST(test_next)
{
	static const char text[] = "B=2\n# C=3\nA=\nB=4\n";
	static const char *const pairs[][2] = {{"B", "2"}, {"A", ""}, {"B", "4"}};
	struct conf conf;
	const char *value;
	size_t at = 0;

	assert_int_equal(conf_parse(&conf, text, strlen(text)), 0);
	for (size_t i = 0; i < UNIT_COUNT(pairs); i++) {
		assert_string_equal(conf_next(&conf, &at, &value), pairs[i][0]);
		assert_string_equal(value, pairs[i][1]);
	}
	assert_null(conf_next(&conf, &at, &value));
	conf_free(&conf);
	at = 0;
	assert_null(conf_next(&conf, &at, &value));
}

/* Each key is named as the number of its line. */
UNIT_TEST(test_line)
{
	static const char *const texts[] = {"1=\n2=\n",
		"\n\n3=\n\n5=", "# it's\n2=a\r\n3=b\r\n", "1=a\\\nb\n3=c\n",
		"1='\n\n'\n4=\n", "# a \\\n b\n3=c\n",
		"half\n=1\n3=c\n=\n5=", "  1 = \"a\\\n\"\n\t3=c"};

	for (size_t i = 0; i < UNIT_COUNT(texts); i++) {
		struct conf conf;
		const char *key, *value;
		size_t keys = 0;

		assert_int_equal(conf_parse(&conf, texts[i], strlen(texts[i])), 0);
		for (size_t at = 0; (key = conf_next(&conf, &at, &value)); keys++)
			if (conf_line(key) != (unsigned)atoi(key))
				fail_msg("text %zu: %s on line %u", i, key,
					conf_line(key));
		assert_in_range(keys, 1, 2);
		conf_free(&conf);
	}
}

/* Nothing gives more than "K=", which is all that a file can have. */
UNIT_TEST(test_room)
{
	static char text[CONF_SIZE_MAX];
	const char *key, *value;
	struct conf conf;
	size_t keys = 0;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "K=\n"[i % 3];
	assert_int_equal(conf_parse(&conf, text, sizeof text - 1), 0);
	for (size_t at = 0; (key = conf_next(&conf, &at, &value)); keys++)
		assert_int_equal(conf_line(key), keys + 1);
	assert_int_equal(keys, CONF_SIZE_MAX / 3);
	conf_free(&conf);
}

UNIT_TEST(test_nul)
{
	struct conf conf;

	assert_true(unit_ended(conf_parse(&conf, "A=1\0\n", 5), EBADMSG));
	assert_true(unit_ended(conf_parse(&conf, "\0", 1), EBADMSG));
}

UNIT_TEST(test_read)
{
	static char big[CONF_SIZE_MAX + 1];
	static const struct {
		const char *name;
		int error;
	} files[] = {
		{"good", 0},
		{"empty", 0},
		{"full", 0},
		{"big", EFBIG},
		{"nul", EBADMSG},
		{"nothing", ENOENT},
		{"link", ELOOP},
		{"fifo", EINVAL},
		{".", EISDIR},
	};

	memset(big, '\n', sizeof big);
	memcpy(big, "A=1", 3);
	unit_put_text("good", "A=1");
	unit_put_text("empty", "");
	unit_put("full", big, CONF_SIZE_MAX);
	unit_put("big", big, CONF_SIZE_MAX + 1);
	unit_put("nul", "A=1\n\0", 5);
	unit_put_odd();
	for (size_t i = 0; i < UNIT_COUNT(files); i++) {
		struct conf conf;
		int code = conf_read(&conf, unit_folder, files[i].name);

		if (!unit_ended(code, files[i].error))
			fail_msg("%s: %d, errno %d", files[i].name, code, errno);
		if (code == 0 && strcmp(files[i].name, "empty") != 0)
			assert_string_equal(conf_get(&conf, "A"), "1");
		if (code == 0)
			conf_free(&conf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_nul),
		UNIT_IN_FOLDER(test_read),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
