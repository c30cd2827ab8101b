/* SPDX-License-Identifier: MIT */
#include "cli/digit_classifier.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"

enum { EPOCHS = 5 };
static const uint64_t seed = 0x6469676974;
static const double enough = 0.99;

static gan_classifier_images images_of(const digits *d) {
    return (gan_classifier_images){d->count, d->pixels, d->labels};
}

static gan_status test(gan_classifier *c, const char *folder, gan_error *err) {
    digits d;
    double right = 0;
    gan_status s = digits_read(folder, 1, &d, err);
    const gan_classifier_images images = images_of(&d);
    if (!s) s = gan_classifier_accuracy(c, &images, &right, err);
    if (!s && right < enough)
        s = cli_error(err, GAN_EDATA,
                      "the digit classifier reads %.2f %% of the %zu digits of the test set right, "
                      "fewer than 99 %%: is that MNIST in %.200s?",
                      100 * right, d.count, folder);
    if (!s)
        fprintf(stderr, "gan: the digit classifier reads %.2f %% of the test set right\n",
                100 * right);
    digits_free(&d);
    return s;
}

gan_status digit_classifier_open(const char *path, const char *folder, const digits *d, int threads,
                                 gan_classifier **out, gan_error *err) {
    gan_classifier_config o = GAN_CLASSIFIER_DEFAULTS;
    const gan_classifier_images images = images_of(d);
    o.seed = seed, o.threads = threads;
    gan_status s = gan_classifier_create(&o, out, err);
    if (!s && !access(path, R_OK)) return gan_classifier_load(*out, path, err);
    if (!s)
        s = gan_classifier_train(*out, &images, EPOCHS * (int64_t)(d->count / (size_t)o.batch),
                                 err);
    if (!s) s = test(*out, folder, err);
    return s ? s : gan_classifier_save(*out, path, err);
}
