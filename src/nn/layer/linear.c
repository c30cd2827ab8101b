/* SPDX-License-Identifier: MIT */
#include "gan/layer.h"

#include "gan/matmul.h"
#include "gan/pointwise.h"

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *b = gan_module_parameter(m, 1);
    gan_tensor *y = gan_matmul(t, x, gan_module_parameter(m, 0), GAN_TRANSPOSE_B);
    (void)pass;
    return b ? gan_add(t, y, b) : y;
}

gan_module *gan_linear(int64_t in, int64_t out, int bias) {
    static const gan_module_type type = {.name = "linear", .forward = forward};
    gan_module *m = gan_module_create(&type, 0);
    gan_module_add_parameter(m, "weight", GAN_ROLE_WEIGHT, 2, (int64_t[]){out, in}, in, out);
    if (bias) gan_module_add_parameter(m, "bias", GAN_ROLE_BIAS, 1, &out, in, out);
    return m;
}
