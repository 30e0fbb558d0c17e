/*
 * quarantine_move: in and out, and all that comes between. Longer than the other drivers:
 * each moment between two calls is a test, and all share what happens meanwhile.
 */
#include "unit_quarantine.h"

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/fact.h"

/*
 * The archive's calls come here first: what happens in between is done by meanwhile,
 * before the rename with this number, and no call may come without the lock.
 */
static void (*meanwhile)(void);
static int meanwhile_at, renames, unlocked;

static void check_lock(void)
{
	int fd = openat(unit_folder, "q", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		unlocked++;
	close(fd);
}

int renameat2(
	int from, const char *name, int to, const char *new_name, unsigned int flags)
{
	check_lock();
	if (meanwhile && ++renames == meanwhile_at)
		meanwhile();
	return (int)syscall(SYS_renameat2, from, name, to, new_name, flags);
}

int renameat(int from, const char *name, int to, const char *new_name)
{
	check_lock();
	return (int)syscall(SYS_renameat2, from, name, to, new_name, 0);
}

int unlinkat(int folder, const char *name, int flags)
{
	check_lock();
	return (int)syscall(SYS_unlinkat, folder, name, flags);
}

static int enter_move(void **state)
{
	meanwhile = NULL;
	unlocked = renames = 0;
	return enter(state);
}

static int leave_move(void **state)
{
	int before = unlocked;

	return leave(state) < 0 || before > 0 ? -1 : 0;
}

#define MOVED(test) cmocka_unit_test_setup_teardown(test, enter_move, leave_move)

static char name[NAME_MAX + 1];

/* As put_in, with something that comes before its n-th rename. */
static int put_with(int n, void (*what)(void))
{
	struct path_id id = id_of("1.mp4");
	char path[512];

	snprintf(path, sizeof path, "%s", at("1.mp4"));
	meanwhile = what;
	meanwhile_at = n;
	renames = 0;
	int code = put_path(&quarantine, path, id, REASON, 3, name);
	meanwhile = NULL;
	return code;
}

static void put_old(const char *rel)
{
	const struct timespec times[] = {{1000000000, 5}, {1000000000, 7}};

	unit_put_text(rel, rel);
	assert_int_equal(utimensat(unit_folder, rel, times, 0), 0);
}

/* That it is whole and its mtime is what it was. */
static void check_old(const char *rel, const char *text)
{
	struct stat st;

	assert_string_equal(unit_get(rel), text);
	assert_int_equal(fstatat(unit_folder, rel, &st, 0), 0);
	assert_true(st.st_mtim.tv_sec == 1000000000 && st.st_mtim.tv_nsec == 7);
}

static void look(const char *which)
{
	if (quarantine_look(&quarantine, which, &entry) < 0)
		fail_msg("'%s': errno %d", which, errno);
}

UNIT_TEST(test_put)
{
	struct stat before, after;
	struct clock_stamp stamp;
	int64_t number;

	mkdirat(unit_folder, "d", 0755);
	symlinkat("d", unit_folder, "way");
	put_old("d/1.mp4");
	fstatat(unit_folder, "d/1.mp4", &before, 0);
	assert_int_equal(
		put_path(&quarantine, at("way/1.mp4"), path_id(&before), "a\nb", 3, name),
		0);
	assert_string_equal(name, "1.mp4");
	assert_false(unit_exists("d/1.mp4"));
	assert_int_equal(count_in("q"), 2);
	check_old("q/1.mp4", "d/1.mp4");
	fstatat(unit_folder, "q/1.mp4", &after, 0);
	assert_true(after.st_ino == before.st_ino);

	struct fact fact = fact_read(quarantine.folder, "1.mp4.reason");
	assert_int_equal(fact.state, FACT_GOOD);
	assert_memory_equal(unit_get("q/1.mp4.reason"), "time: ", 6);
	assert_int_equal(fact_stamp(&fact, &stamp), 0);
	assert_string_equal(fact_get(&fact, "code"), CODE);
	assert_string_equal(fact_get(&fact, "reason"), "a\\x0ab");
	assert_string_equal(fact_get(&fact, "tries"), "3");
	assert_string_equal(fact_get(&fact, "size"), "7");
	assert_string_equal(fact_get(&fact, "from"), at("d/1.mp4")); /* no link in it */
	assert_int_equal(fact_number(&fact, "pid", &number), 0);
	assert_int_equal(number, getpid());
	fact_free(&fact);
	look("1.mp4");
	assert_string_equal(entry.from, at("d/1.mp4"));
	assert_int_equal(entry.tries, 3);
}

/* The lowest number that is free: a way out that kept a descriptor is seen. */
static int lowest_free(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

UNIT_TEST(test_put_refused)
{
	static const struct {
		const char *path;
		int error;
	} rows[] = {{"nothing", ENOENT}, {"nowhere/file", ENOENT}, {"file/x", ENOTDIR},
		{"link", ELOOP}, {"dangling", ELOOP}, {"folder", EISDIR},
		{"folder/", EISDIR}, {"fifo", EINVAL}, {"q/in", EINVAL}, {"q", EISDIR},
		{"folder/../q/in", EINVAL}};

	unit_put_odd();
	unit_put_text("q/in", "");
	int before = lowest_free();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		struct path_id id = id_of("file");

		if (strstr(rows[i].path, "q/in"))
			id = id_of("q/in");
		int code = put_path(&quarantine, at(rows[i].path), id, REASON, 1, name);
		if (!unit_ended(code, rows[i].error))
			fail_msg("'%s': errno %d", rows[i].path, errno);
	}
	/* Another file than the one that was judged. */
	for (int i = 0; i < 3; i++) {
		struct path_id id = id_of("file");

		id.inode += i == 0;
		id.size += i == 1;
		id.mtime_ns += i == 2;
		int code = put_path(&quarantine, at("file"), id, REASON, 1, name);
		assert_true(unit_ended(code, ESTALE));
	}
	assert_int_equal(lowest_free(), before);
	assert_int_equal(count_in("q"), 1);
	assert_int_equal(count_in("."), 6);
	assert_string_equal(unit_get("file"), "text");
}

/* Names of all kinds go in and come back as they were. */
UNIT_TEST(test_there_and_back)
{
	static char longest[NAME_MAX + 1], bytes[NAME_MAX + 1];
	static const char *const names[] = {"1.mp4", "a b", "-rf", "new\nline", "a\tb",
		"\x1b[31mred", "bad\xff\xc3.mp4", "\xc3\xa9\xe2\x82\xac", "x.reason",
		".reason", ".hidden.mp4", "..two", "back\\slash", "\\x0a", "\\", "%s%n",
		"a: b", " ", "x.moving", ".x.moving", "*?[a]", longest, bytes};
	char rel[NAME_MAX + 16], odd[] = "d\n\\x5c";

	memset(longest, 'n', NAME_MAX);
	for (int i = 0; i < NAME_MAX; i++)
		bytes[i] = (char)(i + 1 == '/' ? 'x' : i + 1);
	mkdirat(unit_folder, odd, 0755);
	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		snprintf(rel, sizeof rel, "%s/%s", odd, names[i]);
		put_old(rel);
		if (put_in(rel, name) < 0)
			fail_msg("'%s': errno %d", names[i], errno);
		assert_int_equal(count_in(odd), 0);
		look(name);
		assert_string_equal(entry.from, at(rel));
		assert_string_equal(entry.code, CODE);
		if (quarantine_again(&quarantine, &entry, CODE, REASON) < 0)
			fail_msg("'%s': errno %d", names[i], errno);
		if (quarantine_release(&quarantine, &entry) < 0)
			fail_msg("'%s': errno %d", names[i], errno);
		assert_int_equal(count_in("q"), 0);
		check_old(rel, rel);
		syscall(SYS_unlinkat, unit_folder, rel, 0);
	}
}

