/* SPDX-License-Identifier: MIT
 *
 * conv_naive.h - the trilinear form of kernel/conv.h as its own definition: the reference that the
 * kernels are compared with, and random geometries. */
#ifndef CONV_NAIVE_H
#define CONV_NAIVE_H

#include <stdlib.h>

#include "kernel/conv.h"
#include "support.h"

/* x, w and y of one geometry, each in a block of exactly its size. */
typedef struct conv_case {
    gan__conv g;
    int64_t size[3];
    gan_real *role[3];
} conv_case;

/* The methods that sum up the terms of T as they are; each is IMPLICIT where it is not possible. */
static const gan__conv_method conv_direct[] = {GAN__CONV_IMPLICIT,      GAN__CONV_NARROW,
                                               GAN__CONV_GATHER,        GAN__CONV_TURNED,
                                               GAN__CONV_TURNED_NARROW, GAN__CONV_AUTO};

static inline int64_t conv_extent(int64_t size, int64_t kernel, int64_t stride, int64_t pad) {
    return (size + 2 * pad - kernel) / stride + 1;
}

/* g without oh and ow, which follow. */
static inline conv_case conv_open(gan__conv g) {
    g.oh = conv_extent(g.h, g.kh, g.sh, g.ph);
    g.ow = conv_extent(g.w, g.kw, g.sw, g.pw);
    conv_case q = {
        g, {g.n * g.h * g.w * g.c, g.k * g.kh * g.kw * g.c, g.n * g.oh * g.ow * g.k}, {0}};
    for (int i = 0; i < 3; i++) {
        q.role[i] = malloc((size_t)q.size[i] * sizeof(gan_real));
        assert_non_null(q.role[i]);
    }
    return q;
}

static inline void conv_close(conv_case *q) {
    for (int i = 0; i < 3; i++) free(q->role[i]);
}

/* Writes the kernel's result into `out` in place of its role. */
static inline void conv_kernel(const conv_case *q, gan__conv_role result, gan_real *out,
                               int threads) {
    gan_real *role[3] = {q->role[0], q->role[1], q->role[2]};
    void *work = malloc(gan__conv_workspace(&q->g, result, threads));
    assert_non_null(work);
    role[result] = out;
    gan__conv_run(&q->g, result, role[0], role[1], role[2], NULL, work, threads);
    free(work);
}

/* The terms of T: `result` gets the product of the two others added. */
static inline void conv_row(const gan__conv *g, gan__conv_role result, gan_real *x, gan_real *w,
                            gan_real *y) {
    for (int64_t k = 0; k < g->k; k++, y++, w += g->kh * g->kw * g->c)
        for (int64_t c = 0; c < g->c; c++)
            if (result == GAN__CONV_X)
                x[c] += w[c] * *y;
            else if (result == GAN__CONV_W)
                w[c] += x[c] * *y;
            else
                *y += x[c] * w[c];
}

static inline void conv_naive(const conv_case *q, gan__conv_role result, gan_real *out) {
    const gan__conv *g = &q->g;
    gan_real *role[3] = {q->role[0], q->role[1], q->role[2]};
    role[result] = out;
    memset(out, 0, (size_t)q->size[result] * sizeof *out);
    for (int64_t p = 0; p < g->n * g->oh * g->ow; p++)
        for (int64_t tap = 0; tap < g->kh * g->kw; tap++) {
            int64_t n = p / (g->oh * g->ow), i = p / g->ow % g->oh, j = p % g->ow;
            int64_t top = i * g->sh + tap / g->kw - g->ph, left = j * g->sw + tap % g->kw - g->pw;
            if (top < 0 || top >= g->h || left < 0 || left >= g->w) continue;
            conv_row(g, result, role[0] + ((n * g->h + top) * g->w + left) * g->c,
                     role[1] + tap * g->c, role[2] + p * g->k);
        }
}

static inline int64_t conv_draw(gan_rng *r, int lo, int hi) {
    return lo + (int64_t)gan_rng_below(r, (uint32_t)(hi - lo + 1));
}

/* Small, with every relation of size, kernel, stride and padding, and both paths of the weights. */
static inline gan__conv conv_random(gan_rng *r) {
    static const int channels[] = {1, 2, 3, 4, 7, 16, 31, 32, 33, 40};
    gan__conv g = {.n = conv_draw(r, 1, 4), .k = conv_draw(r, 1, 9)};
    g.c = channels[gan_rng_below(r, COUNT(channels))];
    g.kh = conv_draw(r, 1, 5), g.kw = conv_draw(r, 1, 5);
    g.sh = conv_draw(r, 1, 4), g.sw = conv_draw(r, 1, 4);
    g.ph = conv_draw(r, 0, 3), g.pw = conv_draw(r, 0, 3);
    int64_t h = g.kh - 2 * g.ph, w = g.kw - 2 * g.pw;
    g.h = (h > 1 ? h : 1) + conv_draw(r, 0, 8);
    g.w = (w > 1 ? w : 1) + conv_draw(r, 0, 8);
    return g;
}

static inline void conv_describe(const gan__conv *g, const char *what) {
    fail_msg("%s: method %d, n %d, %dx%dx%d, kernel %dx%d to %d, stride %dx%d, pad %dx%d", what,
             (int)g->method, (int)g->n, (int)g->h, (int)g->w, (int)g->c, (int)g->kh, (int)g->kw,
             (int)g->k, (int)g->sh, (int)g->sw, (int)g->ph, (int)g->pw);
}

#endif
