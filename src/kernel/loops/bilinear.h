/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/bilinear.h - the transforms of kernel/bilinear.h: points from coefficients
 * (analysis) and the transpose (synthesis), by the matrices below. The matrices are constants and
 * the loops over them are unrolled, so that no product with 0 or 1 is left. */
#include "kernel/bilinear.h"
#include "kernel/loops/vector.h"

#define MOST 6 /* coefficients or points along an axis */

/* Rows: the pairs +p (-p follows from it), then single points, infinity last. */
typedef const double matrix[4][MOST];

/* m = 4, r = 2: +-A, +-B, infinity. D(A) = 2A (A^2 - B^2). */
#define A 0.45
#define B 1.25
static matrix k4s2_x = {
    {-A * B * B, -B *B, A, 1}, {-B * A * A, -A *A, B, 1}, {A * A * B * B, 0, -A *A - B *B, 0, 1}};
static matrix k4s2_w = {{1 / (2 * A * (A * A - B * B)), 1 / (2 * (A * A - B * B))},
                        {1 / (2 * B * (B * B - A * A)), 1 / (2 * (B * B - A * A))},
                        {0, 1}};
static matrix k4s2_y = {{1, A, A *A, A *A *A}, {1, B, B *B, B *B *B}, {0, 0, 0, 1}};
#undef A
#undef B

/* m = 4, r = 3: +-A, +-B, 0, infinity. D(A) = 2A^2 (A^2 - B^2), D(0) = A^2 B^2. */
#define A 0.65
#define B 1.5
static matrix k3s1_x = {{0, -A *B *B, -B *B, A, 1},
                        {0, -B *A *A, -A *A, B, 1},
                        {A * A * B * B, 0, -A *A - B *B, 0, 1},
                        {0, A *A *B *B, 0, -A *A - B *B, 0, 1}};
static matrix k3s1_w = {
    {1 / (2 * A * A * (A * A - B * B)), 1 / (2 * A * (A * A - B * B)), 1 / (2 * (A * A - B * B))},
    {1 / (2 * B * B * (B * B - A * A)), 1 / (2 * B * (B * B - A * A)), 1 / (2 * (B * B - A * A))},
    {1 / (A * A * B * B)},
    {0, 0, 1}};
static matrix k3s1_y = {{1, A, A *A, A *A *A}, {1, B, B *B, B *B *B}, {1, 0, 0, 0}, {0, 0, 0, 1}};
#undef A
#undef B

/* sum += f x; the first term starts the sum: without -ffast-math 0 + x is an addition. */
INLINE void add_term(vec *sum, int terms, double f, vec x) {
    if (terms)
        *sum += (gan_real)f * x;
    else
        *sum = (gan_real)f * x;
}

/* v[p] = sum over coefficients j of matrix[p][j] c[j]. */
INLINE void analyse(matrix f, const int size, const int points, const int pairs, const vec *c,
                    int step, vec *v, int vstep) {
    UNROLL for (int q = 0; q < points - pairs; q++) {
        vec part[2] = {{0}, {0}};
        int terms[2] = {0, 0};
        UNROLL for (int j = 0; j < size; j++) if (f[q][j] != 0)
            add_term(part + j % 2, terms[j % 2]++, f[q][j], c[j * step]);
        if (q < pairs) {
            v[2 * q * vstep] = part[0] + part[1];
            v[(2 * q + 1) * vstep] = part[0] - part[1];
        } else {
            if (terms[0] && terms[1]) part[0] += part[1];
            v[(q + pairs) * vstep] = part[!terms[0]];
        }
    }
}

