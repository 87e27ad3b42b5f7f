#include "libprof/base/re2uni.h"

#include <string.h>

/* Derived from UnicodeData.txt, Scripts.txt and CaseFolding.txt of Unicode 17, less 14. */
/* clang-format off */
const struct prof_re2_new prof_re2_new[] = {
	{0x295, 0x295, "Lo", "Latin", "Ll"}, {0x88f, 0x88f, "Lo", "Arabic", NULL},
	{0x897, 0x897, "Mn", "Arabic", NULL}, {0xc5c, 0xc5c, "Lo", "Telugu", NULL},
	{0xcdc, 0xcdc, "Lo", "Kannada", NULL}, {0xcf3, 0xcf3, "Mc", "Kannada", NULL},
	{0xece, 0xece, "Mn", "Lao", NULL}, {0x1acf, 0x1add, "Mn", "Inherited", NULL},
	{0x1ae0, 0x1aeb, "Mn", "Inherited", NULL}, {0x1b4e, 0x1b4f, "Po", "Balinese", NULL},
	{0x1b7f, 0x1b7f, "Po", "Balinese", NULL}, {0x1c89, 0x1c89, "Lu", "Cyrillic", NULL},
	{0x1c8a, 0x1c8a, "Ll", "Cyrillic", NULL}, {0x20c1, 0x20c1, "Sc", "Common", NULL},
	{0x2427, 0x2429, "So", "Common", NULL}, {0x2b96, 0x2b96, "So", "Common", NULL},
	{0x2ffc, 0x2fff, "So", "Common", NULL}, {0x31e4, 0x31e5, "So", "Common", NULL},
	{0x31ef, 0x31ef, "So", "Common", NULL}, {0xa7cb, 0xa7cc, "Lu", "Latin", NULL},
	{0xa7cd, 0xa7cd, "Ll", "Latin", NULL}, {0xa7ce, 0xa7ce, "Lu", "Latin", NULL},
	{0xa7cf, 0xa7cf, "Ll", "Latin", NULL}, {0xa7d2, 0xa7d2, "Lu", "Latin", NULL},
	{0xa7d4, 0xa7d4, "Lu", "Latin", NULL}, {0xa7da, 0xa7da, "Lu", "Latin", NULL},
	{0xa7db, 0xa7db, "Ll", "Latin", NULL}, {0xa7dc, 0xa7dc, "Lu", "Latin", NULL},
	{0xa7f1, 0xa7f1, "Lm", "Latin", NULL}, {0xfbc3, 0xfbd2, "So", "Arabic", NULL},
	{0xfd90, 0xfd91, "So", "Arabic", NULL}, {0xfdc8, 0xfdce, "So", "Arabic", NULL},
	{0x105c0, 0x105f3, "Lo", "Todhri", NULL}, {0x10940, 0x10959, "Lo", "Sidetic", NULL},
	{0x10d40, 0x10d49, "Nd", "Garay", NULL}, {0x10d4a, 0x10d4d, "Lo", "Garay", NULL},
	{0x10d4e, 0x10d4e, "Lm", "Garay", NULL}, {0x10d4f, 0x10d4f, "Lo", "Garay", NULL},
	{0x10d50, 0x10d65, "Lu", "Garay", NULL}, {0x10d69, 0x10d6d, "Mn", "Garay", NULL},
	{0x10d6e, 0x10d6e, "Pd", "Garay", NULL}, {0x10d6f, 0x10d6f, "Lm", "Garay", NULL},
	{0x10d70, 0x10d85, "Ll", "Garay", NULL}, {0x10d8e, 0x10d8f, "Sm", "Garay", NULL},
	{0x10ec2, 0x10ec4, "Lo", "Arabic", NULL}, {0x10ec5, 0x10ec5, "Lm", "Arabic", NULL},
	{0x10ec6, 0x10ec7, "Lo", "Arabic", NULL}, {0x10ed0, 0x10ed0, "Po", "Arabic", NULL},
	{0x10ed1, 0x10ed8, "So", "Arabic", NULL}, {0x10efa, 0x10eff, "Mn", "Arabic", NULL},
	{0x1123f, 0x11240, "Lo", "Khojki", NULL}, {0x11241, 0x11241, "Mn", "Khojki", NULL},
	{0x11380, 0x11389, "Lo", "Tulu_Tigalari", NULL},
	{0x1138b, 0x1138b, "Lo", "Tulu_Tigalari", NULL},
	{0x1138e, 0x1138e, "Lo", "Tulu_Tigalari", NULL},
	{0x11390, 0x113b5, "Lo", "Tulu_Tigalari", NULL},
	{0x113b7, 0x113b7, "Lo", "Tulu_Tigalari", NULL},
	{0x113b8, 0x113ba, "Mc", "Tulu_Tigalari", NULL},
	{0x113bb, 0x113c0, "Mn", "Tulu_Tigalari", NULL},
	{0x113c2, 0x113c2, "Mc", "Tulu_Tigalari", NULL},
	{0x113c5, 0x113c5, "Mc", "Tulu_Tigalari", NULL},
	{0x113c7, 0x113ca, "Mc", "Tulu_Tigalari", NULL},
	{0x113cc, 0x113cd, "Mc", "Tulu_Tigalari", NULL},
	{0x113ce, 0x113ce, "Mn", "Tulu_Tigalari", NULL},
	{0x113cf, 0x113cf, "Mc", "Tulu_Tigalari", NULL},
	{0x113d0, 0x113d0, "Mn", "Tulu_Tigalari", NULL},
	{0x113d1, 0x113d1, "Lo", "Tulu_Tigalari", NULL},
	{0x113d2, 0x113d2, "Mn", "Tulu_Tigalari", NULL},
	{0x113d3, 0x113d3, "Lo", "Tulu_Tigalari", NULL},
	{0x113d4, 0x113d5, "Po", "Tulu_Tigalari", NULL},
	{0x113d7, 0x113d8, "Po", "Tulu_Tigalari", NULL},
	{0x113e1, 0x113e2, "Mn", "Tulu_Tigalari", NULL}, {0x116d0, 0x116e3, "Nd", "Myanmar", NULL},
	{0x1171e, 0x1171e, "Mc", "Ahom", "Mn"}, {0x11b00, 0x11b09, "Po", "Devanagari", NULL},
	{0x11b60, 0x11b60, "Mn", "Sharada", NULL}, {0x11b61, 0x11b61, "Mc", "Sharada", NULL},
	{0x11b62, 0x11b64, "Mn", "Sharada", NULL}, {0x11b65, 0x11b65, "Mc", "Sharada", NULL},
	{0x11b66, 0x11b66, "Mn", "Sharada", NULL}, {0x11b67, 0x11b67, "Mc", "Sharada", NULL},
	{0x11bc0, 0x11be0, "Lo", "Sunuwar", NULL}, {0x11be1, 0x11be1, "Po", "Sunuwar", NULL},
	{0x11bf0, 0x11bf9, "Nd", "Sunuwar", NULL}, {0x11db0, 0x11dd8, "Lo", "Tolong_Siki", NULL},
	{0x11dd9, 0x11dd9, "Lm", "Tolong_Siki", NULL},
	{0x11dda, 0x11ddb, "Lo", "Tolong_Siki", NULL},
	{0x11de0, 0x11de9, "Nd", "Tolong_Siki", NULL}, {0x11f00, 0x11f01, "Mn", "Kawi", NULL},
	{0x11f02, 0x11f02, "Lo", "Kawi", NULL}, {0x11f03, 0x11f03, "Mc", "Kawi", NULL},
	{0x11f04, 0x11f10, "Lo", "Kawi", NULL}, {0x11f12, 0x11f33, "Lo", "Kawi", NULL},
	{0x11f34, 0x11f35, "Mc", "Kawi", NULL}, {0x11f36, 0x11f3a, "Mn", "Kawi", NULL},
	{0x11f3e, 0x11f3f, "Mc", "Kawi", NULL}, {0x11f40, 0x11f40, "Mn", "Kawi", NULL},
	{0x11f41, 0x11f41, "Mc", "Kawi", NULL}, {0x11f42, 0x11f42, "Mn", "Kawi", NULL},
	{0x11f43, 0x11f4f, "Po", "Kawi", NULL}, {0x11f50, 0x11f59, "Nd", "Kawi", NULL},
	{0x11f5a, 0x11f5a, "Mn", "Kawi", NULL},
	{0x1342f, 0x1342f, "Lo", "Egyptian_Hieroglyphs", NULL},
	{0x13439, 0x1343f, "Cf", "Egyptian_Hieroglyphs", NULL},
	{0x13440, 0x13440, "Mn", "Egyptian_Hieroglyphs", NULL},
	{0x13441, 0x13446, "Lo", "Egyptian_Hieroglyphs", NULL},
	{0x13447, 0x13455, "Mn", "Egyptian_Hieroglyphs", NULL},
	{0x13460, 0x143fa, "Lo", "Egyptian_Hieroglyphs", NULL},
	{0x16100, 0x1611d, "Lo", "Gurung_Khema", NULL},
	{0x1611e, 0x16129, "Mn", "Gurung_Khema", NULL},
	{0x1612a, 0x1612c, "Mc", "Gurung_Khema", NULL},
	{0x1612d, 0x1612f, "Mn", "Gurung_Khema", NULL},
	{0x16130, 0x16139, "Nd", "Gurung_Khema", NULL}, {0x16d40, 0x16d42, "Lm", "Kirat_Rai", NULL},
	{0x16d43, 0x16d6a, "Lo", "Kirat_Rai", NULL}, {0x16d6b, 0x16d6c, "Lm", "Kirat_Rai", NULL},
	{0x16d6d, 0x16d6f, "Po", "Kirat_Rai", NULL}, {0x16d70, 0x16d79, "Nd", "Kirat_Rai", NULL},
	{0x16ea0, 0x16eb8, "Lu", "Beria_Erfe", NULL}, {0x16ebb, 0x16ed3, "Ll", "Beria_Erfe", NULL},
	{0x16ff2, 0x16ff3, "Lm", "Han", NULL}, {0x16ff4, 0x16ff6, "Nl", "Han", NULL},
	{0x187f8, 0x187ff, "Lo", "Tangut", NULL},
	{0x18cff, 0x18cff, "Lo", "Khitan_Small_Script", NULL},
	{0x18d09, 0x18d1e, "Lo", "Tangut", NULL}, {0x18d80, 0x18df2, "Lo", "Tangut", NULL},
	{0x1b132, 0x1b132, "Lo", "Hiragana", NULL}, {0x1b155, 0x1b155, "Lo", "Katakana", NULL},
	{0x1cc00, 0x1ccef, "So", "Common", NULL}, {0x1ccf0, 0x1ccf9, "Nd", "Common", NULL},
	{0x1ccfa, 0x1ccfc, "So", "Common", NULL}, {0x1cd00, 0x1ceb3, "So", "Common", NULL},
	{0x1ceba, 0x1ced0, "So", "Common", NULL}, {0x1cee0, 0x1ceef, "So", "Common", NULL},
	{0x1cef0, 0x1cef0, "Sm", "Common", NULL}, {0x1d2c0, 0x1d2d3, "No", "Common", NULL},
	{0x1df25, 0x1df2a, "Ll", "Latin", NULL}, {0x1e030, 0x1e06d, "Lm", "Cyrillic", NULL},
	{0x1e08f, 0x1e08f, "Mn", "Cyrillic", NULL}, {0x1e4d0, 0x1e4ea, "Lo", "Nag_Mundari", NULL},
	{0x1e4eb, 0x1e4eb, "Lm", "Nag_Mundari", NULL},
	{0x1e4ec, 0x1e4ef, "Mn", "Nag_Mundari", NULL},
	{0x1e4f0, 0x1e4f9, "Nd", "Nag_Mundari", NULL}, {0x1e5d0, 0x1e5ed, "Lo", "Ol_Onal", NULL},
	{0x1e5ee, 0x1e5ef, "Mn", "Ol_Onal", NULL}, {0x1e5f0, 0x1e5f0, "Lo", "Ol_Onal", NULL},
	{0x1e5f1, 0x1e5fa, "Nd", "Ol_Onal", NULL}, {0x1e5ff, 0x1e5ff, "Po", "Ol_Onal", NULL},
	{0x1e6c0, 0x1e6de, "Lo", "Tai_Yo", NULL}, {0x1e6e0, 0x1e6e2, "Lo", "Tai_Yo", NULL},
	{0x1e6e3, 0x1e6e3, "Mn", "Tai_Yo", NULL}, {0x1e6e4, 0x1e6e5, "Lo", "Tai_Yo", NULL},
	{0x1e6e6, 0x1e6e6, "Mn", "Tai_Yo", NULL}, {0x1e6e7, 0x1e6ed, "Lo", "Tai_Yo", NULL},
	{0x1e6ee, 0x1e6ef, "Mn", "Tai_Yo", NULL}, {0x1e6f0, 0x1e6f4, "Lo", "Tai_Yo", NULL},
	{0x1e6f5, 0x1e6f5, "Mn", "Tai_Yo", NULL}, {0x1e6fe, 0x1e6fe, "Lo", "Tai_Yo", NULL},
	{0x1e6ff, 0x1e6ff, "Lm", "Tai_Yo", NULL}, {0x1f6d8, 0x1f6d8, "So", "Common", NULL},
	{0x1f6dc, 0x1f6dc, "So", "Common", NULL}, {0x1f774, 0x1f77f, "So", "Common", NULL},
	{0x1f7d9, 0x1f7d9, "So", "Common", NULL}, {0x1f8b2, 0x1f8bb, "So", "Common", NULL},
	{0x1f8c0, 0x1f8c1, "So", "Common", NULL}, {0x1f8d0, 0x1f8d8, "Sm", "Common", NULL},
	{0x1fa54, 0x1fa57, "So", "Common", NULL}, {0x1fa75, 0x1fa77, "So", "Common", NULL},
	{0x1fa87, 0x1fa8a, "So", "Common", NULL}, {0x1fa8e, 0x1fa8f, "So", "Common", NULL},
	{0x1faad, 0x1faaf, "So", "Common", NULL}, {0x1fabb, 0x1fabf, "So", "Common", NULL},
	{0x1fac6, 0x1fac6, "So", "Common", NULL}, {0x1fac8, 0x1fac8, "So", "Common", NULL},
	{0x1facd, 0x1facf, "So", "Common", NULL}, {0x1fada, 0x1fadc, "So", "Common", NULL},
	{0x1fadf, 0x1fadf, "So", "Common", NULL}, {0x1fae8, 0x1faea, "So", "Common", NULL},
	{0x1faef, 0x1faef, "So", "Common", NULL}, {0x1faf7, 0x1faf8, "So", "Common", NULL},
	{0x1fbcb, 0x1fbef, "So", "Common", NULL}, {0x1fbfa, 0x1fbfa, "So", "Common", NULL},
	{0x2b739, 0x2b73f, "Lo", "Han", NULL}, {0x2cea2, 0x2cead, "Lo", "Han", NULL},
	{0x2ebf0, 0x2ee5d, "Lo", "Han", NULL}, {0x31350, 0x33479, "Lo", "Han", NULL},
};

