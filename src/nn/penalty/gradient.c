/* SPDX-License-Identifier: MIT */
#include "nn/penalty/gradient.h"

#include "gan/pointwise.h"
#include "gan/shape.h"

static gan_status allowed(gan_tape *t, const gan_penalty_inputs *in) {
    if (!gan_tape_recording(t))
        gan_tape_fail(t, GAN_ESTATE, "gradient penalty: the tape does not record");
    else if (gan_discriminator_mixes_batch(in->d) & GAN_MIXES_STATISTICS)
        gan_tape_fail(
            t, GAN_EMODEL,
            "gradient penalty: the critic has batch norm, which mixes the images of a batch; "
            "use layer, instance or none");
    return gan_tape_status(t);
}

gan_tensor *gan__penalty_squares(gan_tape *t, const gan_penalty_inputs *in, gan_tensor *x) {
    if (!x || allowed(t, in)) return NULL;
    gan_tensor *scores = gan_discriminator_forward(t, in->d, x, NULL, in->pass).scores;
    gan_tensor *total = gan_sum_all(t, scores), *gx = NULL;
    if (!total || gan_grad(t, total, NULL, 1, &x, &gx, GAN_GRAD_RECORD)) return NULL;
    int64_t dim[2] = {gan_tensor_dim(x, 0) / gan_discriminator_config(in->d)->pack, -1};
    return gan_sum(t, gan_square(t, gan_reshape(t, gx, 2, dim)), 1u << 1);
}

gan_tensor *gan__penalty_centred(gan_tape *t, const gan_penalty_inputs *in, gan_tensor *x,
                                 double centre) {
    gan_tensor *squares = gan__penalty_squares(t, in, x);
    if (centre == 0) return gan_mean_all(t, squares);
    return gan_mean_all(t, gan_square(t, gan_affine(t, gan_sqrt(t, squares), 1, -centre)));
}

gan_tensor *gan__penalty_uniform(gan_tape *t, const gan_penalty_inputs *in) {
    int64_t n = gan_tensor_dim(in->real, 0), pack = gan_discriminator_config(in->d)->pack;
    gan_tensor *e = gan_input(t, 4, (int64_t[]){n, 1, 1, 1}, NULL);
    if (!e || n % pack) return e; /* that it does not divide, the forward pass will say */
    gan_real *x = gan_tensor_edit(e);
    gan_rng_fill_uniform(in->rng, x, (size_t)(n / pack), 0, 1);
    for (int64_t i = n; i-- > 0;) x[i] = x[i / pack];
    return e;
}
