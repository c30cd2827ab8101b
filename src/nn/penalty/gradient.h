/* SPDX-License-Identifier: MIT
 *
 * nn/penalty/gradient.h - what the penalties on a gradient are made of. */
#ifndef GAN_NN_PENALTY_GRADIENT_H
#define GAN_NN_PENALTY_GRADIENT_H

#include "gan/penalty.h"

/* |g|^2 of each image or pack of x, [S,1], x [N,H,W,C] on the tape; differentiable. */
gan_tensor *gan__penalty_squares(gan_tape *t, const gan_penalty_inputs *in, gan_tensor *x);

/* mean (|g| - centre)^2 at x */
gan_tensor *gan__penalty_centred(gan_tape *t, const gan_penalty_inputs *in, gan_tensor *x,
                                 double centre);

/* Uniform numbers in [0,1), one for each image and the same in a pack: [N,1,1,1]. */
gan_tensor *gan__penalty_uniform(gan_tape *t, const gan_penalty_inputs *in);

#endif
