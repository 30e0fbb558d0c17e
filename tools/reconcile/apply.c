/*
 * An event changes the list first, and the list goes to the disk; then the list is made
 * true; and only then the event's id goes to the disk. If reconcile is killed in between,
 * the list counts at the next start, and the server sends the event again.
 */
#include "apply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/ready.h"
#include "base/text.h"
#include "create.h"
#include "log.h"

#define SAID_MAX 10 /* streams without settings, for one event */
#define LIST_SHOWN 1024 /* bytes of IDs in a message */

void apply_open(struct apply *apply)
{
	static bool opened;

	for (size_t i = 0; opened && i < STATION_PLACES; i++)
		if (apply->places[i] >= 0)
			close(apply->places[i]);
	station_open_all(apply->places);
	opened = true;
	apply->fresh = false;
}

static void need_known(struct apply *apply)
{
	if (apply->fresh)
		return;
	known_free(&apply->known);
	if (known_read(&apply->known, apply->places, apply->backend) < 0)
		msg_die(errno == ENOMEM ? EX_OSERR : EX_IOERR, "stations:");
	/* It may be a moment's trouble. */
	if (known_has_unreadable(&apply->known)) {
		known_free(&apply->known);
		if (known_read(&apply->known, apply->places, apply->backend) < 0)
			msg_die(EX_IOERR, "stations:");
	}
	apply->fresh = true;
}

int apply_keep(struct apply *apply)
{
	if (apply->dry || expected_write(&apply->expected, apply->folder) == 0)
		return EX_OK;
	log_error(RECONCILE, "'%s/" EXPECTED_PLACE "/" EXPECTED_FILE "':",
		station_path(STATION_STATE));
	return EX_IOERR;
}

int apply_put_aside(struct apply *apply)
{
	static const char aside[] = EXPECTED_FILE ".broken";

	log_error(INIT,
		"'%s/" EXPECTED_PLACE "/" EXPECTED_FILE "' is damaged%s: all stations "
		"stay as they are until the server speaks",
		station_path(STATION_STATE),
		apply->dry ? "" : ", and moved to '.broken'");
	if (apply->dry ||
		renameat(apply->folder, EXPECTED_FILE, apply->folder, aside) == 0)
		return EX_OK;
	log_error(INIT, "'%s':", aside);
	return EX_IOERR;
}

/* Notes the server's word about the station. More stations than have room are left out.
 */
static void note(struct apply *apply, const char *id, enum expected_word word)
{
	if (expected_set(&apply->expected, id, word) == 0 &&
		expected_set(&apply->just, id, word) == 0)
		return;
	if (errno != E2BIG)
		msg_die(EX_OSERR, "the list:");
	log_warn(SSE, "stream '%s': the list has no room for more than %d", id,
		EXPECTED_MAX);
}

int apply_forget(struct apply *apply)
{
	int code = EX_OK;

	need_known(apply);
	expected_free(&apply->expected);
	for (size_t i = 0; i < apply->known.count; i++) {
		const struct known_station *station = &apply->known.stations[i];
		if (station->desired != STATION_UP || station->by != STATION_BY_SERVER)
			continue;
		if (apply->dry) {
			note(apply, station->id, EXPECTED_DOWN);
			continue;
		}
		log_info(BOOT, "stream '%s': stop, until the server speaks", station->id);
		if (station_desire_for_server(station->id, STATION_DOWN, false) < 0) {
			log_error(BOOT, "stream '%s': cannot be stopped:", station->id);
			code = EX_IOERR;
		}
	}
	apply->fresh = false;
	int kept = apply_keep(apply);
	return code ? code : kept;
}

/* Expects this of the station that the name means. */
static void expect(
	struct apply *apply, const struct event_name *name, enum expected_word word)
{
	size_t found = 0, at = 0;
	const struct known_station *station;
	const char *first = NULL;

	if (name->id) {
		station = known_find(&apply->known, name->id);
		if (station && station->has_settings && name->url &&
			!known_has_address(station, name->url))
			log_warn(SSE, "stream '%s' has another address here", name->id);
		note(apply, name->id, word);
		return;
	}
	while ((station = known_with(&apply->known, name->url, &at))) {
		first = first ? first : station->id;
		found++;
	}
	at = 0;
	while ((station = known_with(&apply->known, name->url, &at)))
		note(apply, station->id, found == 1 ? word : EXPECTED_KEEP);
	if (found == 0)
		log_warn(SSE, "an address is that of no station here");
	if (found > 1)
		log_warn(SSE,
			"an address is that of %zu stations, of '%s' and others: they "
			"are left as they are",
			found, first);
}

