/* SPDX-License-Identifier: MIT
 *
 * gan/resample.h - images made larger and smaller. x [N,H,W,C].
 *
 * NULL with GAN_ESHAPE on the tape when x is not of rank 4, or has no pixels where they are asked
 * for. Differentiable any number of times. */
#ifndef GAN_RESAMPLE_H
#define GAN_RESAMPLE_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- by a whole factor: GAN_ESHAPE too when sides or channels are no multiples of it --- */

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

/* The largest pixel of each window of kernel x kernel pixels, in each channel: [N,OH,OW,C], OH = (H +
 * 2 pad - kernel) / stride + 1. What is beyond the border never wins. The gradient flows to that
 * pixel, of equal ones the first of the first row; a NaN counts as largest. GAN_EINVAL: kernel is not
 * in [1,4096], stride below 1, or pad not in [0,kernel/2]; GAN_ESHAPE: the kernel does not fit. */
GAN_API gan_tensor *gan_max_pool(gan_tape *t, gan_tensor *x, int kernel, int stride, int pad);

/* --- to any size --- */

/* Bilinear interpolation to [N,oh,ow,C]: pixel i of an axis is read at (i + 0.5) * H / oh - 0.5,
 * beyond the first and the last pixel the value of these. That is PyTorch's interpolate(mode =
 * "bilinear", align_corners = False): made smaller by more than 2, images are not smoothed before.
 * GAN_ESHAPE: oh or ow is below 1. */
GAN_API gan_tensor *gan_resize_bilinear(gan_tape *t, gan_tensor *x, int64_t oh, int64_t ow);

/* --- with a border --- */

typedef enum gan_pad_mode {
    GAN_PAD_ZERO,
    GAN_PAD_REFLECT,  /* 3 2 | 1 2 3 | 2 1: torch.nn.ReflectionPad2d */
    GAN_PAD_REPLICATE /* 1 1 | 1 2 3 | 3 3: torch.nn.ReplicationPad2d */
} gan_pad_mode;

/* [N, top+H+bottom, left+W+right, C]. GAN_ESHAPE: a border is negative or out of range, or a
 * reflection is as large as the image, of whose last pixel there is no mirror image. */
GAN_API gan_tensor *gan_pad_image(gan_tape *t, gan_tensor *x, int64_t top, int64_t bottom,
                                  int64_t left, int64_t right, gan_pad_mode mode);

/* --- moved, turned, stretched: what augmentation is made of (arXiv:2006.06676) --- */

/* Image n of the result is image n of x seen through a matrix m[n] of two rows of three, N*6
 * doubles, which are copied: the pixel whose centre is (x,y) has the value that x has at
 *
 *     (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]).
 *
 * Coordinates run from -1, the left or upper border of the image, to 1, whatever its sides: pixel j
 * of W has its centre at (2j + 1) / W - 1. Between centres values are interpolated bilinearly;
 * outside the image there are zeros. The matrix maps the result to x: (1,0,0.5, 0,1,0) moves images
 * to the left by a quarter of their width, (-1,0,0, 0,1,0) mirrors them. That is PyTorch's
 * affine_grid and grid_sample with align_corners = False. [N,H,W,C], sides below 2^24; matrices are
 * constants, to which no gradient flows. GAN_EINVAL: one is not finite. */
GAN_API gan_tensor *gan_sample_affine(gan_tape *t, gan_tensor *x, const double *m);

#ifdef __cplusplus
}
#endif
#endif
