/* SPDX-License-Identifier: MIT */
#include "gan/layer.h"
#include "gan/shape.h"
#include "nn/internal.h"

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)pass;
    return gan_maxout(t, x, *(const int64_t *)gan_module_state(m));
}

gan_module *gan_maxout_layer(int64_t pieces) {
    static const gan_module_type type = {.name = "maxout", .forward = forward};
    gan_module *m = gan_module_create(&type, sizeof pieces);
    if (gan_module_status(m)) return m;
    *(int64_t *)gan_module_state(m) = pieces;
    if (pieces < 1) m->status = GAN_EINVAL;
    return m;
}
