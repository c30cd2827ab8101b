/* SPDX-License-Identifier: MIT
 *
 * Layers that read the labels of the pass. Each has a table with a row for each class. */
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/internal.h"

gan_tensor *gan__label_rows(gan_tape *t, gan_tensor *table, const gan_tensor *x,
                            const gan_pass *pass) {
    if (!x || !table) return NULL;
    if (!pass->labels)
        return gan_tape_fail(t, GAN_EINVAL,
                             "the network was made for labels of %lld classes, and has been given "
                             "none",
                             (long long)gan_tensor_dim(table, 0));
    return gan_embedding(t, table, gan_tensor_dim(x, 0), pass->labels);
}

/* A table [classes,size] of its own. */
static gan_module *create(const gan_module_type *type, int64_t classes, int64_t size,
                          gan__image_shape shape) {
    gan_module *m = gan_module_create(type, sizeof shape);
    if (!gan_module_status(m)) *(gan__image_shape *)gan_module_state(m) = shape;
    gan_module_add_parameter(m, "weight", GAN_ROLE_WEIGHT, 2, (int64_t[]){classes, size}, 1, size);
    return m;
}

/* --- beside a vector, behind an image's channels --- */

static gan_tensor *beside(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *e = gan__label_rows(t, gan_module_parameter(m, 0), x, pass);
    return gan_concat(t, 2, (gan_tensor *[]){x, e}, -1);
}

static gan_tensor *plane(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const gan__image_shape *s = gan_module_state(m);
    gan_tensor *e = gan__label_rows(t, gan_module_parameter(m, 0), x, pass);
    if (e) e = gan_reshape(t, e, 4, (int64_t[]){gan_tensor_dim(x, 0), s->h, s->w, 1});
    return gan_concat(t, 2, (gan_tensor *[]){x, e}, -1);
}

gan_module *gan_label_concat(int64_t classes, int64_t features) {
    static const gan_module_type type = {.name = "label_concat", .forward = beside};
    return create(&type, classes, features, (gan__image_shape){1, 1, features});
}

gan_module *gan_label_plane(int64_t classes, int64_t h, int64_t w) {
    static const gan_module_type type = {.name = "label_plane", .forward = plane};
    return create(&type, classes, h * w, (gan__image_shape){h, w, 1});
}

/* --- against features --- */

static gan_tensor *project(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *w = gan__weight(t, m);
    gan_tensor *e = gan__label_rows(t, w, x, pass);
    gan__weight_used(t, m, w);
    int64_t n = gan_tensor_dim(x, 0);
    return gan_reshape(t, gan_sum(t, gan_mul(t, e, x), 1u << 1), 1, &n);
}

const gan_module_type gan__label_projection_type = {.name = "label_projection", .forward = project};

gan_module *gan_label_projection(int64_t classes, int64_t features) {
    return create(&gan__label_projection_type, classes, features,
                  (gan__image_shape){1, 1, features});
}
