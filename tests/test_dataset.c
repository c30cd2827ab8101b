/* SPDX-License-Identifier: MIT
 *
 * Data sets: what belongs to one, in which order, what is held out, and what happens to files that
 * are bad. */
#ifndef _POSIX_C_SOURCE
#    define _POSIX_C_SOURCE 200809L
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>

#include "gan/dataset.h"
#include "gan/loader.h"
#include "image_files.h"

/* --- a folder for each test --- */

static char root[64], name[128];

static int setup(void **state) {
    (void)state;
    strcpy(root, "/tmp/gan_dataset_XXXXXX");
    return mkdtemp(root) ? 0 : 1;
}

static int teardown(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static const char *in_root(const char *last) {
    snprintf(name, sizeof name, "%s/%s", root, last);
    return name;
}

static void write_file(const char *last, const void *data, size_t size) {
    FILE *f = fopen(in_root(last), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    fclose(f);
}

/* A grey picture of 2x2 that is all `v`. */
static void write_picture(const char *last, int v) {
    char p[64];
    snprintf(p, sizeof p, "P2 2 2 255 %d %d %d %d ", v, v, v, v);
    write_file(last, p, strlen(p));
}

static void write_pictures(int n) {
    for (int i = 0; i < n; i++) {
        char last[32];
        snprintf(last, sizeof last, "p%03d.pgm", i);
        write_picture(last, i);
    }
}

static gan_dataset_options small(void) {
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    o.height = o.width = 2;
    o.channels = 1;
    o.holdout = 0;
    return o;
}

static gan_dataset *opened(const char *path, const gan_dataset_options *o) {
    gan_dataset *ds;
    gan_error err = {0};
    if (gan_dataset_open(path, o, &ds, &err)) fail_msg("%s", err.text);
    return ds;
}

static void refused(const char *path, const gan_dataset_options *o, gan_status status,
                    const char *part) {
    gan_dataset *ds;
    gan_error err = {0};
    gan_status s = gan_dataset_open(path, o, &ds, &err);
    assert_null(ds);
    if (s != status || !strstr(err.text, part)) fail_msg("status %d: %s", s, err.text);
}

static uint64_t fingerprint(const char *path, const gan_dataset_options *o) {
    gan_dataset *ds = opened(path, o);
    uint64_t f = gan_dataset_fingerprint(ds);
    gan_dataset_free(ds);
    return f;
}

/* --- folders --- */

static void test_folder(void **state) {
    (void)state;
    gan_dataset_options o = small();
    mkdir(in_root("sub"), 0777);
    mkdir(in_root(".hidden"), 0777);
    write_picture("b.pgm", 2);
    write_picture("sub/a.pgm", 3);
    write_picture("a_without_extension", 1);
    write_picture(".x.pgm", 4);
    write_picture(".hidden/a.pgm", 5);
    write_file("README", "text", 4);
    write_file("BMP.txt", "BM is how it begins, but it is a text", 37);
    mkfifo(in_root("pipe.png"), 0666);
    gan_dataset *ds = opened(root, &o);
    assert_int_equal(gan_dataset_train_count(ds), 3);
    assert_int_equal(gan_dataset_bad_count(ds), 0);
    assert_int_equal(gan_dataset_cached_count(ds), 3);
    assert_int_equal(gan_dataset_classes(ds), 0);
    assert_true(gan_dataset_height(ds) == 2 && gan_dataset_width(ds) == 2);
    uint8_t same[12] = {1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3}; /* in path order */
    gan_dataset *memory;
    assert_int_equal(gan_dataset_from_memory(same, 3, 2, 2, 1, NULL, &o, &memory, NULL), GAN_OK);
    assert_true(gan_dataset_fingerprint(memory) == gan_dataset_fingerprint(ds));
    gan_dataset_free(memory);
    gan_dataset_free(ds);
}

/* Folders right below the root are classes, whatever lies deeper; texts beside them are no pictures. */
static void test_class_folders(void **state) {
    static const char *const files[] = {"b/z.pgm", "a/deep/x.pgm", "a/y.pgm", "a-b/x.pgm",
                                        "b/a.pgm"};
    (void)state;
    gan_dataset_options o = small();
    o.class_folders = 1;
    mkdir(in_root("a"), 0777);
    mkdir(in_root("a/deep"), 0777);
    mkdir(in_root("a-b"), 0777);
    mkdir(in_root("b"), 0777);
    for (int i = 0; i < 5; i++) write_picture(files[i], 10 * i);
    write_file("README", "text", 4);
    mkdir(in_root("a-texts"), 0777); /* between classes, and none: it has no picture */
    write_file("a-texts/README", "text", 4);
    mkdir(in_root("c"), 0777);
    write_file("c/empty.png", "", 0);
    gan_dataset *ds = opened(root, &o), *memory;
    assert_int_equal(gan_dataset_train_count(ds), 5);
    assert_int_equal(gan_dataset_classes(ds), 3);
    assert_string_equal(gan_dataset_class_name(ds, 0), "a-b"); /* in the order of their paths */
    assert_string_equal(gan_dataset_class_name(ds, 1), "a");
    assert_string_equal(gan_dataset_class_name(ds, 2), "b");
    assert_null(gan_dataset_class_name(ds, 3));
    uint8_t same[20] = {30, 30, 30, 30, 10, 10, 10, 10, 20, 20, 20, 20, 40, 40, 40, 40, 0, 0, 0, 0};
    const int labels[5] = {0, 1, 1, 2, 2};
    assert_int_equal(gan_dataset_from_memory(same, 5, 2, 2, 1, labels, &o, &memory, NULL), GAN_OK);
    assert_true(gan_dataset_fingerprint(memory) == gan_dataset_fingerprint(ds));
    assert_null(gan_dataset_class_name(memory, 0));
    gan_dataset_free(memory);
    gan_dataset_free(ds);
    write_picture("stray", 1);
    refused(root, &o, GAN_EDATA, "stray lies in no folder of its class");
    remove(in_root("stray"));
    write_picture("stray.pgm", 1);
    refused(root, &o, GAN_EDATA, "stray.pgm lies in no folder of its class");
}

static void test_links(void **state) {
    (void)state;
    gan_dataset_options o = small();
    mkdir(in_root("sub"), 0777);
    write_picture("sub/a.pgm", 3);
    assert_int_equal(symlink("..", in_root("sub/up")), 0);
    assert_int_equal(symlink(".", in_root("sub/self")), 0);
    assert_int_equal(symlink("sub/a.pgm", in_root("b.pgm")), 0);
    gan_dataset *ds = opened(root, &o);
    assert_int_equal(gan_dataset_train_count(ds), 2);
    gan_dataset_free(ds);
    assert_int_equal(symlink("nowhere", in_root("lost.png")), 0);
    ds = opened(root, &o);
    assert_int_equal(gan_dataset_bad_count(ds), 1);
    gan_dataset_free(ds);
}

static void test_nothing(void **state) {
    (void)state;
    gan_dataset_options o = small();
    refused(root, &o, GAN_EDATA, "looked for JPEG");
    refused(in_root("missing"), &o, GAN_EDATA, "missing: No such file");
    write_file("README", "text", 4);
    refused(root, &o, GAN_EDATA, "1 files of other kinds");
    refused(in_root("README"), &o, GAN_EDATA, "neither a folder nor an IDX file");
    write_file("a.png", "<html>", 6);
    refused(root, &o, GAN_EDATA, "all 1 are bad");
    refused(root, &o, GAN_EDATA, "a.png");
    gan_dataset_free(NULL);
}

static void test_bad_files(void **state) {
    (void)state;
    gan_dataset_options o = small();
    const char *path, *reason;
    write_pictures(5);
    write_file("c.png", "", 0);
    write_file("d.jpg", "GIF89a", 6);
    gan_dataset *ds = opened(root, &o); /* 2 of 7, but fewer than 3 never stop it */
    assert_int_equal(gan_dataset_train_count(ds), 5);
    assert_int_equal(gan_dataset_bad_count(ds), 2);
    assert_true(gan_dataset_bad(ds, 0, &path, &reason));
    assert_string_equal(path, in_root("c.png"));
    assert_string_equal(reason, "the file is empty");
    assert_true(gan_dataset_bad(ds, 1, &path, &reason));
    assert_non_null(strstr(reason, "GIF"));
    assert_false(gan_dataset_bad(ds, 2, &path, &reason));
    gan_dataset_free(ds);
    o.strict = 1;
    refused(root, &o, GAN_EDATA, "c.png: the file is empty");
    o.strict = 0;
    write_file("e.gif", "GIF89a", 6);
    refused(root, &o, GAN_EDATA, "3 of 8 image files are bad, more than 1%");
    o.max_bad = 0.375;
    gan_dataset_free(opened(root, &o));
}

static void test_same_whatever(void **state) {
    (void)state;
    gan_dataset_options o = small();
    write_pictures(40);
    write_file("p007.pgm", "P2 2 2", 6);
    uint64_t f = fingerprint(root, &o);
    o.threads = 3;
    assert_true(fingerprint(root, &o) == f);
    o.cache_mib = 0;
    gan_dataset *ds = opened(root, &o);
    assert_int_equal(gan_dataset_cached_count(ds), 0);
    assert_true(gan_dataset_fingerprint(ds) == f);
    gan_dataset_free(ds);
    o.channels = 3;
    assert_true(fingerprint(root, &o) != f);
    o.channels = 1;
    write_picture("p003.pgm", 77);
    assert_true(fingerprint(root, &o) != f);
}

static void test_options(void **state) {
    (void)state;
    write_pictures(1);
    gan_dataset_options good = small(), o;
    refused(root, (o = good, o.height = 0, &o), GAN_EINVAL, "height");
    refused(root, (o = good, o.width = -1, &o), GAN_EINVAL, "sides");
    refused(root, (o = good, o.channels = 2, &o), GAN_EINVAL, "channels");
    refused(root, (o = good, o.max_bad = 2, &o), GAN_EINVAL, "max_bad");
    refused(root, (o = good, o.holdout = 1, &o), GAN_EINVAL, "holdout");
    refused(root, (o = good, o.threads = 0, &o), GAN_EINVAL, "threads");
    refused(root, (o = good, o.cache_mib = SIZE_MAX, &o), GAN_EINVAL, "cache_mib");
    refused(root, (o = good, o.max_side = 0, &o), GAN_EINVAL, "max_side");
}

/* --- what is held out --- */

static void test_holdout(void **state) {
    (void)state;
    uint8_t pixels[100];
    int labels[100], drawn[3][5], seen[100] = {0};
    gan_real x[5];
    for (int i = 0; i < 100; i++) pixels[i] = (uint8_t)i, labels[i] = i;
    gan_dataset_options o = {.size = sizeof o, .holdout = 0.05, .max_bad = 0.01, .threads = 1};
    for (int run = 0; run < 3; run++) { /* the same seed twice, then another */
        gan_dataset *ds;
        gan_loader *l;
        gan_loader_options lo = GAN_LOADER_OPTIONS_DEFAULTS;
        lo.batch = 5;
        o.seed = run == 2;
        assert_int_equal(gan_dataset_from_memory(pixels, 100, 1, 1, 1, labels, &o, &ds, NULL), 0);
        assert_int_equal(gan_dataset_holdout_count(ds), 5);
        assert_int_equal(gan_dataset_train_count(ds), 95);
        assert_int_equal(gan_dataset_classes(ds), 100);
        assert_int_equal(gan_loader_create(ds, &lo, &l, NULL), GAN_OK);
        assert_int_equal(gan_loader_holdout(l, 0, x, drawn[run], NULL), GAN_OK);
        for (int i = 0; run == 0 && i < 5; i++) seen[drawn[0][i]]++;
        for (int b = 0; run == 0 && b < 19; b++) {
            int got[5];
            assert_int_equal(gan_loader_next(l, x, got, NULL), GAN_OK);
            for (int i = 0; i < 5; i++) seen[got[i]]++;
        }
        gan_loader_free(l);
        gan_dataset_free(ds);
    }
    for (int i = 0; i < 100; i++) assert_int_equal(seen[i], 1);
    assert_memory_equal(drawn[0], drawn[1], sizeof drawn[0]);
    assert_memory_not_equal(drawn[0], drawn[2], sizeof drawn[0]);
}

static void test_memory(void **state) {
    (void)state;
    uint8_t pixels[8] = {0};
    int labels[2] = {3, -1};
    gan_dataset *ds;
    gan_dataset_options o = small();
    assert_int_equal(gan_dataset_from_memory(pixels, 2, 2, 2, 1, labels, &o, &ds, NULL),
                     GAN_EINVAL);
    assert_int_equal(gan_dataset_from_memory(pixels, 0, 2, 2, 1, NULL, &o, &ds, NULL), GAN_EINVAL);
    assert_int_equal(gan_dataset_from_memory(pixels, 1, 2, 2, 2, NULL, &o, &ds, NULL), GAN_EINVAL);
    o.height = o.width = 5, o.channels = 3;
    assert_int_equal(gan_dataset_from_memory(pixels, 2, 2, 2, 1, NULL, &o, &ds, NULL), GAN_OK);
    assert_true(gan_dataset_height(ds) == 5 && gan_dataset_channels(ds) == 3);
    gan_dataset_free(ds);
}

/* --- IDX --- */

static void write_idx(const char *last, const void *data, size_t size, int packed) {
    gzFile f = gzopen(in_root(last), packed ? "wb" : "wbT"); /* T: plain */
    assert_non_null(f);
    assert_int_equal(gzwrite(f, data, (unsigned)size), (int)size);
    gzclose(f);
}

#define IMAGES "\0\0\x08\3\0\0\0\2\0\0\0\1\0\0\0\3\1\2\3\4\5\6"
#define LABELS "\0\0\x08\1\0\0\0\2\7\2"

static void test_idx(void **state) {
    (void)state;
    gan_dataset_options o = small();
    o.height = o.width = o.channels = 0;
    for (int packed = 0; packed < 4; packed++) {
        const char *images = packed & 1 ? "train-images-idx3-ubyte.gz" : "train-images-idx3-ubyte";
        const char *labels = packed & 2 ? "train-labels-idx1-ubyte.gz" : "train-labels-idx1-ubyte";
        write_idx(images, IMAGES, 22, packed & 1);
        write_idx(labels, LABELS, 10, packed & 2);
        for (int whole = 0; whole < 2; whole++) {
            gan_dataset *ds = opened(whole ? root : in_root(images), &o);
            assert_int_equal(gan_dataset_train_count(ds), 2);
            assert_true(gan_dataset_height(ds) == 1 && gan_dataset_width(ds) == 3);
            assert_int_equal(gan_dataset_classes(ds), 8);
            gan_dataset_free(ds);
        }
        remove(in_root(images));
        remove(in_root(labels));
    }
}

static void test_idx_refused(void **state) {
    (void)state;
    gan_dataset_options o = small();
    write_idx("labels-idx1", LABELS, 10, 0);
    refused(in_root("labels-idx1"), &o, GAN_EFORMAT, "labels; name the file of images");
    write_idx("a", IMAGES, 21, 0);
    refused(in_root("a"), &o, GAN_EFORMAT, "announces 6 bytes and holds 5");
    for (int size = 20; size <= 23; size++) { /* one less, one more */
        if (size == 22) continue;
        write_idx("a.gz", IMAGES, (size_t)size, 1);
        refused(in_root("a.gz"), &o, GAN_EFORMAT, size < 22 ? "less" : "more");
    }
    write_idx("a.gz", "\0\0\x08\3\0\0\1\0\0\0\1\0\0\0\1\0xxxx", 20, 1);
    refused(in_root("a.gz"), &o, GAN_EFORMAT, "cannot hold");
    write_idx("a", "\0\0\x08\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16, 0);
    refused(in_root("a"), &o, GAN_EFORMAT, "impossible size");
    write_idx("a", "\0\0\x08\3\0\0", 6, 0);
    refused(in_root("a"), &o, GAN_EFORMAT, "truncated");
    write_file("a.gz", "\x1f\x8b nonsense", 11);
    refused(in_root("a.gz"), &o, GAN_EFORMAT, "not an IDX file");
    write_idx("x-images-idx3", IMAGES, 22, 0);
    write_idx("x-labels-idx1", "\0\0\x08\1\0\0\0\1\7", 9, 0);
    refused(in_root("x-images-idx3"), &o, GAN_EFORMAT, "1 labels");
}

/* --- real sets --- */

static void test_orl(void **state) {
    (void)state;
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    o.channels = 1;
    if (!test_data("faces_orl")) skip();
    gan_dataset *ds = opened(test_data("faces_orl"), &o);
    assert_int_equal(gan_dataset_bad_count(ds), 0);
    assert_int_equal(gan_dataset_train_count(ds), 380);
    assert_int_equal(gan_dataset_holdout_count(ds), 20);
    gan_dataset_free(ds);
}

static uint64_t digest(const uint8_t *p, size_t n, uint64_t h) {
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

/* All pictures with their labels, in whatever order: the sum of their digests. */
static uint64_t digests_of_file(const char *images, const char *labels, unsigned n) {
    static uint8_t picture[784];
    char path[4096];
    uint64_t sum = 0;
    snprintf(path, sizeof path, "%s", test_data(images));
    gzFile f = gzopen(path, "rb"), g = gzopen(test_data(labels), "rb");
    assert_int_equal(gzread(f, picture, 16), 16);
    assert_int_equal(gzread(g, picture, 8), 8);
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(gzread(f, picture, 784), 784);
        sum += digest(picture, 784, (uint64_t)gzgetc(g) + 1);
    }
    gzclose(f);
    gzclose(g);
    return sum;
}

static void test_mnist(void **state) {
    (void)state;
    static gan_real x[1000 * 784];
    static uint8_t bytes[1000 * 784];
    int labels[1000];
    uint64_t sum = 0;
    gan_loader *l;
    gan_loader_options lo = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_dataset_options o = small();
    o.height = o.width = o.channels = 0;
    lo.batch = 1000;
    if (!test_data("mnist/t10k-images-idx3-ubyte.gz")) skip();
    gan_dataset *ds = opened(test_data("mnist/t10k-images-idx3-ubyte.gz"), &o);
    assert_int_equal(gan_dataset_classes(ds), 10);
    assert_int_equal(gan_dataset_train_count(ds), 10000);
    assert_int_equal(gan_loader_create(ds, &lo, &l, NULL), GAN_OK);
    for (int b = 0; b < 10; b++) {
        assert_int_equal(gan_loader_next(l, x, labels, NULL), GAN_OK);
        gan_image_from_real(x, 1000 * 784, bytes);
        for (int i = 0; i < 1000; i++) sum += digest(bytes + 784 * i, 784, (uint64_t)labels[i] + 1);
    }
    gan_loader_free(l);
    gan_dataset_free(ds);
    assert_true(sum == digests_of_file("mnist/t10k-images-idx3-ubyte.gz",
                                       "mnist/t10k-labels-idx1-ubyte.gz", 10000));
    ds = opened(test_data("mnist"), &o);
    assert_int_equal(gan_dataset_train_count(ds), 60000);
    gan_dataset_free(ds);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_folder),    TEST(test_class_folders), TEST(test_links),       TEST(test_nothing),
        TEST(test_bad_files), TEST(test_same_whatever), TEST(test_options),     TEST(test_holdout),
        TEST(test_memory),    TEST(test_idx),           TEST(test_idx_refused), TEST(test_orl),
        TEST(test_mnist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
