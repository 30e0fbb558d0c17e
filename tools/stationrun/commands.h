/*
 * commands: what is run for a station: the commands of its pipeline, from its settings
 * and the table of stages.
 */
#ifndef STREAMHUB_COMMANDS_H
#define STREAMHUB_COMMANDS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/path.h"
#include "pipeline.h"
#include "station/stage.h"

struct commands {
	const char *id;
	char cursor[PATH_MAX], place[PATH_MAX], live[PATH_MAX], heartbeat[PATH_MAX],
		failed[PATH_MAX];
	char *zone; /* for a station without a TZ of its own; NULL: the system's */
	int folder; /* of the settings; below 0: it is not there yet */
	struct conf conf;
	struct path_id read_from; /* the file that conf was read from */
	const char *words[STAGES][STAGE_WORDS];
	struct pipeline_link links[STAGES];
	size_t count; /* of links */
};

/* For the station id. Returns 0, or -1: STREAMHUB_ROOT is too long. */
int commands_begin(struct commands *commands, const char *id);

/*
 * Reads the settings, and fills in the links. Returns 0, or -1 with the reason in error,
 * of size bytes.
 */
int commands_read(struct commands *commands, char *error, size_t size);

/* True if another file of settings lies there than was read last. */
bool commands_changed(struct commands *commands);

/* Prints them as a shell takes them, but for the secret. */
void commands_print(const struct commands *commands);

#endif
