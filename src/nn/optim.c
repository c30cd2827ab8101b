/* SPDX-License-Identifier: MIT */
#include "gan/optim.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "kernel/optim.h"
#include "kernel/pointwise.h"

typedef struct slot {
    const gan_parameter *parameter;
    gan_tensor *moment[2];
} slot;

struct gan_optimizer {
    gan_optimizer_config config;
    int64_t steps;
    int count;
    slot *slots;
    gan_tensor **tensors;
    gan__segment *segments; /* the same parameters, as kernels see them */
    double *squares;        /* of a gradient each, then of its tiles */
};

/* What each kind does, and which moments it keeps. */
static const struct {
    gan__rule rule;
    int moments[2];
} rules[] = {
    [GAN_ADAM] = {GAN__ADAM, {1, 1}},
    [GAN_RMSPROP] = {GAN__RMSPROP, {0, 1}},
    [GAN_SGD] = {GAN__SGD, {1, 0}},
};

static gan_status check(const gan_optimizer_config *c, gan_error *err) {
    if (c->size != sizeof *c)
        return gan__fail(err, GAN_EINVAL,
                         "start the optimizer's config from GAN_OPTIMIZER_DEFAULTS");
    if ((size_t)c->kind >= sizeof rules / sizeof *rules)
        return gan__fail(err, GAN_EINVAL, "there is no optimizer %d", (int)c->kind);
    if (!(c->beta1 >= 0 && c->beta1 < 1) || !(c->beta2 >= 0 && c->beta2 < 1))
        return gan__fail(err, GAN_EINVAL, "beta1 %g and beta2 %g must be from 0 to below 1",
                         c->beta1, c->beta2);
    if (!(c->weight_decay >= 0))
        return gan__fail(err, GAN_EINVAL, "weight_decay %g must not be below 0", c->weight_decay);
    if (!(c->eps > 0) || !(c->clip_norm >= 0))
        return gan__fail(err, GAN_EINVAL, "eps %g must be above 0 and clip_norm %g not below it",
                         c->eps, c->clip_norm);
    return GAN_OK;
}

static gan_tensor *flat_zeros(const gan_tensor *x) {
    int64_t n = gan_tensor_size(x);
    return gan_tensor_create(1, &n);
}

/* Sizes are known once and for all; pointers are not, for weights are swapped with averages. */
static int add_segments(gan_optimizer *o) {
    o->segments = gan__zalloc((size_t)o->count, sizeof *o->segments);
    for (int i = 0; i < o->count && o->segments; i++)
        o->segments[i].n = gan_tensor_size(o->tensors[i]);
    size_t tiles = o->segments ? (size_t)gan__segments_cut(o->count, o->segments) : 0;
    o->squares = gan__zalloc((size_t)o->count + tiles, sizeof *o->squares);
    return o->segments && o->squares;
}

static int add_slot(gan_optimizer *o, gan_parameter *p) {
    slot *s = &o->slots[o->count];
    s->parameter = p;
    o->tensors[o->count++] = p->value;
    for (int k = 0; k < 2; k++)
        if (rules[o->config.kind].moments[k] && !(s->moment[k] = flat_zeros(p->value))) return 0;
    return 1;
}

gan_status gan_optimizer_create(const gan_optimizer_config *config, gan_parameters *p,
                                gan_optimizer **out, gan_error *err) {
    *out = NULL;
    gan_status status = check(config, err);
    if (status) return status;
    gan_optimizer *o = gan__zalloc(1, sizeof *o);
    if (!o) return gan__fail_memory(err);
    o->config = *config;
    o->slots = gan__zalloc((size_t)p->count, sizeof *o->slots);
    o->tensors = gan__zalloc((size_t)p->count, sizeof *o->tensors);
    int ok = o->slots && o->tensors;
    for (int i = 0; i < p->count && ok; i++)
        if (gan_parameter_trained(&p->item[i])) ok = add_slot(o, &p->item[i]);
    ok = ok && add_segments(o);
    if (ok) {
        *out = o;
        return GAN_OK;
    }
    gan_optimizer_free(o);
    return gan__fail_memory(err);
}

