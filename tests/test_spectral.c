/* SPDX-License-Identifier: MIT
 *
 * Spectral normalisation: the norm that it finds, the names and the order in files, what is trained
 * and what is refused. Its gradients are in test_penalty_f64.c. */
#include "support.h"

#include <stdlib.h>
#include <unistd.h>

#include "gan/checkpoint.h"
#include "gan/layer.h"
#include "gan/safetensors.h"
#include "gan/shape.h"
#include "nn/internal.h"
#include "tape_fixture.h"

enum { LINEAR, CONV, TRANSPOSED, KINDS };

static gan_module *make(int kind) {
    gan_module *m = kind == LINEAR ? gan_linear(6, 4, 1)
                    : kind == CONV ? gan_conv_layer(2, 5, 3, 1, 1, 0)
                                   : gan_conv_transpose_layer(3, 4, 2, 2, 0, 0, 1);
    m = gan_spectral_norm(m);
    assert_int_equal(gan_module_status(m), GAN_OK);
    return m;
}

/* The parameters drawn, and weights of size 1. */
static void draw(gan_module *root, uint64_t seed) {
    gan_parameters p;
    assert_int_equal(gan_parameters_collect(root, &p, NULL), GAN_OK);
    gan_parameters_initialise(&p, GAN_INIT_HE, seed, 1);
    gan_parameters_free(&p);
}

/* --- the norm --- */

/* x as PyTorch's matrix [out,in] of a layer, in double; the order of columns is of no account. */
static void matrix_of(const gan_module *m, const gan_tensor *x, int *out, int *in, double *a) {
    int transposed = m->type == &gan__conv_transpose_type;
    int last = (int)gan_tensor_dim(x, -1), size = (int)gan_tensor_size(x);
    *out = transposed ? last : (int)gan_tensor_dim(x, 0);
    *in = size / *out;
    for (int i = 0; i < size; i++) {
        int row = transposed ? i % last : i / *in, column = transposed ? i / last : i % *in;
        a[row * *in + column] = (double)gan_tensor_data(x)[i];
    }
}

/* The largest singular value, by many power iterations on A^T A. */
static double largest(int rows, int columns, const double *a) {
    double v[256], u[256], norm = 0;
    for (int j = 0; j < columns; j++) v[j] = 1 + 0.01 * j;
    for (int k = 0; k < 3000; k++) {
        double squares = 0;
        for (int i = 0; i < rows; i++) {
            u[i] = 0;
            for (int j = 0; j < columns; j++) u[i] += a[i * columns + j] * v[j];
        }
        for (int j = 0; j < columns; j++) {
            v[j] = 0;
            for (int i = 0; i < rows; i++) v[j] += a[i * columns + j] * u[i];
            squares += v[j] * v[j];
        }
        norm = sqrt(sqrt(squares));
        for (int j = 0; j < columns; j++) v[j] /= sqrt(squares);
    }
    return norm;
}

static double norm_of(gan_module *m, const gan_tensor *x) {
    double a[256];
    int out, in;
    matrix_of(m, x, &out, &in, a);
    return largest(out, in, a);
}

static void becomes_one(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        gan_module *m = make(kind);
        draw(m, 3);
        double before = norm_of(m, gan_module_parameter(m, 0));
        gan_spectral_update(m, 200);
        gan_tensor *w = gan__weight(t, m);
        assert_tape_ok(t);
        assert_true(fabs(before - 1) > 0.1);
        assert_true(fabs(norm_of(m, w) - 1) < 1e-5);
        gan_module_free(m);
        gan_tape_reset(t);
    }
}

/* diag(3, -5) / 5, also inside a tree; the bias is not divided. */
static void of_a_known_matrix(void **state) {
    (void)state;
    gan_module *m = gan_spectral_norm(gan_linear(2, 2, 1)), *root = gan_sequential("main");
    gan_module_add(root, NULL, m);
    draw(root, 1);
    memcpy(gan_tensor_edit(gan_module_parameter(m, 0)), VALUES(3, 0, 0, -5), 4 * sizeof(gan_real));
    memcpy(gan_tensor_edit(gan_module_parameter(m, 1)), VALUES(10, 20), 2 * sizeof(gan_real));
    gan_spectral_update(root, 50);
    assert_values(gan_module_forward(t, root, INPUT(t, VALUES(1, 1), 1, 2), &GAN_PASS_EVAL),
                  VALUES(10.6F, 19), 1e-6);
    gan_module_free(root);
}