const struct prof_re2_pair prof_re2_pairs[] = {
	{0x19b, 0x19b, 0xa641}, {0x264, 0x264, 0xa567}, {0x390, 0x390, 0x1c43},
	{0x3b0, 0x3b0, 0x1c33}, {0x1c89, 0x1c89, 0x1}, {0xa7cc, 0xa7cc, 0x1},
	{0xa7ce, 0xa7ce, 0x1}, {0xa7d2, 0xa7d2, 0x1}, {0xa7d4, 0xa7d4, 0x1}, {0xa7da, 0xa7da, 0x1},
	{0xfb05, 0xfb05, 0x1}, {0x10d50, 0x10d65, 0x20}, {0x16ea0, 0x16eb8, 0x1b},
};

/* Other members of the simple case folding orbits that touch the category or script. */
static const struct prof_re2_range lowercase_folded[] = {
	{0x41, 0x5a, 1}, {0xc0, 0xd6, 1}, {0xd8, 0xde, 1}, {0x100, 0x12e, 2}, {0x132, 0x136, 2},
	{0x139, 0x147, 2}, {0x14a, 0x178, 2}, {0x179, 0x17d, 2}, {0x181, 0x182, 1},
	{0x184, 0x184, 1}, {0x186, 0x187, 1}, {0x189, 0x18b, 1}, {0x18e, 0x191, 1},
	{0x193, 0x194, 1}, {0x196, 0x198, 1}, {0x19c, 0x19d, 1}, {0x19f, 0x1a0, 1},
	{0x1a2, 0x1a6, 2}, {0x1a7, 0x1a7, 1}, {0x1a9, 0x1a9, 1}, {0x1ac, 0x1ac, 1},
	{0x1ae, 0x1af, 1}, {0x1b1, 0x1b3, 1}, {0x1b5, 0x1b5, 1}, {0x1b7, 0x1b8, 1},
	{0x1bc, 0x1bc, 1}, {0x1c4, 0x1c5, 1}, {0x1c7, 0x1c8, 1}, {0x1ca, 0x1cb, 1},
	{0x1cd, 0x1db, 2}, {0x1de, 0x1ee, 2}, {0x1f1, 0x1f2, 1}, {0x1f4, 0x1f4, 1},
	{0x1f6, 0x1f8, 1}, {0x1fa, 0x232, 2}, {0x23a, 0x23b, 1}, {0x23d, 0x23e, 1},
	{0x241, 0x241, 1}, {0x243, 0x246, 1}, {0x248, 0x24e, 2}, {0x345, 0x345, 1},
	{0x370, 0x370, 1}, {0x372, 0x372, 1}, {0x376, 0x376, 1}, {0x37f, 0x37f, 1},
	{0x386, 0x386, 1}, {0x388, 0x38a, 1}, {0x38c, 0x38c, 1}, {0x38e, 0x38f, 1},
	{0x391, 0x3a1, 1}, {0x3a3, 0x3ab, 1}, {0x3cf, 0x3cf, 1}, {0x3d8, 0x3ee, 2},
	{0x3f4, 0x3f4, 1}, {0x3f7, 0x3f7, 1}, {0x3f9, 0x3fa, 1}, {0x3fd, 0x42f, 1},
	{0x460, 0x480, 2}, {0x48a, 0x4c0, 2}, {0x4c1, 0x4cd, 2}, {0x4d0, 0x52e, 2},
	{0x531, 0x556, 1}, {0x10a0, 0x10c5, 1}, {0x10c7, 0x10c7, 1}, {0x10cd, 0x10cd, 1},
	{0x13a0, 0x13f5, 1}, {0x1c89, 0x1c89, 1}, {0x1c90, 0x1cba, 1}, {0x1cbd, 0x1cbf, 1},
	{0x1e00, 0x1e94, 2}, {0x1e9e, 0x1efe, 2}, {0x1f08, 0x1f0f, 1}, {0x1f18, 0x1f1d, 1},
	{0x1f28, 0x1f2f, 1}, {0x1f38, 0x1f3f, 1}, {0x1f48, 0x1f4d, 1}, {0x1f59, 0x1f5f, 2},
	{0x1f68, 0x1f6f, 1}, {0x1f88, 0x1f8f, 1}, {0x1f98, 0x1f9f, 1}, {0x1fa8, 0x1faf, 1},
	{0x1fb8, 0x1fbc, 1}, {0x1fc8, 0x1fcc, 1}, {0x1fd8, 0x1fdb, 1}, {0x1fe8, 0x1fec, 1},
	{0x1ff8, 0x1ffc, 1}, {0x2126, 0x2126, 1}, {0x212a, 0x212b, 1}, {0x2132, 0x2132, 1},
	{0x2183, 0x2183, 1}, {0x2c00, 0x2c2f, 1}, {0x2c60, 0x2c60, 1}, {0x2c62, 0x2c64, 1},
	{0x2c67, 0x2c6d, 2}, {0x2c6e, 0x2c70, 1}, {0x2c72, 0x2c72, 1}, {0x2c75, 0x2c75, 1},
	{0x2c7e, 0x2c80, 1}, {0x2c82, 0x2ce2, 2}, {0x2ceb, 0x2ceb, 1}, {0x2ced, 0x2ced, 1},
	{0x2cf2, 0x2cf2, 1}, {0xa640, 0xa66c, 2}, {0xa680, 0xa69a, 2}, {0xa722, 0xa72e, 2},
	{0xa732, 0xa76e, 2}, {0xa779, 0xa77d, 2}, {0xa77e, 0xa786, 2}, {0xa78b, 0xa78b, 1},
	{0xa78d, 0xa78d, 1}, {0xa790, 0xa790, 1}, {0xa792, 0xa792, 1}, {0xa796, 0xa7aa, 2},
	{0xa7ab, 0xa7ae, 1}, {0xa7b0, 0xa7b4, 1}, {0xa7b6, 0xa7c4, 2}, {0xa7c5, 0xa7c7, 1},
	{0xa7c9, 0xa7c9, 1}, {0xa7cb, 0xa7cc, 1}, {0xa7ce, 0xa7dc, 2}, {0xa7f5, 0xa7f5, 1},
	{0xff21, 0xff3a, 1}, {0x10400, 0x10427, 1}, {0x104b0, 0x104d3, 1}, {0x10570, 0x1057a, 1},
	{0x1057c, 0x1058a, 1}, {0x1058c, 0x10592, 1}, {0x10594, 0x10595, 1}, {0x10c80, 0x10cb2, 1},
	{0x10d50, 0x10d65, 1}, {0x118a0, 0x118bf, 1}, {0x16e40, 0x16e5f, 1}, {0x16ea0, 0x16eb8, 1},
	{0x1e900, 0x1e921, 1},
};

