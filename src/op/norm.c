/* SPDX-License-Identifier: MIT */
#include "op/norm.h"

#include <math.h>
#include <string.h>

#include "gan/pointwise.h"
#include "gan/shape.h"
#include "tensor/internal.h"

/* Axes of the view [a,r,g,b]: of a group, and of all but the channels. */
#define GROUP_AXES (1u << 1 | 1u << 3)
#define ROW_AXES (1u << 0 | 1u << 1)

static gan_real *data_of(gan_tensor *x) {
    return x ? x->data : NULL;
}

/* The gradient before the activation. */
static gan_tensor *gated(gan_tape *t, const gan__node *n, gan_tensor *gy, double slope) {
    return slope == 1 ? gy : gan_gate(t, gy, n->out, 0, HUGE_VAL, slope);
}

/* Two passes over x and gy, for gradients that are not themselves recorded. */
static void vjp_fused(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                      gan_tensor **gx) {
    const gan__norm_attributes *a = n->attr;
    gan__buffer *work = gan__scratch(t, gan__norm_workspace(&a->s));
    gan__norm q = {.s = a->s, .eps = a->eps, .slope = a->slope, .x = n->in[0]->data};
    if (n->n > 1) q.gamma = n->in[1]->data, q.beta = n->in[2]->data;
    q.mean = a->mean->data, q.inv = a->inv->data;
    for (int i = 0; i < n->n; i++)
        if (need[i]) gx[i] = gan__new_like(t, n->in[i]);
    if (work && !t->error.code)
        gan__norm_back(&q, gy->data, data_of(gx[0]), data_of(gx[1]), data_of(gx[2]), work->data,
                       t->threads);
    gan__pool_release(&t->pool, work);
}

/* gx = inv * (gh - mean(gh) - xhat * mean(gh * xhat)) with gh = gy * gamma, means over the group;
 * ggamma = sum gy * xhat. */
static void vjp_composed(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                         gan_tensor **gx) {
    const gan__norm_attributes *q = n->attr;
    const gan__groups *s = &q->s;
    const int64_t view[4] = {s->a, s->r, s->g, s->b}, channel[4] = {1, 1, s->g, s->b};
    gan_tensor *x = gan_reshape(t, n->in[0], 4, view);
    gan_tensor *g = gan_reshape(t, gated(t, n, gy, q->slope), 4, view);
    gan_tensor *centred = gan_sub(t, x, gan_mean(t, x, GROUP_AXES));
    gan_tensor *var = gan_mean(t, gan_square(t, centred), GROUP_AXES);
    gan_tensor *inv = gan_rsqrt(t, gan_affine(t, var, 1, q->eps));
    gan_tensor *xhat = gan_mul(t, centred, inv);
    if (n->n > 1 && need[1]) {
        gan_tensor *sum = gan_sum(t, gan_mul(t, g, xhat), ROW_AXES);
        gx[1] = gan_reshape(t, sum, 1, n->in[1]->dim);
    }
    if (n->n > 1 && need[2]) gx[2] = gan_reshape(t, gan_sum(t, g, ROW_AXES), 1, n->in[2]->dim);
    if (!need[0]) return;
    gan_tensor *gh = n->n > 1 ? gan_mul(t, g, gan_reshape(t, n->in[1], 4, channel)) : g;
    gan_tensor *slope = gan_mean(t, gan_mul(t, gh, xhat), GROUP_AXES);
    gan_tensor *flat = gan_sub(t, gh, gan_mean(t, gh, GROUP_AXES));
    gan_tensor *inner = gan_sub(t, flat, gan_mul(t, xhat, slope));
    gx[0] = gan_reshape(t, gan_mul(t, inner, inv), n->in[0]->rank, n->in[0]->dim);
}

static void vjp(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need, gan_tensor **gx) {
    if (t->recording)
        vjp_composed(t, n, gy, need, gx);
    else
        vjp_fused(t, n, gy, need, gx);
}

static const gan__op batch_op = {"batch_norm", vjp}, group_op = {"group_norm", vjp};

