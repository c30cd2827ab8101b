/* SPDX-License-Identifier: MIT
 *
 * Trainers and runs as a program uses them: what is refused, what callbacks see and may do, what
 * divergence leaves behind. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <unistd.h>

#include "folder.h"
#include "gan/checkpoint.h"
#include "gan/layer.h"
#include "gan/run.h"
#include "image_gen.h"
#include "train/internal.h"

static void remove_run(const char *name) {
    static const char *const files[] = {"config.json", "log.jsonl", "checkpoint.safetensors",
                                        "generator.safetensors", "discriminator.safetensors"};
    char path[192];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", dir, name, files[i]);
        remove(path);
    }
    for (int i = 0; i < 10; i++) {
        snprintf(path, sizeof path, "%s/%s/samples/%06d.png", dir, name, i);
        remove(path);
    }
    snprintf(path, sizeof path, "%s/%s/samples", dir, name);
    rmdir(path);
    rmdir(at(name));
}

static int teardown(void **state) {
    (void)state;
    remove(at("a"));
    remove(at("b"));
    return rmdir(dir);
}

static void ok(gan_status s, const gan_error *err) {
    if (s) fail_msg("%s", err->text);
}

static void open_run(gen_run *r, const char *const *settings) {
    gan_config c = gen_config(settings);
    gan_error err = {0};
    ok(gen_open(r, &c, &err), &err);
}

static void assert_same_files(const char *a, const char *b) {
    static char left[1 << 20], right[1 << 20];
    FILE *fa = fopen(a, "rb"), *fb = fopen(b, "rb");
    assert_true(fa && fb);
    size_t n = fread(left, 1, sizeof left, fa), m = fread(right, 1, sizeof right, fb);
    fclose(fa);
    fclose(fb);
    assert_int_equal(n, m);
    assert_memory_equal(left, right, n);
}

/* --- creation --- */

static void assert_no_trainer(const gan_config *c, gan_generator *g, gan_discriminator *d,
                              gan_dataset *data, gan_status code, const char *message) {
    gan_trainer *tr = (gan_trainer *)&tr;
    gan_error err = {0};
    assert_int_equal(gan_trainer_create(c, g, d, data, &tr, &err), code);
    assert_string_equal(err.text, message);
    assert_null(tr);
}

static void what_does_not_fit_is_refused(void **state) {
    gen_run r;
    gan_generator *small;
    gan_discriminator *batch_normed;
    gan_error err = {0};
    (void)state;
    open_run(&r, NULL);
    gan_config c = r.config;
    gan_network_config n = gan_config_generator(&c);
    n.height = n.width = 32;
    ok(gan_generator_create(&n, &small, &err), &err);
    assert_no_trainer(&c, small, r.d, r.data, GAN_ESHAPE,
                      "the generator makes images of 32x32x1, the discriminator judges 28x28x1");
    gan_discriminator *large;
    ok(gan_discriminator_create(&n, &large, &err), &err);
    assert_no_trainer(&c, small, large, r.data, GAN_EDATA,
                      "the data set has images of 28x28x1, the networks are for 32x32x1");
    n.height = n.width = 28, n.norm = GAN_NORM_BATCH;
    ok(gan_discriminator_create(&n, &batch_normed, &err), &err);
    strcpy(c.penalty, "gp:10");
    assert_no_trainer(&c, r.g, batch_normed, r.data, GAN_EMODEL,
                      "penalty gp:10 is on the gradient of each image, but the critic has batch "
                      "norm, which mixes them; use layer, instance or none");
    c = r.config, c.batch = 1;
    assert_no_trainer(&c, r.g, r.d, r.data, GAN_EMODEL,
                      "batch norm needs a batch of 2 images or more, not 1; use a larger --batch, "
                      "or --norm-g and --norm-d instance, which is the same for one image");
    gan_discriminator *packed;
    n.pack = 8, c.batch = 8;
    ok(gan_discriminator_create(&n, &packed, &err), &err);
    assert_no_trainer(&c, r.g, packed, r.data, GAN_EMODEL,
                      "the discriminator's batch norm needs 2 packs of 8 images or more, a batch "
                      "of 8 is one; use a larger --batch, or --norm-d layer");
    gan_discriminator_free(packed);
    c.batch = 39;
    assert_no_trainer(&c, r.g, r.d, r.data, GAN_EDATA,
                      "a batch of 39 is larger than the set: 38 pictures to train on (2 held out); "
                      "take a smaller batch or more pictures");
    gan_generator_free(small);
    gan_discriminator_free(large);
    gan_discriminator_free(batch_normed);
    gen_close(&r);
    gan_trainer_free(NULL);
}

