/* hello: the smallest file system that libfuse's low-level interface allows: one file. */
#define FUSE_USE_VERSION 34
#include <errno.h>
#include <fuse_lowlevel.h>
#include <string.h>

#define NAME "hello"
#define TEXT "Hello World!\n"

enum { ROOT = FUSE_ROOT_ID, FILE_ };

static int fill(fuse_ino_t number, struct stat *st)
{
	*st = (struct stat){.st_ino = number};
	st->st_mode = number == ROOT ? S_IFDIR | 0755 : S_IFREG | 0444;
	st->st_nlink = number == ROOT ? 2 : 1;
	st->st_size = number == ROOT ? 0 : (off_t)strlen(TEXT);
	return number <= FILE_;
}

static void do_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {
		.ino = FILE_, .attr_timeout = 1.0, .entry_timeout = 1.0};

	if (parent != ROOT || strcmp(name, NAME) != 0) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	fill(FILE_, &entry.attr);
	fuse_reply_entry(req, &entry);
}

static void do_getattr(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	struct stat st;

	(void)info;
	if (fill(number, &st))
		fuse_reply_attr(req, &st, 1.0);
	else
		fuse_reply_err(req, ENOENT);
}

static void do_open(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	(void)number;
	fuse_reply_open(req, info);
}

static void do_read(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset,
	struct fuse_file_info *info)
{
	size_t left = (size_t)offset < strlen(TEXT) ? strlen(TEXT) - (size_t)offset : 0;

	(void)number, (void)info;
	fuse_reply_buf(req, left ? TEXT + offset : NULL, left < size ? left : size);
}

int main(int argc, char **argv)
{
	static const struct fuse_lowlevel_ops ops = {.lookup = do_lookup,
		.getattr = do_getattr,
		.open = do_open,
		.read = do_read};
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);

	if (argc != 2)
		return 64;
	struct fuse_session *session = fuse_session_new(&args, &ops, sizeof ops, NULL);
	if (!session || fuse_set_signal_handlers(session) != 0 ||
		fuse_session_mount(session, argv[1]) != 0)
		return 1;
	int code = fuse_session_loop(session);
	fuse_session_unmount(session);
	fuse_remove_signal_handlers(session);
	fuse_session_destroy(session);
	return code;
}
