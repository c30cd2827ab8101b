/* SPDX-License-Identifier: MIT
 *
 * With p the weights and gp = gy v^T:
 *
 *     gv = p^T gy,   gs = scale * p (gp - mean),   gq = gs k,   gk = gs^T q,
 *
 * mean = sum over the keys of p gp, which is that over e of gy y. Tiles are [keys][queries], as they
 * are forwards. A job is one b, or, where there are few, one of several ranges of its keys: gk and gv
 * are then its own, and its part of gq is added up with the others' in order. */
#include "base/parallel.h"
#include "kernel/attention.h"
#include "kernel/implicit.h"
#include "kernel/shape.h"
#include "kernel/turn.h"
#include "kernel/workspace.h"

#include <string.h>

#define MANY ((int64_t)16) /* jobs enough */

typedef struct plan {
    const gan__attention *s;
    int64_t tiles, splits; /* of the keys of one b */
    int64_t range;         /* keys of a job, at most */
    int64_t d, e;          /* rounded up */
} plan;

static plan make_plan(const gan__attention *s) {
    plan q = {.s = s, .tiles = gan__tiles(s->tk, GAN__KEYS)};
    q.splits = gan__min(q.tiles, gan__tiles(MANY, s->b));
    q.range = gan__min(s->tk, gan__tiles(q.tiles, q.splits) * GAN__KEYS);
    q.d = gan__whole(s->d), q.e = gan__whole(s->e);
    return q;
}

typedef struct parts {
    /* a thread's own */
    gan_real *queries, *gy;         /* [d][w], [e][w]: transposed */
    gan_real *query_rows, *gy_rows; /* [w][d], [w][e]: copies with whole lines */
    gan_real *p, *gs;               /* [keys][w] */
    gan_real *gq;                   /* [d][w] */
    gan_real *top, *share, *mean;   /* [w] */
    gan_real *gk, *gv;              /* [range][d], [range][e], where lines are not whole */
    size_t bytes;
} parts;

static parts make_parts(const plan *q, void *base) {
    const gan__attention *s = q->s;
    const int64_t w = GAN__QUERIES, keys = gan__min(GAN__KEYS, s->tk);
    int64_t copies_d = q->d == s->d ? 0 : q->d, copies_e = q->e == s->e ? 0 : q->e;
    gan__space space = {base, 0};
    parts a = {.queries = gan__space_reals(&space, s->d * w)};
    a.gy = gan__space_reals(&space, s->e * w);
    a.query_rows = gan__space_reals(&space, w * copies_d);
    a.gy_rows = gan__space_reals(&space, w * copies_e);
    a.p = gan__space_reals(&space, keys * w);
    a.gs = gan__space_reals(&space, keys * w);
    a.gq = gan__space_reals(&space, s->d * w);
    a.top = gan__space_reals(&space, w);
    a.share = gan__space_reals(&space, w);
    a.mean = gan__space_reals(&space, w);
    a.gk = gan__space_reals(&space, q->range * copies_d);
    a.gv = gan__space_reals(&space, q->range * copies_e);
    a.bytes = space.bytes;
    return a;
}

/* The parts of gq, [splits][b][tq][d], where there are several. */
static size_t sums_of(const plan *q) {
    const gan__attention *s = q->s;
    return q->splits == 1 ? 0 : (size_t)(q->splits * s->b * s->tq * s->d) * sizeof(gan_real);
}

size_t gan__attention_back_workspace(const gan__attention *s, int threads) {
    plan q = make_plan(s);
    return (sums_of(&q) + 63) / 64 * 64 + (size_t)threads * make_parts(&q, NULL).bytes;
}

typedef struct run {
    const gan__machine *m;
    plan q;
    const gan_real *y, *top, *share, *gy;
    gan_real *gq, *gk, *gv;
    gan_real *sums;
} run;

/* A block of queries of a job. */
typedef struct block {
    int64_t row, n, w; /* its first query in q, their number, and that of columns */
    const gan_real *q, *gy;
} block;

static block begin_block(const run *r, const parts *a, int64_t b, int64_t from) {
    const gan__attention *s = r->q.s;
    block k = {.row = b * s->tq + from, .n = gan__min(GAN__QUERIES, s->tq - from)};
    const gan_real *q = s->q + k.row * s->d, *gy = r->gy + k.row * s->e, *y = r->y + k.row * s->e;
    k.w = gan__whole(k.n);
    k.q = gan__rows_whole(k.n, s->d, q, a->query_rows);
    k.gy = gan__rows_whole(k.n, s->e, gy, a->gy_rows);
    gan__attention_turn(k.n, s->d, k.w, s->scale, q, a->queries);
    gan__attention_turn(k.n, s->e, k.w, 1, gy, a->gy);
    for (int64_t i = 0; i < k.w; i++) {
        double mean = 0;
        for (int64_t j = 0; i < k.n && j < s->e; j++)
            mean += (double)gy[i * s->e + j] * (double)y[i * s->e + j];
        a->mean[i] = (gan_real)mean;
        a->top[i] = i < k.n ? r->top[k.row + i] : 0;
        a->share[i] = i < k.n ? r->share[k.row + i] : 0;
    }
    return k;
}

