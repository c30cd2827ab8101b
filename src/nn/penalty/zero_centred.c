/* SPDX-License-Identifier: MIT
 *
 * Penalties at the images themselves (arXiv:1801.04406): R1 at the real ones, R2 at the generated
 * ones. */
#include "gan/pointwise.h"
#include "nn/penalty/gradient.h"
#include "nn/penalty/table.h"

/* At a leaf with the images' values: their own record is of no use to the walk. */
static gan_tensor *half_squares(gan_tape *t, const gan_penalty_inputs *in, gan_tensor *images) {
    return gan_scale(t, gan__penalty_centred(t, in, gan_detach(t, images), 0), 0.5);
}

static gan_tensor *r1(gan_tape *t, const gan_penalty_inputs *in) {
    return half_squares(t, in, in->real);
}

static gan_tensor *r2(gan_tape *t, const gan_penalty_inputs *in) {
    return half_squares(t, in, in->fake);
}

const gan_penalty gan__penalty_r1 = {"r1", r1, 1}, gan__penalty_r2 = {"r2", r2, 1};
