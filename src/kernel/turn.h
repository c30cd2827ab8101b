/* SPDX-License-Identifier: MIT
 *
 * kernel/turn.h - the transpose of a small matrix: the part of another that is to be multiplied. */
#ifndef GAN_KERNEL_TURN_H
#define GAN_KERNEL_TURN_H

#include <stdint.h>

#include "gan/types.h"

/* y[j*ldy + i] = x[i*ldx + j], i < n, j < m. */
void gan__turn(int64_t n, int64_t m, const gan_real *x, int64_t ldx, gan_real *y, int64_t ldy);

#endif
