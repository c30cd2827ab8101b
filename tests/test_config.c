/* SPDX-License-Identifier: MIT
 *
 * Settings: every row of the table through text, JSON and back; recipes; what is refused. */
#include "support.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "gan/config.h"
#include "gan/loss.h"
#include "train/options.h"

static gan_config fresh(void) {
    gan_config c;
    gan_config_init(&c);
    return c;
}

static void set(gan_config *c, const char *name, const char *value) {
    gan_error err = {0};
    if (gan_config_set(c, name, value, &err)) fail_msg("%s", err.text);
}

static const char *get(const gan_config *c, const char *name) {
    static char text[GAN_TEXT];
    gan_config_get(c, name, text, sizeof text);
    return text;
}

static void assert_refused(const char *name, const char *value, const char *message) {
    gan_config c = fresh(), before = c;
    gan_error err = {0};
    assert_int_equal(gan_config_set(&c, name, value, &err), GAN_EINVAL);
    assert_string_equal(err.text, message);
    assert_memory_equal(&c, &before, sizeof c);
}

/* A value that is not the default. */
static const char *another(const gan__option *o) {
    static char text[64];
    switch (o->kind) {
    case GAN__INT:
        snprintf(text, sizeof text, "%lld", (long long)o->low + 1);
        if (!strcmp(text, o->shown.fallback)) text[0]++;
        return text;
    case GAN__NUMBER:
        if (o->low >= 1) return "2.5";
        return o->high < 1 ? "0.12345678901234566" : "0.7";
    case GAN__TEXT:
        return !strcmp(o->shown.name, "n-critic") ? "2@0,1@7" : "p\"\\\n\xc3\xa9";
    case GAN__SCHEDULE:
        return "warmup(5)*linear(0.1->0.2, 3..9)";
    case GAN__FLAG:
        return "true";
    case GAN__CHOICE:
        return o->choices[1];
    case GAN__SIDES:
        return "48x64";
    }
    return NULL;
}

static void defaults_are_the_tables(void **state) {
    gan_config c = fresh();
    int n = 0;
    (void)state;
    for (const gan_option *o; (o = gan_option_at(n)); n++) {
        if (strcmp(o->name, "eps")) /* 1e-8, printed as 1e-08 */
            assert_string_equal(get(&c, o->name), o->fallback);
        assert_true(*o->help && *o->group);
        for (int i = 0; i < n; i++) assert_string_not_equal(o->name, gan_option_at(i)->name);
    }
    assert_int_equal(n, gan__option_count);
    assert_null(gan_option_at(-1));
    assert_string_equal(get(&c, "no such"), "");
}

static void every_setting_goes_through_text_and_json(void **state) {
    (void)state;
    for (int i = 0; i < gan__option_count; i++) {
        const gan__option *o = &gan__options[i];
        gan_config a = fresh(), b = fresh();
        gan_error err = {0};
        set(&a, o->shown.name, another(o));
        assert_string_equal(get(&a, o->shown.name), another(o));
        char *json = gan_config_to_json(&a);
        assert_non_null(json);
        if (gan_config_from_json(&b, json, &err)) fail_msg("%s", err.text);
        assert_memory_equal(&a, &b, sizeof a);
        gan_config_free_text(json);
        const char *conflict = gan_config_conflict(&a, &(gan_config){0});
        assert_non_null(conflict);
        gan_config plain = fresh();
        conflict = gan_config_conflict(&a, &plain);
        if (o->alters)
            assert_string_equal(conflict, o->shown.name);
        else
            assert_null(conflict);
    }
}

/* All at once, one a line and in the table's order; numbers as short as they can be. */
static void json_is_for_people_too(void **state) {
    gan_config a = fresh();
    (void)state;
    char *json = gan_config_to_json(&a);
    const char *at = json;
    assert_true(!strncmp(json, "{\n", 2));
    for (int i = 0; i < gan__option_count; i++) {
        char line[64];
        snprintf(line, sizeof line, "\n  \"%s\": ", gan__options[i].shown.name);
        at = strstr(at, line);
        assert_non_null(at);
    }
    assert_non_null(strstr(json, "\"holdout\": 0.05,"));
    gan_config_free_text(json);
    gan_config_free_text(NULL);
}

