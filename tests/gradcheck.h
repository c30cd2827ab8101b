/* SPDX-License-Identifier: MIT
 *
 * gradcheck.h - gradients against central differences, to any order.
 *
 * A row is a function of some tensors. With fixed random weights v,
 *
 *     S0(X) = <seed, f(X)>,   Sk(X) = sum over i of <v[k][i], d S(k-1) / d X_i>,
 *
 * and the gradient of S(k-1), which gan_grad gives, is compared with differences of S(k-1). From
 * the second order on the seed counts as one of the X. Each gradient is taken twice: as the last
 * one (fused backward passes) and recorded (backward made of operations). The error of a tensor is
 * |a - n| / max(|a|, |n|, 1e-8) with Euclidean norms. */
#ifndef GRADCHECK_H
#define GRADCHECK_H

#include <stdlib.h>

#include "gan/pointwise.h"
#include "gan/shape.h"
#include "support.h"

/* A row names only the fields that it needs. */
#if defined(__GNUC__)
#    pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif

#define GRADCHECK_LIMIT 1e-7
#define GRADCHECK_MAX 6    /* tensors of a row, and the seed */
#define GRADCHECK_ORDERS 3 /* highest order */

/* Differences of fourth order reach 2h to each side, so that h is less than half the distance that
 * points keep from a kink. At this h truncation and rounding are both near 1e-12. */
#define GRADCHECK_STEP 4e-4
#define GRADCHECK_KINK 1e-3
#define GRADCHECK_INSIDE 1e-2 /* of a step of x, this is a few times more */

typedef struct gradcheck_row {
    const char *name;
    gan_tensor *(*build)(gan_tape *t, gan_tensor *const *x, const int *p);
    int n;                             /* tensors */
    int64_t dim[GRADCHECK_MAX - 1][7]; /* their shapes, each ended by a 0 */
    double lo, hi;                     /* the domain; both 0: -2 and 2 */
    int kinks;                         /* points of the domain to keep away from */
    double kink[2];
    int p[8];  /* the function's parameters */
    int order; /* 0: 2 */
    /* What goes into a kink at 0 inside the function; points too near to it are drawn again. */
    gan_tensor *(*inside)(gan_tape *t, gan_tensor *const *x, const int *p);
} gradcheck_row;

typedef struct gradcheck {
    const gradcheck_row *row;
    gan_tape *t;
    int rank[GRADCHECK_MAX];
    int64_t dim[GRADCHECK_MAX][GAN_MAX_RANK], size[GRADCHECK_MAX]; /* the last one is the seed's */
    gan_real *x[GRADCHECK_MAX];
    gan_real *v[GRADCHECK_ORDERS][GRADCHECK_MAX];
} gradcheck;

static inline double gradcheck_draw(gan_rng *r, const gradcheck_row *row) {
    double lo = row->lo, hi = row->hi;
    if (lo == 0 && hi == 0) lo = -2, hi = 2;
    for (;;) {
        double v = lo + (hi - lo) * gan_rng_uniform(r);
        int near = 0;
        for (int i = 0; i < row->kinks; i++) near |= fabs(v - row->kink[i]) < GRADCHECK_KINK;
        if (!near) return v;
    }
}

/* The tensors at the present point; x[n] is the seed when it has a shape already. */
static inline void gradcheck_inputs(gradcheck *q, gan_tensor **x) {
    gan_tape_reset(q->t);
    for (int i = 0; i <= q->row->n; i++)
        x[i] = q->x[i] ? gan_input(q->t, q->rank[i], q->dim[i], q->x[i]) : NULL;
}

static inline void gradcheck_allocate(gradcheck *q, int i, gan_rng *r) {
    q->size[i] = 1;
    for (int k = 0; k < q->rank[i]; k++) q->size[i] *= q->dim[i][k];
    q->x[i] = malloc((size_t)q->size[i] * sizeof(gan_real));
    assert_non_null(q->x[i]);
    for (int64_t e = 0; e < q->size[i]; e++)
        q->x[i][e] =
            (gan_real)(i < q->row->n ? gradcheck_draw(r, q->row) : 2 * gan_rng_uniform(r) - 1);
    for (int k = 0; k < GRADCHECK_ORDERS; k++) {
        q->v[k][i] = malloc((size_t)q->size[i] * sizeof(gan_real));
        assert_non_null(q->v[k][i]);
        gan_rng_fill_uniform(r, q->v[k][i], (size_t)q->size[i], -1, 1);
    }
}

