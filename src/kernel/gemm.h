/* SPDX-License-Identifier: MIT
 *
 * kernel/gemm.h - matrix products: the only place that speaks to BLAS.
 *
 * BLAS must not use threads of its own: it would give other bits for another number of them.
 * gan__blas_serial() tells it so where it has to be told, and is the one process-wide effect of the
 * library. */
#ifndef GAN_KERNEL_GEMM_H
#define GAN_KERNEL_GEMM_H

#include <stdint.h>

#include "gan/types.h"

/* Before the first gan__gemm_tile of a kernel, outside any parallel region. */
void gan__blas_serial(void);

/* c[m][n] = a[m][k] . b[k][n] + beta * c on the calling thread; ta, tb: the operand is stored
 * transposed; ld*: row strides. */
void gan__gemm_tile(int ta, int tb, int64_t m, int64_t n, int64_t k, const gan_real *a, int64_t lda,
                    const gan_real *b, int64_t ldb, double beta, gan_real *c, int64_t ldc);

/* The same over all threads, for a batch of dense matrices: tiles of c that depend on the shape
 * alone. */
void gan__gemm_run(int ta, int tb, int64_t batch, int64_t m, int64_t n, int64_t k,
                   const gan_real *a, const gan_real *b, gan_real *c, int threads);

#endif
