/* SPDX-License-Identifier: MIT
 *
 * Super-resolution and translation: what generator and discriminator are given, terms of the loss, a
 * discriminator that rests, pictures, runs that go on; with small networks of the test's own. */
#include "support.h"

#include <stdlib.h>
#include <unistd.h>

#include "gan/checkpoint.h"
#include "gan/image.h"
#include "gan/layer.h"
#include "gan/safetensors.h"
#include "gan/sampler.h"
#include "image_gen.h"
#include "tape_fixture.h"
#include "train/task/task.h"

enum { SIDE = 8, PICTURES = 12, BATCH = 3 };

/* --- networks, data, a trainer --- */

static gan_module *make_g(int scale) {
    gan_module *net = gan_sequential("main");
    gan_module_add(net, NULL, gan_conv_layer(1, 4, 3, 1, 1, 1));
    gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
    if (scale > 1) gan_module_add(net, NULL, gan_upsample_layer(scale));
    gan_module_add(net, NULL, gan_conv_layer(4, 1, 3, 1, 1, 1));
    return net;
}

static gan_module *make_d(int64_t channels) {
    gan_module *net = gan_sequential("main");
    gan_module_add(net, NULL, gan_conv_layer(channels, 4, 4, 2, 1, 1));
    gan_module_add(net, NULL, gan_activation(GAN_LEAKY_RELU, 0.2));
    gan_module_add(net, NULL, gan_conv_layer(4, 1, 3, 1, 1, 1));
    return net;
}

static int black; /* the pictures are that */

/* Pictures whose right half is the left one upside down. */
static gan_dataset *make_data(int pairs, double holdout) {
    uint8_t pixels[PICTURES * SIDE * 2 * SIDE];
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_dataset *ds;
    gan_error err = {0};
    int wide = pairs ? 2 * SIDE : SIDE;
    for (int n = 0; n < PICTURES; n++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < wide; x++) {
                int value = ((x % SIDE) * 9 + y * 17 + n * 29) % 200;
                pixels[(n * SIDE + y) * wide + x] = (uint8_t)(x < SIDE ? value : 255 - value);
            }
    if (black) memset(pixels, 0, sizeof pixels);
    o.height = SIDE, o.width = wide, o.channels = 1, o.holdout = holdout;
    if (gan_dataset_from_memory(pixels, PICTURES, SIDE, wide, 1, NULL, &o, &ds, &err))
        fail_msg("%s", err.text);
    return ds;
}

static gan_config make_config(const char *const *settings) {
    static const char *const base[] = {"size",         "8", "channels", "1",    "batch", "3",
                                       "threads",      "1", "lr-g",     "0.01", "lr-d",  "0.01",
                                       "sample-count", "9", "init",     "he",   NULL};
    gan_config c;
    gan_error err = {0};
    gan_config_init(&c);
    for (int k = 0; k < 2; k++)
        for (const char *const *s = k ? settings : base; *s; s += 2)
            if (gan_config_set(&c, s[0], s[1], &err)) fail_msg("%s", err.text);
    if (gan_config_resolve(&c, &err)) fail_msg("%s", err.text);
    return c;
}

static void open_run_of(gen_run *r, double holdout, const char *const *settings) {
    gan_error err = {0};
    *r = (gen_run){.config = make_config(settings)};
    gan_network_config gc = gan_config_generator(&r->config),
                       dc = gan_config_discriminator(&r->config);
    int pairs = !strcmp(r->config.task, "translate");
    int scale = (int)(gc.height / gc.source_height);
    r->data = make_data(pairs, holdout);
    gan_status s = gan_generator_wrap(make_g(scale), &gc, &r->g, &err);
    if (!s) s = gan_discriminator_wrap(make_d(dc.channels), &dc, &r->d, &err);
    if (!s) s = gan_trainer_create(&r->config, r->g, r->d, r->data, &r->tr, &err);
    if (!s) s = gan_trainer_initialise(r->tr, &err);
    if (s) fail_msg("%s", err.text);
}

static void open_run(gen_run *r, const char *const *settings) {
    open_run_of(r, 0.25, settings);
}

#define SUPERRES "task", "superres", "scale", "2"
#define TRANSLATE "task", "translate"

/* --- what the networks are given --- */

