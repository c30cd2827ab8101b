/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/gemm.h - matrix products of ROWS x VECS vectors of the result at a time, all of them
 * in registers. b is read along its rows, a one element at a time, so a can have any strides. */
#include "kernel/loops/vector.h"

#define DEPTH 128

INLINE void tile(const int rows, const int vecs, int64_t k, const gan_real *a, int64_t row,
                 int64_t col, const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc, int add) {
    vec sum[ROWS][VECS], bv[VECS];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vecs; v++) sum[r][v] =
        (vec){0};
    for (int64_t i = 0; i < k; i++, a += col, b += ldb) {
        UNROLL for (int v = 0; v < vecs; v++) bv[v] = load(b + v * LANES);
        UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vecs; v++) sum[r][v] +=
            a[r * row] * bv[v];
    }
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vecs; v++) {
        gan_real *at = c + r * ldc + v * LANES;
        if (add) sum[r][v] += load(at);
        store(at, sum[r][v]);
    }
}

/* All rows of a strip of `vecs` vectors, DEPTH terms at a time: so the part of b stays in the first
 * cache, and a long sum is a sum of short ones, whose rounding errors do not pile up. Whole tiles,
 * then what is left of the rows. */
#define REST(rows)                                                                                 \
    case rows:                                                                                     \
        tile(rows, vecs, k, a, row, col, b, ldb, c, ldc, add);                                     \
        break;
INLINE void rows_of(const int vecs, int64_t m, int64_t k, const gan_real *a, int64_t row,
                    int64_t col, const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc,
                    int add) {
    for (; m >= ROWS; m -= ROWS, a += ROWS * row, c += ROWS * ldc)
        tile(ROWS, vecs, k, a, row, col, b, ldb, c, ldc, add);
    switch (m) {
        REST(1)
        REST(2)
        REST(3)
        REST(4)
        REST(5)
    }
}
#undef REST

INLINE void strip(const int vecs, int64_t m, int64_t k, const gan_real *a, int64_t row, int64_t col,
                  const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc, int add) {
    for (; k > DEPTH; k -= DEPTH, a += DEPTH * col, b += DEPTH * ldb, add = 1)
        rows_of(vecs, m, DEPTH, a, row, col, b, ldb, c, ldc, add);
    rows_of(vecs, m, k, a, row, col, b, ldb, c, ldc, add);
}

static void gemm(int64_t m, int64_t n, int64_t k, const gan_real *a, int64_t row, int64_t col,
                 const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc, int add) {
    for (; n >= VECS * LANES; n -= VECS * LANES, b += VECS * LANES, c += VECS * LANES)
        strip(VECS, m, k, a, row, col, b, ldb, c, ldc, add);
#if VECS == 4
    if (n == 3 * LANES) strip(3, m, k, a, row, col, b, ldb, c, ldc, add);
    if (n == 2 * LANES) strip(2, m, k, a, row, col, b, ldb, c, ldc, add);
#endif
    if (n == LANES) strip(1, m, k, a, row, col, b, ldb, c, ldc, add);
}
