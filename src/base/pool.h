/* SPDX-License-Identifier: MIT
 *
 * base/pool.h - big buffers that are given back and taken again, shared by reference count.
 *
 * A pool has a few chunks of memory, each at least as large as all before it, and cuts buffers from
 * the lowest place that is wide enough; neighbours that are free are one. So memory is touched once
 * and used densely, and a step that begins with nothing taken finds the same places each time: after
 * the first it never allocates, whatever ran between. */
#ifndef GAN_BASE_POOL_H
#define GAN_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

typedef struct gan__buffer {
    void *data;
    size_t bytes;                    /* asked for, up to a whole cache line; 0: free */
    size_t room;                     /* up to the next buffer */
    uint32_t refs, chunk;            /* 0 references: free; which chunk it lies in */
    struct gan__buffer *prev, *next; /* neighbours, in order of chunks and addresses */
} gan__buffer;

typedef struct gan__pool {
    gan__buffer *first, *last;
    gan__buffer *spare; /* descriptions that are not in use */
    struct gan__block *blocks;
    uint32_t chunks;
    size_t allocations;  /* chunks and blocks of descriptions ever allocated */
    size_t held, in_use; /* bytes of all chunks, of which what was never used is not in memory; and
                            of the buffers taken */
    size_t peak;         /* the highest in_use since the pool was made */
    size_t refuse;       /* for tests: so many takes from now on, one fails; 0: none does */
} gan__pool;

gan__buffer *gan__pool_take(gan__pool *p, size_t bytes); /* one reference; NULL: no memory */
void gan__pool_release(gan__pool *p, gan__buffer *b);    /* one reference less; NULL is nothing */
void gan__pool_free(gan__pool *p);                       /* every buffer must have been released */

#endif
