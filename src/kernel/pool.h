/* SPDX-License-Identifier: MIT
 *
 * kernel/pool.h - windows of images x [n,h,w,c], one for each pixel of y [n,oh,ow,c], and in each
 * window and channel the pixel where the first of the largest `by` [n,h,w,c] is; a NaN counts as
 * largest. */
#ifndef GAN_KERNEL_POOL_H
#define GAN_KERNEL_POOL_H

#include <stdint.h>

#include "gan/types.h"

/* Window (i,j) begins at pixel (i,j) * stride - pad and has kernel x kernel pixels, of which at
 * least one is in the image. */
typedef struct gan__pool_shape {
    int64_t n, h, w, c, oh, ow, kernel, stride, pad;
} gan__pool_shape;

/* y = x at that pixel. by may be x. */
void gan__pool_select(const gan__pool_shape *s, const gan_real *x, const gan_real *by, gan_real *y,
                      int threads);

/* Its adjoint: x is the sum of the y whose pixel it is. */
void gan__pool_spread(const gan__pool_shape *s, const gan_real *y, const gan_real *by, gan_real *x,
                      int threads);

#endif
