#include "probe.h"

#include <inttypes.h>
#include <stdio.h>

#define LOOKS 3000000 /* microseconds of its packets */

struct seen {
	int64_t packets[CUT_KINDS], first[CUT_KINDS], last[CUT_KINDS];
	int64_t bytes;
};

static int64_t span(const struct seen *seen, int kind)
{
	return seen->packets[kind] > 1 ? seen->last[kind] - seen->first[kind] : 0;
}

/* True if enough was seen of each stream that is there. */
static bool has_enough(const struct seen *seen, const struct source *source)
{
	int main = source->stream[CUT_VIDEO] >= 0 ? CUT_VIDEO : CUT_AUDIO;

	return span(seen, main) >= LOOKS && (main != CUT_VIDEO || source->width > 0);
}

static int look(struct seen *seen, struct source *source, AVPacket *packet)
{
	struct source_packet next = {.packet = packet};
	int error = 0;

	while (!has_enough(seen, source) && (error = source_next(source, &next)) == 0) {
		int kind = next.cut.kind;

		if (seen->packets[kind]++ == 0)
			seen->first[kind] = next.cut.dts;
		seen->last[kind] = next.cut.dts;
		seen->bytes += packet->size;
		av_packet_unref(packet);
	}
	return error;
}

static void say(const struct seen *seen, const struct source *source)
{
	const AVCodecParameters *picture = source->par[CUT_VIDEO];
	const AVCodecParameters *sound = source->par[CUT_AUDIO];
	int64_t time = span(seen, picture ? CUT_VIDEO : CUT_AUDIO);

	if (picture)
		printf("%s %dx%d, %.4g pictures/s, ", avcodec_get_name(picture->codec_id),
			source->width ? source->width : picture->width,
			source->width ? source->height : picture->height,
			time > 0 ? (double)(seen->packets[CUT_VIDEO] - 1) * 1e6 /
					(double)time
				 : 0);
	else
		printf("no picture, ");
	if (sound)
		printf("%s %d Hz %d channels, ", avcodec_get_name(sound->codec_id),
			sound->sample_rate, sound->ch_layout.nb_channels);
	else
		printf("no sound, ");
	printf("%" PRId64 " kbit/s\n", time > 0 ? seen->bytes * 8000 / time : 0);
}

int probe(struct source *source, const char *url)
{
	struct seen seen = {.bytes = 0};
	AVPacket *packet = av_packet_alloc();
	int error = packet ? source_open(source, url) : AVERROR(ENOMEM);

	if (error == 0) {
		error = look(&seen, source, packet);
		if (error == 0)
			say(&seen, source);
		source_close(source);
	}
	av_packet_free(&packet);
	return error;
}
