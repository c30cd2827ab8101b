/* SPDX-License-Identifier: MIT
 *
 * Two slots, filled by one thread with the batches from `wanted` on: position q lies in slot q % 2.
 * A slot is in the hands of one side at a time: the thread's while it says FILLING, else of whoever
 * holds the lock. Asking for another position than the next moves `wanted`; slots that hold others
 * are filled anew. */
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "data/loader.h"

enum { EMPTY, FILLING, READY };

typedef struct slot {
    int state;
    uint64_t position;
    gan_real *pixels;
    int *labels;
    gan_status status; /* of a READY one: a failure is handed over like a batch */
    gan_error error;
} slot;

struct gan__prefetch {
    gan__maker maker; /* the thread's */
    slot slots[2];
    uint64_t wanted;
    int quit;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

/* --- the thread --- */

/* The slot to fill next, with its position set; NULL: both are as wanted. */
static slot *to_fill(gan__prefetch *p) {
    for (uint64_t q = p->wanted; q < p->wanted + 2; q++) {
        slot *s = &p->slots[q % 2];
        if (s->state == READY && s->position == q) continue;
        s->position = q;
        return s;
    }
    return NULL;
}

static void *work(void *argument) {
    gan__prefetch *p = argument;
    pthread_mutex_lock(&p->lock);
    while (!p->quit) {
        slot *s = to_fill(p);
        if (!s) {
            pthread_cond_wait(&p->changed, &p->lock);
            continue;
        }
        s->state = FILLING;
        pthread_mutex_unlock(&p->lock);
        s->status = gan__maker_train(&p->maker, s->position, s->pixels, s->labels, &s->error);
        pthread_mutex_lock(&p->lock);
        s->state = READY;
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* --- the other side --- */

gan_status gan__prefetch_take(gan__prefetch *p, uint64_t position, gan_real *out, int *labels,
                              gan_error *err) {
    slot *s = &p->slots[position % 2];
    pthread_mutex_lock(&p->lock);
    if (p->wanted != position) {
        p->wanted = position;
        pthread_cond_broadcast(&p->changed);
    }
    while (s->state != READY || s->position != position) pthread_cond_wait(&p->changed, &p->lock);
    gan_status status = s->status;
    if (!status) {
        memcpy(out, s->pixels, p->maker.batch * p->maker.ds->bytes * sizeof *out);
        if (labels) memcpy(labels, s->labels, p->maker.batch * sizeof *labels);
        p->wanted = position + 1;
    } else {
        s->state = EMPTY; /* the next call tries again */
        if (err) *err = s->error;
    }
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return status;
}

static void release(gan__prefetch *p) {
    for (int i = 0; i < 2; i++) {
        gan__free(p->slots[i].pixels);
        gan__free(p->slots[i].labels);
    }
    gan__free(p);
}

static gan__prefetch *allocate(const gan__maker *m) {
    gan__prefetch *p = gan__zalloc(1, sizeof *p);
    if (!p) return NULL;
    int complete = 1;
    for (int i = 0; i < 2; i++) {
        p->slots[i].pixels = gan__alloc(m->batch * m->ds->bytes, sizeof(gan_real));
        p->slots[i].labels = gan__alloc(m->batch, sizeof(int));
        if (!p->slots[i].pixels || !p->slots[i].labels) complete = 0;
    }
    if (complete) return p;
    release(p);
    return NULL;
}

/* Signals are for the program's own threads: the new one starts with all of them blocked. */
static int start(gan__prefetch *p) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&p->thread, NULL, work, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

gan_status gan__prefetch_create(gan__maker *m, gan__prefetch **out, gan_error *err) {
    gan__prefetch *p = allocate(m);
    if (!p) return gan__fail_memory(err);
    p->maker = *m;
    int code = pthread_mutex_init(&p->lock, NULL);
    if (!code && (code = pthread_cond_init(&p->changed, NULL))) pthread_mutex_destroy(&p->lock);
    if (!code && (code = start(p))) {
        pthread_cond_destroy(&p->changed);
        pthread_mutex_destroy(&p->lock);
    }
    if (!code) {
        *out = p;
        return GAN_OK;
    }
    release(p);
    return gan__fail(err, GAN_EIO, "cannot start the prefetch thread: %s", strerror(code));
}

void gan__prefetch_free(gan__prefetch *p) {
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->quit = 1;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    gan__maker_clear(&p->maker);
    release(p);
}
