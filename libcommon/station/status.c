/*
 * A table of the keys, each with its place in struct status, is used by all who show it.
 * status_of fills the struct: first the verdict on the facts, then what a person has
 * decided, then which of the possible reasons explains the state best.
 */
#include "station/status.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "station/settings.h"

#define FIELD(name, kind) \
	{ \
#name, kind, offsetof(struct status, name) \
	}

const struct status_field status_fields[] = {
	FIELD(station, STATUS_TEXT),
	FIELD(name, STATUS_TEXT),
	FIELD(desired, STATUS_TEXT),
	FIELD(state, STATUS_TEXT),
	FIELD(stream, STATUS_TEXT),
	FIELD(heartbeat, STATUS_TEXT),
	FIELD(age, STATUS_NUMBER),
	FIELD(now, STATUS_TEXT),
	FIELD(position, STATUS_MILLISECONDS),
	FIELD(lag, STATUS_NUMBER),
	FIELD(queue, STATUS_NUMBER),
	FIELD(failed, STATUS_NUMBER),
	FIELD(played, STATUS_NUMBER),
	FIELD(reconnects, STATUS_NUMBER),
	FIELD(error, STATUS_TEXT),
	FIELD(held, STATUS_NUMBER),
	FIELD(picture, STATUS_TEXT),
	FIELD(sound, STATUS_TEXT),
	FIELD(filler, STATUS_NUMBER),
	FIELD(source, STATUS_TEXT),
	FIELD(clip, STATUS_TEXT),
	FIELD(recorded, STATUS_MILLISECONDS),
	FIELD(clips, STATUS_NUMBER),
	FIELD(lost, STATUS_NUMBER),
	FIELD(entry, STATUS_NUMBER),
	FIELD(entries, STATUS_NUMBER),
	FIELD(round, STATUS_NUMBER),
	FIELD(missing, STATUS_NUMBER),
	FIELD(next, STATUS_TEXT),
	FIELD(desired_by, STATUS_TEXT),
};

const size_t status_field_count = sizeof status_fields / sizeof *status_fields;

const struct status_field *status_find(const char *key)
{
	const struct status_field *field = status_fields;

	while (strcmp(field->key, key) != 0)
		field++;
	return field;
}

const char *status_text(const struct status *status, const struct status_field *field)
{
	const char *const *at = (const void *)((const char *)status + field->offset);

	return *at && **at ? *at : NULL;
}

int64_t status_number(const struct status *status, const struct status_field *field)
{
	return *(const int64_t *)(const void *)((const char *)status + field->offset);
}

void status_show(char *out, size_t size, const struct status *status,
	const struct status_field *field)
{
	char raw[PATH_MAX];

	if (field->kind == STATUS_TEXT) {
		const char *text = status_text(status, field);
		if (!text)
			text = STATUS_DASH;
		/* Made safe anew: a fact may be of somebody who does not escape. */
		if (text_decode(raw, sizeof raw, text) == 0)
			text = raw;
		text_escape(out, size, text, strlen(text));
		return;
	}
	int64_t number = status_number(status, field);
	if (number == STATUS_NONE)
		snprintf(out, size, STATUS_DASH);
	else if (field->kind == STATUS_NUMBER)
		snprintf(out, size, "%" PRId64, number);
	else
		snprintf(out, size, "%" PRId64 ".%03d", number / 1000,
			(int)(number % 1000));
}

static int64_t number(const struct fact *fact, const char *key)
{
	int64_t n;

	return fact->state == FACT_GOOD && fact_number(fact, key, &n) == 0 ? n
									   : STATUS_NONE;
}

static const char *text(const struct fact *fact, const char *key)
{
	return fact->state == FACT_GOOD ? fact_get(fact, key) : NULL;
}

/* The word if it is one of words; else NULL: a fact may hold anything. */
static const char *known(const char *word, const char *const *words)
{
	while (*words && (!word || strcmp(word, *words) != 0))
		words++;
	return *words;
}

/* The words that the player has for its state, and for the picture and sound it sends. */
static const char *const states[] = {"playing", "waiting", "recording", "reconnecting",
	"starting", "error", "stopped", NULL};
static const char *const pictures[] = {"clip", "filler", "none", NULL};
static const char *const connections[] = {"connected", "disconnected", NULL};
static const char *const sounds[] = {"clip", "encoded", "silence", "none", NULL};

/* The activity of a healthy station, as rtmppush says, or else as its heartbeat says. */
static const char *activity(const struct stage_facts *facts)
{
	const char *state = known(text(&facts->of[STAGE_RTMPPUSH], "state"), states);

	if (!state)
		state = known(text(&facts->of[STAGE_SEGCUT], "state"), states);
	if (!state)
		state = known(text(&facts->of[STAGE_HBWRITE], "state"), states);
	if (state)
		return state;
	if (facts->of[STAGE_HBWRITE].state == FACT_ABSENT)
		return "starting";
	return number(&facts->of[STAGE_CAMWATCH], "waiting") == 0 ? "waiting" : "playing";
}

