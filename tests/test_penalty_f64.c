/* SPDX-License-Identifier: MIT
 *
 * Gradients of layers, of whole networks, and of the WGAN-GP penalty through whole critics, against
 * central differences. With X the input and all trained parameters, and fixed random v,
 *
 *     S0 = <seed, f(X)>,   S1 = sum of <v_i, dS0/dX_i>,
 *
 * the gradients of S0 and S1 are compared tensor by tensor, |a - n| / max(|a|, |n|, 1e-8), each
 * taken by fused backward passes and by recorded ones. Of the penalty, S0 already holds the first
 * derivatives. Points are drawn again until all that goes into a relu is 1e-3 away from 0. */
#include "gradcheck.h"

#include "gan/layer.h"
#include "gan/penalty.h"
#include "golden/cases.h"
#include "kinks.h"
#include "nn/discriminator/table.h"
#include "nn/generator/table.h"
#include "tensor/internal.h"

#define STEP 1e-4
#define MAX_TENSORS 24
#define MAX_SEED 200 /* elements of an output up to which the seed counts as one of the X */

typedef struct row {
    const char *name;
    gan_module *(*make)(void);
    int rank;
    int64_t dim[4]; /* of the input */
    int both;       /* in training mode and in evaluation mode; 0: in training */
} row;

typedef struct subject {
    const row *row;
    gan_discriminator *d; /* holds the layers */
    gan_tape *t;
    int training, penalty;
    gan_tensor *input, *fake, *seed; /* fake: for the penalty */
    int n;
    gan_tensor *x[MAX_TENSORS], *v[MAX_TENSORS];
} subject;

/* --- the function and its gradients --- */

static gan_tensor *run(subject *q) {
    gan_rng dropout = gan_rng_make(1, 2, 3), uniform = gan_rng_make(4, 5, 6);
    const gan_pass pass = {q->training, 0, &dropout};
    gan_tape_reset(q->t);
    if (q->penalty) return gan_penalty_wgangp(q->t, q->d, q->input, q->fake, 10, &uniform, &pass);
    return gan_module_forward(q->t, gan_discriminator_root(q->d), q->input, &pass);
}

/* From the second order on the seed is one of the X, if it is not too large. */
static int count(const subject *q, int order) {
    return q->n + (order > 1 && gan_tensor_size(q->seed) <= MAX_SEED);
}

static gan_tensor *contract(subject *q, gan_tensor **g) {
    gan_tensor *sum = NULL;
    for (int i = 0; i < q->n; i++) {
        gan_tensor *part = gan_sum_all(q->t, gan_mul(q->t, g[i], q->v[i]));
        sum = sum ? gan_add(q->t, sum, part) : part;
    }
    return sum;
}

static void gradients(subject *q, int order, unsigned flags, gan_tensor **g) {
    gan_tensor *out = run(q);
    gan_grad(q->t, out, q->seed, q->n, q->x, g, order > 1 ? GAN_GRAD_RECORD : flags);
    if (order > 1) gan_grad(q->t, contract(q, g), NULL, count(q, order), q->x, g, flags);
    if (gan_tape_status(q->t)) fail_msg("%s: %s", q->row->name, gan_tape_error(q->t)->text);
}

static double dot(const gan_tensor *a, const gan_tensor *b) {
    return gradcheck_dot(gan_tensor_size(a), gan_tensor_data(a), gan_tensor_data(b));
}

/* S(order) */
static double value(subject *q, int order) {
    gan_tensor *g[MAX_TENSORS];
    double sum = 0;
    if (!order) return dot(run(q), q->seed);
    gradients(q, order, 0, g);
    for (int i = 0; i < q->n; i++) sum += dot(g[i], q->v[i]);
    return sum;
}

static double difference(subject *q, int order, gan_tensor *x, int64_t e) {
    static const double at[4] = {-2, -1, 1, 2}, weight[4] = {1, -8, 8, -1};
    double was = (double)gan_tensor_data(x)[e], sum = 0;
    for (int k = 0; k < 4; k++) {
        gan_tensor_edit(x)[e] = (gan_real)(was + at[k] * STEP);
        sum += weight[k] * value(q, order - 1);
    }
    gan_tensor_edit(x)[e] = (gan_real)was;
    return sum / (12 * STEP);
}

/* --- a point --- */

