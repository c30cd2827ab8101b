/* SPDX-License-Identifier: MIT
 *
 * Layers that change the shape. Flatten and unflatten also see to it that files hold PyTorch's
 * order (C,H,W) although memory keeps (H,W,C): the rows or columns of the linear layer next to
 * them, and the vectors between, get a layout that permutes. */
#include "gan/layer.h"
#include "gan/resample.h"
#include "gan/shape.h"
#include "nn/internal.h"

typedef struct state {
    int64_t h, w, c;
    int factor;
} state;

static gan_module *create(const gan_module_type *type, state s) {
    gan_module *m = gan_module_create(type, sizeof s);
    if (!gan_module_status(m)) *(state *)gan_module_state(m) = s;
    if (m && (s.h < 1 || s.w < 1 || s.c < 1 || s.factor < 1)) m->status = GAN_EINVAL;
    return m;
}

static gan_tensor *flatten(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    (void)pass;
    return x ? gan_reshape(t, x, 2, (int64_t[]){-1, s->h * s->w * s->c}) : NULL;
}

static gan_tensor *unflatten(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    (void)pass;
    return x ? gan_reshape(t, x, 4, (int64_t[]){-1, s->h, s->w, s->c}) : NULL;
}

static gan_tensor *upsample(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)pass;
    return gan_upsample_nearest(t, x, ((const state *)gan_module_state(m))->factor);
}

static gan_tensor *pool(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)pass;
    return gan_average_pool(t, x, ((const state *)gan_module_state(m))->factor);
}

static const gan_module_type flatten_type = {.name = "flatten", .forward = flatten},
                             unflatten_type = {.name = "unflatten", .forward = unflatten},
                             upsample_type = {.name = "upsample", .forward = upsample},
                             pool_type = {.name = "average_pool", .forward = pool};

gan_module *gan_flatten(int64_t h, int64_t w, int64_t c) {
    return create(&flatten_type, (state){h, w, c, 1});
}

gan_module *gan_unflatten(int64_t h, int64_t w, int64_t c) {
    return create(&unflatten_type, (state){h, w, c, 1});
}

gan_module *gan_upsample_layer(int factor) {
    return create(&upsample_type, (state){1, 1, 1, factor});
}

gan_module *gan_average_pool_layer(int factor) {
    return create(&pool_type, (state){1, 1, 1, factor});
}

/* --- layouts of the neighbours --- */

/* [out, H,W,C] -> [out, C,H,W] */
static gan_layout columns(const state *s, int64_t out) {
    return (gan_layout){4, 2, {out, s->h, s->w, s->c}, {out, s->h * s->w * s->c}, {0, 3, 1, 2}};
}

/* [H,W,C, in] -> [C,H,W, in], or a vector without `in` */
static gan_layout rows(const state *s, int64_t in) {
    int64_t n = s->h * s->w * s->c;
    if (!in) return (gan_layout){3, 1, {s->h, s->w, s->c}, {n}, {2, 0, 1}};
    return (gan_layout){4, 2, {s->h, s->w, s->c, in}, {n, in}, {2, 0, 1, 3}};
}

static int is_weight_of(const gan_module *m, const state *s, int axis) {
    return m->own_count && gan_tensor_rank(m->own[0].value) == 2 &&
           gan_tensor_dim(m->own[0].value, axis) == s->h * s->w * s->c;
}

/* Vectors as long as the image: biases, and the scales and statistics of norms. */
static void permute_vectors(gan_module *m, const state *s) {
    for (int i = 0; i < m->own_count; i++)
        if (gan_tensor_rank(m->own[i].value) == 1 &&
            gan_tensor_size(m->own[i].value) == s->h * s->w * s->c)
            m->own[i].layout = rows(s, 0);
}

/* Looks from the newest child back: over layers that keep positions, to a flatten before a linear
 * layer, or to a linear layer before an unflatten. */
void gan__module_joined(gan_module *parent) {
    size_t last = parent->child_count - 1;
    gan_module *newest = parent->child[last];
    if (newest->status) return;
    if (newest->type == &unflatten_type)
        for (size_t i = last; i-- > 0;) {
            gan_module *m = parent->child[i];
            permute_vectors(m, newest->state);
            if (!is_weight_of(m, newest->state, 0)) continue;
            m->own[0].layout = rows(newest->state, gan_tensor_dim(m->own[0].value, 1));
            return;
        }
    for (size_t i = last; i-- > 0;) {
        gan_module *m = parent->child[i];
        if (m->type == &flatten_type && is_weight_of(newest, m->state, 1)) {
            newest->own[0].layout = columns(m->state, gan_tensor_dim(newest->own[0].value, 0));
            return;
        }
        if (m->own_count && gan_tensor_rank(m->own[0].value) != 1) return;
        if (m->type == &flatten_type && newest->own_count) permute_vectors(newest, m->state);
    }
}
