/* SPDX-License-Identifier: MIT
 *
 * Every allocation fails once: in building networks, in training, saving, loading and sampling. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "faults.h"
#include "folder.h"
#include "gan/checkpoint.h"
#include "gan/layer.h"
#include "gan/run.h"
#include "gan/sampler.h"
#include "image_gen.h"

static void empty(const char *folder) {
    static const char *const names[] = {"config.json",
                                        "log.jsonl",
                                        "checkpoint.safetensors",
                                        "generator.safetensors",
                                        "discriminator.safetensors",
                                        "samples/000001.png",
                                        "samples/000002.png",
                                        "config.json.tmp",
                                        "checkpoint.safetensors.tmp",
                                        "generator.safetensors.tmp",
                                        "discriminator.safetensors.tmp"};
    char path[192];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    snprintf(path, sizeof path, "%s/samples", folder);
    rmdir(path);
}

static int teardown(void **state) {
    static const char *const names[] = {"g", "d", "c", "s.png"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) remove(at(names[i]));
    return rmdir(dir);
}

/* --- files as bytes --- */

typedef struct bytes {
    char *data;
    size_t size;
} bytes;

/* With the allocator of the C library itself: not counted. */
static bytes slurp(const char *path) {
    bytes b = {NULL, 0};
    FILE *f = fopen(path, "rb");
    if (!f) return b;
    b.data = __real_malloc(1 << 20);
    b.size = fread(b.data, 1, 1 << 20, f);
    fclose(f);
    return b;
}

static void assert_same_file(const char *path, const bytes *want) {
    bytes is = slurp(path);
    assert_int_equal(is.size, want->size);
    if (is.size) assert_memory_equal(is.data, want->data, is.size);
    __real_free(is.data);
}

/* --- networks --- */

static gan_status build(void *context, gan_error *err) {
    const gan_network_config *c = context;
    gan_generator *g = NULL;
    gan_discriminator *d = NULL;
    gan_status s = gan_generator_create(c, &g, err);
    if (!s) s = gan_discriminator_create(c, &d, err);
    if (s) assert_null(d);
    gan_generator_free(g);
    gan_discriminator_free(d);
    return s;
}

static void networks_are_built(void **state) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    (void)state;
    c.height = c.width = 32, c.features = 1, c.nz = 3, c.dropout = 0.1;
    assert_true(every_allocation(build, NULL, &c, 1) > 150);
    strcpy(c.arch, "mlp"), c.norm = GAN_NORM_LAYER;
    assert_true(every_allocation(build, NULL, &c, 1) > 80);
    c.spectral = 1, c.stddev = 4, c.pack = 2;
    assert_true(every_allocation(build, NULL, &c, 1) > 120);
}

static gan_status build_of_images(void *context, gan_error *err) {
    gan_network_config c = *(gan_network_config *)context;
    gan_generator *g;
    gan_discriminator *d = NULL;
    gan_status s = gan_generator_create(&c, &g, err);
    strcpy(c.arch, c.depth == 1 ? "patch" : "srgan");
    if (!s) s = gan_discriminator_create(&c, &d, err);
    gan_generator_free(g);
    gan_discriminator_free(d);
    return s;
}

static void networks_of_images_are_built(void **state) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    (void)state;
    c.height = c.width = c.source_height = c.source_width = 64, c.source_channels = 3;
    c.features = 1, c.dropout = 0.1, c.depth = 1;
    strcpy(c.arch, "unet");
    assert_true(every_allocation(build_of_images, NULL, &c, 1) > 250);
    strcpy(c.arch, "resnet9"), c.depth = 2;
    assert_true(every_allocation(build_of_images, NULL, &c, 1) > 250);
    strcpy(c.arch, "srresnet"), c.source_height = c.source_width = 32, c.dropout = 0;
    assert_true(every_allocation(build_of_images, NULL, &c, 1) > 250);
}

static gan_status build_own(void *context, gan_error *err) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    gan_module *root = gan_sequential("net"), *part = gan_sequential(NULL);
    gan_discriminator *d;
    (void)context;
    gan_module_add(part, "flatten", gan_flatten(2, 2, 3));
    gan_module_add(part, NULL, gan_linear(12, 4, 1));
    gan_module_add(part, NULL, gan_instance_norm_layer(4));
    gan_module_add(part, NULL, gan_spectral_norm(gan_linear(4, 8, 1)));
    gan_module_add(part, NULL, gan_maxout_layer(2));
    gan_module_add(part, NULL, gan_prelu_layer());
    gan_module_add(part, NULL, gan_spectral_norm(gan_self_attention_2d(8)));
    gan_module_add(part, NULL, gan_multi_head_attention(4, 2));
    gan_module_add(part, NULL, gan_token_norm_layer(4));
    gan_module_add(root, "body", part);
    for (int i = 0; i < 20; i++) gan_module_add(root, NULL, gan_activation(GAN_TANH, 0));
    gan_module_add(root, "head", gan_linear(4, 1, 0));
    gan_status s = gan_discriminator_wrap(root, &c, &d, err);
    gan_discriminator_free(d);
    return s;
}

static void own_networks_are_built(void **state) {
    (void)state;
    assert_true(every_allocation(build_own, NULL, NULL, 1) > 60);
}

/* --- settings --- */

static gan_status settings(void *context, gan_error *err) {
    gan_config c;
    (void)context;
    gan_config_init(&c);
    char *text = gan_config_to_json(&c);
    if (!text) {
        strcpy(err->text, "no memory");
        return GAN_ENOMEM;
    }
    gan_status s = gan_config_from_json(&c, text, err);
    gan_config_free_text(text);
    if (!s) s = gan_config_resolve(&c, err);
    return s;
}

