/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/sample.h - one row of kernel/sample.h, some pixels at a time: where they are read is
 * computed for all of them in vectors, then they are read one by one. */
#include "kernel/machine.h"
#include "kernel/loops/vector.h"

enum { SAMPLE_PIXELS = 64 };

/* The two pixels of an axis between which a place lies, and their weights: 0 where there is none.
 */
typedef struct sample_axis {
    int32_t first[SAMPLE_PIXELS], second[SAMPLE_PIXELS];
    gan_real near[SAMPLE_PIXELS], far[SAMPLE_PIXELS];
} sample_axis;

/* Places from, from + step, ... on an axis of `size` pixels. Far outside, and where there is no
 * number, they become -1 or size, of which neither has a neighbour; so whole numbers are small, and
 * 1 + place is cut to its own floor. Two loops: in one, the compiler sees what follows from a place
 * that was cut, and makes branches of it. */
static void sample_places(gan_real from, gan_real step, int32_t n, int32_t size, sample_axis *a) {
    gan_real last = (gan_real)size, within[SAMPLE_PIXELS];
    for (int32_t k = 0; k < n; k++) {
        gan_real at = from + step * (gan_real)k;
        at = at > -1 ? at : -1;
        within[k] = at < last ? at : last;
    }
    INDEPENDENT for (int32_t k = 0; k < n; k++) {
        int32_t second = (int32_t)(within[k] + 1), first = second - 1;
        gan_real rest = within[k] + 1 - (gan_real)second;
        a->near[k] = ((first >= 0) & (first < size)) ? 1 - rest : 0;
        a->far[k] = second < size ? rest : 0;
        first = first < 0 ? 0 : first;
        a->first[k] = first < size ? first : size - 1;
        a->second[k] = second < size ? second : size - 1;
    }
}

/* The four pixels about place k. */
typedef struct sample_corners {
    int64_t at[4];
    gan_real weight[4];
} sample_corners;

INLINE sample_corners sample_corners_of(const sample_axis *x, const sample_axis *y, int32_t k,
                                        int64_t w, int64_t c) {
    int64_t up = y->first[k] * w, down = y->second[k] * w, left = x->first[k], right = x->second[k];
    return (sample_corners){
        {(up + left) * c, (up + right) * c, (down + left) * c, (down + right) * c},
        {y->near[k] * x->near[k], y->near[k] * x->far[k], y->far[k] * x->near[k],
         y->far[k] * x->far[k]}};
}

INLINE void sample_read_pixels(const sample_axis *x, const sample_axis *y, int32_t n, int64_t w,
                               int64_t c, const gan_real *image, gan_real *restrict row) {
    for (int32_t k = 0; k < n; k++, row += c) {
        sample_corners q = sample_corners_of(x, y, k, w, c);
        const gan_real *a = image + q.at[0], *b = image + q.at[1];
        const gan_real *d = image + q.at[2], *e = image + q.at[3];
        for (int64_t i = 0; i < c; i++)
            row[i] = (q.weight[0] * a[i] + q.weight[1] * b[i]) +
                     (q.weight[2] * d[i] + q.weight[3] * e[i]);
    }
}

INLINE void sample_add_pixels(const sample_axis *x, const sample_axis *y, int32_t n, int64_t w,
                              int64_t c, const gan_real *row, gan_real *restrict image) {
    for (int32_t k = 0; k < n; k++, row += c) {
        sample_corners q = sample_corners_of(x, y, k, w, c);
        for (int corner = 0; corner < 4; corner++)
            for (int64_t i = 0; i < c; i++) image[q.at[corner] + i] += q.weight[corner] * row[i];
    }
}

/* The places of the pixels (i,j), (i,j+1), ...; gives their number. */
static int32_t sample_block(const gan__sample_shape *s, const gan__sample_map *m, int64_t i,
                            int64_t j, sample_axis *x, sample_axis *y) {
    const double *at = m->at, row = (double)i, column = (double)j;
    int32_t n = (int32_t)(s->w - j < SAMPLE_PIXELS ? s->w - j : SAMPLE_PIXELS);
    sample_places((gan_real)(at[0] * column + at[1] * row + at[2]), (gan_real)at[0], n,
                  (int32_t)s->w, x);
    sample_places((gan_real)(at[3] * column + at[4] * row + at[5]), (gan_real)at[3], n,
                  (int32_t)s->h, y);
    return n;
}

/* Pixels of 1 or 3 channels are too short for a loop whose length is not known. */
static void sample_read(const gan__sample_shape *s, const gan__sample_map *m, int64_t i,
                        const gan_real *image, gan_real *row) {
    sample_axis x, y;
    for (int64_t j = 0; j < s->w; j += SAMPLE_PIXELS, row += SAMPLE_PIXELS * s->c) {
        int32_t n = sample_block(s, m, i, j, &x, &y);
        if (s->c == 1)
            sample_read_pixels(&x, &y, n, s->w, 1, image, row);
        else if (s->c == 3)
            sample_read_pixels(&x, &y, n, s->w, 3, image, row);
        else
            sample_read_pixels(&x, &y, n, s->w, s->c, image, row);
    }
}

static void sample_add(const gan__sample_shape *s, const gan__sample_map *m, int64_t i,
                       const gan_real *row, gan_real *image) {
    sample_axis x, y;
    for (int64_t j = 0; j < s->w; j += SAMPLE_PIXELS, row += SAMPLE_PIXELS * s->c) {
        int32_t n = sample_block(s, m, i, j, &x, &y);
        if (s->c == 1)
            sample_add_pixels(&x, &y, n, s->w, 1, row, image);
        else if (s->c == 3)
            sample_add_pixels(&x, &y, n, s->w, 3, row, image);
        else
            sample_add_pixels(&x, &y, n, s->w, s->c, row, image);
    }
}

#define SAMPLE_LOOPS                                                                               \
    { sample_read, sample_add }
