/* SPDX-License-Identifier: MIT
 *
 * The results w and y over strips: a row of the taps of a patch, kw c elements of x that lie
 * together, taken as whole lines. What a line has beyond its strip is not in the result: for w it
 * is left out, for y it is multiplied by zeros. A job is a part of the images, or a block of them,
 * or a band of rows of a large one; parts of w are added up in order. */
#include <string.h>

#include "base/parallel.h"
#include "kernel/implicit.h"
#include "kernel/narrow.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

#define ROWS ((int64_t)256) /* patches multiplied at a time, about */
#define MANY 32             /* jobs enough */

typedef struct plan {
    const gan__conv *g;
    gan__frame f;
    int64_t strip, width;          /* elements of a row of taps; of all of them, in whole lines */
    int64_t band, bands;           /* rows of y multiplied at a time, their number in an image */
    int64_t images, blocks, parts; /* images multiplied at a time; blocks; jobs for them, for w */
} plan;

static plan make_plan(const gan__conv *g) {
    plan q = {.g = g, .f = gan__frame_make(g), .strip = g->kw * g->c};
    q.width = g->kh * gan__whole(q.strip);
    q.band = gan__min(g->oh, gan__max(1, ROWS / g->ow));
    q.bands = gan__tiles(g->oh, q.band);
    if (q.strip % GAN__LINE) q.f.copied = 1; /* lines reach beyond the last pixel */
    if (q.f.copied) q.f.h = (q.band - 1) * g->sh + g->kh, q.f.w = (g->ow - 1) * g->sw + g->kw;
    q.images = q.bands > 1 ? 1 : gan__min(g->n, gan__tiles(ROWS, g->oh * g->ow));
    q.blocks = gan__tiles(g->n, q.images) * q.bands;
    q.parts = gan__min(MANY, q.blocks);
    return q;
}

typedef struct parts {
    int64_t *patches, *lines;
    gan_real *sums, *w, *frames; /* w: with zeros behind each strip */
    int64_t sum, frame;          /* elements of each part's, of each thread's */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, gan__conv_role result, void *base, int threads) {
    gan__space s = {base, 0};
    parts a = {.sum = q->g->k * q->width,
               .frame = q->f.copied ? q->images * gan__frame_size(&q->f) + GAN__LINE : 0};
    a.patches = gan__space_offsets(&s, q->images * q->band * q->g->ow);
    a.lines = gan__space_offsets(&s, q->width / GAN__LINE);
    a.sums = gan__space_reals(&s, result == GAN__CONV_W ? q->parts * a.sum : 0);
    a.w = gan__space_reals(&s, result == GAN__CONV_W ? 0 : a.sum);
    a.frames = gan__space_reals(&s, threads * a.frame);
    a.bytes = s.bytes;
    return a;
}

size_t gan__strips_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    plan q = make_plan(g);
    return make_parts(&q, result, NULL, threads).bytes;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    parts a;
    const gan_real *x;
} run;

/* A block: its pixels of y, `rows` of them from the row i of the image n on. */
typedef struct block {
    int64_t n, i, rows;
    const gan_real *images;
} block;

static block make_block(const run *r, int64_t b) {
    const plan *q = &r->q;
    gan__conv g = *q->g;
    int64_t n = b / q->bands * q->images, i = b % q->bands * q->band;
    int64_t images = gan__min(q->images, g.n - n);
    block k = {n, i, images * gan__min(q->band, g.oh - i) * g.ow,
               r->x + (n * g.h + i * g.sh) * g.w * g.c};
    if (!q->f.copied) return k;
    gan_real *frame = r->a.frames + gan__thread() * r->a.frame;
    g.ph -= i * g.sh; /* the band's own top */
    gan__frame_fill(&q->f, &g, r->x, n, n + images, frame);
    memset(frame + images * gan__frame_size(&q->f), 0, sizeof *frame * (size_t)GAN__LINE);
    k.images = frame;
    return k;
}

/* The patches of a block, the lines of a patch. */
static run make_run(const gan__machine *m, const gan__conv *g, gan__conv_role result,
                    const gan_real *x, void *workspace, int threads) {
    run r = {.m = m, .q = make_plan(g), .x = x};
    const plan *q = &r.q;
    gan__conv band = *g;
    int64_t lines = gan__whole(q->strip) / GAN__LINE;
    r.a = make_parts(q, result, workspace, threads);
    band.oh = q->band;
    gan__frame_patches(&q->f, &band, q->images, r.a.patches);
    for (int64_t i = 0; i < g->kh * lines; i++)
        r.a.lines[i] = i / lines * q->f.w * g->c + i % lines * GAN__LINE;
    return r;
}

/* --- the result w: outer products --- */

static void add_up(const run *r, const gan_real *y, int64_t part) {
    const plan *q = &r->q;
    const gan__conv *g = q->g;
    int64_t first = q->blocks * part / q->parts, end = q->blocks * (part + 1) / q->parts;
    for (int64_t b = first; b < end; b++) {
        block k = make_block(r, b);
        r->m->strips(g->k, q->width, k.rows, y + (k.n * g->oh + k.i) * g->ow * g->k, k.images,
                     r->a.patches, r->a.lines, r->a.sums + part * r->a.sum, q->width, b > first);
    }
}

static void join(const plan *q, const parts *a, gan_real *w) {
    int64_t rows = q->g->k * q->g->kh, whole = gan__whole(q->strip);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t e = 0; e < q->strip; e++) {
            const gan_real *part = a->sums + i * whole + e;
            gan_real sum = *part;
            for (int64_t s = 1; s < q->parts; s++) sum += part[s * a->sum];
            *w++ = sum;
        }
}

void gan__strips_w_run(const gan__machine *m, const gan__conv *g, const gan_real *x, gan_real *w,
                       const gan_real *y, void *workspace, int threads) {
    run r = make_run(m, g, GAN__CONV_W, x, workspace, threads);
    GAN__PARALLEL_FOR(gan__team(threads, r.q.parts))
    for (int64_t i = 0; i < r.q.parts; i++) add_up(&r, y, i);
    join(&r.q, &r.a, w);
}

/* --- the result y: inner products --- */

static void pad(const plan *q, const gan_real *w, gan_real *out) {
    int64_t whole = gan__whole(q->strip), rows = q->g->k * q->g->kh;
    memset(out, 0, sizeof *out * (size_t)(rows * whole));
    for (int64_t i = 0; i < rows; i++)
        memcpy(out + i * whole, w + i * q->strip, sizeof *w * (size_t)q->strip);
}

static void multiply(const run *r, int64_t b, gan_real *y, const gan__ending *end) {
    const plan *q = &r->q;
    const gan__conv *g = q->g;
    block k = make_block(r, b);
    gan_real *out = y + (k.n * g->oh + k.i) * g->ow * g->k;
    r->m->dots(k.rows, g->k, q->width, k.images, r->a.patches, r->a.lines, r->a.w, q->width, out);
    r->m->finish(k.rows, g->k, end->bias, end->slope, out, g->k);
}

void gan__strips_y_run(const gan__machine *m, const gan__conv *g, const gan_real *x,
                       const gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                       int threads) {
    run r = make_run(m, g, GAN__CONV_Y, x, workspace, threads);
    pad(&r.q, w, r.a.w);
    GAN__PARALLEL_FOR(gan__team(threads, r.q.blocks))
    for (int64_t i = 0; i < r.q.blocks; i++) multiply(&r, i, y, end);
}
