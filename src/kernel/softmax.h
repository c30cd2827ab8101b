/* SPDX-License-Identifier: MIT
 *
 * kernel/softmax.h - softmax and its logarithm over the rows of x[rows][n]. */
#ifndef GAN_KERNEL_SOFTMAX_H
#define GAN_KERNEL_SOFTMAX_H

#include <stdint.h>

#include "gan/types.h"

void gan__softmax_run(int64_t rows, int64_t n, const gan_real *x, gan_real *y, int threads);
void gan__log_softmax_run(int64_t rows, int64_t n, const gan_real *x, gan_real *y, int threads);

/* gx = y * (gy - sum over the row of gy * y), y the softmax. */
void gan__softmax_back(int64_t rows, int64_t n, const gan_real *y, const gan_real *gy, gan_real *gx,
                       int threads);

#endif
