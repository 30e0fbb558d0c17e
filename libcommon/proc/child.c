#include "proc/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "proc/process.h"

extern char **environ;

size_t child_split(char *text, char **words, size_t max)
{
	char *save;
	size_t n = 0;

	for (char *word = strtok_r(text, " \t\n", &save); word && n < max;
		word = strtok_r(NULL, " \t\n", &save))
		words[n++] = word;
	return n;
}

static int start(pid_t *pid, char *const argv[])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr,
		POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

int child_run(char *const argv[], int64_t deadline, int64_t grace, int stop, char *how,
	size_t size)
{
	pid_t pid;
	int status;

	int error = start(&pid, argv);
	if (error) {
		snprintf(how, size, "cannot be run: %s", strerror(error));
		return -1;
	}
	/* Until we wait for the child, the kernel gives its process number to nobody. */
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	error = pidfd < 0 || process_await(pidfd, deadline, stop) < 0 ? errno : 0;
	if (error) {
		kill(-pid, SIGTERM);
		if (pidfd >= 0)
			process_await(pidfd, clock_now() + grace, -1);
		/* Even if the program has ended, processes that it started may live on.
		 */
		kill(-pid, SIGKILL);
	}
	if (pidfd >= 0)
		close(pidfd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (error == ETIMEDOUT)
		snprintf(how, size, "took too long and was ended");
	else if (error == EINTR)
		snprintf(how, size, "was ended with us");
	else if (error)
		snprintf(how, size, "was ended: %s", strerror(error));
	else if (WIFSIGNALED(status))
		snprintf(how, size, "was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		snprintf(how, size, "failed with exit code %d", WEXITSTATUS(status));
	else
		return 0;
	return -1;
}

int child_look_here(void)
{
	const char *path = getenv("PATH");
	char own[PATH_MAX], *all;

	ssize_t n = readlink("/proc/self/exe", own, sizeof own);
	while (n > 0 && own[n - 1] != '/')
		n--;
	if (n <= 0 ||
		asprintf(&all, "%.*s:%s", (int)n - 1, own,
			path ? path : "/usr/bin:/bin") < 0)
		return -1;
	int code = setenv("PATH", all, 1);
	free(all);
	return code;
}
