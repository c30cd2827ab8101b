/* SPDX-License-Identifier: MIT
 *
 * Settings that do not go together, or that a program has put into the fields itself: each is refused
 * by name, with the remedy. */
#include "config_set.h"

#include "gan/penalty.h"

static void assert_unresolved(gan_config c, gan_status code, const char *message) {
    gan_error err = {0};
    assert_int_equal(gan_config_resolve(&c, &err), code);
    assert_string_equal(err.text, message);
}

static void combinations_are_checked(void **state) {
    gan_config c = fresh();
    (void)state;
    set(&c, "loss", "hinges");
    assert_unresolved(c, GAN_EINVAL,
                      "--loss: there is no loss 'hinges'; known: standard, lsgan, hinge, "
                      "relativistic, wgan, wgan-gp");
    set(&c, "loss", "wgan-gp");
    set(&c, "norm-d", "batch");
    assert_unresolved(c, GAN_EMODEL,
                      "--norm-d batch: batch norm mixes the images of a batch, and --penalty "
                      "gp:10 is on the gradient of each; use layer, instance or none");
    set(&c, "norm-d", "layer");
    set(&c, "channels", "2");
    assert_unresolved(c, GAN_EINVAL, "--channels is 2; it must be 1 (grey) or 3 (colour)");
    set(&c, "channels", "1");
    set(&c, "n-critic", "5@1");
    assert_unresolved(c, GAN_EINVAL,
                      "--n-critic: schedule '5@1': the first piece must start at step 0 at '5@1'; "
                      "write 5, or 5@0,1@2000, or linear(2e-4->0, 5000..20000)");
    set(&c, "n-critic", "5@0,0@7");
    assert_unresolved(
        c, GAN_EINVAL,
        "--n-critic: 0 D steps a G step; it must be a whole number, or from 0.01 to 1");
    set(&c, "n-critic", "1.5");
    assert_unresolved(
        c, GAN_EINVAL,
        "--n-critic: 1.5 D steps a G step; it must be a whole number, or from 0.01 to "
        "1");
    set(&c, "n-critic", "auto");
    set(&c, "balance-min", "7");
    assert_unresolved(c, GAN_EINVAL, "--balance-max 5 is below --balance-min 7");
    c.size = 1;
    assert_unresolved(c, GAN_EINVAL, "start the config with gan_config_init()");
}

static void assert_together(const char *const *settings, const char *message) {
    gan_config c = fresh();
    for (; *settings; settings += 2) set(&c, settings[0], settings[1]);
    assert_unresolved(c, GAN_EINVAL, message);
}

static void what_makes_no_sense_together_is_named(void **state) {
    (void)state;
    assert_together((const char *const[]){"loss", "wgan", "penalty", "r1:1", NULL},
                    "--penalty r1:1 with --loss wgan, which bounds its critic by clipping weights; "
                    "use --loss wgan-gp");
    assert_together((const char *const[]){"penalty", "drift:1", "penalty-every", "4", NULL},
                    "--penalty-every 4: --penalty drift:1 has nothing to be lazy with, no penalty "
                    "on a gradient");
    assert_together((const char *const[]){"loss", "hinge", "saturating", "true", NULL},
                    "--saturating: loss hinge has no such form");
    assert_together((const char *const[]){"loss", "wgan-gp", "smooth", "0.1", NULL},
                    "--smooth 0.1: loss wgan-gp has no target for real images to smooth");
    assert_together((const char *const[]){"loss", "wgan", "spectral-d", "true", NULL},
                    "--spectral-d with --loss wgan: clipped weights mean nothing when they are "
                    "normalised; use another loss");
    assert_together((const char *const[]){"pack", "3", NULL},
                    "--batch 64 is no multiple of --pack 3");
    assert_together((const char *const[]){"pack", "4", "batch", "4", "stddev", "4", NULL},
                    "--stddev: a batch of 4 in packs of 4 has nothing to compare");
    assert_together((const char *const[]){"stddev", "1", NULL},
                    "--stddev 1: a batch of 64 in packs of 1 cannot be cut into equal groups of "
                    "2 or more up to that; use a larger --stddev or another --batch");
    assert_together((const char *const[]){"stddev", "4", "batch", "14", "pack", "2", NULL},
                    "--stddev 4: a batch of 14 in packs of 2 cannot be cut into equal groups of "
                    "2 or more up to that; use a larger --stddev or another --batch");
    assert_together((const char *const[]){"batch", "1", "mode-seeking", "1", NULL},
                    "--mode-seeking compares images: --batch must be 2 or more");
}

