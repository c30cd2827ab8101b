/* SPDX-License-Identifier: MIT
 *
 * gan/matmul.h - matrix products. */
#ifndef GAN_MATMUL_H
#define GAN_MATMUL_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GAN_TRANSPOSE_A = 1, GAN_TRANSPOSE_B = 2 };

/* op(a) [m,k] . op(b) [k,n] = [m,n], or the same for each of a batch: [p,m,k] . [p,k,n] = [p,m,n].
 * `flags` say which operand is stored transposed. NULL with GAN_ESHAPE on the tape when the shapes
 * do not fit. Differentiable any number of times. */
GAN_API gan_tensor *gan_matmul(gan_tape *t, gan_tensor *a, gan_tensor *b, unsigned flags);

#ifdef __cplusplus
}
#endif
#endif
