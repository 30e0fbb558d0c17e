/* The files about all stations. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render.h"
#include "station/status.h"

#define CELL_MAX 48 /* bytes; a longer text is cut and marked */

/* The columns of summary; the last is as wide as it is. */
static const char *const columns[] = {"station", "state", "desired", "picture", "sound",
	"age", "lag", "queue", "failed", "played", "name", "error"};

#define COLUMNS (sizeof columns / sizeof *columns)

/* The number of characters in a UTF-8 text. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* Columns of seconds show the unit: a bare number could be anything. */
static bool is_seconds(const char *column)
{
	return strcmp(column, "age") == 0 || strcmp(column, "lag") == 0;
}

static void show_cell(char *text, const struct status *status, const char *column)
{
	const struct status_field *field = status_find(column);

	status_show(text, CELL_MAX, status, field);
	if (is_seconds(column) && status_number(status, field) != STATUS_NONE)
		strcat(text, "s"); /* a number is short */
}

static void put_cell(FILE *out, const char *text, size_t column, const int *widths)
{
	bool last = column + 1 == COLUMNS;

	fprintf(out, "%s%*s", text, last ? 0 : widths[column] + 2 - width_of(text),
		last ? "\n" : "");
}

void render_summary(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	char(*cells)[COLUMNS][CELL_MAX] = calloc(count + 1, sizeof *cells);
	int widths[COLUMNS] = {0};
	struct status status;

	(void)name;
	if (!cells)
		return;
	for (size_t line = 0; line <= count; line++) {
		if (line > 0)
			status_of(&status, list[line - 1]);
		for (size_t i = 0; i < COLUMNS; i++) {
			char *text = cells[line][i];
			if (line > 0)
				show_cell(text, &status, columns[i]);
			else
				for (size_t c = 0; columns[i][c]; c++)
					text[c] = (char)toupper(
						(unsigned char)columns[i][c]);
			if (width_of(text) > widths[i])
				widths[i] = width_of(text);
		}
	}
	for (size_t line = 0; line <= count; line++)
		for (size_t i = 0; i < COLUMNS; i++)
			put_cell(out, cells[line][i], i, widths);
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
	{"streamhub_filler_seconds", "filler", "Filler sent since the player started."},
	{"streamhub_recorded_clips", "clips",
		"Clips recorded since the recorder started."},
	{"streamhub_lost_seconds", "lost",
		"Time without a clip since the recorder started."},
	{"streamhub_list_entries", "entries", "Entries of its list."},
	{"streamhub_list_entry", "entry", "Number of the entry that plays."},
	{"streamhub_list_missing", "missing", "Entries just left out as missing."},
	{"streamhub_list_round", "round", "Round of its list."},
	{"streamhub_reconnects", "reconnects", "Sessions after the first one."},
};

static void put_head(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* 1 for the word that the station has under the key, where it is known. */
static void put_words(FILE *out, const char *name, const char *key,
	const struct status *all, size_t count)
{
	char help[64];

	snprintf(help, sizeof help, "1 for the %s that is sent.", key);
	put_head(out, name, help);
	for (size_t i = 0; i < count; i++) {
		const char *word = status_text(&all[i], status_find(key));
		if (word)
			fprintf(out, "%s{station=\"%s\",%s=\"%s\"} 1\n", name,
				all[i].station, key, word);
	}
}

void render_metrics(
	FILE *out, const char *name, const struct snapshot *const *list, size_t count)
{
	struct status *all = calloc(count + 1, sizeof *all);

	(void)name;
	if (!all)
		return;
	for (size_t i = 0; i < count; i++)
		status_of(&all[i], list[i]);
	put_head(out, "streamhub_healthy",
		"Whether a station whose desired state is up is well.");
	for (size_t i = 0; i < count; i++)
		if (all[i].desired_up)
			fprintf(out, "streamhub_healthy{station=\"%s\"} %d\n",
				all[i].station, all[i].healthy);
	put_head(out, "streamhub_state", "1 for the state that the station is in.");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "streamhub_state{station=\"%s\",state=\"%s\"} 1\n",
			all[i].station, all[i].state);
	put_words(out, "streamhub_picture", "picture", all, count);
	put_words(out, "streamhub_sound", "sound", all, count);
	put_head(out, "streamhub_stream_connected", "Whether there is an RTMP session.");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "streamhub_stream_connected{station=\"%s\"} %d\n",
			all[i].station, strcmp(all[i].stream, "connected") == 0);
	put_head(out, "streamhub_source_connected",
		"Whether its live source is connected.");
	for (size_t i = 0; i < count; i++)
		if (all[i].source)
			fprintf(out, "streamhub_source_connected{station=\"%s\"} %d\n",
				all[i].station, strcmp(all[i].source, "connected") == 0);
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
