/* SPDX-License-Identifier: MIT
 *
 * Networks that take class labels: what they are made of, that labels do what they should and
 * nothing else does, what is refused, and what files say of it. */
#include "support.h"

#include <stdlib.h>
#include <unistd.h>

#include "gan/checkpoint.h"
#include "gan/sampler.h"
#include "image_gen.h"
#include "networks.h"
#include "nn/network.h"
#include "tape_fixture.h"

enum { CLASSES = 3, NZ = 5, N = 4 };

static gan_network_config config(const char *arch, gan_condition how) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    strcpy(c.arch, arch);
    c.height = c.width = strcmp(arch, "mlp") ? 28 : 3;
    c.channels = 1, c.features = 2, c.nz = NZ;
    c.condition = how, c.classes = how ? CLASSES : 0;
    return c;
}

static void assert_parameter(const gan_parameters *p, const char *name, int64_t rows,
                             int64_t columns) {
    const gan_parameter *found = find(p, name);
    if (!found) fail_msg("there is no %s", name);
    assert_int_equal(gan_tensor_dim(found->value, 0), rows);
    assert_int_equal(gan_tensor_dim(found->value, -1), columns);
    assert_true(gan_parameter_trained(found));
}

/* --- names --- */

static void names(void **state) {
    (void)state;
    gan_network_config c = config("dcgan", GAN_CONDITION_CONCAT);
    gan_generator *g = generator(&c);
    assert_parameter(gan_generator_parameters(g), "embed.weight", CLASSES, CLASSES);
    assert_parameter(gan_generator_parameters(g), "main.0.weight", NZ + CLASSES, 4);
    gan_generator_free(g);
    gan_discriminator *d = discriminator(&c);
    assert_parameter(gan_discriminator_parameters(d), "embed.weight", CLASSES, 28 * 28);
    assert_parameter(gan_discriminator_parameters(d), "main.0.weight", 2, 2);
    gan_discriminator_free(d);
    c = config("dcgan", GAN_CONDITION_NORM);
    g = generator(&c);
    assert_parameter(gan_generator_parameters(g), "main.1.gamma.weight", CLASSES, 4);
    assert_parameter(gan_generator_parameters(g), "main.1.beta.weight", CLASSES, 4);
    assert_non_null(find(gan_generator_parameters(g), "main.1.running_var"));
    gan_generator_free(g);
    c = config("dcgan", GAN_CONDITION_PROJECTION);
    d = discriminator(&c);
    assert_parameter(gan_discriminator_parameters(d), "embed.weight", CLASSES, 7 * 7 * 4);
    gan_discriminator_free(d);
    c.spectral = 1;
    d = discriminator(&c);
    assert_parameter(gan_discriminator_parameters(d), "embed.parametrizations.weight.original",
                     CLASSES, 7 * 7 * 4);
    gan_discriminator_free(d);
    c = config("mlp", GAN_CONDITION_CLASSIFIER);
    d = discriminator(&c);
    assert_parameter(gan_discriminator_parameters(d), "classes.weight", CLASSES, 8);
    assert_parameter(gan_discriminator_parameters(d), "classes.bias", CLASSES, CLASSES);
    gan_discriminator_free(d);
}

/* --- what labels do --- */

static const int zeros[N] = {0, 0, 0, 0}, mixed[N] = {0, 2, 0, 1};

/* Whether each image's row is the same in a and b. */
static void assert_rows(const gan_tensor *a, const gan_tensor *b, const int *same) {
    size_t row = (size_t)(gan_tensor_size(a) / N);
    for (size_t i = 0; i < N; i++) {
        int equal = !memcmp(gan_tensor_data(a) + i * row, gan_tensor_data(b) + i * row,
                            row * sizeof(gan_real));
        assert_int_equal(equal, same[i]);
    }
}

static const char *const archs[] = {"dcgan", "mlp"};
static const int expected[N] = {1, 0, 1, 0};

