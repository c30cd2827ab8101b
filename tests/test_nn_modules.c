/* SPDX-License-Identifier: MIT
 *
 * Modules: how parameters lie in files, layers of a user's own, and what is refused. */
#include "support.h"

#include <stdlib.h>
#include <unistd.h>

#include "gan/checkpoint.h"
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/safetensors.h"
#include "gan/sampler.h"

static char dir[] = "/tmp/gan_nn_XXXXXX", path[64];

static int setup(void **state) {
    (void)state;
    if (!mkdtemp(dir)) return -1;
    snprintf(path, sizeof path, "%s/generator.safetensors", dir);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    remove(path);
    return rmdir(dir);
}

static void ok(gan_status s, const gan_error *err) {
    if (s) fail_msg("%s", err->text);
}

static gan_network_config config(const char *arch, int height, int width, int channels) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    strcpy(c.arch, arch);
    c.height = height, c.width = width, c.channels = channels;
    c.features = 2, c.nz = 6;
    return c;
}

static gan_generator *generator(const gan_network_config *c) {
    gan_generator *g;
    gan_error err = {0};
    ok(gan_generator_create(c, &g, &err), &err);
    return g;
}

/* --- layouts --- */

/* Every element its own number. */
static void number(gan_parameters *p) {
    int k = 0;
    for (int i = 0; i < p->count; i++) {
        if (p->item[i].counter) *p->item[i].counter = 1000 + i;
        for (int64_t j = 0; j < gan_tensor_size(p->item[i].value); j++)
            gan_tensor_edit(p->item[i].value)[j] = (gan_real)k++;
    }
}

static void clear(gan_parameters *p) {
    for (int i = 0; i < p->count; i++) {
        if (p->item[i].counter) *p->item[i].counter = 0;
        for (int64_t j = 0; j < gan_tensor_size(p->item[i].value); j++)
            gan_tensor_edit(p->item[i].value)[j] = -1;
    }
}

static void assert_same(const gan_parameters *a, const gan_parameters *b) {
    assert_int_equal(a->count, b->count);
    for (int i = 0; i < a->count; i++) {
        if (a->item[i].counter)
            assert_int_equal(*a->item[i].counter, *b->item[i].counter);
        else
            assert_memory_equal(gan_tensor_data(a->item[i].value),
                                gan_tensor_data(b->item[i].value),
                                (size_t)gan_tensor_size(a->item[i].value) * sizeof(gan_real));
    }
}

static void files_give_back_what_they_took(void **state) {
    const gan_network_config all[] = {config("dcgan", 28, 28, 3),  config("dcgan", 32, 32, 1),
                                      config("mlp", 3, 5, 3),      config("mlp", 1, 2, 1),
                                      config("resnet", 28, 28, 1), config("resnet", 32, 32, 3)};
    gan_error err = {0};
    (void)state;
    for (int k = 0; k < COUNT(all); k++) {
        gan_generator *a = generator(&all[k]), *b = generator(&all[k]), *c;
        number(gan_generator_parameters(a));
        clear(gan_generator_parameters(b));
        gan_generator_set_uniform(a, k % 2);
        ok(gan_generator_save(a, path, &err), &err);
        ok(gan_parameters_load(gan_generator_parameters(b), path, &err), &err);
        assert_same(gan_generator_parameters(a), gan_generator_parameters(b));
        ok(gan_generator_load(k % 2 ? dir : path, &c, &err), &err);
        assert_same(gan_generator_parameters(a), gan_generator_parameters(c));
        assert_int_equal(gan_generator_is_uniform(c), k % 2);
        gan_generator_free(a);
        gan_generator_free(b);
        gan_generator_free(c);
    }
}

static const float *tensor(const gan_safetensors *f, const char *name) {
    const gan_safetensors_entry *e = gan_safetensors_find(f, name);
    assert_non_null(e);
    assert_int_equal(e->dtype, GAN_DTYPE_F32);
    return e->data;
}

/* A convolution is [K,C,KH,KW] there; the rows of a linear layer before an image are in the order
 * C,H,W. */
