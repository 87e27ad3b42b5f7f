/* Binary search in arrays of structures that are sorted by an id, and of numbers. */
#ifndef PROF_BASE_SEARCH_H
#define PROF_BASE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/* Of n elements that are `size` bytes apart, the first whose id is not below `id`; n: none. `ids`:
 * that of the first element.
 */
static inline size_t prof_search(const uint32_t *ids, size_t n, size_t size, uint32_t id)
{
	size_t from = 0, to = n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (*(const uint32_t *)(const void *)((const char *)ids + mid * size) < id)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* The same in a vector whose elements have it as `member`. */
#define prof_vec_search(vec, member, id) \
	((vec).n ? prof_search(&(vec).v->member, (vec).n, sizeof(*(vec).v), (id)) : 0)

/* Of n numbers that do not go down, the first that is not below x; n: none. */
static inline size_t prof_search_numbers(const int64_t *v, size_t n, int64_t x)
{
	size_t from = 0, to = n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (v[mid] < x)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

#endif
