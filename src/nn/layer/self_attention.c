/* SPDX-License-Identifier: MIT
 *
 * The convolutions are children, so that they have names, layouts and spectral norms of their own. */
#include "gan/attention.h"
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/internal.h"
#include "tensor/internal.h"

enum { QUERY, KEY, VALUE, OUT };

/* [N,H,W,C] through a convolution, to [N,H*W,its outputs]. */
static gan_tensor *tokens(gan_tape *t, gan_module *m, int child, gan_tensor *x,
                          const gan_pass *pass) {
    gan_tensor *y = gan_module_forward(t, gan_module_child(m, child), x, pass);
    if (!y) return NULL;
    return gan__shaped(t, y, 3, (int64_t[]){y->dim[0], -1, y->dim[3]});
}

static gan_tensor *attend(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *q = tokens(t, m, QUERY, x, pass), *k = tokens(t, m, KEY, x, pass),
               *v = tokens(t, m, VALUE, x, pass);
    gan_tensor *y = gan_attention(t, q, k, v, 1);
    if (!y) return NULL;
    gan__used(t, q);
    gan__used(t, k);
    gan__used(t, v);
    const int64_t image[4] = {x->dim[0], x->dim[1], x->dim[2], y->dim[2]};
    gan_tensor *pixels = gan__shaped(t, y, 4, image);
    gan_tensor *o = gan_module_forward(t, gan_module_child(m, OUT), pixels, pass);
    gan__used(t, pixels);
    return o;
}

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    char text[96];
    if (!x) return NULL;
    if (x->rank != 4 || !x->size)
        return gan__op_fail(t, GAN_ESHAPE, "self_attention_2d", "x is %s, not [N,H,W,C]",
                            gan__shape_text(x, text));
    gan_tensor *o = attend(t, m, x, pass), *part = gan_mul(t, o, gan_module_parameter(m, 0));
    gan__used(t, o);
    return gan__plus(t, part, x);
}

static int64_t part_of(int64_t channels, int64_t divisor) {
    return channels > divisor ? channels / divisor : 1;
}

gan_module *gan_self_attention_2d(int64_t channels) {
    static const gan_module_type type = {.name = "self_attention_2d", .forward = forward};
    static const char *const names[] = {"query", "key", "value", "out"};
    const int64_t few = part_of(channels, 8), half = part_of(channels, 2);
    const int64_t in[] = {channels, channels, channels, half}, out[] = {few, few, half, channels};
    gan_module *m = gan_module_create(&type, 0);
    gan_module_add_parameter(m, "gamma", GAN_ROLE_BIAS, 1, (int64_t[]){1}, 1, 1);
    for (int i = QUERY; i <= OUT; i++)
        gan_module_add(m, names[i], gan_conv_layer(in[i], out[i], 1, 1, 0, 0));
    return m;
}
