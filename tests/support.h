/* SPDX-License-Identifier: MIT
 *
 * support.h - what the tests of tensors and operations share: cmocka, random tensors, comparisons.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gan/rng.h"
#include "gan/tape.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))
#define DIMS(...) ((const int64_t[]){__VA_ARGS__})
#define RANK(...) ((int)(sizeof(DIMS(__VA_ARGS__)) / sizeof(int64_t)))

/* INPUT(t, data, 2, 3): a tensor of the tape of shape [2,3]. */
#define INPUT(t, data, ...) gan_input(t, RANK(__VA_ARGS__), DIMS(__VA_ARGS__), data)
#define VALUES(...) ((const gan_real[]){__VA_ARGS__})

/* Has the tape not failed? Its message, if it has. */
static inline void assert_tape_ok(const gan_tape *t) {
    if (gan_tape_status(t)) fail_msg("%s", gan_tape_error(t)->text);
}

/* Did the tape fail with this code and this message? Resets it. */
static inline void assert_tape_failed(gan_tape *t, gan_status code, const char *text) {
    assert_string_equal(gan_tape_error(t)->text, text);
    assert_int_equal(gan_tape_status(t), code);
    gan_tape_reset(t);
}

static inline void assert_shape(const gan_tensor *x, int rank, const int64_t *dim) {
    assert_non_null(x);
    assert_int_equal(gan_tensor_rank(x), rank);
    for (int i = 0; i < rank; i++) assert_int_equal(gan_tensor_dim(x, i), dim[i]);
}

/* |x - y| <= tolerance * max(1, |y|) for each element. */
static inline void assert_values(const gan_tensor *x, const gan_real *y, double tolerance) {
    const gan_real *data = gan_tensor_data(x);
    assert_non_null(data);
    for (int64_t i = 0; i < gan_tensor_size(x); i++) {
        double want = (double)y[i], got = (double)data[i];
        if (!(fabs(got - want) <= tolerance * fmax(1, fabs(want))))
            fail_msg("element %lld is %.17g, not %.17g", (long long)i, got, want);
    }
}

static inline gan_tensor *random_input(gan_tape *t, gan_rng *r, int rank, const int64_t *dim) {
    gan_tensor *x = gan_input(t, rank, dim, NULL);
    assert_non_null(x);
    gan_rng_fill_uniform(r, gan_tensor_edit(x), (size_t)gan_tensor_size(x), -1, 1);
    return x;
}

/* Whole numbers in [-limit, limit]. */
static inline void fill_whole(gan_rng *r, gan_real *x, int64_t n, int limit) {
    for (int64_t i = 0; i < n; i++)
        x[i] = (gan_real)((int)gan_rng_below(r, (uint32_t)(2 * limit + 1)) - limit);
}

#endif
