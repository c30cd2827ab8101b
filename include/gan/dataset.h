/* SPDX-License-Identifier: MIT
 *
 * gan/dataset.h - a set of equally large pictures: a folder of images, an IDX file, memory, or a
 * function that makes them.
 *
 * Every picture becomes [height,width,channels] bytes, cropped and resized as gan/image.h says. All
 * files are decoded once when the set is opened, so that bad ones are known and the order of the
 * set depends on neither threads nor the size of the cache; pictures within `cache_mib` stay in
 * memory, others are decoded again when they are drawn. A part is held out: training never sees
 * it. */
#ifndef GAN_DATASET_H
#define GAN_DATASET_H

#include <stddef.h>
#include <stdint.h>

#include "gan/status.h"
#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_dataset gan_dataset;

typedef struct gan_dataset_options {
    size_t size;                 /* sizeof(gan_dataset_options) */
    int height, width, channels; /* of every picture. Of IDX and memory, 0 keeps what is stored */
    uint8_t background[3];       /* red, green, blue behind transparent pixels */
    size_t cache_mib;            /* pictures kept decoded */
    double max_bad;              /* GAN_EDATA when a larger fraction of the image files is bad */
    int strict;                  /* GAN_EDATA at the first bad file */
    double holdout;              /* fraction held out; above 0, at least one picture of two */
    uint64_t seed;               /* chooses what is held out */
    int threads;                 /* that decode while opening */
    size_t max_pixels;           /* the limits of gan_image_options */
    int max_side;
    size_t memory_mib;
    int class_folders; /* of a folder: labels are the folders right below it, in the order of their
                          paths; one without a usable picture is none */
} gan_dataset_options;

#define GAN_DATASET_OPTIONS_DEFAULTS                                                               \
    {                                                                                              \
        sizeof(gan_dataset_options), 64, 64, 3, {255, 255, 255}, 1024, 0.01, 0, 0.05, 0, 1,        \
            (size_t)64 << 20, 65535, 16, 0                                                         \
    }

/* Opens `path`, which is one of
 * - a folder: its JPEG, PNG, BMP and PNM files, subfolders included, sorted by path (by byte).
 *   Hidden ones (.name) are skipped, and so are files that are neither such an image nor named as
 *   one (a README);
 * - an IDX file of unsigned bytes, [N,H,W] or [N,H,W,C], plain or gzipped, as MNIST's. Labels are
 *   taken from the file beside it that has "labels-idx1" for "images-idx3" in its name, .gz or not;
 * - a folder that holds train-images-idx3-ubyte[.gz], or else t10k-images-idx3-ubyte[.gz].
 *
 * A bad file is skipped and counted (gan_dataset_bad). Too many are GAN_EDATA, but never fewer than
 * 3, unless options->strict is set. GAN_EDATA too: nothing usable there. GAN_EIO, GAN_EFORMAT (a
 * damaged IDX file), GAN_EINVAL (options), GAN_ENOMEM. options NULL: the defaults. *out belongs to
 * the caller: gan_dataset_free(). */
GAN_API gan_status gan_dataset_open(const char *path, const gan_dataset_options *options,
                                    gan_dataset **out, gan_error *err);

/* The same from n pictures in memory, [n,height,width,channels], with labels >= 0 or NULL. Both are
 * copied. */
GAN_API gan_status gan_dataset_from_memory(const uint8_t *pixels, size_t n, int height, int width,
                                           int channels, const int *labels,
                                           const gan_dataset_options *options, gan_dataset **out,
                                           gan_error *err);

/* Writes picture i, [height,width,channels], of any real values. It is called from a loader's
 * thread too, and has to give the same values for the same i at all times. A failure ends the
 * batch: its code is returned, with what it wrote into err (never NULL) as the text. */
typedef gan_status gan_picture_function(void *user, uint64_t i, gan_real *out, gan_error *err);

/* A set of n pictures, 1 to 2^32-1, that `fill` makes when they are drawn: nothing is kept but
 * their order, 12 bytes a picture and 4 more with prefetch. channels is any number from 1 on:
 * points of a plane are pictures of 1x1 with 2 channels. There are no labels; the values are
 * handed on as they are. Of the options, `holdout` and `seed` count. fingerprint: a number that
 * differs where the pictures do; the set's own is made of it, the sizes and n. `user` is
 * borrowed. */
GAN_API gan_status gan_dataset_from_function(gan_picture_function *fill, void *user,
                                             uint64_t fingerprint, size_t n, int height, int width,
                                             int channels, const gan_dataset_options *options,
                                             gan_dataset **out, gan_error *err);

/* A set of pairs, pictures twice as wide: on the left those of a, on the right those of b, of which the
 * smaller set comes round again; nothing but their places puts two together, and each epoch of a
 * loader but the first turns one side against the other by a number of its own. What the two hold out
 * makes the pairs that are held out; none, where one of them holds nothing out. Files that go bad are
 * skipped, and are the pairs' bad files. Takes both sets, also on failure. They are of files or
 * arrays, and of one size: else GAN_EINVAL. */
GAN_API gan_status gan_dataset_pair(gan_dataset *a, gan_dataset *b, gan_dataset **out,
                                    gan_error *err);

/* NULL is nothing. Loaders over the set are freed first. */
GAN_API void gan_dataset_free(gan_dataset *ds);

GAN_API size_t gan_dataset_train_count(const gan_dataset *ds);
GAN_API size_t gan_dataset_holdout_count(const gan_dataset *ds);
GAN_API size_t gan_dataset_cached_count(const gan_dataset *ds); /* pictures kept decoded */
GAN_API int gan_dataset_height(const gan_dataset *ds);
GAN_API int gan_dataset_width(const gan_dataset *ds);
GAN_API int gan_dataset_channels(const gan_dataset *ds);
GAN_API int gan_dataset_classes(const gan_dataset *ds); /* highest label + 1; 0: no labels */

/* The name of class i where classes are folders; else NULL. Lives as long as the set. */
GAN_API const char *gan_dataset_class_name(const gan_dataset *ds, int i);

/* 64 bits that identify the pictures as they are trained on: the sizes, the pixels in their order
 * (of a function: their number and the caller's fingerprint) and the labels. Equal sets have equal
 * fingerprints wherever they lie. */
GAN_API uint64_t gan_dataset_fingerprint(const gan_dataset *ds);

/* Bad files so far: those found while opening, in path order, then those that went bad since. The
 * texts of the i-th live as long as the set; i beyond the count gives 0 and leaves them. May be
 * called while a loader draws from the set. */
GAN_API size_t gan_dataset_bad_count(const gan_dataset *ds);
GAN_API int gan_dataset_bad(const gan_dataset *ds, size_t i, const char **path,
                            const char **reason);

#ifdef __cplusplus
}
#endif
#endif
