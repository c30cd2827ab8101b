/* SPDX-License-Identifier: MIT
 *
 * Wasserstein loss with a gradient penalty (arXiv:1704.00028, algorithm 1). */
#include "gan/penalty.h"
#include "nn/loss/table.h"
#include "nn/loss/wasserstein.h"

static gan_tensor *penalty(gan_tape *t, const gan_loss_options *o, gan_discriminator *d,
                           gan_tensor *real, gan_tensor *fake, gan_rng *rng, const gan_pass *pass) {
    return gan_penalty_wgangp(t, d, real, fake, o->gp_lambda, rng, pass);
}

const gan_objective gan__loss_wgan_gp = {
    .name = "wgan-gp",
    .d = gan__wasserstein_d,
    .g = gan__wasserstein_g,
    .fresh_noise = 1,
    .penalty = penalty,
    .recipe = {GAN_ADAM, 1e-4, 1e-4, 0, 0.9, "5"},
};