static int checked(gan_tape *t, const char *name, gan_tensor *x, gan_tensor *gamma,
                   gan_tensor *beta) {
    char text[96];
    gan_tensor *in[] = {x, gamma, beta};
    if (!gan__ready(t, name, gamma || beta ? 3 : 1, in)) return 0;
    if (x->rank < 2 || !x->size)
        gan__op_fail(t, GAN_ESHAPE, name, "x %s has no channels to normalise",
                     gan__shape_text(x, text));
    else if (gamma && (gamma->rank != 1 || !gan__same_shape(gamma, beta) ||
                       gamma->dim[0] != x->dim[x->rank - 1]))
        gan__op_fail(t, GAN_ESHAPE, name, "gamma and beta are for %lld channels, x is %s",
                     (long long)gamma->size, gan__shape_text(x, text));
    return !t->error.code;
}

static gan_tensor *normalise(gan_tape *t, const gan__op *op, gan__norm_attributes a, gan_tensor *x,
                             gan_tensor *gamma, gan_tensor *beta, gan_real *mean, gan_real *var) {
    const int64_t stats[1] = {a.s.a * a.s.g};
    gan_tensor *y = gan__new_like(t, x), *v = gan__new(t, 1, stats);
    a.mean = gan__new(t, 1, stats), a.inv = gan__new(t, 1, stats);
    gan__buffer *work = a.inv ? gan__scratch(t, gan__norm_workspace(&a.s)) : NULL;
    if (t->error.code) {
        gan__pool_release(&t->pool, work);
        return NULL;
    }
    gan__norm q = {.s = a.s, .eps = a.eps, .slope = a.slope, .x = x->data};
    q.gamma = data_of(gamma), q.beta = data_of(beta), q.mean = a.mean->data, q.inv = a.inv->data;
    gan__norm_run(&q, y->data, v->data, work->data, t->threads);
    gan__pool_release(&t->pool, work);
    if (mean) memcpy(mean, a.mean->data, (size_t)v->size * sizeof *mean);
    if (var) memcpy(var, v->data, (size_t)v->size * sizeof *var);
    gan_tensor *in[] = {x, gamma, beta};
    return gan__record(t, op, y, gamma ? 3 : 1, in, &a, sizeof a);
}

gan_tensor *gan__batch_norm_leaky(gan_tape *t, gan_tensor *x, gan_tensor *gamma, gan_tensor *beta,
                                  double eps, double slope, gan_real *mean, gan_real *var) {
    if (!checked(t, batch_op.name, x, gamma, beta)) return NULL;
    int64_t c = x->dim[x->rank - 1];
    gan__norm_attributes a = {.s = {1, x->size / c, c, 1}, .eps = eps, .slope = slope};
    return normalise(t, &batch_op, a, x, gamma, beta, mean, var);
}

gan_tensor *gan__group_norm_leaky(gan_tape *t, gan_tensor *x, int64_t groups, gan_tensor *gamma,
                                  gan_tensor *beta, double eps, double slope) {
    if (!checked(t, group_op.name, x, gamma, beta)) return NULL;
    int64_t c = x->dim[x->rank - 1], n = x->dim[0];
    if (groups < 1 || c % groups)
        return gan__op_fail(t, GAN_ESHAPE, group_op.name,
                            "%lld channels do not divide into %lld groups", (long long)c,
                            (long long)groups);
    gan__norm_attributes a = {
        .s = {n, x->size / n / c, groups, c / groups}, .eps = eps, .slope = slope};
    return normalise(t, &group_op, a, x, gamma, beta, NULL, NULL);
}

/* --- given statistics: the inputs are x, gamma and beta if there are any, mean, var --- */

/* y = scale * x + beta - scale * mean with scale = gamma * inv: all in operations, for a trained
 * network is rarely differentiated. */
