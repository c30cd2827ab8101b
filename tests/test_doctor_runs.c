/* SPDX-License-Identifier: MIT
 *
 * Small runs that are spoilt on purpose, and healthy ones: the right thing is said first, or nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "disc_runs.h"

static int before_step(void *user, gan_trainer *tr) {
    seen *s = user;
    if (s->spoil && gan_trainer_steps(tr) + 1 >= s->spoil_at) s->spoil(tr);
    return 0;
}

static gan_status train(seen *s, gan_dataset *data, const char *const *settings, gan_error *err) {
    gan_callbacks call = {.user = s, .before_step = before_step, .on_finding = on_finding};
    gen_run r;
    open_on(&r, data, settings);
    gan_status status = gan_run(r.tr, at("run"), 0, &call, err);
    gen_close(&r);
    remove_run("run");
    return status;
}

static void healthy_runs_are_met_with_silence(void **state) {
    static const char *const runs[][8] = {{"steps", "1500", NULL},
                                          {"steps", "400", "loss", "wgan-gp", NULL},
                                          {"steps", "400", "loss", "wgan", "arch", "mlp", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        seen s = {0};
        gan_error err = {0};
        ok(train(&s, discs(MANY, 0), runs[i], &err), &err);
        assert_said(&s, GAN_FINDING_KINDS);
    }
}

static void rates_too_high(void **state) {
    static const char *const runs[][10] = {
        {"steps", "50", "lr-g", "0.5", "lr-d", "0.5", NULL},
        {"steps", "50", "lr-g", "0.2", "lr-d", "0.2", "loss", "wgan-gp", NULL},
        {"steps", "50", "lr-g", "50", "lr-d", "50", "optimizer", "sgd", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        seen s = {0};
        (void)train(&s, discs(MANY, 0), runs[i], NULL);
        assert_said(&s, GAN_FINDING_RATE);
    }
}

static void critics_a_hundred_times_stronger(void **state) {
    static const char *const runs[][8] = {
        {"steps", "1500", "lr-d", "0.001", "lr-g", "0.00001", NULL},
        {"steps", "150", "n-critic", "100", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        seen s = {0};
        gan_error err = {0};
        ok(train(&s, discs(MANY, 0), runs[i], &err), &err);
        assert_said(&s, GAN_FINDING_SATURATED);
    }
}

/* The generator does not hear the noise any more: of its last layer the bias alone is left. (Weights in
 * front of a norm would not do: it makes the little that a step gives them large again.) */
static void deafen(gan_trainer *tr) {
    const gan_parameters *p = gan_generator_parameters(gan_trainer_generator(tr));
    int i = p->count - 1;
    while (gan_tensor_rank(p->item[i].value) < 2) i--;
    gan_tensor *w = p->item[i].value;
    memset(gan_tensor_edit(w), 0, (size_t)gan_tensor_size(w) * sizeof(gan_real));
}

static void generators_that_collapse(void **state) {
    static const char *const settings[] = {"steps", "900", NULL};
    seen s = {.spoil_at = 801, .spoil = deafen};
    gan_error err = {0};
    (void)state;
    ok(train(&s, discs(MANY, 0), settings, &err), &err);
    assert_said(&s, GAN_FINDING_COLLAPSED);
    assert_int_equal(s.first.step, 850);
}

static void values_that_are_not_finite(void **state) {
    static const char *const settings[] = {"steps", "40", NULL};
    seen s = {.spoil_at = 31, .spoil = poison};
    gan_error err = {0};
    (void)state;
    assert_int_equal(train(&s, discs(MANY, 0), settings, &err), GAN_EDIVERGED);
    assert_said(&s, GAN_FINDING_NOT_FINITE);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.first.step, 31);
    assert_string_equal(s.first.text, err.text);
    assert_non_null(strstr(err.text, "try a lower learning rate"));
}

static void data_that_cannot_teach(void **state) {
    static const char *const settings[] = {"steps", "30", NULL};
    (void)state;
    for (int constant = 0; constant < 2; constant++) {
        seen s = {0};
        gan_error err = {0};
        ok(train(&s, discs(constant ? MANY : 40, constant), settings, &err), &err);
        assert_said(&s, constant ? GAN_FINDING_CONSTANT : GAN_FINDING_TINY);
        assert_int_equal(s.first.step, 1);
    }
}

static void no_doctor_says_nothing(void **state) {
    static const char *const settings[] = {"steps", "30", "doctor-every", "0", NULL};
    seen s = {0};
    gan_error err = {0};
    (void)state;
    ok(train(&s, discs(40, 1), settings, &err), &err);
    assert_int_equal(s.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_runs_are_met_with_silence),
        cmocka_unit_test(rates_too_high),
        cmocka_unit_test(critics_a_hundred_times_stronger),
        cmocka_unit_test(generators_that_collapse),
        cmocka_unit_test(values_that_are_not_finite),
        cmocka_unit_test(data_that_cannot_teach),
        cmocka_unit_test(no_doctor_says_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
