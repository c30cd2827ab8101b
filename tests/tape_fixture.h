/* SPDX-License-Identifier: MIT
 *
 * tape_fixture.h - a tape of two threads for each test, and what comes of it. */
#ifndef GAN_TESTS_TAPE_FIXTURE_H
#define GAN_TESTS_TAPE_FIXTURE_H

#include "support.h"

static gan_tape *t;

static int setup(void **state) {
    (void)state;
    t = gan_tape_create(2);
    return !t;
}

static int teardown(void **state) {
    (void)state;
    gan_tape_free(t);
    return 0;
}

/* The tensor has this shape and these elements. */
#define EXPECT(x, values, ...)                                                                     \
    do {                                                                                           \
        gan_tensor *got = (x);                                                                     \
        assert_tape_ok(t);                                                                         \
        assert_shape(got, RANK(__VA_ARGS__), DIMS(__VA_ARGS__));                                   \
        assert_values(got, values, 1e-6);                                                          \
        gan_tape_reset(t);                                                                         \
    } while (0)

#endif
