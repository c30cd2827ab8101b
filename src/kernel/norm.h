/* SPDX-License-Identifier: MIT
 *
 * kernel/norm.h - normalisation over groups, then a leaky ReLU; two passes each way.
 *
 * x is read as [a][r][g][b]; each of the a*g groups is normalised over its r*b elements:
 *
 *     xhat = (x - mean) * inv,   inv = 1 / sqrt(var + eps)
 *     v = xhat * gamma[c] + beta[c],   y = v > 0 ? v : slope * v
 *
 * with c = g*b + position in b, a channel; gamma, beta may be NULL (1 and 0). slope 1: no
 * activation, 0: ReLU. Batch norm is a = 1, g = channels, b = 1; layer norm g = 1, b = channels;
 * group norm g groups; instance norm g = channels, b = 1. */
#ifndef GAN_KERNEL_NORM_H
#define GAN_KERNEL_NORM_H

#include <stddef.h>
#include <stdint.h>

#include "gan/types.h"

typedef struct gan__groups {
    int64_t a, r, g, b;
} gan__groups;

/* The operands, and the statistics that go from the forward pass to the backward one. */
typedef struct gan__norm {
    gan__groups s;
    double eps, slope;
    const gan_real *x, *gamma, *beta;
    gan_real *mean, *inv; /* [a*g] */
} gan__norm;

size_t gan__norm_workspace(const gan__groups *s);

/* Writes y, and mean, var (divided by r*b), inv. */
void gan__norm_run(const gan__norm *q, gan_real *y, gan_real *var, void *workspace, int threads);

/* Writes y from given mean and var; inv is not used. */
void gan__norm_fixed_run(const gan__norm *q, const gan_real *var, gan_real *y, void *workspace,
                         int threads);

/* Writes those of gx, ggamma[g*b], gbeta[g*b] that are not NULL. */
void gan__norm_back(const gan__norm *q, const gan_real *gy, gan_real *gx, gan_real *ggamma,
                    gan_real *gbeta, void *workspace, int threads);

/* --- shared by the files of this module --- */

/* Is each of a one row, normalised as a whole? Those are done by the functions below, whose
 * contracts are the same. */
static inline int gan__norm_is_of_rows(const gan__groups *s) {
    return s->r == 1 && s->g == 1;
}

size_t gan__norm_rows_workspace(const gan__groups *s);
void gan__norm_rows_run(const gan__norm *q, gan_real *y, gan_real *var, void *workspace,
                        int threads);
void gan__norm_rows_back(const gan__norm *q, const gan_real *gy, gan_real *gx, gan_real *ggamma,
                         gan_real *gbeta, void *workspace, int threads);

#endif
