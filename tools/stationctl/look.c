#include "look.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "proc/child.h"
#include "station/stage.h"

#define CHECKER stage_rows[STAGE_SEGCHECK].name

/* In the child: becomes segcheck, which writes its report about the file. */
_Noreturn static void become(int output, const char *profile, const char *path)
{
	if (dup2(output, STDOUT_FILENO) >= 0)
		execlp(CHECKER, CHECKER, "-j", "-p", profile, "--audio", "silence", "-d",
			"0", "--", path, NULL);
	msg_error("'%s' cannot be run:", CHECKER);
	_exit(EX_OSERR);
}

json_t *look_at_clip(const char *profile, const char *path)
{
	json_error_t error;
	int ends[2];

	fflush(NULL);
	if (child_look_here() < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	pid_t pid = fork();
	if (pid == 0)
		become(ends[1], profile, path);
	close(ends[1]);
	json_t *report =
		pid < 0 ? NULL : json_loadfd(ends[0], JSON_DISABLE_EOF_CHECK, &error);
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return report;
}

bool look_is_good(const json_t *report)
{
	return report && strcmp(look_text(report, "verdict"), "good") == 0;
}

const char *look_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}