static void fill(gan_tensor *x, gan_rng *r, double lo, double hi) {
    gan_rng_fill_uniform(r, gan_tensor_edit(x), (size_t)gan_tensor_size(x), lo, hi);
}

static gan_tensor *drawn_like(const gan_tensor *x, gan_rng *r) {
    gan_tensor *y = gan_tensor_create(x->rank, x->dim);
    assert_non_null(y);
    fill(y, r, -1, 1);
    return y;
}

static void draw_parameters(gan_parameters *p, uint64_t seed, gan_rng *r) {
    gan_parameters_initialise(p, GAN_INIT_HE, seed, 1);
    for (int i = 0; i < p->count; i++) {
        gan_role role = p->item[i].role;
        if (role == GAN_ROLE_SCALE || role == GAN_ROLE_VAR)
            fill(p->item[i].value, r, 0.5, 1.5);
        else if (p->item[i].value && role != GAN_ROLE_WEIGHT && role != GAN_ROLE_DIRECTION)
            fill(p->item[i].value, r, -0.5, 0.5);
    }
}

/* Narrow networks may come out dead, and kinks too near. Makes the seed when the point is good. */
static int is_good(subject *q, gan_rng *r) {
    gan_tensor *g[MAX_TENSORS], *out = run(q);
    if (!out) fail_msg("%s: %s", q->row->name, gan_tape_error(q->t)->text);
    if (kink_distance(q->t) < GRADCHECK_KINK) return 0;
    q->seed = drawn_like(out, r);
    gradients(q, 1, 0, g);
    if (sqrt(dot(g[0], g[0])) > 1e-3) return 1;
    gan_tensor_free(q->seed);
    return 0;
}

static void draw(subject *q) {
    for (uint64_t seed = 1; seed < 1000; seed++) {
        gan_rng r = gan_rng_make(seed, 7, 0);
        draw_parameters(gan_discriminator_parameters(q->d), seed, &r);
        gan_spectral_update(gan_discriminator_root(q->d), 2);
        fill(q->input, &r, -1, 1);
        fill(q->fake, &r, -1, 1);
        if (!is_good(q, &r)) continue;
        for (int i = 0; i < q->n; i++) q->v[i] = drawn_like(q->x[i], &r);
        q->x[q->n] = q->seed;
        return;
    }
    fail_msg("%s: no good point", q->row->name);
}

/* A generator's layers are held by a discriminator too, which does nothing but hold them. */
static void open_subject(subject *q, const row *r, int training, int penalty) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    gan_error err;
    *q = (subject){.row = r, .t = gan_tape_create(1), .training = training, .penalty = penalty};
    if (r->rank == 4) c.height = r->dim[1], c.width = r->dim[2], c.channels = r->dim[3];
    if (gan_discriminator_wrap(r->make(), &c, &q->d, &err)) fail_msg("%s: %s", r->name, err.text);
    q->input = gan_tensor_create(r->rank, r->dim);
    q->fake = gan_tensor_create(r->rank, r->dim);
    if (!penalty) q->x[q->n++] = q->input;
    const gan_parameters *p = gan_discriminator_parameters(q->d);
    for (int i = 0; i < p->count; i++)
        if (gan_parameter_trained(&p->item[i])) q->x[q->n++] = p->item[i].value;
    assert_true(q->n < MAX_TENSORS);
    draw(q);
}

static void close_subject(subject *q) {
    for (int i = 0; i < q->n; i++) gan_tensor_free(q->v[i]);
    gan_tensor_free(q->seed);
    gan_tensor_free(q->input);
    gan_tensor_free(q->fake);
    gan_tape_free(q->t);
    gan_discriminator_free(q->d);
}

/* --- comparing --- */

/* A gradient that is 0 (of a bias before batch norm) is rounding alone: it is measured against the
 * gradient of everything. */
static double error_of(const gan_tensor *a, const gan_real *numeric, double total) {
    double size = sqrt(dot(a, a)), n = sqrt(gradcheck_dot(a->size, numeric, numeric));
    if (size < 1e-12 * total) return (size + n) / total;
    return gradcheck_error(a->size, a->data, numeric);
}

