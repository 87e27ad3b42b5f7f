#include "libprof/read/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MEMORY_BYTES = 1 << 20, MAX_PATH = 4096 };

static int temporary(struct prof_spool *s, const char *dir, struct prof_err *e)
{
	char path[MAX_PATH];
	int n;

	if (!dir || !*dir)
		dir = "/tmp";
	n = snprintf(path, sizeof(path), "%s/prof-XXXXXX", dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "a temporary file: %s",
			strerror(ENAMETOOLONG));
	s->fd = mkstemp(path);
	if (s->fd < 0)
		return prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "a temporary file in %s: %s", dir,
			strerror(errno));
	s->owned = true;
	s->fd_start = -(int64_t)s->n_head;
	unlink(path);
	fcntl(s->fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

static int write_all(struct prof_spool *s, const uint8_t *p, size_t n, struct prof_err *e)
{
	while (n) {
		ssize_t done = write(s->fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return prof_fail(e, PROF_EIO, PROF_NO_OFFSET,
				"a temporary file of %llu bytes: %s", (unsigned long long)s->size,
				strerror(errno));
		p += done;
		n -= (size_t)done;
		s->size += (uint64_t)done;
	}
	return 0;
}

/* Takes all of the window. */
static int take(struct prof_spool *s, struct prof_input *in, struct prof_err *e)
{
	size_t n = (size_t)(in->end - in->p), part = s->cap - (size_t)s->n_head;
	int rc = 0;

	part = n < part ? n : part;
	memcpy(s->buf + s->n_head, in->p, part);
	s->n_head += part;
	s->size += part;
	if (n > part && s->fd < 0)
		rc = temporary(s, in->limits.temp_dir, e);
	if (!rc && n > part)
		rc = write_all(s, in->p + part, n - part, e);
	in->p = in->end;
	return rc;
}

static int copy(
	struct prof_spool *s, struct prof_input *in, struct prof_err *damaged, struct prof_err *e)
{
	size_t before = (size_t)prof_input_offset(in);
	int rc;

	s->cap = MEMORY_BYTES;
	s->head = s->buf = prof_mem_zalloc(s->mem, s->cap, 1, e);
	if (!s->buf)
		return e ? e->code : PROF_ENOMEM;
	/* What was consumed is of no use to anybody. */
	s->n_head = s->size = before;
	do {
		rc = take(s, in, e);
		if (!rc)
			rc = prof_input_fill(in, 1, damaged);
		if (rc == PROF_EFORMAT && damaged->code == rc)
			return 0;
		if (rc && damaged->code == rc && e)
			*e = *damaged;
	} while (!rc && in->p < in->end);
	return rc;
}

int prof_spool_open(struct prof_spool *s, struct prof_input *in, struct prof_mem *mem,
	struct prof_err *damaged, struct prof_err *e)
{
	const struct prof_source *src = &in->src;
	struct stat st;
	off_t at;

	*s = (struct prof_spool){.mem = mem, .fd = -1};
	*damaged = (struct prof_err){0};
	if (!in->gz && src->fd < 0) {
		s->head = src->mem ? src->mem - src->offset : (const uint8_t *)"";
		s->size = s->n_head = src->offset + src->left;
		return 0;
	}
	at = in->gz ? -1 : lseek(src->fd, 0, SEEK_CUR);
	if (at >= (off_t)src->offset && fstat(src->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		s->fd = src->fd;
		s->fd_start = (int64_t)at - (int64_t)src->offset;
		s->size = st.st_size > s->fd_start ? (uint64_t)(st.st_size - s->fd_start) : 0;
		return 0;
	}
	return copy(s, in, damaged, e);
}

void prof_spool_close(struct prof_spool *s)
{
	prof_mem_zfree(s->mem, s->buf, s->cap, 1);
	s->buf = NULL;
	if (s->owned)
		close(s->fd);
	s->owned = false;
	s->fd = -1;
}

int prof_spool_read(struct prof_spool *s, uint64_t offset, void *buf, size_t n, struct prof_err *e)
{
	uint8_t *p = buf;

	if (offset < s->n_head) {
		size_t part = n < s->n_head - offset ? n : (size_t)(s->n_head - offset);

		memcpy(p, s->head + offset, part);
		p += part;
		n -= part;
		offset += part;
	}
	while (n) {
		ssize_t got = s->fd < 0
				      ? 0
				      : pread(s->fd, p, n, (off_t)((int64_t)offset + s->fd_start));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return prof_fail(e, PROF_EIO, (int64_t)offset, "%s",
				got ? strerror(errno) : "the file has become shorter");
		p += got;
		n -= (size_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}
