/* SPDX-License-Identifier: MIT
 *
 * A norm and the activation behind it run as one operation in a sequence: values and gradients are
 * those of the two layers one after the other, also at the kink, for every kind of norm. And the
 * statistics keep their digits where the mean is far from 0. */
#include "support.h"

#include <stdlib.h>

#include "gan/layer.h"
#include "gan/norm.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "tensor/internal.h"

enum { C = 36 };

typedef struct row {
    const char *name;
    gan_module *(*norm)(int64_t channels);
    int training;
    gan_activation_kind kind;
    double slope;
    int rank;
    int64_t dim[4];
    int flat; /* gamma and beta are 0: every element is at the kink */
    int both; /* whether the two are expected to be one operation */
} row;

static gan_module *four_groups(int64_t channels) {
    return gan_group_norm_layer(4, channels);
}

#define IMAGES                                                                                     \
    4, {                                                                                           \
        3, 5, 4, C                                                                                 \
    }
#define VECTORS                                                                                    \
    2, {                                                                                           \
        70, C                                                                                      \
    }

static const row rows[] = {
    {"batch, relu", gan_batch_norm_layer, 1, GAN_RELU, 0, IMAGES, 0, 1},
    {"batch, leaky", gan_batch_norm_layer, 1, GAN_LEAKY_RELU, 0.2, IMAGES, 0, 1},
    {"batch of vectors", gan_batch_norm_layer, 1, GAN_LEAKY_RELU, 0.2, VECTORS, 0, 1},
    {"batch, relu, evaluated", gan_batch_norm_layer, 0, GAN_RELU, 0, IMAGES, 0, 1},
    {"batch, leaky, evaluated", gan_batch_norm_layer, 0, GAN_LEAKY_RELU, 0.2, VECTORS, 0, 1},
    {"layer, relu", gan_layer_norm_layer, 1, GAN_RELU, 0, IMAGES, 0, 1},
    {"layer of vectors, leaky", gan_layer_norm_layer, 1, GAN_LEAKY_RELU, 0.2, VECTORS, 0, 1},
    {"group, leaky", four_groups, 1, GAN_LEAKY_RELU, 0.3, IMAGES, 0, 1},
    {"instance, relu", gan_instance_norm_layer, 1, GAN_RELU, 0, IMAGES, 0, 1},
    {"instance, leaky", gan_instance_norm_layer, 1, GAN_LEAKY_RELU, 0.2, IMAGES, 0, 1},
    {"at the kink, relu", gan_batch_norm_layer, 1, GAN_RELU, 0, IMAGES, 1, 1},
    {"at the kink, leaky", gan_batch_norm_layer, 1, GAN_LEAKY_RELU, 0.2, IMAGES, 1, 1},
    {"at the kink, evaluated", gan_batch_norm_layer, 0, GAN_LEAKY_RELU, 0.2, IMAGES, 1, 1},
    {"slope 1", gan_batch_norm_layer, 1, GAN_LEAKY_RELU, 1, IMAGES, 0, 1},
    {"slope 3", gan_batch_norm_layer, 1, GAN_LEAKY_RELU, 3, IMAGES, 0, 1},
    {"slope below 0", gan_batch_norm_layer, 1, GAN_LEAKY_RELU, -0.5, IMAGES, 0, 0},
    {"tanh", gan_batch_norm_layer, 1, GAN_TANH, 0, IMAGES, 0, 0},
};

enum { INPUTS = 3, RESULTS = 1 + 3 * INPUTS };

typedef struct subject {
    const row *row;
    gan_module *net;
    gan_tape *t;
    gan_tensor *x, *seed;
} subject;

static subject open_subject(const row *r) {
    subject q = {.row = r, .net = gan_sequential(NULL), .t = gan_tape_create(2)};
    gan_rng rng = gan_rng_make(9, 1, 0);
    gan_module *norm = r->norm(C);
    gan_module_add(q.net, NULL, norm);
    gan_module_add(q.net, NULL, gan_activation(r->kind, r->slope));
    assert_int_equal(gan_module_status(q.net), GAN_OK);
    for (int i = 0; i < 4 && gan_module_parameter(norm, i); i++)
        gan_rng_fill_uniform(&rng, gan_tensor_edit(gan_module_parameter(norm, i)), C,
                             i < 2 && r->flat ? 0 : 0.5, i < 2 && r->flat ? 0 : 1.5);
    q.x = random_input(q.t, &rng, r->rank, r->dim);
    q.seed = random_input(q.t, &rng, r->rank, r->dim);
    return q;
}

