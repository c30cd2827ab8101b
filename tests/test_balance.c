/* SPDX-License-Identifier: MIT
 *
 * The balance: the judgement against one by ranks, and how the number of discriminator steps
 * follows it. */
#include "support.h"

#include <stdlib.h>

#include "gan/balance.h"

/* --- the judgement --- */

static int by_value(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (x[0] > y[0]) - (x[0] < y[0]);
}

/* Mann and Whitney's U by the ranks of all scores together, ties sharing the mean of their ranks:
 * U / (n m). */
static double by_ranks(const gan_real *real, int n, const gan_real *fake, int m) {
    static double all[128][2]; /* score, is it real */
    double ranks = 0;
    for (int i = 0; i < n; i++) all[i][0] = (double)real[i], all[i][1] = 1;
    for (int i = 0; i < m; i++) all[n + i][0] = (double)fake[i], all[n + i][1] = 0;
    qsort(all, (size_t)(n + m), sizeof *all, by_value);
    for (int i = 0, end; i < n + m; i = end) {
        double reals = 0;
        for (end = i; end < n + m && all[end][0] == all[i][0]; end++) reals += all[end][1];
        ranks += reals * (i + 1 + end) / 2; /* ranks i + 1 to end */
    }
    return (ranks - n * (n + 1) / 2.0) / (n * m);
}

static void known_judgements(void **state) {
    (void)state;
    const gan_real *low = VALUES(-3, -2, -1), *high = VALUES(1, 2, 3), *same = VALUES(5, 5);
    assert_true(gan_balance_judgement(high, 3, low, 3) == 1);
    assert_true(gan_balance_judgement(low, 3, high, 3) == 0);
    assert_true(gan_balance_judgement(same, 2, same, 2) == 0.5);
    assert_true(gan_balance_judgement(VALUES(1), 1, VALUES(1, 0, 2, 0), 4) == 0.625);
}

/* Few different values, so that many are equal; and of scale and shift nothing depends. */
static void judgements_by_ranks(void **state) {
    gan_rng r = gan_rng_make(1, 2, 3);
    gan_real real[64], fake[64];
    (void)state;
    for (int i = 0; i < 500; i++) {
        int n = 1 + (int)gan_rng_below(&r, 64), m = 1 + (int)gan_rng_below(&r, 64);
        fill_whole(&r, real, n, i % 7);
        fill_whole(&r, fake, m, i % 5);
        double a = gan_balance_judgement(real, (size_t)n, fake, (size_t)m);
        assert_true(fabs(a - by_ranks(real, n, fake, m)) < 1e-12);
        for (int k = 0; k < n; k++) real[k] = 8 * real[k] - 3;
        for (int k = 0; k < m; k++) fake[k] = 8 * fake[k] - 3;
        assert_true(a == gan_balance_judgement(real, (size_t)n, fake, (size_t)m));
        double back = gan_balance_judgement(fake, (size_t)m, real, (size_t)n);
        assert_true(fabs(a + back - 1) < 1e-12);
    }
}

/* --- the rule --- */

static gan_balance start(double min, double max, double target, int64_t window) {
    gan_balance_options o = GAN_BALANCE_DEFAULTS;
    gan_balance b;
    gan_error err = {0};
    o.min = min, o.max = max, o.target = target, o.window = window, o.patience = 0;
    if (gan_balance_start(&o, &b, &err)) fail_msg("%s", err.text);
    return b;
}

static double level(const gan_balance *b) {
    return (double)b->state[GAN_BALANCE_LEVEL];
}

/* What is left of a level is kept for the next step. */
static void a_level_between_whole_numbers(void **state) {
    gan_balance b = start(1, 5, 0.75, 50);
    (void)state;
    b.state[GAN_BALANCE_LEVEL] = (gan_real)1.5;
    for (int i = 0; i < 100; i++) assert_int_equal(gan_balance_next(&b), 1 + i % 2);
    b.state[GAN_BALANCE_LEVEL] = (gan_real)2.25;
    for (int i = 0; i < 100; i++) assert_int_equal(gan_balance_next(&b), i % 4 == 3 ? 3 : 2);
}

