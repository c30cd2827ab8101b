/* SPDX-License-Identifier: MIT
 *
 * Terms that compare pixel by pixel. */
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/term/table.h"

static gan_tensor *difference(gan_tape *t, const gan_term_inputs *in) {
    return gan_sub(t, in->images, in->target);
}

static gan_tensor *l1(gan_tape *t, const gan_term_inputs *in) {
    return gan_mean_all(t, gan_abs(t, difference(t, in)));
}

static gan_tensor *l2(gan_tape *t, const gan_term_inputs *in) {
    return gan_mean_all(t, gan_square(t, difference(t, in)));
}

static gan_tensor *charbonnier(gan_tape *t, const gan_term_inputs *in) {
    gan_tensor *square = gan_square(t, difference(t, in));
    return gan_mean_all(t, gan_sqrt(t, gan_affine(t, square, 1, 1e-6)));
}

const gan_term gan__term_l1 = {"l1", l1, 0, 0}, gan__term_l2 = {"l2", l2, 0, 0},
               gan__term_charbonnier = {"charbonnier", charbonnier, 0, 0};
