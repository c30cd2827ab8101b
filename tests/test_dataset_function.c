/* SPDX-License-Identifier: MIT
 *
 * Data sets of a function: what is held out, batches with and without the prefetch thread, flips,
 * failures, identity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gan/loader.h"

enum { N = 23, BATCH = 4, EPOCH = (N - 3) / BATCH, H = 2, W = 3, C = 5, SIZE = H * W * C };

/* Values that no byte stands for: 1000 i + the place. */
static gan_status numbered(void *user, uint64_t i, gan_real *out, gan_error *err) {
    (void)user, (void)err;
    for (int k = 0; k < SIZE; k++) out[k] = (gan_real)(1000 * (double)i + k);
    return GAN_OK;
}

static gan_dataset *open(gan_picture_function *fill, void *user, double holdout, uint64_t seed) {
    gan_dataset *ds;
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_error err = {0};
    o.holdout = holdout;
    o.seed = seed;
    if (gan_dataset_from_function(fill, user, 7, N, H, W, C, &o, &ds, &err))
        fail_msg("%s", err.text);
    return ds;
}

static gan_loader *loader(gan_dataset *ds, int flip, int prefetch) {
    gan_loader *l;
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    o.batch = BATCH;
    o.flip = flip;
    o.seed = 5;
    o.prefetch = prefetch;
    assert_int_equal(gan_loader_create(ds, &o, &l, NULL), GAN_OK);
    return l;
}

typedef struct batch {
    gan_real x[BATCH * SIZE];
    int labels[BATCH];
} batch;

static batch next(gan_loader *l) {
    batch b;
    gan_error err = {0};
    memset(&b, 0x55, sizeof b);
    if (gan_loader_next(l, b.x, b.labels, &err)) fail_msg("%s", err.text);
    return b;
}

static int number_of(const gan_real *x) {
    return (int)((double)x[0] / 1000);
}

static void test_sizes(void **state) {
    (void)state;
    gan_dataset *ds = open(numbered, NULL, 0.13, 0);
    assert_int_equal(gan_dataset_train_count(ds), N - 3);
    assert_int_equal(gan_dataset_holdout_count(ds), 3);
    assert_int_equal(gan_dataset_cached_count(ds), 0);
    assert_int_equal(gan_dataset_height(ds), H);
    assert_int_equal(gan_dataset_width(ds), W);
    assert_int_equal(gan_dataset_channels(ds), C);
    assert_int_equal(gan_dataset_classes(ds), 0);
    assert_int_equal(gan_dataset_bad_count(ds), 0);
    gan_dataset_free(ds);
}

/* An epoch has each picture once at most, whole and as it was made, and none of those held out. */
static void test_epochs(void **state) {
    (void)state;
    gan_dataset *ds = open(numbered, NULL, 0.13, 3);
    batch held, first[2];
    for (int prefetch = 0; prefetch < 2; prefetch++) {
        gan_loader *l = loader(ds, 0, prefetch);
        assert_int_equal(gan_loader_holdout(l, 0, held.x, held.labels, NULL), GAN_OK);
        for (int e = 0; e < 3; e++) {
            int seen[N] = {0};
            for (int i = 0; i < 3; i++) seen[number_of(held.x + i * SIZE)]++;
            for (int k = 0; k < EPOCH; k++) {
                batch b = next(l);
                if (!e && !k) first[prefetch] = b;
                for (int i = 0; i < BATCH; i++) {
                    gan_real whole[SIZE];
                    int v = number_of(b.x + i * SIZE);
                    numbered(NULL, (uint64_t)v, whole, NULL);
                    assert_int_equal(seen[v]++, 0);
                    assert_memory_equal(b.x + i * SIZE, whole, sizeof whole);
                    assert_int_equal(b.labels[i], 0);
                }
            }
        }
        gan_loader_free(l);
    }
    assert_memory_equal(&first[0], &first[1], sizeof first[0]);
    gan_dataset_free(ds);
}

/* Flips exchange the columns and keep the channels; held-out pictures are not flipped. */
static void test_flips(void **state) {
    (void)state;
    gan_dataset *ds = open(numbered, NULL, 0.13, 3);
    gan_loader *l[] = {loader(ds, 1, 0), loader(ds, 1, 1), loader(ds, 0, 0)};
    int flips = 0, total = 100 * BATCH;
    for (int n = 0; n < 100; n++) {
        batch a = next(l[0]), b = next(l[1]), plain = next(l[2]);
        assert_memory_equal(&a, &b, sizeof a);
        for (int i = 0; i < BATCH; i++) {
            const gan_real *x = a.x + i * SIZE, *p = plain.x + i * SIZE;
            int flipped = memcmp(x, p, C * sizeof *x) != 0;
            for (int k = 0; k < SIZE; k++) {
                int column = k / C % W, from = flipped ? W - 1 - column : column;
                assert_true(x[k] == p[k + (from - column) * C]);
            }
            flips += flipped;
        }
    }
    assert_in_range(flips, total / 2 - 50, total / 2 + 50); /* 5 standard deviations */
    batch turned, plain;
    assert_int_equal(gan_loader_holdout(l[0], 0, turned.x, turned.labels, NULL), GAN_OK);
    assert_int_equal(gan_loader_holdout(l[2], 0, plain.x, plain.labels, NULL), GAN_OK);
    assert_memory_equal(turned.x, plain.x, sizeof plain.x);
    for (int i = 0; i < 3; i++) gan_loader_free(l[i]);
    gan_dataset_free(ds);
}

