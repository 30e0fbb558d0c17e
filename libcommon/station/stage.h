/*
 * stage: the one table of the stages of a station's pipeline, in their order, and of the
 * other tools that keep a fact about a station. Pipelines, units, facts, verdicts,
 * snapshots and the view loop over it: a new stage is a row here.
 */
#ifndef STREAMHUB_STAGE_H
#define STREAMHUB_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/conf.h"
#include "base/fact.h"

enum stage {
	STAGE_CAMWATCH,
	STAGE_SEGCUT,
	STAGE_PLAYLIST,
	STAGE_SEGUNPACK,
	STAGE_SEGCHECK,
	STAGE_RTMPPUSH,
	STAGE_SEGPACK,
	STAGE_HBWRITE,
	STAGES, /* the pipeline ends here; the others keep a fact about it */
	STAGE_STATIONRUN = STAGES,
	STAGE_ORCHESTRATE,
	STAGE_FACTS,
};

#define STAGE_WORDS 32

struct stage_row {
	const char *name; /* of the tool, and of its unit */
	const char *fact; /* its file in the live folder */
	/* The words behind the name, in pairs. "$KEY" is a setting, "@WORD" a word of
	 * stage.c; a pair whose word has no value for a station is left out. */
	const char *options[STAGE_WORDS];
	const char *operands[2]; /* behind the options and "--" */
	bool begins; /* it reads no paths */
	bool (*is_on)(const struct conf *conf); /* NULL: every station has it */
	bool (*writes_drop)(const struct conf *conf); /* NULL: it never does */
	const char *secret; /* the setting that only it gets */
	bool moves; /* it moves clips out of the drop folder, if AFTER_PLAY says so */
	bool packs; /* it writes below the folder of AFTER_PLAY=archive:DIR */
	bool has_pulse; /* a station is stale without its pulse */
	const char *quiet; /* said when its fact is quiet for too long; NULL: never */
	const char *waiting; /* key in its fact: clips that wait here to be played */
	const char *accepted; /* key in its fact: clips that it did not refuse */
	bool hinders; /* nothing is played while its fact has an error */
	bool is_shown; /* in the folder tools/ of the view, as it was written */
	bool stays; /* its fact stays when the station has ended */
};

extern const struct stage_row stage_rows[STAGE_FACTS];

/* True if the pipeline of a station with these settings has the stage. */
bool stage_is_on(enum stage stage, const struct conf *conf);

/* The paths in the command of a stage that are not settings. */
struct stage_paths {
	const char *cursor, *live, *heartbeat, *quarantine, *place;
};

/*
 * The command of a stage that is on, NULL behind its last word. The words belong to
 * conf, paths and the table.
 */
void stage_command(const char *argv[STAGE_WORDS], enum stage stage,
	const struct conf *conf, const struct stage_paths *paths);

/* The folder of the archives of played clips, or NULL. */
const char *stage_store(const struct conf *conf);

/* True if late clips are kept whatever LATE says, because played clips are kept. */
bool stage_keeps_late(const struct conf *conf);

/* Writes the pairs of options that only some stations have, or have otherwise, each word
 * with a blank before it: in units they stand behind the others. */
void stage_more(FILE *out, enum stage stage, const struct conf *conf,
	const struct stage_paths *paths);

/* The stage with this name; STAGES: there is none. */
enum stage stage_find(const char *name);

/* The facts of a station, by stage. A missing fact is FACT_ABSENT. */
struct stage_facts {
	struct fact of[STAGE_FACTS];
};

void stage_facts_free(struct stage_facts *facts);

#endif
