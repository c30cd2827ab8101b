/* SPDX-License-Identifier: MIT
 *
 * The tape as a user sees it: sticky errors, names in messages, what gan_grad gives and what it
 * refuses. Its memory is in test_tape_memory.c. */
#include "support.h"
#include "tape_fixture.h"

#include "gan/matmul.h"
#include "gan/pointwise.h"
#include "gan/shape.h"

static gan_tensor *vector(gan_real a, gan_real b) {
    return INPUT(t, VALUES(a, b), 2);
}

/* d sum(out) / d x, or NULL */
static gan_tensor *gradient(gan_tensor *out, gan_tensor *x, unsigned flags) {
    gan_tensor *g = x;
    gan_grad(t, out, NULL, 1, &x, &g, flags);
    return g;
}

static void expect(const gan_tensor *x, gan_real a, gan_real b) {
    assert_tape_ok(t);
    assert_shape(x, 1, DIMS(2));
    assert_values(x, VALUES(a, b), 1e-6);
}

/* --- errors --- */

static void errors_stick(void **state) {
    gan_tensor *x = vector(1, 2), *w = INPUT(t, NULL, 3, 3), *g = x;
    (void)state;
    gan_tensor *y = gan_tanh(t, gan_matmul(t, gan_reshape(t, x, 2, DIMS(1, 2)), w, 0));
    assert_null(y);
    assert_null(gan_mean_all(t, gan_square(t, gan_sub(t, y, x))));
    assert_null(gan_exp(t, x));
    assert_null(gan_input(t, 1, DIMS(1), NULL));
    assert_null(gan_tape_fail(t, GAN_EDATA, "later"));
    assert_int_equal(gan_grad(t, x, NULL, 1, &x, &g, 0), GAN_ESHAPE);
    assert_null(g);
    assert_tape_failed(t, GAN_ESHAPE, "matmul: [1,2] does not fit [3,3]");
    assert_int_equal(gan_tape_status(t), GAN_OK);
    assert_string_equal(gan_tape_error(t)->text, "");
    expect(gan_square(t, vector(1, 2)), 1, 4);
    assert_null(gan_tape_fail(t, GAN_EDATA, "%d of %s", 3, "ours"));
    assert_tape_failed(t, GAN_EDATA, "3 of ours");
}

static void nothing_is_an_answer(void **state) {
    gan_tensor *none = NULL, *g = NULL;
    (void)state;
    assert_int_equal(gan_tensor_rank(NULL), 0);
    assert_int_equal(gan_tensor_dim(NULL, 0), 0);
    assert_int_equal(gan_tensor_size(NULL), 0);
    assert_null(gan_tensor_data(NULL));
    assert_null(gan_tensor_edit(NULL));
    assert_true(gan_tensor_item(NULL) == 0);
    gan_tensor_free(NULL);
    gan_tape_free(NULL);
    gan_tape_reset(NULL);
    gan_tape_push(NULL, "a");
    gan_tape_pop(NULL);
    gan_release(NULL, NULL);
    assert_null(gan_keep(NULL, NULL));
    assert_null(gan_add(NULL, NULL, NULL));
    assert_null(gan_mean_all(NULL, gan_tanh(NULL, gan_input(NULL, 1, DIMS(1), NULL))));
    assert_int_equal(gan_grad(NULL, NULL, NULL, 1, &none, &g, 0), GAN_ENOMEM);
    assert_int_equal(gan_tape_status(NULL), GAN_ENOMEM);
    assert_string_equal(gan_tape_error(NULL)->text, "there is no tape: it could not be allocated");
    assert_int_equal(gan_tape_memory(NULL).held, 0);
    assert_int_equal(gan_tape_threads(NULL), 0);
    assert_int_equal(gan_tape_recording(NULL), 0);
    gan_tensor *x = vector(3, 4);
    assert_int_equal(gan_tensor_dim(x, 1), 0);
    assert_int_equal(gan_tensor_dim(x, -1), 2);
    assert_int_equal(gan_tensor_dim(x, -2), 0);
    assert_true(gan_tensor_item(x) == 0);
}

