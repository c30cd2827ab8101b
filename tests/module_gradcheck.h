/* SPDX-License-Identifier: MIT
 *
 * module_gradcheck.h - gradients of layers, of networks and of penalties through them, against
 * central differences. With X the input and all trained parameters, and fixed random v,
 *
 *     S0 = <seed, f(X)>,   S1 = sum of <v_i, dS0/dX_i>,
 *
 * the gradients of S0 and S1 are compared tensor by tensor, |a - n| / max(|a|, |n|, 1e-8), each
 * taken by fused backward passes and by recorded ones. Of a penalty, S0 already holds the first
 * derivatives. Points are drawn again until all that goes into a relu is 1e-3 away from 0. */
#ifndef MODULE_GRADCHECK_H
#define MODULE_GRADCHECK_H

#include "gan/layer.h"
#include "gan/penalty.h"
#include "gradcheck.h"
#include "kinks.h"
#include "tensor/internal.h"

#define STEP 1e-4
#define MAX_TENSORS 24
#define MAX_SEED 200 /* elements of an output up to which the seed counts as one of the X */

typedef struct row {
    const char *name;
    gan_module *(*make)(void);
    int rank;
    int64_t dim[4]; /* of the input */
    int both;       /* in training mode and in evaluation mode; 0: in training */
} row;

typedef struct subject {
    const row *row;
    gan_discriminator *d; /* holds the layers */
    gan_tape *t;
    int training, penalty;
    gan_tensor *input, *fake, *seed; /* fake: for the penalty */
    int n;
    gan_tensor *x[MAX_TENSORS], *v[MAX_TENSORS];
} subject;

/* --- the function and its gradients --- */

static inline gan_tensor *run(subject *q) {
    gan_rng dropout = gan_rng_make(1, 2, 3), uniform = gan_rng_make(4, 5, 6);
    const gan_pass pass = {q->training, 0, &dropout};
    gan_tape_reset(q->t);
    if (q->penalty) return gan_penalty_wgangp(q->t, q->d, q->input, q->fake, 10, &uniform, &pass);
    return gan_module_forward(q->t, gan_discriminator_root(q->d), q->input, &pass);
}

/* From the second order on the seed is one of the X, if it is not too large. */
static inline int count(const subject *q, int order) {
    return q->n + (order > 1 && gan_tensor_size(q->seed) <= MAX_SEED);
}

static inline gan_tensor *contract(subject *q, gan_tensor **g) {
    gan_tensor *sum = NULL;
    for (int i = 0; i < q->n; i++) {
        gan_tensor *part = gan_sum_all(q->t, gan_mul(q->t, g[i], q->v[i]));
        sum = sum ? gan_add(q->t, sum, part) : part;
    }
    return sum;
}

static inline void gradients(subject *q, int order, unsigned flags, gan_tensor **g) {
    gan_tensor *out = run(q);
    gan_grad(q->t, out, q->seed, q->n, q->x, g, order > 1 ? GAN_GRAD_RECORD : flags);
    if (order > 1) gan_grad(q->t, contract(q, g), NULL, count(q, order), q->x, g, flags);
    if (gan_tape_status(q->t)) fail_msg("%s: %s", q->row->name, gan_tape_error(q->t)->text);
}

static inline double dot(const gan_tensor *a, const gan_tensor *b) {
    return gradcheck_dot(gan_tensor_size(a), gan_tensor_data(a), gan_tensor_data(b));
}

/* S(order) */
static inline double value(subject *q, int order) {
    gan_tensor *g[MAX_TENSORS];
    double sum = 0;
    if (!order) return dot(run(q), q->seed);
    gradients(q, order, 0, g);
    for (int i = 0; i < q->n; i++) sum += dot(g[i], q->v[i]);
    return sum;
}

static inline double difference(subject *q, int order, gan_tensor *x, int64_t e) {
    static const double at[4] = {-2, -1, 1, 2}, weight[4] = {1, -8, 8, -1};
    double was = (double)gan_tensor_data(x)[e], sum = 0;
    for (int k = 0; k < 4; k++) {
        gan_tensor_edit(x)[e] = (gan_real)(was + at[k] * STEP);
        sum += weight[k] * value(q, order - 1);
    }
    gan_tensor_edit(x)[e] = (gan_real)was;
    return sum / (12 * STEP);
}

/* --- a point --- */

static inline void fill(gan_tensor *x, gan_rng *r, double lo, double hi) {
    gan_rng_fill_uniform(r, gan_tensor_edit(x), (size_t)gan_tensor_size(x), lo, hi);
}

static inline gan_tensor *drawn_like(const gan_tensor *x, gan_rng *r) {
    gan_tensor *y = gan_tensor_create(x->rank, x->dim);
    assert_non_null(y);
    fill(y, r, -1, 1);
    return y;
}

static inline void draw_parameters(gan_parameters *p, uint64_t seed, gan_rng *r) {
    gan_parameters_initialise(p, GAN_INIT_HE, seed, 1);
    for (int i = 0; i < p->count; i++) {
        gan_role role = p->item[i].role;
        if (role == GAN_ROLE_SCALE || role == GAN_ROLE_VAR)
            fill(p->item[i].value, r, 0.5, 1.5);
        else if (p->item[i].value && role != GAN_ROLE_WEIGHT && role != GAN_ROLE_DIRECTION)
            fill(p->item[i].value, r, -0.5, 0.5);
    }
}

