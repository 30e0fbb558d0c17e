/*
 * snapshot: everything known about one station at one moment, read and parsed, and the
 * time.
 *
 * Only snapshot_read and snapshot_holds do I/O: a test can fill in a snapshot itself.
 */
#ifndef STREAMHUB_SNAPSHOT_H
#define STREAMHUB_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/path.h"
#include "station/stage.h"
#include "station/station.h"
#include "station/verdict.h"

/*
 * The files that a snapshot is read from: the facts, by enum stage, and these. A set of
 * parts is written as bits 1 << part.
 */
enum snapshot_part {
	PART_SETTINGS = STAGE_FACTS,
	PART_DESIRED,
	PART_CURSOR,
	PART_FAILED, /* the folder of the quarantine */
	SNAPSHOT_PARTS,
};

#define SNAPSHOT_ALL_FACTS ((1U << STAGE_FACTS) - 1) /* as bits */

/* If all of this is the same, a file has not been changed or replaced. */
struct snapshot_file {
	bool there;
	struct path_id id;
	int64_t ctime_ns;
};

struct snapshot {
	char *id;
	struct snapshot_file files[SNAPSHOT_PARTS];
	int64_t read_ns; /* wall time when it was looked at */
	int errors[SNAPSHOT_PARTS]; /* errno of the parts that could not be read, or 0 */
	struct stage_facts facts;
	struct conf conf;
	enum station_desired desired;
	enum station_by by; /* who desires it */
	char *cursor; /* its line; NULL: there is none */
	char *station_quarantine_path; /* NULL: no drop folder is named */
	ssize_t failed; /* files in the quarantine; -1: not known */
	struct clock_stamp now;
};

/* Reads all of station id. Returns NULL when there is no memory. */
struct snapshot *snapshot_read(const int places[STATION_PLACES], const char *id);

/*
 * True if reading again would give the same: no file has changed. A file that was very
 * new when the snapshot was read counts as changed, because its next change may have got
 * the same time.
 */
bool snapshot_holds(const struct snapshot *snapshot, const int places[STATION_PLACES]);

/* True if the station has settings that this user may not read. */
bool snapshot_is_hidden(const struct snapshot *snapshot);

/* When the newest of the parts was written, in ns since 1970; 0: there is none. */
int64_t snapshot_time(const struct snapshot *snapshot, unsigned parts);

void snapshot_free(struct snapshot *snapshot);

#endif
