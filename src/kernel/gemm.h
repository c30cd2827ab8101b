/* SPDX-License-Identifier: MIT
 *
 * kernel/gemm.h - matrix products, by loops of our own (kernel/product.h) or by BLAS: the only place
 * that speaks to it.
 *
 * BLAS must not use threads of its own: it would give other bits for another number of them. Where
 * it has to be told so, that is the one process-wide effect of the library. */
#ifndef GAN_KERNEL_GEMM_H
#define GAN_KERNEL_GEMM_H

#include <stdint.h>

#include "gan/types.h"

/* c[m][n] = op(a)[m][k] . op(b)[k][n] for a batch of dense matrices, on as many threads; ta, tb: the
 * operand is stored transposed. Outside any parallel region. */
void gan__gemm_run(int ta, int tb, int64_t batch, int64_t m, int64_t n, int64_t k,
                   const gan_real *a, const gan_real *b, gan_real *c, int threads);

#endif
