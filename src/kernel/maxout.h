/* SPDX-License-Identifier: MIT
 *
 * kernel/maxout.h - rows [pieces][units], and of each unit the piece where the first of the largest
 * `by` is; a NaN counts as largest. */
#ifndef GAN_KERNEL_MAXOUT_H
#define GAN_KERNEL_MAXOUT_H

#include <stdint.h>

#include "gan/types.h"

typedef struct gan__maxout_shape {
    int64_t rows, pieces, units;
} gan__maxout_shape;

/* y [rows][units] = x at that piece. by may be x. */
void gan__maxout_select(const gan__maxout_shape *s, const gan_real *x, const gan_real *by,
                        gan_real *y, int threads);

/* Its adjoint: x is y at that piece, and 0 elsewhere. */
void gan__maxout_spread(const gan__maxout_shape *s, const gan_real *y, const gan_real *by,
                        gan_real *x, int threads);

#endif
