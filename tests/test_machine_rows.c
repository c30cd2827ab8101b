/* SPDX-License-Identifier: MIT
 *
 * The loops of attention and of norms of rows, on every machine that runs here, against their
 * definitions in double. */
#include "machine_loops.h"

/* --- tiles of scores --- */

/* Columns of scores x [n][w]: top and sum go on from y and v. */
static void check_fold(const gan__machine *m, operands *q, int64_t n, int64_t w) {
    gan_real *top = q->y, *sum = q->v, before[4 * GAN__LINE];
    memcpy(q->out, q->x, sizeof q->x);
    memcpy(q->m, q->y, sizeof q->y);
    for (int64_t i = 0; i < w; i++) before[i] = sum[i];
    m->attention.fold(n, w, q->out, top, sum, q->m + w);
    for (int64_t i = 0; i < w; i++) {
        double high = (double)q->m[i], total = 0;
        for (int64_t k = 0; k < n; k++) high = fmax(high, (double)q->x[k * w + i]);
        for (int64_t k = 0; k < n; k++) {
            double p = exp((double)q->x[k * w + i] - high);
            near(m->name, "fold", (double)q->out[k * w + i], p, p);
            total += p;
        }
        double factor = exp((double)q->m[i] - high);
        assert_true((double)top[i] == high);
        near(m->name, "shrink", (double)q->m[w + i], factor, 1);
        total += (double)before[i] * factor;
        near(m->name, "sum", (double)sum[i], total, total);
    }
}

static void check_weights(const gan__machine *m, operands *q, int64_t n, int64_t w) {
    const gan_real scale = 0.75F;
    memcpy(q->out, q->x, sizeof q->x);
    m->attention.weigh(n, w, q->y, q->v, q->out);
    for (int64_t i = 0; i < n * w; i++) {
        double p = exp((double)q->x[i] - (double)q->y[i % w]) * (double)q->v[i % w];
        near(m->name, "weigh", (double)q->out[i], p, p);
    }
    memcpy(q->out, q->m, sizeof q->m);
    m->attention.back(n, w, q->x, q->v, scale, q->out);
    for (int64_t i = 0; i < n * w; i++) {
        double g = (double)scale * (double)q->x[i] * ((double)q->m[i] - (double)q->v[i % w]);
        near(m->name, "attention, back", (double)q->out[i], g, 4);
    }
}

static void check_scores(const gan__machine *m, operands *q, int64_t n) {
    for (int64_t w = GAN__LINE; w <= 4 * GAN__LINE && n * w <= MOST; w += GAN__LINE) {
        draw(q, (int)n);
        check_weights(m, q, n, w);
        check_fold(m, q, n, w);
    }
}

/* Weights far below the highest score keep their digits down to e^-64, and that is the least. */
static void check_far(const gan__machine *m, operands *q, int64_t n) {
    const int64_t rows = n * GAN__LINE < MOST ? n : MOST / GAN__LINE, count = rows * GAN__LINE;
    const gan_real step = (gan_real)(-100.0 / (double)count);
    for (int64_t i = 0; i < count; i++) q->out[i] = (gan_real)i * step;
    for (int i = 0; i < GAN__LINE; i++) q->y[i] = 0, q->v[i] = 1;
    q->out[0] = (gan_real)NAN, q->out[1] = -(gan_real)HUGE_VAL, q->out[2] = -(gan_real)1e30;
    m->attention.weigh(rows, GAN__LINE, q->y, q->v, q->out);
    assert_true(isnan((double)q->out[0]));
    for (int64_t i = 1; i < count; i++) {
        double x = i < 3 ? -HUGE_VAL : (double)((gan_real)i * step);
        double p = exp(fmax(x, -64)), got = (double)q->out[i];
        if (!(fabs(got - p) <= 1e-6 * p)) fail_msg("%s: e^%g is %g, not %g", m->name, x, got, p);
    }
}

/* --- rows --- */

typedef struct affine {
    double mean, inv, slope;
} affine;

/* v = xhat * gamma + beta of element i, gamma in y and beta in m. */
static double normed(const operands *q, const affine *a, int64_t i, double *xhat) {
    *xhat = ((double)q->x[i] - a->mean) * a->inv;
    return *xhat * (double)q->y[i] + (double)q->m[i];
}

static void check_row_maps(const gan__machine *m, operands *q, const affine *a, int64_t n) {
    gan_real mean = (gan_real)a->mean, inv = (gan_real)a->inv, slope = (gan_real)a->slope;
    double squares = 0, xhat;
    m->norm.row_apply(n, q->x, q->y, q->m, mean, inv, slope, q->out);
    for (int64_t i = 0; i < n; i++) {
        double v = normed(q, a, i, &xhat);
        squares += pow((double)q->x[i] - a->mean, 2);
        near(m->name, "row_apply", (double)q->out[i], v > 0 ? v : a->slope * v, 8);
    }
    near(m->name, "row_squares", (double)m->norm.row_squares(n, q->x, mean), squares, squares);
    m->norm.row_back(n, q->x, q->v, q->y, q->m, mean, inv, slope, 0.25F, -0.5F, q->out);
    for (int64_t i = 0; i < n; i++) {
        double g = (normed(q, a, i, &xhat) > 0 ? 1 : a->slope) * (double)q->v[i];
        double want = a->inv * ((double)q->y[i] * g - 0.25 + 0.5 * xhat);
        near(m->name, "row_back", (double)q->out[i], want, 8);
    }
}

/* The two rows of `out` go on from 1. */
static void check_row_sums(const gan__machine *m, operands *q, const affine *a, int64_t n) {
    double first = 0, second = 0, xhat;
    gan_real sum[2];
    for (int64_t i = 0; i < 2 * n; i++) q->out[i] = 1;
    m->norm.row_sums(n, q->x, q->v, q->y, q->m, (gan_real)a->mean, (gan_real)a->inv,
                     (gan_real)a->slope, q->out, sum);
    for (int64_t i = 0; i < n; i++) {
        double g = (normed(q, a, i, &xhat) > 0 ? 1 : a->slope) * (double)q->v[i];
        near(m->name, "sum of slopes", (double)q->out[i], 1 + g * xhat, 8);
        near(m->name, "sum of shifts", (double)q->out[n + i], 1 + g, 2);
        first += (double)q->y[i] * g, second += (double)q->y[i] * g * xhat;
    }
    near(m->name, "first", (double)sum[0], first, (double)n);
    near(m->name, "second", (double)sum[1], second, 4 * (double)n);
}

static void check_rows(const gan__machine *m, operands *q, int64_t n) {
    static const affine kinds[] = {{0.25, 1.5, 1}, {-0.5, 0.75, 0}, {0, 2, 0.25}};
    for (int i = 0; i < COUNT(kinds); i++) {
        check_row_maps(m, q, &kinds[i], n);
        check_row_sums(m, q, &kinds[i], n);
    }
}

LOOPS(scores)
LOOPS(far)
LOOPS(rows)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(scores_loops), cmocka_unit_test(far_loops),
                                       cmocka_unit_test(rows_loops)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
