/* SPDX-License-Identifier: MIT
 *
 * Loaders: the order is a permutation that the position alone restores, with and without the
 * prefetch thread, with and without the cache. */
#ifndef _POSIX_C_SOURCE
#    define _POSIX_C_SOURCE 200809L
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gan/loader.h"

enum { N = 23, BATCH = 4, EPOCH = N / BATCH, PIXELS = 2 };

/* N pictures of 1x2: {i, 100 + i}, labelled i. */
static gan_dataset *numbered(double holdout) {
    uint8_t pixels[N * PIXELS];
    int labels[N];
    gan_dataset *ds;
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    o.height = o.width = o.channels = 0;
    o.holdout = holdout;
    for (int i = 0; i < N; i++) {
        pixels[2 * i] = (uint8_t)i;
        pixels[2 * i + 1] = (uint8_t)(100 + i);
        labels[i] = i;
    }
    assert_int_equal(gan_dataset_from_memory(pixels, N, 1, 2, 1, labels, &o, &ds, NULL), GAN_OK);
    return ds;
}

static gan_loader *loader(gan_dataset *ds, int flip, uint64_t seed, int prefetch) {
    gan_loader *l;
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    o.batch = BATCH;
    o.flip = flip;
    o.seed = seed;
    o.prefetch = prefetch;
    assert_int_equal(gan_loader_create(ds, &o, &l, NULL), GAN_OK);
    return l;
}

typedef struct batch {
    gan_real x[BATCH * PIXELS];
    int labels[BATCH];
} batch;

static batch next(gan_loader *l) {
    batch b;
    gan_error err = {0};
    memset(&b, 0, sizeof b);
    if (gan_loader_next(l, b.x, b.labels, &err)) fail_msg("%s", err.text);
    return b;
}

static int byte_of(gan_real x) {
    return (int)((double)x * 127.5 + 127.5 + 0.5);
}

static void test_epochs(void **state) {
    (void)state;
    gan_dataset *ds = numbered(0);
    int order[3][EPOCH * BATCH];
    for (int prefetch = 0; prefetch < 2; prefetch++) {
        gan_loader *l = loader(ds, 0, 5, prefetch);
        assert_int_equal(gan_loader_batches_per_epoch(l), EPOCH);
        for (int e = 0; e < 3; e++) {
            int seen[N] = {0};
            for (int k = 0; k < EPOCH; k++) {
                assert_int_equal(gan_loader_position(l), e * EPOCH + k);
                batch b = next(l);
                for (int i = 0; i < BATCH; i++) {
                    int v = b.labels[i];
                    assert_int_equal(seen[v]++, 0);
                    assert_int_equal(byte_of(b.x[2 * i]), v);
                    assert_int_equal(byte_of(b.x[2 * i + 1]), 100 + v);
                    if (prefetch) assert_int_equal(order[e][k * BATCH + i], v);
                    order[e][k * BATCH + i] = v;
                }
            }
        }
        gan_loader_free(l);
    }
    assert_memory_not_equal(order[0], order[1], sizeof order[0]);
    assert_memory_not_equal(order[1], order[2], sizeof order[0]);
    gan_dataset_free(ds);
}

/* From any position on, in any order of asking, the batches are those of an uninterrupted run. */
static void test_seek(void **state) {
    (void)state;
    static batch all[40];
    gan_dataset *ds = numbered(0.1);
    gan_loader *l = loader(ds, 1, 9, 0);
    for (int i = 0; i < 40; i++) all[i] = next(l);
    gan_loader_free(l);
    for (int prefetch = 0; prefetch < 2; prefetch++) {
        l = loader(ds, 1, 9, prefetch);
        for (int i = 0; i < 200; i++) {
            int at = i * 17 % 37;
            gan_loader_seek(l, (uint64_t)at);
            for (int k = 0; k < i % 4; k++) {
                batch b = next(l);
                assert_memory_equal(&b, &all[at + k], sizeof b);
            }
            assert_int_equal(gan_loader_position(l), at + i % 4);
        }
        gan_loader_free(l);
    }
    gan_dataset_free(ds);
}

static void test_flip(void **state) {
    (void)state;
    gan_dataset *ds = numbered(0);
    gan_loader *l = loader(ds, 1, 3, 1);
    int flips = 0, total = 400 * BATCH;
    for (int k = 0; k < 400; k++) {
        batch b = next(l);
        for (int i = 0; i < BATCH; i++) {
            int flipped = byte_of(b.x[2 * i]) >= 100;
            assert_int_equal(byte_of(b.x[2 * i + flipped]), b.labels[i]);
            assert_int_equal(byte_of(b.x[2 * i + !flipped]), 100 + b.labels[i]);
            flips += flipped;
        }
    }
    assert_true(abs(flips - total / 2) < 100); /* 5 standard deviations */
    gan_loader_free(l);
    gan_dataset_free(ds);
}