static double worst_of_order(subject *q, int order) {
    gan_tensor *g[MAX_TENSORS];
    gan_real *numeric[MAX_TENSORS];
    double worst = 0;
    int n = count(q, order);
    for (int i = 0; i < n; i++) {
        numeric[i] = malloc((size_t)q->x[i]->size * sizeof(gan_real));
        assert_non_null(numeric[i]);
        for (int64_t e = 0; e < q->x[i]->size; e++)
            numeric[i][e] = (gan_real)difference(q, order, q->x[i], e);
    }
    for (int recorded = 0; recorded < 2; recorded++) {
        double total = 0;
        gradients(q, order, recorded ? GAN_GRAD_RECORD : 0, g);
        for (int i = 0; i < n; i++) total = hypot(total, sqrt(dot(g[i], g[i])));
        for (int i = 0; i < n; i++) worst = fmax(worst, error_of(g[i], numeric[i], total));
    }
    for (int i = 0; i < n; i++) free(numeric[i]);
    return worst;
}

static double check(const row *r, int training, int penalty) {
    subject q;
    double worst = 0;
    open_subject(&q, r, training, penalty);
    printf("%-36s %-6s", r->name, training ? "train" : "eval");
    for (int order = 1; order <= (penalty ? 1 : 2); order++) {
        double error = worst_of_order(&q, order);
        printf("  %.1e", error);
        worst = fmax(worst, error);
    }
    printf("%s\n", worst > GRADCHECK_LIMIT ? "  WRONG" : "");
    close_subject(&q);
    return worst;
}

static void check_all(const char *title, const row *rows, int n, int penalty) {
    double worst = 0;
    for (int i = 0; i < n; i++) {
        if (rows[i].both) worst = fmax(worst, check(&rows[i], 0, penalty));
        worst = fmax(worst, check(&rows[i], 1, penalty));
    }
    printf("%s: worst error %.2e\n", title, worst);
    assert_true(worst <= GRADCHECK_LIMIT);
}

/* --- layers --- */

/* M(name, layers...): a network of these layers. */
#define M(name, ...)                                                                               \
    static gan_module *name(void) {                                                                \
        gan_module *layers[] = {__VA_ARGS__}, *m = gan_sequential("net");                          \
        for (int i = 0; i < COUNT(layers); i++) gan_module_add(m, NULL, layers[i]);                \
        return m;                                                                                  \
    }

M(linear, gan_linear(5, 3, 1))
M(conv, gan_conv_layer(2, 3, 4, 2, 1, 0))
M(conv_bias, gan_conv_layer(2, 3, 3, 1, 1, 1))
M(conv_vector, gan_conv_layer(5, 3, 1, 1, 0, 1))
M(transposed, gan_conv_transpose_layer(3, 2, 4, 2, 1, 0, 0))
M(transposed_odd, gan_conv_transpose_layer(3, 2, 3, 2, 1, 1, 1))
M(transposed_vector, gan_conv_transpose_layer(5, 2, 4, 1, 0, 0, 1))
M(batch_norm, gan_batch_norm_layer(3))
M(group_norm, gan_group_norm_layer(2, 4))
M(layer_norm, gan_layer_norm_layer(4))
M(instance_norm, gan_instance_norm_layer(3))
M(relu, gan_activation(GAN_RELU, 0))
M(leaky_relu, gan_activation(GAN_LEAKY_RELU, 0.2))
M(hyperbolic, gan_activation(GAN_TANH, 0))
M(maxout, gan_activation(GAN_TANH, 0), gan_maxout_layer(3))
M(stddev, gan_activation(GAN_TANH, 0), gan_minibatch_stddev(3))
M(spectral_linear, gan_spectral_norm(gan_linear(5, 3, 1)))
M(spectral_conv, gan_spectral_norm(gan_conv_layer(2, 3, 4, 2, 1, 0)))
M(spectral_relu, gan_spectral_norm(gan_conv_layer(2, 3, 3, 1, 1, 1)),
  gan_activation(GAN_LEAKY_RELU, 0.2))
M(spectral_transposed, gan_spectral_norm(gan_conv_transpose_layer(3, 2, 4, 2, 1, 0, 1)))
M(sigmoid, gan_activation(GAN_SIGMOID, 0))
M(dropout, gan_activation(GAN_TANH, 0), gan_dropout(0.4))
M(flatten, gan_activation(GAN_TANH, 0), gan_flatten(2, 3, 2), gan_linear(12, 2, 1))
M(unflatten, gan_linear(3, 12, 1), gan_unflatten(2, 3, 2), gan_activation(GAN_TANH, 0))
M(upsample, gan_activation(GAN_TANH, 0), gan_upsample_layer(2))
M(pool, gan_activation(GAN_TANH, 0), gan_average_pool_layer(2))

