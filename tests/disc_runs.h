/* SPDX-License-Identifier: MIT
 *
 * disc_runs.h - small runs on discs made in memory, for the tests of the doctor and of rollbacks. Include
 * it after cmocka.h. */
#ifndef DISC_RUNS_H
#define DISC_RUNS_H

#include <math.h>
#include <unistd.h>

#include "folder.h"
#include "gan/rng.h"
#include "gan/run.h"
#include "image_gen.h"

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

static void assert_said(const seen *s, int kind) {
    if (!s->count && kind < GAN_FINDING_KINDS) fail_msg("nothing was said");
    if (s->count && (int)s->first.kind != kind)
        fail_msg("%s at step %lld: %s", gan_finding_name(s->first.kind), (long long)s->first.step,
                 s->first.text);
}

static void poison(gan_trainer *tr) {
    const gan_parameters *p = gan_discriminator_parameters(gan_trainer_discriminator(tr));
    *gan_tensor_edit(p->item[0].value) = (gan_real)NAN;
}

#endif
