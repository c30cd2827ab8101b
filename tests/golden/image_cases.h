/* SPDX-License-Identifier: MIT
 *
 * golden/image_cases.h - the networks that make images of images, their discriminators, and arch
 * resnet as wide as in the papers, which are compared with PyTorch: for the program that writes their
 * files (image_nets.c) and for the tests (image_parity.h). Inputs follow from a formula, so that they
 * are in no file. */
#ifndef GOLDEN_IMAGE_CASES_H
#define GOLDEN_IMAGE_CASES_H

#include <string.h>

#include "gan/discriminator.h"
#include "gan/generator.h"

#define IMAGE_STEP 31 /* golden files hold every 31st element of results */

/* A row names only the fields that it needs. */
#if defined(__GNUC__)
#    pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif

typedef struct image_case {
    const char *name, *arch;
    int64_t n, h, w;   /* of the input; a generator may be for another size */
    int64_t source[3]; /* that size, and channels; all 0, and nz too: a discriminator */
    int64_t image[3];  /* height, width, channels */
    int64_t features;
    gan_norm_kind norm;
    int64_t depth;
    double dropout;
    int spectral;
    int64_t nz; /* not 0: a generator of latent vectors */
} image_case;

static const image_case image_cases[] = {
    {"unet_32", "unet", 2, 32, 32, {32, 32, 2}, {32, 32, 3}, 1},
    {"unet_64", "unet", 1, 64, 128, {64, 64, 3}, {64, 64, 1}, 1, GAN_NORM_INSTANCE, 0, 0.5},
    {"resnet9_instance", "resnet9", 2, 16, 20, {12, 16, 2}, {12, 16, 3}, 1, GAN_NORM_AUTO, 2},
    {"resnet9_six", "resnet9", 1, 8, 8, {128, 64, 1}, {128, 64, 1}, 1},
    {"resnet9_nine", "resnet9", 1, 8, 12, {64, 132, 1}, {64, 132, 1}, 1, GAN_NORM_LAYER},
    {"resnet9_batch", "resnet9", 3, 8, 8, {8, 8, 3}, {8, 8, 2}, 1, GAN_NORM_BATCH, 1, 0.5},
    {"srresnet_x4", "srresnet", 2, 7, 6, {6, 5, 3}, {24, 20, 3}, 2, GAN_NORM_AUTO, 1},
    {"srresnet_x2", "srresnet", 1, 5, 4, {5, 4, 1}, {10, 8, 2}, 1, GAN_NORM_NONE, 0, 0, 1},
    {"patch_70", "patch", 2, 64, 72, {0}, {64, 72, 3}, 1},
    {"patch_34", "patch", 2, 33, 47, {0}, {33, 47, 1}, 2, GAN_NORM_INSTANCE, 0, 0.3},
    {"patch_16", "patch", 2, 8, 31, {0}, {8, 31, 3}, 2, GAN_NORM_AUTO, 0, 0, 1},
    {"srgan", "srgan", 3, 32, 16, {0}, {32, 16, 3}, 1},
    {"unet_256_full", "unet", 1, 256, 256, {256, 256, 3}, {256, 256, 3}, 64, GAN_NORM_AUTO, 0, 0.5},
    {"unet_128_full", "unet", 2, 128, 128, {128, 128, 1}, {128, 128, 3}, 64},
    {"resnet9_256_full", "resnet9", 1, 64, 96, {256, 256, 3}, {256, 256, 3}, 64},
    {"resnet9_128_full", "resnet9", 1, 64, 80, {128, 128, 3}, {128, 128, 3}, 64, GAN_NORM_BATCH},
    {"srresnet_full", "srresnet", 2, 24, 40, {24, 24, 3}, {96, 96, 3}, 64},
    {"patch_full", "patch", 1, 256, 256, {0}, {256, 256, 6}, 64},
    {"patch_instance_full", "patch", 1, 128, 128, {0}, {128, 128, 3}, 64, GAN_NORM_INSTANCE},
    {"srgan_full", "srgan", 2, 96, 96, {0}, {96, 96, 3}, 64},
    {"resnet_g64_full", "resnet", 2, 0, 0, {0}, {64, 64, 3}, 64, .nz = 128},
    {"resnet_g128_full", "resnet", 2, 0, 0, {0}, {128, 128, 3}, 64, .nz = 128},
    {"resnet_d64_full", "resnet", 2, 64, 64, {0}, {64, 64, 3}, 64},
    {"resnet_d128_full", "resnet", 2, 128, 128, {0}, {128, 128, 3}, 64},
};

