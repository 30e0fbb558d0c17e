/* watch: files and folders that come, change, move and go. */
#include "unit_watch.h"

UNIT_TEST(test_open)
{
	assert_true(unit_ended(watch_open(&watch, "/nothing/here"), ENOENT));
	assert_true(unit_ended(watch_open(&watch, "/dev/null"), ENOTDIR));
	make("root/sub");
	make("root/sub/deep");
	put("root/a");
	put("root/sub/deep/b");
	symlinkat("sub", unit_folder, "root/link");
	begin(" read: read:sub read:sub/deep file:a file:link file:sub/deep/b ");
	assert_int_equal(watch.watches, 3);
	assert_false(watch.scanning);
	check("");
}

UNIT_TEST(test_files)
{
	begin(" read: ");
	make("root/sub");
	check(" read:sub ");
	put("root/a");
	put("root/sub/b");
	check(" event:a event:sub/b ");
	put("root/a");
	check(" event:a ");
	fchmodat(unit_folder, "root/a", 0600, 0);
	check(" event:a ");
	move("root/a", "root/sub/c");
	check(" event:a event:sub/c ");
	move("root/sub/c", "out/c");
	check(" event:sub/c ");
	move("out/c", "root/d");
	linkat(unit_folder, "root/d", unit_folder, "root/e", 0);
	mkfifoat(unit_folder, "root/fifo", 0644);
	symlinkat("d", unit_folder, "root/link");
	check(" event:d event:e event:fifo event:link ");
	away("root/d", 0);
	away("root/sub/b", 0);
	check(" event:d event:sub/b ");
	/* While it is written it is still, and told again when it is closed. */
	int fd = openat(unit_folder, "root/e", O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, "x", 1), 1);
	check("");
	close(fd);
	check(" event:e ");
}

UNIT_TEST(test_folders)
{
	begin(" read: ");
	/* What is put into new folders at once. */
	make("root/a");
	make("root/a/b");
	make("root/a/b/c");
	put("root/a/b/c/clip");
	put("root/a/clip");
	check(" read:a read:a/b read:a/b/c file:a/clip file:a/b/c/clip ");
	put("root/a/b/c/clip");
	check(" event:a/b/c/clip ");
	/* Moved within, out and in. */
	make("root/b");
	check(" read:b ");
	move("root/a/b", "root/b/d");
	check(" gone:a/b read:b/d read:b/d/c file:b/d/c/clip ");
	put("root/b/d/c/new");
	check(" event:b/d/c/new ");
	move("root/b/d", "out/d");
	check(" gone:b/d ");
	assert_int_equal(watch.watches, 3);
	put("out/d/c/newer");
	check("");
	move("out/d", "root/b/e");
	check(" read:b/e read:b/e/c file:b/e/c/clip file:b/e/c/new file:b/e/c/newer ");
	/* Gone and there again, before anybody looked. */
	away("root/a/clip", 0);
	away("root/a", AT_REMOVEDIR);
	make("root/a");
	put("root/a/clip");
	check(" event:a/clip gone:a read:a file:a/clip ");
	away("root/a/clip", 0);
	away("root/a", AT_REMOVEDIR);
	check(" event:a/clip gone:a ");
	assert_int_equal(watch.watches, 4);
}

UNIT_TEST(test_left_out)
{
	make("root/.hidden");
	make("root/_thumbs");
	put("root/.hidden/a");
	put("root/_thumbs/a");
	put("root/_a");
	make("out/sub");
	put("out/sub/a");
	symlinkat("../out", unit_folder, "root/link");
	begin(" read: file:_a file:link ");
	put("root/.hidden/b");
	put("root/_thumbs/b");
	put("out/b");
	make("out/more");
	check("");
	make("root/_more");
	put("root/_more/a");
	move("root/_more", "root/more");
	check(" read:more file:more/a ");
	move("root/more", "root/.more");
	check(" gone:more ");
	symlinkat("../out/sub", unit_folder, "root/way");
	check(" event:way ");
	put("out/sub/b");
	watch_tick(&watch, true);
	check(" read: file:_a file:link file:way ");
	/* A folder that becomes a link is gone, and the link is not followed. */
	make("root/sub");
	check(" read:sub ");
	away("root/sub", AT_REMOVEDIR);
	symlinkat("../out/sub", unit_folder, "root/sub");
	check(" gone:sub event:sub ");
	assert_int_equal(watch.watches, 1);
}

UNIT_TEST(test_root)
{
	make("root/sub");
	put("root/sub/a");
	begin(" read: read:sub file:sub/a ");
	move("root", "away");
	check(" gone: ");
	assert_int_equal(watch.root, -1);
	assert_int_equal(watch.watches, 0);
	watch_tick(&watch, false);
	check("");
	put("away/b");
	move("away", "root");
	watch_tick(&watch, false);
	check(" read: read:sub file:b file:sub/a ");
	/* Another one in its place. */
	move("root", "away");
	make("root");
	put("root/c");
	check(" gone: ");
	watch_tick(&watch, false);
	check(" read: file:c ");
	put("root/d");
	check(" event:d ");
	/* Removed while it is held. */
	away("root/c", 0);
	away("root/d", 0);
	away("root", AT_REMOVEDIR);
	watch_tick(&watch, false);
	check(" gone: ");
	watch_tick(&watch, true);
	check("");
	make("root");
	watch_tick(&watch, true);
	check(" read: ");
}

/* A link in the root's place is none, until the folder is back. */
UNIT_TEST(test_root_becomes_link)
{
	put("out/theirs");
	begin(" read: ");
	move("root", "away");
	symlinkat("out", unit_folder, "root");
	check(" gone: ");
	watch_tick(&watch, false);
	watch_tick(&watch, true);
	check("");
	assert_int_equal(watch.root, -1);
	away("root", 0);
	move("away", "root");
	put("root/own");
	watch_tick(&watch, false);
	check(" read: file:own ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(test_open),
		IN_TREE(test_files),
		IN_TREE(test_folders),
		IN_TREE(test_left_out),
		IN_TREE(test_root),
		IN_TREE(test_root_becomes_link),
	};

	msg_show(MSG_ERROR);
	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
