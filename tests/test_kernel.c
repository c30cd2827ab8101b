/* SPDX-License-Identifier: MIT
 *
 * Kernels on whole numbers, whose sums are exact in float: equal to a naive loop, across the
 * borders of tiles, ranges and splits. */
#include "conv_naive.h"
#include "kernel/gemm.h"
#include "kernel/product.h"
#include "kernel/shape.h"

static gan_real *numbers(int64_t n) {
    gan_real *x = malloc((size_t)(n ? n : 1) * sizeof *x);
    assert_non_null(x);
    return x;
}

static gan_real *whole(gan_rng *r, int64_t n) {
    gan_real *x = numbers(n);
    fill_whole(r, x, n, 3);
    return x;
}

/* Also equal where it was never written: results start as NaN. */
static void spoil(gan_real *x, int64_t n) {
    memset(x, 0xff, (size_t)n * sizeof *x);
}

/* --- convolution --- */

static const char *const roles[] = {"x", "w", "y"};

static void must_be_exact(gan_rng *r, gan__conv g) {
    conv_case q = conv_open(g);
    for (int k = 0; k < 3; k++) fill_whole(r, q.role[k], q.size[k], 3);
    for (int k = 0; k < 3; k++) {
        gan_real *a = numbers(q.size[k]), *b = numbers(q.size[k]);
        conv_naive(&q, (gan__conv_role)k, b);
        for (int m = 0; m < COUNT(conv_direct); m++) {
            q.g.method = conv_direct[m];
            spoil(a, q.size[k]);
            conv_kernel(&q, (gan__conv_role)k, a, 2);
            for (int64_t i = 0; i < q.size[k]; i++)
                if (a[i] != b[i]) conv_describe(&q.g, roles[k]);
        }
        free(a);
        free(b);
    }
    conv_close(&q);
}

static void conv_random_geometries(void **state) {
    gan_rng r = gan_rng_make(3, 1, 0);
    (void)state;
    for (int i = 0; i < 250; i++) must_be_exact(&r, conv_random(&r));
}

/* n h w c, k kh kw, stride, pad */
static const int borders[][9] = {
    {1, 1, 1, 3, 2, 1, 1, 1, 0},    {1, 1, 127, 3, 5, 1, 1, 1, 0},
    {1, 8, 16, 3, 5, 1, 1, 1, 0},   {1, 1, 129, 3, 5, 1, 1, 1, 0},
    {3, 9, 19, 4, 3, 3, 3, 1, 1},   {128, 4, 4, 5, 3, 4, 4, 1, 0},
    {129, 4, 4, 5, 3, 4, 4, 1, 0},  {130, 2, 2, 3, 4, 2, 2, 2, 0},
    {33, 4, 4, 2, 3, 4, 4, 2, 1},   {65, 2, 2, 2, 3, 1, 1, 1, 0},
    {2, 6, 6, 31, 4, 3, 3, 1, 1},   {2, 6, 6, 32, 4, 3, 3, 1, 1},
    {2, 6, 6, 33, 4, 3, 3, 1, 1},   {1, 5, 5, 63, 3, 2, 2, 1, 0},
    {1, 5, 5, 127, 3, 2, 2, 1, 0},  {1, 5, 5, 128, 3, 2, 2, 1, 0},
    {1, 5, 5, 129, 3, 2, 2, 1, 0},  {1, 4, 4, 255, 2, 2, 2, 2, 0},
    {1, 4, 4, 256, 2, 2, 2, 2, 0},  {1, 4, 4, 257, 2, 2, 2, 2, 0},
    {2, 4, 4, 600, 3, 4, 4, 2, 1},  {1, 12, 12, 1100, 2, 1, 1, 1, 0},
    {1, 32, 32, 3, 4, 4, 4, 2, 1},  {4, 33, 32, 3, 4, 3, 3, 1, 1},
    {5, 32, 32, 1, 3, 3, 3, 1, 1},  {2, 32, 33, 40, 3, 1, 2, 1, 0},
    {9, 32, 32, 33, 2, 1, 1, 1, 0}, {20, 32, 32, 2, 2, 1, 1, 1, 0},
    {1, 3, 3, 2, 130, 3, 3, 1, 1},  {2, 8, 8, 16, 257, 4, 4, 2, 1},
    {66, 32, 32, 1, 3, 4, 4, 2, 1}, {1, 9, 9, 320, 5, 3, 3, 2, 1},
    {17, 7, 7, 2, 100, 7, 7, 1, 0},
};