/* --- reports --- */

static void reports_tell_the_step(void **state) {
    gen_run r;
    gan_report report;
    gan_error err = {0};
    (void)state;
    open_run(&r, (const char *const[]){"n-critic", "2@0,1@2", "holdout-every", "3", "lr-g", "0.001",
                                       "smooth", "0.1", "saturating", "true", NULL});
    for (int i = 1; i <= 4; i++) {
        ok(gan_trainer_step(r.tr, &report, &err), &err);
        assert_int_equal(report.step, i);
        assert_int_equal(gan_trainer_steps(r.tr), i);
        assert_int_equal(report.n_critic, i <= 2 ? 2 : 1);
        assert_true(report.lr_g == 0.001 && report.lr_d == 2e-4);
        assert_int_equal(isnan(report.score_holdout), i < 3);
        assert_true(report.d_loss > 0 && report.g_loss < 0); /* saturating: -softplus */
        assert_true(report.grad_norm_d > 0 && report.grad_norm_g > 0);
        assert_true(report.images_per_second > 0 && report.seconds > 0);
        assert_int_equal(gan_trainer_done(r.tr), i == 4);
    }
    gen_close(&r);
}

static double sum_of_d(const gen_run *r) {
    const gan_parameters *p = gan_discriminator_parameters(r->d);
    double sum = 0;
    for (int i = 0; i < p->count; i++)
        for (int64_t k = 0; k < gan_tensor_size(p->item[i].value); k++)
            sum += (double)gan_tensor_data(p->item[i].value)[k];
    return sum;
}

/* Below 1 D steps once every so many G steps. In the others G is judged as ever, with new noise, by
 * a D that stays as it is. */
static void d_steps_now_and_then(void **state) {
    static const int steps[] = {1, 0, 0, 1, 0, 0, 1, 0, 0, 1};
    gen_run r;
    gan_report report;
    gan_error err = {0};
    gan_real noise[256] = {0};
    (void)state;
    open_run(&r, (const char *const[]){"n-critic", "0.33333@0,2@10", "norm-d", "layer",
                                       "holdout-every", "1", NULL});
    size_t bytes = sizeof *noise * (size_t)gan_tensor_size(r.tr->input);
    assert_true(bytes <= sizeof noise);
    for (int i = 0; i < (int)(sizeof steps / sizeof *steps); i++) {
        double before = sum_of_d(&r);
        ok(gan_trainer_step(r.tr, &report, &err), &err);
        assert_int_equal(report.n_critic, steps[i]);
        assert_int_equal(before != sum_of_d(&r), steps[i]);
        assert_int_equal(isnan(report.d_loss), !steps[i]);
        assert_true(report.g_loss > 0 && report.grad_norm_g > 0);
        assert_false(isnan(report.score_holdout) || isnan(report.auc_holdout));
        assert_true(memcmp(noise, gan_tensor_data(r.tr->input), bytes));
        memcpy(noise, gan_tensor_data(r.tr->input), bytes);
    }
    ok(gan_trainer_step(r.tr, &report, &err), &err);
    assert_int_equal(report.n_critic, 2);
    gen_close(&r);
}

