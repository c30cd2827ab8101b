/* SPDX-License-Identifier: MIT
 *
 * golden/cases.h - the trainings that are compared with PyTorch, for the program that writes what
 * PyTorch needs (dump.c) and for the tests (parity.h). */
#ifndef GOLDEN_CASES_H
#define GOLDEN_CASES_H

#include <stdlib.h>

#include "gan/layer.h"
#include "gan/trainer.h"
#include "train/task/task.h"

#define GOLDEN_STEPS 10
#define GOLDEN_PICTURES 40 /* in the data set: five batches, so that epochs end on the way */
#define GOLDEN_IMAGES 2    /* drawn at the end */
#define GOLDEN_CLASSES 3   /* of the pictures, where networks take labels */
#define GOLDEN_SUMS 16     /* numbers that are left of a folded tensor */

/* SHAKEN: networks begin with random numbers also where they have zeros and ones, which would hide
 * what they are factors of: scales of attention, places of tokens, rows of classes. FOLDED: the file
 * has, in place of images and tensors with more than GOLDEN_SUMS elements, these sums over the elements
 * x in the file's order: sum[k] = sum over i of (i + 1) x[GOLDEN_SUMS i + k]; and no initial weights,
 * which follow from the seed. */
enum { GOLDEN_PLAIN = 0, GOLDEN_SHAKEN = 1, GOLDEN_FOLDED = 2 };

