/*
 * clipname: which names of files are those of clips, and others when they are taken.
 */
#ifndef STREAMHUB_CLIPNAME_H
#define STREAMHUB_CLIPNAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether name, without folders, may be a clip's: it matches glob, or has one of the
 * usual video suffixes if glob is NULL. Hidden files and the temporary names of servers
 * and cameras never are.
 */
bool clipname_ok(const char *name, const char *glob);

/* Whether it may be an archive's: a ZIP, or a TAR, compressed or not. */
bool clipname_archive(const char *name);

/*
 * Whether it is what servers and cameras call a clip until it is whole: ".in.NAME." of
 * ProFTPD, ".pureftpd-upload.*", and "NAME.mp4" with "_" or ".part" and the like.
 */
bool clipname_unfinished(const char *name);

/* Puts a number before the suffix of a path; 0: none. Returns 0, or -1: ENAMETOOLONG. */
int clipname_number(char *out, size_t size, const char *path, unsigned number);

#endif
