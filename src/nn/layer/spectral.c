/* SPDX-License-Identifier: MIT
 *
 * Spectral normalisation belongs to the layer that has the weight, not to a layer around it: so the
 * names in files are PyTorch's, and linear.c and conv.c ask here for the weight to use.
 *
 * In memory a weight is a matrix [rows,cols]: a linear layer's [out,in], a convolution's
 * [K, KH KW C], and a transposed one's [K KH KW, C], the transpose of what the norm is of. `u` has
 * the length of the outputs, `v` of what goes into one of them. */
#include <math.h>

#include "gan/layer.h"
#include "gan/matmul.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "kernel/gemm.h"
#include "nn/internal.h"
#include "tensor/internal.h"

#define TINY 1e-12

/* --- a layer with two directions --- */

static int is_transposed(const gan_module *m) {
    return m->type == &gan__conv_transpose_type;
}

static int can_be_normalised(const gan_module *m) {
    return (m->type == &gan__linear_type || m->type == &gan__conv_type || is_transposed(m) ||
            m->type == &gan__label_projection_type) &&
           !m->directions;
}

static int64_t outputs(const gan_module *m) {
    return gan_tensor_dim(m->own[0].value, is_transposed(m) ? -1 : 0);
}

static void rename_own(gan_module *m, gan__own *own, const char *name) {
    char *copy = gan__strdup(name);
    if (!copy) m->status = GAN_ENOMEM;
    if (!copy) return;
    gan__free(own->name);
    own->name = copy;
}

/* A convolution's inputs lie as [KH,KW,C], in files as [C,KH,KW]; a transposed one's as [K,KH,KW]
 * in both. */
static void set_layout(const gan_module *m, gan__own *v) {
    const gan_tensor *w = m->own[0].value;
    if (m->type != &gan__conv_type) return;
    v->layout = (gan_layout){.view_rank = 3, .rank = 1, .order = {2, 0, 1}};
    for (int i = 0; i < 3; i++) v->layout.view[i] = gan_tensor_dim(w, i + 1);
    v->layout.dim[0] = gan_tensor_size(v->value);
}

/* A layer made of layers, with no weight of its own. */
static int is_made_of_layers(const gan_module *m) {
    return m->child_count && !(m->own_count && m->own[0].role == GAN_ROLE_WEIGHT);
}

static gan_module *normalise_children(gan_module *m) {
    for (size_t i = 0; i < m->child_count && !m->status; i++)
        m->status = gan_module_status(gan_spectral_norm(m->child[i]));
    return m;
}

gan_module *gan_spectral_norm(gan_module *m) {
    if (gan_module_status(m)) return m;
    if (is_made_of_layers(m)) return normalise_children(m);
    if (!can_be_normalised(m)) {
        m->status = GAN_EINVAL;
        return m;
    }
    int first = m->own_count;
    int64_t out = outputs(m), in = gan_tensor_size(m->own[0].value) / out;
    rename_own(m, &m->own[0], "parametrizations.weight.original");
    gan_module_add_parameter(m, "parametrizations.weight.0._u", GAN_ROLE_DIRECTION, 1, &out, 1, 1);
    gan_module_add_parameter(m, "parametrizations.weight.0._v", GAN_ROLE_DIRECTION, 1, &in, 1, 1);
    if (m->status) return m;
    m->directions = first;
    set_layout(m, &m->own[first + 1]);
    return m;
}

/* --- the weight to use --- */

gan_tensor *gan__bias(gan_module *m) {
    return m->own_count > 1 && m->own[1].role == GAN_ROLE_BIAS ? m->own[1].value : NULL;
}

/* Constants of shape [1,n] or [n,1]. */
static gan_tensor *direction(gan_tape *t, gan_tensor *x, int column) {
    const int64_t n = gan_tensor_size(x), dim[2] = {column ? n : 1, column ? 1 : n};
    return gan_reshape(t, gan_detach(t, x), 2, dim);
}

/* sigma = u^T W v [1], in memory left^T w right. */
static gan_tensor *sigma(gan_tape *t, gan_module *m) {
    int transposed = is_transposed(m);
    gan_tensor *w = m->own[0].value, *left = m->own[m->directions + transposed].value,
               *right = m->own[m->directions + !transposed].value;
    gan_tensor *matrix =
        gan_reshape(t, w, 2, (int64_t[]){gan_tensor_size(left), gan_tensor_size(right)});
    gan_tensor *row = gan_matmul(t, direction(t, left, 0), matrix, 0);
    return gan_reshape(t, gan_matmul(t, row, direction(t, right, 1), 0), 1, (int64_t[]){1});
}

gan_tensor *gan__weight(gan_tape *t, gan_module *m) {
    gan_tensor *w = gan_module_parameter(m, 0);
    return m->directions ? gan_div(t, w, sigma(t, m)) : w;
}

void gan__weight_used(gan_tape *t, gan_module *m, gan_tensor *w) {
    if (m->directions) gan__used(t, w);
}

/* --- power iterations --- */

/* y = matrix x, or its transpose times x, in memory's terms; then length 1. */
static void iterate(const gan_tensor *w, int transposed, const gan_tensor *x, gan_tensor *y) {
    gan_real *to = gan_tensor_edit(y);
    double squares = 0;
    gan__gemm_run(transposed, 0, 1, y->size, 1, x->size, w->data, x->data, to, 1);
    for (int64_t i = 0; i < y->size; i++) squares += (double)to[i] * (double)to[i];
    double scale = 1 / fmax(sqrt(squares), TINY);
    for (int64_t i = 0; i < y->size; i++) to[i] = (gan_real)((double)to[i] * scale);
}

void gan_spectral_update(gan_module *root, int iterations) {
    if (gan_module_status(root)) return;
    for (int i = 0; root->directions && i < iterations; i++) {
        gan_tensor *w = root->own[0].value, *u = root->own[root->directions].value,
                   *v = root->own[root->directions + 1].value;
        iterate(w, is_transposed(root), v, u);
        iterate(w, !is_transposed(root), u, v);
    }
    for (size_t i = 0; i < root->child_count; i++) gan_spectral_update(root->child[i], iterations);
}
