/* SPDX-License-Identifier: MIT
 *
 * The built-in architectures, against the tutorial's names and shapes written down; layouts of
 * files; modules of a user's own; what is refused, and how. */
#include "support.h"

#include "gan/checkpoint.h"
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "nn/network.h"

static gan_network_config config(const char *arch, int size, int channels, int features) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    strcpy(c.arch, arch);
    c.height = c.width = size;
    c.channels = channels, c.features = features, c.nz = 7;
    return c;
}

static gan_generator *generator(const gan_network_config *c) {
    gan_generator *g;
    gan_error err = {0};
    if (gan_generator_create(c, &g, &err)) fail_msg("%s", err.text);
    return g;
}

static gan_discriminator *discriminator(const gan_network_config *c) {
    gan_discriminator *d;
    gan_error err = {0};
    if (gan_discriminator_create(c, &d, &err)) fail_msg("%s", err.text);
    return d;
}

/* --- names and shapes: what PyTorch would list --- */

typedef struct expected {
    int count;
    char name[64][48], shape[64][32];
} expected;

static void expect(expected *e, int index, const char *what, const char *format, ...)
    GAN_PRINTF(4, 5);

static void expect(expected *e, int index, const char *what, const char *format, ...) {
    va_list args;
    va_start(args, format);
    snprintf(e->name[e->count], sizeof *e->name, "main.%d.%s", index, what);
    vsnprintf(e->shape[e->count++], sizeof *e->shape, format, args);
    va_end(args);
}

static void expect_batch_norm(expected *e, int index, int channels) {
    static const char *const names[] = {"weight", "bias", "running_mean", "running_var"};
    for (int i = 0; i < 4; i++) expect(e, index, names[i], "%d", channels);
    expect(e, index, "num_batches_tracked", "counter");
}

/* As a file has it. */
static void shape_text(const gan_parameter *p, char *text, size_t size) {
    const int64_t *dim = p->layout.dim;
    int64_t own[GAN_MAX_RANK];
    int rank = p->layout.rank;
    snprintf(text, size, "counter");
    if (!p->value) return;
    if (!p->layout.view_rank) {
        rank = gan_tensor_rank(p->value), dim = own;
        for (int i = 0; i < rank; i++) own[i] = gan_tensor_dim(p->value, i);
    }
    text[0] = 0;
    for (int i = 0; i < rank; i++)
        snprintf(text + strlen(text), size - strlen(text), "%s%lld", i ? "," : "",
                 (long long)dim[i]);
}

static void assert_parameters(const gan_parameters *p, const expected *e) {
    char shape[64];
    assert_int_equal(p->count, e->count);
    for (int i = 0; i < p->count; i++) {
        shape_text(&p->item[i], shape, sizeof shape);
        assert_string_equal(p->item[i].name, e->name[i]);
        assert_string_equal(shape, e->shape[i]);
    }
}

static const struct {
    int size, innermost, count, channels[6];
} levels[] = {{28, 7, 2, {1, 2}},
              {32, 4, 3, {1, 2, 4}},
              {64, 4, 4, {1, 2, 4, 8}},
              {128, 4, 5, {1, 2, 4, 8, 16}},
              {256, 4, 6, {1, 2, 4, 8, 16, 16}}};

/* The tutorial's: Sequential(ConvTranspose2d, BatchNorm2d, ReLU, ..., ConvTranspose2d, Tanh). */
static void generator_names(int k, int channels, int w) {
    expected e = {0};
    int n = levels[k].count, in = 7, kernel = levels[k].innermost;
    for (int i = n - 1; i >= 0; i--) {
        int out = levels[k].channels[i] * w, at = 3 * (n - 1 - i);
        expect(&e, at, "weight", "%d,%d,%d,%d", in, out, kernel, kernel);
        expect_batch_norm(&e, at + 1, out);
        in = out, kernel = 4;
    }
    expect(&e, 3 * n, "weight", "%d,%d,4,4", in, channels);
    gan_network_config c = config("dcgan", levels[k].size, channels, w);
    gan_generator *g = generator(&c);
    assert_parameters(gan_generator_parameters(g), &e);
    gan_generator_free(g);
}

/* Sequential(Conv2d, LeakyReLU, Conv2d, BatchNorm2d, LeakyReLU, ..., Conv2d). */
static void discriminator_names(int k, int channels, int w) {
    expected e = {0};
    int n = levels[k].count, in = channels, at = 0;
    for (int i = 0; i < n; i++) {
        int out = levels[k].channels[i] * w;
        expect(&e, at, "weight", "%d,%d,4,4", out, in);
        if (i) expect_batch_norm(&e, at + 1, out);
        at += i ? 3 : 2, in = out;
    }
    expect(&e, at, "weight", "1,%d,%d,%d", in, levels[k].innermost, levels[k].innermost);
    gan_network_config c = config("dcgan", levels[k].size, channels, w);
    gan_discriminator *d = discriminator(&c);
    assert_parameters(gan_discriminator_parameters(d), &e);
    gan_discriminator_free(d);
}

