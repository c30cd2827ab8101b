/* SPDX-License-Identifier: MIT
 *
 * gan/classifier.h - a small network that reads the classes of images, to measure generators by.
 *
 * Convolutions 3x3 of stride 2, `first` channels and twice that, 4 * first units, classes; batch norm
 * and ReLU after each but the last, dropout 0.5 before it. Trained with Adam (rate falling in a line to
 * 0, cross-entropy) on images that are moved by up to `shift` pixels, so it suits small pictures of
 * one thing each, such as digits. Weights, order, moves and dropout are functions of the seed: the same
 * images give the same network, to the bit, with any number of threads. */
#ifndef GAN_CLASSIFIER_H
#define GAN_CLASSIFIER_H

#include <stddef.h>
#include <stdint.h>

#include "gan/status.h"
#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_classifier gan_classifier;

typedef struct gan_classifier_config {
    size_t size; /* sizeof(gan_classifier_config) */
    int64_t height, width, channels;
    int classes;
    int64_t first; /* channels of the first convolution */
    int64_t batch; /* images in a step, drawn from all with replacement */
    int shift;     /* what comes in from outside is -1, black */
    double rate;   /* Adam's first, beta1 0.9, beta2 0.999 */
    uint64_t seed;
    int threads; /* 0: one for each processor */
} gan_classifier_config;

#define GAN_CLASSIFIER_DEFAULTS                                                                    \
    { sizeof(gan_classifier_config), 28, 28, 1, 10, 32, 100, 1, 2e-3, 1, 0 }

/* With weights drawn from the seed. GAN_EINVAL: a number of the config is out of range. */
GAN_API gan_status gan_classifier_create(const gan_classifier_config *config, gan_classifier **out,
                                         gan_error *err);
GAN_API void gan_classifier_free(gan_classifier *c);

/* Images as bytes, [count,height,width,channels], with labels from 0 to classes - 1; borrowed. */
typedef struct gan_classifier_images {
    size_t count;
    const uint8_t *pixels;
    const int *labels;
} gan_classifier_images;

/* Trains for so many steps, from the weights that it has. GAN_EDATA: no images, or a label out of range,
 * which is named. GAN_EDIVERGED. */
GAN_API gan_status gan_classifier_train(gan_classifier *c, const gan_classifier_images *images,
                                        int64_t steps, gan_error *err);

/* The classes that n images x [n,height,width,channels] in [-1,1] look like, into out [n], and the
 * probabilities that they are given into certainty [n] (NULL: not wanted). */
GAN_API gan_status gan_classifier_read(gan_classifier *c, const gan_real *x, size_t n, int *out,
                                       double *certainty, gan_error *err);

/* The part of the images that are read right. */
GAN_API gan_status gan_classifier_accuracy(gan_classifier *c, const gan_classifier_images *images,
                                           double *out, gan_error *err);

/* Weights to and from a safetensors file; loading wants the sides, channels and classes that were
 * saved. */
GAN_API gan_status gan_classifier_save(gan_classifier *c, const char *path, gan_error *err);
GAN_API gan_status gan_classifier_load(gan_classifier *c, const char *path, gan_error *err);

#ifdef __cplusplus
}
#endif
#endif
