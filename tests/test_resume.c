/* SPDX-License-Identifier: MIT
 *
 * A run that is saved and goes on in a new trainer is the run that was never interrupted, to the
 * byte, with everything that has state or draws numbers turned on; and so it is for any number of
 * threads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <unistd.h>

#include "folder.h"
#include "gan/balance.h"
#include "gan/safetensors.h"
#include "image_gen.h"

#define STEPS 6
#define MAX_FILE (1 << 20)

/* Curves that have ended, go on and start again at other steps than where runs are cut. */
#define EVERYTHING                                                                                 \
    "spectral-d", "true", "spectral-g", "true", "stddev", "4", "pack", "2", "batch", "8",          \
        "mode-seeking", "linear(1->0.2, 4)", "noise", "cosine(0.4->0, 1..5)", "lr-g",              \
        "warmup(4)*linear(0.002->0.0005, 2..9)", "lr-d", "warmup(3)*step(0.002*0.5, 2)",           \
        "weight-decay", "0.1", "ema", "0.9", "dropout", "0.3", "flip", "true", "clip-norm", "5",   \
        "holdout", "0.25", "holdout-every", "2"

#define LAZY "penalty", "r1:exp(2->0.5, 5)+gp:1+dragan0:0.5+drift:0.01", "penalty-every", "3"
#define AUTO                                                                                       \
    "n-critic", "auto", "balance-max", "3.5", "balance-window", "1", "balance-patience", "1",      \
        "balance-target", "0.95"

typedef struct row {
    const char *name, *settings[64];
} row;

static const row rows[] = {
    {"all, standard", {EVERYTHING, LAZY, AUTO, "smooth", "linear(0.3->0, 5)", NULL}},
    {"all, relativistic, accumulated",
     {EVERYTHING, LAZY, AUTO, "loss", "relativistic", "accumulate", "2", NULL}},
    {"all, lsgan, accumulated",
     {EVERYTHING, LAZY, AUTO, "loss", "lsgan", "accumulate", "2", "smooth", "0.2@0,0@3", NULL}},
    {"all, hinge, mlp", {EVERYTHING, LAZY, AUTO, "loss", "hinge", "arch", "mlp", NULL}},
    {"all, wgan-gp, mlp, accumulated",
     {EVERYTHING, "loss", "wgan-gp", "n-critic", "3@0,1@2,2@4", "arch", "mlp", "accumulate", "2",
      "z", "uniform", NULL}},
    {"batch norm, sgd",
     {"norm-d", "batch", "loss",   "relativistic", "penalty",    "drift:0.01", "optimizer", "sgd",
      "lr-g",   "0.01",  "lr-d",   "0.01",         "spectral-d", "true",       "stddev",    "2",
      "noise",  "0.1",   "preset", "ttur",         AUTO,         NULL}},
    {"classes: norm and projection",
     {"condition-g", "norm", "condition-d", "projection", "spectral-d", "true", "loss", "hinge",
      "penalty", "r1:1", "ema", "0.9", AUTO, NULL}},
    {"diffaugment by a schedule",
     {EVERYTHING, "augment", "diffaugment", "augment-p", "linear(0.2->1, 4)", "penalty", "r1:1",
      NULL}},
    {"adaptive augmentation",
     {"augment", "ada", "augment-p", "auto", "augment-images", "60", "loss", "hinge", "holdout",
      "0.25", "holdout-every", "2", NULL}},
    {"classes: concat and classifier",
     {"condition-g", "concat", "condition-d", "classifier", "classify", "linear(1->0.2, 4)",
      "classes", "5", "arch", "mlp", "accumulate", "2", NULL}},
    {"D now and then",
     {EVERYTHING, LAZY, "loss", "relativistic", "n-critic", "0.4@0,2@2,0.5@3", "accumulate", "2",
      NULL}},
    {"auto below 1",
     {EVERYTHING, "n-critic", "auto", "balance-min", "0.3", "balance-target", "0.9",
      "balance-window", "1", "balance-patience", "0", NULL}},
    {"wgan, rmsprop",
     {"loss", "wgan", "noise", "0.1", "stddev", "2", "pack", "2", AUTO, "weight-decay", "0.1",
      NULL}},
};

