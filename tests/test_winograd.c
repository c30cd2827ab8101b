/* SPDX-License-Identifier: MIT
 *
 * In float, the error of the fast and of the direct kernels against double, on normal data: the
 * bounds that the choice of points and the short sums were made for. */
#include <math.h>

#include "conv_naive.h"

#define MOST 1.5e-6   /* of a bilinear form */
#define DIRECT 0.5e-6 /* of direct products */

/* The terms of T in double: `result` gets the products of the two others added. */
static void exact(const conv_case *q, gan__conv_role result, double *out) {
    const gan__conv *g = &q->g;
    memset(out, 0, (size_t)q->size[result] * sizeof *out);
    for (int64_t p = 0; p < g->n * g->oh * g->ow; p++)
        for (int64_t tap = 0; tap < g->kh * g->kw; tap++) {
            int64_t n = p / (g->oh * g->ow), i = p / g->ow % g->oh, j = p % g->ow;
            int64_t top = i * g->sh + tap / g->kw - g->ph, left = j * g->sw + tap % g->kw - g->pw;
            if (top < 0 || top >= g->h || left < 0 || left >= g->w) continue;
            int64_t x = ((n * g->h + top) * g->w + left) * g->c;
            for (int64_t k = 0; k < g->k; k++)
                for (int64_t c = 0; c < g->c; c++) {
                    int64_t w = (k * g->kh * g->kw + tap) * g->c + c, y = p * g->k + k;
                    const int64_t at[3] = {x + c, w, y};
                    double product = 1;
                    for (int r = 0; r < 3; r++)
                        if (r != (int)result) product *= (double)q->role[r][at[r]];
                    out[at[result]] += product;
                }
        }
}

/* NaN is the worst: fmax would pass it over. */
static double worse(double a, double b) {
    return b <= a ? a : b == b ? b : HUGE_VAL;
}

static double error_of(const conv_case *q, gan__conv_role result, const double *want) {
    gan_real *out = malloc((size_t)q->size[result] * sizeof *out);
    double difference = 0, size = 0;
    assert_non_null(out);
    conv_kernel(q, result, out, 2);
    for (int64_t i = 0; i < q->size[result]; i++) {
        double d = (double)out[i] - want[i];
        difference += d * d;
        size += want[i] * want[i];
    }
    free(out);
    return sqrt(difference / size);
}

/* n h w c, k, side: few and many tiles, channels and images */
static const int layers[][6] = {
    {4, 32, 32, 24, 32, 4},  {4, 16, 16, 64, 48, 4}, {16, 8, 8, 128, 64, 4}, {6, 14, 14, 32, 64, 4},
    {24, 16, 16, 16, 16, 3}, {4, 16, 16, 48, 32, 3}, {8, 8, 8, 96, 64, 3},
};

static void errors(void **state) {
    gan_rng r = gan_rng_make(13, 1, 0);
    double worst[2] = {0, 0};
    (void)state;
    for (int i = 0; i < COUNT(layers); i++) {
        const int *b = layers[i];
        gan__conv g = {.n = b[0], .h = b[1], .w = b[2], .c = b[3], .k = b[4], .ph = 1, .pw = 1};
        g.kh = g.kw = b[5], g.sh = g.sw = b[5] == 4 ? 2 : 1;
        conv_case q = conv_open(g);
        for (int k = 0; k < 3; k++) gan_rng_fill_normal(&r, q.role[k], (size_t)q.size[k], 0, 1);
        for (int k = 0; k < 3; k++) {
            double *want = malloc((size_t)q.size[k] * sizeof *want);
            assert_non_null(want);
            exact(&q, (gan__conv_role)k, want);
            q.g.method = GAN__CONV_AUTO;
            assert_int_equal(gan__conv_choice(&q.g, GAN__CONV_Y), GAN__CONV_WINOGRAD);
            worst[0] = worse(worst[0], error_of(&q, (gan__conv_role)k, want));
            q.g.method = GAN__CONV_IMPLICIT;
            worst[1] = worse(worst[1], error_of(&q, (gan__conv_role)k, want));
            free(want);
        }
        conv_close(&q);
    }
    print_message("relative L2 error against double: fast %.2e, direct %.2e\n", worst[0], worst[1]);
    assert_true(worst[0] > DIRECT / 10 && worst[0] < MOST);
    assert_true(worst[1] < DIRECT);
}

/* By the shape alone: a batch or a size more, and the other way is cheaper. n h c k side -> method */
static void choice(void **state) {
    static const struct {
        int n, h, c, k, side, stride, pad;
        gan__conv_method want;
    } rows[] = {
        {64, 32, 64, 128, 4, 2, 1, GAN__CONV_WINOGRAD},
        {64, 8, 256, 512, 4, 2, 1, GAN__CONV_WINOGRAD},
        {1, 8, 256, 512, 4, 2, 1, GAN__CONV_IMPLICIT},
        {64, 64, 3, 64, 4, 2, 1, GAN__CONV_IMPLICIT},
        {64, 4, 64, 64, 4, 2, 1, GAN__CONV_IMPLICIT},
        {64, 32, 64, 64, 3, 1, 1, GAN__CONV_WINOGRAD},
        {64, 32, 64, 64, 3, 2, 1, GAN__CONV_IMPLICIT},
        {64, 32, 64, 64, 1, 1, 0, GAN__CONV_IMPLICIT},
        {64, 4, 512, 1, 4, 1, 0, GAN__CONV_PRODUCT},
        {64, 7, 100, 128, 7, 1, 0, GAN__CONV_PRODUCT},
    };
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan__conv g = {.n = rows[i].n, .h = rows[i].h, .w = rows[i].h, .c = rows[i].c};
        g.k = rows[i].k, g.kh = g.kw = rows[i].side, g.sh = g.sw = rows[i].stride;
        g.ph = g.pw = rows[i].pad;
        g.oh = g.ow = conv_extent(g.h, g.kh, g.sh, g.ph);
        assert_int_equal(gan__conv_choice(&g, GAN__CONV_Y), rows[i].want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors), cmocka_unit_test(choice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
