/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/parallel.h"
#include "kernel/implicit.h"
#include "kernel/shape.h"
#include "kernel/workspace.h"

gan__frame gan__frame_make(const gan__conv *g) {
    int64_t h = (g->oh - 1) * g->sh + g->kh, w = (g->ow - 1) * g->sw + g->kw;
    if (!g->ph && !g->pw && h <= g->h && w <= g->w) return (gan__frame){g->h, g->w, g->c, 0};
    return (gan__frame){h, w, g->c, 1};
}

/* One row of the frame, `row` rows below the top of the image. */
static void fill_row(const gan__frame *f, const gan__conv *g, const gan_real *image, int64_t row,
                     gan_real *out) {
    size_t size = sizeof *out * (size_t)f->c;
    int64_t left = gan__min(g->pw, f->w), inside = gan__min(g->w, f->w - left);
    if (row < 0 || row >= g->h || inside <= 0) {
        memset(out, 0, size * (size_t)f->w);
        return;
    }
    memset(out, 0, size * (size_t)left);
    memcpy(out + left * f->c, image + row * g->w * f->c, size * (size_t)inside);
    memset(out + (left + inside) * f->c, 0, size * (size_t)(f->w - left - inside));
}

void gan__frame_fill(const gan__frame *f, const gan__conv *g, const gan_real *x, int64_t from,
                     int64_t to, gan_real *out) {
    for (int64_t n = from; n < to; n++)
        for (int64_t i = 0; i < f->h; i++, out += f->w * f->c)
            fill_row(f, g, x + n * g->h * g->w * g->c, i - g->ph, out);
}

void gan__frame_patches(const gan__frame *f, const gan__conv *g, int64_t images, int64_t *offset) {
    for (int64_t n = 0; n < images; n++)
        for (int64_t i = 0; i < g->oh; i++)
            for (int64_t j = 0; j < g->ow; j++)
                *offset++ = ((n * f->h + i * g->sh) * f->w + j * g->sw) * f->c;
}

void gan__frame_taps(const gan__frame *f, const gan__conv *g, int64_t *offset) {
    for (int64_t a = 0; a < g->kh; a++)
        for (int64_t b = 0; b < g->kw; b++)
            for (int64_t c = 0; c < g->c; c++) *offset++ = (a * f->w + b) * f->c + c;
}

#define LINE_BYTES 64

/* A line and what is behind it at once is faster than a few elements: so rows are copied in whole
 * lines, in order, as long as both sides have that much left. */
static void copy_row(int64_t m, int64_t left, const gan_real *from, gan_real *to) {
    int64_t whole = gan__whole(m);
    if (whole > left)
        memcpy(to, from, sizeof *to * (size_t)m);
    else
        for (int64_t i = 0; i < whole; i += GAN__LINE) memcpy(to + i, from + i, LINE_BYTES);
}

const gan_real *gan__rows_whole(int64_t n, int64_t m, const gan_real *rows, gan_real *copy) {
    int64_t whole = gan__whole(m), i = 0;
    if (whole == m) return rows;
    for (; (n - i) * m >= whole; i++) copy_row(m, whole, rows + i * m, copy + i * whole);
    memset(copy + i * whole, 0, sizeof *copy * (size_t)((n - i) * whole));
    for (; i < n; i++) memcpy(copy + i * whole, rows + i * m, sizeof *rows * (size_t)m);
    return copy;
}

void gan__rows_dense(int64_t n, int64_t m, const gan_real *rows, gan_real *out) {
    int64_t whole = gan__whole(m);
    for (int64_t i = 0; i < n; i++) copy_row(m, (n - i) * m, rows + i * whole, out + i * m);
}
