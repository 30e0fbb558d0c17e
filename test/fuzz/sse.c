/* sse: whatever the bytes, the events are the same whole and however split, they are
 * valid UTF-8, and memory grows with the input at most. */
#include "net/sse.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define HASH_START UINT64_C(0xcbf29ce484222325)

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len);

static uint64_t mix(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *c = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ c[i]) * UINT64_C(0x100000001b3);
	return (hash ^ len) * UINT64_C(0x100000001b3);
}

static void demand(int condition)
{
	if (!condition)
		abort();
}

static int is_text(const char *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	demand(copy != NULL);
	for (size_t i = 0; i < len; i++)
		copy[i] = bytes[i] ? bytes[i] : ' ';
	copy[len] = '\0';
	int good = text_is_utf8(copy);
	free(copy);
	return good;
}

static uint64_t feed(
	struct sse *sse, uint64_t hash, const unsigned char *bytes, size_t len, size_t of)
{
	struct sse_event event;
	enum sse_answer answer;
	size_t at = 0;

	while ((answer = sse_read(sse, (const char *)bytes, len, &at, &event)) !=
		SSE_MORE) {
		demand(answer == SSE_EVENT);
		demand(is_text(event.id, strlen(event.id)));
		demand(is_text(event.type, event.type_len));
		demand(is_text(event.data, event.data_len));
		hash = mix(hash, event.id, strlen(event.id));
		hash = mix(hash, event.type, event.type_len);
		hash = mix(hash, event.data, event.data_len);
	}
	demand(at == len);
	demand(sse->data.room + sse->type.room + sse->value.room <= 1024 + 8 * of);
	return hash;
}

/* Fed in pieces: the first ends at cut, all others are so long. */
static uint64_t run(const unsigned char *bytes, size_t len, size_t cut, size_t piece)
{
	struct sse sse = {0};
	uint64_t hash = HASH_START;

	sse_begin(&sse);
	for (size_t at = 0, n = cut; at < len; at += n, n = piece) {
		n = n < len - at ? n : len - at;
		hash = feed(&sse, hash, bytes + at, n, len);
	}
	hash = mix(hash, sse.last_id, strlen(sse.last_id));
	hash = mix(hash, &sse.retry, sizeof sse.retry);
	demand(sse.retry == 0 ||
		(sse.retry >= SSE_RETRY_MIN && sse.retry <= SSE_RETRY_MAX));
	sse_free(&sse);
	return hash;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
	uint64_t whole = run(bytes, len, len, len);
	size_t step = len / 128 + 1;

	demand(run(bytes, len, 1, 1) == whole);
	demand(run(bytes, len, 2, 3) == whole);
	for (size_t cut = 1; cut < len; cut += step)
		demand(run(bytes, len, cut, len) == whole);
	return 0;
}
