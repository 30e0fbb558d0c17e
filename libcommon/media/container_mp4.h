/*
 * container_mp4: shared by the parts of the MP4 check: boxes, the tables of a track, and
 * the data of a fragment. Private to container.
 */
#ifndef STREAMHUB_CONTAINER_MP4_H
#define STREAMHUB_CONTAINER_MP4_H

#include "media/container_parts.h"

enum {
	MP4_TRACKS = 32,
	MP4_MDATS = 64, /* boxes 'mdat' that are searched for the samples of tracks */
	MP4_ENTRIES = 1 << 26, /* most entries of a table: a month of samples */
};

/* A box from at to end; its contents begin at body. */
struct mp4_box {
	int64_t at, body, end;
	char name[CONTAINER_NAME];
};

struct mp4_range {
	int64_t at, end;
};

/* A table of a track's samples. at is 0 if the track has no such table. */
struct mp4_table {
	int64_t at; /* of its first entry */
	uint32_t count, bits; /* entries, bits of each */
};

struct mp4_track {
	struct mp4_table stts, stsc, stsz, chunks, other;
	uint32_t sample_size; /* the size of every sample; 0: stsz lists the sizes */
};

struct mp4_defaults {
	uint32_t track, sample_size;
};

struct mp4 {
	struct container *container;
	uint32_t tracks, defaults, mdats;
	int64_t over; /* where the movie ends, if before the end of the file; or 0 */
	bool moov, fragmented;
	double scale, lasts, fragments_last; /* units a second; duration without and with
						the fragments */
	struct mp4_track track[MP4_TRACKS];
	struct mp4_defaults trex[MP4_TRACKS];
	struct mp4_range mdat[MP4_MDATS], last_mdat;
	/* The current fragment: where its moof begins, where the data of the current traf
	 * begins, and where its last run ends. */
	int64_t moof, traf_base, run_end;
	struct mp4_range data; /* of all its runs; empty: no data is expected */
	uint32_t traf_size, sequence;
	bool sequenced, has_traf;
};

/* Looks at one kind of box. False: a finding ended the check. */
typedef bool mp4_look(struct mp4 *mp4, const struct mp4_box *box);

/* Boxes (container_mp4_box.c). Where these return false or NULL, the reason is in the
 * report. */

/* Reads the header of the box at this place; its parent ends at end. */
bool mp4_read(struct mp4 *mp4, int64_t at, int64_t end, bool top, struct mp4_box *box);

/*
 * True if the movie has its index and its media, and the bytes from here on are no whole
 * box. False where they may be a fragment, more media or another index that was cut.
 */
bool mp4_is_over(struct mp4 *mp4, int64_t at);

/* True if a box may begin at this place of the file. */
bool mp4_begins(struct mp4 *mp4, int64_t at);

/* True if only padding is left in the box: QuickTime ends some boxes with four zeros. */
bool mp4_padding(struct mp4 *mp4, const struct mp4_box *box, int64_t at);

/* len bytes at this place in the box. */
const unsigned char *mp4_bytes(
	struct mp4 *mp4, const struct mp4_box *box, int64_t at, size_t len);

/* True if count entries of so many bits fit into the box from at on. */
bool mp4_fits(struct mp4 *mp4, const struct mp4_box *box, int64_t at, uint32_t count,
	uint32_t bits);

/* Reports that the box is wrong; returns false. */
bool mp4_bad(struct mp4 *mp4, const struct mp4_box *box, const char *what);

/* The tables of a track (container_mp4_table.c). */
mp4_look mp4_stsd, mp4_table, mp4_stsz, mp4_stz2;

/* Checks that the samples of a track are where its tables say (container_mp4_track.c). */
void mp4_check_track(struct mp4 *mp4, uint32_t number);

/* Fragments (container_mp4_moof.c): their boxes, and the index of fragments. */
mp4_look mp4_trex, mp4_mfhd, mp4_traf, mp4_tfhd, mp4_trun, mp4_sidx;

/* A fragment begins. */
void mp4_moof(struct mp4 *mp4, const struct mp4_box *box);

/* Takes note of an mdat, which may hold the data of the fragment before it. */
void mp4_moof_data(struct mp4 *mp4, struct mp4_range mdat);

/* Ends the current fragment, where another begins or the file ends: its data must be
 * there. */
bool mp4_moof_end(struct mp4 *mp4, int64_t at);

#endif
