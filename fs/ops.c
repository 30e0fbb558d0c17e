#include "ops.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "handle.h"
#include "stations.h"
#include "tree.h"
#include "view.h"

#define FOREVER 86400.0 /* seconds that the kernel may remember a name that stays */
#define SHORTLY 1.0
#define GROUPS_MAX 256
#define SECOND_NS INT64_C(1000000000)

static bool ready;

bool ops_ready(void)
{
	return ready;
}

static void do_init(void *data, struct fuse_conn_info *conn)
{
	(void)data, (void)conn;
	ready = true;
}

/* The mount asks for no checks of the kernel, which would ask us twice for each. */
static bool may(fuse_req_t req, const struct stat *st, mode_t wanted)
{
	const struct fuse_ctx *who = fuse_req_ctx(req);
	gid_t groups[GROUPS_MAX];

	if (who->uid == 0)
		return true;
	if (who->uid == st->st_uid)
		return (st->st_mode >> 6 & wanted) == wanted;
	bool member = who->gid == st->st_gid;
	int count = fuse_req_getgroups(req, GROUPS_MAX, groups);
	for (int i = 0; i < count && i < GROUPS_MAX; i++)
		member = member || groups[i] == st->st_gid;
	return (st->st_mode >> (member ? 3 : 0) & wanted) == wanted;
}

/* Whether the quarantine that a node is, or is in, lets the one who asks do that. */
static int may_enter(fuse_req_t req, const struct tree_node *node, mode_t wanted)
{
	struct tree_node folder = *node;
	struct stat st;

	if (node->row->kind == TREE_FILE)
		folder.row = tree_failed;
	else if (node->row->kind != TREE_FAILED)
		return 0;
	int code = view_stat(&folder, &st);
	if (code < 0)
		return code;
	return may(req, &st, wanted) ? 0 : -EACCES;
}

/* The attributes of a node. The size of a text is that of its newest open snapshot. */
static int stat_node(const struct tree_node *node, struct stat *st)
{
	char *text = NULL;
	int64_t time;
	size_t len;

	int code = view_stat(node, st);
	st->st_ino = tree_number(node);
	if (code < 0 || node->row->kind != TREE_TEXT)
		return code;
	const struct handle *handle = handle_newest(node);
	if (handle) {
		len = handle->len;
		time = handle->time;
	} else if (view_render(node, &text, &len, &time) < 0) {
		return 0; /* opening it tells */
	}
	free(text);
	st->st_size = (off_t)len;
	if (time > 0)
		st->st_mtim = (struct timespec){time / SECOND_NS, time % SECOND_NS};
	st->st_atim = st->st_ctim = st->st_mtim;
	return 0;
}

/* For how long the kernel may keep attributes. */
static double attr_timeout(const struct tree_node *node)
{
	return node->row->kind == TREE_TEXT || node->row->kind == TREE_LOG ? 0 : SHORTLY;
}

/* Names in the tables stay; stations come and go; what is judged is judged anew. */
static double entry_timeout(const struct tree_node *folder, const struct tree_node *node)
{
	if (folder->row->kind == TREE_FOLDER && !node->row->optional)
		return FOREVER;
	return folder->row->kind == TREE_STATIONS ? SHORTLY : 0;
}

static void do_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {0};
	struct tree_node folder, node;

	int code = tree_node(&folder, parent) ? may_enter(req, &folder, 1) : -ENOENT;
	if (code == 0)
		code = folder_find(&folder, name, &node);
	/* The size of a text is left out: who wants it asks again. */
	if (code == 0)
		code = view_stat(&node, &entry.attr);
	if (code < 0) {
		fuse_reply_err(req, -code);
		return;
	}
	entry.ino = entry.attr.st_ino = tree_number(&node);
	entry.attr_timeout = attr_timeout(&node);
	entry.entry_timeout = entry_timeout(&folder, &node);
	fuse_reply_entry(req, &entry);
}

static void do_getattr(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	struct tree_node node;
	struct stat st;

	(void)info; /* the kernel does not tell the handle */
	int code = tree_node(&node, number) ? stat_node(&node, &st) : -ENOENT;
	if (code < 0)
		fuse_reply_err(req, -code);
	else
		fuse_reply_attr(req, &st, attr_timeout(&node));
}

static void do_readlink(fuse_req_t req, fuse_ino_t number)
{
	char target[sizeof VIEW_LINK + 64];
	struct tree_node node;

	const char *id = tree_node(&node, number) ? stations_id(node.station) : NULL;
	if (!id) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	snprintf(target, sizeof target, VIEW_LINK "%.64s", id);
	fuse_reply_readlink(req, target);
}

/* A text and a log live, so the kernel keeps none of it; a file in quarantine does not.
 */