/* Makes the settings of a station that is not known, if that is allowed. */
static void create(struct apply *apply, const struct event_name *name)
{
	const struct known_station *station = known_find(&apply->known, name->id);

	if (station && (station->has_settings || station->unreadable))
		return;
	if (!apply->template || apply->dry) {
		if (apply->unknown++ < SAID_MAX)
			log_warn(SSE, "stream '%s' has no settings here", name->id);
		return;
	}
	msg_part(LOG_STREAM);
	if (create_settings(apply->places[STATION_SETTINGS], apply->template, name->id,
		    name->url) < 0)
		return;
	log_info(STREAM, "stream '%s': settings made from '%s'", name->id,
		apply->template);
	apply->made = true;
}

/* A station that cannot be read may be any that an address in the list means. */
static void leave_unreadable(struct apply *apply)
{
	for (size_t i = 0; i < apply->known.count; i++) {
		const struct known_station *station = &apply->known.stations[i];
		if (!station->unreadable || expected_find(&apply->expected, station->id))
			continue;
		log_warn(SSE, "stream '%s' cannot be read: it is left as it is",
			station->id);
		note(apply, station->id, EXPECTED_KEEP);
	}
}

/* The server has said all that should run. */
static void take_state(struct apply *apply, const struct event *event)
{
	const struct plan_rule rule = {.over = apply->rule.over, .spoken = true};

	if (event->unclear > 0)
		log_warn(SSE,
			"event '%s': a stream in it cannot be understood: nothing is "
			"stopped",
			event->id);
	else
		expected_clear(&apply->expected);
	for (size_t i = 0; i < event->count; i++)
		expect(apply, &event->names[i], EXPECTED_UP);
	if (event->unclear > 0)
		return;
	leave_unreadable(apply);
	apply->expected.whole = apply->rule.spoken = true;
	int held = plan_hold(
		&apply->doubt, &apply->known, &apply->expected, rule, clock_now());
	if (held < 0)
		msg_die(EX_OSERR, "the list:");
	if (held > 0)
		log_warn(RECONCILE,
			"this list would stop %d of the streams that are up: it must "
			"come again after %d s or more",
			held, (int)(PLAN_TWICE / CLOCK_SECOND));
}

void apply_take(struct apply *apply, const struct event *event)
{
	static const char *const words[] = {
		[EVENT_START] = "start", [EVENT_STOP] = "stop", [EVENT_STATE] = "state"};

	apply->events++;
	snprintf(apply->event, sizeof apply->event, "%s", event->id);
	if (event->kind == EVENT_OTHER)
		return; /* its id is kept with the next round */
	apply->told = true;
	if (event->kind == EVENT_STATE)
		log_info(SSE, "event '%s': state, streams: %zu", event->id, event->count);
	else
		log_info(SSE, "event '%s': %s of %s%s%s", event->id, words[event->kind],
			event->count && event->names[0].id ? "stream '" : "an address",
			event->count && event->names[0].id ? event->names[0].id : "",
			event->count && event->names[0].id ? "'" : "");
	if (event->fault) {
		log_warn(SSE, "event '%s': %s: nothing is done", event->id, event->fault);
		return;
	}
	apply->unknown = 0;
	need_known(apply);
	for (size_t i = 0; i < event->count && event->kind != EVENT_STOP; i++)
		if (event->names[i].id)
			create(apply, &event->names[i]);
	if (apply->unknown > SAID_MAX)
		log_warn(SSE, "and %zu more have none", apply->unknown - SAID_MAX);
	apply->fresh = apply->fresh && !apply->made;
	apply->made = false;
	need_known(apply);
	if (event->kind == EVENT_STATE)
		take_state(apply, event);
	else
		expect(apply, &event->names[0],
			event->kind == EVENT_START ? EXPECTED_UP : EXPECTED_DOWN);
}

/* IDs in a message: as many as have room. */
struct ids {
	char text[LIST_SHOWN];
	size_t len, count;
};

static void add_id(struct ids *ids, const char *id)
{
	ids->count++;
	if (ids->len + strlen(id) + 8 < sizeof ids->text)
		ids->len += (size_t)snprintf(
			ids->text + ids->len, sizeof ids->text - ids->len, " %s", id);
	else if (ids->len + 5 < sizeof ids->text)
		ids->len += (size_t)snprintf(
			ids->text + ids->len, sizeof ids->text - ids->len, " ...");
}

/* Writes what is desired of the station now. */
static void act(struct apply *apply, const struct known_station *station,
	enum plan_todo todo, const char *why)
{
	bool start = todo == PLAN_START;
	int code = station_desire_for_server(
		station->id, start ? STATION_UP : STATION_DOWN, apply->rule.over);

