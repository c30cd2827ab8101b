/* SPDX-License-Identifier: MIT
 *
 * kernel/attention.h - attention without its matrix of scores.
 *
 * For each of b: y[tq][e] = softmax(scale * q k^T) v with q[tq][d], k[tk][d], v[tk][e], the softmax
 * over the keys of a query. Scores are made a tile of keys by queries at a time, in memory of the
 * thread, and forgotten; a query keeps the highest score so far and the sum of exponentials about
 * it (arXiv:1805.02867; the gradient: arXiv:2205.14135, algorithm 4). No size may be 0. */
#ifndef GAN_KERNEL_ATTENTION_H
#define GAN_KERNEL_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

#include "gan/types.h"

typedef struct gan__attention {
    int64_t b, tq, tk, d, e;
    double scale;
    const gan_real *q, *k, *v;
} gan__attention;

/* Writes y, and, unless they are NULL, top[b][tq] and share[b][tq]: the highest score of a query and
 * 1 / the sum of exponentials about it, so that its weights are e^(score - top) * share. (The usual
 * one number, top - log(share), loses the share where scores are large.) */
size_t gan__attention_workspace(const gan__attention *s, int threads);
void gan__attention_run(const gan__attention *s, gan_real *y, gan_real *top, gan_real *share,
                        void *workspace, int threads);

/* Writes those of gq, gk, gv that are not NULL. */
size_t gan__attention_back_workspace(const gan__attention *s, int threads);
void gan__attention_back(const gan__attention *s, const gan_real *y, const gan_real *top,
                         const gan_real *share, const gan_real *gy, gan_real *gq, gan_real *gk,
                         gan_real *gv, void *workspace, int threads);

/* --- shared by the files of this module --- */

#define GAN__QUERIES ((int64_t)64) /* of a tile: the columns of one panel */
#define GAN__KEYS ((int64_t)128)   /* of a tile: its rows, terms of one sum of a product */

/* out[d][w] = scale * x[n][d] transposed, zeros in the columns from n to w. */
void gan__attention_turn(int64_t n, int64_t d, int64_t w, double scale, const gan_real *x,
                         gan_real *out);

#endif