/* Penalties as text: what cannot be read is shown at its place. */
static void penalties_are_read(void **state) {
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"r3:1", "there is no penalty 'r3'; known: gp, gp0, r1, r2, dragan, dragan0, drift"},
        {"r1", "'r1' is not NAME:WEIGHT; write gp:0.5, or none"},
        {"", "'' is not NAME:WEIGHT; write gp:0.5, or none"},
        {"r1:1+r1:2", "penalty r1 is there twice"},
        {"r1:-1",
         "the weight of r1: schedule '-1': a number of 0 or more is wanted at '-1'; write 5, or "
         "5@0,1@2000, or linear(2e-4->0, 5000..20000)"},
    };
    (void)state;
    for (int i = 0; i < COUNT(bad); i++) {
        char want[GAN_TEXT];
        snprintf(want, sizeof want, "--penalty '%s': %s", bad[i].text, bad[i].why);
        assert_together((const char *const[]){"penalty", bad[i].text, NULL}, want);
    }
    gan_penalties p;
    assert_int_equal(gan_penalties_parse("r1:1e+1@0,0.5@3+drift:linear(1->0, 10)", &p, NULL), 0);
    assert_int_equal(p.count, 2);
    assert_true(gan_schedule_at(&p.item[0].weight, 0) == 10);
    assert_true(gan_schedule_at(&p.item[0].weight, 3) == 0.5);
    assert_true(gan_schedule_at(&p.item[1].weight, 5) == 0.5);
    assert_true(gan_penalties_per_image(&p));
    assert_int_equal(gan_penalties_parse("drift:1", &p, NULL), 0);
    assert_false(gan_penalties_per_image(&p));
    assert_int_equal(gan_penalties_parse("none", &p, NULL), 0);
    assert_int_equal(p.count, 0);
}

/* Of a long value only the beginning is shown. */
static void long_texts_leave_room_for_the_remedy(void **state) {
    static const struct {
        const char *name, *remedy;
    } rows[] = {{"penalty", "; write gp:0.5, or none"},
                {"n-critic", "; write 5, or 5@0,1@2000, or linear(2e-4->0, 5000..20000)"},
                {"noise", "; write 5, or 5@0,1@2000, or linear(2e-4->0, 5000..20000)"},
                {"steps", "; it must be a whole number from 0 to 1000000000000000"},
                {"norm-d", "; it must be one of auto, batch, layer, instance, none"},
                {"size", "; write 64, or 48x64 for height x width"}};
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_config c = fresh();
        gan_error err = {0};
        char text[GAN_TEXT] = "";
        int kept = !strcmp(rows[i].name, "n-critic") ? GAN_SCHEDULE_TEXT : GAN_TEXT;
        memset(text, 'x', (size_t)kept - 1);
        gan_status s = gan_config_set(&c, rows[i].name, text, &err);
        if (!s) s = gan_config_resolve(&c, &err);
        assert_int_equal(s, GAN_EINVAL);
        if (!strstr(err.text, rows[i].remedy)) fail_msg("%s: %s", rows[i].name, err.text);
    }
}

/* What a program has put into the fields itself. */
static void fields_are_checked_too(void **state) {
    gan_config c = fresh();
    (void)state;
    c.batch = 0;
    assert_unresolved(c, GAN_EINVAL, "--batch is '0'; it must be a whole number from 1 to 1000000");
    c = fresh(), c.norm_g = 77;
    assert_unresolved(c, GAN_EINVAL,
                      "--norm-g is '77'; it must be one of auto, batch, layer, instance, none");
    c = fresh(), c.optimizer = -9;
    assert_unresolved(c, GAN_EINVAL, "--optimizer is '-9'; it must be one of adam, rmsprop, sgd");
    c = fresh(), strcpy(c.smooth, "-1");
    assert_unresolved(c, GAN_EINVAL, "--smooth is '-1'; it must be a number from 0 to 0.5");
    c = fresh(), strcpy(c.lr_d, "nan");
    assert_unresolved(c, GAN_EINVAL, "--lr-d is 'nan'; it must be a number from 0 to 1000");
    c = fresh(), c.height = 0;
    assert_unresolved(c, GAN_EINVAL, "--size is '0x64'; write 64, or 48x64 for height x width");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(combinations_are_checked),
        cmocka_unit_test(what_makes_no_sense_together_is_named),
        cmocka_unit_test(penalties_are_read),
        cmocka_unit_test(long_texts_leave_room_for_the_remedy),
        cmocka_unit_test(fields_are_checked_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
