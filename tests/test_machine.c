/* SPDX-License-Identifier: MIT
 *
 * Every row of the table of machines that runs here: its loops give what the definitions say in
 * double, for lengths with and without a rest, and exp, tanh, sigmoid and gelu are right to two units
 * in the last place wherever floats reach. And the rate of its multiply-adds. */
#include "machine_loops.h"

#include <float.h>
#include <stdlib.h>

#include "gan/machine.h"

/* --- single elements --- */

static double unary(gan__unary f, double v, double a, double b) {
    switch (f) {
    case GAN__AFFINE:
        return a * v + b;
    case GAN__EXP:
        return exp(v);
    case GAN__LOG:
        return log(v);
    case GAN__SQRT:
        return sqrt(v);
    case GAN__RSQRT:
        return 1 / sqrt(v);
    case GAN__ABS:
        return fabs(v);
    case GAN__SIGN:
        return (v > 0) - (v < 0);
    case GAN__SQUARE:
        return v * v;
    case GAN__TANH:
        return tanh(v);
    case GAN__SIGMOID:
        return 1 / (1 + exp(-v));
    case GAN__SOFTPLUS:
        return log1p(exp(v));
    case GAN__GELU:
        return v * erfc(-v / sqrt(2)) / 2;
    case GAN__GELU_SLOPE:
        return erfc(-v / sqrt(2)) / 2 + v * exp(-v * v / 2) / sqrt(8 * atan(1));
    case GAN__LEAKY:
        return v > 0 ? v : a * v;
    case GAN__CLAMP:
        return fmin(fmax(v, a), b);
    case GAN__UNARIES:
        break;
    }
    return (double)NAN;
}

static void check_unary(const gan__machine *m, operands *q, int64_t n) {
    for (gan__unary f = 0; f < GAN__UNARIES; f++) {
        const gan_real *x = f == GAN__LOG || f == GAN__SQRT || f == GAN__RSQRT ? q->y : q->x;
        gan_real a = (gan_real)-0.25, b = (gan_real)0.75;
        q->out[n] = 77;
        m->pointwise.unary[f](n, x, q->out, a, b);
        for (int64_t i = 0; i < n; i++) {
            double want = unary(f, (double)x[i], (double)a, (double)b);
            near(m->name, "unary", (double)q->out[i], want, fabs(want));
        }
        assert_true(q->out[n] == 77);
        memcpy(q->m, x, (size_t)n * sizeof *x); /* in place: the same */
        m->pointwise.unary[f](n, q->m, q->m, a, b);
        assert_memory_equal(q->m, q->out, (size_t)n * sizeof *x);
    }
}

static void check_binary(const gan__machine *m, operands *q, int64_t n) {
    static const int steps[][2] = {{1, 1}, {1, 0}, {0, 1}, {3, 1}, {1, 3}};
    for (int k = 0; k < COUNT(steps); k++)
        for (gan__binary f = 0; f < GAN__BINARIES; f++) {
            int us = steps[k][0], vs = steps[k][1];
            m->pointwise.binary[f](n, q->x, us, q->y, vs, q->out);
            for (int64_t i = 0; i < n; i++) {
                double u = (double)q->x[i * us], v = (double)q->y[i * vs];
                double want[] = {u + v, u - v, u * v, u / v};
                near(m->name, "binary", (double)q->out[i], want[f], fabs(want[f]));
            }
        }
}

static void check_gate(const gan__machine *m, operands *q, int64_t n) {
    m->pointwise.gate(n, q->y, q->x, -1, 1, 5, q->out);
    for (int64_t i = 0; i < n; i++)
        assert_true(q->out[i] == q->y[i] * (q->x[i] > -1 && q->x[i] < 1 ? 1 : 5));
    memcpy(q->out, q->x, sizeof q->out);
    m->pointwise.accumulate(n, q->y, q->out);
    for (int64_t i = 0; i < n; i++) assert_true(q->out[i] == q->x[i] + q->y[i]);
    assert_true(q->out[n] == q->x[n]);
}

