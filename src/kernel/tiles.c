/* SPDX-License-Identifier: MIT
 *
 * Tiles of images to points and back. A tile of y is form->size[y] pixels square; the patch of x
 * that it sees has one pixel for each coefficient and phase. Pixels outside of an image are read
 * from zeros and written to waste, so the transforms know nothing of borders. */
#include <string.h>

#include "kernel/winograd.h"

#define MOST 36 /* coefficients of a square */

const gan__bilinear gan__bilinears[GAN__BILINEARS] = {
#define ROW(name, side, stride, m, r, n, pairs) {side, stride, {n, r, m}, n},
    GAN__BILINEAR_LIST(ROW)
#undef ROW
};

gan__tiling gan__tiling_make(const gan__conv *g) {
    gan__tiling t = {.g = g, .variant = -1};
    for (int i = 0; i < GAN__BILINEARS; i++) {
        const gan__bilinear *f = &gan__bilinears[i];
        if (g->kh == f->side && g->kw == f->side && g->sh == f->stride && g->sw == f->stride)
            t.variant = i, t.form = f;
    }
    if (t.variant < 0) return t;
    int64_t m = t.form->size[GAN__CONV_Y];
    t.rows = gan__tiles(g->oh, m), t.cols = gan__tiles(g->ow, m);
    t.image = t.rows * t.cols;
    t.phases = t.form->stride * t.form->stride;
    t.points = t.form->points * t.form->points;
    return t;
}

int gan__tiling_taps(const gan__tiling *t, int64_t phase, int64_t *at) {
    int64_t s = t->form->stride, r = t->form->size[GAN__CONV_W];
    for (int64_t a = 0; a < r; a++)
        for (int64_t b = 0; b < r; b++)
            *at++ = (a * s + phase / s) * t->form->side + b * s + phase % s;
    return (int)(r * r);
}

/* One square of pixels: coefficient (i,j) is the pixel (top + i*step, left + j*step). */
typedef struct square {
    int64_t size, top, left, step;
} square;

static square square_of(const gan__tiling *t, gan__conv_role role, int64_t tile, int64_t phase) {
    int64_t i = tile / t->cols, j = tile % t->cols, m = t->form->size[GAN__CONV_Y];
    if (role == GAN__CONV_Y) return (square){m, i * m, j * m, 1};
    int64_t s = t->form->stride;
    return (square){t->form->size[GAN__CONV_X], i * m * s + phase / s - t->g->ph,
                    j * m * s + phase % s - t->g->pw, s};
}

typedef struct images {
    int64_t h, w, c;
} images;

static images images_of(const gan__tiling *t, gan__conv_role role) {
    const gan__conv *g = t->g;
    return role == GAN__CONV_X ? (images){g->h, g->w, g->c} : (images){g->oh, g->ow, g->k};
}

/* The pixels of a square in one image; `outside` stands for those that are not in it. */
static void locate(const images *q, const square *s, const gan_real *image, const gan_real *outside,
                   const gan_real **pixel) {
    for (int64_t i = 0; i < s->size; i++) {
        int64_t row = s->top + i * s->step;
        int inside = row >= 0 && row < q->h;
        const gan_real *line = image + row * q->w * q->c;
        for (int64_t j = 0; j < s->size; j++) {
            int64_t col = s->left + j * s->step;
            *pixel++ = inside && col >= 0 && col < q->w ? line + col * q->c : outside;
        }
    }
}

void gan__tiles_lift(const gan__machine *m, const gan__tiling *t, gan__conv_role role,
                     const gan_real *data, int64_t from, int64_t to, const gan__margin *margin,
                     gan_real *out, int64_t ld, int64_t stride) {
    images q = images_of(t, role);
    int64_t phases = role == GAN__CONV_X ? t->phases : 1;
    gan__analysis *lift = m->analysis[t->variant][role];
    const gan_real *pixel[MOST];
    for (int64_t n = from; n < to; n++)
        for (int64_t tile = 0; tile < t->image; tile++, out += ld)
            for (int64_t phase = 0; phase < phases; phase++) {
                square s = square_of(t, role, tile, phase);
                locate(&q, &s, data + n * q.h * q.w * q.c, margin->zeros, pixel);
                lift(pixel, q.c, out + phase * q.c, stride);
            }
}

/* Patches of x overlap: what an earlier tile has written is added to. Tiles come in raster order, so
 * these are the first rows and columns of a patch, where there is a tile above or to the left. */
static void locate_sums(const gan__tiling *t, int64_t tile, const square *s, const gan_real *zeros,
                        gan_real *const *pixel, const gan_real **sum) {
    int64_t overlap = s->size - t->form->size[GAN__CONV_Y];
    int above = tile >= t->cols, left = tile % t->cols > 0;
    for (int64_t i = 0; i < s->size; i++)
        for (int64_t j = 0; j < s->size; j++, pixel++)
            *sum++ = (above && i < overlap) || (left && j < overlap) ? *pixel : zeros;
}

/* Does every row and column of x belong to a patch? */
static int covered(const gan__tiling *t) {
    const gan__conv *g = t->g;
    int64_t tile = t->form->size[GAN__CONV_Y] * t->form->stride, rest = g->kh - g->sh;
    return t->rows * tile + rest - g->ph >= g->h && t->cols * tile + rest - g->pw >= g->w;
}

/* The first coordinate at or after 0 of a phase. */
static int64_t first(int64_t phase, int64_t pad, int64_t stride) {
    return ((phase - pad) % stride + stride) % stride;
}

static void clear(const gan__tiling *t, int64_t phase, int64_t cn, gan_real *image) {
    const gan__conv *g = t->g;
    for (int64_t i = first(phase / g->sw, g->ph, g->sh); i < g->h; i += g->sh)
        for (int64_t j = first(phase % g->sw, g->pw, g->sw); j < g->w; j += g->sw)
            memset(image + (i * g->w + j) * g->c, 0, sizeof *image * (size_t)cn);
}

void gan__tiles_drop(const gan__machine *m, const gan__tiling *t, gan__conv_role role,
                     gan_real *data, int64_t from, int64_t to, int64_t phase, int64_t c0,
                     int64_t cn, const gan__margin *margin, const gan__ending *end,
                     const gan_real *in, int64_t ld, int64_t stride) {
    images q = images_of(t, role);
    int overlaps = role == GAN__CONV_X, clears = overlaps && !covered(t);
    gan__synthesis *drop = m->synthesis[t->variant][role];
    const gan_real *found[MOST], *add[MOST] = {0};
    double slope = overlaps ? 1 : end->slope;
    gan_real *pixel[MOST], *waste = margin->waste + gan__thread() * margin->size;
    for (int i = 0; end->bias && i < MOST; i++) add[i] = end->bias + c0;
    for (int64_t n = from; n < to; n++) {
        gan_real *image = data + n * q.h * q.w * q.c + c0;
        if (clears) clear(t, phase, cn, image);
        for (int64_t tile = 0; tile < t->image; tile++, in += ld) {
            square s = square_of(t, role, tile, phase);
            locate(&q, &s, image, waste, found);
            for (int64_t i = 0; i < s.size * s.size; i++) pixel[i] = (gan_real *)found[i];
            if (overlaps) locate_sums(t, tile, &s, margin->zeros, pixel, add);
            drop(in, stride, cn, *add ? add : NULL, slope, pixel);
        }
    }
}