	if (code < 0) {
		log_error(STREAM, "stream '%s': %s is not possible:", station->id,
			plan_names[todo]);
		snprintf(apply->error, sizeof apply->error, "%s: %s is not possible: %s",
			station->id, plan_names[todo], strerror(errno));
		return;
	}
	if (code > 0) {
		log_info(STREAM, "stream '%s': keep, as a person has just stopped it",
			station->id);
		return;
	}
	apply->started += start;
	apply->stopped += !start;
	log_info(STREAM, "stream '%s': %s, as %s", station->id, plan_names[todo], why);
}

static void tell(struct ids of[PLAN_STOP + 1], const struct ids *run,
	const struct ids *expected, size_t known, bool told)
{
	bool todo = of[PLAN_START].count + of[PLAN_STOP].count > 0;
	enum msg_level level = todo || told ? MSG_INFO : MSG_DEBUG;

	log_say(RECONCILE, level, "what is: %zu of %zu streams run:%s", run->count, known,
		run->count ? run->text : " none");
	log_say(RECONCILE, level, "what should be: %zu:%s", expected->count,
		expected->count ? expected->text : " none");
	log_say(RECONCILE, level, "what to do: start %zu:%s; stop %zu:%s; keep %zu",
		of[PLAN_START].count,
		of[PLAN_START].count ? of[PLAN_START].text : " none", of[PLAN_STOP].count,
		of[PLAN_STOP].count ? of[PLAN_STOP].text : " none", of[PLAN_KEEP].count);
}

/* What is to be done with the station, and why. */
static enum plan_todo plan_for(
	const struct apply *apply, const struct known_station *station, const char **why)
{
	struct plan_rule rule = apply->rule;

	rule.spoken = rule.spoken || expected_find(&apply->just, station->id);
	return plan_of(station, expected_of(&apply->expected, station->id), rule, why);
}

/* Says, or prints, what is, what should be, and what is to be done. */
static void show(const struct apply *apply)
{
	static struct ids of[PLAN_STOP + 1], run, expected;
	const struct expected *list = &apply->expected;
	const char *why;

	memset(of, 0, sizeof of);
	run = expected = (struct ids){.count = 0};
	for (size_t i = 0; i < apply->known.count; i++) {
		const struct known_station *station = &apply->known.stations[i];
		enum plan_todo todo = plan_for(apply, station, &why);
		add_id(&of[todo], station->id);
		if (station->runs)
			add_id(&run, station->id);
		if (apply->dry)
			printf("%s\t%s\t%s\n", station->id, plan_names[todo], why);
	}
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].word != EXPECTED_UP)
			continue;
		add_id(&expected, list->items[i].id);
		if (apply->dry && !known_find(&apply->known, list->items[i].id))
			printf("%s\t%s\tit has no settings here\n", list->items[i].id,
				plan_names[PLAN_KEEP]);
	}
	tell(of, &run, &expected, apply->known.count, apply->told);
}

/* Says why a stream is not as the server has just said: a person would not see it. */
static void tell_kept(
	const struct apply *apply, const struct known_station *station, const char *why)
{
	enum expected_word word = expected_of(&apply->expected, station->id);
	bool up = station->desired == STATION_UP;

	if (apply->told &&
		((word == EXPECTED_UP && !up) || (word == EXPECTED_DOWN && up)))
		log_info(STREAM, "stream '%s': keep, as %s", station->id, why);
}

/* Makes it true. What cannot be written is tried again in the next round. */
static void act_on_all(struct apply *apply)
{
	const char *why;

	*apply->error = '\0';
	for (size_t i = 0; i < apply->known.count; i++) {
		const struct known_station *station = &apply->known.stations[i];
		enum plan_todo todo = plan_for(apply, station, &why);
		if (todo == PLAN_KEEP)
			tell_kept(apply, station, why);
		else
			act(apply, station, todo, why);
		ready_alive(); /* each waits for the disk */
	}
}

int apply_round(struct apply *apply)
{
	int code = apply->told ? apply_keep(apply) : EX_OK;

	if (code)
		return code;
	need_known(apply);
	show(apply);
	if (!apply->dry)
		act_on_all(apply);
	apply->fresh = apply->told = apply->rule.spoken = false;
	expected_clear(&apply->just);
	if (apply->events == 0 || strcmp(apply->expected.event, apply->event) == 0)
		return EX_OK;
	snprintf(apply->expected.event, sizeof apply->expected.event, "%s", apply->event);
	return apply_keep(apply);
}

void apply_close(struct apply *apply)
{
	known_free(&apply->known);
	expected_free(&apply->expected);
	expected_free(&apply->just);
	plan_doubt_free(&apply->doubt);
}
