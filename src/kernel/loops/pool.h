/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/pool.h - some channels of an image of kernel/pool.h. As in a maxout, which pixel of a
 * window wins is chosen by masks, channels side by side. */
#include "kernel/machine.h"
#include "kernel/loops/vector.h"

/* A window: the pixels of it that are in the image, [top,bottom) x [left,right). */
typedef struct pool_window {
    int64_t top, bottom, left, right;
} pool_window;

static pool_window pool_window_at(const gan__pool_shape *s, int64_t i, int64_t j) {
    int64_t top = i * s->stride - s->pad, left = j * s->stride - s->pad;
    int64_t bottom = top + s->kernel, right = left + s->kernel;
    return (pool_window){top < 0 ? 0 : top, bottom < s->h ? bottom : s->h, left < 0 ? 0 : left,
                         right < s->w ? right : s->w};
}

/* The largest of each channel, and the number of its pixel in the window. A NaN is kept once it is
 * met, so that it is seen in the result. */
static void pool_places(const gan__pool_shape *s, const pool_window *q, int64_t n,
                        const gan_real *by, gan_real *restrict best, gan_real *restrict which) {
    gan_real number = 0;
    for (int64_t i = q->top; i < q->bottom; i++)
        for (int64_t j = q->left; j < q->right; j++, number++) {
            const gan_real *pixel = by + (i * s->w + j) * s->c;
            if (number == 0)
                for (int64_t k = 0; k < n; k++) best[k] = pixel[k], which[k] = 0;
            else
                for (int64_t k = 0; k < n; k++) {
                    gan_real v = pixel[k];
                    int wins = (v > best[k]) | (v != v);
                    best[k] = wins ? v : best[k];
                    which[k] = wins ? number : which[k];
                }
        }
}

static void pool_select(const gan__pool_shape *s, int64_t n, const gan_real *x, const gan_real *by,
                        gan_real *restrict y) {
    gan_real best[GAN__POOL_CHANNELS], which[GAN__POOL_CHANNELS];
    for (int64_t o = 0; o < s->oh * s->ow; o++, y += s->c) {
        pool_window q = pool_window_at(s, o / s->ow, o % s->ow);
        gan_real number = 0;
        pool_places(s, &q, n, by, best, which);
        if (x == by) memcpy(y, best, (size_t)n * sizeof *y);
        for (int64_t i = q.top; i < q.bottom && x != by; i++)
            for (int64_t j = q.left; j < q.right; j++, number++) {
                const gan_real *pixel = x + (i * s->w + j) * s->c;
                for (int64_t k = 0; k < n; k++)
                    y[k] = ((which[k] == number) | (number == 0)) ? pixel[k] : y[k];
            }
    }
}

static void pool_spread(const gan__pool_shape *s, int64_t n, const gan_real *y, const gan_real *by,
                        gan_real *restrict x) {
    gan_real best[GAN__POOL_CHANNELS], which[GAN__POOL_CHANNELS];
    for (int64_t o = 0; o < s->oh * s->ow; o++, y += s->c) {
        pool_window q = pool_window_at(s, o / s->ow, o % s->ow);
        gan_real number = 0;
        pool_places(s, &q, n, by, best, which);
        for (int64_t i = q.top; i < q.bottom; i++)
            for (int64_t j = q.left; j < q.right; j++, number++) {
                gan_real *pixel = x + (i * s->w + j) * s->c;
                for (int64_t k = 0; k < n; k++) pixel[k] += which[k] == number ? y[k] : 0;
            }
    }
}

#define POOL_LOOPS                                                                                 \
    { pool_select, pool_spread }