static void sources_are_smaller(void **state) {
    gen_run r;
    (void)state;
    open_run(&r, (const char *const[]){SUPERRES, "add", "l2:1", NULL});
    gen_steps(&r, 1);
    assert_shape(r.tr->input, 4, DIMS(BATCH, SIDE / 2, SIDE / 2, 1));
    const gan_real *x = gan_tensor_data(r.tr->real), *s = gan_tensor_data(r.tr->input);
    for (int n = 0; n < BATCH; n++)
        for (int i = 0; i < SIDE / 2; i++)
            for (int j = 0; j < SIDE / 2; j++) {
                const gan_real *at = x + (n * SIDE + 2 * i) * SIDE + 2 * j;
                double mean =
                    ((double)at[0] + (double)at[1] + (double)at[SIDE] + (double)at[SIDE + 1]) / 4;
                assert_true(fabs(mean - (double)s[(n * SIDE / 2 + i) * SIDE / 2 + j]) < 1e-6);
            }
    gen_close(&r);
}

static void halves_are_parted(void **state) {
    (void)state;
    for (int back = 0; back < 2; back++) {
        gen_run r;
        open_run(&r, (const char *const[]){TRANSLATE, "direction", back ? "ba" : "ab", NULL});
        gen_steps(&r, 1);
        const gan_real *half[2] = {gan_tensor_data(r.tr->input), gan_tensor_data(r.tr->real)};
        const gan_real *pair = gan_tensor_data(r.tr->batch);
        for (int i = 0; i < BATCH * SIDE; i++)
            for (int j = 0; j < 2 * SIDE; j++)
                assert_true(half[(j < SIDE) == back][i * SIDE + j % SIDE] ==
                            pair[i * 2 * SIDE + j]);
        gen_close(&r);
    }
}

/* The judgement of a pair moves with its source. */
static void the_source_is_judged_too(void **state) {
    gen_run r;
    (void)state;
    open_run(&r, (const char *const[]){TRANSLATE, NULL});
    gen_steps(&r, 1);
    assert_int_equal(gan_discriminator_config(r.d)->channels, 2);
    gan_tensor *x = gan_input(t, 4, DIMS(1, SIDE, SIDE, 2), NULL);
    gan_tensor *a = gan_discriminator_forward(t, r.d, x, NULL, &GAN_PASS_EVAL).scores;
    x = gan_input(t, 4, DIMS(1, SIDE, SIDE, 2), NULL);
    gan_tensor_edit(x)[0] = 1;
    gan_tensor *b = gan_discriminator_forward(t, r.d, x, NULL, &GAN_PASS_EVAL).scores;
    assert_tape_ok(t);
    assert_int_equal(gan_tensor_size(a), 16); /* patches */
    assert_memory_not_equal(gan_tensor_data(a), gan_tensor_data(b), 16 * sizeof(gan_real));
    gan_tape_reset(t);
    gen_close(&r);
}

/* --- the loss --- */

/* A generator that is told where to go gets there: its terms fall, with every objective's help. */
static void terms_lead(void **state) {
    static const char *const lists[] = {"l1:100", "l2:100", "charbonnier:100",
                                        "l1:100+perceptual:1"};
    (void)state;
    for (int i = 0; i < COUNT(lists); i++) {
        gen_run r;
        open_run(&r, (const char *const[]){TRANSLATE, "add", lists[i], "loss",
                                           i % 2 ? "relativistic" : "standard", NULL});
        gan_report first = gen_steps(&r, 1), last = gen_steps(&r, 120);
        assert_int_equal(last.term_count, i == 3 ? 2 : 1);
        assert_memory_equal(last.terms[0].name, lists[i], 2);
        if (last.terms[0].value > 0.6 * first.terms[0].value)
            fail_msg("%s: %g, then %g", lists[i], first.terms[0].value, last.terms[0].value);
        gen_close(&r);
    }
}

/* While its weight is 0 nothing happens to D, and it is not even asked. */
static void d_rests(void **state) {
    gen_run r, fresh;
    const char *const settings[] = {
        SUPERRES, "add", "charbonnier:1", "adversarial", "0@0,0.1@2", "holdout-every", "1", NULL};
    (void)state;
    open_run(&r, settings);
    open_run(&fresh, settings);
    gan_report report = gen_steps(&r, 2);
    assert_int_equal(report.n_critic, 0);
    assert_true(isnan(report.d_loss) && isnan(report.score_fake) && isnan(report.grad_norm_d));
    assert_true(isnan(report.auc) && isnan(report.score_holdout));
    assert_true(
        gen_same_weights(gan_discriminator_parameters(r.d), gan_discriminator_parameters(fresh.d)));
    assert_false(
        gen_same_weights(gan_generator_parameters(r.g), gan_generator_parameters(fresh.g)));
    report = gen_steps(&r, 1);
    assert_int_equal(report.n_critic, 1);
    assert_false(isnan(report.d_loss) || isnan(report.auc) || isnan(report.score_holdout));
    assert_false(
        gen_same_weights(gan_discriminator_parameters(r.d), gan_discriminator_parameters(fresh.d)));
    gen_close(&r);
    gen_close(&fresh);
}

