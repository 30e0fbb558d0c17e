#include "show.h"

#include <inttypes.h>
#include <jansson.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/msg.h"
#include "station/settings.h"
#include "station/status_json.h"

static const struct marks {
	const char *well, *off_air, *unknown, *not_well, *dot;
} utf8 = {"\u2713", "\u25cb", "?", "\u2717", " \u00b7 "},
  ascii = {"+", "o", "?", "x", ", "}, *marks = &ascii;

void show_begin(void)
{
	if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		marks = &utf8;
}

static void put_json(json_t *line)
{
	if (!line || (json_dumpf(line, stdout, STATUS_JSON_FLAGS) < 0 && !ferror(stdout)))
		msg_die(EX_OSERR, "no memory for JSON");
	json_decref(line);
	putchar('\n');
}

void show_listed(const struct snapshot *snapshot, bool json)
{
	static const char *const words[] = {
		[STATION_UNDECIDED] = "-", [STATION_UP] = "up", [STATION_DOWN] = "down"};
	bool active = settings_yes(&snapshot->conf, SETTINGS_ACTIVE);
	struct status now;
	char name[256];

	status_of(&now, snapshot);
	status_show(name, sizeof name, &now, status_find("name"));
	if (json)
		put_json(json_pack("{s:s, s:s, s:s?, s:b}", "id", now.station, "name",
			name, "desired", now.desired, "active", active));
	else
		printf("%s\t%s\t%s\t%s\n", now.station, name, words[snapshot->desired],
			active ? "active" : "inactive");
}

/* The mark before a station's line. Only one that plays or records gets the mark for
 * "well".
 */
static const char *mark_of(const struct status *now, bool well, pid_t pid)
{
	if (now->hidden && pid > 0)
		return marks->unknown;
	if (!well)
		return marks->not_well;
	bool works = strcmp(now->state, "playing") == 0 ||
		strcmp(now->state, "recording") == 0;
	return works ? marks->well : marks->off_air;
}

static void put_line(const struct status *now, bool well, pid_t pid)
{
	char name[256], error[1024];

	status_show(name, sizeof name, now, status_find("name"));
	status_show(error, sizeof error, now, status_find("error"));
	printf("%s %s (%s) ", mark_of(now, well, pid), name, now->station);
	if (pid > 0)
		printf("running pid %d%s%s", (int)pid, marks->dot,
			now->first ? "waiting for the first clip" : now->state);
	else
		printf("not running%s%s", marks->dot,
			now->desired_up ? "desired up" : "not desired up");
	if (pid > 0 && now->picture && strcmp(now->picture, "filler") == 0)
		printf("%sfiller", marks->dot);
	if (pid > 0 && now->sound && strcmp(now->sound, "silence") == 0)
		printf("%ssilence", marks->dot);
	if (now->age >= 0)
		printf("%sheartbeat %" PRId64 " s ago", marks->dot, now->age);
	if (now->error && *now->error)
		printf("%s%s", marks->dot, error);
	putchar('\n');
}

bool show_status(const struct snapshot *snapshot, pid_t pid, bool json)
{
	struct status now;

	status_of(&now, snapshot);
	bool well = pid > 0 && now.healthy;
	if (json) {
		json_t *line = status_json(&now);
		json_object_set_new(line, "well", json_boolean(well));
		json_object_set_new(
			line, "pid", pid > 0 ? json_integer(pid) : json_null());
		put_json(line);
	} else {
		put_line(&now, well, pid);
	}
	return well || !now.desired_up;
}