static gan_tensor *forward(subject *q, int together) {
    const gan_pass pass = {.training = q->row->training};
    if (together) return gan_module_forward(q->t, q->net, q->x, &pass);
    gan_tensor *v = gan_module_forward(q->t, gan_module_child(q->net, 0), q->x, &pass);
    return gan_module_forward(q->t, gan_module_child(q->net, 1), v, &pass);
}

/* The value, its gradients, the recorded ones, and those of the sum of squares of the last. */
static void results(subject *q, int together, gan_tensor **out) {
    gan_tensor *wrt[INPUTS] = {q->x, gan_module_parameter(gan_module_child(q->net, 0), 0),
                               gan_module_parameter(gan_module_child(q->net, 0), 1)};
    size_t nodes = q->t->node_count;
    gan_tensor *y = out[0] = gan_keep(q->t, forward(q, together)), *sum = NULL;
    assert_int_equal(q->t->node_count - nodes, together && q->row->both ? 1 : 2);
    gan_grad(q->t, y, q->seed, INPUTS, wrt, out + 1, GAN_GRAD_KEEP);
    gan_grad(q->t, y, q->seed, INPUTS, wrt, out + 1 + INPUTS, GAN_GRAD_RECORD);
    for (int i = 0; i < INPUTS; i++) {
        gan_tensor *s = gan_sum_all(q->t, gan_square(q->t, gan_keep(q->t, out[1 + INPUTS + i])));
        sum = sum ? gan_add(q->t, sum, s) : s;
    }
    gan_grad(q->t, sum, NULL, INPUTS, wrt, out + 1 + 2 * INPUTS, 0);
    assert_tape_ok(q->t);
}

/* |a - b| against the largest element. */
static double distance(const gan_tensor *a, const gan_tensor *b) {
    double off = 0, size = 1e-30;
    for (int64_t i = 0; i < a->size; i++) {
        off = fmax(off, fabs((double)a->data[i] - (double)b->data[i]));
        size = fmax(size, fabs((double)b->data[i]));
    }
    return isfinite(off) ? off / size : HUGE_VAL;
}

static void one_equals_two(void **state) {
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_tensor *one[RESULTS], *two[RESULTS];
        subject q = open_subject(rows + i);
        results(&q, 1, one);
        results(&q, 0, two);
        for (int k = 0; k < RESULTS; k++) {
            double limit = k > 2 * INPUTS ? 2e-5 : 3e-6;
            if (distance(one[k], two[k]) > limit)
                fail_msg("%s: result %d is off by %g", rows[i].name, k, distance(one[k], two[k]));
        }
        gan_module_free(q.net);
        gan_tape_free(q.t);
    }
}

/* --- a user's own layer --- */

static struct {
    int plain, leaky;
    double slope;
} calls;

static gan_tensor *own(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)m, (void)pass;
    calls.plain++;
    return gan_scale(t, x, 2);
}

static gan_tensor *own_leaky(gan_tape *t, gan_module *m, gan_tensor *x, double slope,
                             const gan_pass *pass) {
    (void)m, (void)pass;
    calls.leaky++;
    calls.slope = slope;
    return gan_leaky_relu(t, gan_scale(t, x, 2), slope);
}

static void run_own(gan_module *next, int plain, int leaky, double slope, double result) {
    static const gan_module_type type = {.name = "own", .forward = own, .forward_leaky = own_leaky};
    gan_module *net = gan_sequential(NULL);
    gan_tape *t = gan_tape_create(1);
    const gan_pass pass = GAN_PASS_EVAL;
    gan_module_add(net, NULL, gan_module_create(&type, 0));
    if (next) gan_module_add(net, NULL, next);
    memset(&calls, 0, sizeof calls);
    gan_tensor *y = gan_module_forward(t, net, gan_full(t, 1, DIMS(1), -1), &pass);
    assert_tape_ok(t);
    assert_true(fabs(gan_tensor_item(y) - result) < 1e-6);
    assert_true(calls.plain == plain && calls.leaky == leaky && calls.slope == slope);
    gan_module_free(net);
    gan_tape_free(t);
}

