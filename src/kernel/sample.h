/* SPDX-License-Identifier: MIT
 *
 * kernel/sample.h - images [n,h,w,c] read at places that an affine map gives, between pixels
 * bilinearly, outside as 0. */
#ifndef GAN_KERNEL_SAMPLE_H
#define GAN_KERNEL_SAMPLE_H

#include <stdint.h>

#include "gan/types.h"

typedef struct gan__sample_shape {
    int64_t n, h, w, c; /* sides below 2^24: floats count so far */
} gan__sample_shape;

/* A map of pixels' numbers: pixel (i,j) of the result is read in column at[0]*j + at[1]*i + at[2]
 * and row at[3]*j + at[4]*i + at[5]. */
typedef struct gan__sample_map {
    double at[6];
} gan__sample_map;

/* m: a matrix [2][3] for each image, which maps (x,y,1) to (x,y) with the image's borders at -1 and
 * 1. */
void gan__sample_run(const gan__sample_shape *s, const double *m, const gan_real *x, gan_real *y,
                     int threads);

/* The adjoint: x is the sum of each pixel of y over the places that it was read at. */
void gan__sample_back(const gan__sample_shape *s, const double *m, const gan_real *y, gan_real *x,
                      int threads);

#endif