/* A warm-up, or a factor, of whole numbers does not come below 1. */
static void whole_numbers_stay_so(void **state) {
    static const struct {
        const char *text;
        int steps[4];
    } rows[] = {{"warmup(8)*2", {1, 1, 1, 1}}, {"step(4*0.5, 1)", {4, 2, 1, 1}}};
    (void)state;
    for (int k = 0; k < 2; k++) {
        gen_run r;
        open_run(&r, (const char *const[]){"n-critic", rows[k].text, NULL});
        for (int i = 0; i < 4; i++) assert_int_equal(gen_steps(&r, 1).n_critic, rows[k].steps[i]);
        gen_close(&r);
    }
}

/* --- runs and their callbacks --- */

typedef struct seen {
    int before, after, samples, lines, saves;
    int stop_before, stop_after; /* the step at which to ask; 0: never */
} seen;

static int before_step(void *user, gan_trainer *tr) {
    seen *s = user;
    s->before++;
    return s->stop_before && gan_trainer_steps(tr) + 1 == s->stop_before;
}

static int after_step(void *user, gan_trainer *tr, const gan_report *r) {
    seen *s = user;
    s->after++;
    assert_int_equal(r->step, gan_trainer_steps(tr));
    assert_int_equal(s->lines, s->after);
    return r->step == s->stop_after;
}

static int on_sample(void *user, gan_trainer *tr, const char *path) {
    (void)tr;
    assert_int_equal(access(path, R_OK), 0);
    return ((seen *)user)->samples++, 0;
}

static int on_log(void *user, const char *line) {
    assert_true(!strncmp(line, "{\"step\": ", 9) && line[strlen(line) - 1] == '}');
    return ((seen *)user)->lines++, 0;
}

static int on_save(void *user, gan_trainer *tr, const char *path) {
    (void)tr;
    assert_int_equal(access(path, R_OK), 0);
    return ((seen *)user)->saves++, 0;
}

/* A run of 4 steps in a folder, in a new process as it were. */
static gan_status run(const char *name, seen *s, gan_error *err) {
    gan_callbacks call = {s, before_step, after_step, on_sample, on_log, on_save, NULL};
    gen_run r;
    open_run(&r, (const char *const[]){"arch", "mlp", "checkpoint-every", "2", "sample-every", "2",
                                       NULL});
    gan_status status = gan_run(r.tr, at(name), gan_run_exists(at(name)), s ? &call : NULL, err);
    gen_close(&r);
    return status;
}

static void callbacks_see_everything(void **state) {
    seen s = {0};
    gan_error err = {0};
    (void)state;
    ok(run("r", &s, &err), &err);
    assert_true(s.before == 4 && s.after == 4 && s.lines == 4);
    assert_true(s.samples == 2 && s.saves == 3); /* the first save is the start */
    remove_run("r");
}

static void callbacks_may_stop(void **state) {
    gan_error err = {0};
    (void)state;
    ok(run("whole", NULL, &err), &err);
    for (int where = 0; where < 2; where++) {
        seen s = {0};
        if (where)
            s.stop_after = 3;
        else
            s.stop_before = 1;
        assert_int_equal(run("r", &s, &err), GAN_ESTOPPED);
        assert_string_equal(err.text, where ? "stopped after step 3" : "stopped after step 0");
        assert_int_equal(s.after, where ? 3 : 0);
        ok(run("r", NULL, &err), &err);
        assert_same_files(at("whole/checkpoint.safetensors"), at("r/checkpoint.safetensors"));
        assert_same_files(at("whole/generator.safetensors"), at("r/generator.safetensors"));
        remove_run("r");
    }
    remove_run("whole");
}

