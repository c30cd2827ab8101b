/* SPDX-License-Identifier: MIT */
#include "kernel/sample.h"

#include <string.h>

#include "base/parallel.h"
#include "kernel/machine.h"
#include "kernel/shape.h"

/* Column j has its centre at x = (2j + 1) / w - 1, and x lies at column ((x + 1) w - 1) / 2. */
static gan__sample_map in_pixels(const gan__sample_shape *s, const double *m) {
    double h = (double)s->h, w = (double)s->w, column = 0.5 - w / 2, row = 0.5 - h / 2;
    gan__sample_map map = {{m[0], m[1] * w / h, 0, m[3] * h / w, m[4], 0}};
    map.at[2] = map.at[0] * column + map.at[1] * row + m[2] * w / 2 - column;
    map.at[5] = map.at[3] * column + map.at[4] * row + m[5] * h / 2 - row;
    return map;
}

void gan__sample_run(const gan__sample_shape *s, const double *m, const gan_real *x, gan_real *y,
                     int threads) {
    int64_t length = s->w * s->c, image = s->h * length;
    int64_t tile = gan__max(1, GAN__TILE / gan__max(1, length));
    int64_t tiles = gan__tiles(s->n * s->h, tile);
    GAN__PARALLEL_FOR(gan__team(threads, tiles))
    for (int64_t k = 0; k < tiles; k++)
        for (int64_t r = k * tile; r < gan__min(s->n * s->h, (k + 1) * tile); r++) {
            gan__sample_map map = in_pixels(s, m + r / s->h * 6);
            gan__machine_here()->sample.read(s, &map, r % s->h, x + r / s->h * image,
                                             y + r * length);
        }
}

/* An image is one job: its pixels may go anywhere in it. */
void gan__sample_back(const gan__sample_shape *s, const double *m, const gan_real *y, gan_real *x,
                      int threads) {
    int64_t length = s->w * s->c, image = s->h * length;
    GAN__PARALLEL_FOR(gan__team(threads, s->n))
    for (int64_t n = 0; n < s->n; n++) {
        gan__sample_map map = in_pixels(s, m + n * 6);
        memset(x + n * image, 0, (size_t)image * sizeof *x);
        for (int64_t i = 0; i < s->h; i++)
            gan__machine_here()->sample.add(s, &map, i, y + n * image + i * length, x + n * image);
    }
}
