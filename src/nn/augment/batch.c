/* SPDX-License-Identifier: MIT
 *
 * DiffAugment's kinds that are operations of their own, as its authors' program has them. */
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/augment/table.h"

/* One number for each image, [N,1,1,1]: lo to hi with probability p, else `idle`. */
static gan_tensor *drawn(gan_tape *t, const gan_tensor *x, double lo, double hi, double idle,
                         double p, gan_rng *r) {
    int64_t n = gan_tensor_dim(x, 0);
    gan_tensor *s = gan_input(t, 4, (int64_t[]){n, 1, 1, 1}, NULL);
    for (int64_t i = 0; i < n && s; i++) {
        int done = gan__augment_chance(p, r);
        double v = lo + (hi - lo) * gan_rng_uniform(r);
        gan_tensor_edit(s)[i] = (gan_real)(done ? v : idle);
    }
    return s;
}

/* mean + (x - mean) * s, the mean over some axes. */
static gan_tensor *about_mean(gan_tape *t, gan_tensor *x, unsigned axes, gan_tensor *s) {
    gan_tensor *mean = gan_mean(t, x, axes);
    return gan_add(t, gan_mul(t, gan_sub(t, x, mean), s), mean);
}

gan_tensor *gan__augment_color(gan_tape *t, gan_tensor *x, double p, gan_rng *r) {
    if (!gan__augment_coloured(t, x)) return NULL;
    gan_tensor *brightness = drawn(t, x, -0.5, 0.5, 0, p, r);
    gan_tensor *saturation = drawn(t, x, 0, 2, 1, p, r);
    gan_tensor *contrast = drawn(t, x, 0.5, 1.5, 1, p, r);
    gan_tensor *y = gan_add(t, x, brightness);
    if (gan_tensor_dim(x, 3) > 1) y = about_mean(t, y, 1u << 3, saturation);
    return about_mean(t, y, 1u << 1 | 1u << 2 | 1u << 3, contrast);
}

/* The window [from, to) of an axis: half of it about a point drawn from the axis. */
static void window(int64_t side, gan_rng *r, int64_t *from, int64_t *to) {
    int64_t size = (side + 1) / 2;
    int64_t at = (int64_t)gan_rng_below(r, (uint32_t)(side + 1 - size % 2)) - size / 2;
    *from = at < 0 ? 0 : at;
    *to = at + size > side ? side : at + size;
}

gan_tensor *gan__augment_cutout(gan_tape *t, gan_tensor *x, double p, gan_rng *r) {
    int64_t n = gan_tensor_dim(x, 0), h = gan_tensor_dim(x, 1), w = gan_tensor_dim(x, 2);
    gan_tensor *mask = gan_input(t, 4, (int64_t[]){n, h, w, 1}, NULL);
    for (int64_t i = 0; i < n && mask; i++) {
        gan_real *m = gan_tensor_edit(mask) + i * h * w;
        int64_t top, bottom, left, right;
        int done = gan__augment_chance(p, r);
        window(h, r, &top, &bottom);
        window(w, r, &left, &right);
        for (int64_t k = 0; k < h * w; k++) {
            int inside = k / w >= top && k / w < bottom && k % w >= left && k % w < right;
            m[k] = done && inside ? 0 : 1;
        }
    }
    return gan_mul(t, x, mask);
}
