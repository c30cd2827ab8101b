/* SPDX-License-Identifier: MIT
 *
 * Weights at the points, as the columns of matrix products. For the result y the columns are the
 * channels k, and rows the channels c of every phase; for x the columns are the c of one phase, and
 * rows the k. Weights are stored with c innermost, so for y they are transposed first. */
#include "kernel/panels.h"

#include "kernel/turn.h"

#define CHUNK 32 /* channels transposed at a time: their taps stay in the cache */

gan__panels gan__panels_make(const gan__tiling *t, gan__conv_role result) {
    const gan__conv *g = t->g;
    int64_t columns = result == GAN__CONV_Y ? g->k : g->c;
    gan__panels p = {.t = t, .result = result, .columns = columns};
    p.groups = result == GAN__CONV_Y ? 1 : t->phases;
    p.depth = result == GAN__CONV_Y ? t->phases * g->c : g->k;
    p.each = gan__tiles(columns, GAN__PANEL);
    p.count = p.groups * p.each;
    return p;
}

gan__panel gan__panel_at(const gan__panels *p, int64_t i) {
    int64_t first = i % p->each * GAN__PANEL;
    int64_t n = gan__min(GAN__PANEL, p->columns - first);
    return (gan__panel){i / p->each, first, n, gan__whole(n)};
}

static void make_x(const gan__machine *m, const gan__panels *p, const gan__panel *q, int64_t d0,
                   int64_t dn, const gan_real *w, gan_real *out) {
    const gan__conv *g = p->t->g;
    gan__analysis *lift = m->analysis[p->t->variant][GAN__CONV_W];
    int64_t at[GAN__MOST_TAPS], apart = gan__panel_apart(dn, q->width);
    int taps = gan__tiling_taps(p->t, q->group, at);
    for (int64_t d = 0; d < dn; d++) {
        const gan_real *kernel = w + (d0 + d) * g->kh * g->kw * g->c + q->first,
                       *tap[GAN__MOST_TAPS];
        for (int i = 0; i < taps; i++) tap[i] = kernel + at[i] * g->c;
        lift(tap, q->n, out + d * q->width, apart);
    }
}

/* out[tap][c][k] = w[k][tap][c] for the taps of a phase, the panel's k and channels from c0 on. */
static void transpose(const gan__conv *g, const gan__panel *q, int taps, const int64_t *at,
                      int64_t c0, int64_t cn, const gan_real *w, gan_real *out) {
    int64_t kernel = g->kh * g->kw * g->c;
    for (int i = 0; i < taps; i++, out += CHUNK * GAN__PANEL)
        gan__turn(q->n, cn, w + q->first * kernel + at[i] * g->c + c0, kernel, out, GAN__PANEL);
}

static void make_y(const gan__machine *m, const gan__panels *p, const gan__panel *q, int64_t d0,
                   int64_t dn, const gan_real *w, gan_real *out, gan_real *scratch) {
    const gan__conv *g = p->t->g;
    gan__analysis *lift = m->analysis[p->t->variant][GAN__CONV_W];
    int64_t at[GAN__MOST_TAPS], apart = gan__panel_apart(dn, q->width), cn;
    for (int64_t d = 0; d < dn; d += cn) {
        int64_t phase = (d0 + d) / g->c, c0 = (d0 + d) % g->c;
        int taps = gan__tiling_taps(p->t, phase, at);
        cn = gan__min(gan__min(CHUNK, g->c - c0), dn - d);
        transpose(g, q, taps, at, c0, cn, w, scratch);
        for (int64_t c = 0; c < cn; c++) {
            const gan_real *tap[GAN__MOST_TAPS];
            for (int i = 0; i < taps; i++) tap[i] = scratch + (i * CHUNK + c) * GAN__PANEL;
            lift(tap, q->n, out + (d + c) * q->width, apart);
        }
    }
}

void gan__panel_make(const gan__machine *m, const gan__panels *p, int64_t i, int64_t d0, int64_t dn,
                     const gan_real *w, gan_real *out, gan_real *scratch) {
    gan__panel q = gan__panel_at(p, i);
    if (p->result == GAN__CONV_Y)
        make_y(m, p, &q, d0, dn, w, out, scratch);
    else
        make_x(m, p, &q, d0, dn, w, out);
}
