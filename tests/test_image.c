/* SPDX-License-Identifier: MIT
 *
 * Image formats: what is read is exact to the byte where the format is lossless, and damaged files
 * are refused with a reason. */
#ifndef _POSIX_C_SOURCE
#    define _POSIX_C_SOURCE 200809L
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "image_files.h"

static void expect(int w, int h, int c, const uint8_t *pixels) {
    gan_image m = decoded(NULL);
    assert_int_equal(m.width, w);
    assert_int_equal(m.height, h);
    assert_int_equal(m.channels, c);
    assert_memory_equal(m.pixels, pixels, (size_t)w * (size_t)h * (size_t)c);
    gan_image_free(&m);
    assert_null(m.pixels);
}

static void refused(gan_status status, const char *part) {
    gan_image m;
    gan_error err = {0};
    gan_status s = gan_image_decode(file.data, file.size, NULL, &m, &err);
    assert_null(m.pixels);
    if (s != status || !strstr(err.text, part)) fail_msg("status %d: %s", s, err.text);
    assert_int_equal(gan_image_decode(file.data, file.size, NULL, &m, NULL), status);
}

/* --- formats --- */

static void test_png(void **state) {
    (void)state;
    png_head(&file, 3, 1, 16, 0); /* rounded, not cut: 0x10ff is nearer to 0x11 */
    png_rows(&file, "\0\x00\x7f\x10\xff\xff\x80", 7);
    expect(3, 1, 1, (uint8_t[]){0, 17, 255});
    png_head(&file, 4, 2, 2, 0);
    png_rows(&file, "\0\x1b\2\x1b", 4); /* up: 1b + 1b = 36 */
    expect(4, 2, 1, (uint8_t[]){0, 85, 170, 255, 0, 255, 85, 170});
    png_head(&file, 2, 1, 8, 6); /* alpha over the default white */
    png_rows(&file, "\0\x0a\x14\x1e\x80\xff\x00\x00\x00", 9);
    expect(2, 1, 3, (uint8_t[]){132, 137, 142, 255, 255, 255});
    png_head(&file, 3, 1, 8, 0); /* a transparent grey */
    chunk(&file, "tRNS", "\0\7", 2);
    png_rows(&file, "\0\6\7\x8", 4);
    expect(3, 1, 1, (uint8_t[]){6, 255, 8});
}

static void test_palette(void **state) {
    (void)state;
    png_head(&file, 4, 1, 2, 3); /* entry 3 is missing: black */
    chunk(&file, "PLTE", "\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9);
    chunk(&file, "tRNS", "\xff\x00", 2);
    png_rows(&file, "\0\x1b", 2);
    expect(4, 1, 3, (uint8_t[]){1, 2, 3, 255, 255, 255, 7, 8, 9, 0, 0, 0});
    gan_image_options o = GAN_IMAGE_OPTIONS_DEFAULTS;
    o.background[0] = 9, o.background[1] = 8, o.background[2] = 7;
    gan_image m = decoded(&o);
    assert_memory_equal(m.pixels + 3, ((uint8_t[]){9, 8, 7}), 3);
    gan_image_free(&m);
}

static void test_filters(void **state) {
    (void)state;
    static const uint8_t rows[] = {1, 10, 1, 1, 2, 5, 5, 5, 3, 8, 8, 8, 4, 1, 2, 3};
    png_head(&file, 3, 4, 8, 0);
    png_rows(&file, rows, sizeof rows);
    expect(3, 4, 1, (uint8_t[]){10, 11, 12, 15, 16, 17, 15, 23, 28, 16, 25, 31});
}

static void test_pnm(void **state) {
    (void)state;
    text("P2 # a comment\n2 2\n# another\n10\n0 5\n10 1 ");
    expect(2, 2, 1, (uint8_t[]){0, 128, 255, 26});
    text("P3\n1 2\n255\n1 2 3\n4 5 6");
    expect(1, 2, 3, (uint8_t[]){1, 2, 3, 4, 5, 6});
    text("P1 3 2 1 0 1\n011\n");
    expect(3, 2, 1, (uint8_t[]){0, 255, 0, 255, 0, 0});
    text("P4 9 1 ");
    put(&file, "\xa5\x80", 2);
    expect(9, 1, 1, (uint8_t[]){0, 255, 0, 255, 255, 0, 255, 0, 0});
    text("P5 2 1 65535 ");
    put(&file, "\x10\xff\xff\xff", 4);
    expect(2, 1, 1, (uint8_t[]){17, 255});
    text("P6 1 1 100 ");
    put(&file, "\x00\x32\x64", 3);
    expect(1, 1, 3, (uint8_t[]){0, 128, 255});
}

static void bmp(int w, int h, uint8_t bits, uint8_t colours) {
    uint8_t head[54] = {'B', 'M', 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)(54 + 4 * colours), 0, 0, 0, 40};
    head[18] = (uint8_t)w, head[22] = (uint8_t)h, head[26] = 1, head[28] = bits;
    if (h < 0) head[23] = head[24] = head[25] = 0xff;
    file.size = 0;
    put(&file, head, sizeof head);
}

