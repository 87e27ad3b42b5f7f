/* The list of mappings behind a profile: lines of /proc/PID/maps, or short ones:
 *
 *	00400000-004f3000 r-xp 00000000 fe:01 3415 /usr/bin/server
 *	40000-80000 /path/to/binary (@FF00) abc123456
 *
 * with a logger's prefix ("… file.cc:12] ") before them, perhaps, and "$build" at the start of a
 * file's name standing for what a line "build=…" said. Only executable ones matter.
 *
 * What becomes of them is what pprof's parser for old formats does: neighbours of one file are
 * joined, the main binary comes first, a location belongs to the first mapping that holds its
 * address, and where there is none, to one made up for all (0 to the last address, no file).
 */
#ifndef PROF_READ_TEXT_MAPS_H
#define PROF_READ_TEXT_MAPS_H

#include "libprof/model/build.h"
#include "libprof/read/text_lines.h"

enum { PROF_TEXT_MAX_VARS = 8 };

/* "build=/src": strings of the profile. All zero at first; owns nothing. */
struct prof_text_vars {
	struct {
		uint32_t name, value;
	} v[PROF_TEXT_MAX_VARS];
	size_t n;
};

/* Adds the line's mapping to the profile; *known is false when it is none, and no variable. */
int prof_text_maps_line(struct prof_build *b, struct prof_text_vars *vars, struct prof_text_line l,
	bool *known) PROF_CHECKED;

/* Ends it: mappings tidied, each location given its own. */
int prof_text_maps_attach(struct prof_build *b) PROF_CHECKED;

#endif