static const struct prof_re2_range uppercase_folded[] = {
	{0x61, 0x7a, 1}, {0xb5, 0xb5, 1}, {0xdf, 0xf6, 1}, {0xf8, 0xff, 1}, {0x101, 0x12f, 2},
	{0x133, 0x137, 2}, {0x13a, 0x148, 2}, {0x14b, 0x177, 2}, {0x17a, 0x17e, 2},
	{0x17f, 0x180, 1}, {0x183, 0x183, 1}, {0x185, 0x185, 1}, {0x188, 0x188, 1},
	{0x18c, 0x18c, 1}, {0x192, 0x192, 1}, {0x195, 0x195, 1}, {0x199, 0x19b, 1},
	{0x19e, 0x19e, 1}, {0x1a1, 0x1a5, 2}, {0x1a8, 0x1a8, 1}, {0x1ad, 0x1ad, 1},
	{0x1b0, 0x1b0, 1}, {0x1b4, 0x1b4, 1}, {0x1b6, 0x1b6, 1}, {0x1b9, 0x1b9, 1},
	{0x1bd, 0x1bd, 1}, {0x1bf, 0x1bf, 1}, {0x1c5, 0x1c6, 1}, {0x1c8, 0x1c9, 1},
	{0x1cb, 0x1cc, 1}, {0x1ce, 0x1dc, 2}, {0x1dd, 0x1ef, 2}, {0x1f2, 0x1f3, 1},
	{0x1f5, 0x1f5, 1}, {0x1f9, 0x21f, 2}, {0x223, 0x233, 2}, {0x23c, 0x23c, 1},
	{0x23f, 0x240, 1}, {0x242, 0x242, 1}, {0x247, 0x24f, 2}, {0x250, 0x254, 1},
	{0x256, 0x257, 1}, {0x259, 0x259, 1}, {0x25b, 0x25c, 1}, {0x260, 0x261, 1},
	{0x263, 0x266, 1}, {0x268, 0x26c, 1}, {0x26f, 0x26f, 1}, {0x271, 0x272, 1},
	{0x275, 0x275, 1}, {0x27d, 0x27d, 1}, {0x280, 0x280, 1}, {0x282, 0x283, 1},
	{0x287, 0x28c, 1}, {0x292, 0x292, 1}, {0x29d, 0x29e, 1}, {0x345, 0x345, 1},
	{0x371, 0x371, 1}, {0x373, 0x37b, 4}, {0x37c, 0x37d, 1}, {0x3ac, 0x3af, 1},
	{0x3b1, 0x3ce, 1}, {0x3d0, 0x3d1, 1}, {0x3d5, 0x3d7, 1}, {0x3d9, 0x3ef, 2},
	{0x3f0, 0x3f3, 1}, {0x3f5, 0x3fb, 3}, {0x430, 0x45f, 1}, {0x461, 0x481, 2},
	{0x48b, 0x4bf, 2}, {0x4c2, 0x4ce, 2}, {0x4cf, 0x52f, 2}, {0x561, 0x586, 1},
	{0x10d0, 0x10fa, 1}, {0x10fd, 0x10ff, 1}, {0x13f8, 0x13fd, 1}, {0x1c80, 0x1c88, 1},
	{0x1c8a, 0x1c8a, 1}, {0x1d79, 0x1d79, 1}, {0x1d7d, 0x1d7d, 1}, {0x1d8e, 0x1d8e, 1},
	{0x1e01, 0x1e95, 2}, {0x1e9b, 0x1e9b, 1}, {0x1ea1, 0x1eff, 2}, {0x1f00, 0x1f07, 1},
	{0x1f10, 0x1f15, 1}, {0x1f20, 0x1f27, 1}, {0x1f30, 0x1f37, 1}, {0x1f40, 0x1f45, 1},
	{0x1f51, 0x1f57, 2}, {0x1f60, 0x1f67, 1}, {0x1f70, 0x1f7d, 1}, {0x1fb0, 0x1fb1, 1},
	{0x1fbe, 0x1fbe, 1}, {0x1fd0, 0x1fd1, 1}, {0x1fe0, 0x1fe1, 1}, {0x1fe5, 0x1fe5, 1},
	{0x214e, 0x214e, 1}, {0x2184, 0x2184, 1}, {0x2c30, 0x2c5f, 1}, {0x2c61, 0x2c61, 1},
	{0x2c65, 0x2c66, 1}, {0x2c68, 0x2c6c, 2}, {0x2c73, 0x2c73, 1}, {0x2c76, 0x2c76, 1},
	{0x2c81, 0x2ce3, 2}, {0x2cec, 0x2cec, 1}, {0x2cee, 0x2cee, 1}, {0x2cf3, 0x2cf3, 1},
	{0x2d00, 0x2d25, 1}, {0x2d27, 0x2d27, 1}, {0x2d2d, 0x2d2d, 1}, {0xa641, 0xa66d, 2},
	{0xa681, 0xa69b, 2}, {0xa723, 0xa72f, 2}, {0xa733, 0xa76f, 2}, {0xa77a, 0xa77a, 1},
	{0xa77c, 0xa77c, 1}, {0xa77f, 0xa787, 2}, {0xa78c, 0xa78c, 1}, {0xa791, 0xa791, 1},
	{0xa793, 0xa794, 1}, {0xa797, 0xa7a9, 2}, {0xa7b5, 0xa7c3, 2}, {0xa7c8, 0xa7c8, 1},
	{0xa7ca, 0xa7ca, 1}, {0xa7cd, 0xa7db, 2}, {0xa7f6, 0xa7f6, 1}, {0xab53, 0xab53, 1},
	{0xab70, 0xabbf, 1}, {0xff41, 0xff5a, 1}, {0x10428, 0x1044f, 1}, {0x104d8, 0x104fb, 1},
	{0x10597, 0x105a1, 1}, {0x105a3, 0x105b1, 1}, {0x105b3, 0x105b9, 1}, {0x105bb, 0x105bc, 1},
	{0x10cc0, 0x10cf2, 1}, {0x10d70, 0x10d85, 1}, {0x118c0, 0x118df, 1}, {0x16e60, 0x16e7f, 1},
	{0x16ebb, 0x16ed3, 1}, {0x1e922, 0x1e943, 1},
};