#define IMAGE_CASES (sizeof image_cases / sizeof *image_cases)

/* As wide as in the papers: compared by image_nets.sh alone. */
static inline int image_is_full(const image_case *k) {
    return k->features == 64;
}

/* The network of a case: one of the two. */
typedef struct image_net {
    gan_generator *g;
    gan_discriminator *d;
} image_net;

static inline gan_status image_net_open(const image_case *k, image_net *net, gan_error *err) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    strcpy(c.arch, k->arch);
    c.source_height = k->source[0], c.source_width = k->source[1], c.source_channels = k->source[2];
    c.height = k->image[0], c.width = k->image[1], c.channels = k->image[2];
    c.features = k->features, c.depth = k->depth, c.norm = k->norm;
    c.dropout = k->dropout, c.spectral = k->spectral;
    if (k->nz) c.nz = k->nz;
    *net = (image_net){NULL, NULL};
    return k->source[2] || k->nz ? gan_generator_create(&c, &net->g, err)
                                 : gan_discriminator_create(&c, &net->d, err);
}

static inline void image_net_close(image_net *net) {
    gan_generator_free(net->g);
    gan_discriminator_free(net->d);
}

static inline gan_parameters *image_net_parameters(image_net *net) {
    return net->g ? gan_generator_parameters(net->g) : gan_discriminator_parameters(net->d);
}

/* Numbers in [-1,1) that are the same in float, in double and in image_nets.py. */
static inline void image_fill(gan_tensor *x, uint32_t first) {
    for (int64_t i = 0; i < gan_tensor_size(x); i++) {
        uint32_t bits = (first + (uint32_t)i) * 2654435761U;
        gan_tensor_edit(x)[i] = (gan_real)((int)(bits >> 24) - 128) / 128;
    }
}

static inline gan_tensor *image_input(gan_tape *t, const image_case *k) {
    int64_t channels = k->source[2] ? k->source[2] : k->image[2];
    const int64_t image[] = {k->n, k->h, k->w, channels}, latent[] = {k->n, k->nz};
    gan_tensor *x = gan_input(t, k->nz ? 2 : 4, k->nz ? latent : image, NULL);
    if (x) image_fill(x, 1);
    return x;
}

/* Images, or scores; training: by the statistics of the batch, which it does not keep, and without
 * dropout. */
static inline gan_tensor *image_net_run(gan_tape *t, image_net *net, gan_tensor *x, int training) {
    const gan_pass pass = {.training = training};
    return net->g ? gan_generator_forward(t, net->g, x, NULL, &pass)
                  : gan_discriminator_forward(t, net->d, x, NULL, &pass).scores;
}

/* The gradient of <seed, y> in x. */
static inline gan_tensor *image_gradient(gan_tape *t, gan_tensor *x, gan_tensor *y) {
    int64_t dim[4];
    gan_tensor *g = NULL;
    for (int i = 0; i < gan_tensor_rank(y); i++) dim[i] = gan_tensor_dim(y, i);
    gan_tensor *seed = gan_input(t, gan_tensor_rank(y), dim, NULL);
    if (seed) image_fill(seed, 1000);
    gan_grad(t, y, seed, 1, &x, &g, GAN_GRAD_KEEP);
    return g;
}

#endif
