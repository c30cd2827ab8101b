/* SPDX-License-Identifier: MIT
 *
 * Layers that change the shape. nn/layout.c knows flatten and unflatten by their types. */
#include "gan/layer.h"
#include "gan/resample.h"
#include "gan/shape.h"
#include "nn/internal.h"

typedef struct state {
    gan__image_shape image; /* first: nn/layout.c reads it */
    int factor;
    gan_tensor *(*resample)(gan_tape *t, gan_tensor *x, int factor);
} state;

static gan_module *create(const gan_module_type *type, state s) {
    gan_module *m = gan_module_create(type, sizeof s);
    if (!gan_module_status(m)) *(state *)gan_module_state(m) = s;
    if (m && (s.image.h < 1 || s.image.w < 1 || s.image.c < 1 || s.factor < 1))
        m->status = GAN_EINVAL;
    return m;
}

static gan_tensor *flatten(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    (void)pass;
    return x ? gan_reshape(t, x, 2, (int64_t[]){-1, s->image.h * s->image.w * s->image.c}) : NULL;
}

static gan_tensor *unflatten(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    (void)pass;
    return x ? gan_reshape(t, x, 4, (int64_t[]){-1, s->image.h, s->image.w, s->image.c}) : NULL;
}

static gan_tensor *by_factor(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    (void)pass;
    return s->resample(t, x, s->factor);
}

static gan_tensor *resize(gan_tape *t, gan_tensor *x, int factor) {
    return gan_resize_bilinear(t, x, factor * gan_tensor_dim(x, 1), factor * gan_tensor_dim(x, 2));
}

static gan_tensor *sum_pool(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)m, (void)pass;
    gan_tensor *sum = gan_sum(t, x, 1u << 1 | 1u << 2);
    return sum ? gan_reshape(t, sum, 2, (int64_t[]){gan_tensor_dim(x, 0), -1}) : NULL;
}

const gan_module_type gan__flatten_type = {.name = "flatten", .forward = flatten};
const gan_module_type gan__unflatten_type = {.name = "unflatten", .forward = unflatten};
static const gan_module_type resample_type = {.name = "resample", .forward = by_factor};
static const gan_module_type sum_pool_type = {.name = "global_sum_pool", .forward = sum_pool};

gan_module *gan_flatten(int64_t h, int64_t w, int64_t c) {
    return create(&gan__flatten_type, (state){{h, w, c}, 1, NULL});
}

gan_module *gan_unflatten(int64_t h, int64_t w, int64_t c) {
    return create(&gan__unflatten_type, (state){{h, w, c}, 1, NULL});
}

gan_module *gan_upsample_layer(int factor) {
    return create(&resample_type, (state){{1, 1, 1}, factor, gan_upsample_nearest});
}

gan_module *gan_average_pool_layer(int factor) {
    return create(&resample_type, (state){{1, 1, 1}, factor, gan_average_pool});
}

gan_module *gan_pixel_shuffle_layer(int factor) {
    return create(&resample_type, (state){{1, 1, 1}, factor, gan_pixel_shuffle});
}

gan_module *gan_resize_layer(int factor) {
    return create(&resample_type, (state){{1, 1, 1}, factor, resize});
}

gan_module *gan_global_sum_pool(void) {
    return create(&sum_pool_type, (state){{1, 1, 1}, 1, NULL});
}
