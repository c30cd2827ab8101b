/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/narrow.h - the loops of kernel/narrow.h. */
#include "kernel/loops/vector.h"
#include "kernel/machine.h"

/* --- sums of shifted rows --- */

/* Some pixels at a time, each in a vector of its own. What a vector holds beyond c is written over
 * by the pixel after it. */
#define SUM_SHIFTED(some, count)                                                                   \
    {                                                                                              \
        some sum[count] = {{0}};                                                                   \
        for (int64_t t = 0; t < terms; t++)                                                        \
            UNROLL for (int u = 0; u < count; u++) sum[u] +=                                       \
                *(const some *)(from[t] + (j + u) * step);                                         \
        UNROLL for (int u = 0; u < count; u++) * (some *)(out + (j + u) * c) = sum[u];             \
    }
#define SHIFTED(lanes)                                                                             \
    static void shifted_##lanes(int64_t n, int64_t c, int64_t terms, const gan_real *const *from,  \
                                int64_t step, gan_real *out) {                                     \
        typedef gan_real some __attribute__((vector_size(lanes * sizeof(gan_real)),                \
                                             aligned(sizeof(gan_real)), may_alias));               \
        int64_t j = 0;                                                                             \
        for (; j + 4 <= n; j += 4) SUM_SHIFTED(some, 4)                                            \
        for (; j < n; j++) SUM_SHIFTED(some, 1)                                                    \
    }
SHIFTED(4)
SHIFTED(8)
SHIFTED(16)
#undef SHIFTED
#undef SUM_SHIFTED

static void shifted(int64_t n, int64_t c, int64_t terms, const gan_real *const *from, int64_t step,
                    gan_real *out) {
    if (c <= 4)
        shifted_4(n, c, terms, from, step, out);
    else if (c <= 8)
        shifted_8(n, c, terms, from, step, out);
    else
        shifted_16(n, c, terms, from, step, out);
}

/* --- outer products of pixels and strips --- */

#define PIXELS 4 /* channels of a that a tile takes: with VECS vectors its sums are in registers */

/* The vector v of a line's row. */
#define AT(v) (lines[(v)*LANES / GAN__LINE] + (v)*LANES % GAN__LINE)

INLINE void strip_tile(const int rows, const int vecs, int64_t m, int64_t v0, int64_t k,
                       const gan_real *a, const gan_real *b, const int64_t *places,
                       const int64_t *lines, gan_real *c, int64_t ldc, int add) {
    const gan_real *from[VECS];
    vec sum[PIXELS][VECS], bv[VECS];
    UNROLL for (int v = 0; v < vecs; v++) from[v] = b + AT(v0 + v);
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vecs; v++) sum[r][v] =
        (vec){0};
    for (int64_t e = 0; e < k; e++, a += m) {
        UNROLL for (int v = 0; v < vecs; v++) bv[v] = load(from[v] + places[e]);
        UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vecs; v++) sum[r][v] +=
            a[r] * bv[v];
    }
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vecs; v++) {
        gan_real *to = c + r * ldc + (v0 + v) * LANES;
        if (add) sum[r][v] += load(to);
        store(to, sum[r][v]);
    }
}

/* All vectors, for some channels of a. */
#define REST(vecs)                                                                                 \
    case vecs:                                                                                     \
        strip_tile(rows, vecs, m, v, k, a, b, places, lines, c, ldc, add);                         \
        break;
INLINE void strip_rows(const int rows, int64_t m, int64_t n, int64_t k, const gan_real *a,
                       const gan_real *b, const int64_t *places, const int64_t *lines, gan_real *c,
                       int64_t ldc, int add) {
    int64_t v = 0;
    for (; (v + VECS) * LANES <= n; v += VECS)
        strip_tile(rows, VECS, m, v, k, a, b, places, lines, c, ldc, add);
    switch (n / LANES - v) {
        REST(1)
#if VECS > 2
        REST(2)
        REST(3)
#endif
    }
}
#undef REST