static void what_does_not_alter_a_run(void **state) {
    static const char *const free_ones[] = {
        "data",         "data-b",       "cache-mib",        "image-mib",    "max-bad",
        "strict",       "steps",        "epochs",           "max-minutes",  "threads",
        "sample-every", "sample-count", "checkpoint-every", "doctor-every", "rollback"};
    int n = 0;
    (void)state;
    for (int i = 0; i < gan__option_count; i++) n += !gan__options[i].alters;
    assert_int_equal(n, COUNT(free_ones));
    for (int i = 0; i < COUNT(free_ones); i++)
        assert_int_equal(gan__option_find(free_ones[i])->alters, 0);
}

static void bad_values_are_refused_by_name(void **state) {
    (void)state;
    assert_refused("colour", "1", "there is no setting 'colour'");
    assert_refused("batch", "0", "--batch is '0'; it must be a whole number from 1 to 1000000");
    assert_refused("batch", "8.5", "--batch is '8.5'; it must be a whole number from 1 to 1000000");
    assert_refused("batch", "", "--batch is ''; it must be a whole number from 1 to 1000000");
    assert_refused("seed", "99999999999999999999",
                   "--seed is '99999999999999999999'; it must be a whole number from 0 to "
                   "9007199254740991");
    assert_refused("ema", "nan", "--ema is 'nan'; it must be a number from 0 to 0.9999999");
    assert_refused("ema", "recipe", "--ema is 'recipe'; it must be a number from 0 to 0.9999999");
    assert_refused("beta1", "1", "--beta1 is '1'; it must be a number from 0 to 0.999999");
    assert_refused("beta1", "-1", "--beta1 is '-1'; it must be a number from 0 to 0.999999");
    assert_refused("lr-g", "1e-4x",
                   "--lr-g: schedule '1e-4x': '@step' is wanted at 'x'; write 5, or 5@0,1@2000, or "
                   "linear(2e-4->0, 5000..20000)");
    assert_refused("lr-g", "linear(1->2000, 9)",
                   "--lr-g is 'linear(1->2000, 9)'; its values must be from 0 to 1000");
    assert_refused("flip", "yes", "--flip is 'yes'; it must be true or false");
    assert_refused("z", "gamma", "--z is 'gamma'; it must be one of normal, uniform");
    assert_refused("norm-d", "recipe",
                   "--norm-d is 'recipe'; it must be one of auto, batch, layer, instance, none");
    assert_refused("optimizer", "lion",
                   "--optimizer is 'lion'; it must be one of adam, rmsprop, sgd");
    static const char *const sides[] = {"", "x", "0", "64x", "64x64x64", "64 ", "-1", "65537"};
    for (int i = 0; i < COUNT(sides); i++) {
        char want[96];
        snprintf(want, sizeof want, "--size is '%s'; write 64, or 48x64 for height x width",
                 sides[i]);
        assert_refused("size", sides[i], want);
    }
    assert_refused("arch", "a name that is too long", "--arch has 23 characters, at most 15 fit");
    assert_refused("data", "caf\xe9", "--data is no UTF-8; rename it or use a link");
}

static void assert_json_refused(const char *json, gan_status code, const char *part) {
    gan_config c = fresh();
    gan_error err = {0};
    assert_int_equal(gan_config_from_json(&c, json, &err), code);
    if (!strstr(err.text, part)) fail_msg("'%s' lacks '%s'", err.text, part);
}

