/*
 * shape: whether the structure that a media file declares fits the file.
 *
 * Every box, tag, packet or element is to lie within what holds it, and nothing is to be
 * missing at the end. Reads headers and tables only, with pread(2), never the media.
 * What it finds goes into the report: REPORT_EMPTY, _PLAYLIST, _UNKNOWN, _NO_INDEX,
 * _TRUNCATED, _STRUCTURE, _GAPS, _ENCRYPTED; REPORT_OPEN where it cannot be read. The
 * look ends at what is cut or wrong. Allocates nothing.
 */
#ifndef STREAMHUB_SHAPE_H
#define STREAMHUB_SHAPE_H

#include "report.h"

/* Looks at the open regular file; sets report->size and report->container too. */
void shape_check(int fd, struct report *report);

#endif
