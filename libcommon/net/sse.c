/*
 * Lines are never kept: the name of a field is collected first, and its value then goes
 * to where it belongs. Line ends and colons are ASCII, which is no part of a longer UTF-8
 * character, so the values alone are decoded.
 */
#include "net/sse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEPT 65536 /* a buffer with more room than this is freed after the event */
#define BOM "\xef\xbb\xbf"
#define REPLACEMENT "\xef\xbf\xbd"

enum { NAME, SPACE, VALUE, SKIP }; /* what comes next in a line */
enum { DATA, TYPE, ID, RETRY, FIELDS };
enum { NO_NUMBER = -1 };

static const char *const names[FIELDS] = {"data", "event", "id", "retry"};

/* Adds bytes. False: the buffer would be too large (errno). */
static bool add(struct sse_buffer *buffer, const void *bytes, size_t len, size_t most)
{
	size_t wanted = buffer->len + len;

	if (wanted > most) {
		errno = EMSGSIZE;
		return false;
	}
	if (wanted > buffer->room) {
		size_t room = buffer->room ? buffer->room : 256;
		while (room < wanted)
			room *= 2;
		char *larger = realloc(buffer->bytes, room);
		if (!larger)
			return false;
		buffer->bytes = larger;
		buffer->room = room;
	}
	memcpy(buffer->bytes + buffer->len, bytes, len);
	buffer->len = wanted;
	return true;
}

static void empty(struct sse_buffer *buffer)
{
	buffer->len = 0;
	if (buffer->room <= KEPT)
		return;
	free(buffer->bytes);
	*buffer = (struct sse_buffer){0};
}

/* The event will be dropped; the memory of its parts is given back at once. */
static void lose(struct sse *sse)
{
	sse->lost = errno;
	sse->state = SKIP;
	empty(&sse->data);
	empty(&sse->type);
	empty(&sse->value);
}

/* Puts decoded bytes to where the value belongs. */
static void put(struct sse *sse, const void *bytes, size_t len)
{
	/* The id of an event that is dropped counts all the same. */
	if (sse->state == SKIP || (sse->lost && sse->field != ID))
		return;
	if (sse->field == ID) {
		/* One byte more says that it is too long. */
		size_t room = SSE_ID_MAX + 1 - sse->value.len;
		len = len < room ? len : room;
	}
	if (!add(sse->field == DATA ? &sse->data : &sse->value, bytes, len, SSE_MAX))
		lose(sse);
}