static void settings_are_written_and_read(void **state) {
    (void)state;
    every_allocation(settings, NULL, NULL, 7);
}

/* --- a trainer --- */

static gan_status train(void *context, gan_error *err) {
    gen_run r;
    gan_status s = gen_open(&r, context, err);
    if (s) return s;
    for (int i = 0; i < 2 && !s; i++) s = gan_trainer_step(r.tr, NULL, err);
    if (!s) s = gan_trainer_write_samples(r.tr, at("s.png"), err);
    gen_close(&r);
    return s;
}

static void trainers_take_steps(void **state) {
    static const char *const kinds[][16] = {
        {"arch", "mlp", "ema", "0.9", "accumulate", "2", "holdout", "0.2", "holdout-every", "1"},
        {"loss", "wgan-gp", "n-critic", "2"},
        {"loss", "wgan", "arch", "mlp", "n-critic", "1"}};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        gan_config c = gen_config(kinds[i]);
        assert_true(every_allocation(train, NULL, &c, 3) > 50);
    }
}

/* --- saving and loading --- */

typedef struct saved {
    gen_run run, other;
    bytes g, d, c;
} saved;

static gan_status save(void *context, gan_error *err) {
    saved *x = context;
    gan_status s = gan_trainer_save(x->run.tr, at("c"), err);
    return s ? s : gan_trainer_save_networks(x->run.tr, at("g"), at("d"), err);
}

/* Old and new states have the same bytes here: a file is whole, or it has been lost. */
static void files_are_whole(void *context, gan_status s) {
    saved *x = context;
    (void)s;
    assert_same_file(at("c"), &x->c);
    assert_same_file(at("g"), &x->g);
    assert_same_file(at("d"), &x->d);
    assert_true(access(at("c.tmp"), F_OK) && access(at("g.tmp"), F_OK));
}

static gan_status load(void *context, gan_error *err) {
    saved *x = context;
    gan_generator *g = NULL;
    gan_status s = gan_trainer_load(x->other.tr, at("c"), err);
    if (!s) s = gan_networks_load(at("g"), x->other.g, x->other.d, err);
    if (!s) s = gan_networks_load(at("d"), x->other.g, x->other.d, err);
    if (!s) s = gan_generator_load(at("g"), &g, err);
    if (s) assert_null(g);
    gan_generator_free(g);
    return s;
}

static gan_status draw(void *context, gan_error *err) {
    static gan_real z[20 * 5], images[20 * GEN_SIDE * GEN_SIDE];
    saved *x = context;
    gan_sample_noise(x->run.g, 1, 0, 20, z);
    return gan_sample(x->run.g, z, NULL, 20, images, 1, err);
}

static void saved_state_survives(void **state) {
    gan_config c = gen_config((const char *const[]){"ema", "0.9", "arch", "mlp", NULL});
    gan_error err = {0};
    saved x = {0};
    (void)state;
    arm(0);
    assert_int_equal(gen_open(&x.run, &c, &err), GAN_OK);
    assert_int_equal(gen_open(&x.other, &c, &err), GAN_OK);
    assert_int_equal(gan_trainer_step(x.run.tr, NULL, &err), GAN_OK);
    assert_int_equal(save(&x, &err), GAN_OK);
    x.g = slurp(at("g")), x.d = slurp(at("d")), x.c = slurp(at("c"));
    assert_true(every_allocation(save, files_are_whole, &x, 1) > 30);
    assert_true(every_allocation(load, files_are_whole, &x, 1) > 100);
    assert_true(every_allocation(draw, NULL, &x, 1) > 2);
    assert_int_equal(gan_trainer_load(x.other.tr, at("c"), &err), GAN_OK);
    assert_int_equal(gan_trainer_save(x.other.tr, at("c"), &err), GAN_OK);
    files_are_whole(&x, GAN_OK);
    gen_close(&x.run);
    gen_close(&x.other);
    __real_free(x.g.data), __real_free(x.d.data), __real_free(x.c.data);
}

/* --- a whole run in a folder: whatever failed, it can be gone on with --- */

static gan_status run_in(const gan_config *c, const char *folder, gan_error *err) {
    gen_run r;
    gan_status s = gen_open(&r, c, err);
    if (s) return s;
    s = gan_run(r.tr, folder, gan_run_exists(folder), NULL, err);
    gen_close(&r);
    return s;
}

static gan_status run_anew(void *context, gan_error *err) {
    empty(at("run"));
    return run_in(context, at("run"), err);
}

static void run_goes_on(void *context, gan_status s) {
    gan_error err = {0};
    bytes want = slurp(at("quiet/checkpoint.safetensors"));
    if (s && run_in(context, at("run"), &err)) fail_msg("%s", err.text);
    assert_same_file(at("run/checkpoint.safetensors"), &want);
    __real_free(want.data);
}

static void runs_can_be_gone_on_with(void **state) {
    gan_config c =
        gen_config((const char *const[]){"arch", "mlp", "width", "1", "steps", "2",
                                         "checkpoint-every", "1", "sample-every", "1", NULL});
    gan_error err = {0};
    (void)state;
    arm(0);
    assert_int_equal(run_in(&c, at("quiet"), &err), GAN_OK);
    every_allocation(run_anew, run_goes_on, &c, 19);
    empty(at("run"));
    empty(at("quiet"));
    assert_int_equal(rmdir(at("run")) + rmdir(at("quiet")), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_are_built),       cmocka_unit_test(networks_of_images_are_built),
        cmocka_unit_test(own_networks_are_built),   cmocka_unit_test(settings_are_written_and_read),
        cmocka_unit_test(trainers_take_steps),      cmocka_unit_test(saved_state_survives),
        cmocka_unit_test(runs_can_be_gone_on_with),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
