/* SPDX-License-Identifier: MIT
 *
 * cli/digit_classifier.h - MNIST in memory, and a network that reads its digits.
 *
 * Convolutions 3x3 of stride 2 with 32 and 64 channels, 128 units, 10 classes; batch norm, ReLU,
 * dropout 0.5. Five epochs with Adam, on digits moved by up to a pixel, take a minute on one
 * processor and give 99.2 % on the test set. */
#ifndef GAN_CLI_DIGIT_CLASSIFIER_H
#define GAN_CLI_DIGIT_CLASSIFIER_H

#include "gan.h"

enum { DIGIT_SIDE = 28, DIGIT_PIXELS = DIGIT_SIDE * DIGIT_SIDE, DIGIT_CLASSES = 10 };

typedef struct digits {
    size_t count;
    uint8_t *pixels; /* [count, DIGIT_PIXELS] */
    int *labels;
    uint64_t fingerprint;
} digits;

/* The training set of a folder with MNIST's four files, plain or .gz; its test set. */
gan_status digits_read(const char *folder, int test, digits *out, gan_error *err);
void digits_free(digits *d);

typedef struct digit_classifier digit_classifier;

/* Loads it from `path`, or trains it and saves it there. GAN_EDATA: fewer than 99 % of the test set
 * are read right. */
gan_status digit_classifier_open(const char *path, const char *folder, const digits *train,
                                 int threads, digit_classifier **out, gan_error *err);
void digit_classifier_free(digit_classifier *c);

/* The digits of x [n, DIGIT_PIXELS], values in [-1,1], into out[n], and the probabilities that they
 * are given into certainty[n] (NULL: not wanted). */
gan_status digit_classifier_read(digit_classifier *c, const gan_real *x, size_t n, int *out,
                                 double *certainty, gan_error *err);

#endif
