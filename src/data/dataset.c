/* SPDX-License-Identifier: MIT */
#include "data/dataset.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/memory.h"
#include "data/classes.h"
#include "data/image.h"
#include "data/pixels.h"

#define MAX_SIDE 65535

/* --- options --- */

static gan_status check_options(gan_dataset_options *o, const gan_dataset_options *given,
                                gan_error *err) {
    *o = (gan_dataset_options)GAN_DATASET_OPTIONS_DEFAULTS;
    if (given) memcpy(o, given, given->size < sizeof *o ? given->size : sizeof *o);
    if (o->height < 0 || o->width < 0 || o->height > MAX_SIDE || o->width > MAX_SIDE)
        return gan__fail(err, GAN_EINVAL, "data set pictures of %d x %d: sides are 1 to %d",
                         o->width, o->height, MAX_SIDE);
    if (o->channels != 0 && o->channels != 1 && o->channels != 3)
        return gan__fail(err, GAN_EINVAL, "data set channels %d: 1 or 3", o->channels);
    if (!(o->max_bad >= 0 && o->max_bad <= 1))
        return gan__fail(err, GAN_EINVAL, "max_bad %g: a fraction from 0 to 1", o->max_bad);
    if (!(o->holdout >= 0 && o->holdout < 1))
        return gan__fail(err, GAN_EINVAL, "holdout %g: a fraction from 0 to below 1", o->holdout);
    if (o->threads < 1 || o->threads > 1024)
        return gan__fail(err, GAN_EINVAL, "data set threads %d: 1 to 1024", o->threads);
    if (o->cache_mib > SIZE_MAX >> 21)
        return gan__fail(err, GAN_EINVAL, "cache_mib %zu is too large", o->cache_mib);
    return GAN_OK;
}

static gan_status create(const gan_dataset_options *options, gan_dataset **out, gan_error *err) {
    gan_dataset_options o;
    *out = NULL;
    gan_status s = check_options(&o, options, err);
    if (s) return s;
    gan_dataset *ds = gan__zalloc(1, sizeof *ds);
    if (!ds) return gan__fail_memory(err);
    if (pthread_mutex_init(&ds->lock, NULL)) {
        gan__free(ds);
        return gan__fail_memory(err);
    }
    ds->o = o;
    *out = ds;
    return GAN_OK;
}

/* --- where the pictures come from --- */

static gan_status take_labels(gan_dataset *ds, gan_error *err) {
    if (!ds->idx.labels) return GAN_OK;
    ds->labels = gan__alloc(ds->idx.count, sizeof *ds->labels);
    if (!ds->labels) return gan__fail_memory(err);
    for (size_t i = 0; i < ds->idx.count; i++) ds->labels[i] = ds->idx.labels[i];
    return GAN_OK;
}

static gan_status open_idx(gan_dataset *ds, const char *path, gan_error *err) {
    gan_status s = gan__idx_read(path, &ds->idx, err);
    return s ? s : take_labels(ds, err);
}

static gan_status open_folder(gan_dataset *ds, const char *path, gan_error *err) {
    char *idx;
    gan_status s = gan__idx_find(path, &idx, err);
    if (s) return s;
    if (idx) {
        s = open_idx(ds, idx, err);
        gan__free(idx);
        return s;
    }
    if (!ds->o.height || !ds->o.width || !ds->o.channels)
        return gan__fail(err, GAN_EINVAL, "a folder of images needs a height, width and channels");
    s = gan__folder_search(&ds->folder, path, err);
    ds->sources = ds->folder.count;
    return s || !ds->o.class_folders ? s : gan__dataset_label_folders(ds, path, err);
}

static gan_status open_path(gan_dataset *ds, const char *path, gan_error *err) {
    struct stat st;
    if (stat(path, &st))
        return gan__fail(err, GAN_EDATA,
                         "cannot open the data set %s: %s; give a folder of JPEG, PNG, BMP or PNM "
                         "images, or an IDX file",
                         path, strerror(errno));
    if (S_ISDIR(st.st_mode)) return open_folder(ds, path, err);
    if (S_ISREG(st.st_mode) && gan__idx_detect(path)) return open_idx(ds, path, err);
    return gan__fail(err, GAN_EDATA, "%s is neither a folder nor an IDX file", path);
}

/* --- the cache --- */