static void names(void **state) {
    gan_tensor *x = vector(1, 2);
    (void)state;
    gan_tape_push(t, "outer");
    gan_tape_push(t, "2");
    gan_tape_push(t, "conv");
    gan_tape_pop(t);
    gan_tape_push(t, "norm");
    gan_add(t, x, INPUT(t, NULL, 3));
    gan_tape_pop(t);
    gan_tape_push(t, "ignored");
    assert_tape_failed(t, GAN_ESHAPE, "add outer.2.norm: [2] and [3] cannot be broadcast");
    for (int i = 0; i < 2; i++) {
        gan_tape_push(t, i ? "b" : "a");
        gan_tape_push(t, "c");
        gan_tape_pop(t);
    }
    gan_tape_pop(t);
    gan_tanh(t, NULL);
    assert_tape_failed(t, GAN_EINVAL, "tanh a: operand 1 is NULL");
    gan_tape_push(t, "a");
    gan_tape_push(t, "0.model");
    gan_tape_push(t, "1");
    gan_tape_pop(t);
    gan_tape_pop(t);
    gan_tanh(t, NULL);
    assert_tape_failed(t, GAN_EINVAL, "tanh a: operand 1 is NULL");
    gan_tape_push(t, "a");
    gan_tape_pop(t);
    gan_tape_pop(t);
    gan_tanh(t, NULL);
    assert_tape_failed(t, GAN_EINVAL, "tanh: operand 1 is NULL");
}

static void refused_gradients(void **state) {
    gan_tensor *x = vector(1, 2), *g[2] = {x, x}, *two[2] = {x, NULL};
    (void)state;
    assert_int_equal(gan_grad(t, NULL, NULL, 1, &x, g, 0), GAN_EINVAL);
    assert_null(g[0]);
    assert_tape_failed(t, GAN_EINVAL, "grad: operand 1 is NULL");
    two[0] = vector(1, 2);
    gan_grad(t, gan_square(t, two[0]), NULL, 2, two, g, 0);
    assert_true(!g[0] && !g[1]);
    assert_tape_failed(t, GAN_EINVAL, "grad: operand 2 is NULL");
    x = vector(1, 2);
    gan_grad(t, gan_square(t, x), INPUT(t, NULL, 1, 2), 1, &x, g, 0);
    assert_null(g[0]);
    assert_tape_failed(t, GAN_ESHAPE, "grad: the seed does not have the shape of the output");
}

/* --- states --- */

static void a_second_walk(void **state) {
    gan_tensor *x = vector(1, 2), *y, *s;
    (void)state;
    gan_tape_push(t, "head");
    y = gan_square(t, x), s = gan_sum_all(t, gan_exp(t, y));
    gan_tape_pop(t);
    assert_non_null(gradient(s, x, 0));
    assert_null(gradient(s, x, 0));
    assert_tape_failed(t, GAN_ESTATE,
                       "sum head: its values were given back by an earlier gan_grad; pass "
                       "GAN_GRAD_KEEP to that one");
    x = vector(1, 2), y = gan_square(t, x);
    assert_non_null(gradient(gan_tanh(t, y), x, 0));
    assert_null(gan_tensor_data(y));
    assert_null(gan_exp(t, y));
    assert_tape_failed(t, GAN_ESTATE,
                       "exp: operand 1 was given back by gan_grad; pass GAN_GRAD_KEEP or gan_keep "
                       "it");
    x = vector(1, 2), y = gan_square(t, x);
    assert_non_null(gradient(gan_tanh(t, y), x, 0));
    assert_null(gradient(gan_sum_all(t, x), y, 0));
    assert_int_equal(gan_tape_status(t), GAN_ESTATE);
    gan_tape_reset(t);
}

static void walks_that_keep(void **state) {
    gan_tensor *x = vector(1, 2), *y = gan_square(t, x), *s = gan_sum_all(t, gan_mul(t, y, x));
    (void)state;
    expect(gradient(s, x, GAN_GRAD_KEEP), 3, 12);
    expect(gradient(s, x, GAN_GRAD_KEEP), 3, 12);
    expect(y, 1, 4);
    gan_tensor *g = gradient(s, x, GAN_GRAD_RECORD);
    expect(g, 3, 12);
    gan_tensor *gg = gradient(g, x, GAN_GRAD_RECORD);
    expect(gg, 6, 12);
    expect(gradient(gg, x, GAN_GRAD_KEEP), 6, 6);
    expect(gradient(s, x, 0), 3, 12);
    assert_null(gan_tensor_data(y));
    gan_tape_reset(t);
}