/* The weight is one of the objective in G's loss. */
static void weights_count(void **state) {
    double loss[3], term = 0;
    static const char *const weight[3] = {"0", "1", "2"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        gen_run r;
        open_run(&r, (const char *const[]){TRANSLATE, "add", "l1:10", "adversarial", weight[i],
                                           "lr-d", "0", NULL});
        gan_report report = gen_steps(&r, 1);
        loss[i] = report.g_loss, term = report.terms[0].value;
        gen_close(&r);
    }
    assert_true(fabs(loss[0] - 10 * term) < 1e-5);
    assert_true(loss[1] > loss[0] + 0.1);
    assert_true(fabs(loss[2] - loss[0] - 2 * (loss[1] - loss[0])) < 1e-4);
}

/* --- VGG's layout --- */

/* Two convolutions, pooling, one more: what comes out of the first channel is known. */
static void write_vgg(const char *path) {
    static const char *const names[] = {"features.0", "features.2", "features.5"};
    static const int64_t in[] = {3, 2, 2};
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    float weight[3][2 * 3 * 9] = {{0}}, bias[2] = {0.25F, 0};
    char name[32];
    gan_error err = {0};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 2 * (int)in[i]; k++) weight[i][k * 9 + 4] = 1; /* sums of channels */
        snprintf(name, sizeof name, "%s.weight", names[i]);
        gan_safetensors_writer_add(w, name, GAN_DTYPE_F32, 4, DIMS(2, in[i], 3, 3), weight[i]);
        snprintf(name, sizeof name, "%s.bias", names[i]);
        gan_safetensors_writer_add(w, name, GAN_DTYPE_F32, 1, DIMS(2), bias);
    }
    if (gan_safetensors_writer_write(w, path, &err)) fail_msg("%s", err.text);
    gan_safetensors_writer_free(w);
}

static void vgg(void **state) {
    char file[] = "/tmp/gan-vgg-XXXXXX";
    gan_module *net;
    gan_error err = {0};
    (void)state;
    close(mkstemp(file));
    write_vgg(file);
    if (gan_vgg_load(file, &net, &err)) fail_msg("%s", err.text);
    gan_tensor *x = gan_input(t, 4, DIMS(1, 4, 4, 3), NULL);
    for (int i = 0; i < 48; i++) gan_tensor_edit(x)[i] = 0.1F;
    gan_tensor *y = gan_module_forward(t, net, x, &GAN_PASS_EVAL);
    assert_tape_ok(t);
    assert_shape(y, 4, DIMS(1, 2, 2, 2));
    double sum = (0.55 - 0.485) / 0.229 + (0.55 - 0.456) / 0.224 + (0.55 - 0.406) / 0.225;
    double first = 2 * sum + 0.25, second[2] = {first + 0.25, first};
    double third = second[0] + second[1] + 0.25;
    assert_true(fabs((double)gan_tensor_data(y)[0] - third) < 1e-4);
    gan_tape_reset(t);
    gan_module_free(net);
    gen_run r;
    open_run(&r, (const char *const[]){SUPERRES, "add", "l1:1+vgg:0.1", "vgg", file, NULL});
    gan_report first_step = gen_steps(&r, 1), later = gen_steps(&r, 60);
    assert_true(later.terms[1].value < 0.7 * first_step.terms[1].value);
    gen_close(&r);
    gan_config c =
        make_config((const char *const[]){SUPERRES, "add", "vgg:1", "vgg", "none", NULL});
    assert_int_equal(gan_vgg_load(c.vgg, &net, &err), GAN_EIO);
    assert_int_not_equal(gan_vgg_load("/dev/null", &net, &err), GAN_OK);
    remove(file);
}

/* --- runs --- */

static void cut(const char *const *settings) {
    gen_run whole;
    char file[] = "/tmp/gan-tasks-XXXXXX";
    close(mkstemp(file));
    gen_goes_on(&whole, open_run, settings, file);
    gen_close(&whole);
    remove(file);
}

static void runs_go_on(void **state) {
    (void)state;
    cut((const char *const[]){SUPERRES, "add", "l2:exp(1->0.1, 4)+perceptual:0.1", "adversarial",
                              "0@0,0.1@2", "augment", "xint", NULL});
    cut((const char *const[]){TRANSLATE, "add", "l1:10", "loss", "hinge", "accumulate", "2", NULL});
}