/* However the level moves, the steps given are the levels' sum, but for a rest below 1. */
static void steps_add_up(void **state) {
    gan_rng r = gan_rng_make(3, 2, 1);
    gan_balance b = start(1, 4.5, 0.6, 7);
    double sum = 0, given = 0;
    (void)state;
    for (int i = 0; i < 2000; i++) {
        int64_t n = (sum += level(&b), gan_balance_next(&b));
        given += (double)n;
        assert_in_range(n, 1, 5);
        assert_true(sum - given > -1e-3 && sum - given < 1 + 1e-3);
        gan_balance_look(&b, gan_rng_uniform(&r), gan_rng_uniform(&r) - 0.5);
        assert_true(level(&b) >= 1 && level(&b) <= 4.5);
    }
}

/* A blind one goes to max and stays, a perfect one to min; on target nothing moves. */
static void bounds(void **state) {
    gan_balance b = start(2, 6, 0.75, 10);
    (void)state;
    assert_int_equal(gan_balance_next(&b), 2);
    for (int i = 0; i < 30; i++) gan_balance_look(&b, 0.75, NAN);
    assert_true(level(&b) == 2);
    for (int i = 0; i < 300; i++) gan_balance_look(&b, 0.5, 0.1);
    assert_true(level(&b) == 6);
    for (int i = 0; i < 300; i++) {
        double before = level(&b);
        gan_balance_look(&b, 1, NAN);
        assert_true(level(&b) <= before);
    }
    assert_true(level(&b) == 2);
    assert_int_equal(gan_balance_next(&b), 2);
    for (int i = 0; i < 300; i++) gan_balance_look(&b, 0.5, 0.1);
    assert_true(level(&b) == 6);
    b = start(3, 3, 1, 1);
    for (int i = 0; i < 10; i++) {
        gan_balance_look(&b, i % 2, NAN);
        assert_int_equal(gan_balance_next(&b), 3);
    }
}

/* Below 1 D is given a step now and then. */
static void less_than_one(void **state) {
    gan_balance b = start(0.25, 4, 0.75, 10);
    (void)state;
    for (int i = 0; i < 100; i++) assert_int_equal(gan_balance_next(&b), i % 4 == 3);
    for (int i = 0; i < 300; i++) gan_balance_look(&b, 0.6, 0.1);
    assert_true(level(&b) == 4);
    for (int i = 0; i < 300; i++) gan_balance_look(&b, 1, NAN);
    assert_true(level(&b) == 0.25);
}

/* The header's lines, in the numbers of a state. */
static void the_formula(void **state) {
    gan_balance b = start(1, 5, 0.75, 50);
    double a = 0.75, s = 0.01, l = 1;
    gan_rng r = gan_rng_make(9, 9, 9);
    (void)state;
    for (int i = 0; i < 1000; i++) {
        double seen = 0.5 + 0.5 * gan_rng_uniform(&r);
        double gain = 3 * gan_rng_uniform(&r) - 1.5;
        gan_balance_look(&b, seen, gain);
        a += (seen - a) / 50;
        s += (fmin(fmax(gain, -1), 1) - s) / 50;
        l += (0.75 - a) * 4 / 50 * (a > 0.75 || s > 0 ? 1 : -1);
        l = fmin(fmax(l, 1), 5);
        assert_true(fabs((double)b.state[GAN_BALANCE_JUDGEMENT] - a) < 1e-5);
        assert_true(fabs(level(&b) - l) < 1e-3);
    }
}

/* A poor judgement that more steps do not better is no reason for them. */
static void steps_in_vain_are_saved(void **state) {
    gan_balance b = start(1, 5, 0.95, 20);
    (void)state;
    for (int i = 0; i < 400; i++) gan_balance_look(&b, 0.6, -0.01);
    assert_true(level(&b) == 1);
    for (int i = 0; i < 400; i++) gan_balance_look(&b, 0.6, 0.2);
    assert_true(level(&b) == 5);
    for (int i = 0; i < 400; i++) gan_balance_look(&b, 0.99, 0.2);
    assert_true(level(&b) < 5);
}

