/* SPDX-License-Identifier: MIT
 *
 * Attention against its definition in double, its memory, windows, and the layers around it. */
#include "attention_golden.h"
#include "tape_fixture.h"

#include "gan/attention.h"

/* --- the definition --- */

typedef struct sizes {
    int b, tq, tk, d, e;
    double scale, range; /* elements are in [-range,range] */
} sizes;

enum { Q, K, V, OPERANDS };

typedef struct definition {
    double *y, *g[OPERANDS];
} definition;

static double *zeros(int n) {
    double *x = calloc((size_t)n, sizeof *x);
    assert_non_null(x);
    return x;
}

static double dot(int n, const gan_real *a, const gan_real *b) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

/* One query: p[tk] its weights. */
static void weigh(const sizes *s, const gan_real *q, const gan_real *k, double *p) {
    double top = -HUGE_VAL, sum = 0;
    for (int i = 0; i < s->tk; i++) top = fmax(top, p[i] = s->scale * dot(s->d, q, k + i * s->d));
    for (int i = 0; i < s->tk; i++) sum += p[i] = exp(p[i] - top);
    for (int i = 0; i < s->tk; i++) p[i] /= sum;
}

static void define_query(const sizes *s, gan_real *const *x, const gan_real *gy, int b, int i,
                         double *p, definition *out) {
    const gan_real *q = x[Q] + (b * s->tq + i) * s->d, *k = x[K] + b * s->tk * s->d;
    const gan_real *v = x[V] + b * s->tk * s->e, *g = gy + (b * s->tq + i) * s->e;
    double mean = 0;
    weigh(s, q, k, p);
    for (int j = 0; j < s->tk; j++) mean += p[j] * dot(s->e, g, v + j * s->e);
    for (int j = 0; j < s->tk; j++) {
        double gs = s->scale * p[j] * (dot(s->e, g, v + j * s->e) - mean);
        for (int c = 0; c < s->e; c++) {
            out->y[(b * s->tq + i) * s->e + c] += p[j] * (double)v[j * s->e + c];
            out->g[V][(b * s->tk + j) * s->e + c] += p[j] * (double)g[c];
        }
        for (int c = 0; c < s->d; c++) {
            out->g[Q][(b * s->tq + i) * s->d + c] += gs * (double)k[j * s->d + c];
            out->g[K][(b * s->tk + j) * s->d + c] += gs * (double)q[c];
        }
    }
}

static definition define(const sizes *s, gan_real *const *x, const gan_real *gy) {
    definition out = {
        zeros(s->b * s->tq * s->e),
        {zeros(s->b * s->tq * s->d), zeros(s->b * s->tk * s->d), zeros(s->b * s->tk * s->e)}};
    double *p = zeros(s->tk);
    for (int b = 0; b < s->b; b++)
        for (int i = 0; i < s->tq; i++) define_query(s, x, gy, b, i, p, &out);
    free(p);
    return out;
}

/* Relative to the size of the whole, or to `least` where that is larger. */
static void assert_near(const sizes *s, const char *what, const gan_tensor *x, const double *want,
                        double least) {
    double squares = 0, off = 0, limit = 2e-6 * fmax(1, s->range * s->range * s->scale);
    for (int64_t i = 0; i < gan_tensor_size(x); i++) {
        double d = (double)gan_tensor_data(x)[i] - want[i];
        squares += want[i] * want[i], off += d * d;
    }
    double error = sqrt(off) / fmax(sqrt(squares), least);
    if (!(error <= limit))
        fail_msg("%s of [%d,%d,%d], %d keys, E %d: error %.1e", what, s->b, s->tq, s->d, s->tk,
                 s->e, error);
}

/* Each gradient alone has the bits that it has with the others. */
static void assert_alone(gan_tensor *y, gan_tensor *gy, gan_tensor *const *x,
                         gan_tensor *const *together) {
    for (int i = 0; i < OPERANDS; i++) {
        gan_tensor *g;
        gan_grad(t, y, gy, 1, x + i, &g, GAN_GRAD_KEEP);
        assert_tape_ok(t);
        assert_memory_equal(gan_tensor_data(g), gan_tensor_data(together[i]),
                            (size_t)gan_tensor_size(g) * sizeof(gan_real));
    }
}

