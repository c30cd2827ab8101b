/* SPDX-License-Identifier: MIT
 *
 * The one look at every source when a data set is opened. Sources are decoded in parallel, each
 * into a place of its own; what follows from the results is made in order, so that nothing depends
 * on the threads. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "data/classes.h"
#include "data/dataset.h"
#include "gan/rng.h"

#define STREAM_HOLDOUT 0x686f6c64u

enum { IGNORED, GOOD, BAD, FAILED };

typedef struct finding {
    uint64_t hash; /* of the pixels */
    char *reason;  /* of a bad or failed one; NULL: no memory for it */
    gan_status code;
    int kind;
} finding;

/* --- identity --- */

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t hash_bytes(const uint8_t *p, size_t n) {
    uint64_t h = n;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t v = 0;
        for (int k = 7; k >= 0; k--) v = v << 8 | p[k];
        h = mix(h, v);
    }
    for (; n; p++, n--) h = mix(h, *p);
    return h;
}

static uint64_t hash_sizes(const gan_dataset *ds) {
    uint64_t h = mix(1, (uint64_t)ds->o.height);
    return mix(mix(h, (uint64_t)ds->o.width), (uint64_t)ds->o.channels);
}

static void set_fingerprint(gan_dataset *ds, const finding *f) {
    uint64_t h = hash_sizes(ds);
    for (size_t i = 0; i < ds->sources; i++)
        if (f[i].kind == GOOD) {
            h = mix(h, f[i].hash);
            if (ds->labels) h = mix(h, (uint64_t)ds->labels[i]);
        }
    ds->fingerprint = h;
}

/* --- looking --- */

/* A file that neither begins nor is named like an image is none of ours. */
static void refuse(const gan_dataset *ds, size_t i, int is_image, const gan_error *err,
                   finding *f) {
    int failed = err->code == GAN_ENOMEM || err->code == GAN_EINVAL;
    if (!failed && !is_image && !gan__folder_names_image(ds->folder.paths[i])) return;
    f->kind = failed ? FAILED : BAD;
    f->code = err->code;
    f->reason = gan__strdup(err->text);
}

static void look(gan_dataset *ds, size_t i, uint8_t *scratch, finding *f) {
    uint8_t *place = i < ds->cached ? ds->cache + i * ds->bytes : scratch;
    int is_image = 1, there = !ds->folder.count && !ds->idx.pixels;
    gan_error why = {0};
    if (!there && gan__dataset_decode(ds, i, place, &is_image, &why)) {
        refuse(ds, i, is_image, &why, f);
        return;
    }
    f->kind = GOOD;
    f->hash = hash_bytes(place, ds->bytes);
}

static gan_status look_at_all(gan_dataset *ds, finding *f, gan_error *err) {
    int threads = gan__team(ds->o.threads, (int64_t)ds->sources);
    int64_t n = (int64_t)ds->sources;
    uint8_t *scratch = gan__alloc((size_t)threads, ds->bytes);
    if (!scratch) return gan__fail_memory(err);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t i = 0; i < n; i++)
        look(ds, (size_t)i, scratch + (size_t)gan__thread() * ds->bytes, &f[i]);
    gan__free(scratch);
    return GAN_OK;
}

/* --- concluding --- */

static gan_status collect(gan_dataset *ds, const finding *f, gan_error *err) {
    ds->hold = gan__alloc(ds->sources, sizeof *ds->hold);
    if (!ds->hold) return gan__fail_memory(err);
    gan_status s = GAN_OK;
    for (size_t i = 0; i < ds->sources && !s; i++) {
        if (f[i].kind == IGNORED) continue;
        ds->candidates++;
        if (f[i].kind == GOOD)
            ds->hold[ds->trains++] = i;
        else if (!f[i].reason)
            s = gan__fail_memory(err);
        else if (f[i].kind == FAILED)
            s = gan__fail(err, f[i].code, "%s", f[i].reason);
        else
            s = gan__dataset_add_bad(ds, ds->folder.paths[i], f[i].reason, err);
    }
    return s;
}

static void count_classes(gan_dataset *ds) {
    for (size_t k = 0; ds->labels && k < ds->trains; k++) {
        int label = ds->labels[ds->hold[k]];
        if (label >= ds->classes) ds->classes = label + 1;
    }
}

static int ascending(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The first `holds` of a seeded permutation; the others are put back in order. */
static void hold_out(gan_dataset *ds) {
    size_t n = ds->trains;
    double share = ds->o.holdout * (double)n + 0.5;
    size_t holds = n < 2 || ds->o.holdout <= 0 ? 0 : (size_t)share;
    if (n >= 2 && ds->o.holdout > 0 && !holds) holds = 1;
    if (n && holds >= n) holds = n - 1;
    gan_rng rng = gan_rng_make(ds->o.seed, STREAM_HOLDOUT, 0);
    for (size_t i = 0; i < holds; i++) {
        size_t j = i + gan_rng_below(&rng, (uint32_t)(n - i)), other = ds->hold[j];
        ds->hold[j] = ds->hold[i];
        ds->hold[i] = other;
    }
    ds->holds = holds;
    ds->trains = n - holds;
    ds->train = ds->hold + holds;
    qsort(ds->train, ds->trains, sizeof *ds->train, ascending);
}

static gan_status conclude(gan_dataset *ds, const finding *f, const char *path, gan_error *err) {
    gan_status s = collect(ds, f, err);
    if (!s) s = gan__dataset_judge(ds, err);
    if (s) return s;
    if (!ds->trains && ds->bads)
        return gan__fail(err, GAN_EDATA, "no usable image in %s: all %zu are bad, the first %s: %s",
                         path, ds->bads, ds->bad[0].path, ds->bad[0].reason);
    if (!ds->trains)
        return gan__fail(
            err, GAN_EDATA,
            "no images in %s: looked for JPEG, PNG, BMP and PNM files there and in its "
            "subfolders (%zu files of other kinds), and for train-images-idx3-ubyte[.gz]",
            path, ds->sources);
    s = gan__dataset_drop_empty_classes(ds, err);
    if (s) return s;
    set_fingerprint(ds, f);
    count_classes(ds);
    hold_out(ds);
    return GAN_OK;
}

gan_status gan__dataset_scan(gan_dataset *ds, const char *path, gan_error *err) {
    finding *f = gan__zalloc(ds->sources, sizeof *f);
    if (!f) return gan__fail_memory(err);
    gan_status s = look_at_all(ds, f, err);
    if (!s) s = conclude(ds, f, path, err);
    for (size_t i = 0; i < ds->sources; i++) gan__free(f[i].reason);
    gan__free(f);
    return s;
}

gan_status gan__dataset_count(gan_dataset *ds, uint64_t fingerprint, gan_error *err) {
    ds->hold = gan__alloc(ds->sources, sizeof *ds->hold);
    if (!ds->hold) return gan__fail_memory(err);
    for (size_t i = 0; i < ds->sources; i++) ds->hold[i] = i;
    ds->trains = ds->sources;
    ds->fingerprint = mix(mix(hash_sizes(ds), ds->sources), fingerprint);
    hold_out(ds);
    return GAN_OK;
}
