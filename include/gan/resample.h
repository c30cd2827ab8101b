/* SPDX-License-Identifier: MIT
 *
 * gan/resample.h - images made larger and smaller by a whole factor. x [N,H,W,C].
 *
 * NULL with GAN_ESHAPE on the tape when x is not of rank 4, or its sides or channels are no
 * multiples of what the factor asks for. Differentiable any number of times. */
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

/* Channels become pixels (sub-pixel convolution, arXiv:1609.05158): [N,H,W,C*r*r] ->
 * [N,H*r,W*r,C] with r the factor. Channel c*r*r + i*r + j of a pixel is channel c of the pixel
 * (i,j) of its block, the order of torch.nn.PixelShuffle. And the inverse, which is the adjoint:
 * [N,H*r,W*r,C] -> [N,H,W,C*r*r]. */
GAN_API gan_tensor *gan_pixel_shuffle(gan_tape *t, gan_tensor *x, int factor);
GAN_API gan_tensor *gan_pixel_unshuffle(gan_tape *t, gan_tensor *x, int factor);

#ifdef __cplusplus
}
#endif
#endif
