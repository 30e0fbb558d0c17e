/* shape_ts: MPEG transport streams: packets in step, none missing, the last PES whole. */
#include "shape_parts.h"

#include <string.h>

enum {
	PACKET = 188,
	SYNC = 0x47,
	SYNCS = 5, /* packets in step that make a stream */
	PIDS = 8192,
	NULL_PID = 0x1fff,
};

struct pid {
	uint8_t counter;
	bool seen, doubled; /* a counter is known; its packet came twice */
	bool is_map; /* the PAT names it as a program's map */
	int32_t missing; /* bytes of the PES at hand that are still to come */
};

struct ts {
	struct shape *shape;
	int64_t at; /* of the packet at hand */
	bool pat, pmt;
	struct pid pids[PIDS];
};

struct layout {
	size_t size, offset; /* of a packet, of the first one in the file */
};

/* Whether packets of this size begin at offset, as far as there are bytes to see. */
static bool in_step(
	const unsigned char *head, size_t len, struct layout layout, size_t least)
{
	size_t n = 0;

	for (size_t at = layout.offset; n < SYNCS && at < len; at += layout.size, n++)
		if (head[at] != SYNC)
			return false;
	return n >= least;
}

/* The layout of a stream; size 0: it is none. */
static struct layout find_layout(const unsigned char *head, size_t len)
{
	/* 192: M2TS, each packet after a time of 4 bytes; 204: with a checksum after it.
	 */
	static const struct layout usual[] = {{188, 0}, {192, 4}, {204, 0}};

	for (size_t i = 0; i < 3; i++)
		if (in_step(head, len, usual[i], 2))
			return usual[i];
	for (size_t i = 0; i < 3; i++)
		for (size_t at = 1; at < usual[i].size; at++) {
			struct layout layout = {usual[i].size, at};

			if (in_step(head, len, layout, SYNCS))
				return layout;
		}
	return (struct layout){0, 0};
}

bool shape_is_ts(const unsigned char *head, size_t len)
{
	return find_layout(head, len).size != 0;
}

static void take_pat(struct ts *ts, const unsigned char *data, size_t len)
{
	/* A pointer byte, 8 bytes of header, programs of 4 bytes, a checksum. */
	if (len < 9 || data[0] || data[1])
		return;
	ts->pat = true;
	size_t end = 4 + (shape_be16(data + 2) & 0xfff);
	for (size_t i = 9; i + 8 <= end && i + 4 <= len; i += 4)
		if (shape_be16(data + i))
			ts->pids[shape_be16(data + i + 2) & 0x1fff].is_map = true;
}

/* Whether the packet follows the last one of its kind. */
static bool in_order(struct ts *ts, struct pid *pid, uint32_t number, unsigned counter)
{
	if (!pid->seen || counter == ((pid->counter + 1) & 15)) {
		pid->doubled = false;
	} else if (counter == pid->counter && !pid->doubled) {
		pid->doubled = true;
	} else {
		report_find(ts->shape->report, REPORT_GAPS,
			"packet at %lld: stream %u goes from %u to %u", (long long)ts->at,
			number, pid->counter, counter);
		return false;
	}
	pid->seen = true;
	pid->counter = (uint8_t)counter;
	return true;
}

static bool take_payload(struct ts *ts, struct pid *pid, uint32_t number,
	const unsigned char *data, size_t len, bool starts)
{
	if (!starts) {
		pid->missing -= pid->missing < (int32_t)len ? pid->missing : (int32_t)len;
		return true;
	}
	if (pid->missing) {
		report_find(ts->shape->report, REPORT_GAPS,
			"packet at %lld: %d bytes are missing before it in stream %u",
			(long long)ts->at, pid->missing, number);
		return false;
	}
	if (number == 0)
		take_pat(ts, data, len);
	else if (pid->is_map && len > 1 && (size_t)data[0] + 1 < len)
		ts->pmt = ts->pmt || data[1 + data[0]] == 2;
	/* A PES of length 0 goes on until the next one. */
	if (len >= 6 && shape_be24(data) == 1 && shape_be16(data + 4)) {
		int32_t whole = 6 + (int32_t)shape_be16(data + 4);

		pid->missing = whole > (int32_t)len ? whole - (int32_t)len : 0;
	}
	return true;
}