static void test_layers(void **state) {
    static const row rows[] = {
        {"linear", linear, 2, {4, 5}},
        {"conv 4x4, stride 2, pad 1", conv, 4, {2, 6, 6, 2}},
        {"conv 3x3, bias", conv_bias, 4, {2, 4, 5, 2}},
        {"conv of a vector", conv_vector, 2, {3, 5}},
        {"transposed 4x4, stride 2, pad 1", transposed, 4, {2, 3, 3, 3}},
        {"transposed 3x3, output pad 1, bias", transposed_odd, 4, {2, 3, 2, 3}},
        {"transposed of a vector", transposed_vector, 2, {3, 5}},
        {"batch norm", batch_norm, 4, {3, 3, 2, 3}, 1},
        {"batch norm of vectors", batch_norm, 2, {6, 3}, 1},
        {"group norm", group_norm, 4, {2, 3, 3, 4}},
        {"layer norm", layer_norm, 4, {2, 3, 3, 4}},
        {"layer norm of vectors", layer_norm, 2, {4, 4}},
        {"instance norm", instance_norm, 4, {2, 3, 3, 3}},
        {"relu", relu, 4, {2, 3, 3, 2}},
        {"leaky relu", leaky_relu, 4, {2, 3, 3, 2}},
        {"tanh", hyperbolic, 4, {2, 3, 3, 2}},
        {"sigmoid", sigmoid, 4, {2, 3, 3, 2}},
        {"maxout of vectors", maxout, 2, {4, 6}},
        {"maxout of images", maxout, 4, {2, 2, 3, 3}},
        {"minibatch stddev of vectors", stddev, 2, {6, 3}},
        {"minibatch stddev of images", stddev, 4, {4, 2, 3, 2}},
        {"spectral linear", spectral_linear, 2, {4, 5}},
        {"spectral conv 4x4, stride 2", spectral_conv, 4, {2, 6, 6, 2}},
        {"spectral conv 3x3, bias, leaky relu", spectral_relu, 4, {2, 4, 5, 2}},
        {"spectral transposed 4x4, bias", spectral_transposed, 4, {2, 3, 3, 3}},
        {"dropout", dropout, 2, {4, 5}, 1},
        {"flatten, linear", flatten, 4, {2, 2, 3, 2}},
        {"linear, unflatten", unflatten, 2, {2, 3}},
        {"upsample", upsample, 4, {2, 2, 3, 2}},
        {"average pool", pool, 4, {2, 4, 4, 2}},
    };
    (void)state;
    check_all("layers", rows, COUNT(rows), 0);
}

/* --- networks: of width 1, latent vectors of 3 --- */

/* N(name, an architecture, side, channels, norm, dropout) */
#define N(name, arch, side, colours, norm, drop)                                                   \
    static gan_module *name(void) {                                                                \
        gan_network_config c = {sizeof c, "", side, side, colours, 3, 1, norm, drop, 0, 0, 1};     \
        return arch(&c);                                                                           \
    }

N(g28, gan__generator_dcgan, 28, 1, GAN_NORM_BATCH, 0)
N(g32, gan__generator_dcgan, 32, 1, GAN_NORM_BATCH, 0)
N(g_mlp, gan__generator_mlp, 3, 1, GAN_NORM_BATCH, 0)
N(d28, gan__discriminator_dcgan, 28, 1, GAN_NORM_BATCH, 0)
N(d32, gan__discriminator_dcgan, 32, 1, GAN_NORM_BATCH, 0)
N(d_mlp, gan__discriminator_mlp, 3, 3, GAN_NORM_BATCH, 0.3)

static void test_networks(void **state) {
    static const row rows[] = {
        {"generator dcgan 28", g28, 2, {2, 3}, 1},
        {"generator dcgan 32", g32, 2, {2, 3}, 1},
        {"generator mlp", g_mlp, 2, {5, 3}, 1},
        {"discriminator dcgan 28", d28, 4, {1, 28, 28, 1}, 1},
        {"discriminator dcgan 32", d32, 4, {1, 32, 32, 1}, 1},
        {"discriminator mlp, dropout", d_mlp, 4, {5, 3, 3, 3}, 1},
    };
    (void)state;
    check_all("networks", rows, COUNT(rows), 0);
}

