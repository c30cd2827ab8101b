/* SPDX-License-Identifier: MIT
 *
 * The classifier learns what can be learned, says the same after a file, whatever the number of
 * threads, and refuses what it cannot do. */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gan/classifier.h"
#include "gan/image.h"
#include "gan/rng.h"

enum { H = 9, W = 6, C = 3, CLASSES = 4, N = 60, VALUES = H * W * C };

static uint8_t pixels[N * VALUES];
static int labels[N];
static const gan_classifier_images set = {N, pixels, labels};

/* Noise, with a bright quarter that is the class. */
static void draw(void) {
    gan_rng r = gan_rng_make(3, 1, 0);
    for (int i = 0; i < N; i++) {
        labels[i] = (int)gan_rng_below(&r, CLASSES);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W * C; x++) {
                int quarter = 2 * (y >= H / 2) + (x >= W * C / 2);
                pixels[i * VALUES + y * W * C + x] =
                    (uint8_t)(gan_rng_below(&r, 100) + (quarter == labels[i] ? 120 : 0));
            }
    }
}

static gan_classifier_config config(int threads) {
    gan_classifier_config o = GAN_CLASSIFIER_DEFAULTS;
    o.height = H, o.width = W, o.channels = C, o.classes = CLASSES;
    o.first = 8, o.batch = 20, o.threads = threads;
    return o;
}

static gan_classifier *create(const gan_classifier_config *o) {
    gan_error err = {0};
    gan_classifier *c = NULL;
    if (gan_classifier_create(o, &c, &err)) fail_msg("%s", err.text);
    return c;
}

static gan_classifier *trained(int threads) {
    gan_classifier_config o = config(threads);
    gan_classifier *c = create(&o);
    assert_int_equal(gan_classifier_train(c, &set, 200, NULL), GAN_OK);
    return c;
}

static double accuracy(gan_classifier *c) {
    double right = -1;
    assert_int_equal(gan_classifier_accuracy(c, &set, &right, NULL), GAN_OK);
    return right;
}

static void read_all(gan_classifier *c, int *out, double *certainty) {
    static gan_real x[N * VALUES];
    gan_image_to_real(pixels, N * VALUES, x);
    assert_int_equal(gan_classifier_read(c, x, N, out, certainty, NULL), GAN_OK);
}

static void learns(void **state) {
    (void)state;
    int out[N], right = 0;
    double certainty[N];
    gan_classifier_config o = config(1);
    gan_classifier *before = create(&o), *c = trained(1);
    assert_true(accuracy(before) < 0.6);
    assert_true(accuracy(c) > 0.95);
    read_all(c, out, certainty);
    for (int i = 0; i < N; i++) {
        right += out[i] == labels[i];
        assert_true(certainty[i] > 1.0 / CLASSES && certainty[i] <= 1);
    }
    assert_true(right == (int)(accuracy(c) * N + 0.5));
    gan_classifier_free(before);
    gan_classifier_free(c);
}

static void same_bits(void **state) {
    (void)state;
    int out[2][N];
    double certainty[2][N];
    for (int k = 0; k < 2; k++) {
        gan_classifier *c = trained(k + 1);
        read_all(c, out[k], certainty[k]);
        gan_classifier_free(c);
    }
    assert_memory_equal(certainty[0], certainty[1], sizeof certainty[0]);
    assert_memory_equal(out[0], out[1], sizeof out[0]);
}

static void files(void **state) {
    (void)state;
    static const char path[] = "test_classifier.safetensors";
    double certainty[2][N];
    int out[N];
    gan_classifier_config o = config(1);
    gan_classifier *c = trained(1), *again = create(&o);
    assert_int_equal(gan_classifier_save(c, path, NULL), GAN_OK);
    assert_int_equal(gan_classifier_load(again, path, NULL), GAN_OK);
    read_all(c, out, certainty[0]);
    read_all(again, out, certainty[1]);
    assert_memory_equal(certainty[0], certainty[1], sizeof certainty[0]);
    o.classes++;
    gan_classifier *other = create(&o);
    gan_error err = {0};
    assert_int_equal(gan_classifier_load(other, path, &err), GAN_ESHAPE);
    assert_non_null(strstr(err.text, "main."));
    gan_classifier_free(other);
    gan_classifier_free(again);
    gan_classifier_free(c);
    unlink(path);
}

static void refused(void **state) {
    (void)state;
    gan_error err = {0};
    gan_classifier *c = NULL;
    gan_classifier_config o = config(1);
    o.classes = 1;
    assert_int_equal(gan_classifier_create(&o, &c, &err), GAN_EINVAL);
    assert_string_equal(err.text, "classifier: classes is 1, not from 2 to 100000");
    assert_null(c);
    o = config(1), o.rate = 0;
    assert_int_equal(gan_classifier_create(&o, &c, &err), GAN_EINVAL);
    o = config(1);
    c = create(&o);
    gan_classifier_images none = {0};
    assert_int_equal(gan_classifier_train(c, &none, 1, &err), GAN_EDATA);
    int wrong[N];
    memcpy(wrong, labels, sizeof wrong);
    wrong[7] = CLASSES;
    gan_classifier_images bad = {N, pixels, wrong};
    assert_int_equal(gan_classifier_train(c, &bad, 1, &err), GAN_EDATA);
    assert_string_equal(err.text, "classifier: the label of image 7 is 4, not from 0 to 3");
    gan_classifier_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns),
        cmocka_unit_test(same_bits),
        cmocka_unit_test(files),
        cmocka_unit_test(refused),
    };
    draw();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
