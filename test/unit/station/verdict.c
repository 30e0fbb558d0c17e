/* verdict: the rules of the header, at their limits. */
#include "unit.h"

#include "station/verdict.h"

/* The present is second 10000 of BOOT. */
#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define OLD_BOOT "fedcba98-89ab-cdef-0123-456789abcdef"
#define STAMP(when) "boot: " BOOT "\nmono: " when "\n"
#define BEAT(when) "boot: " BOOT "\nmono: " when "\nlast: clip\n"
#define EARLIER "boot: " OLD_BOOT "\nmono: 9999\n"

static const struct clock_stamp now = {BOOT, 10000 * CLOCK_SECOND};

static const int64_t stale_after = 180 * CLOCK_SECOND, silent_after = 600 * CLOCK_SECOND;

/* NULL: there is no such fact. */
static struct fact fact(const char *text)
{
	return text ? fact_parse(text, strlen(text))
		    : (struct fact){.state = FACT_ABSENT};
}

static void check(size_t row, struct verdict got, enum verdict_kind kind, int64_t age,
	int64_t limit, const char *reason)
{
	if (got.kind != kind || got.age != age || got.limit != limit ||
		strcmp(got.reason, reason) != 0)
		fail_msg("row %zu: %s, age %lld, limit %lld, %s", row,
			verdict_name(got.kind), (long long)got.age, (long long)got.limit,
			got.reason);
}