/* In evaluation mode: batch norm would mix them. */
static void generators(void **state) {
    static const gan_condition how[] = {GAN_CONDITION_CONCAT, GAN_CONDITION_NORM};
    (void)state;
    for (int i = 0; i < 4; i++) {
        gan_network_config c = config(archs[i / 2], how[i % 2]);
        gan_generator *g = generator(&c);
        gan_rng r = gan_rng_make(7, 1, (uint64_t)i);
        for (int k = 0; k < gan_generator_parameters(g)->count; k++) { /* shifts differ too */
            gan_parameter *p = &gan_generator_parameters(g)->item[k];
            if (p->role == GAN_ROLE_BIAS)
                gan_rng_fill_normal(&r, gan_tensor_edit(p->value),
                                    (size_t)gan_tensor_size(p->value), 0, 1);
        }
        gan_tensor *z = gan_input(t, 2, (int64_t[]){N, NZ}, NULL);
        gan_rng_fill_normal(&r, gan_tensor_edit(z), N * NZ, 0, 1);
        gan_tensor *a = gan_generator_forward(t, g, z, zeros, &GAN_PASS_EVAL);
        gan_tensor *b = gan_generator_forward(t, g, z, mixed, &GAN_PASS_EVAL);
        assert_tape_ok(t);
        assert_rows(a, b, expected);
        gan_tape_reset(t);
        gan_generator_free(g);
    }
}

static void discriminators(void **state) {
    static const gan_condition how[] = {GAN_CONDITION_CONCAT, GAN_CONDITION_PROJECTION,
                                        GAN_CONDITION_CLASSIFIER};
    (void)state;
    for (int i = 0; i < 6; i++) {
        gan_network_config c = config(archs[i / 3], how[i % 3]);
        gan_discriminator *d = discriminator(&c);
        gan_rng r = gan_rng_make(8, 1, (uint64_t)i);
        gan_tensor *x = gan_input(t, 4, (int64_t[]){N, c.height, c.width, 1}, NULL);
        gan_rng_fill_normal(&r, gan_tensor_edit(x), (size_t)gan_tensor_size(x), 0, 1);
        gan_judgement a = gan_discriminator_forward(t, d, x, zeros, &GAN_PASS_EVAL);
        gan_judgement b = gan_discriminator_forward(t, d, x, mixed, &GAN_PASS_EVAL);
        assert_tape_ok(t);
        assert_int_not_equal(gan_tensor_dim(a.features, 1), c.height); /* no image */
        if (how[i % 3] == GAN_CONDITION_CLASSIFIER) {
            assert_rows(a.scores, b.scores, (int[]){1, 1, 1, 1});
            assert_shape(a.classes, 2, DIMS(N, CLASSES));
        } else {
            assert_rows(a.scores, b.scores, expected);
            assert_null(a.classes);
        }
        gan_tape_reset(t);
        gan_discriminator_free(d);
    }
}

/* The projection is a scalar product with the features. */
static void projection(void **state) {
    (void)state;
    gan_network_config c = config("dcgan", GAN_CONDITION_PROJECTION);
    gan_discriminator *d = discriminator(&c);
    gan_rng r = gan_rng_make(9, 1, 1);
    gan_tensor *x = gan_input(t, 4, (int64_t[]){N, 28, 28, 1}, NULL);
    gan_rng_fill_normal(&r, gan_tensor_edit(x), (size_t)gan_tensor_size(x), 0, 1);
    gan_judgement a = gan_discriminator_forward(t, d, x, zeros, &GAN_PASS_EVAL);
    gan_judgement b = gan_discriminator_forward(t, d, x, mixed, &GAN_PASS_EVAL);
    const gan_tensor *w = find(gan_discriminator_parameters(d), "embed.weight")->value;
    int64_t k = gan_tensor_dim(w, 1);
    assert_int_equal(gan_tensor_size(a.features), N * k);
    for (int n = 0; n < N; n++) {
        double sum = 0;
        for (int64_t i = 0; i < k; i++)
            sum += (double)gan_tensor_data(a.features)[n * k + i] *
                   (double)(gan_tensor_data(w)[mixed[n] * k + i] - gan_tensor_data(w)[i]);
        assert_true(fabs((double)gan_tensor_data(b.scores)[n] -
                         (double)gan_tensor_data(a.scores)[n] - sum) < 1e-4 * (1 + fabs(sum)));
    }
    gan_tape_reset(t);
    gan_discriminator_free(d);
}

