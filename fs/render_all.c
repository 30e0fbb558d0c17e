/* The files about all stations. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render.h"
#include "status.h"

#define CELL_MAX 48 /* bytes; a longer text is cut and marked */

/* The columns of summary; the last is as wide as it is. */
static const char *const columns[] = {"station", "state", "desired", "age", "lag",
	"queue", "failed", "played", "name", "error"};

#define COLUMNS (sizeof columns / sizeof *columns)

/* How many characters a text in UTF-8 has. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void put_cell(FILE *out, const char *text, size_t column, const int *widths)
{
	bool last = column + 1 == COLUMNS;

	fprintf(out, "%s%*s", text, last ? 0 : widths[column] + 2 - width_of(text),
		last ? "\n" : "");
}

void render_summary(FILE *out, const struct snapshot *const *list, size_t count)
{
	char(*cells)[COLUMNS][CELL_MAX] = calloc(count + 1, sizeof *cells);
	int widths[COLUMNS] = {0};
	struct status status;

	if (!cells)
		return;
	for (size_t row = 0; row <= count; row++) {
		if (row > 0)
			status_of(&status, list[row - 1]);
		for (size_t i = 0; i < COLUMNS; i++) {
			char *text = cells[row][i];
			if (row > 0)
				status_show(
					text, CELL_MAX, &status, status_find(columns[i]));
			else
				for (size_t c = 0; columns[i][c]; c++)
					text[c] = (char)toupper(
						(unsigned char)columns[i][c]);
			if (width_of(text) > widths[i])
				widths[i] = width_of(text);
		}
	}
	for (size_t row = 0; row <= count; row++)
		for (size_t i = 0; i < COLUMNS; i++)
			put_cell(out, cells[row][i], i, widths);
	free(cells);
}

/* All are gauges: a counter's name would have to end as the older text format forbids. */
static const struct {
	const char *name, *key, *help;
} metrics[] = {
	{"streamhub_heartbeat_age_seconds", "age", "Age of the heartbeat."},
	{"streamhub_lag_seconds", "lag", "How far it plays behind the newest clip."},
	{"streamhub_queue_clips", "queue", "Clips that wait to be played."},
	{"streamhub_failed_clips", "failed", "Files in the quarantine."},
	{"streamhub_played_clips", "played", "Clips played since the player started."},
	{"streamhub_reconnects", "reconnects", "Sessions after the first one."},
};

static void put_head(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

void render_metrics(FILE *out, const struct snapshot *const *list, size_t count)
{
	struct status *all = calloc(count + 1, sizeof *all);

	if (!all)
		return;
	for (size_t i = 0; i < count; i++)
		status_of(&all[i], list[i]);
	put_head(
		out, "streamhub_healthy", "Whether a station that is wanted up is well.");
	for (size_t i = 0; i < count; i++)
		if (all[i].wanted)
			fprintf(out, "streamhub_healthy{station=\"%s\"} %d\n",
				all[i].station, all[i].healthy);
	put_head(out, "streamhub_state", "1 for the state that the station is in.");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "streamhub_state{station=\"%s\",state=\"%s\"} 1\n",
			all[i].station, all[i].state);
	put_head(out, "streamhub_stream_connected", "Whether there is an RTMP session.");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "streamhub_stream_connected{station=\"%s\"} %d\n",
			all[i].station, strcmp(all[i].stream, "connected") == 0);
	for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++) {
		const struct status_field *field = status_find(metrics[m].key);

		put_head(out, metrics[m].name, metrics[m].help);
		for (size_t i = 0; i < count; i++) {
			int64_t number = status_number(&all[i], field);
			if (number != STATUS_NONE)
				fprintf(out, "%s{station=\"%s\"} %" PRId64 "\n",
					metrics[m].name, all[i].station, number);
		}
	}
	fputs("# EOF\n", out);
	free(all);
}
