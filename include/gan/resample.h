/* SPDX-License-Identifier: MIT
 *
 * gan/resample.h - images made larger and smaller by a whole factor. x [N,H,W,C].
 *
 * NULL with GAN_ESHAPE on the tape when x is not of rank 4 or its sides are no multiples of the
 * factor. Differentiable any number of times. */
#ifndef GAN_RESAMPLE_H
#define GAN_RESAMPLE_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Each pixel becomes factor x factor pixels: [N, H*factor, W*factor, C]. */
GAN_API gan_tensor *gan_upsample_nearest(gan_tape *t, gan_tensor *x, int factor);

/* The mean of each block of factor x factor pixels: [N, H/factor, W/factor, C]. */
GAN_API gan_tensor *gan_average_pool(gan_tape *t, gan_tensor *x, int factor);

#ifdef __cplusplus
}
#endif
#endif
