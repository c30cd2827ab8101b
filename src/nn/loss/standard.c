/* SPDX-License-Identifier: MIT
 *
 * Cross-entropy from logits (arXiv:1406.2661), with DCGAN's settings (arXiv:1511.06434). */
#include "gan/pointwise.h"
#include "gan/softmax.h"
#include "nn/loss/table.h"

static gan_tensor *d(gan_tape *t, const gan_loss_options *o, gan_tensor *real, gan_tensor *fake) {
    return gan_add(t, gan_binary_cross_entropy(t, real, 1 - o->smooth),
                   gan_binary_cross_entropy(t, fake, 0));
}

static gan_tensor *g(gan_tape *t, const gan_loss_options *o, gan_tensor *real, gan_tensor *fake) {
    (void)real;
    if (o->saturating) return gan_scale(t, gan_binary_cross_entropy(t, fake, 0), -1);
    return gan_binary_cross_entropy(t, fake, 1);
}

const gan_objective gan__loss_standard = {
    .name = "standard",
    .d = d,
    .g = g,
    .smooths = 1,
    .saturates = 1,
    .logits = 1,
    .signs = 1,
    .recipe = {GAN_ADAM, 2e-4, 2e-4, 0.5, 0.999, "1", "none"},
};