static void check(const sizes *s) {
    static const char *const names[] = {"gradient in q", "gradient in k", "gradient in v"};
    gan_rng r = gan_rng_make(5, 1, (uint64_t)s->tk);
    gan_tensor *x[] = {INPUT(t, NULL, s->b, s->tq, s->d), INPUT(t, NULL, s->b, s->tk, s->d),
                       INPUT(t, NULL, s->b, s->tk, s->e)};
    gan_tensor *gy = random_input(t, &r, 3, DIMS(s->b, s->tq, s->e)), *fused[3], *composed[3];
    gan_real *data[OPERANDS];
    for (int i = 0; i < OPERANDS; i++) {
        data[i] = gan_tensor_edit(x[i]);
        gan_rng_fill_uniform(&r, data[i], (size_t)gan_tensor_size(x[i]), -s->range, s->range);
    }
    definition want = define(s, data, gan_tensor_data(gy));
    gan_tensor *y = gan_attention(t, x[Q], x[K], x[V], s->scale);
    gan_grad(t, y, gy, OPERANDS, x, fused, GAN_GRAD_KEEP);
    gan_grad(t, y, gy, OPERANDS, x, composed, GAN_GRAD_RECORD);
    assert_tape_ok(t);
    assert_shape(y, 3, DIMS(s->b, s->tq, s->e));
    assert_near(s, "value", y, want.y, 0);
    for (int i = 0; i < OPERANDS; i++) {
        assert_near(s, names[i], fused[i], want.g[i], s->range * s->scale);
        assert_near(s, names[i], composed[i], want.g[i], s->range * s->scale);
        free(want.g[i]);
    }
    assert_alone(y, gy, x, fused);
    free(want.y);
    gan_tape_reset(t);
}

/* Around whole tiles of 64 queries and 128 keys and lines of 16 numbers; few and many b; scores of
 * hundreds. */
static void is_its_definition(void **state) {
    static const sizes rows[] = {
        {1, 1, 1, 1, 1, 1, 1},       {2, 7, 5, 3, 4, 0.5, 1},       {1, 64, 128, 16, 16, 0.25, 1},
        {2, 65, 129, 8, 32, 0.3, 1}, {3, 150, 300, 17, 33, 0.2, 1}, {1, 130, 1, 5, 7, 1, 1},
        {40, 9, 11, 4, 6, 0.5, 1},   {1, 33, 1000, 24, 40, 0.2, 1}, {2, 1, 257, 3, 2, 1, 1},
        {1, 70, 2200, 2, 3, 0.7, 1}, {5, 16, 260, 32, 20, -0.2, 1}, {1, 20, 140, 130, 150, 0.1, 1},
        {2, 66, 140, 4, 3, 1, 20},
    };
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) check(&rows[i]);
}

/* Scores of +-1e30 choose one key; equal ones share. */
static void large_scores_do_not_overflow(void **state) {
    (void)state;
    gan_tensor *q = INPUT(t, VALUES(1e15F, -1e15F, 0), 1, 3, 1);
    gan_tensor *k = INPUT(t, VALUES(1e15F, -1e15F, 1e15F), 1, 3, 1);
    gan_tensor *v = INPUT(t, VALUES(1, 2, 6), 1, 3, 1), *x[] = {q, k, v}, *g[3];
    gan_tensor *y = gan_attention(t, q, k, v, 1);
    gan_grad(t, y, NULL, 3, x, g, 0);
    assert_tape_ok(t);
    assert_values(y, VALUES(3.5F, 2, 3), 1e-6);
    assert_values(g[2], VALUES(0.5F + 1 / 3.0F, 1 + 1 / 3.0F, 0.5F + 1 / 3.0F), 1e-6);
    for (int i = 0; i < 2; i++)
        for (int e = 0; e < 3; e++) assert_true(isfinite(gan_tensor_data(g[i])[e]));
}

static void not_a_number_is_seen(void **state) {
    (void)state;
    gan_tensor *q = INPUT(t, VALUES(1, (gan_real)NAN), 1, 2, 1),
               *k = INPUT(t, VALUES(1, 2), 1, 2, 1);
    gan_tensor *y = gan_attention(t, q, k, k, 1);
    assert_true(isfinite(gan_tensor_data(y)[0]) && isnan(gan_tensor_data(y)[1]));
}

