/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include <string.h>

#include "base/memory.h"

/* AddressSanitizer is told which bytes may be touched: one chunk would hide what a kernel does beyond
 * the end of a tensor. */
#if defined(__SANITIZE_ADDRESS__)
#    include <sanitizer/asan_interface.h>
#    define FORBID(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#    define ALLOW(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#    define FORBID(p, n) ((void)(p), (void)(n))
#    define ALLOW(p, n) ((void)(p), (void)(n))
#endif

#define LINE ((size_t)64)
#define CHUNK ((size_t)32 << 20)
#define DESCRIPTIONS 128

/* What the pool has allocated: descriptions, and the chunk that they came with. */
typedef struct gan__block {
    struct gan__block *next;
    void *chunk; /* NULL: none */
    gan__buffer buffer[DESCRIPTIONS];
} gan__block;

static size_t lines(size_t bytes) {
    return (bytes + LINE - 1) / LINE * LINE;
}

/* --- descriptions --- */

static gan__block *add_block(gan__pool *p) {
    gan__block *b = gan__zalloc(1, sizeof *b);
    if (!b) return NULL;
    p->allocations++;
    b->next = p->blocks;
    p->blocks = b;
    for (int i = 0; i < DESCRIPTIONS; i++) {
        b->buffer[i].next = p->spare;
        p->spare = &b->buffer[i];
    }
    return b;
}

static gan__buffer *describe(gan__pool *p) {
    if (!p->spare && !add_block(p)) return NULL;
    gan__buffer *b = p->spare;
    p->spare = b->next;
    return b;
}

/* Puts b behind `prev`, or at the front. */
static void link_behind(gan__pool *p, gan__buffer *prev, gan__buffer *b) {
    b->prev = prev;
    b->next = prev ? prev->next : p->first;
    *(b->prev ? &b->prev->next : &p->first) = b;
    *(b->next ? &b->next->prev : &p->last) = b;
}

static void forget(gan__pool *p, gan__buffer *b) {
    *(b->prev ? &b->prev->next : &p->first) = b->next;
    *(b->next ? &b->next->prev : &p->last) = b->prev;
    b->next = p->spare;
    p->spare = b;
}

/* --- chunks --- */

/* A chunk as large as all before it, or if there is no memory for that, as it must be. */
static gan__buffer *add_chunk(gan__pool *p, size_t room) {
    size_t wanted = p->held > CHUNK ? p->held : CHUNK;
    if (wanted < room) wanted = room;
    gan__block *block = add_block(p);
    gan__buffer *b = block ? describe(p) : NULL;
    if (!b) return NULL;
    block->chunk = gan__alloc(1, wanted);
    if (!block->chunk && wanted > room) block->chunk = gan__alloc(1, wanted = room);
    if (!block->chunk) {
        b->next = p->spare;
        p->spare = b;
        return NULL;
    }
    FORBID(block->chunk, wanted);
    p->allocations++;
    p->held += wanted;
    *b = (gan__buffer){.data = block->chunk, .room = wanted, .chunk = p->chunks++};
    link_behind(p, p->last, b);
    return b;
}

/* --- buffers --- */

/* What b does not need becomes a free buffer of its own; without memory to describe it, it stays. */
static void cut(gan__pool *p, gan__buffer *b, size_t room) {
    gan__buffer *rest = b->room - room >= 2 * LINE ? describe(p) : NULL;
    if (!rest) return;
    *rest =
        (gan__buffer){.data = (char *)b->data + room, .room = b->room - room, .chunk = b->chunk};
    b->room = room;
    link_behind(p, b, rest);
}

/* Between two buffers a line stays free: rows of one size do not fall into the same lines of a
 * cache, and what is written past an end is found. */
gan__buffer *gan__pool_take(gan__pool *p, size_t bytes) {
    if (bytes > SIZE_MAX / 4 || (p->refuse && !--p->refuse)) return NULL;
    size_t whole = lines(bytes ? bytes : 1), room = whole + LINE;
    gan__buffer *b = p->first;
    while (b && (b->refs || b->room < room)) b = b->next;
    if (!b && !(b = add_chunk(p, room))) return NULL;
    cut(p, b, room);
    ALLOW(b->data, bytes);
    b->refs = 1;
    b->bytes = whole;
    p->in_use += whole;
    if (p->in_use > p->peak) p->peak = p->in_use;
    return b;
}

/* Joins b with the free buffer behind it. */
static void join(gan__pool *p, gan__buffer *b) {
    gan__buffer *next = b->next;
    if (!next || next->refs || next->chunk != b->chunk) return;
    b->room += next->room;
    forget(p, next);
}

void gan__pool_release(gan__pool *p, gan__buffer *b) {
    if (!b || --b->refs) return;
    FORBID(b->data, b->bytes);
    p->in_use -= b->bytes;
    b->bytes = 0;
    join(p, b);
    if (b->prev && !b->prev->refs && b->prev->chunk == b->chunk) join(p, b->prev);
}

void gan__pool_free(gan__pool *p) {
    for (gan__block *b = p->blocks, *next; b; b = next) {
        next = b->next;
        gan__free(b->chunk);
        gan__free(b);
    }
    memset(p, 0, sizeof *p);
}
