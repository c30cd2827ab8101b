/* SPDX-License-Identifier: MIT
 *
 * kernel/machine.h - the inner loops, once for each kind of processor.
 *
 * The loops in kernel/loops are written once, over vectors whose width is a parameter, and compiled
 * once for each row of the table: machine_plain.c (any CPU), machine_avx2.c, machine_avx512.c. A
 * kernel takes the first row that runs here; results may differ in rounding from row to row, never
 * with the number of threads. */
#ifndef GAN_KERNEL_MACHINE_H
#define GAN_KERNEL_MACHINE_H

#include <stdint.h>

#include "gan/types.h"
#include "kernel/bilinear.h"
#include "kernel/optim.h"
#include "kernel/pointwise.h"
#include "kernel/pool.h"
#include "kernel/sample.h"
#include "kernel/stretch.h"

/* Widths of panels: the columns that a product makes at once, and what they are a multiple of: one
 * cache line. */
#define GAN__LINE ((int64_t)(64 / sizeof(gan_real)))
#define GAN__PANEL ((int64_t)64)

/* Terms that a product sums up at a time: that much of b stays in the first cache, and a long sum
 * is a sum of short ones, whose rounding errors do not pile up. */
#define GAN__DEPTH ((int64_t)128)

/* c[i][j] = sum over r of a[i*row + r*col] * b[r*ldb + j], for m rows and n columns; `add`: added to
 * c. n is a multiple of GAN__LINE. */
typedef void gan__gemm_loop(int64_t m, int64_t n, int64_t k, const gan_real *a, int64_t row,
                            int64_t col, const gan_real *b, int64_t ldb, gan_real *c, int64_t ldc,
                            int add);

/* The same with a[rows[i] + cols[r]]: a matrix that lies scattered in memory. */
typedef void gan__gemm_at_loop(int64_t m, int64_t n, int64_t k, const gan_real *a,
                               const int64_t *rows, const int64_t *cols, const gan_real *b,
                               int64_t ldb, gan_real *c, int64_t ldc, int add);

/* c[i][j] = sum over r of a[r*m + i] * b[places[r] + lines[j / GAN__LINE] + j % GAN__LINE], for m
 * rows, n columns and k terms; `add`: added to c. n is a multiple of GAN__LINE. */
typedef void gan__strips_loop(int64_t m, int64_t n, int64_t k, const gan_real *a, const gan_real *b,
                              const int64_t *places, const int64_t *lines, gan_real *c, int64_t ldc,
                              int add);

/* y[i*k + j] = sum over r < n of b[places[i] + lines[r / GAN__LINE] + r % GAN__LINE] * w[j*ldw + r],
 * for m rows and k columns; n is a multiple of GAN__LINE. */
typedef void gan__dots_loop(int64_t m, int64_t k, int64_t n, const gan_real *b,
                            const int64_t *places, const int64_t *lines, const gan_real *w,
                            int64_t ldw, gan_real *y);

/* out[j*c + i] = sum over `terms` t of from[t][j*step + i], j < n, i < c <= 16. As many as 16
 * elements of `from` are read at each j, and as many of `out` may be written. */
typedef void gan__shifted_loop(int64_t n, int64_t c, int64_t terms, const gan_real *const *from,
                               int64_t step, gan_real *out);

/* Coefficients to points, in both axes, for n channels side by side: in[i*size + j] points at the
 * coefficient (i,j) of channel 0, out[p*stride] is the value at point p. Whole vectors of `out` are
 * written, at most up to the next multiple of GAN__LINE. */
typedef void gan__analysis(const gan_real *const *in, int64_t n, gan_real *out, int64_t stride);

/* The transpose: values at points to coefficients. out[.] = leaky(result + add[.]), exactly n
 * elements; add NULL: nothing is added. Whole vectors of `in` are read. */
typedef void gan__synthesis(const gan_real *in, int64_t stride, int64_t n,
                            const gan_real *const *add, double slope, gan_real *const *out);

/* c[i][j] = leaky(c[i][j] + bias[j]); bias NULL: nothing is added; slope 1: no leaky. */
typedef void gan__finish_loop(int64_t m, int64_t n, const gan_real *bias, double slope, gan_real *c,
                              int64_t ldc);

