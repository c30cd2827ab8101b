/* SPDX-License-Identifier: MIT
 *
 * A convolution and a transposed convolution have the same weight, [K,KH,KW,C]: C goes in and K out
 * of the one, K in and C out of the other. */
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/internal.h"
#include "op/conv2d.h"

typedef struct state {
    gan_window window;
    int output_pad;
} state;

static gan_tensor *as_image(gan_tape *t, gan_tensor *x) {
    if (gan_tensor_rank(x) != 2) return x;
    return gan_reshape(t, x, 4, (int64_t[]){gan_tensor_dim(x, 0), 1, 1, gan_tensor_dim(x, 1)});
}

static gan_tensor *forward_leaky(gan_tape *t, gan_module *m, gan_tensor *x, double slope,
                                 const gan_pass *pass) {
    const state *s = gan_module_state(m);
    gan_tensor *w = gan__weight(t, m);
    (void)pass;
    gan_tensor *y = gan__conv2d_leaky(t, as_image(t, x), w, gan__bias(m), s->window, slope);
    gan__weight_used(t, m, w);
    return y;
}

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    return forward_leaky(t, m, x, 1, pass);
}

static gan_tensor *forward_transposed(gan_tape *t, gan_module *m, gan_tensor *x,
                                      const gan_pass *pass) {
    const state *s = gan_module_state(m);
    gan_tensor *w = gan__weight(t, m), *b = gan__bias(m);
    (void)pass;
    gan_tensor *y = gan_conv_transpose2d(t, as_image(t, x), w, s->window, s->output_pad);
    gan__weight_used(t, m, w);
    return b ? gan__plus(t, y, b) : y;
}

const gan_module_type gan__conv_type = {
    .name = "conv2d", .forward = forward, .forward_leaky = forward_leaky};
const gan_module_type gan__conv_transpose_type = {.name = "conv_transpose2d",
                                                  .forward = forward_transposed};

gan_layout gan__layout_conv(const gan_tensor *w) {
    gan_layout l = {.view_rank = 4, .rank = 4, .order = {0, 3, 1, 2}};
    for (int i = 0; i < 4; i++) {
        l.view[i] = gan_tensor_dim(w, i);
        l.dim[i] = gan_tensor_dim(w, l.order[i]);
    }
    return l;
}

/* k, c: the outer and inner channels of the weight; fans as PyTorch counts them, from its second
 * and first axis. */
static gan_module *create(const gan_module_type *type, int64_t k, int64_t c, int64_t out,
                          int kernel, state s, int bias) {
    gan_module *m = gan_module_create(type, sizeof s);
    int64_t taps = (int64_t)kernel * kernel;
    if (gan_module_status(m)) return m;
    *(state *)gan_module_state(m) = s;
    gan_window g = s.window;
    if (g.stride_h < 1 || g.pad_h < 0 || s.output_pad < 0) m->status = GAN_EINVAL;
    gan_tensor *w = gan_module_add_parameter(m, "weight", GAN_ROLE_WEIGHT, 4,
                                             (int64_t[]){k, kernel, kernel, c}, c * taps, k * taps);
    if (w) m->own[0].layout = gan__layout_conv(w);
    if (bias) gan_module_add_parameter(m, "bias", GAN_ROLE_BIAS, 1, &out, c * taps, k * taps);
    return m;
}

gan_module *gan_conv_layer(int64_t in, int64_t out, int kernel, int stride, int pad, int bias) {
    return create(&gan__conv_type, out, in, out, kernel, (state){gan_window_square(stride, pad), 0},
                  bias);
}

gan_module *gan_conv_transpose_layer(int64_t in, int64_t out, int kernel, int stride, int pad,
                                     int output_pad, int bias) {
    state s = {gan_window_square(stride, pad), output_pad};
    return create(&gan__conv_transpose_type, in, out, out, kernel, s, bias);
}