static void settle_sizes(gan_dataset *ds) {
    gan_dataset_options *o = &ds->o;
    if (ds->idx.pixels) {
        ds->sources = ds->idx.count;
        if (!o->height) o->height = ds->idx.height;
        if (!o->width) o->width = ds->idx.width;
        if (!o->channels) o->channels = ds->idx.channels;
    }
    ds->bytes = (size_t)o->height * (size_t)o->width * (size_t)o->channels;
}

/* Pixels that have the right size already are the cache. */
static gan_status make_cache(gan_dataset *ds, gan_error *err) {
    const gan_dataset_options *o = &ds->o;
    size_t room = (o->cache_mib << 20) / ds->bytes;
    if (ds->idx.pixels && ds->idx.height == o->height && ds->idx.width == o->width &&
        ds->idx.channels == o->channels) {
        ds->cache = ds->idx.pixels;
        ds->idx.pixels = NULL;
        ds->cached = ds->sources;
        return GAN_OK;
    }
    ds->cached = room < ds->sources ? room : ds->sources;
    ds->cache = gan__alloc(ds->cached, ds->bytes);
    return ds->cache ? GAN_OK : gan__fail_memory(err);
}

static gan_status settle(gan_dataset *ds, const char *path, gan_error *err) {
    settle_sizes(ds);
    if (ds->sources > UINT32_MAX)
        return gan__fail(err, GAN_EDATA, "%s holds more than 2^32 pictures", path);
    gan_status s = make_cache(ds, err);
    if (!s) {
        ds->went_bad = gan__zalloc(ds->sources, 1);
        s = ds->went_bad ? gan__dataset_scan(ds, path, err) : gan__fail_memory(err);
    }
    if (!s && ds->cached == ds->sources) gan__idx_free(&ds->idx);
    return s;
}

/* --- open and close --- */

static gan_status finish(gan_status s, gan_dataset *ds, gan_dataset **out) {
    if (s) gan_dataset_free(ds);
    *out = s ? NULL : ds;
    return s;
}

gan_status gan_dataset_open(const char *path, const gan_dataset_options *options, gan_dataset **out,
                            gan_error *err) {
    gan_dataset *ds;
    *out = NULL;
    gan_status s = create(options, &ds, err);
    if (s) return s;
    s = open_path(ds, path, err);
    if (!s) s = settle(ds, path, err);
    return finish(s, ds, out);
}

static gan_status copy_memory(gan_dataset *ds, const uint8_t *pixels, const int *labels,
                              gan_error *err) {
    gan__idx *x = &ds->idx;
    size_t bytes = (size_t)x->height * (size_t)x->width * (size_t)x->channels;
    x->pixels = gan__alloc(x->count, bytes);
    if (labels) ds->labels = gan__alloc(x->count, sizeof *labels);
    if (!x->pixels || (labels && !ds->labels)) return gan__fail_memory(err);
    memcpy(x->pixels, pixels, x->count * bytes);
    for (size_t i = 0; labels && i < x->count; i++) {
        if (labels[i] < 0 || labels[i] == INT32_MAX)
            return gan__fail(err, GAN_EINVAL, "label %d of picture %zu is out of range", labels[i],
                             i);
        ds->labels[i] = labels[i];
    }
    return GAN_OK;
}

gan_status gan_dataset_from_memory(const uint8_t *pixels, size_t n, int height, int width,
                                   int channels, const int *labels,
                                   const gan_dataset_options *options, gan_dataset **out,
                                   gan_error *err) {
    gan_dataset *ds;
    *out = NULL;
    if (!n || height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE ||
        (channels != 1 && channels != 3))
        return gan__fail(err, GAN_EINVAL, "a data set of %zu pictures %d x %d x %d", n, height,
                         width, channels);
    gan_status s = create(options, &ds, err);
    if (s) return s;
    ds->idx = (gan__idx){NULL, NULL, n, height, width, channels};
    s = copy_memory(ds, pixels, labels, err);
    if (!s) s = settle(ds, "memory", err);
    return finish(s, ds, out);
}

/* A batch of such pictures can be counted in 64 bits, its bytes too. */
static int picture_fits(int height, int width, int channels) {
    return height >= 1 && width >= 1 && channels >= 1 && height <= MAX_SIDE && width <= MAX_SIDE &&
           (int64_t)height * width <= INT32_MAX / channels;
}

