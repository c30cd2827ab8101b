/* SPDX-License-Identifier: MIT
 *
 * Networks that make images of images, and their discriminators: PyTorch's values, sizes, depths,
 * dropout, labels, what is refused, and files. */
#include "image_parity.h"
#include "networks.h"

#include <unistd.h>

#include "gan/checkpoint.h"
#include "gan/layer.h"
#include "gan/shape.h"
#include "nn/network.h"
#include "tape_fixture.h"

static void like_pytorch(void **state) {
    (void)state;
    image_parity_run(1e-5);
}

/* A generator of images `scale` times as large as its source. */
static gan_network_config of_images(const char *arch, int64_t side, int64_t scale) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    strcpy(c.arch, arch);
    c.source_height = c.source_width = side, c.source_channels = 2;
    c.height = c.width = side * scale, c.channels = 1, c.features = 1;
    return c;
}

static gan_network_config judging(const char *arch, int64_t h, int64_t w) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    strcpy(c.arch, arch);
    c.height = h, c.width = w, c.channels = 1, c.features = 1;
    return c;
}

static gan_tensor *images(int64_t n, int64_t h, int64_t w, int64_t channels) {
    gan_rng r = gan_rng_make(5, 1, 1);
    return random_input(t, &r, 4, DIMS(n, h, w, channels));
}

static int differ(const gan_tensor *a, const gan_tensor *b) {
    assert_int_equal(gan_tensor_size(a), gan_tensor_size(b));
    return memcmp(gan_tensor_data(a), gan_tensor_data(b),
                  (size_t)gan_tensor_size(a) * sizeof(gan_real)) != 0;
}

/* Parameters whose names hold `part`. */
static int named(const gan_parameters *p, const char *part) {
    int n = 0;
    for (int i = 0; i < p->count; i++) n += strstr(p->item[i].name, part) != NULL;
    return n;
}

/* --- sizes --- */

/* What the description says, and other sizes at inference. */
static void sizes(void **state) {
    static const struct {
        const char *arch;
        int64_t side, scale, h, w; /* h, w: of the source at inference */
    } rows[] = {{"unet", 32, 1, 64, 96},     {"unet", 512, 1, 512, 512}, {"resnet9", 8, 1, 12, 64},
                {"resnet9", 140, 1, 32, 20}, {"srresnet", 6, 2, 3, 11},  {"srresnet", 5, 4, 7, 1},
                {"srresnet", 1, 8, 2, 3}};
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_network_config c = of_images(rows[i].arch, rows[i].side, rows[i].scale);
        gan_generator *g = generator(&c);
        int64_t h = rows[i].h, w = rows[i].w, s = rows[i].scale;
        gan_tensor *y = gan_generator_forward(t, g, images(1, h, w, 2), NULL, &GAN_PASS_EVAL);
        assert_tape_ok(t);
        assert_shape(y, 4, DIMS(1, s * h, s * w, 1));
        gan_generator_free(g);
        gan_tape_reset(t);
    }
}

/* Where a source cannot be halved so often, a layer says so. */
static void sizes_that_do_not_fit(void **state) {
    gan_network_config c = of_images("unet", 32, 1);
    gan_generator *g = generator(&c);
    (void)state;
    assert_null(gan_generator_forward(t, g, images(1, 48, 48, 2), NULL, &GAN_PASS_EVAL));
    assert_tape_failed(t, GAN_ESHAPE,
                       "concat model.model.1.model.3.model.3.model.3.model: the tensors differ in "
                       "more than axis 3");
    gan_generator_free(g);
    c = of_images("resnet9", 8, 1);
    g = generator(&c);
    assert_null(gan_generator_forward(t, g, images(1, 10, 8, 2), NULL, &GAN_PASS_EVAL));
    assert_tape_failed(t, GAN_ESHAPE, "generator: it made images of 12x8x1, not 10x8x1");
    gan_generator_free(g);
}

