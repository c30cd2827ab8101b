/* SPDX-License-Identifier: MIT */
#include "gan/diversity.h"

#include "gan/pointwise.h"
#include "gan/shape.h"

/* mean |x_1 - x_2| between the halves of a batch */
static gan_tensor *distance(gan_tape *t, gan_tensor *x, int64_t half) {
    gan_tensor *first = gan_slice(t, x, 0, 0, half), *second = gan_slice(t, x, 0, half, half);
    return gan_mean_all(t, gan_abs(t, gan_sub(t, first, second)));
}

gan_tensor *gan_mode_seeking(gan_tape *t, gan_tensor *images, gan_tensor *z) {
    if (!images || !z) return NULL;
    int64_t n = gan_tensor_dim(images, 0);
    if (n < 2 || gan_tensor_dim(z, 0) != n)
        return gan_tape_fail(t, GAN_ESHAPE, "mode seeking: %lld images of %lld latent vectors",
                             (long long)n, (long long)gan_tensor_dim(z, 0));
    gan_tensor *ratio = gan_div(t, distance(t, images, n / 2), distance(t, z, n / 2));
    gan_tensor *one = gan_full(t, 1, (int64_t[]){1}, 1);
    return gan_div(t, one, gan_affine(t, ratio, 1, 1e-5));
}
