/*
 * quarantine: what lies in it, what is told of it, and what is cleared. Longer than the
 * other drivers: what clears is tried on all that the others have put there.
 */
#include "unit_quarantine.h"

#include <sys/mount.h>

#define FACT(from) \
	"time: 2026-01-02T03:04:05Z\nboot: b\nmono: 1.000\npid: 1\n" \
	"code: " CODE "\nreason: " REASON "\ntries: 2\nsize: 4\nfrom: " from "\n"

UNIT_TEST(test_open)
{
	static const struct {
		const char *path;
		bool make;
		int error;
	} rows[] = {{"folder", false, 0}, {"folder", true, 0}, {"folder//", true, 0},
		{"way/folder", false, 0}, /* a link above is the user's own */
		{"new", false, ENOENT}, {"new", true, 0}, {"new", false, 0},
		{"new2/", true, 0}, {"nowhere/new", true, ENOENT},
		{"file", true, ENOTDIR}, {"file/", true, ENOTDIR},
		{"file/new", true, ENOTDIR}, {"fifo", false, ENOTDIR},
		{"way", false, ELOOP}, {"way", true, ELOOP}, {"way/", true, ELOOP},
		{"dangling", true, ELOOP}, {"link", false, ELOOP}};
	struct quarantine one;

	unit_put_odd();
	symlinkat(".", unit_folder, "way");
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int code = quarantine_open(&one, NULL, at(rows[i].path), rows[i].make);

		if (!unit_ended(code, rows[i].error))
			fail_msg("'%s': %d, errno %d", rows[i].path, code, errno);
		if (code == 0)
			assert_true(fcntl(one.folder, F_GETFD) & FD_CLOEXEC);
		else
			assert_true(one.folder == -1 && !one.path);
		quarantine_close(&one);
		quarantine_close(&one);
	}
	assert_true(unit_ended(quarantine_open(&one, NULL, "", true), ENOENT));
	assert_int_equal(
		quarantine_open(&one, NULL, "/", false), 0); /* it is its own parent */
	quarantine_close(&one);
	assert_int_equal(quarantine_open(&one, NULL, at("folder/"), false), 0);
	assert_string_equal(one.path, at("folder"));
	quarantine_close(&one);
}

UNIT_TEST(test_open_elsewhere)
{
	struct quarantine one;

	assert_int_equal(mkdirat(unit_folder, "disk", 0755), 0);
	if (mount("none", at("disk"), "tmpfs", 0, "size=64k") < 0)
		UNIT_SKIP("needs the right to mount");
	int code = quarantine_open(&one, NULL, at("disk"), true), error = errno;
	assert_int_equal(mkdir(at("disk/q"), 0755), 0);
	int below = quarantine_open(&one, NULL, at("disk/q"), true);
	quarantine_close(&one);
	umount2(at("disk"), MNT_DETACH);
	assert_true(code < 0 && error == EXDEV);
	assert_int_equal(below, 0);
}

static int look(const char *name)
{
	return quarantine_look(&quarantine, name, &entry);
}

UNIT_TEST(test_look)
{
	struct stat st;

	unit_put_text("q/1.mp4", "text");
	unit_put_text("q/1.mp4.reason", FACT("/srv/cam/a\\x5cb\\x0a\\xff\\x5cx0a"));
	assert_int_equal(look("1.mp4"), 0);
	assert_string_equal(entry.name, "1.mp4");
	assert_string_equal(entry.code, CODE);
	assert_string_equal(entry.reason, REASON);
	assert_string_equal(entry.from, "/srv/cam/a\\b\n\xff\\x0a");
	assert_string_equal(entry.time, "2026-01-02T03:04:05Z");
	assert_int_equal(entry.tries, 2);
	assert_int_equal(entry.size, 4);
	fstatat(unit_folder, "q/1.mp4.reason", &st, 0);
	assert_true(entry.tried_ns == path_nanoseconds(st.st_mtim));
	fstatat(unit_folder, "q/1.mp4", &st, 0);
	assert_true(entry.moved_ns == path_nanoseconds(st.st_ctim));
	assert_int_equal(unlinkat(unit_folder, "q/1.mp4.reason", 0), 0);
	assert_int_equal(look("1.mp4"), 0);
	assert_string_equal(entry.code, "");
	assert_string_equal(entry.from, "");
	assert_true(entry.tried_ns == entry.moved_ns);
}

