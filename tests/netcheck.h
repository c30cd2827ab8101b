/* SPDX-License-Identifier: MIT
 *
 * netcheck.h - gradients of functions of whole networks against central differences. With X the
 * tensors of a subject (weights, images), and fixed random v,
 *
 *     S0 = <seed, f(X)>,   S1 = sum of <v_i, dS0/dX_i>,
 *
 * the gradients of S0 and S1 are compared tensor by tensor, |a - n| / max(|a|, |n|, 1e-8), each
 * taken by fused backward passes and by recorded ones. Points are drawn again until all that goes
 * into a kink is 1e-3 away from it. (gradcheck.h has the same for single operations.) */
#ifndef NETCHECK_H
#define NETCHECK_H

#include "gradcheck.h"
#include "kinks.h"

#include "gan/module.h"
#include "tensor/internal.h"

#define NETCHECK_STEP 1e-4
#define NETCHECK_TENSORS 80
#define NETCHECK_SEED 200 /* elements of an output up to which the seed counts as one of the X */

typedef struct netcheck {
    const char *name;
    gan_tensor *(*run)(gan_tape *t, void *user);                /* the function */
    void (*draw)(void *user, uint64_t number, gan_rng *random); /* fills all that it depends on */
    void *user;
    gan_tape *t;
    int n;
    gan_tensor *x[NETCHECK_TENSORS], *v[NETCHECK_TENSORS], *seed;
} netcheck;

/* --- the function and its gradients --- */

static inline gan_tensor *netcheck_run(netcheck *q) {
    gan_tape_reset(q->t);
    gan_tensor *out = q->run(q->t, q->user);
    if (gan_tape_status(q->t)) fail_msg("%s: %s", q->name, gan_tape_error(q->t)->text);
    return out;
}

/* From the second order on the seed is one of the X, if it is not too large. */
static inline int netcheck_count(const netcheck *q, int order) {
    return q->n + (order > 1 && gan_tensor_size(q->seed) <= NETCHECK_SEED);
}

static inline gan_tensor *netcheck_contract(netcheck *q, gan_tensor **g) {
    gan_tensor *sum = NULL;
    for (int i = 0; i < q->n; i++) {
        gan_tensor *part = gan_sum_all(q->t, gan_mul(q->t, g[i], q->v[i]));
        sum = sum ? gan_add(q->t, sum, part) : part;
    }
    return sum;
}

static inline void netcheck_gradients(netcheck *q, int order, unsigned flags, gan_tensor **g) {
    gan_tensor *out = netcheck_run(q);
    gan_grad(q->t, out, q->seed, q->n, q->x, g, order > 1 ? GAN_GRAD_RECORD : flags);
    if (order > 1)
        gan_grad(q->t, netcheck_contract(q, g), NULL, netcheck_count(q, order), q->x, g, flags);
    if (gan_tape_status(q->t)) fail_msg("%s: %s", q->name, gan_tape_error(q->t)->text);
}

static inline double netcheck_dot(const gan_tensor *a, const gan_tensor *b) {
    return gradcheck_dot(gan_tensor_size(a), gan_tensor_data(a), gan_tensor_data(b));
}

/* S(order) */
static inline double netcheck_value(netcheck *q, int order) {
    gan_tensor *g[NETCHECK_TENSORS];
    double sum = 0;
    if (!order) return netcheck_dot(netcheck_run(q), q->seed);
    netcheck_gradients(q, order, 0, g);
    for (int i = 0; i < q->n; i++) sum += netcheck_dot(g[i], q->v[i]);
    return sum;
}

static inline double netcheck_difference(netcheck *q, int order, gan_tensor *x, int64_t e) {
    static const double at[4] = {-2, -1, 1, 2}, weight[4] = {1, -8, 8, -1};
    double was = (double)gan_tensor_data(x)[e], sum = 0;
    for (int k = 0; k < 4; k++) {
        gan_tensor_edit(x)[e] = (gan_real)(was + at[k] * NETCHECK_STEP);
        sum += weight[k] * netcheck_value(q, order - 1);
    }
    gan_tensor_edit(x)[e] = (gan_real)was;
    return sum / (12 * NETCHECK_STEP);
}

/* --- a point --- */

static inline void netcheck_fill(gan_tensor *x, gan_rng *r, double lo, double hi) {
    gan_rng_fill_uniform(r, gan_tensor_edit(x), (size_t)gan_tensor_size(x), lo, hi);
}

static inline gan_tensor *netcheck_like(const gan_tensor *x, gan_rng *r) {
    gan_tensor *y = gan_tensor_create(x->rank, x->dim);
    assert_non_null(y);
    netcheck_fill(y, r, -1, 1);
    return y;
}

