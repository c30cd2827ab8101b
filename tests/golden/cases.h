/* SPDX-License-Identifier: MIT
 *
 * golden/cases.h - the trainings that are compared with PyTorch, for the program that writes what
 * PyTorch needs (dump.c) and for the tests (parity.h). */
#ifndef GOLDEN_CASES_H
#define GOLDEN_CASES_H

#include <stdlib.h>

#include "gan/trainer.h"
#include "train/internal.h"

#define GOLDEN_STEPS 10
#define GOLDEN_PICTURES 40 /* in the data set: five batches, so that epochs end on the way */
#define GOLDEN_IMAGES 2    /* drawn at the end */

typedef struct golden_case {
    const char *name;
    const char *set[32]; /* name, value, ...; all else is the default */
} golden_case;

#define DCGAN(side, channels)                                                                      \
    "arch", "dcgan", "size", side, "channels", channels, "nz", "10", "batch", "8"
#define MLP "arch", "mlp", "size", "8x6", "channels", "3", "nz", "10", "batch", "8", "width", "2"

/* Where the paper's small weights would leave scores near 0 in so narrow a network. */
#define HE "init", "he"

static const golden_case golden_cases[] = {
    {"standard_dcgan", {DCGAN("32", "3"), "width", "4", "loss", "standard"}},
    {"wgangp_dcgan", {DCGAN("32", "3"), "width", "4", "loss", "wgan-gp", "n-critic", "2", HE}},
    {"wgan_dcgan",
     {DCGAN("28", "1"), "width", "4", "loss", "wgan", "n-critic", "2", "clip", "0.1", HE}},
    {"wgangp_layer",
     {DCGAN("32", "1"), "width", "3", "loss", "wgan-gp", "n-critic", "2", "norm-d", "layer"}},
    {"wgangp_instance",
     {DCGAN("32", "1"), "width", "3", "loss", "wgan-gp", "n-critic", "2", "norm-d", "instance"}},
    {"standard_mlp", {MLP, "loss", "standard", HE}},
    {"wgangp_mlp", {MLP, "loss", "wgan-gp", "n-critic", "2", "norm-g", "layer", HE}},
    {"saturating_mlp",
     {MLP, "loss", "standard", "saturating", "true", "smooth", "0.1", "optimizer", "sgd", "lr-g",
      "0.01", "lr-d", "0.01", "norm-d", "layer", "z", "uniform"}},
};

#define GOLDEN_CASES (sizeof golden_cases / sizeof *golden_cases)

/* A training, ready for its first step. */
typedef struct golden_run {
    gan_config config;
    gan_dataset *data;
    gan_generator *g;
    gan_discriminator *d;
    gan_trainer *trainer;
} golden_run;

static inline void golden_close(golden_run *r) {
    gan_trainer_free(r->trainer);
    gan_generator_free(r->g);
    gan_discriminator_free(r->d);
    gan_dataset_free(r->data);
    *r = (golden_run){0};
}

static inline gan_status golden_configure(const golden_case *c, gan_config *config,
                                          gan_error *err) {
    gan_config_init(config);
    config->steps = GOLDEN_STEPS;
    config->seed = 3;
    config->threads = 1;
    gan_status s = GAN_OK;
    for (int i = 0; c->set[i] && !s; i += 2)
        s = gan_config_set(config, c->set[i], c->set[i + 1], err);
    return s ? s : gan_config_resolve(config, err);
}

/* Pictures of random bytes. */
static inline gan_status golden_data(const gan_config *c, gan_dataset **out, gan_error *err) {
    static uint8_t pixels[GOLDEN_PICTURES * 32 * 32 * 3];
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_rng rng = gan_rng_make(5, 99, 0);
    o.height = o.width = o.channels = 0;
    o.holdout = 0;
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)gan_rng_bits(&rng);
    return gan_dataset_from_memory(pixels, GOLDEN_PICTURES, (int)c->height, (int)c->width,
                                   (int)c->channels, NULL, &o, out, err);
}

static inline gan_status golden_open(const golden_case *c, golden_run *r, gan_error *err) {
    *r = (golden_run){0};
    gan_status s = golden_configure(c, &r->config, err);
    if (!s) s = golden_data(&r->config, &r->data, err);
    gan_network_config ng = gan_config_generator(&r->config);
    gan_network_config nd = gan_config_discriminator(&r->config);
    if (!s) s = gan_generator_create(&ng, &r->g, err);
    if (!s) s = gan_discriminator_create(&nd, &r->d, err);
    if (!s) s = gan_trainer_create(&r->config, r->g, r->d, r->data, &r->trainer, err);
    if (!s) s = gan_trainer_initialise(r->trainer, err);
    if (s) golden_close(r);
    return s;
}

#endif
