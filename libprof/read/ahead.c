#include "libprof/read/ahead.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum { BUFFERS = 64, BUFFER_BYTES = 256 << 10 };

struct buffer {
	uint8_t bytes[BUFFER_BYTES];
	size_t n; /* 0: the end, or an error */
	int rc;
	struct prof_err e;
};

struct prof_ahead {
	struct prof_gunzip *gz;
	struct prof_mem *mem;
	pthread_t thread;
	pthread_mutex_t lock; /* of filled and stop */
	pthread_cond_t changed;
	unsigned filled; /* buffers that wait to be read */
	bool stop;
	unsigned reading; /* the buffer at hand, of the reader alone */
	size_t at; /* bytes of it that were read */
	struct buffer buffers[BUFFERS];
};

/* Fills one buffer after the other until the end, an error, or being told to stop. */
static void *inflate_ahead(void *ctx)
{
	struct prof_ahead *a = ctx;
	bool more = true;

	for (unsigned i = 0; more; i = (i + 1) % BUFFERS) {
		struct buffer *b = &a->buffers[i];

		pthread_mutex_lock(&a->lock);
		while (a->filled == BUFFERS && !a->stop)
			pthread_cond_wait(&a->changed, &a->lock);
		more = !a->stop;
		pthread_mutex_unlock(&a->lock);
		if (!more)
			break;
		b->n = 0;
		b->e = (struct prof_err){0};
		b->rc = prof_gunzip_read(a->gz, b->bytes, sizeof(b->bytes), &b->n, &b->e);
		if (b->rc)
			b->n = 0;
		more = b->n > 0;
		pthread_mutex_lock(&a->lock);
		a->filled++;
		pthread_cond_signal(&a->changed);
		pthread_mutex_unlock(&a->lock);
	}
	return NULL;
}

struct prof_ahead *prof_ahead_new(struct prof_gunzip *gz, struct prof_mem *mem)
{
	struct prof_ahead *a = prof_mem_resize(mem, NULL, 0, sizeof(*a), NULL);

	if (!a)
		return NULL;
	a->gz = gz;
	a->mem = mem;
	a->filled = a->reading = 0;
	a->stop = false;
	a->at = 0;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	if (pthread_create(&a->thread, NULL, inflate_ahead, a) == 0)
		return a;
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	prof_mem_free(mem, a, sizeof(*a));
	return NULL;
}

void prof_ahead_free(struct prof_ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	prof_mem_free(a->mem, a, sizeof(*a));
}

int prof_ahead_read(struct prof_ahead *a, void *buf, size_t cap, size_t *got, struct prof_err *e)
{
	struct buffer *b = &a->buffers[a->reading];
	size_t n;

	pthread_mutex_lock(&a->lock);
	while (!a->filled)
		pthread_cond_wait(&a->changed, &a->lock);
	pthread_mutex_unlock(&a->lock);
	if (b->rc)
		return prof_fail(e, b->rc, b->e.offset, "%s", b->e.msg);
	n = b->n - a->at < cap ? b->n - a->at : cap;
	memcpy(buf, b->bytes + a->at, n);
	a->at += n;
	*got = n;
	if (a->at < b->n || !b->n)
		return 0;
	a->at = 0;
	a->reading = (a->reading + 1) % BUFFERS;
	pthread_mutex_lock(&a->lock);
	a->filled--;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	return 0;
}
