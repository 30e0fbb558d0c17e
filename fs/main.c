/*
 * streamhubfs: the state of all stations as a read-only file system.
 *
 *   mount     the mount point, and giving up rights
 *   mounter   mounts for another process
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

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/ready.h"
#include "base/sigfd.h"
#include "fuse_api.h"
#include "mount.h"
#include "mounter.h"
#include "ops.h"
#include "station/station.h"
#include "stations.h"
#include "tree.h"
#include "version.h"
#include "view.h"

static const char *user_name = "nobody";
static const char *mount_for, *mounted_by; /* sockets */
static bool others, suboptions;

static void read_suboptions(const struct opt_tool *tool, char *list);

static const struct opt_row rows[] = {
	{'f', "foreground", NULL, "accepted: it always stays in the foreground",
		.flag = NULL},
	{'M', "mount-for", "SOCKET", "only mount, for the one that connects there",
		.text = &mount_for},
	{'m', "mounted-by", "SOCKET", "show what the mounter there mounts, not root",
		.text = &mounted_by},
	{'o', "options", "OPT", "user=NAME, allow_other; may be joined by commas",
		.read = read_suboptions},
};

static const struct opt_tool tool = {
	"streamhubfs",
	"[-f] [-M SOCKET] [-m SOCKET] [-o OPT] [MOUNTPOINT]",
	"Show the state of all stations as files.",
	rows,
	sizeof rows / sizeof *rows,
};

static void read_suboptions(const struct opt_tool *self, char *list)
{
	enum { USER, ALLOW_OTHER };
	char *const names[] = {
		[USER] = (char[]){"user"}, [ALLOW_OTHER] = (char[]){"allow_other"}, NULL};
	char *value;

	suboptions = true;
	while (*list) {
		const char *all = list;
		switch (getsubopt(&list, names, &value)) {
		case USER:
			if (!value || !*value)
				opt_refuse(self, "option -o: user needs a name");
			user_name = value;
			break;
		case ALLOW_OTHER:
			if (value)
				opt_refuse(self, "option -o: allow_other has no value");
			others = true;
			break;
		default:
			opt_refuse(self, "option -o: unknown '%s'", all);
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

static int lose_mounter(void)
{
	msg_error("the mounter has ended, and nobody else would unmount");
	return EX_TEMPFAIL;
}

/*
 * Answers one question. Returns whether to go on; if not, *code is the exit code. bond is
 * the connection to a mounter, or -1: one that ends unmounts before it hangs up.
 */
static bool answer(
	struct fuse_session *session, struct fuse_buf *buf, int bond, int *code)
{
	struct pollfd end = {bond, POLLIN, 0};
	int n = fuse_session_receive_buf(session, buf);

	if (n > 0)
		fuse_session_process_buf(session, buf);
	if (n == 0 || fuse_session_exited(session)) {
		if (bond >= 0 && poll(&end, 1, CLOCK_SECOND) == 1)
			*code = lose_mounter();
		else
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

/* The mounter, if there is one, has the other end of bond. */
static int serve(struct fuse_session *session, int signals, int bond)
{
	enum { SIGNALS, QUESTIONS, BOND };
	struct pollfd fds[] = {
		[SIGNALS] = {signals, POLLIN, 0},
		[QUESTIONS] = {fuse_session_fd(session), POLLIN, 0},
		[BOND] = {bond, POLLIN, 0},
	};
	struct fuse_buf buf = {0};
	int code = EX_OK;
	bool up = false;

	for (;;) {
		int64_t until = clock_sooner(version_due(), ready_alive());
		if (poll(fds, sizeof fds / sizeof *fds, clock_timeout(until)) < 0) {
			if (errno == EINTR)
				continue;
			msg_error("poll:");
			code = EX_OSERR;
			break;
		}
		if (fds[SIGNALS].revents && sigfd_take(signals))
			break;
		if (fds[BOND].revents) {
			code = lose_mounter();
			break;
		}
		if (fds[QUESTIONS].revents && !answer(session, &buf, fds[BOND].fd, &code))
			break;
		if (ops_ready() && !up) {
			up = true;
			ready_up();
		}
		if (version_due() <= clock_now())
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

static const char *read_options(int argc, char **argv)
{
	char **operands = opt_read(&tool, argc, argv);
	const char *point = *operands ? opt_operand(&tool, operands, "MOUNTPOINT") : NULL;

	if (!!mount_for + !!mounted_by + suboptions > 1)
		opt_refuse(&tool, "options -M, -m and -o: one of them");
	if (mounted_by && point)
		opt_refuse(&tool, "option -m: the mounter has the MOUNTPOINT");
	if (mounted_by && geteuid() == 0)
		opt_refuse(&tool, "option -m: not as root, who needs no mounter");
	return point ? point : station_path(STATION_VIEW);
}

/* Has it mounted, and has given up its rights. */
static int begin(
	struct mount *mount, struct fuse_session *session, const struct passwd *user)
{
	if (mounted_by)
		return mount_ask(mount, session, mounted_by);
	int code = mount_session(mount, session);
	return code == EX_OK && geteuid() == 0 ? mount_drop(mount, user) : code;
}

int main(int argc, char **argv)
{
	struct clock_stamp stamp;
	static struct mount mount;

	opt_begin(&tool);
	others = geteuid() == 0;
	const char *point = read_options(argc, argv);
	const struct passwd *user = find_user();

	int signals = sigfd_open();
	if (signals < 0 || clock_stamp(&stamp) < 0 || stations_init() < 0 || !point)
		msg_die(EX_OSERR, "start:");
	if (mount_for)
		return opt_finish(mounter_run(mount_for, point, signals));
	tree_begin();
	view_init();
	int code = mounted_by ? EX_OK : mount_prepare(&mount, point);
	if (code)
		return code;
	struct fuse_session *session = new_session();
	if (!session)
		return EX_OSERR; /* libfuse has said why */
	code = begin(&mount, session, user);
	if (code == EX_OK) {
		fcntl(fuse_session_fd(session), F_SETFL, O_NONBLOCK);
		code = serve(session, signals, mount.bond);
	}
	ready_down();
	int end = mount_end(&mount, session);
	code = code ? code : end;
	return opt_finish(code);
}
