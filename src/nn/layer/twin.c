/* SPDX-License-Identifier: MIT */
#include "nn/internal.h"

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    return gan_module_forward(t, gan_module_child(m, pass->back ? 1 : 0), x, pass);
}

gan_module *gan_twin(const char *name, gan_module *there, const char *back_name, gan_module *back) {
    static const gan_module_type type = {.name = "twin", .forward = forward};
    gan_module *m = gan_module_create(&type, 0);
    gan_module_add(m, name, there);
    gan_module_add(m, back_name, back);
    return m;
}
