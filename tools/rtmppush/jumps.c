#include "jumps.h"

#include <stdbool.h>

#include "timeline.h"

#define STEP_MAX INT64_C(10000000) /* microseconds from packet to packet */
#define BACK_MAX INT64_C(200000) /* microseconds back */
#define US ((AVRational){1, 1000000})

static bool is_far(int64_t time)
{
	return time != AV_NOPTS_VALUE && (time < -JUMPS_FAR || time > JUMPS_FAR);
}

int jumps_out(struct jumps *clock, AVPacket *packet, const AVStream *stream)
{
	int64_t delay = stream->codecpar->video_delay, last = clock->last, step;

	av_packet_rescale_ts(packet, stream->time_base, US);
	if (is_far(packet->dts) || is_far(packet->pts) || is_far(packet->duration))
		return AVERROR_INVALIDDATA;
	if (packet->duration > STEP_MAX)
		packet->duration = 0; /* too long to be true: take the usual step */
	step = packet->duration > 0 ? packet->duration
		: clock->step > 0   ? clock->step
				    : 1;
	if (packet->dts == AV_NOPTS_VALUE && packet->pts != AV_NOPTS_VALUE &&
		(delay == 0 || last == TIMELINE_NONE))
		packet->dts = packet->pts - delay * packet->duration;
	else if (packet->dts == AV_NOPTS_VALUE)
		packet->dts = last == TIMELINE_NONE ? 0 : last + step - clock->shift;
	if (packet->pts == AV_NOPTS_VALUE)
		packet->pts = packet->dts;
	packet->dts += clock->shift;
	if (last != TIMELINE_NONE &&
		(packet->dts > last + STEP_MAX || packet->dts < last - BACK_MAX)) {
		clock->shift += last + step - packet->dts;
		packet->dts = last + step;
		clock->count++;
	}
	packet->pts += clock->shift;
	if (last != TIMELINE_NONE && packet->dts < last)
		packet->dts = last; /* packets stay in the order of the file */
	if (packet->pts > packet->dts + STEP_MAX) { /* it would be shown much too late */
		packet->pts = packet->dts;
		clock->count++;
	}
	clock->step = last == TIMELINE_NONE ? 0 : packet->dts - last;
	clock->last = packet->dts;
	return 0;
}
