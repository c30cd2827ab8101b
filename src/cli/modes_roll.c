/* SPDX-License-Identifier: MIT
 *
 * The swiss roll of WGAN-GP's toys, arXiv:1704.00028: (t cos t, t sin t) + 0.25 n, all over 7.5, t
 * uniform in [1.5 pi, 4.5 pi], n normal. It has no modes: 50 pieces of equal probability along the
 * curve stand for them. A sample is good within 3 deviations of the curve, and belongs to the piece
 * of the nearest point of it.
 *
 * The sliced Wasserstein distance to as many fresh points is the mean over directions of the
 * distance of the projections, which is the mean difference of sorted ones. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/modes.h"

enum { PIECES = 50, CURVE = 2000, DIRECTIONS = 64, STREAM = 2 };
static const uint64_t data_seed = 0x6d6f646573;
static const double scale = 7.5, noise = 0.25;

static void curve(double u, double *xy) {
    double t = acos(-1) * (1.5 + 3 * u);
    xy[0] = t * cos(t) / scale, xy[1] = t * sin(t) / scale;
}

static gan_status open(const modes_setup *m, void **world, uint64_t *fingerprint, gan_error *err) {
    double(*points)[2] = malloc(CURVE * sizeof *points);
    (void)m;
    *world = points;
    *fingerprint = data_seed;
    if (!points) return bench_no_memory(err);
    for (int i = 0; i < CURVE; i++) curve((i + 0.5) / CURVE, points[i]);
    return GAN_OK;
}

static gan_status fill(void *world, uint64_t i, gan_real *out, gan_error *err) {
    gan_rng r = gan_rng_make(data_seed, STREAM, i);
    double xy[2];
    (void)world, (void)err;
    curve(gan_rng_uniform(&r), xy);
    gan_rng_fill_normal(&r, out, 2, 0, noise / scale);
    for (int k = 0; k < 2; k++) out[k] = (gan_real)((double)out[k] + xy[k]);
    return GAN_OK;
}

/* --- measures --- */

/* The piece that p belongs to; -1: too far from the curve. */
static int piece_of(const double (*points)[2], const gan_real *p) {
    const double most = 3 * noise / scale;
    double best = most * most;
    int at = -1;
    for (int i = 0; i < CURVE; i++) {
        double dx = (double)p[0] - points[i][0], dy = (double)p[1] - points[i][1];
        double far = dx * dx + dy * dy;
        if (far <= best) best = far, at = i;
    }
    return at < 0 ? -1 : at * PIECES / CURVE;
}

static void project(const gan_real *x, size_t n, double angle, double *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = cos(angle) * (double)x[2 * i] + sin(angle) * (double)x[2 * i + 1];
    qsort(out, n, sizeof *out, bench_by_size);
}

/* room: [2n] */
static double sliced(const gan_real *x, const gan_real *y, size_t n, double *room) {
    double sum = 0;
    for (int d = 0; d < DIRECTIONS; d++) {
        project(x, n, acos(-1) * d / DIRECTIONS, room);
        project(y, n, acos(-1) * d / DIRECTIONS, room + n);
        for (size_t i = 0; i < n; i++) sum += fabs(room[i] - room[n + i]);
    }
    return sum / DIRECTIONS / (double)n;
}

static gan_status distance(const gan_real *x, size_t n, double *out, gan_error *err) {
    gan_real *fresh = malloc(2 * n * sizeof *fresh);
    double *room = malloc(2 * n * sizeof *room);
    int ok = fresh && room;
    for (size_t i = 0; i < n && ok; i++) fill(NULL, MODES_FRESH / 2 + i, fresh + 2 * i, err);
    if (ok) *out = sliced(x, fresh, n, room);
    free(fresh);
    free(room);
    return ok ? GAN_OK : bench_no_memory(err);
}

static gan_status measure(void *world, const gan_real *x, size_t n, modes_figures *out,
                          gan_error *err) {
    int64_t count[PIECES] = {0}, good = 0;
    for (size_t i = 0; i < n; i++) {
        int piece = piece_of((const double(*)[2])world, x + 2 * i);
        if (piece >= 0) count[piece]++, good++;
    }
    *out = (modes_figures){{modes_covered(count, PIECES), 100 * (double)good / (double)n,
                            modes_divergence(count, PIECES)}};
    return distance(x, n, &out->value[3], err);
}

static gan_status draw(void *world, const gan_real *x, size_t n, const char *path, gan_error *err) {
    const double(*points)[2] = (const double(*)[2])world;
    modes_canvas *c = modes_canvas_create(2.2);
    for (int i = 0; i < CURVE; i += 10)
        modes_canvas_disc(c, points[i][0], points[i][1], 3 * noise / scale);
    modes_canvas_points(c, x, n);
    return modes_canvas_write(c, path, err);
}

static const modes_metric metrics[] = {{"modes", "pieces", "%.1f"},
                                       {"quality", "% good", "%.1f"},
                                       {"kl", "KL", "%.3f"},
                                       {"swd", "sliced W1", "%.4f"},
                                       {0}};

const modes_problem modes_roll = {
    .name = "swiss-roll",
    .title = "a swiss roll in 50 pieces",
    .networks = modes_roll_networks,
    MODES_PLANE,
    .quick_steps = 50,
    .modes = PIECES,
    .metrics = metrics,
    .open = open,
    .close = free,
    .fill = fill,
    .measure = measure,
    .draw = draw,
};