/* The patches of an image: those of patch, one of srgan. */
static void scores(void **state) {
    static const struct {
        const char *arch;
        int64_t h, w, patches;
        int layers;
    } rows[] = {{"patch", 256, 256, 30 * 30, 5}, {"patch", 64, 70, 6 * 6, 5},
                {"patch", 63, 64, 13 * 14, 4},   {"patch", 32, 32, 6 * 6, 4},
                {"patch", 31, 90, 13 * 43, 3},   {"patch", 8, 8, 2 * 2, 3},
                {"srgan", 16, 48, 1, 10},        {"srgan", 96, 96, 1, 10}};
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_network_config c = judging(rows[i].arch, rows[i].h, rows[i].w);
        c.norm = GAN_NORM_INSTANCE;
        gan_discriminator *d = discriminator(&c);
        gan_judgement j =
            gan_discriminator_forward(t, d, images(2, c.height, c.width, 1), NULL, &GAN_PASS_EVAL);
        assert_tape_ok(t);
        assert_shape(j.scores, 1, DIMS(2 * rows[i].patches));
        assert_int_equal(named(gan_discriminator_parameters(d), "weight"), rows[i].layers);
        assert_int_equal(gan_discriminator_mixes_batch(d), GAN_MIXES_NOTHING);
        gan_discriminator_free(d);
        gan_tape_reset(t);
    }
}

/* --- settings --- */

static void depth(void **state) {
    static const struct {
        const char *arch, *name;
        int64_t side, depth;
        int blocks;
    } rows[] = {{"resnet9", ".conv_block.1.weight", 128, 0, 6},
                {"resnet9", ".conv_block.1.weight", 132, 0, 9},
                {"resnet9", ".conv_block.1.weight", 132, 1, 1},
                {"srresnet", ".rcb.0.weight", 8, 0, 16},
                {"srresnet", ".rcb.0.weight", 8, 64, 64}};
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_network_config c =
            of_images(rows[i].arch, rows[i].side, 1 + !strcmp(rows[i].arch, "srresnet"));
        c.depth = rows[i].depth;
        gan_generator *g = generator(&c);
        assert_int_equal(named(gan_generator_parameters(g), rows[i].name), rows[i].blocks);
        gan_generator_free(g);
    }
}

/* In training alone, and in unet between the innermost level and those of fewer channels. */
static void dropout(void **state) {
    static const struct {
        const char *arch;
        int64_t side;
        int drops;
    } rows[] = {{"unet", 32, 0}, {"unet", 64, 1}, {"resnet9", 8, 1}};
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_network_config c = of_images(rows[i].arch, rows[i].side, 1);
        c.dropout = 0.5;
        gan_generator *g = generator(&c);
        gan_rng r = gan_rng_make(1, 2, 3);
        const gan_pass drops = {.training = 1, .rng = &r}, none = {.training = 1};
        const gan_pass eval = {.training = 0, .rng = &r};
        gan_tensor *x = images(1, c.height, c.width, 2);
        gan_tensor *plain = gan_generator_forward(t, g, x, NULL, &none);
        assert_int_equal(differ(gan_generator_forward(t, g, x, NULL, &drops), plain),
                         rows[i].drops);
        assert_false(differ(gan_generator_forward(t, g, x, NULL, &eval),
                            gan_generator_forward(t, g, x, NULL, &GAN_PASS_EVAL)));
        assert_tape_ok(t);
        gan_generator_free(g);
        gan_tape_reset(t);
    }
}

static const int zeros[2] = {0, 0}, mixed[2] = {0, 2};

/* Labels in the norms, also where the norm is instance by itself. */
static void labels_of_generators(void **state) {
    static const char *const archs[] = {"unet", "resnet9", "srresnet"};
    (void)state;
    for (int i = 0; i < COUNT(archs); i++) {
        gan_network_config c = of_images(archs[i], 32, i < 2 ? 1 : 2);
        c.condition = GAN_CONDITION_NORM, c.classes = 3, c.depth = 1;
        gan_generator *g = generator(&c);
        gan_parameters *p = gan_generator_parameters(g);
        for (int k = 0; k < p->count; k++) {
            gan_rng r = gan_rng_make(3, 3, (uint64_t)k);
            if (p->item[k].role != GAN_ROLE_SCALE) continue;
            gan_rng_fill_uniform(&r, gan_tensor_edit(p->item[k].value),
                                 (size_t)gan_tensor_size(p->item[k].value), 0.5, 1.5);
        }
        gan_tensor *x = images(2, 32, 32, 2);
        gan_tensor *a = gan_generator_forward(t, g, x, zeros, &GAN_PASS_EVAL);
        gan_tensor *b = gan_generator_forward(t, g, x, mixed, &GAN_PASS_EVAL);
        assert_tape_ok(t);
        assert_false(differ(gan_slice(t, a, 0, 0, 1), gan_slice(t, b, 0, 0, 1)));
        assert_true(differ(gan_slice(t, a, 0, 1, 1), gan_slice(t, b, 0, 1, 1)));
        gan_generator_free(g);
        gan_tape_reset(t);
    }
}

