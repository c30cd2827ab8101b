/* SPDX-License-Identifier: MIT
 *
 * Weights at the points, as the columns of matrix products. For the result y the columns are the
 * channels k, and rows the channels c of every phase; for x the columns are the c of one phase, and
 * rows the k. Weights are stored with c innermost, so a panel for y is transposed first. */
#include "kernel/panels.h"

#define MOST 9   /* taps of a phase */
#define CHUNK 32 /* channels transposed at a time: their taps stay in the cache */

gan__panels gan__panels_make(const gan__tiling *t, gan__conv_role result) {
    const gan__conv *g = t->g;
    int64_t columns = result == GAN__CONV_Y ? g->k : g->c;
    gan__panels p = {.t = t, .result = result, .columns = columns};
    p.groups = result == GAN__CONV_Y ? 1 : t->phases;
    p.depth = result == GAN__CONV_Y ? t->phases * g->c : g->k;
    p.each = gan__tiles(columns, GAN__PANEL);
    p.count = p.groups * p.each;
    p.size = t->points * p.depth * GAN__PANEL;
    return p;
}

gan__panel gan__panel_at(const gan__panels *p, int64_t i) {
    int64_t first = i % p->each * GAN__PANEL;
    int64_t n = gan__min(GAN__PANEL, p->columns - first);
    return (gan__panel){i / p->each, first, n, gan__whole(n)};
}

/* Pointers to the taps of a phase in a kernel whose taps are `apart` elements from each other. */
static void taps_of(const gan__tiling *t, int64_t phase, const gan_real *kernel, int64_t apart,
                    const gan_real **tap) {
    int64_t s = t->form->stride, r = t->form->size[GAN__CONV_W];
    for (int64_t a = 0; a < r; a++)
        for (int64_t b = 0; b < r; b++)
            *tap++ = kernel + ((a * s + phase / s) * t->form->side + b * s + phase % s) * apart;
}

static void make_x(const gan__machine *m, const gan__panels *p, const gan__panel *q,
                   const gan_real *w, gan_real *out) {
    const gan__conv *g = p->t->g;
    const gan_real *tap[MOST];
    for (int64_t k = 0; k < g->k; k++) {
        taps_of(p->t, q->group, w + k * g->kh * g->kw * g->c + q->first, g->c, tap);
        m->analysis[p->t->variant][GAN__CONV_W](tap, q->n, out + k * q->width, p->depth * q->width);
    }
}

/* out[tap][c][k] = w[k][tap][c] for the panel's k and the channels [c0, c0+cn). */
static void transpose(const gan__conv *g, const gan__panel *q, const gan_real *w, int64_t c0,
                      int64_t cn, gan_real *out) {
    int64_t taps = g->kh * g->kw;
    for (int64_t tap = 0; tap < taps; tap++, out += CHUNK * GAN__PANEL)
        for (int64_t k = 0; k < q->n; k++) {
            const gan_real *from = w + ((q->first + k) * taps + tap) * g->c + c0;
            for (int64_t c = 0; c < cn; c++) out[c * GAN__PANEL + k] = from[c];
        }
}

static void make_y(const gan__machine *m, const gan__panels *p, const gan__panel *q,
                   const gan_real *w, gan_real *out, gan_real *scratch) {
    const gan__conv *g = p->t->g;
    const gan_real *tap[MOST];
    for (int64_t c0 = 0; c0 < g->c; c0 += CHUNK) {
        int64_t cn = gan__min(CHUNK, g->c - c0);
        transpose(g, q, w, c0, cn, scratch);
        for (int64_t phase = 0; phase < p->t->phases; phase++)
            for (int64_t c = 0; c < cn; c++) {
                taps_of(p->t, phase, scratch + c * GAN__PANEL, CHUNK * GAN__PANEL, tap);
                m->analysis[p->t->variant][GAN__CONV_W](
                    tap, q->n, out + (phase * g->c + c0 + c) * q->width, p->depth * q->width);
            }
    }
}

int64_t gan__panels_scratch(const gan__panels *p) {
    const gan__conv *g = p->t->g;
    return p->result == GAN__CONV_Y ? g->kh * g->kw * CHUNK * GAN__PANEL : 0;
}

void gan__panel_make(const gan__machine *m, const gan__panels *p, int64_t i, const gan_real *w,
                     gan_real *out, gan_real *scratch) {
    gan__panel q = gan__panel_at(p, i);
    if (p->result == GAN__CONV_Y)
        make_y(m, p, &q, w, out, scratch);
    else
        make_x(m, p, &q, w, out);
}
