#include "station/status_json.h"

static json_t *field_json(const struct status *status, const struct status_field *field)
{
	char shown[STATUS_VALUE_MAX];

	if (field->kind == STATUS_TEXT) {
		if (!status_text(status, field))
			return json_null();
		status_show(shown, sizeof shown, status, field);
		return json_string(shown);
	}
	int64_t number = status_number(status, field);
	if (number == STATUS_NONE)
		return json_null();
	return field->kind == STATUS_NUMBER ? json_integer(number)
					    : json_real((double)number / 1000);
}

json_t *status_json(const struct status *status)
{
	json_t *object = json_object();

	for (size_t i = 0; i < status_field_count; i++)
		json_object_set_new(object, status_fields[i].key,
			field_json(status, &status_fields[i]));
	return object;
}
