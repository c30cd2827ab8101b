/* SPDX-License-Identifier: MIT
 *
 * The one place that chooses how a convolution is computed. */
#include "kernel/conv.h"

#include "kernel/gemm.h"
#include "kernel/implicit.h"
#include "kernel/narrow.h"
#include "kernel/winograd.h"

/* The first layer of a generator and the last of a discriminator: x [n][taps], w [k][taps],
 * y [n][k]. */
static int is_product(const gan__conv *g) {
    return g->oh * g->ow == 1 && g->h == g->kh && g->w == g->kw && !g->ph && !g->pw;
}

gan__conv_method gan__conv_choice(const gan__conv *g, gan__conv_role result) {
    if (g->method == GAN__CONV_WINOGRAD && gan__winograd_can(g)) return GAN__CONV_WINOGRAD;
    if (gan__narrow_can(g->method, g, result)) return g->method;
    if (g->method != GAN__CONV_AUTO) return GAN__CONV_IMPLICIT;
    if (is_product(g)) return GAN__CONV_PRODUCT;
    if (gan__winograd_pays(g)) return GAN__CONV_WINOGRAD;
    return gan__narrow_choice(g, result);
}

static size_t product_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    (void)g, (void)result, (void)threads;
    return 0;
}

static void run_product(const gan__machine *m, const gan__conv *g, gan__conv_role result,
                        gan_real *x, gan_real *w, gan_real *y, const gan__ending *end,
                        void *workspace, int threads) {
    int64_t taps = g->kh * g->kw * g->c;
    (void)workspace;
    if (result == GAN__CONV_X) {
        gan__gemm_run(0, 0, 1, g->n, taps, g->k, y, w, x, threads);
    } else if (result == GAN__CONV_W) {
        gan__gemm_run(1, 0, 1, g->k, taps, g->n, y, x, w, threads);
    } else {
        gan__gemm_run(0, 1, 1, g->n, g->k, taps, x, w, y, threads);
        m->finish(g->n, g->k, end->bias, end->slope, y, g->k);
    }
}

typedef struct way {
    size_t (*workspace)(const gan__conv *g, gan__conv_role result, int threads);
    void (*run)(const gan__machine *m, const gan__conv *g, gan__conv_role result, gan_real *x,
                gan_real *w, gan_real *y, const gan__ending *end, void *workspace, int threads);
} way;

static const way ways[GAN__CONV_METHODS] = {
    [GAN__CONV_IMPLICIT] = {gan__implicit_workspace, gan__implicit_run},
    [GAN__CONV_WINOGRAD] = {gan__winograd_workspace, gan__winograd_run},
    [GAN__CONV_PRODUCT] = {product_workspace, run_product},
    [GAN__CONV_NARROW] = {gan__narrow_workspace, gan__narrow_run},
    [GAN__CONV_GATHER] = {gan__gathers_workspace, gan__gathers_run},
    [GAN__CONV_TURNED] = {gan__turned_workspace, gan__turned_run},
    [GAN__CONV_TURNED_NARROW] = {gan__turned_workspace, gan__turned_run},
};

size_t gan__conv_workspace(const gan__conv *g, gan__conv_role result, int threads) {
    return ways[gan__conv_choice(g, result)].workspace(g, result, threads);
}

void gan__conv_run(const gan__conv *g, gan__conv_role result, gan_real *x, gan_real *w, gan_real *y,
                   const gan__ending *end, void *workspace, int threads) {
    static const gan__ending none = {NULL, 1};
    const gan__machine *m = gan__machine_here();
    ways[gan__conv_choice(g, result)].run(m, g, result, x, w, y, end ? end : &none, workspace,
                                          threads);
}
