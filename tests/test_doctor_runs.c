/* SPDX-License-Identifier: MIT
 *
 * Small runs that are spoilt on purpose, and healthy ones: the right thing is said first, or nothing.
 * Runs that diverge go back, a bounded number of times, and stopped and resumed they stay the same. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "folder.h"
#include "gan/rng.h"
#include "gan/run.h"
#include "image_gen.h"
#include "train/internal.h"

enum { SIDE = 16, MANY = 1200 };

/* Discs of different places, sizes and shades; constant: one and the same. */
static gan_dataset *discs(int count, int constant) {
    static uint8_t pixels[MANY * SIDE * SIDE];
    gan_rng r = gan_rng_make(7, 0, 0);
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_dataset *data;
    o.height = o.width = SIDE, o.channels = 1;
    double u[4] = {0.5, 0.5, 0.5, 0.5};
    for (int n = 0; n < count; n++) {
        gan_real drawn[4];
        gan_rng_fill_uniform(&r, drawn, 4, 0, 1);
        for (int i = 0; i < 4 && !constant; i++) u[i] = (double)drawn[i];
        for (int i = 0; i < SIDE * SIDE; i++) {
            double y = i / SIDE - 4 - 8 * u[0], x = i % SIDE - 4 - 8 * u[1], radius = 2 + 4 * u[2];
            double edge = radius - sqrt(x * x + y * y);
            pixels[n * SIDE * SIDE + i] = (uint8_t)((155 + 100 * u[3]) * (edge > 1   ? 1
                                                                          : edge < 0 ? 0
                                                                                     : edge));
        }
    }
    assert_int_equal(
        gan_dataset_from_memory(pixels, (size_t)count, SIDE, SIDE, 1, NULL, &o, &data, NULL),
        GAN_OK);
    return data;
}

static void ok(gan_status s, const gan_error *err) {
    if (s) fail_msg("%s", err->text);
}

static void open_on(gen_run *r, gan_dataset *data, const char *const *settings) {
    static const char *const base[] = {
        "size",         "16",    "arch",         "mlp",     "width", "8",        "nz",
        "16",           "batch", "16",           "threads", "1",     "channels", "1",
        "sample-every", "0",     "doctor-every", "25",      NULL};
    gan_error err = {0};
    gan_config c;
    gan_config_init(&c);
    for (const char *const *s = base; *s; s += 2) ok(gan_config_set(&c, s[0], s[1], &err), &err);
    for (const char *const *s = settings; *s; s += 2)
        ok(gan_config_set(&c, s[0], s[1], &err), &err);
    ok(gan_config_resolve(&c, &err), &err);
    gan_network_config gc = gan_config_generator(&c), dc = gan_config_discriminator(&c);
    *r = (gen_run){.config = c, .data = data};
    ok(gan_generator_create(&gc, &r->g, &err), &err);
    ok(gan_discriminator_create(&dc, &r->d, &err), &err);
    ok(gan_trainer_create(&c, r->g, r->d, data, &r->tr, &err), &err);
}

static void remove_run(const char *name) {
    static const char *const files[] = {"config.json",
                                        "log.jsonl",
                                        "checkpoint.safetensors",
                                        "rollback.safetensors",
                                        "generator.safetensors",
                                        "discriminator.safetensors"};
    char path[192];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", at(name), files[i]);
        remove(path);
    }
    for (int i = 0; i < 2000; i++) {
        snprintf(path, sizeof path, "%s/samples/%06d.png", at(name), i);
        remove(path);
    }
    snprintf(path, sizeof path, "%s/samples", at(name));
    rmdir(path);
    rmdir(at(name));
}

static int teardown(void **state) {
    (void)state;
    return rmdir(dir);
}

/* --- what is said --- */

typedef struct seen {
    int count;
    gan_finding first, last;
    int64_t spoil_at; /* the step before which `spoil` is called, and before each after it */
    void (*spoil)(gan_trainer *tr);
} seen;

static int on_finding(void *user, gan_trainer *tr, const gan_finding *f) {
    seen *s = user;
    (void)tr;
    if (!s->count++) s->first = *f;
    s->last = *f;
    return 0;
}

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