/* A patch sees no whole image, of which there could be a class. */
static void heads_of_patches(void **state) {
    static const gan_condition how[] = {GAN_CONDITION_PROJECTION, GAN_CONDITION_CLASSIFIER};
    (void)state;
    for (int i = 0; i < COUNT(how); i++) {
        gan_network_config c = judging("patch", 12, 14);
        gan_discriminator *d;
        gan_error err = {0};
        c.condition = how[i], c.classes = 3;
        assert_int_equal(gan_discriminator_create(&c, &d, &err), GAN_EINVAL);
        assert_non_null(strstr(err.text, "use condition concat"));
    }
}

static void classes(void **state) {
    gan_network_config c = judging("srgan", 16, 16);
    (void)state;
    c.condition = GAN_CONDITION_CLASSIFIER, c.classes = 3, c.norm = GAN_NORM_NONE;
    gan_discriminator *d = discriminator(&c);
    gan_judgement j = gan_discriminator_forward(t, d, images(2, 16, 16, 1), zeros, &GAN_PASS_EVAL);
    assert_tape_ok(t);
    assert_shape(j.classes, 2, DIMS(2, 3));
    gan_discriminator_free(d);
    gan_tape_reset(t);
}

/* Spectral norms, minibatch deviation, packs and dropout at once; every weight has a gradient. */
static void together(void **state) {
    static const char *const archs[] = {"patch", "srgan"};
    (void)state;
    for (int i = 0; i < COUNT(archs); i++) {
        gan_network_config c = judging(archs[i], 32, 16);
        c.spectral = 1, c.stddev = 4, c.pack = 2, c.dropout = 0.3;
        gan_discriminator *d = discriminator(&c);
        gan_spectral_update(gan_discriminator_root(d), 15);
        gan_rng r = gan_rng_make(1, 1, 1);
        const gan_pass pass = {.training = 1, .rng = &r};
        gan_tensor *y = gan_discriminator_forward(t, d, images(8, 32, 16, 1), NULL, &pass).scores;
        assert_tape_ok(t);
        assert_int_equal(gan_tensor_size(y), 4 * (i ? 1 : 14 * 6));
        assert_gradients_reach(t, y, gan_discriminator_parameters(d));
        gan_discriminator_free(d);
        gan_tape_reset(t);
    }
}

/* --- refused --- */

static void assert_refused(const gan_network_config *c, const char *text) {
    gan_generator *g;
    gan_error err = {0};
    assert_int_equal(gan_generator_create(c, &g, &err), GAN_EINVAL);
    assert_string_equal(err.text, text);
}

