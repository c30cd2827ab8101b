/* SPDX-License-Identifier: MIT */
#include "gan/norm.h"

#include <string.h>

#include "gan/pointwise.h"
#include "gan/shape.h"
#include "kernel/norm.h"
#include "tensor/internal.h"

typedef struct attributes {
    gan__groups s;
    double eps;
    gan_tensor *mean, *inv; /* [a*g] */
} attributes;

/* Axes of the view [a,r,g,b]: of a group, and of all but the channels. */
#define GROUP_AXES (1u << 1 | 1u << 3)
#define ROW_AXES (1u << 0 | 1u << 1)

/* One pass over x and gy, for gradients that are not themselves recorded. */
static void vjp_fused(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                      gan_tensor **gx) {
    const attributes *q = n->attr;
    gan_tensor *x = n->in[0], *gamma = n->n > 1 ? n->in[1] : NULL;
    gan__buffer *work = gan__scratch(t, gan__norm_workspace(&q->s));
    for (int i = 0; i < n->n; i++)
        if (need[i]) gx[i] = gan__new_like(t, n->in[i]);
    if (work && !t->error.code)
        gan__norm_back(&q->s, x->data, gamma ? gamma->data : NULL, q->mean->data, q->inv->data,
                       gy->data, gx[0] ? gx[0]->data : NULL, gx[1] ? gx[1]->data : NULL,
                       gx[2] ? gx[2]->data : NULL, gan__buffer_data(work), t->threads);
    gan__pool_release(&t->pool, work);
}

/* gx = inv * (gh - mean(gh) - xhat * mean(gh * xhat)) with gh = gy * gamma, means over the group;
 * ggamma = sum gy * xhat. */
static void vjp_composed(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                         gan_tensor **gx) {
    const attributes *q = n->attr;
    const gan__groups *s = &q->s;
    const int64_t view[4] = {s->a, s->r, s->g, s->b}, channel[4] = {1, 1, s->g, s->b};
    gan_tensor *x = gan_reshape(t, n->in[0], 4, view), *g = gan_reshape(t, gy, 4, view);
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

static gan_tensor *normalise(gan_tape *t, const gan__op *op, gan__groups s, gan_tensor *x,
                             gan_tensor *gamma, gan_tensor *beta, double eps, gan_real *mean,
                             gan_real *var) {
    const int64_t stats[1] = {s.a * s.g};
    gan_tensor *y = gan__new_like(t, x), *m = gan__new(t, 1, stats), *v = gan__new(t, 1, stats);
    gan_tensor *inv = gan__new(t, 1, stats);
    gan__buffer *work = inv ? gan__scratch(t, gan__norm_workspace(&s)) : NULL;
    if (t->error.code) {
        gan__pool_release(&t->pool, work);
        return NULL;
    }
    gan__norm_run(&s, x->data, gamma ? gamma->data : NULL, beta ? beta->data : NULL, eps, y->data,
                  m->data, v->data, inv->data, gan__buffer_data(work), t->threads);
    gan__pool_release(&t->pool, work);
    if (mean) memcpy(mean, m->data, (size_t)m->size * sizeof *mean);
    if (var) memcpy(var, v->data, (size_t)v->size * sizeof *var);
    gan_tensor *in[] = {x, gamma, beta};
    attributes attr = {s, eps, m, inv};
    return gan__record(t, op, y, gamma ? 3 : 1, in, &attr, sizeof attr);
}

gan_tensor *gan_batch_norm(gan_tape *t, gan_tensor *x, gan_tensor *gamma, gan_tensor *beta,
                           double eps, gan_real *mean, gan_real *var) {
    if (!checked(t, batch_op.name, x, gamma, beta)) return NULL;
    int64_t c = x->dim[x->rank - 1];
    gan__groups s = {1, x->size / c, c, 1};
    return normalise(t, &batch_op, s, x, gamma, beta, eps, mean, var);
}

gan_tensor *gan_group_norm(gan_tape *t, gan_tensor *x, int64_t groups, gan_tensor *gamma,
                           gan_tensor *beta, double eps) {
    if (!checked(t, group_op.name, x, gamma, beta)) return NULL;
    int64_t c = x->dim[x->rank - 1], n = x->dim[0];
    if (groups < 1 || c % groups)
        return gan__op_fail(t, GAN_ESHAPE, group_op.name,
                            "%lld channels do not divide into %lld groups", (long long)c,
                            (long long)groups);
    gan__groups s = {n, x->size / n / c, groups, c / groups};
    return normalise(t, &group_op, s, x, gamma, beta, eps, NULL, NULL);
}

gan_tensor *gan_batch_norm_fixed(gan_tape *t, gan_tensor *x, gan_tensor *gamma, gan_tensor *beta,
                                 double eps, gan_tensor *mean, gan_tensor *var) {
    gan_tensor *statistics[] = {mean, var};
    char tm[96], tv[96], tx[96];
    if (!checked(t, batch_op.name, x, gamma, beta)) return NULL;
    if (!gan__ready(t, batch_op.name, 2, statistics)) return NULL;
    if (mean->rank != 1 || mean->dim[0] != x->dim[x->rank - 1] || !gan__same_shape(mean, var))
        return gan__op_fail(
            t, GAN_ESHAPE, batch_op.name, "mean %s and var %s are not for the channels of x %s",
            gan__shape_text(mean, tm), gan__shape_text(var, tv), gan__shape_text(x, tx));
    gan_tensor *inv = gan_rsqrt(t, gan_affine(t, var, 1, eps));
    gan_tensor *scale = gamma ? gan_mul(t, gamma, inv) : inv;
    gan_tensor *shift = gan_scale(t, gan_mul(t, mean, scale), -1);
    if (beta) shift = gan_add(t, beta, shift);
    return gan_add(t, gan_mul(t, x, scale), shift);
}