UNIT_TEST(test_heartbeat)
{
	static const struct {
		const char *text;
		enum verdict_kind kind;
		int64_t age;
		const char *reason;
	} rows[] = {
		{BEAT("10000.000"), VERDICT_OK, 0, "heartbeat"},
		{BEAT("9999.999"), VERDICT_OK, 1, "heartbeat"},
		{BEAT("9820.000"), VERDICT_OK, 180000, "heartbeat"},
		{BEAT("9819.999"), VERDICT_STALE, 180001, "heartbeat too old"},
		{BEAT("0"), VERDICT_STALE, 10000000, "heartbeat too old"},
		{BEAT("10000.001"), VERDICT_FUTURE, -1, "of the future"},
		{BEAT("4000000000"), VERDICT_FUTURE, -1, "of the future"},
		{EARLIER "last: \n", VERDICT_STALE, -1, "of an earlier boot"},
		/* Another boot's seconds cannot be compared, so they are no future. */
		{"boot: " OLD_BOOT "\nmono: 20000\nlast: \n", VERDICT_STALE, -1,
			"of an earlier boot"},
		{NULL, VERDICT_MISSING, -1, "no heartbeat"},
		{"", VERDICT_CORRUPT, -1, "not a whole heartbeat"},
		{"garbage\n", VERDICT_CORRUPT, -1, "not a whole heartbeat"},
		{STAMP("9999"), VERDICT_CORRUPT, -1,
			"not a whole heartbeat"}, /* no last */
		{BEAT("soon"), VERDICT_CORRUPT, -1, "no boot and mono"},
		{BEAT("-1"), VERDICT_CORRUPT, -1, "no boot and mono"},
		{"mono: 9999\nlast: \n", VERDICT_CORRUPT, -1, "no boot and mono"},
		{"boot: " BOOT "\nlast: \n", VERDICT_CORRUPT, -1, "no boot and mono"},
		{"boot: x\nmono: 9999\nlast: \n", VERDICT_CORRUPT, -1,
			"no boot and mono"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct fact beat = fact(rows[i].text);

		check(i, verdict_heartbeat(&beat, &now, stale_after), rows[i].kind,
			rows[i].age, stale_after, rows[i].reason);
		fact_free(&beat);
	}
	struct fact error = {.state = FACT_ERROR};
	assert_int_equal(
		verdict_heartbeat(&error, &now, stale_after).kind, VERDICT_CORRUPT);
}

UNIT_TEST(test_age)
{
	static const struct {
		const char *text;
		int64_t age;
	} rows[] = {{STAMP("9999.5"), 500}, {STAMP("10000"), 0}, {STAMP("10000.001"), -1},
		{EARLIER, -1}, {"a: 1\n", -1}, {"half", -1}, {NULL, -1}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct fact one = fact(rows[i].text);

		assert_int_equal(verdict_age(&one, &now), rows[i].age);
		fact_free(&one);
	}
}

#define LIVELY STAMP("9999")
#define CAMERA LIVELY "waiting: 0\n"
#define PUSH LIVELY "queue: 0\n"
#define BAD(tool) VERDICT_CORRUPT, -1, 90000, "fact of " tool
#define STALE_BEAT BEAT("9000")
#define TOO_OLD VERDICT_STALE, 1000000, 180000, "heartbeat too old"
#define REFUSED(good) \
	LIVELY "good: " good "\nrefused: 3\nrefused_why: the video is hevc\n"
#define ALL_REFUSED(words) VERDICT_ERROR, -1, 180000, words ": the video is hevc"
#define FINE VERDICT_OK, 0, 180000, "heartbeat"

static const struct {
	const char *heartbeat, *camwatch, *segcheck, *rtmppush;
	enum verdict_kind kind;
	int64_t age, limit;
	const char *reason;
} stations[] = {
	/* Without tools the heartbeat alone counts. */
	{NULL, NULL, NULL, NULL, VERDICT_MISSING, -1, 180000, "no heartbeat"},
	{BEAT("10000"), NULL, NULL, NULL, FINE},
	{STALE_BEAT, NULL, NULL, NULL, TOO_OLD},
	{EARLIER "last: \n", NULL, NULL, NULL, VERDICT_STALE, -1, 180000,
		"of an earlier boot"},
	/* A heartbeat that is none comes first. */
	{STAMP("9999"), "x", LIVELY, LIVELY, VERDICT_CORRUPT, -1, 180000,
		"not a whole heartbeat"},
	{BEAT("10001"), STAMP("1"), NULL, NULL, VERDICT_FUTURE, -1, 180000,
		"of the future"},
	/* A pulse: 90 s are enough, a millisecond more is not; none at all is no tool. */
	{BEAT("10000"), STAMP("9910") "waiting: 0\n", NULL, NULL, FINE},
	{BEAT("10000"), STAMP("9909.999"), NULL, NULL, VERDICT_STALE, 90001, 90000,
		"no pulse of camwatch"},
	{BEAT("10000"), CAMERA, STAMP("9909.999"), PUSH, VERDICT_STALE, 90001, 90000,
		"no pulse of segcheck"},
	{BEAT("10000"), CAMERA, LIVELY, STAMP("1"), VERDICT_STALE, 9999000, 90000,
		"no pulse of rtmppush"},
	{BEAT("10000"), EARLIER, NULL, NULL, VERDICT_STALE, -1, 90000,
		"no pulse of camwatch"},
	{NULL, NULL, STAMP("1"), NULL, VERDICT_STALE, 9999000, 90000,
		"no pulse of segcheck"},
	{BEAT("10000"), STAMP("10000.001"), NULL, NULL, VERDICT_FUTURE, -1, 90000,
		"fact of camwatch"},
	{BEAT("10000"), CAMERA, "half", NULL, VERDICT_CORRUPT, -1, 90000,
		"fact of segcheck"},
	{BEAT("10000"), CAMERA, LIVELY, "a: 1\n", VERDICT_CORRUPT, -1, 90000,
		"fact of rtmppush"},
	/* Something waits: the heartbeat must be young. */
	{BEAT("9820"), LIVELY "waiting: 1\nquiet: 0\n", NULL, NULL, VERDICT_OK, 180000,
		180000, "heartbeat"},
	{BEAT("9819.999"), LIVELY "waiting: 1\nquiet: 0\n", NULL, NULL, VERDICT_STALE,
		180001, 180000, "heartbeat too old"},
	{STALE_BEAT, LIVELY "waiting: 0\nquiet: 0\n", NULL, LIVELY "queue: 1\n", TOO_OLD},
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 9000\n", NULL, NULL, TOO_OLD},
	/* It has waited since the busy one of them began. */
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 0\nbusy: 9820\n", NULL, NULL, VERDICT_OK,
		180000, 180000, "heartbeat"},
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 0\nbusy: 9819.999\n", NULL, NULL,
		VERDICT_STALE, 180001, 180000, "heartbeat too old"},
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 0\nbusy: 9999\n", NULL,
		LIVELY "queue: 1\nbusy: 9900\n", VERDICT_OK, 100000, 180000, "heartbeat"},
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 0\nbusy: \n", NULL, NULL, TOO_OLD},
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 0\nbusy: x\n", NULL, NULL, TOO_OLD},
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 0\nbusy: 8000\n", NULL, NULL, TOO_OLD},
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 0\nbusy: 10001\n", NULL, NULL, TOO_OLD},
	{EARLIER "last: \n", LIVELY "waiting: 1\nstarted: 100\nbusy: 9900\n", NULL, NULL,
		VERDICT_OK, 100000, 180000, "heartbeat"},
	{STALE_BEAT, LIVELY "waiting: 0\nquiet: 0\nbusy: 8000\n", NULL,
		LIVELY "queue: 1\nbusy: 9900\n", VERDICT_OK, 100000, 180000, "heartbeat"},
	/* What plays is not stale, however long the clip. */
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 0\n", NULL,
		LIVELY "queue: 1\nmoved: 9820\n", VERDICT_OK, 180000, 180000,
		"the player moves"},
	{STALE_BEAT, CAMERA "quiet: 0\n", NULL, LIVELY "queue: 1\nmoved: 9819.999\n",
		VERDICT_STALE, 180001, 180000, "heartbeat too old"},
	{EARLIER "last: \n", LIVELY "waiting: 1\nstarted: 100\n", NULL,
		LIVELY "queue: 1\nmoved: 9999\n", VERDICT_OK, 1000, 180000,
		"the player moves"},
	{BEAT("10000"), CAMERA, NULL, LIVELY "queue: 1\nmoved: 9000\n", FINE},
	{STALE_BEAT, CAMERA, NULL, LIVELY "queue: 1\nmoved: \n", TOO_OLD},
	{STALE_BEAT, CAMERA, NULL, LIVELY "queue: 1\nmoved: x\n", TOO_OLD},
	{STALE_BEAT, CAMERA, NULL, LIVELY "queue: 1\nmoved: 10001\n", TOO_OLD},
	{STALE_BEAT, CAMERA, NULL, STAMP("1") "queue: 1\nmoved: 9999\n", VERDICT_STALE,
		9999000, 90000, "no pulse of rtmppush"},
	/* Nothing waits: it may be old, while the camera is not quiet for too long. */
	{STALE_BEAT, LIVELY "waiting: 0\nquiet: 0\n", NULL, LIVELY "queue: 0\n",
		VERDICT_OK, 1000000, 180000, "nothing to play"},
	{STALE_BEAT, STAMP("10000") "waiting: 0\nquiet: 600\n", NULL, NULL, VERDICT_OK,
		1000000, 180000, "nothing to play"},
	{STALE_BEAT, STAMP("10000") "waiting: 0\nquiet: 600.001\n", NULL, NULL,
		VERDICT_SILENT, 600001, 600000, "the camera sends nothing"},
	/* It stays quiet after the fact was written. */
	{STALE_BEAT, STAMP("9999") "waiting: 0\nquiet: 599\n", NULL, NULL, VERDICT_OK,
		1000000, 180000, "nothing to play"},
	{STALE_BEAT, STAMP("9999") "waiting: 0\nquiet: 599.001\n", NULL, NULL,
		VERDICT_SILENT, 600001, 600000, "the camera sends nothing"},
	{NULL, LIVELY "waiting: 0\nquiet: 0\n", NULL, NULL, VERDICT_OK, -1, 180000,
		"nothing to play"},
	{NULL, LIVELY "waiting: 0\nquiet: 9000\n", NULL, NULL, VERDICT_SILENT, 9001000,
		600000, "the camera sends nothing"},
	/* Without a camera that tells, the heartbeat counts. */
	{STALE_BEAT, NULL, LIVELY, LIVELY "queue: 0\n", TOO_OLD},
	{STALE_BEAT, LIVELY "waiting: 0\n", NULL, NULL, TOO_OLD},
	/* All is refused: no restart helps, and no waiting. */
	{BEAT("10000"), CAMERA "quiet: 0\n",
		LIVELY "good: 0\nrefused: 2\nrefused_why: the video is hevc\n", PUSH,
		VERDICT_OK, 0, 180000, "nothing to play"},
	{BEAT("10000"), CAMERA "quiet: 0\n", REFUSED("0"), PUSH,
		ALL_REFUSED("3 of 3 clips refused")},
	{BEAT("10000"), CAMERA "quiet: 0\n", REFUSED("1"), PUSH,
		ALL_REFUSED("the last 3 clips refused")},
	{STALE_BEAT, LIVELY "waiting: 1\nquiet: 0\n", REFUSED("0"), PUSH,
		ALL_REFUSED("3 of 3 clips refused")},
	{STALE_BEAT, CAMERA "quiet: 9000\n", REFUSED("0"), PUSH,
		ALL_REFUSED("3 of 3 clips refused")},
	{NULL, CAMERA "quiet: 0\nstarted: 9990\n", REFUSED("0"), PUSH,
		ALL_REFUSED("3 of 3 clips refused")},
	{BEAT("10000"), CAMERA, REFUSED("0"), LIVELY "queue: 1\n",
		ALL_REFUSED("3 of 3 clips refused")},
	/* None is in time. */
	{BEAT("10000"), CAMERA "quiet: 0\nmistimed: 3\nmistimed_why: late\x1b\n", LIVELY,
		PUSH, VERDICT_ERROR, -1, 180000, "late\\x1b"},
	{STALE_BEAT, CAMERA "quiet: 0\nmistimed: 3\nmistimed_why: late\n", LIVELY,
		LIVELY "queue: 1\n", TOO_OLD},
	{BEAT("10000"), CAMERA "quiet: 0\nmistimed: 2\nmistimed_why: late\n", LIVELY,
		PUSH, VERDICT_OK, 0, 180000, "nothing to play"},
	{BEAT("10000"), CAMERA "quiet: 0\nmistimed: 3\nmistimed_why: \n", LIVELY, PUSH,
		VERDICT_OK, 0, 180000, "nothing to play"},
	{BEAT("10000"), CAMERA "quiet: 0\nmistimed: 3\n", LIVELY, PUSH, VERDICT_OK, 0,
		180000, "nothing to play"},
	/* A full quarantine holds back what comes behind the bad clip. */
	{BEAT("10000"), CAMERA "quiet: 0\n",
		LIVELY "error: no room in 'd/_failed': full\n", PUSH, VERDICT_ERROR, -1,
		180000, "no room in 'd/_failed': full"},
	{BEAT("1"), STAMP("10000") "waiting: 0\nquiet: 601\n",
		LIVELY "error: no room in 'd/_failed': full\n", PUSH, VERDICT_ERROR, -1,
		180000, "no room in 'd/_failed': full"},
	{BEAT("10000"), CAMERA "quiet: 0\nerror: the disk is full\n",
		LIVELY "error: no room\n", PUSH, VERDICT_ERROR, -1, 180000, "no room"},
	{BEAT("10000"), CAMERA "quiet: 0\n", LIVELY "error: \n", PUSH, VERDICT_OK, 0,
		180000, "nothing to play"},
	{STALE_BEAT, CAMERA, LIVELY "error: no room\n", LIVELY "queue: 1\n", TOO_OLD},
	/* But these come first. */
	{STALE_BEAT, CAMERA, REFUSED("0"), LIVELY "queue: 1\n", TOO_OLD},
	{BEAT("10000"), CAMERA, REFUSED("0"), STAMP("1"), VERDICT_STALE, 9999000, 90000,
		"no pulse of rtmppush"},
	{BEAT("10000"), CAMERA,
		LIVELY "refused: 3\nrefused_why: a\x1b"
		       "b\\x0ac\n",
		PUSH, VERDICT_ERROR, -1, 180000,
		"the last 3 clips refused: a\\x1bb\\x0ac"},
	{BEAT("10000"), CAMERA, LIVELY "refused: many\n", PUSH, FINE},
	/* Numbers that are none, or not there, are no facts. */
	{BEAT("10000"), LIVELY, NULL, NULL, BAD("camwatch")},
	{BEAT("10000"), LIVELY "waiting: many\n", NULL, NULL, BAD("camwatch")},
	{BEAT("10000"), LIVELY "waiting: -1\n", NULL, NULL, BAD("camwatch")},
	{BEAT("10000"), LIVELY "waiting: 1.5\n", NULL, NULL, BAD("camwatch")},
	{BEAT("10000"), CAMERA "quiet: soon\n", NULL, NULL, BAD("camwatch")},
	{BEAT("10000"), CAMERA "quiet: -1\n", NULL, NULL, BAD("camwatch")},
	{BEAT("10000"), CAMERA "started: \n", NULL, NULL, BAD("camwatch")},
	{BEAT("10000"), CAMERA, LIVELY "started: x\n", NULL, BAD("segcheck")},
	{BEAT("10000"), CAMERA, LIVELY, LIVELY, BAD("rtmppush")},
	{BEAT("10000"), CAMERA, LIVELY, LIVELY "queue: -3\n", BAD("rtmppush")},
	{BEAT("10000"), CAMERA, LIVELY, LIVELY "queue: \n", BAD("rtmppush")},
	{BEAT("10000"), CAMERA, LIVELY "quiet: any\nwaiting: any\n", PUSH, FINE},
	/* A pulse that is missing explains them. */
	{BEAT("10000"), STAMP("1") "waiting: many\n", NULL, NULL, VERDICT_STALE, 9999000,
		90000, "no pulse of camwatch"},
	/* No beat in this boot yet: there could have been one since the first start. */
	{NULL, NULL, LIVELY "started: 9820\n", NULL, VERDICT_OK, 180000, 180000,
		"heartbeat"},
	{NULL, NULL, LIVELY "started: 9819.999\n", NULL, VERDICT_STALE, 180001, 180000,
		"heartbeat too old"},
	{NULL, NULL, LIVELY "started: 9000\n", PUSH "started: 9990\n", TOO_OLD},
	{NULL, CAMERA "started: 9990\n", LIVELY "started: 9000\n", NULL, TOO_OLD},
	{EARLIER "last: \n", LIVELY "started: 9990\nwaiting: 3\nquiet: 0\n", NULL, NULL,
		VERDICT_OK, 10000, 180000, "heartbeat"},
	{EARLIER "last: \n", LIVELY "started: 9000\nwaiting: 3\nquiet: 0\n", NULL, NULL,
		TOO_OLD},
	{NULL, NULL, STAMP("9910") "started: 9990\n", NULL, VERDICT_OK, 10000, 180000,
		"heartbeat"},
	/* A start that has not been gives no grace, and a beat needs none. */
	{NULL, NULL, LIVELY "started: 10001\n", NULL, VERDICT_MISSING, -1, 180000,
		"no heartbeat"},
	{NULL, NULL, LIVELY, NULL, VERDICT_MISSING, -1, 180000, "no heartbeat"},
	{STALE_BEAT, NULL, LIVELY "started: 9990\n", NULL, TOO_OLD},
};