static void test_bmp(void **state) {
    (void)state;
    bmp(1, 2, 24, 0); /* from the bottom; blue first; rows padded to 4 */
    put(&file, "\1\2\3\0\4\5\6", 7);
    expect(1, 2, 3, (uint8_t[]){6, 5, 4, 3, 2, 1});
    bmp(1, -2, 24, 0);
    put(&file, "\1\2\3\0\4\5\6\0", 8);
    expect(1, 2, 3, (uint8_t[]){3, 2, 1, 6, 5, 4});
    bmp(2, 1, 4, 2);
    put(&file, "\1\2\3\0\4\5\6\0\x10\0\0\0", 12);
    expect(2, 1, 3, (uint8_t[]){6, 5, 4, 3, 2, 1});
    file.data[62] = 0x20; /* a third colour */
    refused(GAN_EFORMAT, "palette of 2 lacks");
    file.size = 62;
    refused(GAN_EFORMAT, "truncated");
}

static void test_jpeg(void **state) {
    (void)state;
    jpeg(&file, 0);
    gan_image m = decoded(NULL);
    assert_true(m.width == 24 && m.height == 13 && m.channels == 3);
    for (int i = 0; i < 24 * 13; i++) {
        assert_true(abs(m.pixels[3 * i] - 4 * (i % 24)) < 12);
        assert_true(abs(m.pixels[3 * i + 1] - 4 * (i / 24)) < 12);
    }
    gan_image_free(&m);
}

/* --- what is refused --- */

static void test_refused(void **state) {
    (void)state;
    file.size = 0;
    refused(GAN_EFORMAT, "empty");
    text("<html>");
    refused(GAN_EFORMAT, "not a JPEG");
    text("GIF89a......");
    refused(GAN_EUNSUPPORTED, "GIF");
    text("P5 99999999999 1 255 x");
    refused(GAN_EFORMAT, "head");
    text("P5 60000 60000 255 x");
    refused(GAN_EUNSUPPORTED, "more than allowed");
    text("P5 100 100 255 x");
    refused(GAN_EFORMAT, "truncated");
    text("P2 2 1 255 1 x");
    refused(GAN_EFORMAT, "sample 1");
    text("P5 0 3 255 x");
    refused(GAN_EFORMAT, "empty");
}

static void test_refused_png(void **state) {
    (void)state;
    png_head(&file, 8000, 8000, 16, 6);
    png_rows(&file, "\0", 1);
    refused(GAN_EFORMAT, "cannot be in");
    png_head(&file, 2, 2, 8, 0);
    png_rows(&file, "\0\1\2", 3);
    refused(GAN_EFORMAT, "ends too early");
    png_head(&file, 1, 1, 8, 0);
    png_rows(&file, "\x9\1", 2);
    refused(GAN_EFORMAT, "filter 9");
    png_head(&file, 1, 1, 8, 0);
    png_rows(&file, "\0\1", 2);
    file.data[20] ^= 1;
    refused(GAN_EFORMAT, "checksum");
    file.data[20] ^= 1;
    file.size = 40;
    refused(GAN_EFORMAT, "truncated");
    png_head(&file, 1, 1, 8, 3);
    png_rows(&file, "\0\1", 2);
    refused(GAN_EFORMAT, "palette");
    png_head(&file, 1, 1, 4, 2);
    refused(GAN_EFORMAT, "colour type 2 with 4 bits");
}

