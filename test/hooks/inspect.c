/*
 * A parser that a hostile file has taken over: what it tries is the file's first word.
 * Any other file gets the real one.
 */
#include "media/inspect.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void __real_inspect_file(int fd, struct report *report);
void __wrap_inspect_file(int fd, struct report *report);

static void crash(int fd)
{
	(void)fd;
	raise(SIGSEGV);
}

static void trap(int fd)
{
	(void)fd;
	__builtin_trap();
}

static void spin(int fd)
{
	for (volatile int go = 1; go;)
		(void)fd;
}

static void open_file(int fd)
{
	(void)fd;
	open("/etc/passwd", O_RDONLY);
}

static void make_file(int fd)
{
	(void)fd;
	open("made", O_WRONLY | O_CREAT, 0600);
}

static void remove_file(int fd)
{
	(void)fd;
	unlink("precious");
}

static void connect_out(int fd)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};

	fd = socket(AF_INET, SOCK_STREAM, 0);
	connect(fd, (struct sockaddr *)&to, sizeof to);
}

static void execute(int fd)
{
	(void)fd;
	execl("/bin/sh", "sh", "-c", "echo taken >made", (char *)NULL);
}

static void spawn(int fd)
{
	(void)fd;
	fork();
}

static void trace(int fd)
{
	(void)fd;
	ptrace(PTRACE_ATTACH, getppid(), 0, 0);
}

static void kill_parent(int fd)
{
	(void)fd;
	kill(getppid(), SIGKILL);
}

static void write_back(int fd)
{
	if (pwrite(fd, "x", 1, 0) < 0)
		abort();
}

static void shorten(int fd)
{
	if (ftruncate(fd, 0) < 0)
		abort();
}

static void change_mode(int fd)
{
	fchmod(fd, 0777);
}

/* Ends by the limit, not by the machine's. */
static void eat_memory(int fd)
{
	(void)fd;
	for (size_t n = 0; n < 4096; n++) {
		char *volatile more = malloc(1 << 20); /* clang would do without */
		if (!more)
			abort();
		*more = 1; /* the limit is of addresses: pages take long */
	}
}

static const struct {
	const char *word;
	void (*act)(int fd);
} acts[] = {
	{"crash", crash},
	{"trap", trap},
	{"spin", spin},
	{"open", open_file},
	{"make", make_file},
	{"remove", remove_file},
	{"connect", connect_out},
	{"execute", execute},
	{"spawn", spawn},
	{"trace", trace},
	{"kill", kill_parent},
	{"write", write_back},
	{"shorten", shorten},
	{"mode", change_mode},
	{"memory", eat_memory},
};

void __wrap_inspect_file(int fd, struct report *report)
{
	char text[16] = "";

	if (pread(fd, text, sizeof text - 1, 0) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strcmp(text, acts[i].word) == 0)
			acts[i].act(fd);
	if (strcmp(text, "lie") == 0) /* no such codes */
		report->found = UINT32_MAX;
	else
		__real_inspect_file(fd, report);
}