/* Pictures that stand side by side stay where they are: each is mirrored by itself. */
static void test_flip_across(void **state) {
    (void)state;
    const uint8_t pixels[2 * 6] = {1, 2, 3, 11, 12, 13, 1, 2, 3, 11, 12, 13};
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_loader_options lo = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_dataset *ds;
    gan_loader *l;
    int flips = 0;
    o.height = o.channels = 1, o.width = 6, o.holdout = 0;
    assert_int_equal(gan_dataset_from_memory(pixels, 2, 1, 6, 1, NULL, &o, &ds, NULL), GAN_OK);
    lo.batch = 1, lo.flip = 1, lo.across = 2, lo.prefetch = 0;
    assert_int_equal(gan_loader_create(ds, &lo, &l, NULL), GAN_OK);
    for (int k = 0; k < 100; k++) {
        gan_real x[6];
        assert_int_equal(gan_loader_next(l, x, NULL, NULL), GAN_OK);
        int flipped = byte_of(x[0]) == 3;
        for (int i = 0; i < 6; i++)
            assert_int_equal(byte_of(x[i]), 10 * (i / 3) + (flipped ? 3 - i % 3 : 1 + i % 3));
        flips += flipped;
    }
    assert_true(flips > 25 && flips < 75);
    gan_loader_free(l);
    lo.across = 4;
    assert_int_equal(gan_loader_create(ds, &lo, &l, NULL), GAN_EINVAL);
    gan_dataset_free(ds);
}

static void test_seeds(void **state) {
    (void)state;
    gan_dataset *ds = numbered(0);
    gan_loader *a = loader(ds, 0, 1, 1), *b = loader(ds, 0, 2, 1);
    batch x = next(a), y = next(b);
    assert_memory_not_equal(&x, &y, sizeof x);
    gan_loader_free(a);
    gan_loader_free(b);
    gan_dataset_free(ds);
    gan_loader_free(NULL);
}

static void test_holdout(void **state) {
    (void)state;
    gan_dataset *ds = numbered(0.13); /* 3 pictures: a batch of 4 wraps around */
    gan_loader *l = loader(ds, 1, 1, 1);
    batch b[4];
    for (uint64_t k = 0; k < 4; k++)
        assert_int_equal(gan_loader_holdout(l, k, b[k].x, b[k].labels, NULL), GAN_OK);
    for (int i = 0; i < 3 * BATCH; i++) /* the batches follow one another */
        assert_int_equal(b[i / BATCH].labels[i % BATCH], b[0].labels[i % 3]);
    assert_memory_equal(&b[3], &b[0], sizeof b[0]);
    assert_int_equal(gan_loader_position(l), 0);
    gan_loader_free(l);
    gan_dataset_free(ds);
    ds = numbered(0);
    l = loader(ds, 0, 1, 0);
    assert_int_equal(gan_loader_holdout(l, 0, b[0].x, NULL, NULL), GAN_ESTATE);
    gan_loader_free(l);
    gan_dataset_free(ds);
}

static void test_refused(void **state) {
    (void)state;
    gan_dataset *ds = numbered(0.1);
    gan_loader *l;
    gan_error err = {0};
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    o.batch = N;
    assert_int_equal(gan_loader_create(ds, &o, &l, &err), GAN_EDATA);
    assert_non_null(strstr(err.text, "batch of 23"));
    assert_non_null(strstr(err.text, "21 pictures"));
    assert_null(l);
    o.batch = 0;
    assert_int_equal(gan_loader_create(ds, &o, &l, &err), GAN_EINVAL);
    gan_dataset_free(ds);
}

/* --- files that are decoded again, and go bad --- */

static char root[64];

static const char *file(int i) {
    static char name[128];
    snprintf(name, sizeof name, "%s/%03d.pgm", root, i);
    return name;
}

