/* SPDX-License-Identifier: MIT
 *
 * data/loader.h - what loader.c (which pictures) and prefetch.c (when, by whom) share. */
#ifndef GAN_DATA_LOADER_H
#define GAN_DATA_LOADER_H

#include "data/dataset.h"
#include "gan/loader.h"

/* Who makes batches: a user's thread or the prefetch thread has one of its own. */
typedef struct gan__maker {
    gan_dataset *ds;
    size_t batch, per_epoch;
    int flip;
    size_t across; /* pictures side by side in one of the set */
    uint64_t seed;
    uint32_t *order;  /* [trains]: the permutation of `epoch` */
    size_t turn;      /* of that epoch: how the set puts its pairs together */
    uint64_t epoch;   /* UINT64_MAX: none yet */
    uint8_t *scratch; /* a picture */
} gan__maker;

gan_status gan__maker_init(gan__maker *m, gan_dataset *ds, const gan_loader_options *o,
                           gan_error *err);
void gan__maker_clear(gan__maker *m);

/* Batch number `position` since the beginning, into out [batch,H,W,C] and labels [batch]. */
gan_status gan__maker_train(gan__maker *m, uint64_t position, gan_real *out, int *labels,
                            gan_error *err);

/* A thread that keeps the next batches ready. */
typedef struct gan__prefetch gan__prefetch;

/* Takes the maker over when it succeeds. */
gan_status gan__prefetch_create(gan__maker *m, gan__prefetch **out, gan_error *err);
void gan__prefetch_free(gan__prefetch *p);

/* As gan__maker_train(); any position may be asked for, the one after the last is quick. */
gan_status gan__prefetch_take(gan__prefetch *p, uint64_t position, gan_real *out, int *labels,
                              gan_error *err);

#endif
