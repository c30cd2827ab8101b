/* SPDX-License-Identifier: MIT
 *
 * Two sets as one of pairs. */
#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "gan/image.h"

typedef struct both {
    gan_dataset *set[2];
    gan_dataset *pairs; /* theirs; NULL: not yet made */
    size_t told[2];     /* bad files of each that the pairs know of */
    size_t trains;      /* pairs to train on; those behind them are held out */
} both;

static void free_pair(void *user) {
    both *b = user;
    if (!b) return;
    gan_dataset_free(b->set[0]);
    gan_dataset_free(b->set[1]);
    gan__free(b);
}

/* The bad files of the sets are the pairs' too. */
static gan_status tell_bad(both *b, gan_error *err) {
    gan_status s = GAN_OK;
    pthread_mutex_lock(&b->pairs->lock);
    for (int half = 0; half < 2 && !s; half++) {
        const char *path, *reason;
        while (!s && gan_dataset_bad(b->set[half], b->told[half], &path, &reason)) {
            s = gan__dataset_add_bad(b->pairs, path, reason, err);
            b->told[half] += !s;
        }
    }
    pthread_mutex_unlock(&b->pairs->lock);
    return s;
}

/* One half of each row. */
static void put(const gan_dataset *ds, const uint8_t *bytes, int half, gan_real *out) {
    size_t row = (size_t)ds->o.width * (size_t)ds->o.channels;
    for (size_t y = 0; y < (size_t)ds->o.height; y++)
        gan_image_to_real(bytes + y * row, row, out + (2 * y + (size_t)half) * row);
}

/* The i-th of the left and, of those to train on, as many further on of the right as turns have
 * been made. */
static gan_status fill(void *user, uint64_t i, gan_real *out, gan_error *err) {
    both *b = user;
    uint64_t turn = i / b->pairs->sources;
    i %= b->pairs->sources;
    uint8_t *room = gan__alloc(b->set[0]->bytes, 1);
    gan_status s = room ? GAN_OK : gan__fail_memory(err);
    for (int half = 0; half < 2 && !s; half++) {
        gan_dataset *ds = b->set[half];
        const uint8_t *bytes;
        size_t at; /* the smaller set comes round again */
        s = i < b->trains
                ? gan__dataset_pick(ds, ds->train, ds->trains, half ? i + turn : i, room, &at,
                                    &bytes, err)
                : gan__dataset_pick(ds, ds->hold, ds->holds, i - b->trains, room, &at, &bytes, err);
        if (!s) put(ds, bytes, half, out);
    }
    gan__free(room);
    return s ? s : tell_bad(b, err);
}

static gan_status check(const gan_dataset *a, const gan_dataset *b, gan_error *err) {
    if (a->fill || b->fill)
        return gan__fail(err, GAN_EINVAL, "a pair of data sets is made of files and arrays alone");
    if (a->o.height == b->o.height && a->o.width == b->o.width && a->o.channels == b->o.channels)
        return GAN_OK;
    return gan__fail(err, GAN_EINVAL, "data sets of %dx%dx%d and %dx%dx%d make no pairs",
                     a->o.height, a->o.width, a->o.channels, b->o.height, b->o.width,
                     b->o.channels);
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

/* The last pairs are of the pictures that the sets hold out. */
static void hold_out(gan_dataset *pairs, size_t trains) {
    size_t holds = pairs->sources - trains;
    for (size_t k = 0; k < holds; k++) pairs->hold[k] = trains + k;
    for (size_t k = 0; k < trains; k++) pairs->hold[holds + k] = k;
    pairs->train = pairs->hold + holds;
    pairs->trains = trains;
    pairs->holds = holds;
}

gan_status gan_dataset_pair(gan_dataset *a, gan_dataset *b, gan_dataset **out, gan_error *err) {
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    *out = NULL;
    o.holdout = 0;
    gan_status s = check(a, b, err);
    both *pair = s ? NULL : gan__zalloc(1, sizeof *pair);
    if (!s && !pair) s = gan__fail_memory(err);
    if (s) {
        gan_dataset_free(a);
        gan_dataset_free(b);
        return s;
    }
    pair->set[0] = a, pair->set[1] = b;
    size_t holds = a->holds && b->holds ? larger(a->holds, b->holds) : 0;
    pair->trains = larger(a->trains, b->trains);
    uint64_t print = a->fingerprint * 0x9e3779b97f4a7c15u ^ b->fingerprint;
    s = gan_dataset_from_function(fill, pair, print, pair->trains + holds, a->o.height,
                                  2 * a->o.width, a->o.channels, &o, out, err);
    if (s) {
        free_pair(pair);
        return s;
    }
    pair->pairs = *out;
    pair->pairs->free_user = free_pair;
    pair->pairs->turns = pair->trains;
    hold_out(*out, pair->trains);
    s = tell_bad(pair, err);
    if (s) gan_dataset_free(*out), *out = NULL;
    return s;
}