/* n keys against a block of queries; gk, gv: the sums of these keys. */
static void multiply(const run *r, const parts *a, const block *q, const gan_real *k,
                     const gan_real *v, int64_t n, gan_real *gk, gan_real *gv, int first_queries,
                     int first_keys) {
    const gan__attention *s = r->q.s;
    const gan__machine *m = r->m;
    m->gemm(n, q->w, s->d, k, s->d, 1, a->queries, q->w, a->p, q->w, 0);
    m->attention.weigh(n, q->w, a->top, a->share, a->p);
    if (gv) m->gemm(n, r->q.e, q->n, a->p, q->w, 1, q->gy, r->q.e, gv, r->q.e, !first_queries);
    if (!gk && !r->gq) return;
    m->gemm(n, q->w, s->e, v, s->e, 1, a->gy, q->w, a->gs, q->w, 0);
    m->attention.back(n, q->w, a->p, a->mean, (gan_real)s->scale, a->gs);
    if (gk) m->gemm(n, r->q.d, q->n, a->gs, q->w, 1, q->q, r->q.d, gk, r->q.d, !first_queries);
    if (r->gq) m->gemm(s->d, q->w, n, k, 1, s->d, a->gs, q->w, a->gq, q->w, !first_keys);
}

/* Rows that were summed up with whole lines, without what is behind each. */
static void copy_rows(int64_t n, int64_t m, const gan_real *from, gan_real *to) {
    for (int64_t i = 0; from != to && i < n; i++)
        memcpy(to + i * m, from + i * gan__whole(m), sizeof *to * (size_t)m);
}

/* Where the rows of a gradient are summed up: in place if their lines are whole. */
static gan_real *rows_for(gan_real *g, int64_t m, gan_real *copy) {
    return !g || gan__whole(m) == m ? g : copy;
}

/* The keys [from, to) of b against all its queries; gq receives their part. */
static void job(const run *r, const parts *a, int64_t b, int64_t from, int64_t to, gan_real *gq) {
    const gan__attention *s = r->q.s;
    int64_t row = b * s->tk + from;
    gan_real *gk = r->gk ? r->gk + row * s->d : NULL, *gv = r->gv ? r->gv + row * s->e : NULL;
    gan_real *ks = rows_for(gk, s->d, a->gk), *vs = rows_for(gv, s->e, a->gv);
    for (int64_t q0 = 0; q0 < s->tq; q0 += GAN__QUERIES) {
        block q = begin_block(r, a, b, q0);
        for (int64_t i = 0; i < to - from; i += GAN__KEYS)
            multiply(r, a, &q, s->k + (row + i) * s->d, s->v + (row + i) * s->e,
                     gan__min(GAN__KEYS, to - from - i), ks ? ks + i * r->q.d : NULL,
                     vs ? vs + i * r->q.e : NULL, q0 == 0, i == 0);
        if (gq) gan__turn(s->d, q.n, a->gq, q.w, gq + q.row * s->d, s->d);
    }
    if (gk) copy_rows(to - from, s->d, ks, gk);
    if (gv) copy_rows(to - from, s->e, vs, gv);
}

/* gq of b: the sum of its parts, in order. */
static void join(const run *r, int64_t b) {
    const gan__attention *s = r->q.s;
    int64_t n = s->tq * s->d;
    memcpy(r->gq + b * n, r->sums + b * n, sizeof(gan_real) * (size_t)n);
    for (int64_t split = 1; split < r->q.splits; split++)
        r->m->pointwise.accumulate(n, r->sums + (split * s->b + b) * n, r->gq + b * n);
}

void gan__attention_back(const gan__attention *s, const gan_real *y, const gan_real *top,
                         const gan_real *share, const gan_real *gy, gan_real *gq, gan_real *gk,
                         gan_real *gv, void *workspace, int threads) {
    run r = {gan__machine_here(), make_plan(s), y, top, share, gy, gq, gk, gv, workspace};
    int64_t splits = r.q.splits;
    size_t each = make_parts(&r.q, NULL).bytes;
    char *own = (char *)workspace + (sums_of(&r.q) + 63) / 64 * 64;
    GAN__PARALLEL_FOR(gan__team(threads, s->b * splits))
    for (int64_t i = 0; i < s->b * splits; i++) {
        parts a = make_parts(&r.q, own + (size_t)gan__thread() * each);
        int64_t b = i / splits, split = i % splits;
        int64_t from = r.q.tiles * split / splits * GAN__KEYS;
        int64_t to = gan__min(s->tk, r.q.tiles * (split + 1) / splits * GAN__KEYS);
        gan_real *part = splits > 1 ? r.sums + split * s->b * s->tq * s->d : gq;
        job(&r, &a, b, from, to, gq ? part : NULL);
    }
    GAN__PARALLEL_FOR(gan__team(threads, s->b))
    for (int64_t b = 0; b < s->b; b++)
        if (gq && splits > 1) join(&r, b);
}
