/* SPDX-License-Identifier: MIT */
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/internal.h"
#include "tensor/internal.h"

/* The largest divisor of n up to `limit`. */
static int64_t group_of(int64_t n, int64_t limit) {
    int64_t g = n < limit ? n : limit;
    while (g > 1 && n % g) g--;
    return g;
}

/* [1,M,1]: of each of M groups the mean over an image's elements of their deviation over the group;
 * x is read as [g,M,size]. */
static gan_tensor *deviations(gan_tape *t, gan_tensor *x, int64_t g, int64_t m) {
    gan_tensor *y = gan_reshape(t, x, 3, (int64_t[]){g, m, -1});
    gan_tensor *centred = gan_sub(t, y, gan_mean(t, y, 1u << 0));
    gan_tensor *var = gan_mean(t, gan_square(t, centred), 1u << 0);
    return gan_mean(t, gan_sqrt(t, gan_affine(t, var, 1, 1e-8)), 1u << 2);
}

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    char text[96];
    (void)pass;
    if (!x) return NULL;
    if ((x->rank != 2 && x->rank != 4) || !x->size)
        return gan__op_fail(t, GAN_ESHAPE, "minibatch_stddev", "x is %s, not [N,H,W,C] or [N,C]",
                            gan__shape_text(x, text));
    int64_t n = x->dim[0], g = group_of(n, *(const int64_t *)gan_module_state(m));
    int64_t pixels = x->rank == 4 ? x->dim[1] * x->dim[2] : 1;
    int64_t channel[4] = {n, x->dim[1], x->dim[2], 1};
    if (x->rank == 2) channel[1] = 1;
    gan_tensor *s = deviations(t, x, g, n / g);
    gan_tensor *all = gan_broadcast(t, s, 3, (int64_t[]){g, n / g, pixels});
    gan_tensor *parts[2] = {x, gan_reshape(t, all, x->rank, channel)};
    return gan_concat(t, 2, parts, -1);
}

gan_module *gan_minibatch_stddev(int64_t group) {
    static const gan_module_type type = {
        .name = "minibatch_stddev", .forward = forward, .mixes_batch = GAN_MIXES_ON_PURPOSE};
    gan_module *m = gan_module_create(&type, sizeof group);
    if (gan_module_status(m)) return m;
    *(int64_t *)gan_module_state(m) = group;
    if (group < 1) m->status = GAN_EINVAL;
    return m;
}
