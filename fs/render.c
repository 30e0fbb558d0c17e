#include "render.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"
#include "status_json.h"
#include "text.h"

#define KEY_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define VALUE_MAX (4 * PATH_MAX) /* a path, every byte of it escaped */

void render_version(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)list, (void)count;
	fputs("streamhub " STREAMHUB_VERSION "\n", out);
}

static void put_field(
	FILE *out, const struct status *status, const struct status_field *field)
{
	char shown[STATUS_VALUE_MAX];

	status_show(shown, sizeof shown, status, field);
	fprintf(out, "%s\n", shown);
}

/* The value of one key of status alone. */
static void put_key(FILE *out, const struct snapshot *snapshot, const char *key)
{
	struct status status;

	status_of(&status, snapshot);
	put_field(out, &status, status_find(key));
}

void render_status(FILE *out, const struct snapshot *const *list, size_t count)
{
	struct status status;

	(void)count;
	status_of(&status, *list);
	for (size_t i = 0; i < status_field_count; i++) {
		fprintf(out, "%s: ", status_fields[i].key);
		put_field(out, &status, &status_fields[i]);
	}
}

void render_json(FILE *out, const struct snapshot *const *list, size_t count)
{
	struct status status;

	(void)count;
	status_of(&status, *list);
	json_t *object = status_json(&status);
	char *text = json_dumps(object, STATUS_JSON_FLAGS);
	if (text)
		fprintf(out, "%s\n", text);
	free(text);
	json_decref(object);
}

void render_state(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_key(out, *list, "state");
}

void render_age(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_key(out, *list, "age");
}

void render_now(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_key(out, *list, "now");
}

void render_queue(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_key(out, *list, "queue");
}

void render_desired(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_key(out, *list, "desired");
}

void render_cursor(FILE *out, const struct snapshot *const *list, size_t count)
{
	const char *cursor = (*list)->cursor;

	(void)count;
	fputs(cursor ? cursor : STATUS_DASH "\n", out);
}

/* What is known to be no secret, and does not look like an address. */
static bool may_be_shown(const struct conf *conf, const char *key, const char *value)
{
	enum settings_key known = settings_find(key);

	return known < SETTINGS_KEYS && known != SETTINGS_RTMP_URL &&
		settings_good(conf, known) && !strstr(value, "://");
}

void render_config(FILE *out, const struct snapshot *const *list, size_t count)
{
	char safe[1024], safe_key[128];
	const char *key, *value;
	size_t shown = 0;

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

/* A fact as it was written. */
static void put_fact(FILE *out, const struct fact *fact)
{
	const char *key, *value;

	if (fact->state == FACT_ABSENT)
		fputs(STATUS_DASH "\n", out);
	for (size_t at = 0; (key = fact_next(fact, &at, &value));)
		fprintf(out, "%s: %s\n", key, value);
}

void render_heartbeat(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_fact(out, &(*list)->facts.heartbeat);
}

void render_camwatch(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_fact(out, &(*list)->facts.camwatch);
}

void render_segcheck(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_fact(out, &(*list)->facts.segcheck);
}

void render_rtmppush(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_fact(out, &(*list)->facts.rtmppush);
}

void render_stationrun(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_fact(out, &(*list)->facts.stationrun);
}

void render_segunpack(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_fact(out, &(*list)->facts.segunpack);
}

void render_segpack(FILE *out, const struct snapshot *const *list, size_t count)
{
	(void)count;
	put_fact(out, &(*list)->facts.segpack);
}
