/* SPDX-License-Identifier: MIT
 *
 * What operations compute, and what they refuse: values against the formula or by hand, and the
 * exact message of each refusal. Gradients are in the gradcheck tests. */
#include "support.h"
#include "tape_fixture.h"

#include "gan/conv2d.h"
#include "gan/matmul.h"
#include "gan/norm.h"
#include "gan/pointwise.h"
#include "gan/resample.h"
#include "gan/shape.h"
#include "gan/softmax.h"

/* --- pointwise --- */

static gan_tensor *leaky(gan_tape *tape, gan_tensor *x) {
    return gan_leaky_relu(tape, x, 0.2);
}
static gan_tensor *clamp(gan_tape *tape, gan_tensor *x) {
    return gan_clamp(tape, x, -1, 0.5);
}
static gan_tensor *affine(gan_tape *tape, gan_tensor *x) {
    return gan_affine(tape, x, -2, 3);
}
static double f_affine(double v) {
    return -2 * v + 3;
}
static double f_rsqrt(double v) {
    return v > 0 ? 1 / sqrt(v) : 0;
}
static double f_sign(double v) {
    return (v > 0) - (v < 0);
}
static double f_square(double v) {
    return v * v;
}
static double f_sigmoid(double v) {
    return 1 / (1 + exp(-v));
}
static double f_softplus(double v) {
    return v > 30 ? v : log1p(exp(v));
}
static double f_gelu(double v) {
    return v * erfc(-v / sqrt(2)) / 2;
}
static double f_gelu_slope(double v) {
    return erfc(-v / sqrt(2)) / 2 + v * exp(-v * v / 2) / sqrt(8 * atan(1));
}
static double f_relu(double v) {
    return v > 0 ? v : 0;
}
static double f_leaky(double v) {
    return v > 0 ? v : 0.2 * v;
}
static double f_clamp(double v) {
    return v < -1 ? -1 : v > 0.5 ? 0.5 : v;
}

static const struct {
    const char *name;
    gan_tensor *(*run)(gan_tape *tape, gan_tensor *x);
    double (*want)(double v);
    int positive;
} unary[] = {
    {"affine", affine, f_affine, 0},
    {"exp", gan_exp, exp, 0},
    {"log", gan_log, log, 1},
    {"sqrt", gan_sqrt, sqrt, 1},
    {"rsqrt", gan_rsqrt, f_rsqrt, 0},
    {"abs", gan_abs, fabs, 0},
    {"sign", gan_sign, f_sign, 0},
    {"square", gan_square, f_square, 0},
    {"tanh", gan_tanh, tanh, 0},
    {"sigmoid", gan_sigmoid, f_sigmoid, 0},
    {"softplus", gan_softplus, f_softplus, 0},
    {"gelu", gan_gelu, f_gelu, 0},
    {"gelu_slope", gan_gelu_slope, f_gelu_slope, 0},
    {"relu", gan_relu, f_relu, 0},
    {"leaky_relu", leaky, f_leaky, 0},
    {"clamp", clamp, f_clamp, 0},
};

/* 40001 numbers, more than two tiles, in [-5,5] or (0,5]. */
static void unary_values(void **state) {
    (void)state;
    for (int i = 0; i < COUNT(unary); i++) {
        gan_tensor *x = gan_input(t, 1, DIMS(40001), NULL);
        gan_real *data = gan_tensor_edit(x);
        for (int k = 0; k < 40001; k++) data[k] = (gan_real)((k - 20000) / 4000.0);
        for (int k = 0; unary[i].positive && k < 40001; k++) data[k] = (gan_real)((k + 1) / 8000.0);
        const gan_real *y = gan_tensor_data(unary[i].run(t, x));
        assert_non_null(y);
        for (int k = 0; k < 40001; k++) {
            double want = unary[i].want((double)data[k]);
            if (fabs((double)y[k] - want) > 1e-6 * fmax(1, fabs(want)))
                fail_msg("%s(%g) = %g", unary[i].name, (double)data[k], (double)y[k]);
        }
        gan_tape_reset(t);
    }
}

