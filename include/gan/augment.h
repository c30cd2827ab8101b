/* SPDX-License-Identifier: MIT
 *
 * gan/augment.h - augmentation in front of a discriminator, for small data sets.
 *
 * Real and generated images are changed at random before they are judged, so that a discriminator
 * does not learn a small set by heart, and gradients go through the change to the generator. A kind
 * is a row of a table; a list of them is written NAME+NAME. With image and colour values in [-1,1]:
 *
 *   DiffAugment (arXiv:2006.10738), all three: diffaugment
 *     color        brightness + U(-0.5,0.5); saturation * U(0,2) about the mean of a pixel's
 *                  channels; contrast * U(0.5,1.5) about the mean of the image
 *     translation  by whole pixels, up to an eighth of the sides
 *     cutout       a window of half the sides becomes 0
 *
 *   Adaptive augmentation (arXiv:2006.06676, appendix B), all but cutout: ada
 *     xflip        mirrored, with probability 1/2
 *     rot90        turned by 0, 90, 180 or 270 degrees; on images that are not square the corners
 *                  that come in are 0
 *     xint         moved by whole pixels, up to an eighth of the sides
 *     scale        by 2^N(0,0.2^2)
 *     rotate       by any angle
 *     brightness   + N(0,0.2^2)
 *     contrast     * 2^N(0,0.5^2)
 *     lumaflip     brightness mirrored, with probability 1/2
 *     hue          turned about the grey axis by any angle
 *     saturation   * 2^N(0,1)
 *
 * The order is that of the table, whatever the order in the text: color, what moves pixels, in one
 * bilinear resampling (the original's low-pass filters are left out), then colours, then cutout.
 * Each is done to an image with probability p, and drawn for each image. */
#ifndef GAN_AUGMENT_H
#define GAN_AUGMENT_H

#include "gan/rng.h"
#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GAN_AUGMENT_TEXT 256

/* What a forward pass of a discriminator does to its images first. */
typedef struct gan_augment {
    unsigned kinds; /* bits, by the places in the table */
    double p;       /* of each kind, from 0 to 1 */
    gan_rng *rng;   /* borrowed; goes on with each pass */
} gan_augment;

/* The bits of a list: "none", or names joined by '+'. GAN_EINVAL names what is not known, and the
 * known names. */
GAN_API gan_status gan_augment_parse(const char *text, unsigned *kinds, gan_error *err);

/* x [N,H,W,C], C 1 or 3 where colours are changed; differentiable any number of times. a NULL: x
 * itself. */
GAN_API gan_tensor *gan_augment_images(gan_tape *t, gan_tensor *x, const gan_augment *a);

/* The i-th name of the table, kinds first, then groups of them; NULL past the last. */
GAN_API const char *gan_augment_name(int i);

#ifdef __cplusplus
}
#endif
#endif
