/* Colours of the pictures: a package's is found by hashing its name, so that it is the same in
 * every picture of every run.
 */
#ifndef PROF_RENDER_PALETTE_H
#define PROF_RENDER_PALETTE_H

#include "libprof/base/buf.h"

enum prof_palette {
	PROF_PALETTE_LIGHT,
	PROF_PALETTE_DARK,
	PROF_PALETTE_SAFE, /* told apart by those who see red and green alike, too: fewer colours */
	PROF_PALETTE_SAFE_DARK,
};

enum { PROF_PACKAGE_COLOURS = 24 };

/* 0 … PROF_PACKAGE_COLOURS - 1, or that number, a grey, for no package. */
unsigned prof_package_colour(struct prof_str package);

/* CSS rules for these colours: ".p0{fill:#rrggbb}" … of a prefix "p" and the property "fill". */
void prof_put_palette(
	struct prof_buf *b, const char *prefix, const char *property, enum prof_palette palette);

#endif
