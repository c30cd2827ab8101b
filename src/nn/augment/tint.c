/* SPDX-License-Identifier: MIT
 *
 * What changes colours, the same for all pixels: one affine map of (r, g, b) an image. Grey images
 * follow the grey axis. */
#include <math.h>
#include <string.h>

#include "gan/matmul.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/augment/table.h"

#define TURN 6.28318530717958647692
#define THIRD (1.0 / 3) /* v v^T for the grey axis v = (1,1,1)/sqrt 3 has this everywhere */

/* c = (a | 0) . c */
static void then(gan__tint *c, double a[3][3]) {
    double was[12];
    memcpy(was, c->m, sizeof was);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++) {
            double sum = 0;
            for (int k = 0; k < 3; k++) sum += a[i][k] * was[4 * k + j];
            c->m[4 * i + j] = sum;
        }
}

/* along * v v^T + across * (I - v v^T) */
static void grey_axis(gan__tint *c, double along, double across) {
    double a[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) a[i][j] = (along - across) * THIRD + (i == j) * across;
    then(c, a);
}

void gan__tint_brightness(gan__tint *c, gan_rng *r) {
    double b = gan__augment_normal(r, 0.2);
    for (int i = 0; i < 3; i++) c->m[4 * i + 3] += b;
}

void gan__tint_contrast(gan__tint *c, gan_rng *r) {
    double s = exp2(gan__augment_normal(r, 0.5));
    grey_axis(c, s, s);
}

void gan__tint_lumaflip(gan__tint *c, gan_rng *r) {
    if (gan_rng_below(r, 2)) grey_axis(c, -1, 1);
}

void gan__tint_saturation(gan__tint *c, gan_rng *r) {
    grey_axis(c, 1, exp2(gan__augment_normal(r, 1)));
}

/* Rodrigues: cos I + sin [v]x + (1 - cos) v v^T. */
void gan__tint_hue(gan__tint *c, gan_rng *r) {
    double angle = TURN * gan_rng_uniform(r), co = cos(angle), si = sin(angle) / sqrt(3);
    double a[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int ahead = (j - i + 3) % 3; /* [v]x: -v where j is one ahead of i, +v where two */
            double cross = ahead == 1 ? -si : ahead == 2 ? si : 0;
            a[i][j] = (i == j) * co + cross + (1 - co) * THIRD;
        }
    then(c, a);
}

/* The rows of image n as a matrix for x . A^T + b: [colours,colours] and [colours]. */
static void rows_of(const gan__tint *c, int64_t colours, gan_real *a, gan_real *b) {
    double sum = 0, shift = 0;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            sum += c->m[4 * i + j];
            if (colours == 3) a[3 * i + j] = (gan_real)c->m[4 * i + j];
        }
        shift += c->m[4 * i + 3];
        if (colours == 3) b[i] = (gan_real)c->m[4 * i + 3];
    }
    if (colours == 1) a[0] = (gan_real)(sum * THIRD), b[0] = (gan_real)(shift * THIRD);
}

int gan__augment_coloured(gan_tape *t, const gan_tensor *x) {
    int64_t colours = gan_tensor_dim(x, 3);
    if (colours == 1 || colours == 3) return 1;
    gan_tape_fail(t, GAN_ESHAPE, "augmentation of colours: images have %lld channels, not 1 or 3",
                  (long long)colours);
    return 0;
}

gan_tensor *gan__tint_images(gan_tape *t, gan_tensor *x, const gan__tint *c) {
    int64_t n = gan_tensor_dim(x, 0), colours = gan_tensor_dim(x, 3), dim[4];
    for (int i = 0; i < 4; i++) dim[i] = gan_tensor_dim(x, i);
    if (!gan__augment_coloured(t, x)) return NULL;
    gan_tensor *a = gan_input(t, 3, (int64_t[]){n, colours, colours}, NULL);
    gan_tensor *b = gan_input(t, 3, (int64_t[]){n, 1, colours}, NULL);
    if (!a || !b) return NULL;
    for (int64_t i = 0; i < n; i++)
        rows_of(&c[i], colours, gan_tensor_edit(a) + i * colours * colours,
                gan_tensor_edit(b) + i * colours);
    gan_tensor *y = gan_reshape(t, x, 3, (int64_t[]){n, -1, colours});
    y = colours == 3 ? gan_matmul(t, y, a, GAN_TRANSPOSE_B) : gan_mul(t, y, a);
    return gan_reshape(t, gan_add(t, y, b), 4, dim);
}