static void vjp_fixed(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                      gan_tensor **gx) {
    const gan__norm_attributes *a = n->attr;
    int affine = n->n == 5, m = affine ? 3 : 1, v = m + 1;
    const int64_t *c = n->in[m]->dim;
    gan_tensor *x = n->in[0], *g = gated(t, n, gy, a->slope);
    gan_tensor *inv = gan_rsqrt(t, gan_affine(t, n->in[v], 1, a->eps));
    gan_tensor *scale = affine ? gan_mul(t, n->in[1], inv) : inv;
    if (need[0]) gx[0] = gan_mul(t, g, scale);
    gan_tensor *gshift = gan_sum_to(t, g, 1, c);
    if (affine && need[2]) gx[2] = gshift;
    if (need[m]) gx[m] = gan_scale(t, gan_mul(t, gshift, scale), -1);
    if (!(affine && need[1]) && !need[v]) return;
    gan_tensor *gscale = gan_sum_to(t, gan_mul(t, g, gan_sub(t, x, n->in[m])), 1, c);
    if (affine && need[1]) gx[1] = gan_mul(t, gscale, inv);
    if (!need[v]) return;
    gan_tensor *cube = gan_mul(t, scale, gan_square(t, inv));
    gx[v] = gan_scale(t, gan_mul(t, gscale, cube), -0.5);
}

static const gan__op fixed_op = {"batch_norm", vjp_fixed};

gan_tensor *gan__batch_norm_fixed_leaky(gan_tape *t, gan_tensor *x, gan_tensor *gamma,
                                        gan_tensor *beta, double eps, double slope,
                                        gan_tensor *mean, gan_tensor *var) {
    gan_tensor *statistics[] = {mean, var};
    char tm[96], tv[96], tx[96];
    if (!checked(t, fixed_op.name, x, gamma, beta)) return NULL;
    if (!gan__ready(t, fixed_op.name, 2, statistics)) return NULL;
    int64_t c = x->dim[x->rank - 1];
    if (mean->rank != 1 || mean->dim[0] != c || !gan__same_shape(mean, var))
        return gan__op_fail(
            t, GAN_ESHAPE, fixed_op.name, "mean %s and var %s are not for the channels of x %s",
            gan__shape_text(mean, tm), gan__shape_text(var, tv), gan__shape_text(x, tx));
    gan__norm q = {.s = {1, x->size / c, c, 1}, .eps = eps, .slope = slope, .x = x->data};
    gan_tensor *y = gan__new_like(t, x);
    gan__buffer *work = y ? gan__scratch(t, gan__norm_workspace(&q.s)) : NULL;
    if (!work) return NULL;
    q.gamma = data_of(gamma), q.beta = data_of(beta), q.mean = mean->data;
    gan__norm_fixed_run(&q, var->data, y->data, work->data, t->threads);
    gan__pool_release(&t->pool, work);
    gan__norm_attributes a = {.s = q.s, .eps = eps, .slope = slope};
    gan_tensor *in[5] = {x, gamma, beta, mean, var};
    if (!gamma) in[1] = mean, in[2] = var;
    return gan__record(t, &fixed_op, y, gamma ? 5 : 3, in, &a, sizeof a);
}

/* --- without an activation --- */

gan_tensor *gan_batch_norm(gan_tape *t, gan_tensor *x, gan_tensor *gamma, gan_tensor *beta,
                           double eps, gan_real *mean, gan_real *var) {
    return gan__batch_norm_leaky(t, x, gamma, beta, eps, 1, mean, var);
}

gan_tensor *gan_group_norm(gan_tape *t, gan_tensor *x, int64_t groups, gan_tensor *gamma,
                           gan_tensor *beta, double eps) {
    return gan__group_norm_leaky(t, x, groups, gamma, beta, eps, 1);
}

gan_tensor *gan_batch_norm_fixed(gan_tape *t, gan_tensor *x, gan_tensor *gamma, gan_tensor *beta,
                                 double eps, gan_tensor *mean, gan_tensor *var) {
    return gan__batch_norm_fixed_leaky(t, x, gamma, beta, eps, 1, mean, var);
}
