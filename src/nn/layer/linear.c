/* SPDX-License-Identifier: MIT */
#include "gan/layer.h"

#include "gan/matmul.h"
#include "gan/pointwise.h"
#include "nn/internal.h"

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *w = gan__weight(t, m), *b = gan__bias(m);
    gan_tensor *y = gan_matmul(t, x, w, GAN_TRANSPOSE_B);
    gan__weight_used(t, m, w);
    (void)pass;
    return b ? gan__plus(t, y, b) : y;
}

const gan_module_type gan__linear_type = {.name = "linear", .forward = forward};

gan_module *gan_linear(int64_t in, int64_t out, int bias) {
    gan_module *m = gan_module_create(&gan__linear_type, 0);
    gan_module_add_parameter(m, "weight", GAN_ROLE_WEIGHT, 2, (int64_t[]){out, in}, in, out);
    if (bias) gan_module_add_parameter(m, "bias", GAN_ROLE_BIAS, 1, &out, in, out);
    return m;
}
