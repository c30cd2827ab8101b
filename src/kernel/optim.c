/* SPDX-License-Identifier: MIT */
#include "kernel/optim.h"

#include <math.h>

#include "base/parallel.h"
#include "kernel/machine.h"

int64_t gan__segments_cut(int count, gan__segment *s) {
    int64_t tiles = 0;
    for (int i = 0; i < count; i++) {
        s[i].tile = tiles;
        tiles += gan__tiles(s[i].n, GAN__TILE);
    }
    return tiles;
}

static int64_t tiles_of(int count, const gan__segment *s) {
    return count ? s[count - 1].tile + gan__tiles(s[count - 1].n, GAN__TILE) : 0;
}

/* A tile k as a segment of its own. */
static gan__segment tile_of(int count, const gan__segment *s, int64_t k) {
    int low = 0;
    for (int high = count; high - low > 1;) {
        int middle = (low + high) / 2;
        if (s[middle].tile <= k)
            low = middle;
        else
            high = middle;
    }
    gan__segment t = s[low];
    int64_t from = (k - t.tile) * GAN__TILE;
    t.n = gan__min(GAN__TILE, t.n - from);
    t.x += from;
    if (t.m) t.m += from;
    if (t.v) t.v += from;
    if (t.w) t.w += from;
    return t;
}

void gan__update_run(gan__rule rule, const gan__update *u, int count, const gan__segment *s,
                     int threads) {
    const gan__machine *machine = gan__machine_here();
    const gan__rates rates = {
        .beta1 = (gan_real)u->beta1,
        .beta2 = (gan_real)u->beta2,
        .rest1 = (gan_real)(1 - u->beta1),
        .rest2 = (gan_real)(1 - u->beta2),
        .scale = (gan_real)u->scale,
        .eps = (gan_real)u->eps,
        .lr = (gan_real)u->lr,
        .rate = (gan_real)(u->lr / u->correction1),
        .spread = (gan_real)sqrt(u->correction2),
    };
    int64_t tiles = tiles_of(count, s);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++) {
        gan__segment t = tile_of(count, s, k);
        machine->optim.update[rule](&rates, t.n, t.x, t.m, t.v, t.w);
    }
}

void gan__squares_run(int count, const gan__segment *s, double *sum, double *part, int threads) {
    const gan__machine *machine = gan__machine_here();
    int64_t tiles = tiles_of(count, s);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++) {
        gan__segment t = tile_of(count, s, k);
        part[k] = machine->optim.squares(t.n, t.x);
    }
    for (int i = 0; i < count; i++) {
        sum[i] = 0;
        for (int64_t k = s[i].tile; k < (i + 1 < count ? s[i + 1].tile : tiles); k++)
            sum[i] += part[k];
    }
}

void gan__blend_run(int count, const gan__segment *s, double rate, int threads) {
    const gan__machine *machine = gan__machine_here();
    int64_t tiles = tiles_of(count, s);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++) {
        gan__segment t = tile_of(count, s, k);
        machine->optim.blend(t.n, t.x, (gan_real)rate, t.w);
    }
}
