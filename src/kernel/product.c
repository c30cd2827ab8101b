/* SPDX-License-Identifier: MIT
 *
 * A job is a panel of columns of c and a block of its rows. It brings b into the first cache,
 * GAN__DEPTH terms of its columns at a time, side by side as the loop reads them; a is read
 * where it lies. An element of c is the sum of the sums of so many terms, in order, whatever the
 * rows and panels. */
#include "kernel/product.h"

#include <string.h>

#include "base/parallel.h"
#include "kernel/turn.h"
#include "kernel/workspace.h"

#define ROWS ((int64_t)256)

typedef struct product {
    const gan__machine *machine;
    int ta, tb;
    int64_t m, n, k;
    const gan_real *a, *b;
    gan_real *c;
} product;

/* The terms [k0, k0 + kn) of the columns [n0, n0 + nn): out[kn][width], zeros past the last. */
static void pack(const product *p, int64_t k0, int64_t kn, int64_t n0, int64_t nn, int64_t width,
                 gan_real *out) {
    if (nn < width) memset(out, 0, sizeof *out * (size_t)(kn * width));
    if (p->tb)
        gan__turn(nn, kn, p->b + n0 * p->k + k0, p->k, out, width);
    else
        for (int64_t e = 0; e < kn; e++)
            memcpy(out + e * width, p->b + (k0 + e) * p->n + n0, sizeof *out * (size_t)nn);
}

static void job(const product *p, int64_t m0, int64_t mn, int64_t n0) {
    gan_real panel[GAN__DEPTH * GAN__PANEL], wide[ROWS * GAN__PANEL];
    int64_t nn = gan__min(GAN__PANEL, p->n - n0), width = gan__whole(nn);
    int64_t row = p->ta ? 1 : p->k, col = p->ta ? p->m : 1;
    gan_real *c = nn == width ? p->c + m0 * p->n + n0 : wide;
    int64_t ldc = nn == width ? p->n : width, k0 = 0;
    do {
        int64_t kn = gan__min(GAN__DEPTH, p->k - k0);
        pack(p, k0, kn, n0, nn, width, panel);
        p->machine->gemm(mn, width, kn, p->a + m0 * row + k0 * col, row, col, panel, width, c, ldc,
                         k0 > 0);
        k0 += kn;
    } while (k0 < p->k);
    for (int64_t i = 0; i < mn && c == wide; i++)
        memcpy(p->c + (m0 + i) * p->n + n0, wide + i * width, sizeof *c * (size_t)nn);
}

void gan__product_run(const gan__machine *machine, int ta, int tb, int64_t batch, int64_t m,
                      int64_t n, int64_t k, const gan_real *a, const gan_real *b, gan_real *c,
                      int threads) {
    int64_t rows = gan__tiles(m, ROWS), cols = gan__tiles(n, GAN__PANEL),
            jobs = batch * rows * cols;
    GAN__PARALLEL_FOR(gan__team(threads, jobs))
    for (int64_t i = 0; i < jobs; i++) {
        int64_t at = i / (rows * cols), m0 = i / cols % rows * ROWS;
        const product p = {machine,       ta, tb, m, n, k, a + at * m * k, b + at * k * n,
                           c + at * m * n};
        job(&p, m0, gan__min(ROWS, m - m0), i % cols * GAN__PANEL);
    }
}
