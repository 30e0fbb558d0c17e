/* grounds: folders that are one, lie in each other, or are no camera's. */
#include "unit_station.h"

#include "base/msg.h"
#include "station/grounds.h"
#include "station/station.h"

static const char *at(const char *rel)
{
	static char paths[2][sizeof unit_path + 64];
	static int last;

	last = !last;
	snprintf(paths[last], sizeof paths[last], "%s/%s", unit_path, rel);
	return paths[last];
}

static int enter(void **state)
{
	int code = unit_enter_root(state);

	mkdirat(unit_folder, "drop", 0755);
	mkdirat(unit_folder, "drop/sub", 0755);
	mkdirat(unit_folder, "drop/_done", 0755);
	mkdirat(unit_folder, "other", 0755);
	symlinkat("drop", unit_folder, "link");
	symlinkat("../drop", unit_folder, "other/way");
	symlinkat("../other", unit_folder, "drop/out");
	return code;
}

UNIT_TEST(test_watched)
{
	static const struct {
		const char *folder, *drop;
		bool watched;
	} rows[] = {{"drop", "drop", true}, {"drop/", "drop", true},
		{"link", "drop", true}, {"drop", "link", true},
		{"link/sub", "drop", true}, {"other/way/sub", "link//", true},
		{"drop/new", "drop", true}, {"drop/_done", "drop", false},
		{"link/_done", "drop", false}, {"drop/out", "drop", false},
		{"other", "drop", false}, {"drop2", "drop", false},
		{"new", "drop", false}, {"drop", "drop/sub", false}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (grounds_watched(at(rows[i].folder), at(rows[i].drop)) !=
			rows[i].watched)
			fail_msg("'%s', '%s'", rows[i].folder, rows[i].drop);
}

UNIT_TEST(test_reserved)
{
	static const struct {
		const char *path;
		bool reserved;
	} rows[] = {{"/", true}, {"//", true}, {"/etc", true}, {"/etc/cam", true},
		{"/usr/local/cam", true}, {"/proc/self", true}, {"/home", true},
		{"/home/cam", false}, {"/srv", true}, {"/srv/cam", false},
		{"/etcetera", false}, {"/var/lib", true}, {"/var/spool/cam", false},
		{"/dev/shm/cam", true}, {"/run/cam", false}, {"/tmp", true},
		{"/dev", true}, {"/dev/shm", true}, {"/device/cam", false},
		{"/var/log", true}, {"/var/log/cam", true}, {"/var/logs", false},
		{"/var/cache", true}, {"/var/cache/cam", true}, {"/var/spool", true},
		{"/var/lib/apt", true}, {"/var/lib/apt/lists", true},
		{"/var/lib/apt/lists", true}, {"/var/lib/systemd/cam", true},
		{"/var/lib/ftp/cam", false}, {"/var/lock", true}, {"/var/lock/cam", true},
		{"/run/user", true}, {"/run/user/1000/cam", true}, {"/run/lock", true},
		{"/mnt", true}, {"/media/", true}, {"/mnt/disk/clips", false},
		{"/mnt/disk", false}, {"/media/usb/clips", false}, {"/root/.ssh", true},
		{"/root/clips", false}, {"/home/x/.ssh/in", true},
		{"/home/x/.gnupg", true}, {"/home/x/.ssh.d", false},
		{"/home/x/a.ssh", false}, {"/home/x.ssh/.ssh", true},
		{"/home/x/clips", false}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (!grounds_reserved(rows[i].path) == rows[i].reserved)
			fail_msg("'%s'", rows[i].path);
	/* Our own, and what holds or is in it, through a link too. */
	assert_int_equal(symlinkat(station_path(STATION_STATE), unit_folder, "kept"), 0);
	close(station_make(STATION_STATE, "1"));
	assert_non_null(grounds_reserved(station_path(STATION_STATE)));
	assert_non_null(grounds_reserved(at("kept/1")));
	assert_non_null(grounds_reserved(unit_path));
	assert_null(grounds_reserved(at("drop")));
}

UNIT_TEST(test_private)
{
	assert_true(grounds_private("/tmp/cam") && grounds_private("/var/tmp/cam"));
	assert_false(grounds_private("/srv/tmp") || grounds_private("/tmpfs/cam"));
}

/* What is said by a child about the others. */
UNIT_TEST(test_shared)
{
	static const struct {
		const char *key, *drop, *said; /* NULL: nothing */
	} rows[] = {{"WATCH_DIR", "drop", "is that of station 'b'"},
		{"WATCH_DIR", "link", "is that of station 'b'"},
		{"WATCH_DIR", "drop/sub", "lies in that of station 'b'"},
		{"WATCH_DIR", "drop/_done", NULL}, {"WATCH_DIR", "other", NULL},
		{"PLAYLIST", "drop", "is the drop folder of station 'b'"},
		{"PLAYLIST", "drop/l.m3u", "is the drop folder of station 'b'"},
		{"PLAYLIST", "drop/sub/l.m3u", "lies in the drop folder of station 'b'"},
		{"PLAYLIST", "other/l.m3u", NULL}};
	char text[400];

	snprintf(text, sizeof text, "WATCH_DIR=%s\n", at("drop"));
	unit_put_text("b.conf", text);
	snprintf(text, sizeof text, "WATCH_DIR=%s\n", at("drop"));
	unit_put_text("a.conf", text);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		pid_t pid = unit_fork();
		if (pid == 0) {
			int fd = openat(unit_folder, "said",
				O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
			dup2(fd, STDERR_FILENO);
			msg_init("test");
			struct conf conf;
			int n = snprintf(text, sizeof text, "%s=%s\n", rows[i].key,
				at(rows[i].drop));
			conf_parse(&conf, text, (size_t)n);
			grounds_shared(unit_folder, "a", &conf);
			_exit(0);
		}
		assert_int_equal(unit_wait(pid), 0);
		const char *said = unit_get("said");
		if (rows[i].said ? !strstr(said, rows[i].said) : *said != 0)
			fail_msg("'%s': %s", rows[i].drop, said);
	}
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, unit_leave_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTERED(test_watched),
		ENTERED(test_reserved),
		ENTERED(test_private),
		ENTERED(test_shared),
	};

	return cmocka_run_group_tests_name("grounds", tests, NULL, NULL);
}
