/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#    include <sys/mman.h>
#endif

#define ALIGN ((size_t)64)
#define HUGE_PAGE ((size_t)2 << 20)
#define CHUNK ((size_t)64 * 1024)

static size_t round_up(size_t n) {
    return (n + ALIGN - 1) & ~(ALIGN - 1);
}

/* Large buffers on huge pages, where the system gives them: matrix products walk through many
 * rows at once, each of them on a page of its own. What is left past the last whole page stays on
 * small ones. (AddressSanitizer could not see the end of such a buffer.) */
#if defined(MADV_HUGEPAGE) && !defined(__SANITIZE_ADDRESS__)
static void *alloc_huge(size_t bytes) {
    void *p = aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
    if (p) madvise(p, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    return p;
}
#else
static void *alloc_huge(size_t bytes) {
    return aligned_alloc(ALIGN, bytes);
}
#endif

void *gan__alloc(size_t count, size_t size) {
    if (size && count > (SIZE_MAX / 2) / size) return NULL;
    size_t bytes = round_up(count * size);
    if (bytes >= HUGE_PAGE) return alloc_huge(bytes);
    return aligned_alloc(ALIGN, bytes ? bytes : ALIGN);
}

void *gan__zalloc(size_t count, size_t size) {
    void *p = gan__alloc(count, size);
    if (p) memset(p, 0, count * size);
    return p;
}

void gan__free(void *p) {
    free(p);
}

void *gan__grow(void *items, size_t *cap, size_t used, size_t size) {
    if (used < *cap) return items;
    size_t wanted = *cap ? *cap * 2 : 16;
    void *more = gan__alloc(wanted, size);
    if (!more) return NULL;
    if (used) memcpy(more, items, used * size);
    gan__free(items);
    *cap = wanted;
    return more;
}

char *gan__strdup(const char *s) {
    size_t n = strlen(s) + 1;
    char *copy = gan__alloc(n, 1);
    return copy ? memcpy(copy, s, n) : NULL;
}

/* --- arena --- */

struct gan__chunk {
    struct gan__chunk *next;
    size_t size; /* bytes that follow the head */
};

static char *chunk_data(struct gan__chunk *c) {
    return (char *)c + ALIGN;
}

static struct gan__chunk *chunk_new(size_t size) {
    size_t bytes = size > CHUNK ? size : CHUNK;
    struct gan__chunk *c = gan__alloc(1, ALIGN + bytes);
    if (c) *c = (struct gan__chunk){NULL, bytes};
    return c;
}

/* Steps on to the next kept chunk if it is large enough, else puts a new one before it. */
static int arena_advance(gan__arena *a, size_t size) {
    struct gan__chunk *next = a->current ? a->current->next : a->first;
    if (!next || next->size < size) {
        struct gan__chunk *c = chunk_new(size);
        if (!c) return 0;
        c->next = next;
        if (a->current)
            a->current->next = c;
        else
            a->first = c;
        next = c;
    }
    a->current = next;
    a->used = 0;
    return 1;
}

void *gan__arena_take(gan__arena *a, size_t size) {
    size = (size + 15) & ~(size_t)15;
    if (!a->current || a->current->size - a->used < size)
        if (!arena_advance(a, size)) return NULL;
    void *p = chunk_data(a->current) + a->used;
    a->used += size;
    return p;
}

void gan__arena_reset(gan__arena *a) {
    a->current = NULL;
    a->used = 0;
}

void gan__arena_free(gan__arena *a) {
    for (struct gan__chunk *c = a->first, *next; c; c = next) {
        next = c->next;
        gan__free(c);
    }
    *a = (gan__arena){0};
}
