/* SPDX-License-Identifier: MIT
 *
 * Points over what they should cover: light discs, then dark dots that grow darker where they
 * meet. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/modes.h"

enum { SIDE = 480 };
static const double least = 3; /* pixels: a disc that can be seen */

struct modes_canvas {
    double half;
    uint8_t pixels[SIDE][SIDE][3];
};

modes_canvas *modes_canvas_create(double half) {
    modes_canvas *c = malloc(sizeof *c);
    if (!c) return NULL;
    c->half = half;
    memset(c->pixels, 255, sizeof c->pixels);
    return c;
}

/* The pixel of a coordinate, rows from the top; -1: outside. */
static int column(const modes_canvas *c, double x) {
    double at = (x / c->half + 1) * SIDE / 2;
    return at >= 0 && at < SIDE ? (int)at : -1;
}

static void paint(modes_canvas *c, double dx, double dy, int x, int y, double radius) {
    static const uint8_t colour[3] = {255, 176, 144};
    if (x < 0 || x >= SIDE || y < 0 || y >= SIDE || hypot(dx, dy) > radius) return;
    memcpy(c->pixels[y][x], colour, sizeof colour);
}

void modes_canvas_disc(modes_canvas *c, double x, double y, double radius) {
    if (!c) return;
    double r = fmax(radius / c->half * SIDE / 2, least);
    int cx = column(c, x), cy = column(c, -y), reach = (int)ceil(r);
    for (int dy = -reach; dy <= reach && cx >= 0 && cy >= 0; dy++)
        for (int dx = -reach; dx <= reach; dx++) paint(c, dx, dy, cx + dx, cy + dy, r);
}

void modes_canvas_points(modes_canvas *c, const gan_real *xy, size_t n) {
    for (size_t i = 0; i < n && c; i++) {
        int x = column(c, (double)xy[2 * i]), y = column(c, -(double)xy[2 * i + 1]);
        if (x < 0 || y < 0) continue;
        for (int k = 0; k < 3; k++) c->pixels[y][x][k] = (uint8_t)(c->pixels[y][x][k] / 2);
    }
}

gan_status modes_canvas_write(modes_canvas *c, const char *path, gan_error *err) {
    if (!c) return bench_no_memory(err);
    gan_status s = gan_image_write_png(path, SIDE, SIDE, 3, &c->pixels[0][0][0], err);
    free(c);
    return s;
}