static void bad_json_is_refused(void **state) {
    gan_config c = fresh();
    (void)state;
    assert_json_refused("", GAN_EFORMAT, "line 1");
    assert_json_refused("{\n\"batch\": 8,\n}", GAN_EFORMAT, "line 3");
    assert_json_refused("[8]", GAN_EFORMAT, "settings must be a JSON object");
    assert_json_refused("{\"batch\": 8, \"batch\": 9}", GAN_EFORMAT, "duplicate");
    assert_json_refused("{\"batches\": 8}", GAN_EINVAL, "there is no setting 'batches'");
    assert_json_refused("{\"batch\": null}", GAN_EINVAL,
                        "the value of 'batch' is neither number, string nor boolean");
    assert_json_refused("{\"batch\": [8]}", GAN_EINVAL, "'batch' is neither");
    assert_json_refused("{\"batch\": true}", GAN_EINVAL, "--batch is 'true'");
    assert_json_refused("{\"batch\": 8.5}", GAN_EINVAL, "--batch is '8.5'");
    assert_json_refused("{\"flip\": 1}", GAN_EINVAL, "--flip is '1'");
    assert_json_refused("{\"loss\": 3}", GAN_OK, "");
    assert_json_refused("{\"lr-g\": -1}", GAN_EINVAL, "--lr-g is '-1'");
    assert_int_equal(gan_config_from_json(&c, "{\"batch\": \"8\", \"size\": 32}", NULL), GAN_OK);
    assert_true(c.batch == 8 && c.height == 32 && c.width == 32);
}

static void files_are_read_and_named(void **state) {
    char path[] = "/tmp/gan_config_XXXXXX", want[256];
    gan_config c = fresh();
    gan_error err = {0};
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "{\"batch\": 3}", 12), 12);
    assert_int_equal(gan_config_read(&c, path, &err), GAN_OK);
    assert_int_equal(c.batch, 3);
    assert_int_equal(write(fd, "\0", 1), 1);
    assert_int_equal(gan_config_read(&c, path, &err), GAN_EFORMAT);
    snprintf(want, sizeof want, "%s: there is a zero byte in it", path);
    assert_string_equal(err.text, want);
    close(fd);
    remove(path);
    assert_int_equal(gan_config_read(&c, path, &err), GAN_EIO);
    assert_non_null(strstr(err.text, path));
}

/* --- resolving --- */

static gan_config resolved(const char *const *settings) {
    gan_config c = fresh();
    gan_error err = {0};
    for (; settings && *settings; settings += 2) set(&c, settings[0], settings[1]);
    if (gan_config_resolve(&c, &err)) fail_msg("%s", err.text);
    return c;
}

static void recipes_are_the_papers(void **state) {
    static const struct {
        const char *loss, *optimizer, *lr_g, *lr_d, *beta1, *beta2, *n_critic, *penalty;
    } recipes[] = {{"standard", "adam", "0.0002", "0.0002", "0.5", "0.999", "1", "none"},
                   {"lsgan", "adam", "0.0002", "0.0002", "0.5", "0.999", "1", "none"},
                   {"hinge", "adam", "0.0002", "0.0002", "0", "0.9", "5", "none"},
                   {"relativistic", "adam", "0.0002", "0.0002", "0", "0.99", "1", "r1:1+r2:1"},
                   {"wgan", "rmsprop", "5e-05", "5e-05", "0", "0.99", "5", "none"},
                   {"wgan-gp", "adam", "0.0001", "0.0001", "0", "0.9", "5", "gp:10"}};
    (void)state;
    for (int i = 0; i < COUNT(recipes); i++) {
        gan_config c = resolved((const char *const[]){"loss", recipes[i].loss, NULL});
        assert_string_equal(get(&c, "optimizer"), recipes[i].optimizer);
        assert_string_equal(get(&c, "lr-g"), recipes[i].lr_g);
        assert_string_equal(get(&c, "lr-d"), recipes[i].lr_d);
        assert_string_equal(get(&c, "beta1"), recipes[i].beta1);
        assert_string_equal(get(&c, "beta2"), recipes[i].beta2);
        assert_string_equal(get(&c, "n-critic"), recipes[i].n_critic);
        assert_string_equal(get(&c, "penalty"), recipes[i].penalty);
    }
}

