/*
 * segcut: records a live source as clips.
 *
 *   probe       what a source sends, for a person
 *   source      the address, read packet by packet, with deadlines
 *   record      from packets to clips that are finished, written down and printed
 *     cut         which clip a packet belongs to
 *     clip        one clip that is being written, in fragments
 *     shelf       the folder: names, parts, days
 *     catalogue   a line a clip, and how it is mended
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/address.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/pulse.h"
#include "base/ready.h"
#include "base/secret.h"
#include "base/sigfd.h"
#include "catalogue.h"
#include "probe.h"
#include "proc/sandbox.h"
#include "record.h"
#include "source.h"

#define LOOK_EVERY 50 /* milliseconds */
#define LONGEST_PAUSE (60 * CLOCK_SECOND)
#define SECONDS_MAX (366 * 86400)
#define BYTES_MAX INT64_C(1000000000000000)

enum format { FORMAT_MP4, FORMAT_TS };
static const char *const format_names[] = {"mp4", "ts", NULL};

static struct {
	struct source source;
	struct record record;
	struct pulse pulse;
	struct backoff backoff;
	int signals;
	int64_t looked;
	int64_t retries; /* 0: no end */
	uint64_t sessions;
	enum sandbox_state sandbox;
	int code; /* with which it is to end, or -1 */
	char error[256];
} tool_state = {.code = -1, .backoff = {.first = 1}};

static unsigned format;
static bool rebuild, only_probe;
static int64_t seconds = 60;
static const char *url_path, *status;
static char url[4096], place[300];

static const struct opt_row rows[] = {
	{'c', "cursor", "FILE", "begin with the clips behind it, and keep them",
		.text = &tool_state.record.cursor},
	{'d', "duration", "SEC", "how long a clip is to be (60)",
		.number = {&seconds, 1, 1, 3600}},
	{'f', "format", "mp4|ts", "the container (mp4)",
		.choice = {&format, format_names}},
	{'k', "keep", "SEC", "remove clips that are older (0: none)",
		.number = {&tool_state.record.keep_ms, CLOCK_SECOND, 0, SECONDS_MAX}},
	{'K', "keep-bytes", "BYTES", "remove the oldest above so many bytes (0: none)",
		.number = {&tool_state.record.keep_bytes, 1, 0, BYTES_MAX}},
	{'s', "status", "DIR", "keep the fact segcut in this folder", .text = &status},
	{'u', "url", "FILE", "the address is the first line of this file",
		.text = &url_path},
	{0, "probe", NULL, "only say what the source sends, without a DIR",
		.flag = &only_probe},
	{0, "rebuild", NULL, "only make the catalogue anew", .flag = &rebuild},
	{0, "retries", "N", "give up after so many failures in a row (0: never)",
		.number = {&tool_state.retries, 1, 0, 1000000}},
};

static const struct opt_tool tool = {
	"segcut",
	"[-d SEC] [-f mp4|ts] [-k SEC] [-K BYTES] [-c FILE] [-s DIR]\n"
	"              [--rebuild] [--retries N] [-u FILE] DIR\n"
	"       segcut --probe [-u FILE]",
	"Record the live source $SOURCE_URL as clips in a folder.",
	rows,
	sizeof rows / sizeof *rows,
};

static void write_fact(void)
{
	const struct record *record = &tool_state.record;
	const struct clip *clip = record_clip(record);
	struct pulse *pulse = &tool_state.pulse;
	const struct pulse_number numbers[] = {
		{"position", clip ? clip->end / 1000 : 0},
		{"quiet", record_quiet(record) / CLOCK_SECOND},
		{"waiting", (int64_t)(record->path_count - record->path_first)},
		{"clips", (int64_t)record->finished},
		{"lost", record_lost(record) / CLOCK_SECOND},
		{"reconnects",
			tool_state.sessions > 0 ? (int64_t)tool_state.sessions - 1 : 0},
	};

	pulse_begin(pulse);
	fact_add_text(&pulse->fact, "state",
		clip                                  ? "recording"
			: tool_state.backoff.failures ? "reconnecting"
						      : "starting");
	fact_add_text(&pulse->fact, "source",
		tool_state.source.format ? "connected" : "disconnected");
	fact_add_text(&pulse->fact, "clip", clip ? clip->name : "");
	pulse_numbers(pulse, numbers, sizeof numbers / sizeof *numbers);
	pulse_busy(pulse, record->path_count > record->path_first);
	fact_add_text(&pulse->fact, "sandbox", sandbox_name(tool_state.sandbox));
	fact_add_text(&pulse->fact, "source_error", tool_state.error);
	fact_add_text(&pulse->fact, "error",
		record->full ? "the folder cannot be written" : "");
	pulse_end(pulse);
}

