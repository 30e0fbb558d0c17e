/*
 * snapshot: what is known of one station at one moment, read and parsed, and the time.
 *
 * Only snapshot_read and snapshot_holds do I/O: a test can fill in a snapshot itself.
 */
#ifndef STREAMHUB_SNAPSHOT_H
#define STREAMHUB_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf.h"
#include "path.h"
#include "station.h"
#include "tick.h"
#include "verdict.h"

/* The files that it is read from. As bits 1 << part they are the parts of one. */
enum snapshot_part {
	PART_HEARTBEAT,
	PART_CAMWATCH,
	PART_SEGCHECK,
	PART_RTMPPUSH,
	PART_STATIONRUN,
	PART_SEGUNPACK,
	PART_SEGPACK,
	PART_SETTINGS,
	PART_WISH,
	PART_CURSOR,
	PART_FAILED, /* the folder of the quarantine */
	SNAPSHOT_PARTS,
};

#define SNAPSHOT_FACTS (PART_SEGPACK + 1) /* the first parts are facts */

/* What tells a file from what was in its place before. */
struct snapshot_file {
	bool there;
	struct path_id id;
	int64_t ctime_ns;
};

struct snapshot {
	char *id;
	struct snapshot_file files[SNAPSHOT_PARTS];
	int64_t read_ns; /* wall time when it was looked at */
	int errors[SNAPSHOT_PARTS]; /* errno of what could not be read, or 0 */
	struct verdict_facts facts;
	struct conf conf;
	enum station_wish wish;
	char *cursor; /* its line; NULL: there is none */
	char *failed_path; /* NULL: no drop folder is named */
	ssize_t failed; /* files in the quarantine, -1: it cannot be told */
	struct tick_stamp now;
};

/* Reads all of station id. Returns NULL when there is no memory. */
struct snapshot *snapshot_read(const int places[STATION_PLACES], const char *id);

/*
 * Whether it would be the same if it were read again: all files are what they were, and
 * were not so new when it was read that they could have changed unseen since.
 */
bool snapshot_holds(const struct snapshot *snapshot, const int places[STATION_PLACES]);

/* The fact that a part is. */
const struct fact *snapshot_fact(
	const struct snapshot *snapshot, enum snapshot_part part);

/* When the newest of the parts was written, in ns since 1970; 0: none is there. */
int64_t snapshot_time(const struct snapshot *snapshot, unsigned parts);

void snapshot_free(struct snapshot *snapshot);

#endif
