/* sse: every rule of the standard, each case whole, byte by byte and split at random; and
 * the limits. */
#include "unit.h"

#include "net/sse.h"

#define CASES "test/unit/net/sse.cases"
#define SPLITS 64 /* at random, for each case */

/* What a stream gave: a line for each event as in the file of cases. */
static char got[65536];
static size_t got_len;

static size_t unescape(char *out, const char *in, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned byte = (unsigned char)in[i];
		if (in[i] == '\\' && in[i + 1] == 'x') {
			assert_int_equal(sscanf(in + i + 2, "%2x", &byte), 1);
			i += 3;
		} else if (in[i] == '\\') {
			i++;
			byte = in[i] == 'n' ? '\n' : in[i] == 'r' ? '\r' : '\\';
		}
		out[n++] = (char)byte;
	}
	return n;
}

static void keep(const void *bytes, size_t len)
{
	assert_true(got_len + len <= sizeof got);
	if (len)
		memcpy(got + got_len, bytes, len);
	got_len += len;
}

static void keep_event(const struct sse_event *event)
{
	keep(event->id, strlen(event->id));
	keep("\t", 1);
	keep(event->type, event->type_len);
	keep("\t", 1);
	keep(event->data, event->data_len);
	keep("\f", 1);
}

/* Feeds a copy that is just as large, so that sanitizers watch its end. */
static void feed(struct sse *sse, const char *bytes, size_t len)
{
	char *copy = malloc(len ? len : 1);
	struct sse_event event;
	enum sse_answer answer;
	size_t at = 0;

	memcpy(copy, bytes, len);
	while ((answer = sse_read(sse, copy, len, &at, &event)) != SSE_MORE) {
		assert_int_equal(answer, SSE_EVENT);
		keep_event(&event);
	}
	assert_int_equal(at, len);
	free(copy);
}

