/* SPDX-License-Identifier: MIT
 *
 * The result x: products [patches][k] . [k][taps], added to where the taps lie. A job is a block of
 * images and a range of channels: their frames are summed up a few rows of products at a time, which
 * stay in the cache, and then their inside is copied to x. */
#include <string.h>

#include "base/parallel.h"
#include "kernel/implicit.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

#define ROWS ((int64_t)64)     /* patches multiplied at a time */
#define WIDEST ((int64_t)1024) /* taps of all channels beyond which channels are cut into ranges */

typedef struct plan {
    const gan__conv *g;
    gan__frame f;                 /* that holds all windows and the whole image */
    int64_t taps, images, blocks; /* of a kernel; in a block; number of blocks */
    int64_t channels, ranges;     /* in a range; number of ranges */
    int64_t ldw;     /* distance of the rows of w: more than its own where it is copied */
    int64_t product; /* distance of rows of products */
} plan;

static plan make_plan(const gan__conv *g) {
    plan q = {.g = g, .taps = g->kh * g->kw, .channels = g->c};
    q.f.h = gan__max(g->h + g->ph, (g->oh - 1) * g->sh + g->kh);
    q.f.w = gan__max(g->w + g->pw, (g->ow - 1) * g->sw + g->kw);
    if (g->c % GAN__LINE == 0 && q.taps * g->c > WIDEST)
        q.channels = gan__min(g->c, gan__whole(gan__max(GAN__PANEL, WIDEST / q.taps)));
    q.ranges = gan__tiles(g->c, q.channels);
    q.images = gan__min(g->n, gan__tiles(ROWS, g->oh * g->ow));
    q.blocks = gan__tiles(g->n, q.images);
    q.ldw = gan__whole(q.taps * g->c);
    q.product = gan__apart(q.taps * q.channels);
    return q;
}

typedef struct parts {
    gan_real *w, *frames, *products;
    int64_t frame, product; /* elements of each thread's */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base, int threads) {
    gan__space s = {base, 0};
    parts a = {.frame = q->images * q->f.h * q->f.w * q->channels, .product = ROWS * q->product};
    a.w = gan__space_reals(&s, q->ldw == q->taps * q->g->c ? 0 : q->g->k * q->ldw);
    a.frames = gan__space_reals(&s, threads * a.frame);
    a.products = gan__space_reals(&s, threads * a.product);
    a.bytes = s.bytes;
    return a;
}

size_t gan__implicit_x_workspace(const gan__conv *g, int threads) {
    plan q = make_plan(g);
    return make_parts(&q, NULL, threads).bytes;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    const gan_real *w, *y;
    gan_real *x;
} run;

static void add(int64_t n, const gan_real *from, gan_real *to) {
    for (int64_t i = 0; i < n; i++) to[i] += from[i];
}

/* The products of one patch, [kh][kw][cn], to its place in a frame of cn channels. */
static void add_patch(const plan *q, int64_t cn, const gan_real *products, gan_real *place) {
    int64_t n = q->g->kw * cn;
    for (int64_t a = 0; a < q->g->kh; a++) add(n, products + a * n, place + a * q->f.w * cn);
}

/* The patches [row, row+n) of the block, against the channels [c0, c0+cn). */
static void multiply(const run *r, int64_t row, int64_t n, const gan_real *y, int64_t c0,
                     int64_t cn, gan_real *products) {
    const plan *q = &r->q;
    const gan_real *a = y + row * q->g->k;
    int64_t k = q->g->k;
    if (q->ranges == 1) {
        r->m->gemm(n, gan__whole(q->taps * cn), k, a, k, 1, r->w, q->ldw, products, q->product, 0);
        return;
    }
    for (int64_t tap = 0; tap < q->taps; tap++)
        r->m->gemm(n, cn, k, a, k, 1, r->w + tap * q->g->c + c0, q->ldw, products + tap * cn,
                   q->product, 0);
}

/* The inside of a frame to the channels [c0, c0+cn) of an image. */
static void copy_inside(const plan *q, const gan_real *frame, int64_t c0, int64_t cn,
                        gan_real *image) {
    const gan__conv *g = q->g;
    for (int64_t i = 0; i < g->h; i++) {
        const gan_real *line = frame + ((i + g->ph) * q->f.w + g->pw) * cn;
        gan_real *out = image + i * g->w * g->c + c0;
        if (cn == g->c)
            memcpy(out, line, sizeof *out * (size_t)(g->w * cn));
        else
            for (int64_t j = 0; j < g->w; j++)
                memcpy(out + j * g->c, line + j * cn, sizeof *out * (size_t)cn);
    }
}

static void job(const run *r, int64_t from, int64_t to, int64_t c0) {
    const plan *q = &r->q;
    const gan__conv *g = q->g;
    int64_t cn = gan__min(q->channels, g->c - c0), pixels = g->oh * g->ow;
    int64_t rows = (to - from) * pixels, size = q->f.h * q->f.w * cn;
    const gan_real *y = r->y + from * pixels * g->k;
    gan_real *frames = r->a.frames + gan__thread() * r->a.frame;
    gan_real *products = r->a.products + gan__thread() * r->a.product;
    memset(frames, 0, sizeof *frames * (size_t)((to - from) * size));
    for (int64_t row = 0; row < rows; row += ROWS) {
        int64_t n = gan__min(ROWS, rows - row);
        multiply(r, row, n, y, c0, cn, products);
        for (int64_t e = 0; e < n; e++) {
            int64_t p = row + e, i = p % pixels / g->ow * g->sh, j = p % g->ow * g->sw;
            add_patch(q, cn, products + e * q->product,
                      frames + p / pixels * size + (i * q->f.w + j) * cn);
        }
    }
    for (int64_t n = from; n < to; n++)
        copy_inside(q, frames + (n - from) * size, c0, cn, r->x + n * g->h * g->w * g->c);
}

void gan__implicit_x_run(const gan__machine *m, const gan__conv *g, gan_real *x, const gan_real *w,
                         const gan_real *y, void *workspace, int threads) {
    run r = {.m = m, .q = make_plan(g), .y = y, .x = x};
    const plan *q = &r.q;
    r.a = make_parts(q, workspace, threads);
    r.w = gan__rows_whole(g->k, q->taps * g->c, w, r.a.w);
    GAN__PARALLEL_FOR(gan__team(threads, q->blocks * q->ranges))
    for (int64_t i = 0; i < q->blocks * q->ranges; i++) {
        int64_t from = i / q->ranges * q->images;
        job(&r, from, gan__min(g->n, from + q->images), i % q->ranges * q->channels);
    }
}
