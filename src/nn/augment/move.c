/* SPDX-License-Identifier: MIT
 *
 * What moves pixels. A map leads from the result back to the image, so a change that comes later is
 * put to the right, inverted. */
#include <math.h>
#include <string.h>

#include "gan/resample.h"
#include "nn/augment/table.h"
#include "tensor/internal.h"

#define TURN 6.28318530717958647692
#define MOVED 0.125 /* of a side */
#define SCALED 0.2  /* deviation of the logarithm of a scale, base 2 */

/* m = m . (a b c; d e f) */
static void then(gan__move *m, double a, double b, double c, double d, double e, double f) {
    for (int i = 0; i < 2; i++) {
        double *row = m->m + 3 * i, x = row[0], y = row[1];
        row[0] = x * a + y * d;
        row[1] = x * b + y * e;
        row[2] += x * c + y * f;
    }
}

static void turn(gan__move *m, double angle) {
    double c = cos(angle), s = sin(angle);
    then(m, c, s, 0, -s, c, 0);
}

void gan__move_flip(gan__move *m, int64_t h, int64_t w, gan_rng *r) {
    (void)h, (void)w;
    if (gan_rng_below(r, 2)) then(m, -1, 0, 0, 0, 1, 0);
}

/* The four turns by whole numbers: pixels stay pixels. */
void gan__move_quarter(gan__move *m, int64_t h, int64_t w, gan_rng *r) {
    static const double cosine[4] = {1, 0, -1, 0}, sine[4] = {0, 1, 0, -1};
    uint32_t k = gan_rng_below(r, 4);
    (void)h, (void)w;
    then(m, cosine[k], sine[k], 0, -sine[k], cosine[k], 0);
}

static double whole_pixels(int64_t side, gan_rng *r) {
    int64_t most = (int64_t)((double)side * MOVED + 0.5);
    return (double)gan_rng_below(r, (uint32_t)(2 * most + 1)) - (double)most;
}

void gan__move_shift(gan__move *m, int64_t h, int64_t w, gan_rng *r) {
    double right = whole_pixels(w, r), down = whole_pixels(h, r);
    then(m, 1, 0, right, 0, 1, down);
}

void gan__move_scale(gan__move *m, int64_t h, int64_t w, gan_rng *r) {
    double s = exp2(-gan__augment_normal(r, SCALED));
    (void)h, (void)w;
    then(m, s, 0, 0, 0, s, 0);
}

void gan__move_rotate(gan__move *m, int64_t h, int64_t w, gan_rng *r) {
    (void)h, (void)w;
    turn(m, TURN * gan_rng_uniform(r));
}

/* From pixels about the centre to coordinates from -1 to 1, on both sides of the map. */
gan_tensor *gan__move_images(gan_tape *t, gan_tensor *x, const gan__move *m) {
    int64_t n = gan_tensor_dim(x, 0);
    double w = (double)gan_tensor_dim(x, 2) / 2, h = (double)gan_tensor_dim(x, 1) / 2;
    double *maps = gan__tape_take(t, (size_t)n * 6 * sizeof *maps);
    for (int64_t i = 0; i < n && maps; i++) {
        const double *from = m[i].m;
        const double to[6] = {from[0],         from[1] * h / w, from[2] / w,
                              from[3] * w / h, from[4],         from[5] / h};
        memcpy(maps + 6 * i, to, sizeof to);
    }
    return maps ? gan_sample_affine(t, x, maps) : NULL;
}
