/* SPDX-License-Identifier: MIT */
#include "gan/penalty.h"

#include "gan/pointwise.h"
#include "gan/shape.h"

/* The axes of one image in [N,H,W,C]. */
#define IMAGE_AXES (1u << 1 | 1u << 2 | 1u << 3)

/* x_n = real_n + e_n (fake_n - real_n), e_n uniform in [0,1): a new leaf, so that nothing flows
 * into the generator. */
static gan_tensor *between(gan_tape *t, gan_tensor *real, gan_tensor *fake, gan_rng *rng) {
    int64_t dim[4] = {gan_tensor_dim(real, 0), 1, 1, 1};
    gan_tensor *e = gan_input(t, 4, dim, NULL);
    if (!e) return NULL;
    gan_rng_fill_uniform(rng, gan_tensor_edit(e), (size_t)dim[0], 0, 1);
    int was = gan_tape_record(t, 0);
    gan_tensor *x = gan_add(t, real, gan_mul(t, e, gan_sub(t, fake, real)));
    gan_tape_record(t, was);
    return x;
}

gan_tensor *gan_penalty_wgangp(gan_tape *t, gan_discriminator *d, gan_tensor *real,
                               gan_tensor *fake, double lambda, gan_rng *rng,
                               const gan_pass *pass) {
    if (!real || !fake) return NULL;
    if (!gan_tape_recording(t))
        return gan_tape_fail(t, GAN_ESTATE, "gradient penalty: the tape does not record");
    if (gan_discriminator_mixes_batch(d) & GAN_MIXES_STATISTICS)
        return gan_tape_fail(
            t, GAN_EMODEL,
            "gradient penalty: the critic has batch norm, which mixes the images of a batch; "
            "use layer, instance or none");
    gan_tensor *x = between(t, real, fake, rng), *gx = NULL;
    gan_tensor *total = gan_sum_all(t, gan_discriminator_forward(t, d, x, NULL, pass).scores);
    if (!total || gan_grad(t, total, NULL, 1, &x, &gx, GAN_GRAD_RECORD)) return NULL;
    gan_tensor *norm = gan_sqrt(t, gan_sum(t, gan_square(t, gx), IMAGE_AXES));
    return gan_scale(t, gan_mean_all(t, gan_square(t, gan_affine(t, norm, 1, -1))), lambda);
}
