/* SPDX-License-Identifier: MIT
 *
 * op/norm.h - the norms of gan/norm.h, each followed by a leaky ReLU, y = v > 0 ? v : slope * v, in
 * the same operation: slope 0 is a ReLU, 1 no activation. slope is not negative: the backward pass
 * takes the sign of v from y. */
#ifndef GAN_OP_NORM_H
#define GAN_OP_NORM_H

#include "gan/norm.h"
#include "kernel/norm.h"

typedef struct gan__norm_attributes {
    gan__groups s;
    double eps, slope;
    gan_tensor *mean, *inv; /* [a*g]; NULL where the statistics are inputs */
} gan__norm_attributes;

gan_tensor *gan__batch_norm_leaky(gan_tape *t, gan_tensor *x, gan_tensor *gamma, gan_tensor *beta,
                                  double eps, double slope, gan_real *mean, gan_real *var);
gan_tensor *gan__batch_norm_fixed_leaky(gan_tape *t, gan_tensor *x, gan_tensor *gamma,
                                        gan_tensor *beta, double eps, double slope,
                                        gan_tensor *mean, gan_tensor *var);
gan_tensor *gan__group_norm_leaky(gan_tape *t, gan_tensor *x, int64_t groups, gan_tensor *gamma,
                                  gan_tensor *beta, double eps, double slope);

#endif
