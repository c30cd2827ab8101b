/* SPDX-License-Identifier: MIT
 *
 * Memory keeps a flattened image in the order H,W,C; PyTorch's files have C,H,W. So what lies
 * between a flatten and the next linear layer, or between a linear layer and the next unflatten,
 * gets a layout that permutes: the columns of the one, the rows of the other, the directions of its
 * spectral norm with them, and the vectors (biases, norms) on the way. */
#include "nn/internal.h"

static int64_t size(const gan__image_shape *s) {
    return s->h * s->w * s->c;
}

/* Appends an axis to a layout: plain, or an image's three in the file's order. */
static void append(gan_layout *l, const gan__image_shape *s, int64_t plain) {
    int n = l->view_rank;
    l->dim[l->rank++] = plain;
    if (!s) {
        l->view[n] = plain;
        l->order[n] = n;
        l->view_rank += 1;
        return;
    }
    const int64_t view[3] = {s->h, s->w, s->c};
    const int order[3] = {2, 0, 1};
    for (int i = 0; i < 3; i++) {
        l->view[n + i] = view[i];
        l->order[n + i] = n + order[i];
    }
    l->view_rank += 3;
}

/* The weight [out,in] of a linear layer; NULL for any other module. */
static gan__own *linear_weight(gan_module *m) {
    gan__own *own = m->own_count ? &m->own[0] : NULL;
    return own && own->role == GAN_ROLE_WEIGHT && gan_tensor_rank(own->value) == 2 ? own : NULL;
}

static void permute_weight(gan__own *w, const gan__image_shape *out, const gan__image_shape *in) {
    gan_layout l = {0};
    append(&l, out, gan_tensor_dim(w->value, 0));
    append(&l, in, gan_tensor_dim(w->value, 1));
    w->layout = l;
}

static void permute_vector(gan__own *own, const gan__image_shape *s) {
    own->layout = (gan_layout){0};
    append(&own->layout, s, size(s));
}

/* u lies as the weight's rows, v as its columns. */
static void permute_directions(gan_module *m, const gan__image_shape *out,
                               const gan__image_shape *in) {
    if (m->directions && out) permute_vector(&m->own[m->directions], out);
    if (m->directions && in) permute_vector(&m->own[m->directions + 1], in);
}

static void permute_vectors(gan_module *m, const gan__image_shape *s) {
    for (int i = 0; i < m->own_count; i++) {
        gan__own *own = &m->own[i];
        if (own->role == GAN_ROLE_DIRECTION || gan_tensor_rank(own->value) != 1) continue;
        if (gan_tensor_size(own->value) == size(s)) permute_vector(own, s);
    }
}

/* The unflatten that the outputs of child i reach, over layers that keep positions. */
static const gan__image_shape *unflattened(const gan_module *m, size_t i) {
    while (++i < m->child_count) {
        if (m->child[i]->type == &gan__unflatten_type) return m->child[i]->state;
        if (linear_weight(m->child[i]) || m->child[i]->child_count) return NULL;
    }
    return NULL;
}

static void layout_children(gan_module *m) {
    const gan__image_shape *in = NULL,
                           *out = NULL; /* the image that positions mean: coming, going */
    for (size_t i = 0; i < m->child_count; i++) {
        gan_module *child = m->child[i];
        gan__own *weight = linear_weight(child);
        if (weight) {
            out = unflattened(m, i);
            if (out && size(out) != gan_tensor_dim(weight->value, 0)) out = NULL;
            if (in && size(in) != gan_tensor_dim(weight->value, 1)) in = NULL;
            if (in || out) permute_weight(weight, out, in);
            permute_directions(child, out, in);
            in = NULL;
        }
        if (child->type == &gan__flatten_type) in = child->state;
        if (child->type == &gan__unflatten_type) out = NULL;
        if (child->child_count) in = out = NULL; /* what is inside cannot be followed */
        if (in || out) permute_vectors(child, in ? in : out);
    }
}

void gan__layout_tree(gan_module *root) {
    layout_children(root);
    for (size_t i = 0; i < root->child_count; i++) gan__layout_tree(root->child[i]);
}
