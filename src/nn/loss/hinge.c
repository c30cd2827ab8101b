/* SPDX-License-Identifier: MIT
 *
 * Hinge loss (arXiv:1705.02894), with the settings that arXiv:1802.05957 has for ImageNet. */
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/loss/table.h"

/* mean relu(1 + sign * scores) */
static gan_tensor *hinge(gan_tape *t, gan_tensor *scores, double sign) {
    return gan_mean_all(t, gan_relu(t, gan_affine(t, scores, sign, 1)));
}

static gan_tensor *d(gan_tape *t, const gan_loss_options *o, gan_tensor *real, gan_tensor *fake) {
    (void)o;
    return gan_add(t, hinge(t, real, -1), hinge(t, fake, 1));
}

static gan_tensor *g(gan_tape *t, const gan_loss_options *o, gan_tensor *real, gan_tensor *fake) {
    (void)o, (void)real;
    return gan_scale(t, gan_mean_all(t, fake), -1);
}

const gan_objective gan__loss_hinge = {
    .name = "hinge",
    .d = d,
    .g = g,
    .fresh_noise = 1,
    .signs = 1,
    .recipe = {GAN_ADAM, 2e-4, 2e-4, 0, 0.9, "5", "none"},
};
