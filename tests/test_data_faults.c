/* SPDX-License-Identifier: MIT
 *
 * Every allocation fails once: in opening data sets and in drawing from them. A picture that cannot
 * be decoded for want of memory must not pass for a bad file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "faults.h"
#include "gan/image.h"
#include "gan/loader.h"

enum { SIDE = 8, FILES = 6 };

static char dir[] = "/tmp/gan_data_faults_XXXXXX";

static const char *at(const char *name, int i) {
    static char path[64];
    snprintf(path, sizeof path, "%s/%s%d", dir, name, i);
    return path;
}

static void write_idx(const char *path) {
    uint8_t idx[16 + FILES * SIDE * SIDE] = {0, 0, 8, 3,    0, 0, 0, FILES,
                                             0, 0, 0, SIDE, 0, 0, 0, SIDE};
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (int i = 16; i < (int)sizeof idx; i++) idx[i] = (uint8_t)i;
    assert_int_equal(fwrite(idx, 1, sizeof idx, f), sizeof idx);
    fclose(f);
}

/* A folder of four pictures in PNG and PNM and two bad files; an IDX file. */
static int setup(void **state) {
    uint8_t pixels[SIDE * SIDE * 3];
    (void)state;
    if (!mkdtemp(dir)) return -1;
    for (int i = 0; i < 4; i++) {
        memset(pixels, 50 * i + 1, sizeof pixels);
        FILE *f = i < 2 ? NULL : fopen(at("picture.ppm", i), "wb");
        if (f) {
            fprintf(f, "P6 %d %d 255\n", SIDE, SIDE);
            fwrite(pixels, 1, sizeof pixels, f);
            fclose(f);
        } else if (gan_image_write_png(at("picture.png", i), SIDE, SIDE, 3, pixels, NULL)) {
            return -1;
        }
    }
    for (int i = 4; i < FILES; i++) {
        FILE *f = fopen(at("bad.png", i), "wb");
        fwrite("\x89PNG\r\n\x1a\n\0\0\0\1IHDR", 1, 16, f);
        fclose(f);
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    for (int i = 0; i < FILES; i++)
        remove(at(i < 2 ? "picture.png" : i < 4 ? "picture.ppm" : "bad.png", i));
    return rmdir(dir);
}

/* Opens, draws two epochs and a held-out batch, closes. */
static gan_status use(const char *path, const gan_dataset_options *o, int prefetch, size_t count,
                      gan_error *err) {
    gan_real out[2 * SIDE * SIDE * 3];
    gan_loader_options lo = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_dataset *ds = NULL;
    gan_loader *l = NULL;
    lo.batch = 2, lo.prefetch = prefetch, lo.flip = 1;
    gan_status s = gan_dataset_open(path, o, &ds, err);
    if (!s) {
        assert_int_equal(gan_dataset_train_count(ds) + gan_dataset_holdout_count(ds), count);
        s = gan_loader_create(ds, &lo, &l, err);
    }
    for (int i = 0; i < 4 && !s; i++) s = gan_loader_next(l, out, NULL, err);
    if (!s) s = gan_loader_holdout(l, 0, out, NULL, err);
    gan_loader_free(l);
    gan_dataset_free(ds);
    return s;
}

static gan_dataset_options options(void) {
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    o.height = o.width = SIDE, o.holdout = 0.25, o.max_bad = 1;
    return o;
}

static gan_status folder_cached(void *context, gan_error *err) {
    gan_dataset_options o = options();
    (void)context;
    return use(dir, &o, 0, 4, err);
}

static gan_status folder_decoded_again(void *context, gan_error *err) {
    gan_dataset_options o = options();
    o.cache_mib = 0;
    return use(dir, &o, context != NULL, 4, err);
}

static gan_status idx_resized(void *context, gan_error *err) {
    gan_dataset_options o = options();
    o.height = 5, o.width = 7, o.channels = 1;
    return use(context, &o, 1, FILES, err);
}

static void folders(void **state) {
    (void)state;
    assert_true(every_allocation(folder_cached, NULL, NULL, 1) > 20);
    assert_true(every_allocation(folder_decoded_again, NULL, NULL, 1) > 20);
    assert_true(every_allocation(folder_decoded_again, NULL, dir, 1) > 20);
}

static void idx_files(void **state) {
    char path[] = "/tmp/gan_idx_XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    write_idx(path);
    assert_true(every_allocation(idx_resized, NULL, path, 1) > 10);
    remove(path);
}

static gan_status from_memory(void *context, gan_error *err) {
    static const uint8_t pixels[4 * SIDE * SIDE];
    static const int labels[4] = {0, 1, 2, 3};
    gan_dataset_options o = options();
    gan_dataset *ds;
    (void)context;
    o.channels = 1;
    gan_status s = gan_dataset_from_memory(pixels, 4, SIDE, SIDE, 1, labels, &o, &ds, err);
    gan_dataset_free(ds);
    return s;
}

static void memory(void **state) {
    (void)state;
    assert_true(every_allocation(from_memory, NULL, NULL, 1) > 4);
}

static gan_status nothing(void *user, uint64_t i, gan_real *out, gan_error *err) {
    (void)user, (void)i, (void)out, (void)err;
    return GAN_OK;
}

static gan_status from_function(void *context, gan_error *err) {
    gan_dataset_options o = options();
    gan_dataset *ds;
    gan_loader *l = NULL;
    (void)context;
    gan_status s = gan_dataset_from_function(nothing, NULL, 0, 200, 2, 2, 5, &o, &ds, err);
    if (!s) s = gan_loader_create(ds, NULL, &l, err);
    gan_loader_free(l);
    gan_dataset_free(ds);
    return s;
}

static void functions(void **state) {
    (void)state;
    assert_true(every_allocation(from_function, NULL, NULL, 1) > 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders),
        cmocka_unit_test(idx_files),
        cmocka_unit_test(memory),
        cmocka_unit_test(functions),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
