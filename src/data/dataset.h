/* SPDX-License-Identifier: MIT
 *
 * data/dataset.h - the inside of a data set.
 *
 * A set has sources 0 .. sources-1: files in path order, pictures of an array or of a function.
 * Those that are good are drawn from; source i lies decoded in the cache when i < cached. */
#ifndef GAN_DATA_DATASET_H
#define GAN_DATA_DATASET_H

#include <pthread.h>

#include "data/folder.h"
#include "data/idx.h"
#include "gan/dataset.h"

typedef struct gan__bad {
    const char *path; /* in the folder's arena */
    char *reason;
} gan__bad;

struct gan_dataset {
    gan_dataset_options o;      /* the sizes are those of the pictures */
    size_t bytes;               /* of a picture: a value each, of a function's too */
    gan__folder folder;         /* either files */
    gan__idx idx;               /* or pixels, kept while the cache lacks some */
    gan_picture_function *fill; /* or a function, which has neither cache nor bad ones */
    size_t turns;               /* ways of pairing: picture i + t * sources is i's t-th; else 0 */
    void *user;
    void (*free_user)(void *user);      /* NULL: it is borrowed */
    size_t sources, cached, candidates; /* candidates: image files, good and bad */
    uint8_t *cache;                     /* [cached, bytes] */
    int *labels;                        /* [sources] or NULL */
    size_t *hold, *train; /* good sources, [holds] and [trains]; one block of memory */
    size_t holds, trains;
    int classes;
    const char **class_names; /* [named], of class folders; the names in the folder's arena */
    size_t class_room;
    int named;
    uint64_t fingerprint;
    gan__bad *bad;
    size_t bads, bad_capacity;
    uint8_t *went_bad;    /* [sources]: counted as bad since the set was opened */
    pthread_mutex_t lock; /* of bad, bads and went_bad, which a loader's thread changes */
};

/* Decodes all sources once: fills the cache, finds the bad ones, sets the fingerprint, chooses what
 * is held out. GAN_EDATA: too many are bad, or none is good. */
gan_status gan__dataset_scan(gan_dataset *ds, const char *path, gan_error *err);

/* The same for a set of a function, which is not called. */
gan_status gan__dataset_count(gan_dataset *ds, uint64_t fingerprint, gan_error *err);

/* Picture i of a function, into out [bytes]. */
gan_status gan__dataset_make(const gan_dataset *ds, size_t i, gan_real *out, gan_error *err);

/* Reads source i anew into out [bytes]; the message lacks the path. *is_image: see data/image.h. */
gan_status gan__dataset_decode(const gan_dataset *ds, size_t i, uint8_t *out, int *is_image,
                               gan_error *err);

/* The bytes of source *i, the k-th of list[n], which comes round again, or the next one that is good;
 * from the cache or decoded into scratch [bytes]. What has gone bad since the set was opened is
 * counted as such: GAN_EDATA when that is too many, or all. */
gan_status gan__dataset_pick(gan_dataset *ds, const size_t *list, size_t n, uint64_t k,
                             uint8_t *scratch, size_t *i, const uint8_t **bytes, gan_error *err);

/* Adds a bad file, whose path is borrowed: GAN_ENOMEM. The caller holds the lock where there is
 * another thread. */
gan_status gan__dataset_add_bad(gan_dataset *ds, const char *path, const char *reason,
                                gan_error *err);

/* GAN_EDATA when that is too many by the options. */
gan_status gan__dataset_judge(const gan_dataset *ds, gan_error *err);

#endif
