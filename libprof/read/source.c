#include "libprof/read/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int prof_source_open(struct prof_source *s, const char *path, struct prof_err *e)
{
	struct stat st;

	*s = (struct prof_source){.fd = STDIN_FILENO};
	if (strcmp(path, "-") != 0) {
		s->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (s->fd < 0)
			return prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "%s", strerror(errno));
		s->owned = 1;
	}
	if (fstat(s->fd, &st) != 0)
		return 0;
	if (S_ISDIR(st.st_mode)) {
		prof_source_close(s);
		return prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "is a directory");
	}
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		s->size = (uint64_t)st.st_size;
	return 0;
}

void prof_source_memory(struct prof_source *s, const void *p, size_t len)
{
	*s = (struct prof_source){.fd = -1, .mem = p, .left = len};
}

void prof_source_close(struct prof_source *s)
{
	if (s->owned)
		close(s->fd);
	s->owned = 0;
}

int prof_source_read(struct prof_source *s, void *buf, size_t cap, size_t *got, struct prof_err *e)
{
	ssize_t n;

	if (s->fd < 0) {
		n = (ssize_t)(cap < s->left ? cap : s->left);
		if (n) {
			memcpy(buf, s->mem, (size_t)n);
			s->mem += n;
			s->left -= (size_t)n;
		}
	} else {
		do
			n = read(s->fd, buf, cap);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return prof_fail(e, PROF_EIO, (int64_t)s->offset, "%s", strerror(errno));
	}
	s->offset += (uint64_t)n;
	*got = (size_t)n;
	return 0;
}
