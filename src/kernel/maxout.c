/* SPDX-License-Identifier: MIT */
#include "kernel/maxout.h"

#include <string.h>

#include "base/parallel.h"
#include "kernel/shape.h"

/* By arithmetic: which piece wins cannot be foretold, and a branch would be missed half the time. A
 * NaN is kept once it is met, so that it is seen in the result. */
static inline int64_t largest(int64_t pieces, const gan_real *by) {
    int64_t at = 0;
    for (int64_t i = 1; i < pieces; i++) {
        int64_t wins = (by[i] > by[at]) | (by[i] != by[i]);
        at += (i - at) & -wins;
    }
    return at;
}

/* Groups in a tile. */
#define TILE_GROUPS(pieces) gan__max(1, GAN__TILE / (pieces))

void gan__maxout_select(int64_t groups, int64_t pieces, const gan_real *x, const gan_real *by,
                        gan_real *y, int threads) {
    int64_t tile = TILE_GROUPS(pieces), tiles = gan__tiles(groups, tile);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t g = k * tile; g < gan__min(groups, (k + 1) * tile); g++)
            y[g] = x[g * pieces + largest(pieces, by + g * pieces)];
}

void gan__maxout_spread(int64_t groups, int64_t pieces, const gan_real *y, const gan_real *by,
                        gan_real *x, int threads) {
    int64_t tile = TILE_GROUPS(pieces), tiles = gan__tiles(groups, tile);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++) {
        int64_t from = k * tile, to = gan__min(groups, from + tile);
        memset(x + from * pieces, 0, (size_t)((to - from) * pieces) * sizeof *x);
        for (int64_t g = from; g < to; g++) x[g * pieces + largest(pieces, by + g * pieces)] = y[g];
    }
}
