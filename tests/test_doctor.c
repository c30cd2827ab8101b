/* SPDX-License-Identifier: MIT
 *
 * The doctor's rules on reports that are made up: what it says of each way to go wrong, that it says
 * nothing of healthy runs, when it says it again, and that its memory can be put away. */
#include "support.h"

#include "gan/doctor.h"

/* What a run looks like, from figures that change from window to window. */
typedef struct course {
    const char *name;
    int windows;                            /* of 100 steps */
    double real[12], fake[12], holdout[12]; /* scores; past the last window it stays */
    double auc[12], diversity[12], norm_g[12];
    int images;
    int logits;
} course;

static double figure(const double *of, int windows, int64_t step) {
    int64_t w = (step - 1) / 100;
    return of[w < windows ? w : windows - 1];
}

static gan_report report_of(const course *c, int64_t step) {
    double wobble = 1 + 0.05 * sin(1.7 * (double)step);
    gan_report r = {.step = step, .n_critic = 1, .d_loss = wobble, .g_loss = 2 * wobble};
    r.score_real = figure(c->real, c->windows, step) * wobble;
    r.score_fake = figure(c->fake, c->windows, step) * wobble;
    r.score_holdout = figure(c->holdout, c->windows, step);
    r.auc = figure(c->auc, c->windows, step);
    r.grad_norm_d = 20 * wobble, r.grad_norm_g = figure(c->norm_g, c->windows, step) * wobble;
    r.lr_d = r.lr_g = 2e-4;
    return r;
}

static gan_doctor *doctor_for(const course *c) {
    gan_doctor_options o = GAN_DOCTOR_OPTIONS_DEFAULTS;
    gan_doctor *d;
    o.batch = 64, o.images = c->images, o.logits = c->logits, o.chance = c->logits ? 2 * log(2) : 0;
    assert_int_equal(gan_doctor_create(&o, &d, NULL), GAN_OK);
    return d;
}

static int show(gan_doctor *d, const gan_report *r, double real, double fake, gan_finding *found) {
    gan_vitals v = {real, fake, 0.01, 0.01};
    return gan_doctor_look(d, r, gan_doctor_due(d, r->step) ? &v : NULL, found);
}

/* The first finding of `steps` steps; kind GAN_FINDING_KINDS: none. */
static gan_finding first(const course *c, int64_t steps) {
    gan_finding found[GAN_FINDING_KINDS], none = {.kind = GAN_FINDING_KINDS};
    gan_doctor *d = doctor_for(c);
    int n = 0;
    for (int64_t i = 1; i <= steps && !n; i++) {
        gan_report r = report_of(c, i);
        n = show(d, &r, 0.6, 0.6 * figure(c->diversity, c->windows, i), found);
    }
    gan_doctor_free(d);
    return n ? found[0] : none;
}

static void assert_first(const course *c, int64_t steps, gan_finding_kind kind, const char *text) {
    gan_finding f = first(c, steps);
    if (f.kind != kind)
        fail_msg("%s: %s at step %lld: %s", c->name, gan_finding_name(f.kind), (long long)f.step,
                 f.text);
    if (text && !strstr(f.text, text)) fail_msg("%s: '%s' lacks '%s'", c->name, f.text, text);
}

/* --- healthy courses: figures of real runs, see src/train/doctor.h --- */

static const course healthy[] = {
    {"faces",
     7,
     {1.1, 1.66, 2.23, 2.54, 3.1, 2.2, 2.9},
     {-0.8, -1.4, -2.1, -2.4, -2.8, -2, -2.5},
     {1.3, 2, 2.4, 2.6, 2.7, 1.6, 2.2},
     {0.95, 0.998, 1, 0.998, 1, 0.98, 0.998},
     {0.15, 0.34, 0.48, 0.66, 0.73, 0.82, 0.83},
     {11, 17, 21, 29, 30, 38, 31},
     2000,
     1},
    {"MNIST, slow to start",
     12,
     {2.1, 2.2, 3.1, 4.6, 5, 5.3, 5.7, 4.4, 3.4, 2.9, 2.6, 2},
     {0.2, 0, -0.8, -1.2, -2, -2.7, -3.2, -3.6, -3.1, -2.7, -2.5, -1.9},
     {2.4, 2.3, 4, 4.8, 5, 5.4, 5.6, 4, 3, 2.5, 2.4, 1.8},
     {0.99, 0.998, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.999},
     {0.14, 0.13, 0.04, 0.014, 0.012, 0.013, 0.013, 0.15, 0.35, 0.5, 0.6, 0.9},
     {1.5, 2.3, 4.8, 4.6, 8, 5, 4, 12, 19, 14, 9, 10},
     57000,
     1},
    {"wgan-gp",
     8,
     {17.8, 25.2, 24.7, 23.8, 20.7, 19.5, 17.5, 12.6},
     {7.2, 3.5, 2.4, 3, 2.5, 2.4, 3.5, 4.6},
     {19, 24, 25, 22, 20, 20, 17, 12},
     {0.93, 1, 1, 1, 1, 1, 0.999, 0.97},
     {0.1, 0.08, 0.1, 0.2, 0.32, 0.43, 0.63, 0.81},
     {57, 39, 17, 15, 12, 14, 19, 23},
     2000,
     0},
    {"mlp",
     4,
     {0.36, 0.15, 0.12, 0.15},
     {0.26, 0.12, 0.08, 0.1},
     {0.23, 0.13, 0.09, 0.1},
     {0.98, 0.83, 0.7, 0.65},
     {0.24, 0.33, 0.56, 0.72},
     {0.07, 0.09, 0.15, 0.6},
     57000,
     1},
};

