/* SPDX-License-Identifier: MIT
 *
 * What is possible, and what it costs. */
#include "kernel/narrow.h"

#include <float.h>

#include "base/parallel.h"

#define MOST 16            /* elements of x side by side that sums of shifts can take */
#define MANY 32            /* jobs enough */
#define LEAST ((int64_t)8) /* rows of a band, for each row of y that a row of x sees */

int gan__narrow_can(gan__conv_method method, const gan__conv *g, gan__conv_role result) {
    int turns = g->sh == 1 && g->sw == 1 && g->ph < g->kh && g->pw < g->kw;
    switch (method) {
    case GAN__CONV_NARROW:
        return result != GAN__CONV_X || g->c * g->sw <= MOST;
    case GAN__CONV_GATHER:
        return result == GAN__CONV_X;
    case GAN__CONV_TURNED:
        return turns && result == GAN__CONV_W;
    case GAN__CONV_TURNED_NARROW:
        return turns && (result != GAN__CONV_Y || g->k <= MOST);
    default:
        return 0;
    }
}

/* --- costs: in multiplications of vectors in a product that is wide enough --- */

static double vectors(int64_t n) {
    return (double)gan__tiles(n, 16);
}

static double pixels_x(const gan__conv *g) {
    return (double)g->n * (double)(g->h * g->w);
}

static double pixels_y(const gan__conv *g) {
    return (double)g->n * (double)(g->oh * g->ow);
}

/* A pixel of n channels, from whole lines to where it belongs. */
static double copy(int64_t n) {
    return n % 16 ? 8 : 0;
}

/* Weights into another order: elements that lie apart, by one thread. */
static double reorder(const gan__conv *g) {
    return 4 * (double)(g->k * g->kh * g->kw) * (double)g->c;
}

/* A single vector waits for reads and for its own sums. */
static double product(int64_t depth, int64_t columns) {
    return (double)depth * vectors(columns) * (columns > 16 ? 1 : 1.6);
}

/* Products are written and read, in the first cache or the second; a sum of shifts reads from one
 * line, or from two. */
static double shifts(const gan__conv *g) {
    int64_t group = g->c * g->sw, each = gan__tiles(g->kw, g->sw), width = g->kh * each * group;
    int far = gan__tiles(g->kh, g->sh) * g->ow * width > 8192;
    double terms = (double)(g->kh * each) / (double)g->sh;
    return pixels_y(g) * (product(g->k, width) + vectors(width) * (far ? 5 : 1)) +
           pixels_x(g) / (double)g->sw * (4 + terms * (group > 8 ? 3 : 1.4));
}

static double implicit(const gan__conv *g, gan__conv_role result) {
    int64_t taps = g->kh * g->kw * g->c;
    if (result == GAN__CONV_Y) return pixels_y(g) * (product(taps, g->k) + copy(g->k));
    if (result == GAN__CONV_W) return pixels_y(g) * product(taps, g->k);
    return pixels_y(g) * (product(g->k, taps) + 10 * (double)g->kh + 0.7 * (double)taps);
}

/* Every strip is read once; the lanes of an inner product are added up. */
static double strips(const gan__conv *g, gan__conv_role result) {
    double rows = (double)g->kh * vectors(g->kw * g->c), k = (double)g->k;
    return pixels_y(g) * (rows * (k + 1.5) + (result == GAN__CONV_Y ? 7 * k + 4 : 0));
}

static double gathers(const gan__conv *g) {
    double phases = (double)(g->sh * g->sw), taps = (double)(g->kh * g->kw) / phases;
    return pixels_x(g) * (taps * product(g->k, g->c) + 4 + copy(g->c)) + reorder(g);
}

static double cost(gan__conv_method method, const gan__conv *g, gan__conv_role result) {
    if (method == GAN__CONV_IMPLICIT) return implicit(g, result);
    if (!gan__narrow_can(method, g, result)) return DBL_MAX;
    if (method == GAN__CONV_GATHER) return gathers(g);
    if (method == GAN__CONV_NARROW) return result == GAN__CONV_X ? shifts(g) : strips(g, result);
    gan__conv t = gan__turned(g, method);
    return cost(t.method, &t, gan__turned_role(result)) + reorder(g);
}

gan__conv_method gan__narrow_choice(const gan__conv *g, gan__conv_role result) {
    static const gan__conv_method methods[] = {GAN__CONV_NARROW, GAN__CONV_GATHER, GAN__CONV_TURNED,
                                               GAN__CONV_TURNED_NARROW};
    gan__conv_method best = GAN__CONV_IMPLICIT;
    double least = cost(best, g, result);
    for (int i = 0; i < (int)(sizeof methods / sizeof *methods); i++) {
        double v = cost(methods[i], g, result);
        if (v < least) least = v, best = methods[i];
    }
    return best;
}

int64_t gan__narrow_band(const gan__conv *g) {
    int64_t most = gan__tiles(g->h, LEAST * gan__tiles(g->kh, g->sh));
    return gan__tiles(g->h, gan__min(gan__tiles(MANY, g->n), most));
}

size_t gan__narrow_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    return result == GAN__CONV_X ? gan__shifts_workspace(g, threads)
                                 : gan__strips_workspace(g, result, threads);
}

void gan__narrow_run(const gan__machine *m, const gan__conv *g, gan__conv_role result, gan_real *x,
                     gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                     int threads) {
    static const gan__ending none = {NULL, 1};
    if (result == GAN__CONV_W)
        gan__strips_w_run(m, g, x, w, y, workspace, threads);
    else if (result == GAN__CONV_Y)
        gan__strips_y_run(m, g, x, w, y, end, workspace, threads);
    else
        gan__shifts_run(m, g, x, w, y, &none, workspace, threads);
}