static size_t find(uint8_t marker) {
    for (size_t i = 2; i + 1 < file.size; i++)
        if (file.data[i] == 0xff && file.data[i + 1] == marker) return i;
    fail_msg("no marker");
    return 0;
}

static void test_refused_jpeg(void **state) {
    (void)state;
    jpeg(&file, 0);
    file.size -= 2;
    refused(GAN_EFORMAT, "truncated");
    jpeg(&file, 0);
    memset(file.data + find(0xc4) + 5, 17, 16); /* 272 codes */
    refused(GAN_EFORMAT, "Huffman");
    jpeg(&file, 0);
    memset(file.data + find(0xc0) + 5, 0xf0, 4);
    refused(GAN_EUNSUPPORTED, "more than allowed");
    memset(file.data + find(0xc0) + 5, 0x1f, 4);
    refused(GAN_EFORMAT, "cannot be in");
    jpeg(&file, 0);
    file.data[find(0xc0) + 1] = 0xc9;
    refused(GAN_EUNSUPPORTED, "arithmetic");
    jpeg(&file, 0);
    size_t scan = find(0xda), rest = file.size - scan;
    static uint8_t copy[1 << 14];
    memcpy(copy, file.data + scan, rest);
    file.size = scan;
    for (int i = 0; i < 101; i++) put(&file, copy, 14);
    put(&file, copy, rest);
    refused(GAN_EFORMAT, "too many scans");
}

/* Beyond 4 bytes a pixel and the allowance a decoder must give up, cleanly. */
static void test_memory_limit(void **state) {
    (void)state;
    gan_image m;
    gan_error err = {0};
    gan_image_options o = GAN_IMAGE_OPTIONS_DEFAULTS;
    o.memory_mib = 0;
    jpeg(&file, 0);
    assert_int_equal(gan_image_decode(file.data, file.size, &o, &m, &err), GAN_EUNSUPPORTED);
    assert_non_null(strstr(err.text, "memory"));
    o.memory_mib = 1;
    assert_int_equal(gan_image_decode(file.data, file.size, &o, &m, &err), GAN_OK);
    gan_image_free(&m);
}

static void test_options(void **state) {
    (void)state;
    gan_image m;
    gan_error err;
    text("P5 1 1 255 x");
    static const gan_image_options wrong[] = {{sizeof wrong[0], 5, 0, 0, {0, 0, 0}, 9, 9, 9},
                                              {sizeof wrong[0], -1, -1, 0, {0, 0, 0}, 9, 9, 9},
                                              {sizeof wrong[0], 0, 0, 2, {0, 0, 0}, 9, 9, 9},
                                              {sizeof wrong[0], 0, 0, 0, {0, 0, 0}, 0, 9, 9},
                                              {sizeof wrong[0], 0, 0, 0, {0, 0, 0}, 9, 0, 9}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(gan_image_decode(file.data, file.size, &wrong[i], &m, &err), GAN_EINVAL);
    gan_image_options shorter = {.size = offsetof(gan_image_options, channels)};
    assert_int_equal(gan_image_decode(file.data, file.size, &shorter, &m, &err), GAN_OK);
    gan_image_free(&m);
    gan_image_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png),          cmocka_unit_test(test_palette),
        cmocka_unit_test(test_filters),      cmocka_unit_test(test_pnm),
        cmocka_unit_test(test_bmp),          cmocka_unit_test(test_jpeg),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_refused_png),
        cmocka_unit_test(test_refused_jpeg), cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