/* Looks at one packet; false: it is not to go on. */
static bool take_packet(struct ts *ts, const unsigned char *packet)
{
	uint32_t number = shape_be16(packet + 1) & 0x1fff;
	struct pid *pid = &ts->pids[number];
	size_t skip = 4;

	if (number == NULL_PID)
		return true;
	if (packet[1] & 0x80) {
		report_find(ts->shape->report, REPORT_GAPS,
			"packet at %lld is marked as damaged", (long long)ts->at);
		return false;
	}
	if (packet[3] & 0x20) {
		skip += 1 + (size_t)packet[4];
		if (packet[4] && packet[5] & 0x80) { /* a declared break */
			pid->seen = false;
			pid->missing = 0;
		}
	}
	if (!(packet[3] & 0x10))
		return true;
	if (skip > PACKET) {
		report_find(ts->shape->report, REPORT_STRUCTURE,
			"packet at %lld: its header of %zu bytes is longer than it",
			(long long)ts->at, skip);
		return false;
	}
	if (!in_order(ts, pid, number, packet[3] & 15))
		return false;
	if (packet[3] & 0xc0) {
		report_find(ts->shape->report, REPORT_ENCRYPTED,
			"packet at %lld of stream %u is scrambled", (long long)ts->at,
			number);
		return false;
	}
	return pid->doubled ||
		take_payload(
			ts, pid, number, packet + skip, PACKET - skip, packet[1] & 0x40);
}

static void lost_step(struct shape *shape, int64_t at)
{
	if (shape_zeros(shape, at))
		report_find(shape->report, REPORT_TRUNCATED, "zeros from byte %lld on",
			(long long)at);
	else
		report_find(shape->report, REPORT_STRUCTURE, "no packet at %lld",
			(long long)at);
}

/* What is to be said at the end of packets that are all in order. */
static void check_end(struct ts *ts, int64_t partial)
{
	struct report *report = ts->shape->report;

	if (partial) {
		report_find(report, REPORT_TRUNCATED, "the last packet has %lld bytes",
			(long long)partial);
		return;
	}
	if (!ts->pat || !ts->pmt) {
		report_find(report, REPORT_NO_INDEX, "no %s table",
			ts->pat ? "program map" : "program association");
		return;
	}
	for (uint32_t i = 0; i < PIDS; i++)
		if (ts->pids[i].missing) {
			report_find(report, REPORT_TRUNCATED,
				"%d bytes are missing at the end of stream %u",
				ts->pids[i].missing, i);
			return;
		}
}

void shape_ts(struct shape *shape)
{
	size_t len = shape->size < SHAPE_HEAD ? (size_t)shape->size : SHAPE_HEAD;
	const unsigned char *bytes = shape_at(shape, 0, len);
	struct layout layout = bytes ? find_layout(bytes, len) : (struct layout){0, 0};
	struct ts ts = {.shape = shape};

	if (layout.size == 0)
		return;
	/* The first packet: before its sync byte is the time, if it has one. */
	int64_t before = layout.size == 192 ? 4 : 0;
	ts.at = (int64_t)layout.offset - before;
	if (ts.at != 0) {
		report_find(shape->report, REPORT_STRUCTURE,
			"%zu bytes before the first packet", layout.offset);
		return;
	}
	for (; shape->size - ts.at >= (int64_t)layout.size;
		ts.at += (int64_t)layout.size) {
		bytes = shape_at(shape, ts.at, layout.size);
		if (!bytes)
			return;
		if (bytes[before] != SYNC) {
			lost_step(shape, ts.at);
			return;
		}
		if (!take_packet(&ts, bytes + before))
			return;
	}
	check_end(&ts, shape->size - ts.at);
}
