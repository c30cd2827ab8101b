/* SPDX-License-Identifier: MIT */
#include "kernel/gemm.h"

#include <cblas.h>

#include "base/parallel.h"
#include "kernel/product.h"
#include "kernel/shape.h"

#if defined(__GNUC__) && defined(__ELF__)
/* OpenBLAS's own; absent from other CBLAS libraries, which are then taken to be serial. */
extern int openblas_get_parallel(void) __attribute__((weak));
extern int openblas_get_num_threads(void) __attribute__((weak));
extern void openblas_set_num_threads(int n) __attribute__((weak));
#    define HAVE_OPENBLAS                                                                          \
        (openblas_get_parallel && openblas_get_num_threads && openblas_set_num_threads)
#else
#    define HAVE_OPENBLAS 0
#endif

#define PTHREAD_FLAVOUR 1

/* Outside any parallel region. */
static void be_serial(void) {
#if defined(__GNUC__) && defined(__ELF__)
    if (HAVE_OPENBLAS && openblas_get_parallel() == PTHREAD_FLAVOUR &&
        openblas_get_num_threads() != 1)
        openblas_set_num_threads(1);
#endif
}

/* c[m][n] = a . b on the calling thread; ld*: row strides.
 *
 * The OpenMP flavour is serial inside a parallel region, but a team of one is none: there it would
 * start a team of its own. It asks OpenMP how many threads the caller may have, so that value is 1
 * for the length of the call. */
static void tile(int ta, int tb, int64_t m, int64_t n, int64_t k, const gan_real *a, int64_t lda,
                 const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc) {
    if (m <= 0 || n <= 0) return;
    lda = gan__max(lda, 1),
    ldb = gan__max(ldb, 1); /* with k = 0: some CBLAS refuse a stride of 0 */
    CBLAS_TRANSPOSE at = ta ? CblasTrans : CblasNoTrans, bt = tb ? CblasTrans : CblasNoTrans;
#ifdef _OPENMP
    int allowed = omp_get_max_threads();
    if (allowed != 1) omp_set_num_threads(1);
#endif
#ifdef GAN_DOUBLE
    cblas_dgemm(CblasRowMajor, at, bt, (int)m, (int)n, (int)k, 1.0, a, (int)lda, b, (int)ldb, 0.0,
                c, (int)ldc);
#else
    cblas_sgemm(CblasRowMajor, at, bt, (int)m, (int)n, (int)k, 1.0F, a, (int)lda, b, (int)ldb, 0.0F,
                c, (int)ldc);
#endif
#ifdef _OPENMP
    if (allowed != 1) omp_set_num_threads(allowed);
#endif
}

/* The number of pieces that bring a side of `n` near to `wanted`, none of them smaller than half of
 * it. */
static int64_t pieces(int64_t n, int64_t wanted) {
    return gan__max(1, (n + wanted / 2) / wanted);
}

static void blas_run(int ta, int tb, int64_t batch, int64_t m, int64_t n, int64_t k,
                     const gan_real *a, const gan_real *b, gan_real *c, int threads) {
    int64_t rows = pieces(m, 128), cols = pieces(n, 256), tiles = batch * rows * cols;
    be_serial();
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t at = 0; at < tiles; at++) {
        int64_t i = at / (rows * cols), r = at / cols % rows, q = at % cols;
        int64_t m0 = m * r / rows, m1 = m * (r + 1) / rows;
        int64_t n0 = n * q / cols, n1 = n * (q + 1) / cols;
        const gan_real *ap = a + i * m * k + (ta ? m0 : m0 * k);
        const gan_real *bp = b + i * k * n + (tb ? n0 * k : n0);
        tile(ta, tb, m1 - m0, n1 - n0, k, ap, ta ? m : k, bp, tb ? k : n,
             c + i * m * n + m0 * n + n0, n);
    }
}

/* BLAS knows ways for thin matrices, which our loop would widen, and processors that our loops do not
 * know. */
#define THIN 8

void gan__gemm_run(int ta, int tb, int64_t batch, int64_t m, int64_t n, int64_t k,
                   const gan_real *a, const gan_real *b, gan_real *c, int threads) {
    const gan__machine *machine = gan__machine_here();
    if (m < THIN || n < THIN || machine == &gan__machine_plain)
        blas_run(ta, tb, batch, m, n, k, a, b, c, threads);
    else
        gan__product_run(machine, ta, tb, batch, m, n, k, a, b, c, threads);
}
