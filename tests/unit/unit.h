/* What every unit test includes: cmocka with the headers that it wants before it, and checks for
 * our own kinds of values.
 */
#ifndef PROF_TESTS_UNIT_H
#define PROF_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libprof/base/buf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A struct prof_str against a C string. */
#define assert_str(s, want) \
	do { \
		struct prof_str s_ = (s); \
		const char *w_ = (want); \
		if (s_.len != strlen(w_) || (s_.len && memcmp(s_.p, w_, s_.len) != 0)) \
			fail_msg("\"%.*s\" is not \"%s\"", (int)s_.len, s_.len ? s_.p : "", w_); \
	} while (0)

/* What a growing buffer holds, which is emptied. */
#define assert_buf(b, want) \
	do { \
		struct prof_buf *b_ = (b); \
		assert_int_equal(b_->code, 0); \
		assert_str(((struct prof_str){b_->p, (uint32_t)b_->n}), want); \
		b_->n = 0; \
	} while (0)

#define assert_error(err, want_code, want_offset, want_msg) \
	do { \
		const struct prof_err *e_ = (err); \
		if (e_->code != (want_code) || strcmp(e_->msg, want_msg) != 0) \
			fail_msg("%d \"%s\" is not %d \"%s\"", e_->code, e_->msg, (want_code), \
				want_msg); \
		assert_int_equal(e_->offset, (want_offset)); \
	} while (0)

/* Calls that must work; `e` is filled by them. */
#define assert_ok(call, e) \
	do { \
		int rc_ = (call); \
		if (rc_) \
			fail_msg("%s: %d at %lld: %s", #call, rc_, (long long)(e)->offset, \
				(e)->msg); \
	} while (0)

#endif