static void files_hold_pytorchs_order(void **state) {
    gan_network_config c = config("mlp", 3, 5, 3);
    gan_error err = {0};
    (void)state;
    gan_generator *g = generator(&c);
    const gan_parameters *p = gan_generator_parameters(g);
    number(gan_generator_parameters(g));
    ok(gan_generator_save(g, path, &err), &err);
    gan_safetensors *f;
    ok(gan_safetensors_open(path, &f, &err), &err);
    const gan_parameter *w = &p->item[p->count - 2], *b = &p->item[p->count - 1];
    const float *fw = tensor(f, w->name), *fb = tensor(f, b->name);
    for (int64_t k = 0; k < 3; k++)
        for (int64_t pixel = 0; pixel < 15; pixel++) {
            int64_t there = k * 15 + pixel, here = pixel * 3 + k;
            assert_true((gan_real)fb[there] == gan_tensor_data(b->value)[here]);
            for (int64_t i = 0; i < 32; i++)
                assert_true((gan_real)fw[there * 32 + i] ==
                            gan_tensor_data(w->value)[here * 32 + i]);
        }
    gan_safetensors_close(f);
    gan_generator_free(g);
}

/* --- a user's own --- */

static gan_tensor *scale_forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)pass;
    (*(int *)gan_module_state(m))++;
    return gan_mul(t, x, gan_module_parameter(m, 0));
}

static const gan_module_type scale_type = {
    .name = "scale", .forward = scale_forward, .mixes_batch = GAN_MIXES_STATISTICS};

static gan_module *scale(int64_t channels) {
    gan_module *m = gan_module_create(&scale_type, sizeof(int));
    gan_module_add_parameter(m, "weight", GAN_ROLE_SCALE, 1, &channels, 1, 1);
    return m;
}

static void own_modules_are_modules(void **state) {
    gan_module *net = gan_sequential("net"), *own = scale(3);
    gan_parameters p;
    gan_error err = {0};
    gan_tape *t = gan_tape_create(1);
    const gan_pass pass = GAN_PASS_EVAL;
    (void)state;
    gan_module_add(net, "in", gan_linear(2, 3, 0));
    gan_module_add(net, NULL, own);
    ok(gan_parameters_collect(net, &p, &err), &err);
    assert_int_equal(p.count, 2);
    assert_string_equal(p.item[0].name, "net.in.weight");
    assert_string_equal(p.item[1].name, "net.1.weight");
    assert_int_equal(gan_module_mixes_batch(net), GAN_MIXES_STATISTICS);
    assert_ptr_equal(gan_module_child(net, 1), own);
    assert_null(gan_module_child(net, 2));
    for (int i = 0; i < 6; i++) gan_tensor_edit(p.item[0].value)[i] = 1;
    for (int i = 0; i < 3; i++) gan_tensor_edit(p.item[1].value)[i] = (gan_real)(i + 1);
    gan_tensor *y = gan_module_forward(t, net, INPUT(t, VALUES(2, 5), 1, 2), &pass);
    assert_values(y, VALUES(7, 14, 21), 0);
    assert_int_equal(*(int *)gan_module_state(own), 1);
    gan_module_forward(t, net, INPUT(t, NULL, 1, 3), &pass);
    assert_int_equal(gan_tape_status(t), GAN_ESHAPE);
    assert_non_null(strstr(gan_tape_error(t)->text, "net.in"));
    gan_parameters_free(&p);
    gan_module_free(net);
    gan_tape_free(t);
}

/* A slope begins as PyTorch's does, whatever the initialiser, and is trained. */
static void slopes_begin_at_a_quarter(void **state) {
    gan_module *net = gan_sequential("net");
    gan_parameters p;
    gan_error err = {0};
    (void)state;
    gan_module_add(net, NULL, gan_linear(2, 3, 1));
    gan_module_add(net, NULL, gan_prelu_layer());
    ok(gan_parameters_collect(net, &p, &err), &err);
    assert_int_equal(p.count, 3);
    assert_string_equal(p.item[2].name, "net.1.weight");
    assert_shape(p.item[2].value, 1, DIMS(1));
    assert_true(gan_parameter_trained(&p.item[2]));
    for (gan_init init = GAN_INIT_NORMAL; init <= GAN_INIT_HE; init++) {
        gan_tensor_edit(p.item[2].value)[0] = 7;
        gan_parameters_initialise(&p, init, 1, 1);
        assert_true(gan_tensor_data(p.item[2].value)[0] == (gan_real)0.25);
    }
    gan_parameters_free(&p);
    gan_module_free(net);
}

