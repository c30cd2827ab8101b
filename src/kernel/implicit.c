/* SPDX-License-Identifier: MIT
 *
 * The result y: [patches][taps] . [taps][k]. A job is a block of images, or a band of rows of one
 * large image, so that its frame stays in the cache of its thread. The weights are transposed once,
 * into panels of columns. */
#include "kernel/implicit.h"

#include "base/parallel.h"
#include "kernel/shape.h"
#include "kernel/turn.h"
#include "kernel/workspace.h"

#define ROWS ((int64_t)192) /* patches of a job, about */

typedef struct plan {
    const gan__conv *g;
    gan__frame f;
    int64_t band, bands;    /* rows of y in a job's images; their number in an image */
    int64_t images, blocks; /* images of a job; blocks of them */
    int64_t depth, panels;  /* taps; panels of columns */
    int64_t width;          /* of rows of y, rounded up */
} plan;

static plan make_plan(const gan__conv *g) {
    plan q = {.g = g, .f = gan__frame_make(g), .depth = g->kh * g->kw * g->c};
    q.band = gan__min(g->oh, gan__max(1, ROWS / g->ow));
    q.bands = gan__tiles(g->oh, q.band);
    if (q.f.copied) q.f.h = (q.band - 1) * g->sh + g->kh;
    q.images = q.bands > 1 ? 1 : gan__min(g->n, gan__tiles(ROWS, g->oh * g->ow));
    q.blocks = gan__tiles(g->n, q.images);
    q.panels = gan__tiles(g->k, GAN__PANEL);
    q.width = gan__whole(g->k);
    return q;
}

typedef struct parts {
    int64_t *patches, *taps;
    gan_real *panels, *frames, *results;
    int64_t frame, result; /* elements of each thread's */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base, int threads) {
    gan__space s = {base, 0};
    int64_t rows = q->images * q->band * q->g->ow;
    parts a = {.frame = q->f.copied ? q->images * gan__frame_size(&q->f) : 0,
               .result = q->width == q->g->k ? 0 : rows * q->width};
    a.patches = gan__space_offsets(&s, rows);
    a.taps = gan__space_offsets(&s, q->depth);
    a.panels = gan__space_reals(&s, q->depth * q->panels * GAN__PANEL);
    a.frames = gan__space_reals(&s, threads * a.frame);
    a.results = gan__space_reals(&s, threads * a.result);
    a.bytes = s.bytes;
    return a;
}

size_t gan__implicit_y_workspace(const gan__conv *g, int threads) {
    plan q = make_plan(g);
    return make_parts(&q, NULL, threads).bytes;
}

/* Panel i: [tap][its k], zeros past the last. */
static void make_panel(const plan *q, int64_t i, const gan_real *w, gan_real *out) {
    int64_t k0 = i * GAN__PANEL, n = gan__min(GAN__PANEL, q->g->k - k0), width = gan__whole(n);
    gan__turn(n, q->depth, w + k0 * q->depth, q->depth, out, width);
    for (int64_t d = 0; d < q->depth && n < width; d++)
        for (int64_t k = n; k < width; k++) out[d * width + k] = 0;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    const gan_real *x;
    gan_real *y;
    const gan__ending *end;
} run;

/* The images [from, to), rows [i0, i1) of their results. */
static void job(const run *r, int64_t from, int64_t to, int64_t i0, int64_t i1) {
    const plan *q = &r->q;
    gan__conv g = *q->g;
    int64_t rows = (to - from) * (i1 - i0) * g.ow;
    gan_real *y = r->y + (from * g.oh + i0) * g.ow * g.k;
    gan_real *out = q->width == g.k ? y : r->a.results + gan__thread() * r->a.result;
    gan_real *frame = r->a.frames + gan__thread() * r->a.frame;
    const gan_real *images = r->x + (from * g.h + i0 * g.sh) * g.w * g.c;
    g.ph -= i0 * g.sh; /* the band's own top */
    if (q->f.copied) {
        gan__frame_fill(&q->f, &g, r->x, from, to, frame);
        images = frame;
    }
    for (int64_t i = 0; i < q->panels; i++) {
        int64_t k0 = i * GAN__PANEL, width = gan__whole(gan__min(GAN__PANEL, g.k - k0));
        r->m->gemm_at(rows, width, q->depth, images, r->a.patches, r->a.taps,
                      r->a.panels + k0 * q->depth, width, out + k0, q->width, 0);
    }
    if (out != y) gan__rows_dense(rows, g.k, out, y);
    r->m->finish(rows, g.k, r->end->bias, r->end->slope, y, g.k);
}

void gan__implicit_y_run(const gan__machine *m, const gan__conv *g, const gan_real *x,
                         const gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                         int threads) {
    run r = {.m = m, .q = make_plan(g), .x = x, .y = y, .end = end};
    const plan *q = &r.q;
    gan__conv band = *g;
    r.a = make_parts(q, workspace, threads);
    band.oh = q->band;
    gan__frame_patches(&q->f, &band, q->images, r.a.patches);
    gan__frame_taps(&q->f, g, r.a.taps);
    GAN__PARALLEL_FOR(gan__team(threads, q->panels))
    for (int64_t i = 0; i < q->panels; i++)
        make_panel(q, i, w, r.a.panels + i * GAN__PANEL * q->depth);
    GAN__PARALLEL_FOR(gan__team(threads, q->blocks * q->bands))
    for (int64_t i = 0; i < q->blocks * q->bands; i++) {
        int64_t from = i / q->bands * q->images, i0 = i % q->bands * q->band;
        job(&r, from, gan__min(g->n, from + q->images), i0, gan__min(g->oh, i0 + q->band));
    }
}

size_t gan__implicit_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    if (result == GAN__CONV_X) return gan__implicit_x_workspace(g, threads);
    if (result == GAN__CONV_W) return gan__implicit_w_workspace(g, threads);
    return gan__implicit_y_workspace(g, threads);
}

void gan__implicit_run(const gan__machine *m, const gan__conv *g, gan__conv_role result,
                       gan_real *x, gan_real *w, gan_real *y, const gan__ending *end,
                       void *workspace, int threads) {
    if (result == GAN__CONV_X)
        gan__implicit_x_run(m, g, x, w, y, workspace, threads);
    else if (result == GAN__CONV_W)
        gan__implicit_w_run(m, g, x, w, y, workspace, threads);
    else
        gan__implicit_y_run(m, g, x, w, y, end, workspace, threads);
}
