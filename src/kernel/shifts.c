/* SPDX-License-Identifier: MIT
 *
 * The result x with few channels. A job is a band of rows of x in an image. It goes down the rows:
 * the products of the rows of y that a row of x needs are in a ring, which stays in the first cache,
 * with zeros to the left and right of them where taps lie outside of y.
 *
 * As many pixels of x as the stride has columns are a group: side by side, they meet the taps b to
 * b + sw - 1 of the same pixel of y, which lie side by side too. So kernels are given zeros up to a
 * whole number of groups, and what is summed has stride 1 along the rows. */
#include <string.h>

#include "base/parallel.h"
#include "kernel/implicit.h"
#include "kernel/narrow.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

#define WIDEST 16 /* elements that a sum of shifts may write */

typedef struct plan {
    const gan__conv *g;
    int64_t band, bands; /* rows of x in a job; jobs of an image */
    int64_t group, each; /* elements of a group; groups in a row of taps */
    int64_t width;       /* of products, rounded up */
    int64_t first, n;    /* group that has the first pixel of a row; groups of a row */
    int64_t left;        /* pixels of zeros before a row */
    int64_t ring, row;   /* rows in the ring; elements of one */
} plan;

static plan make_plan(const gan__conv *g) {
    plan q = {.g = g, .group = g->sw * g->c, .each = gan__tiles(g->kw, g->sw)};
    q.ring = (g->kh - 1) / g->sh + 1;
    q.band = gan__narrow_band(g);
    q.bands = gan__tiles(g->h, q.band);
    q.width = gan__whole(g->kh * q.each * q.group);
    q.first = g->pw / g->sw;
    q.n = (g->w - 1 + g->pw) / g->sw - q.first + 1;
    q.left = gan__max(0, q.each - 1 - q.first);
    q.row = (q.left + gan__max(g->ow, q.first + q.n)) * q.width;
    return q;
}

typedef struct parts {
    gan_real *w, *rings, *lines;
    const gan_real **terms;
    int64_t ring, line, term; /* elements of each thread's */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base, int threads) {
    gan__space s = {base, 0};
    parts a = {.ring = gan__whole(q->ring * q->row + WIDEST),
               .line = gan__whole(q->n * q->group + WIDEST),
               .term = q->ring * q->each};
    a.w = gan__space_reals(&s, q->g->k * q->width);
    a.rings = gan__space_reals(&s, threads * a.ring);
    a.lines = gan__space_reals(&s, threads * a.line);
    a.terms = gan__space_bytes(&s, (size_t)(threads * a.term) * sizeof *a.terms);
    a.bytes = s.bytes;
    return a;
}

size_t gan__shifts_workspace(const gan__conv *g, int threads) {
    plan q = make_plan(g);
    return make_parts(&q, NULL, threads).bytes;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    const gan_real *y;
    gan_real *x;
    const gan__ending *end;
} run;

/* The rows of taps of a kernel, zeros behind each and behind all. */
static void make_kernel(const plan *q, const gan_real *w, gan_real *out) {
    int64_t taps = q->g->kw * q->g->c, row = q->each * q->group;
    memset(out, 0, sizeof *out * (size_t)q->width);
    for (int64_t a = 0; a < q->g->kh; a++)
        memcpy(out + a * row, w + a * taps, sizeof *w * (size_t)taps);
}

/* The products of a row of y, to its place in the ring. */
static void multiply(const run *r, int64_t n, int64_t i, gan_real *ring) {
    const plan *q = &r->q;
    const gan__conv *g = q->g;
    const gan_real *y = r->y + (n * g->oh + i) * g->ow * g->k;
    r->m->gemm(g->ow, q->width, g->k, y, g->k, 1, r->a.w, q->width,
               ring + i % q->ring * q->row + q->left * q->width, q->width, 0);
}

/* Where the terms of the first group of row i are; returns their number. */
static int64_t find_terms(const plan *q, const gan_real *ring, int64_t i, const gan_real **term) {
    const gan__conv *g = q->g;
    int64_t n = 0;
    for (int64_t a = 0; a < g->kh; a++) {
        int64_t top = i + g->ph - a;
        if (top < 0 || top % g->sh || top / g->sh >= g->oh) continue;
        const gan_real *row = ring + top / g->sh % q->ring * q->row;
        for (int64_t b = 0; b < q->each; b++)
            term[n++] = row + (q->left + q->first - b) * q->width + (a * q->each + b) * q->group;
    }
    return n;
}

static void make_row(const run *r, const gan_real *ring, int64_t i, gan_real *x) {
    const plan *q = &r->q;
    const gan__conv *g = q->g;
    const gan_real **term = r->a.terms + gan__thread() * r->a.term;
    gan_real *line = r->a.lines + gan__thread() * r->a.line;
    gan_real *row = line + g->pw % g->sw * g->c; /* the first group may begin outside */
    r->m->shifted(q->n, q->group, find_terms(q, ring, i, term), term, q->width, line);
    r->m->finish(g->w, g->c, r->end->bias, r->end->slope, row, g->c);
    memcpy(x, row, sizeof *x * (size_t)(g->w * g->c));
}

static void job(const run *r, int64_t n, int64_t from, int64_t to) {
    const plan *q = &r->q;
    const gan__conv *g = q->g;
    gan_real *ring = r->a.rings + gan__thread() * r->a.ring;
    int64_t next = gan__tiles(gan__max(0, from + g->ph - g->kh + 1), g->sh);
    memset(ring, 0, sizeof *ring * (size_t)r->a.ring);
    for (int64_t i = from; i < to; i++) {
        int64_t last = gan__min(g->oh - 1, (i + g->ph) / g->sh);
        for (; next <= last; next++) multiply(r, n, next, ring);
        make_row(r, ring, i, r->x + (n * g->h + i) * g->w * g->c);
    }
}

void gan__shifts_run(const gan__machine *m, const gan__conv *g, gan_real *x, const gan_real *w,
                     const gan_real *y, const gan__ending *end, void *workspace, int threads) {
    run r = {.m = m, .q = make_plan(g), .y = y, .x = x, .end = end};
    const plan *q = &r.q;
    r.a = make_parts(q, workspace, threads);
    for (int64_t k = 0; k < g->k; k++)
        make_kernel(q, w + k * g->kh * g->kw * g->c, r.a.w + k * q->width);
    GAN__PARALLEL_FOR(gan__team(threads, g->n * q->bands))
    for (int64_t i = 0; i < g->n * q->bands; i++) {
        int64_t from = i % q->bands * q->band;
        job(&r, i / q->bands, from, gan__min(g->h, from + q->band));
    }
}
