/* SPDX-License-Identifier: MIT
 *
 * kernel/norm.h - normalisation over groups, forward and backward in one pass each.
 *
 * x is read as [a][r][g][b]; each of the a*g groups is normalised over its r*b elements:
 *
 *     xhat = (x - mean) * inv,   inv = 1 / sqrt(var + eps),   y = xhat * gamma[c] + beta[c]
 *
 * with c = g*b + position in b, a channel; gamma, beta may be NULL (1 and 0). Batch norm is a = 1,
 * g = channels, b = 1; layer norm g = 1, b = channels; group norm g groups; instance norm g =
 * channels, b = 1. */
#ifndef GAN_KERNEL_NORM_H
#define GAN_KERNEL_NORM_H

#include <stddef.h>
#include <stdint.h>

#include "gan/types.h"

typedef struct gan__groups {
    int64_t a, r, g, b;
} gan__groups;

size_t gan__norm_workspace(const gan__groups *s);

/* Writes y, and mean[a*g], var[a*g] (divided by r*b), inv[a*g]. */
void gan__norm_run(const gan__groups *s, const gan_real *x, const gan_real *gamma,
                   const gan_real *beta, double eps, gan_real *y, gan_real *mean, gan_real *var,
                   gan_real *inv, void *workspace, int threads);

/* Writes those of gx, ggamma[g*b], gbeta[g*b] that are not NULL. */
void gan__norm_back(const gan__groups *s, const gan_real *x, const gan_real *gamma,
                    const gan_real *mean, const gan_real *inv, const gan_real *gy, gan_real *gx,
                    gan_real *ggamma, gan_real *gbeta, void *workspace, int threads);

#endif