/* Far from 0 nothing overflows; at 0 and at bounds values are as documented. */
static void extremes(void **state) {
    const gan_real *far = VALUES(-1000, -100, 0, 100, 1000);
    (void)state;
    EXPECT(gan_softplus(t, INPUT(t, far, 5)), VALUES(0, 0, 0.69314718F, 100, 1000), 5);
    EXPECT(gan_sigmoid(t, INPUT(t, far, 5)), VALUES(0, 0, 0.5F, 1, 1), 5);
    EXPECT(gan_tanh(t, INPUT(t, far, 5)), VALUES(-1, -1, 0, 1, 1), 5);
    EXPECT(gan_gelu(t, INPUT(t, far, 5)), VALUES(0, 0, 0, 100, 1000), 5);
    EXPECT(gan_gelu_slope(t, INPUT(t, far, 5)), VALUES(0, 0, 0.5F, 1, 1), 5);
    EXPECT(gan_rsqrt(t, INPUT(t, VALUES(-1, 0, 4), 3)), VALUES(0, 0, 0.5F), 3);
    EXPECT(gan_softmax(t, INPUT(t, far, 5)), VALUES(0, 0, 0, 0, 1), 5);
    EXPECT(gan_log_softmax(t, INPUT(t, far, 5)), VALUES(-2000, -1100, -1000, -900, 0), 5);
    EXPECT(gan_binary_cross_entropy(t, INPUT(t, far, 5), 1), VALUES(220.13863F), 1);
    EXPECT(gan_binary_cross_entropy(t, INPUT(t, far, 5), 0), VALUES(220.13863F), 1);
}

/* The gradient at the kinks: 0 for sqrt, abs, clamp; the slope for leaky relu; none from NaN. */
static void gradients_at_kinks(void **state) {
    gan_tensor *(*const run[])(gan_tape *, gan_tensor *) = {gan_sqrt, gan_abs, gan_relu, leaky,
                                                            clamp};
    const gan_real at[] = {0, 0, 0, 0, 0.5F}, want[] = {0, 0, 0, 0.2F, 0};
    (void)state;
    for (int i = 0; i < COUNT(at); i++) {
        gan_tensor *x = INPUT(t, at + i, 1), *g;
        assert_int_equal(gan_grad(t, run[i](t, x), NULL, 1, &x, &g, 0), GAN_OK);
        EXPECT(g, want + i, 1);
    }
}

/* Of x = 0 the gradient is the slope, as PyTorch's. */
static void learned_slopes(void **state) {
    gan_tensor *x[2] = {INPUT(t, VALUES(-2, 0, 3, -1), 2, 2), INPUT(t, VALUES(0.25F), 1)}, *g[2];
    (void)state;
    gan_tensor *y = gan_prelu(t, x[0], x[1]), *gy = INPUT(t, VALUES(1, 2, 3, 4), 2, 2);
    assert_values(y, VALUES(-0.5F, 0, 3, -0.25F), 0);
    for (int record = 0; record < 2; record++) {
        unsigned flags = record ? GAN_GRAD_RECORD : GAN_GRAD_KEEP;
        assert_int_equal(gan_grad(t, y, gy, 2, x, g, flags), GAN_OK);
        assert_values(g[0], VALUES(0.25F, 0.5F, 3, 1), 0);
        assert_shape(g[1], 1, DIMS(1));
        assert_values(g[1], VALUES(-6), 0);
    }
}

