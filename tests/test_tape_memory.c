/* SPDX-License-Identifier: MIT
 *
 * Only what was asked for, and only as long as it is needed: which operations a gradient is made
 * of, which buffers it gives back, and that a repeated step allocates nothing. */
#include "support.h"

#include "gan/conv2d.h"
#include "gan/norm.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "gan/softmax.h"
#include "tensor/internal.h"

/* A generator z -> image and a discriminator image -> score, two layers each. */
typedef struct networks {
    gan_tape *t;
    gan_tensor *g1, *g2, *gamma, *beta, *d1, *d2;
} networks;

static gan_tensor *parameter(gan_rng *r, int rank, const int64_t *dim) {
    gan_tensor *w = gan_tensor_create(rank, dim);
    assert_non_null(w);
    gan_rng_fill_normal(r, gan_tensor_edit(w), (size_t)gan_tensor_size(w), 0, 0.3);
    return w;
}

static networks n;

static int setup(void **state) {
    gan_rng r = gan_rng_make(9, 1, 0);
    (void)state;
    n.t = gan_tape_create(2);
    n.g1 = parameter(&r, 4, DIMS(6, 4, 4, 8));
    n.g2 = parameter(&r, 4, DIMS(8, 4, 4, 3));
    n.gamma = parameter(&r, 1, DIMS(8));
    n.beta = parameter(&r, 1, DIMS(8));
    n.d1 = parameter(&r, 4, DIMS(8, 4, 4, 3));
    n.d2 = parameter(&r, 4, DIMS(1, 4, 4, 8));
    return !n.t;
}

static int teardown(void **state) {
    gan_tensor *const all[] = {n.g1, n.g2, n.gamma, n.beta, n.d1, n.d2};
    (void)state;
    for (int i = 0; i < COUNT(all); i++) gan_tensor_free(all[i]);
    gan_tape_free(n.t);
    return 0;
}

static gan_tensor *generate(int64_t batch) {
    gan_rng r = gan_rng_make(1, 2, 3);
    gan_tensor *z = random_input(n.t, &r, 4, DIMS(batch, 1, 1, 6));
    gan_tensor *h = gan_conv_transpose2d(n.t, z, n.g1, gan_window_square(1, 0), 0);
    h = gan_relu(n.t, gan_batch_norm(n.t, h, n.gamma, n.beta, 1e-5, NULL, NULL));
    return gan_tanh(n.t, gan_conv_transpose2d(n.t, h, n.g2, gan_window_square(2, 1), 0));
}

static gan_tensor *judge(gan_tensor *image) {
    gan_tensor *h = gan_conv2d(n.t, image, n.d1, gan_window_square(2, 1));
    h = gan_conv2d(n.t, gan_leaky_relu(n.t, h, 0.2), n.d2, gan_window_square(1, 0));
    return gan_reshape(n.t, h, 1, DIMS(-1));
}

static int recorded(const char *name) {
    int count = 0;
    for (size_t i = 0; i < n.t->node_count; i++) count += !strcmp(n.t->nodes[i]->op->name, name);
    return count;
}

/* --- which operations --- */

/* A gradient that is recorded shows what it was made of. */
static void generator_step_spares_the_discriminator(void **state) {
    gan_tensor *const wrt[] = {n.g1, n.gamma, n.beta, n.g2};
    gan_tensor *grads[4];
    (void)state;
    gan_tensor *loss = gan_binary_cross_entropy(n.t, judge(generate(4)), 1);
    assert_int_equal(recorded("conv2d"), 2);
    assert_int_equal(recorded("conv2d_input"), 2);
    gan_grad(n.t, loss, NULL, 4, wrt, grads, GAN_GRAD_RECORD);
    assert_tape_ok(n.t);
    /* Through d2, d1 to the image; then g2's weight and input; g1's weight, but not the noise. */
    assert_int_equal(recorded("conv2d_weight"), 2);
    assert_int_equal(recorded("conv2d_input"), 2 + 2);
    assert_int_equal(recorded("conv2d"), 2 + 1);
    gan_tape_reset(n.t);
}