static void wrapped_networks_are_custom(void **state) {
    gan_network_config c = config("dcgan", 2, 2, 1);
    gan_module *root = gan_sequential("mine");
    gan_generator *g, *back = NULL;
    gan_error err = {0};
    (void)state;
    gan_module_add(root, NULL, gan_linear(6, 4, 1));
    gan_module_add(root, NULL, gan_unflatten(2, 2, 1));
    ok(gan_generator_wrap(root, &c, &g, &err), &err);
    assert_string_equal(gan_generator_config(g)->arch, "custom");
    number(gan_generator_parameters(g));
    ok(gan_generator_save(g, path, &err), &err);
    assert_int_equal(gan_generator_load(path, &back, &err), GAN_EUNSUPPORTED);
    assert_null(back);
    assert_non_null(strstr(err.text, "gan_parameters_load()"));
    clear(gan_generator_parameters(g));
    ok(gan_parameters_load(gan_generator_parameters(g), path, &err), &err);
    assert_true(gan_tensor_data(gan_generator_parameters(g)->item[0].value)[23] == 23);
    gan_generator_free(g);
}

/* --- refusals --- */

static void assert_refused(const gan_network_config *c, const char *g, const char *d) {
    gan_generator *gen = (gan_generator *)&gen;
    gan_discriminator *dis = (gan_discriminator *)&dis;
    gan_error err = {0};
    assert_int_equal(gan_generator_create(c, &gen, &err), GAN_EINVAL);
    assert_string_equal(err.text, g);
    assert_null(gen);
    assert_int_equal(gan_discriminator_create(c, &dis, &err), GAN_EINVAL);
    assert_string_equal(err.text, d ? d : g);
    assert_null(dis);
    assert_int_equal(gan_generator_create(c, &gen, NULL), GAN_EINVAL);
}

static void configs_are_checked(void **state) {
    const gan_network_config good = config("dcgan", 28, 28, 1);
    gan_network_config c = good;
    (void)state;
    c.size = 3;
    assert_refused(&c, "generator: start its config from GAN_NETWORK_DEFAULTS",
                   "discriminator: start its config from GAN_NETWORK_DEFAULTS");
    c = good, c.width = 0;
    assert_refused(&c, "generator: width is 0, it must be from 1 to 65536",
                   "discriminator: width is 0, it must be from 1 to 65536");
    c = good, c.features = 8193;
    assert_refused(&c, "generator: features is 8193, it must be from 1 to 8192",
                   "discriminator: features is 8193, it must be from 1 to 8192");
    c = good, c.norm = (gan_norm_kind)9;
    assert_refused(&c, "generator: norm is 9, it must be from 0 to 4",
                   "discriminator: norm is 9, it must be from 0 to 4");
    c = good, c.dropout = (double)NAN;
    assert_refused(&c, "generator: dropout is nan, it must be from 0 to below 1",
                   "discriminator: dropout is nan, it must be from 0 to below 1");
    c = good, strcpy(c.arch, "vgg");
    assert_refused(&c,
                   "there is no generator architecture 'vgg'; known: dcgan, mlp, resnet, "
                   "resnet9, srresnet, transformer, unet",
                   "there is no discriminator architecture 'vgg'; known: dcgan, mlp, patch, "
                   "resnet, srgan, transformer");
    c = good, c.attention = 16;
    assert_refused(
        &c, "attention at 16: arch dcgan of 28 has images of 7, doubled up to 14, inside", NULL);
    c = good, strcpy(c.arch, "mlp"), c.attention = 7;
    assert_refused(&c, "arch mlp has no place for attention at 7; use dcgan or resnet", NULL);
    c = good, strcpy(c.arch, "transformer");
    assert_refused(&c, "arch transformer makes images of 32, 64 or 128 squared, not 28x28", NULL);
    c.height = c.width = 32, c.norm = GAN_NORM_BATCH;
    assert_refused(&c, "arch transformer norms each token by itself; leave its norm auto", NULL);
    c = good, c.height = 32;
    assert_refused(&c,
                   "arch dcgan makes images of 28, 32, 64, 128 or 256 squared, not 32x28; "
                   "arch mlp takes any size",
                   NULL);
    c = good, strcpy(c.arch, "mlp"), c.norm = GAN_NORM_INSTANCE;
    assert_refused(&c, "arch mlp has no pixels for instance norm; use layer, batch or none", NULL);
}