UNIT_TEST(test_station)
{
	for (size_t i = 0; i < UNIT_COUNT(stations); i++) {
		struct stage_facts facts = {
			.of[STAGE_HBWRITE] = fact(stations[i].heartbeat),
			.of[STAGE_CAMWATCH] = fact(stations[i].camwatch),
			.of[STAGE_SEGCHECK] = fact(stations[i].segcheck),
			.of[STAGE_RTMPPUSH] = fact(stations[i].rtmppush),
		};

		check(i, verdict_station(&facts, &now, stale_after, silent_after),
			stations[i].kind, stations[i].age, stations[i].limit,
			stations[i].reason);
		stage_facts_free(&facts);
		assert_int_equal(facts.of[STAGE_HBWRITE].state, FACT_ABSENT);
		assert_null(facts.of[STAGE_RTMPPUSH].text);
	}
}

/* What few stations have must have a pulse where it is. */
UNIT_TEST(test_few)
{
	static const struct {
		const char *segunpack, *segpack;
		enum verdict_kind kind;
		int64_t age, limit;
		const char *reason;
	} rows[] = {
		{LIVELY, LIVELY, FINE},
		{NULL, STAMP("9909.999"), VERDICT_STALE, 90001, 90000,
			"no pulse of segpack"},
		{STAMP("9909.999"), NULL, VERDICT_STALE, 90001, 90000,
			"no pulse of segunpack"},
		{"half", LIVELY, BAD("segunpack")},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct stage_facts facts = {
			.of[STAGE_HBWRITE] = fact(BEAT("10000")),
			.of[STAGE_CAMWATCH] = fact(CAMERA),
			.of[STAGE_RTMPPUSH] = fact(PUSH),
			.of[STAGE_SEGUNPACK] = fact(rows[i].segunpack),
			.of[STAGE_SEGPACK] = fact(rows[i].segpack),
		};

		check(i, verdict_station(&facts, &now, stale_after, silent_after),
			rows[i].kind, rows[i].age, rows[i].limit, rows[i].reason);
		stage_facts_free(&facts);
	}
}

