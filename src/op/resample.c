/* SPDX-License-Identifier: MIT
 *
 * A block of pixels adds two axes to an image, [N,H,f,W,f,C]: a broadcast or a sum over them, or a
 * permutation that takes them from the channels. */
#include "gan/resample.h"

#include "gan/pointwise.h"
#include "gan/shape.h"
#include "tensor/internal.h"

/* sides, channels: what they must be multiples of. */
static int checked(gan_tape *t, const char *name, gan_tensor *x, int factor, int64_t sides,
                   int64_t channels) {
    char text[96];
    if (!gan__ready(t, name, 1, &x)) return 0;
    if (x->rank != 4 || factor < 1 || x->dim[1] % sides || x->dim[2] % sides ||
        x->dim[3] % channels)
        gan__op_fail(t, GAN_ESHAPE, name, "x %s does not fit a factor of %d",
                     gan__shape_text(x, text), factor);
    return !t->error.code;
}

gan_tensor *gan_upsample_nearest(gan_tape *t, gan_tensor *x, int factor) {
    if (!checked(t, "upsample_nearest", x, factor, 1, 1)) return NULL;
    int64_t n = x->dim[0], h = x->dim[1], w = x->dim[2], c = x->dim[3], f = factor;
    gan_tensor *thin = gan_reshape(t, x, 6, (const int64_t[]){n, h, 1, w, 1, c});
    gan_tensor *wide = thin ? gan_broadcast(t, thin, 6, (const int64_t[]){n, h, f, w, f, c}) : NULL;
    return wide ? gan_reshape(t, wide, 4, (const int64_t[]){n, h * f, w * f, c}) : NULL;
}

gan_tensor *gan_average_pool(gan_tape *t, gan_tensor *x, int factor) {
    if (!checked(t, "average_pool", x, factor, factor, 1)) return NULL;
    int64_t n = x->dim[0], f = factor, h = x->dim[1] / f, w = x->dim[2] / f, c = x->dim[3];
    gan_tensor *blocks = gan_reshape(t, x, 6, (const int64_t[]){n, h, f, w, f, c});
    gan_tensor *mean = blocks ? gan_mean(t, blocks, 1u << 2 | 1u << 4) : NULL;
    return mean ? gan_reshape(t, mean, 4, (const int64_t[]){n, h, w, c}) : NULL;
}

gan_tensor *gan_pixel_shuffle(gan_tape *t, gan_tensor *x, int factor) {
    int64_t f = factor;
    if (!checked(t, "pixel_shuffle", x, factor, 1, f * f)) return NULL;
    int64_t n = x->dim[0], h = x->dim[1], w = x->dim[2], c = x->dim[3] / f / f;
    gan_tensor *blocks = gan_reshape(t, x, 6, (const int64_t[]){n, h, w, c, f, f});
    gan_tensor *moved = blocks ? gan_permute(t, blocks, (const int[]){0, 1, 4, 2, 5, 3}) : NULL;
    return moved ? gan_reshape(t, moved, 4, (const int64_t[]){n, h * f, w * f, c}) : NULL;
}

gan_tensor *gan_pixel_unshuffle(gan_tape *t, gan_tensor *x, int factor) {
    int64_t f = factor;
    if (!checked(t, "pixel_unshuffle", x, factor, f, 1)) return NULL;
    int64_t n = x->dim[0], h = x->dim[1] / f, w = x->dim[2] / f, c = x->dim[3];
    gan_tensor *blocks = gan_reshape(t, x, 6, (const int64_t[]){n, h, f, w, f, c});
    gan_tensor *moved = blocks ? gan_permute(t, blocks, (const int[]){0, 1, 3, 5, 2, 4}) : NULL;
    return moved ? gan_reshape(t, moved, 4, (const int64_t[]){n, h, w, c * f * f}) : NULL;
}