static void broadcasting(void **state) {
    const gan_real *a = VALUES(1, 2, 3, 4, 5, 6), *row = VALUES(10, 20, 30), *column = VALUES(2, 4);
    (void)state;
    EXPECT(gan_add(t, INPUT(t, a, 2, 3), INPUT(t, row, 3)), VALUES(11, 22, 33, 14, 25, 36), 2, 3);
    EXPECT(gan_sub(t, INPUT(t, row, 3), INPUT(t, a, 2, 3)), VALUES(9, 18, 27, 6, 15, 24), 2, 3);
    EXPECT(gan_mul(t, INPUT(t, a, 2, 3), INPUT(t, column, 2, 1)), VALUES(2, 4, 6, 16, 20, 24), 2,
           3);
    EXPECT(gan_div(t, INPUT(t, row, 3), INPUT(t, column, 2, 1)), VALUES(5, 10, 15, 2.5F, 5, 7.5F),
           2, 3);
    EXPECT(gan_add(t, INPUT(t, row, 3, 1), INPUT(t, column, 1, 1, 2)),
           VALUES(12, 14, 22, 24, 32, 34), 1, 3, 2);
    EXPECT(gan_mul(t, gan_full(t, 0, NULL, 3), INPUT(t, row, 3)), VALUES(30, 60, 90), 3);
    gan_tensor *empty = gan_add(t, gan_input(t, 2, DIMS(0, 3), NULL), INPUT(t, row, 3));
    assert_tape_ok(t);
    assert_shape(empty, 2, DIMS(0, 3));
}

/* --- shape --- */

/* More than a tile of rows, short and long, against element by element. */
static void permute_many(void **state) {
    (void)state;
    static const int64_t inner[] = {1, 2, 3, 4, 8, 15, 16, 17};
    for (size_t c = 0; c < sizeof inner / sizeof *inner; c++) {
        const int64_t n = inner[c], b = 90, d = 70, size = 3 * b * d * n;
        gan_tensor *x = INPUT(t, NULL, 3, b, d, n);
        gan_real *from = gan_tensor_edit(x);
        for (int64_t i = 0; i < size; i++) from[i] = (gan_real)i;
        const gan_real *y = gan_tensor_data(gan_permute(t, x, (const int[]){0, 2, 1, 3}));
        for (int64_t i = 0; i < size; i++) {
            int64_t k = i % n, row = i / n % b, column = i / n / b % d, first = i / n / b / d;
            assert_true(y[i] == from[((first * b + row) * d + column) * n + k]);
        }
        gan_tape_reset(t);
    }
}

static void moving(void **state) {
    const gan_real *a = VALUES(1, 2, 3, 4, 5, 6);
    gan_tensor *both[2];
    (void)state;
    EXPECT(gan_reshape(t, INPUT(t, a, 2, 3), 3, DIMS(3, 1, -1)), a, 3, 1, 2);
    EXPECT(gan_permute(t, INPUT(t, a, 2, 3), (const int[]){1, 0}), VALUES(1, 4, 2, 5, 3, 6), 3, 2);
    EXPECT(gan_permute(t, INPUT(t, a, 1, 2, 3), (const int[]){2, 0, 1}), VALUES(1, 4, 2, 5, 3, 6),
           3, 1, 2);
    EXPECT(gan_slice(t, INPUT(t, a, 2, 3), -1, 1, 2), VALUES(2, 3, 5, 6), 2, 2);
    EXPECT(gan_slice(t, INPUT(t, a, 3, 2), 0, 2, 1), VALUES(5, 6), 1, 2);
    EXPECT(gan_slice(t, INPUT(t, a, 3, 2), 0, 3, 0), NULL, 0, 2);
    EXPECT(gan_pad(t, INPUT(t, a, 2, 3), 1, 1, 0), VALUES(0, 1, 2, 3, 0, 4, 5, 6), 2, 4);
    EXPECT(gan_pad(t, INPUT(t, a, 1, 3), -2, 0, 2), VALUES(1, 2, 3, 0, 0, 0, 0, 0, 0), 3, 3);
    both[0] = INPUT(t, a, 2, 1), both[1] = INPUT(t, a, 2, 2);
    EXPECT(gan_concat(t, 2, both, -1), VALUES(1, 1, 2, 2, 3, 4), 2, 3);
    both[0] = INPUT(t, a, 1, 2), both[1] = INPUT(t, a, 2, 2);
    EXPECT(gan_concat(t, 2, both, 0), VALUES(1, 2, 1, 2, 3, 4), 3, 2);
}

