#include "libprof/render/palette.h"

/* Hues all around OKLCH at two lightnesses a step apart; text on them is dark, on the dark ones
 * light. */
static const char light[PROF_PACKAGE_COLOURS][7] = {"fba7a9", "fec2b5", "f7ad88", "fec693",
	"e5b975", "e9d285", "c7c678", "c6de94", "a1d191", "9fe6b4", "7cd6b5", "81e8d9", "68d5d8",
	"7ee4fa", "76cef4", "aad9ff", "9ac3ff", "c4d1ff", "bdb7fe", "ddc6ff", "dcadeb", "fbbaef",
	"f2a7cc", "febece"};
static const char dark[PROF_PACKAGE_COLOURS][7] = {"7b3e41", "8a4e41", "784326", "835529", "6d4c0f",
	"715f1f", "585614", "58692f", "3a5e2e", "366f49", "0d624a", "0b7065", "015f62", "046d7d",
	"045c78", "30668d", "345382", "515d91", "514b7f", "6b5489", "664371", "7d4e76", "753e5b",
	"884b5c"};

/* Paul Tol's "light" scheme, made for cells with dark text (https://personal.sron.nl/~pault/), and
 * the same darkened.
 */
enum { SAFE_COLOURS = 8 };
static const char safe[SAFE_COLOURS][7] = {
	"77aadd", "ee8866", "eedd88", "ffaabb", "99ddff", "44bb99", "bbcc33", "aaaa00"};
static const char safe_dark[SAFE_COLOURS][7] = {
	"1d4366", "6e270d", "60540d", "703745", "24576e", "014c3a", "484f01", "434300"};

static const char none[][7] = {"d4d4d8", "52525b", "dddddd", "52525b"};

/* With this seed the packages that most Go profiles are about have different colours. */
#define SEED 23752673

unsigned prof_package_colour(struct prof_str package)
{
	uint64_t hash = prof_hash_mix(prof_hash_bytes(package.p, package.len), SEED);

	return package.len ? (unsigned)(hash >> 32) % PROF_PACKAGE_COLOURS : PROF_PACKAGE_COLOURS;
}

static const char *colour(enum prof_palette palette, unsigned i)
{
	if (i == PROF_PACKAGE_COLOURS)
		return none[palette];
	switch (palette) {
	case PROF_PALETTE_LIGHT:
		return light[i];
	case PROF_PALETTE_DARK:
		return dark[i];
	case PROF_PALETTE_SAFE:
		return safe[i % SAFE_COLOURS];
	default:
		return safe_dark[i % SAFE_COLOURS];
	}
}

void prof_put_palette(
	struct prof_buf *b, const char *prefix, const char *property, enum prof_palette palette)
{
	for (unsigned i = 0; i <= PROF_PACKAGE_COLOURS; i++)
		prof_buf_printf(b, ".%s%u{%s:#%s}", prefix, i, property, colour(palette, i));
	prof_buf_char(b, '\n');
}
