/* SPDX-License-Identifier: MIT
 *
 * kernel/workspace.h - the parts of a kernel's workspace, one after the other.
 *
 * A function takes the parts in order from a base; with the base NULL it takes nothing and counts,
 * so that one function serves a kernel and its _workspace twin. */
#ifndef GAN_KERNEL_WORKSPACE_H
#define GAN_KERNEL_WORKSPACE_H

#include <stddef.h>

#include "kernel/machine.h"

typedef struct gan__space {
    char *base;
    size_t bytes; /* taken so far */
} gan__space;

static inline void *gan__space_bytes(gan__space *s, size_t bytes) {
    void *p = s->base ? s->base + s->bytes : NULL;
    s->bytes += (bytes + 63) / 64 * 64;
    return p;
}

static inline gan_real *gan__space_reals(gan__space *s, int64_t n) {
    return gan__space_bytes(s, (size_t)n * sizeof(gan_real));
}

static inline int64_t *gan__space_offsets(gan__space *s, int64_t n) {
    return gan__space_bytes(s, (size_t)n * sizeof(int64_t));
}

/* n rounded up to whole lines. */
static inline int64_t gan__whole(int64_t n) {
    return (n + GAN__LINE - 1) / GAN__LINE * GAN__LINE;
}

/* The distance of rows of n elements: whole lines and one more, so that no power of two makes rows
 * collide in a cache. */
static inline int64_t gan__apart(int64_t n) {
    return gan__whole(n) + GAN__LINE;
}

#endif
