/* SPDX-License-Identifier: MIT
 *
 * MNIST's files through a loader: one epoch has every picture once. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/digit_classifier.h"
#include "cli/modes.h"

enum { BATCH = 100 };

void digits_free(digits *d) {
    free(d->pixels);
    free(d->labels);
    *d = (digits){0};
}

/* The file of that name, plain or .gz. */
static gan_status find(const char *folder, const char *name, char *path, size_t size,
                       gan_error *err) {
    static const char *const suffixes[] = {"", ".gz"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, size, "%s/%s%s", folder, name, suffixes[i]);
        if (!access(path, R_OK)) return GAN_OK;
    }
    return cli_error(err, GAN_EIO,
                     "there is no %s in %.300s; --data names a folder with MNIST's four files",
                     name, folder);
}

static gan_status load(gan_dataset *ds, const char *path, digits *out, gan_error *err) {
    if (gan_dataset_classes(ds) != DIGIT_CLASSES)
        return cli_error(err, GAN_EDATA, "%.300s has labels of %d classes, not of 10 digits", path,
                         gan_dataset_classes(ds));
    out->count = gan_dataset_train_count(ds) / BATCH * BATCH;
    if (!out->count)
        return cli_error(err, GAN_EDATA, "%.300s has %zu digits, fewer than %d; take MNIST's", path,
                         gan_dataset_train_count(ds), BATCH);
    out->fingerprint = gan_dataset_fingerprint(ds);
    out->pixels = malloc(out->count * DIGIT_PIXELS);
    out->labels = malloc(out->count * sizeof *out->labels);
    if (!out->pixels || !out->labels) return bench_no_memory(err);
    return bench_read_images(ds, out->count, out->pixels, out->labels, err);
}

gan_status digits_read(const char *folder, int test, digits *out, gan_error *err) {
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_dataset *ds = NULL;
    char path[GAN_TEXT + 64];
    *out = (digits){0};
    o.height = o.width = DIGIT_SIDE;
    o.channels = 1, o.holdout = 0;
    gan_status s = find(folder, test ? "t10k-images-idx3-ubyte" : "train-images-idx3-ubyte", path,
                        sizeof path, err);
    if (!s) s = gan_dataset_open(path, &o, &ds, err);
    if (!s) s = load(ds, path, out, err);
    gan_dataset_free(ds);
    return s;
}
