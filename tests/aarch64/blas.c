/* SPDX-License-Identifier: MIT
 *
 * In place of a BLAS: the product that kernel/gemm.c asks for, by its definition. */
#include <cblas.h>

#define GEMM(name, real)                                                                           \
    void name(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, blasint m, \
              blasint n, blasint k, real alpha, const real *a, blasint lda, const real *b,         \
              blasint ldb, real beta, real *c, blasint ldc) {                                      \
        (void)order;                                                                               \
        for (int i = 0; i < m; i++)                                                                \
            for (int j = 0; j < n; j++) {                                                          \
                double sum = 0;                                                                    \
                real *to = c + i * ldc + j;                                                        \
                for (int r = 0; r < k; r++)                                                        \
                    sum += (double)(ta == CblasTrans ? a[r * lda + i] : a[i * lda + r]) *          \
                           (double)(tb == CblasTrans ? b[j * ldb + r] : b[r * ldb + j]);           \
                *to = (beta == 0 ? 0 : beta * *to) + alpha * (real)sum;                            \
            }                                                                                      \
    }
GEMM(cblas_sgemm, float)
GEMM(cblas_dgemm, double)
