/* Integer arithmetic that is defined for every input, with Go's results: sums and negations wrap.
 */
#ifndef PROF_BASE_NUM_H
#define PROF_BASE_NUM_H

#include <math.h>
#include <stdint.h>

static inline int64_t prof_add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t prof_sub(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* The sum, but at most INT64_MAX and at least INT64_MIN: for what must not wrap to a small one. */
static inline int64_t prof_add_sat(int64_t a, int64_t b)
{
	if (b > 0 && a > INT64_MAX - b)
		return INT64_MAX;
	if (b < 0 && a < INT64_MIN - b)
		return INT64_MIN;
	return a + b;
}

/* The smallest integer is its own absolute value. */
static inline int64_t prof_abs(int64_t v)
{
	return v < 0 ? prof_sub(0, v) : v;
}

/* The greatest common divisor; of 0 and a number, that number. */
static inline uint64_t prof_gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Truncates; b must not be 0. */
static inline int64_t prof_div(int64_t a, int64_t b)
{
	return b == -1 ? prof_sub(0, a) : a / b;
}

/* Truncates; INT64_MIN for what does not fit, as amd64 and Go there. */
static inline int64_t prof_to_i64(double v)
{
	return v >= -0x1p63 && v < 0x1p63 ? (int64_t)v : INT64_MIN;
}

/* v times ratio, rounded half away from zero as Go's math.Round; 1 and -1 are exact. */
static inline int64_t prof_scale(int64_t v, double ratio)
{
	if (ratio == 1 || ratio == -1)
		return ratio > 0 ? v : prof_sub(0, v);
	return prof_to_i64(round((double)v * ratio));
}

#endif