static void healthy_courses_are_met_with_silence(void **state) {
    (void)state;
    for (int i = 0; i < COUNT(healthy); i++)
        assert_first(&healthy[i], 6000, GAN_FINDING_KINDS, NULL);
}

/* --- each way to go wrong --- */

static course spoilt(const char *name) {
    course c = healthy[0];
    c.name = name;
    return c;
}

static void data_is_looked_at_first(void **state) {
    gan_finding found[GAN_FINDING_KINDS];
    course c = spoilt("tiny");
    (void)state;
    c.images = 200;
    assert_first(&c, 1, GAN_FINDING_TINY, "200 images to train on, batches of 64");
    c.images = 500; /* 8 batches: tiny after a hundred passes */
    assert_first(&c, 781, GAN_FINDING_KINDS, NULL);
    assert_first(&c, 900, GAN_FINDING_TINY, "passes so far; try more images, --flip");
    gan_doctor *d = doctor_for(&healthy[0]);
    gan_report r = report_of(&healthy[0], 1);
    assert_int_equal(show(d, &r, 0.001, 0.1, found), 1);
    assert_int_equal(found[0].kind, GAN_FINDING_CONSTANT);
    assert_non_null(strstr(found[0].text, "they differ by 0.13 grey levels"));
    gan_doctor_free(d);
}

static void leaps_are_rates_that_are_too_high(void **state) {
    gan_finding found[GAN_FINDING_KINDS];
    gan_vitals v = {0.6, 0.1, 0.95, 0.01};
    (void)state;
    for (int which = 0; which < 4; which++) {
        gan_doctor *d = doctor_for(&healthy[0]);
        for (int i = 1; i <= 7; i++) {
            gan_report r = report_of(&healthy[0], i);
            if (i == 7 && which == 0) r.grad_norm_d = 1e5;
            if (i == 7 && which == 1) r.grad_norm_g = 1e6;
            if (i == 7 && which == 2) r.d_loss = -100;
            int n = gan_doctor_look(d, &r, which == 3 && i == 7 ? &v : NULL, found);
            assert_int_equal(n, i == 7);
        }
        assert_int_equal(found[0].kind, GAN_FINDING_RATE);
        assert_int_equal(found[0].step, 7);
        static const char *const says[] = {"discriminator's gradient is 1e+05, 4764 times 21",
                                           "generator's gradient is 1e+06, ",
                                           "discriminator's loss is 100, 72 times 1.39",
                                           "a step moves its weights by 0.95 of their size; try a "
                                           "lower --lr-g and --lr-d"};
        if (!strstr(found[0].text, says[which])) fail_msg("%s", found[0].text);
        gan_doctor_free(d);
    }
}

/* A critic that begins with large scores has been badly initialised; no rate has done that. */
static void a_large_start_is_no_leap(void **state) {
    gan_finding found[GAN_FINDING_KINDS];
    gan_doctor *d = doctor_for(&healthy[0]);
    (void)state;
    for (int i = 1; i <= 20; i++) {
        gan_report r = report_of(&healthy[0], i);
        r.d_loss = i == 20 ? 6200 : 200 - 10 * i;
        assert_int_equal(gan_doctor_look(d, &r, NULL, found), i == 20);
    }
    assert_int_equal(found[0].kind, GAN_FINDING_RATE);
    gan_doctor_free(d);
}

