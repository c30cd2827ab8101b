/* SPDX-License-Identifier: MIT
 *
 * gan/penalty.h - gradient penalties on a discriminator.
 *
 * Each returns a scalar tensor [1], the mean over the batch, owned by tape `t` until
 * gan_tape_reset(), and differentiable in the parameters of `d`. On failure: NULL, and
 * gan_tape_status(t) is GAN_ESHAPE (operands disagree), GAN_EMODEL (`d` has batch norm, whose
 * statistics mix the images of a batch, so that a per-image gradient does not exist) or GAN_ENOMEM.
 * Where the images of a batch are mixed on purpose (GAN_MIXES_ON_PURPOSE), dD/dx_n is the gradient
 * of the sum of the batch's scores. */
#ifndef GAN_PENALTY_H
#define GAN_PENALTY_H

#include "gan/discriminator.h"

#ifdef __cplusplus
extern "C" {
#endif

/* WGAN-GP: lambda * mean_n (|dD/dx_n|_2 - 1)^2 at x_n drawn uniformly between real_n and fake_n,
 * both [N,H,W,C] with pixels in
 * [-1,1]; the norm is over H,W,C, in score per unit of pixel. Draws N numbers from `rng`.
 * arXiv:1704.00028, eq. 3 (lambda 10). */
GAN_API gan_tensor *gan_penalty_wgangp(gan_tape *t, gan_discriminator *d, gan_tensor *real,
                                       gan_tensor *fake, double lambda, gan_rng *rng,
                                       const gan_pass *pass);

#ifdef __cplusplus
}
#endif
#endif