/* A value that no tool would take; what is missing may be so on purpose. */
static bool find_fault(const struct conf *conf, struct settings_fault *fault)
{
	for (size_t at = 0; settings_fault(conf, &at, fault);)
		if (fault->expected && fault->value)
			return true;
	return false;
}

/* True if settings or desired state are broken; why gets the reason. */
static bool is_broken(const struct snapshot *snapshot, char *why, size_t size)
{
	static const char head[] = "settings: ";
	int error = snapshot->errors[PART_DESIRED];
	struct settings_fault fault;

	if (snapshot->errors[PART_SETTINGS] && !snapshot_is_hidden(snapshot))
		snprintf(why, size, "%s%s", head,
			strerror(snapshot->errors[PART_SETTINGS]));
	else if (find_fault(&snapshot->conf, &fault))
		settings_tell(stpcpy(why, head), size - strlen(head), &fault);
	else if (error)
		snprintf(why, size, "desired: %s",
			error == EINVAL ? "neither up nor down" : strerror(error));
	return *why;
}

/* True if a tool lives, by a verdict that all those live that have a fact. */
static bool has_tools(const struct stage_facts *facts)
{
	for (size_t i = 0; i < STAGES; i++)
		if (stage_rows[i].has_pulse && facts->of[i].state == FACT_GOOD)
			return true;
	return false;
}

/* Why the tools are not run just now, as stationrun says it; NULL: it does not. */
static const char *what_holds(const struct snapshot *snapshot)
{
	const struct fact *run = &snapshot->facts.of[STAGE_STATIONRUN];
	const char *state = text(run, "state"), *why = text(run, "error");
	int64_t pulse = verdict_age(run, &snapshot->now);

	if (pulse < 0 || pulse > VERDICT_PULSE || !state || strcmp(state, "waiting") != 0)
		return NULL;
	return why ? why : "its tools do not run";
}

/* The state of a station whose settings are in order. */
static const char *judge(const struct snapshot *snapshot, enum verdict_kind kind)
{
	const char *state;

	switch (kind) {
	case VERDICT_MISSING:
		return snapshot->desired == STATION_UP ? "stale" : "stopped";
	case VERDICT_STALE:
		return snapshot->desired == STATION_DOWN ? "stopped" : "stale";
	case VERDICT_SILENT:
		return "silent";
	case VERDICT_ERROR:
		return snapshot->desired == STATION_DOWN && !has_tools(&snapshot->facts)
			? "stopped"
			: "error";
	case VERDICT_FUTURE:
	case VERDICT_CORRUPT:
		return "error";
	default:
		state = activity(&snapshot->facts);
		if (snapshot->desired == STATION_DOWN && !has_tools(&snapshot->facts))
			return "stopped";
		/* The player has ended; who wants it starts it again. */
		return strcmp(state, "stopped") == 0 && snapshot->desired == STATION_UP
			? "starting"
			: state;
	}
}

/* True if nothing has ever come: nothing was played, and no clip is there. */
static bool is_new(const struct snapshot *snapshot)
{
	const char *newest = text(&snapshot->facts.of[STAGE_CAMWATCH], "newest");

	return !snapshot->cursor && !snapshot->errors[PART_CURSOR] && newest && !*newest;
}

static int64_t sum_known(int64_t a, int64_t b)
{
	if (a < 0 || b < 0 || a > INT64_MAX - b)
		return a > b ? a : b;
	return a + b;
}

static bool is_stopped(const struct status *status)
{
	return strcmp(status->state, "stopped") == 0;
}

/* The verdict, and the player's error, which is most likely why. */
static void explain_verdict(
	struct status *status, const struct verdict *verdict, const struct fact *player)
{
	const char *trouble = text(player, "error");
	bool known = verdict->kind != VERDICT_ERROR && trouble && *trouble;

	snprintf(status->why, sizeof status->why, "%s%s%s", verdict->reason,
		known ? ": " : "", known ? trouble : "");
}

static void explain_hidden(struct status *status, const struct snapshot *snapshot)
{
	snprintf(status->why, sizeof status->why, "settings: %s",
		strerror(snapshot->errors[PART_SETTINGS]));
	status->error = status->why;
}

/* The error of a station that the verdict finds well. */
static const char *own_error(const struct status *status, const struct stage_facts *facts)
{
	const struct {
		enum stage stage;
		const char *key;
	} places[] = {{STAGE_RTMPPUSH, "error"}, {STAGE_SEGCUT, "source_error"},
		{STAGE_CAMWATCH, "mistimed_why"}};

	for (size_t i = 0; i < sizeof places / sizeof *places && !is_stopped(status);
		i++) {
		const char *own = text(&facts->of[places[i].stage], places[i].key);
		if (own && *own)
			return own;
	}
	return NULL;
}

