/*
 * One function for each request of the kernel, and the table of them at the end. Each
 * finds the node by its number (tree.h), and gets its text from version.h, its attributes
 * from view.h or its entries from folder.h.
 */
#include "ops.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#include "folder.h"
#include "stations.h"
#include "tree.h"
#include "version.h"
#include "view.h"

#define FOREVER 86400.0 /* seconds that the kernel may remember what stays */
#define SHORTLY 1.0

static bool ready, opens_by_itself;

bool ops_ready(void)
{
	return ready;
}

static void do_init(void *data, struct fuse_conn_info *conn)
{
	(void)data;
	opens_by_itself = conn->capable & FUSE_CAP_NO_OPEN_SUPPORT;
	ready = true;
}

/* The number that people see: the same for all versions. */
static ino_t shown_number(const struct tree_node *node)
{
	struct tree_node any = *node;

	any.version = 0;
	return tree_number(&any);
}

/* The attributes of a node. What cannot be shown has a size, or it would look empty. */
static int stat_node(
	const struct tree_node *node, const struct version *version, struct stat *st)
{
	int code = view_stat(node, st);

	st->st_ino = shown_number(node);
	if (!version)
		return code;
	st->st_size = version->text ? (off_t)version->len : 1;
	if (version->time > 0)
		st->st_mtim = (struct timespec){
			version->time / CLOCK_SECOND_NS, version->time % CLOCK_SECOND_NS};
	st->st_atim = st->st_ctim = st->st_mtim;
	return code;
}

/* For how long the kernel may keep attributes: those of a version for good. */
static double attr_timeout(const struct tree_node *node)
{
	if (node->row->kind == TREE_TEXT)
		return node->row->follows ? 0 : FOREVER;
	return node->row->kind == TREE_LOG ? 0 : SHORTLY;
}

/* Names of folders and the log stay; stations come and go; all else is looked at anew. */
static double entry_timeout(const struct tree_node *folder, const struct tree_node *node)
{
	if (folder->row->kind == TREE_FOLDER && node->row->kind != TREE_TEXT)
		return FOREVER;
	return folder->row->kind == TREE_STATIONS ? SHORTLY : 0;
}

static void do_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {0};
	struct version *version = NULL;
	struct tree_node folder, node;

	int code =
		tree_node(&folder, parent) ? folder_find(&folder, name, &node) : -ENOENT;
	if (code == 0 && node.row->kind == TREE_TEXT)
		code = version_look(&node, &version);
	if (code == 0)
		code = stat_node(&node, version, &entry.attr);
	if (code == 0) {
		entry.ino = tree_number(&node);
		entry.attr_timeout = attr_timeout(&node);
		entry.entry_timeout = entry_timeout(&folder, &node);
		code = fuse_reply_entry(req, &entry);
	} else {
		fuse_reply_err(req, -code);
	}
	if (code < 0 && version)
		version_forget(&node, 1);
}

static void do_forget(fuse_req_t req, fuse_ino_t number, uint64_t lookups)
{
	struct tree_node node;

	if (tree_node(&node, number) && node.version > 0)
		version_forget(&node, lookups);
	fuse_reply_none(req);
}

static void do_getattr(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	struct tree_node node;
	struct stat st;

	(void)info;
	int code = tree_node(&node, number)
		? stat_node(&node, node.version ? version_of(&node) : NULL, &st)
		: -ENOENT;
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

/* ENOSYS is remembered: from then on the kernel opens and closes files by itself. */
static void do_open(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	(void)number;
	info->keep_cache = 1;
	if (opens_by_itself)
		fuse_reply_err(req, ENOSYS);
	else
		fuse_reply_open(req, info);
}

static void do_read(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset,
	struct fuse_file_info *info)
{
	struct fuse_bufvec file = FUSE_BUFVEC_INIT(size);
	const struct version *version;
	struct tree_node node;
	struct stat st;

	(void)info;
	if (!tree_node(&node, number)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	if (node.row->kind == TREE_TEXT) {
		version = version_of(&node);
		if (!version || !version->text) {
			fuse_reply_err(req, EIO);
			return;
		}
		size_t at = (size_t)offset < version->len ? (size_t)offset : version->len;
		size_t left = version->len - at;
		fuse_reply_buf(req, version->text + at, left < size ? left : size);
		return;
	}
	file.buf[0].flags = FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK;
	file.buf[0].fd = view_open(&node, &st);
	file.buf[0].pos = offset;
	if (file.buf[0].fd < 0) {
		fuse_reply_err(req, EIO); /* it was there when the name was looked at */
		return;
	}
	fuse_reply_data(req, &file, 0);
	close(file.buf[0].fd);
}

/* A text can always be read. POLLPRI tells that it has changed, as with files of sysfs.
 */
static void do_poll(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info,
	struct fuse_pollhandle *waiter)
{
	unsigned events = POLLIN | POLLRDNORM;
	struct tree_node node;

	(void)info;
	/* Without what came since: to follow would take the news away. */
	struct version *version = tree_node(&node, number) ? version_find(&node) : NULL;
	if (version && version_is_old(version))
		events |= POLLPRI;
	if (waiter && !(version && version_wait(version, waiter))) {
		fuse_pollhandle_destroy(waiter);
		events |= POLLPRI; /* rather too early than never */
	}
	fuse_reply_poll(req, events);
}

static void do_opendir(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
	struct folder *folder = NULL;
	struct tree_node node;

	int code = tree_node(&node, number) ? folder_open(&folder, &node) : -ENOENT;
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
	.forget = do_forget,
	.getattr = do_getattr,
	.readlink = do_readlink,
	.open = do_open,
	.read = do_read,
	.poll = do_poll,
	.opendir = do_opendir,
	.readdir = do_readdir,
	.releasedir = do_releasedir,
};