/* --- norms: kernel/norm.c says what the passes are for --- */

/* What a channel needs, f[coefficient][c]. */
enum {
    GAN__NORM_MEAN,
    GAN__NORM_SCALE, /* gamma / deviation */
    GAN__NORM_SHIFT, /* beta */
    GAN__NORM_FIRST, /* the parts of gx that do not depend on gy, and on x */
    GAN__NORM_SECOND,
    GAN__NORM_COEFFICIENTS
};

typedef struct gan__norm_loops {
    /* sum[2][c] = sums over the rows of d and d^2, d = x - pivot[c] */
    void (*moments)(int64_t rows, int64_t c, const gan_real *x, const gan_real *pivot, double *sum);
    /* y = v > 0 ? v : slope * v, v = (x - mean) * scale + shift */
    void (*apply)(int64_t rows, int64_t c, const gan_real *x, const gan_real *f, gan_real slope,
                  gan_real *y);
    /* sum[2][c] = sums of g and g * (x - mean), g = v > 0 ? gy : slope * gy */
    void (*sums)(int64_t rows, int64_t c, const gan_real *x, const gan_real *gy, const gan_real *f,
                 gan_real slope, double *sum);
    /* gx = scale * g - first - second * (x - mean) */
    void (*back)(int64_t rows, int64_t c, const gan_real *x, const gan_real *gy, const gan_real *f,
                 gan_real slope, gan_real *gx);

    /* One row with statistics of its own: kernel/norm_rows.c. The sum of (x - mean)^2. */
    gan_real (*row_squares)(int64_t c, const gan_real *x, gan_real mean);
    /* y = v > 0 ? v : slope * v, v = xhat * gamma + beta, xhat = (x - mean) * inv */
    void (*row_apply)(int64_t c, const gan_real *x, const gan_real *gamma, const gan_real *beta,
                      gan_real mean, gan_real inv, gan_real slope, gan_real *y);
    /* run[2][c] += g * xhat and g; sum[2] = sums of gamma * g and gamma * g * xhat */
    void (*row_sums)(int64_t c, const gan_real *x, const gan_real *gy, const gan_real *gamma,
                     const gan_real *beta, gan_real mean, gan_real inv, gan_real slope,
                     gan_real *run, gan_real *sum);
    /* gx = inv * (gamma * g - first - xhat * second) */
    void (*row_back)(int64_t c, const gan_real *x, const gan_real *gy, const gan_real *gamma,
                     const gan_real *beta, gan_real mean, gan_real inv, gan_real slope,
                     gan_real first, gan_real second, gan_real *gx);
} gan__norm_loops;

/* --- single elements, sums, updates: n elements side by side --- */

typedef struct gan__pointwise_loops {
    void (*unary[GAN__UNARIES])(int64_t n, const gan_real *x, gan_real *y, gan_real a, gan_real b);
    /* The operands step by us and vs. */
    void (*binary[GAN__BINARIES])(int64_t n, const gan_real *u, int64_t us, const gan_real *v,
                                  int64_t vs, gan_real *y);
    void (*gate)(int64_t n, const gan_real *x, const gan_real *v, gan_real lo, gan_real hi,
                 gan_real slope, gan_real *y);
    void (*accumulate)(int64_t n, const gan_real *x, gan_real *sum);
} gan__pointwise_loops;

typedef struct gan__sum_loops {
    gan_real (*row)(int64_t n, const gan_real *x);
    void (*rows)(int64_t rows, int64_t b, const gan_real *x,
                 gan_real *y); /* y[i] = sum of x[.][i] */
} gan__sum_loops;

typedef struct gan__optim_loops {
    void (*update[GAN__RULES])(const gan__rates *k, int64_t n, const gan_real *x, gan_real *m,
                               gan_real *v, gan_real *w);
    double (*squares)(int64_t n, const gan_real *x);
    void (*blend)(int64_t n, const gan_real *x, gan_real rate, gan_real *average);
} gan__optim_loops;

/* A tile of scores x[n][w]: n keys, w queries, a multiple of GAN__LINE. kernel/attention.c says what
 * they are for. */