UNIT_TEST(test_same_names)
{
	static const char *const folders[] = {"a", "b", "c"};
	char rel[16], wanted[16];

	for (size_t i = 0; i < UNIT_COUNT(folders); i++) {
		mkdirat(unit_folder, folders[i], 0755);
		snprintf(rel, sizeof rel, "%s/1.mp4", folders[i]);
		put_old(rel);
		assert_int_equal(put_in(rel, name), 0);
		snprintf(wanted, sizeof wanted, i ? "1.mp4.%zu" : "1.mp4", i);
		assert_string_equal(name, wanted);
	}
	assert_int_equal(count_in("q"), 6);
	for (size_t i = 0; i < UNIT_COUNT(folders); i++) {
		snprintf(wanted, sizeof wanted, i ? "1.mp4.%zu" : "1.mp4", i);
		snprintf(rel, sizeof rel, "%s/1.mp4", folders[i]);
		look(wanted);
		assert_int_equal(quarantine_release(&quarantine, &entry), 0);
		check_old(rel, rel);
	}
	assert_int_equal(count_in("q"), 0);
}

/* A path as long as the kernel gives one: whole or refused, never cut. */
UNIT_TEST(test_long_path)
{
	char path[PATH_MAX], part[NAME_MAX + 1], *end = path;
	int at_folder = dup(unit_folder), deep = -1;

	memset(part, '\n', sizeof part);
	size_t len = strlen(unit_path);
	memcpy(path, unit_path, len);
	end += len;
	/* As deep as it goes, and then names that fit and that do not. */
	while (path + PATH_MAX - end > NAME_MAX + 2) {
		part[NAME_MAX] = '\0';
		assert_int_equal(mkdirat(at_folder, part, 0755), 0);
		deep = openat(at_folder, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(deep >= 0);
		close(at_folder);
		at_folder = deep;
		*end++ = '/';
		memcpy(end, part, NAME_MAX);
		end += NAME_MAX;
	}
	*end++ = '/';
	size_t room = (size_t)(path + PATH_MAX - end);
	memset(part, '\n', sizeof part);
	part[room - 1] = '\0'; /* with its NUL just PATH_MAX */
	strcpy(end, part);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	assert_int_equal(put_path(&quarantine, path, path_id(&st), REASON, 1, name), 0);
	look(name);
	assert_string_equal(entry.from, path);
	assert_int_equal(quarantine_release(&quarantine, &entry), 0);
	assert_int_equal(access(path, F_OK), 0);
	/* Longer, by a way that is shorter. */
	assert_int_equal(fchdir(at_folder), 0);
	part[room - 1] = '\n';
	part[room] = '\0';
	fd = open(part, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	assert_true(unit_ended(put_path(&quarantine, part, path_id(&st), REASON, 1, name),
		ENAMETOOLONG));
	assert_int_equal(access(part, F_OK), 0);
	assert_int_equal(count_in("q"), 0);
	unlink(part);
	assert_int_equal(chdir("/"), 0);
	close(at_folder);
}

static void replace(void)
{
	unit_put_text("new", "another");
	rename(at("new"), at("1.mp4"));
}

static void append(void)
{
	unit_put_text("1.mp4", "longer than it was");
}

static void take_away(void)
{
	unlink(at("1.mp4"));
}

static void take_name(void)
{
	unit_put_text("q/1.mp4", "uploaded");
}

static void take_reason(void)
{
	unit_put_text("q/1.mp4.reason", "uploaded");
}

static void replace_by_folder(void)
{
	unlink(at("1.mp4"));
	mkdir(at("1.mp4"), 0755);
}

/* What the camera does between two calls: all stays as the camera made it. */
UNIT_TEST(test_put_meanwhile)
{
	static const struct {
		int at;
		void (*what)(void);
		int error;
		const char *file, *name, *reason; /* contents; NULL: absent */
	} rows[] = {{1, replace, ESTALE, "another", NULL, NULL},
		{1, append, ESTALE, "longer than it was", NULL, NULL},
		{1, replace_by_folder, ESTALE, "", NULL, NULL},
		{1, take_away, ENOENT, NULL, NULL, NULL},
		{1, take_name, EEXIST, "1.mp4", "uploaded", NULL},
		{2, take_reason, EEXIST, "1.mp4", NULL, "uploaded"}};
	static const char *const names[] = {"1.mp4", "q/1.mp4", "q/1.mp4.reason"};

	int before = lowest_free();
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		const char *const wanted[] = {rows[i].file, rows[i].name, rows[i].reason};

		put_old("1.mp4");
		if (!unit_ended(put_with(rows[i].at, rows[i].what), rows[i].error))
			fail_msg("row %zu: errno %d", i, errno);
		size_t count = count_in("q");
		if (count != (size_t)(!!rows[i].name + !!rows[i].reason))
			fail_msg("row %zu: %zu", i, count);
		for (size_t n = 0; n < UNIT_COUNT(names); n++) {
			if (unit_exists(names[n]) != !!wanted[n])
				fail_msg("row %zu: %s", i, names[n]);
			if (wanted[n] && *wanted[n])
				assert_string_equal(unit_get(names[n]), wanted[n]);
			remove(at(names[n]));
		}
	}
	assert_int_equal(lowest_free(), before);
}

static void replace_twice(void)
{
	if (renames == 1) {
		replace();
		meanwhile_at = 2;
	} else {
		unit_put_text("1.mp4", "a third");
	}
}

/* There is no way back for what came in: it is told of, and neither of them is lost. */
UNIT_TEST(test_put_replaced_twice)
{
	put_old("1.mp4");
	assert_true(unit_ended(put_with(1, replace_twice), ESTALE));
	assert_string_equal(unit_get("1.mp4"), "a third");
	assert_string_equal(unit_get("q/1.mp4"), "another");
	assert_int_equal(count_in("q"), 2);
	look("1.mp4");
	assert_string_equal(entry.from, at("1.mp4"));
}

UNIT_TEST(test_two_puts)
{
	enum { ROUNDS = 100 };
	int won = 0, lost = 0;

	for (int round = 0; round < ROUNDS; round++) {
		pid_t pids[2];
		int start[2];
		char byte;

		put_old("1.mp4");
		struct path_id id = id_of("1.mp4");
		assert_int_equal(pipe2(start, O_CLOEXEC), 0);
		for (int i = 0; i < 2; i++) {
			pids[i] = unit_fork();
			if (pids[i])
				continue;
			close(start[1]);
			if (read(start[0], &byte, 1) != 0)
				_exit(3);
			int code =
				put_path(&quarantine, at("1.mp4"), id, REASON, 1, name);
			_exit(code == 0 ? 0 : errno == ENOENT || errno == ESTALE ? 1 : 2);
		}
		close(start[0]);
		close(start[1]); /* both go */
		int codes[] = {unit_wait(pids[0]), unit_wait(pids[1])};
		won += (codes[0] == 0) + (codes[1] == 0);
		lost += (codes[0] == 1) + (codes[1] == 1);
		assert_int_equal(count_in("q"), 2);
		check_old("q/1.mp4", "1.mp4");
		look("1.mp4");
		assert_string_equal(entry.code, CODE);
		unlink(at("q/1.mp4"));
		unlink(at("q/1.mp4.reason"));
	}
	assert_int_equal(won, ROUNDS);
	assert_int_equal(lost, ROUNDS);
}

UNIT_TEST(test_again)
{
	put_old("1.mp4");
	assert_int_equal(put_in("1.mp4", name), 0);
	look(name);
	struct quarantine_entry stale = entry;
	for (int tries = 4; tries < 6; tries++) {
		assert_int_equal(
			quarantine_again(&quarantine, &entry, "empty", "no\tbytes"), 0);
		assert_int_equal(entry.tries, tries);
		assert_string_equal(entry.code, "empty");
		assert_string_equal(entry.reason, "no\tbytes");
		assert_string_equal(entry.from, at("1.mp4"));
		assert_int_equal(entry.size, 5);
	}
	assert_int_equal(count_in("q"), 2);
	check_old("q/1.mp4", "1.mp4");
	assert_true(entry.moved_ns == stale.moved_ns);
	assert_true(entry.tried_ns >= stale.tried_ns);
	/* What another one counted counts. */
	assert_int_equal(quarantine_again(&quarantine, &stale, CODE, REASON), 0);
	assert_int_equal(stale.tries, 6);
}

/* Without a reason one is made; where it came from stays unknown. */
UNIT_TEST(test_again_bare)
{
	unit_put_text("q/1.mp4", "text");
	look("1.mp4");
	assert_int_equal(quarantine_again(&quarantine, &entry, CODE, REASON), 0);
	assert_int_equal(entry.tries, 1);
	assert_string_equal(entry.code, CODE);
	assert_string_equal(entry.from, "");
	assert_true(unit_ended(quarantine_release(&quarantine, &entry), ENODATA));
	assert_int_equal(count_in("q"), 2);
}

/* Somebody forged the number: it does not overflow. */
UNIT_TEST(test_again_most)
{
	unit_put_text("q/x", "text");
	unit_put_text("q/x.reason",
		"time: t\ncode: c\nreason: r\n"
		"tries: 9223372036854775807\n");
	look("x");
	assert_int_equal(quarantine_again(&quarantine, &entry, CODE, REASON), 0);
	assert_true(entry.tries == INT64_MAX);
}

/* What was looked at is no longer what is there. */
UNIT_TEST(test_stale)
{
	struct stat st;

	put_old("1.mp4");
	assert_int_equal(put_in("1.mp4", name), 0);
	look(name);
	do {
		unit_put_text("q/1.mp4", "written to");
		fstatat(unit_folder, "q/1.mp4", &st, 0);
	} while (path_nanoseconds(st.st_ctim) == entry.moved_ns);
	assert_true(
		unit_ended(quarantine_again(&quarantine, &entry, CODE, REASON), ESTALE));
	assert_true(unit_ended(quarantine_release(&quarantine, &entry), ESTALE));
	assert_string_equal(unit_get("q/1.mp4"), "written to");
	unlink(at("q/1.mp4"));
	assert_true(
		unit_ended(quarantine_again(&quarantine, &entry, CODE, REASON), ENOENT));
	assert_true(unit_ended(quarantine_release(&quarantine, &entry), ENOENT));
	strcpy(entry.name, "../q/1.mp4");
	assert_true(
		unit_ended(quarantine_again(&quarantine, &entry, CODE, REASON), EINVAL));
	assert_true(unit_ended(quarantine_release(&quarantine, &entry), EINVAL));
}

UNIT_TEST(test_release_refused)
{
	mkdirat(unit_folder, "d", 0755);
	put_old("d/1.mp4");
	assert_int_equal(put_in("d/1.mp4", name), 0);
	look(name);
	int before = lowest_free();
	unit_put_text("d/1.mp4", "in its place");
	assert_true(unit_ended(quarantine_release(&quarantine, &entry), EEXIST));
	assert_string_equal(unit_get("d/1.mp4"), "in its place");
	unlink(at("d/1.mp4"));
	assert_int_equal(rename(at("d"), at("e")), 0);
	assert_true(unit_ended(quarantine_release(&quarantine, &entry), ENOENT));
	symlinkat("e", unit_folder, "d");
	assert_true(unit_ended(quarantine_release(&quarantine, &entry), ELOOP));
	unlink(at("d"));
	unit_put_text("d", "");
	assert_true(unit_ended(quarantine_release(&quarantine, &entry), ENOTDIR));
	assert_int_equal(lowest_free(), before);
	assert_int_equal(count_in("q"), 2);
	check_old("q/1.mp4", "d/1.mp4");
	struct quarantine_entry same = entry;
	look(name);
	assert_memory_equal(&same, &entry, sizeof entry);
}

/* Reasons by somebody who wants a file elsewhere. */
UNIT_TEST(test_release_forged)
{
	struct {
		char from[PATH_MAX];
		int error;
	} rows[] = {{"/etc/forged", EPERM}, {"/forged", EPERM}, {"/", EPERM}, {"", EPERM},
		{"", EPERM}, {"", EPERM}, {"", EPERM}, {"", ELOOP}, {"", ENOENT},
		{"", EBUSY}, {"", ELOOP}};
	static struct fact_writer fact;
	size_t row = 4;

	snprintf(rows[3].from, PATH_MAX, "%s-beside/x", unit_path);
	snprintf(rows[row++].from, PATH_MAX, "%s/../forged", unit_path);
	snprintf(rows[row++].from, PATH_MAX, "%s//tmp/forged", unit_path);
	snprintf(rows[row++].from, PATH_MAX, "%s", unit_path);
	snprintf(rows[row++].from, PATH_MAX, "%s/way/d/forged", unit_path);
	snprintf(rows[row++].from, PATH_MAX, "%s/", unit_path);
	snprintf(rows[row++].from, PATH_MAX, "%s/d/..", unit_path);
	snprintf(rows[row++].from, PATH_MAX, "%s/up/forged", unit_path);
	assert_int_equal(row, UNIT_COUNT(rows));
	mkdirat(unit_folder, "d", 0755);
	symlinkat(".", unit_folder, "way");
	symlinkat("/tmp", unit_folder, "up");
	unit_put_text("q/x", "text");
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		assert_int_equal(fact_begin(&fact), 0);
		fact_add_text(&fact, "code", CODE);
		fact_add_text(&fact, "reason", REASON);
		fact_add_number(&fact, "tries", 1);
		fact_add_path(&fact, "from", rows[i].from);
		int lock = open(at("q"), O_RDONLY | O_CLOEXEC);
		flock(lock, LOCK_EX);
		assert_int_equal(fact_write(&fact, quarantine.folder, "x.reason"), 0);
		close(lock);
		look("x");
		assert_string_equal(entry.from, rows[i].from);
		int code = quarantine_release(&quarantine, &entry);
		if (code == 0 || (errno != rows[i].error && errno != EEXIST))
			fail_msg("'%s': %d, errno %d", rows[i].from, code, errno);
		assert_int_equal(count_in("q"), 2);
	}
}