static void runs_are_neither_mixed_nor_made_up(void **state) {
    gen_run r;
    gan_error err = {0};
    char want[256];
    (void)state;
    open_run(&r, NULL);
    assert_int_equal(gan_run(r.tr, at("none"), 1, NULL, &err), GAN_EIO);
    snprintf(want, sizeof want, "there is no run in %s to resume: it has no checkpoint.safetensors",
             at("none"));
    assert_string_equal(err.text, want);
    ok(run("r", NULL, &err), &err);
    assert_int_equal(gan_run(r.tr, at("r"), 0, NULL, &err), GAN_EEXIST);
    assert_int_equal(gan_run(r.tr, at("r"), 1, NULL, &err), GAN_ESTATE);
    assert_non_null(strstr(err.text, "the run was made with --arch mlp, not dcgan"));
    gen_close(&r);
    remove_run("r");
}

/* --- divergence --- */

static gan_tensor *weight(gan_parameters *p, const char *name) {
    for (int i = 0; i < p->count; i++)
        if (!strcmp(p->item[i].name, name)) return p->item[i].value;
    fail_msg("there is no %s", name);
    return NULL;
}

static void divergence_names_the_layer(void **state) {
    gen_run r;
    gan_error err = {0};
    (void)state;
    open_run(&r, NULL);
    ok(gan_trainer_save(r.tr, at("a"), &err), &err);
    ok(gan_trainer_save(r.tr, at("b"), &err), &err);
    gan_real g0 = *gan_tensor_data(gan_generator_parameters(r.g)->item[0].value);
    *gan_tensor_edit(weight(gan_discriminator_parameters(r.d), "main.2.weight")) =
        (gan_real)INFINITY;
    assert_int_equal(gan_trainer_step(r.tr, NULL, &err), GAN_EDIVERGED);
    assert_non_null(strstr(err.text, "step 1: the loss of the discriminator is not finite, first "
                                     "seen in conv2d"));
    assert_non_null(strstr(err.text, "discriminator.main.2"));
    assert_true(g0 == *gan_tensor_data(gan_generator_parameters(r.g)->item[0].value));
    assert_int_equal(gan_trainer_save(r.tr, at("a"), &err), GAN_EDIVERGED);
    assert_string_equal(err.text, "discriminator main.2.weight is not finite: nothing is saved; "
                                  "try a lower learning rate");
    assert_int_equal(gan_trainer_save_networks(r.tr, at("a"), at("a"), &err), GAN_EDIVERGED);
    assert_same_files(at("a"), at("b"));
    ok(gan_trainer_load(r.tr, at("a"), &err), &err); /* and it works again */
    ok(gan_trainer_step(r.tr, NULL, &err), &err);
    gen_close(&r);
}

/* --- checkpoints of something else change nothing --- */

static void other_checkpoints_change_nothing(void **state) {
    static const char *const others[][4] = {{"width", "3"},       {"arch", "mlp"},
                                            {"ema", "0.5"},       {"seed", "2"},
                                            {"optimizer", "sgd"}, {"holdout", "0.3"}};
    gen_run r;
    gan_error err = {0};
    (void)state;
    open_run(&r, NULL);
    ok(gan_trainer_step(r.tr, NULL, &err), &err);
    ok(gan_trainer_save(r.tr, at("a"), &err), &err);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        gen_run other;
        char want[64];
        open_run(&other, others[i]);
        ok(gan_trainer_save(other.tr, at("b"), &err), &err);
        assert_int_equal(gan_trainer_load(r.tr, at("b"), &err), GAN_ESTATE);
        snprintf(want, sizeof want, "made with --%s %s", others[i][0], others[i][1]);
        if (!strstr(err.text, want)) fail_msg("'%s' lacks '%s'", err.text, want);
        ok(gan_trainer_save(r.tr, at("b"), &err), &err);
        assert_same_files(at("a"), at("b"));
        gen_close(&other);
    }
    gen_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(reports_tell_the_step),
        cmocka_unit_test(d_steps_now_and_then),
        cmocka_unit_test(whole_numbers_stay_so),
        cmocka_unit_test(callbacks_see_everything),
        cmocka_unit_test(callbacks_may_stop),
        cmocka_unit_test(runs_are_neither_mixed_nor_made_up),
        cmocka_unit_test(divergence_names_the_layer),
        cmocka_unit_test(other_checkpoints_change_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
