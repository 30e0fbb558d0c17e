#include "event.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "station/station.h"

static const struct {
	const char *word;
	enum event_kind kind;
} kinds[] = {{"start", EVENT_START}, {"stop", EVENT_STOP}, {"state", EVENT_STATE}};

/* A text without a NUL in it, or a whole number as one. NULL: it is neither. */
static char *text_of(const json_t *value)
{
	char *text = NULL;

	if (json_is_integer(value))
		return asprintf(&text, "%" PRId64, (int64_t)json_integer_value(value)) < 0
			? NULL
			: text;
	if (!json_is_string(value) ||
		strlen(json_string_value(value)) != json_string_length(value))
		return NULL;
	return strdup(json_string_value(value));
}

/* A bare text is an address or an ID. */
static void name_by_text(struct event_name *name, char *text)
{
	if (text && strstr(text, "://"))
		name->url = text;
	else
		name->id = text;
}

/* False: it names nothing, or what is no ID. */
static bool read_name(struct event_name *name, const json_t *value)
{
	*name = (struct event_name){NULL, NULL};
	if (json_is_object(value)) {
		const json_t *id = json_object_get(value, "id");
		name->id = text_of(id);
		name->url = text_of(json_object_get(value, "url"));
		if (id && !name->id)
			return false;
	} else {
		name_by_text(name, text_of(value));
	}
	return name->id ? station_id_ok(name->id) : name->url && *name->url;
}

static void drop_name(struct event_name *name)
{
	free(name->id);
	free(name->url);
}

static int add_name(struct event *event, const json_t *value)
{
	struct event_name *more =
		reallocarray(event->names, event->count + 1, sizeof *more);

	if (!more)
		return -1;
	event->names = more;
	if (read_name(&more[event->count], value)) {
		event->count++;
	} else {
		drop_name(&more[event->count]);
		event->unclear++;
	}
	return 0;
}

/* The one stream of start and stop. */
static int read_one(struct event *event, const char *data)
{
	const char *from = data + strspn(data, " \t\r\n");
	size_t len = strlen(from);

	while (len > 0 && isspace((unsigned char)from[len - 1]))
		len--;
	json_t *value = *from == '{' || *from == '"'
		? json_loadb(from, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL)
		: json_stringn(from, len);
	int code = value ? add_name(event, value) : 0;
	json_decref(value);
	if (code == 0 && event->count == 0)
		event->fault = "it names no stream";
	return code;
}

/* Addresses first: what is said of an ID counts more. IDs are sorted. */
static int compare(const void *a, const void *b)
{
	const struct event_name *one = a, *other = b;

	if (!one->id || !other->id)
		return (one->id != NULL) - (other->id != NULL);
	return strcmp(one->id, other->id);
}

static int read_all(struct event *event, const char *data)
{
	json_t *list = json_loads(data, JSON_REJECT_DUPLICATES, NULL);
	const json_t *value;
	int code = 0;

	if (!json_is_array(list))
		event->fault = "its data is no array of streams";
	else if (json_array_size(list) > EVENT_NAMES_MAX)
		event->fault = "it names more than 20,000 streams";
	for (size_t i = 0;
		code == 0 && !event->fault && (value = json_array_get(list, i)); i++)
		code = add_name(event, value);
	if (event->count > 1)
		qsort(event->names, event->count, sizeof *event->names, compare);
	json_decref(list);
	return code;
}

int event_read(struct event *event, const char *line, size_t len)
{
	json_t *object = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
	const json_t *id = json_object_get(object, "id");
	const json_t *text = json_object_get(object, "data");
	const json_t *type = json_object_get(object, "event");
	const char *kind = json_string_value(type);
	const char *data = json_string_value(text);
	int code = 0;

	*event = (struct event){.kind = EVENT_OTHER};
	if (!kind || !data) {
		json_decref(object);
		errno = EBADMSG;
		return -1;
	}
	event->id = strdup(json_is_string(id) ? json_string_value(id) : "");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kind, kinds[i].word) == 0 &&
			strlen(kind) == json_string_length(type))
			event->kind = kinds[i].kind;
	if (event->kind != EVENT_OTHER && strlen(data) != json_string_length(text))
		event->fault = "its data has a NUL in it";
	else if (event->kind == EVENT_STATE)
		code = read_all(event, data);
	else if (event->kind != EVENT_OTHER)
		code = read_one(event, data);
	json_decref(object);
	if (code == 0 && event->id)
		return 0;
	event_free(event);
	errno = ENOMEM;
	return -1;
}

void event_free(struct event *event)
{
	for (size_t i = 0; i < event->count; i++)
		drop_name(&event->names[i]);
	free(event->names);
	free(event->id);
	*event = (struct event){.kind = EVENT_OTHER};
}
