/* SPDX-License-Identifier: MIT
 *
 * A real image's score against a generated one's (arXiv:1807.00734), with R3GAN's penalties and
 * betas (arXiv:2501.05441). */
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/loss/table.h"

/* mean softplus(-(better - worse)) */
static gan_tensor *lead(gan_tape *t, gan_tensor *better, gan_tensor *worse) {
    return gan_mean_all(t, gan_softplus(t, gan_sub(t, worse, better)));
}

static gan_tensor *d(gan_tape *t, const gan_loss_options *o, gan_tensor *real, gan_tensor *fake) {
    (void)o;
    return lead(t, real, fake);
}

static gan_tensor *g(gan_tape *t, const gan_loss_options *o, gan_tensor *real, gan_tensor *fake) {
    (void)o;
    return lead(t, fake, real);
}

const gan_objective gan__loss_relativistic = {
    .name = "relativistic",
    .d = d,
    .g = g,
    .needs_real = 1,
    .fresh_noise = 1,
    .logits = 1,
    .recipe = {GAN_ADAM, 2e-4, 2e-4, 0, 0.99, "1", "r1:1+r2:1"},
};