/* Draws every tensor anew until the point is far from a kink inside the function. */
static inline void gradcheck_redraw(gradcheck *q, gan_rng *r) {
    gan_tensor *x[GRADCHECK_MAX];
    const gradcheck_row *row = q->row;
    for (int near = row->inside != NULL; near;) {
        for (int i = 0; i < row->n; i++)
            for (int64_t e = 0; e < q->size[i]; e++) q->x[i][e] = (gan_real)gradcheck_draw(r, row);
        gradcheck_inputs(q, x);
        const gan_tensor *v = row->inside(q->t, x, row->p);
        assert_non_null(v);
        near = 0;
        for (int64_t e = 0; e < gan_tensor_size(v); e++)
            near |= fabs((double)gan_tensor_data(v)[e]) < GRADCHECK_INSIDE;
    }
}

static inline void gradcheck_open(gradcheck *q, const gradcheck_row *row, uint64_t seed) {
    gan_rng r = gan_rng_make(seed, 7, 0);
    gan_tensor *x[GRADCHECK_MAX];
    *q = (gradcheck){.row = row, .t = gan_tape_create(1)};
    assert_non_null(q->t);
    for (int i = 0; i < row->n; i++) {
        while (row->dim[i][q->rank[i]]) q->rank[i]++;
        memcpy(q->dim[i], row->dim[i], sizeof row->dim[i]);
        gradcheck_allocate(q, i, &r);
    }
    gradcheck_redraw(q, &r);
    gradcheck_inputs(q, x);
    gan_tensor *out = row->build(q->t, x, row->p);
    if (!out) fail_msg("%s: %s", row->name, gan_tape_error(q->t)->text);
    q->rank[row->n] = gan_tensor_rank(out);
    for (int k = 0; k < q->rank[row->n]; k++) q->dim[row->n][k] = gan_tensor_dim(out, k);
    gradcheck_allocate(q, row->n, &r);
}

static inline void gradcheck_close(gradcheck *q) {
    for (int i = 0; i <= q->row->n; i++) {
        free(q->x[i]);
        for (int k = 0; k < GRADCHECK_ORDERS; k++) free(q->v[k][i]);
    }
    gan_tape_free(q->t);
}

/* X_i that S(order-1) is differentiated by: the seed from the second order on. */
static inline int gradcheck_count(const gradcheck *q, int order) {
    return q->row->n + (order > 1);
}

/* sum of <v, g> as one recorded number */
static inline gan_tensor *gradcheck_contract(gradcheck *q, int order, gan_tensor **g) {
    gan_tensor *sum = NULL;
    for (int i = 0; i < gradcheck_count(q, order); i++) {
        gan_tensor *v = gan_input(q->t, q->rank[i], q->dim[i], q->v[order - 1][i]);
        gan_tensor *part = gan_sum_all(q->t, gan_mul(q->t, g[i], v));
        sum = sum ? gan_add(q->t, sum, part) : part;
    }
    return sum;
}

/* g[i] = d S(order-1) / d X_i at the present point, the last walk with `flags`. */
static inline void gradcheck_gradients(gradcheck *q, int order, unsigned flags, gan_tensor **g) {
    gan_tensor *x[GRADCHECK_MAX];
    gradcheck_inputs(q, x);
    gan_tensor *out = q->row->build(q->t, x, q->row->p), *seed = x[q->row->n];
    for (int k = 1; k <= order; k++) {
        gan_grad(q->t, out, k == 1 ? seed : NULL, gradcheck_count(q, k), x, g,
                 k < order ? GAN_GRAD_RECORD : flags);
        if (k < order) out = gradcheck_contract(q, k, g);
    }
    if (gan_tape_status(q->t)) fail_msg("%s: %s", q->row->name, gan_tape_error(q->t)->text);
}