/* One tensor of all three is what the three are, value and gradient, to the bit. */
static void self_attention_is_attention(void **state) {
    (void)state;
    enum { B = 3, T = 70, D = 5, PART = B * T * D };
    gan_rng r = gan_rng_make(7, 1, 1);
    gan_tensor *all = random_input(t, &r, 4, DIMS(3, B, T, D)), *x[3], *of_all, *g[3];
    for (int i = 0; i < 3; i++)
        x[i] = INPUT(t, gan_tensor_data(all) + (ptrdiff_t)i * PART, B, T, D);
    gan_tensor *gy = random_input(t, &r, 3, DIMS(B, T, D));
    gan_tensor *y = gan_self_attention(t, all, 0.4),
               *same = gan_attention(t, x[Q], x[K], x[V], 0.4);
    gan_grad(t, y, gy, 1, &all, &of_all, GAN_GRAD_KEEP);
    gan_grad(t, same, gy, 3, x, g, GAN_GRAD_KEEP);
    assert_tape_ok(t);
    assert_memory_equal(gan_tensor_data(y), gan_tensor_data(same), PART * sizeof(gan_real));
    for (int i = 0; i < 3; i++)
        assert_memory_equal(gan_tensor_data(of_all) + (ptrdiff_t)i * PART, gan_tensor_data(g[i]),
                            PART * sizeof(gan_real));
}

/* --- memory --- */

/* Bytes of a first-order step with so many tokens. */
static size_t step_memory(int64_t batch, int64_t tokens) {
    gan_tape *own = gan_tape_create(2);
    gan_rng r = gan_rng_make(1, 1, 1);
    gan_tensor *x[3], *g[3];
    for (int i = 0; i < 3; i++) x[i] = random_input(own, &r, 3, DIMS(batch, tokens, 16));
    gan_grad(own, gan_attention(own, x[0], x[1], x[2], 0.25), NULL, 3, x, g, 0);
    assert_tape_ok(own);
    size_t peak = gan_tape_memory(own).peak;
    gan_tape_free(own);
    return peak;
}

/* Operands, their gradients, y and its gradient are 8 x 16 numbers a token. Twice the tokens need
 * twice that, and what they need beside it is a tenth; with few sequences, whose keys are cut into
 * ranges, as much again. */
static void memory_is_linear(void **state) {
    (void)state;
    for (int64_t batch = 2; batch <= 16; batch += 14) {
        size_t few = step_memory(batch, 512), many = step_memory(batch, 1024);
        double each = 512 * (double)batch * 8 * 16 * sizeof(gan_real);
        assert_true((double)(many - few) >= each);
        assert_true((double)(many - few) <= (batch < 16 ? 3 : 1.1) * each);
        assert_true((double)(step_memory(batch, 2048) - many) <= 2 * (double)(many - few) + 4096);
    }
}

/* Where nothing is recorded, a layer leaves its result alone. */
static void layers_give_back(void **state) {
    gan_module *layers[] = {gan_self_attention_2d(16), gan_multi_head_attention(16, 4),
                            gan_token_norm_layer(16)};
    (void)state;
    for (int i = 0; i < COUNT(layers); i++) {
        gan_tensor *x = i ? INPUT(t, NULL, 2, 64, 16) : INPUT(t, NULL, 2, 8, 8, 16);
        size_t before = gan_tape_memory(t).in_use;
        gan_tape_record(t, 0);
        gan_tensor *y = gan_module_forward(t, layers[i], x, &GAN_PASS_EVAL);
        assert_tape_ok(t);
        size_t left = gan_tape_memory(t).in_use - before;
        assert_true(left < 2 * (size_t)gan_tensor_size(y) * sizeof(gan_real));
        gan_module_free(layers[i]);
        gan_tape_reset(t);
    }
}

/* --- windows --- */

static void windows(void **state) {
    gan_real x[2 * 4 * 6 * 2];
    (void)state;
    for (int i = 0; i < COUNT(x); i++) x[i] = (gan_real)i;
    gan_tensor *images = INPUT(t, x, 2, 4, 6, 2), *y = gan_windows_cut(t, images, 2);
    assert_tape_ok(t);
    assert_shape(y, 3, DIMS(12, 4, 2));
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 6; j++)
                for (int c = 0; c < 2; c++) {
                    int window = (n * 2 + i / 2) * 3 + j / 2, token = i % 2 * 2 + j % 2;
                    assert_true(gan_tensor_data(y)[(window * 4 + token) * 2 + c] ==
                                x[((n * 4 + i) * 6 + j) * 2 + c]);
                }
    assert_values(gan_windows_join(t, y, 2, 4, 6), x, 0);
    assert_shape(gan_windows_join(t, y, 2, 6, 4), 4, DIMS(2, 6, 4, 2));
}

/* --- layers --- */

static void like_pytorch(void **state) {
    (void)state;
    /* The gradient of gamma is one sum in which terms cancel; doubles hold to 1e-12. */
    golden_layers(1e-5);
}

