/* SPDX-License-Identifier: MIT
 *
 * gan/network.h - what a generator and a discriminator are built from: one description for both. */
#ifndef GAN_NETWORK_H
#define GAN_NETWORK_H

#include "gan/module.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(code, name, text) */
#define GAN_NORM_LIST(X)                                                                           \
    X(GAN_NORM_AUTO, "auto",                                                                       \
      "batch; none in a critic under a penalty or spectral norm, and in a discriminator of "       \
      "arch mlp; instance in a generator of arch resnet9")                                         \
    X(GAN_NORM_BATCH, "batch", "over the images of a batch, for each channel")                     \
    X(GAN_NORM_LAYER, "layer", "over channels and pixels, for each image")                         \
    X(GAN_NORM_INSTANCE, "instance", "over pixels, for each image and channel")                    \
    X(GAN_NORM_NONE, "none", "no normalisation")

typedef enum gan_norm_kind {
#define GAN_NORM_CODE(code, name, text) code,
    GAN_NORM_LIST(GAN_NORM_CODE)
#undef GAN_NORM_CODE
} gan_norm_kind;

/* How a network takes class labels: X(code, name, text). */
#define GAN_CONDITION_LIST(X)                                                                      \
    X(GAN_CONDITION_NONE, "none", "no labels")                                                     \
    X(GAN_CONDITION_CONCAT, "concat",                                                              \
      "a learned vector for each class: beside the latent vector, or as one more channel of the "  \
      "images (arXiv:1411.1784)")                                                                  \
    X(GAN_CONDITION_NORM, "norm",                                                                  \
      "generators: scale and shift of each batch norm for each class (arXiv:1610.07629)")          \
    X(GAN_CONDITION_PROJECTION, "projection",                                                      \
      "discriminators: score + <vector of the class, features> (arXiv:1802.05637)")                \
    X(GAN_CONDITION_CLASSIFIER, "classifier",                                                      \
      "discriminators: also logits of the class (ACGAN, arXiv:1610.09585)")

typedef enum gan_condition {
#define GAN_CONDITION_CODE(code, name, text) code,
    GAN_CONDITION_LIST(GAN_CONDITION_CODE)
#undef GAN_CONDITION_CODE
} gan_condition;

#define GAN_ARCH_NAME 16

typedef struct gan_network_config {
    size_t size;                     /* sizeof(gan_network_config) */
    char arch[GAN_ARCH_NAME];        /* "dcgan": a row of the table of its module */
    int64_t height, width, channels; /* of an image; the library's images have 1 or 3 channels */
    int64_t nz;                      /* length of a latent vector */
    int64_t features; /* channels of the layer next to the image (dcgan's ngf, ndf) */
    gan_norm_kind norm;
    double dropout; /* after each hidden layer; 0: none */
    int spectral;   /* 1: linear layers and convolutions are spectrally normalised (gan/layer.h) */
    int64_t attention; /* side of the image inside at which dcgan and resnet have it; 0: none */
    gan_condition condition; /* what labels do; files hold it as their "condition" */
    int64_t classes;         /* labels are 0 to classes - 1; 0: none */
    /* Of generators; discriminators ignore them. Those that make images of images (nz is nothing to
     * them) say of what; all 0: of latent vectors. */
    int64_t source_height, source_width, source_channels;
    /* Residual blocks of resnet9 and srresnet, blocks of transformer in a stage (of its discriminator
     * too); 0: as many as their papers had. */
    int64_t depth;
    int64_t twin; /* 1: two networks of the kind, for a way there and back (gan_twin); else 0 */
    /* Of discriminators; generators ignore them: */
    int64_t stddev; /* group of a minibatch standard deviation before the last layer; 0: none */
    int64_t pack;   /* images judged together (PacGAN, arXiv:1712.04086); 1: each by itself */
} gan_network_config;

#define GAN_NETWORK_DEFAULTS                                                                       \
    ((gan_network_config){sizeof(gan_network_config),                                              \
                          "dcgan",                                                                 \
                          64,                                                                      \
                          64,                                                                      \
                          3,                                                                       \
                          100,                                                                     \
                          64,                                                                      \
                          GAN_NORM_AUTO,                                                           \
                          0,                                                                       \
                          0,                                                                       \
                          0,                                                                       \
                          GAN_CONDITION_NONE,                                                      \
                          0,                                                                       \
                          0,                                                                       \
                          0,                                                                       \
                          0,                                                                       \
                          0,                                                                       \
                          0,                                                                       \
                          0,                                                                       \
                          1})

#ifdef __cplusplus
}
#endif
#endif