/* --- sums, updates --- */

static void check_sums(const gan__machine *m, operands *q, int64_t n) {
    double sum = 0, squares = 0, size = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (double)q->x[i], size += fabs((double)q->x[i]);
        squares += (double)q->x[i] * (double)q->x[i];
    }
    near(m->name, "row", (double)m->sum.row(n, q->x), sum, size);
    near(m->name, "squares", m->optim.squares(n, q->x), squares, 1e-6 * squares);
    for (int64_t rows = 1; rows * n <= MOST && rows < 12; rows++) {
        m->sum.rows(rows, n, q->x, q->out);
        for (int64_t i = 0; i < n; i++) {
            sum = 0;
            for (int64_t r = 0; r < rows; r++) sum += (double)q->x[r * n + i];
            near(m->name, "rows", (double)q->out[i], sum, 4);
        }
    }
}

static void check_updates(const gan__machine *machine, operands *q, int64_t n) {
    const gan__rates k = {.beta1 = 0.5f,
                          .rest1 = 0.5f,
                          .beta2 = 0.75f,
                          .rest2 = 0.25f,
                          .scale = 0.5f,
                          .eps = 1e-3f,
                          .lr = 0.25f,
                          .rate = 0.125f,
                          .spread = 2};
    static operands was;
    for (gan__rule rule = 0; rule < GAN__RULES; rule++) {
        draw(q, (int)n);
        was = *q;
        machine->optim.update[rule](&k, n, q->x, q->m, q->v, q->y);
        for (int64_t i = 0; i < n; i++) {
            double g = (double)was.x[i] / 2, m = (double)was.m[i] / 2, w = (double)was.y[i];
            double v = 0.75 * (double)was.v[i] + g * g / 4;
            double step[] = {0.125 * (m + g / 2) / (sqrt(v) / 2 + 1e-3),
                             0.25 * g / (sqrt(v) + 1e-3), 0.25 * (m + g)};
            near(machine->name, "update", (double)q->y[i], w - step[rule], 4);
            if (rule != GAN__SGD) near(machine->name, "v", (double)q->v[i], v, 1);
            if (rule == GAN__ADAM) near(machine->name, "m", (double)q->m[i], m + g / 2, 1);
        }
        assert_true(q->y[n] == was.y[n] && q->v[n] == was.v[n] && q->m[n] == was.m[n]);
    }
    draw(q, (int)n);
    was = *q;
    machine->optim.blend(n, q->x, 0.25f, q->y);
    for (int64_t i = 0; i < n; i++)
        near(machine->name, "blend", (double)q->y[i],
             0.75 * (double)was.y[i] + 0.25 * (double)was.x[i], 1);
}

/* --- norms --- */

static double coefficient(const operands *q, int which, int64_t c, int64_t i) {
    return (double)q->v[which * c + i];
}

static double before(const operands *q, int64_t c, int64_t r, int64_t i, double *d) {
    *d = (double)q->x[r * c + i] - coefficient(q, GAN__NORM_MEAN, c, i);
    return *d * coefficient(q, GAN__NORM_SCALE, c, i) + coefficient(q, GAN__NORM_SHIFT, c, i);
}

static void check_norm_sums(const gan__machine *m, operands *q, int64_t rows, int64_t c) {
    static double moments[2 * MOST], sums[2 * MOST];
    m->norm.moments(rows, c, q->x, q->y, moments);
    m->norm.sums(rows, c, q->x, q->m, q->v, 0.25f, sums);
    for (int64_t i = 0; i < c; i++) {
        double want[4] = {0}, d;
        for (int64_t r = 0; r < rows; r++) {
            double e = (double)q->x[r * c + i] - (double)q->y[i], g = (double)q->m[r * c + i];
            g *= before(q, c, r, i, &d) > 0 ? 1 : 0.25;
            want[0] += e, want[1] += e * e, want[2] += g, want[3] += g * d;
        }
        near(m->name, "moments", moments[i], want[0], 4 * (double)rows);
        near(m->name, "moments", moments[c + i], want[1], 16 * (double)rows);
        near(m->name, "sums", sums[i], want[2], 2 * (double)rows);
        near(m->name, "sums", sums[c + i], want[3], 6 * (double)rows);
    }
}