gan_status gan_dataset_from_function(gan_picture_function *fill, void *user, uint64_t fingerprint,
                                     size_t n, int height, int width, int channels,
                                     const gan_dataset_options *options, gan_dataset **out,
                                     gan_error *err) {
    gan_dataset *ds;
    *out = NULL;
    if (!fill || !n || n > UINT32_MAX || !picture_fits(height, width, channels))
        return gan__fail(err, GAN_EINVAL,
                         "a data set of a function with %zu pictures %d x %d x %d: it needs a "
                         "function, 1 to 2^32-1 pictures, and below 2^31 values in each",
                         n, height, width, channels);
    gan_status s = create(options, &ds, err);
    if (s) return s;
    ds->o.height = height, ds->o.width = width, ds->o.channels = channels;
    ds->bytes = (size_t)height * (size_t)width * (size_t)channels;
    ds->fill = fill, ds->user = user;
    ds->sources = n;
    return finish(gan__dataset_count(ds, fingerprint, err), ds, out);
}

void gan_dataset_free(gan_dataset *ds) {
    if (!ds) return;
    if (ds->free_user) ds->free_user(ds->user);
    for (size_t i = 0; i < ds->bads; i++) gan__free(ds->bad[i].reason);
    gan__free(ds->bad);
    gan__free(ds->went_bad);
    gan__free(ds->hold);
    gan__free(ds->labels);
    gan__free(ds->class_names);
    gan__free(ds->cache);
    gan__idx_free(&ds->idx);
    gan__folder_free(&ds->folder);
    pthread_mutex_destroy(&ds->lock);
    gan__free(ds);
}

/* --- one picture --- */

static gan_status read_file(const gan_dataset *ds, size_t i, uint8_t *out, int *is_image,
                            gan_error *err) {
    gan_image_options o = GAN_IMAGE_OPTIONS_DEFAULTS;
    gan_image image;
    o.height = ds->o.height;
    o.width = ds->o.width;
    o.channels = ds->o.channels;
    memcpy(o.background, ds->o.background, sizeof o.background);
    o.max_pixels = ds->o.max_pixels;
    o.max_side = ds->o.max_side;
    o.memory_mib = ds->o.memory_mib;
    gan_status s = gan__image_load(ds->folder.paths[i], &o, &image, is_image, err);
    if (s) return s;
    memcpy(out, image.pixels, ds->bytes);
    gan_image_free(&image);
    return GAN_OK;
}

gan_status gan__dataset_decode(const gan_dataset *ds, size_t i, uint8_t *out, int *is_image,
                               gan_error *err) {
    const gan__idx *x = &ds->idx;
    if (!x->pixels) return read_file(ds, i, out, is_image, err);
    size_t bytes = (size_t)x->height * (size_t)x->width * (size_t)x->channels;
    gan__picture p = {x->width, x->height, x->channels, 1, x->pixels + i * bytes};
    *is_image = 1;
    return gan__fit_into(&p, ds->o.height, ds->o.width, ds->o.channels, out, err);
}

gan_status gan__dataset_make(const gan_dataset *ds, size_t i, gan_real *out, gan_error *err) {
    gan_error why = {0};
    gan_status s = ds->fill(ds->user, i, out, &why);
    if (!s) return GAN_OK;
    const char *reason = why.text[0] ? why.text : gan_status_text(s);
    if (ds->turns) return gan__fail(err, s, "pair %zu: %s", i % ds->sources, reason);
    return gan__fail(err, s, "picture %zu of the data set's function: %s", i, reason);
}

/* --- accessors --- */

size_t gan_dataset_train_count(const gan_dataset *ds) {
    return ds->trains;
}

size_t gan_dataset_holdout_count(const gan_dataset *ds) {
    return ds->holds;
}

size_t gan_dataset_cached_count(const gan_dataset *ds) {
    size_t n = 0;
    for (size_t i = 0; i < ds->holds + ds->trains; i++) n += ds->hold[i] < ds->cached;
    return n;
}

int gan_dataset_height(const gan_dataset *ds) {
    return ds->o.height;
}

int gan_dataset_width(const gan_dataset *ds) {
    return ds->o.width;
}

int gan_dataset_channels(const gan_dataset *ds) {
    return ds->o.channels;
}

int gan_dataset_classes(const gan_dataset *ds) {
    return ds->classes;
}

uint64_t gan_dataset_fingerprint(const gan_dataset *ds) {
    return ds->fingerprint;
}
