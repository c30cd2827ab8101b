/* SPDX-License-Identifier: MIT
 *
 * The three convolution kernels are one trilinear form: with C x = conv(x,w), C' y its input
 * gradient and C''(x,y) its weight gradient, <Cx,y> = <x,C'y> = <w,C''(x,y)>. And each is what the
 * definition says. */
#include "conv_naive.h"

enum { GEOMETRIES = 300 };

static double dot(int64_t n, const gan_real *a, const gan_real *b, double *scale) {
    long double sum = 0, bound = 0;
    for (int64_t i = 0; i < n; i++) {
        long double term = (long double)a[i] * (long double)b[i];
        sum += term;
        bound += term * term;
    }
    *scale = fmax(*scale, (double)sqrtl(bound));
    return (double)sum;
}

static double relative(double a, double b, double scale) {
    return fabs(a - b) / fmax(fmax(fabs(a), fabs(b)), scale);
}

/* The three values of T for one geometry; returns their worst difference. */
static double adjoint_error(const conv_case *q, int threads) {
    double value[3], scale = 1e-300, worst = 0;
    for (int role = 0; role < 3; role++) {
        gan_real *out = malloc((size_t)q->size[role] * sizeof *out);
        assert_non_null(out);
        conv_kernel(q, (gan__conv_role)role, out, threads);
        value[role] = dot(q->size[role], out, q->role[role], &scale);
        free(out);
    }
    for (int i = 0; i < 3; i++) worst = fmax(worst, relative(value[i], value[(i + 1) % 3], scale));
    return worst;
}

static double naive_error(const conv_case *q, gan__conv_role role) {
    size_t bytes = (size_t)q->size[role] * sizeof(gan_real);
    gan_real *a = malloc(bytes), *b = malloc(bytes);
    double off = 0, norm = 1e-300;
    assert_true(a && b);
    conv_kernel(q, role, a, 2);
    conv_naive(q, role, b);
    for (int64_t i = 0; i < q->size[role]; i++) {
        off += (double)((a[i] - b[i]) * (a[i] - b[i]));
        norm += (double)(b[i] * b[i]);
    }
    free(a);
    free(b);
    return sqrt(off / norm);
}

static void adjoints(void **state) {
    gan_rng r = gan_rng_make(2, 1, 0);
    double worst = 0, worst_naive = 0;
    (void)state;
    for (int i = 0; i < GEOMETRIES; i++) {
        conv_case q = conv_open(conv_random(&r));
        q.g.method = conv_direct[i % COUNT(conv_direct)];
        for (int k = 0; k < 3; k++) gan_rng_fill_normal(&r, q.role[k], (size_t)q.size[k], 0, 1);
        double error = adjoint_error(&q, 1 + i / COUNT(conv_direct) % 3), naive = 0;
        for (int k = 0; k < 3; k++) naive = fmax(naive, naive_error(&q, (gan__conv_role)k));
        if (!(error <= 1e-12)) conv_describe(&q.g, "not adjoint");
        if (!(naive <= 1e-12)) conv_describe(&q.g, "wrong");
        worst = fmax(worst, error);
        worst_naive = fmax(worst_naive, naive);
        conv_close(&q);
    }
    printf("adjoint: worst %.1e, against the definition: worst %.1e, of %d geometries\n", worst,
           worst_naive, GEOMETRIES);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(adjoints)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