static void check_norm_maps(const gan__machine *m, operands *q, int64_t rows, int64_t c) {
    static gan_real y[MOST];
    m->norm.apply(rows, c, q->x, q->v, 0.25f, y);
    m->norm.back(rows, c, q->x, q->m, q->v, 0.25f, q->out);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < c; i++) {
            double d, v = before(q, c, r, i, &d), f = v > 0 ? 1 : 0.25;
            double gx = coefficient(q, GAN__NORM_SCALE, c, i) * f * (double)q->m[r * c + i] -
                        coefficient(q, GAN__NORM_FIRST, c, i) -
                        coefficient(q, GAN__NORM_SECOND, c, i) * d;
            near(m->name, "apply", (double)y[r * c + i], f * v, 4);
            near(m->name, "back", (double)q->out[r * c + i], gx, 4);
        }
}

static void check_norms(const gan__machine *m, operands *q, int64_t c) {
    for (int64_t rows = 1; c * GAN__NORM_COEFFICIENTS <= MOST && rows * c <= MOST;
         rows += 1 + rows) {
        check_norm_sums(m, q, rows, c);
        check_norm_maps(m, q, rows, c);
    }
}

LOOPS(unary)
LOOPS(binary)
LOOPS(gate)
LOOPS(sums)
LOOPS(updates)
LOOPS(norms)

/* --- exp, tanh, sigmoid, gelu --- */

/* Distance in units in the last place of the true value; denormals count as the smallest normal
 * number would. */
static double units(gan_real got, double want) {
    int e;
    if (isnan(want)) return isnan(got) ? 0 : HUGE_VAL;
    if (fabs(want) > (double)FLT_MAX) return got == (gan_real)want ? 0 : HUGE_VAL;
    frexp(want, &e);
    return fabs((double)got - want) / ldexp(1, (e < FLT_MIN_EXP ? FLT_MIN_EXP : e) - FLT_MANT_DIG);
}

/* What is allowed to be far off, in units: 1 / (1 + e^-x) is 0 where e^-x is not a float any more;
 * below 0 gelu suffers from the rounding of x^2; its slope passes 0, so that counts units of 1. */
static double excused(gan__unary f, double x, gan_real got, double want) {
    double off = units(got, want);
    if (f == GAN__SIGMOID && fabs(want) < 1.01 / (double)FLT_MAX) return 0;
    if (f == GAN__GELU && x < 0 && isfinite(x)) return off / (1 + x * x / 2);
    if (f == GAN__GELU_SLOPE && isfinite(x)) return ldexp(fabs((double)got - want), FLT_MANT_DIG);
    return off;
}

/* Floats of both signs, a step of bits apart: all orders of magnitude alike. */
static double sweep(const gan__machine *m, gan__unary f) {
    enum { BLOCK = 1000, STRIDE = 1009 };
    gan_real x[2 * BLOCK], y[2 * BLOCK];
    double worst = 0;
    for (uint32_t at = 0; at <= 0x7f800000u; at += BLOCK * STRIDE) {
        for (uint32_t i = 0; i < BLOCK; i++) {
            uint32_t bits = at + i * STRIDE;
            memcpy(x + 2 * i, &bits, sizeof bits);
            x[2 * i + 1] = -x[2 * i];
        }
        m->pointwise.unary[f](2 * BLOCK, x, y, 0, 0);
        for (int i = 0; i < 2 * BLOCK; i++) {
            double want = unary(f, (double)x[i], 0, 0);
            double off = excused(f, (double)x[i], y[i], want);
            if (off > 2.5)
                fail_msg("%s, function %d of %.9g: %.9g instead of %.9g", m->name, (int)f,
                         (double)x[i], (double)y[i], want);
            worst = fmax(worst, off);
        }
    }
    return worst;
}

