/* SPDX-License-Identifier: MIT
 *
 * From pictures to what was asked for and back to files; and every file under
 * $GAN_TEST_DATA/badimages is read or refused with a reason. */
#ifndef _POSIX_C_SOURCE
#    define _POSIX_C_SOURCE 200809L
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <time.h>

#include "image_files.h"

/* --- orientation: the picture as stored against itself, turned --- */

static const uint8_t *at(const gan_image *m, int x, int y) {
    return m->pixels + ((size_t)y * (size_t)m->width + (size_t)x) * (size_t)m->channels;
}

static void test_orientation(void **state) {
    (void)state;
    jpeg(&file, 1);
    gan_image a = decoded(NULL);
    for (int o = 2; o <= 8; o++) {
        jpeg(&file, o);
        gan_image b = decoded(NULL);
        assert_int_equal(b.width, o < 5 ? 24 : 13);
        for (int y = 0; y < b.height; y++)
            for (int x = 0; x < b.width; x++) {
                int fx = 23 - x, fy = 12 - y; /* for 2, 3, 4 */
                const int from[9][2] = {{0, 0}, {x, y},      {fx, y},          {fx, fy},   {x, fy},
                                        {y, x}, {y, 12 - x}, {23 - y, 12 - x}, {23 - y, x}};
                assert_memory_equal(at(&b, x, y), at(&a, from[o][0], from[o][1]), 3);
            }
        gan_image_free(&b);
    }
    gan_image_free(&a);
}

/* --- crop, resize, channels --- */

static gan_image fitted(int w, int h, int c) {
    gan_image_options o = GAN_IMAGE_OPTIONS_DEFAULTS;
    o.width = w, o.height = h, o.channels = c;
    gan_image m = decoded(&o);
    assert_true(m.width == w && m.height == h && (!c || m.channels == c));
    return m;
}

static void test_crop(void **state) {
    (void)state;
    text("P2 5 2 9 0 1 2 3 4 5 6 7 8 9");
    gan_image m = fitted(2, 2, 1); /* columns 1 and 2: the odd one is left over on the right */
    assert_memory_equal(m.pixels, ((uint8_t[]){28, 57, 170, 198}), 4);
    gan_image_free(&m);
    text("P2 1 4 9 0 3 6 9");
    m = fitted(1, 2, 3);
    assert_memory_equal(m.pixels, ((uint8_t[]){85, 85, 85, 170, 170, 170}), 6);
    gan_image_free(&m);
}

/* The crop of a turned picture is the crop of the same picture turned beforehand. */
static void test_crop_turned(void **state) {
    (void)state;
    for (int o = 1; o <= 8; o++) {
        jpeg(&file, o);
        gan_image all = decoded(NULL), part = fitted(10, 10, 3), whole = fitted(13, 13, 3);
        int left = (all.width - 13) / 2, top = (all.height - 13) / 2;
        for (int y = 0; y < 13; y++)
            assert_memory_equal(at(&whole, 0, y), at(&all, left, top + y), 13 * 3);
        gan_image_free(&all), gan_image_free(&part), gan_image_free(&whole);
    }
}

static void test_resize(void **state) {
    (void)state;
    text("P5 16 16 255 ");
    for (int i = 0; i < 256; i++) put(&file, "\x4d", 1);
    for (int side = 1; side <= 40; side += 3) { /* a constant stays one */
        gan_image m = fitted(side, side, 1);
        for (int i = 0; i < side * side; i++) assert_int_equal(m.pixels[i], 0x4d);
        gan_image_free(&m);
    }
    text("P5 64 64 255 ");
    for (int i = 0; i < 4096; i++) put(&file, (i % 64 + i / 64) % 2 ? "\xff" : "\0", 1);
    gan_image m = fitted(8, 8, 1); /* the finest pattern becomes its mean: no aliasing */
    for (int i = 0; i < 64; i++) {
        int inside = i % 8 % 7 && i / 8 % 7;
        assert_true(abs(m.pixels[i] - 128) <= (inside ? 1 : 8));
    }
    gan_image_free(&m);
    text("P5 8 1 255 ");
    put(&file, "\0\x10\x20\x30\x40\x50\x60\x70", 8);
    gan_image_options o = GAN_IMAGE_OPTIONS_DEFAULTS;
    o.width = 4, o.height = 1;
    file.data[3] = '8';
    m = decoded(&o); /* 8x1 is cut to 4x1 */
    assert_memory_equal(m.pixels, "\x20\x30\x40\x50", 4);
    gan_image_free(&m);
}

