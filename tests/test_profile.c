/* SPDX-License-Identifier: MIT
 *
 * What a profile says of computations whose operations are known. */
#include "support.h"

#include "gan/conv2d.h"
#include "gan/matmul.h"
#include "gan/norm.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "image_gen.h"
#include "tape_fixture.h"

/* The row with that part, operation and scope; a text is NULL: any. */
static const gan_profile_row *find(const gan_profile *p, const char *part, const char *op,
                                   const char *scope) {
    for (int i = 0; i < gan_profile_count(p); i++) {
        const gan_profile_row *r = gan_profile_at(p, i);
        if ((!part || !strcmp(r->part, part)) && (!op || !strcmp(r->op, op)) &&
            (!scope || !strcmp(r->scope, scope)))
            return r;
    }
    return NULL;
}

static const gan_profile_row *row(const gan_profile *p, const char *part, const char *op,
                                  const char *scope) {
    const gan_profile_row *r = find(p, part, op, scope);
    if (!r)
        fail_msg("no row of part %s, operation %s, scope %s", part ? part : "any", op ? op : "any",
                 scope ? scope : "any");
    return r;
}

static gan_profile *attach(void) {
    gan_profile *p = gan_profile_create();
    assert_non_null(p);
    gan_tape_profile(t, p);
    return p;
}

static void detach(gan_profile *p) {
    gan_tape_profile(t, NULL);
    gan_profile_free(p);
}

static void a_product_has_its_row(void **state) {
    (void)state;
    gan_profile *p = attach();
    gan_tensor *a = INPUT(t, NULL, 3, 5), *b = INPUT(t, NULL, 5, 7);
    gan_tape_push(t, "layer");
    for (int recording = 0; recording < 2; recording++) {
        gan_tape_record(t, recording);
        gan_matmul(t, a, b, 0);
    }
    assert_int_equal(gan_profile_count(p), 1);
    const gan_profile_row *r = row(p, "", "matmul", "layer");
    assert_string_equal(r->shape, "[3,7]");
    assert_int_equal(r->calls, 2);
    assert_true(r->seconds > 0 && r->seconds < 60);
    assert_true(r->flops == 2 * 2.0 * 3 * 5 * 7);
    assert_true(r->bytes == 2 * (15 + 35 + 21) * (double)sizeof(gan_real));
    assert_null(gan_profile_at(p, -1));
    assert_null(gan_profile_at(p, 1));
    detach(p);
    gan_matmul(t, a, b, 0);
    assert_tape_ok(t);
}

static void each_role_of_a_convolution_has_its_flops(void **state) {
    (void)state;
    gan_profile *p = attach();
    gan_tensor *x = INPUT(t, NULL, 2, 8, 6, 3), *w = INPUT(t, NULL, 5, 4, 4, 3), *g[2];
    gan_tensor *y = gan_conv2d(t, x, w, gan_window_square(2, 1));
    gan_tensor *wrt[] = {x, w};
    assert_int_equal(gan_grad(t, gan_sum_all(t, y), NULL, 2, wrt, g, 0), GAN_OK);
    const double flops = 2.0 * 2 * 4 * 3 * 5 * 4 * 4 * 3;
    assert_true(row(p, "", "conv2d", "")->flops == flops);
    assert_true(row(p, "", "conv2d_input", "")->flops == flops);
    assert_true(row(p, "", "conv2d_weight", "")->flops == flops);
    assert_string_equal(row(p, "", "conv2d_weight", "")->shape, "[5,4,4,3]");
    detach(p);
}

static void shapes_scopes_and_parts_tell_rows_apart(void **state) {
    (void)state;
    gan_profile *p = attach();
    gan_tensor *a = INPUT(t, NULL, 4), *b = INPUT(t, NULL, 2, 2);
    gan_exp(t, a);
    gan_exp(t, b);
    gan_tape_push(t, "x");
    gan_exp(t, a);
    gan_tape_part(t, "one", NULL);
    gan_exp(t, a);
    gan_tape_part(t, "two", NULL);
    gan_exp(t, a);
    gan_log(t, a);
    assert_int_equal(gan_profile_count(p), 6);
    for (int i = 0; i < 6; i++) assert_int_equal(gan_profile_at(p, i)->calls, 1);
    gan_tape_reset(t); /* ends the part; the profile stays */
    gan_exp(t, INPUT(t, NULL, 4));
    assert_int_equal(gan_profile_count(p), 6);
    assert_int_equal(gan_profile_at(p, 0)->calls, 2);
    gan_reshape(t, INPUT(t, NULL, 4), 2, DIMS(2, 2));
    assert_true(row(p, "", "reshape", "")->bytes == 0);
    assert_true(row(p, "", "reshape", "")->flops == 0);
    gan_profile_reset(p);
    assert_int_equal(gan_profile_count(p), 0);
    detach(p);
}