/* Weights as large as they are in use; scales and shifts of norms, and biases, all different. */
static inline void netcheck_weights(gan_parameters *p, uint64_t number, gan_rng *r) {
    gan_parameters_initialise(p, GAN_INIT_HE, number, 1);
    for (int i = 0; i < p->count; i++) {
        gan_role role = p->item[i].role;
        if (role == GAN_ROLE_SCALE || role == GAN_ROLE_VAR)
            netcheck_fill(p->item[i].value, r, 0.5, 1.5);
        else if (p->item[i].value && role != GAN_ROLE_WEIGHT && role != GAN_ROLE_DIRECTION)
            netcheck_fill(p->item[i].value, r, -0.5, 0.5);
    }
}

/* Counts the trained ones among the X. */
static inline void netcheck_add(netcheck *q, const gan_parameters *p) {
    for (int i = 0; i < p->count; i++) {
        assert_true(q->n + 1 < NETCHECK_TENSORS); /* one place is the seed's */
        if (gan_parameter_trained(&p->item[i])) q->x[q->n++] = p->item[i].value;
    }
}

/* Narrow networks may come out dead, and kinks too near. Makes the seed when the point is good. */
static inline int netcheck_is_good(netcheck *q, gan_rng *r) {
    gan_tensor *g[NETCHECK_TENSORS], *out = netcheck_run(q);
    if (kink_distance(q->t) < GRADCHECK_KINK) return 0;
    q->seed = netcheck_like(out, r);
    netcheck_gradients(q, 1, 0, g);
    if (sqrt(netcheck_dot(g[0], g[0])) > 1e-3) return 1;
    gan_tensor_free(q->seed);
    return 0;
}

/* Draws the point; name, run, draw, user and the X are set. */
static inline void netcheck_open(netcheck *q) {
    q->t = gan_tape_create(1);
    assert_non_null(q->t);
    for (uint64_t number = 1; number < 4000; number++) {
        gan_rng r = gan_rng_make(number, 7, 0);
        q->draw(q->user, number, &r);
        if (!netcheck_is_good(q, &r)) continue;
        for (int i = 0; i < q->n; i++) q->v[i] = netcheck_like(q->x[i], &r);
        q->x[q->n] = q->seed;
        return;
    }
    fail_msg("%s: no good point", q->name);
}

static inline void netcheck_close(netcheck *q) {
    for (int i = 0; i < q->n; i++) gan_tensor_free(q->v[i]);
    gan_tensor_free(q->seed);
    gan_tape_free(q->t);
}

/* --- comparing --- */

/* A gradient that is 0 (of a bias before batch norm) is rounding alone: it is measured against the
 * gradient of everything. */
static inline double netcheck_error(const gan_tensor *a, const gan_real *numeric, double total) {
    double size = sqrt(netcheck_dot(a, a)), n = sqrt(gradcheck_dot(a->size, numeric, numeric));
    if (size < 1e-12 * total) return (size + n) / total;
    return gradcheck_error(a->size, a->data, numeric);
}

/* The worst error over the X of one order. */
static inline double netcheck_order(netcheck *q, int order) {
    gan_tensor *g[NETCHECK_TENSORS];
    gan_real *numeric[NETCHECK_TENSORS];
    double worst = 0;
    int n = netcheck_count(q, order);
    for (int i = 0; i < n; i++) {
        numeric[i] = malloc((size_t)q->x[i]->size * sizeof(gan_real));
        assert_non_null(numeric[i]);
        for (int64_t e = 0; e < q->x[i]->size; e++)
            numeric[i][e] = (gan_real)netcheck_difference(q, order, q->x[i], e);
    }
    for (int recorded = 0; recorded < 2; recorded++) {
        double total = 0;
        netcheck_gradients(q, order, recorded ? GAN_GRAD_RECORD : 0, g);
        for (int i = 0; i < n; i++) total = hypot(total, sqrt(netcheck_dot(g[i], g[i])));
        for (int i = 0; i < n; i++) worst = fmax(worst, netcheck_error(g[i], numeric[i], total));
    }
    for (int i = 0; i < n; i++) free(numeric[i]);
    return worst;
}

/* Opens, checks orders 1 to `orders`, prints a line, closes. */
static inline double netcheck_all_orders(netcheck *q, int orders) {
    double worst = 0;
    netcheck_open(q);
    printf("%-44s", q->name);
    for (int order = 1; order <= orders; order++) {
        double error = netcheck_order(q, order);
        printf("  %.1e", error);
        worst = fmax(worst, error);
    }
    printf("%s\n", worst > GRADCHECK_LIMIT ? "  WRONG" : "");
    netcheck_close(q);
    return worst;
}

#endif
