/* SPDX-License-Identifier: MIT
 *
 * Augmentation: lists, what each kind does to images, that seeds and nothing else decide, and the
 * strength that follows D. */
#include "support.h"

#include "gan/augment.h"
#include "gan/discriminator.h"
#include "image_gen.h"
#include "tape_fixture.h"
#include "train/internal.h"

enum { N = 64, H = 8, W = 8 };

static unsigned kinds(const char *text) {
    unsigned bits;
    gan_error err = {0};
    if (gan_augment_parse(text, &bits, &err)) fail_msg("%s", err.text);
    return bits;
}

/* --- lists --- */

static void lists(void **state) {
    gan_error err = {0};
    unsigned all = 0, bits;
    (void)state;
    assert_int_equal(kinds("none"), 0);
    assert_int_equal(kinds("diffaugment"), kinds("cutout+color+translation"));
    assert_int_equal(kinds("ada") & kinds("diffaugment"), 0);
    assert_int_equal(kinds("xflip+ada"), kinds("ada"));
    for (int i = 0; gan_augment_name(i); i++) all |= kinds(gan_augment_name(i));
    assert_int_equal(all, kinds("ada+diffaugment"));
    static const char *const bad[][2] = {{"", "augmentation ''"},
                                         {"flip", "'flip'; known: none, color,"},
                                         {"ada+", "augmentation ''"},
                                         {"ada+none", "'none'"},
                                         {"hue,color", "'hue,color'"}};
    for (int i = 0; i < COUNT(bad); i++) {
        assert_int_equal(gan_augment_parse(bad[i][0], &bits, &err), GAN_EINVAL);
        if (!strstr(err.text, bad[i][1])) fail_msg("%s: %s", bad[i][0], err.text);
    }
}

/* --- images --- */

/* The same picture N times: numbers that all differ, so that it is known where each has gone. */
static gan_tensor *pictures(int64_t channels) {
    gan_tensor *x = gan_input(t, 4, DIMS(N, H, W, channels), NULL);
    int64_t size = H * W * channels;
    for (int64_t i = 0; i < N * size; i++)
        gan_tensor_edit(x)[i] = (gan_real)(((double)(i % size) + 1) / (double)(2 * size));
    return x;
}

static const gan_real *changed(const char *text, double p, int64_t channels, uint64_t seed) {
    gan_rng r = gan_rng_make(seed, 1, 1);
    const gan_augment a = {kinds(text), p, &r};
    gan_tensor *y = gan_augment_images(t, pictures(channels), &a);
    assert_tape_ok(t);
    assert_shape(y, 4, DIMS(N, H, W, channels));
    return gan_tensor_data(y);
}

static int near(double a, double b) {
    return fabs(a - b) < 1e-4;
}

static double at(const gan_real *x, int64_t h, int64_t w) {
    return h < 0 || w < 0 || h >= H || w >= W ? 0 : (double)x[h * W + w];
}

/* Every image of the result is the picture under one of `count` maps of places, and each of these
 * has been met. */
static void assert_moves(const char *text, int count,
                         void (*map)(int which, int64_t *h, int64_t *w)) {
    const gan_real *y = changed(text, 1, 1, 5), *x = gan_tensor_data(pictures(1));
    int met[512] = {0}, different = 0;
    for (int n = 0; n < N; n++) {
        int found = -1;
        for (int k = 0; k < count && found < 0; k++) {
            int same = 1;
            for (int64_t i = 0; i < H * W && same; i++) {
                int64_t h = i / W, w = i % W;
                map(k, &h, &w);
                same = near((double)y[n * H * W + i], at(x, h, w));
            }
            if (same) found = k;
        }
        if (found < 0) fail_msg("%s: image %d is not the picture moved", text, n);
        different += !met[found]++;
    }
    if (different < (count < 9 ? count : 9)) fail_msg("%s: %d ways in all", text, different);
}

static void mirror(int which, int64_t *h, int64_t *w) {
    (void)h;
    if (which) *w = W - 1 - *w;
}