/* A disk of a few pages at "disk", with a quarantine in it. */
static bool enter_disk(struct quarantine *small)
{
	mkdirat(unit_folder, "disk", 0755);
	if (mount("none", at("disk"), "tmpfs", 0, "size=64k") < 0)
		return false; /* needs the right to mount */
	if (quarantine_open(small, NULL, at("disk/q"), true) == 0)
		return true;
	umount2(at("disk"), MNT_DETACH);
	return false;
}

static void leave_disk(struct quarantine *small)
{
	quarantine_close(small);
	assert_int_equal(umount2(at("disk"), MNT_DETACH), 0);
}

UNIT_TEST(test_other_disk)
{
	struct quarantine small;

	if (!enter_disk(&small))
		UNIT_SKIP("needs the right to mount");
	unit_put_text("1.mp4", "text");
	struct path_id id = id_of("1.mp4");
	int code = put_path(&small, at("1.mp4"), id, REASON, 1, name);
	int error = errno;
	size_t count = count_in("disk/q");
	/* And when it came from a folder that another one is mounted on by now. */
	mkdirat(unit_folder, "d", 0755);
	put_old("d/2.mp4");
	assert_int_equal(put_in("d/2.mp4", name), 0);
	look(name);
	int mounted = mount("none", at("d"), "tmpfs", 0, "size=64k");
	int back = quarantine_release(&quarantine, &entry), back_error = errno;
	umount2(at("d"), MNT_DETACH);
	leave_disk(&small);
	unlocked = 0; /* that was the other one's lock */
	assert_true(code < 0 && error == EXDEV);
	assert_int_equal(count, 0);
	assert_string_equal(unit_get("1.mp4"), "text");
	assert_int_equal(mounted, 0);
	assert_true(back < 0 && back_error == EXDEV);
	assert_int_equal(count_in("q"), 2);
	assert_int_equal(quarantine_release(&quarantine, &entry), 0);
	check_old("d/2.mp4", "d/2.mp4");
}