static inline double gradcheck_dot(int64_t n, const gan_real *a, const gan_real *b) {
    long double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (long double)a[i] * (long double)b[i];
    return (double)sum;
}

/* S(order) at the present point */
static inline double gradcheck_value(gradcheck *q, int order) {
    gan_tensor *x[GRADCHECK_MAX], *g[GRADCHECK_MAX];
    int n = q->row->n;
    if (!order) {
        gradcheck_inputs(q, x);
        gan_tensor *out = q->row->build(q->t, x, q->row->p);
        return gradcheck_dot(q->size[n], gan_tensor_data(out), q->x[n]);
    }
    double sum = 0;
    gradcheck_gradients(q, order, 0, g);
    for (int i = 0; i < gradcheck_count(q, order); i++)
        sum += gradcheck_dot(q->size[i], gan_tensor_data(g[i]), q->v[order - 1][i]);
    return sum;
}

/* (8 (S(x+h) - S(x-h)) - (S(x+2h) - S(x-2h))) / 12h */
static inline double gradcheck_difference(gradcheck *q, int order, gan_real *e) {
    const double h = GRADCHECK_STEP;
    gan_real at = *e;
    double s[4];
    for (int k = 0; k < 4; k++) {
        *e = (gan_real)((double)at + h * (k < 2 ? k - 2 : k - 1));
        s[k] = gradcheck_value(q, order - 1);
    }
    *e = at;
    return (8 * (s[2] - s[1]) - (s[3] - s[0])) / (12 * h);
}

static inline double gradcheck_error(int64_t n, const gan_real *a, const gan_real *b) {
    double aa = 0, bb = 0, dd = 0;
    for (int64_t i = 0; i < n; i++) {
        double u = (double)a[i], v = (double)b[i];
        aa += u * u, bb += v * v, dd += (u - v) * (u - v);
    }
    double error = sqrt(dd) / fmax(fmax(sqrt(aa), sqrt(bb)), 1e-8);
    return isfinite(error) ? error : HUGE_VAL;
}

/* The worst error over the tensors of one order. */
static inline double gradcheck_order(gradcheck *q, int order) {
    gan_tensor *g[GRADCHECK_MAX];
    gan_real *numeric[GRADCHECK_MAX];
    double worst = 0;
    for (int i = 0; i < gradcheck_count(q, order); i++) {
        numeric[i] = malloc((size_t)q->size[i] * sizeof(gan_real));
        assert_non_null(numeric[i]);
        for (int64_t e = 0; e < q->size[i]; e++)
            numeric[i][e] = (gan_real)gradcheck_difference(q, order, q->x[i] + e);
    }
    for (int recorded = 0; recorded < 2; recorded++) {
        gradcheck_gradients(q, order, recorded ? GAN_GRAD_RECORD : 0, g);
        for (int i = 0; i < gradcheck_count(q, order); i++)
            worst = fmax(worst, gradcheck_error(q->size[i], gan_tensor_data(g[i]), numeric[i]));
    }
    for (int i = 0; i < gradcheck_count(q, order); i++) free(numeric[i]);
    return worst;
}

/* Checks every row, prints its errors, and fails when one is above the limit. */
static inline void gradcheck_run(const char *title, const gradcheck_row *rows, int n) {
    double worst = 0;
    int failed = 0;
    for (int i = 0; i < n; i++) {
        gradcheck q;
        double row_worst = 0;
        gradcheck_open(&q, rows + i, (uint64_t)i + 1);
        printf("%-44s", rows[i].name);
        for (int k = 1; k <= (rows[i].order ? rows[i].order : 2); k++) {
            double error = gradcheck_order(&q, k);
            printf("  %.1e", error);
            row_worst = fmax(row_worst, error);
        }
        printf("%s\n", row_worst > GRADCHECK_LIMIT ? "  WRONG" : "");
        gradcheck_close(&q);
        worst = fmax(worst, row_worst);
        failed += row_worst > GRADCHECK_LIMIT;
    }
    printf("%s: worst error %.2e of %d rows\n", title, worst, n);
    assert_int_equal(failed, 0);
}

#endif