/* The triangle filter at half the size: (1 3 3 1) / 8. */
static void test_triangle(void **state) {
    (void)state;
    text("P5 8 8 255 ");
    for (int i = 0; i < 64; i++) put(&file, i % 8 == 3 ? "\x80" : "\0", 1);
    gan_image m = fitted(4, 4, 1);
    for (int y = 0; y < 4; y++) assert_memory_equal(at(&m, 0, y), ((uint8_t[]){0, 48, 16, 0}), 4);
    gan_image_free(&m);
}

static void test_channels(void **state) {
    (void)state;
    text("P3 4 1 255 255 0 0 0 255 0 0 0 255 255 255 255");
    gan_image m = fitted(4, 1, 1);
    assert_memory_equal(m.pixels, ((uint8_t[]){76, 150, 29, 255}), 4);
    gan_image_free(&m);
}

/* --- files --- */

static char folder[] = "/tmp/gan_image_XXXXXX", path[64];

static int setup(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return 1;
    snprintf(path, sizeof path, "%s/a.png", folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    remove(path);
    return rmdir(folder);
}

static void test_round_trip(void **state) {
    (void)state;
    uint8_t pixels[13 * 7 * 3];
    gan_image m;
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 37);
    for (int c = 1; c <= 3; c += 2) {
        assert_int_equal(gan_image_write_png(path, 7, 13, c, pixels, NULL), GAN_OK);
        assert_int_equal(gan_image_read(path, NULL, &m, NULL), GAN_OK);
        assert_true(m.width == 13 && m.height == 7 && m.channels == c);
        assert_memory_equal(m.pixels, pixels, (size_t)(13 * 7 * c));
        gan_image_free(&m);
    }
}

static void test_cannot(void **state) {
    (void)state;
    gan_image m;
    gan_error err = {0};
    assert_int_equal(gan_image_read("/nowhere/x.png", NULL, &m, &err), GAN_EIO);
    assert_non_null(strstr(err.text, "/nowhere/x.png"));
    assert_int_equal(gan_image_read(folder, NULL, &m, &err), GAN_EIO);
    assert_int_equal(gan_image_read("/dev/zero", NULL, &m, &err), GAN_EIO);
    uint8_t pixel = 0;
    assert_int_equal(gan_image_write_png("/nowhere/x.png", 1, 1, 1, &pixel, &err), GAN_EIO);
    assert_int_equal(gan_image_write_png(path, 0, 1, 1, &pixel, &err), GAN_EINVAL);
    assert_int_equal(gan_image_write_png(path, 1, 1, 2, &pixel, &err), GAN_EINVAL);
}

static void test_reals(void **state) {
    (void)state;
    uint8_t all[256], back[256];
    gan_real x[256], odd[5] = {(gan_real)-7, (gan_real)7, (gan_real)NAN, 0, (gan_real)0.0001};
    for (int i = 0; i < 256; i++) all[i] = (uint8_t)i;
    gan_image_to_real(all, 256, x);
    assert_true(x[0] >= -1 && x[0] <= -1 && x[255] >= 1 && x[255] <= 1);
    gan_image_from_real(x, 256, back);
    assert_memory_equal(all, back, 256);
    gan_image_from_real(odd, 5, back);
    assert_memory_equal(back, ((uint8_t[]){0, 255, 0, 128, 128}), 5);
}

