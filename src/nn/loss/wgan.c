/* SPDX-License-Identifier: MIT
 *
 * Wasserstein loss with clipped weights (arXiv:1701.07875, algorithm 1). */
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/loss/table.h"
#include "nn/loss/wasserstein.h"

gan_tensor *gan__wasserstein_d(gan_tape *t, const gan_loss_options *o, gan_tensor *real,
                               gan_tensor *fake) {
    (void)o;
    return gan_sub(t, gan_mean_all(t, fake), gan_mean_all(t, real));
}

gan_tensor *gan__wasserstein_g(gan_tape *t, const gan_loss_options *o, gan_tensor *real,
                               gan_tensor *fake) {
    (void)o, (void)real;
    return gan_scale(t, gan_mean_all(t, fake), -1);
}

const gan_objective gan__loss_wgan = {
    .name = "wgan",
    .d = gan__wasserstein_d,
    .g = gan__wasserstein_g,
    .fresh_noise = 1,
    .clips = 1,
    .recipe = {GAN_RMSPROP, 5e-5, 5e-5, 0, 0.99, "5", "none"},
};