#define REST(rows)                                                                                 \
    case rows:                                                                                     \
        strip_rows(rows, m, n, part, a + i, b, places, lines, c + i * ldc, ldc, add);              \
        break;
static void strips(int64_t m, int64_t n, int64_t k, const gan_real *a, const gan_real *b,
                   const int64_t *places, const int64_t *lines, gan_real *c, int64_t ldc, int add) {
    for (int64_t part; k > 0; k -= part, a += part * m, places += part, add = 1) {
        int64_t i = 0;
        part = k < GAN__DEPTH ? k : GAN__DEPTH;
        for (; i + PIXELS <= m; i += PIXELS)
            strip_rows(PIXELS, m, n, part, a + i, b, places, lines, c + i * ldc, ldc, add);
        switch (m - i) {
            REST(1)
            REST(2)
            REST(3)
        }
    }
}
#undef REST

/* --- inner products of strips and kernels --- */

#define KERNELS (VECS < 4 ? VECS : 4)

/* Halves are added to each other; as vectors, since their lengths are constants. */
#define FOLD(half)                                                                                 \
    if (LANES > half) {                                                                            \
        typedef gan_real some __attribute__((vector_size(half * sizeof(gan_real)),                 \
                                             aligned(sizeof(gan_real)), may_alias));               \
        *(some *)part += *(const some *)(part + half);                                             \
    }
INLINE gan_real total(vec v) {
    gan_real part[2 * LANES];
    store(part, v);
    FOLD(8)
    FOLD(4)
    FOLD(2)
    return part[0] + part[1];
}
#undef FOLD

INLINE void dot_tile(const int pixels, const int kernels, int64_t n, const gan_real *b,
                     const int64_t *places, const int64_t *lines, const gan_real *w, int64_t ldw,
                     gan_real *y, int64_t ldy) {
    vec sum[PIXELS][KERNELS], wv[KERNELS];
    UNROLL for (int p = 0; p < pixels; p++) UNROLL for (int k = 0; k < kernels; k++) sum[p][k] =
        (vec){0};
    for (int64_t v = 0; v < n / LANES; v++) {
        const gan_real *from = b + AT(v);
        UNROLL for (int k = 0; k < kernels; k++) wv[k] = load(w + k * ldw + v * LANES);
        UNROLL for (int p = 0; p < pixels; p++) {
            vec bv = load(from + places[p]);
            UNROLL for (int k = 0; k < kernels; k++) sum[p][k] += bv * wv[k];
        }
    }
    UNROLL for (int p = 0; p < pixels; p++) UNROLL for (int k = 0; k < kernels; k++)
        y[p * ldy + k] = total(sum[p][k]);
}

INLINE void dot_rows(const int kernels, int64_t m, int64_t n, const gan_real *b,
                     const int64_t *places, const int64_t *lines, const gan_real *w, int64_t ldw,
                     gan_real *y, int64_t ldy) {
    int64_t p = 0;
    for (; p + PIXELS <= m; p += PIXELS)
        dot_tile(PIXELS, kernels, n, b, places + p, lines, w, ldw, y + p * ldy, ldy);
    for (; p < m; p++) dot_tile(1, kernels, n, b, places + p, lines, w, ldw, y + p * ldy, ldy);
}

#define REST(kernels)                                                                              \
    case kernels:                                                                                  \
        dot_rows(kernels, m, n, b, places, lines, w + i * ldw, ldw, y + i, k);                     \
        break;
static void dots(int64_t m, int64_t k, int64_t n, const gan_real *b, const int64_t *places,
                 const int64_t *lines, const gan_real *w, int64_t ldw, gan_real *y) {
    int64_t i = 0;
    for (; i + KERNELS <= k; i += KERNELS)
        dot_rows(KERNELS, m, n, b, places, lines, w + i * ldw, ldw, y + i, k);
    switch (k - i) {
        REST(1)
#if VECS > 2
        REST(2)
        REST(3)
#endif
    }
}
#undef REST
#undef KERNELS
#undef AT
#undef PIXELS