void gan_optimizer_free(gan_optimizer *o) {
    if (!o) return;
    for (int i = 0; i < o->count; i++)
        for (int k = 0; k < 2; k++) gan_tensor_free(o->slots[i].moment[k]);
    gan__free(o->slots);
    gan__free(o->tensors);
    gan__free(o->segments);
    gan__free(o->squares);
    gan__free(o);
}

int gan_optimizer_count(const gan_optimizer *o) {
    return o->count;
}

gan_tensor *const *gan_optimizer_tensors(const gan_optimizer *o) {
    return o->tensors;
}

static gan_status norm_of(gan_optimizer *o, gan_tensor *const *grads, int threads, double *norm,
                          gan_error *err) {
    double sum = 0;
    for (int i = 0; i < o->count; i++) o->segments[i].x = gan_tensor_data(grads[i]);
    gan__squares_run(o->count, o->segments, o->squares, o->squares + o->count, threads);
    for (int i = 0; i < o->count; i++) {
        if (!isfinite(o->squares[i]))
            return gan__fail(
                err, GAN_EDIVERGED,
                "the gradient of %s is not finite; a lower learning rate or --clip-norm may help",
                o->slots[i].parameter->name);
        sum += o->squares[i];
    }
    *norm = sqrt(sum);
    return GAN_OK;
}

static void decay(gan_optimizer *o, double factor, int threads) {
    for (int i = 0; i < o->count; i++) {
        if (o->slots[i].parameter->role != GAN_ROLE_WEIGHT) continue;
        gan_real *w = gan_tensor_edit(o->tensors[i]);
        gan__unary_run(GAN__AFFINE, gan_tensor_size(o->tensors[i]), w, w, factor, 0, threads);
    }
}

gan_status gan_optimizer_step(gan_optimizer *o, gan_tensor *const *grads, double lr, int threads,
                              double *norm, gan_error *err) {
    const gan_optimizer_config *c = &o->config;
    double length = 0;
    gan_status status = norm_of(o, grads, threads, &length, err);
    if (status) return status;
    double steps = (double)++o->steps;
    gan__update u = {.lr = lr, .beta1 = c->beta1, .beta2 = c->beta2, .eps = c->eps};
    u.correction1 = 1 - pow(c->beta1, steps);
    u.correction2 = 1 - pow(c->beta2, steps);
    u.scale = c->clip_norm > 0 && length > c->clip_norm ? c->clip_norm / length : 1;
    for (int i = 0; i < o->count; i++) {
        gan__segment *s = &o->segments[i];
        s->m = gan_tensor_edit(o->slots[i].moment[0]);
        s->v = gan_tensor_edit(o->slots[i].moment[1]);
        s->w = gan_tensor_edit(o->tensors[i]);
    }
    if (c->weight_decay > 0) decay(o, 1 - lr * c->weight_decay, threads);
    gan__update_run(rules[c->kind].rule, &u, o->count, o->segments, threads);
    if (norm) *norm = length;
    return GAN_OK;
}

void gan_optimizer_clip_weights(gan_optimizer *o, double bound, int threads) {
    for (int i = 0; i < o->count; i++) {
        gan_real *w = gan_tensor_edit(o->tensors[i]);
        gan__unary_run(GAN__CLAMP, gan_tensor_size(o->tensors[i]), w, w, -bound, bound, threads);
    }
}

int64_t *gan_optimizer_steps(gan_optimizer *o) {
    return &o->steps;
}

const char *gan_optimizer_name(const gan_optimizer *o, int i) {
    return o->slots[i].parameter->name;
}

gan_tensor *gan_optimizer_moment(gan_optimizer *o, int i, int order) {
    return o->slots[i].moment[order];
}