static void functions(void **state) {
    static const gan__unary list[] = {GAN__EXP, GAN__TANH, GAN__SIGMOID, GAN__GELU,
                                      GAN__GELU_SLOPE};
    (void)state;
    for (const gan__machine *const *m = gan__machines; *m; m++)
        for (int i = 0; i < COUNT(list) && (*m)->runs(); i++)
            printf("%s, function %d: worst %.2f units\n", (*m)->name, (int)list[i],
                   sweep(*m, list[i]));
}

static void special_values(void **state) {
    const gan_real x[] = {0, -0.0f, INFINITY, -INFINITY, NAN, -NAN, 1e-45f, -1e-45f, 89, -104};
    const double e[] = {1, 1, HUGE_VAL, 0, (double)NAN, (double)NAN, 1, 1, HUGE_VAL, 0};
    const double h[] = {0, -0.0, 1, -1, (double)NAN, (double)NAN, 1e-45, -1e-45, 1, -1};
    gan_real y[COUNT(x)];
    (void)state;
    for (const gan__machine *const *m = gan__machines; *m; m++) {
        if (!(*m)->runs()) continue;
        (*m)->pointwise.unary[GAN__EXP](COUNT(x), x, y, 0, 0);
        for (int i = 0; i < COUNT(x); i++)
            assert_true(isnan(e[i]) ? isnan(y[i]) : y[i] == (gan_real)e[i]);
        (*m)->pointwise.unary[GAN__TANH](COUNT(x), x, y, 0, 0);
        for (int i = 0; i < COUNT(x); i++) {
            assert_true(isnan(h[i]) ? isnan(y[i]) : y[i] == (gan_real)h[i]);
            if (!isnan(h[i])) assert_true(!signbit(y[i]) == !signbit(x[i]));
        }
    }
}

/* --- the rate of multiply-adds --- */

static void peak_loop(void **state) {
    (void)state;
    for (const gan__machine *const *m = gan__machines; *m; m++) {
        gan_real sums[GAN__PEAK_SUMS + 1];
        if (!(*m)->runs()) continue;
        assert_true((*m)->peak_sums <= GAN__PEAK_SUMS);
        for (int i = 0; i <= GAN__PEAK_SUMS; i++) sums[i] = (gan_real)i;
        (*m)->peak(2, (gan_real)0.5, 1, sums);
        for (int i = 0; i <= GAN__PEAK_SUMS; i++) {
            double want = i < (*m)->peak_sums ? i / 4.0 + 1.5 : i;
            near((*m)->name, "peak", (double)sums[i], want, want);
        }
    }
}

/* Of two threads not less than half of one's, sooner or later: other programs take their share. */
static void fma_peak(void **state) {
    (void)state;
    assert_string_equal(gan_machine_name(), gan__machine_here()->name);
    double one = gan_machine_fma_peak(1), two = gan_machine_fma_peak(2);
    for (int i = 0; i < 200 && two < one / 2; i++) two = gan_machine_fma_peak(2);
    printf("%s: %.1f GFLOP/s on one thread, %.1f on two\n", gan_machine_name(), one / 1e9,
           two / 1e9);
    assert_true(one > 0 && two >= one / 2);
    assert_true(gan_machine_fma_peak(0) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unary_loops),   cmocka_unit_test(binary_loops),
        cmocka_unit_test(gate_loops),    cmocka_unit_test(sums_loops),
        cmocka_unit_test(updates_loops), cmocka_unit_test(norms_loops),
        cmocka_unit_test(functions),     cmocka_unit_test(special_values),
        cmocka_unit_test(peak_loop),     cmocka_unit_test(fma_peak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