/* Prints, writes the fact and hears signals beside reading. Returns true if the tool is
 * to end. */
static bool look_around(void)
{
	struct pollfd out = {tool_state.record.out.fd, 0, 0};
	int64_t now = clock_now();

	if (tool_state.code >= 0 || now < tool_state.looked + LOOK_EVERY)
		return tool_state.code >= 0;
	tool_state.looked = now;
	if (sigfd_take(tool_state.signals))
		tool_state.code = EX_OK;
	else if (record_print(&tool_state.record) < 0)
		tool_state.code = lines_lost(errno);
	else if (poll(&out, 1, 0) > 0 && out.revents & (POLLERR | POLLHUP))
		tool_state.code = lines_lost(EPIPE);
	if (pulse_due(&tool_state.pulse) <= now)
		write_fact();
	ready_alive();
	return tool_state.code >= 0;
}

static int look(void *context)
{
	(void)context;
	return look_around();
}

/* Waits until the source may be tried again. */
static void rest(void)
{
	while (!look_around() && clock_now() < tool_state.backoff.until) {
		struct pollfd fd = {tool_state.signals, POLLIN, 0};
		int64_t until = clock_sooner(tool_state.backoff.until,
			clock_sooner(ready_alive(), pulse_due(&tool_state.pulse)));
		/* A reader of paths that is slow, or gone, is seen soon. */
		until = clock_sooner(until, clock_now() + CLOCK_SECOND / 2);
		poll(&fd, 1, clock_timeout(until));
	}
}

static void note_failure(int error)
{
	int64_t pause = backoff_failed(&tool_state.backoff, clock_now(), LONGEST_PAUSE);

	snprintf(tool_state.error, sizeof tool_state.error, "%s",
		source_why(&tool_state.source, error));
	msg_warn("'%s': %s: tried again in %.1f s", place, tool_state.error,
		(double)pause / CLOCK_SECOND);
	tool_state.pulse.changed = true;
	if (tool_state.retries > 0 && tool_state.backoff.failures > tool_state.retries)
		tool_state.code = EX_UNAVAILABLE;
}

/* Records until the source is lost, or the tool is to end. */
static int record_all(AVPacket *packet)
{
	struct source_packet next = {.packet = packet};
	int error;

	while ((error = source_next(&tool_state.source, &next)) == 0) {
		const struct clip *before = record_clip(&tool_state.record);
		bool full = tool_state.record.full;
		record_take(&tool_state.record, &tool_state.source, &next);
		av_packet_unref(packet);
		tool_state.pulse.changed |= record_clip(&tool_state.record) != before ||
			tool_state.record.full != full;
		tool_state.pulse.changed |= tool_state.record.completed;
		if (tool_state.record.completed) /* that counts as a minute of work */
			backoff_works(&tool_state.backoff, clock_now() - BACKOFF_STABLE);
		tool_state.record.completed = false;
		if (look_around())
			return AVERROR_EXIT;
	}
	return error;
}

/* From here on what the source sends is parsed in this process. */
static void enter_sandbox(const int *folders, size_t count)
{
	tool_state.sandbox = sandbox_network(folders, count);
	if (tool_state.sandbox == SANDBOX_NONE)
		msg_warn("this kernel allows no sandbox: what the source sends is parsed "
			 "without one:");
}

static void lock_down(void)
{
	const char *name, *cursor = tool_state.record.cursor;
	const int folders[] = {tool_state.record.shelf.folder, tool_state.pulse.folder,
		cursor ? path_open_parent(cursor, &name) : -1};

	enter_sandbox(folders, sizeof folders / sizeof *folders);
	path_close(folders[2]);
}

