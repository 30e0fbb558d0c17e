/* openread N FILE...: opens, reads to the end and closes each file N times, in turns.
 * Prints for each the median of the microseconds that this took. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define TURNS 41
#define FILES 16

static double microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double measure(const char *path, int count)
{
	double start = microseconds();
	char buf[65536];

	for (int i = 0; i < count; i++) {
		ssize_t n;
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		while ((n = read(fd, buf, sizeof buf)) > 0)
			;
		if (n < 0) {
			perror(path);
			exit(1);
		}
		close(fd);
	}
	return (microseconds() - start) / count;
}

static int compare(const void *a, const void *b)
{
	const double *one = a, *two = b;

	return (*one > *two) - (*one < *two);
}

int main(int argc, char **argv)
{
	static double times[FILES][TURNS];
	int count = argc > 2 ? atoi(argv[1]) : 0, files = argc - 2;

	if (count < 1 || files > FILES)
		return 64;
	for (int turn = 0; turn < TURNS; turn++)
		for (int i = 0; i < files; i++)
			times[i][turn] = measure(argv[i + 2], count);
	for (int i = 0; i < files; i++) {
		qsort(times[i], TURNS, sizeof **times, compare);
		printf("%.1f %.1f %.1f %s\n", times[i][TURNS / 2], times[i][TURNS / 10],
			times[i][TURNS - 1 - TURNS / 10], argv[i + 2]);
	}
	return 0;
}
