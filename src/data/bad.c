/* SPDX-License-Identifier: MIT
 *
 * The account of a data set's bad files. Once the set is open, a loader's thread may add to it
 * while others read. */
#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"

/* Fewer than this many never stop anything, but for `strict`. */
#define LEAST 3

gan_status gan__dataset_add_bad(gan_dataset *ds, const char *path, const char *reason,
                                gan_error *err) {
    gan__bad *bad = gan__grow(ds->bad, &ds->bad_capacity, ds->bads, sizeof *bad);
    if (!bad) return gan__fail_memory(err);
    ds->bad = bad;
    char *copy = gan__strdup(reason);
    if (!copy) return gan__fail_memory(err);
    ds->bad[ds->bads++] = (gan__bad){path, copy};
    return GAN_OK;
}

gan_status gan__dataset_judge(const gan_dataset *ds, gan_error *err) {
    const gan_dataset_options *o = &ds->o;
    if (o->strict && ds->bads)
        return gan__fail(err, GAN_EDATA, "bad file %s: %s", ds->bad[0].path, ds->bad[0].reason);
    if (ds->bads < LEAST || (double)ds->bads <= o->max_bad * (double)ds->candidates) return GAN_OK;
    return gan__fail(err, GAN_EDATA,
                     "%zu of %zu image files are bad, more than %g%%; the first: %s: %s", ds->bads,
                     ds->candidates, 100 * o->max_bad, ds->bad[0].path, ds->bad[0].reason);
}

static int went_bad(gan_dataset *ds, size_t i) {
    pthread_mutex_lock(&ds->lock);
    int bad = ds->went_bad[i];
    pthread_mutex_unlock(&ds->lock);
    return bad;
}

/* Counts it, once. */
static gan_status mark_bad(gan_dataset *ds, size_t i, const char *reason, gan_error *err) {
    gan_status s = GAN_OK;
    pthread_mutex_lock(&ds->lock);
    if (!ds->went_bad[i]) s = gan__dataset_add_bad(ds, ds->folder.paths[i], reason, err);
    if (!s) {
        ds->went_bad[i] = 1;
        s = gan__dataset_judge(ds, err);
    }
    pthread_mutex_unlock(&ds->lock);
    return s;
}

/* Source i's bytes; NULL with GAN_OK: it has gone bad. */
static gan_status get(gan_dataset *ds, size_t i, uint8_t *scratch, const uint8_t **bytes,
                      gan_error *err) {
    gan_error why = {0};
    int is_image, in_cache = i < ds->cached;
    *bytes = in_cache ? ds->cache + i * ds->bytes : scratch;
    if (in_cache) return GAN_OK;
    if (!went_bad(ds, i) && !gan__dataset_decode(ds, i, scratch, &is_image, &why)) return GAN_OK;
    *bytes = NULL;
    if (why.code == GAN_ENOMEM) return gan__fail_memory(err);
    return mark_bad(ds, i, why.text, err);
}

gan_status gan__dataset_pick(gan_dataset *ds, const size_t *list, size_t n, uint64_t k,
                             uint8_t *scratch, size_t *i, const uint8_t **bytes, gan_error *err) {
    *bytes = NULL;
    for (size_t tries = 0; tries < n && !*bytes; tries++, k++) {
        *i = list[k % n];
        gan_status s = get(ds, *i, scratch, bytes, err);
        if (s) return s;
    }
    if (*bytes) return GAN_OK;
    return gan__fail(err, GAN_EDATA, "none of the data set's files can be read any more");
}

/* A const set is one that the caller does not change; its lock is no part of that. */
static pthread_mutex_t *lock_of(const gan_dataset *ds) {
    return (pthread_mutex_t *)&ds->lock;
}

size_t gan_dataset_bad_count(const gan_dataset *ds) {
    pthread_mutex_lock(lock_of(ds));
    size_t n = ds->bads;
    pthread_mutex_unlock(lock_of(ds));
    return n;
}

int gan_dataset_bad(const gan_dataset *ds, size_t i, const char **path, const char **reason) {
    pthread_mutex_lock(lock_of(ds));
    int there = i < ds->bads;
    if (there) {
        *path = ds->bad[i].path;
        *reason = ds->bad[i].reason;
    }
    pthread_mutex_unlock(lock_of(ds));
    return there;
}
