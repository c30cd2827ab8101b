/* SPDX-License-Identifier: MIT */
#include "gan/norm.h"

#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/internal.h"
#include "op/norm.h"
#include "tensor/internal.h"

#define EPS 1e-5
#define MOMENTUM 0.1

enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR };

typedef struct state {
    int64_t groups;
    int64_t batches; /* num_batches_tracked */
} state;

static void add_affine(gan_module *m, int64_t channels) {
    gan_module_add_parameter(m, "weight", GAN_ROLE_SCALE, 1, &channels, channels, channels);
    gan_module_add_parameter(m, "bias", GAN_ROLE_BIAS, 1, &channels, channels, channels);
}

/* --- batch norm --- */

/* running += momentum * (batch - running); var becomes the unbiased one first. */
static void track(gan_module *m, int64_t count, const gan_real *mean, const gan_real *var) {
    gan_tensor *rm = gan_module_parameter(m, RUNNING_MEAN),
               *rv = gan_module_parameter(m, RUNNING_VAR);
    gan_real *pm = gan_tensor_edit(rm), *pv = gan_tensor_edit(rv);
    double unbiased = count > 1 ? (double)count / (double)(count - 1) : 1;
    for (int64_t i = 0; i < gan_tensor_size(rm); i++) {
        pm[i] = (gan_real)((1 - MOMENTUM) * (double)pm[i] + MOMENTUM * (double)mean[i]);
        pv[i] = (gan_real)((1 - MOMENTUM) * (double)pv[i] + MOMENTUM * unbiased * (double)var[i]);
    }
    ((state *)gan_module_state(m))->batches++;
}

/* By batch or running statistics, then times w plus b; both NULL: not. */
static gan_tensor *normalised(gan_tape *t, gan_module *m, gan_tensor *x, gan_tensor *w,
                              gan_tensor *b, double slope, const gan_pass *pass) {
    gan_tensor *mean = gan_module_parameter(m, RUNNING_MEAN),
               *var = gan_module_parameter(m, RUNNING_VAR);
    if (!pass->training) return gan__batch_norm_fixed_leaky(t, x, w, b, EPS, slope, mean, var);
    int64_t c = gan_tensor_size(mean);
    gan_real *stats = gan__tape_take(t, (size_t)(2 * c) * sizeof *stats);
    gan_tensor *y = stats ? gan__batch_norm_leaky(t, x, w, b, EPS, slope, stats, stats + c) : NULL;
    if (y && pass->update) track(m, gan_tensor_size(x) / c, stats, stats + c);
    return y;
}

static gan_tensor *batch_leaky(gan_tape *t, gan_module *m, gan_tensor *x, double slope,
                               const gan_pass *pass) {
    return normalised(t, m, x, gan_module_parameter(m, WEIGHT), gan_module_parameter(m, BIAS),
                      slope, pass);
}

static gan_tensor *batch(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    return batch_leaky(t, m, x, 1, pass);
}

static void add_statistics(gan_module *m, int64_t channels) {
    gan_module_add_parameter(m, "running_mean", GAN_ROLE_MEAN, 1, &channels, 1, 1);
    gan_module_add_parameter(m, "running_var", GAN_ROLE_VAR, 1, &channels, 1, 1);
    if (!gan_module_status(m))
        gan__module_add_counter(m, "num_batches_tracked", &((state *)gan_module_state(m))->batches);
}

gan_module *gan_batch_norm_layer(int64_t channels) {
    static const gan_module_type type = {.name = "batch_norm",
                                         .forward = batch,
                                         .mixes_batch = GAN_MIXES_STATISTICS,
                                         .forward_leaky = batch_leaky};
    gan_module *m = gan_module_create(&type, sizeof(state));
    add_affine(m, channels);
    add_statistics(m, channels);
    return m;
}

/* A row of a table for each image, as a factor or a summand of all its pixels. */
static gan_tensor *of_class(gan_tape *t, gan_module *m, int table, const gan_tensor *x,
                            const gan_pass *pass) {
    gan_tensor *e = gan__label_rows(t, gan_module_parameter(m, table), x, pass);
    if (!e || gan_tensor_rank(x) == 2) return e;
    return gan_reshape(t, e, 4, (int64_t[]){gan_tensor_dim(x, 0), 1, 1, gan_tensor_dim(e, 1)});
}

static gan_tensor *conditional(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *scale = of_class(t, m, WEIGHT, x, pass), *shift = of_class(t, m, BIAS, x, pass);
    gan_tensor *y = normalised(t, m, x, NULL, NULL, 1, pass);
    return gan_add(t, gan_mul(t, y, scale), shift);
}

gan_module *gan_conditional_batch_norm_layer(int64_t classes, int64_t channels) {
    static const gan_module_type type = {.name = "conditional_batch_norm",
                                         .forward = conditional,
                                         .mixes_batch = GAN_MIXES_STATISTICS};
    const int64_t dim[2] = {classes, channels};
    gan_module *m = gan_module_create(&type, sizeof(state));
    gan_module_add_parameter(m, "gamma.weight", GAN_ROLE_SCALE, 2, dim, channels, channels);
    gan_module_add_parameter(m, "beta.weight", GAN_ROLE_BIAS, 2, dim, channels, channels);
    add_statistics(m, channels);
    return m;
}

/* --- group norms --- */

static gan_tensor *group_leaky(gan_tape *t, gan_module *m, gan_tensor *x, double slope,
                               const gan_pass *pass) {
    const state *s = gan_module_state(m);
    (void)pass;
    return gan__group_norm_leaky(t, x, s->groups, gan_module_parameter(m, WEIGHT),
                                 gan_module_parameter(m, BIAS), EPS, slope);
}

static gan_tensor *group(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    return group_leaky(t, m, x, 1, pass);
}

static gan_module *group_norm(int64_t groups, int64_t channels, int affine) {
    static const gan_module_type type = {
        .name = "group_norm", .forward = group, .forward_leaky = group_leaky};
    gan_module *m = gan_module_create(&type, sizeof(state));
    if (affine) add_affine(m, channels);
    if (gan_module_status(m)) return m;
    ((state *)gan_module_state(m))->groups = groups;
    if (groups < 1 || channels % groups) m->status = GAN_EINVAL;
    return m;
}

gan_module *gan_group_norm_layer(int64_t groups, int64_t channels) {
    return group_norm(groups, channels, 1);
}

gan_module *gan_layer_norm_layer(int64_t channels) {
    return group_norm(1, channels, 1);
}

gan_module *gan_instance_norm_layer(int64_t channels) {
    return group_norm(channels, channels, 1);
}

gan_module *gan_plain_instance_norm_layer(int64_t channels) {
    return group_norm(channels, channels, 0);
}

/* A token is an image of one pixel. */
static gan_tensor *token(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    if (!x || x->rank < 2) return group(t, m, x, pass);
    gan_tensor *rows = gan_reshape(t, x, 2, (int64_t[]){-1, x->dim[x->rank - 1]});
    gan_tensor *y = group(t, m, rows, pass);
    gan__used(t, rows);
    return y ? gan__shaped(t, y, x->rank, x->dim) : NULL;
}

gan_module *gan_token_norm_layer(int64_t channels) {
    static const gan_module_type type = {.name = "token_norm", .forward = token};
    gan_module *m = gan_module_create(&type, sizeof(state));
    add_affine(m, channels);
    if (!gan_module_status(m)) ((state *)gan_module_state(m))->groups = 1;
    return m;
}
