/* SPDX-License-Identifier: MIT
 *
 * golden/cases.h - the trainings that are compared with PyTorch, for the program that writes what
 * PyTorch needs (dump.c) and for the tests (parity.h). */
#ifndef GOLDEN_CASES_H
#define GOLDEN_CASES_H

#include <stdlib.h>

#include "gan/layer.h"
#include "gan/trainer.h"
#include "train/internal.h"

#define GOLDEN_STEPS 10
#define GOLDEN_PICTURES 40 /* in the data set: five batches, so that epochs end on the way */
#define GOLDEN_IMAGES 2    /* drawn at the end */

typedef struct golden_case {
    const char *name;
    const char *set[64]; /* name, value, ...; all else is the default */
} golden_case;

#define DCGAN(side, channels)                                                                      \
    "arch", "dcgan", "size", side, "channels", channels, "nz", "10", "batch", "8"
#define MLP "arch", "mlp", "size", "8x6", "channels", "3", "nz", "10", "batch", "8", "width", "2"

/* Where the paper's small weights would leave scores near 0 in so narrow a network. */
#define HE "init", "he"

/* For one feature each: small, for there are many. Where rates are high the generator of arch mlp
 * has layer norm: a bias before batch norm has a gradient of rounding alone, and Adam makes steps of
 * that. */
#define SMALL_DCGAN SMALL_DCGAN_OF("1")
#define SMALL_DCGAN_OF(width_)                                                                     \
    "arch", "dcgan", "size", "28", "channels", "1", "nz", "4", "batch", "8", "width", width_, HE
#define SMALL_MLP                                                                                  \
    "arch", "mlp", "size", "4x3", "channels", "3", "nz", "4", "batch", "8", "width", "1", HE
#define ALL                                                                                        \
    "loss", "relativistic", "spectral-g", "true", "spectral-d", "true", "stddev", "4", "pack",     \
        "2", "noise", "linear(0.3->0.1, 8)", "mode-seeking", "0.5@0,1@4", "weight-decay", "0.1",   \
        "lr-g", "warmup(3)*cosine(0.004->0, 20)", "lr-d", "warmup(5)*step(0.004*0.5, 3)",          \
        "penalty", "r1:0.5+gp0:0.2+r2:0.5+drift:1", "penalty-every", "2", "n-critic", "2"

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

    {"lsgan_dcgan", {SMALL_DCGAN, "loss", "lsgan", "smooth", "linear(0.2->0, 8)"}},
    {"lsgan_mlp",
     {SMALL_MLP, "norm-g", "layer", "loss", "lsgan", "lr-g", "linear(0.004->0.0005, 8)", "lr-d",
      "cosine(0.004->0.0005, 10)"}},
    {"hinge_dcgan", {SMALL_DCGAN, "loss", "hinge", "n-critic", "2"}},
    {"hinge_mlp",
     {SMALL_MLP, "loss", "hinge", "n-critic", "2", "lr-g", "warmup(4)*step(0.004*0.5, 3)", "lr-d",
      "exp(0.004->0.0005, 10)"}},
    {"relativistic_dcgan", {SMALL_DCGAN, "loss", "relativistic"}},
    {"relativistic_batch", {SMALL_DCGAN_OF("2"), "loss", "relativistic", "penalty", "none"}},
    {"r1_lazy_mlp", {SMALL_MLP, "loss", "standard", "penalty", "r1:2", "penalty-every", "3"}},
    {"r2_mlp", {SMALL_MLP, "loss", "standard", "penalty", "r2:2", "norm-d", "layer"}},
    {"gp0_mlp", {SMALL_MLP, "loss", "standard", "penalty", "gp0:linear(5->1, 8)"}},
    {"dragan_dcgan", {SMALL_DCGAN, "loss", "standard", "penalty", "dragan:10"}},
    {"dragan0_mlp", {SMALL_MLP, "loss", "standard", "penalty", "dragan0:2"}},
    {"drift_dcgan",
     {SMALL_DCGAN, "loss", "wgan-gp", "penalty", "gp:10+drift:0.5", "n-critic", "2"}},
    {"spectral_d_dcgan", {SMALL_DCGAN, "loss", "hinge", "spectral-d", "true", "n-critic", "2"}},
    {"spectral_d_mlp", {SMALL_MLP, "loss", "hinge", "spectral-d", "true", "n-critic", "2"}},
    {"spectral_g_dcgan", {SMALL_DCGAN, "loss", "standard", "spectral-g", "true"}},
    {"spectral_g_mlp", {SMALL_MLP, "loss", "standard", "spectral-g", "true"}},
    {"stddev_dcgan", {SMALL_DCGAN, "loss", "standard", "stddev", "4"}},
    {"stddev_mlp", {SMALL_MLP, "loss", "standard", "stddev", "4", "penalty", "r1:1"}},
    {"pack_dcgan", {SMALL_DCGAN, "loss", "standard", "pack", "2"}},
    {"pack_mlp", {SMALL_MLP, "loss", "wgan-gp", "pack", "2", "n-critic", "2"}},
    {"seeking_dcgan",
     {SMALL_DCGAN, "loss", "hinge", "mode-seeking", "linear(1->0, 8)", "n-critic", "1"}},
    {"seeking_mlp", {SMALL_MLP, "loss", "standard", "mode-seeking", "1"}},
    {"decay_mlp",
     {SMALL_MLP, "norm-g", "layer", "loss", "standard", "weight-decay", "0.1", "lr-g", "0.01",
      "lr-d", "0.01"}},
    {"noise_dcgan", {SMALL_DCGAN, "loss", "standard", "noise", "linear(0.5->0, 8)"}},
    {"noise_mlp", {SMALL_MLP, "loss", "relativistic", "noise", "0.3"}},
    {"all_dcgan", {SMALL_DCGAN, ALL}},
    {"all_mlp", {SMALL_MLP, "norm-g", "layer", ALL}},
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

/* What a step does before its updates; the number of D's. */
static inline int64_t golden_begin(gan_trainer *tr) {
    gan_report r = {0};
    gan__trainer_follow(tr, &r);
    gan_spectral_update(gan_generator_root(tr->g), 1);
    return r.n_critic;
}

#endif