static void keep_and_release(void **state) {
    gan_tensor *x = vector(1, 2), *y = gan_square(t, x), *z = gan_keep(t, gan_exp(t, y));
    (void)state;
    gan_tensor *out = gan_tanh(t, z);
    assert_non_null(gradient(out, x, 0));
    assert_null(gan_tensor_data(y));
    assert_non_null(gan_tensor_data(z));
    assert_non_null(gan_tensor_data(out));
    assert_non_null(gan_tensor_data(x));
    gan_release(t, z);
    gan_release(t, z);
    assert_null(gan_tensor_data(z));
    gan_tensor *owned = gan_tensor_create(1, DIMS(2));
    gan_release(t, owned);
    assert_ptr_equal(gan_keep(t, owned), owned);
    assert_non_null(gan_tensor_data(owned));
    gan_tensor_free(owned);
    gan_tape_reset(t);
}

/* --- parameters that change --- */

enum { DIRECT, RESHAPED, DETACHED };

/* out = x * w, with w used in one of three ways; the gradient after w has changed. */
static void edited(gan_tensor *w, int use) {
    gan_tensor *x = vector(3, 4), *v = w;
    gan_tape_push(t, "fc");
    if (use == RESHAPED) v = gan_reshape(t, w, 2, DIMS(1, 2));
    if (use == DETACHED) v = gan_detach(t, w);
    gan_tensor *out = gan_mul(t, x, v);
    gan_tape_pop(t);
    gan_tensor_edit(w)[0] = 7;
    assert_null(gradient(out, x, 0));
    assert_tape_failed(
        t, GAN_ESTATE,
        "mul fc: operand 2 has changed since it was used; take gradients before the update");
}

static void changed_parameters(void **state) {
    gan_tensor *w = gan_tensor_create(1, DIMS(2)), *b = gan_tensor_create(1, DIMS(2));
    (void)state;
    for (int use = DIRECT; use <= DETACHED; use++) edited(w, use);
    gan_tensor *x = vector(3, 4), *part = gan_add(t, x, b), *out = gan_mul(t, x, w);
    gan_tensor_edit(b)[0] = 1; /* not on the path */
    expect(gradient(out, w, 0), 3, 4);
    gan_tensor_edit(w)[0] = 1; /* after the gradient */
    expect(gradient(gan_mul(t, vector(1, 2), w), w, 0), 1, 2);
    assert_null(gradient(gan_mul(t, part, w), x, 0));
    assert_tape_failed(t, GAN_ESTATE,
                       "add: operand 2 has changed since it was used; take gradients before the "
                       "update");
    x = vector(1, 2), out = gan_square(t, x);
    gan_tensor_edit(x)[0] = 5; /* a tensor of the tape, likewise */
    assert_null(gradient(out, x, 0));
    assert_int_equal(gan_tape_status(t), GAN_ESTATE);
    gan_tape_reset(t);
    gan_tensor_free(w);
    gan_tensor_free(b);
}

/* --- what a gradient is --- */

static void ways_to_depend(void **state) {
    gan_tensor *x = vector(2, 3), *z = vector(5, 6), *y, *g[4];
    (void)state;
    expect(gradient(gan_mul(t, x, x), x, 0), 4, 6);
    expect(gradient(gan_add(t, x, x), x, 0), 2, 2);
    expect(gradient(gan_sub(t, gan_mul(t, x, gan_mul(t, x, x)), x), x, 0), 11, 26);
    expect(gradient(gan_mul(t, x, gan_detach(t, x)), x, 0), 2, 3);
    expect(gradient(gan_detach(t, gan_square(t, x)), x, 0), 0, 0);
    expect(gradient(gan_square(t, x), z, 0), 0, 0);
    expect(gradient(gan_sign(t, x), x, 0), 0, 0);
    expect(gradient(x, x, 0), 1, 1);
    expect(gradient(x, x, GAN_GRAD_RECORD), 1, 1);
    y = gan_square(t, x);
    expect(gradient(y, y, GAN_GRAD_KEEP), 1, 1);
    expect(gradient(gan_exp(t, gan_reshape(t, gan_scale(t, y, 0), 2, DIMS(1, 2))), y, 0), 0, 0);
    y = gan_square(t, x);
    gan_tensor *const wrt[] = {x, y, z, x};
    assert_int_equal(gan_grad(t, gan_mul(t, y, y), NULL, 4, wrt, g, 0), GAN_OK);
    expect(g[0], 32, 108);
    expect(g[1], 8, 18);
    expect(g[2], 0, 0);
    expect(g[3], 32, 108);
    gan_tape_reset(t);
}

