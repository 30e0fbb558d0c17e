#include "base/root.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/msg.h"
#include "base/path.h"

int root_open(struct root *root, const char *dir)
{
	*root = (struct root){.dir = dir};
	if (!dir)
		return EX_OK;
	for (root->len = strlen(dir); root->len > 0 && dir[root->len - 1] == '/';)
		root->len--;
	root->folder = path_open_named(dir, &root->link);
	if (root->folder >= 0)
		return EX_OK;
	msg_error("folder '%s':", dir);
	return EX_NOINPUT;
}

static bool leads_up(const char *rel)
{
	for (size_t len; *rel; rel += len + (rel[len] == '/')) {
		len = strcspn(rel, "/");
		if (len == 2 && memcmp(rel, "..", 2) == 0)
			return true;
	}
	return false;
}

const char *root_relative(const struct root *root, const char *path)
{
	const char *rel = path + root->len;

	if (strncmp(path, root->dir, root->len) != 0 || *rel != '/')
		return NULL;
	rel += strspn(rel, "/");
	return *rel && !leads_up(rel) ? rel : NULL;
}

bool root_accepts(const struct root *root, const char *path)
{
	if (!root->dir || root_relative(root, path))
		return true;
	msg_error("'%s': not below '%s'", path, root->dir);
	return false;
}

static int refuse(void)
{
	errno = EPERM;
	return -1;
}

/* The root's descriptor. Opens it again if dir names another folder by now. */
static int held(struct root *root)
{
	struct stat own, named;

	if (stat(root->dir, &named) < 0 || fstat(root->folder, &own) < 0 ||
		(own.st_dev == named.st_dev && own.st_ino == named.st_ino))
		return root->folder;
	int folder = path_open_again(root->dir, root->link);
	bool is_elsewhere = folder < 0 && errno == ELOOP;
	if (is_elsewhere && !root->said)
		msg_warn("folder '%s': a link in its place is not followed", root->dir);
	root->said = is_elsewhere;
	if (folder < 0)
		return root->folder;
	msg_warn("folder '%s': it is another one by now", root->dir);
	path_close(root->folder);
	return root->folder = folder;
}

int root_open_parent(struct root *root, const char *path, const char **name)
{
	if (!root || !root->dir)
		return path_open_parent(path, name);
	const char *rel = root_relative(root, path);
	if (!rel)
		return refuse();
	return path_open_parent_below(held(root), rel, name);
}

int root_open_folder(struct root *root, const char *path)
{
	const char *rel = root && root->dir ? root_relative(root, path) : NULL;

	return rel ? path_open_below(held(root), rel) : path_open_folder(path);
}
