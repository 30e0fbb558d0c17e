/* archiver: hours that follow each other, a full disk, another one at work. */
#include "unit.h"

#include <locale.h>
#include <sys/syscall.h>
#include <sysexits.h>

#include "archiver.h"

static bool taken_away; /* the archive, while it is written */

int fsync(int fd)
{
	if (taken_away)
		renameat(unit_folder, "1970-01-01/01.tar", unit_folder, "elsewhere");
	taken_away = false;
	return (int)syscall(SYS_fsync, fd);
}

static struct batch_source source(int64_t hour)
{
	struct batch_source source = {.name = "a.mp4", .duration_ms = 5};
	const struct timespec times[2] = {{hour * 3600, 0}, {hour * 3600, 0}};
	struct stat st;

	unit_put_text("clip", "clip");
	source.fd = openat(unit_folder, "clip", O_RDONLY | O_CLOEXEC);
	assert_int_equal(unlinkat(unit_folder, "clip", 0), 0);
	assert_int_equal(futimens(source.fd, times), 0);
	assert_int_equal(fstat(source.fd, &st), 0);
	source.id = path_id(&st);
	assert_int_equal(store_hour(source.id.mtime_ns), hour);
	return source;
}

static void add(struct archiver *archiver, int64_t hour)
{
	struct batch_source one = source(hour);

	assert_int_equal(archiver_add(archiver, hour, &one, 1), 0);
	assert_int_equal(one.state, BATCH_PACKED);
	close(one.fd);
}

static void close_store(struct archiver *archiver)
{
	close(archiver->store.lock);
	close(archiver->store.folder);
}

UNIT_TEST(test_hours)
{
	struct archiver archiver = {.age = -1, .most = -1, .stop = -1, .zip = true};
	struct archiver other = {.age = -1, .most = -1, .stop = -1};

	assert_int_equal(archiver_open(&archiver, NULL, unit_path), EX_OK);
	assert_int_equal(archiver_open(&other, NULL, unit_path), EX_TEMPFAIL);
	close_store(&other);
	assert_int_equal(archiver_open(&other, NULL, "/nowhere/at/all"), EX_NOINPUT);
	archiver_begin(&archiver);
	add(&archiver, 1);
	assert_string_equal(archiver.archive, "1970-01-01/01.tar");
	assert_true(unit_exists("1970-01-01/01.tar"));
	add(&archiver, 2);
	assert_true(unit_exists("1970-01-01/01.zip"));
	assert_false(unit_exists("1970-01-01/01.tar"));
	add(&archiver, 0); /* late; 2 is still the newest */
	assert_true(unit_exists("1970-01-01/00.tar"));
	assert_true(unit_exists("1970-01-01/02.tar"));
	archiver_end(&archiver);
	assert_true(unit_exists("1970-01-01/00.zip"));
	assert_true(unit_exists("1970-01-01/02.zip"));
	assert_int_equal(archiver.worst, 0);
	close_store(&archiver);
}

UNIT_TEST(test_bounds)
{
	struct archiver archiver = {.age = -1, .most = 1, .stop = -1};

	assert_int_equal(archiver_open(&archiver, NULL, unit_path), EX_OK);
	add(&archiver, 1);
	add(&archiver, 2);
	archiver_bound(&archiver);
	assert_int_equal(archiver.removed, 1);
	assert_true(archiver.due > clock_now());
	assert_false(unit_exists("1970-01-01/01.tar"));
	assert_true(unit_exists("1970-01-01/02.tar"));
	archiver_end(&archiver);
	assert_true(unit_exists("1970-01-01/02.tar"));
	close_store(&archiver);
}

UNIT_TEST(test_taken_away)
{
	struct archiver archiver = {.age = -1, .most = -1, .stop = -1};

	assert_int_equal(archiver_open(&archiver, NULL, unit_path), EX_OK);
	taken_away = true;
	add(&archiver, 1);
	assert_false(taken_away);
	assert_true(unit_exists("1970-01-01/01.tar"));
	archiver_end(&archiver);
	close_store(&archiver);
}

/* A full disk is waited for, as test/fault/segpack.t shows; the rest is an exit code. */
UNIT_TEST(test_failure)
{
	struct archiver archiver = {.age = -1, .most = -1, .stop = -1};
	struct batch_source one = source(1);

	assert_int_equal(archiver_open(&archiver, NULL, unit_path), EX_OK);
	int folder = archiver.store.folder;
	archiver.store.folder = open("/dev/full", O_RDONLY | O_CLOEXEC);
	assert_int_equal(archiver_add(&archiver, 1, &one, 1), EX_IOERR);
	assert_string_equal(archiver.error, "");
	close(archiver.store.folder);
	archiver.store.folder = folder;
	add(&archiver, 1);
	assert_string_equal(archiver.archive, "1970-01-01/01.tar");
	archiver_end(&archiver);
	close(one.fd);
	close_store(&archiver);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_hours),
		UNIT_IN_FOLDER(test_bounds),
		UNIT_IN_FOLDER(test_taken_away),
		UNIT_IN_FOLDER(test_failure),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("archiver", tests, NULL, NULL);
}