/* A walk that finds no path leaves nothing behind for the next one. */
static void walks_do_not_mix(void **state) {
    gan_tensor *x = vector(2, 3), *z = vector(5, 6), *y = gan_square(t, x);
    (void)state;
    expect(gradient(y, z, 0), 0, 0);
    expect(gradient(gan_mul(t, y, z), x, 0), 20, 36);
    gan_tape_reset(t);
}

/* Accumulation in place never writes into a buffer that somebody else can see. */
static void shared_buffers(void **state) {
    gan_tensor *x = vector(2, 3), *seed = vector(10, 20), *y, *g[2];
    (void)state;
    gan_tensor *a = gan_reshape(t, x, 2, DIMS(1, 2)), *b = gan_reshape(t, a, 1, DIMS(2));
    y = gan_add(t, gan_add(t, x, b), gan_add(t, gan_reshape(t, a, 1, DIMS(2)), x));
    assert_int_equal(gan_grad(t, y, seed, 1, &x, g, GAN_GRAD_KEEP), GAN_OK);
    expect(g[0], 40, 80);
    expect(seed, 10, 20);
    gan_tensor *const both[] = {x, y};
    assert_int_equal(gan_grad(t, y, seed, 2, both, g, 0), GAN_OK);
    expect(g[0], 40, 80);
    expect(g[1], 10, 20);
    expect(seed, 10, 20);
    expect(x, 2, 3);
    gan_tape_reset(t);
}

static void seeds(void **state) {
    gan_tensor *owned = gan_tensor_create(1, DIMS(2)), *x = vector(2, 3), *g;
    (void)state;
    gan_tensor_edit(owned)[0] = 10, gan_tensor_edit(owned)[1] = 20;
    assert_int_equal(gan_grad(t, gan_add(t, x, x), owned, 1, &x, &g, 0), GAN_OK);
    expect(g, 20, 40);
    assert_int_equal(gan_grad(t, gan_square(t, x), owned, 1, &x, &g, GAN_GRAD_RECORD), GAN_OK);
    expect(g, 40, 120);
    gan_tensor *by_seed = gradient(g, owned, 0);
    expect(by_seed, 4, 6);
    expect(owned, 10, 20);
    gan_tape_reset(t);
    gan_tensor_free(owned);
}

static void recording(void **state) {
    gan_tensor *x = vector(2, 3);
    (void)state;
    assert_int_equal(gan_tape_recording(t), 1);
    assert_int_equal(gan_tape_record(t, 0), 1);
    gan_tensor *y = gan_square(t, x);
    expect(y, 4, 9);
    assert_int_equal(gan_tape_record(t, 1), 0);
    expect(gradient(gan_mul(t, x, y), x, 0), 4, 9); /* y is a constant */
    gan_tape_record(t, 0);
    gan_tape_reset(t);
    assert_int_equal(gan_tape_recording(t), 1);
    assert_int_equal(gan_tape_threads(t), 2);
    gan_tape *own = gan_tape_create(0);
    assert_true(gan_tape_threads(own) >= 1);
    gan_tape_free(own);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_stick),
        cmocka_unit_test(nothing_is_an_answer),
        cmocka_unit_test(names),
        cmocka_unit_test(refused_gradients),
        cmocka_unit_test(a_second_walk),
        cmocka_unit_test(walks_that_keep),
        cmocka_unit_test(keep_and_release),
        cmocka_unit_test(changed_parameters),
        cmocka_unit_test(ways_to_depend),
        cmocka_unit_test(walks_do_not_mix),
        cmocka_unit_test(shared_buffers),
        cmocka_unit_test(seeds),
        cmocka_unit_test(recording),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
