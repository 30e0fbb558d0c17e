#include "check_idle.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/msg.h"
#include "look.h"
#include "station/settings.h"

static int number_of(const json_t *object, const char *key)
{
	return (int)json_integer_value(json_object_get(object, key));
}

/* What it is, for a person who compares it with the camera's clips. */
static void tell(const char *id, const char *path, const json_t *report)
{
	double lasts = json_number_value(json_object_get(report, "duration"));
	const json_t *apart = json_object_get(report, "keyframe_distance");
	const json_t *stream, *warning;
	char picture[64] = "", sound[64] = "no sound";
	size_t i;

	for (i = 0; (stream = json_array_get(json_object_get(report, "streams"), i));
		i++) {
		const char *codec = look_text(stream, "codec");
		if (strcmp(look_text(stream, "kind"), "video") == 0)
			snprintf(picture, sizeof picture, "%s %dx%d", codec,
				number_of(stream, "width"), number_of(stream, "height"));
		else if (strcmp(look_text(stream, "kind"), "audio") == 0)
			snprintf(sound, sizeof sound, "%s %d Hz", codec,
				number_of(stream, "rate"));
	}
	msg_info("station '%s': the filler '%s': %s, a keyframe at least every %.1f s, "
		 "%s; %.1f s",
		id, path, picture,
		json_is_number(apart) ? json_number_value(apart) : lasts, sound, lasts);
	for (i = 0; (warning = json_array_get(json_object_get(report, "warnings"), i));
		i++)
		msg_warn("station '%s': the filler '%s': %s", id, path,
			json_string_value(warning));
}

int check_idle(const char *id, const struct conf *conf)
{
	const char *path = settings_get(conf, SETTINGS_IDLE);
	const char *profile = settings_get(conf, SETTINGS_PROFILE);
	const char *name = settings_name(SETTINGS_IDLE);

	if (*path != '/')
		return EX_OK;
	/* Whatever else the profile allows, rtmppush sends what RTMP can carry. */
	json_t *report =
		look_at_clip(strcmp(profile, "any") == 0 ? "rtmp" : profile, path);
	bool good = look_is_good(report);
	if (good)
		tell(id, path, report);
	else
		msg_error("station '%s': %s '%s' cannot be sent: %s", id, name, path,
			report ? look_text(report, "detail") : "there is no report");
	json_decref(report);
	return good ? EX_OK : EX_CONFIG;
}
