/* SPDX-License-Identifier: MIT
 *
 * The account of a data set's bad files. Once the set is open, a loader's thread may add to it
 * while others read. */
#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"

/* Fewer than this many never stop anything, but for `strict`. */
#define LEAST 3

gan_status gan__dataset_add_bad(gan_dataset *ds, size_t i, const char *reason, gan_error *err) {
    gan__bad *bad = gan__grow(ds->bad, &ds->bad_capacity, ds->bads, sizeof *bad);
    if (!bad) return gan__fail_memory(err);
    ds->bad = bad;
    char *copy = gan__strdup(reason);
    if (!copy) return gan__fail_memory(err);
    ds->bad[ds->bads++] = (gan__bad){ds->folder.paths[i], copy};
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

int gan__dataset_went_bad(gan_dataset *ds, size_t i) {
    pthread_mutex_lock(&ds->lock);
    int bad = ds->went_bad[i];
    pthread_mutex_unlock(&ds->lock);
    return bad;
}

gan_status gan__dataset_mark_bad(gan_dataset *ds, size_t i, const char *reason, gan_error *err) {
    gan_status s = GAN_OK;
    pthread_mutex_lock(&ds->lock);
    if (!ds->went_bad[i]) s = gan__dataset_add_bad(ds, i, reason, err);
    if (!s) {
        ds->went_bad[i] = 1;
        s = gan__dataset_judge(ds, err);
    }
    pthread_mutex_unlock(&ds->lock);
    return s;
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