static const struct prof_re2_range titlecase_folded[] = {
	{0x1c4, 0x1c4, 1}, {0x1c6, 0x1c7, 1}, {0x1c9, 0x1ca, 1}, {0x1cc, 0x1cc, 1},
	{0x1f1, 0x1f1, 1}, {0x1f3, 0x1f3, 1}, {0x1f80, 0x1f87, 1}, {0x1f90, 0x1f97, 1},
	{0x1fa0, 0x1fa7, 1}, {0x1fb3, 0x1fb3, 1}, {0x1fc3, 0x1fc3, 1}, {0x1ff3, 0x1ff3, 1},
};

static const struct prof_re2_range letter_folded[] = {{0x345, 0x345, 1}};
static const struct prof_re2_range mark_folded[] = {
	{0x399, 0x399, 1}, {0x3b9, 0x3b9, 1}, {0x1fbe, 0x1fbe, 1},
};
static const struct prof_re2_range common_folded[] = {{0x39c, 0x39c, 1}, {0x3bc, 0x3bc, 1}};
static const struct prof_re2_range greek_folded[] = {{0xb5, 0xb5, 1}, {0x345, 0x345, 1}};
static const struct prof_re2_range ascii_folded[] = {{0x17f, 0x17f, 1}, {0x212a, 0x212a, 1}};

