/* SPDX-License-Identifier: MIT
 *
 * gan/loader.h - batches of a data set, in a seeded order.
 *
 * An epoch is floor(N / batch) batches of a permutation of the N training pictures, keyed by (seed,
 * epoch); the rest is dropped. The same key says how an epoch puts the pairs of gan_dataset_pair()
 * together. A flip is keyed by (seed, the picture's running number). So the number of batches drawn is
 * the whole state: gan_loader_seek() to it restores the order in the middle of an epoch, byte for byte,
 * with or without the prefetch thread. */
#ifndef GAN_LOADER_H
#define GAN_LOADER_H

#include <stddef.h>
#include <stdint.h>

#include "gan/dataset.h"
#include "gan/status.h"
#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_loader gan_loader;

typedef struct gan_loader_options {
    size_t size;   /* sizeof(gan_loader_options) */
    int batch;     /* pictures in a batch */
    int flip;      /* 1: each picture is mirrored left to right with probability 1/2 */
    uint64_t seed; /* of order and flips */
    int across;    /* pictures side by side in one of the set; each is mirrored by itself */
    int prefetch;  /* 1: a thread of its own prepares the next two batches */
} gan_loader_options;

#define GAN_LOADER_OPTIONS_DEFAULTS                                                                \
    { sizeof(gan_loader_options), 64, 0, 0, 1, 1 }

/* A loader over the training part of `ds`, which is borrowed. GAN_EDATA: the batch is larger than
 * that part. GAN_EINVAL (options), GAN_ENOMEM, GAN_EIO (no thread). options NULL: the defaults. */
GAN_API gan_status gan_loader_create(gan_dataset *ds, const gan_loader_options *options,
                                     gan_loader **out, gan_error *err);

/* Stops the thread; NULL is nothing. */
GAN_API void gan_loader_free(gan_loader *loader);

/* Writes the next batch, [batch,H,W,C] in [-1,1] (of a function: as made), and its labels [batch]
 * (may be NULL; 0 when the set has none). A file that has become unreadable since the set was
 * opened is counted there, and the next good picture of the set takes its place; GAN_EDATA when
 * too many are. Nothing is allocated for pictures that the set keeps decoded. After a failure the
 * position is unchanged. */
GAN_API gan_status gan_loader_next(gan_loader *loader, gan_real *out, int *labels, gan_error *err);

/* Batches drawn since the beginning, and going to where that number had been drawn. */
GAN_API uint64_t gan_loader_position(const gan_loader *loader);
GAN_API void gan_loader_seek(gan_loader *loader, uint64_t batches_drawn);

GAN_API uint64_t gan_loader_batches_per_epoch(const gan_loader *loader);

/* The k-th batch of held-out pictures, never flipped, in the fixed order that the set's seed gives;
 * it wraps around, so that every batch is full and k = 0 alone is a fair sample. GAN_ESTATE:
 * nothing is held out. Does not move the position. */
GAN_API gan_status gan_loader_holdout(gan_loader *loader, uint64_t k, gan_real *out, int *labels,
                                      gan_error *err);

#ifdef __cplusplus
}
#endif
#endif
