/* SPDX-License-Identifier: MIT
 *
 * cli/augment_study.h - what generated images are worth to a classifier that has few real ones: the
 * study behind `gan bench augment`.
 *
 * Of a labelled set, n images of each class are taken; a conditional generator is trained on them alone;
 * a classifier is trained on the real ones, on generated ones, and on both in equal parts, for the same
 * number of steps, and reads a test set. */
#ifndef GAN_CLI_AUGMENT_STUDY_H
#define GAN_CLI_AUGMENT_STUDY_H

#include "cli/cli.h"

enum { STUDY_SEEDS = 64, STUDY_ROWS = 16 };
typedef enum study_kind { STUDY_REAL, STUDY_MADE, STUDY_BOTH, STUDY_KINDS } study_kind;

/* Bytes and labels, owned. */
typedef struct study_images {
    size_t count;
    uint8_t *pixels;
    int *labels;
} study_images;

typedef struct study {
    gan_config config;      /* of the generator's training, resolved */
    study_images all, test; /* read by study_read */
    int classes;            /* by study_read */
    long long per_class[STUDY_ROWS], made, steps, seeds, first;
    int rows;
    const char *dir; /* where generators and their pictures go; it is there */
    double right[STUDY_ROWS][STUDY_KINDS][STUDY_SEEDS]; /* parts, by study_run */
} study;

/* The images of the config's data, and those of `test`. */
gan_status study_read(study *s, const char *test, gan_error *err);

/* Row `row` with the run-th seed. */
gan_status study_run(study *s, int row, int run, gan_error *err);

void study_free(study *s);

#endif
