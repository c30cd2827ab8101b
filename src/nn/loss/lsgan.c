/* SPDX-License-Identifier: MIT
 *
 * Least squares (arXiv:1611.04076), with DCGAN's settings. */
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/loss/table.h"

/* 1/2 mean (scores - target)^2 */
static gan_tensor *distance(gan_tape *t, gan_tensor *scores, double target) {
    return gan_scale(t, gan_mean_all(t, gan_square(t, gan_affine(t, scores, 1, -target))), 0.5);
}

static gan_tensor *d(gan_tape *t, const gan_loss_options *o, gan_tensor *real, gan_tensor *fake) {
    return gan_add(t, distance(t, real, 1 - o->smooth), distance(t, fake, 0));
}

static gan_tensor *g(gan_tape *t, const gan_loss_options *o, gan_tensor *real, gan_tensor *fake) {
    (void)o, (void)real;
    return distance(t, fake, 1);
}

const gan_objective gan__loss_lsgan = {
    .name = "lsgan",
    .d = d,
    .g = g,
    .smooths = 1,
    .recipe = {GAN_ADAM, 2e-4, 2e-4, 0.5, 0.999, "1", "none"},
};