static void dcgan_is_the_tutorials(void **state) {
    (void)state;
    for (int k = 0; k < COUNT(levels); k++)
        for (int channels = 1; channels <= 3; channels += 2) {
            generator_names(k, channels, 2);
            discriminator_names(k, channels, 2);
        }
}

static void mlp_has_its_layers(void **state) {
    gan_network_config c = config("mlp", 0, 3, 2);
    expected eg = {0}, ed = {0};
    const int g[] = {7, 8, 16, 32, 5 * 9 * 3}, d[] = {5 * 9 * 3, 16, 8, 1};
    (void)state;
    c.height = 5, c.width = 9;
    for (int i = 0; i < 4; i++) {
        expect(&eg, 3 * i, "weight", "%d,%d", g[i + 1], g[i]);
        expect(&eg, 3 * i, "bias", "%d", g[i + 1]);
        if (i < 3) expect_batch_norm(&eg, 3 * i + 1, g[i + 1]);
    }
    for (int i = 0; i < 3; i++) {
        expect(&ed, 2 * i + 1, "weight", "%d,%d", d[i + 1], d[i]);
        expect(&ed, 2 * i + 1, "bias", "%d", d[i + 1]);
    }
    gan_generator *gen = generator(&c);
    gan_discriminator *dis = discriminator(&c);
    assert_parameters(gan_generator_parameters(gen), &eg);
    assert_parameters(gan_discriminator_parameters(dis), &ed);
    gan_generator_free(gen);
    gan_discriminator_free(dis);
}

/* The count that descriptions from files are held against is that of the weights proper. */
static void described_weights_are_counted(void **state) {
    (void)state;
    for (int k = 0; k < COUNT(levels); k++)
        for (int m = 0; m < 4; m++) {
            static const char *const archs[] = {"dcgan", "mlp", "resnet", "transformer"};
            if (m == 3 && (levels[k].size == 28 || levels[k].size == 256)) continue;
            gan_network_config c = config(archs[m], levels[k].size, 3, 2);
            if (m % 2 == 0) c.attention = levels[k].size / 2;
            gan_generator *g = generator(&c);
            const gan_parameters *p = gan_generator_parameters(g);
            int64_t n = 0, described = 0;
            for (int i = 0; i < p->count; i++)
                if (p->item[i].role == GAN_ROLE_WEIGHT) n += gan_tensor_size(p->item[i].value);
            assert_int_equal(gan__generator_weights(&c, &described, NULL), GAN_OK);
            assert_int_equal(described, n);
            gan_generator_free(g);
        }
}

/* --- forward --- */

static void forward_shapes(const gan_network_config *c) {
    gan_generator *g = generator(c);
    gan_discriminator *d = discriminator(c);
    gan_tape *t = gan_tape_create(1);
    gan_rng r = gan_rng_make(1, 2, 3);
    const gan_pass pass = GAN_PASS_TRAIN;
    gan_parameters_initialise(gan_generator_parameters(g), GAN_INIT_NORMAL, 1, 1);
    gan_parameters_initialise(gan_discriminator_parameters(d), GAN_INIT_HE, 1, 2);
    gan_tensor *x =
        gan_generator_forward(t, g, random_input(t, &r, 2, DIMS(3, c->nz)), NULL, &pass);
    assert_shape(x, 4, DIMS(3, c->height, c->width, c->channels));
    for (int64_t i = 0; i < gan_tensor_size(x); i++)
        assert_true(fabs((double)gan_tensor_data(x)[i]) <= 1);
    assert_shape(gan_discriminator_forward(t, d, x, NULL, &pass).scores, 1, DIMS(3));
    assert_tape_ok(t);
    gan_tape_free(t);
    gan_generator_free(g);
    gan_discriminator_free(d);
}

static void every_kind_of_network_runs(void **state) {
    (void)state;
    for (int norm = GAN_NORM_AUTO; norm <= GAN_NORM_NONE; norm++)
        for (int k = 0; k < 2; k++) {
            gan_network_config c = config("dcgan", levels[k].size, 1 + 2 * k, 1);
            c.norm = (gan_norm_kind)norm;
            c.dropout = 0.2;
            forward_shapes(&c);
            strcpy(c.arch, "resnet"), c.attention = levels[k].size / 4;
            forward_shapes(&c);
            c.attention = 0;
            strcpy(c.arch, "mlp"), c.height = 3, c.width = 5;
            if (norm != GAN_NORM_INSTANCE) forward_shapes(&c);
        }
    gan_network_config c = config("dcgan", 256, 3, 1);
    forward_shapes(&c);
    strcpy(c.arch, "resnet"), c.stddev = 3;
    forward_shapes(&c);
    strcpy(c.arch, "transformer"), c.height = c.width = 64, c.features = 2, c.depth = 1;
    forward_shapes(&c);
    c.height = c.width = 32, c.depth = 0, c.dropout = 0.1, c.stddev = 0;
    forward_shapes(&c);
}