UNIT_TEST(test_look_refused)
{
	static const struct {
		const char *name;
		int error;
	} rows[] = {{"nothing", ENOENT}, {"link", ENOENT}, {"folder", ENOENT},
		{"fifo", ENOENT}, {"", EINVAL}, {".", EINVAL}, {"..", EINVAL},
		{".hidden", EINVAL}, {"file.reason", EINVAL}, {"../clip", EINVAL},
		{"folder/x", EINVAL}, {"/etc/passwd", EINVAL}};

	unit_put_text("clip", "");
	unit_put_text("q/file", "");
	unit_put_text("q/file.reason", FACT("/x"));
	unit_put_text("q/.hidden", "");
	symlinkat("file", quarantine.folder, "link");
	mkdirat(quarantine.folder, "folder", 0755);
	mkfifoat(quarantine.folder, "fifo", 0644);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++)
		if (!unit_ended(look(rows[i].name), rows[i].error))
			fail_msg("'%s': errno %d", rows[i].name, errno);
}

/* Reasons that nobody of us wrote. */
UNIT_TEST(test_hostile_reasons)
{
	static const char *const none[] = {"", "\n", "garbage", "\xff\xfe\n", "code: x\n",
		"time: t\ncode: c\nreason: r\n", "time: t\ncode: c\ntries: 1\n",
		"time: t\ncode: c\nreason: r\ntries: -1\n",
		"time: t\ncode: c\nreason: r\ntries: x\n",
		"time: t\ncode: c\ncode: c\nreason: r\ntries: 1\n",
		"code: 012345678901234567890123456789012\ntime: \nreason: \ntries: 1\n"};
	static const struct {
		const char *value, *from;
	} froms[] = {{"/x", "/x"}, {"x", ""}, {"", ""}, {"\\x2fx", ""}, {"/\\x00", ""},
		{"/a\\x", "/a\\x"}, {"/\x1b", "/\x1b"}};
	static char big[1 << 17];
	char text[512];

	unit_put_text("q/x", "text");
	for (size_t i = 0; i < UNIT_COUNT(none); i++) {
		unit_put_text("q/x.reason", none[i]);
		assert_int_equal(look("x"), 0);
		if (*entry.code || *entry.from || *entry.reason || entry.tries)
			fail_msg("'%s'", none[i]);
	}
	for (size_t i = 0; i < UNIT_COUNT(froms); i++) {
		snprintf(text, sizeof text,
			"time: t\ncode: c\nreason: r\ntries: 1\nfrom: %s\n",
			froms[i].value);
		unit_put_text("q/x.reason", text);
		assert_int_equal(look("x"), 0);
		assert_string_equal(entry.code, "c");
		assert_string_equal(entry.from, froms[i].from);
	}
	/* Bytes as they are. */
	unit_put_text(
		"q/x.reason", "time: \x1b\ncode: \x1b[m\nreason: \x9b\t\ntries: 1\n");
	assert_int_equal(look("x"), 0);
	assert_string_equal(entry.code, "\x1b[m");
	assert_string_equal(entry.reason, "\x9b\t");
	assert_string_equal(entry.time, "\x1b");
	/* Values longer than any that is written. */
	memset(big, 'x', sizeof big);
	memcpy(big, "time: ", 6);
	memcpy(big + 1000, "\ncode: c\nreason: ", 17);
	memcpy(big + 3000, "\ntries: 1\nfrom: /", 17);
	big[20000] = '\n';
	unit_put("q/x.reason", big, 20001);
	assert_int_equal(look("x"), 0);
	assert_string_equal(entry.code, "");
	assert_string_equal(entry.reason, "");
	assert_string_equal(entry.time, "");
	assert_string_equal(entry.from, "");
	unit_put("q/x.reason", big, sizeof big);
	assert_int_equal(look("x"), 0);
	assert_string_equal(entry.code, "");
}

