/*
 * station_quarantine: lists and reads the quarantine of a station, below the drop folder
 * in its settings. No link is followed. A file is identified by its inode number, cut to
 * STATION_QUARANTINE_BITS, so that names need not be kept.
 */
#ifndef STREAMHUB_STATION_QUARANTINE_H
#define STREAMHUB_STATION_QUARANTINE_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/conf.h"

#define STATION_QUARANTINE_BITS 43

uint64_t station_quarantine_number(ino_t inode);

/* The path of the quarantine, to be freed; NULL: no drop folder is named. */
char *station_quarantine_path(const struct conf *conf);

/* The number of files in it, without reasons; -1 with errno: it cannot be read. */
ssize_t station_quarantine_count(const char *path);

/*
 * Opens it and fills in st. ENOENT: there is none.
 */
int station_quarantine_open(const char *path, struct stat *st);

/* True if an entry of the folder is shown: a regular file that is not hidden. */
bool station_quarantine_shows(const struct dirent *entry);

/* Remembers the name of the file with this number, so that it is found faster. */
void station_quarantine_remember(uint64_t number, const char *name);

/*
 * Opens the regular file with this number below the folder, and closes the folder.
 * Returns the descriptor, or -1 with errno.
 */
int station_quarantine_open_file(int folder, uint64_t number, struct stat *st);

#endif