/* One iteration, u first; of no layer, of 0 iterations and of failed trees nothing. */
static void iterations(void **state) {
    (void)state;
    gan_module *m = gan_spectral_norm(gan_linear(2, 2, 0)), *plain = gan_linear(2, 2, 0);
    memcpy(gan_tensor_edit(gan_module_parameter(m, 0)), VALUES(1, 2, 0, 2), 4 * sizeof(gan_real));
    gan_tensor *u = gan_module_parameter(m, 1), *v = gan_module_parameter(m, 2);
    memcpy(gan_tensor_edit(v), VALUES(1, 1), 2 * sizeof(gan_real));
    gan_spectral_update(m, 0);
    assert_values(u, VALUES(0, 0), 0);
    gan_spectral_update(m, 1); /* u ~ (3, 2), v ~ (3, 10) */
    assert_values(u, VALUES(0.83205029F, 0.55470020F), 1e-6);
    assert_values(v, VALUES(0.28734789F, 0.95782629F), 1e-6);
    gan_spectral_update(plain, 3);
    gan_spectral_update(NULL, 3);
    gan_module_free(plain);
    gan_module_free(m);
}

/* --- what is trained --- */

static void directions_are_not_trained(void **state) {
    (void)state;
    gan_module *m = make(CONV);
    gan_parameters p;
    assert_int_equal(gan_parameters_collect(m, &p, NULL), GAN_OK);
    gan_parameters_initialise(&p, GAN_INIT_NORMAL, 1, 1);
    int trained = 0;
    for (int i = 0; i < p.count; i++) {
        double squares = 0;
        trained += gan_parameter_trained(&p.item[i]);
        if (p.item[i].role != GAN_ROLE_DIRECTION) continue;
        for (int64_t k = 0; k < gan_tensor_size(p.item[i].value); k++)
            squares += pow((double)gan_tensor_data(p.item[i].value)[k], 2);
        assert_true(fabs(squares - 1) < 1e-5);
    }
    assert_int_equal(trained, 1);
    gan_tensor *x[] = {gan_module_parameter(m, 0), gan_module_parameter(m, 1),
                       gan_module_parameter(m, 2)};
    gan_tensor *g[3], *y = gan_module_forward(t, m, INPUT(t, NULL, 1, 4, 4, 2), &GAN_PASS_TRAIN);
    gan_grad(t, gan_sum_all(t, y), NULL, 3, x, g, 0);
    assert_tape_ok(t);
    for (int i = 1; i < 3; i++)
        for (int64_t k = 0; k < gan_tensor_size(g[i]); k++)
            assert_true(gan_tensor_data(g[i])[k] == 0);
    gan_parameters_free(&p);
    gan_module_free(m);
}

/* Where nothing is recorded, the normalised weight goes back at once. */
static void memory_goes_back(void **state) {
    gan_module *layers[] = {gan_linear(64, 64, 1), gan_conv_layer(64, 8, 4, 1, 0, 1),
                            gan_conv_transpose_layer(64, 8, 4, 1, 0, 0, 1)};
    (void)state;
    for (int i = 0; i < COUNT(layers); i++) {
        gan_module *m = gan_spectral_norm(layers[i]);
        size_t weight = (size_t)gan_tensor_size(gan_module_parameter(m, 0)) * sizeof(gan_real);
        draw(m, 1);
        gan_tensor *x = i == 1 ? INPUT(t, NULL, 1, 4, 4, 64) : INPUT(t, NULL, 1, 64);
        gan_tape_record(t, 0);
        assert_non_null(gan_module_forward(t, m, x, &GAN_PASS_EVAL));
        gan_tape_record(t, 1);
        assert_true(gan_tape_memory(t).in_use < weight);
        gan_module_free(m);
        gan_tape_reset(t);
    }
}

/* --- files --- */

static const double *tensor_of(const gan_safetensors *f, const char *name, int64_t *dim) {
    static double kept[3][600];
    static int next;
    gan_real values[600];
    double *out = kept[next++ % 3];
    const gan_safetensors_entry *e = gan_safetensors_find(f, name);
    if (!e) fail_msg("no %s", name);
    int64_t n = 1;
    for (int i = 0; i < 4; i++) dim[i] = i < e->rank ? e->dim[i] : 1;
    for (int i = 0; i < e->rank; i++) n *= e->dim[i];
    assert_in_range(n, 1, 600);
    assert_int_equal(gan_safetensors_read_real(e, values, (size_t)n, NULL), GAN_OK);
    for (int64_t i = 0; i < n; i++) out[i] = (double)values[i];
    return out;
}

/* u^T W v by the file alone, as PyTorch reads it. */
static double sigma_of_file(const gan_safetensors *f, const char *layer, int transposed) {
    char name[96];
    int64_t dim[4], du[4], dv[4];
    snprintf(name, sizeof name, "%s.parametrizations.weight.0._u", layer);
    const double *u = tensor_of(f, name, du);
    snprintf(name, sizeof name, "%s.parametrizations.weight.0._v", layer);
    const double *v = tensor_of(f, name, dv);
    snprintf(name, sizeof name, "%s.parametrizations.weight.original", layer);
    const double *w = tensor_of(f, name, dim);
    int64_t out = dim[transposed], taps = dim[2] * dim[3], in = dim[!transposed];
    double sum = 0;
    assert_int_equal(du[0], out);
    assert_int_equal(dv[0], in * taps);
    for (int64_t o = 0; o < out; o++)
        for (int64_t i = 0; i < in; i++)
            for (int64_t k = 0; k < taps; k++)
                sum += u[o] * v[i * taps + k] *
                       w[((transposed ? i * out + o : o * in + i)) * taps + k];
    return sum;
}