static void sums(void **state) {
    const gan_real *a = VALUES(1, 2, 3, 4, 5, 6);
    (void)state;
    EXPECT(gan_broadcast(t, INPUT(t, a, 2, 1), 3, DIMS(2, 2, 2)), VALUES(1, 1, 2, 2, 1, 1, 2, 2), 2,
           2, 2);
    EXPECT(gan_sum_to(t, INPUT(t, a, 2, 3), 1, DIMS(3)), VALUES(5, 7, 9), 3);
    EXPECT(gan_sum_to(t, INPUT(t, a, 1, 2, 3), 2, DIMS(2, 1)), VALUES(6, 15), 2, 1);
    EXPECT(gan_sum(t, INPUT(t, a, 2, 3), 1), VALUES(5, 7, 9), 1, 3);
    EXPECT(gan_sum(t, INPUT(t, a, 3, 1, 2), 5), VALUES(21), 1, 1, 1);
    EXPECT(gan_sum(t, INPUT(t, a, 2, 3), 0), a, 2, 3);
    EXPECT(gan_mean(t, INPUT(t, a, 2, 3), 2), VALUES(2, 5), 2, 1);
    EXPECT(gan_sum_all(t, INPUT(t, a, 2, 3)), VALUES(21), 1);
    EXPECT(gan_mean_all(t, INPUT(t, a, 2, 3)), VALUES(3.5F), 1);
    EXPECT(gan_sum_all(t, gan_full(t, 0, NULL, 4)), VALUES(4), 1);
    EXPECT(gan_sum_all(t, gan_input(t, 2, DIMS(3, 0), NULL)), VALUES(0), 1);
    EXPECT(gan_sum_to(t, gan_input(t, 2, DIMS(0, 3), NULL), 1, DIMS(3)), VALUES(0, 0, 0), 3);
    gan_tensor *number = gan_sum_to(t, INPUT(t, a, 2, 3), 0, NULL);
    assert_shape(number, 0, NULL);
    assert_true(gan_tensor_item(number) == 21);
}

/* --- matrix products, images --- */

static void products(void **state) {
    const gan_real *a = VALUES(1, 2, 3, 4, 5, 6), *b = VALUES(1, 0, -1, 2, 1, 1);
    (void)state;
    EXPECT(gan_matmul(t, INPUT(t, a, 2, 3), INPUT(t, b, 3, 2), 0), VALUES(2, 7, 5, 16), 2, 2);
    EXPECT(gan_matmul(t, INPUT(t, a, 2, 3), INPUT(t, b, 2, 3), GAN_TRANSPOSE_B),
           VALUES(-2, 7, -2, 19), 2, 2);
    EXPECT(gan_matmul(t, INPUT(t, a, 3, 1, 2), INPUT(t, b, 3, 2, 1), 0), VALUES(1, 5, 11), 3, 1, 1);
    EXPECT(gan_matmul(t, gan_input(t, 2, DIMS(2, 0), NULL), gan_input(t, 2, DIMS(0, 1), NULL), 0),
           VALUES(0, 0), 2, 1);
}