/* c[j] = sum over points p of matrix[p][j] v[p]. */
INLINE void synthesise(matrix f, const int size, const int points, const int pairs, const vec *v,
                       int vstep, vec *c, int step) {
    vec part[2][MOST];
    UNROLL for (int q = 0; q < pairs; q++) {
        part[0][q] = v[2 * q * vstep] + v[(2 * q + 1) * vstep];
        part[1][q] = v[2 * q * vstep] - v[(2 * q + 1) * vstep];
    }
    UNROLL for (int j = 0; j < size; j++) {
        vec sum = {0};
        int terms = 0;
        UNROLL for (int q = 0; q < pairs; q++) if (f[q][j] != 0)
            add_term(&sum, terms++, f[q][j], part[j % 2][q]);
        UNROLL for (int q = pairs; q < points - pairs; q++) if (f[q][j] != 0)
            add_term(&sum, terms++, f[q][j], v[(q + pairs) * vstep]);
        c[j * step] = sum;
    }
}

/* One vector of channels, of which n count. */
INLINE void analyse_square(matrix f, const int size, const int points, const int pairs,
                           const gan_real *const *in, int64_t at, int64_t n, gan_real *out,
                           int64_t stride) {
    vec c[MOST], half[MOST * MOST], v[MOST];
    UNROLL for (int j = 0; j < size; j++) {
        UNROLL for (int i = 0; i < size; i++) c[i] = load_part(in[i * size + j] + at, n);
        analyse(f, size, points, pairs, c, 1, half + j, MOST);
    }
    UNROLL for (int p = 0; p < points; p++) {
        analyse(f, size, points, pairs, half + p * MOST, 1, v, 1);
        UNROLL for (int q = 0; q < points; q++) store(out + (p * points + q) * stride + at, v[q]);
    }
}

INLINE void synthesise_square(matrix f, const int size, const int points, const int pairs,
                              const gan_real *in, int64_t stride, int64_t at, int64_t n,
                              const gan_real *const *add, double slope, gan_real *const *out) {
    vec c[MOST], half[MOST * MOST], v[MOST];
    UNROLL for (int p = 0; p < points; p++) {
        UNROLL for (int q = 0; q < points; q++) v[q] = load(in + (p * points + q) * stride + at);
        synthesise(f, size, points, pairs, v, 1, half + p * MOST, 1);
    }
    UNROLL for (int j = 0; j < size; j++) {
        synthesise(f, size, points, pairs, half + j, MOST, c, 1);
        UNROLL for (int i = 0; i < size; i++) {
            if (add) c[i] += load_part(add[i * size + j] + at, n);
            if (slope != 1) c[i] = leaky(c[i], (gan_real)slope);
            store_part(out[i * size + j] + at, c[i], n);
        }
    }
}

/* The functions of one matrix: vectors of channels, then what is left of them. */
#define TRANSFORM(name, size, points, pairs)                                                       \
    static void name##_analysis(const gan_real *const *in, int64_t n, gan_real *out,               \
                                int64_t stride) {                                                  \
        int64_t at = 0;                                                                            \
        for (; at + LANES <= n; at += LANES)                                                       \
            analyse_square(name, size, points, pairs, in, at, LANES, out, stride);                 \
        if (at < n) analyse_square(name, size, points, pairs, in, at, n - at, out, stride);        \
    }                                                                                              \
    static void name##_synthesis(const gan_real *in, int64_t stride, int64_t n,                    \
                                 const gan_real *const *add, double slope, gan_real *const *out) { \
        int64_t at = 0;                                                                            \
        for (; at + LANES <= n; at += LANES)                                                       \
            synthesise_square(name, size, points, pairs, in, stride, at, LANES, add, slope, out);  \
        if (at == n) return;                                                                       \
        synthesise_square(name, size, points, pairs, in, stride, at, n - at, add, slope, out);     \
    }
#define VARIANT(name, side, stride, m, r, n, pairs)                                                \
    TRANSFORM(name##_x, n, n, pairs)                                                               \
    TRANSFORM(name##_w, r, n, pairs)                                                               \
    TRANSFORM(name##_y, m, n, pairs)
GAN__BILINEAR_LIST(VARIANT)
#undef VARIANT
#undef TRANSFORM