/* A server that is away is no fault of a tool. */
UNIT_TEST(test_unreachable)
{
	static const struct {
		const char *heartbeat, *rtmppush;
		bool unreachable;
	} rows[] = {
		{STALE_BEAT, "queue: 1\nstate: reconnecting\n", true},
		{BEAT("10000"), "queue: 1\nstate: reconnecting\n", false},
		{STALE_BEAT, "queue: 1\nstate: starting\n", true},
		{STALE_BEAT, "queue: 1\nstate: playing\n", false},
		{STALE_BEAT, "queue: 1\nstream: connected\nsince: 8\n", true},
		{STALE_BEAT, "queue: 1\nstream: connected\nsince: 9\n", false},
		{STALE_BEAT, "queue: 1\nstream: disconnected\nsince: 0\n", false},
		{STALE_BEAT, "queue: 1\nstream: connected\n", false},
		{STALE_BEAT, "queue: 1\n", false},
	};
	static const char *const segcheck[] = {LIVELY, STAMP("1")};

	for (size_t i = 0; i < 2 * UNIT_COUNT(rows); i++) {
		char push[200];

		snprintf(push, sizeof push, LIVELY "%s", rows[i / 2].rtmppush);
		struct stage_facts facts = {
			.of[STAGE_HBWRITE] = fact(rows[i / 2].heartbeat),
			.of[STAGE_CAMWATCH] = fact(CAMERA),
			.of[STAGE_SEGCHECK] = fact(segcheck[i % 2]),
			.of[STAGE_RTMPPUSH] = fact(push),
		};
		/* A tool that hangs is restarted all the same. */
		bool wanted = rows[i / 2].unreachable && i % 2 == 0;
		if (verdict_station(&facts, &now, stale_after, silent_after)
				.unreachable != wanted)
			fail_msg("row %zu", i);
		stage_facts_free(&facts);
	}
}