/* Without labels of its own a sampler goes through the classes, wherever batches are cut. */
static void samples(void **state) {
    enum { COUNT = 20 };
    (void)state;
    gan_network_config c = config("mlp", GAN_CONDITION_CONCAT);
    gan_generator *g = generator(&c);
    gan_real z[COUNT * NZ], a[COUNT * 9], b[COUNT * 9];
    int labels[COUNT];
    for (int i = 0; i < COUNT; i++) labels[i] = i % CLASSES;
    gan_sample_noise(g, 1, 0, COUNT, z);
    assert_int_equal(gan_sample(g, z, NULL, COUNT, a, 1, NULL), GAN_OK);
    assert_int_equal(gan_sample(g, z, labels, COUNT, b, 1, NULL), GAN_OK);
    assert_memory_equal(a, b, sizeof a);
    labels[17] = 0;
    assert_int_equal(gan_sample(g, z, labels, COUNT, b, 1, NULL), GAN_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_equal(a, b, 17 * 9 * sizeof *a);
    labels[17] = CLASSES;
    assert_int_equal(gan_sample(g, z, labels, COUNT, b, 1, NULL), GAN_EINVAL);
    gan_generator_free(g);
}

/* --- training --- */

static double loss_of(const char *weight) {
    const char *const settings[] = {"condition-g", "concat", "condition-d", "classifier",
                                    "classify",    weight,   NULL};
    gan_config c = gen_config(settings);
    gen_run r;
    gan_report report;
    gan_error err = {0};
    if (gen_open(&r, &c, &err)) fail_msg("%s", err.text);
    assert_int_equal(r.config.classes, 3);
    if (gan_trainer_step(r.tr, &report, &err)) fail_msg("%s", err.text);
    gen_close(&r);
    return report.d_loss;
}

/* Two cross-entropies near log 3 join D's loss. */
static void classifier_loss(void **state) {
    (void)state;
    double without = loss_of("0"), with = loss_of("1"), twice = loss_of("2");
    assert_true(fabs(with - without - 2 * log(3)) < 0.5);
    assert_true(fabs(twice - without - 2 * (with - without)) < 1e-4);
}

/* --- files --- */

static void files(void **state) {
    char path[] = "/tmp/gan-condition-XXXXXX";
    gan_error err = {0};
    (void)state;
    close(mkstemp(path));
    for (int i = 0; i < 4; i++) {
        gan_network_config c =
            config(archs[i / 2], i % 2 ? GAN_CONDITION_NORM : GAN_CONDITION_CONCAT);
        gan_generator *g = generator(&c), *loaded;
        gan_real z[2 * NZ], a[2 * 28 * 28], b[2 * 28 * 28];
        assert_int_equal(gan_generator_save(g, path, NULL), GAN_OK);
        if (gan_generator_load(path, &loaded, &err)) fail_msg("%s", err.text);
        assert_int_equal(gan_generator_config(loaded)->condition, c.condition);
        assert_int_equal(gan_generator_config(loaded)->classes, CLASSES);
        gan_sample_noise(g, 1, 0, 2, z);
        assert_int_equal(gan_sample(g, z, (int[]){2, 1}, 2, a, 1, NULL), GAN_OK);
        assert_int_equal(gan_sample(loaded, z, (int[]){2, 1}, 2, b, 1, NULL), GAN_OK);
        assert_memory_equal(a, b, (size_t)(2 * c.height * c.width) * sizeof *a);
        gan_generator_free(loaded);
        gan_generator_free(g);
    }
    remove(path);
}

static int64_t held(const gan_parameters *p) {
    int64_t n = 0;
    for (int i = 0; i < p->count; i++) {
        int of_label = strstr(p->item[i].name, "gamma.") || strstr(p->item[i].name, "beta.");
        if (of_label || p->item[i].role == GAN_ROLE_WEIGHT) n += gan_tensor_size(p->item[i].value);
    }
    return n;
}

/* A description from a file is held against the tables of its labels too, which can be larger than all
 * else. */
static void described_tables_are_counted(void **state) {
    static const char *const all[] = {"dcgan", "mlp", "resnet", "unet", "resnet9", "srresnet"};
    (void)state;
    for (int i = 0; i < COUNT(all); i++) {
        gan_network_config c = config(all[i], GAN_CONDITION_NORM);
        if (strcmp(all[i], "mlp")) c.height = c.width = 64;
        if (i > 2) c.source_height = c.source_width = i < 5 ? 64 : 16, c.source_channels = 1;
        gan_generator *g = generator(&c);
        int64_t described;
        assert_int_equal(gan__generator_weights(&c, &described, NULL), GAN_OK);
        assert_int_equal(described, held(gan_generator_parameters(g)));
        gan_generator_free(g);
    }
}

/* --- what is refused --- */

typedef struct refusal {
    gan_condition how;
    int64_t classes;
    gan_norm_kind norm;
    int64_t pack;
    const char *says;
} refusal;

static void refused_networks(void **state) {
    static const refusal of_g[] = {
        {GAN_CONDITION_PROJECTION, 3, GAN_NORM_AUTO, 1, "condition projection"},
        {GAN_CONDITION_CLASSIFIER, 3, GAN_NORM_AUTO, 1, "condition classifier"},
        {GAN_CONDITION_CONCAT, 0, GAN_NORM_AUTO, 1, "number of classes"},
        {GAN_CONDITION_NORM, 3, GAN_NORM_LAYER, 1, "use condition concat"},
    };
    static const refusal of_d[] = {
        {GAN_CONDITION_NORM, 3, GAN_NORM_AUTO, 1, "condition norm"},
        {GAN_CONDITION_PROJECTION, 0, GAN_NORM_AUTO, 1, "number of classes"},
        {GAN_CONDITION_PROJECTION, 3, GAN_NORM_AUTO, 2, "several labels"},
    };
    (void)state;
    for (int i = 0; i < COUNT(of_g) + COUNT(of_d); i++) {
        const refusal *r = i < COUNT(of_g) ? &of_g[i] : &of_d[i - COUNT(of_g)];
        gan_network_config c = config("dcgan", r->how);
        gan_generator *g = NULL;
        gan_discriminator *d = NULL;
        gan_error err = {0};
        c.classes = r->classes, c.norm = r->norm, c.pack = r->pack;
        gan_status s = i < COUNT(of_g) ? gan_generator_create(&c, &g, &err)
                                       : gan_discriminator_create(&c, &d, &err);
        assert_int_equal(s, GAN_EINVAL);
        if (!strstr(err.text, r->says)) fail_msg("%s: %s", r->says, err.text);
    }
}

static void refused_labels(void **state) {
    (void)state;
    gan_network_config c = config("mlp", GAN_CONDITION_CONCAT);
    gan_generator *g = generator(&c);
    gan_tensor *z = INPUT(t, NULL, 2, NZ);
    assert_null(gan_generator_forward(t, g, z, NULL, &GAN_PASS_EVAL));
    assert_int_equal(gan_tape_status(t), GAN_EINVAL);
    assert_non_null(strstr(gan_tape_error(t)->text, "has been given none"));
    gan_tape_reset(t);
    z = INPUT(t, NULL, 2, NZ);
    assert_null(gan_generator_forward(t, g, z, (int[]){0, -1}, &GAN_PASS_EVAL));
    assert_int_equal(gan_tape_status(t), GAN_EINVAL);
    gan_tape_reset(t);
    gan_generator_free(g);
}

static void refused_settings(void **state) {
    static const char *const rows[][5] = {
        {"condition-g", "concat", "condition-d", "none", "--condition-d projection"},
        {"condition-g", "none", "condition-d", "concat", "--condition-g concat"},
        {"classify", "2", "condition-d", "none", "--classify"},
    };
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_config c;
        gan_error err = {0};
        gan_config_init(&c);
        assert_int_equal(gan_config_set(&c, rows[i][0], rows[i][1], NULL), GAN_OK);
        assert_int_equal(gan_config_set(&c, rows[i][2], rows[i][3], NULL), GAN_OK);
        assert_int_equal(gan_config_resolve(&c, &err), GAN_EINVAL);
        if (!strstr(err.text, rows[i][4])) fail_msg("%s: %s", rows[i][4], err.text);
    }
}

