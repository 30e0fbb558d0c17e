#include "catalogue.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/msg.h"
#include "base/path.h"
#include "media/inspect.h"
#include "media/worker.h"

#define NAME "catalogue.tsv"
#define SIZE_MAX_KEPT (256 << 20)

static int show(char *out, size_t size, const struct catalogue_line *line)
{
	char begin[32], end[32], picture[32] = "-", keyframes[24] = "-";
	int64_t ms;

	if (!shelf_time(line->name, false, &ms)) {
		errno = EINVAL;
		return -1;
	}
	shelf_show(begin, ms);
	shelf_show(end, ms + line->ms);
	if (line->width > 0)
		snprintf(picture, sizeof picture, "%dx%d", line->width, line->height);
	if (line->keyframes >= 0)
		snprintf(keyframes, sizeof keyframes, "%" PRId64, line->keyframes);
	int n = snprintf(out, size, "%s\t%s\t%" PRId64 "\t%jd\t%s\t%s\t%s\t%s\t%s\n",
		begin, end, line->ms, (intmax_t)line->bytes,
		*line->codecs ? line->codecs : "-", picture, keyframes,
		line->reason < CUT_REASONS ? cut_names[line->reason] : "-", line->name);
	errno = EOVERFLOW;
	return n < 0 || (size_t)n >= size ? -1 : n;
}

int catalogue_add(const struct shelf *shelf, const struct catalogue_line *line)
{
	char text[512];
	int n = show(text, sizeof text, line);
	int fd = n < 0 ? -1
		       : openat(shelf->folder, NAME,
				 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
					 O_NONBLOCK,
				 0644);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		path_close(fd);
		errno = fd < 0 ? errno : EINVAL;
		return -1;
	}
	/* A full disk may take half a line, which must not run into the next. */
	off_t before = lseek(fd, 0, SEEK_END);
	int code = write(fd, text, (size_t)n) == n ? 0 : -1;
	if (code < 0 && ftruncate(fd, before) < 0)
		msg_warn("'%s/%s': its last line is half:", shelf->path, NAME);
	path_close(fd);
	return code;
}

struct old {
	const char *name;
	char *line;
};

struct mend {
	const struct shelf *shelf;
	bool all;
	struct old *old; /* by name */
	size_t count;
	struct worker worker;
	FILE *out;
	int64_t made;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct old *)a)->name, ((const struct old *)b)->name);
}

/* Cuts the text into lines whose last field is a clip's name. */
static int take_lines(struct mend *mend, char *text)
{
	size_t lines = 0;
	int64_t ms;

	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	mend->old = calloc(lines + 1, sizeof *mend->old);
	if (!mend->old)
		return -1;
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		const char *name = strrchr(line, '\t');
		if (name && shelf_time(name + 1, false, &ms))
			mend->old[mend->count++] = (struct old){name + 1, line};
	}
	qsort(mend->old, mend->count, sizeof *mend->old, by_name);
	return 0;
}

/* Reads the catalogue that is there. *text is to be freed. */
static int read_old(struct mend *mend, char **text)
{
	struct stat st;
	int fd = path_open_file(mend->shelf->folder, NAME, &st);

	*text = NULL;
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	errno = EFBIG;
	if (st.st_size <= SIZE_MAX_KEPT)
		*text = malloc((size_t)st.st_size + 1);
	ssize_t n = *text ? read(fd, *text, (size_t)st.st_size) : -1;
	if (n >= 0)
		(*text)[n] = '\0';
	path_close(fd);
	return n < 0 ? -1 : take_lines(mend, *text);
}

/* Looks into the clip fd. */
static int look(struct mend *mend, int fd, struct report *report)
{
	struct worker *worker = &mend->worker;

	if (worker_give(worker, fd) < 0)
		return -1;
	for (int n; (n = worker_take(worker, report)) != 1;) {
		struct pollfd one = {worker->child.socket, POLLIN, 0};
		if (n < 0 ||
			(poll(&one, 1, clock_timeout(worker->deadline)) < 0 &&
				errno != EINTR))
			return -1;
	}
	return 0;
}

static void take_report(struct catalogue_line *line, char *codecs, size_t size,
	const struct report *report)
{
	line->ms = report->duration_ms == REPORT_NONE ? 0 : report->duration_ms;
	line->keyframes = -1;
	line->codecs = codecs;
	*codecs = '\0';
	for (uint32_t i = 0; i < report->streams; i++) {
		const struct report_stream *stream = &report->stream[i];
		size_t len = strlen(codecs);
		if (stream->kind == 'd')
			continue;
		snprintf(codecs + len, size - len, "%s%s", len > 0 ? "+" : "",
			stream->codec);
		if (stream->kind == 'v') {
			line->width = stream->width;
			line->height = stream->height;
		}
	}
}

static int make_line(struct mend *mend, const char *path, off_t size)
{
	struct catalogue_line line = {.name = path, .bytes = size, .reason = CUT_REASONS};
	char text[512], codecs[REPORT_STREAMS * sizeof(struct report_stream)];
	static struct report report;
	int fd = shelf_open_clip(mend->shelf, path, false);
	int code = fd < 0 ? -1 : look(mend, fd, &report);

	if (code < 0)
		msg_error("'%s/%s': cannot be read:", mend->shelf->path, path);
	path_close(fd);
	if (code < 0)
		return 0;
	take_report(&line, codecs, sizeof codecs, &report);
	if (show(text, sizeof text, &line) < 0)
		return -1;
	mend->made++;
	return fputs(text, mend->out) < 0 ? -1 : 0;
}

static int mend_one(void *context, const char *path, off_t size)
{
	struct mend *mend = context;
	const struct old key = {path, NULL};
	const struct old *old = mend->all || mend->count == 0
		? NULL
		: bsearch(&key, mend->old, mend->count, sizeof key, by_name);

	if (!old)
		return make_line(mend, path, size);
	return fprintf(mend->out, "%s\n", old->line) < 0 ? -1 : 0;
}

int64_t catalogue_mend(const struct shelf *shelf, bool all)
{
	struct mend mend = {.shelf = shelf,
		.all = all,
		.worker = {.parse = inspect_file, .child = {.socket = -1}}};
	char *text, *made = NULL;
	size_t size = 0;
	int code = read_old(&mend, &text);

	mend.out = code < 0 ? NULL : open_memstream(&made, &size);
	if (!mend.out)
		code = -1;
	if (code == 0)
		code = shelf_walk(shelf, false, mend_one, &mend);
	if (mend.out && fclose(mend.out) < 0)
		code = -1;
	if (code == 0)
		code = atomic_keep(shelf->folder, NAME, 0644, made, size);
	int error = errno;
	worker_stop(&mend.worker);
	free(made);
	free(mend.old);
	free(text);
	errno = error;
	return code < 0 ? -1 : mend.made;
}
