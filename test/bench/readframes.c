/* readframes FILE ...: opens each with libavformat, and reads all its packets. */
#include <libavformat/avformat.h>

static int read_all(const char *path, long long *packets)
{
	AVFormatContext *format = NULL;
	AVPacket *packet = av_packet_alloc();
	int error = packet ? avformat_open_input(&format, path, NULL, NULL) : -1;

	while (error >= 0 && (error = av_read_frame(format, packet)) >= 0) {
		*packets += 1;
		av_packet_unref(packet);
	}
	avformat_close_input(&format);
	av_packet_free(&packet);
	return error == AVERROR_EOF ? 0 : -1;
}

int main(int argc, char **argv)
{
	long long packets = 0;

	for (int i = 1; i < argc; i++)
		if (read_all(argv[i], &packets) < 0) {
			fprintf(stderr, "%s cannot be read\n", argv[i]);
			return 1;
		}
	printf("%lld\n", packets);
	return 0;
}