/* A single step shows no slope: that more might help is tried again, and a judgement that is not
 * known stays what it was. */
static void what_is_not_known_is_tried(void **state) {
    gan_balance b = start(1, 5, 0.95, 20);
    (void)state;
    for (int i = 0; i < 400; i++) gan_balance_look(&b, 0.6, -0.2);
    assert_true(level(&b) == 1 && (double)b.state[GAN_BALANCE_GAIN] < -0.19);
    gan_real judgement = b.state[GAN_BALANCE_JUDGEMENT];
    for (int i = 0; i < 400; i++) gan_balance_look(&b, NAN, NAN);
    assert_true(b.state[GAN_BALANCE_JUDGEMENT] == judgement);
    assert_true(level(&b) == 5 && fabs((double)b.state[GAN_BALANCE_GAIN] - 0.01) < 1e-4);
    for (int i = 0; i < 400; i++) gan_balance_look(&b, 0.6, i % 2 ? -0.2 : (double)NAN);
    assert_true(level(&b) == 1);
    gan_balance_look(&b, 0.6, -INFINITY);
    assert_true((double)b.state[GAN_BALANCE_GAIN] > -0.2);
}

/* Of one that steps do gain something. */
static void see(gan_balance *b, double judgement, int times) {
    for (int i = 0; i < times; i++) gan_balance_look(b, judgement, 0.1);
}

static gan_balance start_patient(int64_t patience) {
    gan_balance_options o = GAN_BALANCE_DEFAULTS;
    gan_balance b;
    o.target = 0.75, o.window = 1, o.patience = patience;
    assert_int_equal(gan_balance_start(&o, &b, NULL), GAN_OK);
    return b;
}

/* A judgement that is poor gets nothing until its average over so many steps is, which begins at 1: with
 * 10 steps of 0.5 (1 + 0.9^n) / 2 < 0.75 takes 7. A level that is up goes down at once. */
static void patience(void **state) {
    gan_balance b = start_patient(10);
    (void)state;
    see(&b, 0.5, 6);
    assert_true(level(&b) == 1);
    see(&b, 0.5, 1);
    assert_true(level(&b) == 2);
    see(&b, 0.5, 1);
    assert_true(level(&b) == 3);
    see(&b, 1, 1);
    assert_true(level(&b) == 2);
    see(&b, 0.5, 1);
    assert_true(level(&b) == 3);
    see(&b, 1, 20);
    assert_true(level(&b) == 1);
    see(&b, 0.5, 1); /* its average is good again */
    assert_true(level(&b) == 1);
    see(&b, 0.24, 1); /* as sure as it should be, of the wrong side: it is behind */
    assert_true(fabs(level(&b) - 3.04) < 1e-6);
    see(&b, 0.26, 1);
    assert_true(fabs(level(&b) - 3.04) < 1e-6);
    gan_balance_options o = GAN_BALANCE_DEFAULTS;
    o.patience = -1;
    assert_int_equal(gan_balance_start(&o, &b, NULL), GAN_EINVAL);
}

/* One that is poor in half of its steps lags as well: a good one now and then is no new beginning. */
static void one_that_swings(void **state) {
    gan_balance b = start_patient(100);
    int up = 0;
    (void)state;
    for (int i = 0; i < 400; i++) {
        see(&b, i % 20 < 10 ? 0.4 : 0.9, 1);
        up += level(&b) > 1;
        assert_true(i > 40 || !up);
    }
    assert_true(up > 100);
}

/* Poor looks until the level is up. */
static int waits(gan_balance *b) {
    int n = 0;
    for (; level(b) == 1 && n < 100000; n++) see(b, 0.5, 1);
    return n;
}

/* A lead that lasts as long as patience is given up, and patience is twice as long; one that ends before
 * leaves it as it is. */