static unsigned dice(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

/* split 0: whole; 1: byte by byte; else at random, the same each time. */
static void feed_split(struct sse *sse, const char *bytes, size_t len, unsigned split)
{
	unsigned seed = split;

	for (size_t i = 0, n; i < len; i += n) {
		n = split == 0 ? len : split == 1 ? 1 : 1 + dice(&seed) % 7;
		n = n < len - i ? n : len - i;
		feed(sse, bytes + i, n);
	}
}

struct one_case {
	char name[128], stream[2048], want[2048], last_id[64];
	size_t stream_len, want_len;
	long retry;
};

static void check(const struct one_case *one)
{
	for (unsigned split = 0; split < 2 + SPLITS; split++) {
		struct sse sse = {0};
		got_len = 0;
		sse_begin(&sse);
		feed_split(&sse, one->stream, one->stream_len, split);
		if (got_len != one->want_len || memcmp(got, one->want, got_len) != 0)
			fail_msg("%s, split %u: got '%.*s', wanted '%.*s'", one->name,
				split, (int)got_len, got, (int)one->want_len, one->want);
		if (strcmp(sse.last_id, one->last_id) != 0 || sse.retry != one->retry)
			fail_msg("%s, split %u: last id '%s', retry %ld", one->name,
				split, sse.last_id, (long)sse.retry);
		sse_free(&sse);
	}
}

UNIT_TEST(test_cases)
{
	static struct one_case one;
	char *line = NULL;
	size_t room = 0, cases = 0;
	FILE *file = fopen(CASES, "r");

	assert_non_null(file);
	for (ssize_t n; (n = getline(&line, &room, file)) >= 0 || *one.name;) {
		size_t len = n > 0 ? (size_t)n - 1 : 0;
		const char *text = len > 2 ? line + 2 : "";
		char kind = n > 1 ? *line : '\0';
		line[len] = '\0';
		if (kind == ':') {
			snprintf(one.name, sizeof one.name, "%s", text);
		} else if (kind == '<') {
			one.stream_len = unescape(one.stream, text, strlen(text));
		} else if (kind == '>') {
			one.want_len +=
				unescape(one.want + one.want_len, text, strlen(text));
			one.want[one.want_len++] = '\f';
		} else if (kind == '=') {
			size_t tab = strcspn(text, "\t");
			one.last_id[unescape(one.last_id, text, tab)] = '\0';
			one.retry = atol(text + tab);
		} else if (kind == '\0' && *one.name) {
			check(&one);
			cases++;
			one = (struct one_case){0};
		}
	}
	assert_true(cases > 90);
	free(line);
	fclose(file);
}

/* A new stream has a byte order mark, an unfinished line and a CR of its own; the last id
 * and retry go on. */
UNIT_TEST(test_streams)
{
	struct sse sse = {0};

	got_len = 0;
	sse_begin(&sse);
	feed(&sse, "id: 1\nretry: 200\ndata: a\n\nid: 2\ndata: lost\nda", 43);
	sse_begin(&sse);
	feed(&sse, "\xef\xbb\xbf", 3);
	feed(&sse, "data: b\n\r", 9);
	sse_begin(&sse);
	feed(&sse, "\ndata: c\n\n", 10);
	sse_begin(&sse);
	feed(&sse, "data: \xe2\x82", 8);
	sse_begin(&sse);
	feed(&sse, "data: \xac\n\n", 9);
	keep("", 1);
	assert_string_equal(got,
		"1\tmessage\ta\f1\tmessage\tb\f1\tmessage\tc\f1\tmessage\t\xef\xbf\xbd"
		"\f");
	assert_int_equal(sse.retry, 200);
	assert_string_equal(sse.last_id, "1");
	sse_free(&sse);
}

/* Feeds so many bytes. Returns what came last. */
static enum sse_answer flood(struct sse *sse, char byte, size_t len)
{
	static char chunk[65536];
	struct sse_event event;
	enum sse_answer answer = SSE_MORE;

	memset(chunk, byte, sizeof chunk);
	for (size_t n; len > 0 && answer == SSE_MORE; len -= n) {
		size_t at = 0;
		n = len < sizeof chunk ? len : sizeof chunk;
		answer = sse_read(sse, chunk, n, &at, &event);
	}
	return answer;
}

static enum sse_answer tell(struct sse *sse, const char *text, struct sse_event *event)
{
	size_t at = 0;

	return sse_read(sse, text, strlen(text), &at, event);
}

static size_t held(const struct sse *sse)
{
	return sse->data.room + sse->type.room + sse->value.room;
}

/* Values at the limit and one byte above it, for each kind of line. */
UNIT_TEST(test_limits)
{
	static const struct {
		const char *before;
		char byte;
		size_t len;
		const char *after;
		enum sse_answer answer;
	} rows[] = {
		{"data:", 'x', SSE_MAX, "\n\n", SSE_EVENT},
		{"data:", 'x', SSE_MAX + 1, "\n\n", SSE_DROPPED},
		{"data:a\ndata:", 'x', SSE_MAX - 2, "\n\n", SSE_EVENT},
		{"data:a\ndata:", 'x', SSE_MAX - 1, "\n\n", SSE_DROPPED},
		{"data:", 'x', SSE_MAX, "\ndata\n\n", SSE_DROPPED},
		{"data:", '\xff', SSE_MAX / 3, "\n\n", SSE_EVENT},
		{"data:", '\xff', SSE_MAX / 3 + 1, "\n\n", SSE_DROPPED},
		{"data:", 'x', 3 * SSE_MAX, "\n\n", SSE_DROPPED},
		{"data:x\n:", 'x', 3 * SSE_MAX, "\n\n", SSE_EVENT},
		{"data:x\nother:", 'x', 3 * SSE_MAX, "\n\n", SSE_EVENT},
		{"data:x\n", 'x', 3 * SSE_MAX, "\n\n", SSE_EVENT},
		{"data:x\nretry:", '1', 3 * SSE_MAX, "\n\n", SSE_EVENT},
		{"data:x\nid:", 'x', 3 * SSE_MAX, "\n\n", SSE_EVENT},
		{"data:x\nevent:", 'x', SSE_TYPE_MAX, "\n\n", SSE_EVENT},
		{"data:x\nevent:", 'x', SSE_TYPE_MAX + 1, "\n\n", SSE_DROPPED},
		{"data:x\nevent:", 'x', SSE_MAX + 1, "\n\n", SSE_DROPPED},
	};
	struct sse_event event;

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct sse sse = {0};
		sse_begin(&sse);
		assert_int_equal(tell(&sse, rows[i].before, &event), SSE_MORE);
		assert_int_equal(flood(&sse, rows[i].byte, rows[i].len), SSE_MORE);
		assert_true(held(&sse) <= 2 * SSE_MAX);
		errno = 0;
		enum sse_answer answer = tell(&sse, rows[i].after, &event);
		if (answer != rows[i].answer)
			fail_msg("row %zu: %d", i, answer);
		assert_int_equal(errno, answer == SSE_DROPPED ? EMSGSIZE : 0);
		/* The memory is given back, and the next event is whole. */
		assert_int_equal(tell(&sse, "data: y\n\n", &event), SSE_EVENT);
		assert_true(event.data_len == 1 && *event.data == 'y');
		assert_true(held(&sse) <= 3 * 65536);
		sse_free(&sse);
	}
}

/* The id of a dropped event counts, before and behind what was too large. */
UNIT_TEST(test_dropped_id)
{
	struct sse sse = {0};
	struct sse_event event;

	for (int behind = 0; behind <= 1; behind++) {
		sse_begin(&sse);
		tell(&sse, behind ? "data:" : "id: 5\ndata:", &event);
		flood(&sse, 'x', SSE_MAX + 1);
		enum sse_answer answer =
			tell(&sse, behind ? "\nid: 6\n\n" : "\n\n", &event);
		assert_int_equal(answer, SSE_DROPPED);
		assert_string_equal(sse.last_id, behind ? "6" : "5");
	}
	sse_free(&sse);
}

UNIT_TEST(test_long_id)
{
	struct sse sse = {0};
	struct sse_event event;

	sse_begin(&sse);
	tell(&sse, "id: 1\n\nid:", &event);
	flood(&sse, 'x', SSE_ID_MAX);
	assert_int_equal(tell(&sse, "\ndata\n\n", &event), SSE_EVENT);
	assert_int_equal(strlen(event.id), SSE_ID_MAX);
	assert_false(sse.long_id);
	tell(&sse, "id:", &event);
	flood(&sse, 'y', SSE_ID_MAX + 1);
	assert_int_equal(tell(&sse, "\ndata\n\n", &event), SSE_EVENT);
	assert_true(sse.long_id && event.id[0] == 'x');
	sse_free(&sse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_dropped_id),
		cmocka_unit_test(test_long_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