#define ROWS ((int)(sizeof rows / sizeof *rows))

static void ok(gan_status s, const gan_error *err) {
    if (s) fail_msg("%s", err->text);
}

/* What a run leaves: its checkpoint, and both networks. */
static const char *const outputs[] = {"checkpoint", "generator", "discriminator"};

typedef struct files {
    size_t size[3];
    unsigned char bytes[3][MAX_FILE];
} files;

static void start(gen_run *r, const row *q, const char *threads) {
    gan_config c = gen_config(q->settings);
    gan_error err = {0};
    ok(gan_config_set(&c, "threads", threads, &err), &err);
    ok(gen_open(r, &c, &err), &err);
}

/* `reports` receives those of the steps. */
static void advance(gen_run *r, int from, int to, gan_report *reports) {
    gan_error err = {0};
    for (int i = from; i < to; i++) ok(gan_trainer_step(r->tr, &reports[i], &err), &err);
}

static void finish(gen_run *r, files *out) {
    gan_error err = {0};
    ok(gan_trainer_save(r->tr, at(outputs[0]), &err), &err);
    ok(gan_trainer_save_networks(r->tr, at(outputs[1]), at(outputs[2]), &err), &err);
    gen_close(r);
    for (int i = 0; i < 3; i++) {
        FILE *f = fopen(at(outputs[i]), "rb");
        assert_non_null(f);
        out->size[i] = fread(out->bytes[i], 1, MAX_FILE, f);
        assert_in_range(out->size[i], 1, MAX_FILE - 1);
        fclose(f);
    }
}

static void assert_same(const row *q, const char *how, const files *a, const files *b) {
    for (int i = 0; i < 3; i++)
        if (a->size[i] != b->size[i] || memcmp(a->bytes[i], b->bytes[i], a->size[i]))
            fail_msg("%s: %s is another one %s", q->name, outputs[i], how);
}

/* All of a report but the times; bits, for some figures are not numbers yet. */
static void assert_same_report(const gan_report *a, const gan_report *b) {
    gan_report x = *a, y = *b;
    x.images_per_second = y.images_per_second = x.seconds = y.seconds = 0;
    assert_memory_equal(&x, &y, sizeof x);
}

static files whole, other;

/* Whether auto changed its level: in a run where it did not, its state is shown by nothing. */
static bool balance_moved(const gan_report *reports) {
    for (int i = 1; i < STEPS; i++)
        if (fabs(reports[i].balance - reports[0].balance) > 0) return true;
    return false;
}

static void a_run_goes_on_as_it_was(void **state) {
    static const char *const threads[] = {"1", "2", "3"};
    (void)state;
    int moved = 0;
    for (int i = 0; i < ROWS; i++) {
        gan_report wanted[STEPS], seen[STEPS];
        gen_run r;
        gan_error err = {0};
        start(&r, &rows[i], "1");
        advance(&r, 0, STEPS, wanted);
        moved += balance_moved(wanted);
        finish(&r, &whole);
        for (int cut = 0; cut < STEPS; cut++) {
            start(&r, &rows[i], threads[cut % 3]);
            advance(&r, 0, cut, seen);
            ok(gan_trainer_save(r.tr, at("cut"), &err), &err);
            gen_close(&r);
            start(&r, &rows[i], threads[(cut + 1) % 3]);
            if (cut % 2) advance(&r, 0, 1, seen); /* what was there before does not matter */
            ok(gan_trainer_load(r.tr, at("cut"), &err), &err);
            advance(&r, cut, STEPS, seen);
            finish(&r, &other);
            assert_same(&rows[i], "after it was resumed", &whole, &other);
            for (int k = cut; k < STEPS; k++) assert_same_report(&wanted[k], &seen[k]);
        }
    }
    assert_in_range(moved, 2, ROWS);
}