static void images(void **state) {
    const gan_real *x = VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9), *w = VALUES(1, 2, 3, 4);
    const gan_window g = gan_window_square(1, 0), two = gan_window_square(2, 0);
    (void)state;
    EXPECT(gan_conv2d(t, INPUT(t, x, 1, 3, 3, 1), INPUT(t, w, 1, 2, 2, 1), g),
           VALUES(37, 47, 67, 77), 1, 2, 2, 1);
    EXPECT(gan_conv2d(t, INPUT(t, x, 1, 3, 3, 1), INPUT(t, w, 2, 1, 2, 1), two),
           VALUES(5, 11, 23, 53), 1, 2, 1, 2);
    EXPECT(gan_conv_transpose2d(t, INPUT(t, w, 1, 2, 2, 1), INPUT(t, w, 1, 2, 2, 1), two, 0),
           VALUES(1, 2, 2, 4, 3, 4, 6, 8, 3, 6, 4, 8, 9, 12, 12, 16), 1, 4, 4, 1);
    EXPECT(gan_conv_transpose2d(t, INPUT(t, w, 1, 1, 1, 1), INPUT(t, w, 1, 2, 2, 1), two, 1),
           VALUES(1, 2, 0, 3, 4, 0, 0, 0, 0), 1, 3, 3, 1);
    EXPECT(gan_conv2d_weight(t, INPUT(t, x, 1, 3, 3, 1), INPUT(t, w, 1, 2, 2, 1), g, 2, 2),
           VALUES(37, 47, 67, 77), 1, 2, 2, 1);
    EXPECT(gan_upsample_nearest(t, INPUT(t, x, 1, 1, 2, 1), 2), VALUES(1, 1, 2, 2, 1, 1, 2, 2), 1,
           2, 4, 1);
    EXPECT(gan_average_pool(t, INPUT(t, x, 1, 2, 2, 2), 2), VALUES(4, 5), 1, 1, 1, 2);
}

/* The largest of neighbours, the first of equal ones; a NaN is not lost. */
static void maxouts(void **state) {
    const gan_real *values = VALUES(1, -5, 3, -6, 2, -4, 7, 0, 0, 0, 7, 0);
    (void)state;
    EXPECT(gan_maxout(t, INPUT(t, values, 2, 6), 3), VALUES(3, -4, 7, 0), 2, 2);
    EXPECT(gan_maxout(t, INPUT(t, values, 2, 6), 1), values, 2, 6);
    gan_tensor *x = INPUT(t, values, 2, 6), *g;
    gan_grad(t, gan_maxout(t, x, 3), INPUT(t, VALUES(1, 2, 3, 4), 2, 2), 1, &x, &g, 0);
    EXPECT(g, VALUES(0, 0, 1, 0, 0, 2, 3, 4, 0, 0, 0, 0), 2, 6);
    x = gan_full(t, 2, (int64_t[]){2, 0}, 1); /* of nothing, nothing */
    gan_tensor *y = gan_maxout(t, x, 3);
    assert_int_equal(gan_tape_status(t), GAN_OK);
    assert_int_equal(gan_tensor_dim(y, 0), 2);
    assert_int_equal(gan_tensor_size(y), 0);
    assert_int_equal(gan_grad(t, y, y, 1, &x, &g, 0), GAN_OK);
    for (int i = 0; i < 3; i++) {
        gan_tensor *n = INPUT(t, VALUES(1, 2, 3), 3);
        gan_tensor_edit(n)[i] = NAN;
        assert_true(isnan((double)gan_tensor_data(gan_maxout(t, n, 3))[0]));
        gan_tape_reset(t);
    }
}

/* The numbers need not outlive the call; rows that are not taken have the gradient 0. */
static void embeddings(void **state) {
    const gan_real *values = VALUES(1, 2, 3, 4, 5, 6, 7, 8);
    int rows[] = {2, 0, 2, 1};
    (void)state;
    gan_tensor *table = INPUT(t, values, 4, 2), *y = gan_embedding(t, table, 4, rows), *g;
    memset(rows, -1, sizeof rows);
    assert_values(y, VALUES(5, 6, 1, 2, 5, 6, 3, 4), 0);
    gan_grad(t, y, INPUT(t, VALUES(1, 2, 3, 4, 10, 20, 5, 6), 4, 2), 1, &table, &g, 0);
    EXPECT(g, VALUES(3, 4, 5, 6, 11, 22, 0, 0), 4, 2);
    EXPECT(gan_embedding(t, INPUT(t, values, 4, 2), 0, rows), NULL, 0, 2);
}

/* --- norms, softmax --- */

