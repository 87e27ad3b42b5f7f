/* A writer of traces of go 1.22 and later, from the text that Go's dump of the wire format has
 * (go tool trace -d=wire), but for the sizes of batches: those are counted. Names of arguments are
 * for the reader. Tests only: a word that is no event ends the program.
 *
 *	trace2_write(&w, 26, "EventBatch gen=1 m=5 time=100\n"
 *			     "ProcStatus dt=1 p=0 pstatus=1\n");
 *
 * Events that the version does not have are left out. An experiment's batch is the numbers, and one
 * string at their end, that stand behind it on lines of their own.
 */
#ifndef PROF_TESTS_TRACE2_WRITER_H
#define PROF_TESTS_TRACE2_WRITER_H

#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/trace_wire.h"

/* The values behind each '=' of a line; a string's are its bytes. */
static inline void trace2_values(struct wire *w, const char *line, size_t len, unsigned most)
{
	for (size_t i = 0; i < len && most; i++) {
		if (line[i] == '"') {
			size_t end = i + 1;

			while (line[end] != '"')
				end++;
			wire_varint(w, end - i - 1);
			wire_raw(w, line + i + 1, end - i - 1);
			return;
		}
		if (line[i] == '=' && line[i + 1] != '"') {
			wire_varint(w, strtoull(line + i + 1, NULL, 10));
			most--;
		}
	}
}

static inline unsigned trace2_type(const char *line)
{
	size_t n = strcspn(line, " \n");

	for (unsigned i = 1; i < PROF_EV_END; i++)
		if (prof_wire2[i].name && strlen(prof_wire2[i].name) == n &&
			memcmp(prof_wire2[i].name, line, n) == 0)
			return i;
	fail_msg("no event \"%.*s\"", (int)n, line);
	return 0;
}

/* Ends the batch that was begun: its size and its bytes. */
static inline void trace2_end_batch(struct wire *w, struct wire *batch, bool begun)
{
	if (begun) {
		wire_varint(w, batch->n);
		wire_raw(w, batch->p, batch->n);
	}
	batch->n = 0;
}

static inline void trace2_write(struct wire *w, unsigned version, const char *text)
{
	struct wire batch = {0};
	bool begun = false;
	char header[17] = {0};

	snprintf(header, sizeof(header), "go 1.%u trace", version);
	wire_raw(w, header, 16);
	for (size_t len; *text; text += len + (text[len] == '\n')) {
		unsigned type;

		len = strcspn(text, "\n");
		while (text[len] == '\n' && text[len + 1] == '\t')
			len += 1 + strcspn(text + len + 1, "\n");
		type = trace2_type(text);
		if (type >= prof_wire2_count(version) && type < PROF_EV_SPAN)
			continue;
		if (type == PROF_EV_EVENT_BATCH || type == PROF_EV_END_OF_GENERATION) {
			trace2_end_batch(w, &batch, begun);
			begun = type == PROF_EV_EVENT_BATCH;
			wire_byte(w, type);
			trace2_values(w, text, len, 3);
			continue;
		}
		if (type == PROF_EV_EXPERIMENTAL_BATCH) {
			size_t first = strcspn(text, "\n");

			trace2_end_batch(w, &batch, begun);
			begun = true;
			wire_byte(w, type);
			trace2_values(w, text, first, 4);
			trace2_values(&batch, text + first, len - first, UINT32_MAX);
			continue;
		}
		wire_byte(&batch, type);
		trace2_values(&batch, text, len, UINT32_MAX);
	}
	trace2_end_batch(w, &batch, begun);
	wire_free(&batch);
}

#endif