static void quarter(int which, int64_t *h, int64_t *w) {
    for (int k = 0; k < which; k++) {
        int64_t was = *h;
        *h = *w;
        *w = H - 1 - was;
    }
}

/* An eighth of 8 is 1. */
static void shift(int which, int64_t *h, int64_t *w) {
    *h += which / 3 - 1;
    *w += which % 3 - 1;
}

static void moves(void **state) {
    (void)state;
    assert_moves("xflip", 2, mirror);
    assert_moves("rot90", 4, quarter);
    assert_moves("xint", 9, shift);
    assert_moves("translation", 9, shift);
}

/* The centre stays where it is, and the sum over a ring about it. */
static void turns_and_scales(void **state) {
    (void)state;
    gan_tensor *x = gan_input(t, 4, DIMS(N, H, W, 1), NULL);
    gan_rng r = gan_rng_make(3, 1, 1);
    for (int64_t i = 0; i < N * H * W; i++) { /* a disc about the centre */
        double dh = (double)(i / W % H) - 3.5, dw = (double)(i % W) - 3.5;
        gan_tensor_edit(x)[i] = (gan_real)exp(-(dh * dh + dw * dw) / 6);
    }
    const gan_augment turn = {kinds("rotate"), 1, &r}, scale = {kinds("scale"), 1, &r};
    const gan_real *y = gan_tensor_data(gan_augment_images(t, x, &turn)), *was = gan_tensor_data(x);
    double moved = 0, sums[2] = {HUGE_VAL, -HUGE_VAL};
    for (int64_t i = 0; i < N * H * W; i++) {
        assert_true(fabs((double)(y[i] - was[i])) < 0.06); /* what interpolation takes away */
        moved = fmax(moved, fabs((double)(y[i] - was[i])));
    }
    assert_true(moved > 1e-3);
    y = gan_tensor_data(gan_augment_images(t, x, &scale));
    for (int n = 0; n < N; n++) {
        double sum = 0;
        for (int i = 0; i < H * W; i++) sum += (double)y[n * H * W + i];
        sums[0] = fmin(sums[0], sum), sums[1] = fmax(sums[1], sum);
    }
    assert_tape_ok(t);
    assert_true(sums[1] > 1.5 * sums[0]);
}

/* Pixel by pixel y = A x + b with one A, b an image: its columns from the changes of a pixel. Each
 * kind keeps what it should: the mean of the channels, or their differences, or lengths. */
static void colours(void **state) {
    static const struct {
        const char *name;
        int mean, spread; /* kept: the mean of a pixel's channels; the deviation from it */
    } rows[] = {{"hue", 1, 1}, {"saturation", 1, 0}, {"brightness", 0, 1}, {"lumaflip", 0, 1}};
    (void)state;
    for (int k = 0; k < COUNT(rows); k++) {
        const gan_real *y = changed(rows[k].name, 1, 3, 7), *x = gan_tensor_data(pictures(3));
        int means = 0, spreads = 0, same = 0;
        for (int64_t i = 0; i < N * H * W; i++) {
            double m[2] = {0, 0}, s[2] = {0, 0};
            for (int c = 0; c < 3; c++)
                m[0] += (double)x[3 * i + c] / 3, m[1] += (double)y[3 * i + c] / 3;
            for (int c = 0; c < 3; c++)
                s[0] += pow((double)x[3 * i + c] - m[0], 2),
                    s[1] += pow((double)y[3 * i + c] - m[1], 2);
            means += near(m[0], m[1]);
            spreads += fabs(sqrt(s[0]) - sqrt(s[1])) < 1e-5;
            same += near((double)x[3 * i], (double)y[3 * i]);
        }
        if (rows[k].mean) assert_int_equal(means, N * H * W);
        if (rows[k].spread) assert_int_equal(spreads, N * H * W);
        assert_true(same < N * H * W * 3 / 4);
    }
}

