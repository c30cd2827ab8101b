/* SPDX-License-Identifier: MIT
 *
 * kernel/optim.h - passes over all parameters at once. Each is a segment; the list is cut into
 * tiles, and one team works on all of them. */
#ifndef GAN_KERNEL_OPTIM_H
#define GAN_KERNEL_OPTIM_H

#include <stdint.h>

#include "gan/types.h"
#include "kernel/pointwise.h"

/* A parameter w with what changes it: its gradient x and moments m, v; or, to an average w, the
 * weights x. tile: its first tile, which gan__segments_cut fills in. */
typedef struct gan__segment {
    int64_t n, tile;
    const gan_real *x;
    gan_real *m, *v, *w;
} gan__segment;

/* Returns the number of tiles of all. */
int64_t gan__segments_cut(int count, gan__segment *s);

typedef struct gan__update {
    double lr, beta1, beta2, eps; /* beta1: also SGD's momentum; beta2: also RMSprop's alpha */
    double correction1;           /* Adam: 1 - beta1^step */
    double correction2;           /* Adam: 1 - beta2^step */
    double scale;                 /* multiplies the gradient first */
} gan__update;

/* The constants of an update as loops use them. */
typedef struct gan__rates {
    gan_real beta1, beta2, rest1, rest2, scale, eps;
    gan_real lr, rate; /* rate: lr / correction1 */
    gan_real spread;   /* sqrt(correction2) */
} gan__rates;

/* X(name, statements for element i of w, m, v, with g its gradient and k the rates) */
#define GAN__RULE_LIST(X)                                                                          \
    X(ADAM, m[i] = k.beta1 * m[i] + k.rest1 * g; v[i] = k.beta2 * v[i] + k.rest2 * g * g;          \
      w[i] -= k.rate * m[i] / (GAN__R(sqrt)(v[i]) / k.spread + k.eps);)                            \
    X(RMSPROP, v[i] = k.beta2 * v[i] + k.rest2 * g * g;                                            \
      w[i] -= k.lr * g / (GAN__R(sqrt)(v[i]) + k.eps);)                                            \
    X(SGD, m[i] = k.beta1 * m[i] + g; w[i] -= k.lr * m[i];)

typedef enum gan__rule {
#define GAN__ROW(name, statements) GAN__##name,
    GAN__RULE_LIST(GAN__ROW)
#undef GAN__ROW
        GAN__RULES
} gan__rule;

void gan__update_run(gan__rule rule, const gan__update *u, int count, const gan__segment *s,
                     int threads);

/* sum[i] = sum of squares of x of segment i, in double: infinite or not a number where an element
 * is. part: room for a double a tile. */
void gan__squares_run(int count, const gan__segment *s, double *sum, double *part, int threads);

/* w += rate * (x - w) */
void gan__blend_run(int count, const gan__segment *s, double rate, int threads);

#endif