static void critics_that_win_are_saturated(void **state) {
    course c = spoilt("certain");
    (void)state;
    c.windows = 4;
    memcpy(c.real, (double[]){3.2, 5, 6, 6.5}, 4 * sizeof *c.real);
    memcpy(c.fake, (double[]){-3, -5, -5.7, -6.2}, 4 * sizeof *c.fake);
    memcpy(c.holdout, c.real, sizeof c.real);
    for (int i = 0; i < 4; i++) c.auc[i] = 1, c.diversity[i] = 0.12;
    assert_first(&c, 400, GAN_FINDING_SATURATED, "mean scores 6 of real and -5.7 of generated");
    assert_first(&c, 400, GAN_FINDING_SATURATED, "--n-critic or --lr-d, or a penalty");
    c = healthy[2]; /* wgan-gp: the gap does not narrow */
    c.name = "unbeaten";
    memcpy(c.real, (double[]){17, 50, 57, 60, 61, 61, 61, 61}, 8 * sizeof *c.real);
    memcpy(c.fake, (double[]){-1, -1, 0, -1, 0, 0, 0, 0}, 8 * sizeof *c.fake);
    memcpy(c.holdout, c.real, sizeof c.real);
    for (int i = 0; i < 8; i++) c.auc[i] = 1, c.diversity[i] = 0.12, c.norm_g[i] = 20;
    assert_first(&c, 700, GAN_FINDING_KINDS, NULL);
    assert_first(&c, 1000, GAN_FINDING_SATURATED, "ranked 100.0% of the pairs right");
    c = spoilt("vanished");
    for (int i = 0; i < c.windows; i++) c.norm_g[i] = i < 4 ? 10 : 0.001, c.auc[i] = 1;
    assert_first(&c, 500, GAN_FINDING_SATURATED,
                 "the generator's gradient is 0.0001 of what it was");
}

static void critics_that_say_nothing_are_dead(void **state) {
    course c = spoilt("dead");
    (void)state;
    for (int i = 4; i < c.windows; i++) {
        c.norm_g[i] = c.norm_g[0] / 1e4, c.auc[i] = 0.5;
        c.real[i] = c.fake[i] = c.holdout[i] = 0;
    }
    assert_first(&c, 500, GAN_FINDING_DEAD, "scores real images 0 and generated ones 0");
    assert_first(&c, 400, GAN_FINDING_KINDS, NULL);
    for (int i = 4; i < c.windows; i++)
        c.real[i] = c.holdout[i] = 5, c.fake[i] = -5; /* it says much */
    assert_first(&c, 1000, GAN_FINDING_KINDS, NULL);
}

static void collapses_are_told_by_diversity(void **state) {
    course c = spoilt("fallen");
    (void)state;
    c.diversity[5] = c.diversity[6] = 0.05;
    assert_first(&c, 700, GAN_FINDING_COLLAPSED,
                 "0.05 times as diverse as real ones, at best it was 0.73");
    assert_first(&c, 600, GAN_FINDING_KINDS, NULL); /* one look may be chance */
    c = spoilt("flat");
    for (int i = 0; i < c.windows; i++) c.diversity[i] = 0.02;
    assert_first(&c, 1000, GAN_FINDING_COLLAPSED, "try --mode-seeking 1, --stddev 4, --pack 2");
}

static void held_out_images_show_overfitting(void **state) {
    course c = spoilt("overfit");
    (void)state;
    for (int i = 3; i < c.windows; i++) c.holdout[i] = -1;
    assert_first(&c, 700, GAN_FINDING_OVERFIT, "it scores held-out ones -1,");
    assert_first(&c, 500, GAN_FINDING_KINDS, NULL);
}

static void turns_are_oscillation(void **state) {
    gan_finding found[GAN_FINDING_KINDS];
    (void)state;
    for (int period = 20; period <= 500; period *= 5) {
        gan_doctor *d = doctor_for(&healthy[0]);
        int n = 0;
        for (int64_t i = 1; i <= 2500 && !n; i++) {
            gan_report r = report_of(&healthy[0], i);
            r.auc = 0.5 + 0.45 * sin(6.283 * (double)i / period);
            n = show(d, &r, 0.6, 0.4, found);
        }
        assert_int_equal(n, 1);
        assert_int_equal(found[0].kind, GAN_FINDING_OSCILLATION);
        gan_doctor_free(d);
    }
    gan_doctor *d = doctor_for(&healthy[0]); /* of the beginning */
    for (int64_t i = 1; i <= 2500; i++) {
        gan_report r = report_of(&healthy[0], i);
        if (i < 500) r.auc = 0.5 + 0.45 * sin(6.283 * (double)i / 20);
        assert_int_equal(show(d, &r, 0.6, 0.4, found), 0);
    }
    gan_doctor_free(d);
    d = doctor_for(&healthy[0]); /* swings that die away */
    for (int64_t i = 1; i <= 1000; i++) {
        gan_report r = report_of(&healthy[0], i);
        r.auc = 0.5 + 0.5 * exp(-(double)i / 50) * sin((double)i / 5);
        assert_int_equal(show(d, &r, 0.6, 0.4, found), 0);
    }
    gan_doctor_free(d);
}

/* --- once, again, and after a pause --- */