/* An image that is its target has the same features, also where D sees both augmented. */
static void features_of_the_same(void **state) {
    gen_run r;
    (void)state;
    black = 1;
    open_run(&r, (const char *const[]){SUPERRES, "add", "perceptual:1+l1:1", "augment",
                                       "translation+cutout", NULL});
    black = 0;
    for (int i = 0; i < gan_generator_parameters(r.g)->count; i++) {
        gan_tensor *w = gan_generator_parameters(r.g)->item[i].value;
        for (int64_t k = 0; k < gan_tensor_size(w); k++)
            gan_tensor_edit(w)[k] = k == gan_tensor_size(w) - 1 && gan_tensor_size(w) == 1 ? -1 : 0;
    }
    gan_report report = gen_steps(&r, 1);
    assert_true(report.terms[1].value == 0);
    assert_true(report.terms[0].value == 0);
    gen_close(&r);
}

/* Two batches with the mean of their gradients are one of twice the size, for G as for D. */
static void accumulated_batches(void **state) {
    gen_run halves, whole;
    (void)state;
    open_run(&halves, (const char *const[]){TRANSLATE, "add", "l1:10", "optimizer", "sgd", "batch",
                                            "3", "accumulate", "2", NULL});
    open_run(&whole, (const char *const[]){TRANSLATE, "add", "l1:10", "optimizer", "sgd", "batch",
                                           "6", NULL});
    gan_report a = gen_steps(&halves, 1), b = gen_steps(&whole, 1);
    assert_true(fabs(a.g_loss - b.g_loss) < 1e-5 * b.g_loss);
    assert_true(fabs(a.terms[0].value - b.terms[0].value) < 1e-5 * b.terms[0].value);
    assert_true(fabs(a.grad_norm_g - b.grad_norm_g) < 1e-5 * b.grad_norm_g);
    assert_int_equal(gan_loader_position(halves.tr->loader), 2);
    gen_close(&halves);
    gen_close(&whole);
}

/* Source, image and target of each held-out picture (of 12 a quarter), in a row. */
static void pictures(void **state) {
    char file[] = "/tmp/gan-grid-XXXXXX";
    gen_run r;
    gan_image image;
    gan_error err = {0};
    (void)state;
    close(mkstemp(file));
    open_run(&r, (const char *const[]){SUPERRES, "add", "l2:1", "ema", "0.5", NULL});
    gen_steps(&r, 1);
    if (gan_trainer_write_samples(r.tr, file, &err)) fail_msg("%s", err.text);
    if (gan_image_read(file, NULL, &image, &err)) fail_msg("%s", err.text);
    assert_true(image.width >= 3 * SIDE && image.width < 5 * SIDE);
    assert_int_equal(image.height, image.width); /* 3 pictures, 3 of each */
    gan_image_free(&image);
    assert_int_equal(gan_trainer_sample(r.tr, NULL, &err), GAN_EUNSUPPORTED);
    gen_close(&r);
    remove(file);
}

/* Where more is held out than trained on, as many as there is training for. */
static void few_to_train_on(void **state) {
    char file[] = "/tmp/gan-grid-XXXXXX";
    gen_run r;
    gan_error err = {0};
    (void)state;
    close(mkstemp(file));
    open_run_of(&r, 0.7, (const char *const[]){SUPERRES, "sample-count", "63", NULL});
    assert_true(gan_dataset_holdout_count(r.data) > gan_dataset_train_count(r.data));
    if (gan_trainer_write_samples(r.tr, file, &err)) fail_msg("%s", err.text);
    gen_close(&r);
    remove(file);
}

/* --- pictures of any size --- */

/* In tiles as at once, to the byte but for rounding, where the halo is as wide as the network looks;
 * and not where it is narrower. */
