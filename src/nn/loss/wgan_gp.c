/* SPDX-License-Identifier: MIT
 *
 * Wasserstein loss with a gradient penalty (arXiv:1704.00028, algorithm 1). */
#include "nn/loss/table.h"
#include "nn/loss/wasserstein.h"

const gan_objective gan__loss_wgan_gp = {
    .name = "wgan-gp",
    .d = gan__wasserstein_d,
    .g = gan__wasserstein_g,
    .fresh_noise = 1,
    .recipe = {GAN_ADAM, 1e-4, 1e-4, 0, 0.9, "5", "gp:10"},
};