static void gradients_are_charged_to_the_part_of_their_forward(void **state) {
    (void)state;
    gan_profile *p = attach();
    gan_tensor *x = INPUT(t, NULL, 3, 4), *gx;
    gan_tape_part(t, "first", NULL);
    gan_tape_push(t, "a");
    gan_tensor *y = gan_tanh(t, x);
    gan_tape_pop(t);
    gan_tape_part(t, "second", "its gradient");
    gan_tensor *z = gan_sum_all(t, gan_add(t, gan_square(t, y), gan_exp(t, y)));
    gan_tape_part(t, "third", NULL);
    assert_int_equal(gan_grad(t, z, NULL, 1, &x, &gx, 0), GAN_OK);
    assert_true(row(p, "first", "tanh", "a")->calls == 1);
    assert_non_null(find(p, "first", "mul", "a"));
    assert_non_null(row(p, "second", "exp", ""));
    assert_null(find(p, "second", "mul", NULL));
    assert_non_null(row(p, "its gradient", "mul", ""));
    assert_true(row(p, "its gradient", "sum of gradients", "")->calls == 1);
    assert_null(find(p, "third", NULL, NULL));
    gan_exp(t, x);
    assert_non_null(row(p, "third", "exp", ""));
    detach(p);
}

/* A fused gradient, which calls no operation, is not charged to whatever comes next. */
static void a_fused_gradient_has_a_row(void **state) {
    (void)state;
    gan_profile *p = attach();
    gan_tensor *x = INPUT(t, NULL, 6, 2), *gx;
    gan_tensor *loss = gan_sum_all(t, gan_batch_norm(t, x, NULL, NULL, 1e-5, NULL, NULL));
    assert_int_equal(gan_grad(t, loss, NULL, 1, &x, &gx, 0), GAN_OK);
    const gan_profile_row *r = row(p, "", "batch_norm backward", "");
    assert_string_equal(r->shape, "[6,2]");
    assert_int_equal(r->calls, 1);
    assert_int_equal(row(p, "", "batch_norm", "")->calls, 1);
    assert_true(r->bytes == 3 * 12 * (double)sizeof(gan_real));
    detach(p);
}

static void marks_are_charged(void **state) {
    (void)state;
    gan_profile *p = gan_profile_create();
    gan_profile_start(p);
    for (int i = 0; i < 3; i++) gan_profile_mark(p, "data", "read", 2, 5);
    gan_profile_mark(NULL, "data", "read", 2, 5);
    const gan_profile_row *r = row(p, "data", "read", "");
    assert_int_equal(r->calls, 3);
    assert_true(r->flops == 6 && r->bytes == 15);
    assert_string_equal(r->shape, "");
    gan_profile_free(p);
    gan_profile_free(NULL);
    gan_tape_profile(NULL, NULL);
    gan_tape_part(NULL, "", NULL);
}

/* --- a training step: its parts, and nearly all of its time --- */

static void a_step_has_its_parts(void **state) {
    static const char *const losses[] = {"standard", "wgan", "wgan-gp"};
    static const char *const parts[] = {"data",     "D on real", "G forward", "D on fake",
                                        "update D", "G step",    "update G"};
    (void)state;
    for (int i = 0; i < COUNT(losses); i++) {
        gan_config c = gen_config((const char *const[]){"loss", losses[i], "ema", "0.9", NULL});
        gan_error err = {0};
        gan_report report;
        gen_run r;
        gan_profile *p = gan_profile_create();
        double total = 0;
        if (gen_open(&r, &c, &err)) fail_msg("%s", err.text);
        gan_trainer_profile(r.tr, p);
        if (gan_trainer_step(r.tr, &report, &err)) fail_msg("%s", err.text);
        for (int k = 0; k < COUNT(parts); k++) row(p, parts[k], NULL, NULL);
        assert_int_equal(find(p, "penalty", NULL, NULL) != NULL, i == 2);
        assert_int_equal(find(p, "update D", "clip weights", "") != NULL, i == 1);
        assert_int_equal(row(p, "data", "next batch", "")->calls, report.n_critic);
        assert_int_equal(row(p, "update G", "average", "")->calls, 1);
        assert_null(find(p, "", NULL, NULL));
        for (int k = 0; k < gan_profile_count(p); k++) total += gan_profile_at(p, k)->seconds;
        assert_true(total > 0 && total <= report.seconds);
        gen_close(&r);
        gan_profile_free(p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_product_has_its_row, setup, teardown),
        cmocka_unit_test_setup_teardown(each_role_of_a_convolution_has_its_flops, setup, teardown),
        cmocka_unit_test_setup_teardown(shapes_scopes_and_parts_tell_rows_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(gradients_are_charged_to_the_part_of_their_forward, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_fused_gradient_has_a_row, setup, teardown),
        cmocka_unit_test(marks_are_charged),
        cmocka_unit_test(a_step_has_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