/* In the place of a reason: what must not be followed, and not waited for. */
UNIT_TEST(test_odd_reasons)
{
	struct {
		const char *name;
		int made;
	} rows[] = {{"link", symlinkat("../reason", quarantine.folder, "link.reason")},
		{"dangling", symlinkat("nothing", quarantine.folder, "dangling.reason")},
		{"fifo", mkfifoat(quarantine.folder, "fifo.reason", 0644)},
		{"folder", mkdirat(quarantine.folder, "folder.reason", 0755)}};

	unit_put_text("reason", FACT("/x"));
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		char rel[32];

		assert_int_equal(rows[i].made, 0);
		snprintf(rel, sizeof rel, "q/%s", rows[i].name);
		unit_put_text(rel, "text");
		assert_int_equal(look(rows[i].name), 0);
		assert_string_equal(entry.code, "");
		assert_true(entry.tried_ns == entry.moved_ns);
		assert_true(unit_ended(quarantine_release(&quarantine, &entry), ENODATA));
		assert_true(quarantine_again(&quarantine, &entry, CODE, REASON) < 0);
		snprintf(rel, sizeof rel, "q/%s.reason", rows[i].name);
		assert_true(unit_exists(rel));
	}
	assert_string_equal(unit_get("reason"), FACT("/x"));
	assert_int_equal(quarantine_tidy(&quarantine), 0);
	assert_int_equal(count_in("q"), 2 * UNIT_COUNT(rows));
	assert_int_equal(quarantine_bound(&quarantine, 0), UNIT_COUNT(rows));
	assert_int_equal(count_in("q"), 1); /* a folder: none of ours */
	assert_string_equal(unit_get("reason"), FACT("/x"));
}

static char seen[512];

static int note(struct quarantine_entry *one, void *data)
{
	size_t len = strlen(seen);

	snprintf(seen + len, sizeof seen - len, "%s %s;", one->name, one->code);
	return *(int *)data;
}

UNIT_TEST(test_each)
{
	char longest[2 + NAME_MAX + 1];
	int code = 0;

	*seen = '\0';
	assert_int_equal(quarantine_each(&quarantine, note, &code), 0);
	assert_string_equal(seen, "");
	assert_int_equal(quarantine_count(&quarantine), 0);
	unit_put_text("q/a", "");
	unit_put_text("q/a.reason", FACT("/x"));
	unit_put_text("q/.hidden", "");
	unit_put_text("q/alone.reason", FACT("/x"));
	unit_put_text("q/.a.moving", FACT("/x"));
	symlinkat("a", quarantine.folder, "link");
	mkdirat(quarantine.folder, "folder", 0755);
	mkfifoat(quarantine.folder, "fifo", 0644);
	mknodat(quarantine.folder, "device", S_IFCHR | 0644, 0x103);
	assert_int_equal(quarantine_each(&quarantine, note, &code), 0);
	assert_string_equal(seen, "a " CODE ";");
	assert_int_equal(quarantine_count(&quarantine), 1);
	/* A name that leaves no room for a reason. */
	memset(longest, 'n', sizeof longest);
	memcpy(longest, "q/", 2);
	longest[2 + NAME_MAX] = '\0';
	unit_put_text(longest, "");
	unlinkat(unit_folder, "q/a", 0);
	*seen = '\0';
	assert_int_equal(quarantine_each(&quarantine, note, &code), 0);
	assert_int_equal(strlen(seen), NAME_MAX + 2);
	/* The visitor ends it. */
	unit_put_text("q/a", "");
	for (code = -7; code <= 7; code += 14) {
		*seen = '\0';
		assert_int_equal(quarantine_each(&quarantine, note, &code), code);
		assert_ptr_equal(strchr(seen, ';'), strrchr(seen, ';'));
	}
	assert_int_equal(quarantine_count(&quarantine), 2);
	assert_int_equal(quarantine_bound(&quarantine, 0), 2);
}

static int release_or_again(struct quarantine_entry *one, void *data)
{
	int *count = data;

	if ((*count)++ % 2)
		return quarantine_again(&quarantine, one, CODE, REASON);
	return quarantine_release(&quarantine, one);
}

/* A visitor that changes what it visits. */
UNIT_TEST(test_each_changes)
{
	char rel[32], name[NAME_MAX + 1];
	int count = 0;

	for (int i = 0; i < 100; i++) {
		snprintf(rel, sizeof rel, "%d.mp4", i);
		unit_put_text(rel, "text");
		assert_int_equal(put_in(rel, name), 0);
	}
	assert_int_equal(quarantine_each(&quarantine, release_or_again, &count), 0);
	assert_int_equal(count, 100);
	assert_int_equal(count_in("q"), 100);
	assert_int_equal(count_in("."), 51);
}

/* A reason that cannot be read now is not one that is not there. */
UNIT_TEST(test_unreadable)
{
	int code = 0;

	if (geteuid() != 0)
		UNIT_SKIP("needs the right to become another user");
	unit_put_text("q/a", "");
	unit_put_text("q/b", "");
	unit_put_text("q/b.reason", FACT("/x"));
	fchmodat(quarantine.folder, "b.reason", 0, 0);
	fchmodat(unit_folder, ".", 0755, 0);
	pid_t pid = unit_fork();
	if (pid == 0) {
		*seen = '\0';
		if (seteuid(65534) < 0 || !unit_ended(look("b"), EACCES))
			_exit(1);
		if (!unit_ended(quarantine_each(&quarantine, note, &code), EACCES))
			_exit(2);
		_exit(strcmp(seen, "a ;") == 0 ? 0 : 3);
	}
	assert_int_equal(unit_wait(pid), 0);
}