static void threads_do_not_matter(void **state) {
    static const char *const threads[] = {"1", "2", "3"};
    (void)state;
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < 3; k++) {
            gan_report reports[STEPS];
            gen_run r;
            start(&r, &rows[i], threads[k]);
            advance(&r, 0, STEPS, reports);
            finish(&r, k ? &other : &whole);
            if (k) assert_same(&rows[i], "with more threads", &whole, &other);
        }
}

/* A file that was loaded and saved again is the same file. */
static void a_checkpoint_is_all(void **state) {
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        gan_report reports[STEPS];
        gen_run r;
        gan_error err = {0};
        start(&r, &rows[i], "1");
        advance(&r, 0, 3, reports);
        finish(&r, &whole);
        start(&r, &rows[i], "1");
        ok(gan_trainer_load(r.tr, at(outputs[0]), &err), &err);
        finish(&r, &other);
        assert_same(&rows[i], "after it was loaded", &whole, &other);
    }
}

static int teardown(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) remove(at(outputs[i]));
    remove(at("cut"));
    return rmdir(dir);
}

/* Overwrites the balance in a file with other numbers. */
static void spoil(const char *path, size_t at_byte, const double *balance) {
    gan_real state[GAN_BALANCE_STATE];
    for (int i = 0; i < GAN_BALANCE_STATE; i++) state[i] = (gan_real)balance[i];
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, (long)at_byte, SEEK_SET), 0);
    assert_int_equal(fwrite(state, sizeof state, 1, f), 1);
    assert_int_equal(fclose(f), 0);
}

/* Where the balance lies in the file: its bytes end the tensor of figures. */
static size_t place_of_balance(const char *path) {
    static unsigned char bytes[MAX_FILE];
    gan_safetensors *s;
    gan_error err = {0};
    ok(gan_safetensors_open(path, &s, &err), &err);
    const gan_safetensors_entry *e = gan_safetensors_find(s, "trainer.figures");
    FILE *f = fopen(path, "rb");
    size_t size = f ? fread(bytes, 1, MAX_FILE, f) : 0, at_byte = 0;
    while (at_byte + e->bytes <= size && memcmp(bytes + at_byte, e->data, e->bytes)) at_byte++;
    assert_true(at_byte + e->bytes <= size);
    at_byte += e->bytes - GAN_BALANCE_STATE * sizeof(gan_real);
    gan_safetensors_close(s);
    fclose(f);
    return at_byte;
}

static void a_balance_that_cannot_be_is_refused(void **state) {
    static const double bad[][GAN_BALANCE_STATE] = {
        {NAN, 0.5, 0, 0},  {1e30, 0.5, 0, 0}, {INFINITY, 0.5, 0, 0}, {0.5, 0.5, 0, 0},
        {2, 1.5, 0, 0},    {2, NAN, 0, 0},    {2, 0.5, NAN, 0},      {2, 0.5, -1e30, 0},
        {2, 0.5, 1e30, 0}, {2, 0.5, 0, -1},   {2, 0.5, 0, 2},        {2, 0.5, 0, NAN}};
    static const double good[GAN_BALANCE_STATE] = {2, 0.5, 0.25, 1};
    static const row q = {"auto", {AUTO, NULL}};
    gan_report seen[2];
    gen_run r;
    gan_error err = {0};
    (void)state;
    start(&r, &q, "1");
    advance(&r, 0, 1, seen);
    ok(gan_trainer_save(r.tr, at("cut"), &err), &err);
    size_t place = place_of_balance(at("cut"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        spoil(at("cut"), place, bad[i]);
        assert_int_equal(gan_trainer_load(r.tr, at("cut"), &err), GAN_EFORMAT);
        assert_non_null(strstr(err.text, " of 'trainer.figures', of the balance, is "));
    }
    spoil(at("cut"), place, good);
    ok(gan_trainer_load(r.tr, at("cut"), &err), &err);
    advance(&r, 1, 2, seen);
    assert_int_equal(seen[1].n_critic, 2);
    gen_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_goes_on_as_it_was),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(a_balance_that_cannot_be_is_refused),
        cmocka_unit_test(a_checkpoint_is_all),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