/* --- the penalty --- */

N(none32, gan__discriminator_dcgan, 32, 3, GAN_NORM_NONE, 0)
N(layer32, gan__discriminator_dcgan, 32, 3, GAN_NORM_LAYER, 0)
N(instance32, gan__discriminator_dcgan, 32, 3, GAN_NORM_INSTANCE, 0)
N(dropped28, gan__discriminator_dcgan, 28, 1, GAN_NORM_LAYER, 0.3)
N(layer_mlp, gan__discriminator_mlp, 3, 3, GAN_NORM_LAYER, 0)
M(own_critic, gan_conv_layer(2, 4, 3, 1, 1, 1), gan_group_norm_layer(2, 4),
  gan_activation(GAN_LEAKY_RELU, 0.2), gan_upsample_layer(2), gan_average_pool_layer(4),
  gan_conv_transpose_layer(4, 3, 3, 2, 1, 1, 1), gan_activation(GAN_TANH, 0), gan_flatten(6, 6, 3),
  gan_linear(108, 1, 1))
M(stddev_critic, gan_conv_layer(2, 3, 3, 1, 1, 1), gan_activation(GAN_LEAKY_RELU, 0.2),
  gan_minibatch_stddev(4), gan_conv_layer(4, 1, 4, 1, 0, 0))
M(spectral_critic, gan_spectral_norm(gan_conv_layer(2, 4, 3, 1, 1, 1)),
  gan_activation(GAN_LEAKY_RELU, 0.2),
  gan_spectral_norm(gan_conv_transpose_layer(4, 2, 4, 2, 1, 0, 0)), gan_activation(GAN_TANH, 0),
  gan_flatten(8, 8, 2), gan_spectral_norm(gan_linear(128, 1, 1)))

static void test_penalty(void **state) {
    static const row rows[] = {
        {"dcgan 32, no norm", none32, 4, {3, 32, 32, 3}},
        {"dcgan 32, layer norm", layer32, 4, {3, 32, 32, 3}},
        {"dcgan 32, instance norm", instance32, 4, {3, 32, 32, 3}},
        {"dcgan 28, layer norm, dropout", dropped28, 4, {3, 28, 28, 1}},
        {"mlp, layer norm", layer_mlp, 4, {3, 3, 3, 3}},
        {"minibatch stddev", stddev_critic, 4, {4, 4, 4, 2}},
        {"spectral norm", spectral_critic, 4, {3, 4, 4, 2}},
        {"own critic of many layers", own_critic, 4, {3, 6, 6, 2}},
    };
    (void)state;
    check_all("WGAN-GP penalty", rows, COUNT(rows), 1);
}

/* --- batch norm in a critic under a penalty --- */

static void assert_says_what_to_use(const gan_error *err) {
    assert_non_null(strstr(err->text, "batch norm"));
    assert_non_null(strstr(err->text, "use layer, instance or none"));
}

/* By the settings, by the penalty itself, and by a trainer that is given such a critic. */
static void test_batch_norm_is_refused(void **state) {
    static const golden_case refused = {"refused", {"loss", "wgan-gp", "norm-d", "batch"}};
    gan_config config;
    golden_run run;
    gan_trainer *tr;
    gan_error err;
    gan_rng rng = gan_rng_make(1, 1, 1);
    gan_tape *t = gan_tape_create(1);
    (void)state;
    assert_int_equal(golden_configure(&refused, &config, &err), GAN_EMODEL);
    assert_says_what_to_use(&err);
    assert_int_equal(golden_open(&golden_cases[0], &run, &err), GAN_OK);
    assert_true(gan_discriminator_mixes_batch(run.d));
    gan_tensor *x = INPUT(t, NULL, 2, 32, 32, 3);
    assert_null(gan_penalty_wgangp(t, run.d, x, x, 10, &rng, &GAN_PASS_TRAIN));
    assert_int_equal(gan_tape_status(t), GAN_EMODEL);
    assert_says_what_to_use(gan_tape_error(t));
    strcpy(run.config.loss, "wgan-gp");
    assert_int_equal(gan_trainer_create(&run.config, run.g, run.d, run.data, &tr, &err),
                     GAN_EMODEL);
    assert_null(tr);
    assert_says_what_to_use(&err);
    gan_tape_free(t);
    golden_close(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_penalty),
        cmocka_unit_test(test_batch_norm_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
