/*
 * shape_mp4: what the parts of the MP4 check share: boxes, the tables of a track, and the
 * data of a fragment. Private to shape.
 */
#ifndef STREAMHUB_SHAPE_MP4_H
#define STREAMHUB_SHAPE_MP4_H

#include "shape_parts.h"

enum {
	MP4_TRACKS = 32,
	MP4_MDATS = 64, /* in which the samples of tracks are looked for */
	MP4_ENTRIES = 1 << 26, /* of a table: a month of samples */
};

/* A box from at to end, its contents from body on. */
struct mp4_box {
	int64_t at, body, end;
	char name[SHAPE_NAME];
};

struct mp4_range {
	int64_t at, end;
};

/* A table of a track's samples. at 0: it has none. */
struct mp4_table {
	int64_t at; /* of its first entry */
	uint32_t count, bits; /* entries, bits of each */
};

struct mp4_track {
	struct mp4_table stts, stsc, stsz, chunks, other;
	uint32_t sample_size; /* of all samples, if not 0 */
};

struct mp4_defaults {
	uint32_t track, sample_size;
};

struct mp4 {
	struct shape *shape;
	uint32_t tracks, defaults, mdats;
	bool moov, fragmented;
	struct mp4_track track[MP4_TRACKS];
	struct mp4_defaults trex[MP4_TRACKS];
	struct mp4_range mdat[MP4_MDATS], last_mdat;
	/* The fragment at hand. */
	int64_t moof, traf_base,
		run_end; /* its place, of a traf, where its last run ends */
	struct mp4_range data; /* of all its runs; empty: none is to come */
	uint32_t traf_size, sequence;
	bool sequenced, has_traf;
};

/* What is to be done with a box; false: a finding ended the look. */
typedef bool mp4_look(struct mp4 *mp4, const struct mp4_box *box);

/* Boxes (shape_mp4_box.c). What is false or NULL there has its reason in the report. */

/* Reads the header of the box at this place in what ends at end. */
bool mp4_read(struct mp4 *mp4, int64_t at, int64_t end, bool top, struct mp4_box *box);

/* Whether a box may begin at this place of the file. */
bool mp4_begins(struct mp4 *mp4, int64_t at);

/* Whether the box ends in padding from here on: QuickTime ends some with four zeros. */
bool mp4_padding(struct mp4 *mp4, const struct mp4_box *box, int64_t at);

/* len bytes at this place in the box. */
const unsigned char *mp4_bytes(
	struct mp4 *mp4, const struct mp4_box *box, int64_t at, size_t len);

/* Whether count entries of so many bits fit into the box from at on. */
bool mp4_fits(struct mp4 *mp4, const struct mp4_box *box, int64_t at, uint32_t count,
	uint32_t bits);

/* Says that the box is not as it should be; returns false. */
bool mp4_bad(struct mp4 *mp4, const struct mp4_box *box, const char *what);

/* The tables of a track (shape_mp4_table.c). */
mp4_look mp4_stsd, mp4_table, mp4_stsz, mp4_stz2;

/* Whether its samples are as the tables say (shape_mp4_track.c). */
void mp4_check_track(struct mp4 *mp4, uint32_t number);

/* Fragments (shape_mp4_moof.c): their boxes, and an index of them. */
mp4_look mp4_trex, mp4_mfhd, mp4_traf, mp4_tfhd, mp4_trun, mp4_sidx;

/* A fragment begins. */
void mp4_moof(struct mp4 *mp4, const struct mp4_box *box);

/* There is an mdat: it may hold the data of the fragment before it. */
void mp4_moof_data(struct mp4 *mp4, struct mp4_range mdat);

/* A fragment is over where another begins or the file ends: its data must be there. */
bool mp4_moof_end(struct mp4 *mp4, int64_t at);

#endif
