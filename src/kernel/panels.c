/* SPDX-License-Identifier: MIT
 *
 * Weights at the points, as the columns of matrix products. For the result y the columns are the
 * channels k, and rows the channels c of every phase; for x the columns are the c of one phase, and
 * rows the k. Weights are stored with c innermost, so for y they are transposed first. */
#include "kernel/panels.h"

#include "kernel/workspace.h"

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
    return p;
}

gan__panel gan__panel_at(const gan__panels *p, int64_t i) {
    int64_t first = i % p->each * GAN__PANEL;
    int64_t n = gan__min(GAN__PANEL, p->columns - first);
    return (gan__panel){i / p->each, first, n, gan__whole(n)};
}

/* The place of tap i of a phase among the taps of a kernel. */
static int64_t tap_at(const gan__tiling *t, int64_t phase, int64_t i) {
    int64_t s = t->form->stride, r = t->form->size[GAN__CONV_W];
    return (i / r * s + phase / s) * t->form->side + i % r * s + phase % s;
}

static int64_t taps(const gan__tiling *t) {
    return (int64_t)t->form->size[GAN__CONV_W] * t->form->size[GAN__CONV_W];
}

static void make_x(const gan__machine *m, const gan__panels *p, const gan__panel *q, int64_t d0,
                   int64_t dn, const gan_real *w, gan_real *out) {
    const gan__conv *g = p->t->g;
    const gan_real *tap[MOST];
    for (int64_t d = 0; d < dn; d++) {
        const gan_real *kernel = w + (d0 + d) * g->kh * g->kw * g->c + q->first;
        for (int64_t i = 0; i < taps(p->t); i++) tap[i] = kernel + tap_at(p->t, q->group, i) * g->c;
        m->analysis[p->t->variant][GAN__CONV_W](tap, q->n, out + d * q->width, dn * q->width);
    }
}

/* out[tap][c][k] = w[k][tap][c] for the taps of a phase, the panel's k and channels from c0 on. */
static void transpose(const gan__panels *p, const gan__panel *q, int64_t phase, int64_t c0,
                      int64_t cn, const gan_real *w, gan_real *out) {
    const gan__conv *g = p->t->g;
    for (int64_t i = 0; i < taps(p->t); i++, out += CHUNK * GAN__PANEL)
        for (int64_t k = 0; k < q->n; k++) {
            int64_t tap = (q->first + k) * g->kh * g->kw + tap_at(p->t, phase, i);
            const gan_real *from = w + tap * g->c + c0;
            for (int64_t c = 0; c < cn; c++) out[c * GAN__PANEL + k] = from[c];
        }
}

static void make_y(const gan__machine *m, const gan__panels *p, const gan__panel *q, int64_t d0,
                   int64_t dn, const gan_real *w, gan_real *out, gan_real *scratch) {
    int64_t channels = p->t->g->c, cn;
    const gan_real *tap[MOST];
    for (int64_t d = 0; d < dn; d += cn) {
        int64_t phase = (d0 + d) / channels, c0 = (d0 + d) % channels;
        cn = gan__min(gan__min(CHUNK, channels - c0), dn - d);
        transpose(p, q, phase, c0, cn, w, scratch);
        for (int64_t c = 0; c < cn; c++) {
            for (int64_t i = 0; i < taps(p->t); i++)
                tap[i] = scratch + (i * CHUNK + c) * GAN__PANEL;
            m->analysis[p->t->variant][GAN__CONV_W](tap, q->n, out + (d + c) * q->width,
                                                    dn * q->width);
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
