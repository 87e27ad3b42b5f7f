/* Random numbers for made-up series: the same `seed` gives the same ones. */
#ifndef PROF_TESTS_NOISE_H
#define PROF_TESTS_NOISE_H

#include <math.h>
#include <stdint.h>

static uint64_t seed;

static inline double uniform(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
}

static inline double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * 3.14159265358979 * uniform());
}

#endif