/* What killed ones left, and what is none of ours. */
UNIT_TEST(test_tidy)
{
	static const struct {
		const char *name, *text, *after; /* NULL: gone */
	} rows[] = {
		{"whole", "w", "w"},
		{"whole.reason", "1", "1"},
		{"bare", "b", "b"},
		{"moved", "m", "m"}, /* in, but its reason not in place */
		{".moved.moving", "2", NULL},
		{"moved.reason", NULL, "2"},
		{"both", "o", "o"},
		{"both.reason", "3", "3"},
		{".both.moving", "4", NULL},
		{".gone.moving", "5", NULL}, /* not in yet, or out already */
		{"orphan.reason", "6", NULL},
		{".whole.reason.77.tmp", "7", NULL},
		{".nothing.reason.1.tmp", "8", NULL},
		{".in.upload.mp4.tmp", "9", "9"},
		{".hidden", "10", "10"},
		{".aside.taken", "15", NULL}, /* left by a killed tool */
		{"taken", NULL, "15"},
		{"taken.reason", "16", "16"},
		{".moving", "11", "11"},
		{"x.moving", "12", "12"},
		{".link.moving", "13", NULL}, /* the link is no file of ours */
		{"folder.reason", "14", NULL},
	};

	for (int again = 0; again < 2; again++) {
		for (size_t i = 0; i < UNIT_COUNT(rows) && !again; i++) {
			char rel[64];

			snprintf(rel, sizeof rel, "q/%s", rows[i].name);
			if (rows[i].text)
				unit_put_text(rel, rows[i].text);
		}
		if (!again) {
			symlinkat("whole", quarantine.folder, "link");
			mkdirat(quarantine.folder, "folder", 0755);
			mkdirat(quarantine.folder, ".whole.moving", 0755);
			symlinkat("whole", quarantine.folder, ".bare.moving");
			symlinkat("nothing", quarantine.folder, "alone.reason");
		}
		assert_int_equal(quarantine_tidy(&quarantine), 0);
		for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
			char rel[64];

			snprintf(rel, sizeof rel, "q/%s", rows[i].name);
			if (unit_exists(rel) != !!rows[i].after ||
				(rows[i].after &&
					strcmp(unit_get(rel), rows[i].after) != 0))
				fail_msg("%s", rel);
		}
		assert_true(unit_exists("q/link") && unit_exists("q/folder") &&
			unit_exists("q/.whole.moving") && unit_exists("q/.bare.moving") &&
			unit_exists("q/alone.reason"));
	}
}

/* Files of which the first is the oldest: by the kernel's time of change, not by mtime.
 */
static void fill(int count)
{
	const struct timespec times[] = {{0, UTIME_OMIT}, {1, 0}};
	char name[32], reason[64];
	struct stat st, last = {0};

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof name, "q/%d", i);
		snprintf(reason, sizeof reason, "q/%d.reason", i);
		unit_put_text(reason, FACT("/x"));
		do {
			unit_put_text(name, "text");
			fstatat(unit_folder, name, &st, 0);
		} while (count < 10 &&
			path_nanoseconds(st.st_ctim) == path_nanoseconds(last.st_ctim));
		last = st;
	}
	if (count > 1) {
		snprintf(name, sizeof name, "q/%d", count - 1);
		utimensat(unit_folder, name, times, 0);
	}
}

