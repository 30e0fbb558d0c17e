#include "test_push.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "base/sigfd.h"
#include "proc/child.h"
#include "proc/process.h"
#include "station/settings.h"
#include "station/stage.h"

#define PUSHER stage_rows[STAGE_RTMPPUSH].name
#define LONGEST (60 * CLOCK_SECOND) /* the pattern itself lasts 5 s */

/*
 * Five seconds with a key frame every two, made by
 * ffmpeg -f lavfi -i testsrc=s=640x360:r=25:d=5 -f lavfi -i sine=f=440:r=44100:d=5
 *   -af volume=-20dB -c:v libx264 -preset veryslow -tune animation -crf 30 -g 50
 *   -pix_fmt yuv420p -bsf:v filter_units=remove_types=6 -c:a aac -b:a 32k -ac 2
 *   -fflags +bitexact -movflags +faststart tools/stationctl/pattern.mp4
 */
__asm__(".pushsection .rodata\n"
	".balign 8\n"
	"pattern_size: .quad 1f - pattern_bytes\n"
	"pattern_bytes: .incbin \"tools/stationctl/pattern.mp4\"\n"
	"1: .popsection\n");
extern const uint64_t pattern_size;
extern const char pattern_bytes[];

/* Writes the test pattern into the file. */
static int put_pattern(int fd)
{
	int code = path_write_all(fd, pattern_bytes, pattern_size);

	return close(fd) < 0 ? -1 : code;
}

/* In the child: becomes rtmppush, which plays the path that it reads, and prints it when
 * the server has acknowledged all of it. */
_Noreturn static void become(int input, int output, const char *url)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (setenv(settings_name(SETTINGS_RTMP_URL), url, 1) == 0 &&
		dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0)
		execlp(PUSHER, PUSHER, "--retries", "1", NULL);
	msg_error("'%s' cannot be run:", PUSHER);
	_exit(EX_OSERR);
}

/* Waits until the child ends. Ends it if we get a signal or it takes too long. */
static int await(const char *id, pid_t pid, int signals)
{
	int64_t deadline = clock_now() + LONGEST;
	struct process process;
	int status;

	int fd = process_of(&process, pid) < 0 ? -1 : process_open(&process);
	if (fd >= 0 && process_await(fd, deadline, signals) < 0) {
		bool told = errno == EINTR && sigfd_take(signals);
		if (!told)
			msg_error("station '%s': no answer in %lld s", id,
				(long long)(LONGEST / CLOCK_SECOND));
		process_signal(fd, told ? SIGTERM : SIGKILL);
	}
	if (fd >= 0)
		close(fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EX_OSERR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_UNAVAILABLE;
}

static int push(const char *id, const char *url, const char *path, int signals)
{
	int to[2], from[2];
	char line[PATH_MAX + 1];
	pid_t pid = -1;

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0 ||
		dprintf(to[1], "%s\n", path) < 0) {
		msg_error("station '%s': pipe:", id);
		return EX_OSERR;
	}
	fflush(NULL);
	if (child_look_here() == 0)
		pid = fork();
	if (pid == 0)
		become(to[0], from[1], url);
	close(to[0]);
	close(to[1]);
	close(from[1]);
	if (pid < 0)
		msg_error("station '%s': '%s' cannot be run:", id, PUSHER);
	int code = pid < 0 ? EX_OSERR : await(id, pid, signals);
	ssize_t n = read(from[0], line, sizeof line);
	close(from[0]);
	/* After SIGTERM rtmppush ends with 0 too, but without printing the path. */
	return code == EX_OK && n <= 0 ? EX_UNAVAILABLE : code;
}

int test_push(const char *id, const char *url)
{
	const char *tmp = getenv("TMPDIR");
	char path[PATH_MAX];

	int n = snprintf(
		path, sizeof path, "%s/streamhub-XXXXXX.mp4", tmp ? tmp : "/tmp");
	int signals = sigfd_open();
	errno = ENAMETOOLONG;
	int fd =
		signals < 0 || n >= (int)sizeof path ? -1 : mkostemps(path, 4, O_CLOEXEC);
	if (fd < 0) {
		msg_error("test pattern '%s':", path);
		return EX_IOERR;
	}
	int code = EX_IOERR;
	if (put_pattern(fd) < 0)
		msg_error("test pattern '%s':", path);
	else
		code = push(id, url, path, signals);
	unlink(path);
	sigfd_close(signals);
	return code;
}
