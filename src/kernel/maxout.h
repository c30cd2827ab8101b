/* SPDX-License-Identifier: MIT
 *
 * kernel/maxout.h - groups of `pieces` neighbours, and the place in each where the first of the
 * largest `by` is; a NaN counts as largest. */
#ifndef GAN_KERNEL_MAXOUT_H
#define GAN_KERNEL_MAXOUT_H

#include <stdint.h>

#include "gan/types.h"

/* y[g] = x at the place of group g. by may be x. */
void gan__maxout_select(int64_t groups, int64_t pieces, const gan_real *x, const gan_real *by,
                        gan_real *y, int threads);

/* Its adjoint: x is y[g] at the place of group g, and 0 elsewhere. */
void gan__maxout_spread(int64_t groups, int64_t pieces, const gan_real *y, const gan_real *by,
                        gan_real *x, int threads);

#endif
