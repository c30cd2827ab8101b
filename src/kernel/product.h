/* SPDX-License-Identifier: MIT
 *
 * kernel/product.h - matrix products by the machine's own loop.
 *
 * A BLAS chooses its loops by the name of the processor, and one that is older than the processor
 * falls back to the oldest; ours are chosen by the instructions that are there. */
#ifndef GAN_KERNEL_PRODUCT_H
#define GAN_KERNEL_PRODUCT_H

#include "kernel/machine.h"

/* c[m][n] = op(a) . op(b), the arguments those of gan__gemm_run. */
void gan__product_run(const gan__machine *machine, int ta, int tb, int64_t batch, int64_t m,
                      int64_t n, int64_t k, const gan_real *a, const gan_real *b, gan_real *c,
                      int threads);

#endif