static void fill_disk(void)
{
	static const char page[4096];
	int fd = openat(unit_folder, "disk/fill", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	while (write(fd, page, sizeof page) > 0)
		;
	close(fd);
}

UNIT_TEST(test_full_and_read_only)
{
	struct quarantine small;
	int codes[6], errors[6];
	size_t counts[6];

	if (!enter_disk(&small))
		UNIT_SKIP("needs the right to mount");
	put_old("disk/1.mp4");
	put_old("disk/2.mp4");
	struct path_id id = id_of("disk/1.mp4"), other = id_of("disk/2.mp4");
	assert_int_equal(put_path(&small, at("disk/2.mp4"), other, REASON, 1, name), 0);
	assert_int_equal(quarantine_look(&small, name, &entry), 0);
	fill_disk();
	for (int i = 0; i < 6; i++) {
		if (i == 2 || i == 5)
			codes[i] = quarantine_release(&small, &entry);
		else if (i % 3)
			codes[i] = quarantine_again(&small, &entry, CODE, REASON);
		else
			codes[i] =
				put_path(&small, at("disk/1.mp4"), id, REASON, 1, name);
		errors[i] = errno;
		counts[i] = count_in("disk/q");
		if (i == 2) {
			unlink(at("disk/fill"));
			put_path(&small, at("disk/2.mp4"), other, REASON, 1, name);
			quarantine_look(&small, name, &entry);
			mount(NULL, at("disk"), NULL, MS_REMOUNT | MS_RDONLY, NULL);
		}
	}
	bool there = unit_exists("disk/1.mp4"), in = unit_exists("disk/q/2.mp4");
	leave_disk(&small);
	unlocked = 0; /* that was the other one's lock */
	assert_true(codes[0] < 0 && errors[0] == ENOSPC && counts[0] == 2);
	assert_true(codes[1] < 0 && errors[1] == ENOSPC && counts[1] == 2);
	assert_true(codes[2] == 0 && counts[2] == 0); /* it needs no room */
	for (int i = 3; i < 6; i++)
		assert_true(codes[i] < 0 && errors[i] == EROFS && counts[i] == 2);
	assert_true(there && in);
}

/* Clips in the root, whose name ends in '/' already. */
UNIT_TEST(test_root)
{
	mkdirat(unit_folder, "proc", 0755);
	if (mount("none", at("proc"), "proc", 0, NULL) < 0)
		UNIT_SKIP("needs the right to mount");
	put_old("1.mp4");
	struct path_id id = id_of("1.mp4");
	pid_t pid = unit_fork();
	if (pid == 0) {
		if (chroot(unit_path) < 0 ||
			put_path(&quarantine, "/1.mp4", id, REASON, 1, name) < 0 ||
			quarantine_look(&quarantine, name, &entry) < 0)
			_exit(1);
		if (strcmp(entry.from, "/1.mp4") != 0)
			_exit(2);
		_exit(quarantine_release(&quarantine, &entry) < 0 ? 3 : unlocked);
	}
	int code = unit_wait(pid);
	umount2(at("proc"), MNT_DETACH);
	assert_int_equal(code, 0);
	check_old("1.mp4", "1.mp4");
}

/* Folders that we may not write to: the quarantine's, and the file's. */
UNIT_TEST(test_forbidden)
{
	if (geteuid() != 0)
		UNIT_SKIP("needs the right to become another user");
	fchmodat(unit_folder, ".", 0755, 0);
	mkdirat(unit_folder, "d", 0755);
	fchownat(unit_folder, "d", 65534, 65534, 0);
	put_old("d/1.mp4");
	put_old("2.mp4");
	put_old("d/3.mp4");
	assert_int_equal(put_in("d/3.mp4", name), 0);
	for (int i = 0; i < 2; i++) {
		const char *path = i ? "2.mp4" : "d/1.mp4";
		struct path_id id = id_of(path);

		if (i)
			fchownat(unit_folder, "q", 65534, 65534, 0);
		pid_t pid = unit_fork();
		if (pid == 0) {
			if (seteuid(65534) < 0)
				_exit(1);
			if (!unit_ended(
				    put_path(&quarantine, at(path), id, REASON, 1, name),
				    EACCES))
				_exit(2);
			_exit(unlocked);
		}
		assert_int_equal(unit_wait(pid), 0);
		assert_int_equal(count_in("q"), 2);
		check_old(path, path);
	}
	/* Out, to where we may not write: the reason is in its place again. */
	look("3.mp4");
	fchownat(unit_folder, "d", 0, 0, 0);
	pid_t pid = unit_fork();
	if (pid == 0)
		_exit(seteuid(65534) < 0 ||
			!unit_ended(quarantine_release(&quarantine, &entry), EACCES));
	assert_int_equal(unit_wait(pid), 0);
	look("3.mp4");
	assert_string_equal(entry.code, CODE);
	assert_int_equal(count_in("q"), 2);
}

/* Clearing and bounding hold the lock as well: leave_move tells. */
UNIT_TEST(test_locked)
{
	put_old("1.mp4");
	unit_put_text("q/x.reason", "");
	unit_put_text("q/y", "");
	unit_put_text("q/.y.moving", "");
	assert_int_equal(quarantine_tidy(&quarantine), 0);
	assert_int_equal(count_in("q"), 2);
	assert_int_equal(quarantine_bound(&quarantine, 0), 1);
	assert_int_equal(count_in("q"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MOVED(test_put),
		MOVED(test_put_refused),
		MOVED(test_there_and_back),
		MOVED(test_same_names),
		MOVED(test_long_path),
		MOVED(test_put_meanwhile),
		MOVED(test_put_replaced_twice),
		MOVED(test_two_puts),
		MOVED(test_again),
		MOVED(test_again_bare),
		MOVED(test_again_most),
		MOVED(test_stale),
		MOVED(test_release_refused),
		MOVED(test_release_forged),
		MOVED(test_other_disk),
		MOVED(test_full_and_read_only),
		MOVED(test_root),
		MOVED(test_forbidden),
		MOVED(test_locked),
	};

	return cmocka_run_group_tests_name("quarantine_move", tests, NULL, NULL);
}
