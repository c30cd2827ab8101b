/* SPDX-License-Identifier: MIT
 *
 * gan/diversity.h - a term of the generator's loss against mode collapse. (The others are parts of
 * the discriminator: gan_minibatch_stddev() in gan/layer.h, and `pack` in gan/network.h.) */
#ifndef GAN_DIVERSITY_H
#define GAN_DIVERSITY_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Mode seeking, arXiv:1903.05628, eq. 3 in the form that its authors minimise: with the first half
 * of the batch against the second (of an odd batch the last image is left out),
 *
 *     1 / (mean |images_1 - images_2| / mean |z_1 - z_2| + 1e-5)
 *
 * images [N,...], z [N,nz], N >= 2: [1], differentiable in images. GAN_ESHAPE when they disagree. */
GAN_API gan_tensor *gan_mode_seeking(gan_tape *t, gan_tensor *images, gan_tensor *z);

#ifdef __cplusplus
}
#endif
#endif
