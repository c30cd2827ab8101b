/* SPDX-License-Identifier: MIT
 *
 * Minibatch standard deviation against its definition, written out. */
#include "support.h"

#include "gan/layer.h"
#include "tape_fixture.h"

static gan_tensor *run(int64_t group, gan_tensor *x) {
    gan_module *m = gan_minibatch_stddev(group);
    gan_tensor *y = gan_module_forward(t, m, x, &GAN_PASS_TRAIN);
    gan_module_free(m);
    return y;
}

static void values(void **state) {
    const gan_real *x = VALUES(1, 2, 0, 0, 3, 2, 4, 8), a = 0.50005F;
    (void)state;
    gan_tensor *y = run(3, INPUT(t, x, 4, 2)); /* groups of 2: images 0 and 2, 1 and 3 */
    assert_tape_ok(t);
    assert_shape(y, 2, DIMS(4, 3));
    assert_values(y, VALUES(1, 2, a, 0, 0, 3, 3, 2, a, 4, 8, 3), 1e-6);
    gan_tape_reset(t);
}

/* What the channel of image n is: x [n,size], groups of g. */
static double expected(const gan_real *x, int count, int size, int g, int n) {
    int m = count / g;
    double sum = 0;
    for (int e = 0; e < size; e++) {
        double mean = 0, var = 0;
        for (int k = 0; k < g; k++) mean += (double)x[(n % m + k * m) * size + e] / g;
        for (int k = 0; k < g; k++) var += pow((double)x[(n % m + k * m) * size + e] - mean, 2) / g;
        sum += sqrt(var + 1e-8) / size;
    }
    return sum;
}

static void assert_definition(int count, int h, int w, int c, int64_t group, int g) {
    gan_rng r = gan_rng_make(1, 2, (uint64_t)count);
    gan_tensor *x = random_input(t, &r, 4, DIMS(count, h, w, c)), *y = run(group, x);
    assert_tape_ok(t);
    assert_shape(y, 4, DIMS(count, h, w, c + 1));
    const gan_real *from = gan_tensor_data(x), *to = gan_tensor_data(y);
    for (int n = 0; n < count; n++) {
        double want = expected(gan_tensor_data(x), count, h * w * c, g, n);
        for (int p = 0; p < h * w; p++, from += c, to += c + 1) {
            assert_memory_equal(from, to, (size_t)c * sizeof *from);
            assert_true(fabs((double)to[c] - want) < 1e-6);
        }
    }
    gan_tape_reset(t);
}

/* The largest divisor of the batch up to the group given. */
static void groups(void **state) {
    static const int rows[][3] = {{8, 4, 4}, {6, 4, 3}, {7, 4, 1}, {4, 9, 4}, {1, 4, 1}, {9, 1, 1}};
    (void)state;
    for (int i = 0; i < COUNT(rows); i++)
        assert_definition(rows[i][0], 2, 3, 2, rows[i][1], rows[i][2]);
}

static void mixes_on_purpose(void **state) {
    (void)state;
    gan_module *m = gan_minibatch_stddev(4), *both = gan_sequential("main");
    assert_int_equal(gan_module_mixes_batch(m), GAN_MIXES_ON_PURPOSE);
    gan_module_add(both, NULL, m);
    gan_module_add(both, NULL, gan_batch_norm_layer(2));
    assert_int_equal(gan_module_mixes_batch(both), GAN_MIXES_ON_PURPOSE | GAN_MIXES_STATISTICS);
    gan_module_free(both);
}

static void refused(void **state) {
    (void)state;
    assert_null(run(4, INPUT(t, NULL, 2, 3, 4)));
    assert_tape_failed(t, GAN_ESHAPE, "minibatch_stddev: x is [2,3,4], not [N,H,W,C] or [N,C]");
    assert_null(run(4, INPUT(t, NULL, 0, 4)));
    assert_tape_failed(t, GAN_ESHAPE, "minibatch_stddev: x is [0,4], not [N,H,W,C] or [N,C]");
    assert_null(run(4, NULL));
    gan_tape_reset(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(groups),
        cmocka_unit_test(mixes_on_purpose),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
