/* SPDX-License-Identifier: MIT
 *
 * image_gen.h - small training runs on pictures made in memory, for the tests of networks and
 * trainers. Include it after cmocka.h. */
#ifndef IMAGE_GEN_H
#define IMAGE_GEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gan/trainer.h"

enum { GEN_SIDE = 28, GEN_COUNT = 40 };

/* A data set of n blurred discs, 28x28 and grey, of 3 classes. */
static inline gan_status gen_dataset(const gan_dataset_options *o, gan_dataset **out,
                                     gan_error *err) {
    static uint8_t pixels[GEN_COUNT * GEN_SIDE * GEN_SIDE];
    int labels[GEN_COUNT];
    for (int n = 0; n < GEN_COUNT; n++) labels[n] = n % 3;
    for (int n = 0; n < GEN_COUNT; n++)
        for (int y = 0; y < GEN_SIDE; y++)
            for (int x = 0; x < GEN_SIDE; x++) {
                int dx = x - 8 - n % 12, dy = y - 8 - n % 9, d = 255 - (dx * dx + dy * dy) * 5;
                pixels[(n * GEN_SIDE + y) * GEN_SIDE + x] = (uint8_t)(d > 0 ? d : 0);
            }
    return gan_dataset_from_memory(pixels, GEN_COUNT, GEN_SIDE, GEN_SIDE, 1, labels, o, out, err);
}

/* A resolved config of that size; then "name", "value", ..., NULL. */
static inline gan_config gen_config(const char *const *settings) {
    static const char *const base[] = {"size",  "28", "channels",     "1", "width",   "2",
                                       "nz",    "5",  "batch",        "4", "threads", "1",
                                       "steps", "4",  "sample-count", "5", NULL};
    gan_config c;
    gan_error err = {0};
    gan_config_init(&c);
    for (const char *const *s = base; *s; s += 2)
        assert_int_equal(gan_config_set(&c, s[0], s[1], &err), GAN_OK);
    for (const char *const *s = settings; s && *s; s += 2)
        if (gan_config_set(&c, s[0], s[1], &err)) fail_msg("%s", err.text);
    if (gan_config_resolve(&c, &err)) fail_msg("%s", err.text);
    return c;
}

/* What a trainer stands on, and the trainer. */
typedef struct gen_run {
    gan_config config;
    gan_dataset *data;
    gan_generator *g;
    gan_discriminator *d;
    gan_trainer *tr;
} gen_run;

static inline void gen_close(gen_run *r) {
    gan_trainer_free(r->tr);
    gan_generator_free(r->g);
    gan_discriminator_free(r->d);
    gan_dataset_free(r->data);
    r->tr = NULL, r->g = NULL, r->d = NULL, r->data = NULL;
}

/* After a failure it is closed. */
static inline gan_status gen_open(gen_run *r, const gan_config *c, gan_error *err) {
    gan_network_config gc, dc;
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    *r = (gen_run){.config = *c};
    o.height = (int)c->height, o.width = (int)c->width, o.channels = (int)c->channels;
    o.holdout = c->holdout, o.cache_mib = (size_t)c->cache_mib;
    gan_status s = gen_dataset(&o, &r->data, err);
    if (!s) s = gan_config_take_classes(&r->config, r->data, err);
    gc = gan_config_generator(&r->config), dc = gan_config_discriminator(&r->config);
    if (!s) s = gan_generator_create(&gc, &r->g, err);
    if (!s) s = gan_discriminator_create(&dc, &r->d, err);
    if (!s) s = gan_trainer_create(&r->config, r->g, r->d, r->data, &r->tr, err);
    if (!s) s = gan_trainer_initialise(r->tr, err);
    if (s) gen_close(r);
    return s;
}

/* The report of the last of n steps. */
static inline gan_report gen_steps(gen_run *r, int n) {
    gan_report report = {0};
    gan_error err = {0};
    for (int i = 0; i < n; i++)
        if (gan_trainer_step(r->tr, &report, &err)) fail_msg("%s", err.text);
    return report;
}

/* To the bit. */
static inline int gen_same(const gan_parameter *a, const gan_parameter *b) {
    return !memcmp(gan_tensor_data(a->value), gan_tensor_data(b->value),
                   (size_t)gan_tensor_size(a->value) * sizeof(gan_real));
}

static inline int gen_same_weights(const gan_parameters *p, const gan_parameters *q) {
    int same = 1;
    for (int i = 0; i < p->count; i++) same &= gen_same(&p->item[i], &q->item[i]);
    return same;
}

/* A run of five steps is the same when it is saved to the file and loaded after any of them; `whole`
 * is that run, left open. */
static inline void gen_goes_on(gen_run *whole, void (*open)(gen_run *, const char *const *),
                               const char *const *settings, const char *file) {
    gen_run a, b;
    gan_error err = {0};
    open(whole, settings);
    gen_steps(whole, 5);
    for (int at = 1; at < 5; at++) {
        open(&a, settings);
        open(&b, settings);
        gen_steps(&a, at);
        if (gan_trainer_save(a.tr, file, &err) || gan_trainer_load(b.tr, file, &err))
            fail_msg("%s", err.text);
        gen_steps(&b, 5 - at);
        assert_true(
            gen_same_weights(gan_generator_parameters(b.g), gan_generator_parameters(whole->g)));
        assert_true(gen_same_weights(gan_discriminator_parameters(b.d),
                                     gan_discriminator_parameters(whole->d)));
        gen_close(&a);
        gen_close(&b);
    }
}

#endif
