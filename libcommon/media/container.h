/*
 * container: checks that the structure which a media file declares fits the file.
 *
 * Every box, tag, packet or element must lie within its parent, and nothing may be
 * missing at the end. Reads headers and tables only, with pread(2), never the media.
 * Findings go into the report: REPORT_EMPTY, _PLAYLIST, _UNKNOWN, _NO_INDEX, _TRUNCATED,
 * _STRUCTURE, _GAPS, _ENCRYPTED; REPORT_OPEN if the file cannot be read. The check ends
 * at the first fault. REPORT_OUTSIDE is no fault: there are bytes before or after a clip
 * that is whole. Allocates nothing.
 */
#ifndef STREAMHUB_CONTAINER_H
#define STREAMHUB_CONTAINER_H

#include "media/report.h"

/*
 * Checks the open regular file. Also sets report->size, report->container and
 * report->declared_ms: the duration that the container declares, or REPORT_NONE. Returns
 * true if the file is whole.
 */
bool container_check(int fd, struct report *report);

#endif