static void norms(void **state) {
    const gan_real *x = VALUES(1, 10, 3, 30), *gamma = VALUES(2, 1), *beta = VALUES(0, 5);
    gan_real mean[2], var[2];
    (void)state;
    EXPECT(
        gan_batch_norm(t, INPUT(t, x, 2, 2), INPUT(t, gamma, 2), INPUT(t, beta, 2), 0, mean, var),
        VALUES(-2, 4, 2, 6), 2, 2);
    assert_true(mean[0] == 2 && mean[1] == 20 && var[0] == 1 && var[1] == 100);
    EXPECT(gan_batch_norm(t, INPUT(t, x, 2, 2), NULL, NULL, 3, NULL, NULL),
           VALUES(-0.5F, -0.98532928F, 0.5F, 0.98532928F), 2, 2);
    EXPECT(gan_batch_norm_fixed(t, INPUT(t, x, 2, 2), INPUT(t, gamma, 2), INPUT(t, beta, 2), 0,
                                INPUT(t, VALUES(1, 0), 2), INPUT(t, VALUES(4, 100), 2)),
           VALUES(0, 6, 2, 8), 2, 2);
    EXPECT(gan_group_norm(t, INPUT(t, x, 2, 2), 1, NULL, NULL, 0), VALUES(-1, 1, -1, 1), 2, 2);
    EXPECT(gan_group_norm(t, INPUT(t, x, 1, 2, 1, 2), 2, INPUT(t, gamma, 2), INPUT(t, beta, 2), 0),
           VALUES(-2, 4, 2, 6), 1, 2, 1, 2);
}

/* Far from 0 the variance keeps its digits. */
static void norm_precision(void **state) {
    gan_real mean, var;
    gan_tensor *x = gan_input(t, 2, DIMS(50000, 1), NULL);
    gan_real *data = gan_tensor_edit(x);
    (void)state;
    for (int i = 0; i < 50000; i++) data[i] = (gan_real)(10000 + i % 2);
    gan_batch_norm(t, x, NULL, NULL, 1e-5, &mean, &var);
    assert_tape_ok(t);
    assert_true(fabs((double)var - 0.25) < 1e-6 && fabs((double)mean - 10000.5) < 1e-2);
}

static void entropies(void **state) {
    const gan_real *x = VALUES(0, 0, 0.69314718F, 1.0986123F, 0, 0);
    const int labels[] = {2, 0};
    (void)state;
    EXPECT(gan_softmax(t, INPUT(t, x, 2, 3)), VALUES(0.25F, 0.25F, 0.5F, 0.6F, 0.2F, 0.2F), 2, 3);
    EXPECT(gan_log_softmax(t, INPUT(t, x, 3)), VALUES(-1.3862944F, -1.3862944F, -0.69314718F), 3);
    EXPECT(gan_cross_entropy(t, INPUT(t, x, 2, 3), labels), VALUES(0.60198640F), 1);
    EXPECT(gan_binary_cross_entropy(t, INPUT(t, x, 2), 1), VALUES(0.69314718F), 1);
    EXPECT(gan_binary_cross_entropy(t, INPUT(t, x + 3, 1), 0), VALUES(1.3862944F), 1);
    EXPECT(gan_binary_cross_entropy(t, INPUT(t, x + 3, 1), 0.9), VALUES(0.39754332F), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unary_values),
        cmocka_unit_test(extremes),
        cmocka_unit_test(gradients_at_kinks),
        cmocka_unit_test(learned_slopes),
        cmocka_unit_test(broadcasting),
        cmocka_unit_test(permute_many),
        cmocka_unit_test(moving),
        cmocka_unit_test(sums),
        cmocka_unit_test(products),
        cmocka_unit_test(images),
        cmocka_unit_test(maxouts),
        cmocka_unit_test(embeddings),
        cmocka_unit_test(norms),
        cmocka_unit_test(norm_precision),
        cmocka_unit_test(entropies),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