/* A grey picture changes as a coloured one of equal channels. */
static void grey(void **state) {
    static const char *const names[] = {"brightness", "contrast",   "lumaflip",
                                        "hue",        "saturation", "color"};
    (void)state;
    for (int k = 0; k < COUNT(names); k++) {
        gan_tensor *x[2] = {gan_input(t, 4, DIMS(N, H, W, 1), NULL),
                            gan_input(t, 4, DIMS(N, H, W, 3), NULL)},
                   *y[2];
        for (int64_t i = 0; i < N * H * W; i++)
            for (int c = 0; c < 3; c++)
                gan_tensor_edit(x[0])[i] = gan_tensor_edit(x[1])[3 * i + c] =
                    (gan_real)sin((double)i);
        for (int j = 0; j < 2; j++) {
            gan_rng r = gan_rng_make(1, 1, 1);
            const gan_augment a = {kinds(names[k]), 1, &r};
            y[j] = gan_augment_images(t, x[j], &a);
        }
        assert_tape_ok(t);
        for (int64_t i = 0; i < N * H * W; i++)
            assert_true(near((double)gan_tensor_data(y[0])[i],
                             (double)gan_tensor_data(y[1])[3 * i + i % 3]));
    }
}

/* DiffAugment's colours, by hand: contrast about the mean of the image leaves that mean moved by the
 * brightness alone. */
static void color(void **state) {
    (void)state;
    const gan_real *y = changed("color", 1, 3, 2), *x = gan_tensor_data(pictures(3));
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (int n = 0; n < N; n++) {
        double shift = 0;
        for (int i = 0; i < H * W * 3; i++) shift += (double)(y[n * H * W * 3 + i] - x[i]);
        shift /= H * W * 3;
        lo = fmin(lo, shift), hi = fmax(hi, shift);
    }
    assert_true(lo >= -0.501 && lo < -0.3 && hi <= 0.501 && hi > 0.3);
}

/* A window of half the sides, less what lies outside. */
static void cutout(void **state) {
    (void)state;
    const gan_real *y = changed("cutout", 1, 1, 4), *x = gan_tensor_data(pictures(1));
    int most = 0;
    for (int n = 0; n < N; n++) {
        int zeros = 0;
        for (int i = 0; i < H * W; i++) {
            if (y[n * H * W + i] == 0)
                zeros++;
            else
                assert_true(y[n * H * W + i] == x[i]);
        }
        assert_true(zeros >= 4 && zeros <= 16);
        most = zeros > most ? zeros : most;
    }
    assert_int_equal(most, 16);
}

/* --- probability, seeds, errors --- */

static void probability(void **state) {
    (void)state;
    for (int i = 0; gan_augment_name(i); i++) {
        const gan_real *x = gan_tensor_data(pictures(3)), *y;
        size_t image = H * W * 3;
        gan_rng r = gan_rng_make(1, 1, 1);
        const gan_augment a = {kinds(gan_augment_name(i)), 0, &r};
        gan_tensor *same = pictures(3);
        assert_ptr_equal(gan_augment_images(t, same, &a), same);
        y = changed(gan_augment_name(i), 0.3, 3, 6);
        int changes = 0;
        for (size_t n = 0; n < N; n++)
            for (size_t k = 0; k < image; k++)
                if (!near((double)y[n * image + k], (double)x[k])) {
                    changes++;
                    break;
                }
        assert_true(changes > 2);
        if (!strchr("da", gan_augment_name(i)[0])) assert_true(changes < N * 3 / 4);
    }
}

static void seeds(void **state) {
    enum { SIZE = N * H * W * 3 };
    (void)state;
    const gan_real *a = changed("ada+diffaugment", 0.8, 3, 1),
                   *b = changed("ada+diffaugment", 0.8, 3, 1),
                   *c = changed("ada+diffaugment", 0.8, 3, 2);
    assert_memory_equal(a, b, SIZE * sizeof *a);
    assert_memory_not_equal(a, c, SIZE * sizeof *a);
}

static void two_channels(void **state) {
    gan_rng r = gan_rng_make(1, 1, 1);
    const gan_augment a = {kinds("hue"), 1, &r};
    (void)state;
    assert_null(gan_augment_images(t, INPUT(t, NULL, 1, 2, 2, 2), &a));
    assert_int_equal(gan_tape_status(t), GAN_ESHAPE);
    gan_tape_reset(t);
}

