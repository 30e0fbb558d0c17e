#include "render.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "station/settings.h"
#include "station/status_json.h"

#define KEY_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define VALUE_MAX (4 * PATH_MAX) /* a path, every byte of it escaped */

void render_version(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	(void)name;
	(void)list;
	(void)count;
	fputs("streamhub " STREAMHUB_VERSION "\n", out);
}

static void put_field(
	FILE *out, const struct status *status, const struct status_field *field)
{
	char shown[STATUS_VALUE_MAX];

	status_show(shown, sizeof shown, status, field);
	fprintf(out, "%s\n", shown);
}

void render_status(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	struct status status;

	(void)name;
	(void)count;
	status_of(&status, *list);
	for (size_t i = 0; i < status_field_count; i++) {
		fprintf(out, "%s: ", status_fields[i].key);
		put_field(out, &status, &status_fields[i]);
	}
}

void render_json(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	struct status status;

	(void)name;
	(void)count;
	status_of(&status, *list);
	json_t *object = status_json(&status);
	char *text = json_dumps(object, STATUS_JSON_FLAGS);
	if (text)
		fprintf(out, "%s\n", text);
	free(text);
	json_decref(object);
}

void render_key(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	struct status status;

	(void)count;
	status_of(&status, *list);
	put_field(out, &status, status_find(name));
}

void render_cursor(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	const char *cursor = (*list)->cursor;

	(void)name;
	(void)count;
	fputs(cursor ? cursor : STATUS_DASH "\n", out);
}

/* True if a value is known to be no secret and does not look like an address. */
static bool may_be_shown(const struct conf *conf, const char *key, const char *value)
{
	enum settings_key known = settings_find(key);

	return known < SETTINGS_KEYS && !settings_is_secret(known) &&
		settings_good(conf, known) && !strstr(value, "://");
}

void render_config(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	char safe[1024], safe_key[128];
	const char *key, *value;
	size_t shown = 0;

	(void)name;
	(void)count;
	for (size_t at = 0; (key = conf_next(&(*list)->conf, &at, &value));) {
		if (conf_get(&(*list)->conf, key) != value)
			continue; /* a later line has another value */
		if (key[strspn(key, KEY_CHARS)])
			continue; /* no key: perhaps an address with a = in it */
		text_escape(safe_key, sizeof safe_key, key, strlen(key));
		text_escape(safe, sizeof safe, value, strlen(value));
		fprintf(out, "%s=%s\n", safe_key,
			may_be_shown(&(*list)->conf, key, value) ? safe : "***");
		shown++;
	}
	if (!shown)
		fputs(STATUS_DASH "\n", out);
}

void render_fact(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	enum stage stage = 0;
	const char *key, *value;

	(void)count;
	while (strcmp(stage_rows[stage].fact, name) != 0)
		stage++;
	const struct fact *fact = &(*list)->facts.of[stage];

	if (fact->state == FACT_ABSENT)
		fputs(STATUS_DASH "\n", out);
	for (size_t at = 0; (key = fact_next(fact, &at, &value));)
		fprintf(out, "%s: %s\n", key, value);
}