static void refused(void **state) {
    gan_network_config c = of_images("unet", 48, 1);
    gan_discriminator *d;
    gan_error err;
    (void)state;
    assert_refused(&c, "arch unet makes images of 32, 64, 128, 256 or 512 squared of others that "
                       "are as large, not 48x48 of 48x48; arch resnet9 takes other sizes");
    c = of_images("unet", 32, 2);
    assert_refused(&c, "arch unet makes images of 32, 64, 128, 256 or 512 squared of others that "
                       "are as large, not 64x64 of 32x32; arch resnet9 takes other sizes");
    c = of_images("resnet9", 10, 1);
    assert_refused(&c, "arch resnet9 makes images of others that are as large, with sides that "
                       "are multiples of 4 and 8 or more, not 10x10 of 10x10");
    c = of_images("srresnet", 8, 3);
    assert_refused(&c, "arch srresnet makes images 2, 4 or 8 times as large, not 24x24 of 8x8");
    c = of_images("srresnet", 8, 2), c.dropout = 0.1;
    assert_refused(&c, "arch srresnet has no dropout");
    c = of_images("srresnet", 8, 2), c.depth = 65;
    assert_refused(&c, "generator: depth is 65, it must be from 0 to 64");
    c = of_images("dcgan", 32, 1);
    assert_refused(&c, "arch dcgan makes images of latent vectors; its source must be 0");
    c = judging("unet", 32, 32);
    assert_refused(&c, "arch unet makes images of images; set the source's sizes");
    c = of_images("unet", 32, 1), c.condition = GAN_CONDITION_CONCAT, c.classes = 2;
    assert_refused(&c, "generator: condition concat stands beside a latent vector, and it makes "
                       "images of images; use condition norm");
    c = of_images("resnet9", 8, 1), c.attention = 4;
    assert_refused(&c, "arch resnet9 has no place for attention at 4; use dcgan or resnet");
    c = judging("patch", 7, 30);
    assert_int_equal(gan_discriminator_create(&c, &d, &err), GAN_EINVAL);
    assert_string_equal(err.text,
                        "arch patch judges patches of images of 8x8 and larger, not 7x30");
    c = judging("srgan", 32, 40);
    assert_int_equal(gan_discriminator_create(&c, &d, &err), GAN_EINVAL);
    assert_string_equal(err.text, "arch srgan judges images with sides that are multiples of 16, "
                                  "not 32x40");
}

/* --- files --- */

/* What a description promises is what a file has to hold, to the last weight. */
static void weights_are_counted(void **state) {
    (void)state;
    for (size_t i = 0; i < IMAGE_CASES; i++) {
        image_net net;
        int64_t described, held = 0;
        gan_error err;
        if (image_is_full(&image_cases[i]) || !image_cases[i].source[2]) continue;
        assert_int_equal(image_net_open(&image_cases[i], &net, &err), GAN_OK);
        gan_parameters *p = image_net_parameters(&net);
        for (int k = 0; k < p->count; k++)
            if (p->item[k].role == GAN_ROLE_WEIGHT) held += gan_tensor_size(p->item[k].value);
        assert_int_equal(gan__generator_weights(gan_generator_config(net.g), &described, &err),
                         GAN_OK);
        assert_int_equal(described, held);
        image_net_close(&net);
    }
}

static void files(void **state) {
    static const char *const archs[] = {"unet", "resnet9", "srresnet"};
    char path[] = "/tmp/gan-image-XXXXXX";
    int file = mkstemp(path);
    (void)state;
    assert_true(file >= 0);
    close(file);
    for (int i = 0; i < COUNT(archs); i++) {
        gan_network_config c = of_images(archs[i], 32, i < 2 ? 1 : 4);
        gan_error err = {0};
        gan_generator *loaded;
        c.depth = 3;
        gan_generator *g = generator(&c);
        if (gan_generator_save(g, path, &err)) fail_msg("%s", err.text);
        if (gan_generator_load(path, &loaded, &err)) fail_msg("%s", err.text);
        assert_int_equal(gan_generator_config(loaded)->depth, 3);
        gan_tensor *x = images(1, 32, 64, 2);
        assert_false(differ(gan_generator_forward(t, g, x, NULL, &GAN_PASS_EVAL),
                            gan_generator_forward(t, loaded, x, NULL, &GAN_PASS_EVAL)));
        assert_tape_ok(t);
        gan_generator_free(loaded);
        gan_generator_free(g);
        gan_tape_reset(t);
    }
    remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_pytorch),
        cmocka_unit_test(sizes),
        cmocka_unit_test(sizes_that_do_not_fit),
        cmocka_unit_test(scores),
        cmocka_unit_test(depth),
        cmocka_unit_test(dropout),
        cmocka_unit_test(labels_of_generators),
        cmocka_unit_test(heads_of_patches),
        cmocka_unit_test(classes),
        cmocka_unit_test(together),
        cmocka_unit_test(refused),
        cmocka_unit_test(weights_are_counted),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