static void nothing_is_repeated_without_need(void **state) {
    gan_finding found[GAN_FINDING_KINDS];
    course c = healthy[0];
    gan_doctor *d = doctor_for(&c);
    int64_t told[8];
    int n = 0;
    (void)state;
    for (int64_t i = 1; i <= 3000; i++) {
        gan_report r = report_of(&c, i);
        int bad = (i > 500 && i <= 900) || i > 1500;
        if (show(d, &r, 0.6, bad ? 0.03 : 0.48, found)) told[n++] = i;
    }
    assert_int_equal(n, 3);
    assert_int_equal(told[0], 700);  /* the second look that sees it */
    assert_int_equal(told[1], 1700); /* it had gone */
    assert_int_equal(told[2], 2700); /* it is still there */
    gan_doctor_free(d);
}

static void memory_can_be_put_away(void **state) {
    static double kept[256];
    gan_finding one[GAN_FINDING_KINDS], two[GAN_FINDING_KINDS];
    course c = healthy[0];
    gan_doctor *whole = doctor_for(&c), *half = doctor_for(&c);
    int count, said = 0;
    (void)state;
    for (int64_t i = 1; i <= 2500; i++) {
        gan_report r = report_of(&c, i);
        r.auc = i > 700 ? 0.5 + 0.45 * sin((double)i / 30) : r.auc;
        double fake = i > 1300 ? 0.01 : 0.5;
        if (i == 377 || i == 1401) { /* in the middle of a window; a new doctor */
            double *memory = gan_doctor_state(half, &count);
            assert_true(count <= 256);
            memcpy(kept, memory, (size_t)count * sizeof *kept);
            gan_doctor_free(half);
            half = doctor_for(&c);
            memcpy(gan_doctor_state(half, &count), kept, (size_t)count * sizeof *kept);
        }
        int n = show(whole, &r, 0.6, fake, one);
        assert_int_equal(show(half, &r, 0.6, fake, two), n);
        for (int k = 0; k < n; k++) assert_string_equal(one[k].text, two[k].text);
        said += n;
    }
    assert_true(said >= 2);
    gan_doctor_free(whole);
    gan_doctor_free(half);
}

static void what_is_not_known_does_no_harm(void **state) {
    gan_finding found[GAN_FINDING_KINDS];
    gan_doctor *d;
    gan_error err = {0};
    double nan = (double)NAN;
    (void)state;
    assert_int_equal(gan_doctor_create(NULL, &d, &err), GAN_OK);
    for (int64_t i = 1; i <= 2000; i++) {
        gan_report r = {.step = i, .n_critic = 1, .d_loss = nan, .g_loss = nan};
        r.score_real = r.score_fake = r.score_holdout = r.auc = nan;
        r.grad_norm_d = r.grad_norm_g = r.lr_d = r.lr_g = nan;
        gan_vitals v = GAN_VITALS_UNKNOWN;
        assert_int_equal(gan_doctor_look(d, &r, i % 2 ? &v : NULL, found), 0);
    }
    gan_doctor_free(d);
    gan_doctor_free(NULL);
    gan_doctor_options o = GAN_DOCTOR_OPTIONS_DEFAULTS;
    o.every = 0;
    assert_int_equal(gan_doctor_create(&o, &d, &err), GAN_EINVAL);
    assert_non_null(strstr(err.text, "windows of 0 steps, it must be 1 or more"));
    assert_null(d);
    assert_string_equal(gan_finding_name(GAN_FINDING_COLLAPSED), "collapsed-generator");
    assert_string_equal(gan_finding_name(GAN_FINDING_KINDS), "unknown");
}

static void diversity_is_the_mean_distance(void **state) {
    const gan_real images[] = {0, 0, 3, 4, 0, 0}; /* distances 5, 5 and 0 over sqrt(2) */
    (void)state;
    assert_true(fabs(gan_diversity(3, 2, images) - 10 / sqrt(2) / 3) < 1e-12);
    assert_true(gan_diversity(1, 6, images) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_courses_are_met_with_silence),
        cmocka_unit_test(data_is_looked_at_first),
        cmocka_unit_test(leaps_are_rates_that_are_too_high),
        cmocka_unit_test(a_large_start_is_no_leap),
        cmocka_unit_test(critics_that_win_are_saturated),
        cmocka_unit_test(collapses_are_told_by_diversity),
        cmocka_unit_test(critics_that_say_nothing_are_dead),
        cmocka_unit_test(held_out_images_show_overfitting),
        cmocka_unit_test(turns_are_oscillation),
        cmocka_unit_test(nothing_is_repeated_without_need),
        cmocka_unit_test(memory_can_be_put_away),
        cmocka_unit_test(what_is_not_known_does_no_harm),
        cmocka_unit_test(diversity_is_the_mean_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
