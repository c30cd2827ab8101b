/* SPDX-License-Identifier: MIT
 *
 * Convolutions of stride 1 with x and y in each other's place. */
#include "kernel/implicit.h"
#include "kernel/narrow.h"
#include "kernel/workspace.h"

gan__conv gan__turned(const gan__conv *g, gan__conv_method method) {
    gan__conv t = *g;
    t.h = g->oh, t.w = g->ow, t.c = g->k;
    t.oh = g->h, t.ow = g->w, t.k = g->c;
    t.ph = g->kh - 1 - g->ph, t.pw = g->kw - 1 - g->pw;
    t.method = method == GAN__CONV_TURNED ? GAN__CONV_IMPLICIT : GAN__CONV_NARROW;
    return t;
}

gan__conv_role gan__turned_role(gan__conv_role result) {
    static const gan__conv_role turned[] = {
        [GAN__CONV_X] = GAN__CONV_Y, [GAN__CONV_W] = GAN__CONV_W, [GAN__CONV_Y] = GAN__CONV_X};
    return turned[result];
}

/* The weights of g to those of it turned. */
static void turn_weights(const gan__conv *g, const gan_real *w, gan_real *out) {
    int64_t taps = g->kh * g->kw;
    for (int64_t k = 0; k < g->k; k++)
        for (int64_t tap = 0; tap < taps; tap++)
            for (int64_t c = 0; c < g->c; c++)
                out[(c * taps + taps - 1 - tap) * g->k + k] = w[(k * taps + tap) * g->c + c];
}

static gan_real *weights(const gan__conv *g, gan__space *s) {
    return gan__space_reals(s, g->k * g->kh * g->kw * g->c);
}

size_t gan__turned_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    gan__conv t = gan__turned(g, gan__conv_choice(g, result));
    gan__space s = {NULL, 0};
    weights(g, &s);
    return s.bytes + gan__conv_workspace(&t, gan__turned_role(result), threads);
}

void gan__turned_run(const gan__machine *m, const gan__conv *g, gan__conv_role result, gan_real *x,
                     gan_real *w, gan_real *y, const gan__ending *end, void *workspace,
                     int threads) {
    gan__conv t = gan__turned(g, gan__conv_choice(g, result));
    gan__space s = {workspace, 0};
    gan_real *turned = weights(g, &s);
    if (result != GAN__CONV_W) turn_weights(g, w, turned);
    if (result == GAN__CONV_Y) /* an ending is for y */
        gan__shifts_run(m, &t, y, turned, x, end, s.base + s.bytes, threads);
    else
        gan__conv_run(&t, gan__turned_role(result), y, turned, x, NULL, s.base + s.bytes, threads);
    if (result == GAN__CONV_W) turn_weights(&t, turned, w);
}