static int setup(void **state) {
    (void)state;
    strcpy(root, "/tmp/gan_loader_XXXXXX");
    if (!mkdtemp(root)) return 1;
    for (int i = 0; i < N; i++) {
        FILE *f = fopen(file(i), "wb");
        if (!f) return 1;
        fprintf(f, "P2 2 1 255 %d %d ", i, 100 + i);
        fclose(f);
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    for (int i = 0; i < N; i++) remove(file(i));
    return rmdir(root);
}

static gan_dataset *folder(size_t cache_mib, double max_bad) {
    gan_dataset *ds;
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    o.height = 1, o.width = 2, o.channels = 1;
    o.holdout = 0;
    o.cache_mib = cache_mib;
    o.max_bad = max_bad;
    assert_int_equal(gan_dataset_open(root, &o, &ds, NULL), GAN_OK);
    return ds;
}

static void test_uncached(void **state) {
    (void)state;
    gan_dataset *memory = numbered(0), *cached = folder(1, 0), *uncached = folder(0, 0);
    gan_loader *a = loader(memory, 1, 4, 0), *b = loader(cached, 1, 4, 1),
               *c = loader(uncached, 1, 4, 1);
    for (int i = 0; i < 3 * EPOCH; i++) {
        batch x = next(a), y = next(b), z = next(c);
        assert_memory_equal(x.x, y.x, sizeof x.x);
        assert_memory_equal(x.x, z.x, sizeof x.x);
        assert_int_equal(y.labels[0], 0);
    }
    gan_loader_free(a), gan_loader_free(b), gan_loader_free(c);
    gan_dataset_free(memory), gan_dataset_free(cached), gan_dataset_free(uncached);
}

static void test_gone(void **state) {
    (void)state;
    const char *path, *reason;
    for (int prefetch = 0; prefetch < 2; prefetch++) {
        gan_dataset *ds = folder(0, 0.01);
        remove(file(6));
        gan_loader *l = loader(ds, 0, 4, prefetch);
        for (int i = 0; i < 8 * EPOCH; i++) {
            batch b = next(l);
            for (int k = 0; k < BATCH; k++) assert_int_not_equal(byte_of(b.x[2 * k]), 6);
        }
        gan_loader_free(l);
        assert_int_equal(gan_dataset_bad_count(ds), 1);
        assert_true(gan_dataset_bad(ds, 0, &path, &reason));
        assert_string_equal(path, file(6));
        assert_non_null(strstr(reason, "No such file"));
        gan_dataset_free(ds);
        FILE *f = fopen(file(6), "wb");
        assert_non_null(f);
        fprintf(f, "P2 2 1 255 6 106 ");
        fclose(f);
    }
}

/* Half a pair goes bad as a picture does: the next one of its set stands there, and the pairs tell. */
static void test_gone_of_a_pair(void **state) {
    gan_dataset *ds;
    gan_loader *l;
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_error err = {0};
    const char *path, *reason;
    (void)state;
    FILE *f = fopen(file(3), "wb");
    assert_non_null(f);
    fclose(f); /* nothing in it, before the sets are opened */
    if (gan_dataset_pair(folder(1, 0.01), folder(0, 0.01), &ds, &err)) fail_msg("%s", err.text);
    assert_int_equal(gan_dataset_bad_count(ds), 2);
    remove(file(6));
    o.batch = 1;
    assert_int_equal(gan_loader_create(ds, &o, &l, NULL), GAN_OK);
    for (size_t i = 0; i < gan_dataset_train_count(ds); i++) { /* an epoch, the first */
        gan_real x[4];
        if (gan_loader_next(l, x, NULL, &err)) fail_msg("%s", err.text);
        int left = byte_of(x[0]), right = byte_of(x[2]);
        assert_int_equal(right, left == 6 ? 7 : left);
    }
    gan_loader_free(l);
    assert_int_equal(gan_dataset_bad_count(ds), 3);
    assert_true(gan_dataset_bad(ds, 2, &path, &reason));
    assert_string_equal(path, file(6));
    gan_dataset_free(ds);
}

static void test_too_many_gone(void **state) {
    (void)state;
    batch b;
    gan_error err = {0};
    gan_status s = GAN_OK;
    gan_dataset *ds = folder(0, 0.01);
    for (int i = 0; i < 3; i++) remove(file(i));
    gan_loader *l = loader(ds, 0, 4, 1);
    for (int i = 0; i < 8 * EPOCH && !s; i++) s = gan_loader_next(l, b.x, b.labels, &err);
    assert_int_equal(s, GAN_EDATA);
    assert_non_null(strstr(err.text, "3 of 23 image files are bad"));
    uint64_t at = gan_loader_position(l);
    assert_int_equal(gan_loader_next(l, b.x, b.labels, NULL), GAN_EDATA);
    assert_int_equal(gan_loader_position(l), at);
    gan_loader_free(l);
    gan_dataset_free(ds);
}

/* A pair that fails is named by its own number, in whatever epoch. */
static void test_too_many_gone_of_pairs(void **state) {
    (void)state;
    gan_dataset *ds;
    gan_loader *l;
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_error err = {0};
    gan_real x[4];
    unsigned number = N;
    if (gan_dataset_pair(folder(1, 0), folder(0, 0), &ds, &err)) fail_msg("%s", err.text);
    for (int i = 0; i < N; i++) remove(file(i));
    o.batch = 1;
    assert_int_equal(gan_loader_create(ds, &o, &l, NULL), GAN_OK);
    for (uint64_t epoch = 0; epoch < 4; epoch++) {
        gan_loader_seek(l, epoch * N);
        assert_int_equal(gan_loader_next(l, x, NULL, &err), GAN_EDATA);
        assert_int_equal(sscanf(err.text, "pair %u: ", &number), 1);
        assert_true(number < N);
        assert_non_null(strstr(err.text, "image files are bad"));
    }
    gan_loader_free(l);
    gan_dataset_free(ds);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_seek),
        cmocka_unit_test(test_flip),
        cmocka_unit_test(test_flip_across),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_holdout),
        cmocka_unit_test(test_refused),
        cmocka_unit_test_setup_teardown(test_uncached, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gone_of_a_pair, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_gone_of_pairs, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