static void leads_end(void **state) {
    gan_balance b = start_patient(10);
    (void)state;
    for (int p = 10; p <= 80; p *= 2) {
        int steps = (int)ceil(log(0.5) / log(1 - 1.0 / p));
        assert_int_equal(waits(&b), steps);
        see(&b, 1, 5 * p);
        assert_true(level(&b) == 1);
        assert_in_range(waits(&b), steps - 1, steps);
        see(&b, 0.5, 9);
        assert_true(level(&b) == 5);
        see(&b, 0.5, 1);
        assert_true(level(&b) == 1);
        assert_true((double)b.state[GAN_BALANCE_PATIENCE] == 2 * p);
    }
    see(&b, 0.5, 10000000);
    assert_true((double)b.state[GAN_BALANCE_PATIENCE] == GAN_LONGEST_PATIENCE);
    b = start_patient(0);
    see(&b, 0.5, 1000);
    assert_true(level(&b) == 5);
}

/* A bound that no float is equal to is a level without a lead: patience ends as with any other, after 18
 * steps of 0.7, from which its average begins at 1 to fall below 0.75. */
static void a_bound_between_floats(void **state) {
    gan_balance_options o = GAN_BALANCE_DEFAULTS;
    gan_balance b;
    (void)state;
    o.min = 0.1, o.target = 0.75, o.window = 1, o.patience = 10;
    assert_int_equal(gan_balance_start(&o, &b, NULL), GAN_OK);
    see(&b, 0.7, 17);
    assert_true(b.state[GAN_BALANCE_LEVEL] == (gan_real)0.1);
    see(&b, 0.7, 1);
    assert_true(level(&b) > 0.2);
}

/* Its state is all that has to be kept. */
static void a_copy_goes_on_alike(void **state) {
    gan_rng r = gan_rng_make(5, 5, 5);
    gan_balance a = start(1, 5, 0.75, 20), b;
    (void)state;
    for (int i = 0; i < 400; i++) {
        double seen = gan_rng_uniform(&r);
        if (i % 50 == 0) {
            b = start(1, 5, 0.75, 20);
            memcpy(b.state, a.state, sizeof b.state);
        }
        assert_int_equal(gan_balance_next(&a), gan_balance_next(&b));
        gan_balance_look(&a, seen, seen - 0.4);
        gan_balance_look(&b, seen, seen - 0.4);
        assert_memory_equal(a.state, b.state, sizeof a.state);
    }
}

/* --- refused --- */

static void assert_refused(gan_balance_options o, const char *text) {
    gan_balance b;
    gan_error err = {0};
    assert_int_equal(gan_balance_start(&o, &b, &err), GAN_EINVAL);
    assert_string_equal(err.text, text);
}

static void refused(void **state) {
    gan_balance_options o = GAN_BALANCE_DEFAULTS;
    (void)state;
    o.size = 0;
    assert_refused(o, "start the options from GAN_BALANCE_DEFAULTS");
    o = GAN_BALANCE_DEFAULTS, o.min = 0;
    assert_refused(o, "balance from 0 to 5 D steps: 0.01 to 1e6, in order");
    o.min = 6;
    assert_refused(o, "balance from 6 to 5 D steps: 0.01 to 1e6, in order");
    o.min = 1, o.max = (double)NAN;
    assert_refused(o, "balance from 1 to nan D steps: 0.01 to 1e6, in order");
    o = GAN_BALANCE_DEFAULTS, o.target = 0.25;
    assert_refused(o, "balance with target 0.25 and window 50: 0.5 to 1, and 1 or more");
    o.target = 0.75, o.window = 0;
    assert_refused(o, "balance with target 0.75 and window 0: 0.5 to 1, and 1 or more");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_judgements),
        cmocka_unit_test(judgements_by_ranks),
        cmocka_unit_test(a_level_between_whole_numbers),
        cmocka_unit_test(steps_add_up),
        cmocka_unit_test(bounds),
        cmocka_unit_test(less_than_one),
        cmocka_unit_test(the_formula),
        cmocka_unit_test(steps_in_vain_are_saved),
        cmocka_unit_test(what_is_not_known_is_tried),
        cmocka_unit_test(patience),
        cmocka_unit_test(one_that_swings),
        cmocka_unit_test(leads_end),
        cmocka_unit_test(a_bound_between_floats),
        cmocka_unit_test(a_copy_goes_on_alike),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
