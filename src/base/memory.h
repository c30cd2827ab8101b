/* SPDX-License-Identifier: MIT
 *
 * base/memory.h - the only allocations of the library.
 *
 * gan__alloc and gan__free are the only callers of the C allocator; an arena hands out small things
 * that go together. base/pool.h has big buffers. All memory is aligned to 64 bytes, a cache line and
 * the widest vector; what is large lies on huge pages, where the system gives them. */
#ifndef GAN_BASE_MEMORY_H
#define GAN_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* count * size bytes, not cleared (gan__zalloc: cleared); NULL when out of memory or when the
 * product overflows. */
void *gan__alloc(size_t count, size_t size);
void *gan__zalloc(size_t count, size_t size);
void gan__free(void *p);

/* An array of *cap items of `size` bytes with room for one more than `used`: `items` itself, or a
 * larger copy in its place, with *cap updated. NULL: no memory; `items` is as it was. */
void *gan__grow(void *items, size_t *cap, size_t used, size_t size);

char *gan__strdup(const char *s);

/* Arena: memory that is given back all at once. Chunks are kept over a reset, so that a repeated
 * use allocates nothing. */
typedef struct gan__arena {
    struct gan__chunk *first, *current;
    size_t used; /* bytes taken from `current` */
} gan__arena;

void *gan__arena_take(gan__arena *a, size_t size); /* NULL: no memory */
void gan__arena_reset(gan__arena *a);
void gan__arena_free(gan__arena *a);

#endif