static void discriminator_step_spares_the_generator(void **state) {
    gan_tensor *const wrt[] = {n.d1, n.d2};
    gan_tensor *grads[2];
    (void)state;
    gan_tensor *image = generate(4), *loss = gan_binary_cross_entropy(n.t, judge(image), 0);
    gan_grad(n.t, loss, NULL, 2, wrt, grads, GAN_GRAD_RECORD);
    assert_tape_ok(n.t);
    assert_int_equal(recorded("conv2d_weight"), 2);
    assert_int_equal(recorded("conv2d_input"), 2 + 1);
    assert_int_equal(recorded("conv2d"), 2);
    gan_tape_reset(n.t);
    image = generate(4), loss = gan_binary_cross_entropy(n.t, judge(image), 0);
    gan_grad(n.t, loss, NULL, 2, wrt, grads, 0);
    assert_non_null(gan_tensor_data(image)); /* the generator's values were not on the way */
    gan_grad(n.t, gan_binary_cross_entropy(n.t, judge(image), 1), NULL, 1, &n.g1, grads, 0);
    assert_tape_ok(n.t);
    assert_null(gan_tensor_data(image));
    gan_tape_reset(n.t);
}

static void last_layer_alone(void **state) {
    gan_tensor *g;
    (void)state;
    gan_grad(n.t, gan_mean_all(n.t, judge(generate(4))), NULL, 1, &n.d2, &g, GAN_GRAD_RECORD);
    assert_tape_ok(n.t);
    assert_int_equal(recorded("conv2d_weight"), 1);
    assert_int_equal(recorded("conv2d_input"), 2);
    assert_int_equal(recorded("gate"), 0);
    gan_tape_reset(n.t);
}

/* --- which buffers --- */

enum { SIDE = 1024 }; /* elements of a vector: its buffer is of exactly this size */

static size_t vectors_in_use(const gan_tape *t) {
    return gan_tape_memory(t).in_use / (SIDE * sizeof(gan_real));
}

static void buffers_come_back(void **state) {
    gan_tape *t = gan_tape_create(1);
    gan_tensor *x = gan_full(t, 1, DIMS(SIDE), 0.5), *y = x, *g, *kept = NULL;
    (void)state;
    for (int i = 0; i < 10; i++) {
        y = gan_tanh(t, gan_mul(t, y, y));
        if (i == 4) kept = gan_keep(t, y);
    }
    assert_int_equal(vectors_in_use(t), 1 + 20);
    gan_grad(t, y, NULL, 1, &x, &g, 0);
    assert_tape_ok(t);
    assert_int_equal(vectors_in_use(t), 4); /* x, the one kept, y and g */
    assert_non_null(gan_tensor_data(kept));
    gan_release(t, kept);
    assert_int_equal(vectors_in_use(t), 3);
    assert_true(gan_tape_memory(t).peak / (SIDE * sizeof(gan_real)) <= 21 + 5);
    gan_tape_reset(t);
    assert_int_equal(gan_tape_memory(t).in_use, 0);
    gan_tape_free(t);
}

/* A walk without a path gives its seed back; one that keeps gives its own scratch back. */
static void scratch_comes_back(void **state) {
    gan_tape *t = gan_tape_create(1);
    gan_tensor *x = gan_full(t, 1, DIMS(SIDE), 0.5), *z = gan_full(t, 1, DIMS(SIDE), 1), *g;
    (void)state;
    gan_tensor *y = gan_tanh(t, gan_tanh(t, x));
    gan_grad(t, y, NULL, 1, &z, &g, 0);
    assert_int_equal(vectors_in_use(t), 4 + 1);
    for (size_t k = 1; k <= 3; k++) {
        gan_grad(t, y, NULL, 1, &x, &g, GAN_GRAD_KEEP);
        assert_int_equal(vectors_in_use(t), 5 + k);
    }
    gan_grad(t, y, NULL, 1, &x, &g, 0);
    assert_int_equal(vectors_in_use(t), 5 + 3 + 1 - 1);
    gan_tensor *a = gan_detach(t, x), *b = gan_reshape(t, x, 2, DIMS(-1, 4));
    assert_int_equal(vectors_in_use(t), 8); /* views share */
    gan_release(t, x);
    assert_int_equal(vectors_in_use(t), 8);
    gan_release(t, a), gan_release(t, b);
    assert_int_equal(vectors_in_use(t), 7);
    assert_tape_ok(t);
    gan_tape_free(t);
}

