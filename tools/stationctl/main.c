/*
 * stationctl: lists, checks, starts, stops and shows stations.
 *
 *   verbs      a row and a function for each verb
 *     show       list and status: a line for each station
 *     check_idle whether a filler can be sent
 *     playlist   a list: what plays, what is to come; list_edit changes it
 *     look       what segcheck says about a clip
 *     clean      which files clean removes
 *     test_push  a test pattern for a station's server
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/msg.h"
#include "base/opt.h"
#include "playlist.h"
#include "service/backend.h"
#include "show.h"
#include "station/settings.h"
#include "station/station.h"
#include "verbs.h"

static struct verb_context with;
static int64_t pause_time = -1; /* not given: one second */
static const char *backend_name;

static const struct opt_row rows[] = {
	{'f', "follow", NULL, "logs: go on as the log grows", .flag = &with.follow},
	{'j', "json", NULL, "list, status: print a JSON object a line",
		.flag = &with.json},
	{'y', "yes", NULL, "clean: do not ask", .flag = &with.yes},
	{0, "backend", "NAME", "who runs stations: process or systemd",
		.text = &backend_name},
	{0, "pause", "SEC", "wait between two stations of an -all verb (1)",
		.number = {&pause_time, CLOCK_SECOND, 0, 3600}},
};

static char purpose[2048];
static const struct opt_tool tool = {
	"stationctl",
	"[-fjy] [--backend NAME] [--pause SEC] VERB [ID...]",
	purpose,
	rows,
	sizeof rows / sizeof *rows,
};

static bool is_active(const char *id)
{
	struct conf conf;

	if (station_conf(&conf, with.places[STATION_SETTINGS], id) < 0)
		return true; /* and it will be said what is wrong with it */
	bool active = conf.len > 0 && settings_yes(&conf, SETTINGS_ACTIVE);
	conf_free(&conf);
	return active;
}

/* Does it if there is such a station, or it is to make one. */
static int run_one(const struct verb *verb, const char *id)
{
	if (verb->whom == VERB_NEW || station_known(with.places, id))
		return verb->each(&with, id);
	msg_error("station '%s': there is none", id);
	return EX_NOINPUT;
}

/* Does it for those that are named, or that it is for. Returns the worst code. */
static int run(const struct verb *verb, const char *const *ids, size_t count)
{
	int worst = EX_OK;
	bool begun = false;

	for (size_t i = 0; i < count; i++) {
		if (verb->whom == VERB_ACTIVE && !is_active(ids[i]))
			continue;
		if (verb->whom == VERB_ACTIVE && begun)
			poll(NULL, 0, (int)(pause_time < 0 ? CLOCK_SECOND : pause_time));
		begun = true;
		int code = run_one(verb, ids[i]);
		worst = code > worst ? code : worst;
	}
	return worst;
}

static int run_all(const struct verb *verb)
{
	struct station_list all;

	if (station_list(&all, with.places) < 0)
		msg_die(EX_IOERR, "stations:");
	const char **ids = calloc(all.count + 1, sizeof *ids);
	if (!ids)
		msg_die(EX_OSERR, "stations:");
	for (size_t i = 0; i < all.count; i++)
		ids[i] = all.entries[i]->d_name;
	if (all.count == 0)
		msg_info("there is no station yet: stationctl new ID makes its settings");
	int worst = run(verb, ids, all.count);
	free(ids);
	station_list_free(&all);
	return worst;
}

/* Writes the list of verbs that --help prints and the completion reads. */
static void describe(void)
{
	FILE *out = fmemopen(purpose, sizeof purpose, "w");

	if (!out)
		msg_die(EX_OSERR, "no memory for a text");
	fputs("Steer stations. The verbs are:\n", out);
	for (const struct verb *verb = verbs; verb->name; verb++)
		fprintf(out, "\n  %-10s %s", verb->name, verb->help);
	fclose(out);
}

/* Refuses options that are not for this verb. */
static void refuse_options(const struct verb *verb)
{
	const unsigned given = (with.follow ? VERB_FOLLOW : 0) |
		(with.json ? VERB_JSON : 0) | (pause_time >= 0 ? VERB_PAUSE : 0) |
		(with.yes ? VERB_YES : 0);

	if (given & ~verb->has)
		opt_refuse(&tool, "an option that '%s' does not have", verb->name);
}

static void refuse_ids(const struct verb *verb, char **ids, size_t count)
{
	if (verb->whom == VERB_NAMED && count == 0)
		opt_refuse(&tool, "'%s' needs an ID", verb->name);
	if ((verb->whom == VERB_ONE || verb->whom == VERB_NEW) && count != 1)
		opt_refuse(&tool, "'%s' needs one ID", verb->name);
	if (verb->whom == VERB_ACTIVE && count > 0)
		opt_refuse(&tool, "'%s' takes no ID", verb->name);
	for (size_t i = 0; i < count; i++)
		if (!station_id_ok(ids[i]))
			opt_refuse(&tool, "'%s' is no ID of a station", ids[i]);
}

/* Returns the verb; *ids become those that are named, *count of them. */
static const struct verb *read_command(int argc, char **argv, char ***ids, size_t *count)
{
	char **operands = opt_read(&tool, argc, argv);

	with.backend = backend_choose(backend_name);
	if (!with.backend)
		opt_refuse(&tool, "option --backend: there is no '%s'", backend_name);
	if (!*operands)
		opt_refuse(&tool, "no VERB");
	const struct verb *verb = verb_find(*operands);
	if (!verb)
		opt_refuse(&tool, "unknown verb '%s'", *operands);
	operands++;
	if (verb->has & VERB_KIND && *operands)
		with.kind = (enum clean_kind)opt_choice(
			&tool, "clean", *operands++, clean_names);
	*ids = operands;
	*count = (size_t)(argv + argc - operands);
	if (verb->has & VERB_WORDS && *count > 0) {
		with.words = operands + 1;
		*count = 1;
		if (!playlist_words_ok(with.words))
			opt_refuse(&tool, "'%s': ID %s", verb->name,
				strchr(verb->help, '['));
	}
	refuse_options(verb);
	refuse_ids(verb, *ids, *count);
	return verb;
}

int main(int argc, char **argv)
{
	char **ids;
	size_t count;

	describe();
	opt_begin(&tool);
	const struct verb *verb = read_command(argc, argv, &ids, &count);
	show_begin();
	station_open_all(with.places);
	int code = count > 0 ? run(verb, (const char *const *)ids, count) : run_all(verb);
	return opt_finish(code);
}
