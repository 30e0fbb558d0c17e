#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "station/settings.h"
#include "station/station.h"

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-"

/* The name of something that is the station's own, of PATH_MAX bytes. */
static int name(char *out, const char *id, enum station_place place, const char *file)
{
	int n = snprintf(out, PATH_MAX, "%s/%s%s", station_path(place), id, file);

	return n < 0 || n >= PATH_MAX ? -1 : 0;
}

int commands_begin(struct commands *commands, const char *id)
{
	commands->id = id;
	commands->folder = -1;
	const char *zone = getenv("TZ");
	commands->zone = zone ? strdup(zone) : NULL;
	if (name(commands->cursor, id, STATION_STATE, "/" STATION_CURSOR) < 0 ||
		name(commands->place, id, STATION_STATE, "/" STATION_PLACE) < 0 ||
		name(commands->live, id, STATION_LIVE, "") < 0)
		return -1;
	return name(commands->heartbeat, id, STATION_LIVE, "/heartbeat");
}

static const char *get(const struct commands *commands, enum settings_key key)
{
	return settings_get(&commands->conf, key);
}

static void fill_links(struct commands *commands)
{
	const struct stage_paths paths = {commands->cursor, commands->live,
		commands->heartbeat, commands->failed, commands->place};
	const struct conf *conf = &commands->conf;

	commands->count = 0;
	for (enum stage stage = 0; stage < STAGES; stage++) {
		if (!stage_is_on(stage, conf))
			continue;
		const char *secret = stage_rows[stage].secret;
		stage_command(commands->words[stage], stage, conf, &paths);
		commands->links[commands->count++] =
			(struct pipeline_link){commands->words[stage], secret,
				secret ? get(commands, settings_find(secret)) : NULL};
	}
}

/* Finds the file of settings. */
static int look_at_settings(struct commands *commands, struct path_id *found)
{
	struct stat st;

	*found = (struct path_id){0};
	if (commands->folder < 0)
		commands->folder = station_open(STATION_SETTINGS);
	if (commands->folder < 0 ||
		fstatat(commands->folder, station_conf_name(commands->id), &st,
			AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	*found = path_id(&st);
	return 0;
}

bool commands_changed(struct commands *commands)
{
	struct path_id now;

	look_at_settings(commands, &now);
	return !path_same(now, commands->read_from);
}

/* The first thing in the settings that a tool would not take, if there is one: -1. */
static int look_for_fault(const struct conf *conf, char *error, size_t size)
{
	struct settings_fault fault;

	for (size_t at = 0; settings_fault(conf, &at, &fault);) {
		if (!fault.expected)
			continue;
		int n = snprintf(error, size, "settings: ");
		settings_tell(error + n, size - (size_t)n, &fault);
		return -1;
	}
	return 0;
}

/* The drop folder has to be there. Its quarantine becomes commands->failed. A station
 * with a list has none. */
static int look_at_drop(struct commands *commands, char *error, size_t size)
{
	const char *drop = get(commands, SETTINGS_WATCH_DIR);

	*commands->failed = '\0';
	if (settings_kind(&commands->conf) == SETTINGS_LIST)
		return 0;
	int folder = path_open_folder(drop);
	if (folder < 0) {
		snprintf(error, size, "%s '%s': %s", settings_name(SETTINGS_WATCH_DIR),
			drop, strerror(errno));
		return -1;
	}
	close(folder);
	int n = snprintf(commands->failed, sizeof commands->failed, "%s/_failed", drop);
	if (n >= 0 && (size_t)n < sizeof commands->failed)
		return 0;
	snprintf(error, size, "%s is too long", settings_name(SETTINGS_WATCH_DIR));
	return -1;
}

int commands_read(struct commands *commands, char *error, size_t size)
{
	conf_free(&commands->conf);
	if (look_at_settings(commands, &commands->read_from) < 0 ||
		station_conf(&commands->conf, commands->folder, commands->id) < 0) {
		snprintf(error, size, "settings: %s", strerror(errno));
		return -1;
	}
	if (look_for_fault(&commands->conf, error, size) < 0 ||
		look_at_drop(commands, error, size) < 0)
		return -1;
	setenv("LOG_LEVEL", get(commands, SETTINGS_LOG_LEVEL), 1);
	const char *zone = settings_has(&commands->conf, SETTINGS_TZ)
		? get(commands, SETTINGS_TZ)
		: commands->zone;
	if (zone)
		setenv("TZ", zone, 1);
	else
		unsetenv("TZ");
	fill_links(commands);
	return 0;
}

/* As a shell takes it. */
static void print_word(const char *word)
{
	if (*word && !word[strspn(word, PLAIN)]) {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	}
	putchar('\'');
}

void commands_print(const struct commands *commands)
{
	for (size_t n = 0; n < commands->count; n++) {
		const struct pipeline_link *link = &commands->links[n];

		fputs(n > 0 ? " |\n\t" : "", stdout);
		if (link->variable)
			printf("%s=*** ", link->variable);
		for (const char *const *arg = link->argv; *arg; arg++) {
			fputs(arg > link->argv ? " " : "", stdout);
			print_word(*arg);
		}
	}
	putchar('\n');
}
