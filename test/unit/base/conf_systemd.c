/* conf: what systemd's own parser makes of a file, conf makes of it, too. */
#include "unit.h"

#include <dlfcn.h>
#include <glob.h>

#include "base/conf.h"

#define LIBRARY "/usr/lib/*/systemd/libsystemd-shared-*.so"
#define TEXTS 100000
#define TOKENS_MAX 24

typedef int loader(FILE *file, const char *name, char ***out);

static loader *theirs;
static bool comments; /* since 254 a backslash does not carry a comment on */

static int find_systemd(void **state)
{
	glob_t found;
	int version = 0;

	(void)state;
	if (glob(LIBRARY, 0, NULL, &found) != 0)
		return 0;
	void *library = dlopen(found.gl_pathv[0], RTLD_NOW);
	if (library)
		*(void **)&theirs = dlsym(library, "load_env_file");
	sscanf(strrchr(found.gl_pathv[0], '-'), "-%d", &version);
	comments = version < 254;
	globfree(&found);
	return 0;
}

/* What is likely to matter, in any order. */
static size_t make_text(char *text, size_t size)
{
	static const char *const tokens[] = {"A", "B", "key", "=", "=", "\n", "\n",
		"\r\n", "\r", " ", "\t", "\"", "\"", "'", "'", "\\", "\\", "\\\n", "\\\"",
		"`", "$", "x", "two words", "\xc3\xa9", "A=", "\nB='", "\nkey=\"",
		"export ", "#", ";"};
	size_t count = UNIT_COUNT(tokens) - (comments ? 0 : 2), len = 0;

	for (int n = rand() % TOKENS_MAX; n > 0; n--) {
		const char *token = tokens[(size_t)rand() % count];
		assert_true(len + strlen(token) < size);
		strcpy(text + len, token);
		len += strlen(token);
	}
	text[len] = '\0';
	return len;
}

/* The value of a key in theirs: its last, as each is there once. */
static const char *their_value(char **pairs, const char *key)
{
	size_t len = strlen(key);

	for (; pairs && *pairs; pairs++)
		if (strncmp(*pairs, key, len) == 0 && (*pairs)[len] == '=')
			return *pairs + len + 1;
	return NULL;
}

static bool all_alike(const struct conf *conf, char **pairs)
{
	const char *key, *value;

	for (size_t at = 0; (key = conf_next(conf, &at, &value));) {
		const char *their = their_value(pairs, key);
		if (*key == '=') /* no name, and theirs is cut elsewhere */
			continue;
		if (!their || strcmp(conf_get(conf, key), their) != 0)
			return false;
	}
	for (; pairs && *pairs; pairs++) {
		char *their = strdup(*pairs), *sign = strchr(their, '=');
		*sign = '\0';
		const char *own = conf_get(conf, their);
		/* A name that is none is dropped by those who load. */
		bool alike = !*their || (own && strcmp(own, sign + 1) == 0);
		free(their);
		if (!alike)
			return false;
	}
	return true;
}

UNIT_TEST(test_alike)
{
	size_t keys = 0;

	if (!theirs)
		UNIT_SKIP("no " LIBRARY " with load_env_file");
	srand(17);
	for (int i = 0; i < TEXTS; i++) {
		char text[TOKENS_MAX * 16], **pairs = NULL;
		struct conf conf;

		size_t len = make_text(text, sizeof text);
		FILE *file = len > 0 ? fmemopen(text, len, "r") : fopen("/dev/null", "r");
		assert_non_null(file);
		assert_int_equal(theirs(file, "text", &pairs), 0);
		fclose(file);
		assert_int_equal(conf_parse(&conf, text, len), 0);
		if (!all_alike(&conf, pairs))
			fail_msg("not alike: '%s'", text);
		conf_free(&conf);
		for (char **pair = pairs; pair && *pair; pair++, keys++)
			free(*pair);
		free(pairs);
	}
	assert_true(keys > TEXTS / 2); /* they were no empty files */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike),
	};

	return cmocka_run_group_tests_name("conf_systemd", tests, find_systemd, NULL);
}