static const struct {
	const char *code, *name, *alias;
} categories[] = {
	{"C", "Other", NULL}, {"Cc", "Control", "cntrl"}, {"Cf", "Format", NULL},
	{"Cn", "Unassigned", NULL}, {"Co", "Private_Use", NULL}, {"Cs", "Surrogate", NULL},
	{"L", "Letter", NULL}, {"LC", "Cased_Letter", NULL}, {"Ll", "Lowercase_Letter", NULL},
	{"Lm", "Modifier_Letter", NULL}, {"Lo", "Other_Letter", NULL},
	{"Lt", "Titlecase_Letter", NULL}, {"Lu", "Uppercase_Letter", NULL},
	{"M", "Combining_Mark", "Mark"}, {"Mc", "Spacing_Mark", NULL},
	{"Me", "Enclosing_Mark", NULL}, {"Mn", "Nonspacing_Mark", NULL}, {"N", "Number", NULL},
	{"Nd", "Decimal_Number", "digit"}, {"Nl", "Letter_Number", NULL},
	{"No", "Other_Number", NULL}, {"P", "Punctuation", "punct"},
	{"Pc", "Connector_Punctuation", NULL}, {"Pd", "Dash_Punctuation", NULL},
	{"Pe", "Close_Punctuation", NULL}, {"Pf", "Final_Punctuation", NULL},
	{"Pi", "Initial_Punctuation", NULL}, {"Po", "Other_Punctuation", NULL},
	{"Ps", "Open_Punctuation", NULL}, {"S", "Symbol", NULL}, {"Sc", "Currency_Symbol", NULL},
	{"Sk", "Modifier_Symbol", NULL}, {"Sm", "Math_Symbol", NULL}, {"So", "Other_Symbol", NULL},
	{"Z", "Separator", NULL}, {"Zl", "Line_Separator", NULL},
	{"Zp", "Paragraph_Separator", NULL}, {"Zs", "Space_Separator", NULL},
};

