/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/norm.h - the four passes of kernel/norm.c over [rows][c], channels side by side, and
 * those of kernel/norm_rows.c over one row.
 *
 * Sums are taken over runs of RUN rows in gan_real, which fills the vectors, and the runs added in
 * double. Moments need care, for a difference of squares cancels: those of a run are about a pivot
 * of its own, the mean of four of its rows, and moved to the common one in double. So the error of
 * a variance is that of a few additions, wherever the mean is. */
#include "kernel/machine.h"
#include "kernel/loops/vector.h"

#define RUN 64
#define STRIP ((int64_t)512) /* channels whose running sums stay in the first cache */

/* The call for each n rows and w channels, which begin at row r and channel i. */
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

INLINE void clear(int64_t w, gan_real *s, gan_real *q) {
    for (int64_t i = 0; i < w; i++) s[i] = q[i] = 0;
}

/* Sums of m rows at once: the running sums are read and written once for all of them. */
INLINE void add_moments(const int m, int64_t w, int64_t c, const gan_real *x, const gan_real *p,
                        gan_real *s, gan_real *q) {
    for (int64_t i = 0; i < w; i++) {
        gan_real first = 0, second = 0;
        UNROLL for (int k = 0; k < m; k++) {
            gan_real d = x[k * c + i] - p[i];
            first += d;
            second += d * d;
        }
        s[i] += first;
        q[i] += second;
    }
}

static void run_moments(int64_t n, int64_t w, int64_t c, const gan_real *x, const gan_real *pivot,
                        double *first, double *second) {
    gan_real p[STRIP], s[STRIP], q[STRIP];
    int64_t r = 0;
    clear(w, s, q);
    pivot_of(n, w, c, x, p);
    for (; r + 4 <= n; r += 4) add_moments(4, w, c, x + r * c, p, s, q);
    for (; r < n; r++) add_moments(1, w, c, x + r * c, p, s, q);
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
#define GATED(at)                                                                                  \
    gan_real d = x[at] - F(MEAN), v = d * F(SCALE) + F(SHIFT);                                     \
    gan_real g = v > 0 ? gy[at] : slope * gy[at];

INLINE void add_sums(const int m, int64_t w, int64_t c, const gan_real *x, const gan_real *gy,
                     const gan_real *f, gan_real slope, gan_real *s, gan_real *q) {
    for (int64_t i = 0; i < w; i++) {
        gan_real first = 0, second = 0;
        UNROLL for (int k = 0; k < m; k++) {
            GATED(k * c + i)
            first += g;
            second += g * d;
        }
        s[i] += first;
        q[i] += second;
    }
}

static void run_sums(int64_t n, int64_t w, int64_t c, const gan_real *x, const gan_real *gy,
                     const gan_real *f, gan_real slope, double *first, double *second) {
    gan_real s[STRIP], q[STRIP];
    int64_t r = 0;
    clear(w, s, q);
    for (; r + 2 <= n; r += 2) add_sums(2, w, c, x + r * c, gy + r * c, f, slope, s, q);
    for (; r < n; r++) add_sums(1, w, c, x + r * c, gy + r * c, f, slope, s, q);
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
            GATED(i)
            gx[i] = F(SCALE) * g - F(FIRST) - F(SECOND) * d;
        }
}

#undef GATED

/* --- one row --- */

#define SUMS 32 /* running sums, as in sum.h: the order does not depend on the machine */

INLINE gan_real join_sums(const gan_real *part) {
    gan_real sum = 0;
    for (int k = 0; k < SUMS; k++) sum += part[k];
    return sum;
}

static gan_real norm_row_squares(int64_t c, const gan_real *x, gan_real mean) {
    gan_real part[SUMS] = {0};
    int64_t i = 0;
    for (; i + SUMS <= c; i += SUMS)
        for (int k = 0; k < SUMS; k++) part[k] += (x[i + k] - mean) * (x[i + k] - mean);
    for (int k = 0; i + k < c; k++) part[k] += (x[i + k] - mean) * (x[i + k] - mean);
    return join_sums(part);
}

static void norm_row_apply(int64_t c, const gan_real *x, const gan_real *gamma,
                           const gan_real *beta, gan_real mean, gan_real inv, gan_real slope,
                           gan_real *restrict y) {
    for (int64_t i = 0; i < c; i++) {
        gan_real v = (x[i] - mean) * inv * gamma[i] + beta[i];
        y[i] = v > 0 ? v : slope * v;
    }
}

#define GATED(i)                                                                                   \
    gan_real xhat = (x[i] - mean) * inv, v = xhat * gamma[i] + beta[i];                            \
    gan_real g = v > 0 ? gy[i] : slope * gy[i];

INLINE void add_row(int n, const gan_real *x, const gan_real *gy, const gan_real *gamma,
                    const gan_real *beta, gan_real mean, gan_real inv, gan_real slope,
                    gan_real *restrict slopes, gan_real *restrict shifts, gan_real *restrict first,
                    gan_real *restrict second) {
    for (int k = 0; k < n; k++) {
        GATED(k)
        slopes[k] += g * xhat;
        shifts[k] += g;
        first[k] += gamma[k] * g;
        second[k] += gamma[k] * g * xhat;
    }
}

static void norm_row_sums(int64_t c, const gan_real *x, const gan_real *gy, const gan_real *gamma,
                          const gan_real *beta, gan_real mean, gan_real inv, gan_real slope,
                          gan_real *run, gan_real *sum) {
    gan_real first[SUMS] = {0}, second[SUMS] = {0};
    int64_t i = 0;
    for (; i + SUMS <= c; i += SUMS)
        add_row(SUMS, x + i, gy + i, gamma + i, beta + i, mean, inv, slope, run + i, run + c + i,
                first, second);
    add_row((int)(c - i), x + i, gy + i, gamma + i, beta + i, mean, inv, slope, run + i,
            run + c + i, first, second);
    sum[0] = join_sums(first), sum[1] = join_sums(second);
}

static void norm_row_back(int64_t c, const gan_real *x, const gan_real *gy, const gan_real *gamma,
                          const gan_real *beta, gan_real mean, gan_real inv, gan_real slope,
                          gan_real first, gan_real second, gan_real *restrict gx) {
    for (int64_t i = 0; i < c; i++) {
        GATED(i)
        gx[i] = inv * (gamma[i] * g - first - xhat * second);
    }
}

#undef GATED
#undef SUMS
#undef F
#undef RUNS
#undef STRIP
#undef RUN

#define NORM_LOOPS                                                                                 \
    {                                                                                              \
        norm_moments, norm_apply, norm_sums, norm_back, norm_row_squares, norm_row_apply,          \
            norm_row_sums, norm_row_back                                                           \
    }
