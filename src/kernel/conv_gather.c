/* SPDX-License-Identifier: MIT
 *
 * Convolutions as matrix products over gathered patches (im2col), cut into jobs by shape alone:
 *
 * y: a job is a block of rows of y; its patches go through a buffer of the thread.
 * x: a job is a block of images and a range of channels; the products are added back in place
 *    (col2im).
 * w: a job is one tap and a range of channels of w, reading all of x and y in order; where that
 *    gives few jobs (few channels, small kernels), x and y are also split, and the parts added in
 *    order.
 *
 * Blocks are cut evenly: a last one of a single row would take another path through BLAS, with
 * other bits. */
#include "kernel/conv_gather.h"

#include <string.h>

#include "base/parallel.h"
#include "kernel/gemm.h"
#include "kernel/shape.h"

#define ROWS ((int64_t)128) /* rows of a product: enough for BLAS to work at full speed */

static int64_t pixels(const gan__conv *g) {
    return g->oh * g->ow;
}

static int64_t patch(const gan__conv *g) {
    return g->kh * g->kw * g->c;
}

/* --- y: gather patches, multiply --- */

/* The taps of one row of the kernel lie side by side in the image: the part inside is copied at
 * once. */
static void gather_row(const gan__conv *g, const gan_real *line, int64_t left, gan_real *out) {
    int64_t b0 = gan__min(gan__max(0, -left), g->kw);
    int64_t b1 = gan__max(b0, gan__min(g->kw, g->w - left));
    size_t size = sizeof *out * (size_t)g->c;
    memset(out, 0, size * (size_t)b0);
    if (b1 > b0) memcpy(out + b0 * g->c, line + (left + b0) * g->c, size * (size_t)(b1 - b0));
    memset(out + b1 * g->c, 0, size * (size_t)(g->kw - b1));
}

/* The patch that y[row] sees: [kh][kw][c]. */
static void gather_patch(const gan__conv *g, const gan_real *x, int64_t row, gan_real *out) {
    int64_t n = row / pixels(g), i = row % pixels(g) / g->ow, j = row % g->ow;
    for (int64_t a = 0; a < g->kh; a++, out += g->kw * g->c) {
        int64_t top = i * g->sh + a - g->ph;
        if (top < 0 || top >= g->h)
            memset(out, 0, sizeof *out * (size_t)(g->kw * g->c));
        else
            gather_row(g, x + (n * g->h + top) * g->w * g->c, j * g->sw - g->pw, out);
    }
}

static void run_y(const gan__conv *g, const gan_real *x, const gan_real *w, gan_real *y,
                  gan_real *workspace, int threads) {
    int64_t total = g->n * pixels(g), jobs = gan__tiles(total, ROWS), size = patch(g);
    GAN__PARALLEL_FOR(gan__team(threads, jobs))
    for (int64_t job = 0; job < jobs; job++) {
        gan_real *rows = workspace + gan__thread() * ROWS * size;
        int64_t from = total * job / jobs, n = total * (job + 1) / jobs - from;
        for (int64_t r = 0; r < n; r++) gather_patch(g, x, from + r, rows + r * size);
        gan__gemm_tile(0, 1, n, g->k, size, rows, size, w, size, 0, y + from * g->k, g->k);
    }
}

/* --- x: multiply, add patches back --- */

typedef struct x_jobs {
    int64_t images, blocks;   /* in a block; number of blocks */
    int64_t channels, ranges; /* in a range; number of ranges */
} x_jobs;

static x_jobs cut_x(const gan__conv *g) {
    x_jobs q;
    q.images = gan__min(g->n, gan__tiles(ROWS, pixels(g)));
    q.blocks = gan__tiles(g->n, q.images);
    int64_t wanted = gan__min(gan__tiles(16, q.blocks), gan__max(1, g->c / 64));
    q.channels = gan__tiles(g->c, wanted);
    q.ranges = gan__tiles(g->c, q.channels);
    return q;
}

static void add(int64_t n, const gan_real *from, gan_real *to) {
    for (int64_t i = 0; i < n; i++) to[i] += from[i];
}

/* Adds the patches [oh*ow][kh][kw][cn] of one image to the channels c0 .. c0+cn of x[h][w][c]. */
static void scatter(const gan__conv *g, const gan_real *rows, int64_t c0, int64_t cn, gan_real *x) {
    for (int64_t i = 0; i < g->oh; i++)
        for (int64_t j = 0; j < g->ow; j++)
            for (int64_t a = 0; a < g->kh; a++) {
                int64_t top = i * g->sh + a - g->ph;
                const gan_real *from = rows + (((i * g->ow + j) * g->kh + a) * g->kw) * cn;
                if (top < 0 || top >= g->h) continue;
                for (int64_t b = 0; b < g->kw; b++, from += cn) {
                    int64_t left = j * g->sw + b - g->pw;
                    if (left >= 0 && left < g->w)
                        add(cn, from, x + (top * g->w + left) * g->c + c0);
                }
            }
}

static void clear(const gan__conv *g, int64_t c0, int64_t cn, gan_real *x) {
    for (int64_t p = 0; p < g->h * g->w; p++) memset(x + p * g->c + c0, 0, sizeof *x * (size_t)cn);
}