static const char *const scripts[] = {
	"Adlam", "Ahom", "Anatolian_Hieroglyphs", "Arabic", "Armenian", "Avestan", "Balinese",
	"Bamum", "Bassa_Vah", "Batak", "Bengali", "Bhaiksuki", "Bopomofo", "Brahmi", "Braille",
	"Buginese", "Buhid", "Canadian_Aboriginal", "Carian", "Caucasian_Albanian", "Chakma",
	"Cham", "Cherokee", "Chorasmian", "Common", "Coptic", "Cuneiform", "Cypriot",
	"Cypro_Minoan", "Cyrillic", "Deseret", "Devanagari", "Dives_Akuru", "Dogra", "Duployan",
	"Egyptian_Hieroglyphs", "Elbasan", "Elymaic", "Ethiopic", "Georgian", "Glagolitic",
	"Gothic", "Grantha", "Greek", "Gujarati", "Gunjala_Gondi", "Gurmukhi", "Han", "Hangul",
	"Hanifi_Rohingya", "Hanunoo", "Hatran", "Hebrew", "Hiragana", "Imperial_Aramaic",
	"Inherited", "Inscriptional_Pahlavi", "Inscriptional_Parthian", "Javanese", "Kaithi",
	"Kannada", "Katakana", "Kayah_Li", "Kharoshthi", "Khitan_Small_Script", "Khmer", "Khojki",
	"Khudawadi", "Lao", "Latin", "Lepcha", "Limbu", "Linear_A", "Linear_B", "Lisu", "Lycian",
	"Lydian", "Mahajani", "Makasar", "Malayalam", "Mandaic", "Manichaean", "Marchen",
	"Masaram_Gondi", "Medefaidrin", "Meetei_Mayek", "Mende_Kikakui", "Meroitic_Cursive",
	"Meroitic_Hieroglyphs", "Miao", "Modi", "Mongolian", "Mro", "Multani", "Myanmar",
	"Nabataean", "Nandinagari", "New_Tai_Lue", "Newa", "Nko", "Nushu", "Nyiakeng_Puachue_Hmong",
	"Ogham", "Ol_Chiki", "Old_Hungarian", "Old_Italic", "Old_North_Arabian", "Old_Permic",
	"Old_Persian", "Old_Sogdian", "Old_South_Arabian", "Old_Turkic", "Old_Uyghur", "Oriya",
	"Osage", "Osmanya", "Pahawh_Hmong", "Palmyrene", "Pau_Cin_Hau", "Phags_Pa", "Phoenician",
	"Psalter_Pahlavi", "Rejang", "Runic", "Samaritan", "Saurashtra", "Sharada", "Shavian",
	"Siddham", "SignWriting", "Sinhala", "Sogdian", "Sora_Sompeng", "Soyombo", "Sundanese",
	"Syloti_Nagri", "Syriac", "Tagalog", "Tagbanwa", "Tai_Le", "Tai_Tham", "Tai_Viet", "Takri",
	"Tamil", "Tangsa", "Tangut", "Telugu", "Thaana", "Thai", "Tibetan", "Tifinagh", "Tirhuta",
	"Toto", "Ugaritic", "Vai", "Vithkuqi", "Wancho", "Warang_Citi", "Yezidi", "Yi",
	"Zanabazar_Square",
};