/* usual: what it is while nobody has decided. What was decided may not be readable. */
static bool is_desired_up(const struct snapshot *snapshot, bool usual)
{
	if (snapshot->desired == STATION_UP || snapshot->errors[PART_DESIRED])
		return true;
	return snapshot->desired == STATION_UNDECIDED && usual;
}

/* The fact if its tool lives, by its pulse; else an empty one. */
static const struct fact *living(const struct fact *fact, const struct clock_stamp *now)
{
	static const struct fact none;
	int64_t pulse = verdict_age(fact, now);

	return pulse >= 0 && pulse <= VERDICT_PULSE ? fact : &none;
}

static void add_recorder(struct status *status, const struct snapshot *snapshot)
{
	const struct fact *cut = &snapshot->facts.of[STAGE_SEGCUT];
	const struct fact *recorder = living(cut, &snapshot->now);

	status->source = known(text(recorder, "source"), connections);
	status->clip = text(recorder, "clip");
	status->recorded = number(recorder, "position");
	status->clips = number(cut, "clips");
	status->lost = number(cut, "lost");
}

static void add_list(struct status *status, const struct snapshot *snapshot)
{
	const struct fact *list =
		living(&snapshot->facts.of[STAGE_PLAYLIST], &snapshot->now);

	status->entry = number(list, "entry");
	status->entries = number(list, "entries");
	status->round = number(list, "round");
	status->missing = number(list, "missing");
	status->next = text(list, "next");
}

static const char *const words[] = {
	[STATION_UNDECIDED] = NULL, [STATION_UP] = "up", [STATION_DOWN] = "down"};

static const char *desired_by(const struct snapshot *snapshot)
{
	if (snapshot->desired == STATION_UNDECIDED)
		return NULL;
	return snapshot->by == STATION_BY_SERVER ? "server" : "person";
}

void status_of(struct status *status, const struct snapshot *snapshot)
{
	const struct stage_facts *facts = &snapshot->facts;
	const struct fact *push = &facts->of[STAGE_RTMPPUSH];
	struct station_settings settings;
	const char *key;

	station_settings_of(&snapshot->conf, &settings, &key);
	struct verdict verdict = verdict_station(
		facts, &snapshot->now, settings.stale_after, settings.silent_after);
	int64_t age = verdict_age(&facts->of[STAGE_HBWRITE], &snapshot->now);
	const struct fact *player = living(push, &snapshot->now);
	const char *stream = text(player, "stream");

	*status = (struct status){
		.station = snapshot->id,
		.name = settings_get(&snapshot->conf, SETTINGS_NAME),
		.desired = words[snapshot->desired],
		.desired_by = desired_by(snapshot),
		.stream = stream && strcmp(stream, "connected") == 0 ? "connected"
								     : "disconnected",
		.heartbeat = text(&facts->of[STAGE_HBWRITE], "time"),
		.age = age < 0 ? STATUS_NONE : age / CLOCK_SECOND,
		.now = text(player, "now"),
		.position = number(player, "position"),
		.lag = number(player, "lag"),
		.queue = sum_known(number(&facts->of[STAGE_CAMWATCH], "waiting"),
			number(player, "queue")),
		.failed = snapshot->failed,
		.verdict = verdict.kind,
		.unreachable = verdict.unreachable,
		.restarts = verdict.restarts,
		.played = number(push, "played"),
		.reconnects = number(push, "reconnects"),
		.picture = known(text(player, "picture"), pictures),
		.sound = known(text(player, "sound"), sounds),
		.filler = number(push, "filler"),
		.held = number(&facts->of[STAGE_CAMWATCH], "held"),
	};
	add_recorder(status, snapshot);
	add_list(status, snapshot);
	if (!*status->name || strstr(status->name, "://")) /* it may hold a secret */
		status->name = snapshot->id;
	const char *held = what_holds(snapshot);
	bool broken = is_broken(snapshot, status->why, sizeof status->why);
	const char *wrong = broken ? status->why : held;
	status->state = wrong ? "error" : judge(snapshot, verdict.kind);
	bool stopped = is_stopped(status);
	bool bad_verdict = !stopped && verdict.kind != VERDICT_OK;
	if (bad_verdict && !broken)
		explain_verdict(status, &verdict, player);
	const char *other = bad_verdict ? status->why : own_error(status, facts);
	status->error = wrong ? wrong : other;
	status->hidden = snapshot_is_hidden(snapshot);
	if (status->hidden && (!status->error || !*status->error))
		explain_hidden(status, snapshot);
	status->first = strcmp(status->state, "waiting") == 0 && is_new(snapshot);
	status->desired_up = is_desired_up(snapshot, settings.active && !stopped);
	status->healthy = status->desired_up && !status->hidden && !bad_verdict &&
		!stopped && strcmp(status->state, "error") != 0;
}
