/* SPDX-License-Identifier: MIT
 *
 * A row is found by a hash of its key among some two hundred, so the search costs less than reading
 * the clock. Scopes lie in the tape's arena and go with its reset: keys are compared by their
 * text, and copied when a row is new. */
#include "gan/profile.h"

#include <string.h>

#include "base/clock.h"
#include "tensor/internal.h"

typedef struct entry {
    gan_profile_row row;
    uint64_t hash;
    int backward, rank; /* rank -1: no shape */
    int64_t dim[GAN_MAX_RANK];
} entry;

struct gan_profile {
    gan__arena arena; /* the rows' texts */
    entry *entries;
    size_t count, cap;
    double last; /* when something was charged */
    uint64_t charges;
};

typedef struct key {
    const char *part, *op, *scope;
    const gan_tensor *result;
    int backward;
} key;

gan_profile *gan_profile_create(void) {
    gan_profile *p = gan__zalloc(1, sizeof *p);
    if (p) gan_profile_start(p);
    return p;
}

void gan_profile_free(gan_profile *p) {
    if (!p) return;
    gan__arena_free(&p->arena);
    gan__free(p->entries);
    gan__free(p);
}

void gan_profile_reset(gan_profile *p) {
    gan__arena_reset(&p->arena);
    p->count = 0;
    gan_profile_start(p);
}

void gan_profile_start(gan_profile *p) {
    p->last = gan__seconds();
}

int gan_profile_count(const gan_profile *p) {
    return (int)p->count;
}

const gan_profile_row *gan_profile_at(const gan_profile *p, int i) {
    return i >= 0 && (size_t)i < p->count ? &p->entries[i].row : NULL;
}

/* --- rows --- */

/* FNV-1a, with the end of a text counted as a byte of it. */
static uint64_t hash_bytes(uint64_t h, const void *data, size_t n) {
    const unsigned char *byte = data;
    for (size_t i = 0; i < n; i++) h = (h ^ byte[i]) * 1099511628211U;
    return h;
}

static uint64_t hash_key(const key *k) {
    uint64_t h = 14695981039346656037U + (uint64_t)k->backward;
    h = hash_bytes(h, k->part, strlen(k->part) + 1);
    h = hash_bytes(h, k->op, strlen(k->op) + 1);
    h = hash_bytes(h, k->scope, strlen(k->scope) + 1);
    if (!k->result) return h;
    return hash_bytes(h, k->result->dim, (size_t)k->result->rank * sizeof *k->result->dim);
}

static int rank_of(const key *k) {
    return k->result ? k->result->rank : -1;
}

static int same(const entry *e, const key *k) {
    size_t op = strlen(k->op);
    if (e->backward != k->backward || e->rank != rank_of(k)) return 0;
    for (int i = 0; i < e->rank; i++)
        if (e->dim[i] != k->result->dim[i]) return 0;
    return !strncmp(e->row.op, k->op, op) && (k->backward || !e->row.op[op]) &&
           !strcmp(e->row.part, k->part) && !strcmp(e->row.scope, k->scope);
}

/* a and b one after the other, in the profile's memory; NULL: no memory. */
static const char *join(gan_profile *p, const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    char *s = gan__arena_take(&p->arena, n + m + 1);
    if (!s) return NULL;
    memcpy(s, a, n);
    memcpy(s + n, b, m + 1);
    return s;
}

static entry *add(gan_profile *p, const key *k, uint64_t hash) {
    char shape[96] = "";
    entry *entries = gan__grow(p->entries, &p->cap, p->count, sizeof *entries);
    if (!entries) return NULL;
    p->entries = entries;
    entry *e = &entries[p->count];
    *e = (entry){.hash = hash, .backward = k->backward, .rank = rank_of(k)};
    for (int i = 0; i < e->rank; i++) e->dim[i] = k->result->dim[i];
    e->row.part = join(p, k->part, "");
    e->row.op = join(p, k->op, k->backward ? " backward" : "");
    e->row.scope = join(p, k->scope, "");
    e->row.shape = join(p, k->result ? gan__shape_text(k->result, shape) : "", "");
    if (!e->row.part || !e->row.op || !e->row.scope || !e->row.shape) return NULL;
    p->count++;
    return e;
}

static void charge(gan_profile *p, const key *k, double flops, double bytes) {
    double now = gan__seconds();
    uint64_t hash = hash_key(k);
    entry *e = NULL;
    for (size_t i = 0; i < p->count && !e; i++)
        if (p->entries[i].hash == hash && same(&p->entries[i], k)) e = &p->entries[i];
    if (!e) e = add(p, k, hash);
    if (e) {
        e->row.calls++;
        e->row.seconds += now - p->last;
        e->row.flops += flops;
        e->row.bytes += bytes;
    }
    p->last = now;
    p->charges++;
}

void gan_profile_mark(gan_profile *p, const char *part, const char *op, double flops,
                      double bytes) {
    const key k = {part, op, "", NULL, 0};
    if (p) charge(p, &k, flops, bytes);
}

/* --- tapes --- */

void gan_tape_profile(gan_tape *t, gan_profile *p) {
    if (!t) return;
    t->profile = p;
    t->flops = 0;
}

void gan_tape_part(gan_tape *t, const char *part, const char *backward) {
    if (!t) return;
    t->part = part;
    t->backward = backward ? backward : part;
}

uint64_t gan__profile_charges(const gan_profile *p) {
    return p->charges;
}

void gan__profile_op(gan_tape *t, const char *op, int backward, const gan_tensor *result, int n,
                     gan_tensor *const *in) {
    const key k = {t->part ? t->part : "", op, t->scope ? t->scope : "", result, backward};
    int shares = n && result->base && result->data == in[0]->data;
    double elements = shares ? 0 : (double)result->size, flops = t->flops;
    for (int i = 0; i < n && !shares; i++) elements += (double)in[i]->size;
    if (flops == 0) flops = shares ? 0 : (double)result->size;
    t->flops = 0;
    charge(t->profile, &k, flops, elements * (double)sizeof *result->data);
}
