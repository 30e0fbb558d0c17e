/*
 * streamhubfs: the state of all stations as a read-only file system.
 *
 *   mount     the mount point, and giving up rights
 *   ops       answers the kernel, with
 *     tree      what there is, as tables      folder   listings
 *     view      what nodes hold               version  texts that the kernel knows
 *   stations  which there are
 *   snapshot  all that is known of one      status   what that means
 *   render    as text                       failed   its quarantine
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "fuse_api.h"
#include "mount.h"
#include "msg.h"
#include "ops.h"
#include "opt.h"
#include "ready.h"
#include "sigfd.h"
#include "station.h"
#include "stations.h"
#include "tick.h"
#include "version.h"
#include "view.h"

static const struct opt_row rows[] = {
	{'f', "foreground", NULL, "accepted: it always stays in the foreground"},
	{'o', "options", "OPT", "user=NAME, allow_other; may be joined by commas"},
};

static const struct opt_tool tool = {
	"streamhubfs",
	"[-f] [-o OPT] [MOUNTPOINT]",
	"Show the state of all stations as files.",
	rows,
	sizeof rows / sizeof *rows,
};

static const char *user_name = "nobody";
static bool others;

static void read_suboptions(char *list)
{
	enum { USER, ALLOW_OTHER };
	char *const names[] = {
		[USER] = (char[]){"user"}, [ALLOW_OTHER] = (char[]){"allow_other"}, NULL};
	char *value;

	while (*list) {
		const char *all = list;
		switch (getsubopt(&list, names, &value)) {
		case USER:
			if (!value || !*value)
				opt_refuse(&tool, "option -o: user needs a name");
			user_name = value;
			break;
		case ALLOW_OTHER:
			if (value)
				opt_refuse(&tool, "option -o: allow_other has no value");
			others = true;
			break;
		default:
			opt_refuse(&tool, "option -o: unknown '%s'", all);
		}
	}
}

/* libfuse's own words. */
__attribute__((format(printf, 2, 0))) static void hear(
	enum fuse_log_level level, const char *format, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = '\0';
	msg_say(level <= FUSE_LOG_ERR               ? MSG_ERROR
			: level == FUSE_LOG_WARNING ? MSG_WARN
						    : MSG_DEBUG,
		"%s", text);
}

static struct fuse_session *new_session(void)
{
	char options[] = "-oro,noexec,default_permissions,fsname=streamhubfs,"
			 "subtype=streamhubfs";
	char *args[] = {
		(char[]){"streamhubfs"}, options, (char[]){"-oallow_other"}, NULL};
	struct fuse_args all = FUSE_ARGS_INIT(others ? 3 : 2, args);

	fuse_set_log_func(hear);
	struct fuse_session *session =
		fuse_session_new(&all, &ops_table, sizeof ops_table, NULL);
	fuse_opt_free_args(&all);
	return session;
}

/* Answers one question. Returns whether to go on; if not, *code is the exit code. */
static bool answer(struct fuse_session *session, struct fuse_buf *buf, int *code)
{
	int n = fuse_session_receive_buf(session, buf);

	if (n > 0)
		fuse_session_process_buf(session, buf);
	if (n == 0 || fuse_session_exited(session)) {
		msg_info("unmounted by somebody");
		return false;
	}
	if (n > 0 || n == -EAGAIN || n == -EINTR)
		return true;
	errno = -n;
	msg_error("/dev/fuse:");
	*code = EX_OSERR;
	return false;
}

static int serve(struct fuse_session *session, int signals)
{
	enum { SIGNALS, QUESTIONS };
	struct pollfd fds[] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[QUESTIONS] = {fuse_session_fd(session), POLLIN, 0},
	};
	struct fuse_buf buf = {0};
	int code = EX_OK;
	bool up = false;

	for (;;) {
		int64_t until = tick_sooner(version_due(), ready_alive());
		if (poll(fds, sizeof fds / sizeof *fds, tick_timeout(until)) < 0) {
			if (errno == EINTR)
				continue;
			msg_error("poll:");
			code = EX_OSERR;
			break;
		}
		if (fds[SIGNALS].revents && sigfd_take(signals))
			break;
		if (fds[QUESTIONS].revents && !answer(session, &buf, &code))
			break;
		if (ops_ready() && !up) {
			up = true;
			ready_up();
		}
		if (version_due() <= tick_now())
			version_wake();
	}
	free(buf.mem);
	return code;
}

static const struct passwd *find_user(void)
{
	const struct passwd *user = getpwnam(user_name);

	if (!user && geteuid() == 0)
		opt_refuse(&tool, "option -o: no user '%s'", user_name);
	return user;
}

int main(int argc, char **argv)
{
	const char *point = station_path(STATION_VIEW);
	struct tick_stamp stamp;
	static struct mount mount;

	opt_begin(&tool);
	others = geteuid() == 0;
	for (int key; (key = opt_next(&tool, argc, argv)) != -1;)
		if (key == 'o')
			read_suboptions(optarg);
	if (argc - optind > 1)
		opt_refuse(&tool, "more than one MOUNTPOINT");
	if (optind < argc)
		point = argv[optind];
	const struct passwd *user = find_user();

	int signals = sigfd_open();
	if (signals < 0 || tick_stamp(&stamp) < 0 || stations_init() < 0 || !point)
		msg_die(EX_OSERR, "start:");
	view_init();
	int code = mount_prepare(&mount, point);
	if (code)
		return code;
	struct fuse_session *session = new_session();
	if (!session)
		return EX_OSERR; /* libfuse has said why */
	code = mount_session(&mount, session);
	if (code == EX_OK && geteuid() == 0)
		code = mount_drop(&mount, user);
	fcntl(fuse_session_fd(session), F_SETFL, O_NONBLOCK);
	if (code == EX_OK)
		code = serve(session, signals);
	ready_down();
	int end = mount_end(&mount, session);
	code = code ? code : end;
	return opt_finish(code);
}
