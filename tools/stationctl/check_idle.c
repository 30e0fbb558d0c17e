#include "check_idle.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "proc/child.h"
#include "station/settings.h"
#include "station/stage.h"

#define CHECKER stage_rows[STAGE_SEGCHECK].name

/* In the child: becomes segcheck, which writes its report about the file. */
_Noreturn static void become(int output, const char *profile, const char *path)
{
	if (dup2(output, STDOUT_FILENO) >= 0)
		execlp(CHECKER, CHECKER, "-j", "-p", profile, "--audio", "silence", "-d",
			"0", "--", path, NULL);
	msg_error("'%s' cannot be run:", CHECKER);
	_exit(EX_OSERR);
}

/* The report about the file; NULL: there is none, and segcheck has said why. */
static json_t *report_of(const char *profile, const char *path)
{
	json_error_t error;
	int ends[2];

	fflush(NULL);
	if (child_look_here() < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	pid_t pid = fork();
	if (pid == 0)
		become(ends[1], profile, path);
	close(ends[1]);
	json_t *report =
		pid < 0 ? NULL : json_loadfd(ends[0], JSON_DISABLE_EOF_CHECK, &error);
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return report;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

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
		const char *codec = text_of(stream, "codec");
		if (strcmp(text_of(stream, "kind"), "video") == 0)
			snprintf(picture, sizeof picture, "%s %dx%d", codec,
				number_of(stream, "width"), number_of(stream, "height"));
		else if (strcmp(text_of(stream, "kind"), "audio") == 0)
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
	json_t *report = report_of(strcmp(profile, "any") == 0 ? "rtmp" : profile, path);
	bool good = report && strcmp(text_of(report, "verdict"), "good") == 0;
	if (good)
		tell(id, path, report);
	else
		msg_error("station '%s': %s '%s' cannot be sent: %s", id, name, path,
			report ? text_of(report, "detail") : "there is no report");
	json_decref(report);
	return good ? EX_OK : EX_CONFIG;
}