/* sigma in memory: a weight by the normalised one. */
static double sigma_of(gan_module *m) {
    double w = (double)gan_tensor_data(gan_module_parameter(m, 0))[0];
    double sigma = w / (double)gan_tensor_data(gan__weight(t, m))[0];
    gan_tape_reset(t);
    return sigma;
}

/* A network with every kind of neighbour. u and v are random, so that any other order shows. */
static void files_have_pytorchs_order(void **state) {
    char dir[] = "/tmp/gan_spectral_XXXXXX", path[64];
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    gan_discriminator *d;
    gan_safetensors *f;
    gan_error err = {0};
    gan_module *layers[] = {
        gan_spectral_norm(gan_conv_layer(3, 4, 3, 1, 1, 0)),
        gan_flatten(2, 3, 4),
        gan_spectral_norm(gan_linear(24, 24, 1)), /* both neighbours, equal sizes */
        gan_unflatten(2, 3, 4),
        gan_spectral_norm(gan_conv_transpose_layer(4, 2, 3, 1, 1, 0, 1)),
        gan_flatten(2, 3, 2),
        gan_spectral_norm(gan_linear(12, 5, 0)),
        gan_spectral_norm(gan_linear(5, 1, 1)),
    };
    static const int checked[] = {0, 2, 4, 6, 7};
    gan_module *root = gan_sequential("main");
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/d.safetensors", dir);
    for (int i = 0; i < COUNT(layers); i++) gan_module_add(root, NULL, layers[i]);
    c.height = 2, c.width = 3;
    if (gan_discriminator_wrap(root, &c, &d, &err)) fail_msg("%s", err.text);
    gan_parameters_initialise(gan_discriminator_parameters(d), GAN_INIT_HE, 5, 1);
    assert_int_equal(gan_discriminator_save(d, path, NULL), GAN_OK);
    assert_int_equal(gan_safetensors_open(path, &f, NULL), GAN_OK);
    for (int i = 0; i < COUNT(checked); i++) {
        char name[16];
        snprintf(name, sizeof name, "main.%d", checked[i]);
        double want = sigma_of(layers[checked[i]]), got = sigma_of_file(f, name, checked[i] == 4);
        if (!(fabs(got - want) <= 1e-5 * fmax(1, fabs(want))))
            fail_msg("%s: sigma of the file %.9g, in memory %.9g", name, got, want);
    }
    assert_non_null(gan_safetensors_find(f, "main.2.bias"));
    assert_null(gan_safetensors_find(f, "main.2.weight"));
    gan_safetensors_close(f);
    gan_discriminator_free(d);
    remove(path);
    assert_int_equal(rmdir(dir), 0);
}

/* --- refused --- */

static void refused(void **state) {
    gan_module *bad[] = {gan_spectral_norm(gan_activation(GAN_TANH, 0)),
                         gan_spectral_norm(gan_batch_norm_layer(3)),
                         gan_spectral_norm(gan_sequential(NULL)),
                         gan_spectral_norm(gan_spectral_norm(gan_linear(2, 2, 1)))};
    (void)state;
    for (int i = 0; i < COUNT(bad); i++) {
        assert_int_equal(gan_module_status(bad[i]), GAN_EINVAL);
        gan_spectral_update(bad[i], 1);
        gan_module_free(bad[i]);
    }
    assert_null(gan_spectral_norm(NULL));
    gan_module *failed = gan_spectral_norm(gan_linear(0, 2, 1));
    assert_int_equal(gan_module_status(failed), GAN_EINVAL);
    gan_module_free(failed);
}

/* u and v of a recorded pass may not change before its gradients. */
static void updates_have_their_time(void **state) {
    (void)state;
    gan_module *m = make(LINEAR);
    draw(m, 1);
    gan_tensor *w = gan_module_parameter(m, 0), *g;
    gan_tensor *y = gan_module_forward(t, m, INPUT(t, NULL, 2, 6), &GAN_PASS_TRAIN);
    gan_spectral_update(m, 1);
    assert_int_equal(gan_grad(t, gan_sum_all(t, y), NULL, 1, &w, &g, 0), GAN_ESTATE);
    gan_module_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(becomes_one, setup, teardown),
        cmocka_unit_test_setup_teardown(of_a_known_matrix, setup, teardown),
        cmocka_unit_test_setup_teardown(iterations, setup, teardown),
        cmocka_unit_test_setup_teardown(directions_are_not_trained, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_goes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(files_have_pytorchs_order, setup, teardown),
        cmocka_unit_test_setup_teardown(refused, setup, teardown),
        cmocka_unit_test_setup_teardown(updates_have_their_time, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
