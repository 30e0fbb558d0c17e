/*
 * clipname: tells the names of clips and archives from other names, and numbers a name
 * that is taken.
 */
#ifndef STREAMHUB_CLIPNAME_H
#define STREAMHUB_CLIPNAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True if name, without folders, may be a clip's: it matches glob or, if glob is NULL,
 * has one of the usual video suffixes. False for hidden files and for the temporary names
 * that servers and cameras use.
 */
bool clipname_ok(const char *name, const char *glob);

/* True if name may be an archive's: a ZIP, or a TAR, compressed or not. */
bool clipname_archive(const char *name);

/*
 * True if servers or cameras give this name to a clip that is not whole yet: ".in.NAME."
 * of ProFTPD, ".pureftpd-upload.*", and "NAME.mp4" followed by "_", ".part" or the like.
 */
bool clipname_unfinished(const char *name);

/* True if a folder of this name is never watched; nor are hidden files. */
bool clipname_left_out(const char *name);

/* Copies path, with the number before its suffix unless it is 0. Returns 0, or -1:
 * ENAMETOOLONG. */
int clipname_number(char *out, size_t size, const char *path, unsigned number);

#endif
