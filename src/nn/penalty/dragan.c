/* SPDX-License-Identifier: MIT
 *
 * Penalties around the real images (arXiv:1705.07215). */
#include <math.h>

#include "gan/pointwise.h"
#include "nn/penalty/gradient.h"
#include "nn/penalty/table.h"

static double deviation(const gan_tensor *x) {
    const gan_real *v = gan_tensor_data(x);
    double n = (double)gan_tensor_size(x), sum = 0, squares = 0;
    for (int64_t i = 0; i < gan_tensor_size(x); i++) sum += (double)v[i];
    for (int64_t i = 0; i < gan_tensor_size(x); i++)
        squares += ((double)v[i] - sum / n) * ((double)v[i] - sum / n);
    return sqrt(squares / n);
}

static gan_tensor *around(gan_tape *t, const gan_penalty_inputs *in) {
    gan_tensor *real = in->real;
    if (!real) return NULL;
    gan_tensor *e = gan__penalty_uniform(t, in);
    int64_t dim[4];
    for (int i = 0; i < 4; i++) dim[i] = gan_tensor_dim(real, i);
    gan_tensor *u = gan_input(t, 4, dim, NULL);
    if (!u) return NULL;
    gan_rng_fill_uniform(in->rng, gan_tensor_edit(u), (size_t)gan_tensor_size(u), 0,
                         deviation(real) / 2);
    int was = gan_tape_record(t, 0);
    gan_tensor *x = gan_add(t, real, gan_mul(t, e, u));
    gan_tape_record(t, was);
    return x;
}

static gan_tensor *dragan(gan_tape *t, const gan_penalty_inputs *in) {
    return gan__penalty_centred(t, in, around(t, in), 1);
}

static gan_tensor *dragan0(gan_tape *t, const gan_penalty_inputs *in) {
    return gan__penalty_centred(t, in, around(t, in), 0);
}

const gan_penalty gan__penalty_dragan = {"dragan", dragan, 1},
                  gan__penalty_dragan0 = {"dragan0", dragan0, 1};
