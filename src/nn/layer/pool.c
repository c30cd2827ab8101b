/* SPDX-License-Identifier: MIT */
#include "gan/layer.h"
#include "gan/resample.h"
#include "nn/internal.h"

typedef struct state {
    int kernel, stride, pad;
} state;

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    (void)pass;
    return gan_max_pool(t, x, s->kernel, s->stride, s->pad);
}

gan_module *gan_max_pool_layer(int kernel, int stride, int pad) {
    static const gan_module_type type = {.name = "max_pool", .forward = forward};
    gan_module *m = gan_module_create(&type, sizeof(state));
    if (gan_module_status(m)) return m;
    *(state *)gan_module_state(m) = (state){kernel, stride, pad};
    if (kernel < 1 || stride < 1 || pad < 0 || pad > kernel / 2) m->status = GAN_EINVAL;
    return m;
}