/* Each is a layer that cannot be. */
static void failures_add_up_in_the_parent(void **state) {
    gan_module *const bad[] = {gan_linear(0, 3, 1),
                               gan_conv_layer(1, 1, 0, 1, 0, 0),
                               gan_conv_layer(1, 1, 3, 0, 0, 0),
                               gan_conv_layer(1, 1, 3, 1, -1, 0),
                               gan_conv_transpose_layer(1, 1, 3, 1, 0, -1, 1),
                               gan_group_norm_layer(0, 4),
                               gan_group_norm_layer(3, 4),
                               gan_plain_instance_norm_layer(0),
                               gan_batch_norm_layer(0),
                               gan_maxout_layer(0),
                               gan_self_attention_2d(0),
                               gan_multi_head_attention(6, 0),
                               gan_multi_head_attention(6, 4),
                               gan_multi_head_attention(0, 1),
                               gan_token_norm_layer(0),
                               gan_minibatch_stddev(0),
                               gan_dropout(1),
                               gan_dropout((double)NAN),
                               gan_flatten(1, 0, 1),
                               gan_upsample_layer(0),
                               gan_average_pool_layer(-1),
                               gan_max_pool_layer(3, 0, 1),
                               gan_max_pool_layer(2, 2, 2),
                               gan_pixel_shuffle_layer(0),
                               gan_resize_layer(0),
                               gan_reflection_pad_layer(-1),
                               gan_replication_pad_layer(-1)};
    gan_network_config c = config("mlp", 2, 2, 1);
    (void)state;
    for (int i = 0; i < COUNT(bad); i++) {
        gan_module *root = gan_sequential("main");
        gan_discriminator *d;
        gan_error err = {0};
        assert_int_equal(gan_module_status(bad[i]), GAN_EINVAL);
        gan_module_add(root, NULL, gan_linear(1, 1, 0));
        gan_module_add(root, NULL, bad[i]);
        gan_module_add(root, NULL, gan_linear(1, 1, 0)); /* freed */
        assert_int_equal(gan_module_status(root), GAN_EINVAL);
        assert_int_equal(gan_discriminator_wrap(root, &c, &d, &err), GAN_EINVAL);
        assert_null(d);
        assert_string_equal(err.text, "a layer of the network has a size or option out of range");
    }
}

static void null_is_a_failed_module(void **state) {
    gan_tape *t = gan_tape_create(1);
    const gan_pass pass = GAN_PASS_EVAL;
    gan_parameters p;
    gan_error err = {0};
    (void)state;
    assert_int_equal(gan_module_status(NULL), GAN_ENOMEM);
    assert_null(gan_module_add_parameter(NULL, "w", GAN_ROLE_BIAS, 0, NULL, 1, 1));
    assert_null(gan_module_parameter(NULL, 0));
    assert_null(gan_module_state(NULL));
    gan_module_add(NULL, NULL, gan_linear(1, 1, 0));
    gan_module_free(NULL);
    assert_null(gan_module_forward(t, NULL, INPUT(t, NULL, 1, 1), &pass));
    assert_tape_failed(t, GAN_ENOMEM, "a module that could not be built was run");
    assert_int_equal(gan_parameters_collect(NULL, &p, &err), GAN_ENOMEM);
    gan_generator_free(NULL);
    gan_discriminator_free(NULL);
    gan_module *many = gan_sequential("m");
    for (int i = 0; i < 7; i++) gan_module_add_parameter(many, "w", GAN_ROLE_BIAS, 0, NULL, 1, 1);
    assert_int_equal(gan_module_status(many), GAN_EINVAL);
    gan_module_free(many);
    gan_tape_free(t);
}

static void wrong_sizes_are_named(void **state) {
    gan_network_config c = config("dcgan", 28, 28, 1);
    gan_generator *g = generator(&c);
    gan_discriminator *d;
    gan_error err = {0};
    gan_tape *t = gan_tape_create(1);
    const gan_pass pass = GAN_PASS_EVAL;
    (void)state;
    ok(gan_discriminator_create(&c, &d, &err), &err);
    gan_generator_forward(t, g, INPUT(t, NULL, 2, 5), NULL, &pass);
    assert_tape_failed(t, GAN_ESHAPE, "generator: z has 5 numbers a vector, nz is 6");
    gan_discriminator_forward(t, d, INPUT(t, NULL, 2, 28, 28, 3), NULL, &pass);
    assert_tape_failed(t, GAN_ESHAPE, "discriminator: images are 28x28x3, it is for 28x28x1");
    assert_null(gan_generator_forward(t, g, NULL, NULL, &pass));
    assert_null(gan_discriminator_forward(t, d, NULL, NULL, &pass).scores);
    gan_tape_free(t);
    gan_discriminator_free(d);
    gan_generator_free(g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_give_back_what_they_took),
        cmocka_unit_test(files_hold_pytorchs_order),
        cmocka_unit_test(own_modules_are_modules),
        cmocka_unit_test(slopes_begin_at_a_quarter),
        cmocka_unit_test(wrapped_networks_are_custom),
        cmocka_unit_test(configs_are_checked),
        cmocka_unit_test(failures_add_up_in_the_parent),
        cmocka_unit_test(null_is_a_failed_module),
        cmocka_unit_test(wrong_sizes_are_named),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
