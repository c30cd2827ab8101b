/* SPDX-License-Identifier: MIT
 *
 * gan/norm.h - normalisation: y = (x - mean) / sqrt(var + eps) * gamma + beta.
 *
 * x is [N,...,C], of rank 2 or more, channels last; gamma and beta are [C], one pair for each
 * channel, or both NULL (1 and 0). The variance is divided by the number of elements. NULL with
 * GAN_ESHAPE on the tape when shapes do not fit. Differentiable any number of times in x, gamma and
 * beta: backward is two fused passes, or made of operations when it is itself recorded. */
#ifndef GAN_NORM_H
#define GAN_NORM_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Over all but the channel axis, for each channel (arXiv:1502.03167). Where not NULL, mean[C] and
 * var[C] receive the statistics. */
GAN_API gan_tensor *gan_batch_norm(gan_tape *t, gan_tensor *x, gan_tensor *gamma, gan_tensor *beta,
                                   double eps, gan_real *mean, gan_real *var);

/* With given statistics, constants [C]: what batch norm does in a trained network. */
GAN_API gan_tensor *gan_batch_norm_fixed(gan_tape *t, gan_tensor *x, gan_tensor *gamma,
                                         gan_tensor *beta, double eps, gan_tensor *mean,
                                         gan_tensor *var);

/* For each image, over all pixels of a group of C/groups neighbouring channels (arXiv:1803.08494).
 * groups = 1: layer norm over the whole image; groups = C: instance norm. */
GAN_API gan_tensor *gan_group_norm(gan_tape *t, gan_tensor *x, int64_t groups, gan_tensor *gamma,
                                   gan_tensor *beta, double eps);

#ifdef __cplusplus
}
#endif
#endif
