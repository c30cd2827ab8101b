/* SPDX-License-Identifier: MIT
 *
 * Settings: every row of the table through text, JSON and back; recipes. */
#include "config_set.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "gan/loss.h"
#include "train/options.h"

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
        cmocka_unit_test(networks_get_their_part),
        cmocka_unit_test(each_has_its_architecture),
        cmocka_unit_test(numbers_have_a_point_everywhere),
        cmocka_unit_test(several_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