/* A discriminator changes what it is given before it looks. */
static void in_front_of_a_discriminator(void **state) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    gan_discriminator *d;
    (void)state;
    strcpy(c.arch, "mlp");
    c.height = H, c.width = W, c.channels = 3, c.features = 2;
    assert_int_equal(gan_discriminator_create(&c, &d, NULL), GAN_OK);
    gan_parameters_initialise(gan_discriminator_parameters(d), GAN_INIT_HE, 1, 1);
    gan_rng r = gan_rng_make(1, 1, 1);
    gan_augment a = {kinds("ada"), 0.9, &r};
    gan_tensor *x = pictures(3), *y = gan_augment_images(t, x, &a);
    gan_tensor *want = gan_discriminator_forward(t, d, y, NULL, &GAN_PASS_EVAL).scores;
    r = gan_rng_make(1, 1, 1);
    const gan_pass pass = {.augment = &a};
    gan_tensor *got = gan_discriminator_forward(t, d, x, NULL, &pass).scores;
    assert_tape_ok(t);
    assert_memory_equal(gan_tensor_data(want), gan_tensor_data(got), N * sizeof(gan_real));
    gan_discriminator_free(d);
}

/* --- strength --- */

static void strength(void **state) {
    const char *const settings[] = {"augment",        "ada", "augment-p", "auto",
                                    "augment-images", "100", NULL};
    gan_config c = gen_config(settings);
    gan_error err = {0};
    gen_run run;
    (void)state;
    if (gen_open(&run, &c, &err)) fail_msg("%s", err.text);
    gan_tensor *sure = gan_full(t, 1, DIMS(4), 2), *unsure = gan_full(t, 1, DIMS(4), -2);
    assert_true(gan__augment_strength(run.tr) == 0);
    for (int i = 0; i < 3; i++) gan__augment_watch(run.tr, sure);
    assert_true(gan__augment_strength(run.tr) == 0); /* four updates make a look */
    gan__augment_watch(run.tr, sure);
    assert_true(near(gan__augment_strength(run.tr), 0.16)); /* 4 updates of 4 images, of 100 */
    for (int i = 0; i < 40; i++) gan__augment_watch(run.tr, sure);
    assert_true(gan__augment_strength(run.tr) == 1);
    for (int i = 0; i < 4; i++) gan__augment_watch(run.tr, i ? sure : unsure); /* mean 0.5 < 0.6 */
    assert_true(near(gan__augment_strength(run.tr), 0.84));
    gen_close(&run);
}

static void refused(void **state) {
    static const char *const rows[][5] = {
        {"augment", "ada", "augment-p", "1.5", "from 0 to 1"},
        {"augment", "ada", "augment-p", "x", "--augment-p"},
        {"augment", "rotation", "augment-p", "1", "'rotation'"},
        {"augment", "none", "augment-p", "auto", "try --augment ada"},
        {"loss", "wgan-gp", "augment-p", "auto", "loss wgan-gp"},
    };
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_config c;
        gan_error err = {0};
        gan_config_init(&c);
        if (!strcmp(rows[i][0], "loss")) (void)gan_config_set(&c, "augment", "ada", NULL);
        assert_int_equal(gan_config_set(&c, rows[i][0], rows[i][1], NULL), GAN_OK);
        assert_int_equal(gan_config_set(&c, rows[i][2], rows[i][3], NULL), GAN_OK);
        assert_int_equal(gan_config_resolve(&c, &err), GAN_EINVAL);
        if (!strstr(err.text, rows[i][4])) fail_msg("%s: %s", rows[i][4], err.text);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(lists),   TEST(moves),    TEST(turns_and_scales), TEST(colours),
        TEST(grey),    TEST(color),    TEST(cutout),           TEST(probability),
        TEST(seeds),   TEST(strength), TEST(two_channels),     TEST(in_front_of_a_discriminator),
        TEST(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
