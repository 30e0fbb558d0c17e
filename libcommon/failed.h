/*
 * failed: the quarantine of a station, below the drop folder that its settings name, to
 * be listed and read. Nothing is opened by way of a link. A file is known by the number
 * of its inode, cut to FAILED_BITS, so that nobody has to remember its name.
 */
#ifndef STREAMHUB_FAILED_H
#define STREAMHUB_FAILED_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "conf.h"

#define FAILED_BITS 43

uint64_t failed_number(ino_t inode);

/* The path of the quarantine, to be freed; NULL: no drop folder is named. */
char *failed_path(const struct conf *conf);

/* How many files are in it, reasons not counted; -1 with errno: it cannot be told. */
ssize_t failed_count(const char *path);

/*
 * Opens it; st is its stat. ENOENT: there is none.
 */
int failed_open(const char *path, struct stat *st);

/* Whether an entry of the folder is shown: a regular file that is not hidden. */
bool failed_shows(const struct dirent *entry);

/* What the file with this number is called: it is found sooner. */
void failed_remember(uint64_t number, const char *name);

/*
 * Opens the regular file with this number below the folder, and closes the folder.
 * Returns the descriptor, or -1 with errno.
 */
int failed_open_file(int folder, uint64_t number, struct stat *st);

#endif