static const char *const new_scripts[] = {
	"Beria_Erfe", "Garay", "Gurung_Khema", "Kawi", "Kirat_Rai", "Nag_Mundari", "Ol_Onal",
	"Sidetic", "Sunuwar", "Tai_Yo", "Todhri", "Tolong_Siki", "Tulu_Tigalari",
};
/* clang-format on */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define RANGES(a) ((struct prof_re2_ranges){(a), COUNT(a)})

const size_t prof_re2_new_count = COUNT(prof_re2_new);
const size_t prof_re2_pair_count = COUNT(prof_re2_pairs);

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static bool separator(char c)
{
	return c == '_' || c == '-' || c == ' ';
}

static bool same_name(const char *user, size_t len, const char *name)
{
	if (!name)
		return false;
	for (; len; user++, len--) {
		if (separator(*user))
			continue;
		while (separator(*name))
			name++;
		if (!*name || lower(*user) != lower(*name))
			return false;
		name++;
	}
	return !*name;
}

static struct prof_re2_ranges folded(const char *name)
{
	if (!strcmp(name, "Ll"))
		return RANGES(lowercase_folded);
	if (!strcmp(name, "Lu"))
		return RANGES(uppercase_folded);
	if (!strcmp(name, "Lt"))
		return RANGES(titlecase_folded);
	if (!strcmp(name, "L"))
		return RANGES(letter_folded);
	if (!strcmp(name, "M") || !strcmp(name, "Mn") || !strcmp(name, "Inherited"))
		return RANGES(mark_folded);
	if (!strcmp(name, "Common"))
		return RANGES(common_folded);
	if (!strcmp(name, "Greek"))
		return RANGES(greek_folded);
	return (struct prof_re2_ranges){NULL, 0};
}

