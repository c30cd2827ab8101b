/* SPDX-License-Identifier: MIT
 *
 * The result x with few channels k: a pixel of x is a product [taps k] . [taps k][c] of what it
 * meets of y, which lies close together in a small frame. Pixels apart by the stride meet the same
 * taps, a phase: each has weights of its own. A job is a band of rows of x in an image. */
#include <string.h>

#include "base/parallel.h"
#include "kernel/implicit.h"
#include "kernel/narrow.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

/* Along an axis the tap a brings the coordinate i of x to (i + pad - a) / stride of y, where that is
 * whole: so a has the rest, the phase, of i + pad, and the taps of a phase meet what lies at
 * (i + pad) / stride, rounded down, and before it. */
typedef struct axis {
    int64_t kernel, stride;
    int64_t taps;        /* of a phase, at most */
    int64_t first, last; /* what the first tap of the first and of the last coordinate meets */
} axis;

static axis make_axis(int64_t size, int64_t kernel, int64_t stride, int64_t pad) {
    return (axis){kernel, stride, gan__tiles(kernel, stride), pad / stride,
                  (size - 1 + pad) / stride};
}

static int64_t taps_of(const axis *a, int64_t phase) {
    return phase < a->kernel ? gan__tiles(a->kernel - phase, a->stride) : 0;
}

typedef struct plan {
    const gan__conv *g;
    axis row, col;
    gan__conv y;   /* y as images that are framed */
    gan__frame f;  /* of a band */
    int64_t width; /* c, rounded up */
    int64_t band, bands;
} plan;

static plan make_plan(const gan__conv *g) {
    plan q = {.g = g, .width = gan__whole(g->c)};
    q.row = make_axis(g->h, g->kh, g->sh, g->ph);
    q.col = make_axis(g->w, g->kw, g->sw, g->pw);
    q.band = gan__narrow_band(g);
    q.bands = gan__tiles(g->h, q.band);
    q.y = (gan__conv){.h = g->oh, .w = g->ow, .c = g->k};
    q.y.pw = gan__max(0, q.col.taps - 1 - q.col.first);
    q.f = (gan__frame){.w = q.y.pw + gan__max(g->ow, q.col.last + 1), .c = g->k, .copied = 1};
    q.f.h = (q.band - 1) / g->sh + 1 + q.row.taps;
    return q;
}

typedef struct parts {
    gan_real *w, *frames, *rows;
    int64_t *pixels, *taps;
    int64_t frame, row; /* elements of each thread's */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base, int threads) {
    gan__space s = {base, 0};
    int64_t n = gan__tiles(q->g->w, q->g->sw), depth = q->g->kh * q->g->kw * q->g->k;
    parts a = {.frame = gan__whole(gan__frame_size(&q->f)),
               .row = q->width == q->g->c ? 0 : n * q->width};
    a.w = gan__space_reals(&s, depth * q->width);
    a.frames = gan__space_reals(&s, threads * a.frame);
    a.rows = gan__space_reals(&s, threads * a.row);
    a.pixels = gan__space_offsets(&s, n);
    a.taps = gan__space_offsets(&s, depth);
    a.bytes = s.bytes;
    return a;
}

size_t gan__gathers_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    plan q = make_plan(g);
    (void)result;
    return make_parts(&q, NULL, threads).bytes;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    const gan_real *y;
    gan_real *x;
} run;

/* Terms before those of a phase: phases come in order, with their taps, with their k. */
static int64_t terms_before(const plan *q, int64_t u, int64_t v) {
    int64_t rows = 0, cols = 0, all = q->g->kw;
    for (int64_t i = 0; i < u; i++) rows += taps_of(&q->row, i);
    for (int64_t j = 0; j < v; j++) cols += taps_of(&q->col, j);
    return (rows * all + taps_of(&q->row, u) * cols) * q->g->k;
}