/* The bytes of the character that begins so; 0: none does. */
static size_t length_of(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* True if the byte goes on the pending character: no overlong form, no surrogate, nothing
 * above U+10FFFF. */
static bool goes_on(const struct sse *sse, unsigned char byte)
{
	unsigned char lead = sse->pending[0], low = 0x80, high = 0xbf;

	if (sse->pending_len == 1) {
		low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : low;
		high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : high;
	}
	return byte >= low && byte <= high;
}

/* The bytes of an unfinished character become U+FFFD. */
static void give_up_pending(struct sse *sse)
{
	if (sse->pending_len > 0)
		put(sse, REPLACEMENT, strlen(REPLACEMENT));
	sse->pending_len = 0;
}

static void decode_byte(struct sse *sse, unsigned char byte)
{
	if (sse->pending_len > 0 && goes_on(sse, byte)) {
		sse->pending[sse->pending_len++] = byte;
	} else {
		give_up_pending(sse);
		sse->pending_of = length_of(byte);
		if (sse->pending_of == 0) {
			put(sse, REPLACEMENT, strlen(REPLACEMENT));
			return;
		}
		sse->pending[sse->pending_len++] = byte;
	}
	if (sse->pending_len == sse->pending_of) {
		put(sse, sse->pending, sse->pending_len);
		sse->pending_len = 0;
	}
}

/* Decodes a part of a value as the standard's "UTF-8 decode" does. */
static void decode(struct sse *sse, const char *bytes, size_t len)
{
	for (size_t i = 0, run; i < len; i += run) {
		run = 0;
		while (i + run < len && (unsigned char)bytes[i + run] < 0x80)
			run++;
		if (run > 0) {
			give_up_pending(sse);
			put(sse, bytes + i, run);
		} else {
			run = 1;
			decode_byte(sse, (unsigned char)bytes[i]);
		}
	}
}

/* Digits alone count; more of them than fit are as many as the limit. */
static void count(struct sse *sse, const char *digits, size_t len)
{
	for (size_t i = 0; i < len && sse->number >= 0; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			sse->number = NO_NUMBER;
		else if (sse->number <= SSE_RETRY_MAX)
			sse->number = sse->number * 10 + (digits[i] - '0');
	}
	sse->digits |= len > 0;
}

static void take_value(struct sse *sse, const char *bytes, size_t len)
{
	if (sse->state == SPACE && len > 0) {
		size_t blank = *bytes == ' ';
		sse->state = VALUE;
		bytes += blank;
		len -= blank;
	}
	if (sse->field == RETRY)
		count(sse, bytes, len);
	else
		decode(sse, bytes, len);
}

/* Finds out which field the name is. */
static void begin_value(struct sse *sse)
{
	sse->state = SKIP;
	for (unsigned char i = 0; i < FIELDS; i++)
		if (sse->name_len == strlen(names[i]) &&
			memcmp(sse->name, names[i], sse->name_len) == 0) {
			sse->field = i;
			sse->state = SPACE;
		}
	sse->number = 0;
	sse->digits = false;
	empty(&sse->value);
}

static void take_name(struct sse *sse, unsigned char byte)
{
	if (byte == ':') {
		begin_value(sse);
	} else if (sse->name_len == sizeof sse->name) {
		sse->state = SKIP; /* no name is as long as that */
	} else {
		sse->name[sse->name_len++] = byte;
		if (sse->first_line && sse->name_len == strlen(BOM) &&
			memcmp(sse->name, BOM, strlen(BOM)) == 0) {
			sse->name_len = 0;
			sse->first_line = false; /* there is one at most */
		}
	}
}

static void end_id(struct sse *sse)
{
	const struct sse_buffer *value = &sse->value;
	bool fits = value->len <= SSE_ID_MAX;

	sse->long_id |= !fits;
	if (!fits || (value->len > 0 && memchr(value->bytes, '\0', value->len)))
		return;
	if (value->len > 0)
		memcpy(sse->id, value->bytes, value->len);
	sse->id[value->len] = '\0';
}

static void end_retry(struct sse *sse)
{
	int64_t retry = sse->number;

	if (!sse->digits || retry == NO_NUMBER)
		return;
	if (retry < SSE_RETRY_MIN)
		retry = SSE_RETRY_MIN;
	sse->retry = retry < SSE_RETRY_MAX ? retry : SSE_RETRY_MAX;
}

/* The value of the line is complete. */
static void end_field(struct sse *sse)
{
	give_up_pending(sse);
	if (sse->state == SKIP)
		return;
	if (sse->field == ID) {
		end_id(sse);
	} else if (sse->field == RETRY) {
		end_retry(sse);
	} else if (sse->lost) {
		return;
	} else if (sse->field == TYPE && sse->value.len > SSE_TYPE_MAX) {
		errno = EMSGSIZE;
		lose(sse);
	} else if (sse->field == TYPE) {
		struct sse_buffer old = sse->type;
		sse->type = sse->value;
		sse->value = old;
	} else if (!add(&sse->data, "\n", 1, SSE_MAX + 1)) { /* the last one is cut */
		lose(sse);
	}
}

/* The buffers of the event before are used again. */
static void begin_event(struct sse *sse)
{
	sse->spent = false;
	sse->lost = 0;
	empty(&sse->data);
	empty(&sse->type);
	empty(&sse->value);
}

/* A blank line. */
static enum sse_answer dispatch(struct sse *sse, struct sse_event *event)
{
	strcpy(sse->last_id, sse->id);
	if (!sse->lost && sse->data.len == 0) {
		begin_event(sse);
		return SSE_MORE;
	}
	sse->spent = true;
	if (sse->lost) {
		errno = sse->lost;
		return SSE_DROPPED;
	}
	*event = (struct sse_event){
		.id = sse->last_id,
		.type = sse->type.len > 0 ? sse->type.bytes : "message",
		.type_len = sse->type.len > 0 ? sse->type.len : strlen("message"),
		.data = sse->data.bytes,
		.data_len = sse->data.len - 1,
	};
	return SSE_EVENT;
}

static enum sse_answer end_line(struct sse *sse, struct sse_event *event)
{
	bool blank = sse->state == NAME && sse->name_len == 0;

	if (!blank && sse->state == NAME)
		begin_value(sse);
	if (!blank)
		end_field(sse);
	sse->state = NAME;
	sse->name_len = 0;
	sse->first_line = false;
	return blank ? dispatch(sse, event) : SSE_MORE;
}

void sse_begin(struct sse *sse)
{
	begin_event(sse);
	strcpy(sse->id, sse->last_id);
	sse->state = NAME;
	sse->name_len = sse->pending_len = 0;
	sse->first_line = true;
	sse->after_cr = false;
}

enum sse_answer sse_read(struct sse *sse, const char *bytes, size_t len, size_t *at,
	struct sse_event *event)
{
	if (sse->spent)
		begin_event(sse);
	while (*at < len) {
		char byte = bytes[*at];
		bool swallowed = sse->after_cr && byte == '\n';
		sse->after_cr = byte == '\r';
		if (byte == '\r' || byte == '\n') {
			(*at)++;
			enum sse_answer answer =
				swallowed ? SSE_MORE : end_line(sse, event);
			if (answer != SSE_MORE)
				return answer;
		} else if (sse->state == NAME) {
			(*at)++;
			take_name(sse, (unsigned char)byte);
		} else {
			size_t n = 1;
			while (*at + n < len && bytes[*at + n] != '\r' &&
				bytes[*at + n] != '\n')
				n++;
			if (sse->state != SKIP)
				take_value(sse, bytes + *at, n);
			*at += n;
		}
	}
	return SSE_MORE;
}

void sse_free(struct sse *sse)
{
	free(sse->data.bytes);
	free(sse->type.bytes);
	free(sse->value.bytes);
	*sse = (struct sse){0};
}