static void conv_borders(void **state) {
    gan_rng r = gan_rng_make(4, 1, 0);
    (void)state;
    for (int i = 0; i < COUNT(borders); i++) {
        const int *b = borders[i];
        must_be_exact(&r, (gan__conv){.n = b[0],
                                      .h = b[1],
                                      .w = b[2],
                                      .c = b[3],
                                      .k = b[4],
                                      .kh = b[5],
                                      .kw = b[6],
                                      .sh = b[7],
                                      .sw = b[7],
                                      .ph = b[8],
                                      .pw = b[8]});
    }
}

/* --- matrix products --- */

static void naive_product(int ta, int tb, int64_t m, int64_t n, int64_t k, const gan_real *a,
                          const gan_real *b, gan_real *c) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            gan_real sum = 0;
            for (int64_t e = 0; e < k; e++)
                sum += a[ta ? e * m + i : i * k + e] * b[tb ? j * k + e : e * n + j];
            c[i * n + j] = sum;
        }
}

static void must_be_product(const char *by, int ta, int tb, const int64_t *dim, const gan_real *a,
                            const gan_real *b, const gan_real *c) {
    int64_t batch = dim[0], m = dim[1], n = dim[2], k = dim[3];
    gan_real *want = numbers(m * n);
    for (int64_t i = 0; i < batch; i++) {
        naive_product(ta, tb, m, n, k, a + i * m * k, b + i * k * n, want);
        for (int64_t e = 0; e < m * n; e++)
            if (c[i * m * n + e] != want[e])
                fail_msg("%s: %d x [%d,%d].[%d,%d], transposed %d, %d", by, (int)batch, (int)m,
                         (int)k, (int)k, (int)n, ta, tb);
    }
    free(want);
}

/* As it is chosen, and by the loops of each machine. */
static void must_multiply(gan_rng *r, int64_t batch, int64_t m, int64_t n, int64_t k) {
    const int64_t dim[] = {batch, m, n, k};
    gan_real *a = whole(r, batch * m * k), *b = whole(r, batch * k * n);
    gan_real *c = numbers(batch * m * n);
    for (int flags = 0; flags < 4; flags++) {
        int ta = flags & 1, tb = flags >> 1;
        spoil(c, batch * m * n);
        gan__gemm_run(ta, tb, batch, m, n, k, a, b, c, 2);
        must_be_product("chosen", ta, tb, dim, a, b, c);
        for (const gan__machine *const *row = gan__machines; *row; row++) {
            if (!(*row)->runs()) continue;
            spoil(c, batch * m * n);
            gan__product_run(*row, ta, tb, batch, m, n, k, a, b, c, 2);
            must_be_product((*row)->name, ta, tb, dim, a, b, c);
        }
    }
    free(a), free(b), free(c);
}

static void products(void **state) {
    static const int sides[][3] = {
        {1, 1, 1},     {1, 7, 5},      {7, 1, 5},     {5, 7, 1},     {1, 300, 64},
        {300, 1, 64},  {63, 65, 17},   {64, 128, 3},  {127, 255, 9}, {128, 256, 8},
        {129, 257, 9}, {191, 383, 4},  {192, 384, 4}, {193, 385, 4}, {320, 640, 5},
        {64, 512, 70}, {300, 70, 290}, {4, 4, 0},     {1, 3, 0},     {100, 30, 300},
    };
    gan_rng r = gan_rng_make(5, 1, 0);
    (void)state;
    for (int i = 0; i < COUNT(sides); i++)
        must_multiply(&r, 1, sides[i][0], sides[i][1], sides[i][2]);
    must_multiply(&r, 5, 3, 4, 2);
    must_multiply(&r, 3, 200, 10, 6);
    must_multiply(&r, 4, 1, 1, 9);
    must_multiply(&r, 0, 2, 2, 2);
}

