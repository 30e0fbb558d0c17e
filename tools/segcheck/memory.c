#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 16384 /* of about 70 bytes */

/* The row in which the file is, or would be. */
static struct memory_row *row_of(const struct memory *memory, const struct stat *st)
{
	uint64_t n = (uint64_t)st->st_dev * UINT64_C(0x9e3779b97f4a7c15) + st->st_ino;

	return &memory->rows[(n ^ n >> 14) % ROWS];
}

struct memory_row *memory_find(const struct memory *memory, const struct stat *st)
{
	struct memory_row *row = memory->rows ? row_of(memory, st) : NULL;

	return row && path_same(row->id, path_id(st)) &&
			row->ctime_ns == path_nanoseconds(st->st_ctim)
		? row
		: NULL;
}

void memory_note(struct memory *memory, const struct stat *st, enum report_code code,
	const char *why, uint64_t refused)
{
	if (!memory->rows)
		memory->rows = calloc(ROWS, sizeof *memory->rows);
	if (!memory->rows)
		return;
	struct memory_row *row = row_of(memory, st);
	free(row->why);
	*row = (struct memory_row){.id = path_id(st),
		.ctime_ns = path_nanoseconds(st->st_ctim),
		.code = code,
		.why = code == REPORT_GOOD ? NULL : strdup(why),
		.refused = refused};
	if (code != REPORT_GOOD && !row->why)
		*row = (struct memory_row){0};
}