/* Sends standard error to the file "err" until hear is called; returns what was there. */
static int hush(void)
{
	int saved = dup(STDERR_FILENO);
	int fd =
		openat(unit_folder, "err", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	assert_true(saved >= 0 && fd >= 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return saved;
}

static const char *hear(int saved)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	return unit_get("err");
}

UNIT_TEST(test_bound)
{
	fill(6);
	unit_put_text("q/.hidden", "");
	mkdirat(quarantine.folder, "folder", 0755);
	int saved = hush();
	int none = quarantine_bound(&quarantine, 6);
	int many = quarantine_bound(&quarantine, SIZE_MAX);
	int code = quarantine_bound(&quarantine, 4);
	const char *said = hear(saved);
	assert_int_equal(none, 0);
	assert_int_equal(many, 0);
	assert_int_equal(code, 2);
	assert_false(unit_exists("q/0") || unit_exists("q/0.reason"));
	assert_false(unit_exists("q/1") || unit_exists("q/1.reason"));
	assert_true(unit_exists("q/2") && unit_exists("q/2.reason"));
	assert_int_equal(count_in("q"), 2 * 4 + 2);
	assert_non_null(
		strstr(said, "q': deleted '0' (" CODE "), as there are more than 4"));
	assert_non_null(strstr(said, "deleted '1' (" CODE ")"));
	assert_null(strstr(said, "'2'"));
	unlinkat(unit_folder, "q/2.reason", 0);
	saved = hush();
	code = quarantine_bound(&quarantine, 0);
	said = hear(saved);
	assert_int_equal(code, 4);
	assert_int_equal(count_in("q"), 2);
	assert_non_null(strstr(said, "deleted '2' (no reason)"));
}

/* One that cannot be deleted does not keep the others. */
UNIT_TEST(test_bound_fails)
{
	if (geteuid() != 0)
		UNIT_SKIP("needs the right to become another user");
	fill(3);
	fchmodat(unit_folder, ".", 0755, 0);
	fchmodat(unit_folder, "q", 01777, 0);
	for (int i = 1; i < 3; i++) {
		char name[16];

		snprintf(name, sizeof name, "%d", i);
		assert_int_equal(fchownat(quarantine.folder, name, 65534, 65534, 0), 0);
	}
	int saved = hush();
	pid_t pid = unit_fork();
	if (pid == 0)
		_exit(seteuid(65534) < 0 ||
			!unit_ended(quarantine_bound(&quarantine, 1), EPERM));
	int code = unit_wait(pid);
	const char *said = hear(saved);
	assert_int_equal(code, 0);
	assert_non_null(
		strstr(said, "'0' could not be deleted: Operation not permitted"));
	assert_non_null(strstr(said, "deleted '1'"));
	assert_true(unit_exists("q/0") && !unit_exists("q/1") && unit_exists("q/2"));
}

UNIT_TEST(test_bound_many)
{
	enum { MANY = 2000, KEEP = 10 };
	int removed = 0, code;

	fill(MANY);
	int saved = hush();
	alarm(UNIT_SECONDS);
	while ((code = quarantine_bound(&quarantine, KEEP)) > 0) {
		assert_true(code <= QUARANTINE_TURN);
		removed += code;
	}
	alarm(0);
	hear(saved);
	assert_int_equal(code, 0);
	assert_int_equal(removed, MANY - KEEP);
	assert_int_equal(count_in("q"), 2 * KEEP);
	assert_true(unit_exists("q/1999"));
}

/*
 * With arguments it does one thing to the quarantine "q" and tells by its exit code: for
 * test/fault/quarantine.t, which kills it.
 */
static int act(const char *verb, const char *arg)
{
	struct stat st;
	char name[NAME_MAX + 1];

	if (quarantine_open(&quarantine, NULL, "q", true) < 0)
		return 2;
	if (strcmp(verb, "tidy") == 0)
		return quarantine_tidy(&quarantine) < 0;
	if (strcmp(verb, "bound") == 0)
		return quarantine_bound(&quarantine, (size_t)atoi(arg)) < 0;
	if (strcmp(verb, "put") == 0)
		return lstat(arg, &st) < 0 ||
			put_path(&quarantine, arg, path_id(&st), REASON, 3, name) < 0;
	if (look(arg) < 0)
		return 1;
	if (strcmp(verb, "again") == 0)
		return quarantine_again(&quarantine, &entry, CODE, REASON) < 0;
	if (strcmp(verb, "release") == 0)
		return quarantine_release(&quarantine, &entry) < 0;
	return printf("%s %s %d %s\n", entry.name, entry.code, (int)entry.tries,
		       entry.from) < 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		QUARANTINED(test_open),
		QUARANTINED(test_open_elsewhere),
		QUARANTINED(test_look),
		QUARANTINED(test_look_refused),
		QUARANTINED(test_hostile_reasons),
		QUARANTINED(test_odd_reasons),
		QUARANTINED(test_each),
		QUARANTINED(test_each_changes),
		QUARANTINED(test_unreadable),
		QUARANTINED(test_tidy),
		QUARANTINED(test_bound),
		QUARANTINED(test_bound_fails),
		QUARANTINED(test_bound_many),
	};

	if (argc == 3)
		return act(argv[1], argv[2]);
	return cmocka_run_group_tests_name("quarantine", tests, NULL, NULL);
}
