/*
 * container_ts: MPEG transport streams. Finds the size of packets and where the first one
 * begins, then reads all of them: each must begin with the sync byte, the continuity
 * counter of its stream must have no gap, and each PES packet must get all its bytes. A
 * PAT and a PMT must be there.
 */
#include "media/container_parts.h"

#include <string.h>

enum {
	PACKET = 188,
	SYNC = 0x47,
	SYNCS = 5, /* sync bytes in step that prove a stream */
	JUNK = 1024, /* bytes that may lie before the first packet */
	PIDS = 8192,
	NULL_PID = 0x1fff,
};

struct pid {
	uint8_t counter;
	bool seen, doubled; /* its counter is known; this packet came twice */
	bool is_map; /* the PAT names it as a program's map */
	int32_t missing; /* bytes of the current PES that are still to come */
};

struct ts {
	struct container *container;
	int64_t at; /* where the current packet begins */
	bool pat, pmt;
	struct pid pids[PIDS];
};

struct layout {
	size_t size, offset; /* size of a packet; place of the first sync byte */
};

/* True if packets of this size begin at offset, as far as the bytes of head go. */
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
	/* 192: M2TS, with a time of 4 bytes before each packet; 204: with a checksum
	 * behind each packet. */
	static const struct layout usual[] = {{188, 0}, {192, 4}, {204, 0}};

	for (size_t i = 0; i < 3; i++)
		if (in_step(head, len, usual[i], 2))
			return usual[i];
	for (size_t i = 0; i < 3; i++)
		for (size_t at = 1; at < JUNK; at++) {
			struct layout layout = {usual[i].size, at};

			if (in_step(head, len, layout, SYNCS))
				return layout;
		}
	return (struct layout){0, 0};
}

bool container_is_ts(const unsigned char *head, size_t len)
{
	return find_layout(head, len).size != 0;
}

static void take_pat(struct ts *ts, const unsigned char *data, size_t len)
{
	/* A PAT: a pointer byte, 8 bytes of header, 4 bytes a program, a checksum. */
	if (len < 9 || data[0] || data[1])
		return;
	ts->pat = true;
	size_t end = 4 + (container_be16(data + 2) & 0xfff);
	for (size_t i = 9; i + 8 <= end && i + 4 <= len; i += 4)
		if (container_be16(data + i))
			ts->pids[container_be16(data + i + 2) & 0x1fff].is_map = true;
}

/* True if the counter of the packet follows that of the last one of its stream. */
static bool in_order(struct ts *ts, struct pid *pid, uint32_t number, unsigned counter)
{
	if (!pid->seen || counter == ((pid->counter + 1) & 15)) {
		pid->doubled = false;
	} else if (counter == pid->counter && !pid->doubled) {
		pid->doubled = true;
	} else {
		report_find(ts->container->report, REPORT_GAPS,
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
		report_find(ts->container->report, REPORT_GAPS,
			"packet at %lld: %d bytes are missing before it in stream %u",
			(long long)ts->at, pid->missing, number);
		return false;
	}
	if (number == 0)
		take_pat(ts, data, len);
	else if (pid->is_map && len > 1 && (size_t)data[0] + 1 < len)
		ts->pmt = ts->pmt || data[1 + data[0]] == 2;
	/* A PES of length 0 goes on until the next one. */
	if (len >= 6 && container_be24(data) == 1 && container_be16(data + 4)) {
		int32_t whole = 6 + (int32_t)container_be16(data + 4);

		pid->missing = whole > (int32_t)len ? whole - (int32_t)len : 0;
	}
	return true;
}

/* Looks at one packet. False: a finding ended the check. */
static bool take_packet(struct ts *ts, const unsigned char *packet)
{
	uint32_t number = container_be16(packet + 1) & 0x1fff;
	struct pid *pid = &ts->pids[number];
	size_t skip = 4;

	if (number == NULL_PID)
		return true;
	if (packet[1] & 0x80) {
		report_find(ts->container->report, REPORT_GAPS,
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
		report_find(ts->container->report, REPORT_STRUCTURE,
			"packet at %lld: its header of %zu bytes is longer than it",
			(long long)ts->at, skip);
		return false;
	}
	if (!in_order(ts, pid, number, packet[3] & 15))
		return false;
	if (packet[3] & 0xc0) {
		report_find(ts->container->report, REPORT_ENCRYPTED,
			"packet at %lld of stream %u is scrambled", (long long)ts->at,
			number);
		return false;
	}
	return pid->doubled ||
		take_payload(
			ts, pid, number, packet + skip, PACKET - skip, packet[1] & 0x40);
}

static void lost_step(struct container *container, int64_t at)
{
	if (container_zeros(container, at))
		report_find(container->report, REPORT_TRUNCATED,
			"zeros from byte %lld on", (long long)at);
	else
		report_find(container->report, REPORT_STRUCTURE, "no packet at %lld",
			(long long)at);
}

/* Checks what must have been there by the end: the tables, and the last PES packets. */
static void check_end(struct ts *ts, int64_t partial)
{
	struct report *report = ts->container->report;

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
	/* A recorder that was stopped ends in half a packet; so does a part cut out by
	 * bytes. */
	if (partial)
		report_find(report, REPORT_OUTSIDE, "the last packet has %lld bytes",
			(long long)partial);
}

void container_ts(struct container *container)
{
	size_t len = container->size < CONTAINER_HEAD ? (size_t)container->size
						      : CONTAINER_HEAD;
	const unsigned char *bytes = container_at(container, 0, len);
	struct layout layout = bytes ? find_layout(bytes, len) : (struct layout){0, 0};
	struct ts ts = {.container = container};

	if (layout.size == 0)
		return;
	/* M2TS has a time of 4 bytes before each sync byte. */
	int64_t before = layout.size == 192 ? 4 : 0;
	ts.at = (int64_t)layout.offset - before;
	if (ts.at > 0)
		report_find(container->report, REPORT_OUTSIDE,
			"%lld bytes before its first packet", (long long)ts.at);
	for (; container->size - ts.at >= (int64_t)layout.size;
		ts.at += (int64_t)layout.size) {
		bytes = container_at(container, ts.at, layout.size);
		if (!bytes)
			return;
		if (bytes[before] != SYNC) {
			lost_step(container, ts.at);
			return;
		}
		if (!take_packet(&ts, bytes + before))
			return;
	}
	check_end(&ts, container->size - ts.at);
}