/* Narrow networks may come out dead, and kinks too near. Makes the seed when the point is good. */
static inline int is_good(subject *q, gan_rng *r) {
    gan_tensor *g[MAX_TENSORS], *out = run(q);
    if (!out) fail_msg("%s: %s", q->row->name, gan_tape_error(q->t)->text);
    if (kink_distance(q->t) < GRADCHECK_KINK) return 0;
    q->seed = drawn_like(out, r);
    gradients(q, 1, 0, g);
    if (sqrt(dot(g[0], g[0])) > 1e-3) return 1;
    gan_tensor_free(q->seed);
    return 0;
}

static inline void draw(subject *q) {
    for (uint64_t seed = 1; seed < 1000; seed++) {
        gan_rng r = gan_rng_make(seed, 7, 0);
        draw_parameters(gan_discriminator_parameters(q->d), seed, &r);
        gan_spectral_update(gan_discriminator_root(q->d), 2);
        fill(q->input, &r, -1, 1);
        fill(q->fake, &r, -1, 1);
        if (!is_good(q, &r)) continue;
        for (int i = 0; i < q->n; i++) q->v[i] = drawn_like(q->x[i], &r);
        q->x[q->n] = q->seed;
        return;
    }
    fail_msg("%s: no good point", q->row->name);
}

/* A generator's layers are held by a discriminator too, which does nothing but hold them. */
static inline void open_subject(subject *q, const row *r, int training, int penalty) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    gan_error err;
    *q = (subject){.row = r, .t = gan_tape_create(1), .training = training, .penalty = penalty};
    if (r->rank == 4) c.height = r->dim[1], c.width = r->dim[2], c.channels = r->dim[3];
    if (gan_discriminator_wrap(r->make(), &c, &q->d, &err)) fail_msg("%s: %s", r->name, err.text);
    q->input = gan_tensor_create(r->rank, r->dim);
    q->fake = gan_tensor_create(r->rank, r->dim);
    if (!penalty) q->x[q->n++] = q->input;
    const gan_parameters *p = gan_discriminator_parameters(q->d);
    for (int i = 0; i < p->count; i++)
        if (gan_parameter_trained(&p->item[i])) q->x[q->n++] = p->item[i].value;
    assert_true(q->n < MAX_TENSORS);
    draw(q);
}

static inline void close_subject(subject *q) {
    for (int i = 0; i < q->n; i++) gan_tensor_free(q->v[i]);
    gan_tensor_free(q->seed);
    gan_tensor_free(q->input);
    gan_tensor_free(q->fake);
    gan_tape_free(q->t);
    gan_discriminator_free(q->d);
}

/* --- comparing --- */

/* A gradient that is 0 (of a bias before batch norm) is rounding alone: it is measured against the
 * gradient of everything. */
static inline double error_of(const gan_tensor *a, const gan_real *numeric, double total) {
    double size = sqrt(dot(a, a)), n = sqrt(gradcheck_dot(a->size, numeric, numeric));
    if (size < 1e-12 * total) return (size + n) / total;
    return gradcheck_error(a->size, a->data, numeric);
}

static inline double worst_of_order(subject *q, int order) {
    gan_tensor *g[MAX_TENSORS];
    gan_real *numeric[MAX_TENSORS];
    double worst = 0;
    int n = count(q, order);
    for (int i = 0; i < n; i++) {
        numeric[i] = malloc((size_t)q->x[i]->size * sizeof(gan_real));
        assert_non_null(numeric[i]);
        for (int64_t e = 0; e < q->x[i]->size; e++)
            numeric[i][e] = (gan_real)difference(q, order, q->x[i], e);
    }
    for (int recorded = 0; recorded < 2; recorded++) {
        double total = 0;
        gradients(q, order, recorded ? GAN_GRAD_RECORD : 0, g);
        for (int i = 0; i < n; i++) total = hypot(total, sqrt(dot(g[i], g[i])));
        for (int i = 0; i < n; i++) worst = fmax(worst, error_of(g[i], numeric[i], total));
    }
    for (int i = 0; i < n; i++) free(numeric[i]);
    return worst;
}

static inline double check(const row *r, int training, int penalty) {
    subject q;
    double worst = 0;
    open_subject(&q, r, training, penalty);
    printf("%-36s %-6s", r->name, training ? "train" : "eval");
    for (int order = 1; order <= (penalty ? 1 : 2); order++) {
        double error = worst_of_order(&q, order);
        printf("  %.1e", error);
        worst = fmax(worst, error);
    }
    printf("%s\n", worst > GRADCHECK_LIMIT ? "  WRONG" : "");
    close_subject(&q);
    return worst;
}

static inline void check_all(const char *title, const row *rows, int n, int penalty) {
    double worst = 0;
    for (int i = 0; i < n; i++) {
        if (rows[i].both) worst = fmax(worst, check(&rows[i], 0, penalty));
        worst = fmax(worst, check(&rows[i], 1, penalty));
    }
    printf("%s: worst error %.2e\n", title, worst);
    assert_true(worst <= GRADCHECK_LIMIT);
}

#endif
