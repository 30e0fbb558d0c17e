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
#include "base/text.h"
#include "proc/child.h"
#include "proc/process.h"
#include "station/settings.h"
#include "station/stage.h"

#define PUSHER stage_rows[STAGE_RTMPPUSH].name
#define RECORDER stage_rows[STAGE_SEGCUT].name
#define LINE (PATH_MAX + 2)
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

/* A tool that is run with an address. */
struct run {
	const char *tool, *option, *value;
	enum settings_key address;
};

/* In the child. */
_Noreturn static void become(
	const struct run *run, int input, int output, const char *url)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (setenv(settings_name(run->address), url, 1) == 0 &&
		dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0)
		execlp(run->tool, run->tool, run->option, run->value, NULL);
	msg_error("'%s' cannot be run:", run->tool);
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

/* Runs the tool, which reads what is given, and takes the line that it prints. */
static int ask(const struct run *run, const char *id, const char *url, const char *given,
	int signals, char line[LINE])
{
	int to[2], from[2];
	pid_t pid = -1;

	*line = '\0';
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0 ||
		dprintf(to[1], "%s", given) < 0) {
		msg_error("station '%s': pipe:", id);
		return EX_OSERR;
	}
	fflush(NULL);
	if (child_look_here() == 0)
		pid = fork();
	if (pid == 0)
		become(run, to[0], from[1], url);
	close(to[0]);
	close(to[1]);
	close(from[1]);
	if (pid < 0)
		msg_error("station '%s': '%s' cannot be run:", id, run->tool);
	int code = pid < 0 ? EX_OSERR : await(id, pid, signals);
	ssize_t n = read(from[0], line, LINE - 1);
	close(from[0]);
	line[n < 0 ? 0 : n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	/* After SIGTERM a tool may end with 0 too, but without printing anything. */
	return code == EX_OK && n <= 0 ? EX_UNAVAILABLE : code;
}

/* rtmppush prints the path when the server has acknowledged all of it. */
static int push(const char *id, const char *url, const char *path, int signals)
{
	const struct run run = {PUSHER, "--retries", "1", SETTINGS_RTMP_URL};
	char line[LINE], given[LINE];

	snprintf(given, sizeof given, "%s\n", path);
	return ask(&run, id, url, given, signals, line);
}

int test_source(const char *id, const char *url)
{
	const struct run run = {RECORDER, "--probe", NULL, SETTINGS_SOURCE_URL};
	int signals = sigfd_open();
	char line[LINE], safe[2 * LINE];

	if (signals < 0) {
		msg_error("station '%s':", id);
		return EX_OSERR;
	}
	int code = ask(&run, id, url, "", signals, line);
	sigfd_close(signals);
	text_escape(safe, sizeof safe, line, strlen(line));
	printf("%s\t%s\n", id, code == EX_OK ? safe : "source failed");
	return code;
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