typedef struct gan__attention_loops {
    /* top[i] rises to the highest of x[.][i], by which shrink[i] = e^(top before - top); then x =
     * e^(x - top), and sum[i] = sum[i] * shrink[i] + the sum of x[.][i]. */
    void (*fold)(int64_t n, int64_t w, gan_real *x, gan_real *top, gan_real *sum, gan_real *shrink);
    /* x = e^(x - top[i]) * share[i] */
    void (*weigh)(int64_t n, int64_t w, const gan_real *top, const gan_real *share, gan_real *x);
    /* g = scale * p * (g - mean[i]) */
    void (*back)(int64_t n, int64_t w, const gan_real *p, const gan_real *mean, gan_real scale,
                 gan_real *g);
} gan__attention_loops;

/* --- the rate of multiply-adds: kernel/peak.c --- */

#define GAN__PEAK_SUMS 384

/* sums[i] = sums[i] * by + plus, `rounds` times, in registers. */
typedef void gan__peak_loop(int64_t rounds, gan_real by, gan_real plus, gan_real *sums);

/* A row [pieces][units] of kernel/maxout.h. */
typedef void gan__maxout_loop(int64_t pieces, int64_t units, const gan_real *in, const gan_real *by,
                              gan_real *out);

typedef struct gan__maxout_loops {
    gan__maxout_loop *select, *spread;
} gan__maxout_loops;

/* Some channels of one image of kernel/pool.h, at most GAN__POOL_CHANNELS. */
#define GAN__POOL_CHANNELS ((int64_t)256)
typedef struct gan__pool_loops {
    void (*select)(const gan__pool_shape *s, int64_t channels, const gan_real *x,
                   const gan_real *by, gan_real *y);
    void (*spread)(const gan__pool_shape *s, int64_t channels, const gan_real *y,
                   const gan_real *by, gan_real *x);
} gan__pool_loops;

/* Rows of `length` elements, and pixels of c channels: kernel/stretch.c. */
typedef struct gan__stretch_loops {
    void (*rows)(int64_t taps, const int64_t *at, const gan_real *weight, int64_t length,
                 const gan_real *x, gan_real *y);
    void (*columns)(const gan__taps *m, int64_t c, const gan_real *x, gan_real *y);
} gan__stretch_loops;

/* Row i of an image of kernel/sample.h: read from it; added to it, where it was read. */
typedef struct gan__sample_loops {
    void (*read)(const gan__sample_shape *s, const gan__sample_map *m, int64_t i,
                 const gan_real *image, gan_real *row);
    void (*add)(const gan__sample_shape *s, const gan__sample_map *m, int64_t i,
                const gan_real *row, gan_real *image);
} gan__sample_loops;

typedef struct gan__machine {
    const char *name;
    int (*runs)(void); /* on this CPU? */
    gan__gemm_loop *gemm;
    gan__gemm_at_loop *gemm_at;
    gan__finish_loop *finish;
    gan__strips_loop *strips;
    gan__dots_loop *dots;
    gan__shifted_loop *shifted;
    gan__analysis *analysis[GAN__BILINEARS][3];   /* by variant and role */
    gan__synthesis *synthesis[GAN__BILINEARS][3]; /* by variant and role */
    gan__attention_loops attention;
    gan__maxout_loops maxout;
    gan__norm_loops norm;
    gan__pointwise_loops pointwise;
    gan__sum_loops sum;
    gan__pool_loops pool;
    gan__stretch_loops stretch;
    gan__sample_loops sample;
    gan__optim_loops optim;
    gan__peak_loop *peak;
    int peak_sums; /* at most GAN__PEAK_SUMS */
} gan__machine;

/* The tests of the rows are not compiled with the instructions that they ask for. */
int gan__runs_plain(void);
int gan__runs_avx2(void);
int gan__runs_avx512(void);

extern const gan__machine gan__machine_plain, gan__machine_avx2, gan__machine_avx512;

/* The rows that were compiled, widest first; ended by NULL. The last one runs anywhere. */
extern const gan__machine *const gan__machines[];

/* The first row that runs on this CPU. */
const gan__machine *gan__machine_here(void);

#endif