/* A set without labels, or with more classes than are asked for. */
static void refused_data(void **state) {
    static const char *const settings[] = {"condition-g", "concat", "condition-d", "concat", NULL};
    static const uint8_t pixels[4] = {0};
    gan_config c = gen_config(settings);
    gan_dataset *ds;
    gan_error err = {0};
    (void)state;
    for (int with = 0; with < 2; with++) {
        gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
        o.height = o.width = o.channels = 1, o.holdout = 0;
        const int labels[4] = {0, 1, 7, 1};
        assert_int_equal(
            gan_dataset_from_memory(pixels, 4, 1, 1, 1, with ? labels : NULL, &o, &ds, NULL),
            GAN_OK);
        c.classes = with ? 7 : 0;
        assert_int_equal(gan_config_take_classes(&c, ds, &err), GAN_EDATA);
        if (!strstr(err.text, with ? "8 classes" : "none")) fail_msg("%s", err.text);
        c.classes = 0;
        if (with) assert_int_equal(gan_config_take_classes(&c, ds, &err), GAN_OK);
        if (with) assert_int_equal(c.classes, 8);
        gan_dataset_free(ds);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names, setup, teardown),
        cmocka_unit_test_setup_teardown(generators, setup, teardown),
        cmocka_unit_test_setup_teardown(discriminators, setup, teardown),
        cmocka_unit_test_setup_teardown(projection, setup, teardown),
        cmocka_unit_test_setup_teardown(samples, setup, teardown),
        cmocka_unit_test_setup_teardown(classifier_loss, setup, teardown),
        cmocka_unit_test_setup_teardown(files, setup, teardown),
        cmocka_unit_test_setup_teardown(described_tables_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_networks, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_labels, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_settings, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_data, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
