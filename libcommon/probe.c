#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "msg.h"
#include "process.h"
#include "settings.h"
#include "tick.h"

#define PUSH "rtmppush"
#define LONGEST (60 * TICK_SECOND) /* the pattern itself has 5 */

/*
 * Five seconds with a key frame every two, made by
 * ffmpeg -f lavfi -i testsrc=s=640x360:r=25:d=5 -f lavfi -i sine=f=440:r=44100:d=5
 *   -af volume=-20dB -c:v libx264 -preset veryslow -tune animation -crf 30 -g 50
 *   -pix_fmt yuv420p -bsf:v filter_units=remove_types=6 -c:a aac -b:a 32k -ac 2
 *   -fflags +bitexact -movflags +faststart libcommon/pattern.mp4
 */
__asm__(".pushsection .rodata\n"
	".balign 8\n"
	"probe_size: .quad 1f - probe_pattern\n"
	"probe_pattern: .incbin \"libcommon/pattern.mp4\"\n"
	"1: .popsection\n");
extern const uint64_t probe_size;
extern const char probe_pattern[];

/* A file of the pattern, and a pipe with its path in it. Returns its reading end. */
static int prepare(char *path)
{
	int ends[2];

	int fd = mkostemps(path, 4, O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, probe_pattern, probe_size);
	if (n >= 0 && (size_t)n < probe_size)
		errno = ENOSPC;
	if (close(fd) < 0 || n < 0 || (size_t)n < probe_size ||
		pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	dprintf(ends[1], "%s\n", path);
	close(ends[1]);
	return ends[0];
}

_Noreturn static void become(int input, const char *url)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	signal(SIGINT, SIG_DFL);
	if (setenv(settings_name(SETTINGS_RTMP_URL), url, 1) == 0 &&
		dup2(input, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0)
		execlp(PUSH, PUSH, "--retries", "1", NULL);
	msg_error("'" PUSH "' cannot be run:");
	_exit(EX_OSERR);
}

static int await(const char *id, pid_t pid)
{
	struct process process;
	int status;

	int fd = process_of(&process, pid) < 0 ? -1 : process_open(&process);
	if (fd >= 0 && process_await(fd, tick_now() + LONGEST, -1) < 0) {
		msg_error("station '%s': no answer in %lld s", id,
			(long long)(LONGEST / TICK_SECOND));
		process_signal(fd, SIGKILL);
	}
	if (fd >= 0)
		close(fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EX_OSERR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_UNAVAILABLE;
}

int probe_push(const char *id, const char *url)
{
	const char *tmp = getenv("TMPDIR");
	char path[4096];
	pid_t pid = -1;

	snprintf(path, sizeof path, "%.4000s/streamhub-XXXXXX.mp4", tmp ? tmp : "/tmp");
	int input = prepare(path);
	if (input < 0) {
		msg_error("test pattern '%s':", path);
		unlink(path);
		return EX_IOERR;
	}
	signal(SIGINT, SIG_IGN); /* who presses Ctrl-C means the child; we clean up */
	fflush(NULL);
	if (child_look_here() == 0)
		pid = fork();
	if (pid == 0)
		become(input, url);
	close(input);
	if (pid < 0)
		msg_error("station '%s': '" PUSH "' cannot be run:", id);
	int code = pid < 0 ? EX_OSERR : await(id, pid);
	unlink(path);
	signal(SIGINT, SIG_DFL);
	return code;
}