/* --- sums, walks --- */

static void must_sum(gan_rng *r, int64_t a, int64_t n, int64_t b) {
    gan_real *x = whole(r, a * n * b), *y = numbers(a * b);
    void *work = malloc(gan__sum_workspace(a, n, b) + 1);
    assert_non_null(work);
    spoil(y, a * b);
    gan__sum_run(a, n, b, x, y, work, 2);
    for (int64_t i = 0; i < a * b; i++) {
        gan_real sum = 0;
        for (int64_t k = 0; k < n; k++) sum += x[(i / b * n + k) * b + i % b];
        if (y[i] != sum) fail_msg("sum of [%d][%d][%d]", (int)a, (int)n, (int)b);
    }
    free(x), free(y), free(work);
}

static void sums(void **state) {
    static const int sides[] = {1, 2, 15, 16, 17, 100, 1025};
    gan_rng r = gan_rng_make(6, 1, 0);
    (void)state;
    for (int i = 0; i < COUNT(sides) * COUNT(sides) * COUNT(sides); i++) {
        int a = sides[i % 7], n = sides[i / 7 % 7], b = sides[i / 49];
        if ((int64_t)a * n * b < 1 << 21) must_sum(&r, a, n, b);
    }
    must_sum(&r, 1, 16383, 1), must_sum(&r, 1, 16384, 1), must_sum(&r, 1, 16385, 1);
    must_sum(&r, 1, 100000, 1), must_sum(&r, 1, 70000, 3), must_sum(&r, 2, 20, 20000);
    must_sum(&r, 3, 0, 4), must_sum(&r, 0, 3, 4), must_sum(&r, 3, 4, 0);
}

/* Sums of floats that are not whole keep their digits: the blocks are joined in double. */
static void sum_precision(void **state) {
    enum { N = 1 << 22 };
    gan_real *x = numbers(N), y;
    void *work = malloc(gan__sum_workspace(1, N, 1));
    (void)state;
    assert_non_null(work);
    for (int i = 0; i < N; i++) x[i] = (gan_real)0.1;
    gan__sum_run(1, N, 1, x, &y, work, 2);
    assert_true(fabs((double)y / (N * (double)(gan_real)0.1) - 1) < 1e-5);
    free(x), free(work);
}

/* A copy with random dimensions, order and repetition, element by element. */
static void walks(void **state) {
    gan_rng r = gan_rng_make(7, 1, 0);
    (void)state;
    for (int round = 0; round < 300; round++) {
        int64_t dim[6], own[6], from[6], to[6], n = 1, at[6] = {0};
        int rank = (int)gan_rng_below(&r, 7);
        for (int i = 0; i < rank; i++) n *= dim[i] = 1 + (int64_t)gan_rng_below(&r, 4);
        gan__strides(rank, dim, own);
        for (int i = 0; i < rank; i++) from[i] = gan_rng_below(&r, 4) ? own[i] : 0;
        gan__strides(rank, dim, to);
        for (int i = rank - 1; i > 0; i--) { /* the result in another order */
            int k = (int)gan_rng_below(&r, (uint32_t)i + 1);
            int64_t d = dim[i], f = from[i];
            dim[i] = dim[k], from[i] = from[k], dim[k] = d, from[k] = f;
        }
        gan__strides(rank, dim, to);
        gan_real *x = whole(&r, n), *y = numbers(n);
        gan__copy_run(rank, dim, x, from, y, to, 2);
        for (int64_t e = 0; e < n; e++) {
            int64_t source = 0;
            for (int i = 0; i < rank; i++) source += at[i] * from[i];
            assert_true(y[e] == x[source]);
            for (int i = rank - 1; i >= 0 && ++at[i] == dim[i]; i--) at[i] = 0;
        }
        free(x), free(y);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv_random_geometries),
        cmocka_unit_test(conv_borders),
        cmocka_unit_test(products),
        cmocka_unit_test(sums),
        cmocka_unit_test(sum_precision),
        cmocka_unit_test(walks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
