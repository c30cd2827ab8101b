/* SPDX-License-Identifier: MIT */
#include "gan/layer.h"
#include "gan/resample.h"
#include "nn/internal.h"

typedef struct state {
    int64_t pad;
    gan_pad_mode mode;
} state;

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    (void)pass;
    return gan_pad_image(t, x, s->pad, s->pad, s->pad, s->pad, s->mode);
}

static gan_module *create(int64_t pad, gan_pad_mode mode) {
    static const gan_module_type type = {.name = "pad_image", .forward = forward};
    gan_module *m = gan_module_create(&type, sizeof(state));
    if (gan_module_status(m)) return m;
    *(state *)gan_module_state(m) = (state){pad, mode};
    if (pad < 0) m->status = GAN_EINVAL;
    return m;
}

gan_module *gan_reflection_pad_layer(int64_t pad) {
    return create(pad, GAN_PAD_REFLECT);
}

gan_module *gan_replication_pad_layer(int64_t pad) {
    return create(pad, GAN_PAD_REPLICATE);
}
