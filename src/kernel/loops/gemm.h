/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/gemm.h - matrix products of ROWS x VECS vectors of the result at a time, all of them
 * in registers. b is read along its rows, a one element at a time, so that a can lie anywhere. */
#include "kernel/loops/vector.h"

/* Where the elements of a are: a[rows[i] + cols[r]], or a[i*row + r*col] with tables NULL. */
typedef struct place {
    const gan_real *a;
    int64_t row, col;
    const int64_t *rows, *cols;
} place;

INLINE void tile(const int rows, const int vecs, int64_t i, int64_t k0, int64_t k, const place *p,
                 const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc, int add) {
    const gan_real *a[ROWS];
    vec sum[ROWS][VECS], bv[VECS];
    UNROLL for (int r = 0; r < rows; r++) {
        a[r] = p->a + (p->rows ? p->rows[i + r] : (i + r) * p->row);
        UNROLL for (int v = 0; v < vecs; v++) sum[r][v] = (vec){0};
    }
    for (int64_t e = 0; e < k; e++, b += ldb) {
        int64_t at = p->cols ? p->cols[k0 + e] : (k0 + e) * p->col;
        UNROLL for (int v = 0; v < vecs; v++) bv[v] = load(b + v * LANES);
        UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vecs; v++) sum[r][v] +=
            a[r][at] * bv[v];
    }
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vecs; v++) {
        gan_real *to = c + (i + r) * ldc + v * LANES;
        if (add) sum[r][v] += load(to);
        store(to, sum[r][v]);
    }
}

/* All rows of a strip of `vecs` vectors: whole tiles, then what is left of the rows. */
#define REST(rows)                                                                                 \
    case rows:                                                                                     \
        tile(rows, vecs, i, k0, k, p, b, ldb, c, ldc, add);                                        \
        break;
INLINE void all_rows(const int vecs, int64_t m, int64_t k0, int64_t k, const place *p,
                     const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc, int add) {
    int64_t i = 0;
    for (; i + ROWS <= m; i += ROWS) tile(ROWS, vecs, i, k0, k, p, b, ldb, c, ldc, add);
    switch (m - i) {
        REST(1)
        REST(2)
        REST(3)
        REST(4)
        REST(5)
    }
}
#undef REST

INLINE void strip(const int vecs, int64_t m, int64_t k, const place *p, const gan_real *b,
                  int64_t ldb, gan_real *c, int64_t ldc, int add) {
    int64_t k0 = 0;
    for (; k - k0 > GAN__DEPTH; k0 += GAN__DEPTH, b += GAN__DEPTH * ldb, add = 1)
        all_rows(vecs, m, k0, GAN__DEPTH, p, b, ldb, c, ldc, add);
    all_rows(vecs, m, k0, k - k0, p, b, ldb, c, ldc, add);
}

INLINE void all_strips(int64_t m, int64_t n, int64_t k, const place *p, const gan_real *b,
                       int64_t ldb, gan_real *c, int64_t ldc, int add) {
    for (; n >= VECS * LANES; n -= VECS * LANES, b += VECS * LANES, c += VECS * LANES)
        strip(VECS, m, k, p, b, ldb, c, ldc, add);
#if VECS == 4
    if (n == 3 * LANES) strip(3, m, k, p, b, ldb, c, ldc, add);
    if (n == 2 * LANES) strip(2, m, k, p, b, ldb, c, ldc, add);
#endif
    if (n == LANES) strip(1, m, k, p, b, ldb, c, ldc, add);
}

static void gemm(int64_t m, int64_t n, int64_t k, const gan_real *a, int64_t row, int64_t col,
                 const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc, int add) {
    const place p = {a, row, col, NULL, NULL};
    all_strips(m, n, k, &p, b, ldb, c, ldc, add);
}

static void gemm_at(int64_t m, int64_t n, int64_t k, const gan_real *a, const int64_t *rows,
                    const int64_t *cols, const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc,
                    int add) {
    const place p = {a, 0, 0, rows, cols};
    all_strips(m, n, k, &p, b, ldb, c, ldc, add);
}

static void finish_rows(int64_t m, int64_t n, const gan_real *bias, gan_real slope, gan_real *c,
                        int64_t ldc) {
    for (int64_t i = 0; i < m; i++, c += ldc)
        for (int64_t j = 0; j < n; j++) {
            gan_real v = bias ? c[j] + bias[j] : c[j];
            c[j] = v > 0 ? v : slope * v;
        }
}

/* Narrow rows that lie close together are taken a line of them at a time, as one row. */
static void finish(int64_t m, int64_t n, const gan_real *bias, double slope, gan_real *c,
                   int64_t ldc) {
    gan_real wide[GAN__LINE * GAN__LINE], s = (gan_real)slope;
    if (!bias && slope == 1) return;
    if (n < GAN__LINE && ldc == n && m >= GAN__LINE) {
        int64_t step = GAN__LINE * n, some = m / GAN__LINE;
        for (int64_t j = 0; bias && j < step; j++) wide[j] = bias[j % n];
        finish_rows(some, step, bias ? wide : NULL, s, c, step);
        c += some * step, m -= some * GAN__LINE;
    }
    finish_rows(m, n, bias, s, c, ldc);
}
