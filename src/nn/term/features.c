/* SPDX-License-Identifier: MIT
 *
 * Terms that compare what a network sees in both. */
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/term/table.h"

static gan_tensor *perceptual(gan_tape *t, const gan_term_inputs *in) {
    if (!in->image_features || !in->target_features)
        return gan_tape_fail(t, GAN_EMODEL,
                             "term perceptual: the discriminator has no features; it must be a "
                             "sequence of layers");
    gan_tensor *target = gan_detach(t, in->target_features);
    return gan_mean_all(t, gan_abs(t, gan_sub(t, in->image_features, target)));
}

/* What becomes of the target is not recorded. */
static gan_tensor *vgg(gan_tape *t, const gan_term_inputs *in) {
    const gan_pass eval = GAN_PASS_EVAL;
    if (!in->vgg)
        return gan_tape_fail(t, GAN_EMODEL, "term vgg: no network of VGG's layout was loaded");
    int was = gan_tape_record(t, 0);
    gan_tensor *target = gan_module_forward(t, in->vgg, in->target, &eval);
    gan_tape_record(t, was);
    gan_tensor *images = gan_module_forward(t, in->vgg, in->images, &eval);
    return gan_mean_all(t, gan_square(t, gan_sub(t, images, target)));
}

const gan_term gan__term_perceptual = {.name = "perceptual", .run = perceptual, .judges_target = 1},
               gan__term_vgg = {.name = "vgg", .run = vgg, .wants_vgg = 1};