/* The weights of the phase (u,v), a row of c for each term, and where the term is in the frame. */
static void make_phase(const plan *q, const parts *p, int64_t u, int64_t v, const gan_real *w) {
    const gan__conv *g = q->g;
    int64_t t = terms_before(q, u, v), taps = g->kh * g->kw;
    for (int64_t a = u; a < g->kh; a += g->sh)
        for (int64_t b = v; b < g->kw; b += g->sw)
            for (int64_t k = 0; k < g->k; k++, t++) {
                gan_real *out = p->w + t * q->width;
                memcpy(out, w + (k * taps + a * g->kw + b) * g->c, sizeof *w * (size_t)g->c);
                memset(out + g->c, 0, sizeof *w * (size_t)(q->width - g->c));
                p->taps[t] = -(a / g->sh * q->f.w + b / g->sw) * g->k + k;
            }
}

/* n pixels in whole lines, to every sw-th of a row of x. */
static void spread(const plan *q, int64_t n, const gan_real *pixels, gan_real *x) {
    const gan__conv *g = q->g;
    if (g->sw == 1)
        gan__rows_dense(n, g->c, pixels, x);
    else
        for (int64_t j = 0; j < n; j++)
            memcpy(x + j * g->sw * g->c, pixels + j * q->width, sizeof *x * (size_t)g->c);
}

/* The pixels of a row of x that are of the phase (u,v). `y`: what the pixel 0 meets at its first
 * tap. */
static void make_pixels(const run *r, int64_t u, int64_t v, const gan_real *y, gan_real *x) {
    const plan *q = &r->q;
    const gan__conv *g = q->g;
    int64_t j = (v + g->sw - g->pw % g->sw) % g->sw, t = terms_before(q, u, v);
    int64_t n = gan__tiles(g->w - j, g->sw), terms = taps_of(&q->row, u) * taps_of(&q->col, v);
    int direct = q->width == g->c;
    gan_real *to = x + j * g->c, *out = direct ? to : r->a.rows + gan__thread() * r->a.row;
    if (j >= g->w) return;
    r->m->gemm_at(n, q->width, terms * g->k, y + ((j + g->pw) / g->sw - q->col.first) * g->k,
                  r->a.pixels, r->a.taps + t, r->a.w + t * q->width, q->width, out,
                  direct ? g->sw * g->c : q->width, 0);
    if (!direct) spread(q, n, out, to);
}

static void job(const run *r, int64_t n, int64_t from, int64_t to) {
    const plan *q = &r->q;
    const gan__conv *g = q->g;
    gan__conv y = q->y;
    gan_real *frame = r->a.frames + gan__thread() * r->a.frame;
    y.ph =
        q->row.taps - 1 - (from + g->ph) / g->sh; /* the row of y at the top of the frame, less */
    gan__frame_fill(&q->f, &y, r->y + n * g->oh * g->ow * g->k, 0, 1, frame);
    for (int64_t i = from; i < to; i++) {
        int64_t at = (i + g->ph) / g->sh + y.ph;
        const gan_real *row = frame + (at * q->f.w + y.pw + q->col.first) * g->k;
        for (int64_t v = 0; v < g->sw; v++)
            make_pixels(r, (i + g->ph) % g->sh, v, row, r->x + (n * g->h + i) * g->w * g->c);
    }
}

void gan__gathers_run(const gan__machine *m, const gan__conv *g, gan__conv_role result, gan_real *x,
                      gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                      int threads) {
    run r = {.m = m, .q = make_plan(g), .y = y, .x = x};
    const plan *q = &r.q;
    (void)result, (void)end; /* x, and an ending is for y */
    r.a = make_parts(q, workspace, threads);
    for (int64_t j = 0; j < gan__tiles(g->w, g->sw); j++) r.a.pixels[j] = j * g->k;
    for (int64_t u = 0; u < gan__min(g->sh, g->kh); u++)
        for (int64_t v = 0; v < gan__min(g->sw, g->kw); v++) make_phase(q, &r.a, u, v, w);
    GAN__PARALLEL_FOR(gan__team(threads, g->n * q->bands))
    for (int64_t i = 0; i < g->n * q->bands; i++) {
        int64_t from = i % q->bands * q->band;
        job(&r, i / q->bands, from, gan__min(g->h, from + q->band));
    }
}