static void tiles(void **state) {
    enum { H = 13, W = 22, SCALE = 2 };
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    gan_generator *g, *latent;
    static gan_real source[H * W], at_once[H * W * SCALE * SCALE], tiled[H * W * SCALE * SCALE];
    gan_rng r = gan_rng_make(1, 1, 1);
    gan_error err = {0};
    (void)state;
    c.height = c.width = 8 * SCALE, c.channels = 1;
    strcpy(c.arch, "mlp");
    assert_int_equal(gan_generator_create(&c, &latent, NULL), GAN_OK);
    assert_int_equal(gan_apply(latent, source, H, W, 0, 0, 0, tiled, 1, &err), GAN_EINVAL);
    gan_generator_free(latent);
    c.source_height = c.source_width = 8, c.source_channels = 1;
    assert_int_equal(gan_generator_wrap(make_g(SCALE), &c, &g, &err), GAN_OK);
    gan_parameters_initialise(gan_generator_parameters(g), GAN_INIT_HE, 1, 1);
    gan_rng_fill_uniform(&r, source, H * W, -1, 1);
    assert_int_equal(gan_apply(g, source, H, W, 0, 0, 0, at_once, 2, &err), GAN_OK);
    for (int tile = 3; tile < 30; tile += 4)
        for (int halo = 0; halo < 4; halo++) {
            double worst = 0;
            memset(tiled, 0, sizeof tiled);
            assert_int_equal(gan_apply(g, source, H, W, tile, halo, 0, tiled, 1, &err), GAN_OK);
            for (int i = 0; i < COUNT(tiled); i++)
                worst = fmax(worst, fabs((double)(tiled[i] - at_once[i])));
            if (halo >= 2 || tile >= W) assert_true(worst < 1e-5);
            if (halo == 0 && tile < W) assert_true(worst > 1e-3);
        }
    assert_int_equal(gan_apply(g, source, 0, W, 0, 0, 0, tiled, 1, &err), GAN_EINVAL);
    gan_generator_free(g);
}

/* --- what is refused --- */

static void refused(void **state) {
    static const char *const rows[][8] = {
        {"--scale is 3; it must be 2 or 4", "task", "superres", "scale", "3"},
        {"does not divide by --scale 4", "task", "superres", "size", "30"},
        {"there is no task 'upscale'; known: generate, superres, translate", "task", "upscale"},
        {"have no targets", "add", "l1:1"},
        {"nothing to learn from", "adversarial", "0"},
        {"there is no term 'l3'; known: l1, l2,", "task", "translate", "add", "l3:1"},
        {"--vgg FILE", "task", "translate", "add", "vgg:1"},
        {"--mode-seeking", "task", "translate", "mode-seeking", "1"},
        {"--scale 2 has no use", "scale", "2"},
        {"--direction ba has no use", "task", "superres", "direction", "ba"},
        {"--data-b x has no use", "task", "translate", "data-b", "x"},
        {"--image-pool 3 has no use", "task", "translate", "image-pool", "3"},
        {"--vgg x has no use", "task", "superres", "vgg", "x", "add", "l1:1"},
        {"--dropout-g 0.5 has no use", "arch", "resnet", "dropout-g", "0.5"},
        {"--augment-target 0.5 has no use", "augment", "ada", "augment-target", "0.5"},
        {"sees two images at once", "task", "translate", "augment", "diffaugment"},
        {"sees two images at once", "task", "translate", "augment", "xflip+hue"},
        {"takes no labels", "task", "translate", "condition-g", "concat", "condition-d", "concat"},
    };
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_config c;
        gan_error err = {0};
        gan_config_init(&c);
        for (int k = 1; k < 8 && rows[i][k]; k += 2)
            if (gan_config_set(&c, rows[i][k], rows[i][k + 1], &err)) fail_msg("%s", err.text);
        assert_int_equal(gan_config_resolve(&c, &err), GAN_EINVAL);
        if (!strstr(err.text, rows[i][0])) fail_msg("%s: %s", rows[i][0], err.text);
    }
}

/* A generator of latent vectors has no place in a task of images. */
static void refused_networks(void **state) {
    gan_config c = make_config((const char *const[]){TRANSLATE, NULL});
    gan_network_config gc = gan_config_generator(&c), dc = gan_config_discriminator(&c);
    gan_dataset *data = make_data(1, 0.25);
    gan_generator *g;
    gan_discriminator *d;
    gan_trainer *tr;
    gan_error err = {0};
    (void)state;
    gc.source_height = gc.source_width = gc.source_channels = 0;
    assert_int_equal(gan_generator_wrap(make_g(1), &gc, &g, NULL), GAN_OK);
    assert_int_equal(gan_discriminator_wrap(make_d(1), &dc, &d, NULL), GAN_OK);
    assert_int_not_equal(gan_trainer_create(&c, g, d, data, &tr, &err), GAN_OK);
    gan_generator_free(g);
    gan_discriminator_free(d);
    gan_dataset_free(data);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(sources_are_smaller),
        TEST(halves_are_parted),
        TEST(the_source_is_judged_too),
        TEST(terms_lead),
        TEST(d_rests),
        TEST(weights_count),
        TEST(vgg),
        TEST(runs_go_on),
        TEST(accumulated_batches),
        TEST(features_of_the_same),
        TEST(pictures),
        TEST(few_to_train_on),
        TEST(refused),
        TEST(refused_networks),
        TEST(tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
