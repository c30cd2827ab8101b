/* SPDX-License-Identifier: MIT
 *
 * The kinds of augmentation by what they need: an operation of their own on a batch, or one matrix
 * an image. Those of a sort that follow one another are composed and done at once. */
#ifndef GAN_NN_AUGMENT_TABLE_H
#define GAN_NN_AUGMENT_TABLE_H

#include "gan/augment.h"

/* Coordinates of x from those of the result, in pixels about the centre: rows (x; y) of three. */
typedef struct gan__move {
    double m[6];
} gan__move;

/* Colours of the result from those of x: rows (r; g; b) of four, the last a shift. */
typedef struct gan__tint {
    double m[12];
} gan__tint;

/* A row has one of the three. The functions draw for one image; `move` and `tint` put theirs before
 * and behind what is there. */
typedef struct gan__augmentation {
    const char *name;
    gan_tensor *(*batch)(gan_tape *t, gan_tensor *x, double p, gan_rng *r);
    void (*move)(gan__move *m, int64_t h, int64_t w, gan_rng *r);
    void (*tint)(gan__tint *c, gan_rng *r);
} gan__augmentation;

/* 1 with probability p. */
static inline int gan__augment_chance(double p, gan_rng *r) {
    return gan_rng_uniform(r) < p;
}

static inline double gan__augment_normal(gan_rng *r, double deviation) {
    gan_real x;
    gan_rng_fill_normal(r, &x, 1, 0, deviation);
    return (double)x;
}

/* Those of a list of kinds that change colours. And whether x has some, 1 or 3; else the tape fails. */
unsigned gan__augment_colours(unsigned kinds);
int gan__augment_coloured(gan_tape *t, const gan_tensor *x);

gan_tensor *gan__augment_color(gan_tape *t, gan_tensor *x, double p, gan_rng *r);
gan_tensor *gan__augment_cutout(gan_tape *t, gan_tensor *x, double p, gan_rng *r);

void gan__move_flip(gan__move *m, int64_t h, int64_t w, gan_rng *r);
void gan__move_quarter(gan__move *m, int64_t h, int64_t w, gan_rng *r);
void gan__move_shift(gan__move *m, int64_t h, int64_t w, gan_rng *r);
void gan__move_scale(gan__move *m, int64_t h, int64_t w, gan_rng *r);
void gan__move_rotate(gan__move *m, int64_t h, int64_t w, gan_rng *r);

void gan__tint_brightness(gan__tint *c, gan_rng *r);
void gan__tint_contrast(gan__tint *c, gan_rng *r);
void gan__tint_lumaflip(gan__tint *c, gan_rng *r);
void gan__tint_hue(gan__tint *c, gan_rng *r);
void gan__tint_saturation(gan__tint *c, gan_rng *r);

/* One operation for the whole batch. */
gan_tensor *gan__move_images(gan_tape *t, gan_tensor *x, const gan__move *m);
gan_tensor *gan__tint_images(gan_tape *t, gan_tensor *x, const gan__tint *c);

#endif