typedef struct golden_case {
    const char *name;
    int how;
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
#define XAVIER "init", "xavier"
#define SMALL_RESNET(side, width_)                                                                 \
    "arch", "resnet", "size", side, "channels", "1", "nz", "2", "batch", "6", "width", width_,     \
        XAVIER
#define SMALL_TRANSFORMER                                                                          \
    "arch", "transformer", "size", "32", "channels", "1", "nz", "2", "batch", "4", "width", "4",   \
        "depth", "1", XAVIER
#define SIDE_7 SMALL_DCGAN_OF("2"), "attention", "7"
#define CLASSES(g_, d_) "condition-g", g_, "condition-d", d_
#define PAIR(task_, g_, d_)                                                                        \
    "task", task_, "arch-g", g_, "arch-d", d_, "size", "32", "channels", "1", "batch", "4",        \
        "width", "1", HE
#define ALL                                                                                        \
    "loss", "relativistic", "spectral-g", "true", "spectral-d", "true", "stddev", "4", "pack",     \
        "2", "noise", "linear(0.3->0.1, 8)", "mode-seeking", "0.5@0,1@4", "weight-decay", "0.1",   \
        "lr-g", "warmup(3)*cosine(0.004->0, 20)", "lr-d", "warmup(5)*step(0.004*0.5, 3)",          \
        "penalty", "r1:0.5+gp0:0.2+r2:0.5+drift:1", "penalty-every", "2", "n-critic", "2"

#define PLAIN GOLDEN_PLAIN
#define SHAKEN GOLDEN_SHAKEN
#define BRIEF (GOLDEN_SHAKEN | GOLDEN_FOLDED)

static const golden_case golden_cases[] = {
    {"standard_dcgan", PLAIN, {DCGAN("32", "3"), "width", "4", "loss", "standard"}},
    {"wgangp_dcgan",
     PLAIN,
     {DCGAN("32", "3"), "width", "4", "loss", "wgan-gp", "n-critic", "2", HE}},
    {"wgan_dcgan",
     PLAIN,
     {DCGAN("28", "1"), "width", "4", "loss", "wgan", "n-critic", "2", "clip", "0.1", HE}},
    {"wgangp_layer",
     PLAIN,
     {DCGAN("32", "1"), "width", "3", "loss", "wgan-gp", "n-critic", "2", "norm-d", "layer"}},
    {"wgangp_instance",
     PLAIN,
     {DCGAN("32", "1"), "width", "3", "loss", "wgan-gp", "n-critic", "2", "norm-d", "instance"}},
    {"standard_mlp", PLAIN, {MLP, "loss", "standard", HE}},
    {"wgangp_mlp", PLAIN, {MLP, "loss", "wgan-gp", "n-critic", "2", "norm-g", "layer", HE}},
    {"saturating_mlp",
     PLAIN,
     {MLP, "loss", "standard", "saturating", "true", "smooth", "0.1", "optimizer", "sgd", "lr-g",
      "0.01", "lr-d", "0.01", "norm-d", "layer", "z", "uniform"}},

    {"lsgan_dcgan", PLAIN, {SMALL_DCGAN, "loss", "lsgan", "smooth", "linear(0.2->0, 8)"}},
    {"lsgan_mlp",
     PLAIN,
     {SMALL_MLP, "norm-g", "layer", "loss", "lsgan", "lr-g", "linear(0.004->0.0005, 8)", "lr-d",
      "cosine(0.004->0.0005, 10)"}},
    {"hinge_dcgan", PLAIN, {SMALL_DCGAN, "loss", "hinge", "n-critic", "2"}},
    {"hinge_mlp",
     PLAIN,
     {SMALL_MLP, "loss", "hinge", "n-critic", "2", "lr-g", "warmup(4)*step(0.004*0.5, 3)", "lr-d",
      "exp(0.004->0.0005, 10)"}},
    {"relativistic_dcgan", PLAIN, {SMALL_DCGAN, "loss", "relativistic"}},
    {"relativistic_batch", PLAIN, {SMALL_DCGAN_OF("2"), "loss", "relativistic", "penalty", "none"}},
    {"r1_lazy_mlp",
     PLAIN,
     {SMALL_MLP, "loss", "standard", "penalty", "r1:2", "penalty-every", "3"}},
    {"r2_mlp", PLAIN, {SMALL_MLP, "loss", "standard", "penalty", "r2:2", "norm-d", "layer"}},
    {"gp0_mlp", PLAIN, {SMALL_MLP, "loss", "standard", "penalty", "gp0:linear(5->1, 8)"}},
    {"dragan_dcgan", PLAIN, {SMALL_DCGAN, "loss", "standard", "penalty", "dragan:10"}},
    {"dragan0_mlp", PLAIN, {SMALL_MLP, "loss", "standard", "penalty", "dragan0:2"}},
    {"drift_dcgan",
     PLAIN,
     {SMALL_DCGAN, "loss", "wgan-gp", "penalty", "gp:10+drift:0.5", "n-critic", "2"}},
    {"spectral_d_dcgan",
     PLAIN,
     {SMALL_DCGAN, "loss", "hinge", "spectral-d", "true", "n-critic", "2"}},
    {"spectral_d_mlp", PLAIN, {SMALL_MLP, "loss", "hinge", "spectral-d", "true", "n-critic", "2"}},
    {"spectral_g_dcgan", PLAIN, {SMALL_DCGAN, "loss", "standard", "spectral-g", "true"}},
    {"spectral_g_mlp", PLAIN, {SMALL_MLP, "loss", "standard", "spectral-g", "true"}},
    {"stddev_dcgan", PLAIN, {SMALL_DCGAN, "loss", "standard", "stddev", "4"}},
    {"stddev_mlp", PLAIN, {SMALL_MLP, "loss", "standard", "stddev", "4", "penalty", "r1:1"}},
    {"pack_dcgan", PLAIN, {SMALL_DCGAN, "loss", "standard", "pack", "2"}},
    {"pack_mlp", PLAIN, {SMALL_MLP, "loss", "wgan-gp", "pack", "2", "n-critic", "2"}},
    {"seeking_dcgan",
     PLAIN,
     {SMALL_DCGAN, "loss", "hinge", "mode-seeking", "linear(1->0, 8)", "n-critic", "1"}},
    {"seeking_mlp", PLAIN, {SMALL_MLP, "loss", "standard", "mode-seeking", "1"}},
    {"decay_mlp",
     PLAIN,
     {SMALL_MLP, "norm-g", "layer", "loss", "standard", "weight-decay", "0.1", "lr-g", "0.01",
      "lr-d", "0.01"}},
    {"noise_dcgan", PLAIN, {SMALL_DCGAN, "loss", "standard", "noise", "linear(0.5->0, 8)"}},
    {"noise_mlp", PLAIN, {SMALL_MLP, "loss", "relativistic", "noise", "0.3"}},
    {"all_dcgan", PLAIN, {SMALL_DCGAN, ALL}},
    {"all_mlp", PLAIN, {SMALL_MLP, "norm-g", "layer", ALL}},

    {"resnet_28", SHAKEN, {SMALL_RESNET("28", "1"), "loss", "standard"}},
    {"resnet_spectral",
     BRIEF,
     {SMALL_RESNET("32", "1"), "loss", "hinge", "spectral-d", "true", "n-critic", "2"}},
    {"resnet_layer",
     BRIEF,
     {SMALL_RESNET("32", "2"), "loss", "wgan-gp", "norm-g", "layer", "norm-d", "layer", "n-critic",
      "2"}},
    {"transformer", BRIEF, {SMALL_TRANSFORMER, "loss", "standard"}},
    {"transformer_gp", BRIEF, {SMALL_TRANSFORMER, "loss", "wgan-gp", "n-critic", "2"}},
    {"attention_gp", BRIEF, {SIDE_7, "loss", "wgan-gp", "n-critic", "2"}},
    {"attention_spectral",
     BRIEF,
     {SIDE_7, "loss", "hinge", "spectral-g", "true", "spectral-d", "true"}},
    {"projection_dcgan",
     BRIEF,
     {SMALL_DCGAN, CLASSES("norm", "projection"), "loss", "hinge", "spectral-d", "true", "n-critic",
      "2"}},
    {"projection_mlp",
     BRIEF,
     {SMALL_MLP, CLASSES("norm", "projection"), "loss", "hinge", "spectral-d", "true", "n-critic",
      "2"}},
    {"projection_resnet",
     BRIEF,
     {SMALL_RESNET("28", "1"), CLASSES("norm", "projection"), "loss", "hinge", "spectral-d", "true",
      "n-critic", "2"}},
    {"concat_dcgan", BRIEF, {SMALL_DCGAN, CLASSES("concat", "concat"), "loss", "standard"}},
    {"concat_mlp",
     BRIEF,
     {SMALL_MLP, CLASSES("concat", "concat"), "loss", "wgan-gp", "n-critic", "2"}},
    {"classifier_dcgan",
     BRIEF,
     {SMALL_DCGAN, CLASSES("concat", "classifier"), "loss", "standard", "classify",
      "linear(2->0.5, 8)"}},
    {"classifier_mlp",
     BRIEF,
     {SMALL_MLP, CLASSES("concat", "classifier"), "loss", "hinge", "classify", "0.5", "n-critic",
      "2"}},
    {"superres",
     BRIEF,
     {PAIR("superres", "srresnet", "srgan"), "scale", "2", "depth", "1", "loss", "relativistic",
      "penalty", "none", "adversarial", "linear(0.1->0.5, 8)", "add",
      "l2:2+perceptual:linear(1->0.2, 8)"}},
    {"superres_hinge",
     BRIEF,
     {PAIR("superres", "srresnet", "srgan"), "scale", "4", "depth", "1", "loss", "hinge", "norm-d",
      "layer", "n-critic", "2", "add", "charbonnier:3+perceptual:0.5"}},
    {"superres_rest",
     BRIEF,
     {PAIR("superres", "srresnet", "dcgan"), "scale", "2", "depth", "1", "loss", "standard",
      "adversarial", "0@0,0.2@3", "add", "l2:1+perceptual:0.5"}},
    {"translate", BRIEF, {PAIR("translate", "unet", "patch"), "loss", "standard", "add", "l1:10"}},
    {"translate_back",
     BRIEF,
     {PAIR("translate", "unet", "patch"), "direction", "ba", "norm-d", "instance", "loss", "lsgan",
      "n-critic", "2", "add", "l1:linear(5->1, 8)+perceptual:1"}},
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

/* Pictures of random bytes, of one class after the other. */
static inline gan_status golden_data(const gan_config *c, gan_dataset **out, gan_error *err) {
    static uint8_t pixels[GOLDEN_PICTURES * 32 * 32 * 3];
    static int labels[GOLDEN_PICTURES];
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_rng rng = gan_rng_make(5, 99, 0);
    o.height = o.width = o.channels = 0;
    o.holdout = 0;
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)gan_rng_bits(&rng);
    for (int i = 0; i < GOLDEN_PICTURES; i++) labels[i] = i % GOLDEN_CLASSES;
    int width = (int)c->width * gan__task_find(c->task, NULL)->pictures;
    return gan_dataset_from_memory(pixels, GOLDEN_PICTURES, (int)c->height, width, (int)c->channels,
                                   labels, &o, out, err);
}

/* Scales and biases of all kinds. */
static inline void golden_shake(gan_parameters *p, uint32_t stream) {
    for (int i = 0; i < p->count; i++) {
        gan_role role = p->item[i].role;
        if (!p->item[i].value || (role != GAN_ROLE_SCALE && role != GAN_ROLE_BIAS)) continue;
        gan_rng rng = gan_rng_make(5, stream, (uint64_t)i);
        gan_real *x = gan_tensor_edit(p->item[i].value);
        for (int64_t k = 0; k < gan_tensor_size(p->item[i].value); k++) {
            gan_real by;
            gan_rng_fill_normal(&rng, &by, 1, 0, 0.3);
            x[k] += by;
        }
    }
}

static inline gan_status golden_open(const golden_case *c, golden_run *r, gan_error *err) {
    *r = (golden_run){0};
    gan_status s = golden_configure(c, &r->config, err);
    if (!s) s = golden_data(&r->config, &r->data, err);
    if (!s) s = gan_config_take_classes(&r->config, r->data, err);
    gan_network_config ng = gan_config_generator(&r->config);
    gan_network_config nd = gan_config_discriminator(&r->config);
    if (!s) s = gan_generator_create(&ng, &r->g, err);
    if (!s) s = gan_discriminator_create(&nd, &r->d, err);
    if (!s) s = gan_trainer_create(&r->config, r->g, r->d, r->data, &r->trainer, err);
    if (!s) s = gan_trainer_initialise(r->trainer, err);
    if (s) golden_close(r);
    if (s || !(c->how & GOLDEN_SHAKEN)) return s;
    golden_shake(gan_generator_parameters(r->g), 100);
    golden_shake(gan_discriminator_parameters(r->d), 101);
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