/* Restarts count until the next beat; five of them are an error. */
UNIT_TEST(test_restarts)
{
	static const struct {
		const char *heartbeat, *orchestrate;
		enum verdict_kind kind;
		int64_t restarts;
		const char *reason;
	} rows[] = {
		{STALE_BEAT, STAMP("9990") "restarts: 4\nreason: x\n", VERDICT_STALE, 4,
			"heartbeat too old"},
		{STALE_BEAT, STAMP("9990") "restarts: 5\nreason: it \x1b hung\n",
			VERDICT_ERROR, 5,
			"restarted 5 times without a clip played, the last as it "
			"\\x1b hung"},
		{NULL, STAMP("9990") "restarts: 7\n", VERDICT_ERROR, 7,
			"restarted 7 times without a clip played, the last as "},
		{BEAT("9991"), STAMP("9990") "restarts: 5\nreason: x\n", VERDICT_OK, 0,
			"heartbeat"},
		{STALE_BEAT, STAMP("9990") "restarts: x\n", VERDICT_STALE, 0,
			"heartbeat too old"},
		{STALE_BEAT, STAMP("10001") "restarts: 5\n", VERDICT_STALE, 0,
			"heartbeat too old"},
		{STALE_BEAT, EARLIER "restarts: 5\n", VERDICT_STALE, 0,
			"heartbeat too old"},
		{STALE_BEAT, "half", VERDICT_STALE, 0, "heartbeat too old"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct stage_facts facts = {
			.of[STAGE_HBWRITE] = fact(rows[i].heartbeat),
			.of[STAGE_CAMWATCH] = fact(CAMERA),
			.of[STAGE_RTMPPUSH] = fact(LIVELY "queue: 1\n"),
			.of[STAGE_ORCHESTRATE] = fact(rows[i].orchestrate),
		};
		struct verdict v =
			verdict_station(&facts, &now, stale_after, silent_after);

		if (v.kind != rows[i].kind || v.restarts != rows[i].restarts ||
			strcmp(v.reason, rows[i].reason) != 0)
			fail_msg("row %zu: %s, %lld, %s", i, verdict_name(v.kind),
				(long long)v.restarts, v.reason);
		stage_facts_free(&facts);
	}
}

UNIT_TEST(test_names)
{
	static const char *const names[] = {
		"ok", "stale", "silent", "missing", "future", "corrupt", "error"};

	assert_int_equal(UNIT_COUNT(names), VERDICT_KINDS);
	for (enum verdict_kind kind = 0; kind < VERDICT_KINDS; kind++)
		assert_string_equal(verdict_name(kind), names[kind]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heartbeat),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_station),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_restarts),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
