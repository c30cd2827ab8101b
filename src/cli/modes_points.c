/* SPDX-License-Identifier: MIT
 *
 * Mixtures of round Gaussians in the plane, as in PacGAN, arXiv:1712.04086, section 4.1: a ring of
 * 8 of deviation 0.01 on the circle of radius 1, a grid of 25 of deviation 0.05 at {-4,-2,0,2,4}^2;
 * 100,000 points to train on, 2,500 samples to judge. A sample is good within 3 deviations of the
 * nearest centre, of which a perfect sampler has 1 - exp(-9/2) = 98.9 %. The authors' programs, and
 * so this one, count good samples alone in the distribution over modes. */
#include <math.h>

#include "cli/modes.h"

enum { MOST_MODES = 25, STREAM = 1 };
static const uint64_t data_seed = 0x6d6f646573; /* of the data, the same for all runs */

typedef struct mixture {
    int modes;
    double sigma, half; /* deviation; half the side of a picture of it */
    void (*centre)(int mode, double *xy);
} mixture;

static void ring_centre(int mode, double *xy) {
    double angle = 2 * acos(-1) * mode / 8;
    xy[0] = cos(angle), xy[1] = sin(angle);
}

static void grid_centre(int mode, double *xy) {
    xy[0] = 2 * (mode / 5) - 4, xy[1] = 2 * (mode % 5) - 4;
}

static const mixture ring = {8, 0.01, 1.5, ring_centre}, grid = {25, 0.05, 5, grid_centre};

static gan_status open_ring(const modes_setup *m, void **world, uint64_t *fingerprint,
                            gan_error *err) {
    (void)m, (void)err;
    *world = (void *)(uintptr_t)&ring;
    *fingerprint = data_seed + 8;
    return GAN_OK;
}

static gan_status open_grid(const modes_setup *m, void **world, uint64_t *fingerprint,
                            gan_error *err) {
    (void)m, (void)err;
    *world = (void *)(uintptr_t)&grid;
    *fingerprint = data_seed + 25;
    return GAN_OK;
}

static void close_none(void *world) {
    (void)world;
}

static gan_status fill(void *world, uint64_t i, gan_real *out, gan_error *err) {
    const mixture *mix = world;
    gan_rng r = gan_rng_make(data_seed, STREAM, i);
    double xy[2];
    (void)err;
    mix->centre((int)gan_rng_below(&r, (uint32_t)mix->modes), xy);
    gan_rng_fill_normal(&r, out, 2, 0, mix->sigma);
    for (int k = 0; k < 2; k++) out[k] = (gan_real)((double)out[k] + xy[k]);
    return GAN_OK;
}

/* The nearest mode, and the distance to it in deviations. */
static int nearest(const mixture *mix, const gan_real *p, double *distance) {
    int best = 0;
    *distance = INFINITY;
    for (int i = 0; i < mix->modes; i++) {
        double xy[2];
        mix->centre(i, xy);
        double far = hypot((double)p[0] - xy[0], (double)p[1] - xy[1]) / mix->sigma;
        if (far < *distance) *distance = far, best = i;
    }
    return best;
}

static gan_status measure(void *world, const gan_real *x, size_t n, modes_figures *out,
                          gan_error *err) {
    const mixture *mix = world;
    int64_t count[MOST_MODES] = {0}, good = 0;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        double distance;
        int mode = nearest(mix, x + 2 * i, &distance);
        if (distance <= 3) count[mode]++, good++;
    }
    *out = (modes_figures){{modes_covered(count, mix->modes), 100 * (double)good / (double)n,
                            modes_divergence(count, mix->modes)}};
    return GAN_OK;
}

static gan_status draw(void *world, const gan_real *x, size_t n, const char *path, gan_error *err) {
    const mixture *mix = world;
    modes_canvas *c = modes_canvas_create(mix->half);
    for (int i = 0; i < mix->modes; i++) {
        double xy[2];
        mix->centre(i, xy);
        modes_canvas_disc(c, xy[0], xy[1], 3 * mix->sigma);
    }
    modes_canvas_points(c, x, n);
    return modes_canvas_write(c, path, err);
}

static const modes_metric metrics[] = {
    {"modes", "modes", "%.1f"}, {"quality", "% good", "%.1f"}, {"kl", "KL", "%.3f"}, {0}};

const modes_problem modes_ring = {
    .name = "ring",
    .title = "8 Gaussians on a circle",
    .networks = modes_point_networks,
    MODES_PLANE,
    .quick_steps = 200,
    .modes = 8,
    .metrics = metrics,
    .open = open_ring,
    .close = close_none,
    .fill = fill,
    .measure = measure,
    .draw = draw,
};

const modes_problem modes_grid = {
    .name = "grid",
    .title = "25 Gaussians on a square grid",
    .networks = modes_point_networks,
    MODES_PLANE,
    .quick_steps = 200,
    .modes = 25,
    .metrics = metrics,
    .open = open_grid,
    .close = close_none,
    .fill = fill,
    .measure = measure,
    .draw = draw,
};