static int run(void)
{
	struct source *source = &tool_state.source;
	AVPacket *packet = av_packet_alloc();

	if (!packet)
		msg_die(EX_OSERR, "start:");
	backoff_works(&tool_state.backoff, clock_now() - BACKOFF_STABLE);
	while (!look_around()) {
		int error = source_open(source, url);
		if (error == 0) {
			msg_info("'%s': connected", place);
			tool_state.sessions++;
			*tool_state.error = '\0';
			if (record_source(&tool_state.record, source))
				error = record_all(packet);
			else
				source->why = "no clip can hold what it sends";
			record_end(&tool_state.record,
				tool_state.code >= 0 ? CUT_STOPPED : CUT_LOST);
			source_close(source);
		}
		if (tool_state.code < 0)
			note_failure(error);
		if (tool_state.code < 0)
			rest();
	}
	av_packet_free(&packet);
	return tool_state.code;
}

static int say_source(void)
{
	struct source *source = &tool_state.source;
	static const int none[] = {-1}; /* no folder of its own, but the system's */

	enter_sandbox(none, 1);
	int error = probe(source, url);
	if (error < 0)
		msg_error("'%s': %s", place, source_why(source, error));
	return opt_finish(error < 0 ? EX_UNAVAILABLE : EX_OK);
}

static int open_shelf(const char *path)
{
	struct shelf *shelf = &tool_state.record.shelf;

	if (shelf_open(shelf, path, format_names[format]) == 0)
		return EX_OK;
	if (errno == EWOULDBLOCK) {
		msg_error("'%s': another segcut records there", path);
		return EX_TEMPFAIL;
	}
	msg_error("'%s':", path);
	return errno == ENOENT || errno == ENOTDIR ? EX_NOINPUT : EX_IOERR;
}

static int make_catalogue(const char *path)
{
	int64_t made = catalogue_mend(&tool_state.record.shelf, true);

	if (made < 0) {
		msg_error("'%s/catalogue.tsv':", path);
		return EX_IOERR;
	}
	msg_info("'%s/catalogue.tsv': %jd clips", path, (intmax_t)made);
	return EX_OK;
}

static char *read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);

	if (only_probe && rebuild)
		opt_refuse(&tool, "only one of --probe and --rebuild can be done");
	if (only_probe && *operands)
		opt_refuse(&tool, "option --probe: no folder is wanted");
	if (!only_probe && (!*operands || operands[1]))
		opt_refuse(&tool, "one folder is wanted");
	tool_state.record.ts = tool_state.source.keeps_adts = format == FORMAT_TS;
	tool_state.record.length = seconds * 1000000;
	return *operands;
}

static int read_address(void)
{
	int code = secret_read(url, sizeof url, "address", url_path, NULL, "SOURCE_URL");

	if (code)
		return code;
	if (!address_source(url))
		opt_refuse(&tool,
			*url ? "the address is none of rtmp, rtsp, http, srt, tcp and udp"
			     : "no address: give $SOURCE_URL or -u FILE");
	source_place(url, place, sizeof place);
	return EX_OK;
}

/* Waits a moment for a reader of the last paths. Returns an exit code. */
static int print_rest(void)
{
	struct record *record = &tool_state.record;
	int64_t until = clock_now() + CLOCK_SECOND / 2;
	int code;

	while ((code = record_print(record)) > 0 && clock_now() < until) {
		struct pollfd out = {record->out.fd, POLLOUT, 0};
		poll(&out, 1, clock_timeout(until));
	}
	if (code > 0)
		msg_warn(
			"standard output is not read: the paths of clips are lost there");
	return code < 0 ? lines_lost(errno) : code > 0 ? EX_TEMPFAIL : EX_OK;
}

int main(int argc, char **argv)
{
	opt_begin(&tool);
	const char *path = read_options(argc, argv);
	int code = rebuild ? EX_OK : read_address();
	if (!code && only_probe)
		return say_source();
	if (!code)
		code = open_shelf(path);
	if (!code && rebuild)
		return make_catalogue(path);
	if (!code)
		code = pulse_open(&tool_state.pulse, status, tool.name);
	if (code)
		return code;
	tool_state.signals = sigfd_open();
	if (tool_state.signals < 0)
		msg_die(EX_OSERR, "start:");
	srand((unsigned)getpid());
	tool_state.source.look = look;
	lines_out(&tool_state.record.out, STDOUT_FILENO);
	code = record_begin(&tool_state.record);
	if (code)
		return code;
	lock_down();
	ready_up();
	code = run();
	ready_down();
	int printed = print_rest();
	return opt_finish(code == EX_OK ? printed : code);
}
