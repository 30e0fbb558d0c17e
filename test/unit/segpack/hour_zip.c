/* hour_zip: archives merged into one, and what stays when that fails. */
#include "unit.h"

#include <locale.h>

#include "hour_tar.h"
#include "hour_zip.h"

static void add(const char *stem, const char *name, const char *text)
{
	static const struct timespec times[2] = {{5000, 0}, {5000, 0}};
	struct batch_source source = {.name = name, .duration_ms = CLIP_LIST_NO_DURATION};
	struct hour_tar hour;
	struct stat st;

	unit_put_text("clip", text);
	source.fd = openat(unit_folder, "clip", O_RDONLY | O_CLOEXEC);
	assert_int_equal(futimens(source.fd, times), 0);
	assert_int_equal(fstat(source.fd, &st), 0);
	source.id = path_id(&st);
	assert_int_equal(hour_tar_open(&hour, dup(unit_folder), stem), 0);
	assert_int_equal(hour_tar_add(&hour, &source, 1, -1), 0);
	hour_tar_close(&hour);
	close(source.fd);
	assert_int_equal(unlinkat(unit_folder, "clip", 0), 0);
}

/* The names and texts of all that is in the ZIP. */
static const char *contents(const char *zip)
{
	static char text[1024];
	struct clip_list packed = {0};
	off_t end;
	int fd = openat(unit_folder, zip, O_RDONLY | O_CLOEXEC);

	text[0] = '\0';
	assert_int_equal(clip_list_walk(&packed, fd, CLIP_LIST_ZIP, &end), 0);
	for (size_t i = 0; i < packed.count; i++) {
		const struct listed_clip *clip = &packed.clips[i];
		strcat(strcat(text, clip->name), "=");
		char *to = text + strlen(text);
		assert_int_equal(
			pread(fd, to, (size_t)clip->size, clip->offset), clip->size);
		strcpy(to + clip->size, " ");
	}
	clip_list_free(&packed);
	close(fd);
	return text;
}

UNIT_TEST(test_merge)
{
	static const char *const first[] = {"10"}, *const more[] = {"10.1", "10.2"};
	int free_before = unit_free_descriptor();

	add("10", "a.mp4", "one");
	add("10", "b", "");
	assert_int_equal(hour_zip_make(unit_folder, "10", first, 1, -1), 0);
	assert_string_equal(contents("10.zip"), "a.mp4=one b= ");
	add("10.1", "b", "two");
	add("10.1", "a.mp4", "one");
	add("10.2", "\xc3\xa4", "three");
	add("10.2", "\xff\xfe\n", "four");
	add("10.2", "\\b", "five");
	add("10.2", "a.mp4", "uno");
	assert_int_equal(hour_zip_make(unit_folder, "10", more, 2, -1), 0);
	assert_string_equal(contents("10.zip"),
		"a.mp4=one b= b.1=two \xc3\xa4=three __\n=four _b=five a.1.mp4=uno ");
	assert_int_equal(unit_entries(), 2);
	assert_int_equal(unit_free_descriptor(), free_before);
}

UNIT_TEST(test_failure)
{
	static const char *const stems[] = {"10", "11"};
	int free_before = unit_free_descriptor(), ends[2];

	add("10", "a.mp4", "one");
	assert_int_equal(hour_zip_make(unit_folder, "10", stems, 2, -1), -1);
	assert_int_equal(errno, ENOENT);
	unit_put_text("11.tar", "noise");
	assert_int_equal(hour_zip_make(unit_folder, "10", stems, 2, -1), -1);
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "", 1), 1);
	assert_int_equal(hour_zip_make(unit_folder, "10", stems, 1, ends[0]), -1);
	assert_int_equal(errno, ECANCELED);
	close(ends[0]);
	close(ends[1]);
	assert_false(unit_exists("10.zip"));
	assert_int_equal(unit_entries(), 3); /* 10.tar, its index, the noise */
	assert_int_equal(unit_free_descriptor(), free_before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_IN_FOLDER(test_merge),
		UNIT_IN_FOLDER(test_failure),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("hour_zip", tests, NULL, NULL);
}