static void do_open(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	struct handle *handle;
	struct tree_node node;
	struct stat st;

	int code = tree_node(&node, number) ? may_enter(req, &node, 1) : -ENOENT;
	if (code == 0 && node.row->kind == TREE_FILE) {
		code = view_stat(&node, &st);
		if (code == 0 && !may(req, &st, 4))
			code = -EACCES;
	}
	if (code == 0)
		code = handle_open(&handle, &node);
	if (code < 0) {
		fuse_reply_err(req, -code);
		return;
	}
	info->fh = (uintptr_t)handle;
	info->direct_io = node.row->kind != TREE_FILE;
	if (fuse_reply_open(req, info) < 0)
		handle_close(handle);
}

static struct handle *handle_of(const struct fuse_file_info *info)
{
	return (struct handle *)(uintptr_t)info->fh;
}

static void reply_log(fuse_req_t req, struct handle *handle, size_t size, off_t offset)
{
	static char buf[1 << 17];
	ssize_t n = 0;
	struct stat st;

	int fd = view_open(&handle->node, &st);
	if (fd >= 0)
		n = pread(fd, buf, size < sizeof buf ? size : sizeof buf, offset);
	int error = n < 0 ? EIO : fd < 0 && fd != -ENOENT ? -fd : 0;
	if (fd >= 0)
		close(fd);
	if (n == 0) {
		handle->ended = true;
		handle->seen = offset;
	}
	if (error)
		fuse_reply_err(req, error);
	else
		fuse_reply_buf(req, buf, (size_t)n);
}

static void do_read(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset,
	struct fuse_file_info *info)
{
	struct handle *handle = handle_of(info);

	(void)number;
	if (handle->fd >= 0) {
		struct fuse_bufvec file = FUSE_BUFVEC_INIT(size);
		file.buf[0].flags = FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK;
		file.buf[0].fd = handle->fd;
		file.buf[0].pos = offset;
		fuse_reply_data(req, &file, 0);
		return;
	}
	if (handle->node.row->kind == TREE_LOG) {
		reply_log(req, handle, size, offset);
		return;
	}
	int code = handle_prepare(handle, offset);
	if (code < 0) {
		fuse_reply_err(req, -code);
		return;
	}
	size_t left = (size_t)offset < handle->len ? handle->len - (size_t)offset : 0;
	fuse_reply_buf(
		req, left ? handle->text + offset : NULL, left < size ? left : size);
}

/* Readable while there is something that was not read; POLLPRI too when it changed. */
static void do_poll(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info,
	struct fuse_pollhandle *waiter)
{
	struct handle *handle = handle_of(info);
	unsigned events = POLLIN | POLLRDNORM;

	(void)number;
	if (handle->fd < 0) {
		if (handle_changed(handle))
			events |= POLLPRI;
		else if (handle->ended)
			events = 0;
	}
	if (waiter)
		handle_wait(handle, waiter);
	fuse_reply_poll(req, events);
}

static void do_release(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	(void)number;
	handle_close(handle_of(info));
	fuse_reply_err(req, 0);
}

static void do_opendir(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	struct folder *folder = NULL;
	struct tree_node node;

	int code = tree_node(&node, number) ? may_enter(req, &node, 4) : -ENOENT;
	if (code == 0)
		code = folder_open(&folder, &node);
	if (code < 0) {
		fuse_reply_err(req, -code);
		return;
	}
	info->fh = (uintptr_t)folder;
	if (fuse_reply_open(req, info) < 0)
		folder_close(folder);
}

static struct folder *folder_of(const struct fuse_file_info *info)
{
	return (struct folder *)(uintptr_t)info->fh;
}

/* An offset is the number of entries that are before it. */
static void do_readdir(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset,
	struct fuse_file_info *info)
{
	const struct folder *folder = folder_of(info);
	static char buf[1 << 16];
	size_t len = 0;

	(void)number;
	if (size > sizeof buf)
		size = sizeof buf;
	for (size_t i = (size_t)offset; i < folder->count; i++) {
		const struct folder_entry *entry = &folder->entries[i];
		struct stat st = {.st_ino = entry->number, .st_mode = entry->type};

		size_t more = fuse_add_direntry(
			req, buf + len, size - len, entry->name, &st, (off_t)i + 1);
		if (more > size - len)
			break;
		len += more;
	}
	fuse_reply_buf(req, buf, len);
}

static void do_releasedir(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	(void)number;
	folder_close(folder_of(info));
	fuse_reply_err(req, 0);
}

const struct fuse_lowlevel_ops ops_table = {
	.init = do_init,
	.lookup = do_lookup,
	.getattr = do_getattr,
	.readlink = do_readlink,
	.open = do_open,
	.read = do_read,
	.poll = do_poll,
	.release = do_release,
	.opendir = do_opendir,
	.readdir = do_readdir,
	.releasedir = do_releasedir,
};
