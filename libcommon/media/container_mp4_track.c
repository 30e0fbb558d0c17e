/* container_mp4_track: the tables of a track must agree, and its samples must be in the
 * file. */
#include "media/container_mp4.h"

#include <stdarg.h>
#include <stdio.h>

/* Entry i of the table, or NULL with the reason in the report. */
static const unsigned char *entry(
	struct mp4 *mp4, const struct mp4_table *table, uint32_t i)
{
	return container_at(mp4->container, table->at + (int64_t)i * table->bits / 8,
		table->bits < 8 ? 1 : table->bits / 8);
}

/* Adds the size of sample i. */
static bool add_size(
	struct mp4 *mp4, const struct mp4_track *track, uint32_t i, uint64_t *bytes)
{
	const unsigned char *p = entry(mp4, &track->stsz, i);

	if (!p)
		return false;
	switch (track->stsz.bits) {
	case 4:
		*bytes += i % 2 ? p[0] & 15 : p[0] >> 4;
		break;
	case 8:
		*bytes += p[0];
		break;
	case 16:
		*bytes += container_be16(p);
		break;
	default:
		*bytes += container_be32(p);
	}
	return true;
}

/* True if the bytes of a chunk are in the file and within an 'mdat'. */
static bool in_mdat(
	struct mp4 *mp4, uint32_t number, uint32_t chunk, uint64_t offset, uint64_t bytes)
{
	uint64_t size = (uint64_t)mp4->container->size;
	bool there = offset <= size && bytes <= size - offset;

	for (uint32_t i = 0; there && i < mp4->mdats; i++)
		if ((int64_t)offset >= mp4->mdat[i].at &&
			(int64_t)(offset + bytes) <= mp4->mdat[i].end)
			return true;
	report_find(mp4->container->report, there ? REPORT_STRUCTURE : REPORT_TRUNCATED,
		"track %u: chunk %u takes %llu bytes at %llu, %s%s", number + 1, chunk,
		(unsigned long long)bytes, (unsigned long long)offset,
		there ? "which are in no 'mdat'" : "which are not there",
		there && mp4->mdats == MP4_MDATS ? " of the first 64" : "");
	return false;
}

/* Reports that the tables of the track do not agree; returns false. */
__attribute__((format(printf, 3, 4))) static bool disagree(
	struct mp4 *mp4, uint32_t number, const char *format, ...)
{
	char text[100];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	report_find(mp4->container->report, REPORT_STRUCTURE, "track %u: %s", number + 1,
		text);
	return false;
}

/* True if there are times for as many samples as there are sizes. */
static bool check_times(struct mp4 *mp4, uint32_t number)
{
	const struct mp4_track *track = &mp4->track[number];
	uint64_t samples = 0;

	for (uint32_t i = 0; i < track->stts.count; i++) {
		const unsigned char *p = entry(mp4, &track->stts, i);

		if (!p)
			return false;
		samples += container_be32(p);
	}
	return samples == track->stsz.count ||
		disagree(mp4, number, "times of %llu samples, sizes of %u",
			(unsigned long long)samples, track->stsz.count);
}

/* Consecutive chunks with the same number of samples each. */
struct run {
	uint32_t next; /* the entry of stsc behind it */
	uint32_t first, end; /* chunks, from 1 on */
	uint32_t samples;
};

/* Goes on to the next run of chunks. False: there is none, which is reported. */
static bool next_run(struct mp4 *mp4, uint32_t number, struct run *run)
{
	const struct mp4_track *track = &mp4->track[number];
	uint32_t chunks = track->chunks.count;

	if (run->next == track->stsc.count)
		return disagree(
			mp4, number, "no run for chunk %u of %u", run->end, chunks);
	const unsigned char *p = entry(mp4, &track->stsc, run->next);
	if (!p)
		return false;
	run->first = container_be32(p);
	run->samples = container_be32(p + 4);
	if (run->first != run->end)
		return disagree(mp4, number, "run %u begins at chunk %u, not %u",
			run->next + 1, run->first, run->end);
	run->end = chunks + 1;
	if (++run->next == track->stsc.count)
		return true;
	p = entry(mp4, &track->stsc, run->next);
	if (!p)
		return false;
	run->end = container_be32(p);
	if (run->end <= run->first || run->end > chunks)
		return disagree(mp4, number,
			"run %u of chunks is not among its %u chunks", run->next + 1,
			chunks);
	return true;
}

/* True if the chunk with its samples is where the tables say. */
static bool check_chunk(struct mp4 *mp4, uint32_t number, uint32_t chunk, uint32_t sample,
	uint32_t samples)
{
	const struct mp4_track *track = &mp4->track[number];
	uint64_t bytes = (uint64_t)track->sample_size * samples;

	/* QuickTime gives packed audio the sample size 1, whatever its packets have. */
	if (track->sample_size == 1)
		bytes = 1;
	for (uint32_t i = 0; track->sample_size == 0 && i < samples; i++)
		if (!add_size(mp4, track, sample + i, &bytes))
			return false;
	const unsigned char *p = entry(mp4, &track->chunks, chunk - 1);
	if (!p || bytes == 0)
		return p;
	return in_mdat(mp4, number, chunk,
		track->chunks.bits == 64 ? container_be64(p) : container_be32(p), bytes);
}

void mp4_check_track(struct mp4 *mp4, uint32_t number)
{
	const struct mp4_track *track = &mp4->track[number];
	uint32_t sample = 0, samples = track->stsz.count;
	struct run run = {.end = 1};

	/* In a fragmented file these tables are empty, but libavformat may write times.
	 */
	if (mp4->fragmented && track->chunks.count == 0 && samples == 0)
		return;
	if (!track->stts.at || !track->stsc.at || !track->stsz.at || !track->chunks.at) {
		disagree(mp4, number, "a table of its samples is missing");
		return;
	}
	if (!check_times(mp4, number))
		return;
	for (uint32_t chunk = 1; chunk <= track->chunks.count; chunk++) {
		if (chunk == run.end && !next_run(mp4, number, &run))
			return;
		if (run.samples > samples - sample) {
			disagree(mp4, number, "chunk %u has %u samples, %u are left",
				chunk, run.samples, samples - sample);
			return;
		}
		if (!check_chunk(mp4, number, chunk, sample, run.samples))
			return;
		sample += run.samples;
	}
	if (sample != samples)
		disagree(
			mp4, number, "its chunks have %u samples of %u", sample, samples);
}
