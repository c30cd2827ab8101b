/* SPDX-License-Identifier: MIT
 *
 * base/parallel.h - the partition of work over threads.
 *
 * Kernels cut their work into tiles whose number and size depend on the shapes alone; each tile is
 * computed by one thread in a fixed order, so the number of threads never shows in the result. */
#ifndef GAN_BASE_PARALLEL_H
#define GAN_BASE_PARALLEL_H

#include <stdint.h>

#ifdef _OPENMP
#    include <omp.h>
/* Runs the loop that follows on `threads` threads. A tile goes to the next thread that is free: on a
 * shared machine one core may be slower than another, and no result depends on who computes. */
/* clang-format off */
#    define GAN__PRAGMA(x) _Pragma(#x)
#    define GAN__PARALLEL_FOR(threads) \
        GAN__PRAGMA(omp parallel for num_threads(threads) schedule(dynamic))
/* clang-format on */
static inline int gan__processors(void) {
    return omp_get_num_procs();
}
static inline int gan__thread(void) {
    return omp_get_thread_num();
}
#else
#    define GAN__PARALLEL_FOR(threads) (void)(threads);
static inline int gan__processors(void) {
    return 1;
}
static inline int gan__thread(void) {
    return 0;
}
#endif

/* Elements in a tile of pointwise work: 64 KiB of floats, large against the cost of a tile, small
 * against a cache. */
#define GAN__TILE ((int64_t)16384)

static inline int64_t gan__tiles(int64_t n, int64_t tile) {
    return (n + tile - 1) / tile;
}

static inline int64_t gan__min(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* No more threads than tiles: an idle team costs as much as a busy one. */
static inline int gan__team(int threads, int64_t tiles) {
    return (int)gan__min(threads, tiles < 1 ? 1 : tiles);
}

#endif
