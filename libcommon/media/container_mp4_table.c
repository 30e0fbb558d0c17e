/* container_mp4_table: the tables of a track. Each must have room for all its entries. */
#include "media/container_mp4.h"

#include <string.h>

bool mp4_stsd(struct mp4 *mp4, const struct mp4_box *box)
{
	static const char encrypted[][5] = {"encv", "enca", "enct", "drmi", "drms"};
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 8);
	uint32_t count = p ? container_be32(p + 4) : 0;
	int64_t at = box->body + 8;

	while (p && count-- > 0) {
		p = mp4_bytes(mp4, box, at, 8);
		if (!p)
			break;
		for (size_t i = 0; i < sizeof encrypted / sizeof *encrypted; i++)
			if (memcmp(p + 4, encrypted[i], 4) == 0)
				report_find(mp4->container->report, REPORT_ENCRYPTED,
					"samples of kind '%s' at %lld", encrypted[i],
					(long long)at);
		uint32_t size = container_be32(p);
		if (size < 8 || size > box->end - at)
			return mp4_bad(mp4, box, "has an entry of a wrong size");
		at += size;
	}
	return p;
}

bool mp4_table(struct mp4 *mp4, const struct mp4_box *box)
{
	static const struct {
		const char *name;
		size_t place; /* in struct mp4_track */
		uint32_t bits;
	} tables[] = {
		{"stts", offsetof(struct mp4_track, stts), 64},
		{"stsc", offsetof(struct mp4_track, stsc), 96},
		{"stco", offsetof(struct mp4_track, chunks), 32},
		{"co64", offsetof(struct mp4_track, chunks), 64},
		{"stss", offsetof(struct mp4_track, other), 32},
		{"ctts", offsetof(struct mp4_track, other), 64},
	};
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 8);
	size_t i = 0;

	if (!p || mp4->tracks == 0)
		return p;
	while (strcmp(tables[i].name, box->name) != 0)
		i++;
	struct mp4_table *table =
		(void *)((char *)&mp4->track[mp4->tracks - 1] + tables[i].place);
	*table = (struct mp4_table){box->body + 8, container_be32(p + 4), tables[i].bits};
	return mp4_fits(mp4, box, table->at, table->count, table->bits);
}

bool mp4_stsz(struct mp4 *mp4, const struct mp4_box *box)
{
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 12);

	if (!p || mp4->tracks == 0)
		return p;
	struct mp4_track *track = &mp4->track[mp4->tracks - 1];
	track->sample_size = container_be32(p + 4);
	track->stsz = (struct mp4_table){box->body + 12, container_be32(p + 8), 32};
	return track->sample_size ||
		mp4_fits(mp4, box, track->stsz.at, track->stsz.count, 32);
}

bool mp4_stz2(struct mp4 *mp4, const struct mp4_box *box)
{
	const unsigned char *p = mp4_bytes(mp4, box, box->body, 12);

	if (!p || mp4->tracks == 0)
		return p;
	struct mp4_track *track = &mp4->track[mp4->tracks - 1];
	uint32_t bits = p[7];
	if (bits != 4 && bits != 8 && bits != 16)
		return mp4_bad(mp4, box, "has a wrong width");
	track->sample_size = 0;
	track->stsz = (struct mp4_table){box->body + 12, container_be32(p + 8), bits};
	return mp4_fits(mp4, box, track->stsz.at, track->stsz.count, bits);
}