/* --- steps of two kinds --- */

static void discriminator_step(void) {
    gan_tensor *const wrt[] = {n.d1, n.d2};
    gan_tensor *grads[2], *real = gan_full(n.t, 4, DIMS(8, 8, 8, 3), 0.1);
    gan_tensor *fake = gan_detach(n.t, generate(8));
    gan_tensor *loss = gan_add(n.t, gan_binary_cross_entropy(n.t, judge(real), 1),
                               gan_binary_cross_entropy(n.t, judge(fake), 0));
    gan_tensor *slope, *mixed = gan_detach(n.t, gan_scale(n.t, gan_add(n.t, real, fake), 0.5));
    gan_grad(n.t, judge(mixed), NULL, 1, &mixed, &slope, GAN_GRAD_RECORD);
    gan_tensor *penalty = gan_mean_all(n.t, gan_square(n.t, slope));
    gan_grad(n.t, gan_add(n.t, loss, penalty), NULL, 2, wrt, grads, 0);
    assert_tape_ok(n.t);
    gan_tape_reset(n.t);
}

static void generator_step(void) {
    gan_tensor *const wrt[] = {n.g1, n.gamma, n.beta, n.g2};
    gan_tensor *grads[4];
    gan_grad(n.t, gan_binary_cross_entropy(n.t, judge(generate(12)), 1), NULL, 4, wrt, grads, 0);
    assert_tape_ok(n.t);
    gan_tape_reset(n.t);
}

static void steps_allocate_nothing(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) discriminator_step(), generator_step();
    gan_tape_usage before = gan_tape_memory(n.t);
    size_t nodes = n.t->node_cap, tensors = n.t->tensor_cap;
    for (int i = 0; i < 6; i++) {
        if (i % 3 != 1) discriminator_step();
        if (i % 2 == 0) generator_step();
    }
    gan_tape_usage after = gan_tape_memory(n.t);
    assert_int_equal(after.allocations, before.allocations);
    assert_int_equal(after.held, before.held);
    assert_int_equal(after.peak, before.peak);
    assert_int_equal(after.in_use, 0);
    assert_true(after.held >= after.peak);
    assert_int_equal(n.t->node_cap, nodes);
    assert_int_equal(n.t->tensor_cap, tensors);
}

/* Gradients of the two steps do not depend on what ran before. */
static void steps_repeat(void **state) {
    gan_tensor *g;
    double first = 0;
    (void)state;
    for (int i = 0; i < 3; i++) {
        gan_grad(n.t, gan_mean_all(n.t, judge(generate(5))), NULL, 1, &n.g1, &g, 0);
        double norm = gan_tensor_item(gan_sum_all(n.t, gan_square(n.t, g)));
        assert_tape_ok(n.t);
        if (!i) first = norm;
        assert_true(norm == first && norm > 0);
        gan_tape_reset(n.t);
        discriminator_step();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generator_step_spares_the_discriminator),
        cmocka_unit_test(discriminator_step_spares_the_generator),
        cmocka_unit_test(last_layer_alone),
        cmocka_unit_test(buffers_come_back),
        cmocka_unit_test(scratch_comes_back),
        cmocka_unit_test(steps_allocate_nothing),
        cmocka_unit_test(steps_repeat),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