static void assert_said(const seen *s, int kind) {
    if (!s->count && kind < GAN_FINDING_KINDS) fail_msg("nothing was said");
    if (s->count && (int)s->first.kind != kind)
        fail_msg("%s at step %lld: %s", gan_finding_name(s->first.kind), (long long)s->first.step,
                 s->first.text);
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

/* The generator does not hear the noise any more. */
static void deafen(gan_trainer *tr) {
    const gan_parameters *p = gan_generator_parameters(gan_trainer_generator(tr));
    gan_tensor *w = p->item[0].value;
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

static void poison(gan_trainer *tr) {
    const gan_parameters *p = gan_discriminator_parameters(gan_trainer_discriminator(tr));
    *gan_tensor_edit(p->item[0].value) = (gan_real)NAN;
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

/* --- going back --- */

static const char *const short_run[] = {
    "steps",        "12", "checkpoint-every", "4", "rollback", "2",
    "doctor-every", "3",  "sample-count",     "2", NULL};

/* Steps 7 and, after a rollback, 10 fail: a function of the run's state alone. */
typedef struct ordeal {
    seen seen;
    int always;
    int64_t stop_after, told; /* told: stop when that many findings have been */
    double rate;              /* of the last step */
    int64_t steps;            /* made */
} ordeal;

static int ordeal_before(void *user, gan_trainer *tr) {
    const ordeal *o = user;
    int64_t next = gan_trainer_steps(tr) + 1;
    if ((next == 7 && (o->always || tr->rollbacks == 0)) || (next == 10 && tr->rollbacks == 1))
        poison(tr);
    return 0;
}

static int ordeal_after(void *user, gan_trainer *tr, const gan_report *r) {
    ordeal *o = user;
    (void)tr;
    o->rate = r->lr_d, o->steps++;
    return r->step == o->stop_after;
}

static int ordeal_finding(void *user, gan_trainer *tr, const gan_finding *f) {
    ordeal *o = user;
    (void)on_finding(&o->seen, tr, f);
    return o->told && o->seen.count == o->told;
}

static gan_status endure(const char *name, ordeal *o, gan_error *err) {
    gan_callbacks call = {.user = o,
                          .before_step = ordeal_before,
                          .after_step = ordeal_after,
                          .on_finding = ordeal_finding};
    gen_run r;
    open_on(&r, discs(200, 0), short_run);
    gan_status s = gan_run(r.tr, at(name), gan_run_exists(at(name)), &call, err);
    gen_close(&r);
    return s;
}

/* The file, of a log without timings, into a static buffer. */
static const char *contents(const char *run, const char *file, size_t *size) {
    static char text[4][1 << 19];
    static int turn;
    char *to = text[turn++ % 4], path[192], line[1200];
    snprintf(path, sizeof path, "%s/%s", at(run), file);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    if (strcmp(file, "log.jsonl"))
        *size = fread(to, 1, sizeof *text, f);
    else {
        *to = 0;
        while (fgets(line, sizeof line, f)) {
            char *timing = strstr(line, ", \"images_per_second\"");
            if (timing) strcpy(timing, "\n");
            strcat(to, line);
        }
        *size = strlen(to);
    }
    fclose(f);
    return to;
}

static void assert_same(const char *a, const char *b) {
    static const char *const files[] = {"log.jsonl", "checkpoint.safetensors",
                                        "rollback.safetensors", "generator.safetensors",
                                        "discriminator.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t n, m;
        const char *x = contents(a, files[i], &n), *y = contents(b, files[i], &m);
        if (n != m || memcmp(x, y, n))
            fail_msg("%s of %s and %s differ%s%s", files[i], a, b, i ? "" : ":\n", i ? "" : y);
    }
}

static void copy_run(const char *from, const char *to) {
    static const char *const files[] = {"rollback.safetensors", "log.jsonl",
                                        "checkpoint.safetensors"};
    assert_int_equal(gan__dir_make(at(to), NULL), GAN_OK);
    for (int i = 0; i < 3; i++) {
        char a[192], b[192], block[4096];
        snprintf(a, sizeof a, "%s/%s", at(from), files[i]);
        snprintf(b, sizeof b, "%s/%s", at(to), files[i]);
        FILE *in = fopen(a, "rb"), *out = fopen(b, "wb");
        assert_true(in && out);
        for (size_t n; (n = fread(block, 1, sizeof block, in));)
            assert_int_equal(fwrite(block, 1, n, out), n);
        fclose(in);
        fclose(out);
    }
}

static void runs_that_diverge_go_back(void **state) {
    ordeal o = {0};
    gan_error err = {0};
    size_t size;
    (void)state;
    ok(endure("whole", &o, &err), &err);
    assert_said(&o.seen, GAN_FINDING_NOT_FINITE);
    assert_int_equal(o.seen.count, 2);
    assert_int_equal(o.seen.first.step, 4);
    assert_int_equal(o.seen.last.step, 8);
    assert_non_null(
        strstr(o.seen.first.text, "step 7: the loss of the discriminator is not finite"));
    assert_non_null(
        strstr(o.seen.first.text, "back to step 4 with half the learning rates (1 of 2)"));
    assert_true(o.rate == 2e-4 / 4);
    assert_int_equal(o.steps, 6 + 5 + 4); /* 1 to 6, 5 to 9, 9 to 12 */
    const char *log = contents("whole", "log.jsonl", &size);
    int lines = 0;
    for (size_t i = 0; i < size; i++) lines += log[i] == '\n';
    assert_int_equal(lines, 12 + 2);
    assert_non_null(strstr(log, "\n{\"step\": 4, \"rollback\": 1, \"finding\": \"not-finite\", "));
    assert_non_null(strstr(log, "\n{\"step\": 8, \"rollback\": 2, \"finding\": \"not-finite\", "));
}

/* Stopped after each step and going on in a new process; stopped by what it is told. */
static void resumed_they_are_the_same(void **state) {
    (void)state;
    for (int64_t stop = 1; stop <= 12; stop++) {
        ordeal o = {.stop_after = stop < 12 ? stop : 0, .told = stop == 12}, rest = {0};
        gan_error err = {0};
        assert_int_equal(endure("half", &o, &err), GAN_ESTOPPED);
        ok(endure("half", &rest, &err), &err);
        assert_same("whole", "half");
        remove_run("half");
    }
}

/* Killed when the line is written and the checkpoint is not yet: as it lies on the disk then. */
static int killed(void *user, gan_trainer *tr, const gan_finding *f) {
    (void)user, (void)tr, (void)f;
    if (!gan_run_exists(at("killed"))) copy_run("half", "killed");
    return 0;
}

static void killed_they_are_the_same(void **state) {
    gan_callbacks call = {.before_step = ordeal_before, .on_finding = killed};
    gan_error err = {0};
    ordeal o = {0};
    gen_run r;
    (void)state;
    call.user = &o;
    open_on(&r, discs(200, 0), short_run);
    ok(gan_run(r.tr, at("half"), 0, &call, &err), &err);
    gen_close(&r);
    ok(endure("killed", &o, &err), &err);
    assert_same("whole", "half");
    assert_same("whole", "killed");
    remove_run("killed");
    remove_run("half");
    remove_run("whole");
}

static void they_go_back_so_often_and_no_more(void **state) {
    ordeal o = {.always = 1};
    gan_error err = {0};
    (void)state;
    assert_int_equal(endure("half", &o, &err), GAN_EDIVERGED);
    assert_int_equal(o.seen.count, 3);
    assert_non_null(strstr(err.text, "step 7: the loss of the discriminator is not finite"));
    assert_string_equal(o.seen.last.text, err.text);
    o = (ordeal){.always = 1};
    assert_int_equal(endure("half", &o, &err), GAN_EDIVERGED); /* resumed: none are left */
    assert_int_equal(o.seen.count, 1);
    remove_run("half");
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
        cmocka_unit_test(runs_that_diverge_go_back),
        cmocka_unit_test(resumed_they_are_the_same),
        cmocka_unit_test(killed_they_are_the_same),
        cmocka_unit_test(they_go_back_so_often_and_no_more),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