static void own_layers_can_end_in_a_relu(void **state) {
    (void)state;
    run_own(NULL, 1, 0, 0, -2);
    run_own(gan_activation(GAN_RELU, 0.7), 0, 1, 0, 0);
    run_own(gan_activation(GAN_LEAKY_RELU, 0.25), 0, 1, 0.25, -0.5);
    run_own(gan_activation(GAN_LEAKY_RELU, -1), 1, 0, 0, 2);
    run_own(gan_activation(GAN_TANH, 0), 1, 0, 0, tanh(-2));
    run_own(gan_dropout(0.5), 1, 0, 0, -2);
}

/* --- statistics --- */

static void in_double(int64_t n, int64_t c, const gan_real *x, double *mean, double *var) {
    *mean = *var = 0;
    for (int64_t i = 0; i < n; i++) *mean += (double)x[i * c];
    *mean /= (double)n;
    for (int64_t i = 0; i < n; i++) *var += pow((double)x[i * c] - *mean, 2);
    *var /= (double)n;
}

static void must_keep_digits(int64_t n, int64_t c, double mean, double deviation, double limit) {
    gan_tape *t = gan_tape_create(2);
    gan_rng r = gan_rng_make(3, 1, (uint64_t)n);
    gan_tensor *x = gan_input(t, 2, DIMS(n, c), NULL);
    gan_real *m = malloc((size_t)(2 * c) * sizeof *m), *v = m + c;
    double worst = 0;
    assert_non_null(m);
    gan_rng_fill_normal(&r, x->data, (size_t)x->size, mean, deviation);
    gan_batch_norm(t, x, NULL, NULL, 1e-5, m, v);
    assert_tape_ok(t);
    for (int64_t i = 0; i < c; i++) {
        double em, ev;
        in_double(n, c, x->data + i, &em, &ev);
        worst = fmax(worst, fabs((double)m[i] - em) / fabs(em));
        worst = fmax(worst, fabs((double)v[i] - ev) / ev);
    }
    printf("[%lld,%lld] of mean %g, deviation %g: %.1e\n", (long long)n, (long long)c, mean,
           deviation, worst);
    assert_true(worst <= limit);
    free(m);
    gan_tape_free(t);
}

static void statistics_keep_their_digits(void **state) {
    static const int64_t shapes[][2] = {
        {64, 512}, {100, 37}, {1024, 512}, {4096, 256}, {65536, 64}};
    (void)state;
    for (int i = 0; i < COUNT(shapes); i++) {
        must_keep_digits(shapes[i][0], shapes[i][1], 100, 1, 1e-6);
        must_keep_digits(shapes[i][0], shapes[i][1], 100, 0.01, 1e-6);
        must_keep_digits(shapes[i][0], shapes[i][1], 1e-3, 1e-6, 1e-6);
    }
}

/* A constant channel has its constant as mean, a variance of 0, and beta as result. */
static void constants_are_exact(void **state) {
    gan_tape *t = gan_tape_create(2);
    gan_tensor *x = gan_full(t, 2, DIMS(1000, 3), 100.3), *beta = gan_full(t, 1, DIMS(3), 0.7);
    gan_real m[3], v[3];
    (void)state;
    gan_tensor *y = gan_batch_norm(t, x, gan_full(t, 1, DIMS(3), 5), beta, 1e-5, m, v);
    assert_tape_ok(t);
    for (int64_t i = 0; i < y->size; i++) assert_true(y->data[i] == beta->data[0]);
    for (int i = 0; i < 3; i++) assert_true(m[i] == x->data[0] && v[i] == 0);
    gan_tape_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_equals_two),
        cmocka_unit_test(own_layers_can_end_in_a_relu),
        cmocka_unit_test(statistics_keep_their_digits),
        cmocka_unit_test(constants_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
