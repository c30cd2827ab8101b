/* SPDX-License-Identifier: MIT
 *
 * Penalties at points between real and generated images. */
#include "gan/pointwise.h"
#include "nn/penalty/gradient.h"
#include "nn/penalty/table.h"

/* A new leaf, so that nothing flows into the generator. */
static gan_tensor *between(gan_tape *t, const gan_penalty_inputs *in) {
    if (!in->real || !in->fake) return NULL;
    gan_tensor *e = gan__penalty_uniform(t, in);
    int was = gan_tape_record(t, 0);
    gan_tensor *x = gan_add(t, in->real, gan_mul(t, e, gan_sub(t, in->fake, in->real)));
    gan_tape_record(t, was);
    return x;
}

static gan_tensor *gp(gan_tape *t, const gan_penalty_inputs *in) {
    return gan__penalty_centred(t, in, between(t, in), 1);
}

static gan_tensor *gp0(gan_tape *t, const gan_penalty_inputs *in) {
    return gan__penalty_centred(t, in, between(t, in), 0);
}

const gan_penalty gan__penalty_gp = {"gp", gp, 1}, gan__penalty_gp0 = {"gp0", gp0, 1};

gan_tensor *gan_penalty_wgangp(gan_tape *t, gan_discriminator *d, gan_tensor *real,
                               gan_tensor *fake, double lambda, gan_rng *rng,
                               const gan_pass *pass) {
    const gan_penalty_inputs in = {.d = d, .real = real, .fake = fake, .rng = rng, .pass = pass};
    return gan_scale(t, gp(t, &in), lambda);
}