/* gamma begins at 0 and is trained: at first the layer gives what it gets, and its gradient moves. */
static void self_attention_begins_with_nothing(void **state) {
    gan_module *m = gan_self_attention_2d(8);
    gan_parameters p;
    gan_rng r = gan_rng_make(2, 2, 2);
    (void)state;
    assert_int_equal(gan_parameters_collect(m, &p, NULL), GAN_OK);
    gan_parameters_initialise(&p, GAN_INIT_XAVIER, 1, 1);
    gan_tensor *x = random_input(t, &r, 4, DIMS(2, 3, 4, 8)), *gamma = p.item[0].value, *g;
    gan_tensor *y = gan_module_forward(t, m, x, &GAN_PASS_TRAIN);
    assert_string_equal(p.item[0].name, "gamma");
    assert_true(gan_parameter_trained(&p.item[0]));
    assert_values(y, gan_tensor_data(x), 0);
    gan_grad(t, gan_sum_all(t, gan_square(t, y)), NULL, 1, &gamma, &g, 0);
    assert_tape_ok(t);
    assert_true(fabs(gan_tensor_item(g)) > 1e-3);
    gan_parameters_free(&p);
    gan_module_free(m);
}

/* All four convolutions, and no second time; of weights that are the layer's own, none. */
static void spectral_norms_of_children(void **state) {
    gan_module *m = gan_spectral_norm(gan_self_attention_2d(16));
    gan_module *refused = gan_spectral_norm(gan_multi_head_attention(4, 2));
    gan_parameters p;
    int directions = 0;
    (void)state;
    assert_int_equal(gan_parameters_collect(m, &p, NULL), GAN_OK);
    for (int i = 0; i < p.count; i++) directions += p.item[i].role == GAN_ROLE_DIRECTION;
    assert_int_equal(directions, 8);
    assert_string_equal(p.item[1].name, "query.parametrizations.weight.original");
    gan_parameters_initialise(&p, GAN_INIT_HE, 1, 1);
    gan_spectral_update(m, 5);
    assert_non_null(gan_module_forward(t, m, INPUT(t, NULL, 1, 2, 2, 16), &GAN_PASS_TRAIN));
    gan_parameters_free(&p);
    assert_int_equal(gan_module_status(gan_spectral_norm(m)), GAN_EINVAL);
    assert_int_equal(gan_module_status(refused), GAN_EINVAL);
    gan_module_free(refused);
    gan_module_free(m);
}

static void layers_refuse(void **state) {
    gan_module *image = gan_self_attention_2d(4), *heads = gan_multi_head_attention(6, 2);
    gan_module *norm = gan_token_norm_layer(6);
    (void)state;
    gan_module_forward(t, image, INPUT(t, NULL, 2, 4), &GAN_PASS_TRAIN);
    assert_tape_failed(t, GAN_ESHAPE, "self_attention_2d: x is [2,4], not [N,H,W,C]");
    gan_module_forward(t, heads, INPUT(t, NULL, 2, 6), &GAN_PASS_TRAIN);
    assert_tape_failed(t, GAN_ESHAPE, "multi_head_attention: x is [2,6], not [N,T,6]");
    gan_module_forward(t, heads, INPUT(t, NULL, 2, 3, 4), &GAN_PASS_TRAIN);
    assert_tape_failed(t, GAN_ESHAPE, "multi_head_attention: x is [2,3,4], not [N,T,6]");
    gan_module_forward(t, norm, INPUT(t, NULL, 2, 3, 4), &GAN_PASS_TRAIN);
    assert_tape_failed(t, GAN_ESHAPE, "group_norm: gamma and beta are for 6 channels, x is [6,4]");
    gan_module_forward(t, norm, INPUT(t, NULL, 6), &GAN_PASS_TRAIN);
    assert_tape_failed(t, GAN_ESHAPE, "group_norm: x [6] has no channels to normalise");
    gan_module *layers[] = {image, heads, norm};
    for (int i = 0; i < COUNT(layers); i++) {
        assert_null(gan_module_forward(t, layers[i], NULL, &GAN_PASS_TRAIN));
        gan_tape_reset(t);
        gan_module_free(layers[i]);
    }
}

#define ON_A_TAPE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_A_TAPE(is_its_definition),
        ON_A_TAPE(large_scores_do_not_overflow),
        ON_A_TAPE(not_a_number_is_seen),
        ON_A_TAPE(self_attention_is_attention),
        cmocka_unit_test(memory_is_linear),
        ON_A_TAPE(layers_give_back),
        ON_A_TAPE(windows),
        cmocka_unit_test(like_pytorch),
        ON_A_TAPE(self_attention_begins_with_nothing),
        ON_A_TAPE(spectral_norms_of_children),
        ON_A_TAPE(layers_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