static void what_is_set_wins(void **state) {
    (void)state;
    gan_config c =
        resolved((const char *const[]){"loss", "wgan", "optimizer", "adam", "beta1", "0", "beta2",
                                       "0", "lr-g", "0", "n-critic", "2", NULL});
    assert_int_equal(c.optimizer, GAN_ADAM);
    assert_true(c.beta1 == 0 && c.beta2 == 0);
    assert_string_equal(c.lr_g, "0");
    assert_string_equal(c.lr_d, "5e-05");
    assert_string_equal(c.n_critic, "2");
    c = resolved((const char *const[]){"beta1", "0", NULL}); /* the recipe has 0.5 */
    assert_true(c.beta1 == 0);
}

/* A preset wins over the recipe, what is set over both; the penalty stays the loss's. */
static void presets_come_before_recipes(void **state) {
    gan_config c =
        resolved((const char *const[]){"loss", "wgan-gp", "preset", "ttur", "beta1", "0.3", NULL});
    (void)state;
    assert_string_equal(c.lr_g, "0.0001");
    assert_string_equal(c.lr_d, "0.0004");
    assert_string_equal(c.n_critic, "1");
    assert_string_equal(c.penalty, "gp:10");
    assert_true(c.beta1 == 0.3 && c.beta2 == 0.9);
    c = fresh();
    set(&c, "preset", "fast");
    gan_error err = {0};
    assert_int_equal(gan_config_resolve(&c, &err), GAN_EINVAL);
    assert_string_equal(err.text, "--preset: there is no preset 'fast'; known: none, ttur");
}

/* 2e-4, 0.0002 and what config.json makes of it are one setting. */
static void plain_numbers_have_one_text(void **state) {
    static const char *const same[] = {"2e-4", "0.0002", "0.00020000000000000001", "0.02%"};
    (void)state;
    for (int i = 0; i < COUNT(same); i++) {
        gan_config c = fresh();
        set(&c, "lr-g", same[i]);
        assert_string_equal(c.lr_g, "0.0002");
    }
}

static int64_t epochs_of(const char *name, const char *value) {
    gan_config c = resolved((const char *const[]){name, value, NULL});
    return gan_config_epochs(&c);
}

/* The limit is not kept as a setting: a resumed run with steps of its own is not bound by it. */
static void a_run_without_limit_gets_one(void **state) {
    gan_config c = resolved(NULL);
    (void)state;
    assert_int_equal(c.epochs, 0);
    assert_int_equal(gan_config_epochs(&c), 25);
    assert_int_equal(epochs_of("epochs", "3"), 3);
    assert_int_equal(epochs_of("steps", "7"), 0);
    assert_int_equal(epochs_of("max-minutes", "0.5"), 0);
}

static void resolving_twice_is_resolving_once(void **state) {
    gan_config a = resolved((const char *const[]){"loss", "wgan-gp", NULL}), b = a;
    (void)state;
    assert_int_equal(gan_config_resolve(&b, NULL), GAN_OK);
    assert_memory_equal(&a, &b, sizeof a);
    assert_null(gan_config_conflict(&a, &b));
}

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

static void networks_get_their_part(void **state) {
    gan_config c = resolved((const char *const[]){"loss", "wgan-gp", "arch", "mlp", "size", "5x9",
                                                  "channels", "1", "nz", "11", "width", "3",
                                                  "dropout", "0.25", "norm-g", "layer", NULL});
    (void)state;
    gan_network_config g = gan_config_generator(&c), d = gan_config_discriminator(&c);
    assert_string_equal(g.arch, "mlp");
    assert_true(g.height == 5 && g.width == 9 && g.channels == 1 && g.nz == 11 && g.features == 3);
    assert_true(g.norm == GAN_NORM_LAYER && g.dropout == 0);
    assert_true(d.norm == GAN_NORM_NONE && d.dropout == 0.25); /* auto under a penalty */
    assert_true(g.depth == 0 && d.depth == 0);
    c = resolved(NULL);
    assert_int_equal(gan_config_discriminator(&c).norm, GAN_NORM_AUTO);
    c = resolved((const char *const[]){"loss", "wgan-gp", "norm-d", "instance", NULL});
    assert_int_equal(gan_config_discriminator(&c).norm, GAN_NORM_INSTANCE);
}

