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

static gan_balance begin(gan_balance_options o) {
    gan_balance b;
    gan_error err = {0};
    if (gan_balance_start(&o, &b, &err)) fail_msg("%s", err.text);
    return b;
}

/* One that needs no lead to be overtaken. */
static gan_balance start(double min, double max, double target, int64_t window) {
    return begin((gan_balance_options){sizeof(gan_balance_options), min, max, target, window, 0});
}

static gan_balance start_patient(int64_t patience, int64_t window, double target) {
    return begin(
        (gan_balance_options){sizeof(gan_balance_options), 1, 5, target, window, patience});
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

static void see(gan_balance *b, double judgement, int times) {
    for (int i = 0; i < times; i++) gan_balance_look(b, judgement);
}

/* However the level moves, the steps given are the levels' sum, but for a rest below 1. */
static void steps_add_up(void **state) {
    gan_balance b = start(1, 4.5, 0.6, 7);
    double sum = 0, given = 0;
    int turns = 0;
    (void)state;
    for (int i = 0; i < 4000; i++) {
        double before = level(&b);
        int64_t n = (sum += before, gan_balance_next(&b));
        given += (double)n;
        assert_in_range(n, 1, 5);
        assert_true(sum - given > -1e-3 && sum - given < 1 + 1e-3);
        see(&b, i % 500 < 25 ? 0.2 : 1, 1);
        turns += level(&b) > 1 && level(&b) < before;
    }
    assert_true(turns > 2000);
}

/* One that is overtaken goes to max and stays, one that leads to min; in between nothing moves. */
static void bounds(void **state) {
    gan_balance b = start(2, 6, 0.75, 10);
    (void)state;
    assert_int_equal(gan_balance_next(&b), 2);
    see(&b, 0.75, 30);
    assert_true(level(&b) == 2);
    see(&b, 0.5, 300);
    assert_true(level(&b) == 6 && gan_balance_next(&b) == 6);
    see(&b, 0.97, 3000);
    assert_true(level(&b) == 6);
    see(&b, 1, 3000);
    assert_true(level(&b) == 2 && gan_balance_next(&b) == 2);
    see(&b, 0.97, 3000);
    assert_true(level(&b) == 2);
    b = start(3, 3, 0.9, 1);
    for (int i = 0; i < 10; i++) {
        gan_balance_look(&b, i % 2);
        assert_int_equal(gan_balance_next(&b), 3);
    }
}

/* Below 1 D is given a step now and then. */
static void less_than_one(void **state) {
    gan_balance b = start(0.25, 4, 0.75, 10);
    (void)state;
    for (int i = 0; i < 100; i++) assert_int_equal(gan_balance_next(&b), i % 4 == 3);
    see(&b, 0.6, 300);
    assert_true(level(&b) == 4);
    see(&b, 1, 3000);
    assert_true(level(&b) == 0.25);
}

/* The header's lines, in the numbers of a state, through swings that last for some steps. */
static void the_formula(void **state) {
    gan_balance b = start_patient(30, 10, 0.5);
    double a = 0.5, l = 1;
    int k = 0, rises = 0, falls = 0;
    gan_rng r = gan_rng_make(9, 9, 9);
    (void)state;
    for (int i = 0; i < 4000; i++) {
        double swing = 0.5 * sin(i / 60.0) + 0.6 * sin(i / 900.0);
        double seen = fmin(fmax(0.6 + swing + 0.1 * gan_rng_uniform(&r), 0), 1);
        gan_balance_look(&b, seen);
        a += (seen - a) / 10;
        if (a > 0.95)
            l -= 4 / 1000.0, k += k < 30, falls++;
        else if (a < 0.5 && k == 30)
            l += 4 / 50.0, rises++;
        l = fmin(fmax(l, 1), 5);
        assert_true(fabs((double)b.state[GAN_BALANCE_JUDGEMENT] - a) < 1e-5);
        assert_true((double)b.state[GAN_BALANCE_LEADS] == k);
        assert_true(fabs(level(&b) - l) < 1e-3);
    }
    assert_true(rises > 100 && falls > 100);
}

/* One that never led is beginning, whatever it ranks; one that led for as long as patience wants is
 * not, and need not have led in one go. */
static void patience(void **state) {
    gan_balance b = start_patient(10, 1, 0.5);
    (void)state;
    for (int i = 0; i < 1000; i++) {
        see(&b, i % 2 ? 0.95 : 0.2, 1);
        assert_true(level(&b) == 1);
    }
    for (int i = 0; i < 9; i++) {
        see(&b, 0.96, 1);
        see(&b, 0.2, 3);
        assert_true(level(&b) == 1);
    }
    see(&b, 1, 1);
    see(&b, 0.2, 1);
    assert_true(fabs(level(&b) - 1.8) < 1e-6);
    see(&b, 0.6, 100);
    assert_true(fabs(level(&b) - 1.8) < 1e-6);
    see(&b, 0.96, 10);
    assert_true(fabs(level(&b) - 1.4) < 1e-6);
    see(&b, 0.2, 5);
    assert_true(level(&b) == 5);
}

/* A single batch that is ranked poorly is chance, not a swing. */
static void one_poor_batch(void **state) {
    gan_balance b = start_patient(0, 10, 0.5);
    (void)state;
    see(&b, 0.7, 50);
    see(&b, 0, 2);
    assert_true(level(&b) == 1);
    see(&b, 0, 2);
    assert_true(level(&b) > 1);
}

/* By default chance is no reason: ranks of a hundred images each, none better than another. */
static void chance(void **state) {
    gan_balance b = begin(GAN_BALANCE_DEFAULTS);
    gan_rng r = gan_rng_make(7, 7, 7);
    gan_real real[100], fake[100];
    (void)state;
    see(&b, 1, 200);
    for (int i = 0; i < 3000; i++) {
        for (int k = 0; k < 100; k++)
            real[k] = (gan_real)gan_rng_uniform(&r), fake[k] = (gan_real)gan_rng_uniform(&r);
        see(&b, gan_balance_judgement(real, 100, fake, 100), 1);
    }
    assert_true(level(&b) == 1);
    see(&b, 0.3, 20);
    assert_true(level(&b) > 2);
}

/* What is not known moves nothing. */
static void what_is_not_known(void **state) {
    gan_balance b = start(1, 5, 0.95, 20);
    (void)state;
    see(&b, 0.6, 50);
    assert_true(level(&b) > 2 && level(&b) < 4);
    const gan_balance before = b;
    see(&b, (double)NAN, 50);
    see(&b, INFINITY, 1);
    assert_memory_equal(b.state, before.state, sizeof b.state);
}

/* A bound that no float is equal to is a level like any other. */
static void a_bound_between_floats(void **state) {
    gan_balance b = start(0.1, 5, 0.75, 1);
    (void)state;
    see(&b, 1, 10);
    assert_true(b.state[GAN_BALANCE_LEVEL] == (gan_real)0.1);
    see(&b, 0.7, 1);
    assert_true(fabs(level(&b) - 1.08) < 1e-6);
}

/* Its state is all that has to be kept. */
static void a_copy_goes_on_alike(void **state) {
    gan_rng r = gan_rng_make(5, 5, 5);
    gan_balance a = start_patient(40, 2, 0.5), b;
    double most = 1;
    (void)state;
    for (int i = 0; i < 400; i++) {
        double seen = i % 50 < 4 ? 0.3 * gan_rng_uniform(&r) : 0.95 + 0.05 * gan_rng_uniform(&r);
        if (i % 50 == 0) {
            b = start_patient(40, 2, 0.5);
            memcpy(b.state, a.state, sizeof b.state);
        }
        assert_int_equal(gan_balance_next(&a), gan_balance_next(&b));
        gan_balance_look(&a, seen);
        gan_balance_look(&b, seen);
        assert_memory_equal(a.state, b.state, sizeof a.state);
        most = fmax(most, level(&a));
    }
    assert_true(most > 1.5 && most < 5);
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
    static const double targets[] = {-0.25, 0, 1, 1.5};
    for (int i = 0; i < 4; i++) {
        char text[64];
        o = GAN_BALANCE_DEFAULTS, o.target = targets[i];
        snprintf(text, sizeof text, "balance with target %g: between 0 and 1", targets[i]);
        assert_refused(o, text);
    }
    o.target = (double)NAN;
    assert_refused(o, "balance with target nan: between 0 and 1");
    o.target = 0.75, o.window = 0;
    assert_refused(o, "balance with a window of 0 steps: 1 to 10000");
    o.window = 10001;
    assert_refused(o, "balance with a window of 10001 steps: 1 to 10000");
    o.window = 1, o.patience = -1;
    assert_refused(o, "balance with a patience of -1 steps: 0 to 1000000");
    o.patience = 1000001;
    assert_refused(o, "balance with a patience of 1000001 steps: 0 to 1000000");
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
        cmocka_unit_test(patience),
        cmocka_unit_test(one_poor_batch),
        cmocka_unit_test(chance),
        cmocka_unit_test(what_is_not_known),
        cmocka_unit_test(a_bound_between_floats),
        cmocka_unit_test(a_copy_goes_on_alike),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