static void run_x(const gan__conv *g, gan_real *x, const gan_real *w, const gan_real *y,
                  gan_real *workspace, int threads) {
    x_jobs q = cut_x(g);
    int64_t taps = g->kh * g->kw, part = q.images * pixels(g) * taps * q.channels;
    GAN__PARALLEL_FOR(gan__team(threads, q.blocks * q.ranges))
    for (int64_t job = 0; job < q.blocks * q.ranges; job++) {
        gan_real *rows = workspace + gan__thread() * part;
        int64_t block = job / q.ranges, n0 = g->n * block / q.blocks;
        int64_t n = g->n * (block + 1) / q.blocks - n0;
        int64_t c0 = job % q.ranges * q.channels, cn = gan__min(q.channels, g->c - c0);
        const gan_real *yn = y + n0 * pixels(g) * g->k;
        /* A whole range of channels at once, or tap by tap where the range is a part. */
        int64_t products = cn == g->c ? 1 : taps, width = cn == g->c ? patch(g) : cn;
        for (int64_t p = 0; p < products; p++)
            gan__gemm_tile(0, 0, n * pixels(g), width, g->k, yn, g->k, w + p * g->c + c0, patch(g),
                           0, rows + p * cn, taps * cn);
        for (int64_t i = 0; i < n; i++) {
            gan_real *image = x + (n0 + i) * g->h * g->w * g->c;
            clear(g, c0, cn, image);
            scatter(g, rows + i * pixels(g) * taps * cn, c0, cn, image);
        }
    }
}

/* --- w: gather one tap (or whole patches), multiply over all rows --- */

typedef struct w_jobs {
    int64_t channels, ranges, taps; /* 0 taps: whole patches */
    int64_t splits;
} w_jobs;

static w_jobs cut_w(const gan__conv *g) {
    w_jobs q = {.taps = g->kh * g->kw};
    if (g->c < 32) {
        q.taps = 0;
        q.channels = patch(g);
        q.ranges = 1;
    } else {
        q.channels = gan__min(g->c, 256);
        q.ranges = gan__tiles(g->c, q.channels);
    }
    int64_t jobs = gan__max(1, q.taps) * q.ranges, total = g->n * pixels(g);
    q.splits = jobs >= 8 ? 1 : gan__min(16, gan__tiles(total, 8 * ROWS));
    return q;
}

/* The channels c0 .. c0+cn that tap (a,b) sees from the row `row` of y. */
static void gather_tap(const gan__conv *g, const gan_real *x, int64_t row, int64_t tap, int64_t c0,
                       int64_t cn, gan_real *out) {
    int64_t n = row / pixels(g), i = row % pixels(g) / g->ow, j = row % g->ow;
    int64_t top = i * g->sh + tap / g->kw - g->ph, left = j * g->sw + tap % g->kw - g->pw;
    if (top < 0 || top >= g->h || left < 0 || left >= g->w)
        memset(out, 0, sizeof *out * (size_t)cn);
    else
        memcpy(out, x + ((n * g->h + top) * g->w + left) * g->c + c0, sizeof *out * (size_t)cn);
}

static void w_job(const gan__conv *g, const w_jobs *q, const gan_real *x, const gan_real *y,
                  gan_real *rows, int64_t job, gan_real *w) {
    int64_t per_split = gan__max(1, q->taps) * q->ranges, total = g->n * pixels(g);
    int64_t split = job / per_split, tap = job % per_split / q->ranges;
    int64_t c0 = job % q->ranges * q->channels;
    int64_t cn = q->taps ? gan__min(q->channels, g->c - c0) : q->channels;
    int64_t from = total * split / q->splits, to = total * (split + 1) / q->splits;
    gan_real *result = w + split * g->k * patch(g) + tap * g->c + c0;
    for (int64_t r = from; r < to; r += ROWS) {
        int64_t n = gan__min(ROWS, to - r);
        for (int64_t i = 0; i < n; i++)
            if (q->taps)
                gather_tap(g, x, r + i, tap, c0, cn, rows + i * cn);
            else
                gather_patch(g, x, r + i, rows + i * cn);
        gan__gemm_tile(1, 0, g->k, cn, n, y + r * g->k, g->k, rows, cn, r > from, result, patch(g));
    }
}

static void run_w(const gan__conv *g, const gan_real *x, gan_real *w, const gan_real *y,
                  gan_real *workspace, int threads) {
    w_jobs q = cut_w(g);
    int64_t jobs = q.splits * gan__max(1, q.taps) * q.ranges, size = g->k * patch(g);
    gan_real *parts = q.splits > 1 ? workspace + threads * ROWS * q.channels : w;
    GAN__PARALLEL_FOR(gan__team(threads, jobs))
    for (int64_t job = 0; job < jobs; job++)
        w_job(g, &q, x, y, workspace + gan__thread() * ROWS * q.channels, job, parts);
    if (q.splits == 1) return;
    memcpy(w, parts, sizeof *w * (size_t)size);
    for (int64_t s = 1; s < q.splits; s++) add(size, parts + s * size, w);
}

/* --- the family --- */

size_t gan__gather_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    int64_t size = 0;
    if (result == GAN__CONV_Y) {
        size = threads * ROWS * patch(g);
    } else if (result == GAN__CONV_X) {
        x_jobs q = cut_x(g);
        size = threads * q.images * pixels(g) * g->kh * g->kw * q.channels;
    } else {
        w_jobs q = cut_w(g);
        size = threads * ROWS * q.channels + (q.splits > 1 ? q.splits * g->k * patch(g) : 0);
    }
    return (size_t)size * sizeof(gan_real);
}

void gan__gather_run(const gan__conv *g, gan__conv_role result, gan_real *x, gan_real *w,
                     gan_real *y, void *workspace, int threads) {
    gan__blas_serial();
    if (result == GAN__CONV_Y)
        run_y(g, x, w, y, workspace, threads);
    else if (result == GAN__CONV_X)
        run_x(g, x, w, y, workspace, threads);
    else
        run_w(g, x, w, y, workspace, threads);
}