/* One architecture for both, or one for each; a program may leave its own empty. */
static void each_has_its_architecture(void **state) {
    static const struct {
        const char *of_both, *of_g, *of_d, *g, *d;
    } rows[] = {{"mlp", "auto", "auto", "mlp", "mlp"},
                {"mlp", "unet", "auto", "unet", "mlp"},
                {"dcgan", "unet", "patch", "unet", "patch"},
                {"dcgan", "", "srgan", "dcgan", "srgan"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_config c = resolved((const char *const[]){"arch", rows[i].of_both, "arch-g",
                                                      rows[i].of_g, "arch-d", rows[i].of_d, "depth",
                                                      "5", "dropout-g", "0.5", NULL});
        gan_network_config g = gan_config_generator(&c), d = gan_config_discriminator(&c);
        assert_string_equal(g.arch, rows[i].g);
        assert_string_equal(d.arch, rows[i].d);
        assert_true(g.depth == 5 && g.dropout == 0.5 && d.depth == 5 && d.dropout == 0);
    }
}

/* A program may have chosen a language that writes 0,5. */
static void numbers_have_a_point_everywhere(void **state) {
    static const char *const languages[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8", "de_DE"};
    int found = 0;
    (void)state;
    for (int i = 0; i < COUNT(languages) && !found; i++)
        found = setlocale(LC_ALL, languages[i]) != NULL;
    defaults_are_the_tables(NULL);
    every_setting_goes_through_text_and_json(NULL);
    recipes_are_the_papers(NULL);
    gan_config c = resolved((const char *const[]){"n-critic", "2.0", "ema", "0.5", NULL});
    char *json = gan_config_to_json(&c);
    assert_true(c.ema == 0.5 && strstr(json, "\"ema\": 0.5,"));
    gan_config_free_text(json);
    setlocale(LC_ALL, "C");
    if (!found) skip();
}

static void several_at_once(void **state) {
    static const char *const words[] = {"width", "8", "lr-g", "0.5", "batch"};
    gan_config c;
    gan_error err = {0};
    (void)state;
    gan_config_init(&c);
    assert_int_equal(gan_config_set_all(&c, 4, words, &err), GAN_OK);
    assert_int_equal(c.features, 8);
    assert_int_equal(gan_config_set_all(&c, 5, words, &err), GAN_EINVAL);
    assert_string_equal(err.text, "the setting 'batch' has no value");
    static const char *const unknown[] = {"widths", "8", "width", "9"};
    assert_int_equal(gan_config_set_all(&c, 4, unknown, &err), GAN_EINVAL);
    assert_int_equal(c.features, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_tables),
        cmocka_unit_test(every_setting_goes_through_text_and_json),
        cmocka_unit_test(json_is_for_people_too),
        cmocka_unit_test(what_does_not_alter_a_run),
        cmocka_unit_test(bad_values_are_refused_by_name),
        cmocka_unit_test(bad_json_is_refused),
        cmocka_unit_test(files_are_read_and_named),
        cmocka_unit_test(recipes_are_the_papers),
        cmocka_unit_test(what_is_set_wins),
        cmocka_unit_test(a_run_without_limit_gets_one),
        cmocka_unit_test(resolving_twice_is_resolving_once),
        cmocka_unit_test(presets_come_before_recipes),
        cmocka_unit_test(plain_numbers_have_one_text),
        cmocka_unit_test(combinations_are_checked),
        cmocka_unit_test(what_makes_no_sense_together_is_named),
        cmocka_unit_test(penalties_are_read),
        cmocka_unit_test(long_texts_leave_room_for_the_remedy),
        cmocka_unit_test(fields_are_checked_too),
        cmocka_unit_test(networks_get_their_part),
        cmocka_unit_test(each_has_its_architecture),
        cmocka_unit_test(numbers_have_a_point_everywhere),
        cmocka_unit_test(several_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