static bool find_special(const char *name, size_t len, struct prof_re2_property *out)
{
	*out = (struct prof_re2_property){.name = ""};
	if (same_name(name, len, "Any"))
		out->kind = PROF_RE2_ANY;
	else if (same_name(name, len, "Assigned"))
		out->kind = PROF_RE2_ASSIGNED;
	else if (same_name(name, len, "ASCII"))
		*out = (struct prof_re2_property){PROF_RE2_ASCII, "", RANGES(ascii_folded)};
	else
		return false;
	return true;
}

bool prof_re2_property_find(const char *name, size_t len, struct prof_re2_property *out)
{
	if (find_special(name, len, out))
		return true;
	out->name = NULL;
	out->kind = PROF_RE2_CATEGORY;
	for (size_t i = 0; i < COUNT(categories) && !out->name; i++)
		if (same_name(name, len, categories[i].code) ||
			same_name(name, len, categories[i].name) ||
			same_name(name, len, categories[i].alias))
			out->name = categories[i].code;
	for (size_t i = 0; i < COUNT(scripts) && !out->name; i++)
		if (same_name(name, len, scripts[i])) {
			out->kind = PROF_RE2_SCRIPT;
			out->name = scripts[i];
		}
	for (size_t i = 0; i < COUNT(new_scripts) && !out->name; i++)
		if (same_name(name, len, new_scripts[i])) {
			out->kind = PROF_RE2_NEW_SCRIPT;
			out->name = new_scripts[i];
		}
	if (out->name)
		out->folded = folded(out->name);
	return out->name != NULL;
}