/* The seed chooses what is held out. */
static void test_seed(void **state) {
    (void)state;
    batch b[2];
    for (uint64_t seed = 0; seed < 2; seed++) {
        gan_dataset *ds = open(numbered, NULL, 0.13, seed);
        gan_loader *l = loader(ds, 0, 0);
        assert_int_equal(gan_loader_holdout(l, 0, b[seed].x, NULL, NULL), GAN_OK);
        gan_loader_free(l);
        gan_dataset_free(ds);
    }
    assert_memory_not_equal(b[0].x, b[1].x, sizeof b[0].x);
}

/* *user: how to fail. */
static gan_status failing(void *user, uint64_t i, gan_real *out, gan_error *err) {
    const gan_error *how = user;
    (void)i, (void)out;
    *err = *how;
    return GAN_EDATA;
}

static void test_failure(void **state) {
    (void)state;
    gan_error how[] = {{GAN_EDATA, "the well is dry"}, {GAN_OK, ""}};
    batch b;
    for (int silent = 0; silent < 2; silent++)
        for (int prefetch = 0; prefetch < 2; prefetch++) {
            gan_error err = {0};
            gan_dataset *ds = open(failing, &how[silent], 0.1, 0);
            gan_loader *l = loader(ds, 1, prefetch);
            assert_int_equal(gan_loader_next(l, b.x, b.labels, &err), GAN_EDATA);
            assert_int_equal(err.code, GAN_EDATA);
            assert_non_null(strstr(err.text, "picture "));
            assert_non_null(
                strstr(err.text, silent ? "data set cannot be used" : "the well is dry"));
            assert_int_equal(gan_loader_next(l, b.x, b.labels, NULL), GAN_EDATA);
            assert_int_equal(gan_loader_position(l), 0);
            assert_int_equal(gan_loader_holdout(l, 0, b.x, NULL, &err), GAN_EDATA);
            gan_loader_free(l);
            gan_dataset_free(ds);
        }
}

static uint64_t fingerprint(uint64_t own, size_t n, int h, int w, int c) {
    gan_dataset *ds;
    assert_int_equal(gan_dataset_from_function(numbered, NULL, own, n, h, w, c, NULL, &ds, NULL),
                     GAN_OK);
    uint64_t f = gan_dataset_fingerprint(ds);
    gan_dataset_free(ds);
    return f;
}

static void test_fingerprint(void **state) {
    (void)state;
    uint64_t f = fingerprint(1, 9, 2, 3, 4);
    assert_true(f == fingerprint(1, 9, 2, 3, 4));
    assert_true(f != fingerprint(2, 9, 2, 3, 4));
    assert_true(f != fingerprint(1, 8, 2, 3, 4));
    assert_true(f != fingerprint(1, 9, 3, 2, 4));
    assert_true(f != fingerprint(1, 9, 2, 3, 5));
}

static void test_refused(void **state) {
    (void)state;
    const struct {
        gan_picture_function *fill;
        size_t n;
        int h, w, c;
    } wrong[] = {{NULL, 9, 1, 1, 1},
                 {numbered, 0, 1, 1, 1},
                 {numbered, 9, 0, 1, 1},
                 {numbered, 9, 1, 65536, 1},
                 {numbered, 9, 1, 1, 0},
                 {numbered, 9, 1, 1, -1},
                 {numbered, 9, 65535, 65535, 1},
                 {numbered, (size_t)1 << 32, 1, 1, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gan_dataset *ds = (gan_dataset *)(void *)&i;
        gan_error err = {0};
        assert_int_equal(gan_dataset_from_function(wrong[i].fill, NULL, 0, wrong[i].n, wrong[i].h,
                                                   wrong[i].w, wrong[i].c, NULL, &ds, &err),
                         GAN_EINVAL);
        assert_null(ds);
        assert_non_null(strstr(err.text, "2^32-1"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),   cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_flips),   cmocka_unit_test(test_seed),
        cmocka_unit_test(test_failure), cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
