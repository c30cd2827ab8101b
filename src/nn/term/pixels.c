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

static gan_tensor *distance(gan_tape *t, gan_tensor *a, gan_tensor *b) {
    if (!a || !b)
        return gan_tape_fail(t, GAN_EMODEL, "terms cycle and identity want twin generators");
    return gan_mean_all(t, gan_abs(t, gan_sub(t, a, b)));
}

static gan_tensor *cycle(gan_tape *t, const gan_term_inputs *in) {
    return distance(t, in->returned, in->source);
}

static gan_tensor *identity(gan_tape *t, const gan_term_inputs *in) {
    return distance(t, in->same, in->target);
}

const gan_term gan__term_l1 = {.name = "l1", .run = l1}, gan__term_l2 = {.name = "l2", .run = l2},
               gan__term_charbonnier = {.name = "charbonnier", .run = charbonnier},
               gan__term_cycle = {.name = "cycle", .run = cycle, .both_ways = 1},
               gan__term_identity = {
                   .name = "identity", .run = identity, .both_ways = 1, .wants_same = 1};