static void test_grid(void **state) {
    (void)state;
    gan_real x[3] = {-1, 0, 1};
    gan_image m;
    assert_int_equal(gan_image_write_grid(path, 3, 1, 1, 1, x, 2, NULL), GAN_OK);
    assert_int_equal(gan_image_read(path, NULL, &m, NULL), GAN_OK);
    assert_true(m.width == 8 && m.height == 8 && m.channels == 1);
    assert_int_equal(*at(&m, 2, 2), 0);
    assert_int_equal(*at(&m, 5, 2), 128);
    assert_int_equal(*at(&m, 2, 5), 255);
    assert_int_equal(*at(&m, 5, 5), 255); /* nothing is left for this place */
    assert_int_equal(*at(&m, 4, 4), 0);
    gan_image_free(&m);
    assert_int_equal(gan_image_write_grid(path, 0, 1, 1, 1, x, 2, NULL), GAN_EINVAL);
}

/* --- real files --- */

/* Pillow reads these, this library does not: run-length BMPs and such whose palette or planes are
 * wrong; a PNG with a wrong checksum. */
static int known_refusal(const char *name) {
    static const char *const names[] = {
        "badplanes.bmp",   "badrle.bmp",       "mmap_error.bmp",
        "pal4rletrns.bmp", "pal8badindex.bmp", "pal8rletrns.bmp",
        "rletopdown.bmp",  "xcsn0g01.png",     "hopper_rle8_grayscale.bmp"};
    const char *last = strrchr(name, '/');
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!strcmp(last ? last + 1 : name, names[i])) return 1;
    return 0;
}

static int ours(const char *format) {
    return !strcmp(format, "JPEG") || !strcmp(format, "PNG") || !strcmp(format, "BMP") ||
           !strcmp(format, "PPM");
}

static void check_bad_file(const char *root, char *line) {
    char *name = strtok(line, "\t"), full[8200];
    strtok(NULL, "\t");
    int known = ours(strtok(NULL, "\t"));
    struct timespec begin, end;
    gan_image m;
    gan_error err = {0};
    snprintf(full, sizeof full, "%s/%s", root, name);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    gan_status s = gan_image_read(full, NULL, &m, &err);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true(end.tv_sec - begin.tv_sec < 5);
    if (s && known && !known_refusal(name)) fail_msg("%s", err.text);
    if (s) assert_true(strlen(err.text) > strlen(full) + 5);
    if (!s) assert_true(m.width > 0 && m.height > 0 && m.pixels);
    gan_image_free(&m);
}

static void test_bad_images(void **state) {
    (void)state;
    char root[4096], line[4096];
    int n = 0;
    if (!test_data("badimages/MANIFEST.tsv")) skip();
    snprintf(root, sizeof root, "%s", test_data("badimages"));
    FILE *f = fopen(test_data("badimages/MANIFEST.tsv"), "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    for (; fgets(line, sizeof line, f); n++) check_bad_file(root, line);
    fclose(f);
    assert_true(n > 300);
}

/* The pictures that PngSuite has twice, plain and interlaced, are the same. */
static void test_interlaced(void **state) {
    (void)state;
    static const char *const pairs[] = {"0g01", "0g02", "0g04", "0g08", "2c08", "3p01",
                                        "3p02", "3p04", "3p08", "4a08", "6a08"};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char name[128];
        gan_image plain, woven;
        snprintf(name, sizeof name, "badimages/pngsuite/valid/basn%s.png", pairs[i]);
        if (!test_data(name)) skip();
        assert_int_equal(gan_image_read(test_data(name), NULL, &plain, NULL), GAN_OK);
        snprintf(name, sizeof name, "badimages/pngsuite/valid/basi%s.png", pairs[i]);
        assert_int_equal(gan_image_read(test_data(name), NULL, &woven, NULL), GAN_OK);
        assert_int_equal(plain.channels, woven.channels);
        assert_memory_equal(plain.pixels, woven.pixels, 32 * 32 * (size_t)plain.channels);
        gan_image_free(&plain);
        gan_image_free(&woven);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orientation), cmocka_unit_test(test_crop),
        cmocka_unit_test(test_crop_turned), cmocka_unit_test(test_resize),
        cmocka_unit_test(test_triangle),    cmocka_unit_test(test_channels),
        cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_cannot),
        cmocka_unit_test(test_reals),       cmocka_unit_test(test_grid),
        cmocka_unit_test(test_bad_images),  cmocka_unit_test(test_interlaced),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
