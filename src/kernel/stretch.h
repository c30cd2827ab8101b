/* SPDX-License-Identifier: MIT
 *
 * kernel/stretch.h - images whose rows and columns are sums of another image's: y = R x C^T in each
 * channel, with a sparse matrix R for the rows and C for the columns. Resizing and padding are of
 * this kind, and so are their adjoints, with the matrices transposed. */
#ifndef GAN_KERNEL_STRETCH_H
#define GAN_KERNEL_STRETCH_H

#include <stddef.h>
#include <stdint.h>

#include "gan/types.h"

typedef enum gan__stretch_kind {
    GAN__STRETCH_ZERO,    /* padding: with nothing, */
    GAN__STRETCH_REFLECT, /* by reflection at the centre of the last pixel, by at most from - 1, */
    GAN__STRETCH_REPLICATE, /* with the last pixel */
    GAN__STRETCH_BILINEAR   /* linear interpolation, pixels' centres at halves; before is 0 */
} gan__stretch_kind;

/* One axis: `to` pixels made of `from`, the first of which lies at `before`. */
typedef struct gan__stretch_axis {
    int64_t from, to, before;
} gan__stretch_axis;

typedef struct gan__stretch {
    gan__stretch_kind kind;
    int64_t n, c;
    gan__stretch_axis rows, columns;
} gan__stretch;

/* A sparse matrix: row i is the sum of weight[k] times column at[k], start[i] <= k < start[i+1]. */
typedef struct gan__taps {
    int64_t rows, *start, *at;
    gan_real *weight;
} gan__taps;

/* adjoint = 0: y [n,to,to,c] of x [n,from,from,c]; 1: y [n,from,from,c] of x [n,to,to,c], by the
 * transposed matrices. */
size_t gan__stretch_workspace(const gan__stretch *s, int threads);
void gan__stretch_run(const gan__stretch *s, int adjoint, const gan_real *x, gan_real *y,
                      void *workspace, int threads);

#endif
