/* SPDX-License-Identifier: MIT
 *
 * tape_fixture.h - a tape of two threads for each test. */
#ifndef GAN_TESTS_TAPE_FIXTURE_H
#define GAN_TESTS_TAPE_FIXTURE_H

#include "gan/tape.h"

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

#endif