static void only_batch_norm_mixes(void **state) {
    (void)state;
    for (int norm = GAN_NORM_AUTO; norm <= GAN_NORM_NONE; norm++)
        for (int mlp = 0; mlp < 2; mlp++) {
            gan_network_config c = config(mlp ? "mlp" : "dcgan", 28, 1, 1);
            c.norm = (gan_norm_kind)norm;
            if (mlp && norm == GAN_NORM_INSTANCE) continue;
            gan_discriminator *d = discriminator(&c);
            int mixes = norm == GAN_NORM_BATCH || (norm == GAN_NORM_AUTO && !mlp);
            assert_int_equal(gan_discriminator_mixes_batch(d), mixes);
            gan_discriminator_free(d);
        }
    assert_int_equal(gan_module_mixes_batch(NULL), 0);
}

/* --- initialisation --- */

static void moments(const gan_tensor *x, double *mean, double *std) {
    double n = (double)gan_tensor_size(x), sum = 0, squares = 0;
    for (int64_t i = 0; i < gan_tensor_size(x); i++) sum += (double)gan_tensor_data(x)[i];
    *mean = sum / n;
    for (int64_t i = 0; i < gan_tensor_size(x); i++)
        squares += pow((double)gan_tensor_data(x)[i] - *mean, 2);
    *std = sqrt(squares / n);
}

/* Within five standard errors of what is asked for. */
static void assert_drawn(const gan_tensor *x, double mean, double std) {
    double m, s, n = (double)gan_tensor_size(x);
    moments(x, &m, &s);
    if (fabs(m - mean) > 5 * std / sqrt(n) + 1e-12 || fabs(s - std) > 5 * std / sqrt(2 * n) + 1e-12)
        fail_msg("mean %g, deviation %g; not %g, %g", m, s, mean, std);
}

static void weights_are_drawn_as_asked(void **state) {
    gan_network_config c = config("dcgan", 32, 3, 8);
    gan_generator *g = generator(&c);
    gan_parameters *p = gan_generator_parameters(g);
    (void)state;
    for (int init = GAN_INIT_NORMAL; init <= GAN_INIT_HE; init++) {
        gan_parameters_initialise(p, (gan_init)init, 3, 4);
        /* PyTorch's fans of a transposed weight [I,O,4,4]: in = O*16, out = I*16. */
        const double std[] = {0.02, sqrt(2.0 / (16 * 32 + 16 * 16)), sqrt(2.0 / (16 * 16))};
        assert_string_equal(p->item[6].name, "main.3.weight");
        assert_drawn(p->item[6].value, 0, std[init]);
        assert_drawn(p->item[1].value, 1, init == GAN_INIT_NORMAL ? 0.02 : 0);
        for (int k = 2; k < 5; k++) assert_drawn(p->item[k].value, k == 4, 0);
    }
    gan_generator_free(g);
}

/* A parameter depends on seed, stream and its number alone. */
static void weights_do_not_disturb_each_other(void **state) {
    gan_network_config a = config("dcgan", 32, 3, 4), b = config("dcgan", 32, 1, 4);
    gan_generator *ga = generator(&a), *gb = generator(&b);
    gan_parameters *pa = gan_generator_parameters(ga), *pb = gan_generator_parameters(gb);
    (void)state;
    gan_parameters_initialise(pa, GAN_INIT_NORMAL, 1, 1);
    gan_parameters_initialise(pb, GAN_INIT_NORMAL, 1, 1);
    for (int i = 0; i + 1 < pa->count; i++)
        if (pa->item[i].value)
            assert_memory_equal(gan_tensor_data(pa->item[i].value),
                                gan_tensor_data(pb->item[i].value),
                                (size_t)gan_tensor_size(pa->item[i].value) * sizeof(gan_real));
    gan_parameters_initialise(pb, GAN_INIT_NORMAL, 2, 1);
    assert_true(*gan_tensor_data(pa->item[0].value) != *gan_tensor_data(pb->item[0].value));
    gan_generator_free(ga);
    gan_generator_free(gb);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dcgan_is_the_tutorials),
        cmocka_unit_test(mlp_has_its_layers),
        cmocka_unit_test(described_weights_are_counted),
        cmocka_unit_test(every_kind_of_network_runs),
        cmocka_unit_test(only_batch_norm_mixes),
        cmocka_unit_test(weights_are_drawn_as_asked),
        cmocka_unit_test(weights_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
