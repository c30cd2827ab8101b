/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/norm.h - the four passes of kernel/norm.c over [rows][c], channels side by side.
 *
 * Sums are taken over runs of RUN rows in gan_real, which fills the vectors, and the runs added in
 * double. Moments need care, for a difference of squares cancels: those of a run are about a pivot
 * of its own, the mean of four of its rows, and moved to the common one in double. So the error of a
 * variance is that of a few additions, wherever the mean is. */
#include "kernel/machine.h"
#include "kernel/loops/vector.h"

#define RUN 64
#define STRIP ((int64_t)256) /* channels whose running sums stay in the first cache */

/* name(rows, c, ...) as calls of run_name(n rows, w channels, ...) that begin at row r, channel i. */
#define RUNS(call)                                                                                 \
    for (int64_t r = 0; r < rows; r += RUN)                                                        \
        for (int64_t i = 0; i < c; i += STRIP) {                                                   \
            int64_t n = rows - r < RUN ? rows - r : RUN, w = c - i < STRIP ? c - i : STRIP;        \
            int64_t at = r * c + i;                                                                \
            call;                                                                                  \
        }

/* Four equal rows have themselves as mean: a constant channel keeps a variance of 0. */
INLINE void pivot_of(int64_t n, int64_t w, int64_t c, const gan_real *x, gan_real *p) {
    const gan_real *a = x + (n - 1) / 3 * c, *b = x + 2 * (n - 1) / 3 * c, *d = x + (n - 1) * c;
    for (int64_t i = 0; i < w; i++) p[i] = ((x[i] + a[i]) + (b[i] + d[i])) / 4;
}

static void run_moments(int64_t n, int64_t w, int64_t c, const gan_real *x, const gan_real *pivot,
                        double *first, double *second) {
    gan_real p[STRIP], s[STRIP] = {0}, q[STRIP] = {0};
    pivot_of(n, w, c, x, p);
    for (int64_t r = 0; r < n; r++, x += c)
        for (int64_t i = 0; i < w; i++) {
            gan_real d = x[i] - p[i];
            s[i] += d;
            q[i] += d * d;
        }
    for (int64_t i = 0; i < w; i++) {
        double e = (double)p[i] - (double)pivot[i], sum = (double)s[i], count = (double)n;
        first[i] += sum + count * e;
        second[i] += (double)q[i] + e * (2 * sum + count * e);
    }
}

static void norm_moments(int64_t rows, int64_t c, const gan_real *x, const gan_real *pivot,
                         double *sum) {
    memset(sum, 0, (size_t)(2 * c) * sizeof *sum);
    RUNS(run_moments(n, w, c, x + at, pivot + i, sum + i, sum + c + i))
}

/* The coefficients of channel i, GAN__NORM_... by name. */
#define F(name) f[GAN__NORM_##name * c + i]

static void norm_apply(int64_t rows, int64_t c, const gan_real *x, const gan_real *f,
                       gan_real slope, gan_real *restrict y) {
    for (int64_t r = 0; r < rows; r++, x += c, y += c)
        for (int64_t i = 0; i < c; i++) {
            gan_real v = (x[i] - F(MEAN)) * F(SCALE) + F(SHIFT);
            y[i] = v > 0 ? v : slope * v;
        }
}

/* The gradient before the activation: its sign comes from x again, which is cheaper than reading y.
 */
#define GATED                                                                                      \
    gan_real d = x[i] - F(MEAN), v = d * F(SCALE) + F(SHIFT);                                      \
    gan_real g = v > 0 ? gy[i] : slope * gy[i];

static void run_sums(int64_t n, int64_t w, int64_t c, const gan_real *x, const gan_real *gy,
                     const gan_real *f, gan_real slope, double *first, double *second) {
    gan_real s[STRIP] = {0}, q[STRIP] = {0};
    for (int64_t r = 0; r < n; r++, x += c, gy += c)
        for (int64_t i = 0; i < w; i++) {
            GATED
            s[i] += g;
            q[i] += g * d;
        }
    for (int64_t i = 0; i < w; i++) {
        first[i] += (double)s[i];
        second[i] += (double)q[i];
    }
}

static void norm_sums(int64_t rows, int64_t c, const gan_real *x, const gan_real *gy,
                      const gan_real *f, gan_real slope, double *sum) {
    memset(sum, 0, (size_t)(2 * c) * sizeof *sum);
    RUNS(run_sums(n, w, c, x + at, gy + at, f + i, slope, sum + i, sum + c + i))
}

static void norm_back(int64_t rows, int64_t c, const gan_real *x, const gan_real *gy,
                      const gan_real *f, gan_real slope, gan_real *restrict gx) {
    for (int64_t r = 0; r < rows; r++, x += c, gy += c, gx += c)
        for (int64_t i = 0; i < c; i++) {
            GATED
            gx[i] = F(SCALE) * g - F(FIRST) - F(SECOND) * d;
        }
}

#undef GATED
#undef F
#undef RUNS
#undef STRIP
#undef RUN

#define NORM_LOOPS                                                                                 \
    { norm_moments, norm_apply, norm_sums, norm_back }
