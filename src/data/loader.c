/* SPDX-License-Identifier: MIT */
#include "data/loader.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "gan/image.h"
#include "gan/rng.h"

#define STREAM_ORDER 0x6f726465u
#define STREAM_FLIP 0x666c6970u

struct gan_loader {
    gan__maker maker;        /* of held-out batches, and of all without prefetch */
    gan__prefetch *prefetch; /* or NULL */
    uint64_t position;
};

/* --- the order --- */

gan_status gan__maker_init(gan__maker *m, gan_dataset *ds, const gan_loader_options *o,
                           gan_error *err) {
    *m = (gan__maker){.ds = ds, .batch = (size_t)o->batch, .flip = o->flip, .seed = o->seed};
    m->across = (size_t)o->across;
    m->per_epoch = ds->trains / m->batch;
    m->epoch = UINT64_MAX;
    m->order = gan__alloc(ds->trains, sizeof *m->order);
    m->scratch = gan__alloc(ds->bytes, 1);
    if (m->order && m->scratch) return GAN_OK;
    gan__maker_clear(m);
    return gan__fail_memory(err);
}

void gan__maker_clear(gan__maker *m) {
    gan__free(m->order);
    gan__free(m->scratch);
    *m = (gan__maker){0};
}

/* Fisher and Yates, from the end. Partners of the first epoch are those of the set's own order. */
static void shuffle(gan__maker *m, uint64_t epoch) {
    uint32_t n = (uint32_t)m->ds->trains;
    gan_rng rng = gan_rng_make(m->seed, STREAM_ORDER, epoch);
    for (uint32_t i = 0; i < n; i++) m->order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = gan_rng_below(&rng, i), last = m->order[i - 1];
        m->order[i - 1] = m->order[j];
        m->order[j] = last;
    }
    m->turn = epoch && m->ds->turns ? gan_rng_below(&rng, (uint32_t)m->ds->turns) : 0;
    m->epoch = epoch;
}

/* --- a batch --- */

/* Exchanges left and right, of each of the pictures that stand side by side. */
static void mirror(const gan__maker *m, gan_real *x) {
    size_t c = (size_t)m->ds->o.channels, w = (size_t)m->ds->o.width / m->across;
    size_t rows = (size_t)m->ds->o.height * m->across;
    for (size_t y = 0; y < rows; y++)
        for (size_t i = 0; i < w / 2 * c; i++) {
            gan_real *left = x + y * w * c + i, *right = x + (y * w + w - 1 - i / c) * c + i % c;
            gan_real other = *left;
            *left = *right;
            *right = other;
        }
}

static gan_status make(const gan__maker *m, size_t i, int flip, gan_real *out, int *label,
                       gan_error *err) {
    gan_status s = gan__dataset_make(m->ds, i, out, err);
    if (!s && flip) mirror(m, out);
    if (label) *label = 0;
    return s;
}

/* The k-th of list[n], or the next one that is good; of pairs, after so many turns. */
static gan_status pick(gan__maker *m, const size_t *list, size_t n, size_t k, size_t turn, int flip,
                       gan_real *out, int *label, gan_error *err) {
    const uint8_t *p;
    size_t i;
    if (m->ds->fill) return make(m, list[k] + turn * m->ds->sources, flip, out, label, err);
    gan_status s = gan__dataset_pick(m->ds, list, n, k, m->scratch, &i, &p, err);
    if (s) return s;
    gan_image_to_real(p, m->ds->bytes, out);
    if (flip) mirror(m, out);
    if (label) *label = m->ds->labels ? m->ds->labels[i] : 0;
    return GAN_OK;
}

gan_status gan__maker_train(gan__maker *m, uint64_t position, gan_real *out, int *labels,
                            gan_error *err) {
    uint64_t epoch = position / m->per_epoch;
    size_t first = (size_t)(position % m->per_epoch) * m->batch;
    if (epoch != m->epoch) shuffle(m, epoch);
    for (size_t i = 0; i < m->batch; i++) {
        gan_rng rng = gan_rng_make(m->seed, STREAM_FLIP, position * m->batch + i);
        int flip = m->flip && gan_rng_bits(&rng) >> 31;
        gan_status s = pick(m, m->ds->train, m->ds->trains, m->order[first + i], m->turn, flip,
                            out + i * m->ds->bytes, labels ? labels + i : NULL, err);
        if (s) return s;
    }
    return GAN_OK;
}

/* --- the loader --- */

static gan_status check(const gan_dataset *ds, gan_loader_options *o,
                        const gan_loader_options *given, gan_error *err) {
    *o = (gan_loader_options)GAN_LOADER_OPTIONS_DEFAULTS;
    if (given) memcpy(o, given, given->size < sizeof *o ? given->size : sizeof *o);
    if (o->across < 1 || ds->o.width % o->across)
        return gan__fail(err, GAN_EINVAL, "%d pictures side by side in a width of %d", o->across,
                         ds->o.width);
    if (o->batch < 1) return gan__fail(err, GAN_EINVAL, "batch %d: at least 1", o->batch);
    if ((size_t)o->batch > ds->trains)
        return gan__fail(err, GAN_EDATA,
                         "a batch of %d is larger than the set: %zu pictures to train on (%zu held "
                         "out); take a smaller batch or more pictures",
                         o->batch, ds->trains, ds->holds);
    return GAN_OK;
}

gan_status gan_loader_create(gan_dataset *ds, const gan_loader_options *options, gan_loader **out,
                             gan_error *err) {
    gan_loader_options o;
    gan__maker ahead;
    *out = NULL;
    gan_status s = check(ds, &o, options, err);
    if (s) return s;
    gan_loader *l = gan__zalloc(1, sizeof *l);
    if (!l) return gan__fail_memory(err);
    s = gan__maker_init(&l->maker, ds, &o, err);
    if (!s && o.prefetch) {
        s = gan__maker_init(&ahead, ds, &o, err);
        if (!s) {
            s = gan__prefetch_create(&ahead, &l->prefetch, err);
            if (s) gan__maker_clear(&ahead);
        }
    }
    if (s)
        gan_loader_free(l);
    else
        *out = l;
    return s;
}

void gan_loader_free(gan_loader *l) {
    if (!l) return;
    gan__prefetch_free(l->prefetch);
    gan__maker_clear(&l->maker);
    gan__free(l);
}

gan_status gan_loader_next(gan_loader *l, gan_real *out, int *labels, gan_error *err) {
    gan_status s = l->prefetch ? gan__prefetch_take(l->prefetch, l->position, out, labels, err)
                               : gan__maker_train(&l->maker, l->position, out, labels, err);
    if (!s) l->position++;
    return s;
}

uint64_t gan_loader_position(const gan_loader *l) {
    return l->position;
}

void gan_loader_seek(gan_loader *l, uint64_t batches_drawn) {
    l->position = batches_drawn;
}

uint64_t gan_loader_batches_per_epoch(const gan_loader *l) {
    return l->maker.per_epoch;
}

gan_status gan_loader_holdout(gan_loader *l, uint64_t k, gan_real *out, int *labels,
                              gan_error *err) {
    gan__maker *m = &l->maker;
    size_t n = m->ds->holds;
    if (!n)
        return gan__fail(err, GAN_ESTATE,
                         "the data set holds nothing out; open it with holdout > 0");
    for (size_t i = 0; i < m->batch; i++) {
        size_t at = (size_t)((k % n * (m->batch % n) + i) % n);
        gan_status s = pick(m, m->ds->hold, n, at, 0, 0, out + i * m->ds->bytes,
                            labels ? labels + i : NULL, err);
        if (s) return s;
    }
    return GAN_OK;
}
