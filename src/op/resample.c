/* SPDX-License-Identifier: MIT
 *
 * Both are a broadcast or a sum over the two axes that a block adds to an image: [N,H,f,W,f,C]. */
#include "gan/resample.h"

#include "gan/pointwise.h"
#include "gan/shape.h"
#include "tensor/internal.h"

static int checked(gan_tape *t, const char *name, gan_tensor *x, int factor, int multiple) {
    char text[96];
    if (!gan__ready(t, name, 1, &x)) return 0;
    if (x->rank != 4 || factor < 1 || (multiple && (x->dim[1] % factor || x->dim[2] % factor)))
        gan__op_fail(t, GAN_ESHAPE, name, "x %s does not fit a factor of %d",
                     gan__shape_text(x, text), factor);
    return !t->error.code;
}

gan_tensor *gan_upsample_nearest(gan_tape *t, gan_tensor *x, int factor) {
    if (!checked(t, "upsample_nearest", x, factor, 0)) return NULL;
    int64_t n = x->dim[0], h = x->dim[1], w = x->dim[2], c = x->dim[3], f = factor;
    gan_tensor *thin = gan_reshape(t, x, 6, (const int64_t[]){n, h, 1, w, 1, c});
    gan_tensor *wide = thin ? gan_broadcast(t, thin, 6, (const int64_t[]){n, h, f, w, f, c}) : NULL;
    return wide ? gan_reshape(t, wide, 4, (const int64_t[]){n, h * f, w * f, c}) : NULL;
}

gan_tensor *gan_average_pool(gan_tape *t, gan_tensor *x, int factor) {
    if (!checked(t, "average_pool", x, factor, 1)) return NULL;
    int64_t n = x->dim[0], f = factor, h = x->dim[1] / f, w = x->dim[2] / f, c = x->dim[3];
    gan_tensor *blocks = gan_reshape(t, x, 6, (const int64_t[]){n, h, f, w, f, c});
    gan_tensor *mean = blocks ? gan_mean(t, blocks, 1u << 2 | 1u << 4) : NULL;
    return mean ? gan_reshape(t, mean, 4, (const int64_t[]){n, h, w, c}) : NULL;
}
